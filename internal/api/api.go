package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/auth"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/importer"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

// Prefix is where the API lies.
const Prefix = "/api/v1"

// Options are what the API is made of.
type Options struct {
	Store       *eventstore.Store
	Dispatch    *dispatch.Dispatcher
	Pool        *pgxpool.Pool
	Accounts    *auth.Service
	Importer    *importer.Importer
	MaxUpload   int64                           // bytes of an upload, as the sum of its files; 0 is DefaultMaxUpload
	UploadLimit func(http.Handler) http.Handler // how often files may come; nil: as often as they like
	Log         *slog.Logger
}

// API serves everything under Prefix.
type API struct {
	Options
	huma   huma.API
	routes http.Handler
	swept  atomic.Int64 // when old idempotency keys were last cleared away, Unix seconds
}

const (
	// DefaultMaxUpload is what Options.MaxUpload is when left out.
	DefaultMaxUpload = 256 << 20

	maxBody     = 1 << 20          // bytes of a JSON body: a long polyline is the largest
	bodyTimeout = 60 * time.Second // for reading a JSON body. It counts from the start, so it must be longer than answering takes
)

// New makes the handler; it expects requests with the whole path.
func New(o Options) http.Handler {
	a := newAPI(o)
	root := chi.NewRouter()
	root.Mount(Prefix, a.routes)
	return root
}

// newAPI registers everything.
func newAPI(o Options) *API {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.MaxUpload == 0 {
		o.MaxUpload = DefaultMaxUpload
	}
	a := &API{Options: o}
	r := chi.NewRouter()
	r.Use(a.Accounts.Bearer(a.write), a.limited, a.idempotent, a.positioned, middleware.GetHead)
	r.NotFound(func(w http.ResponseWriter, r *http.Request) {
		a.write(w, r, refusal.Of(refusal.NotFound, "not_found", "There is nothing at this address; see /api/v1/openapi.json."))
	})
	r.MethodNotAllowed(func(w http.ResponseWriter, r *http.Request) {
		a.write(w, r, &Problem{Status: http.StatusMethodNotAllowed, Title: "Method Not Allowed", Code: "method_not_allowed",
			Detail: "This address doesn't take " + r.Method + "; see /api/v1/openapi.json."})
	})
	a.routes, a.huma = r, humachi.New(r, config())
	a.registerPeople()
	a.registerClubs()
	a.registerYourData()
	a.registerSegments()
	a.registerChallenges()
	a.registerStages()
	a.registerCompetitors()
	a.registerBoards()
	a.registerStandings()
	a.registerActivities()
	return a
}

// limited lets UploadLimit count uploads, and nothing else.
func (a *API) limited(next http.Handler) http.Handler {
	if a.UploadLimit == nil {
		return next
	}
	counted := a.UploadLimit(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path == Prefix+"/activities" {
			counted.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// config describes the API; its types describe the rest.
func config() huma.Config {
	c := huma.DefaultConfig("Segment Challenge", "1")
	c.Info.Description = "Clubs host challenges over stretches of road and trail. Distances are metres, durations seconds, ids UUIDs, times RFC 3339; …Local times are wall-clock times without a zone."
	c.Servers = []*huma.Server{{URL: Prefix}}
	c.DocsPath = ""
	c.CreateHooks = nil // no $schema fields in bodies
	schemas := c.Components.Schemas
	schemas.RegisterTypeAlias(reflect.TypeFor[readmodel.Milli](), reflect.TypeFor[float64]())
	schemas.RegisterTypeAlias(reflect.TypeFor[leaderboards.Amount](), reflect.TypeFor[float64]())
	schemas.RegisterTypeAlias(reflect.TypeFor[sport.Local](), reflect.TypeFor[string]())
	schemas.RegisterTypeAlias(reflect.TypeFor[sport.Clock](), reflect.TypeFor[string]())
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token": {Type: "http", Scheme: "bearer", Description: "Made by `segment-challenge token create` or on the settings page."}}
	return c
}

// operation registers a handler. What it returns as an error becomes a problem document.
func operation[I, O any](a *API, method, path, id, summary string, handle func(context.Context, *I) (*O, error), more ...func(*huma.Operation)) {
	op := huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, MaxBodyBytes: maxBody, BodyReadTimeout: bodyTimeout,
		Security:   []map[string][]string{{}, {"token": {}}}, // without a token, one reads as a visitor
		Parameters: []*huma.Param{positionParam()},
		Errors:     []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusNotFound, http.StatusConflict, http.StatusGone, http.StatusUnprocessableEntity, http.StatusServiceUnavailable}}
	if method != http.MethodGet {
		a.needsToken(&op)
		op.Errors = append(op.Errors, http.StatusForbidden, http.StatusRequestEntityTooLarge)
		op.DefaultStatus = http.StatusOK
	}
	switch method {
	case http.MethodPost:
		op.Parameters = append(op.Parameters, idempotencyKey())
	case http.MethodDelete:
		op.DefaultStatus = http.StatusNoContent
	}
	for _, change := range more {
		change(&op)
	}
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		return out, nil
	})
}

// needsToken refuses visitors, before anything of their request is read.
func (a *API) needsToken(op *huma.Operation) {
	op.Security = []map[string][]string{{"token": {}}}
	op.Middlewares = append(op.Middlewares, func(ctx huma.Context, next func(huma.Context)) {
		if auth.Actor(ctx.Context()).AthleteID == uuid.Nil {
			r, w := humachi.Unwrap(ctx)
			a.write(w, r, errNotSignedIn)
			return
		}
		next(ctx)
	})
}

func created(op *huma.Operation) { op.DefaultStatus = http.StatusCreated }
func accepted(op *huma.Operation) {
	op.DefaultStatus = http.StatusAccepted
	op.Errors = append(op.Errors, http.StatusTooManyRequests)
}

func tagged(tag string) func(*huma.Operation) {
	return func(op *huma.Operation) { op.Tags = []string{tag} }
}

// body is an answer with nothing but a body.
type body[T any] struct{ Body T }

func answer[T any](v T, err error) (*body[T], error) {
	if err != nil {
		return nil, err
	}
	return &body[T]{Body: v}, nil
}

// list is a page of something.
type list[T any] struct {
	Items      []T     `json:"items"`
	NextCursor *string `json:"nextCursor" doc:"give it as cursor for the next page; null on the last"`
}

func page[T any](items []T, next string, err error) (*body[list[T]], error) {
	return answer(list[T]{Items: orEmpty(items), NextCursor: orNull(next)}, err)
}

// orEmpty makes a list that JSON shows as [].
func orEmpty[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

// orNull makes what is unknown null in JSON, rather than leaving it out.
func orNull[T comparable](v T) *T {
	if v == *new(T) {
		return nil
	}
	return &v
}

// Paging is how lists are asked for. (Types that inputs embed are exported: huma looks into no others.)
type Paging struct {
	Limit  int    `query:"limit" minimum:"0" maximum:"1000" doc:"items on a page; 50 when left out"`
	Cursor string `query:"cursor"`
}

// send carries out a command, or several together, and waits until everybody can read what they did.
func (a *API) send(ctx context.Context, cmds ...dispatch.Command) error {
	var result dispatch.Result
	var err error
	if len(cmds) == 1 {
		result, err = a.Dispatch.Send(ctx, cmds[0], meta(ctx))
	} else {
		result, err = a.Dispatch.SendAll(ctx, meta(ctx), cmds...)
	}
	if err != nil {
		return err
	}
	settle := a.Dispatch.Settle
	if slices.ContainsFunc(cmds, movesEfforts) {
		settle = a.Dispatch.SettleImport
	}
	err = settle(ctx, result)
	notePosition(ctx, result, err)
	var behind *dispatch.CatchingUpError
	if err != nil && !errors.As(err, &behind) {
		return err
	}
	return nil // catching up is not a failure: the command stands
}

// movesEfforts says whether rides are matched because of a command, so that what it does is seen only after that.
func movesEfforts(cmd dispatch.Command) bool {
	switch c := cmd.(type) {
	case activities.Edit, activities.Delete, competitors.Join, competitors.Allow, competitors.FlagEffort, challenges.Host,
		challenges.Start, challenges.AddStage, challenges.RescheduleStage, stages.Start, stages.Reopen:
		return true
	case challenges.Edit:
		return c.Window != nil || c.Types != nil
	case stages.Edit:
		return c.SegmentID != nil
	}
	return false
}

func viewer(ctx context.Context) actor.Actor { return auth.Actor(ctx) }

// idOf reads an id out of a path; what isn't one names nothing.
func idOf(typed string, none *refusal.Error) (uuid.UUID, error) {
	id, err := uuid.Parse(typed)
	if err != nil {
		return uuid.Nil, none
	}
	return id, nil
}

// optionalID reads an id out of a body or query; empty is none.
func optionalID(field, typed string) (uuid.UUID, error) {
	if typed == "" {
		return uuid.Nil, nil
	}
	id, err := uuid.Parse(typed)
	if err != nil {
		return uuid.Nil, invalid(field, "This is not an id.")
	}
	return id, nil
}

// local reads a wall-clock time out of a body; empty is none.
func local(field, typed string) (sport.Local, error) {
	if typed == "" {
		return sport.Local{}, nil
	}
	l, err := sport.ParseLocal(typed)
	if err != nil {
		return l, invalid(field, "Write a local time like 2026-05-02T09:30:00.")
	}
	return l, nil
}

// invalid refuses a field's value: startLocal has the code start_local_invalid.
func invalid(field, detail string) *refusal.Error {
	var code strings.Builder
	for _, r := range field {
		if unicode.IsUpper(r) {
			code.WriteByte('_')
		}
		code.WriteRune(unicode.ToLower(r))
	}
	return refusal.Field(field, code.String()+"_invalid", detail)
}

func now() time.Time { return time.Now() }

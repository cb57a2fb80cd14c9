package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/auth"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/importer"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

// Prefix is where the API lies.
const Prefix = "/api/v1"

// Options are what the API is made of.
type Options struct {
	Store    *eventstore.Store
	Dispatch *dispatch.Dispatcher
	Pool     *pgxpool.Pool
	Accounts *auth.Service
	Importer *importer.Importer
	Log      *slog.Logger
}

// API serves everything under Prefix.
type API struct {
	Options
	huma huma.API
}

const (
	maxBody   = 1 << 20   // bytes of a JSON body: a long polyline is the largest
	maxUpload = 256 << 20 // bytes of an upload, as the sum of its files
)

// New makes the handler; it expects requests with the whole path.
func New(o Options) http.Handler {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	a := &API{Options: o}
	r := chi.NewRouter()
	r.Use(a.Accounts.Bearer(a.write), a.idempotent)
	r.NotFound(func(w http.ResponseWriter, r *http.Request) {
		a.write(w, r, refusal.Of(refusal.NotFound, "not_found", "There is nothing at this address; see /api/v1/openapi.json."))
	})
	r.MethodNotAllowed(func(w http.ResponseWriter, r *http.Request) {
		a.write(w, r, &Problem{Status: http.StatusMethodNotAllowed, Title: "Method Not Allowed", Code: "method_not_allowed",
			Detail: "This address doesn't take " + r.Method + "; see /api/v1/openapi.json."})
	})
	a.huma = humachi.New(r, config())
	a.registerPeople()
	a.registerSegments()
	a.registerChallenges()
	a.registerStages()
	a.registerCompetitors()
	a.registerBoards()
	a.registerActivities()
	root := chi.NewRouter()
	root.Mount(Prefix, r)
	return root
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
	schemas.RegisterTypeAlias(reflect.TypeFor[sport.Local](), reflect.TypeFor[string]())
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token": {Type: "http", Scheme: "bearer", Description: "Made by `segment-challenge token create` or on the settings page."}}
	return c
}

// operation registers a handler. What it returns as an error becomes a problem document.
func operation[I, O any](a *API, method, path, id, summary string, handle func(context.Context, *I) (*O, error), more ...func(*huma.Operation)) {
	op := huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, MaxBodyBytes: maxBody,
		Errors: []int{http.StatusUnprocessableEntity}}
	if method != http.MethodGet {
		op.Security = []map[string][]string{{"token": {}}}
		op.DefaultStatus = http.StatusOK
	}
	for _, change := range more {
		change(&op)
	}
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		if method != http.MethodGet && !auth.Actor(ctx).SignedIn() {
			return nil, errNotSignedIn
		}
		out, err := handle(ctx, in)
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		return out, nil
	})
}

func created(op *huma.Operation) { op.DefaultStatus = http.StatusCreated }
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
	Items      []T    `json:"items"`
	NextCursor string `json:"nextCursor,omitempty" doc:"give it as cursor for the next page; absent on the last"`
}

func page[T any](items []T, next string, err error) (*body[list[T]], error) {
	if items == nil {
		items = []T{}
	}
	return answer(list[T]{Items: items, NextCursor: next}, err)
}

// paging is how lists are asked for.
type paging struct {
	Limit  int    `query:"limit" minimum:"0" maximum:"1000" doc:"items on a page; 50 when left out"`
	Cursor string `query:"cursor"`
}

// send carries out a command, and waits until everybody can read what it did.
func (a *API) send(ctx context.Context, cmd dispatch.Command) error {
	result, err := a.Dispatch.Send(ctx, cmd, eventstore.Meta{})
	if err != nil {
		return err
	}
	var behind *dispatch.CatchingUpError
	if err := a.Dispatch.Settle(ctx, result); err != nil && !errors.As(err, &behind) {
		return err
	}
	return nil // catching up is not a failure: the command stands
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
		return uuid.Nil, refusal.Field(field, field+"_invalid", "This is not an id.")
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
		return l, refusal.Field(field, field+"_invalid", "Write a local time like 2026-05-02T09:30:00.")
	}
	return l, nil
}

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

func now() time.Time { return time.Now() }

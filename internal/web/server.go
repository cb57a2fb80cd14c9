package web

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/a-h/templ"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/semaphore"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/auth"
	"segmentchallenge/internal/avatars"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/importer"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/web/guard"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/ui"
)

// Options are what the site is made of.
type Options struct {
	Store    *eventstore.Store // administrators look into the log here
	Dispatch *dispatch.Dispatcher
	Pool     *pgxpool.Pool // read models are queried here
	Accounts *auth.Service
	Importer *importer.Importer
	BaseURL  string                          // https://club.example, without a slash at the end
	Guard    *guard.Guard                    // nil guards a site that people reach without a proxy
	Live     http.Handler                    // WebSockets under /live/
	Mailbox  http.Handler                    // /dev/mailbox; nil where mails are really sent
	API      http.Handler                    // everything under /api/
	Observe  func(http.Handler) http.Handler // is in front of everything else; nil: nothing is
	Log      *slog.Logger
}

// Server serves the site.
type Server struct {
	Options
	handler  http.Handler
	pictures *avatars.Store
	reading  *semaphore.Weighted // bytes of uploads that are in memory
}

// New makes the site ready to serve.
func New(o Options) *Server {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	s := &Server{Options: o, pictures: avatars.New(o.Pool), reading: semaphore.NewWeighted(maxUpload)}
	s.handler = s.routes()
	return s
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// handler is how pages are written: what goes wrong is returned, and shown by fail.
type handler func(w http.ResponseWriter, r *http.Request) error

// page makes an http handler of a handler.
func (s *Server) page(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.fail(w, r, err)
		}
	}
}

// member is page for signed-in athletes; others are asked to sign in, and come back.
func (s *Server) member(h handler) http.HandlerFunc {
	return s.page(func(w http.ResponseWriter, r *http.Request) error {
		if !viewer(r).SignedIn() {
			return s.askToSignIn(w, r)
		}
		return h(w, r)
	})
}

// viewer is who looks.
func viewer(r *http.Request) actor.Actor { return auth.Actor(r.Context()) }

// send carries out a command and waits until its effects can be read. A slow read model is not a failure: the command
// stands, and the page says that it is catching up.
func (s *Server) send(ctx context.Context, cmd dispatch.Command) error {
	return s.carryOut(ctx, cmd, s.Dispatch.Settle)
}

// sendAndMatch is send for commands after which rides are matched anew: it waits for that, too.
func (s *Server) sendAndMatch(ctx context.Context, cmd dispatch.Command) error {
	return s.carryOut(ctx, cmd, s.Dispatch.SettleImport)
}

// sendAll carries out commands of several aggregates together, all or none, and waits as sendAndMatch does.
func (s *Server) sendAll(ctx context.Context, cmds ...dispatch.Command) error {
	result, err := s.Dispatch.SendAll(ctx, eventstore.Meta{}, cmds...)
	if err != nil {
		return err
	}
	return s.settled(ctx, result, s.Dispatch.SettleImport)
}

func (s *Server) carryOut(ctx context.Context, cmd dispatch.Command, settle func(context.Context, dispatch.Result) error) error {
	result, err := s.Dispatch.Send(ctx, cmd, eventstore.Meta{})
	if err != nil {
		return err
	}
	return s.settled(ctx, result, settle)
}

func (s *Server) settled(ctx context.Context, result dispatch.Result, settle func(context.Context, dispatch.Result) error) error {
	err := settle(ctx, result)
	s.notePosition(ctx, result, err)
	var behind *dispatch.CatchingUpError
	if errors.As(err, &behind) {
		s.Accounts.Flash(ctx, "Saved. The pages are catching up; reload in a moment if something is missing.")
	} else if err != nil {
		return err
	}
	return nil
}

// done leads on after a form: with a sentence that the next page shows, and so that reloading sends nothing twice.
func (s *Server) done(w http.ResponseWriter, r *http.Request, to, sentence string) error {
	if sentence != "" {
		s.Accounts.Flash(r.Context(), sentence)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// render writes a page. The head is filled in from the request: who looks, theme, sentences left by the last form. The page
// is rendered whole before its first byte is sent, so that an error on the way is still an error page.
func (s *Server) render(w http.ResponseWriter, r *http.Request, status int, head layout.Page, page func(layout.Page) templ.Component) error {
	head.Path = r.URL.Path
	if c, err := r.Cookie("theme"); err == nil && (c.Value == "light" || c.Value == "dark") {
		head.Theme = c.Value
	}
	if by := viewer(r); by.SignedIn() && !by.System {
		athlete, err := readmodel.AthleteByID(r.Context(), s.Pool, by.AthleteID)
		if err != nil {
			return err
		}
		head.User = &layout.User{ID: athlete.ID.String(), Name: athlete.Name, Avatar: athlete.Avatar.URL(avatars.Small), URL: "/athletes/" + athlete.ID.String(), Admin: by.Admin}
	}
	if sentence := s.Accounts.TakeFlash(r.Context()); sentence != "" {
		head.Flashes = append(head.Flashes, ui.FlashView{Text: sentence})
	}
	var body bytes.Buffer
	if err := page(head).Render(r.Context(), &body); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = body.WriteTo(w) // a reader who has gone is no error of ours
	return nil
}

func now() time.Time { return time.Now() }

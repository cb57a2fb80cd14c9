package webtest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/audit"
	"segmentchallenge/internal/auth"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/eventlog"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/importer"
	"segmentchallenge/internal/live"
	"segmentchallenge/internal/notify"
	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/privacy"
	"segmentchallenge/internal/process"
	"segmentchallenge/internal/processes"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/telemetry"
	"segmentchallenge/internal/vault"
	"segmentchallenge/internal/web"
)

// Site is the whole site, running until its test ends.
type Site struct {
	testing.TB
	Pool     *pgxpool.Pool
	Vault    *vault.Vault
	Store    *eventstore.Store
	Dispatch *dispatch.Dispatcher
	Audit    *audit.Log
	Importer *importer.Importer
	Accounts *auth.Service
	Mailbox  notify.Mailbox
	Web      *web.Server
	URL      string // of the server: http://127.0.0.1:port

	Clockwork *processes.Clock // of a program that runs its own; nil: Tick is all that moves time

	log *slog.Logger
	hub *live.Hub
}

// Options of a Site. The zero value serves the pages with their live boards, and nothing under /api/.
type Options struct {
	// Web changes what the pages are made of before they're served: give it an API here.
	Web func(*Site, *web.Options)
	// Workers run beside those of the site, until the test ends.
	Workers []func(context.Context) error
	// Registry of events; nil: eventlog's.
	Registry *eventstore.Registry
	// Log gets what the site logs; nil: nobody.
	Log *slog.Logger
	// Telemetry counts and traces what the site does; nil: one of its own.
	Telemetry *telemetry.Telemetry
}

// Start runs a site on a database of its own.
func Start(t testing.TB, options ...Options) *Site {
	t.Helper()
	var o Options
	if len(options) > 0 {
		o = options[0]
	}
	if o.Log == nil {
		o.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	s := &Site{TB: t, Pool: postgrestest.New(t), log: o.Log}
	s.open(o)
	s.run(o)
	return s
}

// open wires the site as cmd/web does.
func (s *Site) open(o Options) {
	s.Helper()
	s.Vault = vault.New(s.Pool, vault.Options{})
	registry := o.Registry
	if registry == nil {
		registry = eventlog.Registry()
	}
	registry.SealWith(s.Vault)
	var err error
	if o.Telemetry == nil {
		if o.Telemetry, err = telemetry.New(telemetry.Options{}); err != nil {
			s.Fatal(err)
		}
	}
	if s.Store, err = eventstore.Open(s.Context(), s.Pool, registry, eventstore.Options{Logger: s.log, Observer: o.Telemetry.Observer()}); err != nil {
		s.Fatal(err)
	}
	s.Audit = audit.New(s.Pool, audit.Options{Log: s.log})
	s.Dispatch = dispatch.New(s.Store, dispatch.Options{Reactions: []string{processes.Name, privacy.Name}, Importer: []string{importer.Name},
		ReadModels: s.ReadModels(), Timeout: 30 * time.Second, Log: s.log, Audit: s.Audit, Observe: o.Telemetry.Command})
	s.Importer = importer.New(importer.Options{Store: s.Store, Dispatch: s.Dispatch, Pool: s.Pool, ReadModels: s.ReadModels()})

	var site http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { site.ServeHTTP(w, r) }))
	s.Cleanup(server.Close)
	s.URL = server.URL
	s.Mailbox = notify.Mailbox{Pool: s.Pool}
	s.Accounts, err = auth.New(auth.Options{Pool: s.Pool, Mail: notify.Post{Mailer: s.Mailbox}, BaseURL: s.URL, Admin: s.isAdmin, Log: s.log})
	if err != nil {
		s.Fatal(err)
	}
	s.hub, err = live.New(live.Options{Store: s.Store, Models: s.ReadModels(), FeedTypes: readmodel.FeedTypes(), Render: s.frame, Lookup: s.topic, Log: s.log})
	if err != nil {
		s.Fatal(err)
	}
	o.Telemetry.Watch(telemetry.Sources{Store: s.Store, Aggregates: s.Dispatch.Stats, Live: s.hub.Stats, Audit: s.Audit, Pool: s.Pool})
	pages := web.Options{Observe: o.Telemetry.Middleware, Store: s.Store, Dispatch: s.Dispatch, Pool: s.Pool, Accounts: s.Accounts, Importer: s.Importer, BaseURL: s.URL,
		Live: s.hub, API: http.NotFoundHandler(), Log: s.log}
	if o.Web != nil {
		o.Web(s, &pages)
	}
	s.Web = web.New(pages)
	site = s.Web
}

// frame is a topic as pages get it.
func (s *Site) frame(ctx context.Context, t live.Topic) (live.Frame, error) {
	return s.Web.Fragment(ctx, t)
}

func (s *Site) topic(ctx context.Context, challenge, stage, category string) (live.Topic, error) {
	c, err := readmodel.ChallengeBySlug(ctx, s.Pool, actor.Actor{}, challenge)
	if err != nil {
		return live.Topic{}, err
	}
	found, err := readmodel.StageBySlug(ctx, s.Pool, actor.Actor{}, c.ID, stage)
	return live.StageBoard(found.ID, category), err
}

// run starts the workers, and stops them when the test ends.
func (s *Site) run(o Options) {
	ctx, stop := context.WithCancel(context.Background())
	workers, ctx := errgroup.WithContext(ctx)
	start := func(work func(context.Context) error) { workers.Go(func() error { return work(ctx) }) }
	start(s.Store.Run)
	start(s.Audit.Run)
	for _, p := range readmodel.Projectors(s.Store.Registry()) {
		start(func(ctx context.Context) error {
			return s.Store.RunProjection(ctx, eventstore.Projection{Name: p.Name, Filter: p.Filter(),
				Apply: func(ctx context.Context, tx pgx.Tx, events []eventstore.Recorded) error {
					return p.Apply(ctx, tx, events)
				}})
		})
	}
	start((&processes.Runner{Store: s.Store, Dispatch: s.Dispatch, Pool: s.Pool}).Run)
	start(s.Importer.Run)
	start((&privacy.Eraser{Store: s.Store, Dispatch: s.Dispatch, Pool: s.Pool, Accounts: s.Accounts, Vault: s.Vault,
		After: append(s.ReadModels(), importer.Name), Log: s.log}).Run)
	start(s.hub.Run)
	for _, work := range o.Workers {
		start(work)
	}
	s.Cleanup(func() {
		stop()
		if err := workers.Wait(); err != nil {
			s.Errorf("workers: %v", err)
		}
	})
}

// ReadModels are the names of all projections.
func (s *Site) ReadModels() []string {
	var names []string
	for _, p := range readmodel.Projectors(s.Store.Registry()) {
		names = append(names, p.Name)
	}
	return names
}

func (s *Site) isAdmin(ctx context.Context, athlete uuid.UUID) (bool, error) {
	who, err := readmodel.AthleteByID(ctx, s.Pool, athlete)
	if errors.Is(err, readmodel.ErrNoAthlete) {
		return false, nil
	}
	return who.Admin, err
}

// Send carries out a command, and waits until all that follows from it can be read. A refusal ends the test.
func (s *Site) Send(cmd dispatch.Command) {
	s.Helper()
	if err := s.Try(cmd); err != nil {
		s.Fatalf("%T: %v", cmd, err)
	}
}

// Try is Send for commands that may be refused.
func (s *Site) Try(cmd dispatch.Command) error {
	result, err := s.Dispatch.Send(s.Context(), cmd, eventstore.Meta{})
	if err == nil {
		err = s.Dispatch.SettleImport(s.Context(), result)
	}
	return err
}

// Tick does what the clock would ask for at now: challenges and stages that are due start, end and are approved.
func (s *Site) Tick(now time.Time) {
	s.Helper()
	if s.Clockwork != nil {
		if err := s.Clockwork.Pass(s.Context(), now); err != nil {
			s.Fatal(err)
		}
		s.Settled()
		return
	}
	clock, err := processes.NewClock(s.Store, s.Pool, s.Dispatch, process.Options{Log: s.log, Now: func() time.Time { return time.Time{} }})
	if err != nil {
		s.Fatal(err)
	}
	ctx, stop := context.WithCancel(s.Context())
	ended := make(chan error, 1)
	go func() { ended <- clock.Run(ctx) }()
	err = clock.Pass(ctx, now)
	stop()
	if err := errors.Join(err, <-ended); err != nil {
		s.Fatal(err)
	}
	s.Settled()
}

// Settled waits until everything that the log holds can be read.
func (s *Site) Settled() {
	s.Helper()
	for _, names := range [][]string{{processes.Name}, s.ReadModels()} {
		head, err := s.Store.Head(s.Context())
		if err == nil {
			err = s.Store.WaitFor(s.Context(), head, names...)
		}
		if err != nil {
			s.Fatal(err)
		}
	}
}

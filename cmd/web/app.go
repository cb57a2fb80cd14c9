package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/aggregate"
	"segmentchallenge/internal/audit"
	"segmentchallenge/internal/auth"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/eventlog"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/importer"
	"segmentchallenge/internal/notify"
	"segmentchallenge/internal/postgres"
	"segmentchallenge/internal/postgres/private"
	"segmentchallenge/internal/privacy"
	"segmentchallenge/internal/process"
	"segmentchallenge/internal/processes"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/telemetry"
	"segmentchallenge/internal/vault"
)

// database is PostgreSQL, wherever it runs.
type database struct {
	pool   *pgxpool.Pool
	server *private.Server // nil when it is somebody else's
}

// How long a database that doesn't answer yet is waited for: a server may be started together with it, a person who has
// typed a wrong address wants to know.
const (
	serverPatience  = time.Minute
	commandPatience = 5 * time.Second
)

// openDatabase connects to --database-url, or starts (or joins) the private server of --data-dir.
func openDatabase(ctx context.Context, c *Config, patience time.Duration) (*database, error) {
	db, url := &database{}, c.DatabaseURL
	if url == "" {
		server, err := private.Start(ctx, c.DataDir, private.Options{})
		if err != nil {
			return nil, err
		}
		db.server, url = server, server.URL()
	}
	waiting := time.AfterFunc(2*time.Second, func() { slog.Warn("waiting for the database", "url", redacted(url)) })
	defer waiting.Stop()
	var err error
	if db.pool, err = postgres.Open(ctx, url, postgres.Options{Wait: patience}); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// Close lets the database go; a private server stops with its last user.
func (db *database) Close() error {
	if db.pool != nil {
		db.pool.Close()
	}
	if db.server != nil {
		return db.server.Stop()
	}
	return nil
}

// App is the program, wired together. The order of its fields is the order in which things depend on each other.
type App struct {
	config    *Config
	log       *slog.Logger
	db        *database
	telemetry *telemetry.Telemetry
	vault     *vault.Vault
	store     *eventstore.Store
	audit     *audit.Log
	boards    *aggregate.Snapshots
	dispatch  *dispatch.Dispatcher
	importer  *importer.Importer
	clock     *processes.Clock
	accounts  *auth.Service
	mailbox   *notify.Mailbox // nil where mails are really sent
	mails     *notify.Outbox
	listener  net.Listener // nil on the command line
	figures   net.Listener // nil unless --metrics-addr is set
}

type openOptions struct {
	listen    bool          // claim the address first: links in mails need to know it
	clockLags time.Duration // how late the clock may look; 0: half a second
}

// open builds everything and starts nothing.
func open(ctx context.Context, c *Config, opts openOptions) (app *App, err error) {
	a := &App{config: c, log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: c.LogLevel}))}
	slog.SetDefault(a.log)
	defer func() {
		if err != nil {
			a.Close()
		}
	}()
	patience := commandPatience
	if opts.listen {
		patience = serverPatience
		if a.listener, err = net.Listen("tcp", c.Addr); err != nil {
			return nil, fmt.Errorf("the address %s can't be listened on: %w; choose another with --addr", c.Addr, err)
		}
	}
	if a.db, err = openDatabase(ctx, c, patience); err != nil {
		return nil, err
	}
	if err = postgres.Migrate(ctx, a.db.pool); err != nil {
		return nil, err
	}
	if err = a.openTelemetry(opts.listen); err != nil {
		return nil, err
	}
	if a.vault, err = openVault(a.db.pool, c); err != nil {
		return nil, err
	}
	registry := eventlog.Registry()
	registry.SealWith(a.vault)
	if a.store, err = eventstore.Open(ctx, a.db.pool, registry, eventstore.Options{Logger: a.log, Observer: a.telemetry.Observer()}); err != nil {
		return nil, err
	}
	a.audit = audit.New(a.db.pool, audit.Options{Keep: c.auditTime(), Log: a.log})
	a.boards = aggregate.NewSnapshots(a.db.pool, aggregate.SnapshotOptions{Log: a.log})
	a.dispatch = dispatch.New(a.store, dispatch.Options{Audit: a.audit, Observe: a.telemetry.Command, Aggregate: aggregate.Options{Snapshots: a.boards},
		Reactions: []string{processes.Name, privacy.Name}, Importer: []string{importer.Name},
		ReadModels: a.readModels(), Log: a.log})
	a.importer = importer.New(importer.Options{Store: a.store, Dispatch: a.dispatch, Pool: a.db.pool, ReadModels: a.readModels(), Log: a.log})
	if a.clock, err = processes.NewClock(a.store, a.db.pool, a.dispatch, process.Options{Poll: opts.clockLags, Log: a.log, Observe: a.telemetry.Sending}); err != nil {
		return nil, err
	}
	a.accounts, err = a.openAccounts()
	return a, err
}

func openVault(pool *pgxpool.Pool, c *Config) (*vault.Vault, error) {
	master, err := vault.MasterKey(c.MasterKey)
	if err != nil {
		return nil, fmt.Errorf("--master-key: %w", err)
	}
	opts := vault.Options{Master: master}
	for _, text := range c.AcceptKeys {
		other, err := vault.MasterKey(text)
		if err != nil {
			return nil, fmt.Errorf("--accept-master-keys: %w", err)
		}
		if other != nil {
			opts.Accept = append(opts.Accept, other)
		}
	}
	return vault.New(pool, opts), nil
}

func (a *App) openAccounts() (*auth.Service, error) {
	post := notify.Post{Site: a.config.SiteName}
	if a.config.SMTPURL != "" {
		smtp, err := notify.NewSMTP(notify.SMTPSettings{URL: a.config.SMTPURL, From: a.config.MailFrom})
		if err != nil {
			return nil, err
		}
		post.Mailer = smtp
	} else {
		box := notify.Mailbox{Pool: a.db.pool}
		post.Mailer = box
		if notify.MailboxAllowed(a.config.Addr, a.config.Dev) {
			a.mailbox = &box
		} else if a.listener != nil {
			a.log.Warn("no mail server is set (--smtp-url): nobody but the command line can let people in")
		}
	}
	accounts, err := auth.New(auth.Options{Pool: a.db.pool, Mail: post, BaseURL: a.baseURL(), Admin: a.isAdmin, Log: a.log})
	if err == nil {
		a.mails = &notify.Outbox{Store: a.store, Pool: a.db.pool, Post: post, BaseURL: strings.TrimRight(a.baseURL(), "/"),
			Address: accounts.EmailOf, Log: a.log}
	}
	return accounts, err
}

func (a *App) isAdmin(ctx context.Context, athlete uuid.UUID) (bool, error) {
	who, err := readmodel.AthleteByID(ctx, a.db.pool, athlete)
	if errors.Is(err, readmodel.ErrNoAthlete) {
		return false, nil // a session from before the database was restored
	}
	return who.Admin, err
}

// baseURL is where people reach the site.
func (a *App) baseURL() string {
	switch {
	case a.config.BaseURL != "":
		return a.config.BaseURL
	case a.listener != nil:
		return "http://" + a.listener.Addr().String()
	}
	return "http://" + a.config.Addr
}

// settle waits until what a command did can be read. When that takes long the command stands all the same.
func (a *App) settle(ctx context.Context, r dispatch.Result) error {
	return a.orLater(a.dispatch.Settle(ctx, r))
}

func (a *App) orLater(err error) error {
	var behind *dispatch.CatchingUpError
	if errors.As(err, &behind) {
		a.log.Warn("it is done, and will be seen a little later", "error", behind.Err)
		return nil
	}
	return err
}

// readModels are the names of all projections.
func (a *App) readModels() []string {
	var names []string
	for _, p := range readmodel.Projectors(a.store.Registry()) {
		names = append(names, p.Name)
	}
	return names
}

// Close lets go of what open took. Workers have stopped by then.
func (a *App) Close() {
	if a.listener != nil {
		_ = a.listener.Close() // the HTTP server has usually closed it
	}
	if a.figures != nil {
		_ = a.figures.Close() // as above
	}
	if a.db != nil {
		if err := a.db.Close(); err != nil {
			a.log.Error("the database couldn't be let go", "error", err)
		}
	}
}

// startLog starts what every command needs to append.
func (a *App) startLog(l *layers) {
	l.Add(a.telemetry.Run) // until all that it hears of has ended
	l.Add(a.store.Run, a.audit.Run, a.boards.Run)
}

// startReactions starts what follows from events: read models first, as the others read them.
func (a *App) startReactions(l *layers) {
	var projections []func(context.Context) error
	for _, p := range readmodel.Projectors(a.store.Registry()) {
		projections = append(projections, func(ctx context.Context) error {
			return a.store.RunProjection(ctx, eventstore.Projection{Name: p.Name, Filter: p.Filter(),
				Apply: func(ctx context.Context, tx pgx.Tx, events []eventstore.Recorded) error {
					return p.Apply(ctx, tx, events)
				}})
		})
	}
	l.Add(projections...)
	l.Add((&processes.Runner{Store: a.store, Dispatch: a.dispatch, Pool: a.db.pool}).Run, a.importer.Run,
		(&privacy.Eraser{Store: a.store, Dispatch: a.dispatch, Pool: a.db.pool, Accounts: a.accounts, Vault: a.vault,
			After: append(a.readModels(), importer.Name), Log: a.log}).Run)
}

// Serve runs everything until ctx is done. ready is called with the site's address once it answers.
func (a *App) Serve(ctx context.Context, out io.Writer, background ...func(context.Context) error) error {
	l := newLayers(ctx)
	a.startLog(l)
	a.startReactions(l)
	site, hub, err := a.site()
	if err != nil {
		return errors.Join(err, l.Stop())
	}
	l.Add(hub.Run, a.accounts.Run,
		a.clock.Run, a.mails.Run)
	if a.figures != nil {
		l.Add(a.serveFigures)
	}
	l.Add(func(ctx context.Context) error { return a.serveHTTP(ctx, a.listener, site) })
	fmt.Fprintf(out, "Segment Challenge listens on %s\n", a.baseURL())
	if len(background) > 0 {
		l.Add(background...)
	}
	l.Wait()
	return l.Stop()
}

// drainTime is how long requests may take to finish when the program stops.
const drainTime = 10 * time.Second

func (a *App) serveHTTP(ctx context.Context, at net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug)}
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
		defer cancel()
		stopped <- server.Shutdown(drain)
	})
	defer stop()
	if err := server.Serve(at); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

// withDatabase is for commands that touch the schema only.
func withDatabase(ctx context.Context, c *Config, do func(*database) error) error {
	db, err := openDatabase(ctx, c, commandPatience)
	if err != nil {
		return err
	}
	return errors.Join(do(db), db.Close())
}

// withApp is for commands that read, or append without needing an answer from the read models.
func withApp(ctx context.Context, c *Config, do func(context.Context, *App) error) error {
	return with(ctx, c, do, (*App).startLog)
}

// withWorkers is for commands that wait for what they cause. Beside a running server its workers are shared: whoever holds
// a subscription's lease does the work.
func withWorkers(ctx context.Context, c *Config, do func(context.Context, *App) error) error {
	return with(ctx, c, do, (*App).startLog, (*App).startReactions)
}

func with(ctx context.Context, c *Config, do func(context.Context, *App) error, starts ...func(*App, *layers)) error {
	app, err := open(ctx, c, openOptions{})
	if err != nil {
		return err
	}
	defer app.Close()
	l := newLayers(ctx)
	for _, start := range starts {
		start(app, l)
	}
	err = do(l.failed, app)
	return errors.Join(err, l.Stop())
}

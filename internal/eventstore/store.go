package eventstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Store is one node's way to the log. Any number of nodes may work on the same database; each has one Store.
type Store struct {
	pool      *pgxpool.Pool
	registry  *Registry
	opts      Options
	node      uuid.UUID // names this instance as holder of a lease
	queue     *queue
	writer    *writer
	tail      *tail
	progress  *progress
	committed chan struct{} // has room for one: the other nodes are to be told
}

// Options of a store; the zero value is right for a server.
type Options struct {
	Now           func() time.Time // for events that bring no time of their own; nil: time.Now
	Poll          time.Duration    // how often the database is asked for news although no hint came; 0: 500 ms
	Lease         time.Duration    // how long a handler subscription stays with a node that was killed; 0: 10 s
	MaxEventBytes int              // largest data or metadata of one event; 0: 1 MiB
	CachedStreams int              // stream versions that the writer remembers; 0: 100,000 (some 20 MB)
	AllowErase    bool             // EraseStream works; for programs whose users may ask for it
	TailEvents    int              // newest events kept in memory for subscribers; 0: 8,192, and never more than 32 MiB
	Logger        *slog.Logger     // nil: slog.Default
	Observer      Observer         // is told what the store does; none: nobody
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Poll <= 0 {
		o.Poll = 500 * time.Millisecond
	}
	if o.Lease <= 0 {
		o.Lease = 10 * time.Second
	}
	if o.MaxEventBytes <= 0 {
		o.MaxEventBytes = 1 << 20
	}
	if o.CachedStreams <= 0 {
		o.CachedStreams = 100_000
	}
	if o.TailEvents <= 0 {
		o.TailEvents = 8192
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}

// Open looks whether the log is there. Reading works at once, appending and subscribing while Run runs.
func Open(ctx context.Context, pool *pgxpool.Pool, registry *Registry, opts Options) (*Store, error) {
	s := &Store{pool: pool, registry: registry, opts: opts.withDefaults(), node: uuid.New(), queue: newQueue(), progress: newProgress(),
		committed: make(chan struct{}, 1)}
	s.tail = newTail(s.opts.TailEvents)
	log, head, err := s.state(ctx)
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && (pgErr.Code == pgerrcode.UndefinedTable || pgErr.Code == pgerrcode.UndefinedColumn) {
		return nil, fmt.Errorf("the event store's tables are missing, the migrations must run first: %w", err)
	}
	if err != nil {
		return nil, fmt.Errorf("opening the event store: %w", err)
	}
	s.tail.startAt(head)
	s.tail.renew(log.generation, head)
	s.writer = newWriter(s)
	s.writer.take(log)
	return s, nil
}

func (s *Store) state(ctx context.Context) (log held, head int64, err error) {
	if err = log.scan(s.pool.QueryRow(ctx, selectGeneration)); err == nil {
		head, err = s.Head(ctx)
	}
	return log, head, err
}

// Registry is the one that the store was opened with.
func (s *Store) Registry() *Registry { return s.registry }

// Run appends what callers of Append hand in, and keeps subscribers up to date. It blocks until ctx is done; what was
// handed in before that is still stored, later appends get ErrNotRunning. Call it once. It takes two connections out of
// the pool for good, one to write and one to listen, so they don't count against the pool's limit. It ends with an error
// when the database was put back to an earlier state, since then nothing is true any more that this node knows.
func (s *Store) Run(ctx context.Context) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	written := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() { defer close(written); s.writer.run(ctx) })
	group.Go(func() { s.notify(written) })
	group.Go(func() { s.listen(ctx) })
	var shorter error
	group.Go(func() {
		if shorter = s.poll(ctx); shorter != nil {
			fail(shorter)
		}
	})
	group.Wait()
	return shorter
}

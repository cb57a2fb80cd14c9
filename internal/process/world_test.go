package process_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/aggregate"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/process"
)

// start is when the clock of a test stands at first.
var start = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func registry() *eventstore.Registry {
	r := eventstore.NewRegistry()
	for _, e := range []eventstore.Event{Asked{}, Noted{}, Asking{}, Accepted{}, Withdrawn{}, Deposited{}} {
		eventstore.RegisterValue(r, e)
	}
	return r
}

// node is what one process of the program has.
type node struct {
	testing.TB
	pool    *pgxpool.Pool
	store   *eventstore.Store
	diaries *aggregate.Host[Diary, Note, Noted]
	clock   atomic.Int64 // nanoseconds since start
}

func newNode(t testing.TB) *node { return on(t, postgrestest.New(t)) }

// second is another node on the same database.
func (n *node) second() *node { return on(n.TB, postgrestest.Second(n, n.pool)) }

func on(t testing.TB, pool *pgxpool.Pool) *node {
	t.Helper()
	store, err := eventstore.Open(t.Context(), pool, registry(), eventstore.Options{Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	n := &node{TB: t, pool: pool, store: store, diaries: aggregate.NewHost[Diary](store, "diary", aggregate.Options{})}
	n.run(store.Run)
	return n
}

var quiet = slog.New(slog.DiscardHandler)

// run runs a worker until stop is called or the test ends.
func (n *node) run(worker func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- worker(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			n.Errorf("a worker ended: %v", err)
		}
	})
	n.Cleanup(stop)
	return stop
}

// soon is a context that ends before the test binary does, so that a hang names its place.
func (n *node) soon() context.Context {
	ctx, cancel := context.WithTimeout(n.Context(), time.Minute)
	n.Cleanup(cancel)
	return ctx
}

func (n *node) now() time.Time { return start.Add(time.Duration(n.clock.Load())) }

// options are those of a server, but for its clock and its patience.
func (n *node) options() process.Options {
	return process.Options{Log: quiet, Now: n.now, Poll: 20 * time.Millisecond,
		Retry: eventstore.Backoff{Attempts: 3, First: time.Millisecond, Longest: 2 * time.Millisecond}}
}

// manager is made and doesn't run yet.
func (n *node) manager(p process.Definition, send process.Sender) *process.Manager {
	n.Helper()
	m, err := process.New(n.store, n.pool, p, send, n.options())
	if err != nil {
		n.Fatal(err)
	}
	return m
}

// note is the sender.
func (n *node) note(ctx context.Context, command any, meta eventstore.Meta) error {
	cmd := command.(Note)
	_, err := n.diaries.Execute(ctx, diary(cmd.Key), cmd, meta)
	return err
}

func diary(key string) uuid.UUID { return uuid.NewSHA1(uuid.NameSpaceOID, []byte(key)) }

// ask appends events, and returns the position of the last.
func (n *node) ask(all ...Asked) int64 {
	n.Helper()
	w := eventstore.Write{Stream: "asked-1"}
	for _, a := range all {
		e, err := n.store.Registry().Encode(a, eventstore.Meta{Now: n.now(), CorrelationID: uuid.New()}, 0)
		if err != nil {
			n.Fatal(err)
		}
		w.Events = append(w.Events, e)
	}
	result, err := n.store.Append(n.soon(), w)
	if err != nil {
		n.Fatal(err)
	}
	return result.Last
}

// settle waits until a process has handled what is in the log and sent what follows.
func (n *node) settle(name string) {
	n.Helper()
	head, err := n.store.Head(n.soon())
	if err == nil {
		err = n.store.WaitFor(n.soon(), head, name)
	}
	if err == nil {
		err = process.Sent(n.pool)(n.soon(), head)
	}
	if err != nil {
		n.Fatal(err)
	}
}

// drained waits until nothing is in the outbox that can be sent, not even of timers.
func (n *node) drained() {
	n.Helper()
	if err := n.manager(diaries(process.ToPark, nil), n.note).Sent(n.soon()); err != nil {
		n.Fatal(err)
	}
}

// lines are what stands in a diary.
func (n *node) lines(key string) []string {
	n.Helper()
	var lines []string
	for rec, err := range n.store.ReadStream(n.soon(), eventstore.StreamName("diary", diary(key)), eventstore.ReadOptions{}) {
		if errors.Is(err, eventstore.ErrStreamNotFound) {
			return lines
		}
		if err != nil {
			n.Fatal(err)
		}
		e, err := n.store.Registry().Decode(rec)
		if err != nil {
			n.Fatal(err)
		}
		lines = append(lines, e.(Noted).Text)
	}
	return lines
}

// count is the number of rows that a query finds.
func (n *node) count(query string, args ...any) (rows int) {
	n.Helper()
	if err := n.pool.QueryRow(n.soon(), `select count(*) from `+query, args...).Scan(&rows); err != nil {
		n.Fatal(err)
	}
	return rows
}

package eventstore_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
)

// open gives a running store on a fresh database.
func open(t testing.TB) *eventstore.Store {
	t.Helper()
	return run(t, postgrestest.New(t), eventstore.Options{})
}

// run starts a node on a database; it stops before the pool is closed.
func run(t testing.TB, pool *pgxpool.Pool, opts eventstore.Options) *eventstore.Store {
	t.Helper()
	s, _ := stoppable(t, pool, opts)
	return s
}

// stoppable is run for tests that end a node themselves; stop waits until it has ended.
func stoppable(t testing.TB, pool *pgxpool.Pool, opts eventstore.Options) (s *eventstore.Store, stop func()) {
	t.Helper()
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	s, err := eventstore.Open(t.Context(), pool, registry(), opts)
	if err != nil {
		t.Fatal(err)
	}
	stop = inBackground(t, s.Run)
	return s, stop
}

// inBackground runs a worker until stop is called or the test ends.
func inBackground(t testing.TB, worker func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- worker(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-ended; err != nil && ctx.Err() == nil {
				t.Errorf("a worker ended: %v", err)
			}
		})
	}
	t.Cleanup(stop)
	return stop
}

// Counted is the event of most tests.
type Counted struct {
	N int `json:"n"`
}

func (Counted) EventType() string { return "counted" }

func registry() *eventstore.Registry {
	r := eventstore.NewRegistry()
	eventstore.Register[Counted](r)
	return r
}

func event(typ string, n int) eventstore.NewEvent {
	return eventstore.NewEvent{Type: typ, Data: json.RawMessage(fmt.Sprintf(`{"n": %d}`, n))}
}

func counted(from, to int) []eventstore.NewEvent {
	var events []eventstore.NewEvent
	for n := from; n <= to; n++ {
		events = append(events, event("counted", n))
	}
	return events
}

func write(stream string, expect eventstore.Expected, events ...eventstore.NewEvent) eventstore.Write {
	return eventstore.Write{Stream: stream, Expect: expect, Events: events}
}

// appended appends and fails the test when that fails.
func appended(t testing.TB, s *eventstore.Store, writes ...eventstore.Write) eventstore.Result {
	t.Helper()
	result, err := s.Append(ctx(t), writes...)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// ctx ends well before the test binary would, so that a hang names its place.
func ctx(t testing.TB) context.Context {
	c, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return c
}

func all(t testing.TB, s *eventstore.Store, opts eventstore.ReadOptions) []eventstore.Recorded {
	t.Helper()
	var events []eventstore.Recorded
	for e, err := range s.ReadAll(ctx(t), opts) {
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	return events
}

func stream(t testing.TB, s *eventstore.Store, name string) []eventstore.Recorded {
	t.Helper()
	var events []eventstore.Recorded
	for e, err := range s.ReadStream(ctx(t), name, eventstore.ReadOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	return events
}

func withID(e eventstore.NewEvent) eventstore.NewEvent {
	e.ID = uuid.New()
	return e
}

// parallel calls fn n times at once and returns what each said.
func parallel(n int, fn func(i int) error) []error {
	errs := make([]error, n)
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { errs[i] = fn(i) })
	}
	group.Wait()
	return errs
}

func versions(events []eventstore.Recorded) []int64 {
	var vs []int64
	for _, e := range events {
		vs = append(vs, e.Version)
	}
	return vs
}

func positions(events []eventstore.Recorded) []int64 {
	var ps []int64
	for _, e := range events {
		ps = append(ps, e.Position)
	}
	return ps
}

// upTo is from, from+1 … to.
func upTo(from, to int64) []int64 {
	var ns []int64
	for n := from; n <= to; n++ {
		ns = append(ns, n)
	}
	return ns
}

// waitForLock returns once some backend of the database waits for a lock.
func waitForLock(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	for c := ctx(t); ; {
		var waiting bool
		err := pool.QueryRow(c, `select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')`).Scan(&waiting)
		if err != nil {
			t.Fatal(err)
		}
		if waiting {
			return
		}
	}
}

// soak is the size of a test that random things are tried in: much larger with SC_SOAK=1.
func soak(usual, long int) int {
	if os.Getenv("SC_SOAK") != "" {
		return long
	}
	return usual
}

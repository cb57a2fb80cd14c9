package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/goleak"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres"
	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/postgres/private"
)

// database is a server of the test's own, which it may stop and start.
type database struct {
	t      testing.TB
	dir    string
	opts   private.Options
	server *private.Server
}

func newDatabase(t testing.TB) *database {
	t.Helper()
	dir, err := os.MkdirTemp("", "restart-") // t.TempDir lies where the server's user may not go
	if err != nil {
		t.Fatal(err)
	}
	d := &database{t: t, dir: dir, opts: private.Options{Outside: filepath.Join(dir, "outside")}}
	t.Cleanup(func() {
		d.stop()
		_ = os.RemoveAll(dir)
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	d.start()
	return d
}

func (d *database) start() (url string) {
	d.t.Helper()
	server, err := private.Start(context.Background(), filepath.Join(d.dir, "data"), d.opts)
	if err != nil {
		d.t.Fatal(err)
	}
	d.server = server
	return server.URL()
}

// stop is what an operator does for a restart: whatever is under way is broken off.
func (d *database) stop() {
	d.t.Helper()
	if err := d.server.Stop(); err != nil {
		d.t.Error(err)
	}
}

// load appends one event after the other, each on its own, until it is stopped, and knows which of them were stored.
type load struct {
	mu     sync.Mutex
	stored map[uuid.UUID]bool // of those that were answered with an error it says nothing
	failed atomic.Int64
	stop   func()
}

func (l *load) run(t testing.TB, s *eventstore.Store, callers int) {
	l.stored = map[uuid.UUID]bool{}
	l.stop = inBackground(t, func(ctx context.Context) error {
		parallel(callers, func(caller int) error {
			for n := 0; ctx.Err() == nil; n++ {
				e := withID(event("counted", n))
				if _, err := s.Append(ctx, write(fmt.Sprint("a-", caller), eventstore.Any, e)); err != nil {
					l.failed.Add(1)
					continue
				}
				l.mu.Lock()
				l.stored[e.ID] = true
				l.mu.Unlock()
			}
			return nil
		})
		return nil
	})
}

func (l *load) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.stored)
}

// check compares with the log: what was answered with success is there, once, and there are no gaps.
func (l *load) check(t testing.TB, s *eventstore.Store) {
	t.Helper()
	events := all(t, s, eventstore.ReadOptions{})
	gapless(t, events)
	there := map[uuid.UUID]bool{}
	for _, e := range events {
		there[e.ID] = true
	}
	for id := range l.stored {
		if !there[id] {
			t.Errorf("event %s was appended, and isn't there", id)
		}
	}
	if len(there) != len(events) {
		t.Errorf("%d events have %d ids", len(events), len(there))
	}
}

// until waits for something that goes on by itself.
func until(t testing.TB, what string, is func() bool) {
	t.Helper()
	for c := ctx(t); !is(); {
		if c.Err() != nil {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// The database comes up after the program, and is restarted under load: nothing has to be started anew, appends wait or fail
// and then succeed again, and what was answered with success is there.
func TestOP01_DatabaseComesAndGoes(t *testing.T) {
	t.Parallel()
	db := newDatabase(t)
	url := db.server.URL()
	db.stop()
	opened := make(chan *pgxpool.Pool, 1)
	go func() {
		pool, err := postgres.Open(t.Context(), url, postgres.Options{Wait: time.Minute})
		if err != nil {
			t.Error(err)
		}
		opened <- pool
	}()
	db.start()
	pool := <-opened
	if pool == nil {
		return
	}
	t.Cleanup(pool.Close)
	if err := postgres.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	createTally(t, pool)
	s := run(t, pool, eventstore.Options{Poll: 50 * time.Millisecond, Lease: time.Second})
	var mu sync.Mutex
	handled, followed := map[int64]int{}, atomic.Int64{}
	project(t, s, tally("tally", eventstore.Filter{}))
	handle(t, s, eventstore.HandlerSubscription{Name: "h", Handle: func(_ context.Context, e eventstore.Recorded) error {
		mu.Lock()
		defer mu.Unlock()
		handled[e.Position]++
		return nil
	}})
	inBackground(t, func(ctx context.Context) error {
		return s.Follow(ctx, 0, eventstore.Filter{}, func(_ context.Context, events []eventstore.Recorded) error {
			if got := followed.Load(); events[0].Position != got+1 {
				t.Errorf("event %d follows on %d", events[0].Position, got)
			}
			followed.Store(events[len(events)-1].Position)
			return nil
		})
	})
	var l load
	l.run(t, s, 8)
	for range 2 {
		until(t, "events are appended", func() bool { return l.count() > 50 })
		db.stop()
		soon, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		if result, err := s.Append(soon, write("b-1", eventstore.Any, event("counted", 1))); err == nil {
			t.Errorf("without a database an append gave %+v", result)
		}
		cancel()
		db.start()
		stored := l.count()
		until(t, "appends succeed again", func() bool { return l.count() > stored+50 })
	}
	l.stop()
	head := must(t)(s.Head(ctx(t)))
	waitFor(t, s, head, "tally", "h")
	l.check(t, s)
	if diff := cmp.Diff(fold(t, s, eventstore.Filter{}), tallied(t, pool)); diff != "" {
		t.Error(diff)
	}
	until(t, "the follower has seen all", func() bool { return followed.Load() == head })
	for position := int64(1); position <= head; position++ {
		if handled[position] == 0 {
			t.Errorf("event %d was never handled", position)
		}
	}
	t.Logf("%d events, %d appends failed", head, l.failed.Load())
}

// The program is stopped under load: at once, with everything that was handled written down and nothing handled by halves,
// and no goroutine stays behind. Started again it goes on where it was.
func TestOP03_ShutdownUnderLoad(t *testing.T) { // not parallel: it looks at all goroutines
	const grace = 5 * time.Second
	left := goleak.IgnoreCurrent()
	pool := postgrestest.New(t)
	createTally(t, pool)
	var mu sync.Mutex
	handled := map[int64]int{}
	for round := range 3 {
		s, stopStore := stoppable(t, pool, eventstore.Options{Lease: time.Hour})
		stopProjection := project(t, s, tally("tally", eventstore.Filter{}))
		stopHandler := handle(t, s, eventstore.HandlerSubscription{Name: "h", Partitions: 4, Handle: func(ctx context.Context, e eventstore.Recorded) error {
			if _, err := pool.Exec(ctx, `select 1`); err != nil { // what a stop breaks off has not happened
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			handled[e.Position]++
			return nil
		}})
		stopFollowing := inBackground(t, func(ctx context.Context) error {
			return s.Follow(ctx, 0, eventstore.Filter{}, func(context.Context, []eventstore.Recorded) error { return nil })
		})
		var l load
		l.run(t, s, 16)
		until(t, "events are appended and handled", func() bool {
			mu.Lock()
			defer mu.Unlock()
			return len(handled) > 500*(round+1)
		})
		start := time.Now()
		stops := []func(){stopFollowing, stopHandler, stopProjection, stopStore, l.stop} // appends go on to the end
		for _, stop := range stops {
			stop()
		}
		if took := time.Since(start); took > grace {
			t.Errorf("the stop took %v", took)
		}
		l.check(t, s)
		at := storedOf(t, pool, "h")
		for position, times := range handled {
			if times > 1 {
				t.Errorf("event %d was handled %d times", position, times)
			}
		}
		for position := int64(1); position <= at; position++ {
			if handled[position] == 0 {
				t.Errorf("event %d was passed over", position)
			}
		}
		if counted := total(tallied(t, pool)); counted != storedOf(t, pool, "tally") {
			t.Errorf("%d events counted, but the checkpoint is %d", counted, storedOf(t, pool, "tally"))
		}
	}
	pool.Close()
	goleak.VerifyNone(t, left)
}

func storedOf(t testing.TB, pool *pgxpool.Pool, name string) (position int64) {
	t.Helper()
	if err := pool.QueryRow(ctx(t), `select position from subscriptions where name = $1`, name).Scan(&position); err != nil {
		t.Fatal(err)
	}
	return position
}

// Whoever puts the database back to an earlier state under a running program is told so by its end: it would take other
// events for those that it knows.
func TestLogThatBecomesShorter(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	s, err := eventstore.Open(ctx(t), pool, registry(), eventstore.Options{Poll: 10 * time.Millisecond, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx(t)) }()
	appended(t, s, write("a-1", eventstore.Any, counted(1, 5)...))
	_, err = pool.Exec(ctx(t), `set local eventstore.allow_change = 'on'; delete from events where position > 3; update events_head set position = 3`)
	if err != nil {
		t.Fatal(err)
	}
	if ahead, ok := errors.AsType[*eventstore.AheadError](<-ended); !ok || ahead.Position != 5 || ahead.Head != 3 {
		t.Errorf("%+v", ahead)
	}
	if _, err := s.Append(ctx(t), write("a-1", eventstore.Any, event("counted", 1))); !errors.Is(err, eventstore.ErrNotRunning) {
		t.Error(err)
	}
}

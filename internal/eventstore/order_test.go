package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
)

// twoNodes are two stores with pools of their own on one database.
func twoNodes(t testing.TB, opts eventstore.Options) (pool *pgxpool.Pool, nodes [2]*eventstore.Store) {
	t.Helper()
	pool = postgrestest.New(t)
	return pool, [2]*eventstore.Store{run(t, pool, opts), run(t, postgrestest.Second(t, pool), opts)}
}

// follow collects what a subscriber sees; next waits for n events more.
func follow(t testing.TB, s *eventstore.Store, from int64, f eventstore.Filter) (next func(n int) []eventstore.Recorded) {
	t.Helper()
	seen := make(chan eventstore.Recorded, 100_000)
	inBackground(t, func(ctx context.Context) error {
		return s.Follow(ctx, from, f, func(_ context.Context, events []eventstore.Recorded) error {
			for _, e := range events {
				seen <- e
			}
			return nil
		})
	})
	return func(n int) []eventstore.Recorded {
		t.Helper()
		var got []eventstore.Recorded
		for range n {
			select {
			case e := <-seen:
				got = append(got, e)
			case <-ctx(t).Done():
				t.Fatalf("only %d of %d events came", len(got), n)
			}
		}
		return got
	}
}

func TestOR01_ReaderNeverPassesAnUndecidedAppend(t *testing.T) {
	for _, commit := range []bool{true, false} { // OR-02: it rolls back
		pool, nodes := twoNodes(t, eventstore.Options{Poll: 10 * time.Millisecond})
		next := follow(t, nodes[1], 0, eventstore.Filter{})
		appended(t, nodes[0], write("a-1", eventstore.Any, event("counted", 1)))
		tx, err := pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := nodes[0].AppendTx(ctx(t), tx, write("a-1", eventstore.Any, event("counted", 2))); err != nil {
			t.Fatal(err)
		}
		other := make(chan error, 1)
		go func() {
			_, err := nodes[1].Append(t.Context(), write("b-1", eventstore.Any, event("counted", 3)))
			other <- err
		}()
		waitForLock(t, pool)
		if head, err := nodes[1].Head(ctx(t)); head != 1 || err != nil {
			t.Errorf("head %d, %v", head, err)
		}
		if commit {
			err = tx.Commit(ctx(t))
		} else {
			err = tx.Rollback(ctx(t))
		}
		if err := errors.Join(err, <-other); err != nil {
			t.Fatal(err)
		}
		events := all(t, nodes[0], eventstore.ReadOptions{})
		if want := map[bool]int{true: 3, false: 2}[commit]; len(events) != want {
			t.Fatalf("commit %v: %d events", commit, len(events))
		}
		gapless(t, events)
		if diff := cmp.Diff(events, next(len(events))); diff != "" {
			t.Errorf("commit %v: %s", commit, diff)
		}
	}
}

// Conflicts, rollbacks and two nodes: every reader sees the log as it ends up, and there are no gaps (OR-04).
func TestOR03_ReadersSeeTheLog(t *testing.T) {
	pool, nodes := twoNodes(t, eventstore.Options{})
	var readers []func(int) []eventstore.Recorded
	for i := range 4 {
		readers = append(readers, follow(t, nodes[i%2], 0, eventstore.Filter{}))
	}
	boom := errors.New("boom")
	errs := parallel(16, func(i int) error {
		for n := range 250 {
			w := write(fmt.Sprintf("a-%d", rand.IntN(10)), eventstore.Any, counted(1, 1+rand.IntN(3))...)
			if rand.IntN(10) < 3 {
				w.Expect = eventstore.Exact(1_000_000)
			}
			var err error
			if n%20 == 0 {
				err = pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
					if _, err := nodes[0].AppendTx(t.Context(), tx, w); err != nil {
						return err
					}
					return boom
				})
			} else {
				_, err = nodes[i%2].Append(t.Context(), w)
			}
			if err != nil && !errors.Is(err, eventstore.ErrConflict) && !errors.Is(err, boom) {
				return err
			}
		}
		return nil
	})
	if count(errs, nil) != len(errs) {
		t.Fatal(errs)
	}
	events := all(t, nodes[0], eventstore.ReadOptions{})
	gapless(t, events)
	for i, next := range readers {
		if diff := cmp.Diff(events, next(len(events))); diff != "" {
			t.Errorf("reader %d: %s", i, diff)
		}
	}
	t.Logf("%d events", len(events))
}

func TestOR06_OpenTransactionElsewhere(t *testing.T) {
	pool := postgrestest.New(t)
	stranger := postgrestest.New(t)
	for _, p := range []*pgxpool.Pool{pool, stranger} {
		tx, err := p.BeginTx(t.Context(), pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback(context.Background())
		if _, err := tx.Exec(t.Context(), `select pg_current_xact_id(), count(*) from events`); err != nil { // holds an id and a snapshot
			t.Fatal(err)
		}
	}
	s := run(t, pool, eventstore.Options{})
	next := follow(t, s, 0, eventstore.Filter{})
	for n := range 100 {
		appended(t, s, write("a-1", eventstore.Any, event("counted", n)))
		next(1)
	}
}

// A reader beside a busy writer sees each event once and in order, wherever it starts and through the change from the
// database to memory.
func TestSB01_CatchUpToLive(t *testing.T) {
	s := run(t, postgrestest.New(t), eventstore.Options{TailEvents: 64})
	for round := range 40 {
		from, err := s.Head(ctx(t))
		if err != nil {
			t.Fatal(err)
		}
		before, after := rand.IntN(300), 1+rand.IntN(200)
		appended(t, s, write("a-1", eventstore.Any, counted(1, before+1)...))
		var readers []func(int) []eventstore.Recorded
		var mu sync.Mutex
		parallel(3, func(i int) error {
			for n := 0; n < after; n++ {
				if n == rand.IntN(after)/2 && i > 0 {
					mu.Lock()
					readers = append(readers, follow(t, s, from, eventstore.Filter{}))
					mu.Unlock()
				}
				if i == 0 {
					appended(t, s, write("a-1", eventstore.Any, counted(1, 1+rand.IntN(5))...))
				}
			}
			return nil
		})
		want := all(t, s, eventstore.ReadOptions{From: from + 1})
		for _, next := range readers {
			if diff := cmp.Diff(positions(want), positions(next(len(want)))); diff != "" {
				t.Fatalf("round %d: %s", round, diff)
			}
		}
	}
}

func TestSB02_Starts(t *testing.T) {
	s := open(t)
	appended(t, s, write("a-1", eventstore.Any, counted(1, 5)...))
	if got := positions(follow(t, s, 3, eventstore.Filter{})(2)); !cmp.Equal(got, []int64{4, 5}) {
		t.Error(got)
	}
	handled := make(chan int64, 100)
	stop := inBackground(t, func(ctx context.Context) error {
		return s.RunHandler(ctx, eventstore.HandlerSubscription{Name: "h", Start: 2, Handle: func(_ context.Context, e eventstore.Recorded) error {
			handled <- e.Position
			return nil
		}})
	})
	for want := int64(3); want <= 5; want++ {
		if got := <-handled; got != want {
			t.Errorf("%d came instead of %d", got, want)
		}
	}
	if err := s.WaitFor(ctx(t), 5, "h"); err != nil {
		t.Error(err)
	}
	stop()
	appended(t, s, write("a-1", eventstore.Any, event("counted", 6)))
	inBackground(t, func(ctx context.Context) error { // the checkpoint counts, not the start
		return s.RunHandler(ctx, eventstore.HandlerSubscription{Name: "h", Start: 0, Handle: func(_ context.Context, e eventstore.Recorded) error {
			handled <- e.Position
			return nil
		}})
	})
	if got := <-handled; got != 6 {
		t.Errorf("%d came after the restart", got)
	}
}

// What "now" is, only Follow knows; whatever comes first must be new, and what follows on it gapless.
func TestSB02_FromNow(t *testing.T) {
	s := open(t)
	appended(t, s, write("a-1", eventstore.Any, counted(1, 5)...))
	first := make(chan int64, 1)
	stop := inBackground(t, func(ctx context.Context) error {
		return s.Follow(ctx, eventstore.Now, eventstore.Filter{}, func(_ context.Context, events []eventstore.Recorded) error {
			select {
			case first <- events[0].Position:
			default:
			}
			return nil
		})
	})
	for n := int64(6); ; n++ {
		appended(t, s, write("a-1", eventstore.Any, event("counted", int(n))))
		select {
		case got := <-first:
			if got <= 5 || got > n {
				t.Errorf("the first was %d of %d", got, n)
			}
			stop()
			return
		default:
		}
	}
}

// Hints may be lost: the listening connection is killed again and again, and everything arrives by polling.
func TestSB12_WithoutHints(t *testing.T) {
	pool, nodes := twoNodes(t, eventstore.Options{Poll: 20 * time.Millisecond})
	next := follow(t, nodes[1], 0, eventstore.Filter{})
	for n := range 10 {
		if _, err := pool.Exec(ctx(t), `select pg_terminate_backend(pid) from pg_stat_activity
			where datname = current_database() and query ilike 'listen %'`); err != nil {
			t.Fatal(err)
		}
		appended(t, nodes[0], write("a-1", eventstore.Any, event("counted", n)))
		next(1)
	}
}

// With a poll that never comes, it is the hint that wakes the other node.
func TestSB12_HintsWakeOtherNodes(t *testing.T) {
	_, nodes := twoNodes(t, eventstore.Options{Poll: time.Hour})
	next := follow(t, nodes[1], 0, eventstore.Filter{})
	for n := range 20 {
		appended(t, nodes[0], write("a-1", eventstore.Any, event("counted", n)))
		next(1)
	}
}

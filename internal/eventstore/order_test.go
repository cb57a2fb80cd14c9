package eventstore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
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

// undecided appends in a transaction, lets another node try to append behind it and a subscriber there look, and then
// decides.
func undecided(t *testing.T, decide func(pgx.Tx) error, want int) {
	t.Helper()
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
	if got := positions(all(t, nodes[1], eventstore.ReadOptions{})); len(got) != 1 {
		t.Errorf("a reader sees %v", got)
	}
	if head, err := nodes[1].Head(ctx(t)); head != 1 || err != nil {
		t.Errorf("head %d, %v", head, err)
	}
	if err := errors.Join(decide(tx), <-other); err != nil {
		t.Fatal(err)
	}
	events := all(t, nodes[0], eventstore.ReadOptions{})
	if len(events) != want {
		t.Fatalf("%d events", len(events))
	}
	gapless(t, events)
	if diff := cmp.Diff(events, next(len(events))); diff != "" {
		t.Error(diff)
	}
}

func TestOR01_ReaderNeverPassesAnUndecidedAppend(t *testing.T) {
	t.Parallel()
	undecided(t, func(tx pgx.Tx) error { return tx.Commit(t.Context()) }, 3)
}

func TestOR02_RolledBackAppendLeavesNoGap(t *testing.T) {
	t.Parallel()
	undecided(t, func(tx pgx.Tx) error { return tx.Rollback(t.Context()) }, 2)
}

// crowd lets 8 callers on each of two nodes append 2,000 times each, with so many of a hundred rolled back or expecting
// what isn't so, while two subscribers follow on each node and one reads pages from the database.
func crowd(t *testing.T, rolledBack, wrong int) {
	t.Helper()
	pool, nodes := twoNodes(t, eventstore.Options{})
	var readers []func(int) []eventstore.Recorded
	for i := range 4 {
		readers = append(readers, follow(t, nodes[i%2], 0, eventstore.Filter{}))
	}
	var paged []eventstore.Recorded
	look, stopped := make(chan struct{}, 1), make(chan struct{})
	go func() {
		defer close(stopped)
		for range look {
			from := int64(len(paged)) + 1
			for e, err := range nodes[0].ReadAll(t.Context(), eventstore.ReadOptions{From: from}) {
				if err != nil {
					t.Error(err)
					return
				}
				paged = append(paged, e)
			}
		}
	}()
	boom := errors.New("boom")
	var mu sync.Mutex
	outcomes := map[error]int{}
	errs := parallel(16, func(i int) error {
		for n := range 2000 {
			if n%20 == 0 {
				select {
				case look <- struct{}{}:
				default:
				}
			}
			w := write(fmt.Sprintf("a-%d", rand.IntN(50)), eventstore.Any, counted(1, 1+rand.IntN(3))...)
			dice := rand.IntN(100)
			if dice < wrong {
				w.Expect = eventstore.Exact(1_000_000)
			}
			var err error
			if dice >= 100-rolledBack {
				err = pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
					if _, err := nodes[i%2].AppendTx(t.Context(), tx, w); err != nil {
						return err
					}
					return boom
				})
			} else {
				_, err = nodes[i%2].Append(t.Context(), w)
			}
			var kind error
			for _, known := range []error{eventstore.ErrConflict, boom} {
				if errors.Is(err, known) {
					kind = known
				}
			}
			if err != nil && kind == nil {
				return err
			}
			mu.Lock()
			outcomes[kind]++
			mu.Unlock()
		}
		return nil
	})
	look <- struct{}{}
	close(look)
	<-stopped
	if count(errs, nil) != len(errs) {
		t.Fatal(errs)
	}
	if n := 16 * 2000; outcomes[eventstore.ErrConflict] < n*wrong/200 || outcomes[boom] < n*rolledBack/200 {
		t.Errorf("%v: this proves little", outcomes)
	}
	var gaps int64
	if err := pool.QueryRow(ctx(t), `select max(position) - min(position) + 1 - count(*) from events`).Scan(&gaps); err != nil || gaps != 0 {
		t.Errorf("%d gaps, %v", gaps, err)
	}
	events := all(t, nodes[1], eventstore.ReadOptions{})
	gapless(t, events)
	sameEvents(t, "pages", events, paged)
	for i, next := range readers {
		sameEvents(t, fmt.Sprintf("subscriber %d", i), events, next(len(events)))
	}
	t.Logf("%d events, %d appends, %d conflicts, %d rolled back", len(events), outcomes[nil], outcomes[eventstore.ErrConflict], outcomes[boom])
}

// sameEvents is cmp.Diff for many thousand events, for which that takes seconds.
func sameEvents(t *testing.T, who string, want, got []eventstore.Recorded) {
	t.Helper()
	for i := range min(len(want), len(got)) {
		w, g := want[i], got[i]
		if w.Position != g.Position || w.ID != g.ID || w.Stream != g.Stream || w.Version != g.Version || !bytes.Equal(w.Data, g.Data) {
			t.Errorf("%s, event %d: %s", who, i, cmp.Diff(w, g))
			return
		}
	}
	if len(want) != len(got) {
		t.Errorf("%s: %d events instead of %d", who, len(got), len(want))
	}
}

func TestOR03_ReadersSeeTheLog(t *testing.T) {
	t.Parallel()
	crowd(t, 0, 0)
}

func TestOR04_NoGapsThroughConflictsAndRollbacks(t *testing.T) {
	t.Parallel()
	crowd(t, 5, 30)
}

// A stranger's transaction, here in the same database and in another one of the same server, holds an id and a snapshot
// open all the time. With SC_SOAK=1 that is a minute, otherwise three seconds.
func TestOR06_OpenTransactionElsewhere(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	for _, p := range []*pgxpool.Pool{pool, postgrestest.New(t)} {
		tx, err := p.BeginTx(t.Context(), pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback(context.Background())
		if _, err := tx.Exec(t.Context(), `select pg_current_xact_id(), count(*) from events`); err != nil {
			t.Fatal(err)
		}
	}
	createTally(t, pool)
	nodes := []*eventstore.Store{run(t, pool, eventstore.Options{}), run(t, postgrestest.Second(t, pool), eventstore.Options{})}
	next := follow(t, nodes[1], 0, eventstore.Filter{})
	project(t, nodes[1], tally("tally", eventstore.Filter{}))
	length := 3 * time.Second
	if os.Getenv("SC_SOAK") != "" {
		length = time.Minute
	}
	slowest := time.Duration(0)
	for start, n := time.Now(), 0; n < 100 || time.Since(start) < length; n++ {
		before := time.Now()
		result := appended(t, nodes[0], write("a-1", eventstore.Any, event("counted", n)))
		next(1)
		waitFor(t, nodes[0], result.Last, "tally")
		slowest = max(slowest, time.Since(before))
	}
	if slowest > 10*time.Second { // far from the transaction's minute, far from what a busy machine takes
		t.Errorf("an event took %v to its subscribers", slowest)
	}
}

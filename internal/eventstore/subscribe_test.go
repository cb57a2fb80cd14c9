package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
)

// subscription is any of the three kinds: it gives see the position of each event, until its context ends.
type subscription func(ctx context.Context, s *eventstore.Store, from int64, see func(int64)) error

func following(ctx context.Context, s *eventstore.Store, from int64, see func(int64)) error {
	return s.Follow(ctx, from, eventstore.Filter{}, func(_ context.Context, events []eventstore.Recorded) error {
		for _, e := range events {
			see(e.Position)
		}
		return nil
	})
}

func handling(name string) subscription {
	return func(ctx context.Context, s *eventstore.Store, from int64, see func(int64)) error {
		return s.RunHandler(ctx, eventstore.HandlerSubscription{Name: name, Start: from, Window: 1 + rand.IntN(200),
			Handle: func(_ context.Context, e eventstore.Recorded) error { see(e.Position); return nil }})
	}
}

// projecting sees what is committed on its node.
func projecting(name string) subscription {
	return func(ctx context.Context, s *eventstore.Store, from int64, see func(int64)) error {
		return s.RunProjection(ctx, eventstore.Projection{Name: name, Start: from, BatchSize: 1 + rand.IntN(200),
			Apply: func(context.Context, pgx.Tx, []eventstore.Recorded) error { return nil },
			Committed: func(_ int64, events []eventstore.Recorded) {
				for _, e := range events {
					see(e.Position)
				}
			}})
	}
}

// until runs a subscription until it has come to a position, and gives what it saw.
func (run subscription) until(t testing.TB, s *eventstore.Store, from, last int64) (seen []int64) {
	t.Helper()
	limited, done := context.WithCancel(ctx(t))
	defer done()
	err := run(limited, s, from, func(position int64) {
		if seen = append(seen, position); position >= last {
			done()
		}
	})
	if err != nil || len(seen) == 0 || seen[len(seen)-1] < last {
		t.Errorf("from %d to %d: %d events came, %v", from, last, len(seen), err)
	}
	return seen
}

// Subscriptions of all kinds begin at random moments beside two busy writers, on the node that writes and on another, and
// see each event once and in order, from the database and then from memory.
func TestSB01_CatchUpToLive(t *testing.T) {
	t.Parallel()
	const rounds, each = 200, 250 // 50,000 events
	pool := postgrestest.New(t)
	nodes := [2]*eventstore.Store{run(t, pool, eventstore.Options{TailEvents: 64}),
		run(t, postgrestest.Second(t, pool), eventstore.Options{TailEvents: 256, Poll: 20 * time.Millisecond})}
	for round := range rounds {
		from := int64(round * each)
		name := fmt.Sprint("h", round)
		kinds := []subscription{following, following, handling(name), projecting("p" + name)}
		seen := make([]chan []int64, len(kinds))
		begin := make([]chan struct{}, len(kinds)) // closed when so many events are there
		moments := make([]int64, len(kinds))
		for i, kind := range kinds {
			seen[i], begin[i], moments[i] = make(chan []int64, 1), make(chan struct{}), rand.Int64N(each)
			go func() {
				<-begin[i]
				seen[i] <- kind.until(t, nodes[i%2], from, from+each)
			}()
		}
		var written atomic.Int64
		errs := parallel(2, func(writer int) error {
			for range each / 50 {
				before := written.Add(25) - 25
				for i, moment := range moments {
					if before <= moment && moment < before+25 {
						close(begin[i])
					}
				}
				size := 1 + rand.IntN(24)
				for _, events := range [][]eventstore.NewEvent{counted(1, size), counted(1, 25-size)} {
					if _, err := nodes[0].Append(t.Context(), write(fmt.Sprintf("a-%d", writer), eventstore.Any, events...)); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		want := upTo(from+1, from+each)
		for i := range kinds {
			if diff := cmp.Diff(want, <-seen[i]); diff != "" {
				t.Fatalf("round %d, subscription %d: %s", round, i, diff)
			}
		}
	}
}

// The first event is the right one from wherever a subscription starts, and after a restart its checkpoint is what counts.
func TestSB02_Starts(t *testing.T) {
	t.Parallel()
	s := open(t)
	appended(t, s, write("a-1", eventstore.Any, counted(1, 5)...))
	kinds := map[string]func(name string) subscription{
		"follow": func(string) subscription { return following }, "handler": handling, "projection": projecting,
	}
	for name, kind := range kinds {
		for from, want := range map[int64][]int64{0: {1, 2, 3, 4, 5}, 3: {4, 5}, 4: {5}} {
			if diff := cmp.Diff(want, kind(fmt.Sprint(name, from)).until(t, s, from, 5)); diff != "" {
				t.Errorf("%s from %d: %s", name, from, diff)
			}
		}
	}
	delete(kinds, "follow") // its "now" is another test's
	for name, kind := range kinds {
		head := must(t)(s.Head(ctx(t)))
		got := make(chan []int64, 1)
		go func() { got <- kind(name).until(t, s, eventstore.Now, head+4) }()
		checkpointWhen(t, s, name, func(eventstore.Checkpoint) bool { return true }) // it knows when now was
		appended(t, s, write("a-1", eventstore.Any, counted(1, 4)...))
		if diff := cmp.Diff(upTo(head+1, head+4), <-got); diff != "" {
			t.Errorf("%s from now: %s", name, diff)
		}
		for _, start := range []int64{0, 2, 9, eventstore.Now} {
			head := appended(t, s, write("a-1", eventstore.Any, event("counted", 0))).Last
			if diff := cmp.Diff([]int64{head}, kind(name).until(t, s, start, head)); diff != "" {
				t.Errorf("%s started again from %d: %s", name, start, diff)
			}
		}
	}
}

// What "now" is, only Follow knows; whatever comes first must be new, and what follows on it gapless.
func TestSB02_FollowFromNow(t *testing.T) {
	t.Parallel()
	s := open(t)
	appended(t, s, write("a-1", eventstore.Any, counted(1, 5)...))
	first := make(chan int64, 1)
	inBackground(t, func(ctx context.Context) error {
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
			return
		default:
		}
	}
}

// Nobody can have read what the log hasn't got: whoever claims that is told so at once, and nothing is noted down.
func TestPositionBeyondTheLog(t *testing.T) {
	t.Parallel()
	s := open(t)
	appended(t, s, write("a-1", eventstore.Any, counted(1, 5)...))
	nothing := func(int64) {}
	waitFor := func(ctx context.Context, s *eventstore.Store, from int64, _ func(int64)) error {
		return s.WaitFor(ctx, from, "h")
	}
	rewind := func(ctx context.Context, s *eventstore.Store, from int64, _ func(int64)) error {
		return s.Rewind(ctx, "h", from, nil)
	}
	for name, claim := range map[string]subscription{"": following, "h": handling("h"), "p": projecting("p"), "wait": waitFor, "rewind": rewind} {
		err := claim(ctx(t), s, 7, nothing)
		want := eventstore.AheadError{Position: 7, Head: 5}
		if name == "h" || name == "p" {
			want.Name = name
		} else if name == "rewind" {
			want.Name = "h"
		}
		if ahead, ok := errors.AsType[*eventstore.AheadError](err); !ok || *ahead != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if cps, err := s.Checkpoints(ctx(t)); len(cps) != 0 || err != nil {
		t.Errorf("left behind: %+v, %v", cps, err)
	}
}

// listeners are the connections that hear hints.
func listeners(t testing.TB, pool *pgxpool.Pool) []int32 {
	t.Helper()
	rows, err := pool.Query(ctx(t), `select pid from pg_stat_activity where datname = current_database() and query = 'listen events'`)
	if err != nil {
		t.Fatal(err)
	}
	pids, err := pgx.CollectRows(rows, pgx.RowTo[int32])
	if err != nil {
		t.Fatal(err)
	}
	return pids
}

func terminate(t testing.TB, pool *pgxpool.Pool, pids []int32) {
	t.Helper()
	if _, err := pool.Exec(ctx(t), `select pg_terminate_backend(pid) from unnest($1::int[]) pid`, pids); err != nil {
		t.Error(err)
	}
}

// Hints may be lost: the listening connections are killed again and again, and everything arrives by polling.
func TestSB12_WithoutHints(t *testing.T) {
	t.Parallel()
	const poll = 50 * time.Millisecond
	pool, nodes := twoNodes(t, eventstore.Options{Poll: poll})
	stop := inBackground(t, func(ctx context.Context) error {
		for ctx.Err() == nil {
			terminate(t, pool, listeners(t, pool))
		}
		return nil
	})
	next := follow(t, nodes[1], 0, eventstore.Filter{})
	var took []time.Duration
	for n := range 40 {
		appended(t, nodes[0], write("a-1", eventstore.Any, event("counted", n)))
		start := time.Now()
		next(1)
		took = append(took, time.Since(start))
	}
	stop()
	slices.Sort(took)
	if half := took[len(took)/2]; half > 2*poll { // the machine may be busy for one or the other, not for half of them
		t.Errorf("without hints half of the events took longer than %v, with a poll each %v", half, poll)
	}
}

// With a poll that never comes it is the hint that wakes the other node, also after its connection has broken.
func TestSB12_HintsComeBack(t *testing.T) {
	t.Parallel()
	pool, nodes := twoNodes(t, eventstore.Options{Poll: time.Hour})
	next := follow(t, nodes[1], 0, eventstore.Filter{})
	for range 5 {
		for range 4 {
			appended(t, nodes[0], write("a-1", eventstore.Any, event("counted", 1)))
			next(1)
		}
		old := listeners(t, pool)
		terminate(t, pool, old)
		for c := ctx(t); ; {
			if c.Err() != nil {
				t.Fatal("nobody listens any more")
			}
			again := listeners(t, pool)
			if len(again) == 2 && !slices.ContainsFunc(again, func(pid int32) bool { return slices.Contains(old, pid) }) {
				break
			}
		}
	}
}

// A hint is a hint and not the truth: whatever anybody sends, nobody goes where the log isn't.
func TestHintsAreNotBelieved(t *testing.T) {
	t.Parallel()
	pool, nodes := twoNodes(t, eventstore.Options{Poll: 10 * time.Millisecond})
	appended(t, nodes[0], write("a-1", eventstore.Any, event("counted", 1)))
	seen := make(chan int64, 10)
	inBackground(t, func(ctx context.Context) error {
		return handling("h")(ctx, nodes[1], 0, func(position int64) { seen <- position })
	})
	for c := ctx(t); len(listeners(t, pool)) < 2; {
		if c.Err() != nil {
			t.Fatal("nobody listens")
		}
	}
	for want := int64(1); want <= 5; want++ {
		for _, payload := range []string{"", "9223372036854775807", "100000", "-5", "x"} {
			if _, err := pool.Exec(ctx(t), `select pg_notify('events', $1)`, payload); err != nil {
				t.Fatal(err)
			}
		}
		if got := <-seen; got != want {
			t.Errorf("%d came instead of %d", got, want)
		}
		waitFor(t, nodes[1], want, "h")
		appended(t, nodes[0], write("a-1", eventstore.Any, event("counted", 1)))
	}
}

package eventstore_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
)

// tally is a read model: a row for each stream with how many events it had and their sum.
func tally(name string, f eventstore.Filter) eventstore.Projection {
	return eventstore.Projection{Name: name, Filter: f, Apply: func(ctx context.Context, tx pgx.Tx, events []eventstore.Recorded) error {
		var b pgx.Batch
		for _, e := range events {
			var c Counted
			if err := json.Unmarshal(e.Data, &c); err != nil {
				return err
			}
			b.Queue(`insert into tally values ($1, 1, $2) on conflict (stream) do update
				set events = tally.events + 1, total = tally.total + excluded.total`, e.Stream, c.N)
		}
		return tx.SendBatch(ctx, &b).Close()
	}}
}

func createTally(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	if _, err := pool.Exec(ctx(t), `create table tally (stream text primary key, events bigint, total bigint)`); err != nil {
		t.Fatal(err)
	}
}

type row struct {
	Stream        string
	Events, Total int64
}

func tallied(t testing.TB, pool *pgxpool.Pool) []row {
	t.Helper()
	rows, err := pool.Query(ctx(t), `select * from tally order by stream collate "C"`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowToStructByPos[row])
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// fold is what the tally must be, by the log.
func fold(t testing.TB, s *eventstore.Store, f eventstore.Filter) []row {
	t.Helper()
	sums := map[string]*row{}
	for _, e := range all(t, s, eventstore.ReadOptions{Filter: f}) {
		var c Counted
		if err := json.Unmarshal(e.Data, &c); err != nil {
			t.Fatal(err)
		}
		if sums[e.Stream] == nil {
			sums[e.Stream] = &row{Stream: e.Stream}
		}
		sums[e.Stream].Events++
		sums[e.Stream].Total += int64(c.N)
	}
	var rows []row
	for _, r := range sums {
		rows = append(rows, *r)
	}
	slices.SortFunc(rows, func(a, b row) int { return strings.Compare(a.Stream, b.Stream) })
	return rows
}

func project(t testing.TB, s *eventstore.Store, p eventstore.Projection) (stop func()) {
	return inBackground(t, func(ctx context.Context) error { return s.RunProjection(ctx, p) })
}

func waitFor(t testing.TB, s *eventstore.Store, position int64, names ...string) {
	t.Helper()
	if err := s.WaitFor(ctx(t), position, names...); err != nil {
		t.Fatal(err)
	}
}

// Two nodes run the same projection while both append and connections are killed: each event counts once.
func TestProjectionOnTwoNodes(t *testing.T) {
	pool, nodes := twoNodes(t, eventstore.Options{Poll: 50 * time.Millisecond})
	createTally(t, pool)
	for _, s := range nodes {
		project(t, s, tally("tally", eventstore.Filter{}))
	}
	errs := parallel(9, func(i int) error {
		for n := range 200 {
			if i == 8 {
				if n%20 != 0 {
					continue
				}
				_, err := pool.Exec(ctx(t), `select pg_terminate_backend(pid) from pg_stat_activity
					where datname = current_database() and pid <> pg_backend_pid() and query ilike '%tally%' and state = 'active'`)
				if err != nil {
					return err
				}
				continue
			}
			_, err := nodes[i%2].Append(ctx(t), write(fmt.Sprintf("a-%d", rand.IntN(5)), eventstore.Any, event("counted", n)))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if count(errs, nil) != len(errs) {
		t.Fatal(errs)
	}
	head, err := nodes[0].Head(ctx(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range nodes {
		waitFor(t, s, head, "tally")
	}
	if diff := cmp.Diff(fold(t, nodes[0], eventstore.Filter{}), tallied(t, pool)); diff != "" {
		t.Error(diff)
	}
}

// The victim projects until it is killed, and prints where it is.
func init() {
	children["victim"] = func(ctx context.Context, pool *pgxpool.Pool, _ []string) error {
		s, err := childStore(ctx, pool, eventstore.Options{})
		if err != nil {
			return err
		}
		p := tally("tally", eventstore.Filter{})
		p.BatchSize = 20
		p.Committed = func(position int64, _ []eventstore.Recorded) { fmt.Println(position) }
		return s.RunProjection(ctx, p)
	}
}

func TestPJ01_ExactlyOnceWhateverIsKilled(t *testing.T) {
	pool := postgrestest.New(t)
	createTally(t, pool)
	s := run(t, pool, eventstore.Options{})
	for i := range 20 {
		appended(t, s, write(fmt.Sprintf("a-%d", i), eventstore.Any, counted(1, 1000)...))
	}
	kills := 50
	if testing.Short() {
		kills = 5
	}
	for range kills {
		victim := startChild(t, pool, "victim")
		for range 1 + rand.IntN(5) { // it has begun
			victim.line()
		}
		victim.kill()
	}
	cps, err := s.Checkpoints(ctx(t))
	if err != nil || cps[0].Position == 0 || cps[0].Position == 20_000 {
		t.Errorf("the kills proved little: %+v, %v", cps, err)
	}
	project(t, s, tally("tally", eventstore.Filter{}))
	waitFor(t, s, 20_000, "tally")
	if diff := cmp.Diff(fold(t, s, eventstore.Filter{}), tallied(t, pool)); diff != "" {
		t.Error(diff)
	}
}

func TestPJ03_FailedBatchLeavesNothing(t *testing.T) {
	pool := postgrestest.New(t)
	createTally(t, pool)
	s := run(t, pool, eventstore.Options{})
	appended(t, s, write("a-1", eventstore.Any, counted(1, 10)...))
	var broken atomic.Bool
	broken.Store(true)
	p := tally("tally", eventstore.Filter{})
	apply := p.Apply
	p.Apply = func(ctx context.Context, tx pgx.Tx, events []eventstore.Recorded) error {
		if err := apply(ctx, tx, events); err != nil {
			return err
		}
		if last := events[len(events)-1].Position; last >= 7 && broken.Load() {
			if last == 7 {
				panic("seven")
			}
			return errors.New("a batch with seven")
		}
		return nil
	}
	project(t, s, p)
	cp := checkpointWhen(t, s, "tally", func(cp eventstore.Checkpoint) bool { return strings.Contains(cp.Error, "event 7 ") })
	want := eventstore.Checkpoint{Name: "tally", Kind: "projection", Position: 6, Head: 10, State: eventstore.StateRetrying,
		Error: "event 7 (counted, stream a-1): panic: seven", LagSeconds: cp.LagSeconds}
	if diff := cmp.Diff(want, cp); diff != "" || cp.LagSeconds <= 0 {
		t.Error(diff, cp.LagSeconds)
	}
	if diff := cmp.Diff([]row{{"a-1", 6, 21}}, tallied(t, pool)); diff != "" {
		t.Error(diff)
	}
	short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	var behind *eventstore.BehindError // RW-03
	if err := s.WaitFor(short, 10, "tally"); !errors.As(err, &behind) || behind.Position != 10 || !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	broken.Store(false)
	waitFor(t, s, 10, "tally")
	if diff := cmp.Diff(fold(t, s, eventstore.Filter{}), tallied(t, pool)); diff != "" {
		t.Error(diff)
	}
	cp = checkpointWhen(t, s, "tally", func(cp eventstore.Checkpoint) bool { return cp.State == eventstore.StateRunning })
	if cp.Error != "" || cp.LagSeconds != 0 || cp.Position != 10 {
		t.Errorf("%+v", cp)
	}
}

// checkpointWhen waits until a checkpoint is as wanted.
func checkpointWhen(t testing.TB, s *eventstore.Store, name string, wanted func(eventstore.Checkpoint) bool) eventstore.Checkpoint {
	t.Helper()
	for c := ctx(t); ; {
		cps, err := s.Checkpoints(c)
		if err != nil {
			t.Fatal(err, cps)
		}
		for _, cp := range cps {
			if cp.Name == name && wanted(cp) {
				return cp
			}
		}
	}
}

// A projection that passes over an event must not hold up those who wait for it, on its node or on another.
func TestRW02_FilteredOutEventsDoNotBlock(t *testing.T) {
	pool, nodes := twoNodes(t, eventstore.Options{Poll: time.Hour})
	createTally(t, pool)
	project(t, nodes[0], tally("tally", eventstore.Filter{Types: []string{"counted"}, Categories: []string{"a", "b"}, Streams: []string{"a-1", "a-2"}}))
	for n := range 10 {
		for _, ignored := range []eventstore.Write{
			write("a-1", eventstore.Any, event("other", n)), write("c-1", eventstore.Any, event("counted", n)), write("a-3", eventstore.Any, event("counted", n)),
		} {
			result := appended(t, nodes[n%2], ignored)
			waitFor(t, nodes[0], result.Last, "tally")
			waitFor(t, nodes[1], result.Last, "tally")
		}
		result := appended(t, nodes[n%2], write("a-2", eventstore.Any, event("counted", n)))
		waitFor(t, nodes[1-n%2], result.Last, "tally")
		if got := tallied(t, pool); len(got) != 1 || got[0].Events != int64(n+1) {
			t.Fatalf("round %d: %+v", n, got)
		}
	}
}

// After an append and WaitFor, on whatever node, the read model shows it (RW-01, for the store's part).
func TestRW01_ReadYourWrites(t *testing.T) {
	pool, nodes := twoNodes(t, eventstore.Options{})
	createTally(t, pool)
	for _, s := range nodes {
		project(t, s, tally("tally", eventstore.Filter{}))
	}
	for round := range 200 {
		result := appended(t, nodes[rand.IntN(2)], write("a-1", eventstore.Any, event("counted", 1)))
		waitFor(t, nodes[rand.IntN(2)], result.Last, "tally")
		if got := tallied(t, pool); got[0].Events != int64(round+1) {
			t.Fatalf("round %d: %+v", round, got)
		}
	}
}

// Checkpoints move over what the filter leaves out, so that a restart doesn't look through it again.
func TestSB09_CheckpointMovesOverFilteredEvents(t *testing.T) {
	pool := postgrestest.New(t)
	createTally(t, pool)
	s := run(t, pool, eventstore.Options{TailEvents: 256})
	for range 5 {
		appended(t, s, write("b-1", eventstore.Any, counted(1, 5000)...))
	}
	p := tally("tally", eventstore.Filter{Categories: []string{"a"}})
	stop := project(t, s, p)
	waitFor(t, s, 25_000, "tally")
	checkpointStored(t, pool, func(position int64) bool { return position >= 24_000 })
	appended(t, s, write("b-1", eventstore.Any, counted(1, 10)...))
	waitFor(t, s, 25_010, "tally")
	stop()
	// The wait was over as soon as nothing was left to do, perhaps before the projection had looked at the last events. What
	// it has looked at is written when it stops, else this would never end.
	checkpointStored(t, pool, func(position int64) bool {
		project(t, s, p)()
		return position == 25_010
	})
}

// checkpointStored waits until the one checkpoint in the table is as wanted.
func checkpointStored(t testing.TB, pool *pgxpool.Pool, wanted func(int64) bool) {
	t.Helper()
	for c := ctx(t); ; {
		var position int64
		if err := pool.QueryRow(c, `select position from subscriptions`).Scan(&position); err != nil {
			t.Fatalf("the checkpoint stays at %d: %v", position, err)
		}
		if wanted(position) {
			return
		}
	}
}

func TestRewind(t *testing.T) {
	pool, nodes := twoNodes(t, eventstore.Options{Poll: 20 * time.Millisecond})
	createTally(t, pool)
	project(t, nodes[0], tally("tally", eventstore.Filter{Streams: []string{"a-1"}}))
	appended(t, nodes[0], write("a-1", eventstore.Any, counted(1, 10)...), write("a-2", eventstore.Any, counted(1, 10)...))
	waitFor(t, nodes[0], 20, "tally")
	clear := func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx(t), `truncate tally`)
		return err
	}
	for range 5 {
		if err := nodes[0].Rewind(ctx(t), "tally", 0, clear); err != nil {
			t.Fatal(err)
		}
		waitFor(t, nodes[0], 20, "tally")
		if diff := cmp.Diff([]row{{"a-1", 10, 55}}, tallied(t, pool)); diff != "" {
			t.Fatal(diff)
		}
	}
	if err := nodes[1].Rewind(ctx(t), "tally", 0, clear); err != nil { // the running node hears of it by polling
		t.Fatal(err)
	}
	for c := ctx(t); len(tallied(t, pool)) == 0; {
		if c.Err() != nil {
			t.Fatal("the rewind was not noticed")
		}
	}
	if err := nodes[0].Rewind(ctx(t), "nobody", 0, nil); err == nil {
		t.Error("a subscription that isn't there was rewound")
	}
}

func TestProjectionOnTheWrongDatabase(t *testing.T) {
	pool := postgrestest.New(t)
	s := run(t, pool, eventstore.Options{})
	if _, err := pool.Exec(ctx(t), `insert into subscriptions (name, kind, position) values ('tally', 'projection', 7)`); err != nil {
		t.Fatal(err)
	}
	err := s.RunProjection(ctx(t), tally("tally", eventstore.Filter{}))
	if err == nil || !strings.Contains(err.Error(), "log ends at 0") {
		t.Error(err)
	}
}

func TestProjectionRunsOncePerNode(t *testing.T) {
	s := open(t)
	project(t, s, tally("tally", eventstore.Filter{}))
	appended(t, s, write("a-1", eventstore.Any, event("x", 1)))
	checkpointWhen(t, s, "tally", func(eventstore.Checkpoint) bool { return true })
	if err := s.RunProjection(ctx(t), tally("tally", eventstore.Filter{})); err == nil {
		t.Error("it runs twice")
	}
}

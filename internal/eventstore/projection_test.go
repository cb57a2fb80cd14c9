package eventstore_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
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
	t.Parallel()
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

// The victim projects, prints where it is, and hangs after so many batches if it isn't killed before.
func init() {
	children["victim"] = func(ctx context.Context, pool *pgxpool.Pool, args []string) error {
		s, err := childStore(ctx, pool, eventstore.Options{})
		if err != nil {
			return err
		}
		batches, _ := strconv.Atoi(args[0])
		p := tally("tally", eventstore.Filter{})
		p.BatchSize = 20
		p.Committed = func(position int64, _ []eventstore.Recorded) {
			fmt.Println(position)
			if batches--; batches == 0 {
				<-ctx.Done()
			}
		}
		return s.RunProjection(ctx, p)
	}
}

func TestPJ01_ExactlyOnceWhateverIsKilled(t *testing.T) {
	t.Parallel()
	const events, spread, more = 20_000, 480, 8 // batches of 20 events: all that the victims read before they die, and after that
	pool := postgrestest.New(t)
	createTally(t, pool)
	s := run(t, pool, eventstore.Options{})
	for i := range 20 {
		appended(t, s, write(fmt.Sprintf("a-%d", i), eventstore.Any, counted(1, events/20)...))
	}
	kills := soak(12, 50)
	for range kills {
		lines := 1 + rand.IntN(spread/kills)
		victim := postgrestest.StartChild(t, pool, "victim", fmt.Sprint(lines+more))
		for range lines {
			victim.Line()
		}
		bury(t, pool, victim)
		at := must(t)(checkpoint(s))
		if got := total(tallied(t, pool)); got != at {
			t.Errorf("killed at %d, it had counted %d", at, got)
		}
	}
	if at := must(t)(checkpoint(s)); at == 0 || at == events {
		t.Errorf("the kills proved little: the checkpoint is %d", at)
	}
	project(t, s, tally("tally", eventstore.Filter{}))
	waitFor(t, s, events, "tally")
	if diff := cmp.Diff(fold(t, s, eventstore.Filter{}), tallied(t, pool)); diff != "" {
		t.Error(diff)
	}
}

func total(rows []row) (events int64) {
	for _, r := range rows {
		events += r.Events
	}
	return events
}

func TestPJ03_FailedBatchLeavesNothing(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
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
	t.Parallel()
	pool, nodes := twoNodes(t, eventstore.Options{})
	createTally(t, pool)
	for _, s := range nodes {
		project(t, s, tally("tally", eventstore.Filter{}))
	}
	for round := range 500 {
		result := appended(t, nodes[rand.IntN(2)], write("a-1", eventstore.Any, event("counted", 1)))
		waitFor(t, nodes[rand.IntN(2)], result.Last, "tally")
		if got := tallied(t, pool); got[0].Events != int64(round+1) {
			t.Fatalf("round %d: %+v", round, got)
		}
	}
}

// WaitFor on a node that nobody has told of the events runs its projection forward: whoever appended may be gone, and the
// next poll be an hour away.
func TestRW01_WaitingNodeGoesAhead(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	createTally(t, pool)
	s := run(t, pool, eventstore.Options{Poll: time.Hour})
	project(t, s, tally("tally", eventstore.Filter{}))
	for n := range int64(10) {
		fillLog(t, pool, n, 1) // as another node does whose hint gets lost
		waitFor(t, s, n+1, "tally")
		if got := total(tallied(t, pool)); got != n+1 {
			t.Fatalf("%d events counted of %d", got, n+1)
		}
	}
}

// fillLog stores events at the positions after head, on the server's side: quicker than any append, and without a hint.
// Every 100,000th is a "rare" one.
func fillLog(t testing.TB, pool *pgxpool.Pool, head, n int64) {
	t.Helper()
	_, err := pool.Exec(t.Context(), `
		with moved as (update events_head set position = $1 + $2::bigint)
		insert into events (position, event_id, stream, version, type, schema_version, data, actor, recorded_at)
		select p, gen_random_uuid(), 'fill-' || p % 1000, p / 1000 + 1, case when p % 100000 = 0 then 'rare' else 'counted' end, 1,
			'{"n": 1}', '', now()
		from generate_series($1::bigint + 1, $1 + $2) p`, head, n)
	if err != nil {
		t.Fatal(err)
	}
}

// tracer notes from where the log was read.
type tracer struct {
	mu    sync.Mutex
	after []int64
}

func (tr *tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	if strings.Contains(q.SQL, "from events where position > $1") {
		tr.mu.Lock()
		defer tr.mu.Unlock()
		tr.after = append(tr.after, q.Args[0].(int64))
	}
	return ctx
}

func (*tracer) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// traced is another node, of which is noted what it reads.
func traced(t testing.TB, pool *pgxpool.Pool, opts eventstore.Options) (*eventstore.Store, *tracer) {
	t.Helper()
	config, tr := pool.Config(), &tracer{}
	config.ConnConfig.Tracer = tr
	own, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(own.Close)
	return run(t, own, opts), tr
}

// Checkpoints move over what the filter leaves out, so that a restart doesn't look through it again.
func TestSB09_CheckpointMovesOverFilteredEvents(t *testing.T) {
	t.Parallel()
	const events = 200_900 // of which two are picked
	pool := postgrestest.New(t)
	createTally(t, pool)
	fillLog(t, pool, 0, events)
	filter := eventstore.Filter{Types: []string{"rare"}}
	j := newJournal()
	subscribe := func(s *eventstore.Store) (stop func()) {
		stopProjection := project(t, s, tally("tally", filter))
		stopHandler := handle(t, s, eventstore.HandlerSubscription{Name: "h", Filter: filter, Handle: func(_ context.Context, e eventstore.Recorded) error {
			j.add("%d", e.Position)
			return nil
		}})
		return func() { stopProjection(); stopHandler() }
	}
	first, stopFirst := stoppable(t, pool, eventstore.Options{})
	stop := subscribe(first)
	waitFor(t, first, events, "tally", "h")
	for c, moved := ctx(t), false; !moved; { // also without a stop, as a crash would find it
		if err := pool.QueryRow(c, `select min(position) >= $1 from subscriptions`, events-1000).Scan(&moved); err != nil {
			t.Fatal("the checkpoints stay behind: ", err)
		}
	}
	stop()
	stopFirst()
	again, tr := traced(t, pool, eventstore.Options{})
	subscribe(again)
	fillLog(t, pool, events, 10)
	waitFor(t, again, events+10, "tally", "h")
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if len(tr.after) == 0 || slices.Min(tr.after) < events-1000 {
		t.Errorf("after the restart the log was read from %v on", tr.after)
	}
	if diff := cmp.Diff([]string{"100000", "200000"}, j.whenLen(t, 2)); diff != "" {
		t.Error(diff)
	}
	if got := total(tallied(t, pool)); got != 2 {
		t.Errorf("%d events counted", got)
	}
}

func TestRewind(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
	pool := postgrestest.New(t)
	s := run(t, pool, eventstore.Options{})
	if _, err := pool.Exec(ctx(t), `insert into subscriptions (name, kind, position) values ('tally', 'projection', 7), ('h', 'handler', 8)`); err != nil {
		t.Fatal(err)
	}
	for name, run := range map[string]func() error{
		"tally": func() error { return s.RunProjection(ctx(t), tally("tally", eventstore.Filter{})) },
		"h":     func() error { return s.RunHandler(ctx(t), eventstore.HandlerSubscription{Name: "h"}) },
	} {
		ahead, ok := errors.AsType[*eventstore.AheadError](run())
		if !ok || ahead.Name != name || ahead.Position < 7 || ahead.Head != 0 || !strings.Contains(ahead.Error(), "the log ends at 0") {
			t.Errorf("%s: %+v", name, ahead)
		}
	}
}

// How late a subscription is, is the age of the event that waits for it; what its filter doesn't pick waits for nobody.
func TestLagInEventsAndSeconds(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	s := run(t, pool, eventstore.Options{})
	fillLog(t, pool, 0, 25_000)
	_, err := pool.Exec(ctx(t), `set local eventstore.allow_change = 'on'; update events set recorded_at = now() - interval '1 hour' where position = 15000;
		update events set recorded_at = now() - interval '1 day', type = 'rare' where position = 20000;
		insert into subscriptions (name, kind, position, types) values ('all', 'projection', 14999, null), ('done', 'projection', 25000, null),
			('none', 'projection', 20000, '{rare}'), ('rare', 'projection', 15000, '{rare}'), ('far', 'projection', 5000, '{rare}')`)
	if err != nil {
		t.Fatal(err)
	}
	cps, err := s.Checkpoints(ctx(t))
	if err != nil {
		t.Fatal(err)
	}
	type lag struct{ Events, Minutes int64 }
	got := map[string]lag{}
	for _, cp := range cps {
		got[cp.Name] = lag{cp.Lag(), int64(cp.LagSeconds) / 60}
	}
	want := map[string]lag{"all": {10_001, 60}, "done": {0, 0}, "none": {0, 0}, "rare": {10_000, 24 * 60},
		"far": {20_000, 0}} // nothing for it in the next 10,000; the one after those is new
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestProjectionRunsOncePerNode(t *testing.T) {
	t.Parallel()
	s := open(t)
	project(t, s, tally("tally", eventstore.Filter{}))
	appended(t, s, write("a-1", eventstore.Any, event("x", 1)))
	checkpointWhen(t, s, "tally", func(eventstore.Checkpoint) bool { return true })
	if err := s.RunProjection(ctx(t), tally("tally", eventstore.Filter{})); err == nil {
		t.Error("it runs twice")
	}
}

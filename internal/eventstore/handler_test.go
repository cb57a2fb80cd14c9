package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
)

var quickRetry = eventstore.Backoff{Attempts: 3, First: time.Millisecond, Longest: time.Millisecond}

// journal records what handlers did, on any number of nodes.
type journal struct {
	mu      sync.Mutex
	entries []string
	changed chan struct{}
}

func newJournal() *journal { return &journal{changed: make(chan struct{})} }

func (j *journal) add(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, fmt.Sprintf(format, args...))
	close(j.changed)
	j.changed = make(chan struct{})
}

// when waits until the entries are as wanted.
func (j *journal) when(t testing.TB, wanted func([]string) bool) []string {
	t.Helper()
	for c := ctx(t); ; {
		j.mu.Lock()
		entries, changed := slices.Clone(j.entries), j.changed
		j.mu.Unlock()
		if wanted(entries) {
			return entries
		}
		select {
		case <-changed:
		case <-c.Done():
			t.Fatalf("the journal stays at %q", entries)
		}
	}
}

func (j *journal) whenLen(t testing.TB, n int) []string {
	t.Helper()
	return j.when(t, func(entries []string) bool { return len(entries) >= n })
}

func handle(t testing.TB, s *eventstore.Store, h eventstore.HandlerSubscription) (stop func()) {
	return inBackground(t, func(ctx context.Context) error { return s.RunHandler(ctx, h) })
}

func TestSB03_PanicIsRetriedBeforeTheNext(t *testing.T) {
	s := open(t)
	j := newJournal()
	handle(t, s, eventstore.HandlerSubscription{Name: "h", Retry: quickRetry, Handle: func(ctx context.Context, e eventstore.Recorded) error {
		j.add("%d/%d", e.Position, eventstore.Attempt(ctx))
		if e.Position == 2 && eventstore.Attempt(ctx) < 3 {
			panic("two")
		}
		return nil
	}})
	appended(t, s, write("a-1", eventstore.Any, counted(1, 3)...))
	if diff := cmp.Diff([]string{"1/1", "2/1", "2/2", "2/3", "3/1"}, j.whenLen(t, 5)); diff != "" {
		t.Error(diff)
	}
	waitFor(t, s, 3, "h")
}

func TestSB05_Park(t *testing.T) {
	s := run(t, postgrestest.New(t), eventstore.Options{Poll: 20 * time.Millisecond})
	j := newJournal()
	var broken atomic.Bool
	broken.Store(true)
	h := eventstore.HandlerSubscription{Name: "h", Retry: quickRetry, Handle: func(ctx context.Context, e eventstore.Recorded) error {
		if e.Stream == "a-1" && e.Version == 2 && broken.Load() {
			j.add("a-1/2 fails")
			return errors.New("boom")
		}
		j.add("%s/%d", e.Stream, e.Version)
		return nil
	}}
	stop := handle(t, s, h)
	appended(t, s, write("a-1", eventstore.Any, counted(1, 3)...), write("b-1", eventstore.Any, counted(1, 2)...))
	waitFor(t, s, 5, "h")
	want := []string{"a-1/1", "a-1/2 fails", "a-1/2 fails", "a-1/2 fails", "b-1/1", "b-1/2"}
	if diff := cmp.Diff(want, j.whenLen(t, 6)); diff != "" {
		t.Error(diff)
	}
	parked, err := s.Parked(ctx(t), "h")
	if err != nil {
		t.Fatal(err)
	}
	wantParked := []eventstore.ParkedEvent{{Position: 2, Key: "a-1", Attempts: 3, Error: "event 2 (counted, stream a-1): boom"},
		{Position: 3, Key: "a-1", Attempts: 0, Error: "waits behind a parked event with the same key"}}
	if diff := cmp.Diff(wantParked, parked, cmpopts.IgnoreFields(eventstore.ParkedEvent{}, "ParkedAt")); diff != "" {
		t.Error(diff)
	}
	stop()
	handle(t, s, h) // a restart remembers which keys are parked
	appended(t, s, write("a-1", eventstore.Any, event("counted", 4)), write("b-1", eventstore.Any, event("counted", 3)))
	if got := j.whenLen(t, 7)[6]; got != "b-1/3" {
		t.Error(got)
	}
	if n, err := s.Replay(ctx(t), "h", "a-1"); n == 0 || err != nil { // still broken: parked again
		t.Error(n, err)
	}
	j.whenLen(t, 10)
	broken.Store(false)
	for len(j.whenLen(t, 10)) < 13 { // until the node has taken back the first wish
		if _, err := s.Replay(ctx(t), "h", ""); err != nil {
			t.Fatal(err)
		}
		if cps, _ := s.Checkpoints(ctx(t)); cps[0].Parked == 0 {
			break
		}
	}
	if diff := cmp.Diff([]string{"a-1/2", "a-1/3", "a-1/4"}, j.whenLen(t, 13)[10:]); diff != "" {
		t.Error(diff)
	}
	checkpointWhen(t, s, "h", func(cp eventstore.Checkpoint) bool { return cp.Parked == 0 })
	appended(t, s, write("a-1", eventstore.Any, event("counted", 5)))
	if got := j.whenLen(t, 14)[13]; got != "a-1/5" {
		t.Error(got)
	}
}

func TestSB05_Skip(t *testing.T) {
	s := open(t)
	j := newJournal()
	handle(t, s, eventstore.HandlerSubscription{Name: "h", Retry: quickRetry, GiveUp: eventstore.Skip, Handle: func(ctx context.Context, e eventstore.Recorded) error {
		j.add("%d", e.Position)
		if e.Position == 1 {
			return errors.New("boom")
		}
		return nil
	}})
	appended(t, s, write("a-1", eventstore.Any, counted(1, 2)...))
	if diff := cmp.Diff([]string{"1", "1", "1", "2"}, j.whenLen(t, 4)); diff != "" {
		t.Error(diff)
	}
	waitFor(t, s, 2, "h")
}

// A handler that stops says so, on all nodes: nobody tries the event again until somebody asks for it.
func TestSB05_StopAndResume(t *testing.T) {
	t.Parallel()
	_, nodes := twoNodes(t, eventstore.Options{Lease: 40 * time.Millisecond})
	j := newJournal()
	var broken atomic.Bool
	broken.Store(true)
	h := eventstore.HandlerSubscription{Name: "h", Retry: quickRetry, GiveUp: eventstore.Stop, Handle: func(ctx context.Context, e eventstore.Recorded) error {
		j.add("%d/%d", e.Position, eventstore.Attempt(ctx))
		if e.Position == 2 && broken.Load() {
			return errors.New("boom")
		}
		return nil
	}}
	appended(t, nodes[0], write("a-1", eventstore.Any, counted(1, 3)...))
	stops := []func(){handle(t, nodes[0], h), handle(t, nodes[1], h)}
	stopped := func(head int64) eventstore.Checkpoint {
		cp := checkpointWhen(t, nodes[0], "h", func(cp eventstore.Checkpoint) bool { return cp.State == eventstore.StateStopped && cp.Head == head })
		if cp.Position != 1 || cp.Lag() != head-1 || cp.LagSeconds <= 0 || !strings.Contains(cp.Error, "event 2 (counted, stream a-1): boom") {
			t.Errorf("%+v", cp)
		}
		return cp
	}
	before := stopped(3)
	appended(t, nodes[0], write("a-1", eventstore.Any, event("counted", 4)))
	if after := stopped(4); after.LagSeconds <= before.LagSeconds {
		t.Errorf("the lag doesn't grow: %v, then %v s", before.LagSeconds, after.LagSeconds)
	}
	want := []string{"1/1", "2/1", "2/2", "2/3"}
	if diff := cmp.Diff(want, j.whenLen(t, 4)); diff != "" {
		t.Error(diff)
	}
	for range 2 { // still broken: the same again, by whichever node is faster
		if err := nodes[1].Resume(ctx(t), "h"); err != nil {
			t.Fatal(err)
		}
		want = append(want, "2/1", "2/2", "2/3")
		if diff := cmp.Diff(want, j.whenLen(t, len(want))); diff != "" {
			t.Error(diff)
		}
		stopped(4)
	}
	for _, stop := range stops {
		stop()
	}
	broken.Store(false)
	handle(t, nodes[1], h) // a new start resumes, too
	if diff := cmp.Diff(append(want, "2/1", "3/1", "4/1"), j.whenLen(t, len(want)+3)); diff != "" {
		t.Error(diff)
	}
	cp := checkpointWhen(t, nodes[0], "h", func(cp eventstore.Checkpoint) bool { return cp.Position == 4 })
	if cp.State != eventstore.StateRunning || cp.Error != "" || cp.LagSeconds != 0 {
		t.Errorf("%+v", cp)
	}
	if err := nodes[0].Resume(ctx(t), "nobody"); !errors.Is(err, eventstore.ErrNoSubscription) {
		t.Error(err)
	}
}

// Four workers, failures, and stops at random moments: each key keeps its order and nothing is lost.
func TestSB07_Partitions(t *testing.T) {
	s := open(t)
	errs := parallel(8, func(i int) error {
		for n := range 100 {
			if _, err := s.Append(ctx(t), write(fmt.Sprintf("a-%d", rand.IntN(12)), eventstore.Any, event("counted", n))); err != nil {
				return err
			}
		}
		return nil
	})
	if count(errs, nil) != 8 {
		t.Fatal(errs)
	}
	var mu sync.Mutex
	last := map[string]int64{} // newest version handled of each stream
	h := eventstore.HandlerSubscription{Name: "h", Partitions: 4, BatchSize: 30, Retry: quickRetry, Handle: func(_ context.Context, e eventstore.Recorded) error {
		if rand.IntN(20) == 0 {
			return errors.New("now and then")
		}
		mu.Lock()
		defer mu.Unlock()
		if e.Version > last[e.Stream]+1 {
			t.Errorf("%s: %d after %d", e.Stream, e.Version, last[e.Stream])
		}
		last[e.Stream] = max(last[e.Stream], e.Version)
		return nil
	}}
	h.Retry.Attempts = 100
	for round := range 8 {
		stop := handle(t, s, h)
		waitFor(t, s, int64(20*round), "h")
		stop()
		at := must(t)(checkpoint(s))
		for _, e := range all(t, s, eventstore.ReadOptions{}) {
			if e.Position <= at && e.Version > last[e.Stream] {
				t.Fatalf("the checkpoint has passed event %d, which is not finished", e.Position)
			}
		}
	}
	handle(t, s, h)
	waitFor(t, s, 800, "h")
	for _, e := range all(t, s, eventstore.ReadOptions{}) {
		if last[e.Stream] < e.Version {
			t.Errorf("%s: version %d was never handled", e.Stream, e.Version)
		}
	}
}

func checkpoint(s *eventstore.Store) (int64, error) {
	cps, err := s.Checkpoints(context.Background())
	if err != nil || len(cps) == 0 { // stopped before it was enlisted
		return 0, err
	}
	return cps[0].Position, nil
}

func must(t *testing.T) func(int64, error) int64 {
	return func(n int64, err error) int64 {
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
}

// A handler that hangs holds up neither appends nor other subscribers, nor does memory keep what it hasn't seen.
func TestSB11_BlockedHandler(t *testing.T) {
	s := run(t, postgrestest.New(t), eventstore.Options{TailEvents: 1024})
	free, entered := make(chan struct{}), make(chan struct{}, 1)
	j := atomic.Int64{}
	handle(t, s, eventstore.HandlerSubscription{Name: "h", Handle: func(context.Context, eventstore.Recorded) error {
		select {
		case entered <- struct{}{}:
		default:
		}
		<-free
		j.Add(1)
		return nil
	}})
	next := follow(t, s, 0, eventstore.Filter{})
	appended(t, s, write("a-1", eventstore.Any, event("counted", 0)))
	<-entered
	for range 20 {
		appended(t, s, write("a-1", eventstore.Any, counted(1, 1000)...))
	}
	next(20_001)
	close(free)
	waitFor(t, s, 20_001, "h")
	if j.Load() != 20_001 {
		t.Errorf("%d events handled", j.Load())
	}
}

func TestLK01_OneOfThreeNodesIsActive(t *testing.T) {
	pool := postgrestest.New(t)
	j := newJournal()
	var nodes []*eventstore.Store
	for i := range 3 {
		s := run(t, postgrestest.Second(t, pool), eventstore.Options{})
		nodes = append(nodes, s)
		handle(t, s, eventstore.HandlerSubscription{Name: "h", Handle: func(_ context.Context, e eventstore.Recorded) error {
			j.add("%d on %d", e.Position, i)
			return nil
		}})
	}
	for n := range 30 {
		result := appended(t, nodes[n%3], write("a-1", eventstore.Any, event("counted", n)))
		waitFor(t, nodes[rand.IntN(3)], result.Last, "h")
	}
	entries := j.whenLen(t, 30)
	_, owner, _ := strings.Cut(entries[0], " ")
	for i, entry := range entries {
		if want := fmt.Sprintf("%d %s", i+1, owner); entry != want {
			t.Errorf("%s instead of %s", entry, want)
		}
	}
	if len(entries) != 30 {
		t.Errorf("%d entries", len(entries))
	}
}

func TestLK02_GracefulTakeOver(t *testing.T) {
	pool := postgrestest.New(t)
	j := newJournal()
	stops := map[string]func(){}
	var nodes []*eventstore.Store
	for i := range 2 {
		s := run(t, postgrestest.Second(t, pool), eventstore.Options{Lease: time.Hour}) // a kill would never be noticed
		nodes = append(nodes, s)
		stops[fmt.Sprint(i)] = handle(t, s, eventstore.HandlerSubscription{Name: "h", Handle: func(_ context.Context, e eventstore.Recorded) error {
			j.add("%d %d", e.Position, i)
			return nil
		}})
	}
	appended(t, nodes[0], write("a-1", eventstore.Any, event("counted", 1)))
	_, owner, _ := strings.Cut(j.whenLen(t, 1)[0], " ")
	stops[owner]()
	start := time.Now()
	appended(t, nodes[0], write("a-1", eventstore.Any, event("counted", 2)))
	entries := j.whenLen(t, 2)
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("the take-over took %s", took)
	}
	if p, other, _ := strings.Cut(entries[1], " "); p != "2" || other == owner {
		t.Errorf("%q after %s stopped", entries, owner)
	}
}

// The owner's connections are killed and stay so while its handler works; what it writes after the take-over is refused.
func TestLK03_LateCheckpointIsRefused(t *testing.T) {
	pool := postgrestest.New(t)
	opts := eventstore.Options{Lease: 300 * time.Millisecond}
	firstPool := postgrestest.Second(t, pool)
	first, second := run(t, firstPool, opts), run(t, postgrestest.Second(t, pool), opts)
	j := newJournal()
	hang := make(chan struct{})
	handle(t, first, eventstore.HandlerSubscription{Name: "h", BatchSize: 1, Handle: func(_ context.Context, e eventstore.Recorded) error {
		j.add("first %d", e.Position)
		<-hang // whatever its context says
		return nil
	}})
	appended(t, second, write("a-1", eventstore.Any, counted(1, 3)...))
	j.whenLen(t, 1)
	cut, cancel := context.WithCancel(t.Context()) // keep the first node away from the table
	kept := make(chan struct{})
	go func() {
		defer close(kept)
		for cut.Err() == nil {
			_, _ = pool.Exec(cut, `select pg_terminate_backend(a.pid) from pg_stat_activity a
				where a.datname = current_database() and a.query ilike '%update subscriptions set position%' and a.pid <> pg_backend_pid()`)
		}
	}()
	handle(t, second, eventstore.HandlerSubscription{Name: "h", Handle: func(_ context.Context, e eventstore.Recorded) error {
		j.add("second %d", e.Position)
		return nil
	}})
	// The second can't write either while connections are cut, but it gets the lease when the first's has run out.
	j.when(t, func(entries []string) bool { return slices.Contains(entries, "second 1") })
	cancel()
	<-kept
	appended(t, second, write("a-1", eventstore.Any, event("counted", 4)))
	waitFor(t, second, 4, "h")
	before := must(t)(checkpoint(second))
	close(hang) // the first comes back and writes its checkpoint, 1
	appended(t, second, write("a-1", eventstore.Any, event("counted", 5)))
	waitFor(t, second, 5, "h")
	var stored int64
	if err := pool.QueryRow(ctx(t), `select position from subscriptions`).Scan(&stored); err != nil || before != 4 || stored != 5 {
		t.Errorf("checkpoint %d, then %d, %v", before, stored, err)
	}
	for _, entry := range j.whenLen(t, 6) {
		if strings.HasPrefix(entry, "first") && entry != "first 1" {
			t.Errorf("the first node went on with %s", entry)
		}
	}
}

// What the filter of a handler leaves out costs no checkpoint, and a stop writes down how far it was.
func TestHandlerPassesOverFilteredEvents(t *testing.T) {
	pool := postgrestest.New(t)
	s := run(t, pool, eventstore.Options{})
	h := eventstore.HandlerSubscription{Name: "h", Filter: eventstore.Filter{Types: []string{"rare"}},
		Handle: func(context.Context, eventstore.Recorded) error { return nil }}
	stop := handle(t, s, h)
	for range 3 {
		appended(t, s, write("a-1", eventstore.Any, counted(1, 10)...))
	}
	waitFor(t, s, 30, "h")
	stop()
	checkpointStored(t, pool, func(position int64) bool { // as in TestSB09
		handle(t, s, h)()
		return position == 30
	})
}

func TestRewindHandler(t *testing.T) {
	s := open(t)
	j := newJournal()
	handle(t, s, eventstore.HandlerSubscription{Name: "h", Handle: func(_ context.Context, e eventstore.Recorded) error {
		j.add("%d", e.Position)
		return nil
	}})
	appended(t, s, write("a-1", eventstore.Any, counted(1, 3)...))
	waitFor(t, s, 3, "h")
	if err := s.Rewind(ctx(t), "h", 1, nil); err != nil {
		t.Fatal(err)
	}
	waitFor(t, s, 3, "h")
	if diff := cmp.Diff([]string{"1", "2", "3", "2", "3"}, j.whenLen(t, 5)); diff != "" {
		t.Error(diff)
	}
}

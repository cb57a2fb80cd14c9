package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
	t.Parallel()
	pool := postgrestest.New(t)
	s := run(t, pool, eventstore.Options{})
	j := newJournal()
	handle(t, s, eventstore.HandlerSubscription{Name: "h", Retry: quickRetry, Handle: func(ctx context.Context, e eventstore.Recorded) error {
		var acknowledged int64
		if err := pool.QueryRow(ctx, `select position from subscriptions`).Scan(&acknowledged); err != nil || acknowledged >= e.Position {
			t.Errorf("event %d comes when %d is acknowledged, %v", e.Position, acknowledged, err)
		}
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

func TestSB05_Skip(t *testing.T) {
	t.Parallel()
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
	pool, nodes := twoNodes(t, eventstore.Options{})
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
	var stops []func()
	for i, s := range nodes { // one after the other, which shows in the filter: a start while it is stopped would resume it
		h.Filter.Categories = []string{"a", fmt.Sprint("b", i)}
		stops = append(stops, handle(t, s, h))
		until(t, "the node has started it", func() bool {
			var there bool
			err := pool.QueryRow(ctx(t), `select exists (select from subscriptions where categories = $1)`, h.Filter.Categories).Scan(&there)
			return err == nil && there
		})
	}
	appended(t, nodes[0], write("a-1", eventstore.Any, counted(1, 3)...))
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
		if stopped, err := nodes[1].Resume(ctx(t), "h"); !stopped || err != nil {
			t.Fatal(stopped, err)
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
	if stopped, err := nodes[0].Resume(ctx(t), "h"); stopped || err != nil {
		t.Errorf("one that runs: %v, %v", stopped, err)
	}
	if _, err := nodes[0].Resume(ctx(t), "nobody"); !errors.Is(err, eventstore.ErrNoSubscription) {
		t.Error(err)
	}
}

// A key whose event is tried again and again holds up nobody but itself, even with as few slots as there are such keys;
// the checkpoint waits for it, and no more than Window events begin behind it.
func TestSB05_KeyInTroubleHoldsUpNobody(t *testing.T) {
	t.Parallel()
	const window = 200
	pool := postgrestest.New(t)
	s := run(t, pool, eventstore.Options{})
	j := newJournal()
	var broken atomic.Bool
	broken.Store(true)
	var handled atomic.Int64
	handle(t, s, eventstore.HandlerSubscription{Name: "h", Partitions: 2, Window: window,
		Retry: eventstore.Backoff{Attempts: 1_000_000, First: time.Millisecond, Longest: time.Millisecond},
		Handle: func(_ context.Context, e eventstore.Recorded) error {
			if broken.Load() && (e.Stream == "bad-1" || e.Stream == "bad-2") {
				return errors.New("boom")
			}
			if handled.Add(1); strings.HasPrefix(e.Stream, "bad") {
				j.add("%s/%d", e.Stream, e.Version)
			}
			return nil
		}})
	appended(t, s, write("bad-1", eventstore.Any, counted(1, 2)...), write("bad-2", eventstore.Any, counted(1, 2)...))
	for n := range 4 * window / 10 {
		appended(t, s, write(fmt.Sprint("a-", n), eventstore.Any, counted(1, 10)...))
	}
	until(t, "the others are handled", func() bool { return handled.Load() == window-4 })
	checkpointWhen(t, s, "h", func(cp eventstore.Checkpoint) bool { return cp.State == eventstore.StateRetrying })
	if at := storedCheckpoint(t, pool); at != 0 {
		t.Errorf("the checkpoint is %d, before what isn't finished", at)
	}
	broken.Store(false)
	waitFor(t, s, 4+4*window, "h")
	if n := handled.Load(); n != 4+4*window {
		t.Errorf("%d events handled", n)
	}
	bad := j.whenLen(t, 4)
	slices.SortStableFunc(bad, func(a, b string) int { return strings.Compare(a[:5], b[:5]) })
	if diff := cmp.Diff([]string{"bad-1/1", "bad-1/2", "bad-2/1", "bad-2/2"}, bad); diff != "" {
		t.Error(diff)
	}
	checkpointWhen(t, s, "h", func(cp eventstore.Checkpoint) bool {
		return cp.State == eventstore.StateRunning && cp.Error == "" && cp.Position == 4+4*window
	})
}

// A handler that hangs while 100,000 events come holds up neither appends nor other subscribers, and what it hasn't seen
// lies in the database and not in memory: that holds Options.TailEvents for the node and two pages for the handler.
func TestSB11_BlockedHandler(t *testing.T) { // not parallel: it looks at the memory of the whole process
	const batches, batch, bound = 100, 1000, 20 << 20 // 60 MB of events
	s := run(t, postgrestest.New(t), eventstore.Options{TailEvents: 2048})
	events := make([]eventstore.NewEvent, batch)
	for i := range events {
		events[i] = eventstore.NewEvent{Type: "counted", Data: fmt.Appendf(nil, `{"n": %d, "filler": "%0500d"}`, i, i)}
	}
	var followed atomic.Int64
	inBackground(t, func(ctx context.Context) error {
		return s.Follow(ctx, 0, eventstore.Filter{}, func(_ context.Context, events []eventstore.Recorded) error {
			followed.Add(int64(len(events)))
			return nil
		})
	})
	round := func() time.Duration { // until the other subscriber has it
		start := time.Now()
		last := appended(t, s, write("a-1", eventstore.Any, events...)).Last
		for c := ctx(t); followed.Load() < last; runtime.Gosched() {
			if c.Err() != nil {
				t.Fatalf("the other subscriber is held up at %d", followed.Load())
			}
		}
		return time.Since(start)
	}
	var alone, beside []time.Duration
	for range batches / 4 {
		alone = append(alone, round())
	}
	free, entered := make(chan struct{}), make(chan struct{}, 1)
	var handled atomic.Int64
	handle(t, s, eventstore.HandlerSubscription{Name: "h", Handle: func(context.Context, eventstore.Recorded) error {
		select {
		case entered <- struct{}{}:
		default:
		}
		<-free
		handled.Add(1)
		return nil
	}})
	<-entered
	before := heap()
	for range batches {
		beside = append(beside, round())
	}
	if grown := heap() - before; grown > bound {
		t.Errorf("memory has grown by %d MB", grown>>20)
	}
	slices.Sort(alone)
	slices.Sort(beside)
	if a, b := alone[len(alone)/2], beside[len(beside)/2]; b > 3*a {
		t.Errorf("beside the blocked handler an append of %d events took %v instead of %v", batch, b, a)
	}
	close(free)
	waitFor(t, s, batch*(batches+batches/4), "h")
	if n := handled.Load(); n != batch*(batches+batches/4) {
		t.Errorf("%d events handled", n)
	}
}

// heap is how much memory is in use.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func checkpoint(s *eventstore.Store) (int64, error) {
	cps, err := s.Checkpoints(context.Background())
	if err != nil || len(cps) == 0 { // stopped before it was enlisted
		return 0, err
	}
	return cps[0].Position, nil
}

func must(t testing.TB) func(int64, error) int64 {
	return func(n int64, err error) int64 {
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
}

// What the filter of a handler leaves out costs no checkpoint, and a stop writes down how far it was.
func TestHandlerPassesOverFilteredEvents(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	changes := history(t, pool)
	s := run(t, pool, eventstore.Options{})
	h := eventstore.HandlerSubscription{Name: "h", Filter: eventstore.Filter{Types: []string{"rare"}},
		Handle: func(context.Context, eventstore.Recorded) error { return nil }}
	stops := 0
	for c := ctx(t); stops == 0 || storedCheckpoint(t, pool) == 0; stops++ { // once it has looked at events before it is stopped
		if c.Err() != nil {
			t.Fatal("the checkpoint never moves")
		}
		stop := handle(t, s, h)
		for range 10 {
			waitFor(t, s, appended(t, s, write("a-1", eventstore.Any, event("counted", 1))).Last, "h")
		}
		stop()
	}
	if moved := slices.DeleteFunc(changes(), func(c checkpointChange) bool { return c.Old == c.New }); len(moved) > stops {
		t.Errorf("the checkpoint moved more often than the handler stopped, %d times: %+v", stops, moved)
	}
}

func TestRewindHandler(t *testing.T) {
	t.Parallel()
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

package eventstore_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"pgregory.net/rapid"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
)

// target is a migrated database without events, and a store on it for after the migration.
func target(t testing.TB) (*pgxpool.Pool, func() *eventstore.Store) {
	pool := postgrestest.New(t)
	return pool, func() *eventstore.Store { t.Helper(); return run(t, pool, eventstore.Options{}) }
}

// mixed appends n events of several types to many streams: "lot-…" holds all types, "short-…" only events that go.
func mixed(t testing.TB, s *eventstore.Store, n int) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, uint64(n)))
	types := []string{"kept", "kept", "kept", "gone", "old", "pair", "aside"}
	for left := n; left > 0; {
		var writes []eventstore.Write
		for range min(left, 5000) {
			e := eventstore.NewEvent{Type: types[random.IntN(len(types))], Data: json.RawMessage(fmt.Sprintf(`{"n":%d}`, left)), Actor: "ada",
				Metadata: json.RawMessage(`{"trace":"t"}`), CorrelationID: uuid.New(), CausationID: uuid.New(),
				Time: time.Date(2026, 1, 1, 0, 0, 0, 1000*random.IntN(1000), time.UTC).Add(time.Duration(n-left) * time.Second)}
			stream := fmt.Sprintf("lot-%d", random.IntN(2000))
			if random.IntN(50) == 0 {
				stream, e.Type = fmt.Sprintf("short-%d", random.IntN(300)), "gone"
			}
			writes = append(writes, write(stream, eventstore.Any, e))
			left--
		}
		appended(t, s, writes...)
	}
}

// doubled makes two events of each pair.
func doubled(e eventstore.Recorded) ([]eventstore.Recorded, error) {
	if e.Type != "pair" {
		return []eventstore.Recorded{e}, nil
	}
	left, right := e, e
	left.Type, right.Type = "left", "right"
	right.ID, right.Time = uuid.New(), time.Now() // which is nothing that it may change
	return []eventstore.Recorded{left, right}, nil
}

var changes = eventstore.Chain(eventstore.DropTypes("gone"), eventstore.RenameType("old", "new"), doubled,
	eventstore.SplitStreams("lot", "aside", "aside"), eventstore.MergeStreams("lot-merged", "lot-1", "lot-2"), eventstore.DropStreams("lot-3"))

// want is what becomes of a log, worked out event by event.
func want(t testing.TB, source []eventstore.Recorded) (all []eventstore.Recorded) {
	t.Helper()
	versions := map[string]int64{}
	for _, e := range source {
		aside := strings.HasPrefix(e.Stream, "lot-") && e.Type == "aside"
		if aside {
			e.Stream = "aside-" + strings.TrimPrefix(e.Stream, "lot-")
		}
		switch {
		case e.Type == "gone" || e.Stream == "lot-3":
			continue
		case e.Stream == "lot-1" || e.Stream == "lot-2":
			e.Stream = "lot-merged"
		}
		parts := []string{e.Type}
		switch e.Type {
		case "old":
			parts[0] = "new"
		case "pair":
			parts = []string{"left", "right"}
		}
		for i, typ := range parts {
			out := e
			out.Type = typ
			if i > 0 {
				out.ID = uuid.NewSHA1(e.ID, []byte("split/1"))
			}
			versions[out.Stream]++
			out.Version, out.Position = versions[out.Stream], int64(len(all))+1
			all = append(all, out)
		}
	}
	return all
}

func migrated(t testing.TB, source *eventstore.Store, to *pgxpool.Pool, opts eventstore.MigrateOptions) eventstore.Migration {
	t.Helper()
	m, err := eventstore.Migrate(t.Context(), source, to, opts)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMG01_CopyAndTransform(t *testing.T) {
	t.Parallel()
	n := soak(100_000, 400_000)
	source := open(t)
	mixed(t, source, n)
	before := everything(t, source)
	to, after := target(t)
	var seen int64
	dry := migrated(t, source, nil, eventstore.MigrateOptions{Transform: changes, DryRun: true})
	m := migrated(t, source, to, eventstore.MigrateOptions{Transform: changes, Progress: func(position, head int64) {
		if position < seen || position > head || head != int64(n) {
			t.Errorf("progress: %d after %d, of %d", position, seen, head)
		}
		seen = position
	}})
	if seen < int64(n)-1000 {
		t.Errorf("the last progress was %d of %d", seen, n)
	}
	if diff := cmp.Diff(dry, m); diff != "" {
		t.Errorf("the dry run said otherwise (-dry +done):\n%s", diff)
	}
	s := after()
	got, wanted := everything(t, s), want(t, before)
	same(t, wanted, got)
	report(t, m, before, wanted)
	for _, stream := range []string{"lot-1", "lot-3", "short-5"} {
		if _, err := s.StreamInfo(t.Context(), stream); !errors.Is(err, eventstore.ErrStreamNotFound) {
			t.Errorf("%s: %v", stream, err)
		}
	}
	same(t, before, everything(t, source))
	appended(t, source, write("lot-1", eventstore.StreamExists, event("counted", 1))) // and goes on
	appended(t, s, write("lot-merged", eventstore.StreamExists, event("counted", 1)))
}

// same compares long logs.
func same(t testing.TB, want, got []eventstore.Recorded) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d events, want %d", len(got), len(want))
	}
	for i := range got {
		if !reflect.DeepEqual(want[i], got[i]) {
			t.Fatalf("event %d (-want +got):\n%s", i+1, cmp.Diff(want[i], got[i]))
		}
	}
}

// everything is all, with the time that a long log takes.
func everything(t testing.TB, s *eventstore.Store) (events []eventstore.Recorded) {
	t.Helper()
	for e, err := range s.ReadAll(t.Context(), eventstore.ReadOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	return events
}

// report compares what a migration says of itself with what has happened.
func report(t testing.TB, m eventstore.Migration, before, after []eventstore.Recorded) {
	t.Helper()
	digest := eventstore.NewDigest()
	types := map[string]eventstore.Count{}
	for _, e := range before {
		types[e.Type] = eventstore.Count{Read: types[e.Type].Read + 1, Written: types[e.Type].Written}
	}
	for _, e := range after {
		digest.Add(e)
		types[e.Type] = eventstore.Count{Read: types[e.Type].Read, Written: types[e.Type].Written + 1}
	}
	if diff := cmp.Diff(types, m.Types); diff != "" {
		t.Errorf("types: %s", diff)
	}
	if m.Read != int64(len(before)) || m.Written != int64(len(after)) || m.Digest != digest.String() || m.Behind != 0 ||
		m.Read-m.Dropped+m.Split != m.Written || m.Split == 0 || m.Retyped < types["new"].Written || m.Moved < types["aside"].Written {
		t.Errorf("%d read, %d written, %d dropped, %d split, %d retyped, %d moved, %d behind", m.Read, m.Written, m.Dropped, m.Split, m.Retyped, m.Moved, m.Behind)
	}
	if c := m.Streams["lot-3"]; c.Read == 0 || c.Written != 0 {
		t.Errorf("the dropped stream: %+v", c)
	}
	if c := m.Streams["lot-merged"]; c.Read != 0 || c.Written == 0 {
		t.Errorf("the merged stream: %+v", c)
	}
}

// What is handled on the source isn't handled again, and everything else is, wherever the subscription stood.
func TestMG02_CheckpointsAreMapped(t *testing.T) {
	t.Parallel()
	source := open(t)
	mixed(t, source, 4000)
	stops := map[string]int{"at the beginning": 0, "early": 700, "late": 3333, "at the end": 4000}
	handled := map[string]map[uuid.UUID]bool{}
	for name, n := range stops {
		handled[name] = handleSome(t, source, name, n)
	}
	to, after := target(t)
	migrated(t, source, to, eventstore.MigrateOptions{Transform: changes, Restart: []string{"early"}})
	origin := map[uuid.UUID]uuid.UUID{} // of the second half of a pair
	for _, e := range everything(t, source) {
		origin[uuid.NewSHA1(e.ID, []byte("split/1"))] = e.ID
	}
	s := after()
	wanted := everything(t, s)
	for name := range stops {
		got := map[uuid.UUID]bool{}
		if n := len(wanted); n > 0 {
			got = handleSome(t, s, name, -1)
		}
		for _, e := range wanted {
			of := e.ID
			if first, second := origin[of]; second {
				of = first
			}
			if again := handled[name][of] && name != "early"; got[e.ID] == again {
				t.Fatalf("%s: event %d: handled before: %v, delivered now: %v", name, e.Position, handled[name][of], got[e.ID])
			}
		}
	}
}

// handleSome runs a handler until it has handled n events, or, with -1, all there are.
func handleSome(t testing.TB, s *eventstore.Store, name string, n int) map[uuid.UUID]bool {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	seen := map[uuid.UUID]bool{}
	var mu sync.Mutex
	ended := make(chan error, 1)
	go func() {
		ended <- s.RunHandler(ctx, eventstore.HandlerSubscription{Name: name, Handle: func(ctx context.Context, e eventstore.Recorded) error {
			mu.Lock()
			defer mu.Unlock()
			if len(seen) == n {
				stop()
				return errors.New("enough")
			}
			seen[e.ID] = true
			return nil
		}})
	}()
	head, err := s.Head(t.Context())
	if n >= 0 && n < int(head) {
		err = errors.Join(err, <-ended)
	} else {
		err = errors.Join(err, s.WaitFor(t.Context(), head, name))
		stop()
		err = errors.Join(err, <-ended)
	}
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

// While writers write, a cut-over moves the log: what an append has been told is stored is in the copy, once, and the
// source takes nothing more.
func TestMigrateWhileWritersWrite(t *testing.T) {
	t.Parallel()
	source := open(t)
	mixed(t, source, 6000)
	to, after := target(t)
	var mu sync.Mutex
	stored := map[uuid.UUID]bool{}
	refused := make(chan error, 8)
	for w := range 8 {
		go func() {
			for i := 0; ; i++ {
				e := withID(event("counted", i))
				if _, err := source.Append(t.Context(), write(fmt.Sprintf("writer-%d", w), eventstore.Any, e)); err != nil {
					refused <- err
					return
				}
				mu.Lock()
				stored[e.ID] = true
				mu.Unlock()
			}
		}()
	}
	m := migrated(t, source, to, eventstore.MigrateOptions{Transform: eventstore.DropTypes("gone"), CutOver: true})
	for range 8 {
		if err := <-refused; !strings.Contains(err.Error(), "moved to another database") {
			t.Errorf("a writer was refused with %v", err)
		}
	}
	t.Logf("%d events came meanwhile; writers were held up for %v", len(stored), m.HeldUp)
	if m.HeldUp <= 0 || m.HeldUp > 10*time.Second || m.Behind != 0 {
		t.Errorf("held up %v, %d behind", m.HeldUp, m.Behind)
	}
	s := after()
	copied := everything(t, s)
	for i, e := range copied {
		if e.Position != int64(i)+1 {
			t.Fatalf("position %d at place %d", e.Position, i+1)
		}
		delete(stored, e.ID)
	}
	if len(stored) > 0 {
		t.Errorf("%d events that were stored aren't in the copy", len(stored))
	}
	if left := everything(t, source); len(want2(left)) != len(copied) {
		t.Errorf("%d events in the source that stay, %d in the copy", len(want2(left)), len(copied))
	}
	appended(t, s, write("writer-0", eventstore.StreamExists, event("counted", 1)))
}

func want2(all []eventstore.Recorded) (kept []eventstore.Recorded) {
	for _, e := range all {
		if e.Type != "gone" {
			kept = append(kept, e)
		}
	}
	return kept
}

// Whatever can't be copied ends a migration with the event named and nothing in the target's log; the next one begins anew.
func TestMigrateAllOrNothing(t *testing.T) {
	t.Parallel()
	source := open(t)
	mixed(t, source, 12_000)
	to, after := target(t)
	bad := everything(t, source)[11_000]
	for name, transform := range map[string]eventstore.Transform{
		"an error": func(e eventstore.Recorded) ([]eventstore.Recorded, error) {
			if e.ID == bad.ID {
				return nil, errors.New("no such thing")
			}
			return []eventstore.Recorded{e}, nil
		},
		"no stream": func(e eventstore.Recorded) ([]eventstore.Recorded, error) {
			if e.ID == bad.ID {
				e.Stream = ""
			}
			return []eventstore.Recorded{e}, nil
		},
		"no JSON": func(e eventstore.Recorded) ([]eventstore.Recorded, error) {
			if e.ID == bad.ID {
				e.Data = json.RawMessage(`{`)
			}
			return []eventstore.Recorded{e}, nil
		},
	} {
		_, err := eventstore.Migrate(t.Context(), source, to, eventstore.MigrateOptions{Transform: transform})
		var at *eventstore.DecodeError
		if !errors.As(err, &at) || at.Position != bad.Position || at.Stream != bad.Stream {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := eventstore.Migrate(t.Context(), source, to, eventstore.MigrateOptions{Registry: registry()}); !errors.Is(err, eventstore.ErrUnknownType) {
		t.Errorf("unknown types: %v", err)
	}
	if empty, err := eventstore.Open(t.Context(), to, registry(), eventstore.Options{}); err != nil {
		t.Error(err)
	} else if head, err := empty.Head(t.Context()); head != 0 || err != nil {
		t.Errorf("the target's head is %d, %v", head, err)
	}
	migrated(t, source, to, eventstore.MigrateOptions{})
	if diff := cmp.Diff(everything(t, source), everything(t, after())); diff != "" {
		t.Error(diff)
	}
	if _, err := eventstore.Migrate(t.Context(), source, to, eventstore.MigrateOptions{}); !errors.Is(err, eventstore.ErrLogNotEmpty) {
		t.Errorf("into a log with events: %v", err)
	}
}

// Parked events, streams that are deleted or begin later, and positions in other tables move with their events.
func TestMigrateMovesWhatHangsOnEvents(t *testing.T) {
	t.Parallel()
	source, pool := openOn(t)
	var writes []eventstore.Write
	for i, typ := range []string{"gone", "kept", "pair", "gone", "kept", "gone", "kept", "kept"} {
		writes = append(writes, write([]string{"lot-5", "lot-6"}[i%2], eventstore.Any, eventstore.NewEvent{Type: typ, Data: json.RawMessage(`{}`)}))
	}
	appended(t, source, writes...)
	handle := func(ctx context.Context, e eventstore.Recorded) error { return errors.New("it fails") }
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- source.RunHandler(ctx, eventstore.HandlerSubscription{Name: "mill", Handle: handle, Retry: eventstore.Backoff{Attempts: 1},
			Key: func(e eventstore.Recorded) string { return e.ID.String() }})
	}()
	if err := source.WaitFor(ctx, 8, "mill"); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := errors.Join(<-ended, source.TruncateStream(t.Context(), "lot-6", 3), source.DeleteStream(t.Context(), "lot-5", eventstore.Any)); err != nil {
		t.Fatal(err)
	}
	to, after := target(t)
	for _, p := range []*pgxpool.Pool{pool, to} {
		if _, err := p.Exec(t.Context(), `create table notes (id bigint generated always as identity primary key, about bigint unique, upto bigint, twice bigint generated always as (about * 2) stored)`); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := pool.Exec(t.Context(), `insert into notes (about, upto) select n, n from generate_series(1, 8) n`); err != nil {
		t.Fatal(err)
	}
	m := migrated(t, source, to, eventstore.MigrateOptions{Transform: changes, Tables: []string{"notes"},
		Positions: []eventstore.PositionColumn{{Table: "notes", Column: "about", Exact: true}, {Table: "notes", Column: "upto"}}})
	if m.Written != 6 {
		t.Fatalf("%+v", m)
	}
	s := after()
	parked, err := s.Parked(t.Context(), "mill")
	if diff := cmp.Diff([]int64{1, 2, 3, 4, 5, 6}, positionsOf(parked)); err != nil || diff != "" {
		t.Errorf("parked: %v %s", err, diff)
	}
	if _, err := s.Append(t.Context(), write("lot-5", eventstore.Any, event("counted", 1))); !errors.Is(err, eventstore.ErrStreamDeleted) {
		t.Errorf("the deleted stream: %v", err)
	}
	if info, err := s.StreamInfo(t.Context(), "lot-6"); err != nil || info.TruncatedBefore != 2 || info.Version != 2 {
		t.Errorf("the truncated stream: %+v, %v", info, err)
	}
	var notes string
	if err := to.QueryRow(t.Context(), `select string_agg(format('%s:%s<=%s', id, about, upto), ' ' order by id) from notes`).Scan(&notes); err != nil || notes != "2:1<=1 3:2<=3 5:4<=4 7:5<=5 8:6<=6" {
		t.Errorf("notes: %s, %v", notes, err)
	}
	if _, err := to.Exec(t.Context(), `insert into notes (about) values (99)`); err != nil {
		t.Errorf("the next number: %v", err)
	}
}

func positionsOf(parked []eventstore.ParkedEvent) (all []int64) {
	for _, p := range parked {
		all = append(all, p.Position)
	}
	return all
}

// openOn is open, with the pool.
func openOn(t testing.TB) (*eventstore.Store, *pgxpool.Pool) {
	t.Helper()
	pool := postgrestest.New(t)
	return run(t, pool, eventstore.Options{}), pool
}

// Transforms from the command line do what they say, and nothing else can be said.
func TestParseTransform(t *testing.T) {
	t.Parallel()
	e := eventstore.Recorded{Stream: "lot-7", Type: "opened", Data: json.RawMessage(`{}`)}
	for _, c := range []struct{ what, text, want string }{
		{"drop", "opened", ""}, {"drop", "closed", "lot-7 opened"}, {"drop-stream", "lot-7", ""}, {"drop-stream", "lot-8", "lot-7 opened"},
		{"rename", "opened=begun", "lot-7 begun"}, {"rename", "closed=ended", "lot-7 opened"},
		{"merge", "lot-6,lot-7=heap-1", "heap-1 opened"}, {"merge", "lot-6=heap-1", "lot-7 opened"},
		{"split", "lot=start:opened,started", "start-7 opened"}, {"split", "lot-7=start-1:opened", "start-1 opened"},
		{"split", "lot=start:closed", "lot-7 opened"}, {"split", "lo=start:opened", "lot-7 opened"},
	} {
		transform, err := eventstore.ParseTransform(c.what, c.text)
		if err != nil {
			t.Errorf("%s %s: %v", c.what, c.text, err)
			continue
		}
		out, err := transform(e)
		var got []string
		for _, o := range out {
			got = append(got, o.Stream+" "+o.Type)
		}
		if err != nil || strings.Join(got, ", ") != c.want {
			t.Errorf("%s %s: %q, %v, want %q", c.what, c.text, got, err, c.want)
		}
	}
	for _, c := range [][2]string{{"drop", ""}, {"drop-stream", ""}, {"rename", "a"}, {"rename", "=b"}, {"rename", "a="}, {"merge", "a"}, {"merge", "a,=b"},
		{"merge", "a="}, {"split", "a=b"}, {"split", "a=b:"}, {"split", "=b:c"}, {"split", "a=:c"}, {"cut", "a"}} {
		if _, err := eventstore.ParseTransform(c[0], c[1]); err == nil {
			t.Errorf("%s %q was taken", c[0], c[1])
		}
	}
}

// Whatever the transforms, a dry run says what a migration does, and the copy keeps order, ids and versions.
func TestMigrateKeepsItsWord(t *testing.T) {
	t.Parallel()
	source := open(t)
	mixed(t, source, 80)
	before := everything(t, source)
	to, _ := target(t)
	rapid.Check(t, func(rt *rapid.T) {
		var chain []eventstore.Transform
		for range rapid.IntRange(0, 4).Draw(rt, "transforms") {
			typ := rapid.SampledFrom([]string{"kept", "gone", "old", "pair", "aside", "new"}).Draw(rt, "type")
			stream := before[rapid.IntRange(0, len(before)-1).Draw(rt, "stream")].Stream
			chain = append(chain, rapid.SampledFrom([]eventstore.Transform{eventstore.DropTypes(typ), eventstore.DropStreams(stream), doubled,
				eventstore.RenameType(typ, "new"), eventstore.MergeStreams("lot-merged", stream), eventstore.SplitStreams("lot", "aside", typ)}).Draw(rt, "transform"))
		}
		transform := eventstore.Chain(chain...)
		dry := migrated(t, source, nil, eventstore.MigrateOptions{Transform: transform, DryRun: true})
		done := migrated(t, source, to, eventstore.MigrateOptions{Transform: transform})
		if diff := cmp.Diff(dry, done); diff != "" {
			rt.Fatalf("the dry run said otherwise: %s", diff)
		}
		if _, err := to.Exec(t.Context(), `begin; set local eventstore.allow_change = 'on'; truncate events; update events_head set position = 0; commit`); err != nil {
			rt.Fatal(err)
		}
	})
}

// How fast a log is copied, and for how long a cut-over holds writers up. SC_BENCH_EVENTS says how long the log is.
func BenchmarkMigrate(b *testing.B) {
	n, err := strconv.Atoi(os.Getenv("SC_BENCH_EVENTS"))
	if err != nil {
		n = 100_000
	}
	source := open(b)
	mixed(b, source, n)
	for b.Loop() {
		to := postgrestest.New(b)
		began := time.Now()
		if _, err := eventstore.Migrate(b.Context(), source, to, eventstore.MigrateOptions{Transform: changes}); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(n)/time.Since(began).Seconds(), "events/s")
	}
	m := migrated(b, source, postgrestest.New(b), eventstore.MigrateOptions{Transform: changes, CutOver: true})
	b.ReportMetric(float64(m.HeldUp.Microseconds())/1000, "ms-held-up")
}

package eventstore_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/goleak"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
)

func count(errs []error, is error) (n int) {
	for _, err := range errs {
		if errors.Is(err, is) {
			n++
		}
	}
	return n
}

func TestAP01_NoStreamOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	errs := parallel(16, func(i int) error {
		_, err := s.Append(ctx(t), write("a-1", eventstore.NoStream, event("counted", i)))
		return err
	})
	if won, lost := count(errs, nil), count(errs, eventstore.ErrConflict); won != 1 || lost != 15 {
		t.Errorf("%d won, %d conflicts: %v", won, lost, errs)
	}
	if got := stream(t, s, "a-1"); len(got) != 1 {
		t.Errorf("%d events", len(got))
	}
}

func TestAP02_ExactOnceOverTwoNodes(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	nodes := []*eventstore.Store{run(t, pool, eventstore.Options{}), run(t, postgrestest.Second(t, pool), eventstore.Options{})}
	for round := range 50 {
		name := fmt.Sprintf("a-%d", round)
		appended(t, nodes[round%2], write(name, eventstore.NoStream, counted(1, 5)...))
		errs := parallel(16, func(i int) error {
			_, err := nodes[i%2].Append(ctx(t), write(name, eventstore.Exact(5), event("counted", i)))
			return err
		})
		if won, lost := count(errs, nil), count(errs, eventstore.ErrConflict); won != 1 || lost != 15 {
			t.Fatalf("round %d: %d won, %d conflicts: %v", round, won, lost, errs)
		}
		if diff := cmp.Diff(upTo(1, 6), versions(stream(t, nodes[0], name))); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestAP03_AnyNeverConflicts(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, each := range []int{1, 3} { // events of each of the 32 callers
		name := fmt.Sprintf("a-%d", each)
		appended(t, s, write(name, eventstore.Any, counted(1, 5)...))
		errs := parallel(32, func(i int) error {
			_, err := s.Append(ctx(t), write(name, eventstore.Any, counted(1000*i, 1000*i+each-1)...))
			return err
		})
		if n := count(errs, nil); n != 32 {
			t.Fatal(errs)
		}
		events := stream(t, s, name)
		if diff := cmp.Diff(upTo(1, int64(5+32*each)), versions(events)); diff != "" {
			t.Error(diff)
		}
		for i := 5; i < len(events); i++ { // each caller's are adjacent and in its order
			if n := number(t, events[i]); n%1000 != (i-5)%each || n%1000 > 0 && n != number(t, events[i-1])+1 {
				t.Errorf("version %d is number %d", events[i].Version, n)
			}
		}
	}
}

// number is what a counted event says.
func number(t *testing.T, e eventstore.Recorded) int {
	t.Helper()
	var c Counted
	if err := json.Unmarshal(e.Data, &c); err != nil {
		t.Fatal(err)
	}
	return c.N
}

func TestAP04_StreamExists(t *testing.T) {
	t.Parallel()
	s := open(t)
	appended(t, s, write("a-1", eventstore.NoStream, event("counted", 0)))
	errs := parallel(16, func(i int) error {
		_, err := s.Append(ctx(t), write("a-1", eventstore.StreamExists, event("counted", i)))
		return err
	})
	if count(errs, nil) != 16 {
		t.Error(errs)
	}
}

func TestAP05_MissingStream(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, expect := range []eventstore.Expected{eventstore.StreamExists, eventstore.Exact(3)} {
		_, err := s.Append(ctx(t), write("a-1", expect, event("counted", 1)))
		want := &eventstore.ConflictError{Stream: "a-1", Expected: expect, Actual: 0}
		var got *eventstore.ConflictError
		if !errors.As(err, &got) || *got != *want {
			t.Errorf("%s: %v", expect, err)
		}
	}
	if v, err := s.StreamVersion(ctx(t), "a-1"); v != 0 || err != nil {
		t.Error(v, err)
	}
	for _, err := range s.ReadStream(ctx(t), "a-1", eventstore.ReadOptions{}) {
		if !errors.Is(err, eventstore.ErrStreamNotFound) {
			t.Error(err)
		}
	}
	if info, err := s.StreamInfo(ctx(t), "a-1"); !errors.Is(err, eventstore.ErrStreamNotFound) {
		t.Errorf("%+v, %v", info, err)
	}
	if got := listed(t, s, eventstore.StreamList{}); got != nil {
		t.Errorf("listed: %v", got)
	}
}

func TestAP06_ConflictSaysBothVersions(t *testing.T) {
	t.Parallel()
	s := open(t)
	appended(t, s, write("a-1", eventstore.Any, counted(1, 5)...))
	for _, v := range []int64{4, 6} {
		_, err := s.Append(ctx(t), write("a-1", eventstore.Exact(v), event("counted", 1)))
		var got *eventstore.ConflictError
		if !errors.As(err, &got) || got.Expected != eventstore.Exact(v) || got.Actual != 5 || !errors.Is(err, eventstore.ErrConflict) {
			t.Errorf("exact %d: %v", v, err)
		}
	}
}

func TestAP07_RefusedLeavesNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	appended(t, s, write("a-1", eventstore.Any, event("counted", 1)))
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	big := eventstore.NewEvent{Type: "counted", Data: json.RawMessage(`{"a":"` + strings.Repeat("x", 1<<20) + `"}`)}
	almost := eventstore.NewEvent{Type: "counted", Data: json.RawMessage(`{"a":"` + strings.Repeat("x", 1<<20-10) + `"}`)}
	for name, try := range map[string]struct {
		ctx    context.Context
		writes []eventstore.Write
		want   error
	}{
		"conflict":      {t.Context(), []eventstore.Write{write("a-1", eventstore.NoStream, event("counted", 2))}, eventstore.ErrConflict},
		"bad JSON":      {t.Context(), []eventstore.Write{write("a-1", eventstore.Any, eventstore.NewEvent{Type: "counted", Data: []byte(`{"n":`)})}, eventstore.ErrInvalidEvent},
		"not an object": {t.Context(), []eventstore.Write{write("a-1", eventstore.Any, eventstore.NewEvent{Type: "counted", Data: []byte(` 7`)})}, eventstore.ErrInvalidEvent},
		"no data":       {t.Context(), []eventstore.Write{write("a-1", eventstore.Any, eventstore.NewEvent{Type: "counted"})}, eventstore.ErrInvalidEvent},
		"too large":     {t.Context(), []eventstore.Write{write("a-1", eventstore.Any, big)}, eventstore.ErrInvalidEvent},
		"no type":       {t.Context(), []eventstore.Write{write("a-1", eventstore.Any, eventstore.NewEvent{Data: []byte(`{}`)})}, eventstore.ErrInvalidEvent},
		"no stream":     {t.Context(), []eventstore.Write{write("", eventstore.Any, event("counted", 2))}, eventstore.ErrInvalidEvent},
		"long stream":   {t.Context(), []eventstore.Write{write(strings.Repeat("x", 10_000), eventstore.Any, event("counted", 2))}, eventstore.ErrInvalidEvent},
		"odd version":   {t.Context(), []eventstore.Write{write("a-1", -7, event("counted", 2))}, eventstore.ErrInvalidEvent},
		"nothing":       {t.Context(), nil, eventstore.ErrInvalidEvent},
		"all too large": {t.Context(), []eventstore.Write{write("a-1", eventstore.Any, slices.Repeat([]eventstore.NewEvent{almost}, 300)...)}, eventstore.ErrInvalidEvent},
		"cancelled":     {cancelled, []eventstore.Write{write("a-1", eventstore.Any, event("counted", 2))}, context.Canceled},
	} {
		if _, err := s.Append(try.ctx, try.writes...); !errors.Is(err, try.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := positions(all(t, s, eventstore.ReadOptions{})); len(got) != 1 {
		t.Errorf("the log has %v", got)
	}
}

// Connections are killed at random while 16 callers on two nodes append, in part with expectations that don't hold or with
// contexts that end at any moment: what was answered must be true, for each event of the call.
func TestAP07_OkMeansPersistedUnderKills(t *testing.T) {
	t.Parallel()
	pool, nodes := twoNodes(t, eventstore.Options{})
	working, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	kills := make(chan int, 1)
	go func() { kills <- killConnections(t, working, postgrestest.Second(t, pool)) }()
	var mu sync.Mutex
	answers := map[uuid.UUID]error{}
	parallel(16, func(i int) error {
		for n := 0; working.Err() == nil; n++ {
			w, c := write(fmt.Sprintf("a-%d", rand.IntN(20)), eventstore.Any), t.Context()
			for range 1 + rand.IntN(3) {
				w.Events = append(w.Events, withID(event("counted", n)))
			}
			switch rand.IntN(10) {
			case 0:
				w.Expect = eventstore.Exact(1 + rand.Int64N(100))
			case 1:
				var cancel context.CancelFunc
				c, cancel = context.WithTimeout(c, rand.N(3*time.Millisecond))
				defer cancel()
			}
			_, err := nodes[i%2].Append(c, w)
			mu.Lock()
			for _, e := range w.Events {
				answers[e.ID] = err
			}
			mu.Unlock()
		}
		return nil
	})
	killed := <-kills
	events := all(t, nodes[0], eventstore.ReadOptions{})
	gapless(t, events)
	stored := map[uuid.UUID]bool{}
	for _, e := range events {
		stored[e.ID] = true
		if err := answers[e.ID]; err != nil && !errors.Is(err, eventstore.ErrOutcomeUnknown) {
			t.Errorf("event %d is in the log although its append failed: %v", e.Position, err)
		}
	}
	conflicts, cancelled := 0, 0
	for id, err := range answers {
		if err == nil && !stored[id] {
			t.Errorf("event %s is missing although its append succeeded", id)
		}
		if errors.Is(err, eventstore.ErrConflict) {
			conflicts++
		} else if errors.Is(err, context.DeadlineExceeded) {
			cancelled++
		}
	}
	if killed < 10 || len(events) < 1000 || conflicts == 0 || cancelled == 0 {
		t.Errorf("%d kills, %d events, %d conflicts, %d cancelled: this proves little", killed, len(events), conflicts, cancelled)
	}
	t.Logf("%d events of %d, %d kills, %d conflicts, %d cancelled", len(events), len(answers), killed, conflicts, cancelled)
}

// killConnections kills those that append, at random moments until ctx is done, and says how many it killed.
func killConnections(t *testing.T, ctx context.Context, killer *pgxpool.Pool) (killed int) {
	for ctx.Err() == nil {
		var n int
		err := killer.QueryRow(t.Context(), `select count(pg_terminate_backend(pid)) from pg_stat_activity
			where datname = current_database() and pid <> pg_backend_pid() and query like '%events_head%'`).Scan(&n)
		if err != nil {
			t.Error(err)
		}
		killed += n
		select {
		case <-ctx.Done():
		case <-time.After(rand.N(40 * time.Millisecond)):
		}
	}
	return killed
}

// gapless checks that positions and each stream's versions count from 1.
func gapless(t testing.TB, events []eventstore.Recorded) {
	t.Helper()
	last := map[string]int64{}
	for i, e := range events {
		if e.Position != int64(i+1) {
			t.Fatalf("position %d follows %d", e.Position, i)
		}
		if last[e.Stream]++; e.Version != last[e.Stream] {
			t.Fatalf("event %d: version %d of %s follows %d", e.Position, e.Version, e.Stream, last[e.Stream]-1)
		}
	}
}

func TestAP09_TwentyThousandAtOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	appended(t, s, write("b-1", eventstore.Any, event("counted", 0)))
	result := appended(t, s, write("a-1", eventstore.NoStream, counted(1, 20_000)...))
	if result.First != 2 || result.Last != 20_001 || result.Versions["a-1"] != 20_000 {
		t.Errorf("%+v", result)
	}
	events := stream(t, s, "a-1")
	if len(events) != 20_000 {
		t.Fatalf("%d events", len(events))
	}
	for i, e := range events {
		if e.Version != int64(i+1) || e.Position != int64(i+2) || string(e.Data) != fmt.Sprintf(`{"n": %d}`, i+1) {
			t.Fatalf("event %d: %+v", i, e)
		}
	}
}

func TestAP10_TwentyThousandWithOneBad(t *testing.T) {
	t.Parallel()
	s := open(t)
	events := counted(1, 20_000)
	events[19_999].Data = json.RawMessage(`{"name": "a\u0000b"}`)
	_, err := s.Append(ctx(t), write("a-1", eventstore.NoStream, events...))
	if !errors.Is(err, eventstore.ErrInvalidEvent) || !strings.Contains(err.Error(), "event 20000 of 20000") {
		t.Error(err)
	}
	if head, _ := s.Head(ctx(t)); head != 0 {
		t.Errorf("head %d", head)
	}
}

func TestAP12_SameEventsAgain(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	s, other := run(t, pool, eventstore.Options{}), run(t, postgrestest.Second(t, pool), eventstore.Options{})
	for _, expect := range []eventstore.Expected{eventstore.NoStream, eventstore.Any} {
		name := "a-" + uuid.NewString()
		w := write(name, expect, withID(event("counted", 1)), withID(event("counted", 2)))
		first := appended(t, s, w)
		appended(t, s, write(name, eventstore.Any, event("counted", 3)))
		for _, node := range []*eventstore.Store{s, other, s} {
			again := appended(t, node, w)
			first.Duplicate = true
			if diff := cmp.Diff(first, again); diff != "" {
				t.Error(diff)
			}
		}
		if got := stream(t, s, name); len(got) != 3 {
			t.Errorf("%d events", len(got))
		}
	}
}

// The same request at once from many callers on two nodes, as when an impatient person clicks twice.
func TestAP12_SameEventsAtOnce(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	nodes := []*eventstore.Store{run(t, pool, eventstore.Options{}), run(t, postgrestest.Second(t, pool), eventstore.Options{})}
	for round := range 20 {
		w := write(fmt.Sprintf("a-%d", round), eventstore.NoStream, withID(event("counted", 1)), withID(event("counted", 2)))
		results := make([]eventstore.Result, 16)
		errs := parallel(16, func(i int) (err error) {
			results[i], err = nodes[i%2].Append(ctx(t), w)
			return err
		})
		if count(errs, nil) != 16 {
			t.Fatal(errs)
		}
		first := 0
		for i := range results {
			if !results[i].Duplicate {
				first++
			}
			if results[i].First != results[0].First || results[i].Last != results[0].Last {
				t.Errorf("results differ: %+v, %+v", results[0], results[i])
			}
		}
		if first != 1 {
			t.Errorf("%d of the calls say that they were the first", first)
		}
	}
	gapless(t, all(t, nodes[0], eventstore.ReadOptions{}))
}

func TestAP13_IDUsedForSomethingElse(t *testing.T) {
	t.Parallel()
	s := open(t)
	e := withID(event("counted", 1))
	appended(t, s, write("a-1", eventstore.Any, e))
	other := e
	other.Data = json.RawMessage(`{"n": 99}`)
	for name, writes := range map[string][]eventstore.Write{
		"another stream":     {write("a-2", eventstore.Any, e)},
		"another payload":    {write("a-1", eventstore.Any, other)},
		"some of the events": {write("a-1", eventstore.Any, e, withID(event("counted", 2)))},
		"twice in one call":  {write("a-3", eventstore.Any, other, other)},
		"beside good ones":   {write("a-4", eventstore.NoStream, event("counted", 5)), write("a-2", eventstore.Any, e)},
	} {
		if _, err := s.Append(ctx(t), writes...); !errors.Is(err, eventstore.ErrDuplicateEvent) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := all(t, s, eventstore.ReadOptions{}); len(got) != 1 {
		t.Errorf("%d events", len(got))
	}
}

func TestAP14_SeveralStreams(t *testing.T) {
	t.Parallel()
	s := open(t)
	appended(t, s, write("a-1", eventstore.Any, counted(1, 2)...), write("b-1", eventstore.Any, counted(1, 3)...))
	_, err := s.Append(ctx(t), write("a-1", eventstore.Exact(2), event("counted", 3)), write("b-1", eventstore.Exact(2), event("counted", 4)))
	if !errors.Is(err, eventstore.ErrConflict) {
		t.Error(err)
	}
	if head, _ := s.Head(ctx(t)); head != 5 {
		t.Errorf("head %d", head)
	}
	result := appended(t, s, write("a-1", eventstore.Exact(2), counted(3, 4)...), write("b-1", eventstore.Exact(3), event("counted", 4)),
		write("a-1", eventstore.Exact(4), event("counted", 5)), write("b-1", eventstore.Exact(4)))
	want := eventstore.Result{First: 6, Last: 9, Versions: map[string]int64{"a-1": 5, "b-1": 4}}
	if diff := cmp.Diff(want, result); diff != "" {
		t.Error(diff)
	}
	gapless(t, all(t, s, eventstore.ReadOptions{}))
}

func TestAP16_InTheCallersTransaction(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	s := run(t, pool, eventstore.Options{})
	if _, err := pool.Exec(ctx(t), `create table app (n int)`); err != nil {
		t.Fatal(err)
	}
	appended(t, s, write("a-1", eventstore.Any, event("counted", 1)))
	hints := hear(t, pool)
	boom := errors.New("boom")
	for _, want := range []error{boom, nil} {
		err := pgx.BeginFunc(ctx(t), pool, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx(t), `insert into app values (1)`); err != nil {
				return err
			}
			result, err := s.AppendTx(ctx(t), tx, write("a-1", eventstore.Exact(1), counted(2, 3)...), write("b-1", eventstore.NoStream, event("counted", 1)))
			if err != nil {
				return err
			}
			if diff := cmp.Diff(eventstore.Result{First: 2, Last: 4, Versions: map[string]int64{"a-1": 3, "b-1": 1}}, result); diff != "" {
				t.Error(diff)
			}
			return want
		})
		if !errors.Is(err, want) {
			t.Fatal(err)
		}
		var rows int
		if err := pool.QueryRow(ctx(t), `select count(*) from app`).Scan(&rows); err != nil {
			t.Fatal(err)
		}
		events := all(t, s, eventstore.ReadOptions{})
		if want == nil && (rows != 1 || len(events) != 4) || want != nil && (rows != 0 || len(events) != 1) {
			t.Errorf("%v: %d rows, %d events", want, rows, len(events))
		}
		if heard := hints(); slices.Contains(heard, "4") != (want == nil) || slices.Contains(heard, "2") || slices.Contains(heard, "3") {
			t.Errorf("%v: hints %v", want, heard)
		}
	}
	if result := appended(t, s, write("a-1", eventstore.Exact(3), event("counted", 4))); result.First != 5 {
		t.Errorf("%+v", result)
	}
	err := pgx.BeginFunc(ctx(t), pool, func(tx pgx.Tx) error {
		_, err := s.AppendTx(ctx(t), tx, write("b-1", eventstore.NoStream, event("counted", 2)))
		return err
	})
	if !errors.Is(err, eventstore.ErrConflict) {
		t.Error(err)
	}
}

// hear listens to what the nodes of a database tell each other; hints gives what came since it was last called.
func hear(t *testing.T, pool *pgxpool.Pool) (hints func() []string) {
	t.Helper()
	conn, err := pool.Acquire(ctx(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Release)
	if _, err := conn.Exec(ctx(t), `listen events`); err != nil {
		t.Fatal(err)
	}
	return func() (heard []string) {
		t.Helper()
		if _, err := pool.Exec(ctx(t), `notify events, 'so far'`); err != nil {
			t.Fatal(err)
		}
		for {
			hint, err := conn.Conn().WaitForNotification(ctx(t))
			if err != nil {
				t.Fatal(err)
			}
			if hint.Payload == "so far" {
				return heard
			}
			heard = append(heard, hint.Payload)
		}
	}
}

func TestAP16_SameEventsAgainInATransaction(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	s := run(t, pool, eventstore.Options{})
	w := write("a-1", eventstore.NoStream, withID(event("counted", 1)))
	first := appended(t, s, w)
	err := pgx.BeginFunc(ctx(t), pool, func(tx pgx.Tx) error {
		again, err := s.AppendTx(ctx(t), tx, w)
		if first.Duplicate = true; !cmp.Equal(first, again) {
			t.Error(cmp.Diff(first, again))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestAP20_EventsRefuseChange(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	s := run(t, pool, eventstore.Options{AllowErase: true})
	appended(t, s, write("a-1", eventstore.Any, event("counted", 1)), write("b-1", eventstore.Any, event("counted", 1)),
		write("a-1", eventstore.Any, event("counted", 2)))
	refused := func() {
		t.Helper()
		var conns []*pgxpool.Conn
		for range pool.Config().MaxConns { // all that the pool can give
			conn, err := pool.Acquire(ctx(t))
			if err != nil {
				t.Fatal(err)
			}
			conns = append(conns, conn)
			for _, sql := range []string{`update events set actor = 'x'`, `delete from events where position = 2`, `truncate events`} {
				if _, err := conn.Exec(ctx(t), sql); err == nil || !strings.Contains(err.Error(), "events are never changed") {
					t.Errorf("%s: %v", sql, err)
				}
			}
		}
		for _, conn := range conns {
			conn.Release()
		}
	}
	refused()
	for range 10 { // leave no connection unused
		if err := s.DeleteStream(ctx(t), "b-1", eventstore.Any); err != nil {
			t.Fatal(err)
		}
		if _, err := s.EraseStream(ctx(t), "b-1"); err != nil {
			t.Fatal(err)
		}
	}
	refused()
	if diff := cmp.Diff([]int64{1, 3}, positions(all(t, s, eventstore.ReadOptions{}))); diff != "" {
		t.Error(diff)
	}
}

// What is read back is what was given, down to the bytes, and so is what the store hands to subscribers.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	s := open(t)
	e := eventstore.NewEvent{ID: uuid.New(), Type: "Größe 測", SchemaVersion: 7, Data: json.RawMessage(` {"b":1,"a":"\ud83d\ude00 \\u0000 ü","b":2} `),
		Metadata: json.RawMessage(`{"k":"v"}`), CorrelationID: uuid.New(), CausationID: uuid.New(), Actor: "Ünal",
		Time: time.Date(1969, 7, 20, 20, 17, 40, 123456789, time.FixedZone("", 7200))}
	result := appended(t, s, write("näme-1", eventstore.Any, e, event("plain", 1)))
	got, found, err := s.EventByID(ctx(t), e.ID)
	if err != nil || !found {
		t.Fatal(found, err)
	}
	want := eventstore.Recorded{Position: result.First, ID: e.ID, Stream: "näme-1", Version: 1, Type: e.Type, SchemaVersion: 7, Data: e.Data,
		Metadata: e.Metadata, CorrelationID: e.CorrelationID, CausationID: e.CausationID, Actor: e.Actor,
		Time: time.Date(1969, 7, 20, 18, 17, 40, 123456000, time.UTC)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	plain := stream(t, s, "näme-1")[1]
	if plain.Metadata != nil || plain.CorrelationID != uuid.Nil || plain.SchemaVersion != 1 || plain.Time.IsZero() || plain.ID.Version() != 7 {
		t.Errorf("%+v", plain)
	}
	if _, found, err := s.EventByID(ctx(t), uuid.New()); found || err != nil {
		t.Error(found, err)
	}
}

// PostgreSQL refuses what slips through our own check; the others in the batch must not suffer.
func TestPoisonedRequestFailsAlone(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	s := run(t, pool, eventstore.Options{})
	if _, err := pool.Exec(ctx(t), `alter table events add constraint poison check (type <> 'poison')`); err != nil {
		t.Fatal(err)
	}
	errs := parallel(40, func(i int) error {
		typ := "counted"
		if i%10 == 0 {
			typ = "poison"
		}
		_, err := s.Append(ctx(t), write(fmt.Sprintf("a-%d", i), eventstore.NoStream, event(typ, i)))
		return err
	})
	for i, err := range errs {
		var bad *eventstore.EventError
		if i%10 > 0 && err != nil {
			t.Errorf("request %d: %v", i, err)
		}
		if i%10 == 0 && !(errors.As(err, &bad) && errors.Is(err, eventstore.ErrInvalidEvent) && bad.Stream == fmt.Sprintf("a-%d", i) && bad.Index == 1) {
			t.Errorf("request %d: %v", i, err)
		}
	}
	events := all(t, s, eventstore.ReadOptions{})
	if gapless(t, events); len(events) != 36 {
		t.Errorf("%d events", len(events))
	}
}

func TestAppendNeedsARunningStore(t *testing.T) {
	t.Parallel()
	s, stop := stoppable(t, postgrestest.New(t), eventstore.Options{})
	appended(t, s, write("a-1", eventstore.Any, event("counted", 1)))
	stop()
	if _, err := s.Append(ctx(t), write("a-1", eventstore.Any, event("counted", 2))); !errors.Is(err, eventstore.ErrNotRunning) {
		t.Error(err)
	}
}

// Whoever was let in before the store stopped gets a true answer.
func TestStopUnderLoad(t *testing.T) {
	t.Parallel()
	s, stop := stoppable(t, postgrestest.New(t), eventstore.Options{})
	var mu sync.Mutex
	stored, started := 0, make(chan struct{})
	var once sync.Once
	var callers sync.WaitGroup
	for i := range 32 {
		callers.Go(func() {
			for n := 0; ; n++ {
				_, err := s.Append(ctx(t), write(fmt.Sprintf("a-%d", i), eventstore.Any, event("counted", n)))
				if errors.Is(err, eventstore.ErrNotRunning) {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				if stored++; stored == 500 {
					once.Do(func() { close(started) })
				}
				mu.Unlock()
			}
		})
	}
	<-started
	stop()
	callers.Wait()
	if got := all(t, s, eventstore.ReadOptions{}); len(got) != stored {
		t.Errorf("%d events, %d appends succeeded", len(got), stored)
	}
}

func TestOpenWithoutTables(t *testing.T) {
	t.Parallel()
	_, err := eventstore.Open(t.Context(), postgrestest.NewEmpty(t), registry(), eventstore.Options{})
	if err == nil || !strings.Contains(err.Error(), "migrations") {
		t.Error(err)
	}
}

// A caller whose context ends while it waits behind another's lock leaves nothing behind.
func TestWaitingCallerGivesUp(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	s := run(t, pool, eventstore.Options{})
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.AppendTx(t.Context(), tx, write("b-1", eventstore.Any, event("counted", 1))); err != nil {
		t.Fatal(err)
	}
	stuck := make(chan error, 1)
	go func() {
		_, err := s.Append(t.Context(), write("a-1", eventstore.Any, event("counted", 1)))
		stuck <- err
	}()
	waitForLock(t, pool)
	short, cancel := context.WithCancel(t.Context())
	quit := make(chan error, 1)
	go func() {
		_, err := s.Append(short, write("a-2", eventstore.Any, event("counted", 1)))
		quit <- err
	}()
	cancel()
	if err := <-quit; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-stuck; err != nil {
		t.Error(err)
	}
	got := all(t, s, eventstore.ReadOptions{})
	names := []string{got[0].Stream, got[1].Stream}
	if len(got) != 2 || !slices.Equal(names, []string{"b-1", "a-1"}) || !bytes.Contains(got[0].Data, []byte("1")) {
		t.Errorf("%v", names)
	}
}

func TestStoppedStoreLeavesNothingBehind(t *testing.T) {
	pool := postgrestest.New(t)
	before := goleak.IgnoreCurrent()
	s, stop := stoppable(t, pool, eventstore.Options{})
	stops := []func(){stop, project(t, s, eventstore.Projection{Name: "p", Apply: func(context.Context, pgx.Tx, []eventstore.Recorded) error { return nil }}),
		handle(t, s, eventstore.HandlerSubscription{Name: "h", Handle: func(context.Context, eventstore.Recorded) error { return nil }})}
	next := follow(t, s, 0, eventstore.Filter{})
	result := appended(t, s, write("a-1", eventstore.Any, event("counted", 1)))
	waitFor(t, s, result.Last, "p", "h")
	next(1)
	for _, stop := range slices.Backward(stops) {
		stop()
	}
	pool.Reset()
	// What is left is the follower, which ends with the test.
	goleak.VerifyNone(t, before, goleak.IgnoreAnyFunction("segmentchallenge/internal/eventstore.(*Store).Follow"))
}

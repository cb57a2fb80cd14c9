package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
)

// failure is the error of reading a stream.
func failure(t testing.TB, s *eventstore.Store, name string, opts eventstore.ReadOptions) (n int, err error) {
	t.Helper()
	for _, err := range s.ReadStream(ctx(t), name, opts) {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func listed(t testing.TB, s *eventstore.Store, list eventstore.StreamList) (names []string) {
	t.Helper()
	for info, err := range s.Streams(ctx(t), list) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, info.Stream)
	}
	return names
}

// One node deletes; the other, whose writer remembers the stream's version, must notice.
func TestDL01_SoftDeleted(t *testing.T) {
	t.Parallel()
	pool, nodes := twoNodes(t, eventstore.Options{})
	appended(t, nodes[0], write("a-1", eventstore.Any, counted(1, 3)...), write("a-2", eventstore.Any, event("counted", 1)))
	w := write("a-1", eventstore.Any, withID(event("counted", 4)))
	first := appended(t, nodes[1], w)
	if err := nodes[0].DeleteStream(ctx(t), "a-1", eventstore.Exact(4)); err != nil {
		t.Fatal(err)
	}
	for i, s := range nodes {
		for _, opts := range []eventstore.ReadOptions{{}, {From: 2}, {From: 99}, {Backward: true}, {Limit: 1}} {
			if n, err := failure(t, s, "a-1", opts); n != 0 || !errors.Is(err, eventstore.ErrStreamDeleted) || !strings.Contains(err.Error(), `"a-1"`) {
				t.Errorf("node %d, %+v: %d events, %v", i, opts, n, err)
			}
		}
		for _, expect := range []eventstore.Expected{eventstore.Any, eventstore.NoStream, eventstore.StreamExists, eventstore.Exact(4)} {
			if _, err := s.Append(ctx(t), write("a-1", expect, event("counted", 5))); !errors.Is(err, eventstore.ErrStreamDeleted) {
				t.Errorf("node %d, %s: %v", i, expect, err)
			}
			err := pgx.BeginFunc(ctx(t), pool, func(tx pgx.Tx) error {
				_, err := s.AppendTx(ctx(t), tx, write("a-1", expect, event("counted", 5)))
				return err
			})
			if !errors.Is(err, eventstore.ErrStreamDeleted) {
				t.Errorf("node %d, in a transaction, %s: %v", i, expect, err)
			}
		}
		if _, err := s.StreamVersion(ctx(t), "a-1"); !errors.Is(err, eventstore.ErrStreamDeleted) {
			t.Errorf("node %d: %v", i, err)
		}
		// Others of the same append are not touched either, and others in the same batch not at all.
		if _, err := s.Append(ctx(t), write("a-2", eventstore.Any, event("counted", 2)), write("a-1", eventstore.Any)); !errors.Is(err, eventstore.ErrStreamDeleted) {
			t.Errorf("node %d: %v", i, err)
		}
		if diff := cmp.Diff([]string{"a-2"}, listed(t, s, eventstore.StreamList{})); diff != "" {
			t.Errorf("node %d: %s", i, diff)
		}
		if diff := cmp.Diff([]string{"a-1"}, listed(t, s, eventstore.StreamList{Deleted: true})); diff != "" {
			t.Errorf("node %d: %s", i, diff)
		}
		if diff := cmp.Diff(upTo(1, 5), positions(all(t, s, eventstore.ReadOptions{}))); diff != "" {
			t.Errorf("node %d, the log: %s", i, diff)
		}
		first.Duplicate = true // what was appended before stays appended
		if diff := cmp.Diff(first, appended(t, s, w)); diff != "" {
			t.Errorf("node %d: %s", i, diff)
		}
	}
	if err := nodes[1].DeleteStream(ctx(t), "a-1", eventstore.Any); err != nil {
		t.Errorf("deleting it again: %v", err)
	}
	if err := nodes[1].RestoreStream(ctx(t), "a-1"); err != nil {
		t.Fatal(err)
	}
	if result := appended(t, nodes[0], write("a-1", eventstore.Exact(4), event("counted", 5))); result.First != 6 {
		t.Errorf("%+v", result)
	}
	if diff := cmp.Diff(upTo(1, 5), versions(stream(t, nodes[1], "a-1"))); diff != "" {
		t.Error(diff)
	}
}

func TestDL01_Refused(t *testing.T) {
	t.Parallel()
	s := open(t)
	appended(t, s, write("a-1", eventstore.Any, counted(1, 3)...))
	var conflict *eventstore.ConflictError
	if err := s.DeleteStream(ctx(t), "a-1", eventstore.Exact(2)); !errors.As(err, &conflict) || conflict.Actual != 3 {
		t.Error(err)
	}
	long := strings.Repeat("x", 10_000)
	for name, try := range map[string]struct{ got, want error }{
		"no such stream":       {s.DeleteStream(ctx(t), "a-2", eventstore.Any), eventstore.ErrStreamNotFound},
		"restore none":         {s.RestoreStream(ctx(t), "a-2"), eventstore.ErrStreamNotFound},
		"truncate none":        {s.TruncateStream(ctx(t), "a-2", 1), eventstore.ErrStreamNotFound},
		"truncate beyond":      {s.TruncateStream(ctx(t), "a-1", 4), eventstore.ErrConflict},
		"truncate at 0":        {s.TruncateStream(ctx(t), "a-1", 0), eventstore.ErrInvalidEvent},
		"long name":            {s.DeleteStream(ctx(t), long, eventstore.Any), eventstore.ErrInvalidEvent},
		"long name, truncated": {s.TruncateStream(ctx(t), long, 1), eventstore.ErrInvalidEvent},
	} {
		if !errors.Is(try.got, try.want) {
			t.Errorf("%s: %v", name, try.got)
		}
	}
	if err := s.RestoreStream(ctx(t), "a-1"); err != nil {
		t.Errorf("restoring what isn't deleted: %v", err)
	}
	if got := stream(t, s, "a-1"); len(got) != 3 {
		t.Errorf("%d events", len(got))
	}
}

// Sixteen callers on two nodes append to a stream while it is deleted: whatever was answered with success is in the log,
// and nothing comes after the deletion.
func TestDL01_DeletedWhileOthersAppend(t *testing.T) {
	t.Parallel()
	_, nodes := twoNodes(t, eventstore.Options{})
	for round := range 20 {
		name := fmt.Sprintf("a-%d", round)
		appended(t, nodes[round%2], write(name, eventstore.NoStream, event("counted", 0)))
		var stored atomic.Int64
		stored.Store(1)
		begun := make(chan struct{}, 16)
		errs := parallel(17, func(i int) error {
			if i == 16 {
				<-begun
				return nodes[round%2].DeleteStream(ctx(t), name, eventstore.Any)
			}
			for {
				if _, err := nodes[i%2].Append(ctx(t), write(name, eventstore.Any, event("counted", i))); err != nil {
					return err
				}
				stored.Add(1)
				select {
				case begun <- struct{}{}:
				default:
				}
			}
		})
		if n := count(errs, eventstore.ErrStreamDeleted); n != 16 || errs[16] != nil {
			t.Fatal(errs)
		}
		info, err := nodes[0].StreamInfo(ctx(t), name)
		if err != nil || info.Version != stored.Load() || info.Events != stored.Load() || info.Deleted.IsZero() {
			t.Errorf("%d appends succeeded: %+v, %v", stored.Load(), info, err)
		}
	}
	gapless(t, all(t, nodes[0], eventstore.ReadOptions{}))
}

// A reader between two pages must not take the deletion for the end of the stream.
func TestDL01_DeletedWhileRead(t *testing.T) {
	t.Parallel()
	s := open(t)
	appended(t, s, write("a-1", eventstore.Any, counted(1, 2000)...))
	n, failed := 0, error(nil)
	for _, err := range s.ReadStream(ctx(t), "a-1", eventstore.ReadOptions{}) {
		if failed = err; err != nil {
			break
		}
		if n++; n == 1 {
			if err := s.DeleteStream(ctx(t), "a-1", eventstore.Any); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n != 1000 || !errors.Is(failed, eventstore.ErrStreamDeleted) {
		t.Errorf("%d events, then %v", n, failed)
	}
}

func TestDL03_ErasedNeedsOptIn(t *testing.T) {
	t.Parallel()
	s := open(t)
	appended(t, s, write("a-1", eventstore.Any, counted(1, 3)...))
	if err := s.DeleteStream(ctx(t), "a-1", eventstore.Any); err != nil {
		t.Fatal(err)
	}
	if _, err := s.EraseStream(ctx(t), "a-1"); !errors.Is(err, eventstore.ErrEraseRefused) {
		t.Error(err)
	}
	if diff := cmp.Diff(upTo(1, 3), positions(all(t, s, eventstore.ReadOptions{}))); diff != "" {
		t.Error(diff)
	}
}

// Subscriptions of every kind that come later pass over what was erased, at the beginning, in the middle and at the end
// of the log, and their checkpoints keep moving.
func TestDL03_SubscriptionsPassOverErased(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	createTally(t, pool)
	erasing := eventstore.Options{AllowErase: true, Poll: 20 * time.Millisecond}
	s := run(t, pool, erasing)
	for i := range 9 { // a-0, b-0, a-1, … of 400 events each: gaps are longer than pages, and so is what is left
		appended(t, s, write(fmt.Sprintf("%c-%d", 'a'+rune(i%2), i), eventstore.Any, counted(1, 400)...))
	}
	for i := range 9 {
		if i%2 == 1 {
			continue
		}
		name := fmt.Sprintf("a-%d", i)
		if n, err := s.EraseStream(ctx(t), name); n != 0 || err != nil {
			t.Fatalf("%d events of a stream that isn't deleted, %v", n, err)
		}
		if err := s.DeleteStream(ctx(t), name, eventstore.Exact(400)); err != nil {
			t.Fatal(err)
		}
		if n, err := s.EraseStream(ctx(t), name); n != 400 || err != nil {
			t.Fatalf("%d events, %v", n, err)
		}
	}
	left := all(t, s, eventstore.ReadOptions{})
	if len(left) != 4*400 || left[0].Position != 401 || left[len(left)-1].Position != 3200 {
		t.Fatalf("%d events are left", len(left))
	}
	for _, node := range []*eventstore.Store{s, run(t, postgrestest.Second(t, pool), erasing)} { // one remembers, one has never seen them
		next := follow(t, node, 0, eventstore.Filter{})
		if diff := cmp.Diff(positions(left), positions(next(len(left)))); diff != "" {
			t.Error(diff)
		}
	}
	project(t, s, tally("tally", eventstore.Filter{}))
	var handled atomic.Int64
	handle(t, s, eventstore.HandlerSubscription{Name: "h", Handle: func(context.Context, eventstore.Recorded) error {
		handled.Add(1)
		return nil
	}})
	waitFor(t, s, 3600, "tally", "h") // the head, where there is no event
	if diff := cmp.Diff(fold(t, s, eventstore.Filter{}), tallied(t, pool)); diff != "" || handled.Load() != 1600 {
		t.Errorf("%d handled: %s", handled.Load(), diff)
	}
	result := appended(t, s, write("b-1", eventstore.Exact(400), event("counted", 1)))
	waitFor(t, s, result.Last, "tally", "h")
	if result.First != 3601 || handled.Load() != 1601 {
		t.Errorf("%+v, %d handled", result, handled.Load())
	}
}

// A node that has the events in memory stops handing them out, soon if it wasn't the one that erased.
func TestDL03_ErasedLeaveMemory(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	opts := eventstore.Options{AllowErase: true, Poll: 10 * time.Millisecond}
	nodes := []*eventstore.Store{run(t, pool, opts), run(t, postgrestest.Second(t, pool), opts)}
	for _, s := range nodes { // so that both have them in memory
		follow(t, s, 0, eventstore.Filter{})
	}
	appended(t, nodes[0], write("a-1", eventstore.Any, counted(1, 5)...), write("b-1", eventstore.Any, event("counted", 1)))
	for _, s := range nodes {
		follow(t, s, 0, eventstore.Filter{})(6)
	}
	if err := nodes[0].DeleteStream(ctx(t), "a-1", eventstore.Any); err != nil {
		t.Fatal(err)
	}
	if _, err := nodes[0].EraseStream(ctx(t), "a-1"); err != nil {
		t.Fatal(err)
	}
	c := ctx(t)
	for i, s := range nodes {
		for {
			got := follow(t, s, 0, eventstore.Filter{})(1)[0]
			if got.Stream == "b-1" {
				break
			}
			if i == 0 || c.Err() != nil {
				t.Fatalf("node %d still hands out event %d", i, got.Position)
			}
		}
	}
}

// What is erased stays closed: no node may begin it anew, although no row would refuse version 1.
func TestDL03_ErasedStaysClosed(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	nodes := []*eventstore.Store{run(t, pool, eventstore.Options{AllowErase: true}), run(t, postgrestest.Second(t, pool), eventstore.Options{AllowErase: true})}
	e := withID(event("counted", 1))
	appended(t, nodes[0], write("a-1", eventstore.NoStream, e), write("t-1", eventstore.NoStream, counted(1, 5)...))
	appended(t, nodes[1], write("a-1", eventstore.Exact(1), event("counted", 2)))
	if err := errors.Join(nodes[0].DeleteStream(ctx(t), "a-1", eventstore.Any), nodes[0].TruncateStream(ctx(t), "t-1", 4)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int64{"a-1": 2, "t-1": 3} {
		if n, err := nodes[0].EraseStream(ctx(t), name); n != want || err != nil {
			t.Errorf("%s: %d, %v", name, n, err)
		}
	}
	for i, s := range append(nodes, run(t, postgrestest.Second(t, pool), eventstore.Options{})) { // the third has never seen it
		for _, expect := range []eventstore.Expected{eventstore.NoStream, eventstore.Any, eventstore.Exact(2)} {
			if _, err := s.Append(ctx(t), write("a-1", expect, event("counted", 3))); !errors.Is(err, eventstore.ErrStreamDeleted) {
				t.Errorf("node %d, %s: %v", i, expect, err)
			}
		}
		if _, err := s.Append(ctx(t), write("t-1", eventstore.NoStream, event("counted", 3))); !errors.Is(err, eventstore.ErrConflict) {
			t.Errorf("node %d: the first versions are erased, but the stream exists: %v", i, err)
		}
		if err := s.RestoreStream(ctx(t), "a-1"); !errors.Is(err, eventstore.ErrStreamErased) {
			t.Error(err)
		}
	}
	want := eventstore.StreamInfo{Stream: "a-1", Version: 2, TruncatedBefore: 1}
	got, err := nodes[1].StreamInfo(ctx(t), "a-1")
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(want, "Deleted", "Erased")); diff != "" || err != nil || got.Deleted.IsZero() || got.Erased.IsZero() {
		t.Error(diff, err)
	}
	appended(t, nodes[1], write("b-1", eventstore.NoStream, e)) // its id is free again
	if result := appended(t, nodes[1], write("t-1", eventstore.Exact(5), event("counted", 6))); result.Versions["t-1"] != 6 {
		t.Errorf("%+v", result)
	}
}

func TestTruncatedStream(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	s := run(t, pool, eventstore.Options{AllowErase: true})
	appended(t, s, write("a-1", eventstore.Any, counted(1, 6)...))
	check := func(begin, end int64) {
		t.Helper()
		if diff := cmp.Diff(upTo(begin, end), versions(stream(t, s, "a-1"))); diff != "" {
			t.Error(diff)
		}
		if n, err := failure(t, s, "a-1", eventstore.ReadOptions{From: begin - 1, Backward: true}); n != 0 || err != nil {
			t.Errorf("%d events before %d, %v", n, begin, err)
		}
	}
	for _, before := range []int64{4, 2} { // the second changes nothing: a beginning never moves back
		if err := s.TruncateStream(ctx(t), "a-1", before); err != nil {
			t.Fatal(err)
		}
		check(4, 6)
	}
	if diff := cmp.Diff(upTo(1, 6), positions(all(t, s, eventstore.ReadOptions{}))); diff != "" {
		t.Error(diff)
	}
	if n, err := s.EraseStream(ctx(t), "a-1"); n != 3 || err != nil {
		t.Error(n, err)
	}
	if diff := cmp.Diff(upTo(4, 6), positions(all(t, s, eventstore.ReadOptions{}))); diff != "" {
		t.Error(diff)
	}
	appended(t, s, write("a-1", eventstore.Exact(6), event("counted", 7)))
	check(4, 7)
	info, err := s.StreamInfo(ctx(t), "a-1")
	if info.Events != 4 || info.Version != 7 || info.TruncatedBefore != 4 || err != nil {
		t.Errorf("%+v, %v", info, err)
	}
	if err := s.TruncateStream(ctx(t), "a-1", 7); err != nil { // the newest stays
		t.Fatal(err)
	}
	check(7, 7)
}

func TestStreams(t *testing.T) {
	t.Parallel()
	s := open(t)
	var writes []eventstore.Write
	var boards []string
	for i := range 2500 {
		boards = append(boards, fmt.Sprintf("board-%05d", i))
		writes = append(writes, write(boards[i], eventstore.NoStream, counted(1, 1+i%2)...))
	}
	created := time.Date(2026, 5, 2, 9, 30, 0, 0, time.UTC)
	old := event("counted", 1)
	old.Time = created
	for _, name := range []string{"board", "board!", "boar-1", "board.", "boards-1", "a", "Ä-1"} {
		writes = append(writes, write(name, eventstore.NoStream, old))
	}
	appended(t, s, writes...)
	others := []string{"a", "boar-1", "board", "board!"}
	if diff := cmp.Diff(append(append(others, boards...), "board.", "boards-1", "Ä-1"), listed(t, s, eventstore.StreamList{})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(append([]string{"board"}, boards...), listed(t, s, eventstore.StreamList{Category: "board"})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(boards[2000:], listed(t, s, eventstore.StreamList{Category: "board", After: "board-01999"})); diff != "" {
		t.Error(diff)
	}
	if got := listed(t, s, eventstore.StreamList{Category: "boar", After: "c"}); got != nil {
		t.Error(got)
	}
	if got := listed(t, s, eventstore.StreamList{Deleted: true}); got != nil {
		t.Error(got)
	}
	appended(t, s, write("boar-1", eventstore.Any, event("counted", 2)))
	got, err := s.StreamInfo(ctx(t), "boar-1")
	want := eventstore.StreamInfo{Stream: "boar-1", Version: 2, Events: 2, Created: created, TruncatedBefore: 1, Changed: got.Changed}
	if diff := cmp.Diff(want, got); diff != "" || err != nil || !got.Changed.After(created) {
		t.Error(diff, err, got.Changed)
	}
	for range s.Streams(ctx(t), eventstore.StreamList{}) { // a reader may leave
		break
	}
	for info, err := range s.Streams(ctx(t), eventstore.StreamList{Category: "a\x00"}) {
		if !errors.Is(err, eventstore.ErrInvalidRead) {
			t.Error(info, err)
		}
	}
}

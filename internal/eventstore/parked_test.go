package eventstore_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
)

// What can't be handled is set aside and holds up its own key only; once it can be, all is handled in its order.
func TestSB05_ParkAndReplay(t *testing.T) {
	t.Parallel()
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

func parkedPositions(t testing.TB, s *eventstore.Store) []int64 {
	t.Helper()
	parked, err := s.Parked(ctx(t), "h")
	if err != nil {
		t.Fatal(err)
	}
	var all []int64
	for _, p := range parked {
		all = append(all, p.Position)
	}
	return all
}

// A parked event is given up for good from a node that hasn't the lease, or while none has it: what waited behind it goes
// on, what is parked before it stays.
func TestParkedEventsAreDiscarded(t *testing.T) {
	t.Parallel()
	_, nodes := twoNodes(t, eventstore.Options{Poll: 20 * time.Millisecond})
	j := newJournal()
	var poisoned atomic.Int64 // position
	h := eventstore.HandlerSubscription{Name: "h", Retry: eventstore.Backoff{Attempts: 1}, Handle: func(ctx context.Context, e eventstore.Recorded) error {
		if e.Position == poisoned.Load() {
			return errors.New("boom")
		}
		j.add("%d", e.Position)
		return nil
	}}
	discard := func(positions ...int64) {
		t.Helper()
		if n, err := nodes[1].Discard(ctx(t), "h", positions...); int(n) != len(positions) || err != nil {
			t.Errorf("%d discarded, %v", n, err)
		}
	}
	stop := handle(t, nodes[0], h)
	poisoned.Store(1)
	appended(t, nodes[1], write("a-1", eventstore.Any, counted(1, 3)...))
	waitFor(t, nodes[1], 3, "h")
	discard(2) // not the one that the others wait for
	checkpointWhen(t, nodes[1], "h", func(cp eventstore.Checkpoint) bool { return cp.Parked == 2 })
	if diff := cmp.Diff([]int64{1, 3}, parkedPositions(t, nodes[1])); diff != "" {
		t.Error(diff)
	}
	discard(1)
	if diff := cmp.Diff([]string{"3"}, j.whenLen(t, 1)); diff != "" {
		t.Error(diff)
	}
	checkpointWhen(t, nodes[1], "h", func(cp eventstore.Checkpoint) bool { return cp.Parked == 0 })
	poisoned.Store(4)
	appended(t, nodes[1], write("a-1", eventstore.Any, counted(4, 5)...)) // its key flows again, until this
	waitFor(t, nodes[1], 5, "h")
	stop()
	discard(4)
	if diff := cmp.Diff([]int64{4, 5}, parkedPositions(t, nodes[1])); diff != "" {
		t.Error(diff)
	}
	handle(t, nodes[1], h)
	appended(t, nodes[0], write("a-1", eventstore.Any, event("counted", 6)))
	if diff := cmp.Diff([]string{"3", "5", "6"}, j.whenLen(t, 3)); diff != "" {
		t.Error(diff)
	}
	if parked := parkedPositions(t, nodes[0]); parked != nil {
		t.Errorf("still parked: %v", parked)
	}
	if n, err := nodes[0].Discard(ctx(t), "h"); n != 0 || err != nil {
		t.Errorf("nothing named: %d discarded, %v", n, err)
	}
}

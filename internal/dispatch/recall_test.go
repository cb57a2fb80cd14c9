package dispatch_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/dispatch/dispatchtest"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

// Commands that are decided together with what guards them, or with others, keep the promise as well: sent often, at once,
// on two nodes, and again later, one is carried out, and everybody gets its result.
func TestAG14_CommandsDecidedTogether(t *testing.T) {
	t.Parallel()
	one := dispatchtest.Start(t, dispatchtest.Options{})
	nodes := []*dispatchtest.Node{one, one.Second()}
	rider := one.Athlete(sport.Female)
	s := one.Season(one.Athlete(sport.Male), nil, dispatchtest.Days(1, 10), dispatchtest.Days(11, 31))
	s.Host(dispatchtest.At(2, 0))
	s.Join(rider)
	by, now := s.Competitor(rider, s.Organiser, dispatchtest.At(5, 0)), dispatchtest.At(5, 0)
	activity := uuid.New()
	effort := competitors.EffortIDOf(s.Stages[0], activity, 1)
	name := "Uphill"
	for _, step := range [][]dispatch.Command{
		{competitors.RecordByHand{Head: by, Rules: competitors.Rules{StageID: s.Stages[0]}, Activity: competitors.Activity{ID: activity, Type: sport.Ride,
			StartLocal: sport.LocalOf(dispatchtest.At(4, 9)), Manual: true, Source: "manual"},
			Performance: competitors.Performance{EffortID: effort, Lap: 1, StartUTC: dispatchtest.At(4, 9), StartLocal: sport.LocalOf(dispatchtest.At(4, 9)), ElapsedMs: 600_000}}},
		{competitors.FlagEffort{Head: by, Rules: competitors.Rules{StageID: s.Stages[0]}, EffortID: effort, Reason: "a short cut"}},
		{competitors.Exclude{Head: by, Reason: "short cuts"}},
		{challenges.RescheduleStage{Head: s.Head(s.Organiser, now), StageID: s.Stages[1], Window: dispatchtest.Days(12, 31)},
			stages.Edit{Head: stages.Head{ID: s.Stages[1], By: s.Organiser, Now: now}, Name: &name}},
		{challenges.RemoveStage{Head: s.Head(s.Organiser, now), StageID: s.Stages[1]}},
	} {
		meta := eventstore.Meta{CommandID: uuid.New()}
		send := func(n *dispatchtest.Node) (dispatch.Result, error) {
			if len(step) == 1 {
				return n.Dispatch.Send(n.Soon(), step[0], meta)
			}
			return n.Dispatch.SendAll(n.Soon(), meta, step...)
		}
		results, errs := make([]dispatch.Result, 6), make([]error, 6)
		var group sync.WaitGroup
		for i := range results {
			group.Go(func() { results[i], errs[i] = send(nodes[i%2]) })
		}
		group.Wait()
		one.Catch(append(one.ReadModels(), "processes")...)
		again, err := send(nodes[1])
		if err := errors.Join(append(errs, err)...); err != nil {
			t.Fatalf("%T: %v", step[0], err)
		}
		if !again.Duplicate || again.Last == 0 {
			t.Errorf("%T: sent again: %+v", step[0], again)
		}
		for _, r := range append(results, again) {
			if diff := cmp.Diff(results[0], r, cmpopts.IgnoreFields(eventstore.Result{}, "Duplicate")); diff != "" {
				t.Errorf("%T: the results differ:\n%s", step[0], diff)
			}
		}
		if _, err := one.Dispatch.Send(one.Soon(), challenges.Rename{Head: challenges.Head{ID: s.ID, By: s.Organiser, Now: now.Add(time.Hour)}, Name: "Another"}, meta); err == nil {
			if stream := eventstore.StreamName(dispatch.ChallengeStream, s.ID); again.Versions[stream] == 0 {
				t.Errorf("%T: its id was taken for another aggregate too", step[0])
			}
		} else if !errors.Is(err, eventstore.ErrDuplicateEvent) {
			t.Errorf("%T: its id for another command: %v", step[0], err)
		}
	}
	// And an id of another aggregate's command, for one that is decided together.
	used := eventstore.Meta{CommandID: uuid.New()}
	if _, err := one.Dispatch.Send(one.Soon(), challenges.Rename{Head: s.Head(s.Organiser, now), Name: "June"}, used); err != nil {
		t.Fatal(err)
	}
	for _, cmd := range []dispatch.Command{competitors.Exclude{Head: by, Reason: "once more"}, competitors.Leave{Head: s.Competitor(rider, rider, now)}} {
		if _, err := one.Dispatch.Send(one.Soon(), cmd, used); !errors.Is(err, eventstore.ErrDuplicateEvent) {
			t.Errorf("%T with an id that was used: %v", cmd, err)
		}
	}
	for typ, want := range map[string]int{competitors.EffortAccepted{}.EventType(): 1, competitors.EffortFlagged{}.EventType(): 1,
		competitors.Excluded{}.EventType(): 1, challenges.StageRescheduled{}.EventType(): 1, challenges.StageRemoved{}.EventType(): 1} {
		if got := one.Events(eventstore.Filter{Types: []string{typ}}); len(got) != want {
			t.Errorf("%d events %s, want %d", len(got), typ, want)
		}
	}
}

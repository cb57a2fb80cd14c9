package dispatch_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/dispatch/dispatchtest"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

// What changes a stage and what its challenge holds of it happens together, or not at all; all that is wrong is said.
func TestAllOrNone(t *testing.T) {
	n := dispatchtest.Start(t, dispatchtest.Options{})
	s := n.Season(n.Athlete(sport.Male), nil, dispatchtest.Days(1, 10), dispatchtest.Days(11, 31))
	s.Host(dispatchtest.At(0, 0))
	move := func(w sport.Window) dispatch.Command {
		return challenges.RescheduleStage{Head: s.Head(s.Organiser, dispatchtest.At(0, 1)), StageID: s.Stages[0], Window: w}
	}
	name := func(name string) dispatch.Command {
		return stages.Edit{Head: stages.Head{ID: s.Stages[0], By: s.Organiser, Now: dispatchtest.At(0, 1)}, Name: &name}
	}
	all := func(by actor.Actor, cmds ...dispatch.Command) (dispatch.Result, error) {
		return n.Dispatch.SendAll(n.Soon(), eventstore.Meta{}, cmds...)
	}
	before, err := n.Store.Head(n.Soon())
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		cmds  []dispatch.Command
		codes string
	}{
		"one is refused":               {[]dispatch.Command{move(dispatchtest.Days(1, 12)), name("Fine")}, "stages_overlap"},
		"the other is refused":         {[]dispatch.Command{move(dispatchtest.Days(1, 9)), name(strings.Repeat("x", 5000))}, "name_too_long"},
		"both are":                     {[]dispatch.Command{move(dispatchtest.Days(1, 12)), name(" ")}, "stages_overlap name_missing"},
		"one of them is for nobody":    {[]dispatch.Command{name("Fine"), stages.Reveal{Head: stages.Head{By: s.Organiser}}}, "not_found"},
		"nobody may do a part of them": {[]dispatch.Command{name("Fine"), stages.Delete{Head: stages.Head{ID: s.Stages[1], By: s.Organiser}}}, "follows_from_challenge"},
	} {
		_, err := all(s.Organiser, c.cmds...)
		var codes []string
		for _, r := range refusal.All(err) {
			codes = append(codes, r.Code)
		}
		if got := strings.Join(codes, " "); got != c.codes {
			t.Errorf("%s: %q (%v), want %q", what, got, err, c.codes)
		}
	}
	if _, err := all(s.Organiser, name("Once"), name("Twice")); err == nil || refusal.All(err) != nil {
		t.Errorf("two commands for one stage: %v", err)
	}
	if err := n.Dispatch.Check(n.Soon(), name("Only looking")); err != nil {
		t.Error(err)
	}
	wantRefusal(t, "only looking", n.Dispatch.Check(n.Soon(), move(dispatchtest.Days(1, 12))), "stages_overlap")
	if after, err := n.Store.Head(n.Soon()); err != nil || after != before {
		t.Fatalf("%d events came of nothing, %v", after-before, err)
	}

	result, err := all(s.Organiser, move(dispatchtest.Days(2, 9)), name("Both"))
	if err == nil {
		err = n.Dispatch.Settle(n.Soon(), result)
	}
	stage, readErr := readmodel.StageByID(n.Soon(), n.Pool, s.Organiser, s.Stages[0])
	if err != nil || readErr != nil || result.Last-result.First != 1 || stage.Name != "Both" || !stage.StartLocal.Equal(dispatchtest.Days(2, 9).Start) {
		t.Errorf("%+v, %+v, %v, %v", result, stage, err, readErr)
	}
	if result, err := all(s.Organiser, move(dispatchtest.Days(2, 9)), name("Both")); err != nil || result.Last != 0 {
		t.Errorf("the same again: %+v, %v", result, err)
	}
	if result, err := all(s.Organiser); err != nil || result.Last != 0 {
		t.Errorf("nothing: %+v, %v", result, err)
	}
	again := eventstore.Meta{CommandID: uuid.New()}
	first, err := n.Dispatch.SendAll(n.Soon(), again, move(dispatchtest.Days(3, 9)), name("Repeated"))
	if err != nil {
		t.Fatal(err)
	}
	if second, err := n.Dispatch.SendAll(n.Soon(), again, move(dispatchtest.Days(3, 9)), name("Repeated")); err != nil || second.Last != 0 && second.Last != first.Last {
		t.Errorf("sent again: %+v, %v, at first %+v", second, err, first)
	}
}

// While one node moves a stage, another starts it: whichever comes first, the stage that has begun keeps its start.
func TestWhatWasReadStillHolds(t *testing.T) {
	one := dispatchtest.Start(t, dispatchtest.Options{})
	other := one.Second()
	organiser := one.Athlete(sport.Male)
	for range 10 {
		s := one.Season(organiser, nil, dispatchtest.Days(1, 10), dispatchtest.Days(11, 31))
		s.Host(dispatchtest.At(2, 0))
		started := make(chan error, 1)
		go func() {
			_, err := other.Dispatch.Send(other.Soon(), stages.Start{Head: stages.Head{ID: s.Stages[1], By: organiser, Now: dispatchtest.At(5, 0)}}, eventstore.Meta{})
			started <- err
		}()
		_, removed := one.Dispatch.Send(one.Soon(), challenges.RemoveStage{Head: s.Head(organiser, dispatchtest.At(5, 0)), StageID: s.Stages[1]}, eventstore.Meta{})
		start := <-started
		one.Catch(append(one.ReadModels(), "processes")...)
		stage, err := readmodel.StageByID(one.Soon(), one.Pool, organiser, s.Stages[1])
		switch {
		case removed == nil:
			if err == nil {
				t.Errorf("deleted, and still %s (start: %v)", stage.Status, start)
			}
		case refusal.All(removed) != nil && refusal.All(removed)[0].Code == "stage_already_started":
			if err != nil || stage.Status != sport.Active {
				t.Errorf("started: %+v, %v", stage, err)
			}
		default:
			t.Error(removed)
		}
	}
}

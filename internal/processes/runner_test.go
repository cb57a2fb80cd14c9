package processes_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/aggregate/aggregatetest"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/dispatch/dispatchtest"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/processes"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

// of gives the events of one stream.
func of[E eventstore.Event](n *dispatchtest.Node, category string, id uuid.UUID) []E {
	n.Helper()
	var all []E
	for _, e := range n.Events(eventstore.Filter{Streams: []string{eventstore.StreamName(category, id)}}) {
		all = append(all, e.(E))
	}
	return all
}

func competitor(s *dispatchtest.Season, athlete actor.Actor) competitors.State {
	s.Helper()
	return aggregatetest.Fold[competitors.State, competitors.Command](of[competitors.Event](s.Node, dispatch.CompetitorStream, competitors.IDOf(s.ID, athlete.AthleteID))...)
}

func board(s *dispatchtest.Season, stage int, c sport.Category) stageboard.State {
	s.Helper()
	return aggregatetest.Fold[stageboard.State, stageboard.Command](of[stageboard.Event](s.Node, dispatch.BoardStream, stageboard.IDOf(s.Stages[stage], c))...)
}

// on lists the athletes of a board in order, by their number among all.
func on(b stageboard.State, all []actor.Actor) []int {
	out := []int{}
	for _, row := range b.Rows(0, b.Len()) {
		out = append(out, slices.IndexFunc(all, func(a actor.Actor) bool { return a.AthleteID == row.AthleteID }))
	}
	return out
}

func end(s *dispatchtest.Season, stage, day int) stages.End {
	return stages.End{Head: stages.Head{ID: s.Stages[stage], By: s.Organiser, Now: dispatchtest.At(day, 0)}}
}

func approve(s *dispatchtest.Season, stage, day int) stages.Approve {
	return stages.Approve{Head: stages.Head{ID: s.Stages[stage], By: s.Organiser, Now: dispatchtest.At(day, 0)}}
}

func gender(athlete actor.Actor, g sport.Gender) athletes.ChangeProfile {
	return athletes.ChangeProfile{Head: athletes.Head{ID: athlete.AthleteID, By: athlete, Now: dispatchtest.At(6, 0)}, Profile: athletes.Profile{
		FirstName: "Ana", LastName: "Smet", Gender: g, Units: sport.Metric, TimeZone: "UTC", Visibility: athletes.Everyone}}
}

// A whole season: everything that something follows from happens in it.
func season(n *dispatchtest.Node) (*dispatchtest.Season, []actor.Actor) {
	n.Helper()
	riders := []actor.Actor{n.Athlete(sport.Female), n.Athlete(sport.Male), n.Athlete(sport.Undisclosed), n.Athlete(sport.Female)}
	s := n.Season(n.Athlete(sport.Male), nil, dispatchtest.Days(1, 10), dispatchtest.Days(11, 20), dispatchtest.Days(21, 25), dispatchtest.Days(26, 31))
	head := s.Head(s.Organiser, dispatchtest.At(1, 1))
	n.Send(challenges.RescheduleStage{Head: head, StageID: s.Stages[1], Window: dispatchtest.Days(11, 19)})
	n.Send(challenges.RemoveStage{Head: head, StageID: s.Stages[2]})
	s.Host(dispatchtest.At(2, 0))
	s.Join(riders...)
	for i, r := range riders {
		n.Send(s.Effort(r, 0, 3, 600+i))
	}
	n.Send(s.Effort(riders[3], 0, 4, 500))
	n.Send(gender(riders[2], sport.Female))
	n.Send(gender(riders[1], sport.Undisclosed))
	faster := s.Effort(riders[3], 0, 4, 500)
	n.Send(competitors.FlagEffort{Head: s.Competitor(riders[3], s.Organiser, dispatchtest.At(7, 0)), Rules: faster.Rules,
		EffortID: competitors.EffortIDOf(s.Stages[0], faster.Activity.ID, 1), Reason: "A car."})
	n.Send(competitors.Leave{Head: s.Competitor(riders[0], riders[0], dispatchtest.At(8, 0))})
	n.Send(end(s, 0, 11))
	n.Send(approve(s, 0, 12))
	n.Send(challenges.End{Head: s.Head(s.Organiser, dispatchtest.At(15, 0))})
	gone := n.Season(s.Organiser, nil, dispatchtest.Days(1, 20), dispatchtest.Days(21, 31))
	gone.Host(dispatchtest.At(2, 0))
	n.Send(challenges.Cancel{Head: gone.Head(s.Organiser, dispatchtest.At(5, 0))})
	return s, riders
}

func TestSeason(t *testing.T) {
	n := dispatchtest.Start(t, dispatchtest.Options{})
	s, riders := season(n)
	for c, want := range map[sport.Category][]int{sport.Open: {1, 2, 3}, sport.Women: {2, 3}, sport.Men: {}} {
		b := board(s, 0, c)
		if got := on(b, riders); !b.Final || !cmp.Equal(got, want) {
			t.Errorf("%s: %v on the board, final: %v; want %v", c, got, b.Final, want)
		}
	}
	var status []sport.Status
	for _, id := range s.Stages {
		status = append(status, aggregatetest.Fold[stages.State, stages.Command](of[stages.Event](n, dispatch.StageStream, id)...).Status)
	}
	if diff := cmp.Diff([]sport.Status{sport.Approved, sport.Past, sport.Deleted, sport.Past}, status); diff != "" {
		t.Errorf("stages (-want +got):\n%s", diff)
	}

	head, err := n.Store.Head(n.Soon())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // whatever is delivered again, nothing changes
		if err := n.Store.Rewind(n.Soon(), processes.Name, 0, nil); err != nil {
			t.Fatal(err)
		}
		n.Catch(processes.Name)
	}
	after, err := n.Store.Head(n.Soon())
	if err != nil || after != head {
		t.Errorf("delivering all events again made %d new ones, %v", after-head, err)
	}
	if parked, err := n.Store.Parked(n.Soon(), processes.Name); err != nil || len(parked) > 0 {
		t.Errorf("parked: %+v, %v", parked, err)
	}
}

// The runner is stopped whenever it has done something new, in the midst of what follows from an event, and started again:
// each effect is there once.
func TestInterruptedAtEveryStep(t *testing.T) {
	n := dispatchtest.Start(t, dispatchtest.Options{NoReactions: true})
	organiser, rider := actor.Athlete(uuid.New()), actor.Athlete(uuid.New())
	s := &dispatchtest.Season{Node: n, ID: uuid.New(), Organiser: organiser, Stages: []uuid.UUID{uuid.New(), uuid.New()}}
	interruptions := 0
	do := func(cmd dispatch.Command) {
		t.Helper()
		if _, err := n.Dispatch.Send(n.Soon(), cmd, eventstore.Meta{}); err != nil {
			t.Fatalf("%T: %v", cmd, err)
		}
		for untilSomethingNew(n) {
			interruptions++
		}
	}
	do(athletes.Register{Head: athletes.Head{ID: rider.AthleteID, By: actor.System, Now: dispatchtest.At(1, 0)}, Profile: gender(rider, sport.Female).Profile})
	head := s.Head(organiser, dispatchtest.At(1, 0))
	do(challenges.Create{Head: head, Slug: "may", Definition: challenges.Definition{Type: sport.SegmentChallenge, Name: "May", Window: dispatchtest.Days(1, 31), TimeZone: "UTC"}})
	for i, w := range []sport.Window{dispatchtest.Days(1, 10), dispatchtest.Days(11, 31)} {
		do(challenges.AddStage{Head: head, StageID: s.Stages[i], StageDefinition: challenges.StageDefinition{Type: sport.Flat, SegmentID: uuid.New(), Name: "Stage", Window: w}})
	}
	do(challenges.Host{Head: s.Head(organiser, dispatchtest.At(12, 0))})
	do(competitors.Join{Head: s.Competitor(rider, rider, dispatchtest.At(12, 1))})
	do(s.Effort(rider, 0, 5, 600))
	do(approve(s, 0, 14))

	stage := func(i int, want ...string) { wantTypes(n, dispatch.StageStream, s.Stages[i], want...) }
	stage(0, "StageCreated", "StageStarted", "StageEnded", "StageApproved")
	stage(1, "StageCreated", "StageStarted")
	for c, want := range map[sport.Category][]string{sport.Open: {"StageBoardOpened", "StageBoardPlaced", "StageBoardFinalised"},
		sport.Women: {"StageBoardOpened", "StageBoardPlaced", "StageBoardFinalised"}, sport.Men: {"StageBoardOpened", "StageBoardFinalised"}} {
		wantTypes(n, dispatch.BoardStream, stageboard.IDOf(s.Stages[0], c), want...)
		wantTypes(n, dispatch.BoardStream, stageboard.IDOf(s.Stages[1], c), "StageBoardOpened")
	}
	if interruptions < 5 { // one at least for each command that something follows from
		t.Errorf("only %d interruptions", interruptions)
	}
}

// untilSomethingNew runs the reactions until there is a new event in the log, or nothing left to do.
func untilSomethingNew(n *dispatchtest.Node) (found bool) {
	n.Helper()
	head, err := n.Store.Head(n.Soon())
	if err != nil {
		n.Fatal(err)
	}
	ctx, cancel := context.WithCancel(n.Soon())
	defer cancel()
	errNews := errors.New("news")
	var watching sync.WaitGroup
	watching.Go(func() {
		err := n.Store.Follow(ctx, head, eventstore.Filter{}, func(context.Context, []eventstore.Recorded) error { return errNews })
		if found = errors.Is(err, errNews); found {
			cancel()
		}
	})
	stop := n.React()
	_ = n.Store.WaitFor(ctx, head, processes.Name) // ends by being done or by cancel
	stop()
	cancel()
	watching.Wait()
	if now, err := n.Store.Head(n.Soon()); err != nil || now > head {
		return true // seen or not
	}
	return found
}

func wantTypes(n *dispatchtest.Node, category string, id uuid.UUID, want ...string) {
	n.Helper()
	var got []string
	for _, e := range n.Events(eventstore.Filter{Streams: []string{eventstore.StreamName(category, id)}}) {
		got = append(got, e.EventType())
	}
	if !cmp.Equal(got, want) {
		n.Errorf("%s: %v, want %v", category, got, want)
	}
}

// appendLate stores what a competitor decided on, as if its dispatcher had read the terms a moment earlier than it appended.
func appendLate(s *dispatchtest.Season, athlete actor.Actor, events ...competitors.Event) {
	s.Helper()
	id := competitors.IDOf(s.ID, athlete.AthleteID)
	w := eventstore.Write{Stream: eventstore.StreamName(dispatch.CompetitorStream, id)}
	for i, e := range events {
		n, err := s.Store.Registry().Encode(e, eventstore.Meta{Now: dispatchtest.At(12, 0)}, i)
		if err != nil {
			s.Fatal(err)
		}
		w.Events = append(w.Events, n)
	}
	if _, err := s.Store.Append(s.Soon(), w); err != nil {
		s.Fatal(err)
	}
}

// An effort that is accepted on what was true just before its stage was approved: the board that is final wins.
func TestEffortWhileItsStageIsApproved(t *testing.T) {
	n := dispatchtest.Start(t, dispatchtest.Options{})
	riders := []actor.Actor{n.Athlete(sport.Female), n.Athlete(sport.Female)}
	s := n.Season(n.Athlete(sport.Male), nil, dispatchtest.Days(1, 10), dispatchtest.Days(11, 31))
	s.Host(dispatchtest.At(2, 0))
	s.Join(riders...)
	n.Send(s.Effort(riders[0], 0, 5, 600))
	n.Send(end(s, 0, 11))
	late := s.Effort(riders[1], 0, 5, 500)
	late.Rules.Type, late.Rules.Status, late.Rules.Window = sport.Mountain, sport.Past, dispatchtest.Days(1, 10)
	decided, err := competitor(s, riders[1]).Decide(late)
	if err != nil || len(decided) != 1 {
		t.Fatalf("%+v, %v", decided, err)
	}
	n.Send(approve(s, 0, 12))
	appendLate(s, riders[1], decided...)
	n.Catch(processes.Name)

	all := of[competitors.Event](n, dispatch.CompetitorStream, competitors.IDOf(s.ID, riders[1].AthleteID))
	removed, ok := all[len(all)-1].(competitors.EffortRemoved)
	if !ok || removed.Code != "stage_approved" || removed.EffortID != decided[0].(competitors.EffortAccepted).EffortID || removed.Detail == "" || len(all) != 3 {
		t.Errorf("the late effort's story: %+v", all)
	}
	for _, c := range []sport.Category{sport.Open, sport.Women} {
		if got := on(board(s, 0, c), riders); !cmp.Equal(got, []int{0}) {
			t.Errorf("%s: %v", c, got)
		}
	}
	if parked, err := n.Store.Parked(n.Soon(), processes.Name); err != nil || len(parked) > 0 {
		t.Errorf("parked: %+v, %v", parked, err)
	}
}

// However efforts and the approval fall in with each other: who has an effort on the stage stands on all of its boards, and
// nobody else on any.
func TestEffortsAndApprovalAtOnce(t *testing.T) {
	one := dispatchtest.Start(t, dispatchtest.Options{})
	nodes := []*dispatchtest.Node{one, one.Second()}
	var riders []actor.Actor
	for range 12 {
		riders = append(riders, one.Athlete(sport.Female))
	}
	organiser := one.Athlete(sport.Male)
	for round := range 12 {
		s := one.Season(organiser, nil, dispatchtest.Days(1, 10), dispatchtest.Days(11, 31))
		s.Host(dispatchtest.At(2, 0))
		s.Join(riders...)
		one.Send(end(s, 0, 11))
		var group sync.WaitGroup
		for i, r := range riders {
			group.Go(func() {
				for lap := range 3 {
					if _, err := nodes[i%2].Dispatch.Send(one.Soon(), s.Effort(r, 0, 5+lap, 900-10*i-lap), eventstore.Meta{}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Go(func() {
			for len(competitor(s, riders[round]).Efforts(s.Stages[0])) == 0 { // until they are in the thick of it
			}
			if _, err := nodes[1].Dispatch.Send(one.Soon(), approve(s, 0, 12), eventstore.Meta{}); err != nil {
				t.Error(err)
			}
		})
		group.Wait()
		one.Catch(processes.Name)
		checkBoards(t, fmt.Sprintf("round %d", round), s, riders)
	}
}

func checkBoards(t *testing.T, what string, s *dispatchtest.Season, riders []actor.Actor) {
	t.Helper()
	for _, c := range []sport.Category{sport.Open, sport.Women} {
		b := board(s, 0, c)
		if !b.Final {
			t.Errorf("%s, %s: the board isn't final", what, c)
		}
		for i, r := range riders {
			efforts := competitor(s, r).Efforts(s.Stages[0])
			row, there := b.Row(r.AthleteID)
			if there != (len(efforts) > 0) || there && row.Attempts != len(efforts) {
				t.Errorf("%s, %s: rider %d has %d efforts, and on the board %+v (%v)", what, c, i, len(efforts), row, there)
			}
		}
	}
}

// Who joins while their profile changes gets the category of the new one, whichever came first.
func TestJoiningWithAnOldProfile(t *testing.T) {
	n := dispatchtest.Start(t, dispatchtest.Options{})
	rider := n.Athlete(sport.Undisclosed)
	s := n.Season(n.Athlete(sport.Male), nil, dispatchtest.Days(1, 31))
	s.Host(dispatchtest.At(2, 0))
	n.Send(gender(rider, sport.Female))
	appendLate(s, rider, competitors.Joined{Ref: competitors.Ref{ChallengeID: s.ID, AthleteID: rider.AthleteID}, Categories: []sport.Category{sport.Open}})
	n.Catch(processes.Name)
	if got := competitor(s, rider).Categories; !cmp.Equal(got, []sport.Category{sport.Open, sport.Women}) {
		t.Errorf("categories: %v", got)
	}
}

// What should be impossible is set aside with its challenge, for somebody to look at; the others go on.
func TestUnexpectedRefusalIsParked(t *testing.T) {
	n := dispatchtest.Start(t, dispatchtest.Options{NoReactions: true})
	n.Run((&processes.Runner{Store: n.Store, Dispatch: n.Dispatch, Pool: n.Pool, Retry: eventstore.Backoff{Attempts: 2, First: time.Millisecond}}).Run)
	rider := n.Athlete(sport.Female)
	s := n.Season(n.Athlete(sport.Male), nil, dispatchtest.Days(1, 31))
	s.Host(dispatchtest.At(2, 0))
	s.Join(rider)
	nowhere := &dispatchtest.Season{Node: n, ID: uuid.New()}
	appendLate(nowhere, rider, competitors.EffortAccepted{Ref: competitors.Ref{ChallengeID: nowhere.ID, AthleteID: rider.AthleteID},
		StageID: uuid.New(), Categories: []sport.Category{sport.Open}})
	n.Send(s.Effort(rider, 0, 5, 600))
	if b := board(s, 0, sport.Women); b.Len() != 1 {
		t.Errorf("%d on the board", b.Len())
	}
	parked, err := n.Store.Parked(n.Soon(), processes.Name)
	if err != nil || len(parked) != 1 || parked[0].Key != nowhere.ID.String() {
		t.Errorf("parked: %+v, %v", parked, err)
	}
}

package processes_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/aggregate/aggregatetest"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/dispatch/dispatchtest"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/leaderboards/challengeboard"
	"segmentchallenge/internal/processes"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

func standings(s *dispatchtest.Season, c sport.Category) challengeboard.State {
	s.Helper()
	return aggregatetest.Fold[challengeboard.State, challengeboard.Command](of[challengeboard.Event](s.Node, dispatch.StandingsStream, challengeboard.IDOf(s.ID, c))...)
}

// points is a classification in words, athletes by their number: "0 15, 2 12".
func points(s challengeboard.State, key string, all []actor.Actor) string {
	var words []string
	for _, t := range s.Standings() {
		if t.Classification.Key != key {
			continue
		}
		for _, r := range t.Rows {
			who := slices.IndexFunc(all, func(a actor.Actor) bool { return a.AthleteID == r.AthleteID })
			words = append(words, fmt.Sprintf("%d %s", who, r.Total))
		}
	}
	return strings.Join(words, ", ")
}

// From hosting to final results: the standings follow.
func TestStandingsFollow(t *testing.T) {
	n := dispatchtest.Start(t, dispatchtest.Options{})
	riders := []actor.Actor{n.Athlete(sport.Female), n.Athlete(sport.Male), n.Athlete(sport.Female), n.Athlete(sport.Undisclosed)}
	s := n.Season(n.Athlete(sport.Male), nil, dispatchtest.Days(1, 10), dispatchtest.Days(11, 31))
	organised := func(day int) challenges.Head { return s.Head(s.Organiser, dispatchtest.At(day, 0)) }
	s.Host(dispatchtest.At(2, 0))
	if b := standings(s, sport.Men); !b.Exists || len(b.Scheme.Classifications) != 3 {
		t.Fatalf("hosting opened %+v", b)
	}
	s.Join(riders...)
	for i, r := range riders {
		n.Send(s.Effort(r, 0, 3, 600+i))
	}
	n.Send(competitors.Limit{Head: s.Competitor(riders[1], s.Organiser, dispatchtest.At(4, 0)), Reason: "A professional."})
	n.Send(end(s, 0, 11))
	n.Send(approve(s, 0, 12))
	// Mountain points 10 8 6; the limited 1 is passed over.
	for category, want := range map[sport.Category]string{sport.Open: "0 15, 2 12, 3 10", sport.Women: "0 15, 2 12", sport.Men: ""} {
		if got := points(standings(s, category), "GC", riders); got != want {
			t.Errorf("%s has %s, want %s", category, got, want)
		}
	}
	if got := points(standings(s, sport.Open), "Mountains", riders); got != "0 10, 2 8, 3 6" {
		t.Error(got)
	}

	n.Send(competitors.Allow{Head: s.Competitor(riders[1], s.Organiser, dispatchtest.At(12, 1))})
	n.Send(challengeboard.Adjust{Head: challengeboard.Head{ChallengeID: s.ID, Category: sport.Open, By: s.Organiser, Now: dispatchtest.At(12, 2)},
		AthleteID: riders[3].AthleteID, Classification: "general", Points: 20 * leaderboards.Whole, Reason: "Stopped to help."})
	n.Send(challenges.SetScoring{Head: organised(13), Reason: "Three places, as announced.", Scheme: leaderboards.Scheme{Classifications: []leaderboards.Classification{
		{Key: "GC", Name: "General", By: leaderboards.ByPoints, Table: leaderboards.CountDown(2)}}}})
	if got := points(standings(s, sport.Open), "GC", riders); got != "3 20, 0 2, 2 1" { // 1 was limited when the stage was scored
		t.Error(got)
	}

	n.Send(stages.Start{Head: stages.Head{ID: s.Stages[1], By: s.Organiser, Now: dispatchtest.At(13, 0)}})
	n.Send(s.Effort(riders[1], 1, 20, 500))
	n.Send(s.Effort(riders[2], 1, 20, 501))
	n.Send(challenges.End{Head: organised(31)})
	n.Send(approve(s, 1, 31))
	if b := standings(s, sport.Open); b.Final {
		t.Error("final before the challenge is approved")
	}
	n.Send(challenges.Approve{Head: organised(31)})
	for category, want := range map[sport.Category]string{sport.Open: "3 20, 0 2, 1 2, 2 2", sport.Women: "2 3, 0 2", sport.Men: "1 2"} {
		b := standings(s, category)
		if got := points(b, "GC", riders); got != want || !b.Final {
			t.Errorf("%s has %s, final: %v; want %s", category, got, b.Final, want)
		}
	}

	// A correction: both approvals are taken back, an effort is flagged, and everything is approved anew.
	n.Send(challenges.Reopen{Head: organised(31), Reason: "A car."})
	reopen := stages.Reopen{Head: stages.Head{ID: s.Stages[1], By: s.Organiser, Now: dispatchtest.At(31, 1)}, Reason: "A car."}
	n.Send(reopen)
	if got := points(standings(s, sport.Open), "GC", riders); got != "3 20, 0 2, 2 1" {
		t.Error(got)
	}
	wrong := s.Effort(riders[1], 1, 20, 500)
	n.Send(competitors.FlagEffort{Head: s.Competitor(riders[1], s.Organiser, dispatchtest.At(31, 2)), Rules: wrong.Rules,
		EffortID: competitors.EffortIDOf(s.Stages[1], wrong.Activity.ID, 1), Reason: "A car."})
	n.Send(approve(s, 1, 31))
	n.Send(challenges.Approve{Head: organised(31)})
	for category, want := range map[sport.Category]string{sport.Open: "3 20, 2 3, 0 2", sport.Men: ""} {
		if b := standings(s, category); points(b, "GC", riders) != want || !b.Final {
			t.Errorf("corrected, %s has %s, final: %v; want %s", category, points(b, "GC", riders), b.Final, want)
		}
	}

	head, err := n.Store.Head(n.Soon())
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Store.Rewind(n.Soon(), processes.Name, 0, nil); err != nil {
		t.Fatal(err)
	}
	n.Catch(processes.Name)
	if after, err := n.Store.Head(n.Soon()); err != nil || after != head {
		t.Errorf("delivering all events again made %d new ones, %v", after-head, err)
	}
	if parked, err := n.Store.Parked(n.Soon(), processes.Name); err != nil || len(parked) > 0 {
		t.Errorf("parked: %+v, %v", parked, err)
	}
}

// The challenge is approved right behind its last stage, before anybody has scored that: the scoring ends it.
func TestApprovedBeforeItIsScored(t *testing.T) {
	n := dispatchtest.Start(t, dispatchtest.Options{NoReactions: true})
	stop := n.React()
	riders := []actor.Actor{n.Athlete(sport.Female), n.Athlete(sport.Male)}
	s := n.Season(n.Athlete(sport.Male), nil, dispatchtest.Days(1, 31))
	s.Host(dispatchtest.At(2, 0))
	s.Join(riders...)
	for i, r := range riders {
		n.Send(s.Effort(r, 0, 3, 600+i))
	}
	n.Send(challenges.End{Head: s.Head(s.Organiser, dispatchtest.At(31, 12))})
	stop()
	for _, cmd := range []dispatch.Command{approve(s, 0, 31), challenges.Approve{Head: s.Head(s.Organiser, dispatchtest.At(31, 13))}} {
		if _, err := n.Dispatch.Send(n.Soon(), cmd, eventstore.Meta{}); err != nil {
			t.Fatal(err)
		}
	}
	n.React()
	n.Catch(processes.Name)
	if b := standings(s, sport.Open); !b.Final || points(b, "GC", riders) != "0 15, 1 12" {
		t.Errorf("final: %v, %s", b.Final, points(b, "GC", riders))
	}
}

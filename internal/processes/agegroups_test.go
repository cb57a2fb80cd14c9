package processes_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/dispatch/dispatchtest"
	"segmentchallenge/internal/processes"
	"segmentchallenge/internal/sport"
)

func born(athlete actor.Actor, g sport.Gender, year int) athletes.ChangeProfile {
	change := gender(athlete, g)
	change.Profile.BirthYear = year
	return change
}

// An age group has a board of its own. Disclosing a year of birth takes an athlete's efforts onto it, taking that back
// takes them off, and a start that is moved into another year classes everybody anew.
func TestAgeGroups(t *testing.T) {
	n := dispatchtest.Start(t, dispatchtest.Options{})
	riders := []actor.Actor{n.Athlete(sport.Undisclosed), n.Athlete(sport.Undisclosed)}
	organiser := n.Athlete(sport.Male)
	all := []sport.Category{sport.Open, sport.Women, "50+", "Women 50+"}
	s := n.Season(organiser, func(d *challenges.Definition) { d.Categories = all }, dispatchtest.Days(1, 31))
	s.Host(dispatchtest.At(0, 0))
	s.Join(riders...)
	want := func(when string, boards map[sport.Category][]int) {
		t.Helper()
		n.Catch(processes.Name)
		got := map[sport.Category][]int{}
		for _, c := range all {
			got[c] = on(board(s, 0, c), riders)
		}
		if diff := cmp.Diff(boards, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	n.Send(challenges.Start{Head: s.Head(actor.System, dispatchtest.At(1, 0))})
	n.Send(s.Effort(riders[0], 0, 3, 600))
	n.Send(s.Effort(riders[1], 0, 3, 700))
	want("undisclosed", map[sport.Category][]int{sport.Open: {0, 1}, sport.Women: {}, "50+": {}, "Women 50+": {}})
	n.Send(born(riders[1], sport.Undisclosed, 1976))
	want("one is 50", map[sport.Category][]int{sport.Open: {0, 1}, sport.Women: {}, "50+": {1}, "Women 50+": {}})
	n.Send(born(riders[0], sport.Female, 1977))
	want("the other a woman of 49", map[sport.Category][]int{sport.Open: {0, 1}, sport.Women: {0}, "50+": {1}, "Women 50+": {}})
	n.Send(born(riders[0], sport.Female, 1950))
	want("of 76, in truth", map[sport.Category][]int{sport.Open: {0, 1}, sport.Women: {0}, "50+": {0, 1}, "Women 50+": {0}})
	n.Send(born(riders[0], sport.Undisclosed, 0))
	want("taken back", map[sport.Category][]int{sport.Open: {0, 1}, sport.Women: {}, "50+": {1}, "Women 50+": {}})
}

func TestAgesOfAnotherYear(t *testing.T) {
	n := dispatchtest.Start(t, dispatchtest.Options{})
	riders := []actor.Actor{n.Athlete(sport.Female), n.Athlete(sport.Female), n.Athlete(sport.Female)}
	for i, r := range riders {
		n.Send(born(r, sport.Female, 1975+i)) // 51, 50 and 49 in 2026
	}
	s := n.Season(n.Athlete(sport.Male), func(d *challenges.Definition) { d.Categories = []sport.Category{sport.Open, "50+"} }, dispatchtest.Days(1, 31))
	s.Host(dispatchtest.At(0, 0))
	for _, r := range riders {
		s.Join(r)
	}
	in := func() (who []int) {
		for i, r := range riders {
			if len(competitor(s, r).Categories) == 2 {
				who = append(who, i)
			}
		}
		return who
	}
	if got := in(); !cmp.Equal(got, []int{0, 1}) {
		t.Errorf("50 or older in 2026: %v", got)
	}
	next := dispatchtest.Days(1, 31)
	next.Start, next.End = sport.LocalOf(dispatchtest.At(1, 0).AddDate(1, 0, 0)), sport.LocalOf(dispatchtest.At(31, 0).AddDate(1, 0, 0))
	both := sport.Window{Start: dispatchtest.Days(1, 31).Start, End: next.End}
	now := dispatchtest.At(0, 0)
	n.Send(challenges.AdjustWindow{Head: s.Head(s.Organiser, now), Window: both})
	n.Send(challenges.RescheduleStage{Head: s.Head(s.Organiser, now), StageID: s.Stages[0], Window: next})
	n.Send(challenges.AdjustWindow{Head: s.Head(s.Organiser, now), Window: next})
	n.Catch(processes.Name)
	if got := in(); !cmp.Equal(got, []int{0, 1, 2}) {
		t.Errorf("50 or older in 2027: %v", got)
	}
}

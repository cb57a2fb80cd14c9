package history_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/dispatch/dispatchtest"
	"segmentchallenge/internal/history"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/leaderboards/challengeboard"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

// Standings of any moment: who led, by the rules of then, what was confirmed and what wasn't.
func TestStandings(t *testing.T) {
	n := dispatchtest.Start(t, dispatchtest.Options{})
	riders := []actor.Actor{n.Athlete(sport.Female), n.Athlete(sport.Male), n.Athlete(sport.Female)}
	bests := leaderboards.Scheme{Classifications: []leaderboards.Classification{{Key: "GC", Name: "General", By: leaderboards.ByPoints, Table: leaderboards.CountDown(3),
		Bonuses: []leaderboards.Bonus{{For: leaderboards.ForFirst, Points: leaderboards.Whole}}}}}
	s := n.Season(n.Athlete(sport.Male), func(d *challenges.Definition) { d.Scoring = bests }, dispatchtest.Days(1, 10), dispatchtest.Days(11, 31))
	at, stage := dispatchtest.At, func(i, day int) stages.Head {
		return stages.Head{ID: s.Stages[i], By: s.Organiser, Now: dispatchtest.At(day, 0)}
	}
	s.Host(at(2, 0))
	s.Join(riders...)
	for i, r := range riders {
		n.Send(s.Effort(r, 0, 3+i, 600-10*i)) // one a day, each faster than the one before; they come in an hour after they began
	}
	n.Send(competitors.Limit{Head: s.Competitor(riders[1], s.Organiser, at(6, 0)), Reason: "A professional."})
	n.Send(stages.End{Head: stage(0, 11)})
	n.Send(stages.Approve{Head: stage(0, 12)})
	n.Send(stages.Start{Head: stage(1, 12)})
	n.Send(s.Effort(riders[0], 1, 13, 500))
	n.Send(challengeboard.Adjust{Head: challengeboard.Head{ChallengeID: s.ID, Category: sport.Open, By: s.Organiser, Now: at(14, 0)},
		AthleteID: riders[2].AthleteID, Classification: "GC", Points: 5 * leaderboards.Whole, Reason: "Helped."})
	n.Send(challenges.SetScoring{Head: s.Head(s.Organiser, at(15, 0)), Reason: "Two places.", Scheme: leaderboards.Scheme{Classifications: []leaderboards.Classification{
		{Key: "GC", Name: "General", By: leaderboards.ByPoints, Table: leaderboards.CountDown(2)}}}})
	for _, c := range []struct {
		when time.Time
		want string
	}{
		{at(1, 12), "not yet"},
		{at(3, 9), ""},
		{at(3, 23), "0 0+4"},        // and 1 for coming first
		{at(4, 23), "0 0+3, 1 0+3"}, // 2 + 1
		{at(5, 23), "2 0+3, 0 0+2, 1 0+2"},
		{at(6, 23), "0 0+3, 2 0+3"},  // 1 is limited
		{at(12, 23), "0 3+0, 2 3+0"}, // approved
		{at(13, 23), "0 3+4, 2 3+0"}, // the second stage is under way
		{at(14, 23), "2 8+0, 0 3+4"}, // 5 by hand
		{at(15, 23), "2 7+0, 0 1+2"}, // by the rules of that day
		{at(31, 23), "2 7+0, 0 1+2"},
	} {
		past, err := history.Standings(t.Context(), n.Store, s.ID, sport.Open, c.when)
		if err != nil {
			t.Fatal(err)
		}
		got := "not yet"
		if past.Exists {
			var words []string
			for _, r := range past.Tables[0].Rows {
				who := slices.IndexFunc(riders, func(a actor.Actor) bool { return a.AthleteID == r.AthleteID })
				words = append(words, fmt.Sprintf("%d %s+%s", who, r.Confirmed, r.Provisional()))
			}
			got = strings.Join(words, ", ")
		}
		if got != c.want {
			t.Errorf("at %s: %s, want %s", c.when.Format("2 Jan 15:04"), got, c.want)
		}
	}
}

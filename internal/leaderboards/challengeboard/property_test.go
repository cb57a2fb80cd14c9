package challengeboard

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"segmentchallenge/internal/aggregate/aggregatetest"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/sport"
)

// rules have something of everything.
var rules = leaderboards.Scheme{Classifications: []leaderboards.Classification{
	{Key: "GC", Name: "General", By: leaderboards.ByPoints, Table: leaderboards.CountDown(3), Ties: leaderboards.TiesSplit, Best: 2},
	{Key: "Bests", Name: "Bests", By: leaderboards.ByPoints, Bonuses: []leaderboards.Bonus{{For: leaderboards.ForPersonalBest, Points: point}, {For: leaderboards.ForRecord, Points: point}}},
	{Key: "Time", Name: "Time", By: leaderboards.ByTimes, Missed: leaderboards.MissedSlowest},
}}

// However the stages came to be scored and corrected, with commands that come twice, the tables are those that the pure
// rules make from scratch of the boards as they are.
func TestWhatWasGivenIsWhatTheRulesGive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := aggregatetest.Fold[State, Command]([]Event{Opened{ref, rules}}...)
		var stages []leaderboards.StageResults
		with := func() Terms { out := terms(stages...); out.Scheme = rules; return out }
		for n := range rapid.IntRange(1, 4).Draw(t, "stages") {
			stages = append(stages, drawn(t, n+1))
			for range rapid.IntRange(1, 2).Draw(t, "deliveries") {
				s = send(t, s, ScoreStage{program, with(), stageID(n + 1)})
			}
			for range rapid.IntRange(0, 1).Draw(t, "corrections") {
				i := rapid.IntRange(0, n).Draw(t, "which")
				stages[i] = drawn(t, i+1)
				s = send(t, s, CorrectStage{host, with(), stageID(i + 1), "why"})
			}
		}
		season := leaderboards.Season{Category: sport.Open, Scheme: rules}
		for _, stage := range stages {
			stage.Phase = leaderboards.Confirmed
			season.Stages = append(season.Stages, stage)
		}
		if diff := cmp.Diff(season.Standings(), s.Standings()); diff != "" {
			t.Fatalf("not what the rules give:\n%s", diff)
		}
	})
}

func drawn(t *rapid.T, n int) leaderboards.StageResults {
	seconds := make([]int, 5)
	for i := range seconds {
		if rapid.Bool().Draw(t, "rides") {
			seconds[i] = rapid.IntRange(600, 604).Draw(t, "seconds")
		}
	}
	return board(n, seconds...)
}

func send(t *rapid.T, s State, c Command) State {
	events, err := s.Decide(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		s = s.Evolve(e)
	}
	return s
}

package leaderboards

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/sport"
)

// Example is a small season that never was, scored by a scheme: what its rules come to, for those who edit them.
type Example struct {
	Riders map[uuid.UUID]string // and teams
	Stages []StageResults
	Tables []Standings
}

// exampleRiders are in the order of their ids.
var exampleRiders = []string{"Ana", "Bram", "Chloé", "Dirk", "Els", "Finn"}

// exampleResults are seconds on three mountain, flat and rolling stages of two months; none: missed. Bram and Chloé tie on the
// first, Dirk misses the second, Els the third, and Ana is faster each time.
var exampleResults = [3][6]int{{300, 310, 310, 330, 345, 350}, {295, 290, 305, 0, 320, 350}, {280, 300, 0, 285, 0, 340}}

// Example scores the season that never was in one category.
func (s Scheme) Example(t sport.ChallengeType, category sport.Category) Example {
	out := Example{Riders: map[uuid.UUID]string{}}
	ids := make([]uuid.UUID, len(exampleRiders))
	for i, name := range exampleRiders {
		ids[i] = uuid.NewSHA1(teamSpace, fmt.Appendf(nil, "rider %d", i))
		out.Riders[ids[i]] = name
	}
	s = s.withExampleGroups(ids)
	for _, g := range s.Groups {
		if g.Kind == Team {
			out.Riders[g.ID()] = g.Name
		}
	}
	start := time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)
	for n, results := range exampleResults {
		stage := s.exampleStage(t, n)
		for i, seconds := range results {
			if seconds > 0 {
				at := start.AddDate(0, 0, 14*n+(i+n)%6)
				stage.Results = append(stage.Results, Result{AthleteID: ids[i], Value: exampleValue(stage.Measure, seconds), AchievedAt: at})
			}
		}
		out.Stages = append(out.Stages, stage)
	}
	out.Tables = Season{Category: category, Scheme: s, Stages: out.Stages, Final: true}.Standings()
	return out
}

// withExampleGroups puts the riders into the divisions and teams that there are, whoever is in them, and gives Dirk a handicap.
func (s Scheme) withExampleGroups(ids []uuid.UUID) Scheme {
	groups := make([]Group, len(s.Groups))
	teams := 0
	for i, g := range s.Groups {
		groups[i] = Group{Kind: g.Kind, Key: g.Key, Name: g.Name}
		switch {
		case g.Kind == Division:
			groups[i].Members = ids
		case 2*teams+1 < len(ids):
			groups[i].Members = ids[2*teams : 2*teams+2]
			teams++
		}
	}
	s.Groups, s.Handicaps = groups, []Handicap{{AthleteID: ids[3], Seconds: 20 * Whole}}
	return s
}

func (s Scheme) exampleStage(t sport.ChallengeType, n int) StageResults {
	kind := []sport.StageType{sport.Mountain, sport.Flat, sport.Rolling}[n]
	if t != sport.SegmentChallenge {
		kind = sport.StageType(t)
	}
	measure := s.Measure(kind)
	stage := Stage{ID: uuid.NewSHA1(teamSpace, fmt.Appendf(nil, "stage %d", n)), Number: n + 1, Type: kind, Adjustment: sport.NoAdjustment,
		Course: teamSpace, Month: []string{"2026-05", "2026-05", "2026-06"}[n], Measure: measure, Precision: measure.Precision(false)}
	if !measure.Ascending() {
		stage.Goal = exampleValue(measure, 300)
	}
	return StageResults{Stage: stage, Phase: Confirmed}
}

// exampleValue makes of seconds what the stage measures: who was faster has done more.
func exampleValue(m sport.Measure, seconds int) int64 {
	n := int64(650 - seconds)
	switch m {
	case sport.ElapsedTime:
		return int64(seconds) * 1000
	case sport.Efforts:
		return n / 50 * 1000
	case sport.MovingTime:
		return n * 60_000
	case sport.Distance:
		return n * 200_000
	case sport.ElevationGain:
		return n * 3000
	}
	return n
}

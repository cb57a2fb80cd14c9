package leaderboards

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/sport"
)

// crowded is a season of n athletes on so many stages.
func crowded(scheme Scheme, stages, n int) Season {
	dice := rand.New(rand.NewPCG(1, 2))
	s := Season{Category: sport.Open, Scheme: scheme}
	for i := range stages {
		stage := StageResults{Stage: Stage{ID: uuid.UUID{0: byte(i)}, Number: i + 1, Type: sport.SegmentStageTypes[i%3],
			Measure: sport.ElapsedTime, Precision: 1000, Course: uuid.UUID{1: byte(i / 4)}, Month: string(rune('a' + i/2))}, Phase: Confirmed}
		for a := range n {
			var id uuid.UUID
			binary.BigEndian.PutUint64(id[:], uint64(a)*0x9e3779b97f4a7c15)
			stage.Results = append(stage.Results, Result{AthleteID: id, Value: 600_000 + dice.Int64N(1_200_000), AchievedAt: noon.Add(time.Duration(dice.IntN(1e6)) * time.Second)})
		}
		s.Stages = append(s.Stages, stage)
	}
	return s
}

// BenchmarkSeason scores 12 stages × 10,000 athletes from scratch, in schemes in which few and in which all get something.
func BenchmarkSeason(b *testing.B) {
	for name, scheme := range map[string]Scheme{"Tour": Tour(), "everybody": everybodyScores()} {
		season := crowded(scheme, 12, 10_000)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				season.Standings()
			}
		})
	}
}

// everybodyScores has all that costs most: points for all, each bonus, ties, counting back, the best few.
func everybodyScores() Scheme {
	c := Classification{Key: "A", Name: "A", By: ByPoints, Table: CountDown(50), Others: Whole, Beaten: Whole, Ties: TiesSplit, Equals: EqualsCountBack, Best: 8}
	for _, bonus := range BonusesFor {
		c.Bonuses = append(c.Bonuses, Bonus{bonus, Whole})
	}
	return Scheme{Classifications: []Classification{c, {Key: "B", Name: "B", By: ByTimes, Missed: MissedSlowest}, {Key: "C", Name: "C", By: ByRanks}}}
}

// The figure is 30 s for 12 × 10,000; a tenth of it is scored here well within a tenth of that, on any machine.
func TestASeasonIsScoredQuickly(t *testing.T) {
	season := crowded(everybodyScores(), 12, 1000)
	start := time.Now()
	tables := season.Standings()
	if took := time.Since(start); took > 3*time.Second || len(tables[0].Rows) != 1000 {
		t.Errorf("%v for %d rows", took, len(tables[0].Rows))
	}
}

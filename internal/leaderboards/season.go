package leaderboards

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/sport"
)

// Phase is how far a stage has come for scoring.
type Phase int

const (
	Awaited   Phase = iota // nothing counts yet; but there will be a stage
	Running                // what it gives is provisional, until it is approved
	Confirmed              // what it gives stays
)

// Stage is what scoring needs to know of a stage.
type Stage struct {
	ID         uuid.UUID              `json:"stageId"`
	Number     int                    `json:"number"` // stages are scored in this order
	Type       sport.StageType        `json:"type"`
	Adjustment sport.PointsAdjustment `json:"pointsAdjustment,omitempty"`
	Course     uuid.UUID              `json:"course,omitzero"` // its segment: bests and records are those over the same
	Month      string                 `json:"month"`           // in which it starts, by its own clock: 2026-05
	Measure    sport.Measure          `json:"rankBy"`
	Precision  int64                  `json:"precision"`      // results are compared in units of so many milliseconds or millimetres
	Goal       int64                  `json:"goal,omitempty"` // to be reached by the result; 0: none
}

// scale is that of the stage's board.
func (s Stage) scale() Scale { return Scale{s.Measure, s.Precision} }

// reached says whether a result reaches the stage's goal.
func (s Stage) reached(value int64) bool {
	return s.Goal > 0 && value >= s.Goal && !s.Measure.Ascending()
}

// Result is what an athlete has brought on a stage.
type Result struct {
	AthleteID  uuid.UUID
	Value      int64     // milliseconds or millimetres, by the stage's measure
	AchievedAt time.Time // when the effort that counts was finished
	FirstAt    time.Time // when the athlete's first effort was; zero: as AchievedAt
	Limited    bool      // scores nothing, and is passed over
}

// first is when the athlete first had a result.
func (r Result) first() time.Time {
	if r.FirstAt.IsZero() {
		return r.AchievedAt
	}
	return r.FirstAt
}

// StageResults is a stage with all results of one category, in any order.
type StageResults struct {
	Stage
	Phase   Phase
	Results []Result
}

// Adjustment is what an organiser gave or took by hand.
type Adjustment struct {
	Classification string    `json:"classification"`
	AthleteID      uuid.UUID `json:"athleteId"`
	Points         Amount    `json:"points"` // or seconds, places: what the classification adds up
	Reason         string    `json:"reason"`
}

// Season is all that the tables of one category are made of. The stages are all those of the challenge, in any order.
type Season struct {
	Category    sport.Category
	Scheme      Scheme
	Stages      []StageResults
	Adjustments []Adjustment
	Final       bool // nothing more comes: whoever has too few stages isn't classified
}

// Standings makes the tables of all classifications from scratch.
func (s Season) Standings() []Standings {
	scored := s.Score()
	var out []Standings
	for _, c := range s.Scheme.For(s.Category) {
		out = append(out, Tabulate(c, s.Scheme.Groups, scored, s.Adjustments, s.Final))
	}
	return out
}

// Score says what each stage that is under way or over gives to whom, by number.
func (s Season) Score() []Scored {
	stages := slices.SortedFunc(slices.Values(s.Stages), func(a, b StageResults) int {
		return cmp.Or(cmp.Compare(a.Number, b.Number), bytes.Compare(a.ID[:], b.ID[:]))
	})
	scorer := newScorer(s.Category, s.Scheme, stages)
	out := []Scored{}
	for _, stage := range stages {
		if stage.Phase != Awaited {
			out = append(out, scorer.score(stage))
		}
	}
	return out
}

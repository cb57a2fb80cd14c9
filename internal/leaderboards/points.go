package leaderboards

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/sport"
)

// Score is what a stage gave an athlete in one classification, with all that it is made of.
type Score struct {
	Classification string  `json:"classification"`
	Place          int     `json:"place,omitempty"`   // that the points are for, among those who may score
	Base           Amount  `json:"base"`              // by the table and for athletes beaten; or the result, or the place
	Bonuses        []Bonus `json:"bonuses,omitempty"` // those that count
	Factor         int     `json:"factor,omitempty"`  // 2: the stage counts double here; 0: once
	Amount         Amount  `json:"amount"`            // what it comes to
}

// Line is what a stage gave one athlete.
type Line struct {
	AthleteID  uuid.UUID `json:"athleteId"`
	Value      int64     `json:"value"` // the result: milliseconds or millimetres
	AchievedAt time.Time `json:"achievedAt"`
	Goal       bool      `json:"goal,omitempty"` // the result reaches the stage's goal
	Scores     []Score   `json:"scores"`
}

// Worst is what the slowest has on a stage, which a missed stage may cost.
type Worst struct {
	Classification string `json:"classification"`
	Amount         Amount `json:"amount"`
}

// Scored is a stage with what it gave, the best first. Who got nothing anywhere has no line.
type Scored struct {
	Stage
	Phase Phase
	Lines []Line
	Worst []Worst
}

// scorer scores the stages of one category, one after the other.
type scorer struct {
	classifications []Classification
	handicaps       map[uuid.UUID]Handicap
	divisions       map[string]map[uuid.UUID]bool
	season          []StageResults
	past            past
}

func newScorer(category sport.Category, scheme Scheme, stages []StageResults) *scorer {
	s := &scorer{classifications: scheme.For(category), season: stages, handicaps: map[uuid.UUID]Handicap{},
		divisions: map[string]map[uuid.UUID]bool{}}
	for _, h := range scheme.Handicaps {
		s.handicaps[h.AthleteID] = h
	}
	for _, g := range scheme.Groups {
		if g.Kind == Division {
			s.divisions[g.Key] = memberSet(g)
		}
	}
	s.past = newPast(s.classifications)
	return s
}

func memberSet(g Group) map[uuid.UUID]bool {
	in := make(map[uuid.UUID]bool, len(g.Members))
	for _, id := range g.Members {
		in[id] = true
	}
	return in
}

// score says what a stage gives. What came before it must have been scored before.
func (s *scorer) score(stage StageResults) Scored {
	ranked := rankedResults(stage)
	out := Scored{Stage: stage.Stage, Phase: stage.Phase}
	lines := make([]Line, len(ranked))
	for i, r := range ranked {
		lines[i] = Line{AthleteID: r.AthleteID, Value: r.Value, AchievedAt: r.AchievedAt, Goal: stage.reached(r.Value)}
	}
	for _, c := range s.classifications {
		if !c.Takes(stage.Stage) {
			continue
		}
		f, worst := s.fieldOf(c, stage.Stage, ranked), Amount(0)
		for _, e := range f.entrants {
			score, told := s.scoreOf(c, f, e)
			if told {
				lines[e.index].Scores = append(lines[e.index].Scores, score)
			}
			worst = max(worst, score.Amount)
		}
		if c.Missed == MissedSlowest && len(f.entrants) > 0 {
			out.Worst = append(out.Worst, Worst{c.Key, worst})
		}
	}
	s.past.add(stage.Stage, ranked)
	out.Lines = slices.DeleteFunc(lines, func(l Line) bool { return len(l.Scores) == 0 && !l.Goal })
	return out
}

// rankedResults are in the order of the stage's board.
func rankedResults(stage StageResults) []Result {
	scale := stage.scale()
	return slices.SortedFunc(slices.Values(stage.Results), func(a, b Result) int {
		return Key{scale.Score(a.Value), a.AchievedAt, a.AthleteID}.Compare(Key{scale.Score(b.Value), b.AchievedAt, b.AthleteID})
	})
}

// entrant is an athlete who may score on a stage.
type entrant struct {
	Result
	index int   // on the stage's board
	score int64 // less is better
	road  int64 // the score without any handicap
	ahead int   // how many have a better result
	tied  int   // how many have the same one, this athlete too
	place int   // that points are given for
}

// entrants are those who may score in a classification, the best first.
func (s *scorer) entrants(c Classification, stage Stage, ranked []Result) []entrant {
	out := make([]entrant, 0, len(ranked))
	for i, r := range ranked {
		if r.Limited || c.Division != "" && !s.divisions[c.Division][r.AthleteID] {
			continue
		}
		road := stage.scale().Score(r.Value)
		if c.Handicap {
			r.Value = s.handicaps[r.AthleteID].apply(r.Value)
		}
		out = append(out, entrant{Result: r, index: i, road: road, score: stage.scale().Score(r.Value)})
	}
	if c.Handicap {
		slices.SortFunc(out, func(a, b entrant) int {
			return Key{a.score, a.AchievedAt, a.AthleteID}.Compare(Key{b.score, b.AchievedAt, b.AthleteID})
		})
	}
	return out
}

// place gives each entrant their place, equal results as the ties say.
func place(ties Ties, field []entrant) []entrant {
	for i, dense := 0, 0; i < len(field); dense++ {
		n := i + 1
		for n < len(field) && field[n].score == field[i].score {
			n++
		}
		for j := i; j < n; j++ {
			field[j].ahead, field[j].tied = i, n-i
			switch ties {
			case TiesShared:
				field[j].place = dense + 1
			case TiesSkipped, TiesSplit:
				field[j].place = i + 1
			case TiesEarlier:
				field[j].place = j + 1
			}
		}
		i = n
	}
	return field
}

// scoreOf is what an entrant gets, and whether it has to be told.
func (s *scorer) scoreOf(c Classification, f field, e entrant) (Score, bool) {
	score := Score{Classification: c.Key, Place: e.place}
	stage := f.stage
	switch c.By {
	case ByPoints:
		table, _ := c.table(stage)
		score.Base = tablePoints(c, table, e) + c.Beaten*Amount(e.beaten(c.Ties, len(f.entrants)))
		score.Bonuses = s.bonuses(c, f, e)
		score.Amount = score.Base
		for _, b := range score.Bonuses {
			score.Amount += b.Points
		}
		if factor := c.factor(stage); factor > 1 {
			score.Factor, score.Amount = factor, score.Amount*Amount(factor)
		}
	case ByTimes: // as they are shown, so that they add up for who reads them
		score.Place, score.Base = e.ahead+1, Amount(e.Value-e.Value%max(1, stage.Precision))
		score.Amount = score.Base
	case ByTotals:
		score.Place, score.Base, score.Amount = e.ahead+1, Amount(e.Value), Amount(e.Value)
	case ByRanks:
		score.Place, score.Base = e.ahead+1, e.rank(c.Ties)
		score.Amount = score.Base
	case ByGoals:
		score.Place = e.ahead + 1
		if stage.reached(e.Value) {
			score.Base, score.Amount = Whole, Whole
		}
	}
	return score, score.Amount != 0 || len(score.Bonuses) > 0 || c.everybody()
}

// tablePoints are those of the entrant's place, or a share of those of all the places that a tie takes up.
func tablePoints(c Classification, table Points, e entrant) Amount {
	if c.Ties != TiesSplit {
		return table.Of(e.place, c.Others)
	}
	sum := Amount(0)
	for i := range e.tied {
		sum += table.Of(e.ahead+1+i, c.Others)
	}
	return sum / Amount(e.tied)
}

// beaten counts those behind an entrant.
func (e entrant) beaten(ties Ties, of int) int {
	if ties == TiesEarlier {
		return of - e.place
	}
	return of - e.ahead - e.tied
}

// rank is the entrant's on the stage: equal ones share the first, or the middle, of those they take up.
func (e entrant) rank(ties Ties) Amount {
	switch ties {
	case TiesSplit:
		return Amount(2*e.ahead+e.tied+1) * Whole / 2
	case TiesEarlier:
		return Amount(e.place) * Whole
	case TiesShared, TiesSkipped:
	}
	return Amount(e.ahead+1) * Whole
}

// Same says whether two lines give the same for the same.
func (l Line) Same(o Line) bool {
	if l.AthleteID != o.AthleteID || l.Value != o.Value || !l.AchievedAt.Equal(o.AchievedAt) || l.Goal != o.Goal {
		return false
	}
	return slices.EqualFunc(l.Scores, o.Scores, func(a, b Score) bool {
		return slices.Equal(a.Bonuses, b.Bonuses) && a.Classification == b.Classification && a.Place == b.Place &&
			a.Base == b.Base && a.Factor == b.Factor && a.Amount == b.Amount
	})
}

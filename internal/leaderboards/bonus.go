package leaderboards

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"
)

// past is what bonuses need to know of the stages before. It's kept only where there are such bonuses.
type past struct {
	bests, months bool
	own           map[uuid.UUID]map[uuid.UUID]int64 // by course and athlete: the best score
	record        map[uuid.UUID]int64               // by course: the best of those who may score
	rode          map[uuid.UUID]map[uuid.UUID]bool  // by stage: who has a result
}

func newPast(all []Classification) past {
	p := past{own: map[uuid.UUID]map[uuid.UUID]int64{}, record: map[uuid.UUID]int64{}, rode: map[uuid.UUID]map[uuid.UUID]bool{}}
	for _, c := range all {
		for _, b := range c.Bonuses {
			p.bests = p.bests || b.For == ForPersonalBest || b.For == ForRecord
			p.months = p.months || b.For == ForMonth
		}
	}
	return p
}

// add takes in a stage that has been scored.
func (p *past) add(stage Stage, ranked []Result) {
	if p.months {
		in := make(map[uuid.UUID]bool, len(ranked))
		for _, r := range ranked {
			in[r.AthleteID] = true
		}
		p.rode[stage.ID] = in
	}
	if !p.bests {
		return
	}
	own := p.own[stage.Course]
	if own == nil {
		own = make(map[uuid.UUID]int64, len(ranked))
		p.own[stage.Course] = own
	}
	for _, r := range ranked {
		score := stage.scale().Score(r.Value)
		if best, known := own[r.AthleteID]; !known || score < best {
			own[r.AthleteID] = score
		}
		if record, known := p.record[stage.Course]; !r.Limited && (!known || score < record) {
			p.record[stage.Course] = score
		}
	}
}

// NeedsPast says whether what a stage gives depends on the stages before it.
func (s Scheme) NeedsPast() bool {
	p := newPast(s.Classifications)
	return p.bests || p.months
}

// field is who may score on a stage in a classification, the best first, with what bonuses go by.
type field struct {
	stage    Stage
	entrants []entrant
	best     int64       // score on the road
	earliest time.Time   // of all first results
	month    []uuid.UUID // the other stages of the month, where this is the last of several
}

func (s *scorer) fieldOf(c Classification, stage Stage, ranked []Result) field {
	f := field{stage: stage, entrants: place(c.Ties, s.entrants(c, stage, ranked)), best: math.MaxInt64}
	for i, e := range f.entrants {
		f.best = min(f.best, e.road)
		if i == 0 || e.first().Before(f.earliest) {
			f.earliest = e.first()
		}
	}
	if slices.ContainsFunc(c.Bonuses, func(b Bonus) bool { return b.For == ForMonth }) {
		f.month = s.restOfMonth(c, stage)
	}
	return f
}

// restOfMonth lists the stages of a month before its last one; none before that one is scored.
func (s *scorer) restOfMonth(c Classification, stage Stage) []uuid.UUID {
	var before []uuid.UUID
	after := false
	for _, o := range s.season {
		switch {
		case o.ID == stage.ID:
			after = true
		case o.Month != stage.Month || !c.Takes(o.Stage):
		case after:
			return nil
		default:
			before = append(before, o.ID)
		}
	}
	return before
}

// bonuses are what an entrant has earned beside the points for the place, in the order of the classification.
func (s *scorer) bonuses(c Classification, f field, e entrant) []Bonus {
	var out []Bonus
	for _, b := range c.Bonuses {
		if s.earned(b.For, f, e) {
			out = append(out, b)
		}
	}
	if !c.HighestBonusOnly || len(out) < 2 {
		return out
	}
	return []Bonus{slices.MaxFunc(out, func(a, b Bonus) int { return cmp.Compare(a.Points, b.Points) })}
}

// earned goes by the results on the road where it is about bests and records, whatever the handicaps.
func (s *scorer) earned(b BonusFor, f field, e entrant) bool {
	switch b {
	case ForParticipation:
		return true
	case ForPersonalBest:
		best, known := s.past.own[f.stage.Course][e.AthleteID]
		return known && e.road < best
	case ForRecord:
		record, known := s.past.record[f.stage.Course]
		return known && e.road < record && e.road == f.best
	case ForWin:
		return e.ahead == 0
	case ForFirst:
		return !e.first().After(f.earliest)
	case ForMonth:
		return len(f.month) > 0 && !slices.ContainsFunc(f.month, func(o uuid.UUID) bool { return !s.past.rode[o][e.AthleteID] })
	}
	return false
}

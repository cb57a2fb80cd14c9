package competitors

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/ordered"
	"segmentchallenge/internal/sport"
)

// results are an athlete's accepted efforts on one stage, and how they make a standing. It is a value.
type results struct {
	efforts ordered.Map[when, Effort, byTime]
	ranking Ranking
}

// when orders efforts by their start, then by id: laps of one activity may start together only by mistake.
type when struct {
	start time.Time
	id    uuid.UUID
}

type byTime struct{}

func (byTime) Compare(a, b when) int {
	return cmp.Or(a.start.Compare(b.start), bytes.Compare(a.id[:], b.id[:]))
}

func (r results) with(e Effort, ranking Ranking) results {
	return results{r.without(e.EffortID).efforts.Set(when{e.StartUTC, e.EffortID}, e), ranking}
}

func (r results) without(id uuid.UUID) results {
	if e, ok := r.find(id); ok {
		r.efforts = r.efforts.Delete(when{e.StartUTC, id})
	}
	return r
}

func (r results) find(id uuid.UUID) (Effort, bool) {
	for _, e := range r.efforts.All() {
		if e.EffortID == id {
			return e, true
		}
	}
	return Effort{}, false
}

func (r results) list() []Effort {
	out := make([]Effort, 0, r.efforts.Len())
	for _, e := range r.efforts.All() {
		out = append(out, e)
	}
	return out
}

// standing is the sum, or the best effort; nil when there are none, or too few to be added up.
func (r results) standing() *Standing {
	out := r.ranked()
	if out != nil {
		for _, e := range r.efforts.All() { // the earliest
			if first := e.FinishedAt(); first.Before(out.AchievedAt) && (out.FirstAt.IsZero() || first.Before(out.FirstAt)) {
				out.FirstAt = first
			}
		}
	}
	return out
}

func (r results) ranked() *Standing {
	best, ok := r.best()
	switch {
	case !ok:
		return nil
	case r.ranking.Count:
		out := r.sum(r.list())
		out.Value = 1000 * int64(r.efforts.Len())
		return &out
	case r.ranking.Of > 0:
		return r.bestOf(r.ranking.Of)
	case r.ranking.Accumulate:
		out := r.sum(r.list())
		return &out
	}
	return &Standing{Value: best.value(r.ranking.Measure), EffortID: best.EffortID, AchievedAt: best.FinishedAt(), Attempts: r.efforts.Len()}
}

// bestOf adds the n best efforts up.
func (r results) bestOf(n int) *Standing {
	all := r.list()
	if len(all) < n {
		return nil
	}
	slices.SortStableFunc(all, func(a, b Effort) int {
		switch {
		case r.better(a, b):
			return -1
		case r.better(b, a):
			return 1
		}
		return 0
	})
	out := r.sum(all[:n])
	return &out
}

// sum adds efforts up; it was achieved with the last of them.
func (r results) sum(efforts []Effort) Standing {
	out := Standing{Attempts: r.efforts.Len()}
	for _, e := range efforts {
		out.Value += e.value(r.ranking.Measure)
		if end := e.FinishedAt(); !end.Before(out.AchievedAt) {
			out.EffortID, out.AchievedAt = e.EffortID, end
		}
	}
	return out
}

// best is the effort with the best value; among those equal at the precision the one that was finished first.
func (r results) best() (best Effort, ok bool) {
	for _, e := range r.efforts.All() {
		if !ok || r.better(e, best) {
			best, ok = e, true
		}
	}
	return best, ok
}

func (r results) better(a, b Effort) bool {
	unit := max(1, r.ranking.Precision)
	av, bv := a.value(r.ranking.Measure)/unit, b.value(r.ranking.Measure)/unit
	if !r.ranking.Measure.Ascending() {
		av, bv = bv, av
	}
	return cmp.Or(cmp.Compare(av, bv), a.FinishedAt().Compare(b.FinishedAt())) < 0
}

// value is what a stage ranked by m counts: milliseconds or millimetres.
func (p Performance) value(m sport.Measure) int64 {
	switch m {
	case sport.MovingTime:
		return p.MovingMs
	case sport.Distance:
		return millimetres(p.DistanceM)
	case sport.ElevationGain:
		return millimetres(p.GainM)
	case sport.ElapsedTime:
		return p.ElapsedMs
	}
	return p.ElapsedMs
}

func millimetres(metres float64) int64 { return int64(math.Round(metres * 1000)) }

package leaderboards

import (
	"bytes"
	"cmp"
	"iter"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/ordered"
	"segmentchallenge/internal/sport"
)

// Key is what decides where an athlete stands on a board.
type Key struct {
	Score      int64 // see Scale.Score: less is better
	AchievedAt time.Time
	AthleteID  uuid.UUID
}

// Compare puts the better score first; among equals whoever achieved it first; then, to have an order at all, by id.
func (k Key) Compare(o Key) int {
	return cmp.Or(cmp.Compare(k.Score, o.Score), k.AchievedAt.Compare(o.AchievedAt), bytes.Compare(k.AthleteID[:], o.AthleteID[:]))
}

// Scale says how values (milliseconds or millimetres) are compared.
type Scale struct {
	Measure   sport.Measure
	Precision int64 // values are equal when they are in these units, cut off
}

// Score makes of a value a number of which less is better and equal means a shared rank.
func (s Scale) Score(value int64) int64 {
	score := value / max(1, s.Precision)
	if s.Measure.Ascending() {
		return score
	}
	return -score
}

// Gap is how far a score is behind another, in milliseconds or millimetres as they are ranked; never negative.
func (s Scale) Gap(score, leader int64) int64 { return max(0, score-leader) * max(1, s.Precision) }

type byRank struct{}

func (byRank) Compare(a, b Key) int { return a.Compare(b) }

// Table is a ranking. It is a value: With and Without return another one in O(log n). The zero value is empty.
type Table struct {
	keys ordered.Map[Key, struct{}, byRank]
}

// Len is how many athletes are ranked.
func (t Table) Len() int { return t.keys.Len() }

// With returns t with an athlete added; who is on it already must be taken off first.
func (t Table) With(k Key) Table { return Table{t.keys.Set(k, struct{}{})} }

// Without returns t with an athlete taken off.
func (t Table) Without(k Key) Table { return Table{t.keys.Delete(k)} }

// At returns the i-th on the list, counted from 0.
func (t Table) At(i int) Key { k, _ := t.keys.At(i); return k }

// Rank is the rank of a score: one more than there are better scores. So equal scores share a rank and the next is
// skipped: 1, 2, 2, 4.
func (t Table) Rank(score int64) int { return 1 + t.ahead(score) }

// ahead counts those with a better score.
func (t Table) ahead(score int64) int { return t.keys.Index(Key{Score: score}) }

// upTo counts those with this score or a better one.
func (t Table) upTo(score int64) int { return t.ahead(score + 1) }

// Between lists who has a score worse than better and not worse than worse, best first, at most n. When an athlete moves
// from the one score to the other, these are who lose a place by it, or gain one.
func (t Table) Between(better, worse int64, n int) []uuid.UUID {
	var out []uuid.UUID
	for k := range t.keys.From(t.upTo(better)) {
		if k.Score > worse || len(out) == n {
			break
		}
		out = append(out, k.AthleteID)
	}
	return out
}

// From lists keys in order, from the i-th on, counted from 0.
func (t Table) From(i int) iter.Seq[Key] {
	return func(yield func(Key) bool) {
		t.keys.From(i)(func(k Key, _ struct{}) bool { return yield(k) })
	}
}

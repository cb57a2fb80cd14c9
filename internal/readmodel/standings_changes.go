package readmodel

import (
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/sport"
)

// standingsKey names the standings of a challenge in one category.
type standingsKey struct {
	challenge uuid.UUID
	category  sport.Category
}

// someone is some athletes, or all.
type someone struct {
	all     bool
	missing bool // all, where a stage without a result, or the end of the challenge, changes something
	ids     map[uuid.UUID]struct{}
}

func (s *someone) add(ids ...uuid.UUID) {
	if s.ids == nil {
		s.ids = map[uuid.UUID]struct{}{}
	}
	for _, id := range ids {
		s.ids[id] = struct{}{}
	}
}

func (s *someone) list() []uuid.UUID {
	out := make([]uuid.UUID, 0, len(s.ids))
	for id := range s.ids {
		out = append(out, id)
	}
	return out
}

// someoneIn is the one of a key.
func someoneIn[K comparable](m map[K]*someone, k K) *someone {
	if m[k] == nil {
		m[k] = &someone{}
	}
	return m[k]
}

// standingsChanges is what a batch changed. How it's cut into batches must make no difference to the tables.
type standingsChanges struct {
	results map[boardKey]*someone     // by stage and category: whose result changed
	limits  map[standingsKey]*someone // who was limited or allowed
	stages  map[uuid.UUID]struct{}    // of which something else changed
	boards  map[standingsKey]struct{} // whose rules changed
	whose   map[standingsKey]*someone // whose rows change
	last    map[standingsKey]lastEvent
}

type lastEvent struct {
	position int64
	time     time.Time
}

func newStandingsChanges() *standingsChanges {
	return &standingsChanges{results: map[boardKey]*someone{}, limits: map[standingsKey]*someone{}, stages: map[uuid.UUID]struct{}{},
		boards: map[standingsKey]struct{}{}, whose: map[standingsKey]*someone{}, last: map[standingsKey]lastEvent{}}
}

// at notes the last event that concerns a board.
func (c *standingsChanges) at(k standingsKey, rec eventstore.Recorded) {
	at := rec.Time // of the latest: what follows from an event has its time, so times don't grow with positions
	if before := c.last[k]; before.time.After(at) {
		at = before.time
	}
	c.last[k] = lastEvent{rec.Position, at}
}

func (c *standingsChanges) result(r stageboard.Ref, rec eventstore.Recorded, athlete uuid.UUID) {
	someoneIn(c.results, boardKey{r.StageID, r.Category}).add(athlete)
	c.at(standingsKey{r.ChallengeID, r.Category}, rec)
}

func (c *standingsChanges) limited(k standingsKey, athlete uuid.UUID) {
	someoneIn(c.limits, k).add(athlete)
}

func (c *standingsChanges) rescore(k standingsKey)       { c.boards[k] = struct{}{} }
func (c *standingsChanges) rows(k standingsKey) *someone { return someoneIn(c.whose, k) }

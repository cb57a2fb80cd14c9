package stageboard

import (
	"math"

	"github.com/google/uuid"

	"segmentchallenge/internal/leaderboards"
)

// maxNamed is how many athletes an event names that gained or lost a place, and maxPodium how many it puts on the podium:
// enough for people to read, and an event stays below 2 kB.
const (
	maxNamed  = 10
	maxPodium = 30
)

// Decide says what follows from c, or refuses it by an error of this package.
func (s State) Decide(c Command) ([]Event, error) {
	if !c.Actor().System {
		return nil, ErrProgramOnly
	}
	switch c := c.(type) {
	case Open:
		return s.open(c)
	case Place:
		return s.place(c)
	case Withdraw:
		return s.withdraw(c)
	case Finalise:
		return s.finalise()
	case Reopen:
		return s.reopen()
	}
	return nil, nil
}

// open begins a board. One that nobody has come to yet may rank by something else after all.
func (s State) open(c Open) ([]Event, error) {
	scale := leaderboards.Scale{Measure: c.Measure, Precision: max(1, c.Precision)}
	if s.Exists && (s.Scale == scale || s.known.Len() > 0 || s.Final) {
		return nil, nil
	}
	ref := Ref{StageID: c.StageID, ChallengeID: c.ChallengeID, Category: c.Category}
	return []Event{Opened{Ref: ref, Measure: scale.Measure, Precision: scale.Precision}}, nil
}

// place puts the athlete where the standing belongs. What is known already is no news, even to a final board.
func (s State) place(c Place) ([]Event, error) {
	known, heard := s.known.Get(c.AthleteID)
	switch {
	case !s.Exists:
		return nil, ErrNotOpen
	case heard && c.Seq <= known.seq, known.on && known.same(c.Standing):
		return nil, nil
	case s.Final:
		return nil, ErrFinal
	}
	e := Placed{Ref: s.Ref, AthleteID: c.AthleteID, Standing: c.Standing, Seq: c.Seq, Best: true}
	now := s.key(c.AthleteID, c.Standing)
	after := s.without(c.AthleteID).table.With(now)
	before := int64(math.MaxInt64) // behind everybody
	if known.on {
		before = s.Scale.Score(known.Value)
		e.From, e.Best = s.table.Rank(before), now.Score < before
	}
	e.To, e.Of = after.Rank(now.Score), after.Len()
	e.Gap = s.Scale.Gap(now.Score, after.At(0).Score)
	switch {
	case now.Score < before:
		e.Passed = after.Between(now.Score, before, maxNamed)
		e.PassedFrom = s.ranks(e.Passed)
	case now.Score > before:
		e.Gained = after.Without(now).Between(before, now.Score, maxNamed)
	}
	return []Event{e}, nil
}

// ranks of athletes who are on the board.
func (s State) ranks(athletes []uuid.UUID) []int {
	var out []int
	for _, a := range athletes {
		e, _ := s.known.Get(a)
		out = append(out, s.table.Rank(s.Scale.Score(e.Value)))
	}
	return out
}

func (a Standing) same(b Standing) bool {
	return a.Value == b.Value && a.EffortID == b.EffortID && a.AchievedAt.Equal(b.AchievedAt) && a.FirstAt.Equal(b.FirstAt) && a.Attempts == b.Attempts
}

func (s State) withdraw(c Withdraw) ([]Event, error) {
	known, _ := s.known.Get(c.AthleteID)
	switch {
	case !s.Exists:
		return nil, ErrNotOpen
	case !known.on || c.Seq <= known.seq:
		return nil, nil
	case s.Final:
		return nil, ErrFinal
	}
	score := s.Scale.Score(known.Value)
	after := s.without(c.AthleteID).table
	return []Event{Withdrawn{Ref: s.Ref, AthleteID: c.AthleteID, Seq: c.Seq, From: s.table.Rank(score), Of: after.Len(),
		Gained: after.Between(score, math.MaxInt64, maxNamed), Reason: c.Reason}}, nil
}

func (s State) finalise() ([]Event, error) {
	switch {
	case !s.Exists:
		return nil, ErrNotOpen
	case s.Final:
		return nil, nil
	}
	first := podium(s.table)
	return []Event{Finalised{Ref: s.Ref, Of: s.Len(), Podium: first, PodiumRanks: s.ranks(first)}}, nil
}

func (s State) reopen() ([]Event, error) {
	switch {
	case !s.Exists:
		return nil, ErrNotOpen
	case !s.Final:
		return nil, nil
	}
	return []Event{Reopened{Ref: s.Ref}}, nil
}

// podium is ranks 1 to 3, which ties may make more than three athletes; maxPodium at most.
func podium(t leaderboards.Table) []uuid.UUID {
	out := []uuid.UUID{}
	for k := range t.From(0) {
		if len(out) == maxPodium || t.Rank(k.Score) > 3 {
			break
		}
		out = append(out, k.AthleteID)
	}
	return out
}

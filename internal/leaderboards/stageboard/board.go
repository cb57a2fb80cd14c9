package stageboard

import (
	"github.com/google/uuid"

	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/ordered"
)

// Events lists one zero value of each, for registering what the log can hold.
var Events = []Event{Opened{}, Placed{}, Withdrawn{}, Finalised{}, Reopened{}}

// State is a board as its events have made it. It is a value; the zero value does not exist yet.
type State struct {
	Exists bool
	Ref    Ref
	Scale  leaderboards.Scale
	Final  bool // approved: nothing changes any more
	table  leaderboards.Table
	known  ordered.ByID[entry] // by athlete, also of those who were withdrawn
}

// entry is the last that was said of an athlete.
type entry struct {
	Standing
	seq int64
	on  bool // on the board
}

// Row is one line of the board.
type Row struct {
	Rank      int
	AthleteID uuid.UUID
	Standing
	Gap int64 // to the leader, in milliseconds or millimetres as they are ranked
}

// Len is how many athletes are on the board.
func (s State) Len() int { return s.table.Len() }

// Row returns an athlete's line, and whether they are on the board.
func (s State) Row(athlete uuid.UUID) (Row, bool) {
	e, _ := s.known.Get(athlete)
	if !e.on {
		return Row{}, false
	}
	score := s.Scale.Score(e.Value)
	return Row{s.table.Rank(score), athlete, e.Standing, s.Scale.Gap(score, s.table.At(0).Score)}, true
}

// Rows lists the board from the i-th line on, counted from 0, at most n lines.
func (s State) Rows(i, n int) []Row {
	out := make([]Row, 0, max(0, min(n, s.Len()-i)))
	for k := range s.table.From(i) {
		if len(out) == n {
			break
		}
		row, _ := s.Row(k.AthleteID)
		out = append(out, row)
	}
	return out
}

// Evolve returns the state after e; a Placed costs O(log n).
func (s State) Evolve(e Event) State {
	switch e := e.(type) {
	case Opened:
		return State{Exists: true, Ref: e.Ref, Scale: leaderboards.Scale{Measure: e.Measure, Precision: e.Precision}}
	case Placed:
		s = s.without(e.AthleteID)
		s.table = s.table.With(s.key(e.AthleteID, e.Standing))
		s.known = s.known.Set(e.AthleteID, entry{e.Standing, e.Seq, true})
	case Withdrawn:
		s = s.without(e.AthleteID)
		s.known = s.known.Set(e.AthleteID, entry{seq: e.Seq})
	case Finalised:
		s.Final = true
	case Reopened:
		s.Final = false
	}
	return s
}

func (s State) without(athlete uuid.UUID) State {
	if e, _ := s.known.Get(athlete); e.on {
		s.table = s.table.Without(s.key(athlete, e.Standing))
	}
	return s
}

func (s State) key(athlete uuid.UUID, st Standing) leaderboards.Key {
	return leaderboards.Key{Score: s.Scale.Score(st.Value), AchievedAt: st.AchievedAt, AthleteID: athlete}
}

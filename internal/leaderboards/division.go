package leaderboards

import (
	"slices"

	"github.com/google/uuid"
)

// Move is whether a place in a division means another one next time.
type Move string

const (
	Stays Move = ""
	Up    Move = "up"
	Down  Move = "down"
)

// MoveOf says what the n-th of so many rows means, with so many stages ridden. Who rode too few goes down once the
// challenge is final: before that they may still ride.
func (c Classification) MoveOf(n, of, stages int, final bool) Move {
	switch {
	case final && stages < c.ToStay, n > of-c.Relegated:
		return Down
	case n <= c.Promoted:
		return Up
	}
	return Stays
}

// NextDivisions are the groups for the next challenge of a league: the divisions are in order, the highest first, and final
// tables say who goes up or down. Members without a row have ridden nothing. Who can't go higher or lower stays.
func NextDivisions(s Scheme, tables []Standings) []Group {
	next := slices.Clone(s.Groups)
	var divisions []int
	for i, g := range next {
		if g.Kind == Division {
			next[i].Members = nil
			divisions = append(divisions, i)
		}
	}
	for n, i := range divisions {
		moves := movesOf(s.Groups[i], tables)
		for _, id := range s.Groups[i].Members {
			to := n
			switch moves[id] {
			case Up:
				to = max(0, n-1)
			case Down:
				to = min(len(divisions)-1, n+1)
			case Stays:
			}
			next[divisions[to]].Members = append(next[divisions[to]].Members, id)
		}
	}
	return next
}

// movesOf reads the tables of a division, of each category.
func movesOf(g Group, tables []Standings) map[uuid.UUID]Move {
	out := map[uuid.UUID]Move{}
	for _, t := range tables {
		if t.Classification.Division != g.Key {
			continue
		}
		for _, id := range g.Members {
			if _, known := out[id]; !known && (t.Classification.ToStay > 0 || t.Classification.Relegated > 0) {
				out[id] = Down
			}
		}
		for n, r := range t.Rows {
			out[r.AthleteID] = t.Classification.MoveOf(n+1, len(t.Rows), r.Stages, true)
		}
	}
	return out
}

package activities

import (
	"github.com/google/uuid"
)

// Events lists one zero value of each, for registering what the log can hold.
var Events = []Event{Recorded{}, Edited{}, Removed{}, Matched{}, Erased{}}

// State is an activity as its events have made it. It is a value; the zero value does not exist yet.
//
//	(none) ──Record──▶ recorded ──Delete──▶ deleted (with its efforts), or Erase (without)
//	                    │    ▲
//	                    └────┘ Edit, NoteMatching
//
// It protects that an activity is its athlete's own: nobody else changes or deletes it, and it is recorded once.
type State struct {
	Exists  bool
	ID      uuid.UUID
	Deleted bool
	Facts
	Method   int // of the last matching; 0: not matched yet
	Findings []Finding
}

// Evolve returns the state after e.
func (s State) Evolve(e Event) State {
	switch e := e.(type) {
	case Recorded:
		return State{Exists: true, ID: e.ActivityID, Facts: e.Facts}
	case Edited:
		s.TypeGuessed = s.TypeGuessed && s.Type == e.Type
		s.Name, s.Type, s.Private, s.Commute = e.Name, e.Type, e.Private, e.Commute
	case Removed:
		s.Deleted = true
	case Erased: // also where earlier events were read while they still could be
		return State{Exists: true, ID: s.ID, Deleted: true, Facts: Facts{AthleteID: s.AthleteID}}
	case Matched:
		s.Method, s.Findings = e.Method, e.Findings
	}
	return s
}

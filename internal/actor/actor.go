// Package actor says who gives a command. What an actor may do is a rule of the aggregate that takes the command.
package actor

import "github.com/google/uuid"

// Actor rides on every command. The zero value is a visitor, who may change nothing.
type Actor struct {
	AthleteID uuid.UUID // zero for visitors and for the system
	Admin     bool      // administers the site
	System    bool      // the program itself: schedules and reactions
	ClubAdmin bool      // administers the club that hosts what the command is about; dispatch fills it in
}

// System is the program acting by itself.
var System = Actor{System: true}

// Athlete is a signed-in person.
func Athlete(id uuid.UUID) Actor { return Actor{AthleteID: id} }

// SignedIn says whether a person or the system stands behind the actor.
func (a Actor) SignedIn() bool { return a.System || a.AthleteID != uuid.Nil }

// Is says whether the actor is this athlete.
func (a Actor) Is(athlete uuid.UUID) bool { return athlete != uuid.Nil && a.AthleteID == athlete }

// MayRun says whether the actor may act as organiser of something owned by owner: the owner, an administrator of the
// hosting club or of the site, or the program itself.
func (a Actor) MayRun(owner uuid.UUID) bool { return a.System || a.Admin || a.ClubAdmin || a.Is(owner) }

// String is what the log and the audit keep.
func (a Actor) String() string {
	switch {
	case a.System:
		return "system"
	case a.AthleteID == uuid.Nil:
		return "visitor"
	default:
		return a.AthleteID.String()
	}
}

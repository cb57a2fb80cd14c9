package clubs

import (
	"github.com/google/uuid"

	"segmentchallenge/internal/ordered"
)

// Events lists one zero value of each, for registering what the log can hold.
var Events = []Event{
	Created{}, Edited{}, AvatarChanged{}, MembershipRequested{}, MembershipDeclined{}, MemberAdded{}, MemberRemoved{}, AdministratorAppointed{},
}

// State is a club as its events have made it. It is a value; the zero value does not exist yet.
type State struct {
	Exists bool
	ID     uuid.UUID
	Slug   string
	Definition
	Avatar         string // hash of the picture; none: initials are shown
	members        ordered.ByID[struct{}]
	administrators ordered.ByID[struct{}]
	requests       ordered.ByID[struct{}] // who asks to be let in
}

// IsMember, IsAdministrator and HasRequest say how an athlete stands to the club.
func (s State) IsMember(athlete uuid.UUID) bool        { return s.members.Has(athlete) }
func (s State) IsAdministrator(athlete uuid.UUID) bool { return s.administrators.Has(athlete) }
func (s State) HasRequest(athlete uuid.UUID) bool      { return s.requests.Has(athlete) }

// Members is how many there are.
func (s State) Members() int { return s.members.Len() }

// Evolve returns the state after e.
func (s State) Evolve(e Event) State {
	yes := struct{}{}
	switch e := e.(type) {
	case Created:
		s = State{Exists: true, ID: e.ClubID, Slug: e.Slug, Definition: e.Definition}
		s.members, s.administrators = s.members.Set(e.FounderID, yes), s.administrators.Set(e.FounderID, yes)
	case Edited:
		s.Definition = e.Definition
	case AvatarChanged:
		s.Avatar = e.Avatar
	case MembershipRequested:
		s.requests = s.requests.Set(e.AthleteID, yes)
	case MembershipDeclined:
		s.requests = s.requests.Delete(e.AthleteID)
	case MemberAdded:
		s.members, s.requests = s.members.Set(e.AthleteID, yes), s.requests.Delete(e.AthleteID)
	case MemberRemoved:
		s.members, s.administrators = s.members.Delete(e.AthleteID), s.administrators.Delete(e.AthleteID)
	case AdministratorAppointed:
		if s.administrators = s.administrators.Delete(e.AthleteID); e.Administrator {
			s.administrators = s.administrators.Set(e.AthleteID, yes)
		}
	}
	return s
}

package athletes

import (
	"slices"

	"github.com/google/uuid"

	"segmentchallenge/internal/ordered"
)

// Events lists one zero value of each, for registering what the log can hold.
var Events = []Event{Registered{}, ProfileChanged{}, AvatarChanged{}, AdminAppointed{}, NotificationsChosen{}, SegmentStarred{}, SegmentUnstarred{},
	Deleted{}, Erased{}}

// State is an athlete as their events have made them. It is a value; the zero value does not exist yet.
type State struct {
	Exists  bool
	ID      uuid.UUID
	Profile Profile
	Avatar  string         // hash of their picture; none: initials are shown
	Admin   bool           // administers the site
	Deleted bool           // the account is closed, for good
	Erased  bool           // and nothing personal is left of it
	off     []Notification // e-mails that aren't wanted, in the order of Notifications
	starred ordered.ByID[struct{}]
}

// Wants says whether the athlete gets e-mails of a kind.
func (s State) Wants(n Notification) bool { return !slices.Contains(s.off, n) }

// Starred says whether the athlete keeps a segment at hand.
func (s State) Starred(segment uuid.UUID) bool { return s.starred.Has(segment) }

// Evolve returns the state after e.
func (s State) Evolve(e Event) State {
	switch e := e.(type) {
	case Registered:
		return State{Exists: true, ID: e.AthleteID, Profile: e.Profile}
	case ProfileChanged:
		s.Profile = e.Profile
	case AvatarChanged:
		s.Avatar = e.Avatar
	case AdminAppointed:
		s.Admin = e.Admin
	case NotificationsChosen:
		s.off = e.Off
	case SegmentStarred:
		s.starred = s.starred.Set(e.SegmentID, struct{}{})
	case SegmentUnstarred:
		s.starred = s.starred.Delete(e.SegmentID)
	case Deleted:
		s.Deleted, s.Admin = true, false
	case Erased: // also where earlier events were read while they still could be
		s.Erased, s.Profile, s.Avatar = true, Forgotten, ""
	}
	return s
}

package athletes

import "github.com/google/uuid"

// Event is what can have happened to an athlete. Stored names are for ever.
//
//sumtype:decl
type Event interface {
	EventType() string
	athleteEvent()
}

type (
	Registered struct {
		AthleteID uuid.UUID `json:"athleteId"`
		Profile
	}
	ProfileChanged struct {
		AthleteID uuid.UUID `json:"athleteId"`
		Profile
		GenderChanged    bool `json:"genderChanged,omitempty"`
		BirthYearChanged bool `json:"birthYearChanged,omitempty"`
	}
	// AvatarChanged names the picture by its hash; it is kept outside the log. No hash: the picture is gone.
	AvatarChanged struct {
		AthleteID uuid.UUID `json:"athleteId"`
		Avatar    string    `json:"avatar,omitempty" personal:""`
	}
	AdminAppointed struct {
		AthleteID uuid.UUID `json:"athleteId"`
		Admin     bool      `json:"admin"`
	}
	// NotificationsChosen says which e-mails the athlete doesn't want, of all kinds.
	NotificationsChosen struct {
		AthleteID uuid.UUID      `json:"athleteId"`
		Off       []Notification `json:"off"`
	}
	SegmentStarred struct {
		AthleteID uuid.UUID `json:"athleteId"`
		SegmentID uuid.UUID `json:"segmentId"`
	}
	SegmentUnstarred struct {
		AthleteID uuid.UUID `json:"athleteId"`
		SegmentID uuid.UUID `json:"segmentId"`
	}
	// Deleted closes the account.
	Deleted struct {
		AthleteID uuid.UUID `json:"athleteId"`
	}
	// Erased says that the athlete's key is destroyed: what was personal in earlier events can't be read any more.
	Erased struct {
		AthleteID uuid.UUID `json:"athleteId"`
	}
)

func (Registered) EventType() string          { return "AthleteRegistered" }
func (ProfileChanged) EventType() string      { return "AthleteProfileChanged" }
func (AvatarChanged) EventType() string       { return "AthleteAvatarChanged" }
func (AdminAppointed) EventType() string      { return "AthleteAdminAppointed" }
func (NotificationsChosen) EventType() string { return "AthleteNotificationsChosen" }
func (SegmentStarred) EventType() string      { return "AthleteSegmentStarred" }
func (SegmentUnstarred) EventType() string    { return "AthleteSegmentUnstarred" }
func (Deleted) EventType() string             { return "AthleteDeleted" }
func (Erased) EventType() string              { return "AthleteErased" }

// Person is whose the personal fields are.
func (e Registered) Person() uuid.UUID     { return e.AthleteID }
func (e ProfileChanged) Person() uuid.UUID { return e.AthleteID }
func (e AvatarChanged) Person() uuid.UUID  { return e.AthleteID }

func (Registered) athleteEvent()          {}
func (ProfileChanged) athleteEvent()      {}
func (AvatarChanged) athleteEvent()       {}
func (AdminAppointed) athleteEvent()      {}
func (NotificationsChosen) athleteEvent() {}
func (SegmentStarred) athleteEvent()      {}
func (Deleted) athleteEvent()             {}
func (Erased) athleteEvent()              {}
func (SegmentUnstarred) athleteEvent()    {}

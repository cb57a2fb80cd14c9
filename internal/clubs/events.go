package clubs

import "github.com/google/uuid"

// Event is what can have happened to a club. Stored names are for ever.
//
//sumtype:decl
type Event interface {
	EventType() string
	clubEvent()
}

type (
	Created struct {
		ClubID    uuid.UUID `json:"clubId"`
		FounderID uuid.UUID `json:"founderId"`
		Slug      string    `json:"slug"`
		Definition
	}
	Edited struct {
		ClubID uuid.UUID `json:"clubId"`
		Definition
	}
	// AvatarChanged names the picture by its hash; it is kept outside the log. No hash: the picture is gone.
	AvatarChanged struct {
		ClubID uuid.UUID `json:"clubId"`
		Avatar string    `json:"avatar,omitempty"`
	}
	MembershipRequested struct {
		ClubID    uuid.UUID `json:"clubId"`
		AthleteID uuid.UUID `json:"athleteId"`
	}
	MembershipDeclined struct {
		ClubID    uuid.UUID `json:"clubId"`
		AthleteID uuid.UUID `json:"athleteId"`
	}
	MemberAdded struct {
		ClubID    uuid.UUID `json:"clubId"`
		AthleteID uuid.UUID `json:"athleteId"`
	}
	MemberRemoved struct {
		ClubID    uuid.UUID `json:"clubId"`
		AthleteID uuid.UUID `json:"athleteId"`
	}
	AdministratorAppointed struct {
		ClubID        uuid.UUID `json:"clubId"`
		AthleteID     uuid.UUID `json:"athleteId"`
		Administrator bool      `json:"administrator"`
	}
)

func (Created) EventType() string                { return "ClubCreated" }
func (Edited) EventType() string                 { return "ClubEdited" }
func (AvatarChanged) EventType() string          { return "ClubAvatarChanged" }
func (MembershipRequested) EventType() string    { return "ClubMembershipRequested" }
func (MembershipDeclined) EventType() string     { return "ClubMembershipDeclined" }
func (MemberAdded) EventType() string            { return "ClubMemberAdded" }
func (MemberRemoved) EventType() string          { return "ClubMemberRemoved" }
func (AdministratorAppointed) EventType() string { return "ClubAdministratorAppointed" }

func (Created) clubEvent()                {}
func (Edited) clubEvent()                 {}
func (AvatarChanged) clubEvent()          {}
func (MembershipRequested) clubEvent()    {}
func (MembershipDeclined) clubEvent()     {}
func (MemberAdded) clubEvent()            {}
func (MemberRemoved) clubEvent()          {}
func (AdministratorAppointed) clubEvent() {}

package athletes

import (
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/sport"
)

// Command is what an athlete can be asked. E-mail addresses are not here: internal/auth keeps them outside the log.
//
//sumtype:decl
type Command interface {
	athleteCommand()
	Target() uuid.UUID
	Actor() actor.Actor
	At() time.Time
}

// Head is on every command.
type Head struct {
	ID  uuid.UUID
	By  actor.Actor
	Now time.Time
}

// Visibility of a profile.
type Visibility string

const (
	Everyone Visibility = "everyone"
	Members  Visibility = "members" // signed-in athletes
	Nobody   Visibility = "nobody"
)

// Notification is a kind of e-mail that an athlete may get.
type Notification string

const (
	LostPlace        Notification = "lost_place"        // somebody took a place in the points
	HostChallenge    Notification = "host_challenge"    // a challenge of theirs was created and isn't hosted yet
	ApproveStage     Notification = "approve_stage"     // a stage that they organise has ended
	StageStarted     Notification = "stage_started"     // a stage that they compete on has started
	ResultsPublished Notification = "results_published" // results that they are part of were published
)

// Notifications lists them in the order in which people are offered them.
var Notifications = []Notification{LostPlace, StageStarted, ResultsPublished, ApproveStage, HostChallenge}

// Forgotten is what is left of the profile of somebody who has deleted their account: what the tags below say.
var Forgotten = Profile{FirstName: "Deleted", LastName: "athlete", Visibility: Nobody}

// Profile is what an athlete says of themselves. What is tagged personal goes when the account is deleted.
type Profile struct {
	FirstName  string       `json:"firstName" personal:"Deleted"`
	LastName   string       `json:"lastName" personal:"athlete"`
	Gender     sport.Gender `json:"gender,omitempty" personal:""`
	BirthYear  int          `json:"birthYear,omitempty" personal:""`
	Town       string       `json:"town,omitempty" personal:""`
	Country    string       `json:"country,omitempty" personal:""`
	Units      sport.Units  `json:"units"`
	TimeZone   string       `json:"timeZone" personal:""`
	Visibility Visibility   `json:"visibility"`
}

type (
	// Register makes an athlete. Registering the same id again changes nothing.
	Register struct {
		Head
		Profile Profile
	}
	// ChangeProfile replaces the profile.
	ChangeProfile struct {
		Head
		Profile Profile
	}
	// ChangeAvatar says which picture is the athlete's, by the hash that package avatars gave it; none takes it away.
	ChangeAvatar struct {
		Head
		Avatar string
	}
	// AppointAdmin makes the athlete an administrator of the site, or takes that back.
	AppointAdmin struct {
		Head
		Admin bool
	}
	// ChooseNotifications switches e-mails on and off; kinds that it doesn't name stay as they are. At first all are on.
	ChooseNotifications struct {
		Head
		On, Off []Notification
	}
	// StarSegment keeps a segment at hand; Unstar lets it go.
	StarSegment struct {
		Head
		SegmentID uuid.UUID
	}
	UnstarSegment struct {
		Head
		SegmentID uuid.UUID
	}
	// Delete closes the account for good. What is personal is erased because of it, see internal/privacy.
	Delete struct{ Head }
	// NoteErasure keeps that this has been done.
	NoteErasure struct{ Head }
)

func (Register) athleteCommand()      {}
func (ChangeProfile) athleteCommand() {}
func (ChangeAvatar) athleteCommand()  {}
func (AppointAdmin) athleteCommand()  {}
func (StarSegment) athleteCommand()   {}
func (Delete) athleteCommand()        {}
func (NoteErasure) athleteCommand()   {}
func (UnstarSegment) athleteCommand() {}

func (ChooseNotifications) athleteCommand() {}

// Target is the aggregate a command is for; Actor is who asks, and At when.
func (h Head) Target() uuid.UUID  { return h.ID }
func (h Head) Actor() actor.Actor { return h.By }
func (h Head) At() time.Time      { return h.Now }

package clubs

import (
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
)

// Command is what a club can be asked.
//
//sumtype:decl
type Command interface {
	clubCommand()
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

// Definition is what an administrator says of the club.
type Definition struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"` // Markdown
	Website     string `json:"website,omitempty"`     // http or https
	Private     bool   `json:"private,omitempty"`     // joining needs an administrator's yes
}

type (
	// Create makes a club; who creates it is its first administrator and member.
	Create struct {
		Head
		Slug string
		Definition
	}
	// Edit replaces the definition.
	Edit struct {
		Head
		Definition
	}
	// ChangeAvatar says which picture is the club's, by the hash that package avatars gave it; none takes it away.
	ChangeAvatar struct {
		Head
		Avatar string
	}
	// Join makes the actor a member, or asks for it where the club is private.
	Join struct{ Head }
	// AddMember is an administrator's way: also answers a request with yes.
	AddMember struct {
		Head
		AthleteID uuid.UUID
	}
	// DeclineMember answers a request with no.
	DeclineMember struct {
		Head
		AthleteID uuid.UUID
	}
	// RemoveMember lets a member go; members may remove themselves.
	RemoveMember struct {
		Head
		AthleteID uuid.UUID
	}
	// AppointAdministrator makes a member an administrator, or takes that back; the last one stays.
	AppointAdministrator struct {
		Head
		AthleteID     uuid.UUID
		Administrator bool
	}
)

func (Create) clubCommand()               {}
func (Edit) clubCommand()                 {}
func (ChangeAvatar) clubCommand()         {}
func (Join) clubCommand()                 {}
func (AddMember) clubCommand()            {}
func (DeclineMember) clubCommand()        {}
func (RemoveMember) clubCommand()         {}
func (AppointAdministrator) clubCommand() {}

// Target is the aggregate a command is for; Actor is who asks, and At when.
func (h Head) Target() uuid.UUID  { return h.ID }
func (h Head) Actor() actor.Actor { return h.By }
func (h Head) At() time.Time      { return h.Now }

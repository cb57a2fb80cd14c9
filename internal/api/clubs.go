package api

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"segmentchallenge/internal/clubs"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/readmodel"
)

// registerClubs is for those who run a club, and for leaving one. Finding, founding and joining is in people.go.
func (a *API) registerClubs() {
	tag := tagged("Clubs")
	operation(a, http.MethodPatch, "/clubs/{id}", "edit-club", "Administrator: change what the club says of itself", a.editClub, tag)
	for _, action := range memberActions {
		operation(a, http.MethodPost, "/clubs/{id}/members/{athleteId}/"+action.word, action.word+"-club-member", action.summary, a.memberAction(action.command), tag)
	}
}

// memberActions are what can be done about somebody in a club.
var memberActions = []struct {
	word, summary string
	command       func(clubs.Head, uuid.UUID) dispatch.Command
}{
	{"accept", "Administrator: let in an athlete who has asked, or hasn't", func(h clubs.Head, athlete uuid.UUID) dispatch.Command {
		return clubs.AddMember{Head: h, AthleteID: athlete}
	}},
	{"decline", "Administrator: decline an athlete's request", func(h clubs.Head, athlete uuid.UUID) dispatch.Command {
		return clubs.DeclineMember{Head: h, AthleteID: athlete}
	}},
	{"remove", "Leave the club or take a request back, or as administrator remove a member", func(h clubs.Head, athlete uuid.UUID) dispatch.Command {
		return clubs.RemoveMember{Head: h, AthleteID: athlete}
	}},
	{"appoint", "Administrator: make a member an administrator", func(h clubs.Head, athlete uuid.UUID) dispatch.Command {
		return clubs.AppointAdministrator{Head: h, AthleteID: athlete, Administrator: true}
	}},
	{"dismiss", "Administrator: make an administrator a member again; the last one stays", func(h clubs.Head, athlete uuid.UUID) dispatch.Command {
		return clubs.AppointAdministrator{Head: h, AthleteID: athlete}
	}},
}

func (a *API) memberAction(command func(clubs.Head, uuid.UUID) dispatch.Command) func(context.Context, *struct {
	ID        string `path:"id"`
	AthleteID string `path:"athleteId"`
}) (*body[readmodel.Club], error) {
	return func(ctx context.Context, in *struct {
		ID        string `path:"id"`
		AthleteID string `path:"athleteId"`
	}) (*body[readmodel.Club], error) {
		club, err := a.findClub(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		athlete, err := a.somebody(ctx, in.AthleteID)
		if err != nil {
			return nil, err
		}
		by := viewer(ctx)
		if err := a.send(ctx, command(clubs.Head{ID: club.ID, By: by, Now: now()}, athlete)); err != nil {
			return nil, err
		}
		return answer(readmodel.ClubByID(ctx, a.Pool, by, club.ID))
	}
}

// somebody is an athlete who is there, and hasn't gone.
func (a *API) somebody(ctx context.Context, typed string) (uuid.UUID, error) {
	id, err := idOf(typed, readmodel.ErrNoAthlete)
	if err != nil {
		return uuid.Nil, err
	}
	athlete, err := readmodel.AthleteByID(ctx, a.Pool, id)
	if err == nil && athlete.Deleted {
		err = readmodel.ErrNoAthlete
	}
	return id, err
}

func (a *API) editClub(ctx context.Context, in *struct {
	ID   string `path:"id"`
	Body struct {
		Name        *string `json:"name,omitempty"`
		Description *string `json:"description,omitempty" doc:"Markdown"`
		Website     *string `json:"website,omitempty"`
		Private     *bool   `json:"private,omitempty" doc:"joining needs an administrator's yes"`
	}
}) (*body[readmodel.Club], error) {
	club, err := a.findClub(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	definition := clubs.Definition{Name: club.Name, Description: club.Description, Website: club.Website, Private: club.Private}
	set(&definition.Name, in.Body.Name)
	set(&definition.Description, in.Body.Description)
	set(&definition.Website, in.Body.Website)
	set(&definition.Private, in.Body.Private)
	by := viewer(ctx)
	if err := a.send(ctx, clubs.Edit{Head: clubs.Head{ID: club.ID, By: by, Now: now()}, Definition: definition}); err != nil {
		return nil, err
	}
	return answer(readmodel.ClubByID(ctx, a.Pool, by, club.ID))
}

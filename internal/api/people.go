package api

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/clubs"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/slugs"
	"segmentchallenge/internal/sport"
)

func (a *API) registerPeople() {
	people, club := tagged("People"), tagged("Clubs")
	operation(a, http.MethodGet, "/me", "get-me", "The athlete whose token this is", a.me, people, a.needsToken)
	operation(a, http.MethodPatch, "/me", "edit-me", "Change the own profile", a.editMe, people)
	operation(a, http.MethodGet, "/athletes/{id}", "get-athlete", "An athlete's profile", a.athlete, people)
	operation(a, http.MethodGet, "/athletes/{id}/feed", "athlete-feed", "What an athlete did", a.athleteFeed, people)
	operation(a, http.MethodGet, "/athletes/{id}/trophies", "athlete-trophies", "What an athlete has won, newest first", a.trophies, people)
	operation(a, http.MethodGet, "/athletes/{id}/bests", "athlete-bests", "An athlete's best time on each segment, the one ridden last first", a.bests, people)
	operation(a, http.MethodGet, "/clubs", "list-clubs", "Clubs by name", a.clubs, club)
	operation(a, http.MethodPost, "/clubs", "create-club", "Create a club", a.createClub, club, created)
	operation(a, http.MethodGet, "/clubs/{id}", "get-club", "A club, by id or slug", a.club, club)
	operation(a, http.MethodGet, "/clubs/{id}/members", "club-members", "A club's members", a.clubMembers, club)
	operation(a, http.MethodPost, "/clubs/{id}/members", "add-club-member", "Join as oneself, or add an athlete as administrator", a.addClubMember, club)
}

type IDInput struct {
	ID string `path:"id"`
}

// me is what an athlete sees of themselves.
type me struct {
	readmodel.Athlete
	Email string `json:"email"`
	// Notifications says for each kind of e-mail whether it is sent.
	Notifications map[athletes.Notification]bool `json:"notifications" doc:"kinds of e-mail, and whether they are sent"`
}

func (a *API) me(ctx context.Context, _ *struct{}) (*body[me], error) {
	by := viewer(ctx)
	athlete, err := readmodel.AthleteByID(ctx, a.Pool, by.AthleteID)
	if err != nil {
		return nil, err
	}
	email, err := a.Accounts.EmailOf(ctx, by.AthleteID)
	if err != nil {
		return nil, err
	}
	off, err := readmodel.NotificationsOff(ctx, a.Pool, by.AthleteID)
	mails := map[athletes.Notification]bool{}
	for _, kind := range athletes.Notifications {
		mails[kind] = !slices.Contains(off, kind)
	}
	return answer(me{athlete, email, mails}, err)
}

// chosen is a change of e-mails as a command; kinds that aren't named stay as they are.
func chosen(head athletes.Head, mails map[athletes.Notification]bool) (athletes.ChooseNotifications, error) {
	c := athletes.ChooseNotifications{Head: head}
	for kind, on := range mails {
		switch {
		case !slices.Contains(athletes.Notifications, kind):
			return c, athletes.ErrNotification
		case on:
			c.On = append(c.On, kind)
		default:
			c.Off = append(c.Off, kind)
		}
	}
	return c, nil
}

func (a *API) editMe(ctx context.Context, in *struct {
	Body struct {
		FirstName  *string              `json:"firstName,omitempty"`
		LastName   *string              `json:"lastName,omitempty"`
		Gender     *sport.Gender        `json:"gender,omitempty"`
		BirthYear  *int                 `json:"birthYear,omitempty"`
		Town       *string              `json:"town,omitempty"`
		Country    *string              `json:"country,omitempty"`
		Units      *sport.Units         `json:"units,omitempty"`
		TimeZone   *string              `json:"timeZone,omitempty"`
		Visibility *athletes.Visibility `json:"visibility,omitempty"`
		// Checked before anything is changed, so that nothing is half done.
		Notifications map[athletes.Notification]bool `json:"notifications,omitempty" doc:"kinds of e-mail to switch on or off"`
	}
}) (*body[me], error) {
	by := viewer(ctx)
	head := athletes.Head{ID: by.AthleteID, By: by, Now: now()}
	mails, err := chosen(head, in.Body.Notifications)
	if err != nil {
		return nil, err
	}
	is, err := readmodel.AthleteByID(ctx, a.Pool, by.AthleteID)
	if err != nil {
		return nil, err
	}
	profile := athletes.Profile{FirstName: is.FirstName, LastName: is.LastName, Gender: is.Gender, BirthYear: is.BirthYear,
		Town: is.Town, Country: is.Country, Units: is.Units, TimeZone: is.TimeZone, Visibility: is.Visibility}
	b := in.Body
	set(&profile.FirstName, b.FirstName)
	set(&profile.LastName, b.LastName)
	set(&profile.Gender, b.Gender)
	set(&profile.BirthYear, b.BirthYear)
	set(&profile.Town, b.Town)
	set(&profile.Country, b.Country)
	set(&profile.Units, b.Units)
	set(&profile.TimeZone, b.TimeZone)
	set(&profile.Visibility, b.Visibility)
	if err := a.send(ctx, athletes.ChangeProfile{Head: head, Profile: profile}); err != nil {
		return nil, err
	}
	if err := a.send(ctx, mails); err != nil {
		return nil, err
	}
	return a.me(ctx, nil)
}

// set is how PATCH changes a field: what is absent stays.
func set[T any](field *T, given *T) {
	if given != nil {
		*field = *given
	}
}

// mayMeet answers none unless the athlete exists and shows their profile to the viewer.
func (a *API) mayMeet(ctx context.Context, id uuid.UUID, none *refusal.Error) error {
	_, err := a.meet(ctx, id, none)
	return err
}

func (a *API) meet(ctx context.Context, id uuid.UUID, none *refusal.Error) (readmodel.Athlete, error) {
	athlete, err := readmodel.AthleteByID(ctx, a.Pool, id)
	if errors.Is(err, readmodel.ErrNoAthlete) || err == nil && !athlete.VisibleTo(viewer(ctx)) {
		return readmodel.Athlete{}, none
	}
	return athlete, err
}

func (a *API) athlete(ctx context.Context, in *IDInput) (*body[readmodel.Athlete], error) {
	id, err := idOf(in.ID, readmodel.ErrNoAthlete)
	if err != nil {
		return nil, err
	}
	athlete, err := a.meet(ctx, id, readmodel.ErrNoAthlete)
	if !viewer(ctx).Is(id) {
		athlete.BirthYear = 0 // for age groups alone
	}
	return answer(athlete, err)
}

type feedInput struct {
	ID string `path:"id"`
	Paging
}

func (a *API) athleteFeed(ctx context.Context, in *feedInput) (*body[list[readmodel.FeedItem]], error) {
	id, err := idOf(in.ID, readmodel.ErrNoAthlete)
	if err != nil {
		return nil, err
	}
	if err := a.mayMeet(ctx, id, readmodel.ErrNoAthlete); err != nil {
		return nil, err
	}
	return page(readmodel.Feed(ctx, a.Pool, readmodel.FeedQuery{Viewer: viewer(ctx), AthleteID: id, Limit: in.Limit, Before: in.Cursor}))
}

func (a *API) trophies(ctx context.Context, in *IDInput) (*body[list[readmodel.Trophy]], error) {
	id, err := idOf(in.ID, readmodel.ErrNoAthlete)
	if err != nil {
		return nil, err
	}
	athlete, err := a.meet(ctx, id, readmodel.ErrNoAthlete)
	if err != nil {
		return nil, err
	}
	won, _, err := readmodel.TrophyCase(ctx, a.Pool, viewer(ctx), athlete, now())
	return page(won, "", err)
}

func (a *API) bests(ctx context.Context, in *struct {
	ID    string `path:"id"`
	Limit int    `query:"limit" minimum:"0" maximum:"1000" doc:"segments; 50 when left out"`
}) (*body[list[readmodel.Best]], error) {
	id, err := idOf(in.ID, readmodel.ErrNoAthlete)
	if err != nil {
		return nil, err
	}
	if err := a.mayMeet(ctx, id, readmodel.ErrNoAthlete); err != nil {
		return nil, err
	}
	bests, err := readmodel.Bests(ctx, a.Pool, viewer(ctx), id, in.Limit)
	return page(bests, "", err)
}

func (a *API) clubs(ctx context.Context, in *struct {
	Name string `query:"name"`
	Paging
}) (*body[list[readmodel.Club]], error) {
	return page(readmodel.Clubs(ctx, a.Pool, readmodel.ClubFilter{Viewer: viewer(ctx), Query: in.Name, Limit: in.Limit, Cursor: in.Cursor}))
}

func (a *API) createClub(ctx context.Context, in *struct {
	Body struct {
		Name        string `json:"name"`
		Description string `json:"description,omitempty" doc:"Markdown"`
		Website     string `json:"website,omitempty"`
		Private     bool   `json:"private,omitempty" doc:"joining needs an administrator's yes"`
	}
}) (*body[readmodel.Club], error) {
	id, by := newID(ctx), viewer(ctx)
	definition := clubs.Definition{Name: in.Body.Name, Description: in.Body.Description, Website: in.Body.Website, Private: in.Body.Private}
	slug, err := slugs.ReserveSlug(ctx, a.Pool, "club", in.Body.Name, id)
	if err != nil {
		return nil, err
	}
	if err := a.send(ctx, clubs.Create{Head: clubs.Head{ID: id, By: by, Now: now()}, Slug: slug, Definition: definition}); err != nil {
		return nil, a.unnamed(ctx, id, err)
	}
	return answer(readmodel.ClubByID(ctx, a.Pool, by, id))
}

// unnamed gives back the slug of something that was refused, so that the next attempt gets the plain one.
func (a *API) unnamed(ctx context.Context, id uuid.UUID, err error) error {
	if refusal.All(err) != nil {
		return errors.Join(err, slugs.Release(ctx, a.Pool, id))
	}
	return err
}

// findClub takes an id or a slug.
func (a *API) findClub(ctx context.Context, typed string) (readmodel.Club, error) {
	if id, err := uuid.Parse(typed); err == nil {
		return readmodel.ClubByID(ctx, a.Pool, viewer(ctx), id)
	}
	return readmodel.ClubBySlug(ctx, a.Pool, viewer(ctx), typed)
}

func (a *API) club(ctx context.Context, in *IDInput) (*body[readmodel.Club], error) {
	return answer(a.findClub(ctx, in.ID))
}

func (a *API) clubMembers(ctx context.Context, in *feedInput) (*body[list[readmodel.ClubMember]], error) {
	club, err := a.findClub(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	filter := readmodel.ClubMemberFilter{Status: "member", Limit: in.Limit, Cursor: in.Cursor}
	if club.Membership == "administrator" || viewer(ctx).Admin {
		filter.Status = "" // who asks to join is theirs to see
	}
	return page(readmodel.ClubMembers(ctx, a.Pool, club.ID, filter))
}

func (a *API) addClubMember(ctx context.Context, in *struct {
	ID   string `path:"id"`
	Body *struct {
		AthleteID string `json:"athleteId,omitempty" doc:"by an administrator; absent: oneself"`
	}
}) (*body[readmodel.Club], error) {
	club, err := a.findClub(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	by := viewer(ctx)
	head := clubs.Head{ID: club.ID, By: by, Now: now()}
	other := uuid.Nil
	if in.Body != nil {
		if other, err = optionalID("athleteId", in.Body.AthleteID); err != nil {
			return nil, err
		}
	}
	if other == uuid.Nil || other == by.AthleteID {
		err = a.send(ctx, clubs.Join{Head: head})
	} else if _, err = a.somebody(ctx, other.String()); err == nil {
		err = a.send(ctx, clubs.AddMember{Head: head, AthleteID: other})
	}
	if err != nil {
		return nil, err
	}
	return answer(readmodel.ClubByID(ctx, a.Pool, by, club.ID))
}

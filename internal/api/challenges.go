package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/google/uuid"

	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/slugs"
	"segmentchallenge/internal/sport"
)

func (a *API) registerChallenges() {
	tag := tagged("Challenges")
	operation(a, http.MethodGet, "/challenges", "list-challenges", "Challenges by start, last first", a.challenges, tag)
	operation(a, http.MethodPost, "/challenges", "create-challenge", "Create a challenge; it is pending until hosted", a.createChallenge, tag, created)
	operation(a, http.MethodGet, "/challenges/{slug}", "get-challenge", "A challenge with its stages", a.challenge, tag)
	operation(a, http.MethodPatch, "/challenges/{slug}", "edit-challenge", "Change a challenge", a.editChallenge, tag)
	operation(a, http.MethodGet, "/challenges/{slug}/feed", "challenge-feed", "What happened in a challenge", a.challengeFeed, tag)
	operation(a, http.MethodPost, "/challenges/{slug}/reopen", "reopen-challenge", "Take the approval of the results back", a.reopenChallenge, tag)
	for action, command := range challengeActions {
		operation(a, http.MethodPost, "/challenges/{slug}/"+action, action+"-challenge", "Life cycle: "+action, a.challengeAction(command), tag)
	}
}

type SlugInput struct {
	Slug string `path:"slug"`
}

// messageInput is the body of actions: most need none.
type messageInput struct {
	Message string `json:"message,omitempty" doc:"Markdown"`
}

var challengeActions = map[string]func(challenges.Head, messageInput) dispatch.Command{
	"host":   func(h challenges.Head, _ messageInput) dispatch.Command { return challenges.Host{Head: h} },
	"start":  func(h challenges.Head, _ messageInput) dispatch.Command { return challenges.Start{Head: h} },
	"end":    func(h challenges.Head, _ messageInput) dispatch.Command { return challenges.End{Head: h} },
	"cancel": func(h challenges.Head, _ messageInput) dispatch.Command { return challenges.Cancel{Head: h} },
	"approve": func(h challenges.Head, m messageInput) dispatch.Command {
		return challenges.Approve{Head: h, Message: m.Message}
	},
	"publish": func(h challenges.Head, m messageInput) dispatch.Command {
		return challenges.Publish{Head: h, Message: m.Message}
	},
}

// find reads a challenge by slug; its id works too.
func (a *API) find(ctx context.Context, slug string) (readmodel.Challenge, error) {
	if id, err := uuid.Parse(slug); err == nil {
		return readmodel.ChallengeByID(ctx, a.Pool, viewer(ctx), id)
	}
	return readmodel.ChallengeBySlug(ctx, a.Pool, viewer(ctx), slug)
}

// whole is a challenge with its stages.
func (a *API) whole(ctx context.Context, id uuid.UUID) (*body[readmodel.Challenge], error) {
	c, err := readmodel.ChallengeByID(ctx, a.Pool, viewer(ctx), id)
	if err != nil {
		return nil, err
	}
	c.Stages, err = readmodel.Stages(ctx, a.Pool, viewer(ctx), id)
	c.Stages = outlines(c.Stages)
	return answer(c, err)
}

func (a *API) challenges(ctx context.Context, in *struct {
	Status string `query:"status" enum:"pending,upcoming,active,past,approved,cancelled"`
	Type   string `query:"type" enum:"segment,distance,duration,elevation,race"`
	Mine   bool   `query:"mine" doc:"only those that one competes in or organises"`
	Name   string `query:"name"`
	Paging
}) (*body[list[readmodel.Challenge]], error) {
	if in.Mine && viewer(ctx).AthleteID == uuid.Nil {
		return nil, errNotSignedIn
	}
	filter := readmodel.ChallengeFilter{Viewer: viewer(ctx), Type: sport.ChallengeType(in.Type), Mine: in.Mine, Query: in.Name,
		Limit: in.Limit, Cursor: in.Cursor}
	if in.Status != "" {
		filter.Statuses = []sport.Status{sport.Status(in.Status)}
	}
	found, next, err := readmodel.Challenges(ctx, a.Pool, filter)
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, len(found))
	for i, c := range found {
		ids[i] = c.ID
	}
	of, err := readmodel.StagesOf(ctx, a.Pool, viewer(ctx), ids)
	for i := range found {
		found[i].Stages = outlines(of[found[i].ID])
	}
	return page(found, next, err)
}

func (a *API) challenge(ctx context.Context, in *SlugInput) (*body[readmodel.Challenge], error) {
	c, err := a.find(ctx, in.Slug)
	if err != nil {
		return nil, err
	}
	return a.whole(ctx, c.ID)
}

// goalGiven is a challenge's goal as it is written in JSON.
type goalGiven struct {
	Value      float64 `json:"value"`
	Units      string  `json:"units" enum:"metres,kilometres,feet,miles,seconds,minutes,hours,days"`
	Recurrence string  `json:"recurrence,omitempty" enum:"none,day,week,month"`
}

type newChallenge struct {
	Type                    string               `json:"type" enum:"segment,distance,duration,elevation,race"`
	Name                    string               `json:"name"`
	Description             string               `json:"description,omitempty" doc:"Markdown"`
	StartLocal              string               `json:"startLocal" example:"2026-05-02T09:00:00"`
	EndLocal                string               `json:"endLocal" example:"2026-05-31T23:59:59"`
	TimeZone                string               `json:"timeZone" example:"Europe/Brussels"`
	ClubID                  string               `json:"clubId,omitempty"`
	RestrictedToClubMembers bool                 `json:"restrictedToClubMembers,omitempty"`
	AllowPrivateActivities  bool                 `json:"allowPrivateActivities,omitempty"`
	IncludedActivityTypes   []sport.ActivityType `json:"includedActivityTypes,omitempty" doc:"none: every type"`
	AccumulateActivities    bool                 `json:"accumulateActivities,omitempty" doc:"the sum of all, not the best single one"`
	Goal                    *goalGiven           `json:"goal,omitempty"`
	Private                 bool                 `json:"private,omitempty" doc:"unlisted"`
	Categories              []sport.Category     `json:"categories,omitempty" doc:"Open, Women, Men when left out; age groups are U23, 40-49, 50+, Women 40-49 …"`
	Tenths                  bool                 `json:"tenths,omitempty" doc:"rank times to the tenth of a second"`
	Scoring                 leaderboards.Scheme  `json:"scoring,omitzero" doc:"the default of the type when left out"`
}

// definition reads the words of a body into the domain's terms.
func (n newChallenge) definition() (challenges.Definition, error) {
	d := challenges.Definition{Type: sport.ChallengeType(n.Type), Name: n.Name, Description: n.Description, TimeZone: n.TimeZone,
		RestrictedToClubMembers: n.RestrictedToClubMembers, AllowPrivateActivities: n.AllowPrivateActivities,
		IncludedActivityTypes: n.IncludedActivityTypes, AccumulateActivities: n.AccumulateActivities, Private: n.Private,
		Categories: n.Categories, Tenths: n.Tenths, Scoring: n.Scoring}
	if n.Goal != nil {
		d.Goal = &sport.Goal{Value: n.Goal.Value, Units: n.Goal.Units, Recurrence: sport.Recurrence(n.Goal.Recurrence)}
	}
	var err error
	if d.Window, err = window(n.StartLocal, n.EndLocal); err != nil {
		return d, err
	}
	d.ClubID, err = optionalID("clubId", n.ClubID)
	return d, err
}

func window(start, end string) (w sport.Window, err error) {
	if w.Start, err = local("startLocal", start); err != nil {
		return w, err
	}
	w.End, err = local("endLocal", end)
	return w, err
}

func (a *API) createChallenge(ctx context.Context, in *struct{ Body newChallenge }) (*body[readmodel.Challenge], error) {
	d, err := in.Body.definition()
	if err != nil {
		return nil, err
	}
	if d.ClubID != uuid.Nil {
		if _, err := readmodel.ClubByID(ctx, a.Pool, viewer(ctx), d.ClubID); errors.Is(err, readmodel.ErrNoClub) {
			return nil, refusal.Field("clubId", "club_not_found", "There is no such club.")
		}
	}
	id := newID(ctx)
	slug, err := slugs.ReserveSlug(ctx, a.Pool, "challenge", d.Name, id)
	if err != nil {
		return nil, err
	}
	if err := a.send(ctx, challenges.Create{Head: a.challengeHead(ctx, id), Slug: slug, Definition: d}); err != nil {
		return nil, a.unnamed(ctx, id, err)
	}
	return a.whole(ctx, id)
}

func (a *API) challengeHead(ctx context.Context, id uuid.UUID) challenges.Head {
	return challenges.Head{ID: id, By: viewer(ctx), Now: now()}
}

func (a *API) editChallenge(ctx context.Context, in *struct {
	Slug string `path:"slug"`
	Body struct {
		Name                  *string               `json:"name,omitempty"`
		Description           *string               `json:"description,omitempty"`
		StartLocal            *string               `json:"startLocal,omitempty"`
		EndLocal              *string               `json:"endLocal,omitempty"`
		IncludedActivityTypes *[]sport.ActivityType `json:"includedActivityTypes,omitempty"`
	}
}) (*body[readmodel.Challenge], error) {
	c, err := a.find(ctx, in.Slug)
	if err != nil {
		return nil, err
	}
	b := in.Body
	edit := challenges.Edit{Head: a.challengeHead(ctx, c.ID), Name: b.Name, Description: b.Description, Types: b.IncludedActivityTypes}
	if b.StartLocal != nil || b.EndLocal != nil {
		w, err := window(orElse(b.StartLocal, ""), orElse(b.EndLocal, "")) // what isn't given stays
		if err != nil {
			return nil, err
		}
		edit.Window = &w
	}
	if b.Name != nil && c.Status == sport.Pending {
		if edit.Slug, err = slugs.ReserveSlug(ctx, a.Pool, "challenge", *b.Name, c.ID); err != nil {
			return nil, err
		}
	}
	if err := a.send(ctx, edit); err != nil {
		return nil, err
	}
	return a.whole(ctx, c.ID)
}

func orElse[T any](given *T, otherwise T) T {
	if given != nil {
		return *given
	}
	return otherwise
}

// reopenChallenge takes the approval of the results back.
func (a *API) reopenChallenge(ctx context.Context, in *struct {
	SlugInput
	Body reasonInput
}) (*body[readmodel.Challenge], error) {
	c, err := a.find(ctx, in.Slug)
	if err == nil {
		err = a.send(ctx, challenges.Reopen{Head: a.challengeHead(ctx, c.ID), Reason: in.Body.Reason})
	}
	if err != nil {
		return nil, err
	}
	return a.whole(ctx, c.ID)
}

func (a *API) challengeAction(command func(challenges.Head, messageInput) dispatch.Command) func(context.Context, *ActionInput) (*body[readmodel.Challenge], error) {
	return func(ctx context.Context, in *ActionInput) (*body[readmodel.Challenge], error) {
		c, err := a.find(ctx, in.Slug)
		if err != nil {
			return nil, err
		}
		if err := a.send(ctx, command(a.challengeHead(ctx, c.ID), in.message())); err != nil {
			return nil, err
		}
		return a.whole(ctx, c.ID)
	}
}

type ActionInput struct {
	Slug string `path:"slug"`
	Body *messageInput
}

func (in *ActionInput) message() messageInput {
	if in.Body == nil {
		return messageInput{}
	}
	return *in.Body
}

func (a *API) challengeFeed(ctx context.Context, in *struct {
	Slug string `path:"slug"`
	Paging
}) (*body[list[readmodel.FeedItem]], error) {
	c, err := a.find(ctx, in.Slug)
	if err != nil {
		return nil, err
	}
	return page(readmodel.Feed(ctx, a.Pool, readmodel.FeedQuery{Viewer: viewer(ctx), ChallengeID: c.ID, Limit: in.Limit, Before: in.Cursor}))
}

package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
)

func (a *API) registerCompetitors() {
	tag := tagged("Competitors")
	const path, efforts = "/challenges/{slug}/competitors", "/challenges/{slug}/stages/{stage}/efforts"
	operation(a, http.MethodPost, "/challenges/{slug}/join", "join-challenge", "Compete", a.join, tag)
	operation(a, http.MethodPost, "/challenges/{slug}/leave", "leave-challenge", "Stop competing", a.leave, tag)
	operation(a, http.MethodGet, path, "list-competitors", "Who competes", a.competitors, tag)
	for action, command := range competitorActions {
		operation(a, http.MethodPost, path+"/{athleteId}/"+action, action+"-competitor", "Organiser: "+action, a.competitorAction(command), tag)
	}
	operation(a, http.MethodGet, efforts, "list-efforts", "Efforts on a stage, last recorded first", a.efforts, tag)
	operation(a, http.MethodPost, efforts, "record-effort", "Organiser: record an effort by hand", a.recordEffort, tag, created)
	operation(a, http.MethodPost, efforts+"/{id}/flag", "flag-effort", "Organiser: take an effort out for good", a.flagEffort, tag)
	operation(a, http.MethodGet, "/challenges/{slug}/review", "list-review", "Organiser: efforts that wait for review, the oldest first", a.reviewQueue, tag,
		func(op *huma.Operation) { op.Errors = append(op.Errors, http.StatusForbidden) })
	operation(a, http.MethodPost, efforts+"/{id}/accept", "accept-effort", "Organiser: let an effort count that needed review", a.acceptEffort, tag)
	operation(a, http.MethodPost, efforts+"/{id}/reject", "reject-effort", "Organiser: take an effort out for good that needed review", a.rejectEffort, tag)
}

func (a *API) competitorHead(ctx context.Context, challenge, athlete uuid.UUID) competitors.Head {
	return competitors.Head{ChallengeID: challenge, AthleteID: athlete, By: viewer(ctx), Now: now()}
}

func (a *API) join(ctx context.Context, in *ActionInput) (*body[readmodel.Challenge], error) {
	c, err := a.find(ctx, in.Slug)
	if err == nil {
		err = a.send(ctx, competitors.Join{Head: a.competitorHead(ctx, c.ID, viewer(ctx).AthleteID)})
	}
	if err != nil {
		return nil, err
	}
	return a.whole(ctx, c.ID)
}

func (a *API) leave(ctx context.Context, in *ActionInput) (*body[readmodel.Challenge], error) {
	c, err := a.find(ctx, in.Slug)
	if err == nil {
		err = a.send(ctx, competitors.Leave{Head: a.competitorHead(ctx, c.ID, viewer(ctx).AthleteID)})
	}
	if err != nil {
		return nil, err
	}
	return a.whole(ctx, c.ID)
}

func (a *API) competitors(ctx context.Context, in *struct {
	SlugInput
	Paging
}) (*body[list[competitor]], error) {
	c, err := a.find(ctx, in.Slug)
	if err != nil {
		return nil, err
	}
	found, next, err := readmodel.Competitors(ctx, a.Pool, c.ID, readmodel.CompetitorFilter{Limit: in.Limit, Cursor: in.Cursor})
	all := make([]competitor, len(found))
	for i, k := range found {
		all[i] = competitorOf(k)
	}
	return page(all, next, err)
}

// competitor shows a gender that isn't disclosed as null.
type competitor struct {
	readmodel.Competitor
	Gender *sport.Gender `json:"gender"`
}

func competitorOf(k readmodel.Competitor) competitor { return competitor{k, orNull(k.Gender)} }

var competitorActions = map[string]func(competitors.Head, string) dispatch.Command{
	"exclude": func(h competitors.Head, reason string) dispatch.Command {
		return competitors.Exclude{Head: h, Reason: reason}
	},
	"limit": func(h competitors.Head, reason string) dispatch.Command {
		return competitors.Limit{Head: h, Reason: reason}
	},
	"allow": func(h competitors.Head, _ string) dispatch.Command { return competitors.Allow{Head: h} },
}

type reasonInput struct {
	Reason string `json:"reason,omitempty"`
}

func (a *API) competitorAction(command func(competitors.Head, string) dispatch.Command) func(context.Context, *competitorActionInput) (*body[competitor], error) {
	return func(ctx context.Context, in *competitorActionInput) (*body[competitor], error) {
		c, err := a.find(ctx, in.Slug)
		if err != nil {
			return nil, err
		}
		athlete, err := idOf(in.AthleteID, readmodel.ErrNoAthlete)
		if err != nil {
			return nil, err
		}
		if _, err := readmodel.AthleteByID(ctx, a.Pool, athlete); err != nil {
			return nil, err
		}
		reason := ""
		if in.Body != nil {
			reason = in.Body.Reason
		}
		if err := a.send(ctx, command(a.competitorHead(ctx, c.ID, athlete), reason)); err != nil {
			return nil, err
		}
		k, found, err := readmodel.CompetitorOf(ctx, a.Pool, c.ID, athlete)
		if err == nil && !found {
			err = readmodel.ErrNoAthlete
		}
		return answer(competitorOf(k), err)
	}
}

type competitorActionInput struct {
	Slug      string `path:"slug"`
	AthleteID string `path:"athleteId"`
	Body      *reasonInput
}

// effort shows what wasn't measured as null.
type effort struct {
	readmodel.Effort
	ActivityID *string  `json:"activityId" format:"uuid" doc:"null where the organiser recorded it by hand"`
	HeartRate  *float64 `json:"averageHeartRate"`
	Power      *float64 `json:"averagePower"`
	Reason     *string  `json:"reason" doc:"why it doesn't count, in words"`
}

func effortOf(e readmodel.Effort) effort {
	activity := e.ActivityID.String()
	if e.Manual { // that one is nowhere but on the effort
		activity = ""
	}
	return effort{Effort: e, ActivityID: orNull(activity), HeartRate: orNull(e.HeartRate), Power: orNull(e.Power), Reason: orNull(e.Reason)}
}

func effortsOf(all []readmodel.Effort) []effort {
	out := make([]effort, len(all))
	for i, e := range all {
		out[i] = effortOf(e)
	}
	return out
}

func (a *API) efforts(ctx context.Context, in *struct {
	StageInput
	AthleteID string `query:"athleteId"`
	Paging
}) (*body[list[effort]], error) {
	_, s, err := a.findStage(ctx, in.Slug, in.Stage)
	if err != nil {
		return nil, err
	}
	athlete, err := optionalID("athleteId", in.AthleteID)
	if err != nil {
		return nil, err
	}
	found, next, err := readmodel.StageEfforts(ctx, a.Pool, readmodel.EffortFilter{Viewer: viewer(ctx), Organiser: s.MayRun, StageID: s.ID,
		AthleteID: athlete, Limit: in.Limit, Cursor: in.Cursor})
	return page(effortsOf(found), next, err)
}

type newEffort struct {
	AthleteID     string  `json:"athleteId"`
	ActivityType  string  `json:"activityType" example:"Ride"`
	StartLocal    string  `json:"startLocal"`
	ElapsedTime   float64 `json:"elapsedTime" doc:"seconds" minimum:"0" maximum:"31536000"`
	MovingTime    float64 `json:"movingTime,omitempty" doc:"seconds" minimum:"0" maximum:"31536000"`
	Distance      float64 `json:"distance,omitempty" doc:"metres" minimum:"0" maximum:"40000000"`
	ElevationGain float64 `json:"elevationGain,omitempty" doc:"metres" minimum:"0" maximum:"1000000"`
}

// recordEffort is the organiser's own entry: a photo finish, a rider whose device died.
func (a *API) recordEffort(ctx context.Context, in *struct {
	StageInput
	Body newEffort
}) (*body[effort], error) {
	c, s, err := a.findStage(ctx, in.Slug, in.Stage)
	if err != nil {
		return nil, err
	}
	athlete, err := uuid.Parse(in.Body.AthleteID)
	if err != nil {
		return nil, invalid("athleteId", "Whose effort is it? Give an athlete's id.")
	}
	start, err := local("startLocal", in.Body.StartLocal)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		return nil, err
	}
	activity := newID(ctx)
	id := competitors.EffortIDOf(s.ID, activity, 1)
	err = a.send(ctx, competitors.RecordByHand{Head: a.competitorHead(ctx, c.ID, athlete), Rules: competitors.Rules{StageID: s.ID},
		Activity: competitors.Activity{ID: activity, Type: sport.ActivityType(in.Body.ActivityType), StartLocal: start, Manual: true, Source: "manual"},
		Performance: competitors.Performance{EffortID: id, Lap: 1, StartUTC: start.In(zone).UTC(), StartLocal: start,
			ElapsedMs: milliseconds(in.Body.ElapsedTime), MovingMs: milliseconds(in.Body.MovingTime),
			DistanceM: in.Body.Distance, GainM: in.Body.ElevationGain}})
	if err != nil {
		return nil, err
	}
	return a.effort(ctx, id)
}

func (a *API) effort(ctx context.Context, id uuid.UUID) (*body[effort], error) {
	e, err := readmodel.EffortByID(ctx, a.Pool, id)
	return answer(effortOf(e), err)
}

func milliseconds(seconds float64) int64 { return int64(seconds*1000 + 0.5) }

// EffortInput names an effort of a stage.
type EffortInput struct {
	StageInput
	ID string `path:"id"`
}

// findEffort reads an effort of the stage of the address.
func (a *API) findEffort(ctx context.Context, in EffortInput) (readmodel.Challenge, readmodel.Effort, error) {
	c, s, err := a.findStage(ctx, in.Slug, in.Stage)
	if err != nil {
		return c, readmodel.Effort{}, err
	}
	id, err := idOf(in.ID, readmodel.ErrNoEffort)
	if err != nil {
		return c, readmodel.Effort{}, err
	}
	e, err := readmodel.EffortByID(ctx, a.Pool, id)
	if err == nil && e.StageID != s.ID {
		err = readmodel.ErrNoEffort
	}
	return c, e, err
}

func (a *API) flagEffort(ctx context.Context, in *struct {
	EffortInput
	Body reasonInput
}) (*body[effort], error) {
	c, e, err := a.findEffort(ctx, in.EffortInput)
	if err == nil {
		err = a.send(ctx, competitors.FlagEffort{Head: a.competitorHead(ctx, c.ID, e.AthleteID), Rules: competitors.Rules{StageID: e.StageID},
			EffortID: e.ID, Reason: in.Body.Reason})
	}
	if err != nil {
		return nil, err
	}
	return a.effort(ctx, e.ID)
}

// noteInput is what an organiser says after looking at an effort.
type noteInput struct {
	Note string `json:"note,omitempty" doc:"for the athlete; needed for a rejection"`
}

type reviewInput struct {
	EffortInput
	Body *noteInput
}

func (in *reviewInput) note() string {
	if in.Body == nil {
		return ""
	}
	return in.Body.Note
}

func (a *API) acceptEffort(ctx context.Context, in *reviewInput) (*body[effort], error) {
	c, e, err := a.findEffort(ctx, in.EffortInput)
	if err == nil {
		err = a.send(ctx, competitors.AcceptEffort{Head: a.competitorHead(ctx, c.ID, e.AthleteID), Rules: competitors.Rules{StageID: e.StageID},
			EffortID: e.ID, Note: in.note()})
	}
	if err != nil {
		return nil, err
	}
	return a.effort(ctx, e.ID)
}

func (a *API) rejectEffort(ctx context.Context, in *reviewInput) (*body[effort], error) {
	c, e, err := a.findEffort(ctx, in.EffortInput)
	if err == nil {
		err = a.send(ctx, competitors.RejectEffort{Head: a.competitorHead(ctx, c.ID, e.AthleteID), Rules: competitors.Rules{StageID: e.StageID},
			EffortID: e.ID, Note: in.note()})
	}
	if err != nil {
		return nil, err
	}
	return a.effort(ctx, e.ID)
}

// reviewQueue lists what waits for who runs the challenge.
func (a *API) reviewQueue(ctx context.Context, in *struct {
	SlugInput
	Paging
}) (*body[list[effort]], error) {
	c, err := a.find(ctx, in.Slug)
	switch {
	case err != nil:
	case !viewer(ctx).SignedIn():
		err = errNotSignedIn
	case !c.MayRun:
		err = challenges.ErrNotOrganiser
	}
	if err != nil {
		return nil, err
	}
	found, next, err := readmodel.ReviewQueue(ctx, a.Pool, readmodel.ReviewFilter{ChallengeID: c.ID, Limit: in.Limit, Cursor: in.Cursor})
	return page(effortsOf(found), next, err)
}

package api

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
)

func (a *API) registerActivities() {
	tag := tagged("Activities")
	operation(a, http.MethodGet, "/activities", "list-activities", "Own activities, newest first", a.activities, tag, a.needsToken)
	operation(a, http.MethodPost, "/activities", "bring-activities", "Bring FIT, GPX, TCX files (also gz, zip), several at once",
		a.bring, tag, accepted)
	a.describeBody("/activities", uploadBody())
	a.describeWaiting("/activities")
	operation(a, http.MethodGet, "/activities/{id}", "get-activity", "An activity with its efforts", a.activity, tag)
	operation(a, http.MethodPatch, "/activities/{id}", "edit-activity", "Change an own activity", a.editActivity, tag)
	operation(a, http.MethodDelete, "/activities/{id}", "delete-activity", "Delete an own activity and its efforts", a.deleteActivity, tag)
}

func (a *API) activities(ctx context.Context, in *struct{ Paging }) (*body[list[readmodel.Activity]], error) {
	by := viewer(ctx)
	return page(readmodel.Activities(ctx, a.Pool, readmodel.ActivityFilter{Viewer: by, AthleteID: by.AthleteID, Limit: in.Limit, Cursor: in.Cursor}))
}

// wholeActivity is an activity with what it brought.
type wholeActivity struct {
	readmodel.Activity
	Efforts  []effort        `json:"efforts"`
	NotTaken []refusedEffort `json:"refused" doc:"shown to its athlete alone"`
}

// refusedEffort is a stage that an activity did not count for, and why.
type refusedEffort struct {
	Stage     string `json:"stage" doc:"slug"`
	Challenge string `json:"challenge" doc:"slug"`
	Code      string `json:"code"`
	Detail    string `json:"detail"`
}

// findActivity finds an activity that the viewer may see.
func (a *API) findActivity(ctx context.Context, typed string) (readmodel.Activity, error) {
	id, err := idOf(typed, readmodel.ErrNoActivity)
	if err != nil {
		return readmodel.Activity{}, err
	}
	found, err := readmodel.ActivityByID(ctx, a.Pool, viewer(ctx), id)
	if err != nil || viewer(ctx).Is(found.AthleteID) {
		return found, err
	}
	found.File = "" // the name that the athlete's computer has for it
	return found, a.mayMeet(ctx, found.AthleteID, readmodel.ErrNoActivity)
}

func (a *API) activity(ctx context.Context, in *IDInput) (*body[wholeActivity], error) {
	found, err := a.findActivity(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	efforts, err := readmodel.EffortsShown(ctx, a.Pool, viewer(ctx), []uuid.UUID{found.ID})
	if err != nil {
		return nil, err
	}
	out := wholeActivity{Activity: found, NotTaken: []refusedEffort{}}
	var accepted, refused []readmodel.Effort
	for _, e := range efforts {
		if e.Status == "accepted" {
			accepted = append(accepted, e)
		} else {
			refused = append(refused, e)
		}
	}
	out.Efforts = effortsOf(accepted)
	if viewer(ctx).Is(found.AthleteID) {
		out.NotTaken, err = a.refusedOf(ctx, found.ID, refused)
	}
	return answer(out, err)
}

// refusedOf joins the efforts that were refused and the traversals that the segment engine did not take.
func (a *API) refusedOf(ctx context.Context, activity uuid.UUID, efforts []readmodel.Effort) ([]refusedEffort, error) {
	out := []refusedEffort{}
	for _, e := range efforts {
		out = append(out, refusedEffort{Stage: e.StageSlug, Challenge: e.ChallengeSlug, Code: e.Code, Detail: e.Reason})
	}
	findings, err := readmodel.FindingsOfActivity(ctx, a.Pool, activity)
	for _, f := range findings {
		for _, m := range f.Misses {
			out = append(out, refusedEffort{Stage: f.StageSlug, Challenge: f.ChallengeSlug, Code: m.Code, Detail: m.Detail})
		}
	}
	return out, err
}

func (a *API) editActivity(ctx context.Context, in *struct {
	IDInput
	Body struct {
		Name    *string             `json:"name,omitempty"`
		Type    *sport.ActivityType `json:"activityType,omitempty"`
		AsSent  *sport.ActivityType `json:"type,omitempty" doc:"the same, by the name that uploads have for it"`
		Private *bool               `json:"private,omitempty"`
		Commute *bool               `json:"commute,omitempty"`
	}
}) (*body[wholeActivity], error) {
	is, err := a.findActivity(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	cmd := activities.Edit{Head: activities.Head{ID: is.ID, By: viewer(ctx), Now: now()}, Name: is.Name, Type: is.ActivityType,
		Private: is.Private, Commute: is.Commute}
	set(&cmd.Name, in.Body.Name)
	set(&cmd.Type, in.Body.AsSent)
	set(&cmd.Type, in.Body.Type)
	set(&cmd.Private, in.Body.Private)
	set(&cmd.Commute, in.Body.Commute)
	if err := a.send(ctx, cmd); err != nil {
		return nil, err
	}
	return a.activity(ctx, &in.IDInput)
}

func (a *API) deleteActivity(ctx context.Context, in *IDInput) (*struct{}, error) {
	is, err := a.findActivity(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return nil, a.send(ctx, activities.Delete{Head: activities.Head{ID: is.ID, By: viewer(ctx), Now: now()}})
}

package api

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

func (a *API) registerStages() {
	tag := tagged("Stages")
	const path = "/challenges/{slug}/stages"
	operation(a, http.MethodGet, path, "list-stages", "A challenge's stages", a.stages, tag)
	operation(a, http.MethodPost, path, "add-stage", "Add a stage", a.addStage, tag, created)
	operation(a, http.MethodGet, path+"/{stage}", "get-stage", "A stage", a.stage, tag)
	operation(a, http.MethodPatch, path+"/{stage}", "edit-stage", "Change a stage", a.editStage, tag)
	operation(a, http.MethodDelete, path+"/{stage}", "delete-stage", "Delete an upcoming stage", a.deleteStage, tag)
	operation(a, http.MethodGet, path+"/{stage}/feed", "stage-feed", "What happened on a stage", a.stageFeed, tag)
	operation(a, http.MethodPost, path+"/{stage}/reopen", "reopen-stage", "Take the approval of a stage's results back, to correct them", a.reopenStage, tag)
	for action, command := range stageActions {
		operation(a, http.MethodPost, path+"/{stage}/"+action, action+"-stage", "Life cycle: "+action, a.stageAction(command), tag)
	}
}

type StageInput struct {
	Slug  string `path:"slug"`
	Stage string `path:"stage" doc:"the stage's slug"`
}

var stageActions = map[string]func(stages.Head, messageInput) dispatch.Command{
	"reveal": func(h stages.Head, _ messageInput) dispatch.Command { return stages.Reveal{Head: h} },
	"start":  func(h stages.Head, _ messageInput) dispatch.Command { return stages.Start{Head: h} },
	"end":    func(h stages.Head, _ messageInput) dispatch.Command { return stages.End{Head: h} },
	"approve": func(h stages.Head, m messageInput) dispatch.Command {
		return stages.Approve{Head: h, Message: m.Message}
	},
	"publish": func(h stages.Head, m messageInput) dispatch.Command {
		return stages.Publish{Head: h, Message: m.Message}
	},
}

// findStage reads a stage by its slug within its challenge; its id works too.
func (a *API) findStage(ctx context.Context, slug, stage string) (readmodel.Challenge, readmodel.Stage, error) {
	c, err := a.find(ctx, slug)
	if err != nil {
		return c, readmodel.Stage{}, err
	}
	if id, err := uuid.Parse(stage); err == nil {
		s, err := readmodel.StageByID(ctx, a.Pool, viewer(ctx), id)
		if err == nil && s.ChallengeID != c.ID {
			err = readmodel.ErrNoStage
		}
		return c, s, err
	}
	s, err := readmodel.StageBySlug(ctx, a.Pool, viewer(ctx), c.ID, stage)
	return c, s, err
}

func (a *API) stages(ctx context.Context, in *SlugInput) (*body[list[readmodel.Stage]], error) {
	c, err := a.find(ctx, in.Slug)
	if err != nil {
		return nil, err
	}
	all, err := readmodel.Stages(ctx, a.Pool, viewer(ctx), c.ID)
	return page(outlines(all), "", err)
}

func (a *API) stage(ctx context.Context, in *StageInput) (*body[readmodel.Stage], error) {
	_, s, err := a.findStage(ctx, in.Slug, in.Stage)
	return told(s, err)
}

// told answers with a stage.
func told(s readmodel.Stage, err error) (*body[readmodel.Stage], error) {
	return answer(outline(s), err)
}

// outline is what may be said of a stage. The name of a mystery, and the slug made of it, tell of its segment; its id
// names it as well.
func outline(s readmodel.Stage) readmodel.Stage {
	s.Hidden = s.Hidden && !s.Revealed && s.Status == sport.Upcoming
	if s.SegmentSecret {
		s.Name, s.Slug = "Mystery stage", s.ID.String()
	}
	return s
}

func outlines(all []readmodel.Stage) []readmodel.Stage {
	for i := range all {
		all[i] = outline(all[i])
	}
	return orEmpty(all)
}

func (a *API) addStage(ctx context.Context, in *struct {
	Slug string `path:"slug"`
	Body struct {
		Type             string `json:"type" enum:"mountain,rolling,flat"`
		SegmentID        string `json:"segmentId"`
		Name             string `json:"name"`
		Description      string `json:"description,omitempty" doc:"Markdown"`
		StartLocal       string `json:"startLocal,omitempty" doc:"default: a second after the previous stage"`
		EndLocal         string `json:"endLocal,omitempty" doc:"default: when the challenge ends"`
		PointsAdjustment string `json:"pointsAdjustment,omitempty" enum:"none,double,queen,preview"`
		Hidden           bool   `json:"hidden,omitempty" doc:"a mystery stage: its segment is a secret until revealed or started"`
	}
}) (*body[readmodel.Stage], error) {
	c, err := a.find(ctx, in.Slug)
	if err != nil {
		return nil, err
	}
	b := in.Body
	segment, err := a.segmentID(ctx, b.SegmentID)
	if err != nil {
		return nil, err
	}
	w, err := window(b.StartLocal, b.EndLocal)
	if err != nil {
		return nil, err
	}
	id := newID(ctx)
	err = a.send(ctx, challenges.AddStage{Head: a.challengeHead(ctx, c.ID), StageID: id, StageDefinition: challenges.StageDefinition{
		Type: sport.StageType(b.Type), SegmentID: segment, Name: b.Name, Description: b.Description, Window: w,
		Adjustment: sport.PointsAdjustment(b.PointsAdjustment), Hidden: b.Hidden}})
	if err != nil {
		return nil, err
	}
	return told(readmodel.StageByID(ctx, a.Pool, viewer(ctx), id))
}

// segmentID reads the id of a segment that exists; empty is none, which the challenge refuses where it needs one.
func (a *API) segmentID(ctx context.Context, typed string) (uuid.UUID, error) {
	id, err := optionalID("segmentId", typed)
	if err != nil || id == uuid.Nil {
		return id, err
	}
	if _, err = readmodel.SegmentByID(ctx, a.Pool, viewer(ctx), id); refusal.All(err) != nil {
		err = refusal.Field("segmentId", "segment_not_found", "There is no such segment.")
	}
	return id, err
}

func (a *API) editStage(ctx context.Context, in *struct {
	StageInput
	Body struct {
		Type             *string `json:"type,omitempty" enum:"mountain,rolling,flat"`
		SegmentID        *string `json:"segmentId,omitempty"`
		Name             *string `json:"name,omitempty"`
		Description      *string `json:"description,omitempty"`
		StartLocal       *string `json:"startLocal,omitempty"`
		EndLocal         *string `json:"endLocal,omitempty"`
		PointsAdjustment *string `json:"pointsAdjustment,omitempty" enum:"none,double,queen,preview"`
		Hidden           *bool   `json:"hidden,omitempty" doc:"while upcoming: whether its segment is a secret"`
	}
}) (*body[readmodel.Stage], error) {
	c, s, err := a.findStage(ctx, in.Slug, in.Stage)
	if err != nil {
		return nil, err
	}
	b := in.Body
	edit := stages.Edit{Head: stages.Head{ID: s.ID, By: viewer(ctx), Now: now()}, Name: b.Name, Description: b.Description,
		Type: (*sport.StageType)(b.Type), Adjustment: (*sport.PointsAdjustment)(b.PointsAdjustment), Hidden: b.Hidden}
	if b.SegmentID != nil {
		segment, err := a.segmentID(ctx, *b.SegmentID)
		if err != nil {
			return nil, err
		}
		edit.SegmentID = &segment
	}
	commands := []dispatch.Command{edit}
	if b.StartLocal != nil || b.EndLocal != nil {
		w, err := window(orElse(b.StartLocal, ""), orElse(b.EndLocal, "")) // what isn't given stays
		if err != nil {
			return nil, err
		}
		commands = append(commands, challenges.RescheduleStage{Head: a.challengeHead(ctx, c.ID), StageID: s.ID, Window: w})
	}
	if err := a.send(ctx, commands...); err != nil {
		return nil, err
	}
	return told(readmodel.StageByID(ctx, a.Pool, viewer(ctx), s.ID))
}

func (a *API) reopenStage(ctx context.Context, in *struct {
	StageInput
	Body reasonInput
}) (*body[readmodel.Stage], error) {
	_, s, err := a.findStage(ctx, in.Slug, in.Stage)
	if err == nil {
		err = a.send(ctx, stages.Reopen{Head: stages.Head{ID: s.ID, By: viewer(ctx), Now: now()}, Reason: in.Body.Reason})
	}
	if err != nil {
		return nil, err
	}
	return told(readmodel.StageByID(ctx, a.Pool, viewer(ctx), s.ID))
}

func (a *API) deleteStage(ctx context.Context, in *StageInput) (*struct{}, error) {
	c, s, err := a.findStage(ctx, in.Slug, in.Stage)
	if err == nil {
		err = a.send(ctx, challenges.RemoveStage{Head: a.challengeHead(ctx, c.ID), StageID: s.ID})
	}
	return nil, err
}

func (a *API) stageAction(command func(stages.Head, messageInput) dispatch.Command) func(context.Context, *stageActionInput) (*body[readmodel.Stage], error) {
	return func(ctx context.Context, in *stageActionInput) (*body[readmodel.Stage], error) {
		_, s, err := a.findStage(ctx, in.Slug, in.Stage)
		if err != nil {
			return nil, err
		}
		if err := a.send(ctx, command(stages.Head{ID: s.ID, By: viewer(ctx), Now: now()}, in.message())); err != nil {
			return nil, err
		}
		return told(readmodel.StageByID(ctx, a.Pool, viewer(ctx), s.ID))
	}
}

type stageActionInput struct {
	ActionInput
	Stage string `path:"stage"`
}

func (a *API) stageFeed(ctx context.Context, in *struct {
	StageInput
	Paging
}) (*body[list[readmodel.FeedItem]], error) {
	_, s, err := a.findStage(ctx, in.Slug, in.Stage)
	if err != nil {
		return nil, err
	}
	return page(readmodel.Feed(ctx, a.Pool, readmodel.FeedQuery{Viewer: viewer(ctx), StageID: s.ID, Limit: in.Limit, Before: in.Cursor}))
}

package importer

import (
	"context"

	"github.com/google/uuid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

// Name of the subscription.
const Name = "importer"

var reactsTo = []eventstore.Event{activities.Recorded{}, activities.Edited{}, activities.Removed{}, competitors.Joined{},
	competitors.Allowed{}, stages.Started{}, stages.SegmentChanged{}, challenges.ActivityTypesAdjusted{}}

// Run matches because of events until ctx is done.
func (im *Importer) Run(ctx context.Context) error {
	var types []string
	for _, e := range reactsTo {
		types = append(types, e.EventType())
	}
	return im.Store.RunHandler(ctx, eventstore.HandlerSubscription{
		Name: Name, Filter: eventstore.Filter{Types: types}, Partitions: 4, Handle: im.handle,
	})
}

func (im *Importer) handle(ctx context.Context, rec eventstore.Recorded) error {
	event, err := im.Store.Registry().Decode(rec)
	if err != nil {
		return err
	}
	// What is matched is read from the read models: they must know of the event first.
	if err := im.Store.WaitFor(ctx, rec.Position, im.ReadModels...); err != nil {
		return err
	}
	why := because{rec}
	switch e := event.(type) {
	case activities.Recorded:
		return im.matchActivity(ctx, why, e.ActivityID, uuid.Nil)
	case activities.Edited:
		if e.Rematch {
			return im.matchActivity(ctx, why, e.ActivityID, uuid.Nil)
		}
	case activities.Removed:
		return im.removeActivity(ctx, why, e)
	case competitors.Joined:
		return im.backfill(ctx, why, e.Ref)
	case competitors.Allowed:
		return im.backfill(ctx, why, e.Ref)
	case stages.Started:
		return im.matchStage(ctx, why, e.StageID)
	case stages.SegmentChanged:
		return im.segmentChanged(ctx, why, e)
	case challenges.ActivityTypesAdjusted:
		for _, s := range e.Stages {
			if err := im.matchStage(ctx, why, s.StageID); err != nil {
				return err
			}
		}
	}
	return nil
}

// backfill matches what an athlete who joined late has ridden since the open stages began.
func (im *Importer) backfill(ctx context.Context, why because, of competitors.Ref) error {
	all, err := readmodel.Stages(ctx, im.Pool, actor.System, of.ChallengeID)
	if err != nil {
		return err
	}
	for _, s := range all {
		if s.Status != sport.Active && s.Status != sport.Past {
			continue
		}
		rides, err := readmodel.ActivitiesFor(ctx, im.Pool, of.AthleteID, sport.Window{Start: s.StartLocal, End: s.EndLocal}, nil)
		if err != nil {
			return err
		}
		for _, ride := range rides {
			if err := im.matchActivity(ctx, why, ride.ID, s.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// matchStage matches the rides that were brought before the stage could take them.
func (im *Importer) matchStage(ctx context.Context, why because, stage uuid.UUID) error {
	rides, err := readmodel.ActivitiesForStage(ctx, im.Pool, stage)
	if err != nil {
		return err
	}
	for _, ride := range rides {
		if err := im.matchActivity(ctx, why, ride.ActivityID, stage); err != nil {
			return err
		}
	}
	return nil
}

// segmentChanged clears the efforts over the old segment and matches the new one.
func (im *Importer) segmentChanged(ctx context.Context, why because, e stages.SegmentChanged) error {
	riders, err := readmodel.CompetitorsOf(ctx, im.Pool, e.ChallengeID)
	if err != nil {
		return err
	}
	for _, athlete := range riders {
		head := competitors.Head{ChallengeID: e.ChallengeID, AthleteID: athlete, By: actor.System, Now: why.rec.Time}
		if err := im.tell(ctx, why, competitors.ClearStage{Head: head, StageID: e.StageID}); err != nil {
			return err
		}
	}
	return im.matchStage(ctx, why, e.StageID)
}

// removeActivity takes the efforts of a deleted activity out of every challenge, and forgets its track and file.
func (im *Importer) removeActivity(ctx context.Context, why because, e activities.Removed) error {
	efforts, err := readmodel.EffortsOfActivity(ctx, im.Pool, e.ActivityID)
	if err != nil {
		return err
	}
	told := map[uuid.UUID]bool{}
	for _, effort := range efforts {
		if told[effort.ChallengeID] {
			continue
		}
		told[effort.ChallengeID] = true
		head := competitors.Head{ChallengeID: effort.ChallengeID, AthleteID: e.AthleteID, By: actor.System, Now: why.rec.Time}
		if err := im.tell(ctx, why, competitors.RemoveActivity{Head: head, ActivityID: e.ActivityID}); err != nil {
			return err
		}
	}
	return im.forget(ctx, e.ActivityID)
}

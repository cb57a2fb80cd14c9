package importer

import (
	"context"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

// Name of the subscription.
const Name = "importer"

var reactsTo = []eventstore.Event{activities.Recorded{}, activities.Edited{}, activities.Removed{}, competitors.Joined{},
	competitors.Allowed{}, competitors.EffortRemoved{}, competitors.EffortFlagged{}, stages.Started{}, stages.Reopened{}, stages.Rescheduled{}, stages.SegmentChanged{}, challenges.ActivityTypesAdjusted{}}

// Run matches because of events, and clears away what crashes left behind, until ctx is done.
func (im *Importer) Run(ctx context.Context) error {
	var types []string
	for _, e := range reactsTo {
		types = append(types, e.EventType())
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		return im.Store.RunHandler(ctx, eventstore.HandlerSubscription{
			Name: Name, Filter: eventstore.Filter{Types: types}, Partitions: 4, Handle: im.handle,
		})
	})
	group.Go(func() error { return im.sweepDaily(ctx) })
	return group.Wait()
}

// sweepDaily begins an hour after the start: programs that run for one command only needn't.
func (im *Importer) sweepDaily(ctx context.Context) error {
	for next := time.NewTimer(time.Hour); ; next.Reset(24 * time.Hour) {
		select {
		case <-ctx.Done():
			next.Stop()
			return nil
		case now := <-next.C:
			if err := im.sweep(ctx, now.Add(-24*time.Hour)); err != nil && ctx.Err() == nil {
				im.Log.Warn("clearing away unfinished uploads failed", "error", err)
			}
		}
	}
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
		return im.matchActivity(ctx, why, readmodel.ActivityRef{ActivityID: e.ActivityID, AthleteID: e.AthleteID}, nil)
	case activities.Edited:
		if e.Rematch {
			return im.matchActivity(ctx, why, readmodel.ActivityRef(e.Ref), nil)
		}
	case activities.Removed:
		return im.removeActivity(ctx, why, e)
	case competitors.Joined:
		return im.backfill(ctx, why, e.Ref)
	case competitors.Allowed:
		return im.backfill(ctx, why, e.Ref)
	case competitors.EffortRemoved:
		if e.Refill {
			return im.refill(ctx, why, e.Ref, e.StageID)
		}
	case competitors.EffortFlagged:
		if e.Refill {
			return im.refill(ctx, why, e.Ref, e.StageID)
		}
	case stages.Started:
		return im.matchStage(ctx, why, e.StageID)
	case stages.Reopened: // what came in while it was final counts like what comes now
		return im.matchStage(ctx, why, e.StageID)
	case stages.Rescheduled:
		return im.rescheduled(ctx, why, e)
	case stages.SegmentChanged:
		return im.segmentChanged(ctx, why, e)
	case challenges.ActivityTypesAdjusted:
		return im.typesAdjusted(ctx, why, e)
	}
	return nil
}

// typesAdjusted judges anew what has been ridden on stages that aren't final: rides by matching them, and what the
// organiser has recorded by its type.
func (im *Importer) typesAdjusted(ctx context.Context, why because, e challenges.ActivityTypesAdjusted) error {
	byHand, err := readmodel.HandMadeOfOtherTypes(ctx, im.Pool, e.ChallengeID)
	if err != nil {
		return err
	}
	for _, effort := range byHand {
		head := competitors.Head{ChallengeID: e.ChallengeID, AthleteID: effort.AthleteID, By: actor.System, Now: why.rec.Time}
		if err := im.tell(ctx, why, competitors.RemoveEffort{Head: head, EffortID: effort.ID, Code: competitors.ErrActivityType.Code,
			Detail: "The organiser has changed the types of activity that count, and this one's doesn't any more."}); err != nil {
			return err
		}
	}
	for _, s := range e.Stages {
		if err := im.matchStage(ctx, why, s.StageID); err != nil {
			return err
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
	var span sport.Window // of the open stages together
	for _, s := range all {
		if s.Status != sport.Active && s.Status != sport.Past {
			continue
		}
		if span.Start.IsZero() || s.StartLocal.Before(span.Start) {
			span.Start = s.StartLocal
		}
		if s.EndLocal.After(span.End) {
			span.End = s.EndLocal
		}
	}
	if span.Start.IsZero() {
		return nil
	}
	rides, err := readmodel.ActivitiesFor(ctx, im.Pool, of.AthleteID, span, nil)
	if err != nil {
		return err
	}
	here := func(c readmodel.Candidate) bool { return c.ChallengeID == of.ChallengeID }
	for _, ride := range rides {
		if err := im.matchActivity(ctx, why, readmodel.ActivityRef{ActivityID: ride.ID, AthleteID: of.AthleteID}, here); err != nil {
			return err
		}
	}
	return nil
}

// refill looks at an athlete's rides for a stage again: one of the attempts that count has gone, so another may count.
func (im *Importer) refill(ctx context.Context, why because, of competitors.Ref, stage uuid.UUID) error {
	s, err := readmodel.StageByID(ctx, im.Pool, actor.System, stage)
	if refusal.All(err) != nil {
		return nil
	}
	if err != nil {
		return err
	}
	rides, err := readmodel.ActivitiesFor(ctx, im.Pool, of.AthleteID, sport.Window{Start: s.StartLocal, End: s.EndLocal}, nil)
	if err != nil {
		return err
	}
	here := func(c readmodel.Candidate) bool { return c.StageID == stage }
	for _, ride := range rides {
		if err := im.matchActivity(ctx, why, readmodel.ActivityRef{ActivityID: ride.ID, AthleteID: of.AthleteID}, here); err != nil {
			return err
		}
	}
	return nil
}

// matchStage matches the rides that were brought before the stage could take them.
func (im *Importer) matchStage(ctx context.Context, why because, stage uuid.UUID) error {
	s, err := readmodel.StageByID(ctx, im.Pool, actor.System, stage)
	if refusal.All(err) != nil || s.Status != sport.Active && s.Status != sport.Past {
		return nil // gone, not begun, or final
	}
	if err != nil {
		return err
	}
	rides, err := readmodel.ActivitiesForStage(ctx, im.Pool, stage)
	if err != nil {
		return err
	}
	here := func(c readmodel.Candidate) bool { return c.StageID == stage }
	for _, ride := range rides {
		if err := im.matchActivity(ctx, why, ride, here); err != nil {
			return err
		}
	}
	return nil
}

// rescheduled takes the efforts out that the moved window holds no more, and matches the rides that it holds now.
func (im *Importer) rescheduled(ctx context.Context, why because, e stages.Rescheduled) error {
	outside, err := readmodel.EffortsOutside(ctx, im.Pool, e.StageID)
	if err != nil {
		return err
	}
	for _, effort := range outside {
		head := competitors.Head{ChallengeID: e.ChallengeID, AthleteID: effort.AthleteID, By: actor.System, Now: why.rec.Time}
		if err := im.tell(ctx, why, competitors.RemoveEffort{Head: head, EffortID: effort.ID, Code: competitors.ErrOutsideWindow.Code,
			Detail: "The organiser has moved the stage, and this activity doesn't start within it any more."}); err != nil {
			return err
		}
	}
	return im.matchStage(ctx, why, e.StageID)
}

// segmentChanged clears the efforts over the old segment and matches the new one.
func (im *Importer) segmentChanged(ctx context.Context, why because, e stages.SegmentChanged) error {
	riders, err := readmodel.CompetitorsOf(ctx, im.Pool, e.ChallengeID)
	if err != nil {
		return err
	}
	for _, athlete := range riders {
		head := competitors.Head{ChallengeID: e.ChallengeID, AthleteID: athlete, By: actor.System, Now: why.rec.Time}
		if err := im.clear(ctx, why, competitors.ClearStage{Head: head, StageID: e.StageID}); err != nil {
			return err
		}
	}
	return im.matchStage(ctx, why, e.StageID)
}

// clear waits for a matching under way: it may still look at the old segment.
func (im *Importer) clear(ctx context.Context, why because, c competitors.ClearStage) error {
	defer im.matching(c.AthleteID)()
	return im.tell(ctx, why, c)
}

// removeActivity takes the efforts of a deleted activity out of every challenge, and forgets its track and file. Efforts
// that were accepted a moment ago may not be read yet, so all challenges are told that the athlete is in.
func (im *Importer) removeActivity(ctx context.Context, why because, e activities.Removed) error {
	defer im.matching(e.AthleteID)()
	efforts, err := readmodel.EffortsOfActivity(ctx, im.Pool, e.ActivityID)
	if err != nil {
		return err
	}
	in, err := readmodel.ChallengesOf(ctx, im.Pool, e.AthleteID)
	if err != nil {
		return err
	}
	for _, effort := range efforts {
		in = append(in, effort.ChallengeID)
	}
	told := map[uuid.UUID]bool{}
	for _, challenge := range in {
		if told[challenge] {
			continue
		}
		told[challenge] = true
		head := competitors.Head{ChallengeID: challenge, AthleteID: e.AthleteID, By: actor.System, Now: why.rec.Time}
		if err := im.tell(ctx, why, competitors.RemoveActivity{Head: head, ActivityID: e.ActivityID}); err != nil {
			return err
		}
	}
	return im.forget(ctx, e.ActivityID, why.rec.Time)
}

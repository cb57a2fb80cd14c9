package demo

import (
	"context"
	"time"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

// live does what the clock has asked of a challenge until now, at the times at which it asked, so that its log reads as if
// it had always been here. The clock may do some of it first, which is fine.
func (d *Demo) live(ctx context.Context, c *contest) error {
	now := time.Now()
	is, err := readmodel.ChallengeByID(ctx, d.Pool, actor.System, c.id)
	if err != nil || is.StartAt.After(now) {
		return err
	}
	system := challenges.Head{ID: c.id, By: actor.System, Now: is.StartAt}
	if err := d.send(ctx, challenges.Start{Head: system}, challenges.ErrAlreadyActive, challenges.ErrOver); err != nil {
		return err
	}
	all, err := readmodel.Stages(ctx, d.Pool, actor.System, c.id)
	if err != nil {
		return err
	}
	for _, s := range all {
		if err := d.liveStage(ctx, s, now); err != nil {
			return err
		}
	}
	if is.EndAt.After(now) {
		return nil
	}
	system.Now = is.EndAt
	return d.send(ctx, challenges.End{Head: system}, challenges.ErrOver)
}

func (d *Demo) liveStage(ctx context.Context, s readmodel.Stage, now time.Time) error {
	if s.Status == sport.Upcoming && !s.StartAt.After(now) {
		head := stages.Head{ID: s.ID, By: actor.System, Now: s.StartAt}
		if err := d.send(ctx, stages.Start{Head: head}, stages.ErrAlreadyStarted, stages.ErrOver); err != nil {
			return err
		}
	}
	if s.Status == sport.Past || s.Status == sport.Approved || s.EndAt.After(now) {
		return nil
	}
	return d.send(ctx, stages.End{Head: stages.Head{ID: s.ID, By: actor.System, Now: s.EndAt}}, stages.ErrOver)
}

// approveStage makes a stage final and lets the organiser say something about it.
func (d *Demo) approveStage(ctx context.Context, c *contest, l leg) error {
	head := stages.Head{ID: l.id, By: c.organiser.by(), Now: time.Now()}
	return d.send(ctx, stages.Approve{Head: head, Message: l.results}, stages.ErrAlreadyApproved)
}

// approve makes a challenge final with all its stages.
func (d *Demo) approve(ctx context.Context, c *contest) error {
	for _, l := range c.stages {
		if err := d.approveStage(ctx, c, l); err != nil {
			return err
		}
	}
	head := challenges.Head{ID: c.id, By: c.organiser.by(), Now: time.Now()}
	return d.send(ctx, challenges.Approve{Head: head, Message: c.results}, challenges.ErrAlreadyApproved)
}

package processes

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/stages"
)

// Name of the subscription.
const Name = "processes"

// Runner feeds React from the log and sends what it says.
type Runner struct {
	Store    *eventstore.Store
	Dispatch *dispatch.Dispatcher
	Pool     *pgxpool.Pool // which challenges an athlete is in is read here
	Retry    eventstore.Backoff
}

const (
	atOnce   = 16              // commands of one event on their way together: they share appends
	attempts = 8               // of an event, 13 s in all: a database that is away for a moment must not stop a challenge
	patience = 5 * time.Second // with a read model, each time
)

// Run blocks until ctx is done.
func (r *Runner) Run(ctx context.Context) error {
	retry := r.Retry
	retry.Attempts = cmp.Or(retry.Attempts, attempts)
	var types []string
	for _, e := range append(Events, athletes.ProfileChanged{}, challenges.StartYearChanged{}) {
		types = append(types, e.EventType())
	}
	return r.Store.RunHandler(ctx, eventstore.HandlerSubscription{
		Name: Name, Filter: eventstore.Filter{Types: types}, Partitions: 4, Key: challengeOf, Handle: r.handle, Retry: retry,
	})
}

// challengeOf is what an event has to keep its order with: its challenge, or else its own stream.
func challengeOf(rec eventstore.Recorded) string {
	var of struct {
		ChallengeID uuid.UUID `json:"challengeId"`
	}
	if err := json.Unmarshal(rec.Data, &of); err != nil || of.ChallengeID == uuid.Nil {
		return rec.Stream
	}
	return of.ChallengeID.String()
}

// handle sends what follows from an event. That a board is final is an answer; any other refusal is a mistake somewhere,
// and the event is parked for somebody to look at.
func (r *Runner) handle(ctx context.Context, rec eventstore.Recorded) error {
	event, err := r.Store.Registry().Decode(rec)
	if err != nil {
		return err
	}
	switch e := event.(type) {
	case athletes.ProfileChanged:
		return r.disclosed(ctx, e, rec)
	case challenges.StartYearChanged:
		return r.startYearChanged(ctx, e, rec)
	}
	var final atomic.Bool
	var sending errgroup.Group
	sending.SetLimit(atOnce)
	for i, cmd := range React(event, Cause{Position: rec.Position, Time: rec.Time}) {
		sending.Go(func() error {
			_, err := r.Dispatch.Send(ctx, cmd, Following(rec, Name, i))
			if errors.Is(err, stageboard.ErrFinal) {
				final.Store(true)
				return nil
			}
			return err
		})
	}
	err = sending.Wait()
	if reopened, ok := event.(stages.Reopened); ok && err == nil {
		return r.restate(ctx, reopened, rec)
	}
	if accepted, ok := event.(competitors.EffortAccepted); ok && err == nil && final.Load() {
		return r.tooLate(ctx, accepted, rec)
	}
	return err
}

// tooLate takes an effort back that was accepted while its stage was being approved: the board that is final has won.
func (r *Runner) tooLate(ctx context.Context, e competitors.EffortAccepted, rec eventstore.Recorded) error {
	_, err := r.Dispatch.Send(ctx, competitors.RemoveEffort{
		Head:     competitors.Head{ChallengeID: e.ChallengeID, AthleteID: e.AthleteID, By: actor.System, Now: rec.Time},
		EffortID: e.EffortID, Code: competitors.ErrStageApproved.Code, Detail: "The stage was approved just before this effort came in.",
	}, Following(rec, Name+"/late", 0))
	return err
}

// restate lets the athletes whose boards missed something while they were final say again where they stand: efforts that
// were taken out or categories that changed in the meantime.
func (r *Runner) restate(ctx context.Context, e stages.Reopened, rec eventstore.Recorded) error {
	if err := r.wait(ctx, rec.Position, readmodel.ChallengesModel, readmodel.ActivitiesModel, readmodel.LeaderboardsModel); err != nil {
		return err
	}
	apart, err := readmodel.BoardsApart(ctx, r.Pool, e.StageID)
	if err != nil {
		return err
	}
	var sending errgroup.Group
	sending.SetLimit(atOnce)
	for _, athlete := range apart {
		sending.Go(func() error {
			head := competitors.Head{ChallengeID: e.ChallengeID, AthleteID: athlete, By: actor.System, Now: rec.Time}
			_, err := r.Dispatch.Send(ctx, competitors.Restate{Head: head, StageID: e.StageID}, Following(rec, Name+"/"+head.Target().String(), 0))
			return err
		})
	}
	return sending.Wait()
}

// disclosed follows what an athlete discloses into every challenge that they are in: their categories change with it.
func (r *Runner) disclosed(ctx context.Context, e athletes.ProfileChanged, rec eventstore.Recorded) error {
	if !e.GenderChanged && !e.BirthYearChanged {
		return nil
	}
	if err := r.wait(ctx, rec.Position, readmodel.ChallengesModel); err != nil {
		return err
	}
	in, err := readmodel.ChallengesOf(ctx, r.Pool, e.AthleteID)
	if err != nil {
		return err
	}
	for _, challenge := range in {
		if err := r.reclassify(ctx, rec, challenge, e.AthleteID); err != nil {
			return err
		}
	}
	return nil
}

// startYearChanged classes everybody in the challenge anew, whose ages it has changed. Who joins meanwhile is classed by it.
func (r *Runner) startYearChanged(ctx context.Context, e challenges.StartYearChanged, rec eventstore.Recorded) error {
	if err := r.wait(ctx, rec.Position, readmodel.ChallengesModel); err != nil {
		return err
	}
	all, err := readmodel.CompetitorsOf(ctx, r.Pool, e.ChallengeID)
	if err != nil {
		return err
	}
	var sending errgroup.Group
	sending.SetLimit(atOnce)
	for _, athlete := range all {
		sending.Go(func() error { return r.reclassify(ctx, rec, e.ChallengeID, athlete) })
	}
	return sending.Wait()
}

// wait lets read models come up to an event.
func (r *Runner) wait(ctx context.Context, position int64, models ...string) error {
	soon, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return r.Store.WaitFor(soon, position, models...)
}

// reclassify sends one of several such commands that follow from an event. They may be others when the event comes again,
// so their ids derive from whom they are for, and not from their order.
func (r *Runner) reclassify(ctx context.Context, rec eventstore.Recorded, challenge, athlete uuid.UUID) error {
	head := competitors.Head{ChallengeID: challenge, AthleteID: athlete, By: actor.System, Now: rec.Time}
	_, err := r.Dispatch.Send(ctx, competitors.Reclassify{Head: head}, Following(rec, Name+"/"+head.Target().String(), 0))
	return err
}

// Following is the meta of the i-th command that a subscriber sends because of an event: the same for every delivery.
func Following(rec eventstore.Recorded, subscriber string, i int) eventstore.Meta {
	return eventstore.Meta{
		CommandID:     uuid.NewSHA1(rec.ID, fmt.Appendf(nil, "%s/%d", subscriber, i)),
		CorrelationID: rec.CorrelationID, CausationID: rec.ID, Actor: actor.System.String(),
	}
}

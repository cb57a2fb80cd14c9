package processes

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
)

// Name of the subscription.
const Name = "processes"

// Runner feeds React from the log and sends what it says.
type Runner struct {
	Store    *eventstore.Store
	Dispatch *dispatch.Dispatcher
	Pool     *pgxpool.Pool // which challenges an athlete is in is read here
}

// Run blocks until ctx is done.
func (r *Runner) Run(ctx context.Context) error {
	var types []string
	for _, e := range append(Events, athletes.ProfileChanged{}) {
		types = append(types, e.EventType())
	}
	return r.Store.RunHandler(ctx, eventstore.HandlerSubscription{
		Name: Name, Filter: eventstore.Filter{Types: types}, Partitions: 4, Handle: r.handle,
	})
}

func (r *Runner) handle(ctx context.Context, rec eventstore.Recorded) error {
	event, err := r.Store.Registry().Decode(rec)
	if err != nil {
		return err
	}
	if e, ok := event.(athletes.ProfileChanged); ok {
		return r.reclassify(ctx, e, rec)
	}
	for i, cmd := range React(event, Cause{Position: rec.Position, Time: rec.Time}) {
		_, err := r.Dispatch.Send(ctx, cmd, Following(rec, Name, i))
		if errors.Is(err, stageboard.ErrFinal) {
			err = r.tooLate(ctx, event, rec, i)
		}
		if err != nil && refusal.All(err) == nil { // a refusal is an answer: what the event asked for holds already, or no longer
			return err
		}
	}
	return nil
}

// tooLate takes an effort back that was accepted while its stage was being approved: the board that is final has won.
func (r *Runner) tooLate(ctx context.Context, event eventstore.Event, rec eventstore.Recorded, i int) error {
	e, ok := event.(competitors.EffortAccepted)
	if !ok {
		return nil
	}
	_, err := r.Dispatch.Send(ctx, competitors.RemoveEffort{
		Head:     competitors.Head{ChallengeID: e.ChallengeID, AthleteID: e.AthleteID, By: actor.System, Now: rec.Time},
		EffortID: e.EffortID, Code: "stage_approved", Detail: "The stage was approved just before this effort came in.",
	}, Following(rec, Name+"/late", i))
	return err
}

// reclassify follows a disclosed gender into every challenge that the athlete is in: their categories change with it.
func (r *Runner) reclassify(ctx context.Context, e athletes.ProfileChanged, rec eventstore.Recorded) error {
	if !e.GenderChanged {
		return nil
	}
	if err := r.Store.WaitFor(ctx, rec.Position, readmodel.ChallengesModel); err != nil {
		return err
	}
	in, err := readmodel.ChallengesOf(ctx, r.Pool, e.AthleteID)
	if err != nil {
		return err
	}
	for i, challenge := range in {
		head := competitors.Head{ChallengeID: challenge, AthleteID: e.AthleteID, By: actor.System, Now: rec.Time}
		_, err := r.Dispatch.Send(ctx, competitors.Reclassify{Head: head}, Following(rec, Name, i))
		if err != nil && refusal.All(err) == nil {
			return err
		}
	}
	return nil
}

// Following is the meta of the i-th command that a subscriber sends because of an event: the same for every delivery.
func Following(rec eventstore.Recorded, subscriber string, i int) eventstore.Meta {
	return eventstore.Meta{
		CommandID:     uuid.NewSHA1(rec.ID, fmt.Appendf(nil, "%s/%d", subscriber, i)),
		CorrelationID: rec.CorrelationID, CausationID: rec.ID, Actor: actor.System.String(),
	}
}

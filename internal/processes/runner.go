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
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/readmodel"
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
	for _, e := range append(Events, athletes.ProfileChanged{}) {
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
	if e, ok := event.(athletes.ProfileChanged); ok {
		return r.reclassify(ctx, e, rec)
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

// reclassify follows a disclosed gender into every challenge that the athlete is in: their categories change with it.
func (r *Runner) reclassify(ctx context.Context, e athletes.ProfileChanged, rec eventstore.Recorded) error {
	if !e.GenderChanged {
		return nil
	}
	soon, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := r.Store.WaitFor(soon, rec.Position, readmodel.ChallengesModel); err != nil {
		return err
	}
	in, err := readmodel.ChallengesOf(ctx, r.Pool, e.AthleteID)
	if err != nil {
		return err
	}
	for _, challenge := range in { // which may be others when the event comes again: the id must not depend on their order
		head := competitors.Head{ChallengeID: challenge, AthleteID: e.AthleteID, By: actor.System, Now: rec.Time}
		if _, err := r.Dispatch.Send(ctx, competitors.Reclassify{Head: head}, Following(rec, Name+"/"+challenge.String(), 0)); err != nil {
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

// Package scheduler does what the clock asks for: challenges and stages start and end when their time has come, also when
// it came while the program was down. Any number of nodes may run it: a transition that has happened already is refused by
// its aggregate, and changes nothing.
package scheduler

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/stages"
)

// Scheduler looks for due transitions every Interval.
type Scheduler struct {
	Pool     *pgxpool.Pool
	Dispatch *dispatch.Dispatcher
	Interval time.Duration // default 10 s; the domain promises a minute
	Log      *slog.Logger
}

// Run blocks until ctx is done. A database that is away for a while delays it, nothing more.
func (s *Scheduler) Run(ctx context.Context) error {
	if s.Interval <= 0 {
		s.Interval = 10 * time.Second
	}
	tick := time.NewTicker(s.Interval)
	defer tick.Stop()
	for {
		if err := s.Once(ctx, time.Now()); err != nil && ctx.Err() == nil {
			s.Log.Error("what the clock asks for waits for the next turn", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Once carries out what is due at now, and what that makes due.
func (s *Scheduler) Once(ctx context.Context, now time.Time) error {
	for {
		due, err := readmodel.DueTransitions(ctx, s.Pool, now)
		if err != nil || len(due) == 0 {
			return err
		}
		done, err := s.carryOut(ctx, due, now)
		if err != nil || done == 0 { // all refused: the read models are behind, or another node is faster
			return err
		}
	}
}

func (s *Scheduler) carryOut(ctx context.Context, due []readmodel.Transition, now time.Time) (done int, err error) {
	for _, t := range due {
		result, err := s.Dispatch.Send(ctx, commandFor(t, now), eventstore.Meta{})
		if refusal.All(err) != nil {
			continue
		}
		if err == nil {
			err = s.Dispatch.Settle(ctx, result)
		}
		if err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}

func commandFor(t readmodel.Transition, now time.Time) dispatch.Command {
	challenge := challenges.Head{ID: t.ChallengeID, By: actor.System, Now: now}
	stage := stages.Head{ID: t.StageID, By: actor.System, Now: now}
	switch t.Change {
	case readmodel.StartChallenge:
		return challenges.Start{Head: challenge}
	case readmodel.EndChallenge:
		return challenges.End{Head: challenge}
	case readmodel.StartStage:
		return stages.Start{Head: stage}
	case readmodel.EndStage:
		return stages.End{Head: stage}
	case readmodel.ApproveStage:
		return stages.Approve{Head: stage}
	default:
		return challenges.Approve{Head: challenge}
	}
}

// Package scheduler does what the clock asks for: challenges and stages start and end when their time has come, and results
// that nobody has approved in the time for review are approved, also when the time came while the program was down. Any
// number of nodes may run it: a transition that has happened already is refused by its aggregate, and changes nothing.
package scheduler

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
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
	Interval time.Duration // 0: 10 s; the domain promises a minute
	Log      *slog.Logger  // nil: slog.Default
}

// Run blocks until ctx is done. A database that is away for a while delays it, nothing more.
func (s *Scheduler) Run(ctx context.Context) error {
	tick := time.NewTicker(cmp.Or(max(s.Interval, 0), 10*time.Second))
	defer tick.Stop()
	for {
		if err := s.Once(ctx, time.Now()); err != nil && ctx.Err() == nil {
			cmp.Or(s.Log, slog.Default()).Error("what the clock asks for waits for the next turn", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Once carries out what is due at now, and what that makes due. What fails doesn't keep the others from their turn; all
// errors are returned together.
func (s *Scheduler) Once(ctx context.Context, now time.Time) error {
	for {
		due, err := s.due(ctx, now)
		if err != nil {
			return err
		}
		changed, err := s.carryOut(ctx, due, now)
		if err != nil || !changed { // nothing was due, or all refused: another node is faster, or the read models are behind
			return err
		}
	}
}

// due lists transitions in the order in which they must happen.
func (s *Scheduler) due(ctx context.Context, now time.Time) ([]readmodel.Transition, error) {
	transitions, err := readmodel.DueTransitions(ctx, s.Pool, now)
	if err != nil {
		return nil, err
	}
	approvals, err := readmodel.DueApprovals(ctx, s.Pool, now, stages.ReviewTime)
	return slices.Concat(transitions, approvals), err
}

// carryOut sends the commands, and says whether anything changed. It waits for the read models at the end, once for all.
func (s *Scheduler) carryOut(ctx context.Context, due []readmodel.Transition, now time.Time) (changed bool, err error) {
	var failed []error
	var done []dispatch.Result
	for _, t := range due {
		result, err := s.Dispatch.Send(ctx, commandFor(t, now), eventstore.Meta{})
		switch {
		case refusal.All(err) != nil:
		case err != nil:
			failed = append(failed, fmt.Errorf("%s, challenge %s, stage %s: %w", t.Change, t.ChallengeID, t.StageID, err))
		case result.Last > 0:
			done = append(done, result)
		}
	}
	for _, result := range done {
		if err := s.Dispatch.Settle(ctx, result); err != nil {
			failed = append(failed, err)
			break // the others would wait for the same
		}
	}
	return len(done) > 0, errors.Join(failed...)
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
	case readmodel.ApproveChallenge:
		return challenges.Approve{Head: challenge}
	}
	return nil // which nobody takes
}

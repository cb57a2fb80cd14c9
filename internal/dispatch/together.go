package dispatch

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/aggregate"
	"segmentchallenge/internal/audit"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

// togetherAttempts is how often commands are decided on again because somebody else was faster.
const togetherAttempts = 10

// Check says whether a command would be carried out now: nil, or why not. Nothing happens.
func (d *Dispatcher) Check(ctx context.Context, cmd Command) error {
	t, err := d.takerOf(cmd)
	if err == nil {
		_, err = t.consider(ctx, &eventstore.Meta{Now: cmd.At()}, 0)
	}
	return inWords(err)
}

// SendAll carries out several commands, each for another aggregate, all or none: when one is refused, nothing happens. All
// refusals are told, joined. What follows is as with Send.
func (d *Dispatcher) SendAll(ctx context.Context, meta eventstore.Meta, cmds ...Command) (Result, error) {
	if len(cmds) == 0 {
		return Result{}, nil
	}
	if meta.CorrelationID == uuid.Nil {
		meta.CorrelationID = uuid.Must(uuid.NewV7())
	}
	started, observed := time.Now(), func(audit.Entry) {}
	if d.opts.Observe != nil {
		ctx, observed = d.opts.Observe(ctx, fmt.Sprintf("%T", cmds[0]), &meta)
	}
	result, errs := d.together(ctx, &meta, cmds)
	for i := range errs {
		errs[i] = inWords(errs[i])
	}
	err := errors.Join(errs...)
	if err == nil && result.Duplicate {
		meta.CorrelationID, err = d.chainOf(ctx, meta.CommandID)
	}
	for i, cmd := range cmds {
		if err != nil && errs[i] == nil {
			continue // not carried out, and nothing was wrong with it
		}
		e := d.entry(cmd, meta, result, errs[i], time.Since(started))
		observed(e)
		d.note(ctx, cmd, e, errs[i])
	}
	return Result{result, meta.CorrelationID}, err
}

// together decides and appends until no other writer interferes. The errors are one a command.
func (d *Dispatcher) together(ctx context.Context, meta *eventstore.Meta, cmds []Command) (eventstore.Result, []error) {
	errs := make([]error, len(cmds))
	failed := func(err error) (eventstore.Result, []error) {
		for i := range errs {
			errs[i] = err
		}
		return eventstore.Result{}, errs
	}
	for n := range togetherAttempts {
		if n > 0 {
			select {
			case <-time.After(rand.N(time.Duration(n) * time.Millisecond)):
			case <-ctx.Done():
				return failed(ctx.Err())
			}
		}
		writes, refused := d.considerAll(ctx, meta, cmds, errs)
		if refused || !anyEvents(writes) {
			return d.unlessDoneBefore(ctx, meta, cmds, errs)
		}
		writes, agree := oncePerStream(writes)
		if !agree {
			continue // something changed between two looks at it
		}
		result, err := d.store.Append(ctx, writes...)
		switch {
		case err == nil:
			return written(result, writes), errs
		case errors.Is(err, eventstore.ErrDuplicateEvent):
			_, errs = failed(err)
			return d.unlessDoneBefore(ctx, meta, cmds, errs)
		case !errors.Is(err, eventstore.ErrConflict):
			return failed(err)
		}
	}
	return failed(aggregate.ErrTooManyAttempts)
}

// considerAll decides on each command; guards come first, so that what they guard is as new as what they say.
func (d *Dispatcher) considerAll(ctx context.Context, meta *eventstore.Meta, cmds []Command, errs []error) (writes []eventstore.Write, refused bool) {
	events, seen := 0, map[string]bool{}
	for i, cmd := range cmds {
		var t taker
		var guards []eventstore.Write
		var w eventstore.Write
		if t, errs[i] = d.takerOf(cmd); errs[i] == nil {
			guards, errs[i] = d.guards(ctx, cmd)
		}
		if errs[i] == nil {
			meta.Now = cmd.At()
			w, errs[i] = t.consider(ctx, meta, events)
		}
		if errs[i] == nil && seen[w.Stream] {
			errs[i] = fmt.Errorf("two commands for %s can't be carried out together", w.Stream)
		}
		refused = refused || errs[i] != nil
		events, seen[w.Stream] = events+len(w.Events), true
		writes = append(writes, w)
		writes = append(writes, guards...)
	}
	return writes, refused
}

// oncePerStream drops guards of streams that are written anyway, or guarded twice; false when two don't expect the same.
func oncePerStream(writes []eventstore.Write) ([]eventstore.Write, bool) {
	at, agree := map[string]int{}, true
	var out []eventstore.Write
	for _, w := range writes {
		i, there := at[w.Stream]
		if !there {
			at[w.Stream] = len(out)
			out = append(out, w)
			continue
		}
		agree = agree && out[i].Expect == w.Expect
		if len(w.Events) > 0 {
			out[i].Events = w.Events
		}
	}
	return out, agree
}

func anyEvents(writes []eventstore.Write) bool {
	for _, w := range writes {
		if len(w.Events) > 0 {
			return true
		}
	}
	return false
}

// guarded says whether a command has guards.
func guarded(cmd Command) bool {
	switch cmd.(type) {
	case competitors.FlagEffort, competitors.RecordByHand, competitors.AcceptEffort, competitors.RejectEffort, competitors.Leave,
		competitors.Exclude, challenges.RescheduleStage, challenges.RemoveStage, challenges.Approve, stages.Reopen:
		return true
	}
	return false
}

// guards are streams that must not change while a command is carried out: those of the stages (or the challenge) by whose
// status it is decided. So whoever flags an effort while its stage is being approved either comes before the approval, or
// is told that the stage is final. Efforts themselves, of which there are many, go without: see internal/processes.
func (d *Dispatcher) guards(ctx context.Context, cmd Command) ([]eventstore.Write, error) {
	switch c := cmd.(type) {
	case competitors.FlagEffort:
		return d.guardStages(ctx, c.Rules.StageID)
	case competitors.RecordByHand:
		return d.guardStages(ctx, c.Rules.StageID)
	case competitors.AcceptEffort:
		return d.guardStages(ctx, c.Rules.StageID)
	case competitors.RejectEffort:
		return d.guardStages(ctx, c.Rules.StageID)
	case competitors.Leave:
		return d.guardChallenge(ctx, c.ChallengeID)
	case competitors.Exclude:
		return d.guardChallenge(ctx, c.ChallengeID)
	case challenges.RescheduleStage:
		return d.guardStages(ctx, c.StageID)
	case challenges.RemoveStage:
		return d.guardStages(ctx, c.StageID)
	case challenges.Approve:
		return d.guardChallenge(ctx, c.ID)
	case stages.Reopen:
		stage, _, err := d.stages.Load(ctx, c.ID)
		if err != nil {
			return nil, err
		}
		_, version, err := d.challenges.Load(ctx, stage.Definition.ChallengeID)
		return []eventstore.Write{{Stream: eventstore.StreamName(ChallengeStream, stage.Definition.ChallengeID), Expect: eventstore.Exact(version)}}, err
	}
	return nil, nil
}

// guardChallenge guards those of its stages whose results aren't final.
func (d *Dispatcher) guardChallenge(ctx context.Context, id uuid.UUID) ([]eventstore.Write, error) {
	challenge, _, err := d.challenges.Load(ctx, id)
	if err != nil {
		return nil, err
	}
	open, err := d.stagesThatAre(ctx, challenge, "", sport.Upcoming, sport.Active, sport.Past)
	if err != nil {
		return nil, err
	}
	return d.guardStages(ctx, open...)
}

func (d *Dispatcher) guardStages(ctx context.Context, ids ...uuid.UUID) ([]eventstore.Write, error) {
	var out []eventstore.Write
	for _, id := range ids {
		_, version, err := d.stages.Load(ctx, id)
		if err != nil {
			return nil, err
		}
		out = append(out, eventstore.Write{Stream: eventstore.StreamName(StageStream, id), Expect: eventstore.Exact(version)})
	}
	return out, nil
}

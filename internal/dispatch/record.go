package dispatch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/aggregate"
	"segmentchallenge/internal/audit"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/challengeboard"
	"segmentchallenge/internal/panics"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/stages"
)

// entry is what the audit keeps of a command that has been answered.
func (d *Dispatcher) entry(cmd Command, meta eventstore.Meta, result eventstore.Result, err error, took time.Duration) audit.Entry {
	e := audit.Entry{CommandID: meta.CommandID, Type: fmt.Sprintf("%T", cmd), Actor: meta.Actor, CorrelationID: meta.CorrelationID,
		CausationID: meta.CausationID, First: result.First, Last: result.Last, Took: took}
	e.Outcome, e.Code, e.Detail = outcomeOf(err)
	if result.Duplicate {
		e.Code = "duplicate"
	}
	if e.Outcome == audit.Unregistered || e.Outcome == audit.Panicked { // it may not be able to say anything of itself
		if e.Actor == "" {
			e.Actor = actor.Actor{}.String()
		}
		return e
	}
	e.Target, e.Challenge = cmd.Target(), d.challengeOf(cmd)
	if by, ok := cmd.(hosted); ok && e.Actor == "" {
		e.Actor = by.Actor().String()
	}
	return e
}

// challengeOf is the challenge that a command decides about, as far as that is known without asking the database; none for
// what only follows from decisions, such as a place on a board.
func (d *Dispatcher) challengeOf(cmd Command) uuid.UUID {
	switch c := cmd.(type) {
	case challenges.Command:
		return c.Target()
	case competitors.Command:
		challenge, _ := c.Whose()
		return challenge
	case challengeboard.Adjust:
		return c.ChallengeID
	case challengeboard.CorrectStage:
		return c.ChallengeID
	case stages.Create:
		return c.ChallengeID
	case stages.Command:
		stage, _ := d.stages.Peek(c.Target())
		return stage.Definition.ChallengeID
	}
	return uuid.Nil
}

// outcomeOf says what an error makes of a command; the words of a refusal are the domain's.
func outcomeOf(err error) (outcome audit.Outcome, code, detail string) {
	var panicked *panics.Error
	switch refused := refusal.All(err); {
	case err == nil:
		return audit.Done, "", ""
	case refused != nil:
		outcome = audit.Refused
		if kind := refused[0].Kind; kind == refusal.Invalid || kind == refusal.Malformed || kind == refusal.TooLarge || errors.Is(err, ErrNoTarget) {
			outcome = audit.Invalid
		}
		var words []string
		for _, r := range refused {
			words = append(words, r.Detail)
		}
		return outcome, refused[0].Code, strings.Join(words, " ")
	case errors.Is(err, ErrUnknownCommand):
		outcome, code = audit.Unregistered, "unknown_command"
	case errors.As(err, &panicked):
		outcome, code = audit.Panicked, "panic"
	case errors.Is(err, aggregate.ErrTooManyAttempts):
		outcome, code = audit.Conflicted, "too_many_attempts"
	case errors.Is(err, eventstore.ErrConflict):
		outcome, code = audit.Conflicted, "conflict"
	case errors.Is(err, eventstore.ErrInvalidEvent):
		outcome, code = audit.Invalid, "invalid_event"
	case errors.Is(err, eventstore.ErrDuplicateEvent):
		outcome, code = audit.Invalid, "command_id_reused"
	case errors.Is(err, context.DeadlineExceeded):
		outcome, code = audit.TimedOut, "timed_out"
	case errors.Is(err, context.Canceled):
		outcome, code = audit.Failed, "cancelled"
	default:
		outcome, code = audit.Failed, "error"
	}
	return outcome, code, err.Error()
}

// say logs a command: quietly, unless somebody has to look at it.
func (d *Dispatcher) say(ctx context.Context, e audit.Entry, err error) {
	level := slog.LevelDebug
	if err != nil && refusal.All(err) == nil && !errors.Is(err, context.Canceled) {
		level = slog.LevelError
	}
	if !d.log.Enabled(ctx, level) {
		return
	}
	outcome := string(e.Outcome)
	var panicked *panics.Error
	switch {
	case errors.As(err, &panicked):
		outcome = fmt.Sprintf("%v\n%s", err, panicked.Stack)
	case e.Outcome == audit.Refused || e.Outcome == audit.Invalid && e.Detail != "":
		outcome = e.Code
	case err != nil:
		outcome = err.Error()
	}
	d.log.Log(ctx, level, "command", "type", e.Type, "target", e.Target, "actor", e.Actor, "correlation", e.CorrelationID,
		"outcome", outcome, "position", e.Last, "took", e.Took)
}

package dispatch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"runtime/debug"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/aggregate"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/audit"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/clubs"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/segments"
	"segmentchallenge/internal/stages"
)

// Command is any aggregate's command.
type Command interface {
	Target() uuid.UUID
	At() time.Time
}

// Dispatcher hosts all aggregates. It is safe for concurrent use.
type Dispatcher struct {
	store *eventstore.Store
	opts  Options
	log   *slog.Logger

	challenges  host[challenges.State, challenges.Command]
	stages      host[stages.State, stages.Command]
	competitors host[competitors.State, competitors.Command]
	athletes    host[athletes.State, athletes.Command]
	clubs       host[clubs.State, clubs.Command]
	segments    host[segments.State, segments.Command]
	activities  host[activities.State, activities.Command]
	boards      host[stageboard.State, stageboard.Command]
}

// host is an aggregate.Host. As an interface it stays this package's business: every package that knows a Dispatcher would
// otherwise compile the methods of all eight hosts once more.
type host[S, C any] interface {
	Peek(id uuid.UUID) (state S, ok bool)
	Load(ctx context.Context, id uuid.UUID) (state S, version int64, err error)
	Execute(ctx context.Context, id uuid.UUID, cmd C, meta eventstore.Meta) (eventstore.Result, error)
}

// Options of a Dispatcher: the subscriptions that Settle waits for, by name.
type Options struct {
	Reactions  []string // what sends commands because of events
	Importer   []string // what matches rides; waited for only where the answer needs it
	ReadModels []string
	Timeout    time.Duration // for Settle; default 5 s
	Log        *slog.Logger
	Audit      *audit.Log        // gets one entry a command; nil: nobody keeps them
	Aggregate  aggregate.Options // of every host; the boards' cache is of a size of its own

	// Observe, if given, is called at the start of each command, with its type (challenges.Approve), and may add to what
	// goes with its events; what it returns is called with the outcome. For metrics and traces.
	Observe func(ctx context.Context, command string, meta *eventstore.Meta) (context.Context, func(audit.Entry))
}

// Commands that reach no aggregate.
var (
	// ErrUnknownCommand: no aggregate takes it, a mistake in the program. Commands are values, so a pointer is one, too.
	ErrUnknownCommand = errors.New("no aggregate takes this command")
	// ErrNoTarget: it doesn't say whom it is for.
	ErrNoTarget = refusal.Of(refusal.NotFound, "not_found", "There is no such thing.")
)

// boardRows bounds the lines of the leaderboards kept in memory, at some 200 bytes each.
const boardRows = 500_000

// The categories of the streams, one an aggregate. Stored names are for ever.
const (
	ChallengeStream  = "challenge"
	StageStream      = "stage"
	CompetitorStream = "competitor"
	AthleteStream    = "athlete"
	ClubStream       = "club"
	SegmentStream    = "segment"
	ActivityStream   = "activity"
	BoardStream      = "stageboard"
)

// New hosts the aggregates of a store.
func New(store *eventstore.Store, opts Options) *Dispatcher {
	if opts.Timeout <= 0 {
		opts.Timeout = 5 * time.Second
	}
	if opts.Log == nil {
		opts.Log = slog.Default()
	}
	hosting, boards := opts.Aggregate, opts.Aggregate
	boards.CacheSize = boardRows
	return &Dispatcher{store: store, opts: opts, log: opts.Log,
		challenges:  aggregate.NewHost[challenges.State](store, ChallengeStream, hosting),
		stages:      aggregate.NewHost[stages.State](store, StageStream, hosting),
		competitors: aggregate.NewHost[competitors.State](store, CompetitorStream, hosting),
		athletes:    aggregate.NewHost[athletes.State](store, AthleteStream, hosting),
		clubs:       aggregate.NewHost[clubs.State](store, ClubStream, hosting),
		segments:    aggregate.NewHost[segments.State](store, SegmentStream, hosting),
		activities:  aggregate.NewHost[activities.State](store, ActivityStream, hosting),
		boards:      aggregate.NewHost[stageboard.State](store, BoardStream, boards),
	}
}

// Result says what a command left in the log. Zero positions: it changed nothing.
type Result struct {
	eventstore.Result
	CorrelationID uuid.UUID
}

// Send lets the aggregate that takes cmd decide, and appends its events. Refusals come back as *refusal.Error. Sent again
// with the same meta.CommandID, it answers with the first result.
func (d *Dispatcher) Send(ctx context.Context, cmd Command, meta eventstore.Meta) (Result, error) {
	if meta.CorrelationID == uuid.Nil {
		meta.CorrelationID = uuid.Must(uuid.NewV7())
	}
	started, observed := time.Now(), func(audit.Entry) {}
	if d.opts.Observe != nil {
		ctx, observed = d.opts.Observe(ctx, fmt.Sprintf("%T", cmd), &meta)
	}
	result, err := d.routeSafely(ctx, cmd, &meta)
	if err == nil && result.Duplicate {
		meta.CorrelationID, err = d.chainOf(ctx, meta.CommandID)
	}
	e := d.entry(cmd, meta, result, err, time.Since(started))
	observed(e)
	d.say(ctx, e, err)
	if d.opts.Audit != nil {
		if e.Outcome != audit.Panicked {
			e.Fields = audit.Fields(cmd)
		}
		d.opts.Audit.Record(e)
	}
	return Result{result, meta.CorrelationID}, err
}

// routeSafely makes an error of a panic on the way to the aggregate, as the aggregate's host does of one in it.
func (d *Dispatcher) routeSafely(ctx context.Context, cmd Command, meta *eventstore.Meta) (result eventstore.Result, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &aggregate.PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return d.route(ctx, cmd, meta)
}

// chainOf is the correlation id that a command's events got the first time: what followed from them has it too.
func (d *Dispatcher) chainOf(ctx context.Context, command uuid.UUID) (uuid.UUID, error) {
	first, _, err := d.store.EventByID(ctx, eventstore.EventID(command, 0))
	return first.CorrelationID, err
}

// route is THE list of which aggregate takes which command.
func (d *Dispatcher) route(ctx context.Context, cmd Command, meta *eventstore.Meta) (eventstore.Result, error) {
	if reflect.ValueOf(cmd).Kind() != reflect.Struct { // nil, too
		return eventstore.Result{}, fmt.Errorf("%w: %T", ErrUnknownCommand, cmd)
	}
	if cmd.Target() == uuid.Nil {
		return eventstore.Result{}, ErrNoTarget
	}
	meta.Now = cmd.At()
	switch c := cmd.(type) {
	case challenges.Command:
		return execute(ctx, d.challenges, c, d.challengeTerms, meta)
	case stages.Command:
		return execute(ctx, d.stages, c, d.stageTerms, meta)
	case competitors.Command:
		return execute(ctx, d.competitors, c, d.competitorTerms, meta)
	case athletes.Command:
		return execute(ctx, d.athletes, c, nil, meta)
	case clubs.Command:
		return execute(ctx, d.clubs, c, nil, meta)
	case segments.Command:
		return execute(ctx, d.segments, c, nil, meta)
	case activities.Command:
		return execute(ctx, d.activities, c, nil, meta)
	case stageboard.Command:
		return execute(ctx, d.boards, c, nil, meta)
	}
	return eventstore.Result{}, fmt.Errorf("%w: %T", ErrUnknownCommand, cmd)
}

// execute completes a command with what it needs of others, and gives it to its host.
func execute[S any, C hosted](ctx context.Context, h host[S, C],
	cmd C, complete func(context.Context, C) (C, error), meta *eventstore.Meta) (eventstore.Result, error) {
	if complete != nil {
		var err error
		if cmd, err = complete(ctx, cmd); err != nil {
			return eventstore.Result{}, err
		}
	}
	if meta.Actor == "" {
		meta.Actor = cmd.Actor().String()
	}
	return h.Execute(ctx, cmd.Target(), cmd, *meta)
}

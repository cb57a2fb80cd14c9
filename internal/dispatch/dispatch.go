package dispatch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
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
	"segmentchallenge/internal/leaderboards/challengeboard"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/panics"
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
	standings   host[challengeboard.State, challengeboard.Command]
}

// host is an aggregate.Host. As an interface it stays this package's business: every package that knows a Dispatcher would
// otherwise compile the methods of all eight hosts once more.
type host[S, C any] interface {
	Peek(id uuid.UUID) (state S, ok bool)
	Stats() aggregate.Stats
	Load(ctx context.Context, id uuid.UUID) (state S, version int64, err error)
	Execute(ctx context.Context, id uuid.UUID, cmd C, meta eventstore.Meta) (eventstore.Result, error)
	Consider(ctx context.Context, id uuid.UUID, cmd C, meta eventstore.Meta, first int) (eventstore.Write, error)
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
	StandingsStream  = "challengeboard"
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
		standings:   aggregate.NewHost[challengeboard.State](store, StandingsStream, boards),
	}
}

// Stats says what the hosts of the aggregates have done, by category.
func (d *Dispatcher) Stats() map[string]aggregate.Stats {
	return map[string]aggregate.Stats{ChallengeStream: d.challenges.Stats(), StageStream: d.stages.Stats(),
		CompetitorStream: d.competitors.Stats(), AthleteStream: d.athletes.Stats(), ClubStream: d.clubs.Stats(),
		SegmentStream: d.segments.Stats(), ActivityStream: d.activities.Stats(), BoardStream: d.boards.Stats(),
		StandingsStream: d.standings.Stats()}
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
	d.note(ctx, cmd, e, err)
	return Result{result, meta.CorrelationID}, err
}

// note keeps what became of a command.
func (d *Dispatcher) note(ctx context.Context, cmd Command, e audit.Entry, err error) {
	d.say(ctx, e, err)
	if d.opts.Audit == nil {
		return
	}
	if e.Outcome != audit.Panicked {
		e.Fields = audit.Fields(cmd)
	}
	d.opts.Audit.Record(e)
}

// routeSafely makes an error of a panic on the way to the aggregate, as the aggregate's host does of one in it.
func (d *Dispatcher) routeSafely(ctx context.Context, cmd Command, meta *eventstore.Meta) (result eventstore.Result, err error) {
	err = panics.Caught(func() (err error) { result, err = d.route(ctx, cmd, meta); return err })
	return result, inWords(err)
}

// inWords makes a refusal of it where a stream that is needed was deleted: sending the command again won't help.
func inWords(err error) error {
	if errors.Is(err, eventstore.ErrStreamDeleted) {
		return refusal.Deleted
	}
	return err
}

// chainOf is the correlation id that a command's events got the first time: what followed from them has it too.
func (d *Dispatcher) chainOf(ctx context.Context, command uuid.UUID) (uuid.UUID, error) {
	first, _, err := d.store.EventByID(ctx, eventstore.EventID(command, 0))
	return first.CorrelationID, err
}

// route hands a command to the aggregate that takes it.
func (d *Dispatcher) route(ctx context.Context, cmd Command, meta *eventstore.Meta) (eventstore.Result, error) {
	t, err := d.takerOf(cmd)
	if err != nil {
		return eventstore.Result{}, err
	}
	if guarded(cmd) {
		result, errs := d.together(ctx, meta, []Command{cmd})
		return result, errs[0]
	}
	meta.Now = cmd.At()
	return t.execute(ctx, meta)
}

// takerOf is THE list of which aggregate takes which command.
func (d *Dispatcher) takerOf(cmd Command) (taker, error) {
	if reflect.ValueOf(cmd).Kind() != reflect.Struct { // nil, too
		return nil, fmt.Errorf("%w: %T", ErrUnknownCommand, cmd)
	}
	if cmd.Target() == uuid.Nil {
		return nil, ErrNoTarget
	}
	switch c := cmd.(type) {
	case challenges.Command:
		return taking[challenges.State, challenges.Command]{d.challenges, c, d.challengeTerms}, nil
	case stages.Command:
		return taking[stages.State, stages.Command]{d.stages, c, d.stageTerms}, nil
	case competitors.Command:
		return taking[competitors.State, competitors.Command]{d.competitors, c, d.competitorTerms}, nil
	case athletes.Command:
		return taking[athletes.State, athletes.Command]{d.athletes, c, nil}, nil
	case clubs.Command:
		return taking[clubs.State, clubs.Command]{d.clubs, c, nil}, nil
	case segments.Command:
		return taking[segments.State, segments.Command]{d.segments, c, nil}, nil
	case activities.Command:
		return taking[activities.State, activities.Command]{d.activities, c, nil}, nil
	case stageboard.Command:
		return taking[stageboard.State, stageboard.Command]{d.boards, c, nil}, nil
	case challengeboard.Command:
		return taking[challengeboard.State, challengeboard.Command]{d.standings, c, d.standingsTerms}, nil
	}
	return nil, fmt.Errorf("%w: %T", ErrUnknownCommand, cmd)
}

// taker is a command with the host of its aggregate.
type taker interface {
	execute(ctx context.Context, meta *eventstore.Meta) (eventstore.Result, error)
	consider(ctx context.Context, meta *eventstore.Meta, first int) (eventstore.Write, error)
}

type taking[S any, C hosted] struct {
	host     host[S, C]
	cmd      C
	complete func(context.Context, C) (C, error) // with what it needs of others; nil: it needs nothing
}

func (t taking[S, C]) completed(ctx context.Context, meta *eventstore.Meta) (cmd C, err error) {
	cmd = t.cmd
	if t.complete != nil {
		cmd, err = t.complete(ctx, cmd)
	}
	if err == nil && meta.Actor == "" {
		meta.Actor = cmd.Actor().String()
	}
	return cmd, err
}

func (t taking[S, C]) execute(ctx context.Context, meta *eventstore.Meta) (eventstore.Result, error) {
	cmd, err := t.completed(ctx, meta)
	if err != nil {
		return eventstore.Result{}, err
	}
	return t.host.Execute(ctx, cmd.Target(), cmd, *meta)
}

func (t taking[S, C]) consider(ctx context.Context, meta *eventstore.Meta, first int) (eventstore.Write, error) {
	cmd, err := t.completed(ctx, meta)
	if err != nil {
		return eventstore.Write{}, err
	}
	return t.host.Consider(ctx, cmd.Target(), cmd, *meta, first)
}

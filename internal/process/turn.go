package process

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/eventstore"
)

// turn is what happens to some instances in one transaction. It holds the locks of their rows, always taken in the order of
// their names, and nothing is written before save.
type turn struct {
	m         *Manager
	tx        pgx.Tx
	instances map[string]*instance
	waiting   []waiting
	out       []outgoing
}

// instance is one of them, as it will be stored.
type instance struct {
	name    string
	stored  bool
	state   json.RawMessage // nil: there is none
	life    *uuid.UUID      // nil: it has none
	stuck   string          // what it couldn't react to, as in the table; "": it flows
	trouble string
	changed bool
	wiped   bool              // timers that were set before this turn, or earlier in it, are gone
	timers  map[string]*timer // set in this turn; nil: cancelled
}

// waiting is an event that a stuck instance has to react to later.
type waiting struct {
	instance string
	position int64
}

// timer is a row of process_timers.
type timer struct {
	Instance      string
	Name          string
	Due           time.Time
	ID            uuid.UUID
	CorrelationID *uuid.UUID
	CausationID   *uuid.UUID
	Traceparent   string
}

// cause is what an instance reacts to. The ids of all that follows derive from id, so they are the same should it be
// decided again.
type cause struct {
	id            uuid.UUID  // of the event, the timer or the refused command
	position      *int64     // of the event; nil after a timer
	correlationID *uuid.UUID // of the event that it goes back to
	causationID   *uuid.UUID // that event
	traceparent   string     // of the command that caused it; "": none is known
}

func (c cause) derive(format string, args ...any) uuid.UUID {
	return uuid.NewSHA1(c.id, fmt.Appendf(nil, format, args...))
}

const (
	waitForLock = ``
	skipLocked  = `skip locked`
)

// begin locks instances and reads what they remember.
func (m *Manager) begin(ctx context.Context, tx pgx.Tx, names []string, wait string) (*turn, error) {
	t := &turn{m: m, tx: tx, instances: map[string]*instance{}}
	if len(names) == 0 {
		return t, nil
	}
	slices.Sort(names)
	names = slices.Compact(names)
	rows, err := tx.Query(ctx, `select instance, state, life, coalesce(stuck, ''), trouble from process_instances
		where process = $1 and instance = any($2) order by instance for update `+wait, m.def.name, names)
	if err != nil {
		return nil, err
	}
	var in instance
	_, err = pgx.ForEachRow(rows, []any{&in.name, &in.state, &in.life, &in.stuck, &in.trouble}, func() error {
		found := in
		found.stored, found.state, found.timers = true, slices.Clone(in.state), map[string]*timer{}
		t.instances[in.name] = &found
		return nil
	})
	return t, err
}

// happened gives an event to an instance.
func (t *turn) happened(name string, starts bool, rec *eventstore.Recorded, event eventstore.Event) {
	in := t.instances[name]
	if in == nil { // stored only if it reacts
		in = &instance{name: name, timers: map[string]*timer{}}
		t.instances[name] = in
	}
	switch {
	case in.stuck != "":
		t.waiting = append(t.waiting, waiting{name, rec.Position})
		return
	case in.state == nil && !starts:
		return
	}
	if err := t.react(in, Happened{name, event, rec.Position, rec.Time}, causeOf(rec)); err != nil {
		t.stick(in, "event", fmt.Errorf("event %d (%s, stream %s): %w", rec.Position, rec.Type, rec.Stream, err))
		t.waiting = append(t.waiting, waiting{name, rec.Position})
	}
}

func causeOf(rec *eventstore.Recorded) cause {
	c := cause{id: rec.ID, position: &rec.Position, causationID: &rec.ID, traceparent: rec.Traceparent()}
	if rec.CorrelationID != uuid.Nil {
		c.correlationID = &rec.CorrelationID
	}
	return c
}

// react lets an instance react to an input. On an error nothing has changed. It is deterministic, so it isn't tried again.
func (t *turn) react(in *instance, input Input, why cause) error {
	state, effects, err := t.m.def.react(in.state, input)
	if err != nil {
		return err
	}
	life := in.life
	if in.state == nil {
		life = &why.id
	}
	out, timers, stops := []outgoing(nil), map[string]*timer{}, false
	for _, effect := range effects {
		switch e := effect.(type) {
		case Send:
			name, data, err := t.m.def.commands.encode(e.Command)
			if err != nil {
				return err
			}
			id := why.derive("%s/%s/%d", t.m.def.name, in.name, len(out))
			out = append(out, outgoing{Instance: in.name, Life: *life, Position: why.position, CommandID: id,
				CorrelationID: why.correlationID, CausationID: why.causationID, Traceparent: why.traceparent, Command: name, Data: data})
		case SetTimer:
			timers[e.Timer] = &timer{in.name, e.Timer, e.At, why.derive("%s/%s/timer %s", t.m.def.name, in.name, e.Timer),
				why.correlationID, why.causationID, why.traceparent}
		case CancelTimer:
			timers[e.Timer] = nil
		case Stop:
			stops = true
		}
	}
	in.life = life
	t.take(in, state, timers, stops)
	t.out = append(t.out, out...)
	return nil
}

func (t *turn) take(in *instance, state json.RawMessage, timers map[string]*timer, stops bool) {
	in.changed = true
	if stops {
		in.state, in.life, in.wiped, in.timers = nil, nil, true, map[string]*timer{}
		return
	}
	in.state = state
	for name, set := range timers {
		in.timers[name] = set
	}
}

// stick notes that an instance can't go on.
func (t *turn) stick(in *instance, at string, err error) {
	in.changed, in.stuck, in.trouble = true, at, err.Error()
	t.m.opts.Log.Error("an instance of a process is stuck", "process", t.m.def.name, "instance", in.name, "error", err)
}

package aggregate

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/panics"
)

// decided is what a batch comes to if the stream is still where it was decided on.
type decided[S any] struct {
	after    versioned[S]
	events   []eventstore.NewEvent
	outcomes []outcome // one a request, in their order
}

// outcome is what deciding made of one request.
type outcome struct {
	events int                // how many of the batch's events are its own; they adjoin
	err    error              // refused, or failed by itself
	known  *eventstore.Result // of the first time, where the command has been carried out before
	twin   int                // 1 + the index of the same command earlier in the batch; 0: none
}

// decideAll decides the requests of a batch in turn. With repeated, commands are looked up in the log before they are
// decided. Without, only those from which nothing follows are: of the others, the append finds event ids that exist.
func (h *Host[S, C, E]) decideAll(ctx context.Context, id uuid.UUID, from versioned[S], batch []*request[C], repeated bool) (decided[S], error) {
	d := decided[S]{after: from, outcomes: make([]outcome, len(batch))}
	seen := map[uuid.UUID]int{}
	for i, req := range batch {
		o := &d.outcomes[i]
		if err := req.ctx.Err(); err != nil {
			o.err = err
			continue
		}
		command := req.meta.CommandID
		if command != uuid.Nil {
			if o.twin = seen[command]; o.twin > 0 {
				continue
			}
			seen[command] = i + 1
		}
		if repeated {
			if err := h.recall(ctx, id, command, o); err != nil {
				return d, err
			}
		}
		if o.known == nil && o.err == nil {
			h.decide(&d, req, o)
		}
		if o.events == 0 && !repeated {
			if err := h.recall(ctx, id, command, o); err != nil {
				return d, err
			}
		}
	}
	return d, nil
}

// decide runs the domain's code for one request; what goes wrong in it is that request's error alone.
func (h *Host[S, C, E]) decide(d *decided[S], req *request[C], o *outcome) {
	after, encoded := d.after, []eventstore.NewEvent(nil)
	o.err = panics.Caught(func() error {
		events, err := after.state.Decide(req.cmd)
		if err != nil {
			return err
		}
		for i, e := range events {
			n, err := h.store.Registry().Encode(e, req.meta, i)
			if err != nil {
				return err
			}
			encoded = append(encoded, n)
			after.state, after.version = after.state.Evolve(e), after.version+1
		}
		return nil
	})
	if o.err == nil {
		d.after, d.events, o.events = after, append(d.events, encoded...), len(encoded)
	}
}

// recall looks for the events that a command has left in the log before; their ids derive from its own.
func (h *Host[S, C, E]) recall(ctx context.Context, id, command uuid.UUID, o *outcome) error {
	if command == uuid.Nil {
		return nil
	}
	for i := 0; ; i++ {
		rec, found, err := h.store.EventByID(ctx, eventstore.EventID(command, i))
		switch {
		case err != nil || !found:
			return err
		case rec.Stream != h.stream(id):
			o.err = fmt.Errorf("%w: command %s was given to %s before", eventstore.ErrDuplicateEvent, command, rec.Stream)
			return nil
		case i == 0:
			o.known, o.err = &eventstore.Result{First: rec.Position, Duplicate: true}, nil
		}
		o.known.Last, o.known.Versions = rec.Position, map[string]int64{rec.Stream: rec.Version}
	}
}

// answers tells what each caller gets, once the batch's events are stored behind a version, from a position on.
func (d decided[S]) answers(stream string, version, position int64) []answer {
	out := make([]answer, len(d.outcomes))
	for i, o := range d.outcomes {
		switch {
		case o.twin > 0:
			out[i] = out[o.twin-1]
		case o.known != nil:
			out[i].result = *o.known
		case o.err != nil:
			out[i].err = o.err
		case o.events > 0:
			version += int64(o.events)
			out[i].result = eventstore.Result{First: position, Last: position + int64(o.events) - 1, Versions: map[string]int64{stream: version}}
			position += int64(o.events)
		}
	}
	return out
}

package dispatch

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"segmentchallenge/internal/eventstore"
)

// recall is what commands that share an id did the first time, if they have been carried out before: the events whose ids
// derive from it are in the log. Used for other aggregates, an id is a mistake of the program.
func (d *Dispatcher) recall(ctx context.Context, command uuid.UUID, cmds []Command) (known eventstore.Result, found bool, err error) {
	if command == uuid.Nil {
		return known, false, nil
	}
	known = eventstore.Result{Versions: map[string]int64{}, Duplicate: true}
	for i := 0; ; i++ {
		rec, there, err := d.store.EventByID(ctx, eventstore.EventID(command, i))
		switch {
		case err != nil || !there:
			return known, i > 0, err
		case !targeted(rec.Stream, cmds):
			return eventstore.Result{}, false, fmt.Errorf("%w: command %s was given to %s before", eventstore.ErrDuplicateEvent, command, rec.Stream)
		case i == 0:
			known.First = rec.Position
		}
		known.Last, known.Versions[rec.Stream] = rec.Position, rec.Version
	}
}

// targeted says whether a stream is of an aggregate that one of the commands is for.
func targeted(stream string, cmds []Command) bool {
	for _, cmd := range cmds {
		if strings.HasSuffix(stream, "-"+cmd.Target().String()) {
			return true
		}
	}
	return false
}

// unlessDoneBefore gives errs, unless the commands have been carried out before: then what they did.
func (d *Dispatcher) unlessDoneBefore(ctx context.Context, meta *eventstore.Meta, cmds []Command, errs []error) (eventstore.Result, []error) {
	known, found, err := d.recall(ctx, meta.CommandID, cmds)
	switch {
	case err != nil:
		for i := range errs {
			errs[i] = err
		}
	case found:
		clear(errs)
		return known, errs
	}
	return eventstore.Result{}, errs
}

// written leaves out of a result the streams that were only guarded: sent again, the command won't know of them.
func written(r eventstore.Result, writes []eventstore.Write) eventstore.Result {
	for _, w := range writes {
		if len(w.Events) == 0 {
			delete(r.Versions, w.Stream)
		}
	}
	return r
}

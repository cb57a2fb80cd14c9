package aggregate

import (
	"context"

	"github.com/google/uuid"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/panics"
)

// Consider says what would follow from cmd now, without doing it: the write that carries it out, on the condition that the
// stream is still where it was decided on. Nothing follows from it where the write has no events. A caller who appends
// several such writes at once has several aggregates decide together, or none.
//
// The events get their ids from meta.CommandID as in Execute, counted from first on. It doesn't wait in the queue of the
// aggregate's commands: whoever appends before makes the write conflict.
func (h *Host[S, C, E]) Consider(ctx context.Context, id uuid.UUID, cmd C, meta eventstore.Meta, first int) (eventstore.Write, error) {
	from, err := h.refresh(ctx, id)
	if err != nil {
		return eventstore.Write{}, err
	}
	w := eventstore.Write{Stream: h.stream(id), Expect: eventstore.Exact(from.version)}
	err = panics.Caught(func() error {
		events, err := from.state.Decide(cmd)
		if err != nil {
			return err
		}
		for i, e := range events {
			n, err := h.store.Registry().Encode(e, meta, first+i)
			if err != nil {
				return err
			}
			w.Events = append(w.Events, n)
		}
		return nil
	})
	return w, err
}

package history

import (
	"context"
	"errors"
	"iter"

	"github.com/google/uuid"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/refusal"
)

// happening is an event of a stream, also as what it is.
type happening[E eventstore.Event] struct {
	eventstore.Recorded
	event E
}

// life reads what has happened to an aggregate, in order. One that isn't there has none; one that was deleted gives
// refusal.Deleted.
func life[E eventstore.Event](ctx context.Context, store *eventstore.Store, category string, id uuid.UUID) iter.Seq2[happening[E], error] {
	return func(yield func(happening[E], error) bool) {
		for rec, err := range store.ReadStream(ctx, eventstore.StreamName(category, id), eventstore.ReadOptions{}) {
			var event eventstore.Event
			switch {
			case errors.Is(err, eventstore.ErrStreamNotFound):
				return
			case errors.Is(err, eventstore.ErrStreamDeleted):
				err = refusal.Deleted
			case err == nil:
				event, err = store.Registry().Decode(rec)
			}
			if err != nil {
				yield(happening[E]{}, err)
				return
			}
			if e, ok := event.(E); ok && !yield(happening[E]{rec, e}, nil) {
				return
			}
		}
	}
}

package aggregate

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/panics"
)

// State is what an aggregate's state must be able to do: decide on commands C and evolve by events E. Both are pure; S is a value.
type State[S, C any, E eventstore.Event] interface {
	Decide(C) ([]E, error)
	Evolve(E) S
}

// Options of a Host. The zero value is useful.
type Options struct {
	CacheSize int           // what the states kept in memory may weigh together, see Sized; default 10,000
	Attempts  int           // how often a batch is decided, each time after another node's append; default 10
	Timeout   time.Duration // for one batch, from loading to the append's answer; default 30 s
	Snapshots *Snapshots    // where states that can (Snapshotter) are kept beside the log; nil: nowhere
}

// Host runs the aggregates of one kind. It is safe for concurrent use.
type Host[S State[S, C, E], C any, E eventstore.Event] struct {
	store     *eventstore.Store
	category  string
	attempts  int
	timeout   time.Duration
	cache     *cache[S]
	snapshots *Snapshots
	did       counters

	mu    sync.Mutex
	boxes map[uuid.UUID]*mailbox[C]
}

// NewHost makes a host for the streams of a category, such as "challenge".
func NewHost[S State[S, C, E], C any, E eventstore.Event](store *eventstore.Store, category string, opts Options) *Host[S, C, E] {
	if opts.CacheSize <= 0 {
		opts.CacheSize = 10_000
	}
	if opts.Attempts <= 0 {
		opts.Attempts = 10
	}
	if opts.Timeout <= 0 {
		opts.Timeout = 30 * time.Second
	}
	return &Host[S, C, E]{store: store, category: category, attempts: opts.Attempts, timeout: opts.Timeout,
		snapshots: opts.Snapshots, cache: newCache[S](opts.CacheSize), boxes: map[uuid.UUID]*mailbox[C]{}}
}

// Load returns the present state and the version of its stream; the zero state and 0 where there is none.
func (h *Host[S, C, E]) Load(ctx context.Context, id uuid.UUID) (S, int64, error) {
	v, err := h.refresh(ctx, id)
	return v.state, v.version, err
}

// Peek returns a state that is in memory, without asking the database: it may be old.
func (h *Host[S, C, E]) Peek(id uuid.UUID) (state S, ok bool) {
	v, ok := h.cache.get(id)
	return v.state, ok
}

// refresh brings what the cache or a snapshot has up to the end of the stream.
func (h *Host[S, C, E]) refresh(ctx context.Context, id uuid.UUID) (versioned[S], error) {
	var kept stored
	from, cached := h.cache.get(id)
	if !cached {
		from, kept = h.fromSnapshot(ctx, id)
	}
	v, err := h.readOn(ctx, id, from)
	var alien *alienError
	if errors.As(err, &alien) {
		if h.cache.forget(id); kept.Version > 0 {
			h.snapshots.discard(ctx, h.stream(id), kept, err)
		}
		v, err = h.readOn(ctx, id, versioned[S]{})
	}
	if err != nil {
		return versioned[S]{}, err
	}
	h.offer(id, &v)
	h.cache.keep(id, v)
	return v, nil
}

// readOn evolves a state by what has come since. Of a stream that isn't there it makes the zero state.
func (h *Host[S, C, E]) readOn(ctx context.Context, id uuid.UUID, v versioned[S]) (versioned[S], error) {
	known := v.version == 0
	// The last known event is read again: one query then tells even that there is nothing new.
	for rec, err := range h.store.ReadStream(ctx, h.stream(id), eventstore.ReadOptions{From: v.version}) {
		switch {
		case errors.Is(err, eventstore.ErrStreamNotFound) && v.version > 0:
			return v, &alienError{v.version} // it has been erased
		case errors.Is(err, eventstore.ErrStreamNotFound):
			return v, nil
		case err != nil:
			return v, err
		case rec.Version <= v.version:
			if known = rec.Position == v.position; !known {
				return v, &alienError{v.version}
			}
			continue
		case rec.Version > v.version+1:
			return v, fmt.Errorf("%w: stream %s goes on from version %d to %d", ErrIncompleteStream, h.stream(id), v.version, rec.Version)
		}
		known = true // also where what came before is cut off, since this one follows on it
		if v, err = h.evolve(v, rec); err != nil {
			return v, err
		}
	}
	if !known {
		return v, &alienError{v.version}
	}
	return v, nil
}

// ErrIncompleteStream says that events of an aggregate have been cut off or taken out that no snapshot makes up for.
var ErrIncompleteStream = errors.New("the stream has lost events that its state needs")

func (h *Host[S, C, E]) stream(id uuid.UUID) string { return eventstore.StreamName(h.category, id) }

// evolve takes an event of the log in.
func (h *Host[S, C, E]) evolve(v versioned[S], rec eventstore.Recorded) (versioned[S], error) {
	event, err := h.store.Registry().Decode(rec)
	if err != nil {
		return v, err
	}
	e, ok := event.(E)
	if !ok {
		return v, fmt.Errorf("event %s at position %d does not belong on a stream of category %s", rec.Type, rec.Position, h.category)
	}
	err = panics.Caught(func() error {
		v.state, v.version, v.position = v.state.Evolve(e), rec.Version, rec.Position
		return nil
	})
	return v, err
}

package aggregate

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"

	"segmentchallenge/internal/eventstore"
)

// State is what an aggregate's state must be able to do: decide on commands C and evolve by events E. Both are pure; S is a value.
type State[S, C any, E eventstore.Event] interface {
	Decide(C) ([]E, error)
	Evolve(E) S
}

// Options of a Host. The zero value is useful.
type Options struct {
	CacheSize int           // states kept in memory; default 10,000
	Attempts  int           // how often a batch is decided anew after another node's append; default 10
	Timeout   time.Duration // for one batch, from loading to the append's answer; default 30 s
}

// Host runs the aggregates of one kind. It is safe for concurrent use.
type Host[S State[S, C, E], C any, E eventstore.Event] struct {
	store    *eventstore.Store
	category string
	attempts int
	timeout  time.Duration
	cache    *lru.Cache[uuid.UUID, versioned[S]]

	mu    sync.Mutex
	boxes map[uuid.UUID]*mailbox[C]
}

// versioned is a state and the version of the stream that it was evolved to.
type versioned[S any] struct {
	state   S
	version int64
}

// ErrTooManyAttempts is given when other nodes kept appending to the same stream; nothing was persisted.
var ErrTooManyAttempts = errors.New("other writers kept changing this at the same time; please try again")

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
	cache, _ := lru.New[uuid.UUID, versioned[S]](opts.CacheSize) // fails for sizes below one only
	return &Host[S, C, E]{store: store, category: category, attempts: opts.Attempts, timeout: opts.Timeout, cache: cache,
		boxes: map[uuid.UUID]*mailbox[C]{}}
}

// Load returns the present state and the version of its stream; the zero state and 0 where there is none.
func (h *Host[S, C, E]) Load(ctx context.Context, id uuid.UUID) (S, int64, error) {
	v, err := h.refresh(ctx, id)
	return v.state, v.version, err
}

// refresh brings what the cache has up to the end of the stream.
func (h *Host[S, C, E]) refresh(ctx context.Context, id uuid.UUID) (versioned[S], error) {
	v, _ := h.cache.Get(id)
	stream := eventstore.StreamName(h.category, id)
	for rec, err := range h.store.ReadStream(ctx, stream, eventstore.ReadOptions{From: v.version + 1}) {
		if errors.Is(err, eventstore.ErrStreamNotFound) {
			return versioned[S]{}, nil
		}
		if err != nil {
			return versioned[S]{}, err
		}
		event, err := h.decode(rec)
		if err != nil {
			return versioned[S]{}, err
		}
		v = versioned[S]{v.state.Evolve(event), rec.Version}
	}
	h.remember(id, v)
	return v, nil
}

func (h *Host[S, C, E]) decode(rec eventstore.Recorded) (E, error) {
	var none E
	event, err := h.store.Registry().Decode(rec)
	if err != nil {
		return none, err
	}
	e, ok := event.(E)
	if !ok {
		return none, fmt.Errorf("event %s at position %d does not belong on a stream of category %s", rec.Type, rec.Position, h.category)
	}
	return e, nil
}

// remember keeps the newest state; concurrent readers may come back in any order.
func (h *Host[S, C, E]) remember(id uuid.UUID, v versioned[S]) {
	if v.version == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if known, ok := h.cache.Peek(id); !ok || known.version < v.version {
		h.cache.Add(id, v)
	}
}

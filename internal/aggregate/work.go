package aggregate

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/eventstore"
)

// ErrTooManyAttempts is given when other nodes kept appending to the same stream; nothing was persisted.
var ErrTooManyAttempts = errors.New("other writers kept changing this at the same time; please try again")

// work decides a batch in turn and answers every request in it.
func (h *Host[S, C, E]) work(id uuid.UUID, batch []*request[C]) {
	// The batch must not die with one caller: it carries the others' commands too.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(batch[0].ctx), h.timeout)
	defer cancel()
	answers, err := h.attempt(ctx, id, batch)
	if errors.Is(err, eventstore.ErrInvalidEvent) && len(batch) > 1 { // somebody's alone, and nothing is stored: each by itself
		for _, req := range batch {
			h.work(id, []*request[C]{req})
		}
		return
	}
	for i, req := range batch {
		if err != nil {
			req.done <- answer{err: err}
		} else {
			req.done <- answers[i]
		}
	}
}

// attempt decides and appends until no other writer interferes.
func (h *Host[S, C, E]) attempt(ctx context.Context, id uuid.UUID, batch []*request[C]) ([]answer, error) {
	from, cached := h.cache.get(id)
	h.did.began(len(batch), cached)
	repeated := false // some command's events may be in the log
	for n := range h.attempts {
		if n > 0 {
			h.did.retries.Add(1)
			pause(ctx, n)
		}
		if !cached {
			var err error
			if from, err = h.refresh(ctx, id); err != nil {
				return nil, err
			}
		}
		d, err := h.decideAll(ctx, id, from, batch, repeated)
		if err != nil {
			return nil, err
		}
		result, err := h.commit(ctx, id, d, cached)
		switch {
		case result.Duplicate || errors.Is(err, eventstore.ErrDuplicateEvent):
			repeated = true
		case err == nil:
			if len(d.events) > 0 {
				d.after.position = result.Last
				h.offer(id, &d.after)
			}
			h.cache.keep(id, d.after)
			return d.answers(h.stream(id), from.version, result.First), nil
		case !errors.Is(err, eventstore.ErrConflict):
			return nil, err
		}
		cached = false // somebody else wrote: read the tail, decide again
	}
	return nil, ErrTooManyAttempts
}

// pause lets the other writers get on: the longer the oftener they were faster, and by chance so that two don't keep in step.
func pause(ctx context.Context, attempt int) {
	timer := time.NewTimer(rand.N(time.Duration(attempt) * time.Millisecond))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// commit appends what was decided or, where nothing follows, confirms that a cached version is still the newest.
func (h *Host[S, C, E]) commit(ctx context.Context, id uuid.UUID, d decided[S], cached bool) (eventstore.Result, error) {
	version := d.after.version - int64(len(d.events))
	if len(d.events) > 0 {
		return h.store.Append(ctx, eventstore.Write{Stream: h.stream(id), Expect: eventstore.Exact(version), Events: d.events})
	}
	if !cached {
		return eventstore.Result{}, nil
	}
	now, err := h.store.StreamVersion(ctx, h.stream(id))
	if err == nil && now != version {
		err = eventstore.ErrConflict
	}
	return eventstore.Result{}, err
}

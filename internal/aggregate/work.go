package aggregate

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/google/uuid"

	"segmentchallenge/internal/eventstore"
)

// PanicError is a Decide or Evolve that panicked. The state is as it was before.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("deciding panicked: %v", e.Value) }

// outcome is what deciding made of one request.
type outcome struct {
	count int // events of this request, adjoining in the write
	err   error
	known *eventstore.Result // the command had been carried out before
	twin  int                // 1 + the index of the same command earlier in this batch; 0: none
}

// work decides a batch in turn and answers every request in it.
func (h *Host[S, C, E]) work(id uuid.UUID, batch []*request[C]) {
	if len(batch) == 0 {
		return
	}
	// The batch must not die with one caller: it carries the others' commands too.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(batch[0].ctx), h.timeout)
	defer cancel()
	outcomes, result, err := h.attempt(ctx, id, batch)
	if err != nil && len(batch) > 1 && !errors.Is(err, ErrTooManyAttempts) {
		for _, req := range batch { // one of them is bad: each by itself
			h.work(id, []*request[C]{req})
		}
		return
	}
	answers := make([]answer, len(batch))
	next := result.First
	for i, req := range batch {
		if err != nil {
			answers[i].err = err
		} else {
			answers[i] = outcomes[i].answer(answers, &next, result.Versions)
		}
		req.done <- answers[i]
	}
}

// answer turns an outcome into what its caller gets; next is the position of the batch's next event.
func (o outcome) answer(earlier []answer, next *int64, versions map[string]int64) answer {
	switch {
	case o.err != nil:
		return answer{err: o.err}
	case o.known != nil:
		return answer{result: *o.known}
	case o.twin > 0:
		return earlier[o.twin-1]
	case o.count == 0:
		return answer{}
	}
	first := *next
	*next += int64(o.count)
	return answer{result: eventstore.Result{First: first, Last: *next - 1, Versions: versions}}
}

// attempt decides and appends until no other writer interferes.
func (h *Host[S, C, E]) attempt(ctx context.Context, id uuid.UUID, batch []*request[C]) ([]outcome, eventstore.Result, error) {
	from, cached := h.cache.Get(id)
	for range h.attempts {
		if !cached {
			var err error
			if from, err = h.refresh(ctx, id); err != nil {
				return nil, eventstore.Result{}, err
			}
		}
		outcomes, events, after, err := h.decideAll(ctx, from, batch)
		if err != nil {
			return nil, eventstore.Result{}, err
		}
		result, confirmed, err := h.commit(ctx, id, from.version, events, cached)
		if err != nil {
			return nil, result, err
		}
		if confirmed {
			h.remember(id, versioned[S]{after, from.version + int64(len(events))})
			return outcomes, result, nil
		}
		cached = false // somebody else wrote: read the tail, decide again
	}
	return nil, eventstore.Result{}, ErrTooManyAttempts
}

// commit appends what was decided at version, or, where nothing was, confirms that a cached version is still the newest.
func (h *Host[S, C, E]) commit(ctx context.Context, id uuid.UUID, version int64, events []eventstore.NewEvent, cached bool) (eventstore.Result, bool, error) {
	stream := eventstore.StreamName(h.category, id)
	if len(events) == 0 {
		if !cached {
			return eventstore.Result{}, true, nil
		}
		now, err := h.store.StreamVersion(ctx, stream)
		return eventstore.Result{}, now == version, err
	}
	result, err := h.store.Append(ctx, eventstore.Write{Stream: stream, Expect: eventstore.Exact(version), Events: events})
	if errors.Is(err, eventstore.ErrConflict) || errors.Is(err, eventstore.ErrDuplicateEvent) {
		return result, false, nil // a duplicate event id is the same command on another node: found on the next round
	}
	return result, err == nil && !result.Duplicate, err
}

func (h *Host[S, C, E]) decideAll(ctx context.Context, from versioned[S], batch []*request[C]) ([]outcome, []eventstore.NewEvent, S, error) {
	outcomes := make([]outcome, len(batch))
	var all []eventstore.NewEvent
	seen := map[uuid.UUID]int{}
	state := from.state
	for i, req := range batch {
		if command := req.meta.CommandID; command != uuid.Nil {
			known, err := h.carriedOut(ctx, req.meta)
			if err != nil {
				return nil, nil, state, err
			}
			if outcomes[i].known, outcomes[i].twin = known, seen[command]; known != nil || seen[command] > 0 {
				continue
			}
			seen[command] = i + 1
		}
		events, next, err := h.decide(state, req)
		if err != nil {
			outcomes[i].err = err
			continue
		}
		outcomes[i].count = len(events)
		all = append(all, events...)
		state = next
	}
	return outcomes, all, state, nil
}

// decide runs the domain's code for one request; a panic in it is that request's error alone.
func (h *Host[S, C, E]) decide(state S, req *request[C]) (out []eventstore.NewEvent, next S, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &PanicError{Value: r, Stack: debug.Stack()}
		}
	}()
	events, err := state.Decide(req.cmd)
	if err != nil {
		return nil, state, err
	}
	next = state
	for i, e := range events {
		encoded, err := h.store.Registry().Encode(e, req.meta, i)
		if err != nil {
			return nil, state, err
		}
		out = append(out, encoded)
		next = next.Evolve(e)
	}
	return out, next, nil
}

// carriedOut looks for the events that this command id has left in the log before.
func (h *Host[S, C, E]) carriedOut(ctx context.Context, meta eventstore.Meta) (*eventstore.Result, error) {
	var result *eventstore.Result
	for i := 0; ; i++ {
		rec, found, err := h.store.EventByID(ctx, eventstore.EventID(meta.CommandID, i))
		if err != nil || !found {
			return result, err
		}
		if result == nil {
			result = &eventstore.Result{First: rec.Position, Duplicate: true, Versions: map[string]int64{}}
		}
		result.Last = rec.Position
		result.Versions[rec.Stream] = rec.Version
	}
}

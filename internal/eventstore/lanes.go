package eventstore

import (
	"context"
	"errors"
	"sync"
)

// lanes give each key that has events a goroutine, which handles them in their order. Slots bound how many of these are at
// work at a time; one that waits to try again needs none, so that a key in trouble holds up nobody but itself.
type lanes struct {
	mu      sync.Mutex
	waiting map[string][]Recorded // the keys at work, and what comes for them next
	working sync.WaitGroup
	slots   chan struct{}
}

// errAnew: somebody has wishes about parked events while others are under way. The work begins anew with those.
var errAnew = errors.New("the work begins anew")

// handleAll handles a batch: here, in the order of the log, or in lanes, where it goes on when handleAll returns.
func (hd *handler) handleAll(ctx context.Context, events []Recorded) error {
	if hd.h.Partitions > 1 {
		hd.divide(ctx, events)
		return nil
	}
	for _, e := range events {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if len(hd.poke) > 0 && hd.store.progress.wished(hd.runner) {
			return errAnew
		}
		if err := hd.handleOne(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// divide puts events into their lanes.
func (hd *handler) divide(ctx context.Context, events []Recorded) {
	l := &hd.lanes
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range events {
		key := hd.key(e)
		waiting, working := l.waiting[key]
		l.waiting[key] = append(waiting, e)
		if !working {
			l.working.Go(func() { hd.lane(ctx, key) })
		}
	}
}

// lane handles what comes for a key until nothing does.
func (hd *handler) lane(ctx context.Context, key string) {
	for {
		for _, e := range hd.lanes.take(key) {
			if ctx.Err() != nil {
				return
			}
			if err := hd.handleOne(ctx, e); err != nil {
				hd.cancel(err)
				return
			}
		}
		if hd.lanes.close(key) {
			return
		}
	}
}

func (l *lanes) take(key string) []Recorded {
	l.mu.Lock()
	defer l.mu.Unlock()
	events := l.waiting[key]
	l.waiting[key] = nil
	return events
}

// close ends a lane, if nothing has come for it meanwhile.
func (l *lanes) close(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting[key]) > 0 {
		return false
	}
	delete(l.waiting, key)
	return true
}

// enter waits for a slot; leave gives it back.
func (l *lanes) enter(ctx context.Context) error {
	select {
	case l.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *lanes) leave() { <-l.slots }

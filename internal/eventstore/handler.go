package eventstore

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"segmentchallenge/internal/panics"
)

// HandlerSubscription calls a function for each event, for what can't be undone with a transaction: mails, calls to other
// services, commands. One node at a time does it, under a lease.
//
// An event is handled at least once. After a crash those since the last checkpoint come again: what was finished in the last
// tenth of a second (see longestUnwritten), or since an earlier one began that isn't, and at most Window events. After a
// graceful stop none does: events under way may finish, for two seconds or a third of the lease, before the context that
// Handle gets ends. So Handle should derive the ids of what it causes from the event's id.
//
// With Partitions at 1 events are handled in the order of the log. With more, the order of each key is kept, and a key in
// trouble holds up nobody but itself, not even while it is tried again, until Window events have begun behind it.
type HandlerSubscription struct {
	Name       string
	Filter     Filter
	Start      int64                 // for the first time ever: 0 the beginning, n after position n, Now the end
	Partitions int                   // events handled at the same time; 0: 1
	Key        func(Recorded) string // events with the same key are handled in their order; nil: their stream
	Window     int                   // events without a checkpoint at most; 0: 10,000
	Handle     func(ctx context.Context, e Recorded) error
	Retry      Backoff
	GiveUp     GiveUp // what happens to an event when all tries have failed
}

// Backoff says how often to try and how long to wait in between; each pause is twice the one before.
type Backoff struct {
	Attempts int           // 0: 5
	First    time.Duration // 0: 100 ms
	Longest  time.Duration // 0: 10 s
}

// GiveUp is what a handler subscription does with an event that it can't handle.
type GiveUp int

const (
	Park GiveUp = iota // set it aside, and behind it all later ones with its key, until Replay; the other keys flow on
	Skip               // forget it
	Stop               // handle nothing more, on any node, until Resume or until it is started again: at this event
)

type attemptKey struct{}

// Attempt says which try of an event this is, in the context that Handle gets: 1, 2, 3 …
func Attempt(ctx context.Context) int {
	n, _ := ctx.Value(attemptKey{}).(int)
	return n
}

// handler runs one handler subscription on one node, while this holds the lease.
type handler struct {
	store *Store
	h     HandlerSubscription
	*runner
	epoch    int64
	cancel   context.CancelCauseFunc // ends the work
	linger   context.Context         // for Handle: ends a little after the work is to end
	flight   flight
	lanes    lanes
	retrying atomic.Int64   // events that have failed and are tried again
	ahead    map[int64]bool // positions beyond the checkpoint that an earlier holder had finished
	dirty    chan struct{}  // has room for one: there is something to write down
	waits    atomic.Bool    // for room
	hemmed   chan struct{}  // has room for one: the work can't go on before it is written down
	mu       sync.Mutex
	parked   map[string]bool // keys
}

// RunHandler handles events as they come. It blocks until ctx ends (nil), or fails at once where it can't run at all. While
// another node holds the lease it waits for it: half a second after a graceful stop, Options.Lease after a kill.
func (s *Store) RunHandler(ctx context.Context, h HandlerSubscription) error {
	if err := checkName("name of the subscription", h.Name); err != nil {
		return err
	}
	h = h.withDefaults()
	r, err := s.progress.enter(h.Name)
	if err != nil {
		return err
	}
	defer s.progress.leave(h.Name)
	if _, err := s.enlist(ctx, h.Name, "handler", h.Filter, h.Start); err != nil {
		return ended(ctx, err)
	}
	for ctx.Err() == nil {
		hd := &handler{store: s, h: h, runner: r, dirty: make(chan struct{}, 1), hemmed: make(chan struct{}, 1),
			lanes: lanes{waiting: map[string][]Recorded{}, slots: make(chan struct{}, h.Partitions)}}
		if !hd.acquire(ctx) {
			return nil
		}
		var stopped *stoppedError
		if err := hd.hold(ctx); err != nil && ctx.Err() == nil && !errors.As(err, &stopped) && !errors.Is(err, errAnew) {
			s.opts.Logger.Warn("a subscription starts anew", "subscription", h.Name, "error", err)
			sleep(ctx, 50*time.Millisecond)
		}
	}
	return nil
}

func (h HandlerSubscription) withDefaults() HandlerSubscription {
	h.Partitions, h.Window = max(h.Partitions, 1), orDefault(h.Window, 10*pageSize)
	h.Retry.Attempts = orDefault(h.Retry.Attempts, 5)
	h.Retry.First = orDefault(h.Retry.First, 100*time.Millisecond)
	h.Retry.Longest = orDefault(h.Retry.Longest, 10*time.Second)
	if h.Key == nil {
		h.Key = func(e Recorded) string { return e.Stream }
	}
	return h
}

func orDefault[T int | time.Duration](v, fallback T) T {
	if v <= 0 {
		return fallback
	}
	return v
}

// stoppedError ends a subscription's work until somebody resumes it.
type stoppedError struct{ err error }

func (e *stoppedError) Error() string { return e.err.Error() }

// work handles what comes until ctx ends, the lease is lost or an event stops it.
func (hd *handler) work(ctx context.Context) error {
	if err := hd.loadParked(ctx); err != nil {
		return err
	}
	r := reader{store: hd.store, filter: hd.h.Filter}
	defer r.close()
	for ctx.Err() == nil {
		if err := hd.answerPoke(ctx); err != nil {
			return err
		}
		room := hd.flight.room(pageSize, hd.h.Window)
		if room <= 0 {
			hd.waitForRoom(ctx)
			continue
		}
		b, ok := r.next(ctx, hd.flight.read(), room, hd.poke)
		if !ok {
			return nil
		}
		hd.flight.begin(b)
		if err := hd.handleAll(ctx, b.events); err != nil {
			return err
		}
		hd.noteProgress()
	}
	return nil
}

// waitForRoom waits until something is finished or written down.
func (hd *handler) waitForRoom(ctx context.Context) {
	hd.waits.Store(true)
	defer hd.waits.Store(false)
	if hd.flight.room(pageSize, hd.h.Window) > 0 {
		return
	}
	signal(hd.hemmed)
	select {
	case <-hd.poke:
	case <-ctx.Done():
	}
}

// signal tells a channel that has room for one.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// noteProgress has written down what is finished now, and lets those go on who wait for it.
func (hd *handler) noteProgress() {
	signal(hd.dirty)
	position, _ := hd.flight.finished()
	hd.store.progress.reach(hd.h.Name, hd.runner, position)
	if hd.waits.Load() {
		hd.wake()
	}
}

func (hd *handler) key(e Recorded) (key string) {
	if err := panics.Caught(func() error { key = hd.h.Key(e); return nil }); err != nil {
		return e.Stream
	}
	return key
}

// handleOne handles an event, or does what is to be done when that fails for good.
func (hd *handler) handleOne(ctx context.Context, e Recorded) error {
	if !hd.ahead[e.Position] {
		if err := hd.handleOrGiveUp(ctx, e); err != nil {
			return err
		}
	}
	hd.flight.finish(e.Position)
	if hd.h.Partitions > 1 || hd.store.progress.awaited() { // else it is noted after the batch
		hd.noteProgress()
	}
	return nil
}

func (hd *handler) handleOrGiveUp(ctx context.Context, e Recorded) error {
	key := hd.key(e)
	if hd.isParked(key) {
		return hd.park(ctx, e, key, 0, errors.New("waits behind a parked event with the same key"))
	}
	err := hd.try(ctx, e)
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	switch hd.h.GiveUp {
	case Park:
		return hd.park(ctx, e, key, hd.h.Retry.Attempts, err)
	case Skip:
		hd.store.opts.Logger.Error("an event is skipped", "subscription", hd.h.Name, "error", err)
		return nil
	case Stop:
		return &stoppedError{err}
	}
	return fmt.Errorf("subscription %q: unknown way %d to give up", hd.h.Name, hd.h.GiveUp)
}

// try calls Handle until it succeeds or the attempts are used up.
func (hd *handler) try(ctx context.Context, e Recorded) error {
	for attempt, pause := 1, hd.h.Retry.First; ; attempt, pause = attempt+1, min(2*pause, hd.h.Retry.Longest) {
		err := hd.attempt(ctx, e, attempt)
		if err == nil || ctx.Err() != nil {
			return err
		}
		err = named(e, err)
		if attempt == hd.h.Retry.Attempts {
			return err
		}
		if attempt == 1 {
			hd.retrying.Add(1)
			defer hd.retrying.Add(-1)
		}
		hd.note(ctx, StateRetrying, fmt.Errorf("attempt %d of %d: %w", attempt, hd.h.Retry.Attempts, err))
		sleep(ctx, pause)
	}
}

func (hd *handler) attempt(ctx context.Context, e Recorded, attempt int) error {
	if err := hd.lanes.enter(ctx); err != nil {
		return err
	}
	defer hd.lanes.leave()
	observed, end := hd.store.opts.Observer.handle(context.WithValue(hd.linger, attemptKey{}, attempt), hd.h.Name, e)
	err := panics.Caught(func() error { return hd.h.Handle(observed, e) })
	end(err)
	return err
}

package eventstore

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// HandlerSubscription calls a function for each event, for what can't be undone with a transaction: mails, calls to other
// services, commands. One node at a time does it, under a lease.
//
// An event is handled at least once. After a crash those since the last checkpoint come again: what was finished in the last
// tenth of a second (see longestUnwritten) and at most BatchSize events. After a graceful stop none does: events under way
// may finish, for two seconds or a third of the lease, before the context that Handle gets ends. So Handle should derive
// the ids of what it causes from the event's id.
type HandlerSubscription struct {
	Name       string
	Filter     Filter
	Start      int64                 // for the first time ever: 0 the beginning, n after position n, Now the end
	Partitions int                   // events handled at the same time; 0: 1
	Key        func(Recorded) string // events with the same key are handled in their order; nil: their stream
	BatchSize  int                   // events between two checkpoints at most; 0: 10,000
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
	epoch  int64
	linger context.Context // for Handle: ends a little after the work is to end
	seed   maphash.Seed
	mu     sync.Mutex
	parked map[string]bool // keys
	// unfinished is, for each partition, the position of the first event of the batch under way that it hasn't finished, or 0.
	unfinished []atomic.Int64
	shares     [][]Recorded   // of the partitions, in the batch under way
	ahead      map[int64]bool // positions beyond the checkpoint that an earlier holder had finished
	unwritten  int            // events handled since the last checkpoint
	written    time.Time      // when that was
	notBefore  time.Duration  // how long after it the next may be
	waking     *time.Timer    // set for the next
	through    int64          // end of the last batch that was finished, though perhaps not written down
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
		hd := &handler{store: s, h: h, runner: r, seed: maphash.MakeSeed(), unfinished: make([]atomic.Int64, h.Partitions)}
		if !hd.acquire(ctx) {
			return nil
		}
		var stopped *stoppedError
		if err := hd.hold(ctx); err != nil && ctx.Err() == nil && !errors.As(err, &stopped) {
			s.opts.Logger.Warn("a subscription starts anew", "subscription", h.Name, "error", err)
			sleep(ctx, 50*time.Millisecond)
		}
	}
	return nil
}

func (h HandlerSubscription) withDefaults() HandlerSubscription {
	h.Partitions, h.BatchSize = max(h.Partitions, 1), orDefault(h.BatchSize, 10*pageSize)
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

// work handles batch after batch until ctx ends, the lease is lost or an event stops it.
func (hd *handler) work(ctx context.Context) error {
	if err := hd.loadParked(ctx); err != nil {
		return err
	}
	r := reader{store: hd.store, filter: hd.h.Filter}
	defer r.close()
	for limit := pageSize; ctx.Err() == nil; {
		if err := hd.answerPoke(ctx); err != nil {
			return err
		}
		b, ok := r.next(ctx, hd.seen, min(hd.h.BatchSize-hd.unwritten, limit), hd.poke)
		if !ok {
			return nil
		}
		began := time.Now()
		if err := hd.handleAll(ctx, b.events); err != nil {
			return err
		}
		if limit = min(2*limit, pageSize); time.Since(began) > longestUnwritten {
			limit = max(limit/4, 1) // who pokes is answered between two batches
		}
		hd.through = b.upTo
		hd.unwritten += len(b.events)
		hd.store.progress.advance(hd.h.Name, hd.runner, hd.stored, b.upTo)
		if err := hd.checkpointIfDue(ctx); err != nil {
			return err
		}
	}
	return nil
}

// handleAll divides a batch among the partitions by key, and returns when all are through, or one has failed and the
// others have finished what they were at.
func (hd *handler) handleAll(ctx context.Context, events []Recorded) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	n := uint64(hd.h.Partitions)
	hd.shares = make([][]Recorded, n)
	for _, e := range events {
		i := maphash.String(hd.seed, hd.h.Key(e)) % n
		hd.shares[i] = append(hd.shares[i], e)
	}
	for i, share := range hd.shares {
		if len(share) > 0 {
			hd.unfinished[i].Store(events[0].Position) // not its own: the others may not have theirs yet when somebody looks
		}
	}
	if n == 1 {
		return hd.handleShare(ctx, 0, events)
	}
	errs := make([]error, n)
	var group sync.WaitGroup
	for i, share := range hd.shares {
		if len(share) > 0 {
			group.Go(func() {
				if errs[i] = hd.handleShare(ctx, i, share); errs[i] != nil {
					cancel()
				}
			})
		}
	}
	group.Wait()
	for _, err := range errs {
		if err != nil && !errors.Is(err, context.Canceled) {
			return err // why the others were called off
		}
	}
	return errors.Join(errs...)
}

func (hd *handler) handleShare(ctx context.Context, partition int, share []Recorded) error {
	for i, e := range share {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !hd.ahead[e.Position] {
			if err := hd.handleOne(ctx, e); err != nil {
				return err
			}
		}
		next := int64(0)
		if i+1 < len(share) {
			next = share[i+1].Position
		}
		hd.unfinished[partition].Store(next)
		if hd.store.progress.awaited() {
			hd.store.progress.reach(hd.h.Name, hd.runner, hd.finished())
		}
	}
	return nil
}

// finishedAhead lists the positions after one that are finished all the same: by partitions that are further than others.
func (hd *handler) finishedAhead(after int64) []int64 {
	ahead := slices.AppendSeq([]int64{}, maps.Keys(hd.ahead)) // empty rather than nil, which would be null
	for i, share := range hd.shares {
		unfinished := hd.unfinished[i].Load()
		for _, e := range share {
			if unfinished == 0 || e.Position < unfinished {
				ahead = append(ahead, e.Position)
			}
		}
	}
	slices.Sort(ahead)
	return slices.DeleteFunc(slices.Compact(ahead), func(position int64) bool { return position <= after })
}

// finished is the position up to which the batch under way is done, or 0 when none is.
func (hd *handler) finished() int64 {
	first := int64(0)
	for i := range hd.unfinished {
		if p := hd.unfinished[i].Load(); p > 0 && (first == 0 || p < first) {
			first = p
		}
	}
	return max(first-1, 0)
}

// handleOne handles an event, or does what is to be done when that fails for good.
func (hd *handler) handleOne(ctx context.Context, e Recorded) error {
	key := hd.h.Key(e)
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
		observed, end := hd.store.opts.Observer.handle(context.WithValue(hd.linger, attemptKey{}, attempt), hd.h.Name, e)
		err := guarded(func() error { return hd.h.Handle(observed, e) })
		end(err)
		if err == nil || ctx.Err() != nil {
			return err
		}
		err = named(e, err)
		if attempt == hd.h.Retry.Attempts {
			return err
		}
		hd.note(ctx, StateRetrying, fmt.Errorf("attempt %d of %d: %w", attempt, hd.h.Retry.Attempts, err))
		sleep(ctx, pause)
	}
}

package eventstore

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"
)

// errLeaseLost: another node has taken the subscription over, or might have.
var errLeaseLost = errors.New("the lease is lost")

// When a checkpoint is written: as soon as something is finished while little happens, and under load so seldom that it takes
// an eighth of the time at most.
const (
	shortestUnwritten = 10 * time.Millisecond
	longestUnwritten  = 100 * time.Millisecond
)

// acquire waits until this node holds the lease, which nobody gets while the subscription is stopped. The epoch that comes
// with it is greater than any before, and everything that the holder writes is bound to it, so what an earlier holder
// writes too late is refused.
func (hd *handler) acquire(ctx context.Context) bool {
	s := hd.store
	for ; ctx.Err() == nil; sleep(ctx, min(500*time.Millisecond, s.opts.Lease/4)) {
		moved, _ := hd.store.progress.takePoke(hd.runner)
		var position int64
		var ahead []int64
		// Once asked, the answer is waited for also when ctx ends: a lease that nobody knows of would keep others waiting.
		asking, answered := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
		err := s.pool.QueryRow(asking, `
			with mine as (
				select name from subscriptions
				where name = $1 and state <> 'stopped' and (lease_until is null or lease_until < now() or owner = $2) for update skip locked)
			update subscriptions s set epoch = epoch + 1, owner = $2, lease_until = now() + $3::interval, updated_at = now()
			from mine where s.name = mine.name returning epoch, position, ahead`,
			hd.h.Name, s.node.String(), s.opts.Lease).Scan(&hd.epoch, &position, &ahead)
		answered()
		if err == nil {
			hd.ahead = make(map[int64]bool, len(ahead))
			for _, p := range ahead {
				hd.ahead[p] = true
			}
			hd.flight.upTo = position
			s.progress.reread(hd.h.Name, hd.runner, moved, position)
			return true
		}
	}
	return false
}

// hold works while the lease is kept, and gives it back at the end.
func (hd *handler) hold(ctx context.Context) error {
	working, cancel := context.WithCancelCause(ctx)
	hd.cancel = cancel
	var end func()
	hd.linger, end = lingering(working, min(shutdownTime, hd.store.opts.Lease/3))
	defer end()
	kept := make(chan struct{})
	go func() {
		defer close(kept)
		hd.keep(working)
	}()
	err := hd.work(working)
	cancel(err)
	hd.lanes.working.Wait()
	<-kept
	if cause := context.Cause(working); ctx.Err() == nil && !errors.Is(cause, context.Canceled) {
		err = cause // the first to fail, which may have been a lane
	}
	hd.release(err)
	return err
}

// lingering gives a context that ends a while after another, so that what is under way can finish; or at once, when it
// ends since the lease is lost and another node may be at the same work.
func lingering(ctx context.Context, longest time.Duration) (linger context.Context, end func()) {
	linger, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan *time.Timer, 1)
	stop := context.AfterFunc(ctx, func() {
		if errors.Is(context.Cause(ctx), errLeaseLost) {
			longest = 0
		}
		ended <- time.AfterFunc(longest, cancel)
	})
	return linger, func() {
		if !stop() {
			(<-ended).Stop()
		}
		cancel()
	}
}

// keep prolongs the lease three times in its length, and writes down what is finished. When that is refused, or hasn't been
// possible for so long that another node may have taken over, it ends the work.
func (hd *handler) keep(ctx context.Context) {
	lease := hd.store.opts.Lease
	ticker := time.NewTicker(min(longestUnwritten, lease/3))
	defer ticker.Stop()
	written, _ := hd.flight.finished()
	for last := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-hd.dirty:
		}
		position, events := hd.flight.finished()
		if events == 0 && position-written < lazyEvents { // events that the filter leaves out aren't worth it
			if position = written; time.Since(last) < lease/3 {
				continue
			}
		}
		asked := time.Now()
		err := hd.save(ctx, position)
		switch {
		case err == nil:
			last, written = asked, position
			if hd.waits.Load() {
				hd.wake() // there is room now
			}
			hd.pace(ctx, time.Since(asked))
		case errors.Is(err, errLeaseLost) || time.Since(last) > lease*2/3:
			hd.cancel(errLeaseLost)
			return
		}
	}
}

// pace waits before the next checkpoint, unless the work can't go on without.
func (hd *handler) pace(ctx context.Context, took time.Duration) {
	timer := time.NewTimer(min(max(shortestUnwritten, 8*took), longestUnwritten))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-hd.hemmed:
	case <-ctx.Done():
	}
}

// save moves the checkpoint and prolongs the lease, if that is still this holder's.
func (hd *handler) save(ctx context.Context, position int64) error {
	lease := hd.store.opts.Lease
	ctx, done := context.WithTimeout(ctx, lease/3)
	defer done()
	tag, err := hd.store.pool.Exec(ctx, `
		update subscriptions set position = $3, lease_until = now() + $4::interval, updated_at = now(),
			state = case when $5 then 'running' else state end, error = case when $5 then '' else error end
		where name = $1 and epoch = $2`, hd.h.Name, hd.epoch, position, lease, hd.retrying.Load() == 0)
	if err == nil && tag.RowsAffected() == 0 {
		return errLeaseLost
	}
	if err == nil {
		hd.flight.written(position)
		hd.store.progress.wrote(hd.runner, position)
	}
	return err
}

// release writes down where the work ended, and lets the next node have it at once.
func (hd *handler) release(why error) {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	var stopped *stoppedError
	if errors.As(why, &stopped) {
		hd.note(ctx, StateStopped, stopped.err)
	}
	position, _ := hd.flight.finished()
	ahead := slices.AppendSeq([]int64{}, maps.Keys(hd.ahead)) // empty rather than nil, which would be null
	ahead = slices.DeleteFunc(append(ahead, hd.flight.finishedAhead()...), func(p int64) bool { return p <= position })
	_, err := hd.store.pool.Exec(ctx, `update subscriptions set position = $3, ahead = $4, lease_until = null, updated_at = now()
		where name = $1 and epoch = $2`, hd.h.Name, hd.epoch, position, ahead)
	if err != nil {
		hd.store.opts.Logger.Warn("a lease can't be given back", "subscription", hd.h.Name, "error", err)
	}
}

// note records trouble, if the lease is still this holder's.
func (hd *handler) note(ctx context.Context, state string, trouble error) {
	hd.store.opts.Logger.Error("a subscription has trouble", "subscription", hd.h.Name, "state", state, "error", trouble)
	_, err := hd.store.pool.Exec(ctx, `update subscriptions set state = $3, error = $4, updated_at = now() where name = $1 and epoch = $2`,
		hd.h.Name, hd.epoch, state, trouble.Error())
	if err != nil && ctx.Err() == nil {
		hd.store.opts.Logger.Warn("a subscription's trouble can't be noted", "subscription", hd.h.Name, "error", err)
	}
}

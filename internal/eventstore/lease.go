package eventstore

import (
	"context"
	"errors"
	"time"
)

// errLeaseLost: another node has taken the subscription over, or might have.
var errLeaseLost = errors.New("the lease is lost")

// When a checkpoint is written: after each batch while little happens, and under load so seldom that it takes an eighth of
// the time at most. It is longestUnwritten behind at most, also within a batch of events that take long.
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
			s.progress.reread(hd.h.Name, hd.runner, moved, position)
			return true
		}
	}
	return false
}

// hold works while the lease is kept, and gives it back at the end.
func (hd *handler) hold(ctx context.Context) error {
	working, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var end func()
	hd.linger, end = lingering(working, min(shutdownTime, hd.store.opts.Lease/3))
	defer end()
	renewed := make(chan struct{})
	go func() {
		defer close(renewed)
		hd.renew(working, cancel)
	}()
	err := hd.work(working)
	if cause := context.Cause(working); ctx.Err() == nil && cause != nil {
		err = cause
	}
	cancel(nil)
	<-renewed
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

// renew prolongs the lease three times in its length, and writes down how far the batch under way is. When that is refused,
// or hasn't been possible for so long that another node may have taken over, it ends the work.
func (hd *handler) renew(ctx context.Context, cancel context.CancelCauseFunc) {
	lease := hd.store.opts.Lease
	ticker := time.NewTicker(min(longestUnwritten, lease/3))
	defer ticker.Stop()
	written := int64(0)
	for last := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		finished := hd.finished()
		if finished <= written && time.Since(last) < lease/3 {
			continue
		}
		asked := time.Now()
		once, done := context.WithTimeout(ctx, lease/3)
		err := hd.save(once, finished, "now() + $4::interval", lease)
		done()
		switch {
		case err == nil:
			last, written = asked, max(written, finished)
		case errors.Is(err, errLeaseLost) || time.Since(last) > lease*2/3:
			cancel(errLeaseLost)
			return
		}
	}
}

// save moves the checkpoint, never back, if the lease is still this holder's.
func (hd *handler) save(ctx context.Context, position int64, lease string, args ...any) error {
	tag, err := hd.store.pool.Exec(ctx, `
		update subscriptions set position = greatest(position, $3), lease_until = `+lease+`, updated_at = now()
		where name = $1 and epoch = $2`, append([]any{hd.h.Name, hd.epoch, position}, args...)...)
	if err == nil && tag.RowsAffected() == 0 {
		return errLeaseLost
	}
	return err
}

// checkpointIfDue writes down what was handled, or sees to it that the work comes back here when it is time.
func (hd *handler) checkpointIfDue(ctx context.Context) error {
	if hd.unwritten == 0 && hd.seen-hd.stored < lazyEvents {
		return nil
	}
	since := time.Since(hd.written)
	if since >= hd.notBefore || hd.unwritten >= hd.h.BatchSize {
		return hd.checkpoint(ctx, hd.seen)
	}
	if hd.waking == nil {
		hd.waking = time.AfterFunc(hd.notBefore-since, hd.wake)
	}
	return nil
}

// checkpoint moves the checkpoint between two batches.
func (hd *handler) checkpoint(ctx context.Context, position int64) error {
	if hd.waking != nil {
		hd.waking.Stop()
		hd.waking = nil
	}
	began := time.Now()
	tag, err := hd.store.pool.Exec(ctx, `
		update subscriptions set position = $3, state = 'running', error = '', updated_at = now()
		where name = $1 and epoch = $2`, hd.h.Name, hd.epoch, position)
	if err == nil && tag.RowsAffected() == 0 {
		return errLeaseLost
	}
	if err == nil {
		hd.store.progress.advance(hd.h.Name, hd.runner, position, position)
		hd.unwritten, hd.written = 0, time.Now()
		hd.notBefore = min(max(shortestUnwritten, 8*hd.written.Sub(began)), longestUnwritten)
	}
	return err
}

// release writes down where the work ended, and lets the next node have it at once.
func (hd *handler) release(why error) {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	if hd.waking != nil {
		hd.waking.Stop()
	}
	var stopped *stoppedError
	if errors.As(why, &stopped) {
		hd.note(ctx, StateStopped, stopped.err)
	}
	at := max(hd.through, hd.finished())
	err := hd.save(ctx, at, "null, ahead = $4", hd.finishedAhead(at))
	if err != nil && !errors.Is(err, errLeaseLost) {
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

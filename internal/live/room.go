package live

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// supply is what rooms need from outside.
type supply struct {
	// wait returns when the read models have reached a position; an error when they haven't within its bounds.
	wait   func(ctx context.Context, position int64) error
	render func(ctx context.Context, t Topic) (Frame, error)
	log    *slog.Logger

	frames, skipped atomic.Int64 // rendered; replaced in a slot before they were sent
}

// Pauses of a room.
const (
	interval     = 100 * time.Millisecond // between two frames: ten a second
	retryPause   = time.Second            // before another try, when the read models are behind or can't be read
	longestRetry = 30 * time.Second
)

// room keeps the watchers of one topic up to date. Its run is the only one that reads and renders.
type room struct {
	topic  Topic
	supply *supply
	cancel context.CancelFunc // ends run
	wake   chan struct{}      // of one: dirty has risen
	ready  chan struct{}      // closed when there is a first frame, or err

	mu       sync.Mutex
	watchers map[*watcher]struct{}
	dirty    int64 // greatest position heard of that hasn't been rendered; 0: none
	frame    Frame
	err      error // why there is no first frame
}

func newRoom(t Topic, s *supply, position int64) *room {
	r := &room{topic: t, supply: s, wake: make(chan struct{}, 1), ready: make(chan struct{}), watchers: map[*watcher]struct{}{}}
	r.changed(position)
	return r
}

// changed tells that something happened at a position.
func (r *room) changed(position int64) {
	r.mu.Lock()
	r.dirty = max(r.dirty, position)
	r.mu.Unlock()
	select {
	case r.wake <- struct{}{}:
	default: // run will look anyway
	}
}

func (r *room) takeDirty() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	position := r.dirty
	r.dirty = 0
	return position
}

// run renders when something has changed, until ctx ends or the first frame can't be had.
func (r *room) run(ctx context.Context) {
	defer r.giveUp(errRestarting) // for those who still wait for the first frame
	retry := retryPause
	for {
		select {
		case <-r.wake:
		case <-ctx.Done():
			return
		}
		started, position := time.Now(), r.takeDirty()
		behind, err := r.update(ctx, position)
		switch {
		case err != nil && r.giveUp(err):
			return
		case err != nil && ctx.Err() == nil:
			r.supply.log.Warn("a live topic can't be read; its watchers keep what they have", "topic", r.topic, "error", err)
		}
		pause := time.Until(started.Add(interval))
		if behind || err != nil {
			r.changed(position)
			pause, retry = retry, min(2*retry, longestRetry)
		} else {
			retry = retryPause
		}
		if !sleep(ctx, pause) {
			return
		}
	}
}

// update reads and renders once and hands the frame to all watchers. behind says that the read models had not reached the
// position in time, so it has to be done again.
func (r *room) update(ctx context.Context, position int64) (behind bool, err error) {
	behind = r.supply.wait(ctx, position) != nil
	frame, err := r.supply.render(ctx, r.topic)
	if err != nil {
		return behind, err
	}
	r.supply.frames.Add(1)
	r.publish(frame)
	return behind, nil
}

func (r *room) publish(frame Frame) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.isReady() && frame.Version <= r.frame.Version {
		return // nothing of what happened changed this topic
	}
	r.frame = frame
	r.setReady()
	for w := range r.watchers {
		if w.offer(frame) {
			r.supply.skipped.Add(1)
		}
	}
}

// giveUp tells those who wait for the first frame why there is none. It is false when there was one.
func (r *room) giveUp(why error) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.isReady() {
		return r.err != nil
	}
	r.err = why
	r.setReady()
	return true
}

func (r *room) isReady() bool {
	select {
	case <-r.ready:
		return true
	default:
		return false
	}
}

// setReady is called with mu held.
func (r *room) setReady() {
	if !r.isReady() {
		close(r.ready)
	}
}

// join lets a watcher in; a frame that is there already is offered at once.
func (r *room) join(w *watcher) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.watchers[w] = struct{}{}
	if r.isReady() && r.err == nil {
		w.offer(r.frame)
	}
}

// leave says how many are left.
func (r *room) leave(w *watcher) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.watchers, w)
	return len(r.watchers)
}

// sleep is false when ctx ended first.
func sleep(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

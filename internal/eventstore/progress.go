package eventstore

import (
	"fmt"
	"slices"
	"sync"
)

// progress knows how far the subscriptions that run on this node are, and wakes those who wait for them.
type progress struct {
	mu      sync.Mutex
	running map[string]*runner
	waiters map[string][]waiter
}

// runner is one subscription at work on this node.
type runner struct {
	stored  int64         // its checkpoint in the table, as last seen
	seen    int64         // everything that its filter picks up to here is done; stored follows, see lazyEvents
	moved   int           // how often somebody has set the checkpoint since the table was read: until then, stored and seen mean nothing
	replays bool          // somebody wants parked events tried again
	poke    chan struct{} // has room for one: moved or replays has changed
}

type waiter struct {
	position int64
	reached  chan struct{}
}

func newProgress() *progress {
	return &progress{running: map[string]*runner{}, waiters: map[string][]waiter{}}
}

// enter registers a subscription; leave takes it off again.
func (p *progress) enter(name string) (*runner, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running[name] != nil {
		return nil, fmt.Errorf("subscription %q runs on this node already", name)
	}
	r := &runner{poke: make(chan struct{}, 1)}
	p.running[name] = r
	return r, nil
}

func (p *progress) leave(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.running, name)
}

// advance notes how far a subscription is, unless its checkpoint was moved meanwhile.
func (p *progress) advance(name string, r *runner, stored, seen int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.moved == 0 {
		p.set(name, r, stored, seen)
	}
}

func (p *progress) set(name string, r *runner, stored, seen int64) {
	r.stored, r.seen = stored, seen
	p.waiters[name] = slices.DeleteFunc(p.waiters[name], func(w waiter) bool {
		if w.position <= seen {
			close(w.reached)
		}
		return w.position <= seen
	})
}

// takePoke answers why a runner was poked. The moves stay noted until reread.
func (p *progress) takePoke(r *runner) (moved int, replays bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	moved, replays = r.moved, r.replays
	r.replays = false
	return moved, replays
}

// reread takes over a checkpoint that was read from the table after takePoke had told of so many moves.
func (p *progress) reread(name string, r *runner, moved int, position int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.moved -= moved; r.moved == 0 {
		p.set(name, r, position, position)
	}
}

// move tells a runner that its checkpoint was set anew.
func (p *progress) move(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r := p.running[name]; r != nil {
		r.moved++
		r.wake()
	}
}

// observe compares what stands in the table with what a runner had stored before the table was read.
func (p *progress) observe(name string, position, stored int64, replays bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.running[name]
	if r == nil || position >= stored && !replays {
		return
	}
	if position < stored {
		r.moved++
	}
	r.replays = r.replays || replays
	r.wake()
}

func (r *runner) wake() {
	select {
	case r.poke <- struct{}{}:
	default:
	}
}

// wait gives a channel that is closed when a subscription on this node has reached a position, and says whether the
// subscription runs here at all.
func (p *progress) wait(name string, position int64) (w waiter, here bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w = waiter{position, make(chan struct{})}
	r := p.running[name]
	if r != nil && r.moved == 0 && r.seen >= position {
		close(w.reached)
	} else {
		p.waiters[name] = append(p.waiters[name], w)
	}
	return w, r != nil
}

// forget takes a waiter off that has gone.
func (p *progress) forget(name string, w waiter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiters[name] = slices.DeleteFunc(p.waiters[name], func(other waiter) bool { return other.reached == w.reached })
	if len(p.waiters[name]) == 0 {
		delete(p.waiters, name)
	}
}

// stored tells the checkpoints of the subscriptions that run on this node.
func (p *progress) stored() map[string]int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	stored := make(map[string]int64, len(p.running))
	for name, r := range p.running {
		stored[name] = r.stored
	}
	return stored
}

package eventstore

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// progress knows how far the subscriptions that run on this node are, and wakes those who wait for them.
type progress struct {
	mu      sync.Mutex
	running map[string]*runner
	waiters map[string][]waiter
	waiting atomic.Int64 // how many waiters there are, for those who would else lock for nobody
}

// runner is one subscription at work on this node.
type runner struct {
	stored int64         // its checkpoint in the table, as last seen
	seen   int64         // everything that its filter picks up to here is done; stored follows, see lazyEvents
	moved  int           // how often somebody has set the checkpoint since the table was read: until then, stored and seen mean nothing
	wishes bool          // somebody wants parked events tried again or forgotten
	poke   chan struct{} // has room for one: moved or wishes has changed
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

// awaited says whether anybody waits for a subscription on this node.
func (p *progress) awaited() bool { return p.waiting.Load() > 0 }

// wrote notes that a handler has written its checkpoint.
func (p *progress) wrote(r *runner, position int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.moved == 0 {
		r.stored = max(r.stored, position)
	}
}

// wished says whether somebody has poked a runner with a wish.
func (p *progress) wished(r *runner) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return r.wishes || r.moved > 0
}

// reach lets those go on who wait for a handler that has finished everything up to a position, written down or not.
func (p *progress) reach(name string, r *runner, position int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.moved == 0 && position > r.seen {
		p.set(name, r, r.stored, position)
	}
}

// takePoke answers why a runner was poked. The moves stay noted until reread.
func (p *progress) takePoke(r *runner) (moved int, wishes bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	moved, wishes = r.moved, r.wishes
	r.wishes = false
	return moved, wishes
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
func (p *progress) observe(name string, position, stored int64, wishes bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.running[name]
	if r == nil || position >= stored && !wishes {
		return
	}
	if position < stored {
		r.moved++
	}
	r.wishes = r.wishes || wishes
	r.wake()
}

// wakeAll lets all runners look at their situation again.
func (p *progress) wakeAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.running {
		r.wake()
	}
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
	p.waiting.Add(1)
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
	p.waiting.Add(-1)
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

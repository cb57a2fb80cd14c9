package aggregate

import (
	"math"
	"sync"

	"github.com/google/uuid"
	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Sized is a state that may grow large, such as a leaderboard. In the cache it weighs what Len says, any other state 1.
type Sized interface{ Len() int }

// versioned is a state and how far its stream had come by then.
type versioned[S any] struct {
	state    S
	version  int64
	position int64 // of the event with this version
	kept     int64 // the version of the newest snapshot that we know of
}

func (v versioned[S]) weight() int {
	if sized, ok := any(v.state).(Sized); ok {
		return max(1, sized.Len())
	}
	return 1
}

// cache holds the states of the aggregates that were used last, as many as limit allows by their weight; the very last
// one in any case.
type cache[S any] struct {
	mu     sync.Mutex
	states *simplelru.LRU[uuid.UUID, versioned[S]]
	weight int
	limit  int
}

func newCache[S any](limit int) *cache[S] {
	states, _ := simplelru.NewLRU[uuid.UUID, versioned[S]](math.MaxInt, nil) // fails for sizes below one only
	return &cache[S]{states: states, limit: limit}
}

func (c *cache[S]) get(id uuid.UUID) (versioned[S], bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.states.Get(id)
}

func (c *cache[S]) size() (states, weight int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.states.Len(), c.weight
}

// keep takes a state unless a newer one is there: concurrent readers come back in any order.
func (c *cache[S]) keep(id uuid.UUID, v versioned[S]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	known, ok := c.states.Peek(id)
	if v.version == 0 || ok && (known.version > v.version || known.version == v.version && known.kept >= v.kept) {
		return
	}
	if ok {
		c.weight -= known.weight()
	}
	c.states.Add(id, v)
	c.weight += v.weight()
	for c.weight > c.limit && c.states.Len() > 1 {
		_, oldest, _ := c.states.RemoveOldest()
		c.weight -= oldest.weight()
	}
}

func (c *cache[S]) forget(id uuid.UUID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.states.Peek(id); ok {
		c.weight -= known.weight()
		c.states.Remove(id)
	}
}

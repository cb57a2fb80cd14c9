package eventstore

import (
	"sort"
	"sync"
)

// tail keeps the newest events of the log in memory, so that subscribers on this node get what was just committed
// without reading it back. The events in memory are all of those in (base, last].
type tail struct {
	mu      sync.Mutex
	keep    int
	batches [][]Recorded // in order, none empty, never written again: subscribers hold parts of them
	count   int          // events in batches
	size    int          // bytes of their data and metadata
	base    int64
	last    int64
	pending [][]Recorded  // committed here, after events of other nodes that aren't in memory yet
	head    int64         // greatest position known to be committed
	changed chan struct{} // closed when head moves

	generation int64         // of the log, see migration 11
	filling    chan struct{} // held by the one subscriber that reads what other nodes wrote
}

const tailBytes = 32 << 20

func newTail(keep int) *tail {
	return &tail{keep: keep, changed: make(chan struct{}), filling: make(chan struct{}, 1)}
}

// startAt begins at a position, with nothing in memory.
func (t *tail) startAt(position int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.restart(position)
	t.moveTo(position)
}

func (t *tail) restart(position int64) {
	t.batches, t.pending, t.count, t.size = nil, nil, 0, 0
	t.base, t.last = position, position
}

func (t *tail) moveTo(position int64) {
	if position > t.head {
		t.head = position
		close(t.changed)
		t.changed = make(chan struct{})
	}
}

// advance notes that everything up to a position is committed.
func (t *tail) advance(position int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.moveTo(position)
}

// renew notes that everything up to a position is committed, and forgets what is in memory when the log has become of
// another generation: events in it may have been erased.
func (t *tail) renew(generation, position int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.generation != generation {
		t.generation = generation
		t.restart(max(position, t.head))
	}
	t.moveTo(position)
}

// publish takes a batch that this node has just committed; its positions are without gaps.
func (t *tail) publish(batch []Recorded) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pending = append(t.pending, batch)
	t.absorb()
	if len(t.pending) > t.keep/8 { // nobody reads here, or not fast enough
		t.restart(batch[0].Position - 1)
		t.pending = append(t.pending, batch)
		t.absorb()
	}
	t.moveTo(batch[len(batch)-1].Position)
}

// absorb moves pending batches that follow on what is in memory.
func (t *tail) absorb() {
	for len(t.pending) > 0 && t.pending[0][0].Position <= t.last+1 {
		t.add(t.pending[0], lastOf(t.pending[0]))
		t.pending = t.pending[1:]
	}
}

// add puts a batch behind those in memory, which then reach to a position, and forgets the oldest beyond the bounds.
func (t *tail) add(events []Recorded, to int64) {
	events = events[beyond(events, t.last):]
	if len(events) > 0 {
		t.batches = append(t.batches, events)
		t.weigh(events, 1)
	}
	t.last = max(t.last, to)
	for len(t.batches) > 1 && (t.count > t.keep || t.size > tailBytes) {
		t.weigh(t.batches[0], -1)
		t.base = lastOf(t.batches[0])
		t.batches[0] = nil
		t.batches = t.batches[1:]
	}
}

func (t *tail) weigh(events []Recorded, sign int) {
	t.count += sign * len(events)
	for i := range events {
		t.size += sign * (len(events[i].Data) + len(events[i].Metadata))
	}
}

func lastOf(events []Recorded) int64 { return events[len(events)-1].Position }

// beyond is the index of the first event after a position.
func beyond(events []Recorded, position int64) int {
	return sort.Search(len(events), func(i int) bool { return events[i].Position > position })
}

// standing says where a subscriber finds what comes after its position.
type standing int

const (
	atEnd    standing = iota // nothing there yet: wait for changed
	inMemory                 // events, which reach to upTo
	onDisk                   // in the database, up to upTo
	foreign                  // committed by another node and not in memory yet: fill
)

type view struct {
	standing standing
	events   []Recorded
	upTo     int64
	changed  <-chan struct{}
}

// after looks for the next events after a position, at most limit of them.
func (t *tail) after(position int64, limit int) view {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case position < t.base:
		return view{standing: onDisk, upTo: t.base}
	case position < t.last:
		return t.inMemory(position, limit)
	case position < t.head:
		return view{standing: foreign}
	}
	return view{standing: atEnd, changed: t.changed}
}

// inMemory copies only when a subscriber that has fallen behind is to get several batches at once.
func (t *tail) inMemory(position int64, limit int) view {
	v := view{standing: inMemory, upTo: t.last}
	first := sort.Search(len(t.batches), func(i int) bool { return lastOf(t.batches[i]) > position })
	for _, batch := range t.batches[first:] {
		batch = batch[beyond(batch, position):]
		batch = batch[:min(len(batch), limit-len(v.events))]
		if v.events == nil {
			v.events = batch[:len(batch):len(batch)]
		} else {
			v.events = append(v.events, batch...)
		}
		if len(v.events) == limit {
			v.upTo = lastOf(v.events)
			break
		}
	}
	return v
}

// missing is the range (from, to] that has to be read before memory goes on. When that is more than memory keeps, it
// starts anew at the head, and subscribers read from disk until they are there.
func (t *tail) missing() (from, to int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	to = t.head
	if len(t.pending) > 0 {
		to = t.pending[0][0].Position - 1
	}
	if to-t.last > int64(t.keep) {
		t.restart(t.head)
	}
	return t.last, max(to, t.last)
}

// fill takes what was read of the missing range.
func (t *tail) fill(events []Recorded, from, to int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if from == t.last {
		t.add(events, to)
		t.absorb()
	}
}

// position of the newest event known to be committed.
func (t *tail) position() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.head
}

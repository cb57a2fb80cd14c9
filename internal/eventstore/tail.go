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
	events  []Recorded // never written again once a subscriber may have seen it
	size    int        // bytes of data and metadata in events
	base    int64
	last    int64
	pending [][]Recorded  // committed here, after events of other nodes that aren't in memory yet
	head    int64         // greatest position known to be committed
	changed chan struct{} // closed when head moves

	filling chan struct{} // held by the one subscriber that reads what other nodes wrote
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
	t.events, t.size, t.pending = nil, 0, nil
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
		t.add(t.pending[0], t.pending[0][len(t.pending[0])-1].Position)
		t.pending = t.pending[1:]
	}
}

// add puts events behind those in memory, which then reach to a position.
func (t *tail) add(events []Recorded, to int64) {
	for _, e := range events {
		if e.Position > t.last {
			t.events = append(t.events, e)
			t.size += len(e.Data) + len(e.Metadata)
		}
	}
	t.last = max(t.last, to)
	if len(t.events) > 2*t.keep || t.size > tailBytes {
		t.trim()
	}
}

// trim forgets the oldest events until half the room is free. The rest moves to new memory: subscribers may hold the old.
func (t *tail) trim() {
	drop := 0
	for drop < len(t.events) && (len(t.events)-drop > t.keep || t.size > tailBytes/2) {
		t.size -= len(t.events[drop].Data) + len(t.events[drop].Metadata)
		t.base = t.events[drop].Position
		drop++
	}
	t.events = append(make([]Recorded, 0, 2*t.keep), t.events[drop:]...)
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
		from := sort.Search(len(t.events), func(i int) bool { return t.events[i].Position > position })
		to := min(from+limit, len(t.events))
		v := view{standing: inMemory, events: t.events[from:to:to], upTo: t.last}
		if to < len(t.events) {
			v.upTo = t.events[to-1].Position
		}
		return v
	case position < t.head:
		return view{standing: foreign}
	}
	return view{standing: atEnd, changed: t.changed}
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

package eventstore

import (
	"cmp"
	"slices"
	"sync"
)

// flight knows which events of a handler are under way. Several are at a time, and they finish in any order; the checkpoint
// may go as far as everything is finished.
type flight struct {
	mu    sync.Mutex
	begun []begun // events that the written checkpoint doesn't cover, in the order of the log
	first int     // index in begun of the first that isn't finished
	open  int     // how many aren't finished
	upTo  int64   // everything up to here has begun, or isn't picked by the filter
}

type begun struct {
	position int64
	finished bool
}

// begin takes the next stretch of the log.
func (f *flight) begin(b batch) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range b.events {
		f.begun = append(f.begun, begun{position: e.Position})
	}
	f.open += len(b.events)
	f.upTo = b.upTo
}

// finish notes that an event is done.
func (f *flight) finish(position int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i, _ := slices.BinarySearchFunc(f.begun[f.first:], position, func(b begun, p int64) int { return cmp.Compare(b.position, p) })
	f.begun[f.first+i].finished = true
	f.open--
	for f.first < len(f.begun) && f.begun[f.first].finished {
		f.first++
	}
}

// finished is the position up to which everything is done, and how many events of that the checkpoint doesn't cover.
func (f *flight) finished() (position int64, events int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.first < len(f.begun) {
		return f.begun[f.first].position - 1, f.first
	}
	return f.upTo, f.first
}

// finishedAhead lists what is finished though something before it isn't.
func (f *flight) finishedAhead() (positions []int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, b := range f.begun[f.first:] {
		if b.finished {
			positions = append(positions, b.position)
		}
	}
	return positions
}

// written takes over that the checkpoint is at a position, which finished has given.
func (f *flight) written(position int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for n < f.first && f.begun[n].position <= position {
		n++
	}
	f.begun, f.first = f.begun[n:], f.first-n
}

// room is how many more events may begin, when so many may be under way and so many be without a checkpoint.
func (f *flight) room(open, unwritten int) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return min(open-f.open, unwritten-len(f.begun))
}

// underWay says whether any event is.
func (f *flight) underWay() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.open > 0
}

// read is how far the log is read.
func (f *flight) read() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.upTo
}

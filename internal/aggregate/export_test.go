package aggregate

import (
	"runtime"

	"github.com/google/uuid"
)

// AwaitQueue returns when so many commands wait for the one who leads.
func (h *Host[S, C, E]) AwaitQueue(id uuid.UUID, n int) {
	for waiting := -1; waiting != n; runtime.Gosched() {
		h.mu.Lock()
		waiting = -1
		if box := h.boxes[id]; box != nil {
			waiting = len(box.waiting)
		}
		h.mu.Unlock()
	}
}

// Boxes is how many mailboxes there are.
func (h *Host[S, C, E]) Boxes() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.boxes)
}

// Cached lists the states in memory, the longest unused first, and what they weigh together.
func (h *Host[S, C, E]) Cached() (ids []uuid.UUID, weight int) {
	return h.cache.states.Keys(), h.cache.weight
}

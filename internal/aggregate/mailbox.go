package aggregate

import (
	"context"

	"github.com/google/uuid"

	"segmentchallenge/internal/eventstore"
)

// request is one command waiting for its turn.
type request[C any] struct {
	ctx   context.Context
	cmd   C
	meta  eventstore.Meta
	done  chan answer   // has room for the one answer
	leads chan struct{} // closed when this caller is to work through the mailbox
}

// answer is what a caller gets.
type answer struct {
	result eventstore.Result
	err    error
}

// mailbox holds what waits for one aggregate while one of the callers (the leader) decides and appends.
type mailbox[C any] struct{ waiting []*request[C] }

// maxBatch bounds what one append carries, so that a caller's latency stays bounded on a very hot aggregate.
const maxBatch = 256

// Execute lets the aggregate decide on cmd and appends its events. It answers the domain's refusal as it is, or where the
// events stand in the log; with meta.CommandID, who sends a command again gets the first result, with Duplicate. A command
// that changes nothing answers a zero Result. When ctx ends before its turn nothing happens; after that Execute waits for
// the outcome.
//
// The callers themselves do the work: the first to come leads, those who come meanwhile queue, and the lead passes on with
// each batch. So there is no goroutine to own, and nobody works longer than for one batch of others.
func (h *Host[S, C, E]) Execute(ctx context.Context, id uuid.UUID, cmd C, meta eventstore.Meta) (eventstore.Result, error) {
	req := &request[C]{ctx: ctx, cmd: cmd, meta: meta, done: make(chan answer, 1), leads: make(chan struct{})}
	if h.enqueue(id, req) {
		h.lead(id)
	}
	gone := ctx.Done()
	for {
		select {
		case a := <-req.done:
			return a.result, a.err
		case <-req.leads:
			h.lead(id)
			a := <-req.done
			return a.result, a.err
		case <-gone:
			if h.withdraw(id, req) {
				return eventstore.Result{}, ctx.Err()
			}
			gone = nil // its batch is on its way, or the lead has just been passed on to it
		}
	}
}

// enqueue answers true when the caller is to lead, because nobody does.
func (h *Host[S, C, E]) enqueue(id uuid.UUID, req *request[C]) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	box, busy := h.boxes[id]
	if !busy {
		box = &mailbox[C]{}
		h.boxes[id] = box
	}
	box.waiting = append(box.waiting, req)
	return !busy
}

// withdraw takes a request back that nobody has taken up yet, unless it has been made the leader.
func (h *Host[S, C, E]) withdraw(id uuid.UUID, req *request[C]) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case <-req.leads:
		return false
	default:
	}
	box := h.boxes[id]
	if box == nil {
		return false
	}
	for i, r := range box.waiting {
		if r == req {
			box.waiting = append(box.waiting[:i], box.waiting[i+1:]...)
			return true
		}
	}
	return false
}

// lead works for one batch, its own request among it, and passes the lead on.
func (h *Host[S, C, E]) lead(id uuid.UUID) {
	defer h.passOn(id)
	h.work(id, h.take(id))
}

func (h *Host[S, C, E]) take(id uuid.UUID) []*request[C] {
	h.mu.Lock()
	defer h.mu.Unlock()
	box := h.boxes[id]
	n := min(len(box.waiting), maxBatch)
	batch := box.waiting[:n:n]
	box.waiting = box.waiting[n:]
	return batch
}

// passOn makes the next in the queue the leader, or puts the mailbox away.
func (h *Host[S, C, E]) passOn(id uuid.UUID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	box := h.boxes[id]
	if len(box.waiting) == 0 {
		delete(h.boxes, id)
		return
	}
	close(box.waiting[0].leads)
}

package eventstore

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
)

// request is one call of Append on its way through the writer.
type request struct {
	parts  []part
	events []Recorded // of all parts; the plan fills in version and position
	size   int        // bytes of data and metadata
	ownIDs bool       // the caller chose event ids, so they may be in the log already

	ctx       context.Context // the caller's: a request that has to be tried again is given up when it ends
	ambiguous bool            // sent, but the connection broke before the answer
	taken     atomic.Bool     // by the writer, or withdrawn by the caller: whoever was first
	done      chan struct{}   // closed when result and err are final
	result    Result
	err       error
	settled   bool // result or err stand already and nothing is to be written

	onePart  [1]part // where parts and events begin: most requests have one of each
	oneEvent [1]Recorded
}

// part is one Write: a stream, what is expected of it, and how many of the request's events go there.
type part struct {
	stream string
	expect Expected
	count  int
}

func newRequest(ctx context.Context) *request {
	r := &request{ctx: ctx, done: make(chan struct{})}
	r.parts, r.events = r.onePart[:0], r.oneEvent[:0]
	return r
}

// claim says whether the caller, who wants its request back, or the writer, who wants to carry it out, was first.
func (r *request) claim() bool { return r.taken.CompareAndSwap(false, true) }

func (r *request) settle(result Result, err error) { r.result, r.err, r.settled = result, err, true }

// reopen takes back a conflict that was decided on what may not be so.
func (r *request) reopen() {
	if errors.Is(r.err, ErrConflict) || errors.Is(r.err, ErrStreamDeleted) {
		r.settled, r.err = false, nil
	}
}

// about says which of the request's events an error is about: the i-th, of this type.
func (r *request) about(i int, eventType string, err error) error {
	for _, p := range r.parts {
		if i < p.count {
			return &EventError{Stream: p.stream, Index: i + 1, Of: p.count, Type: eventType, Err: err}
		}
		i -= p.count
	}
	return err
}

// onlyChecks says whether the request expects something of a stream to which it writes nothing.
func (r *request) onlyChecks() bool {
	for _, p := range r.parts {
		if p.count == 0 {
			return true
		}
	}
	return false
}

// answer lets the caller go on.
func (r *request) answer() { close(r.done) }

func (r *request) fail(err error) {
	r.settle(Result{}, err)
	r.answer()
}

// queue holds requests until the writer takes them. It is bounded by the number of callers, since each waits.
type queue struct {
	mu      sync.Mutex
	waiting []*request
	closed  bool
	filled  chan struct{} // has room for one: tells the writer that something waits
}

func newQueue() *queue { return &queue{filled: make(chan struct{}, 1)} }

func (q *queue) put(r *request) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrNotRunning
	}
	q.waiting = append(q.waiting, r)
	return nil
}

// Limits of one batch, beyond which more requests wait for the next: a batch must neither hold the head for long nor
// need much memory. One request may be larger on its own.
const (
	maxBatchEvents = 4096
	maxBatchBytes  = 8 << 20
)

// take removes the requests of the next batch, in the order of arrival, and says whether no more will come after those
// that still wait.
func (q *queue) take() (batch []*request, closed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	events, size, n := 0, 0, 0
	for _, r := range q.waiting {
		if len(batch) > 0 && (events+len(r.events) > maxBatchEvents || size+r.size > maxBatchBytes) {
			break
		}
		n++
		if r.claim() {
			batch, events, size = append(batch, r), events+len(r.events), size+r.size
		}
	}
	q.waiting = append(q.waiting[:0], q.waiting[n:]...)
	clear(q.waiting[len(q.waiting):cap(q.waiting)])
	return batch, q.closed
}

// close refuses later requests.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.signal()
}

func (q *queue) signal() {
	select {
	case q.filled <- struct{}{}:
	default:
	}
}

// any says whether requests wait, or the queue is closed, which is to be noticed too.
func (q *queue) any() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting) > 0 || q.closed
}

func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting)
}

package eventstore

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// writer appends for a whole node. Whoever has the turn takes what has queued and stores all of it in one transaction;
// while that commits, the next batch gathers by itself, so there is no timer. All but store and turn belongs to the turn.
type writer struct {
	store    *Store
	turn     chan struct{}                 // holds one token while nobody writes; none before run has begun and after it has ended
	ctx      context.Context               // of run: when it is done, nothing is tried again
	conn     *pgx.Conn                     // nil: none yet, or it broke
	deadline time.Time                     // when the connection's deadline is to be set again
	versions *simplelru.LRU[string, int64] // of streams, as last seen: other nodes may have written since
	wire     wire
	held     []*request // for the next batch, since the last one held the same event ids
	again    []trial    // batches that met trouble

	// generation of the log of which versions are, and whether rows may be missing in it; see migration 11.
	generation int64
	erased     bool

	// lockFirst counts the batches for which the head is locked before anything else. Betting on remembered versions takes
	// one round trip instead of two, but where other nodes write to the same streams it would often be lost.
	lockFirst int
}

// trial is a batch on its way through one or more attempts.
type trial struct {
	batch  []*request
	lock   bool          // a bet on remembered versions is no use
	lookup bool          // the ids may be in the log
	pause  time.Duration // before the attempt
}

const (
	lockFirstBatches = 8                // after a lost bet
	statementTime    = 30 * time.Second // after which a connection counts as broken
	lockTime         = "5s"             // how long to wait for another's append before trying again
)

var errUnreachable = errors.New("the database can't be reached")

func newWriter(s *Store) *writer {
	versions, _ := simplelru.NewLRU[string, int64](s.opts.CachedStreams, nil) // fails for sizes below 1 only
	return &writer{store: s, turn: make(chan struct{}, 1), versions: versions}
}

// run writes what callers don't write themselves (see lead) until ctx is done and all that was handed in before is stored.
func (w *writer) run(ctx context.Context) {
	defer context.AfterFunc(ctx, w.store.queue.close)()
	w.ctx = ctx
	for {
		w.turn <- struct{}{}
		if !w.store.queue.any() {
			<-w.store.queue.filled
		}
		<-w.turn
		if closed := w.drain(ctx); closed {
			w.drop()
			return // with the turn, so that nobody else gets it
		}
	}
}

// drain writes until nothing waits.
func (w *writer) drain(ctx context.Context) (closed bool) {
	for {
		for len(w.again) > 0 {
			t := w.again[0]
			w.again = w.again[1:]
			sleep(ctx, t.pause)
			w.write(ctx, t)
		}
		batch, closed := w.next()
		if len(batch) == 0 {
			return closed
		}
		start := time.Now()
		w.write(ctx, trial{batch: batch})
		w.gather(len(batch), time.Since(start)/8)
	}
}

// gather lets those who have just got their answers come back with another request, until as many wait as the last batch
// had or a little time has passed: a batch costs a flush of the disk, whether it holds one event or a hundred. It gives 16
// callers on a fast disk and 64 on a slow one half as many events again.
func (w *writer) gather(callers int, longest time.Duration) {
	for end := time.Now().Add(longest); ; {
		runtime.Gosched()
		if w.store.queue.len() >= callers || time.Now().After(end) {
			return
		}
	}
}

// lead lets a caller that finds nobody writing write the next batch itself, which holds its own request. A lone caller so
// saves two changes of goroutine, a tenth of its time; what queues meanwhile, or meets trouble, is left to run.
func (w *writer) lead() {
	select {
	case <-w.turn:
	default:
		return // whoever has the turn looks into the queue again after giving it back
	}
	if len(w.again) == 0 {
		if batch, _ := w.next(); len(batch) > 0 {
			w.write(w.ctx, trial{batch: batch})
		}
	}
	more := len(w.held)+len(w.again) > 0
	w.turn <- struct{}{}
	if more || w.store.queue.any() {
		w.store.queue.signal()
	}
}

// next is the batch to write now. Two requests with the same event id never share one: the second is to find the first
// in the log.
func (w *writer) next() (batch []*request, closed bool) {
	taken, closed := w.store.queue.take()
	waiting := append(w.held, taken...)
	w.held = nil
	ids := map[uuid.UUID]bool{}
	for _, r := range waiting {
		if r.ownIDs && !distinct(ids, r) {
			w.held = append(w.held, r)
			continue
		}
		batch = append(batch, r)
	}
	return batch, closed
}

// distinct adds a request's ids to those of the batch, unless one is there.
func distinct(ids map[uuid.UUID]bool, r *request) bool {
	for i := range r.events {
		if ids[r.events[i].ID] {
			return false
		}
	}
	for i := range r.events {
		ids[r.events[i].ID] = true
	}
	return true
}

// write attempts to store a batch, and answers every request in it for which there is an answer. The others go to again.
func (w *writer) write(ctx context.Context, t trial) {
	start := time.Now()
	p, left, err := w.attempt(t)
	if w.store.opts.Observer.Batch != nil {
		w.store.opts.Observer.batch(t, start, err)
	}
	if err == nil {
		w.finish(t.batch, p)
		if len(left) > 0 {
			w.again = append(w.again, trial{batch: left, lock: true})
		}
		return
	}
	code, refused := refusedBy(err)
	duplicate := code == pgerrcode.UniqueViolation
	if refused && (!mayPass(code) || duplicate && t.lookup) {
		w.isolate(t.batch, err)
		return
	}
	rest := giveUp(ctx, t.batch, err)
	if len(rest) == 0 {
		return
	}
	next := trial{batch: rest, lock: true, lookup: t.lookup || !refused || duplicate}
	if duplicate {
		w.lockFirst = lockFirstBatches
	} else {
		next.pause = min(max(2*t.pause, 10*time.Millisecond), time.Second)
		w.store.opts.Logger.Warn("append is tried again", "error", err, "requests", len(rest))
	}
	w.again = append(w.again, next)
}

// mayPass says whether another attempt may not meet the refusal: ids in the log are looked up then, locks are free.
func mayPass(code string) bool {
	switch code {
	case pgerrcode.UniqueViolation, pgerrcode.LockNotAvailable, pgerrcode.DeadlockDetected, pgerrcode.SerializationFailure,
		pgerrcode.QueryCanceled:
		return true
	}
	return false
}

// refusedBy tells an answer of PostgreSQL, after which nothing is stored, from a broken connection.
func refusedBy(err error) (code string, refused bool) {
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.SeverityUnlocalized == "ERROR" {
		return pgErr.Code, true
	}
	return "", false
}

// isolate lets each request of a refused batch be written on its own, so that the poisoned one fails alone.
func (w *writer) isolate(batch []*request, err error) {
	if len(batch) == 1 {
		batch[0].fail(poisoned(batch[0], err))
		return
	}
	for _, r := range batch {
		if r.settled {
			r.answer()
		} else {
			w.again = append(w.again, trial{batch: []*request{r}})
		}
	}
}

// poisoned names the stream of a request that PostgreSQL refuses by itself, and whose fault that is: what it says about
// data, constraints and limits (classes 22, 23 and 54) is about the events.
func poisoned(r *request, err error) error {
	code, _ := refusedBy(err)
	if pgerrcode.IsDataException(code) || pgerrcode.IsIntegrityConstraintViolation(code) || pgerrcode.IsProgramLimitExceeded(code) {
		err = fmt.Errorf("%w: %w", ErrInvalidEvent, err)
	}
	if len(r.events) == 1 {
		return r.about(0, r.events[0].Type, err)
	}
	return &EventError{Stream: r.parts[0].stream, Err: err}
}

// giveUp answers the requests for which there is no sense in another try: those whose caller has gone, all when the store
// stops, and, while the database can't be reached, all that surely aren't stored.
func giveUp(ctx context.Context, batch []*request, err error) []*request {
	var rest []*request
	for _, r := range batch {
		gone := errors.Join(ctx.Err(), r.ctx.Err())
		switch {
		case r.settled:
			r.answer()
		case r.ambiguous && gone != nil:
			r.fail(fmt.Errorf("%w: %w", ErrOutcomeUnknown, errors.Join(gone, err)))
		case gone != nil || errors.Is(err, errUnreachable) && !r.ambiguous:
			r.fail(fmt.Errorf("append: %w", errors.Join(gone, err)))
		default:
			rest = append(rest, r)
		}
	}
	return rest
}

// attempt stores a batch in one transaction. Afterwards some of its requests may be settled with a conflict or as known, and
// some left over for another attempt.
func (w *writer) attempt(t trial) (p planned, left []*request, err error) {
	if err := w.connect(); err != nil {
		return p, nil, fmt.Errorf("%w: %w", errUnreachable, err)
	}
	if now := time.Now(); now.After(w.deadline) {
		w.deadline = now.Add(time.Second)
		w.conn.PgConn().Conn().SetDeadline(now.Add(statementTime))
	}
	if t.lock || w.lockFirst > 0 {
		w.lockFirst = max(w.lockFirst-1, 0)
		p, err = w.locked(t.batch, t.lookup)
	} else {
		p, left, err = w.bet(t.batch)
	}
	if _, refused := refusedBy(err); err != nil && !refused {
		w.drop()
		for _, r := range t.batch {
			r.ambiguous = r.ambiguous || !r.settled && !pgconn.SafeToRetry(err)
		}
	}
	if err != nil {
		for _, r := range t.batch {
			r.reopen()
		}
	}
	return p, left, err
}

// finish takes over what a successful attempt brought, tells the subscribers, and answers.
func (w *writer) finish(batch []*request, p planned) {
	if len(p.events) > 0 {
		w.store.tail.publish(p.events)
		select {
		case w.store.committed <- struct{}{}:
		default:
		}
	}
	w.remember(p.versions)
	w.recognise(batch)
	for _, r := range batch {
		if r.settled {
			r.answer()
		}
	}
	for _, r := range p.admitted {
		r.answer()
	}
}

// recognise looks whether a conflict comes from an earlier append of the very same events.
func (w *writer) recognise(batch []*request) {
	var conflicts []*request
	for _, r := range batch {
		if r.ownIDs && r.err != nil {
			conflicts = append(conflicts, r)
		}
	}
	if len(conflicts) == 0 {
		return
	}
	if err := settleKnown(context.Background(), w.conn, conflicts); err != nil {
		w.store.opts.Logger.Warn("conflicting appends could not be compared with the log", "error", err)
		w.drop()
	}
}

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
	turn     chan struct{}   // holds one token while nobody writes; none before run has begun and after it has ended
	ctx      context.Context // of run: when it is done, nothing is tried again
	conn     *pgx.Conn       // nil: none yet, or it broke
	deadline time.Time       // when the connection's deadline is to be set again
	head     int64           // what the writer believes the head to be; unknownHead before the first look
	versions *simplelru.LRU[string, int64]
	wire     wire
	held     []*request // for the next batch, since the last one held the same event ids
	again    []trial    // batches that met trouble

	// lockFirst counts the batches for which the head is locked before anything else. Betting on a known head takes one
	// round trip instead of two, but with other nodes writing it would mostly be lost.
	lockFirst int
}

// trial is a batch on its way through one or more attempts.
type trial struct {
	batch  []*request
	lookup bool          // the ids may be in the log
	pause  time.Duration // before the attempt
}

const (
	unknownHead      = -1
	lockFirstBatches = 8                // after a lost bet, until so many batches in a row found the head where it was left
	statementTime    = 30 * time.Second // after which a connection counts as broken
	lockTime         = "5s"             // how long to wait for another's append before trying again
)

var (
	errLost        = errors.New("the head has moved") // somebody else wrote since the writer last looked
	errUnreachable = errors.New("the database can't be reached")
)

func newWriter(s *Store) *writer {
	versions, _ := simplelru.NewLRU[string, int64](s.opts.CachedStreams, nil) // fails for sizes below 1 only
	return &writer{store: s, turn: make(chan struct{}, 1), head: unknownHead, versions: versions}
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
	p, err := w.attempt(t)
	if err == nil {
		w.finish(t.batch, p)
		return
	}
	w.head = unknownHead
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
	next := trial{batch: rest, lookup: t.lookup || !refused || duplicate}
	if !duplicate { // which only has to be looked up
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
		batch[0].fail(fmt.Errorf("append: %w", err))
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

// attempt stores a batch in one transaction. Afterwards some of its requests may be settled with a conflict or as known.
func (w *writer) attempt(t trial) (planned, error) {
	if err := w.connect(); err != nil {
		return planned{}, fmt.Errorf("%w: %w", errUnreachable, err)
	}
	if now := time.Now(); now.After(w.deadline) {
		w.deadline = now.Add(time.Second)
		w.conn.PgConn().Conn().SetDeadline(now.Add(statementTime))
	}
	p, err := planned{}, errLost
	if w.lockFirst == 0 && w.head != unknownHead && !t.lookup {
		p, err = w.bet(t.batch)
	}
	if errors.Is(err, errLost) {
		reopen(t.batch)
		p, err = w.locked(t.batch, t.lookup)
	}
	if _, refused := refusedBy(err); err != nil && !refused {
		w.drop()
		for _, r := range t.batch {
			r.ambiguous = r.ambiguous || !r.settled && !pgconn.SafeToRetry(err)
		}
	}
	if err != nil {
		reopen(t.batch)
	}
	return p, err
}

// reopen takes back conflicts that were decided on what turned out not to be so.
func reopen(batch []*request) {
	for _, r := range batch {
		if errors.Is(r.err, ErrConflict) {
			r.settled, r.err = false, nil
		}
	}
}

// finish takes over what a successful attempt brought, tells the subscribers, and answers.
func (w *writer) finish(batch []*request, p planned) {
	if len(p.events) > 0 {
		w.head += int64(len(p.events))
		w.store.tail.publish(p.events)
		select {
		case w.store.committed <- struct{}{}:
		default:
		}
	}
	for stream, version := range p.versions {
		w.versions.Add(stream, version)
	}
	w.recognise(batch)
	for _, r := range batch {
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

package eventstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/panics"
)

// Projection keeps tables that follow from the log. Its checkpoint moves in the transaction that changes the tables, so
// each event takes effect exactly once, whatever crashes.
type Projection struct {
	Name      string
	Filter    Filter
	Start     int64 // for the first time ever: 0 the beginning, n after position n, Now the end
	BatchSize int   // most events in one transaction; 0: 500
	// Apply writes what the events mean. An error or a panic undoes the whole batch; it is tried again, event by event and
	// with growing pauses, and until then the checkpoint's state says retrying and why. Apply must not touch anything but
	// the transaction.
	Apply func(ctx context.Context, tx pgx.Tx, events []Recorded) error
	// Committed, if given, is called after a commit on this node, with the new position and the batch.
	Committed func(position int64, events []Recorded)
}

// Pauses of a projection. An event that another node has committed is first of all that node's to project, which has it
// in memory and callers waiting; one that is alone with it loses grace and nothing more.
const (
	defaultBatch   = 500
	grace          = 10 * time.Millisecond
	firstRetry     = 50 * time.Millisecond
	longestRetry   = 30 * time.Second
	busyPause      = 5 * time.Millisecond
	longestBusy    = 100 * time.Millisecond
	claimStatement = `
		with mine as (select name from subscriptions where name = $1 and position = $2 for update skip locked)
		update subscriptions s set position = $3, state = 'running', error = '', updated_at = now()
		from mine where s.name = mine.name`
)

// projector runs one projection on one node. Any number of nodes may do so: whoever gets the lock of the checkpoint's row
// does the next batch, so there is nothing to fail over.
type projector struct {
	store *Store
	p     Projection
	*runner
	reader  reader
	limit   int
	narrow  int64 // up to here, events are applied one by one, to find the one that fails
	retryIn time.Duration
	busyFor time.Duration
}

// RunProjection applies events as they come, from Start the first time and then from its checkpoint. It blocks until ctx ends (nil)
// or the projection can't run at all. It needs Run for news.
func (s *Store) RunProjection(ctx context.Context, p Projection) error {
	if err := checkName("name of the projection", p.Name); err != nil {
		return err
	}
	if p.BatchSize <= 0 {
		p.BatchSize = defaultBatch
	}
	r, err := s.progress.enter(p.Name)
	if err != nil {
		return err
	}
	defer s.progress.leave(p.Name)
	position, err := s.enlist(ctx, p.Name, "projection", p.Filter, p.Start)
	if err != nil {
		return ended(ctx, err)
	}
	s.progress.advance(p.Name, r, position, position)
	pr := &projector{store: s, p: p, runner: r, reader: reader{store: s, filter: p.Filter}, limit: p.BatchSize}
	defer pr.reader.close()
	for ctx.Err() == nil {
		if err := pr.step(ctx); err != nil && ctx.Err() == nil {
			pr.failed(ctx, err)
		}
	}
	pr.saveSeen()
	return nil
}

// ended is nil for errors that only say that ctx has.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// step handles the next stretch of the log.
func (pr *projector) step(ctx context.Context) error {
	idle := pr.store.tail.position() <= pr.seen
	if pr.seen >= pr.narrow {
		pr.limit = pr.p.BatchSize
	}
	b, ok := pr.reader.next(ctx, pr.seen, pr.limit, pr.poke)
	switch {
	case !ok:
		return nil
	case b.upTo == pr.seen: // poked
		return pr.refresh(ctx)
	case len(b.events) == 0:
		return pr.pass(ctx, b.upTo)
	}
	if idle && b.others {
		sleep(ctx, grace)
	}
	return pr.apply(ctx, b)
}

// pass moves over events that the filter doesn't pick.
func (pr *projector) pass(ctx context.Context, upTo int64) error {
	if upTo-pr.stored < lazyEvents {
		pr.store.progress.advance(pr.p.Name, pr.runner, pr.stored, upTo)
		return nil
	}
	tag, err := pr.store.pool.Exec(ctx, claimStatement, pr.p.Name, pr.stored, upTo)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return pr.refresh(ctx)
	}
	pr.store.progress.advance(pr.p.Name, pr.runner, upTo, upTo)
	return nil
}

// apply does a batch in one transaction, if the checkpoint is where this node believes it to be and nobody else holds it.
func (pr *projector) apply(ctx context.Context, b batch) error {
	claimed, end := false, nothing
	err := pgx.BeginFunc(ctx, pr.store.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, claimStatement, pr.p.Name, pr.stored, b.upTo)
		if claimed = err == nil && tag.RowsAffected() == 1; !claimed {
			return errors.Join(err, errNotClaimed)
		}
		observed, done := pr.store.opts.Observer.project(ctx, pr.p.Name, b.events)
		end = done
		return panics.Caught(func() error { return pr.p.Apply(observed, tx, b.events) })
	})
	end(err)
	switch {
	case errors.Is(err, errNotClaimed):
		return pr.refresh(ctx)
	case err != nil:
		pr.narrow = max(pr.narrow, b.upTo)
		return pr.explain(b, err)
	}
	pr.retryIn, pr.busyFor = 0, 0
	pr.store.progress.advance(pr.p.Name, pr.runner, b.upTo, b.upTo)
	if pr.p.Committed != nil {
		pr.p.Committed(b.upTo, b.events)
	}
	return nil
}

var errNotClaimed = errors.New("another node holds the checkpoint, or has moved it")

func (pr *projector) explain(b batch, err error) error {
	if len(b.events) == 1 {
		return named(b.events[0], err)
	}
	return fmt.Errorf("events %d to %d: %w", b.events[0].Position, b.events[len(b.events)-1].Position, err)
}

// refresh reads where the checkpoint is, after another node was at it or somebody moved it.
func (pr *projector) refresh(ctx context.Context) error {
	moved, _ := pr.store.progress.takePoke(pr.runner)
	position, err := pr.store.where(ctx, pr.p.Name)
	switch {
	case err != nil:
		pr.wake() // to come back here
		return err
	case moved > 0 || position < pr.stored:
		pr.store.progress.reread(pr.p.Name, pr.runner, moved, position)
	case position > pr.stored:
		pr.busyFor = 0
		pr.store.progress.advance(pr.p.Name, pr.runner, position, max(position, pr.seen))
	default: // somebody holds it
		pr.busyFor = min(max(2*pr.busyFor, busyPause), longestBusy)
		sleep(ctx, pr.busyFor)
	}
	return nil
}

// failed notes an error and waits before the next try.
func (pr *projector) failed(ctx context.Context, err error) {
	pr.store.note(ctx, pr.p.Name, StateRetrying, err)
	pr.limit = 1
	pr.retryIn = min(max(2*pr.retryIn, firstRetry), longestRetry)
	timer := time.NewTimer(pr.retryIn)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-pr.poke:
		pr.wake() // for step
	case <-ctx.Done():
	}
}

// saveSeen writes down at the end how far this node has looked.
func (pr *projector) saveSeen() {
	if pr.seen == pr.stored {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	if _, err := pr.store.pool.Exec(ctx, claimStatement, pr.p.Name, pr.stored, pr.seen); err != nil {
		pr.store.opts.Logger.Debug("a checkpoint can't be written at the end", "subscription", pr.p.Name, "error", err)
	}
}

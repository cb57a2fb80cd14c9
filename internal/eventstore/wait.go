package eventstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// BehindError says that a subscription had not reached a position when the caller's time was up. What was appended
// stands; only reading it through the subscription's tables is too early.
type BehindError struct {
	Name     string
	Position int64
	Err      error // why waiting ended, mostly context.DeadlineExceeded
}

func (e *BehindError) Error() string {
	return fmt.Sprintf("subscription %q has not reached position %d yet: %v", e.Name, e.Position, e.Err)
}

func (e *BehindError) Unwrap() error { return e.Err }

// WaitFor returns when each of the subscriptions has handled everything up to a position, on whatever node it runs; or,
// with a *BehindError, when ctx ends before that. Those that run on this node wake the waiting directly; for others the
// table is asked at growing intervals of 1 to 50 ms. A subscription that nobody has ever started reaches nothing. A
// position that the log hasn't reached yet is an *AheadError: nobody can have been told of it.
//
// If this node hasn't heard of the position yet, WaitFor tells it, so that a projection that runs here too goes there at
// once, whatever has become of the node that appended.
func (s *Store) WaitFor(ctx context.Context, position int64, names ...string) error {
	if position > s.tail.position() {
		head, err := s.Head(ctx)
		if err == nil && position > head {
			return &AheadError{Position: position, Head: head}
		}
		if err == nil {
			s.tail.advance(head)
		}
	}
	for _, name := range names {
		if err := s.waitForOne(ctx, position, name); err != nil {
			return &BehindError{Name: name, Position: position, Err: err}
		}
	}
	return nil
}

func (s *Store) waitForOne(ctx context.Context, position int64, name string) error {
	w, here := s.progress.wait(name, position)
	defer s.progress.forget(name, w)
	pause := time.Millisecond
	if here {
		pause = 5 * time.Millisecond // long enough for this node, unless another is at it
	}
	timer := time.NewTimer(0)
	if here {
		timer.Reset(pause)
	}
	defer timer.Stop()
	for {
		select {
		case <-w.reached:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		}
		reached, err := s.reached(ctx, name, position)
		if err != nil && ctx.Err() == nil {
			s.opts.Logger.Debug("a checkpoint can't be read", "subscription", name, "error", err)
		}
		if reached {
			return nil
		}
		pause = min(2*pause, 50*time.Millisecond)
		timer.Reset(pause)
	}
}

// maxScan bounds how many events are looked through for one that a subscription's filter picks.
const maxScan = 10_000

// reached asks the table. A subscription behind the position has reached it all the same when its filter picks nothing in
// between: its checkpoint isn't written for each event that it skips.
func (s *Store) reached(ctx context.Context, name string, position int64) (reached bool, err error) {
	err = s.pool.QueryRow(ctx, `
		select s.position >= $2 or s.position >= $2 - $3::bigint and not exists (
			select from events e where e.position > s.position and e.position <= $2 and `+matches+`)
		from subscriptions s where s.name = $1`, name, position, maxScan).Scan(&reached)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil // nobody has started it yet
	}
	return reached, err
}

// matches says in SQL whether the filter of subscription s picks event e, as Filter.Matches does.
const matches = `(s.types is null or e.type = any(s.types))
	and (s.streams is null or e.stream = any(s.streams))
	and (s.categories is null or split_part(e.stream, '-', 1) = any(s.categories))`

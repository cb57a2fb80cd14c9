package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// CatchingUpError says that a command stands but that what it did can't be read everywhere yet.
type CatchingUpError struct {
	Position int64 // of the last event known to follow from the command; where it changed nothing, the log's
	Err      error
}

func (e *CatchingUpError) Error() string {
	return fmt.Sprintf("done (position %d), but not to be seen everywhere yet: %v", e.Position, e.Err)
}

func (e *CatchingUpError) Unwrap() error { return e.Err }

// Settle waits until the reactions to a command, and the reactions to those, have happened and the read models show it
// all. Where the command changed nothing, somebody may just have been faster: then they show what is in the log now.
// Running out of time is not a failure of the command: the error is a *CatchingUpError.
func (d *Dispatcher) Settle(ctx context.Context, r Result) error {
	return d.settle(ctx, r, d.opts.Reactions)
}

// SettleImport is Settle that waits for the matching of rides as well.
func (d *Dispatcher) SettleImport(ctx context.Context, r Result) error {
	return d.settle(ctx, r, slices.Concat(d.opts.Reactions, d.opts.Importer))
}

func (d *Dispatcher) settle(ctx context.Context, r Result, reactions []string) error {
	ctx, cancel := context.WithTimeout(ctx, d.opts.Timeout)
	defer cancel()
	err := d.shown(ctx, &r, reactions)
	if err != nil && !errors.Is(err, context.Canceled) {
		return &CatchingUpError{Position: r.Last, Err: err}
	}
	return err
}

func (d *Dispatcher) shown(ctx context.Context, r *Result, reactions []string) (err error) {
	if r.Last == 0 {
		if r.Last, err = d.store.Head(ctx); err != nil {
			return err
		}
	}
	if r.Last, err = d.followReactions(ctx, *r, reactions); err != nil {
		return err
	}
	return d.store.WaitFor(ctx, r.Last, d.opts.ReadModels...)
}

// followReactions returns the position of the last event that a command led to. A reaction has handled an event only when
// what it sends because of it is in the log; so what LastOf doesn't find by then doesn't come any more.
func (d *Dispatcher) followReactions(ctx context.Context, r Result, reactions []string) (int64, error) {
	for last := r.Last; ; {
		if err := d.store.WaitFor(ctx, last, reactions...); err != nil {
			return last, err
		}
		next, err := d.store.LastOf(ctx, r.CorrelationID, last)
		if err != nil || next == 0 {
			return last, err
		}
		last = next
	}
}

package dispatch

import (
	"context"
	"errors"
	"time"
)

// patience is how long Await waits: longer than a healthy read model takes, shorter than people do.
const patience = 2 * time.Second

// Await waits until the read models show everything up to a position that somebody brings along from an earlier answer,
// perhaps of another node. After two seconds it gives up with a *CatchingUpError; a position that the log hasn't reached is
// an *eventstore.AheadError at once.
func (d *Dispatcher) Await(ctx context.Context, position int64) error {
	soon, cancel := context.WithTimeout(ctx, min(patience, d.opts.Timeout))
	defer cancel()
	err := d.store.WaitFor(soon, position, d.opts.ReadModels...)
	if errors.Is(err, context.DeadlineExceeded) {
		return &CatchingUpError{Position: position, Err: err}
	}
	return err
}

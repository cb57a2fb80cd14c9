package main

import (
	"context"
	"errors"
	"sync"

	"golang.org/x/sync/errgroup"
)

// layers run workers in the order in which they depend on each other, and stop them in reverse: what feeds others stops
// last. A worker that fails brings all layers down.
type layers struct {
	fail   context.CancelCauseFunc
	failed context.Context
	mu     sync.Mutex
	stack  []*layer
}

type layer struct {
	stop    context.CancelFunc
	workers *errgroup.Group
}

func newLayers(ctx context.Context) *layers {
	failed, fail := context.WithCancelCause(ctx)
	return &layers{failed: failed, fail: fail}
}

// Add starts workers on top of those that run.
func (l *layers) Add(workers ...func(context.Context) error) {
	// The layer lives until its turn to stop comes, not until the program is asked to stop.
	ctx, stop := context.WithCancel(context.WithoutCancel(l.failed))
	group, ctx := errgroup.WithContext(ctx)
	for _, run := range workers {
		group.Go(func() error {
			err := run(ctx)
			if err != nil && ctx.Err() == nil {
				l.fail(err)
			}
			return err
		})
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stack = append(l.stack, &layer{stop, group})
}

// Wait blocks until the program is asked to stop or a worker has failed.
func (l *layers) Wait() { <-l.failed.Done() }

// Stop takes the layers down from the top and answers with the failure that caused it, if one did.
func (l *layers) Stop() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := len(l.stack) - 1; i >= 0; i-- {
		l.stack[i].stop()
		_ = l.stack[i].workers.Wait() // a failure is in the cause already
	}
	l.stack = nil
	err := context.Cause(l.failed)
	l.fail(nil)
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

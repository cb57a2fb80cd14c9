package eventstore

import (
	"context"
	"time"
)

// Observer is told what a store does, for metrics and traces. A function that is nil isn't called, and then costs nothing.
// They are called amid the work, by many at once, so they must be quick.
type Observer struct {
	// Append is called at the beginning of each Append; what it returns, with the answer.
	Append func(ctx context.Context, events int) (end func(Result, error))
	// Batch is called when the writer has tried to store the requests of several callers in one transaction.
	Batch func(requests, events int, took time.Duration, err error)
	// Project is called when a projection on this node has got a batch to itself; the context is what Apply gets, and what
	// it returns is called after the commit, or with the error.
	Project func(ctx context.Context, subscription string, events []Recorded) (context.Context, func(error))
	// Handle is called before each try of a handler subscription at an event, whose number Attempt tells.
	Handle func(ctx context.Context, subscription string, e Recorded) (context.Context, func(error))
}

func nothing(error) {}

func (o Observer) append(ctx context.Context, writes []Write) func(Result, error) {
	events := 0
	for i := range writes {
		events += len(writes[i].Events)
	}
	return o.Append(ctx, events)
}

func (o Observer) batch(t trial, start time.Time, err error) {
	events := 0
	for _, r := range t.batch {
		events += len(r.events)
	}
	o.Batch(len(t.batch), events, time.Since(start), err)
}

func (o Observer) project(ctx context.Context, subscription string, events []Recorded) (context.Context, func(error)) {
	if o.Project == nil {
		return ctx, nothing
	}
	return o.Project(ctx, subscription, events)
}

func (o Observer) handle(ctx context.Context, subscription string, e Recorded) (context.Context, func(error)) {
	if o.Handle == nil {
		return ctx, nothing
	}
	return o.Handle(ctx, subscription, e)
}

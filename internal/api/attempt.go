package api

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/google/uuid"

	"segmentchallenge/internal/eventstore"
)

// attempt is a request with an Idempotency-Key being carried out, perhaps not for the first time: a crash may have cut it
// off before its answer was kept. All ids in it derive from the seed in the order in which they are asked for, which is the
// same each time. So commands that have been carried out are known by their ids, and what they made is found again.
type attempt struct {
	seed          uuid.UUID
	ids, commands atomic.Int32
}

type attemptKey struct{}

func withAttempt(ctx context.Context, seed uuid.UUID) context.Context {
	return context.WithValue(ctx, attemptKey{}, &attempt{seed: seed})
}

// newID names something new.
func newID(ctx context.Context) uuid.UUID {
	a, ok := ctx.Value(attemptKey{}).(*attempt)
	if !ok {
		return uuid.Must(uuid.NewV7())
	}
	id := uuid.NewSHA1(a.seed, fmt.Appendf(nil, "id/%d", a.ids.Add(1)))
	copy(id[:6], a.seed[:6]) // the time of a UUIDv7: ids that are made later come later
	id[6] = id[6]&0x0f | 0x70
	return id
}

// meta goes with a command.
func meta(ctx context.Context) eventstore.Meta {
	a, ok := ctx.Value(attemptKey{}).(*attempt)
	if !ok {
		return eventstore.Meta{}
	}
	return eventstore.Meta{CommandID: uuid.NewSHA1(a.seed, fmt.Appendf(nil, "command/%d", a.commands.Add(1)))}
}

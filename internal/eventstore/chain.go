package eventstore

import (
	"context"

	"github.com/google/uuid"
)

// maxChain bounds what ByCorrelation gives.
const maxChain = 10_000

// ByCorrelation gives the events of a chain of causes in the order of the log: all that followed from one click, upload or
// schedule, over whatever streams. Each event's CausationID says which event (or command) it followed from directly. Of a
// chain with more than 10,000 events it gives the first ones. It takes some milliseconds a million events of the log.
func (s *Store) ByCorrelation(ctx context.Context, correlation uuid.UUID) ([]Recorded, error) {
	// Materialized, so that the order asked for can't lead the planner along the whole log instead.
	return s.collect(ctx, `with chain as materialized (`+selectRecorded+` where correlation_id = $1)
		select * from chain order by position limit $2`, []any{correlation, maxChain})
}

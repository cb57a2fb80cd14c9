package eventstore

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"
)

// Search says what Browse looks for. The zero value finds the newest events.
type Search struct {
	Filter
	Correlation uuid.UUID // of one chain of causes; zero: of any
	Actor       string    // exactly; "": anybody
	Before      int64     // only events before this position; 0: from the newest
	Limit       int       // most events; 0: 50
}

// Found is what a Browse came upon.
type Found struct {
	Events []Recorded // newest first
	From   int64      // everything from this position on was looked at; 1 or less: nothing is left before it
}

// browseWindow is how many positions one step of Browse looks at, and browseSteps how many steps one call makes: what is
// rare is searched for in bites that a person waits for, and never by a scan of the whole log.
const (
	browseWindow = 100_000
	browseSteps  = 5
)

// Browse searches the log backward, for people who look into it. There are no indexes by type, actor or chain (each would
// cost every append), so one call looks at half a million positions at most; Found.From, as the next Before, goes on.
// Within streams the index leads, and there is no such bound.
func (s *Store) Browse(ctx context.Context, q Search) (Found, error) {
	if q.Limit <= 0 {
		q.Limit = 50
	}
	before := q.Before
	if before <= 0 {
		head, err := s.Head(ctx)
		if err != nil {
			return Found{}, err
		}
		before = head + 1
	}
	window := int64(browseWindow)
	if len(q.Streams) > 0 {
		window = before
	}
	found := Found{From: before}
	for range browseSteps {
		if found.From <= 1 || len(found.Events) == q.Limit {
			break
		}
		from := max(found.From-window, 1)
		events, err := s.browse(ctx, q, from, found.From, q.Limit-len(found.Events))
		if err != nil {
			return found, err
		}
		found.Events, found.From = append(found.Events, events...), from
	}
	if len(found.Events) == q.Limit {
		found.From = found.Events[q.Limit-1].Position
	}
	return found, nil
}

// browse looks at the positions from … before-1.
func (s *Store) browse(ctx context.Context, q Search, from, before int64, limit int) ([]Recorded, error) {
	var c conditions
	c.add("position >= %s", from)
	c.add("position < %s", before)
	c.filter(q.Filter)
	if q.Correlation != uuid.Nil {
		c.add("correlation_id = %s", q.Correlation)
	}
	if q.Actor != "" {
		c.add("actor = %s", q.Actor)
	}
	c.args = append(c.args, limit)
	return s.collect(ctx, selectRecorded+c.where()+fmt.Sprintf(" order by position desc limit $%d", len(c.args)), c.args)
}

// Types are the names of all event types that are registered, in order.
func (r *Registry) Types() []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Sorted(maps.Keys(r.types))
}

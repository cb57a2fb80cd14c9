// Package eventlog knows every event that the log can hold. What decodes (aggregates, projectors, processes, exports)
// shares its registry, so an upcaster added here is seen by all of them alike.
package eventlog

import (
	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/clubs"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/challengeboard"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/segments"
	"segmentchallenge/internal/stages"
)

// Registry is a new registry of all events. A stored name that two events share panics.
func Registry() *eventstore.Registry {
	r := eventstore.NewRegistry()
	register(r, activities.Events)
	register(r, athletes.Events)
	register(r, challengeboard.Events)
	register(r, challenges.Events)
	register(r, clubs.Events)
	register(r, competitors.Events)
	register(r, segments.Events)
	register(r, stageboard.Events)
	register(r, stages.Events)
	return r
}

func register[E eventstore.Event](r *eventstore.Registry, events []E) {
	for _, e := range events {
		eventstore.RegisterValue(r, e)
	}
}

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

// shapes are the stored shapes of earlier versions, by event type: today's schema version and what lifts the ones before,
//
//	"AthleteRegistered": {eventstore.WithVersion(2), eventstore.Upcast(1, nameToNames)},
//
// All events still have their first shape: fields were added that may be absent.
var shapes = map[string][]eventstore.TypeOption{}

// Registry is a new registry of all events. A stored name that two events share panics.
func Registry() *eventstore.Registry { return registryOf(shapes) }

func registryOf(shapes map[string][]eventstore.TypeOption) *eventstore.Registry {
	r := registrar{eventstore.NewRegistry(), shapes}
	register(r, activities.Events)
	register(r, athletes.Events)
	register(r, challengeboard.Events)
	register(r, challenges.Events)
	register(r, clubs.Events)
	register(r, competitors.Events)
	register(r, segments.Events)
	register(r, stageboard.Events)
	register(r, stages.Events)
	return r.Registry
}

type registrar struct {
	*eventstore.Registry
	shapes map[string][]eventstore.TypeOption
}

func register[E eventstore.Event](r registrar, events []E) {
	for _, e := range events {
		eventstore.RegisterValue(r.Registry, e, r.shapes[e.EventType()]...)
	}
}

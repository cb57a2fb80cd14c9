package readmodel_test

import (
	"errors"
	"testing"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/clubs"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/eventlog"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/segments"
	"segmentchallenge/internal/stages"
)

func allEvents() (all []eventstore.Event) {
	add := func(e eventstore.Event) { all = append(all, e) }
	for _, e := range activities.Events {
		add(e)
	}
	for _, e := range athletes.Events {
		add(e)
	}
	for _, e := range challenges.Events {
		add(e)
	}
	for _, e := range clubs.Events {
		add(e)
	}
	for _, e := range competitors.Events {
		add(e)
	}
	for _, e := range segments.Events {
		add(e)
	}
	for _, e := range stageboard.Events {
		add(e)
	}
	for _, e := range stages.Events {
		add(e)
	}
	return all
}

// TestEveryEventIsProjected: each event is shown somewhere, and a projector that lists a type has a case for it and takes
// it with nothing filled in: an event that is strange must not stop everything behind it.
func TestEveryEventIsProjected(t *testing.T) {
	pool, registry := postgrestest.New(t), eventlog.Registry()
	shown := map[string]bool{}
	for _, p := range readmodel.Projectors(registry) {
		for _, e := range allEvents() {
			if !p.Filter().Matches(eventstore.Recorded{Type: e.EventType()}) {
				continue
			}
			shown[e.EventType()] = true
			n := ok(registry.Encode(e, eventstore.Meta{}, 0))
			tx := ok(pool.Begin(t.Context()))
			err := p.Apply(t.Context(), tx, []eventstore.Recorded{{Position: 1, Type: n.Type, SchemaVersion: n.SchemaVersion, Data: n.Data, Time: start}})
			if err != nil {
				t.Errorf("%T: %v", e, err)
			}
			if err := tx.Rollback(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, e := range allEvents() {
		if !shown[e.EventType()] {
			t.Errorf("%T changes no read model", e)
		}
	}
}

// TestNothingOfAFailedBatchStays (PJ-03): the error names the event, and what came before it in the batch isn't kept.
func TestNothingOfAFailedBatchStays(t *testing.T) {
	pool, registry := postgrestest.New(t), eventlog.Registry()
	good := ok(registry.Encode(athletes.Registered{AthleteID: id("athlete", 1)}, eventstore.Meta{}, 0))
	for _, p := range readmodel.Projectors(registry) {
		if p.Name != readmodel.PeopleModel {
			continue
		}
		tx := ok(pool.Begin(t.Context()))
		err := p.Apply(t.Context(), tx, []eventstore.Recorded{
			{Position: 7, Type: good.Type, SchemaVersion: 1, Data: good.Data, Time: start},
			{Position: 8, Type: good.Type, SchemaVersion: 1, Data: []byte(`{"athleteId":5}`), Time: start}})
		var broken *eventstore.DecodeError
		if !errors.As(err, &broken) || broken.Position != 8 {
			t.Errorf("the error doesn't name event 8: %v", err)
		}
		var rows int
		if err := tx.QueryRow(t.Context(), `select count(*) from athletes`).Scan(&rows); err != nil || rows != 0 {
			t.Errorf("%d rows of the failed batch: %v", rows, err)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

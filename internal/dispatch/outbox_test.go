package dispatch_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/dispatch/dispatchtest"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/process"
	"segmentchallenge/internal/sport"
)

// stars gives everybody who registers two segments to begin with: a process that sends because of events.
func stars(first, second uuid.UUID) process.Process[struct{}] {
	return process.Process[struct{}]{
		Name: "stars", Events: []eventstore.Event{athletes.Registered{}}, Commands: map[string]any{"AthleteStarSegment": athletes.StarSegment{}},
		Route: func(e eventstore.Event) []process.Route {
			return process.Starts(e.(athletes.Registered).AthleteID.String())
		},
		React: func(s struct{}, in process.Input) (struct{}, []process.Effect) {
			happened := in.(process.Happened)
			head := athletes.Head{ID: happened.Event.(athletes.Registered).AthleteID, By: actor.System, Now: happened.Time}
			return s, []process.Effect{process.Send{Command: athletes.StarSegment{Head: head, SegmentID: first}},
				process.Send{Command: athletes.StarSegment{Head: head, SegmentID: second}}, process.Stop{}}
		},
	}
}

// A process has decided when its subscription is there, and not sent yet. Settle waits for that as well, on any node.
func TestSettleWaitsForOutboxes(t *testing.T) {
	one := dispatchtest.Start(t, dispatchtest.Options{})
	other := one.Second()
	first, second := uuid.New(), uuid.New()
	m, err := process.New(other.Store, other.Pool, stars(first, second), func(ctx context.Context, command any, meta eventstore.Meta) error {
		_, err := other.Dispatch.Send(ctx, command.(dispatch.Command), meta)
		return err
	}, process.Options{Log: slog.New(slog.DiscardHandler), Poll: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	other.Run(m.Run)
	d := dispatch.New(one.Store, dispatch.Options{Reactions: []string{m.Name()}, Sent: process.Sent(one.Pool), Timeout: 30 * time.Second})
	for range 20 {
		id := uuid.New()
		result, err := d.Send(one.Soon(), athletes.Register{Head: athletes.Head{ID: id, By: actor.System, Now: dispatchtest.At(1, 0)},
			Profile: athletes.Profile{FirstName: "Ana", LastName: "Lopes", Gender: sport.Female, Units: sport.Metric, TimeZone: "UTC", Visibility: athletes.Everyone}}, eventstore.Meta{})
		if err == nil {
			err = d.Settle(one.Soon(), result)
		}
		if err != nil {
			t.Fatal(err)
		}
		var starred []uuid.UUID
		for _, e := range one.Events(eventstore.Filter{Streams: []string{eventstore.StreamName(dispatch.AthleteStream, id)}}) {
			if e, ok := e.(athletes.SegmentStarred); ok {
				starred = append(starred, e.SegmentID)
			}
		}
		if len(starred) != 2 || starred[0] != first || starred[1] != second {
			t.Fatalf("when all was settled, %v were starred", starred)
		}
	}
}

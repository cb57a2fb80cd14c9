package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/dispatch/dispatchtest"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
)

// A position that one node gave is what another waits for, before it shows anything.
func TestRW01_PositionIsCarriedToAnotherNode(t *testing.T) {
	one := dispatchtest.Start(t, dispatchtest.Options{})
	nodes := []*dispatchtest.Node{one, one.Second()}
	s := one.Season(one.Athlete(sport.Female), nil, dispatchtest.Days(1, 31))
	for round := range 50 {
		here, there := nodes[round%2], nodes[1-round%2]
		name := fmt.Sprintf("Round %d", round)
		result, err := here.Dispatch.Send(here.Soon(), challenges.Rename{Head: s.Head(s.Organiser, dispatchtest.At(1, 0)), Name: name}, eventstore.Meta{})
		if err != nil {
			t.Fatal(err)
		}
		if err := there.Dispatch.Await(there.Soon(), result.Last); err != nil { // nobody has settled anything
			t.Fatal(err)
		}
		c, err := readmodel.ChallengeByID(there.Soon(), there.Pool, s.Organiser, s.ID)
		if err != nil || c.Name != name {
			t.Fatalf("round %d: on the other node it is called %q, %v", round, c.Name, err)
		}
	}
}

// Waiting has an end, and what can't come isn't waited for.
func TestAwaitEnds(t *testing.T) {
	n := dispatchtest.Start(t, dispatchtest.Options{NoProjector: readmodel.FeedModel, NoReactions: true, Timeout: 100 * time.Millisecond})
	result, err := n.Store.Append(n.Soon(), eventstore.Write{Stream: "a-1", Events: []eventstore.NewEvent{{Type: "x", Data: []byte(`{}`)}}})
	if err != nil {
		t.Fatal(err)
	}
	var behind *dispatch.CatchingUpError
	if err := n.Dispatch.Await(n.Soon(), result.Last); !errors.As(err, &behind) || behind.Position != result.Last {
		t.Errorf("a read model that doesn't run: %v", err)
	}
	if _, ahead := errors.AsType[*eventstore.AheadError](n.Dispatch.Await(n.Soon(), 1_000_000)); !ahead {
		t.Error("a position beyond the log is waited for")
	}
	n.Run(func(ctx context.Context) error {
		return n.Store.RunProjection(ctx, eventstore.Projection{Name: readmodel.FeedModel, Apply: func(context.Context, pgx.Tx, []eventstore.Recorded) error { return nil }})
	})
	for err = behind; err != nil && n.Soon().Err() == nil; {
		err = n.Dispatch.Await(n.Soon(), result.Last)
	}
	if err != nil {
		t.Error(err)
	}
}

package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/dispatch/dispatchtest"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
)

// Hosting a challenge whose time has come starts it, which starts its stages, of which some are over at once: reactions to
// reactions, handled side by side with those of other challenges. When Settle returns, all of it is to be read, on any node.
func TestSettleWaitsForTheWholeChain(t *testing.T) {
	one := dispatchtest.Start(t, dispatchtest.Options{})
	other := one.Second()
	organiser := one.Athlete(sport.Female)
	for round := range 8 {
		seasons := make([]*dispatchtest.Season, 4)
		for i := range seasons {
			seasons[i] = one.Season(organiser, nil, dispatchtest.Days(1, 5), dispatchtest.Days(6, 10), dispatchtest.Days(11, 20), dispatchtest.Days(21, 31))
		}
		group := make(chan error, len(seasons))
		for i, s := range seasons {
			at := []*dispatchtest.Node{one, other}[i%2]
			go func() { group <- hostAndLook(at, []*dispatchtest.Node{other, one}[i%2], s) }()
		}
		for range seasons {
			if err := <-group; err != nil {
				t.Fatalf("round %d: %v", round, err)
			}
		}
	}
}

func hostAndLook(at, from *dispatchtest.Node, s *dispatchtest.Season) error {
	if _, err := at.Try(challenges.Host{Head: s.Head(s.Organiser, dispatchtest.At(12, 0))}); err != nil {
		return err
	}
	all, err := readmodel.Stages(at.Soon(), from.Pool, s.Organiser, s.ID)
	if err != nil {
		return err
	}
	var status []sport.Status
	for _, stage := range all {
		status = append(status, stage.Status)
		boards, err := readmodel.Boards(at.Soon(), from.Pool, stage.ID)
		if err != nil || len(boards) != len(sport.DefaultCategories) {
			return fmt.Errorf("stage %d has %d boards, %v", stage.Number, len(boards), err)
		}
	}
	if diff := cmp.Diff([]sport.Status{sport.Past, sport.Past, sport.Active, sport.Upcoming}, status); diff != "" {
		return fmt.Errorf("the stages are not what they should be (-want +got):\n%s", diff)
	}
	return nil
}

func TestRW01_WhatWasDoneIsReadOnTheOtherNode(t *testing.T) {
	one := dispatchtest.Start(t, dispatchtest.Options{})
	nodes := []*dispatchtest.Node{one, one.Second()}
	s := one.Season(one.Athlete(sport.Female), nil, dispatchtest.Days(1, 31))
	for round := range 500 {
		here, there := nodes[round%2], nodes[1-round%2]
		name := fmt.Sprintf("Round %d", round)
		here.Send(challenges.Rename{Head: s.Head(s.Organiser, dispatchtest.At(1, 0)), Name: name})
		c, err := readmodel.ChallengeByID(one.Soon(), there.Pool, s.Organiser, s.ID)
		if err != nil || c.Name != name {
			t.Fatalf("round %d: on the other node it is called %q, %v", round, c.Name, err)
		}
	}
}

func TestRW03_ReadModelInErrorIsNotAFailureOfTheCommand(t *testing.T) {
	n := dispatchtest.Start(t, dispatchtest.Options{NoProjector: readmodel.FeedModel, Timeout: 100 * time.Millisecond})
	n.Run(func(ctx context.Context) error {
		return n.Store.RunProjection(ctx, eventstore.Projection{Name: readmodel.FeedModel, Apply: func(context.Context, pgx.Tx, []eventstore.Recorded) error {
			return errors.New("no room on the disk")
		}})
	})
	create := challenges.Create{Head: challenges.Head{ID: uuid.New(), By: actor.Athlete(uuid.New()), Now: dispatchtest.At(1, 0)}, Slug: "may",
		Definition: challenges.Definition{Type: sport.SegmentChallenge, Name: "May", Window: dispatchtest.Days(1, 31), TimeZone: "UTC"}}
	for _, what := range []string{"done", "done before"} {
		result, err := n.Dispatch.Send(n.Soon(), create, eventstore.Meta{})
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		err = n.Dispatch.Settle(n.Soon(), result)
		var behind *dispatch.CatchingUpError
		if !errors.As(err, &behind) || !errors.Is(err, context.DeadlineExceeded) || behind.Position == 0 {
			t.Fatalf("%s: %v", what, err)
		}
		recorded := n.Events(eventstore.Filter{Types: []string{challenges.Created{}.EventType()}})
		head, err := n.Store.Head(n.Soon())
		if err != nil || len(recorded) != 1 || behind.Position != head {
			t.Errorf("%s: %d events, position %d of %d, %v", what, len(recorded), behind.Position, head, err)
		}
	}
}

// Who goes away while waiting has learned nothing about the read models.
func TestSettleOfACallerWhoHasGone(t *testing.T) {
	n := dispatchtest.Start(t, dispatchtest.Options{NoProjector: readmodel.FeedModel, NoReactions: true})
	ctx, leave := context.WithCancel(t.Context())
	leave()
	err := n.Dispatch.Settle(ctx, dispatch.Result{Result: eventstore.Result{Last: 1}})
	var behind *dispatch.CatchingUpError
	if errors.As(err, &behind) || !errors.Is(err, context.Canceled) {
		t.Errorf("error: %v", err)
	}
}

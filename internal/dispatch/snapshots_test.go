package dispatch_test

import (
	"log/slog"
	"testing"

	"segmentchallenge/internal/aggregate"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/dispatch/dispatchtest"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/challengeboard"
	"segmentchallenge/internal/sport"
)

// A node that has nothing in memory decides about a challenge's standings from the snapshot that another one has written.
func TestStandingsComeFromSnapshots(t *testing.T) {
	t.Parallel()
	n := dispatchtest.Start(t, dispatchtest.Options{})
	snapshots := aggregate.NewSnapshots(n.Pool, aggregate.SnapshotOptions{Every: 1, Log: slog.New(slog.DiscardHandler)})
	n.Run(snapshots.Run)
	node := func() *dispatch.Dispatcher {
		return dispatch.New(n.Store, dispatch.Options{Aggregate: aggregate.Options{Snapshots: snapshots}})
	}
	ana := n.Athlete(sport.Female)
	s := n.Season(n.Athlete(sport.Male), nil, dispatchtest.Days(1, 31))
	s.Host(dispatchtest.At(2, 0))
	s.Join(ana)
	n.Send(competitors.Limit{Head: s.Competitor(ana, s.Organiser, dispatchtest.At(3, 0)), Reason: "Ringer"})
	again := challengeboard.SetLimited{Head: challengeboard.Head{ChallengeID: s.ID, Category: sport.Open, By: s.Organiser, Now: dispatchtest.At(3, 1)},
		AthleteID: ana.AthleteID, Limited: true}
	again.By.System = true
	for i, restored := range []int64{0, 1} {
		d := node()
		if result, err := d.Send(n.Soon(), again, eventstore.Meta{}); err != nil || result.Last != 0 {
			t.Fatalf("limited again: position %d, %v", result.Last, err)
		}
		if err := snapshots.Flush(n.Soon()); err != nil {
			t.Fatal(err)
		}
		if got := d.Stats()[dispatch.StandingsStream].Restored; got != restored {
			t.Errorf("node %d: %d boards came from a snapshot, want %d", i, got, restored)
		}
	}
}

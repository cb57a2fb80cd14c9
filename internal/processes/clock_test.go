package processes_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/dispatch/dispatchtest"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/process"
	"segmentchallenge/internal/processes"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
)

// clock runs a calendar on a node, whose time is what the test says (Pass); or, with an interval, the world's.
func clock(n *dispatchtest.Node, interval time.Duration) (c *processes.Clock, stop func()) {
	n.Helper()
	opts := process.Options{Log: slog.New(slog.DiscardHandler), Poll: interval,
		Retry: eventstore.Backoff{Attempts: 2, First: time.Millisecond}}
	if interval == 0 {
		opts.Now = func() time.Time { return time.Time{} }
	}
	c, err := processes.NewClock(n.Store, n.Pool, n.Dispatch, opts)
	if err != nil {
		n.Fatal(err)
	}
	return c, n.Run(c.Run)
}

func pass(n *dispatchtest.Node, c *processes.Clock, now time.Time) {
	n.Helper()
	if err := c.Pass(n.Soon(), now); err != nil {
		n.Fatal(err)
	}
	n.Catch(n.ReadModels()...)
}

// hosted is a challenge of May with three stages, hosted before it begins.
func hosted(n *dispatchtest.Node, organiser actor.Actor) *dispatchtest.Season {
	n.Helper()
	s := n.Season(organiser, nil, dispatchtest.Days(1, 5), dispatchtest.Days(6, 10), dispatchtest.Days(11, 31))
	s.Host(dispatchtest.At(0, 0))
	return s
}

// life tells the status of a challenge and of its stages.
func life(s *dispatchtest.Season) []sport.Status {
	s.Helper()
	c, err := readmodel.ChallengeByID(s.Soon(), s.Pool, s.Organiser, s.ID)
	if err != nil {
		s.Fatal(err)
	}
	all, err := readmodel.Stages(s.Soon(), s.Pool, s.Organiser, s.ID)
	if err != nil {
		s.Fatal(err)
	}
	status := []sport.Status{c.Status}
	for _, stage := range all {
		status = append(status, stage.Status)
	}
	return status
}

func TestWhatIsDueByItsTime(t *testing.T) {
	t.Parallel()
	const upcoming, active, past, approved = sport.Upcoming, sport.Active, sport.Past, sport.Approved
	type turn struct {
		at   time.Time
		want []sport.Status
	}
	n := dispatchtest.Start(t, dispatchtest.Options{})
	c, _ := clock(n, 0)
	organiser := n.Athlete(sport.Female)
	for name, turns := range map[string][]turn{
		"always up": {
			{dispatchtest.At(1, 0).Add(-time.Second), []sport.Status{upcoming, upcoming, upcoming, upcoming}},
			{dispatchtest.At(1, 0), []sport.Status{active, active, upcoming, upcoming}},
			{dispatchtest.At(6, 0).Add(-2 * time.Second), []sport.Status{active, active, upcoming, upcoming}},
			{dispatchtest.At(6, 0).Add(-time.Second), []sport.Status{active, past, upcoming, upcoming}},
			{dispatchtest.At(6, 0), []sport.Status{active, past, active, upcoming}},
			{dispatchtest.At(9, 0).Add(-2 * time.Second), []sport.Status{active, past, active, upcoming}},
			{dispatchtest.At(9, 0), []sport.Status{active, approved, active, upcoming}}, // three days in review
			{dispatchtest.At(11, 0), []sport.Status{active, approved, past, active}},
			{dispatchtest.At(32, 0), []sport.Status{past, approved, approved, past}},
			{dispatchtest.At(35, 0), []sport.Status{approved, approved, approved, approved}},
			{dispatchtest.At(99, 0), []sport.Status{approved, approved, approved, approved}},
		},
		"down at the start":  {{dispatchtest.At(12, 0), []sport.Status{active, past, past, active}}},
		"down for the whole": {{dispatchtest.At(40, 0), []sport.Status{past, past, past, past}}, {dispatchtest.At(44, 0), []sport.Status{approved, approved, approved, approved}}},
	} {
		s := hosted(n, organiser)
		for _, turn := range turns {
			pass(n, c, turn.at)
			if diff := cmp.Diff(turn.want, life(s)); diff != "" {
				t.Fatalf("%s, %s: the challenge and its stages (-want +got):\n%s", name, turn.at, diff)
			}
		}
	}
}

// Nobody runs the clock while the start, two ends and an approval become due; then two nodes wake up, which both want to do
// all of it, again and again at each moment: everything happens once.
func TestDowntimeAndTwoNodes(t *testing.T) {
	t.Parallel()
	one := dispatchtest.Start(t, dispatchtest.Options{})
	other := one.Second()
	organiser := one.Athlete(sport.Female)
	var seasons []*dispatchtest.Season
	for range 6 {
		seasons = append(seasons, hosted(one, organiser))
	}
	for _, days := range [][]int{{12}, {1, 6, 20, 36}, {60}} { // the second is before the first: a clock that is wrong on one node
		a, stopA := clock(one, 0)
		b, stopB := clock(other, 0)
		for _, day := range days {
			ended := make(chan error, 2)
			for _, c := range []*processes.Clock{a, b} {
				go func() { ended <- c.Pass(one.Soon(), dispatchtest.At(day, 0)) }()
			}
			if err := errors.Join(<-ended, <-ended); err != nil {
				t.Fatalf("day %d: %v", day, err)
			}
			for _, c := range []*processes.Clock{a, b} { // the faster of the two hasn't waited for the other
				if err := c.Pass(one.Soon(), dispatchtest.At(day, 0)); err != nil {
					t.Fatalf("day %d: %v", day, err)
				}
			}
		}
		stopA()
		stopB()
	}
	for _, s := range seasons {
		want := []string{"ChallengeCreated", "ChallengeStageAdded", "ChallengeStageAdded", "ChallengeStageAdded", "ChallengeHosted",
			"ChallengeStarted", "ChallengeEnded", "ChallengeResultsApproved"}
		if diff := cmp.Diff(want, types(one, dispatch.ChallengeStream, s.ID)); diff != "" {
			t.Errorf("challenge (-want +got):\n%s", diff)
		}
		for _, id := range s.Stages {
			if diff := cmp.Diff([]string{"StageCreated", "StageStarted", "StageEnded", "StageApproved"}, types(one, dispatch.StageStream, id)); diff != "" {
				t.Errorf("stage (-want +got):\n%s", diff)
			}
		}
	}
	if parked, err := process.ListParked(one.Soon(), one.Pool); err != nil || len(parked) > 0 {
		t.Errorf("parked: %+v, %v", parked, err)
	}
}

func types(n *dispatchtest.Node, category string, id uuid.UUID) (names []string) {
	for _, e := range n.Events(eventstore.Filter{Streams: []string{eventstore.StreamName(category, id)}}) {
		names = append(names, e.EventType())
	}
	return names
}

// What the clock did says what it goes back to: the event that set the time.
func TestWhyItHappenedByItself(t *testing.T) {
	t.Parallel()
	n := dispatchtest.Start(t, dispatchtest.Options{})
	c, _ := clock(n, 0)
	s := hosted(n, n.Athlete(sport.Female))
	pass(n, c, dispatchtest.At(1, 0))
	byType := map[string]eventstore.Recorded{}
	for rec, err := range n.Store.ReadStream(n.Soon(), eventstore.StreamName(dispatch.ChallengeStream, s.ID), eventstore.ReadOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		byType[rec.Type] = rec
	}
	host, started := byType["ChallengeHosted"], byType["ChallengeStarted"]
	if started.CausationID != host.ID || started.CorrelationID != host.CorrelationID || started.Actor != "system" || !started.Time.Equal(dispatchtest.At(1, 0)) {
		t.Errorf("started %+v, by %+v", started, host)
	}
}

// A challenge that can't be read is told of by name, and keeps no other from its turn.
func TestOneThatFails(t *testing.T) {
	t.Parallel()
	n := dispatchtest.Start(t, dispatchtest.Options{})
	c, _ := clock(n, 0)
	organiser := n.Athlete(sport.Female)
	broken, fine := hosted(n, organiser), hosted(n, organiser)
	_, err := n.Store.Append(n.Soon(), eventstore.Write{Stream: eventstore.StreamName(dispatch.ChallengeStream, broken.ID),
		Events: []eventstore.NewEvent{{Type: "OfALaterVersion", Data: []byte(`{}`)}}})
	if err != nil {
		t.Fatal(err)
	}
	pass(n, c, dispatchtest.At(2, 0))
	if got := life(fine); got[0] != sport.Active {
		t.Errorf("the other challenge: %v", got)
	}
	parked, err := process.ListParked(n.Soon(), n.Pool)
	if err != nil || len(parked) != 1 || parked[0].Instance != broken.ID.String() || parked[0].At != "command" {
		t.Errorf("parked: %+v, %v", parked, err)
	}
}

// By itself, as in a server.
func TestClockGoesByItself(t *testing.T) {
	t.Parallel()
	n := dispatchtest.Start(t, dispatchtest.Options{})
	clock(n, 10*time.Millisecond)
	now := time.Now().UTC()
	window := sport.Window{Start: sport.LocalOf(now.Add(2 * time.Second)), End: sport.LocalOf(now.AddDate(0, 0, 1))}
	s := &dispatchtest.Season{Node: n, ID: uuid.New(), Organiser: n.Athlete(sport.Female)}
	head := s.Head(s.Organiser, now.AddDate(0, 0, -2))
	n.Send(challenges.Create{Head: head, Slug: "now", Definition: challenges.Definition{Type: sport.SegmentChallenge, Name: "Now", Window: window, TimeZone: "UTC"}})
	n.Send(challenges.AddStage{Head: head, StageID: uuid.New(), StageDefinition: challenges.StageDefinition{Type: sport.Flat, SegmentID: uuid.New(), Name: "Only"}})
	n.Send(challenges.Host{Head: head})
	started := errors.New("started")
	var at time.Time
	err := n.Store.Follow(n.Soon(), 0, eventstore.Filter{Types: []string{"ChallengeStarted"}}, func(_ context.Context, all []eventstore.Recorded) error {
		at = all[0].Time
		return started
	})
	if due := window.Start.In(time.UTC); !errors.Is(err, started) || at.Before(due) || at.After(due.Add(time.Minute)) {
		t.Errorf("started at %s, due at %s: %v", at, due, err)
	}
}

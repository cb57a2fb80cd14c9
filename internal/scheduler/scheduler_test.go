package scheduler_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/dispatch/dispatchtest"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/scheduler"
	"segmentchallenge/internal/sport"
)

func of(n *dispatchtest.Node) *scheduler.Scheduler {
	return &scheduler.Scheduler{Pool: n.Pool, Dispatch: n.Dispatch, Log: slog.New(slog.DiscardHandler)}
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
	const upcoming, active, past, approved = sport.Upcoming, sport.Active, sport.Past, sport.Approved
	type turn struct {
		at   time.Time
		want []sport.Status
	}
	n := dispatchtest.Start(t, dispatchtest.Options{})
	organiser := n.Athlete(sport.Female)
	for name, turns := range map[string][]turn{
		"always up": {
			{dispatchtest.At(1, 0).Add(-time.Second), []sport.Status{upcoming, upcoming, upcoming, upcoming}},
			{dispatchtest.At(1, 0), []sport.Status{active, active, upcoming, upcoming}},
			{dispatchtest.At(6, 0).Add(-time.Second), []sport.Status{active, past, upcoming, upcoming}},
			{dispatchtest.At(6, 0), []sport.Status{active, past, active, upcoming}},
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
			if err := of(n).Once(n.Soon(), turn.at); err != nil {
				t.Fatalf("%s, %s: %v", name, turn.at, err)
			}
			if diff := cmp.Diff(turn.want, life(s)); diff != "" {
				t.Fatalf("%s, %s: the challenge and its stages (-want +got):\n%s", name, turn.at, diff)
			}
		}
	}
}

// Two nodes look at the same moment, over and over: every transition happens once, and none fails.
func TestTwoSchedulersAtOnce(t *testing.T) {
	one := dispatchtest.Start(t, dispatchtest.Options{})
	other := one.Second()
	organiser := one.Athlete(sport.Female)
	var seasons []*dispatchtest.Season
	for range 6 {
		seasons = append(seasons, hosted(one, organiser))
	}
	for _, day := range []int{1, 6, 11, 32, 40} {
		ended := make(chan error, 2)
		for _, n := range []*dispatchtest.Node{one, other} {
			go func() { ended <- of(n).Once(n.Soon(), dispatchtest.At(day, 0)) }()
		}
		if err := errors.Join(<-ended, <-ended); err != nil {
			t.Fatalf("day %d: %v", day, err)
		}
	}
	if err := of(one).Once(one.Soon(), dispatchtest.At(40, 0)); err != nil { // the faster of the two needn't wait for the other
		t.Fatal(err)
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
}

func types(n *dispatchtest.Node, category string, id uuid.UUID) (names []string) {
	for _, e := range n.Events(eventstore.Filter{Streams: []string{eventstore.StreamName(category, id)}}) {
		names = append(names, e.EventType())
	}
	return names
}

// A challenge that can't be read is told of by name, and keeps no other from its turn.
func TestOneThatFails(t *testing.T) {
	n := dispatchtest.Start(t, dispatchtest.Options{})
	organiser := n.Athlete(sport.Female)
	broken, fine := hosted(n, organiser), hosted(n, organiser)
	_, err := n.Store.Append(n.Soon(), eventstore.Write{Stream: eventstore.StreamName(dispatch.ChallengeStream, broken.ID),
		Events: []eventstore.NewEvent{{Type: "OfALaterVersion", Data: []byte(`{}`)}}})
	if err != nil {
		t.Fatal(err)
	}
	err = of(n).Once(n.Soon(), dispatchtest.At(2, 0))
	if !errors.Is(err, eventstore.ErrUnknownType) || !strings.Contains(err.Error(), broken.ID.String()) || strings.Contains(err.Error(), fine.ID.String()) {
		t.Errorf("error: %v", err)
	}
	if got := life(fine); got[0] != sport.Active {
		t.Errorf("the other challenge: %v", got)
	}
}

func TestRun(t *testing.T) {
	n := dispatchtest.Start(t, dispatchtest.Options{})
	now := time.Now().UTC()
	window := sport.Window{Start: sport.LocalOf(now.AddDate(0, 0, -1)), End: sport.LocalOf(now.AddDate(0, 0, 1))}
	s := &dispatchtest.Season{Node: n, ID: uuid.New(), Organiser: n.Athlete(sport.Female)}
	head := s.Head(s.Organiser, now.AddDate(0, 0, -2))
	n.Send(challenges.Create{Head: head, Slug: "now", Definition: challenges.Definition{Type: sport.SegmentChallenge, Name: "Now", Window: window, TimeZone: "UTC"}})
	n.Send(challenges.AddStage{Head: head, StageID: uuid.New(), StageDefinition: challenges.StageDefinition{Type: sport.Flat, SegmentID: uuid.New(), Name: "Only"}})
	n.Send(challenges.Host{Head: head})

	log := &bytes.Buffer{}
	works := of(n)
	works.Interval = time.Millisecond
	works.Log = slog.New(slog.NewTextHandler(log, nil))
	stop := n.Run(works.Run)
	started := errors.New("started")
	err := n.Store.Follow(n.Soon(), 0, eventstore.Filter{Types: []string{"StageStarted"}}, func(context.Context, []eventstore.Recorded) error { return started })
	if !errors.Is(err, started) {
		t.Errorf("nothing has started: %v", err)
	}
	stop()
	if log.Len() > 0 {
		t.Errorf("logged: %s", log)
	}
}

package dispatch_test

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/dispatch/dispatchtest"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/sport"
)

// strange is a command that no aggregate takes.
type strange struct{ id uuid.UUID }

func (s strange) Target() uuid.UUID { return s.id }
func (s strange) At() time.Time     { return dispatchtest.At(1, 0) }

// log is written by many.
type log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// about gives the lines with a word in them.
func (l *log) about(word string) (lines []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.buf.String()) {
		if strings.Contains(line, word) {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestAG12_CommandsThatReachNoAggregate(t *testing.T) {
	audit := &log{}
	n := dispatchtest.Start(t, dispatchtest.Options{Log: audit})
	host := challenges.Host{Head: challenges.Head{ID: uuid.New(), By: actor.System}}
	for name, c := range map[string]struct {
		cmd  dispatch.Command
		want error
		said string
	}{
		"unknown":        {strange{uuid.New()}, dispatch.ErrUnknownCommand, "no aggregate takes this command: dispatch_test.strange"},
		"none":           {nil, dispatch.ErrUnknownCommand, "no aggregate takes this command: <nil>"},
		"pointer":        {&host, dispatch.ErrUnknownCommand, "no aggregate takes this command: *challenges.Host"},
		"empty identity": {challenges.Rename{Head: challenges.Head{By: actor.System}}, dispatch.ErrNoTarget, "outcome=not_found"},
		"refused":        {host, challenges.ErrNotFound, "outcome=challenge_not_found"},
	} {
		result, err := n.Dispatch.Send(n.Soon(), c.cmd, eventstore.Meta{})
		if !errors.Is(err, c.want) || result.Last != 0 {
			t.Errorf("%s: %+v, %v", name, result, err)
		}
		if lines := audit.about(c.said); len(lines) != 1 || !strings.Contains(lines[0], "correlation="+result.CorrelationID.String()) {
			t.Errorf("%s: the audit says %q", name, lines)
		}
	}
	if got := n.Events(eventstore.Filter{}); len(got) != 0 {
		t.Errorf("events: %+v", got)
	}
}

// What a competitor's stream is called derives from two ids: it is never empty, but they can be.
func TestAG12_EmptyIdentityOfACompetitor(t *testing.T) {
	n := dispatchtest.Start(t, dispatchtest.Options{})
	s := n.Season(n.Athlete(sport.Undisclosed), nil, dispatchtest.Days(1, 31))
	s.Host(dispatchtest.At(2, 0))
	nobody, somebody := actor.Actor{}, n.Athlete(sport.Female)
	for name, c := range map[string]struct {
		head competitors.Head
		code string
	}{
		"no athlete":      {s.Competitor(nobody, actor.System, dispatchtest.At(2, 0)), "athlete_not_found"},
		"unknown athlete": {s.Competitor(actor.Athlete(uuid.New()), actor.System, dispatchtest.At(2, 0)), "athlete_not_found"},
		"no challenge":    {competitors.Head{AthleteID: somebody.AthleteID, By: somebody}, "challenge_not_found"},
	} {
		_, err := n.Try(competitors.Join{Head: c.head})
		wantRefusal(t, name, err, c.code)
	}
	if got := n.Events(eventstore.Filter{Categories: []string{dispatch.CompetitorStream}}); len(got) != 0 {
		t.Errorf("events: %+v", got)
	}
}

func TestAG14_SameCommandOnTwoNodes(t *testing.T) {
	one := dispatchtest.Start(t, dispatchtest.Options{})
	other := one.Second()
	for round := range 10 {
		ana := one.Athlete(sport.Female)
		rename := athletes.ChangeProfile{Head: athletes.Head{ID: ana.AthleteID, By: ana, Now: dispatchtest.At(2, 0)},
			Profile: athletes.Profile{FirstName: "Anna", LastName: "Smet", Units: sport.Metric, TimeZone: "UTC", Visibility: athletes.Everyone}}
		meta := eventstore.Meta{CommandID: uuid.New()}
		results, errs := make([]dispatch.Result, 6), make([]error, 6)
		var group sync.WaitGroup
		for i := range results {
			group.Go(func() {
				results[i], errs[i] = []*dispatchtest.Node{one, other}[i%2].Dispatch.Send(one.Soon(), rename, meta)
			})
		}
		group.Wait()
		again, err := other.Dispatch.Send(one.Soon(), rename, meta)
		if err := errors.Join(append(errs, err)...); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		for _, r := range append(results, again) {
			if diff := cmp.Diff(results[0], r, cmpopts.IgnoreFields(eventstore.Result{}, "Duplicate")); diff != "" {
				t.Errorf("round %d: the results differ:\n%s", round, diff)
			}
		}
		stream := eventstore.StreamName(dispatch.AthleteStream, ana.AthleteID)
		if got := one.Events(eventstore.Filter{Streams: []string{stream}}); len(got) != 2 {
			t.Errorf("round %d: %d events, want 2", round, len(got))
		}
		if err := other.Dispatch.Settle(one.Soon(), again); err != nil {
			t.Errorf("round %d: %v", round, err)
		}
	}
}

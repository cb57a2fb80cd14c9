package processes

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/process"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

func day(n, hour int) time.Time { return time.Date(2026, 5, n, hour, 0, 0, 0, time.UTC) }

func days(from, to int) sport.Window {
	return sport.Window{Start: sport.LocalOf(day(from, 0)), End: sport.LocalOf(day(to+1, 0).Add(-time.Second))}
}

// told is an event and when it happened, or a timer that is due.
type told struct {
	what any // eventstore.Event, or the name of a timer
	at   time.Time
}

// story gives a calendar inputs one after the other, and keeps the timers as the engine does.
func story(all ...told) (c calendar, timers map[string]time.Time, sent []any) {
	timers = map[string]time.Time{}
	for _, t := range all {
		var in process.Input
		switch what := t.what.(type) {
		case eventstore.Event:
			in = process.Happened{Event: what, Time: t.at}
		case string:
			in = process.Due{Timer: what, At: timers[what], Now: t.at}
			delete(timers, what)
		}
		var effects []process.Effect
		c, effects = Calendar.React(c, in)
		for _, effect := range effects {
			switch e := effect.(type) {
			case process.SetTimer:
				timers[e.Timer] = e.At
			case process.CancelTimer:
				delete(timers, e.Timer)
			case process.Send:
				sent = append(sent, e.Command)
			case process.Stop:
				c, timers = calendar{}, map[string]time.Time{}
			}
		}
	}
	return c, timers, sent
}

func TestWhatTheCalendarWaitsFor(t *testing.T) {
	challenge, first, second := uuid.New(), uuid.New(), uuid.New()
	ref := func(stage uuid.UUID) stages.Ref { return stages.Ref{StageID: stage, ChallengeID: challenge} }
	created := told{challenges.Created{ChallengeID: challenge, Definition: challenges.Definition{Window: days(1, 31), TimeZone: "Europe/Brussels"}}, day(1, 0)}
	one := told{challenges.StageAdded{ChallengeID: challenge, StageID: first, Number: 1, StageDefinition: challenges.StageDefinition{Window: days(1, 10)}}, day(1, 0)}
	two := told{challenges.StageAdded{ChallengeID: challenge, StageID: second, Number: 2, StageDefinition: challenges.StageDefinition{Window: days(11, 31)}}, day(1, 0)}
	planned := []told{created, two, one} // in whatever order
	hosted := append(slices.Clone(planned), told{challenges.Hosted{ChallengeID: challenge}, day(1, 0)})
	active := append(slices.Clone(hosted), told{challenges.Started{ChallengeID: challenge, Window: days(1, 31)}, day(1, 0)},
		told{stages.Started{Ref: ref(first), Window: days(1, 10)}, day(1, 0)})
	ended := append(slices.Clone(active), told{challenges.Ended{ChallengeID: challenge, Window: days(1, 31)}, day(32, 0)},
		told{stages.Ended{Ref: ref(first), Window: days(1, 10)}, day(32, 0)},
		// over with its challenge before it began: its end is where it would have begun, and review can't begin before
		told{stages.Ended{Ref: ref(second), Window: sport.Window{Start: days(40, 40).Start, End: days(40, 40).Start}}, day(32, 0)})
	firstApproved := append(slices.Clone(ended), told{stages.Approved{Ref: ref(first)}, day(33, 0)})
	approved := append(slices.Clone(firstApproved), told{stages.Approved{Ref: ref(second)}, day(34, 0)})
	final := append(slices.Clone(approved), told{challenges.ResultsApproved{ChallengeID: challenge}, day(35, 0)})
	with := func(before []told, more ...told) []told { return append(slices.Clone(before), more...) }
	of := func(verb string, stage uuid.UUID) string { return verb + " " + stage.String() }
	midnight := func(n int) time.Time { return day(n, 0).Add(-2 * time.Hour) } // Brussels is two hours ahead in May
	last := func(n int) time.Time { return midnight(n + 1).Add(-time.Second) }
	wall := func(n int) time.Time { return days(n, n).Start.In(time.UTC).Add(-2 * time.Hour) }

	for name, c := range map[string]struct {
		story []told
		want  map[string]time.Time
	}{
		"nothing while it is planned":        {planned, nil},
		"the start":                          {hosted, map[string]time.Time{toStart: midnight(1)}},
		"ends, and the next stage":           {active, map[string]time.Time{toEnd: last(31), of(toEnd, first): last(10), of(toStart, second): midnight(11)}},
		"the first stage's approval":         {ended, map[string]time.Time{of(toApprove, first): day(35, 0)}},
		"then the second's, from its end on": {firstApproved, map[string]time.Time{of(toApprove, second): wall(43)}},
		"then the challenge's":               {approved, map[string]time.Time{toApprove: day(35, 0)}},
		"nothing when all is final":          {final, nil},
		"approval anew when it is reopened": {with(final, told{challenges.Reopened{ChallengeID: challenge}, day(50, 0)}),
			map[string]time.Time{toApprove: day(53, 0)}},
		"of a stage, too": {with(final, told{challenges.Reopened{ChallengeID: challenge}, day(50, 0)}, told{stages.Reopened{Ref: ref(second)}, day(51, 0)}),
			map[string]time.Time{of(toApprove, second): day(54, 0)}},
		"a window that moves": {with(hosted, told{challenges.WindowAdjusted{ChallengeID: challenge, Window: days(3, 31)}, day(1, 1)}),
			map[string]time.Time{toStart: midnight(3)}},
		"a stage that moves": {with(active, told{stages.Rescheduled{Ref: ref(second), Window: days(20, 30)}, day(2, 0)}),
			map[string]time.Time{toEnd: last(31), of(toEnd, first): last(10), of(toStart, second): midnight(20)}},
		"a stage that is dropped": {with(active, told{challenges.StageRemoved{ChallengeID: challenge, StageID: second}, day(2, 0)},
			told{stages.Deleted{Ref: ref(second)}, day(2, 0)}), map[string]time.Time{toEnd: last(31), of(toEnd, first): last(10)}},
		"nothing after a cancellation": {with(active, told{challenges.Cancelled{ChallengeID: challenge}, day(2, 0)}), nil},
		"what was asked, again": {with(hosted, told{toStart, day(1, 0)}, told{toStart, day(1, 1)}, told{challenges.WindowAdjusted{ChallengeID: challenge, Window: days(1, 31)}, day(1, 2)}),
			map[string]time.Time{toStart: day(1, 1).Add(2 * time.Minute)}},
		"what was asked, at its new time": {with(hosted, told{toStart, day(1, 0)}, told{challenges.WindowAdjusted{ChallengeID: challenge, Window: days(4, 31)}, day(1, 2)}),
			map[string]time.Time{toStart: midnight(4)}},
		"what was asked, until it happens": {with(hosted, told{toStart, day(1, 0)}, told{challenges.Started{ChallengeID: challenge, Window: days(1, 31)}, day(1, 0)},
			told{stages.Started{Ref: ref(first), Window: days(1, 10)}, day(1, 0)}), map[string]time.Time{toEnd: last(31), of(toEnd, first): last(10), of(toStart, second): midnight(11)}},
	} {
		_, timers, _ := story(c.story...)
		if c.want == nil {
			c.want = map[string]time.Time{}
		}
		if diff := cmp.Diff(c.want, timers); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Asked in vain, it asks at longer and longer intervals, for ever.
func TestAskingAgain(t *testing.T) {
	challenge := uuid.New()
	all := []told{{challenges.Created{ChallengeID: challenge, Definition: challenges.Definition{Window: days(1, 31), TimeZone: "UTC"}}, day(1, 0)},
		{challenges.Hosted{ChallengeID: challenge}, day(1, 0)}}
	var pauses []time.Duration
	for now, i := day(1, 0), 0; i < 9; i++ {
		all = append(all, told{toStart, now})
		_, timers, sent := story(all...)
		if len(sent) != i+1 {
			t.Fatalf("%d commands after %d rings", len(sent), i+1)
		}
		pauses = append(pauses, timers[toStart].Sub(now))
		now = timers[toStart]
	}
	m := time.Minute
	if want := []time.Duration{m, 2 * m, 4 * m, 8 * m, 16 * m, 32 * m, 60 * m, 60 * m, 60 * m}; !slices.Equal(pauses, want) {
		t.Errorf("pauses %v, want %v", pauses, want)
	}
}

func TestWhatItAsks(t *testing.T) {
	challenge, stage := uuid.New(), uuid.New()
	c, now := calendar{ID: challenge}, day(3, 4)
	head, stageHead := challenges.Head{ID: challenge, By: actor.System, Now: now}, stages.Head{ID: stage, By: actor.System, Now: now}
	seen := map[reflect.Type]bool{}
	for name, want := range map[string]any{
		toStart: challenges.Start{Head: head}, toEnd: challenges.End{Head: head}, toApprove: challenges.Approve{Head: head},
		toStart + " " + stage.String(): stages.Start{Head: stageHead}, toEnd + " " + stage.String(): stages.End{Head: stageHead},
		toApprove + " " + stage.String(): stages.Approve{Head: stageHead},
	} {
		got := c.command(name, now)
		if diff := cmp.Diff(want, any(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		// It waits in a table, and must come back from there whole.
		data, err := json.Marshal(got)
		back := reflect.New(reflect.TypeOf(got))
		if err == nil {
			err = json.Unmarshal(data, back.Interface())
		}
		if diff := cmp.Diff(want, back.Elem().Interface()); err != nil || diff != "" {
			t.Errorf("%s through JSON (-want +got): %v\n%s", name, err, diff)
		}
		seen[reflect.TypeOf(got)] = true
	}
	for name, zero := range Calendar.Commands {
		if !seen[reflect.TypeOf(zero)] {
			t.Errorf("%s is listed and never asked", name)
		}
		delete(seen, reflect.TypeOf(zero))
	}
	if len(seen) > 0 {
		t.Errorf("not listed: %v", slices.Collect(maps.Keys(seen)))
	}
}

// Every event that the calendar listens to finds its challenge, and changes what it remembers.
func TestEveryEventIsHeard(t *testing.T) {
	challenge, stage := uuid.New(), uuid.New()
	ids, err := json.Marshal(map[string]uuid.UUID{"challengeId": challenge, "stageId": stage})
	if err != nil {
		t.Fatal(err)
	}
	for _, zero := range Calendar.Events {
		event := reflect.New(reflect.TypeOf(zero))
		if err := json.Unmarshal(ids, event.Interface()); err != nil {
			t.Fatal(err)
		}
		e := event.Elem().Interface().(eventstore.Event)
		routes := Calendar.Route(e)
		if len(routes) != 1 || routes[0].Instance != challenge.String() || routes[0].Starts != strings.HasSuffix(e.EventType(), "ChallengeCreated") {
			t.Errorf("%s goes to %+v", e.EventType(), routes)
		}
		before := calendar{ID: challenge, Window: days(1, 2), Stages: []date{{ID: stage, Window: days(1, 2)}}}
		after, effects := Calendar.React(before, process.Happened{Event: e, Time: day(1, 0)})
		after.Alarms = nil
		if stopped := len(effects) == 1 && effects[0] == process.Effect(process.Stop{}); !stopped && cmp.Equal(before, after) {
			t.Errorf("%s changes nothing", e.EventType())
		}
	}
}

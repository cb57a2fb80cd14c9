package dispatch_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/aggregate"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/audit"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/dispatch/dispatchtest"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

// explosive is a command with a mistake in it.
type explosive struct{ Secret string }

func (explosive) Target() uuid.UUID { panic("a mistake") }
func (explosive) At() time.Time     { return dispatchtest.At(1, 0) }

// only is the one entry that the audit has of a type of command.
func only(t *testing.T, n *dispatchtest.Node, command string) audit.Entry {
	t.Helper()
	all := n.Audited(audit.Query{Types: []string{command}})
	if len(all) != 1 {
		t.Fatalf("%d entries of %s, want one: %+v", len(all), command, all)
	}
	return all[0]
}

func TestOP04_OneRowADispatch(t *testing.T) {
	t.Parallel()
	n := dispatchtest.Start(t, dispatchtest.Options{})
	organiser, by := actor.Athlete(uuid.New()), actor.Athlete(uuid.New())
	head := challenges.Head{ID: uuid.New(), By: organiser, Now: dispatchtest.At(1, 0)}
	create := challenges.Create{Head: head, Slug: "may", Definition: challenges.Definition{Type: sport.SegmentChallenge, Name: "May",
		Window: dispatchtest.Days(1, 31), TimeZone: "UTC"}}
	long := head
	long.ID = uuid.New()
	for name, c := range map[string]struct {
		cmd  dispatch.Command
		want audit.Entry
	}{
		"done":         {create, audit.Entry{Target: head.ID, Challenge: head.ID, Actor: organiser.String(), Outcome: audit.Done}},
		"no such":      {challenges.Rename{Head: challenges.Head{ID: by.AthleteID, By: by}, Name: "x"}, audit.Entry{Target: by.AthleteID, Challenge: by.AthleteID, Actor: by.String(), Outcome: audit.Refused, Code: "challenge_not_found"}},
		"unregistered": {strange{uuid.New()}, audit.Entry{Actor: "visitor", Outcome: audit.Unregistered, Code: "unknown_command"}},
		"none":         {nil, audit.Entry{Actor: "visitor", Outcome: audit.Unregistered, Code: "unknown_command"}},
		"no target":    {athletes.AppointAdmin{Head: athletes.Head{By: actor.System}, Admin: true}, audit.Entry{Actor: "system", Outcome: audit.Invalid, Code: "not_found"}},
		"a bad field": {athletes.Register{Head: athletes.Head{ID: by.AthleteID, By: actor.System}}, audit.Entry{Target: by.AthleteID,
			Actor: "system", Outcome: audit.Invalid}},
		"panicked": {explosive{"x"}, audit.Entry{Actor: "visitor", Outcome: audit.Panicked, Code: "panic"}},
	} {
		meta := eventstore.Meta{CommandID: uuid.New(), CausationID: uuid.New()}
		result, err := n.Dispatch.Send(n.Soon(), c.cmd, meta)
		all := n.Audited(audit.Query{Command: meta.CommandID})
		if len(all) != 1 {
			t.Fatalf("%s: %d entries", name, len(all))
		}
		got := all[0]
		if c.want.Code == "" {
			c.want.Code = got.Code
		}
		c.want.Type, c.want.CommandID, c.want.CausationID, c.want.CorrelationID = typeOf(c.cmd), meta.CommandID, meta.CausationID, result.CorrelationID
		c.want.First, c.want.Last = result.First, result.Last
		if diff := cmp.Diff(c.want, got, cmpopts.IgnoreFields(audit.Entry{}, "ID", "At", "Took", "Detail", "Fields")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if (got.Detail == "") != (err == nil) || (got.Last == 0) != (err != nil) || got.Took < 0 || time.Since(got.At) > time.Minute {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if all := n.Audited(audit.Query{}); len(all) != 7 {
		t.Errorf("%d entries of 7 commands", len(all))
	}
}

func typeOf(cmd dispatch.Command) string { return fmt.Sprintf("%T", cmd) }

func TestOP04_ConflictTimeOutAndCancellation(t *testing.T) {
	t.Parallel()
	one := dispatchtest.Start(t, dispatchtest.Options{Aggregate: aggregate.Options{Attempts: 1, Timeout: 300 * time.Millisecond}})
	other := one.Second()
	ana := one.Athlete(sport.Female)
	change := athletes.ChangeProfile{Head: athletes.Head{ID: ana.AthleteID, By: ana, Now: dispatchtest.At(2, 0)},
		Profile: athletes.Profile{FirstName: "Anna", LastName: "Smet", Units: sport.Metric, TimeZone: "UTC", Visibility: athletes.Everyone}}
	other.Send(change) // what the first node remembers is old now, and it tries once
	change.Profile.FirstName = "Anne"
	if _, err := one.Dispatch.Send(one.Soon(), change, eventstore.Meta{}); !errors.Is(err, aggregate.ErrTooManyAttempts) {
		t.Errorf("conflict: %v", err)
	}
	gone, leave := context.WithCancel(one.Soon())
	leave()
	if _, err := one.Dispatch.Send(gone, athletes.StarSegment{Head: athletes.Head{ID: uuid.New(), By: ana}}, eventstore.Meta{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	// Who holds the table keeps everybody waiting.
	tx, err := one.Pool.Begin(one.Soon())
	if err == nil {
		_, err = tx.Exec(one.Soon(), `lock table events in access exclusive mode`)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := one.Dispatch.Send(one.Soon(), athletes.AppointAdmin{Head: athletes.Head{ID: uuid.New(), By: actor.System}, Admin: true}, eventstore.Meta{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("time-out: %v", err)
	}
	if err := tx.Rollback(one.Soon()); err != nil {
		t.Fatal(err)
	}
	for command, want := range map[string]string{"athletes.ChangeProfile": "conflicted too_many_attempts", "athletes.AppointAdmin": "timed_out timed_out",
		"athletes.StarSegment": "failed cancelled"} {
		all := one.Audited(audit.Query{Types: []string{command}, Outcomes: audit.Troubles})
		if len(all) != 1 || string(all[0].Outcome)+" "+all[0].Code != want {
			t.Errorf("%s: %+v, want %s", command, all, want)
		}
	}
}

// Neither who somebody is nor what they let us keep beside the log gets into the audit.
func TestOP04_NothingSecretOrPersonal(t *testing.T) {
	t.Parallel()
	n := dispatchtest.Start(t, dispatchtest.Options{})
	id := uuid.New()
	n.Send(athletes.Register{Head: athletes.Head{ID: id, By: actor.System, Now: dispatchtest.At(1, 0)}, Profile: athletes.Profile{
		FirstName: "Wilhelmina", LastName: "Vandersmissen", Gender: sport.Female, BirthYear: 1987, Town: "Sint-Niklaas", Country: "Belgium",
		Units: sport.Metric, TimeZone: "UTC", Visibility: athletes.Everyone}})
	s := n.Season(actor.Athlete(id), nil)
	_, _ = n.Try(challenges.Describe{Head: s.Head(s.Organiser, dispatchtest.At(1, 0)), Description: "Write to wilhelmina@club.example."})
	n.Send(activities.Record{Head: activities.Head{ID: uuid.New(), By: actor.System, Now: dispatchtest.At(3, 0)}, Facts: activities.Facts{AthleteID: id,
		Name: "Morning", Type: sport.Ride, StartUTC: dispatchtest.At(2, 9), StartLocal: sport.LocalOf(dispatchtest.At(2, 9)), ElapsedMs: 1000,
		HeartRate: 171.25, Power: 303.5, Box: [4]float64{51.16125, 4.13125, 51.2, 4.2}, Source: "gpx"}})
	n.Audited(audit.Query{})
	var rows int
	var all string
	if err := n.Pool.QueryRow(n.Soon(), `select count(*), string_agg(to_jsonb(a)::text, ' ') from command_audit a`).Scan(&rows, &all); err != nil || rows < 4 {
		t.Fatalf("%d rows, %v", rows, err)
	}
	for _, word := range []string{"Wilhelmina", "wilhelmina", "Vandersmissen", "1987", "Niklaas", "Belgium", "club.example", "171.25", "303.5", "51.16125"} {
		if strings.Contains(all, word) {
			t.Errorf("the audit tells %q", word)
		}
	}
	if !strings.Contains(all, "Write to (address)") {
		t.Errorf("what isn't secret is missing: %s", all)
	}
}

// An audit that can't be written never fails a command.
func TestOP04_FailingAudit(t *testing.T) {
	t.Parallel()
	n := dispatchtest.Start(t, dispatchtest.Options{})
	if _, err := n.Pool.Exec(n.Soon(), `drop table command_audit`); err != nil {
		t.Fatal(err)
	}
	s := n.Season(n.Athlete(sport.Female), nil, dispatchtest.Days(1, 31))
	s.Host(dispatchtest.At(2, 0))
	if err := n.Audit.Flush(n.Soon()); err != nil || n.Audit.Lost() < 4 {
		t.Errorf("%d entries are lost, %v", n.Audit.Lost(), err)
	}
	if got := n.Events(eventstore.Filter{Types: []string{stages.Started{}.EventType()}}); len(got) != 1 {
		t.Errorf("%d stages started", len(got))
	}
}

// Every decision on a challenge is found by it: to itself, to its stages, to its competitors, whoever made it.
func TestDecisionsOnAChallenge(t *testing.T) {
	t.Parallel()
	n := dispatchtest.Start(t, dispatchtest.Options{})
	ana := n.Athlete(sport.Female)
	s := n.Season(n.Athlete(sport.Male), nil, dispatchtest.Days(1, 31))
	elsewhere := n.Season(s.Organiser, nil, dispatchtest.Days(1, 31))
	s.Host(dispatchtest.At(2, 0))
	elsewhere.Host(dispatchtest.At(2, 0))
	s.Join(ana)
	n.Send(competitors.Limit{Head: s.Competitor(ana, s.Organiser, dispatchtest.At(3, 0)), Reason: "a motor"})
	n.Send(s.Effort(ana, 0, 4, 600))
	_, err := n.Try(stages.Approve{Head: stages.Head{ID: s.Stages[0], By: s.Organiser, Now: dispatchtest.At(5, 0)}, Message: "fine"})
	wantRefusal(t, "too early", err, "stage_not_over")
	var got []string
	for _, e := range n.Audited(audit.Query{Challenge: s.ID, People: true}) {
		got = append([]string{e.Type + " " + string(e.Outcome)}, got...)
	}
	want := []string{"challenges.Create done", "challenges.AddStage done", "challenges.Host done", "competitors.Join done", "competitors.Limit done", "stages.Approve refused"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	limit := only(t, n, "competitors.Limit")
	var fields struct {
		AthleteID uuid.UUID
		Reason    string
	}
	if err := json.Unmarshal(limit.Fields, &fields); err != nil || fields.Reason != "a motor" || fields.AthleteID != ana.AthleteID {
		t.Errorf("%s, %v", limit.Fields, err)
	}
	all := n.Audited(audit.Query{Challenge: s.ID, Limit: 500})
	if len(all) <= len(want) {
		t.Errorf("%d entries with what the program did", len(all))
	}
	for _, e := range all {
		if strings.HasPrefix(e.Type, "stageboard.") {
			t.Errorf("%s is no decision", e.Type)
		}
	}
}

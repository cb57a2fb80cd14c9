package dispatch_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/audit"
	"segmentchallenge/internal/dispatch/dispatchtest"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/sport"
)

// chain tells a chain of causes, each event below what caused it.
func chain(t *testing.T, n *dispatchtest.Node, correlation uuid.UUID) (lines []string) {
	t.Helper()
	events, err := n.Store.ByCorrelation(n.Soon(), correlation)
	if err != nil {
		t.Fatal(err)
	}
	var below func(cause uuid.UUID, indent string)
	below = func(cause uuid.UUID, indent string) {
		for _, e := range events {
			if e.CausationID == cause {
				lines = append(lines, indent+e.Type)
				below(e.ID, indent+"  ")
			}
		}
	}
	below(uuid.Nil, "")
	if len(lines) != len(events) {
		t.Errorf("%d events of %d are not caused by another one of the chain", len(events)-len(lines), len(events))
	}
	return lines
}

// A disclosed gender changes the categories of an athlete in a challenge, and these put their effort on another board: a
// command, its event, a command because of it, … over three hops, on whatever node. Log and audit tell the whole chain.
func TestCausesOverThreeHops(t *testing.T) {
	t.Parallel()
	n := dispatchtest.Start(t, dispatchtest.Options{})
	n.Second() // which may react as well
	ana := n.Athlete(sport.Undisclosed)
	s := n.Season(n.Athlete(sport.Male), nil, dispatchtest.Days(1, 31))
	s.Host(dispatchtest.At(2, 0))
	s.Join(ana)
	n.Send(s.Effort(ana, 0, 4, 600))
	change := athletes.ChangeProfile{Head: athletes.Head{ID: ana.AthleteID, By: ana, Now: dispatchtest.At(5, 0)}, Profile: athletes.Profile{
		FirstName: "Ana", LastName: "Smet", Gender: sport.Female, Units: sport.Metric, TimeZone: "UTC", Visibility: athletes.Everyone}}
	meta := eventstore.Meta{CommandID: uuid.New(), CorrelationID: uuid.Must(uuid.NewV7())}
	result, err := n.Dispatch.Send(n.Soon(), change, meta)
	if err == nil {
		err = n.Dispatch.Settle(n.Soon(), result)
	}
	if err != nil || result.CorrelationID != meta.CorrelationID {
		t.Fatalf("%+v, %v", result, err)
	}
	n.Catch("processes")
	got := chain(t, n, meta.CorrelationID)
	want := []string{"AthleteProfileChanged", "  CompetitorReclassified", "    StageBoardPlaced"}
	if len(got) < len(want) || cmp.Diff(want, got[:len(want)]) != "" {
		t.Errorf("the log (-want +got):\n%s", cmp.Diff(want, got))
	}

	var commands []string
	causes := map[uuid.UUID]bool{}
	for _, e := range n.Audited(audit.Query{Correlation: meta.CorrelationID}) {
		commands = append([]string{fmt.Sprintf("%s by %s", e.Type, e.Actor)}, commands...)
		causes[e.CausationID] = true
	}
	wanted := []string{"athletes.ChangeProfile by " + ana.String(), "competitors.Reclassify by system", "stageboard.Place by system"}
	if len(commands) < len(wanted) || cmp.Diff(wanted, commands[:len(wanted)]) != "" {
		t.Errorf("the audit (-want +got):\n%s", cmp.Diff(wanted, commands))
	}
	events, err := n.Store.ByCorrelation(n.Soon(), meta.CorrelationID)
	if err != nil || !causes[uuid.Nil] || !causes[events[0].ID] || !causes[events[1].ID] {
		t.Errorf("the causes that the audit knows: %v, %v", causes, err)
	}
}

package dispatch_test

import (
	"errors"
	"testing"

	"segmentchallenge/internal/audit"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/dispatch/dispatchtest"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

// Commands for what was deleted, and for what needs it, are refused in words on every way, and nobody is alarmed.
func TestCommandsForWhatWasDeleted(t *testing.T) {
	t.Parallel()
	n := dispatchtest.Start(t, dispatchtest.Options{})
	ana := n.Athlete(sport.Female)
	s := n.Season(n.Athlete(sport.Male), nil, dispatchtest.Days(1, 31))
	s.Host(dispatchtest.At(2, 0))
	if err := n.Store.DeleteStream(n.Soon(), eventstore.StreamName(dispatch.ChallengeStream, s.ID), eventstore.StreamExists); err != nil {
		t.Fatal(err)
	}
	end := challenges.End{Head: s.Head(s.Organiser, dispatchtest.At(3, 0))}
	_, sent := n.Dispatch.Send(n.Soon(), end, eventstore.Meta{})
	_, all := n.Dispatch.SendAll(n.Soon(), eventstore.Meta{}, end)
	_, effort := n.Dispatch.Send(n.Soon(), s.Effort(ana, 0, 4, 600), eventstore.Meta{})
	for what, err := range map[string]error{"sent": sent, "together": all, "checked": n.Dispatch.Check(n.Soon(), end), "needs it": effort} {
		if !errors.Is(err, refusal.Deleted) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, e := range n.Audited(audit.Query{Types: []string{"challenges.End"}}) {
		if e.Outcome != audit.Refused || e.Code != refusal.Deleted.Code {
			t.Errorf("the audit says %s, %s", e.Outcome, e.Code)
		}
	}
}

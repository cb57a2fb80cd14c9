package processes_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/dispatch/dispatchtest"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/processes"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

func reopen(s *dispatchtest.Season, stage, day int) stages.Reopen {
	return stages.Reopen{Head: stages.Head{ID: s.Stages[stage], By: s.Organiser, Now: dispatchtest.At(day, 0)}, Reason: "A wrong time."}
}

func flagging(s *dispatchtest.Season, rider actor.Actor, of competitors.RecordEfforts, day int) competitors.FlagEffort {
	return competitors.FlagEffort{Head: s.Competitor(rider, s.Organiser, dispatchtest.At(day, 1)), Rules: of.Rules,
		EffortID: competitors.EffortIDOf(of.Rules.StageID, of.Activity.ID, 1), Reason: "A car."}
}

// What is final is corrected by opening it again: efforts can be flagged and added, the boards follow, and hear what they
// missed while they were final.
func TestCorrectingWhatIsFinal(t *testing.T) {
	n := dispatchtest.Start(t, dispatchtest.Options{})
	riders := []actor.Actor{n.Athlete(sport.Female), n.Athlete(sport.Female), n.Athlete(sport.Undisclosed)}
	s := n.Season(n.Athlete(sport.Male), nil, dispatchtest.Days(1, 10), dispatchtest.Days(11, 31))
	s.Host(dispatchtest.At(2, 0))
	s.Join(riders...)
	efforts := make([]competitors.RecordEfforts, len(riders))
	for i, r := range riders {
		efforts[i] = s.Effort(r, 0, 5, 600+10*i)
		n.Send(efforts[i])
	}
	n.Send(end(s, 0, 11))
	n.Send(approve(s, 0, 12))
	_, err := n.Try(flagging(s, riders[0], efforts[0], 13))
	wantCode(t, "flagged while final", err, "stage_approved")
	n.Send(gender(riders[2], sport.Female)) // too late for boards that are final
	n.Send(s.Effort(riders[1], 0, 6, 500))  // as well
	want := func(when string, final bool, open, women []int) {
		t.Helper()
		n.Catch(processes.Name)
		for c, want := range map[sport.Category][]int{sport.Open: open, sport.Women: women} {
			if b := board(s, 0, c); !cmp.Equal(on(b, riders), want) || b.Final != final {
				t.Errorf("%s, %s: %v (final %v), want %v", when, c, on(b, riders), b.Final, want)
			}
		}
	}
	want("final", true, []int{0, 1, 2}, []int{0, 1})
	n.Send(reopen(s, 0, 14))
	want("reopened", false, []int{0, 1, 2}, []int{0, 1, 2})
	n.Send(flagging(s, riders[0], efforts[0], 14))
	n.Send(s.Effort(riders[1], 0, 6, 500))
	want("corrected", false, []int{1, 2}, []int{1, 2})
	n.Send(approve(s, 0, 15))
	want("final again", true, []int{1, 2}, []int{1, 2})
	_, err = n.Try(flagging(s, riders[1], efforts[1], 16))
	wantCode(t, "flagged when final again", err, "stage_approved")

	n.Send(challenges.End{Head: s.Head(s.Organiser, dispatchtest.At(20, 0))})
	n.Send(approve(s, 1, 20))
	n.Send(challenges.Approve{Head: s.Head(s.Organiser, dispatchtest.At(20, 1))})
	_, err = n.Try(reopen(s, 0, 21))
	wantCode(t, "a stage of a challenge that is final", err, "challenge_already_approved")
	n.Send(challenges.Reopen{Head: s.Head(s.Organiser, dispatchtest.At(21, 0)), Reason: "A wrong time."})
	n.Send(reopen(s, 0, 21))
	_, err = n.Try(challenges.Approve{Head: s.Head(s.Organiser, dispatchtest.At(21, 1))})
	wantCode(t, "the challenge before its stage", err, "stages_not_approved")
	if parked, err := n.Store.Parked(n.Soon(), processes.Name); err != nil || len(parked) > 0 {
		t.Errorf("parked: %+v, %v", parked, err)
	}
}

func wantCode(t *testing.T, what string, err error, code string) {
	t.Helper()
	got := ""
	if all := refusal.All(err); len(all) > 0 {
		got = all[0].Code
	}
	if got != code || code == "" && err != nil {
		t.Errorf("%s: %q (%v), want %q", what, got, err, code)
	}
}

// Two organisers make the results final at the same moment: one does, the other is told that it's done.
func TestTwoOrganisersApproveAtOnce(t *testing.T) {
	one := dispatchtest.Start(t, dispatchtest.Options{})
	nodes := []*dispatchtest.Node{one, one.Second()}
	organiser := one.Athlete(sport.Male)
	for range 8 {
		s := one.Season(organiser, nil, dispatchtest.Days(1, 10), dispatchtest.Days(11, 31))
		s.Host(dispatchtest.At(2, 0))
		one.Send(end(s, 0, 11))
		codes := map[string]int{}
		for _, err := range atTheSameTime(nodes, approve(s, 0, 12), approve(s, 0, 12)) {
			codes[codeOf(t, err)]++
		}
		if want := map[string]int{"": 1, "stage_already_approved": 1}; !cmp.Equal(codes, want) {
			t.Errorf("%v", codes)
		}
	}
}

// An effort is flagged, or an athlete excluded, at the moment in which the results are made final. Either comes first: it
// is never flagged and on a final board.
func TestPolicingAndApprovalAtOnce(t *testing.T) {
	one := dispatchtest.Start(t, dispatchtest.Options{})
	nodes := []*dispatchtest.Node{one, one.Second()}
	organiser, rider := one.Athlete(sport.Male), one.Athlete(sport.Female)
	outcomes := map[string]int{}
	for round := range 24 {
		s := one.Season(organiser, nil, dispatchtest.Days(1, 10), dispatchtest.Days(11, 31))
		s.Host(dispatchtest.At(2, 0))
		s.Join(rider)
		effort := s.Effort(rider, 0, 5, 600)
		one.Send(effort)
		one.Send(end(s, 0, 11))
		var police dispatch.Command = flagging(s, rider, effort, 12)
		if round%2 == 1 {
			police = competitors.Exclude{Head: s.Competitor(rider, organiser, dispatchtest.At(12, 0)), Reason: "A car."}
		}
		errs := atTheSameTime(nodes, approve(s, 0, 12), police)
		if errs[0] != nil {
			t.Fatalf("round %d: approving: %v", round, errs[0])
		}
		one.Catch(processes.Name)
		counts, b := len(competitor(s, rider).Efforts(s.Stages[0])), board(s, 0, sport.Open)
		if !b.Final || b.Len() != counts {
			t.Errorf("round %d, %T: %v: %d efforts count, %d are on the board (final %v)", round, police, errs[1], counts, b.Len(), b.Final)
		}
		code := codeOf(t, errs[1])
		if _, flag := police.(competitors.FlagEffort); flag && (code == "") != (counts == 0) {
			t.Errorf("round %d: flagging was answered %q, and %d efforts count", round, code, counts)
		}
		outcomes[code]++
	}
	t.Log(outcomes)
}

// Two organisers look at an effort at the same moment: one of them decides.
func TestAcceptingAndRejectingAtOnce(t *testing.T) {
	one := dispatchtest.Start(t, dispatchtest.Options{})
	nodes := []*dispatchtest.Node{one, one.Second()}
	organiser, rider := one.Athlete(sport.Male), one.Athlete(sport.Female)
	s := one.Season(organiser, nil, dispatchtest.Days(1, 31))
	s.Host(dispatchtest.At(2, 0))
	s.Join(rider)
	for round := range 8 {
		effort := s.Effort(rider, 0, 5+round, 600)
		effort.Performances[0].NeedsReview = true
		one.Send(effort)
		head, id := s.Competitor(rider, organiser, dispatchtest.At(20, round)), competitors.EffortIDOf(s.Stages[0], effort.Activity.ID, 1)
		before := len(competitor(s, rider).Efforts(s.Stages[0]))
		errs := atTheSameTime(nodes, competitors.AcceptEffort{Head: head, Rules: effort.Rules, EffortID: id},
			competitors.RejectEffort{Head: head, Rules: effort.Rules, EffortID: id, Note: "A car."})
		one.Catch(processes.Name)
		now := len(competitor(s, rider).Efforts(s.Stages[0])) - before
		accepted, rejected := codeOf(t, errs[0]), codeOf(t, errs[1])
		if !(accepted == "" && rejected == "no_review_needed" && now == 1 || accepted == "no_review_needed" && rejected == "" && now == 0) {
			t.Errorf("round %d: accepting %q, rejecting %q, %d more count", round, accepted, rejected, now)
		}
		if n := board(s, 0, sport.Open).Len(); (n == 1) != (before+now > 0) {
			t.Errorf("round %d: %d on the board", round, n)
		}
	}
}

func atTheSameTime(nodes []*dispatchtest.Node, cmds ...dispatch.Command) []error {
	errs := make([]error, len(cmds))
	done := make(chan struct{})
	for i, cmd := range cmds {
		go func() {
			_, errs[i] = nodes[i].Dispatch.Send(nodes[i].Soon(), cmd, eventstore.Meta{CommandID: uuid.New()})
			done <- struct{}{}
		}()
	}
	for range cmds {
		<-done
	}
	return errs
}

func codeOf(t *testing.T, err error) string {
	t.Helper()
	all := refusal.All(err)
	switch {
	case err == nil:
		return ""
	case len(all) == 0 || errors.Is(err, eventstore.ErrConflict):
		t.Errorf("not a refusal: %v", err)
		return "error"
	}
	return all[0].Code
}

package competitors

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/sport"
)

// sparse is a performance of which a part wasn't recorded.
func sparse(p Performance) Performance { p.Quality, p.NeedsReview = "C", true; return p }

func heldOf(a Activity, p Performance) EffortHeld {
	a.StartLocal = sport.Local{}
	p.EffortID = EffortIDOf(col, a.ID, p.Lap)
	return EffortHeld{ref, col, a, p, reviewDetail}
}

func TestReview(t *testing.T) {
	a, p := ride(1), sparse(lap(1, 600))
	held := heldOf(a, p)
	yes := accepted(col, a, p)
	yes.ReviewedBy, yes.Note = organiser.String(), "The photo shows it."
	no := EffortRejected{ref, col, a.ID, held.EffortID, "A short cut.", organiser.String()}
	accept := func(change ...func(*Rules)) AcceptEffort {
		return AcceptEffort{theHost, running, rules(change...), held.EffortID, " The photo\tshows it. "}
	}
	reject := func(note string, change ...func(*Rules)) RejectEffort {
		return RejectEffort{theHost, rules(change...), held.EffortID, note}
	}
	final := func(r *Rules) { r.Status = sport.Approved }
	elsewhere := func(r *Rules) { r.StageID = sprint }
	waiting, in1, out := []Event{joined, held}, []Event{joined, held, yes}, []Event{joined, held, no}
	rejected := ErrFlaggedEarlier.Because("The organiser has taken this effort out: A short cut.")
	slower := accepted(col, ride(2), on(2, lap(1, 610)))
	other := sparse(lap(1, 599))
	run(t, []testCase{
		{Name: "it waits", Given: in, When: record(a, rules(), p), Then: []Event{held}},
		{Name: "told again: nothing", Given: waiting, When: record(a, rules(), p)},
		{Name: "what doesn't count anyway is refused", Given: in, When: record(a, rules(func(r *Rules) { r.Included = []sport.ActivityType{sport.Run} }), p),
			Then: []Event{refusedAs(ErrActivityType.Because("Ride activities don't count in this challenge (Run do)."), a, p)}},
		{Name: "others count meanwhile", Given: waiting, When: record(ride(2), rules(), on(2, lap(1, 610))), Then: []Event{slower}},
		{Name: "by hand it doesn't wait", Given: in, When: RecordByHand{theHost, running, rules(), a, p},
			Then: []Event{accepted(col, ride(1, func(a *Activity) { a.Manual, a.Source = true, "manual" }), p)}},

		{Name: "accepted", Given: waiting, When: accept(), Then: []Event{yes}},
		{Name: "accepted without a note", Given: waiting, When: AcceptEffort{theHost, running, rules(), held.EffortID, ""}, Then: []Event{func() Event { e := yes; e.Note = ""; return e }()}},
		{Name: "accepted twice is once", Given: in1, When: accept()},
		{Name: "accepted, told again", Given: in1, When: record(a, rules(), p)},
		{Name: "accepted, taken out and back", Given: append(in1[:3:3], removed(yes, CodeActivityChanged, changed, nil)), When: record(a, rules(), p), Then: []Event{accepted(col, a, p)}},
		{Name: "accepted, then with other figures", Given: in1, When: record(a, rules(), other),
			Then: []Event{removed(yes, CodeActivityChanged, changed, nil), heldOf(a, other)}},
		{Name: "not with an essay", Given: waiting, When: AcceptEffort{theHost, running, rules(), held.EffortID, strings.Repeat("x", 501)}, Refused: ErrNoteTooLong},
		{Name: "not when final", Given: waiting, When: accept(final), Refused: ErrStageApproved},
		{Name: "not of another stage", Given: waiting, When: accept(elsewhere), Refused: ErrNoSuchEffort},
		{Name: "not an unknown one", Given: in, When: accept(), Refused: ErrNoSuchEffort},
		{Name: "not one that counts anyway", Given: []Event{joined, accepted(col, a, lap(1, 600))}, When: accept(), Refused: ErrNoReview},
		{Name: "not after it was rejected", Given: out, When: accept(), Refused: ErrNoReview},
		{Name: "not of who has left", Given: []Event{joined, held, Left{ref}}, When: accept(), Refused: ErrNotCompeting},

		{Name: "rejected", Given: waiting, When: reject("A short  cut."), Then: []Event{no}},
		{Name: "rejected twice is once", Given: out, When: reject("Again.")},
		{Name: "rejected, brought again", Given: out, When: record(a, rules(), p), Then: []Event{refusedAs(rejected, a, p)}},
		{Name: "rejected, brought again better recorded", Given: out, When: record(ride(3), rules(), lap(1, 598)), Then: []Event{refusedAs(rejected, ride(3), lap(1, 598))}},
		{Name: "not without a reason", Given: waiting, When: reject(" "), Refused: ErrNoteMissing},
		{Name: "not rejected when final", Given: waiting, When: reject("x", final), Refused: ErrStageApproved},
		{Name: "not rejected on another stage", Given: waiting, When: reject("x", elsewhere), Refused: ErrNoSuchEffort},
		{Name: "not rejected after it was accepted", Given: in1, When: reject("x"), Refused: ErrNoReview},
		{Name: "flagged instead", Given: waiting, When: FlagEffort{theHost, rules(), held.EffortID, "a car"},
			Then: []Event{EffortFlagged{ref, col, a.ID, held.EffortID, "a car", organiser.String(), everyone, nil, false}}},
	})
}

// What waits goes with what would have taken it out.
func TestWhatWaitsGoesToo(t *testing.T) {
	held := heldOf(ride(1), sparse(lap(1, 600)))
	gone := func(code, detail string) EffortRemoved {
		return EffortRemoved{ref, col, held.Activity.ID, held.EffortID, code, detail, everyone, nil, false}
	}
	waiting, better := []Event{joined, held}, accepted(col, ride(1), lap(1, 598))
	run(t, []testCase{
		{Name: "with the activity", Given: waiting, When: RemoveActivity{Head: program, ActivityID: ride(1).ID}, Then: []Event{gone(CodeActivityDeleted, "The activity was deleted.")}},
		{Name: "with the segment", Given: waiting, When: ClearStage{program, col}, Then: []Event{gone(CodeSegmentChanged, "The segment of this stage was changed.")}},
		{Name: "with the athlete", Given: waiting, When: Leave{Head: herself, Terms: running}, Then: []Event{Left{ref}, gone(CodeLeft, "The athlete left the challenge.")}},
		{Name: "from the activity", Given: waiting, When: record(ride(1), rules()), Then: []Event{gone(CodeActivityChanged, "The activity was changed, and this effort isn't in it any more.")}},
		{Name: "recorded better", Given: waiting, When: record(ride(1), rules(), lap(1, 598)),
			Then: []Event{EffortRemoved{ref, col, held.Activity.ID, held.EffortID, CodeActivityChanged, changed, everyone, better.Standing, false}, better}},
		{Name: "not from what is final", Given: waiting, When: record(ride(1), rules(func(r *Rules) { r.Status = sport.Approved }))},
	})
}

func TestAdmission(t *testing.T) {
	evening := func(r *Rules) {
		r.Admission.Hours = []sport.Hours{{Days: []string{"fri"}, From: 10 * 60, To: 11*60 + 30}} // the first of May 2026 is one
	}
	closes := time.Date(2026, 5, 7, 22, 0, 0, 0, time.UTC)
	uploads := func(r *Rules) { r.Closes, r.Admission.UploadHours = closes, 24 }
	brought := func(at time.Time) Activity { return ride(1, func(a *Activity) { a.BroughtAt = at }) }
	late := brought(closes.Add(24*time.Hour + time.Second))
	run(t, []testCase{
		{Name: "within the hours", Given: in, When: record(ride(1), rules(evening), lap(1, 600)), Then: []Event{accepted(col, ride(1), lap(1, 600))}},
		{Name: "outside of them, by the effort's own start", Given: in, When: record(ride(1), rules(evening), lap(3, 600)), Then: []Event{refusedAs(ErrOutsideHours.Because(
			"This effort started on Friday 1 May 2026 at 12:00:00. Only those count that start at these times: Friday 10:00–11:30."), ride(1), lap(3, 600))}},
		{Name: "brought at the last moment", Given: in, When: record(brought(closes.Add(24*time.Hour)), rules(uploads), lap(1, 600)), Then: []Event{accepted(col, brought(closes.Add(24*time.Hour)), lap(1, 600))}},
		{Name: "brought too late", Given: in, When: record(late, rules(uploads), lap(1, 600)), Then: []Event{refusedAs(ErrUploadedLate.Because(
			"This activity came on 8 May 2026 at 22:00:01 (UTC). Those of this stage had to be there by 8 May 2026 at 22:00:00, 24 hours after its end."), late, lap(1, 600))}},
		{Name: "by hand it's never too late", Given: in, When: RecordByHand{theHost, running, rules(uploads), ride(1), lap(1, 600)},
			Then: []Event{accepted(col, ride(1, func(a *Activity) { a.Manual, a.Source = true, "manual" }), lap(1, 600))}},
	})
}

// The first attempts count, whichever comes in first; room that is left again is said.
func TestAttempts(t *testing.T) {
	two := rules(func(r *Rules) { r.Admission.MaxAttempts = 2 })
	why := tooManyAttempts(two)
	n := func(day int, seconds float64, s Standing) EffortAccepted {
		e := accepted(col, ride(day), on(day, lap(1, seconds)))
		e.MaxAttempts = 2
		return e.with(s)
	}
	of := func(day int, seconds float64, attempts int) Standing {
		return accepted(col, ride(day), on(day, lap(1, seconds))).after(attempts)
	}
	first, second, third := n(1, 600, of(1, 600, 1)), n(2, 590, of(2, 590, 2).since(accepted(col, ride(1), lap(1, 600)))), n(3, 580, of(3, 580, 1))
	tooMany := refusedAs(why, ride(3), on(3, lap(1, 580)))
	full := []Event{joined, first, second, tooMany}
	pushed := n(1, 600, of(2, 590, 2).since(first))
	out := removed(third, why.Code, why.Detail, pushed.Standing)
	freed := removed(second, CodeActivityDeleted, "The activity was deleted.", first.Standing)
	freed.Refill = true
	run(t, []testCase{
		{Name: "the third is one too many", Given: []Event{joined, first, second}, When: record(ride(3), two, on(3, lap(1, 580))), Then: []Event{tooMany}},
		{Name: "told again: nothing", Given: full, When: record(ride(3), two, on(3, lap(1, 580)))},
		{Name: "an earlier one pushes the last out", Given: []Event{joined, n(2, 590, of(2, 590, 1)), n(3, 580, of(3, 580, 2))}, When: record(ride(1), two, lap(1, 600)),
			Then: []Event{pushed, out, tooMany}},
		{Name: "not by hand either", Given: []Event{joined, first, second}, When: RecordByHand{theHost, running, two, ride(3), on(3, lap(1, 580))}, Refused: ErrTooManyAttempts},
		{Name: "one goes: there is room", Given: full, When: RemoveActivity{Head: program, ActivityID: ride(2).ID}, Then: []Event{freed}},
		{Name: "and the third comes in", Given: append(full[:4:4], freed), When: record(ride(3), two, on(3, lap(1, 580))), Then: []Event{n(3, 580, of(3, 580, 2).since(first))}},
		{Name: "with the athlete there is no room to fill", Given: []Event{joined, first, second}, When: Leave{Head: herself, Terms: running}, Then: []Event{Left{ref},
			removed(first, CodeLeft, "The athlete left the challenge.", nil), removed(second, CodeLeft, "The athlete left the challenge.", nil)}},
	})
	if got := tooManyAttempts(rules(func(r *Rules) { r.Admission.MaxAttempts = 1 })).Detail; got != "Only the first attempt on this stage counts, and there is an earlier one." {
		t.Error(got)
	}
}

// How efforts become a result is declared.
func TestResults(t *testing.T) {
	far := func(n int, seconds, km float64) Performance {
		p := on(n, lap(1, seconds))
		p.DistanceM = km * 1000
		return p
	}
	type given struct {
		kind sport.StageResult
		typ  sport.StageType
	}
	for name, c := range map[string]struct {
		given
		want     *Standing // of three: 600 s 10 km, 590 s 12 km, 610 s 11 km
		achieved int       // with which of them
	}{
		"the best":                   {given{sport.StageResult{Kind: sport.BestEffort}, sport.Mountain}, &Standing{Value: 590_000, Attempts: 3}, 2},
		"two best times added up":    {given{sport.StageResult{Kind: sport.SumOfBest, Of: 2}, sport.Mountain}, &Standing{Value: 1_190_000, Attempts: 3}, 2},
		"three best times":           {given{sport.StageResult{Kind: sport.SumOfBest, Of: 3}, sport.Mountain}, &Standing{Value: 1_800_000, Attempts: 3}, 3},
		"four best times: no result": {given{sport.StageResult{Kind: sport.SumOfBest, Of: 4}, sport.Mountain}, nil, 0},
		"two longest":                {given{sport.StageResult{Kind: sport.SumOfBest, Of: 2}, sport.DistanceStage}, &Standing{Value: 23_000_000, Attempts: 3}, 3},
		"how many":                   {given{sport.StageResult{Kind: sport.EffortCount}, sport.Mountain}, &Standing{Value: 3000, Attempts: 3}, 3},
		"the total":                  {given{sport.StageResult{Kind: sport.TotalOfAll}, sport.DistanceStage}, &Standing{Value: 33_000_000, Attempts: 3}, 3},
		"times have no total":        {given{sport.StageResult{Kind: sport.TotalOfAll}, sport.Mountain}, &Standing{Value: 590_000, Attempts: 3}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			state := State{}.Evolve(joined)
			r := rules(func(r *Rules) { r.Result, r.Type = c.kind, c.typ })
			var last EffortAccepted
			efforts := map[int]uuid.UUID{}
			for n, p := range map[int]Performance{1: far(1, 600, 10), 2: far(2, 590, 12), 3: far(3, 610, 11)} {
				events, err := state.Decide(record(ride(n), r, p))
				if err != nil || len(events) != 1 {
					t.Fatalf("%v, %v", events, err)
				}
				last = events[0].(EffortAccepted)
				efforts[n], state = last.EffortID, state.Evolve(last)
			}
			if (last.Standing == nil) != (c.want == nil) {
				t.Fatalf("%+v, want %+v", last.Standing, c.want)
			}
			if c.want != nil && (last.Standing.Value != c.want.Value || last.Standing.Attempts != c.want.Attempts || last.Standing.EffortID != efforts[c.achieved]) {
				t.Errorf("%+v, want %+v, achieved by the effort %d", last.Standing, c.want, c.achieved)
			}
		})
	}
}

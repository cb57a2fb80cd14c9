package competitors

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"segmentchallenge/internal/aggregate/aggregatetest"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

// rules are those of a mountain stage in its first week, open to rides.
func rules(change ...func(*Rules)) Rules {
	r := Rules{StageID: col, OrganiserID: organiser, Type: sport.Mountain, Status: sport.Active, ChallengeStatus: sport.Active,
		Window:   sport.Window{Start: local("2026-05-01"), End: local("2026-05-07T23:59:59")},
		Included: []sport.ActivityType{sport.Ride, sport.GravelRide}, Precision: 1000}
	for _, f := range change {
		f(&r)
	}
	return r
}

// ride is the n-th activity, started at nine on the n-th of May by the athlete's clock, which is two hours ahead.
func ride(n int, change ...func(*Activity)) Activity {
	a := Activity{ID: uuid.NewSHA1(athleteID, binary.AppendVarint(nil, int64(n))), Type: sport.Ride, StartLocal: morning(n), Source: "fit"}
	for _, f := range change {
		f(&a)
	}
	return a
}

func morning(n int) sport.Local {
	return local("2026-05-01T09:00:00").Add(time.Duration(n-1) * 24 * time.Hour)
}

// lap is the n-th lap of a ride on the first of May, in seconds.
func lap(n int, seconds float64) Performance {
	start := morning(1).Add(time.Duration(n) * time.Hour)
	return Performance{Lap: n, StartUTC: start.AsUTC().Add(-2 * time.Hour), StartLocal: start, ElapsedMs: int64(seconds * 1000)}
}

// on moves a performance to the n-th of May.
func on(n int, p Performance) Performance {
	by := time.Duration(n-1) * 24 * time.Hour
	p.StartUTC, p.StartLocal = p.StartUTC.Add(by), p.StartLocal.Add(by)
	return p
}

// accepted is the event of the only effort on a stage that is ranked by time.
func accepted(stage uuid.UUID, a Activity, p Performance) EffortAccepted {
	a.StartLocal = sport.Local{}
	p.EffortID = EffortIDOf(stage, a.ID, p.Lap)
	return EffortAccepted{Ref: ref, StageID: stage, Activity: a, Performance: p, Ranking: Ranking{Measure: sport.ElapsedTime, Precision: 1000},
		Categories: everyone, Standing: &Standing{p.ElapsedMs, p.EffortID, p.FinishedAt(), 1, time.Time{}}, Best: true}
}

// standing sets what the athlete's result is after the command.
func (e EffortAccepted) with(s Standing) EffortAccepted {
	e.Standing, e.Best = &s, s.EffortID == e.EffortID
	return e
}

func (e EffortAccepted) after(attempts int) Standing {
	return Standing{e.ElapsedMs, e.EffortID, e.FinishedAt(), attempts, time.Time{}}
}

// since says who came first, where that isn't the result itself.
func (s Standing) since(first EffortAccepted) Standing {
	s.FirstAt = first.FinishedAt()
	return s
}

func removed(e EffortAccepted, code, detail string, left *Standing) EffortRemoved {
	return EffortRemoved{ref, e.StageID, e.Activity.ID, e.EffortID, code, detail, everyone, left, false}
}

func refusedAs(why *refusal.Error, a Activity, p Performance) EffortRefused {
	a.StartLocal = sport.Local{}
	p.EffortID = EffortIDOf(col, a.ID, p.Lap)
	return EffortRefused{ref, col, a, p, why.Code, why.Detail}
}

func record(a Activity, r Rules, found ...Performance) RecordEfforts {
	return RecordEfforts{program, running, r, a, found}
}

const changed = "The activity was changed, and this effort with it."

func TestRecordEfforts(t *testing.T) {
	a := ride(1)
	one, two := accepted(col, a, lap(1, 600)), accepted(col, a, lap(2, 590))
	better := accepted(col, a, lap(1, 580))
	again := accepted(col, ride(2), on(2, lap(1, 599)))
	run(t, []testCase{
		{Name: "the first", Given: in, When: record(a, rules(), lap(1, 600)), Then: []Event{one}},
		{Name: "two laps: the better one stands", Given: in, When: record(a, rules(), lap(1, 600), lap(2, 590)),
			Then: []Event{one.with(two.after(2).since(one)), two.with(two.after(2).since(one))}},
		{Name: "told again: nothing", Given: []Event{joined, one, two}, When: record(a, rules(), lap(1, 600), lap(2, 590))},
		{Name: "the same lap twice in one telling", Given: in, When: record(a, rules(), lap(1, 600), lap(1, 600)), Then: []Event{one}},
		{Name: "a better ride", Given: []Event{joined, one}, When: record(ride(2), rules(), on(2, lap(1, 599))), Then: []Event{again.with(again.after(2).since(one))}},
		{Name: "a worse ride counts as an attempt", Given: []Event{joined, two}, When: record(ride(2), rules(), on(2, lap(1, 599))),
			Then: []Event{again.with(two.after(2))}},
		{Name: "equal to the second: the earlier one stands", Given: []Event{joined, one}, When: record(ride(2), rules(), on(2, lap(1, 600.9))),
			Then: []Event{accepted(col, ride(2), on(2, lap(1, 600.9))).with(one.after(2))}},
		{Name: "better by less than a second: the earlier one stands", Given: []Event{joined, accepted(col, a, lap(1, 600.9))}, When: record(ride(2), rules(), on(2, lap(1, 600))),
			Then: []Event{accepted(col, ride(2), on(2, lap(1, 600))).with(accepted(col, a, lap(1, 600.9)).after(2))}},
		{Name: "other figures replace", Given: []Event{joined, one}, When: record(a, rules(), lap(1, 580)),
			Then: []Event{removed(one, CodeActivityChanged, changed, better.Standing), better}},
		{Name: "a newer engine with the same figures changes nothing", Given: []Event{joined, one}, When: record(a, rules(), func() Performance { p := lap(1, 600); p.Method = 7; return p }())},
		{Name: "a lap that is gone", Given: []Event{joined, one, two}, When: record(a, rules(), lap(1, 600)),
			Then: []Event{removed(two, CodeActivityChanged, "The activity was changed, and this effort isn't in it any more.", one.Standing)}},
		{Name: "all laps gone", Given: []Event{joined, one}, When: record(a, rules()),
			Then: []Event{removed(one, CodeActivityChanged, "The activity was changed, and this effort isn't in it any more.", nil)}},
		{Name: "other activities stay", Given: []Event{joined, one}, When: record(ride(2), rules())},
		{Name: "past, not approved", Given: in, When: record(a, rules(func(r *Rules) { r.Status = sport.Past }), lap(1, 600)), Then: []Event{one}},
		{Name: "approved: nothing changes", Given: []Event{joined, one, two}, When: record(a, rules(func(r *Rules) { r.Status = sport.Approved }), lap(1, 580))},
		{Name: "cancelled: history stays", Given: []Event{joined, one, two}, When: record(a, rules(func(r *Rules) { r.ChallengeStatus = sport.Cancelled }), lap(1, 580))},
	})
}

func TestNarrowingTheTypesRemovesWhatNoLongerQualifies(t *testing.T) {
	a := ride(1)
	one := accepted(col, a, lap(1, 600))
	onlyRuns := rules(func(r *Rules) { r.Included = []sport.ActivityType{sport.Run} })
	why := ErrActivityType.Because("Ride activities don't count in this challenge (Run do).")
	given := []Event{joined, one, removed(one, why.Code, why.Detail, nil), refusedAs(why, a, lap(1, 600))}
	run(t, []testCase{
		{Name: "narrowed", Given: []Event{joined, one}, When: record(a, onlyRuns, lap(1, 600)),
			Then: []Event{removed(one, why.Code, why.Detail, nil), refusedAs(why, a, lap(1, 600))}},
		{Name: "told again: nothing", Given: given, When: record(a, onlyRuns, lap(1, 600))},
		{Name: "widened", Given: given, When: record(a, rules(), lap(1, 600)), Then: []Event{one}},
		{Name: "and narrowed again", Given: append(given[:4:4], one), When: record(a, onlyRuns, lap(1, 600)),
			Then: []Event{removed(one, why.Code, why.Detail, nil), refusedAs(why, a, lap(1, 600))}},
	})
}

func TestRefusedEffortsSayWhy(t *testing.T) {
	typed := func(typ sport.StageType, more ...func(*Rules)) Rules {
		return rules(append(more, func(r *Rules) { r.Type = typ })...)
	}
	status := func(s sport.Status) Rules { return rules(func(r *Rules) { r.Status = s }) }
	goal := func(r *Rules) { r.Goal = 5000 }
	out := Excluded{ref, "cut corners"}
	at := func(s string) Activity { return ride(1, func(a *Activity) { a.StartLocal = local(s) }) }
	cases := map[string]struct {
		given []Event
		a     Activity
		rules Rules
		p     Performance
		want  *refusal.Error
		words string
	}{
		"not in":             {nil, ride(1), rules(), lap(1, 600), ErrNotCompeting, "You are not in this challenge."},
		"left":               {[]Event{joined, Left{ref}}, ride(1), rules(), lap(1, 600), ErrNotCompeting, "You are not in this challenge."},
		"excluded":           {[]Event{joined, out}, ride(1), rules(), lap(1, 600), ErrExcluded, "You were excluded from this challenge: cut corners"},
		"cancelled":          {in, ride(1), rules(func(r *Rules) { r.ChallengeStatus = sport.Cancelled }), lap(1, 600), ErrChallengeCancelled, "This challenge was cancelled."},
		"deleted":            {in, ride(1), status(sport.Deleted), lap(1, 600), ErrStageDeleted, "This stage was deleted."},
		"type":               {in, ride(1, func(a *Activity) { a.Type = sport.Run }), rules(), lap(1, 600), ErrActivityType, "Run activities don't count in this challenge (Ride, Gravel ride do)."},
		"private":            {in, ride(1, func(a *Activity) { a.Private = true }), rules(), lap(1, 600), ErrPrivate, ErrPrivate.Detail},
		"by hand":            {in, ride(1, func(a *Activity) { a.Manual = true }), rules(), lap(1, 600), ErrManual, ErrManual.Detail},
		"too early":          {in, at("2026-04-30T23:59:59"), rules(), lap(1, 600), ErrOutsideWindow, "This activity started on 30 April 2026 at 23:59:59, before the stage opened on 1 May 2026 at 00:00:00."},
		"too late":           {in, at("2026-05-08"), rules(), lap(1, 600), ErrOutsideWindow, "This activity started on 8 May 2026 at 00:00:00, after the stage closed on 7 May 2026 at 23:59:59."},
		"not started":        {in, ride(1), status(sport.Upcoming), lap(1, 600), ErrStageNotStarted, ErrStageNotStarted.Detail},
		"approved":           {in, ride(1), status(sport.Approved), lap(1, 600), ErrStageApproved, ErrStageApproved.Detail},
		"no time":            {in, ride(1), rules(), lap(1, 0), ErrNothingMeasured, "This activity has no time to count."},
		"no distance":        {in, ride(1), typed(sport.DistanceStage), lap(1, 600), ErrNothingMeasured, "This activity has no distance to count."},
		"no moving time":     {in, ride(1), typed(sport.DurationStage), lap(1, 600), ErrNothingMeasured, "This activity has no time to count."},
		"no climbing":        {in, ride(1), typed(sport.ElevationStage), lap(1, 600), ErrNothingMeasured, "This activity has no elevation gain to count."},
		"a race too long":    {in, ride(1), typed(sport.RaceStage, goal), ran(4999.4), ErrTooShort, "The race goes over 5.00 km, and this activity covers 4.99 km of it."},
		"a race of nobody":   {in, ride(1), typed(sport.RaceStage, goal), ran(0), ErrTooShort, "The race goes over 5.00 km, and this activity covers 0.00 km of it."},
		"first things first": {[]Event{joined, out}, ride(1, func(a *Activity) { a.Type, a.Private = sport.Run, true }), status(sport.Approved), lap(1, 0), ErrExcluded, "You were excluded from this challenge: cut corners"},
	}
	for name, c := range cases {
		why := c.want.Because(c.words)
		run(t, []testCase{
			{Name: name, Given: c.given, When: record(c.a, c.rules, c.p), Then: []Event{refusedAs(why, c.a, c.p)}},
			{Name: name + ", told again", Given: append(c.given, refusedAs(why, c.a, c.p)), When: record(c.a, c.rules, c.p)},
			{Name: name + ", deleted and brought again", Given: append(c.given, refusedAs(why, c.a, c.p)), When: record(anew(c.a), c.rules, c.p),
				Then: []Event{refusedAs(why, anew(c.a), c.p)}},
		})
	}
}

func anew(a Activity) Activity { a.BroughtAt = now; return a }

func ran(metres float64) Performance { p := lap(1, 1200); p.DistanceM = metres; return p }

func TestAcceptedAtTheEdges(t *testing.T) {
	cases := map[string]struct {
		a     Activity
		rules Rules
		p     Performance
	}{
		"at the first second":                                      {ride(1, func(a *Activity) { a.StartLocal = local("2026-05-01") }), rules(), lap(1, 600)},
		"at the last second":                                       {ride(1, func(a *Activity) { a.StartLocal = local("2026-05-07T23:59:59") }), rules(), lap(1, 600)},
		"crossing the end: the activity's start decides":           {ride(1, func(a *Activity) { a.StartLocal = local("2026-05-07T23:00:00") }), rules(), on(8, lap(1, 600))},
		"no types named: every type":                               {ride(1, func(a *Activity) { a.Type = sport.Swim }), rules(func(r *Rules) { r.Included = nil }), lap(1, 600)},
		"private where that is allowed":                            {ride(1, func(a *Activity) { a.Private = true }), rules(func(r *Rules) { r.AllowPrivate = true }), lap(1, 600)},
		"a race of just the distance":                              {ride(1), rules(func(r *Rules) { r.Type, r.Goal = sport.RaceStage, 5000 }), ran(4999.6)},
		"the performance's start where the activity's isn't known": {ride(1, func(a *Activity) { a.StartLocal = sport.Local{} }), rules(), lap(1, 600)},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := aggregatetest.Fold[State, Command](in...).Decide(record(c.a, c.rules, c.p))
			if _, ok := append(got, nil)[0].(EffortAccepted); err != nil || !ok {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

func TestMeasures(t *testing.T) {
	full := Performance{Lap: 1, StartUTC: lap(1, 0).StartUTC, StartLocal: lap(1, 0).StartLocal, ElapsedMs: 3_600_000, MovingMs: 3_500_000, DistanceM: 40_123.4567, GainM: 512.25}
	for typ, want := range map[sport.StageType]int64{
		sport.Mountain: 3_600_000, sport.Rolling: 3_600_000, sport.Flat: 3_600_000, sport.RaceStage: 3_600_000,
		sport.DurationStage: 3_500_000, sport.DistanceStage: 40_123_457, sport.ElevationStage: 512_250,
	} {
		got, err := aggregatetest.Fold[State, Command](in...).Decide(record(ride(1), rules(func(r *Rules) { r.Type = typ }), full))
		if err != nil || got[0].(EffortAccepted).Standing.Value != want {
			t.Errorf("%s: %v, %v; want %d", typ, got, err, want)
		}
	}
}

func TestAccumulating(t *testing.T) {
	far := func(n int, km float64) Performance { p := on(n, lap(1, 3600)); p.DistanceM = km * 1000; return p }
	sum := rules(func(r *Rules) { r.Type, r.Result.Kind = sport.DistanceStage, sport.TotalOfAll })
	ranked := Ranking{Measure: sport.Distance, Accumulate: true, Precision: 1000}
	event := func(n int, km float64, total int64, attempts int, best bool) EffortAccepted {
		e := accepted(col, ride(n), far(n, km))
		e.Ranking, e.Best, e.Standing = ranked, best, &Standing{total, e.EffortID, e.FinishedAt(), attempts, time.Time{}}
		return e
	}
	first, second := event(1, 40, 40_000_000, 1, true), event(2, 30, 70_000_000, 2, false)
	left := *second.Standing
	left.Value, left.Attempts = 30_000_000, 1
	*second.Standing = second.Standing.since(first)
	late := event(1, 40, 70_000_000, 2, true)
	late.Standing = second.Standing
	longest := event(1, 40, 40_000_000, 2, true)
	run(t, []testCase{
		{Name: "the first", Given: in, When: record(ride(1), sum, far(1, 40)), Then: []Event{first}},
		{Name: "the second adds", Given: []Event{joined, first}, When: record(ride(2), sum, far(2, 30)), Then: []Event{second}},
		{Name: "an earlier ride brought late: achieved by the later one", Given: []Event{joined, event(2, 30, 30_000_000, 1, true)}, When: record(ride(1), sum, far(1, 40)), Then: []Event{late}},
		{Name: "one less", Given: []Event{joined, first, second}, When: RemoveActivity{Head: program, ActivityID: ride(1).ID},
			Then: []Event{removed(first, CodeActivityDeleted, "The activity was deleted.", &left)}},
		{Name: "best single: the longest", Given: []Event{joined, func() Event { e := event(2, 30, 30_000_000, 1, true); e.Accumulate = false; return e }()},
			When: record(ride(1), rules(func(r *Rules) { r.Type = sport.DistanceStage }), far(1, 40)),
			Then: []Event{func() Event { e := longest; e.Accumulate = false; return e }()}},
		{Name: "times never add up", Given: []Event{joined, accepted(col, ride(1), lap(1, 600))}, When: record(ride(2), rules(func(r *Rules) { r.Result.Kind = sport.TotalOfAll }), on(2, lap(1, 601))),
			Then: []Event{accepted(col, ride(2), on(2, lap(1, 601))).with(accepted(col, ride(1), lap(1, 600)).after(2))}},
	})
}

func TestRemoving(t *testing.T) {
	one, two := accepted(col, ride(1), lap(1, 600)), accepted(col, ride(2), on(2, lap(1, 590)))
	other := accepted(sprint, ride(1), lap(1, 60))
	given := []Event{joined, one, two, other}
	run(t, []testCase{
		{Name: "an activity, from all stages", Given: given, When: RemoveActivity{Head: program, ActivityID: ride(1).ID}, Then: []Event{
			removed(one, CodeActivityDeleted, "The activity was deleted.", two.Standing), removed(other, CodeActivityDeleted, "The activity was deleted.", nil)}},
		{Name: "an activity, not from approved stages", Given: given, When: RemoveActivity{program, ride(1).ID, []uuid.UUID{col}}, Then: []Event{
			removed(other, CodeActivityDeleted, "The activity was deleted.", nil)}},
		{Name: "an unknown activity", Given: given, When: RemoveActivity{Head: program, ActivityID: ride(9).ID}},
		{Name: "one effort", Given: given, When: RemoveEffort{program, two.EffortID, "stage_approved", "Too late."}, Then: []Event{removed(two, "stage_approved", "Too late.", one.Standing)}},
		{Name: "an unknown effort", Given: given, When: RemoveEffort{program, ride(9).ID, "stage_approved", "Too late."}},
		{Name: "a whole stage", Given: given, When: ClearStage{program, col}, Then: []Event{
			removed(one, CodeSegmentChanged, "The segment of this stage was changed.", nil), removed(two, CodeSegmentChanged, "The segment of this stage was changed.", nil)}},
		{Name: "a stage without efforts", Given: in, When: ClearStage{program, col}},
	})
}

func TestFlagging(t *testing.T) {
	one, two := accepted(col, ride(1), lap(1, 600)), accepted(col, ride(2), on(2, lap(1, 590)))
	flag := func(e EffortAccepted, reason string) FlagEffort {
		return FlagEffort{theHost, rules(), e.EffortID, reason}
	}
	flagged := EffortFlagged{ref, col, two.Activity.ID, two.EffortID, "behind a car", organiser.String(), everyone, one.Standing, false}
	out := []Event{joined, one, two, flagged}
	why := ErrFlaggedEarlier.Because("The organiser has taken this effort out: behind a car")
	later := on(2, lap(1, 590))
	later.StartUTC = later.StartUTC.Add(590 * time.Second)
	run(t, []testCase{
		{Name: "the next best stands", Given: []Event{joined, one, two}, When: flag(two, " behind a car"), Then: []Event{flagged}},
		{Name: "twice is once", Given: out, When: flag(two, "again")},
		{Name: "not without reason", Given: []Event{joined, two}, When: flag(two, ""), Refused: ErrReasonMissing},
		{Name: "not an unknown one", Given: []Event{joined, one}, When: flag(two, "x"), Refused: ErrNoSuchEffort},
		{Name: "not one of another stage", Given: []Event{joined, one}, When: FlagEffort{theHost, rules(func(r *Rules) { r.StageID = sprint }), one.EffortID, "x"}, Refused: ErrNoSuchEffort},
		{Name: "not when approved", Given: []Event{joined, one}, When: FlagEffort{theHost, rules(func(r *Rules) { r.Status = sport.Approved }), one.EffortID, "x"}, Refused: ErrStageApproved},
		{Name: "brought again", Given: out, When: record(ride(2), rules(), on(2, lap(1, 590))), Then: []Event{refusedAs(why, ride(2), on(2, lap(1, 590)))}},
		{Name: "brought again as another activity, a little different", Given: out, When: record(ride(3), rules(), on(2, lap(1, 588.5))), Then: []Event{refusedAs(why, ride(3), on(2, lap(1, 588.5)))}},
		{Name: "the lap right after it counts", Given: out, When: record(ride(3), rules(), later), Then: []Event{
			accepted(col, ride(3), later).with(accepted(col, ride(3), later).after(2).since(one))}},
		{Name: "on another stage it counts", Given: out, When: record(ride(2), rules(func(r *Rules) { r.StageID = sprint }), on(2, lap(1, 590))), Then: []Event{accepted(sprint, ride(2), on(2, lap(1, 590)))}},
	})
}

func TestRecordByHand(t *testing.T) {
	byHand := func(p Performance, change ...func(*Rules)) RecordByHand {
		return RecordByHand{theHost, running, rules(change...), ride(1), p}
	}
	manual := accepted(col, ride(1, func(a *Activity) { a.Manual, a.Source = true, "manual" }), lap(1, 600))
	raced := accepted(col, ride(1, func(a *Activity) { a.Manual, a.Source = true, "manual" }), ran(5000))
	future := on(6, lap(1, 600))
	run(t, []testCase{
		{Name: "marked as such", Given: in, When: byHand(lap(1, 600)), Then: []Event{manual}},
		{Name: "sent twice is once", Given: []Event{joined, manual}, When: byHand(lap(1, 600))},
		{Name: "not with other figures", Given: []Event{joined, manual}, When: byHand(lap(1, 590)), Refused: ErrAlreadyRecorded},
		{Name: "a race has its distance", Given: in, When: byHand(ran(0), func(r *Rules) { r.Type, r.Goal = sport.RaceStage, 5000 }), Then: []Event{raced}},
		{Name: "not for a stranger", When: byHand(lap(1, 600)), Refused: ErrNotCompeting},
		{Name: "not outside the window", Given: in, When: RecordByHand{theHost, running, rules(func(r *Rules) { r.Window.End = local("2026-05-01T08:00:00") }), ride(1), lap(1, 600)}, Refused: ErrOutsideWindow},
		{Name: "not when approved", Given: in, When: byHand(lap(1, 600), func(r *Rules) { r.Status = sport.Approved }), Refused: ErrStageApproved},
		{Name: "not of an unknown type", Given: in, When: RecordByHand{theHost, running, rules(func(r *Rules) { r.Included = nil }), Activity{Type: "Napping"}, lap(1, 600)}, Refused: ErrTypeUnknown},
		{Name: "not without start", Given: in, When: byHand(Performance{ElapsedMs: 1000}), Refused: ErrStartMissing},
		{Name: "not in the future", Given: in, When: byHand(future), Refused: ErrInFuture},
		{Name: "nobody moves for longer", Given: in, When: byHand(func() Performance { p := lap(1, 600); p.MovingMs = p.ElapsedMs + 1; return p }()), Refused: ErrMovingTooLong},
		{Name: "not without time", Given: in, When: byHand(lap(1, 0)), Refused: ErrElapsedMissing},
		{Name: "not what was flagged", Given: []Event{joined, manual, EffortFlagged{ref, col, ride(1).ID, manual.EffortID, "typo", "x", everyone, nil, false}}, When: byHand(lap(1, 600)), Refused: ErrFlaggedEarlier},
	})
}

// What judge says to the athlete as "you" is said of them to the organiser.
func TestTheOrganiserIsToldOfTheAthlete(t *testing.T) {
	for _, given := range [][]Event{nil, {Excluded{ref, "e-bike"}}} {
		_, err := aggregatetest.Fold[State, Command](given...).Decide(RecordByHand{theHost, running, rules(), ride(1), lap(1, 600)})
		if err == nil || !strings.HasPrefix(err.Error(), "This athlete") {
			t.Errorf("after %v: %v", given, err)
		}
	}
}

func TestEffortsAreListedByTime(t *testing.T) {
	later, earlier := accepted(col, ride(2), on(2, lap(1, 590))), accepted(col, ride(1), lap(1, 600))
	s := aggregatetest.Fold[State, Command]([]Event{joined, later, earlier}...)
	got := s.Efforts(col)
	if len(got) != 2 || got[0].EffortID != earlier.EffortID || got[1].EffortID != later.EffortID || len(s.Efforts(sprint)) != 0 {
		t.Errorf("listed %v", got)
	}
}

// In whatever order and however often activities are told, the same efforts and the same standing come of it, and the
// standing is what a plain look over the efforts says.
func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		accumulate, limit := rapid.Bool().Draw(t, "accumulate"), rapid.IntRange(0, 4).Draw(t, "attempts that count")
		r := rules(func(r *Rules) {
			if r.Admission.MaxAttempts = limit; accumulate {
				r.Type, r.Result.Kind = sport.DistanceStage, sport.TotalOfAll
			}
		})
		var told []RecordEfforts
		for n := range rapid.IntRange(1, 6).Draw(t, "rides") {
			var laps []Performance
			for l := range rapid.IntRange(0, 3).Draw(t, "laps") {
				p := on(n+1, lap(l+1, float64(rapid.IntRange(5998, 6003).Draw(t, "tenths"))/10))
				p.DistanceM = float64(rapid.IntRange(1000, 1002).Draw(t, "metres"))
				laps = append(laps, p)
			}
			told = append(told, record(ride(n+1), r, laps...))
		}
		some := rapid.SliceOfN(rapid.SampledFrom(told), 0, 6).Draw(t, "repeats")
		a := tell(t, told)
		b := tell(t, append(rapid.Permutation(told).Draw(t, "order"), some...))
		if diff := cmp.Diff(a.Efforts(col), b.Efforts(col)); diff != "" {
			t.Fatalf("other efforts:\n%s", diff)
		}
		x, _ := a.stages.Get(col)
		y, _ := b.stages.Get(col)
		if diff := cmp.Diff(x.standing(), y.standing()); diff != "" {
			t.Fatalf("another standing:\n%s", diff)
		}
		if diff := cmp.Diff(plainly(a.Efforts(col), accumulate), x.standing()); diff != "" {
			t.Fatalf("not what a plain look says:\n%s", diff)
		}
		if diff := cmp.Diff(firstOf(told, limit), idsOf(a.Efforts(col))); diff != "" {
			t.Fatalf("not the first attempts:\n%s", diff)
		}
	})
}

// tell also checks that the last event's standing is the state's.
func tell(t *rapid.T, commands []RecordEfforts) State {
	s := aggregatetest.Fold[State, Command](in...)
	for _, c := range commands {
		events, err := s.Decide(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			s = s.Evolve(e)
		}
		for _, e := range events {
			r, _ := s.stages.Get(col)
			is := r.standing()
			switch e := e.(type) {
			case EffortAccepted:
				is = e.Standing
			case EffortRemoved:
				is = e.Standing
			}
			if diff := cmp.Diff(r.standing(), is); diff != "" {
				t.Fatalf("the event says another standing:\n%s", diff)
			}
		}
	}
	return s
}

// firstOf are the first so many efforts by their start; 0: all.
func firstOf(told []RecordEfforts, limit int) []uuid.UUID {
	var all []Effort
	for _, c := range told {
		for _, p := range c.performances() {
			all = append(all, effortOf(col, c.Activity, p))
		}
	}
	slices.SortFunc(all, func(a, b Effort) int {
		return byTime{}.Compare(when{a.StartUTC, a.EffortID}, when{b.StartUTC, b.EffortID})
	})
	if limit > 0 && len(all) > limit {
		all = all[:limit]
	}
	return idsOf(all)
}

func idsOf(efforts []Effort) []uuid.UUID {
	ids := []uuid.UUID{}
	for _, e := range efforts {
		ids = append(ids, e.EffortID)
	}
	return ids
}

func plainly(efforts []Effort, accumulate bool) *Standing {
	if len(efforts) == 0 {
		return nil
	}
	out := Standing{Attempts: len(efforts), Value: math.MaxInt64}
	if accumulate {
		out.Value = 0
	}
	for _, e := range efforts {
		switch {
		case accumulate:
			out.Value += int64(e.DistanceM * 1000)
			if e.FinishedAt().After(out.AchievedAt) {
				out.EffortID, out.AchievedAt = e.EffortID, e.FinishedAt()
			}
		case e.ElapsedMs/1000 < out.Value/1000 || e.ElapsedMs/1000 == out.Value/1000 && e.FinishedAt().Before(out.AchievedAt):
			out.Value, out.EffortID, out.AchievedAt = e.ElapsedMs, e.EffortID, e.FinishedAt()
		}
	}
	for _, e := range efforts {
		if end := e.FinishedAt(); end.Before(out.AchievedAt) && (out.FirstAt.IsZero() || end.Before(out.FirstAt)) {
			out.FirstAt = end
		}
	}
	return &out
}

func TestReasonsAreShort(t *testing.T) {
	if _, err := cleanReason(strings.Repeat("é", maxReason)); err != nil {
		t.Error(err)
	}
}

// What is wrong with an entry by hand is said at its field, to who enters it.
func TestRecordByHandSaysWhere(t *testing.T) {
	out := []Event{joined, Excluded{joined.Ref, "Took the train."}}
	for name, c := range map[string]struct {
		given []Event
		rules Rules
		field string
		words string
	}{
		"nobody's":       {nil, rules(), "athleteId", "This athlete is not in the challenge."},
		"of an excluded": {out, rules(), "athleteId", "This athlete was excluded from the challenge: Took the train."},
		"too early":      {[]Event{joined}, rules(func(r *Rules) { r.Window.Start = local("2026-05-20T00:00:00") }), "startLocal", "This effort started on"},
		"another sport":  {[]Event{joined}, rules(func(r *Rules) { r.Included = []sport.ActivityType{sport.Swim} }), "activityType", "don't count"},
		"not far":        {[]Event{joined}, rules(func(r *Rules) { r.Type = sport.DistanceStage }), "distance", "Say how far it went."},
		"not high":       {[]Event{joined}, rules(func(r *Rules) { r.Type = sport.ElevationStage }), "elevationGain", "Say how much was climbed."},
		"not moving":     {[]Event{joined}, rules(func(r *Rules) { r.Type = sport.DurationStage }), "movingTime", "Say how long"},
	} {
		state := State{}
		for _, e := range c.given {
			state = state.Evolve(e)
		}
		_, err := state.Decide(RecordByHand{theHost, running, c.rules, ride(1), Performance{Lap: 1, StartUTC: lap(1, 600).StartUTC, StartLocal: lap(1, 600).StartLocal, ElapsedMs: 600_000}})
		all := refusal.All(err)
		if len(all) != 1 || all[0].Field != c.field || !strings.Contains(all[0].Detail, c.words) {
			t.Errorf("%s: %v", name, all)
		}
	}
}

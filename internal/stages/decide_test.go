package stages

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/aggregate/aggregatetest"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

type testCase = aggregatetest.Case[Command, Event]

func run(t *testing.T, cases []testCase) { aggregatetest.Run[State](t, cases) }

var (
	stageID     = uuid.MustParse("50000000-0000-0000-0000-000000000001")
	challengeID = uuid.MustParse("c0000000-0000-0000-0000-000000000001")
	organiser   = uuid.MustParse("a0000000-0000-0000-0000-000000000001")
	road        = uuid.MustParse("5e000000-0000-0000-0000-000000000001")
	otherRoad   = uuid.MustParse("5e000000-0000-0000-0000-000000000002")
	ref         = Ref{stageID, challengeID}

	before = at("2026-04-20T12:00:00") // the stage's start
	during = at("2026-05-03T12:00:00")
	after  = at("2026-05-08T12:00:00") // its end
	whole  = window("2026-05-01T00:00:00", "2026-05-07T23:59:59")
)

// at is a moment by the challenge's clocks, which show summer time: two hours ahead of UTC.
func at(s string) time.Time { return local(s).In(time.FixedZone("", 2*3600)).UTC() }

func local(s string) sport.Local {
	l, err := sport.ParseLocal(s)
	if err != nil {
		panic(err)
	}
	return l
}

func window(start, end string) sport.Window {
	return sport.Window{Start: local(start), End: local(end)}
}

func head(now time.Time) Head   { return Head{ID: stageID, By: actor.Athlete(organiser), Now: now} }
func system(now time.Time) Head { return Head{ID: stageID, By: actor.System, Now: now} }

func definition(change ...func(*Definition)) Definition {
	d := Definition{ChallengeID: challengeID, OrganiserID: organiser, Number: 1, Slug: "col", Type: sport.Mountain, SegmentID: road,
		Name: "Col", Window: whole, Adjustment: sport.NoAdjustment, Categories: sport.DefaultCategories, TimeZone: "Europe/Amsterdam"}
	for _, f := range change {
		f(&d)
	}
	return d
}

func created(change ...func(*Definition)) Event { return Created{stageID, definition(change...)} }

var (
	upcoming = []Event{created()}
	active   = append(upcoming[:1:1], Started{Ref: ref, Window: whole})
	past     = append(active[:2:2], Ended{Ref: ref, Window: whole})
	approved = append(past[:3:3], Approved{Ref: ref, Number: 1, Categories: sport.DefaultCategories})
	deleted  = append(upcoming[:1:1], Deleted{ref})
	running  = Terms{ChallengeStatus: sport.Active}
)

func sentinel(code string) error { return refusal.New(code, "any words") }

func TestCreate(t *testing.T) {
	run(t, []testCase{
		{Name: "follows the challenge", When: Create{Head: system(before), Definition: definition()}, Then: upcoming},
		{Name: "to come, in a challenge under way", When: Create{Head: system(before), Definition: definition(), UnderWay: true}, Then: upcoming},
		{Name: "its time has come", When: Create{Head: system(during), Definition: definition(), UnderWay: true}, Then: append(upcoming[:1:1], Started{Ref: ref, Window: whole})},
		{Name: "its time is over", When: Create{Head: system(after), Definition: definition(), UnderWay: true}, Then: append(upcoming[:1:1], Started{Ref: ref, Window: whole}, Ended{Ref: ref, Window: whole})},
		{Name: "its time is over, and its challenge hasn't begun", When: Create{Head: system(after), Definition: definition()}, Then: upcoming},
		{Name: "told twice, done once", Given: upcoming, When: Create{Head: system(before), Definition: definition()}},
		{Name: "not anew when deleted", Given: deleted, When: Create{Head: system(before), Definition: definition()}},
	})
}

func TestReschedule(t *testing.T) {
	later := window("2026-05-02", "2026-05-09")
	run(t, []testCase{
		{Name: "upcoming", Given: upcoming, When: Reschedule{system(before), later}, Then: []Event{Rescheduled{ref, later}}},
		{Name: "active: its end", Given: active, When: Reschedule{system(during), later}, Then: []Event{Rescheduled{ref, window("2026-05-01", "2026-05-09")}}},
		{Name: "the same is nothing", Given: upcoming, When: Reschedule{system(before), whole}},
		{Name: "not when past", Given: past, When: Reschedule{system(after), later}},
		{Name: "not when approved", Given: approved, When: Reschedule{system(after), later}},
		{Name: "not when deleted", Given: deleted, When: Reschedule{system(before), later}},
	})
}

func TestStart(t *testing.T) {
	started := Started{Ref: ref, Window: whole}
	early := Started{ref, true, window("2026-04-20T12:00:00", "2026-05-07T23:59:59")}
	run(t, []testCase{
		{Name: "by itself when due", Given: upcoming, When: Start{Head: system(during), Terms: running}, Then: []Event{started}},
		{Name: "by itself at the moment the challenge's clocks show", Given: upcoming, When: Start{Head: system(at("2026-05-01")), Terms: running}, Then: []Event{started}},
		{Name: "by itself not before", Given: upcoming, When: Start{Head: system(at("2026-04-30T23:59:59")), Terms: running}, Refused: ErrNotDue},
		{Name: "early by the organiser, from now on", Given: upcoming, When: Start{Head: head(before), Terms: running}, Then: []Event{early}},
		{Name: "early with its challenge", Given: upcoming, When: Start{Head: system(before), WithChallenge: true}, Then: []Event{early}},
		{Name: "in the past: ends at once", Given: upcoming, When: Start{Head: system(after), WithChallenge: true}, Then: []Event{started, Ended{Ref: ref, Window: whole}}},
		{Name: "after downtime: ends at once", Given: upcoming, When: Start{Head: system(after), Terms: running}, Then: []Event{started, Ended{Ref: ref, Window: whole}}},
		{Name: "not before the challenge", Given: upcoming, When: Start{Head: head(during), Terms: Terms{ChallengeStatus: sport.Upcoming}}, Refused: ErrChallengeNotActive},
		{Name: "not after the challenge", Given: upcoming, When: Start{Head: system(during), Terms: Terms{ChallengeStatus: sport.Past}}, Refused: ErrChallengeNotActive},
		{Name: "not twice", Given: active, When: Start{Head: head(during), Terms: running}, Refused: ErrAlreadyStarted},
		{Name: "not twice, with its challenge", Given: active, When: Start{Head: system(during), WithChallenge: true}},
		{Name: "not when past", Given: past, When: Start{Head: head(after), Terms: running}, Refused: ErrOver},
		{Name: "not when approved", Given: approved, When: Start{Head: head(after), Terms: running}, Refused: ErrOver},
		{Name: "not when deleted", Given: deleted, When: Start{Head: system(during), Terms: running}, Refused: ErrNotFound},
	})
}

func TestEnd(t *testing.T) {
	ended := Ended{Ref: ref, Window: whole}
	early := Ended{ref, true, window("2026-05-01T00:00:00", "2026-05-03T12:00:00")}
	never := Ended{ref, true, window("2026-05-01T00:00:00", "2026-05-01T00:00:00")}
	run(t, []testCase{
		{Name: "by itself when due", Given: active, When: End{Head: system(after)}, Then: []Event{ended}},
		{Name: "by itself not before", Given: active, When: End{Head: system(during)}, Refused: ErrNotDue},
		{Name: "early by the organiser, until now", Given: active, When: End{Head: head(during)}, Then: []Event{early}},
		{Name: "early with its challenge", Given: active, When: End{Head: system(during), WithChallenge: true}, Then: []Event{early}},
		{Name: "with its challenge, never begun", Given: upcoming, When: End{Head: system(before), WithChallenge: true}, Then: []Event{never}},
		{Name: "with its challenge, overdue to begin", Given: upcoming, When: End{Head: system(during), WithChallenge: true},
			Then: []Event{Started{Ref: ref, Window: whole}, early}},
		{Name: "with its challenge, overdue to end", Given: upcoming, When: End{Head: system(after), WithChallenge: true},
			Then: []Event{Started{Ref: ref, Window: whole}, ended}},
		{Name: "with its challenge, over", Given: past, When: End{Head: system(after), WithChallenge: true}},
		{Name: "with its challenge, deleted", Given: deleted, When: End{Head: system(after), WithChallenge: true}},
		{Name: "not when upcoming", Given: upcoming, When: End{Head: head(during)}, Refused: ErrNotActive},
		{Name: "not twice", Given: past, When: End{Head: head(after)}, Refused: ErrOver},
		{Name: "not when approved", Given: approved, When: End{Head: head(after)}, Refused: ErrOver},
		{Name: "not when deleted", Given: deleted, When: End{Head: system(after)}, Refused: ErrNotFound},
	})
}

func TestApprove(t *testing.T) {
	inOrder := Terms{ChallengeStatus: sport.Active, PreviousApproved: true}
	final := Approved{ref, 1, "Well ridden.", sport.DefaultCategories}
	quiet := Approved{ref, 1, "", sport.DefaultCategories}
	short := append(active[:2:2], Ended{ref, true, window("2026-05-01T00:00:00", "2026-05-03T12:00:00")})
	run(t, []testCase{
		{Name: "in order", Given: past, When: Approve{head(after), inOrder, " Well ridden.\r\n"}, Then: []Event{final}},
		{Name: "not out of order", Given: past, When: Approve{head(after), running, ""}, Refused: ErrEarlierOpen},
		{Name: "by itself after three days", Given: past, When: Approve{system(at("2026-05-10T23:59:59")), inOrder, ""}, Then: []Event{quiet}},
		{Name: "by itself not before", Given: past, When: Approve{system(at("2026-05-10T23:59:58")), inOrder, ""}, Refused: ErrNotDue},
		{Name: "by itself three days after it ended early", Given: short, When: Approve{system(at("2026-05-06T12:00:00")), inOrder, ""}, Then: []Event{quiet}},
		{Name: "not when upcoming", Given: upcoming, When: Approve{head(during), inOrder, ""}, Refused: ErrNotOver},
		{Name: "not when active", Given: active, When: Approve{head(during), inOrder, ""}, Refused: ErrNotOver},
		{Name: "not twice", Given: approved, When: Approve{head(after), inOrder, ""}, Refused: ErrAlreadyApproved},
		{Name: "not when deleted", Given: deleted, When: Approve{system(after), inOrder, ""}, Refused: ErrNotFound},
		{Name: "not with an endless message", Given: past, When: Approve{head(after), inOrder, strings.Repeat("x", sport.MaxText+1)}, Refused: sentinel("message_too_long")},
	})
}

func TestPublish(t *testing.T) {
	run(t, []testCase{
		{Name: "a message", Given: approved, When: Publish{head(after), "Hurrah"}, Then: []Event{Published{ref, "Hurrah"}}},
		{Name: "the same is nothing", Given: append(approved[:4:4], Published{ref, "Hurrah"}), When: Publish{head(after), "Hurrah"}},
		{Name: "not nothing", Given: approved, When: Publish{head(after), ""}, Refused: ErrMessageEmpty},
		{Name: "not endless", Given: approved, When: Publish{head(after), strings.Repeat("x", sport.MaxText+1)}, Refused: sentinel("message_too_long")},
		{Name: "not before approval", Given: past, When: Publish{head(after), "Hurrah"}, Refused: ErrNotApproved},
	})
}

func TestDelete(t *testing.T) {
	gone := []Event{Deleted{ref}}
	early := Ended{ref, true, window("2026-05-01T00:00:00", "2026-05-03T12:00:00")}
	run(t, []testCase{
		{Name: "upcoming", Given: upcoming, When: Delete{Head: system(before)}, Then: gone},
		{Name: "started since the challenge dropped it", Given: active, When: Delete{Head: system(during)}, Then: gone},
		{Name: "even over since", Given: past, When: Delete{Head: system(during)}, Then: gone},
		{Name: "told twice, done once", Given: deleted, When: Delete{Head: system(before)}},
		{Name: "approved stays", Given: approved, When: Delete{Head: system(after)}},
		{Name: "cancelled: upcoming", Given: upcoming, When: Delete{system(before), true}, Then: gone},
		{Name: "cancelled: what was ridden stays", Given: active, When: Delete{system(during), true}, Then: []Event{early}},
		{Name: "cancelled: past stays", Given: past, When: Delete{system(after), true}},
		{Name: "cancelled: approved stays", Given: approved, When: Delete{system(after), true}},
	})
}

func TestDescribe(t *testing.T) {
	distance := []Event{created(func(d *Definition) { d.Type = sport.DistanceStage })}
	run(t, []testCase{
		{Name: "all of it", Given: active, When: Describe{head(during), " Col  Nord ", "Steep.\r\n", sport.Rolling},
			Then: []Event{Described{ref, "Col Nord", "Steep.", sport.Rolling}}},
		{Name: "the same is nothing", Given: upcoming, When: Describe{head(before), "Col", "", sport.Mountain}},
		{Name: "past", Given: past, When: Describe{head(after), "Col", "Steep.", sport.Mountain}, Then: []Event{Described{ref, "Col", "Steep.", sport.Mountain}}},
		{Name: "another name for a distance stage", Given: distance, When: Describe{head(before), "May", "", sport.DistanceStage},
			Then: []Event{Described{ref, "May", "", sport.DistanceStage}}},
		{Name: "a segment doesn't become a distance", Given: upcoming, When: Describe{head(before), "Col", "", sport.DistanceStage}, Refused: ErrType},
		{Name: "nor a distance a segment", Given: distance, When: Describe{head(before), "Col", "", sport.Flat}, Refused: ErrType},
		{Name: "everything wrong at once", Given: upcoming, When: Describe{head(before), " ", strings.Repeat("x", sport.MaxText+1), ""},
			Refused: errors.Join(sentinel("name_missing"), sentinel("description_too_long"), ErrType)},
		{Name: "not when approved", Given: approved, When: Describe{head(after), "Other", "", sport.Mountain}, Refused: ErrAlreadyApproved},
		{Name: "not when deleted", Given: deleted, When: Describe{system(after), "Other", "", sport.Mountain}, Refused: ErrNotFound},
	})
}

func TestChangeSegment(t *testing.T) {
	distance := []Event{created(func(d *Definition) { d.Type = sport.DistanceStage })}
	run(t, []testCase{
		{Name: "upcoming", Given: upcoming, When: ChangeSegment{head(before), otherRoad}, Then: []Event{SegmentChanged{ref, otherRoad, sport.Upcoming}}},
		{Name: "active", Given: active, When: ChangeSegment{head(during), otherRoad}, Then: []Event{SegmentChanged{ref, otherRoad, sport.Active}}},
		{Name: "the same is nothing", Given: active, When: ChangeSegment{head(during), road}},
		{Name: "not to none", Given: active, When: ChangeSegment{head(during), uuid.Nil}, Refused: ErrSegmentMissing},
		{Name: "not of a distance", Given: distance, When: ChangeSegment{head(before), road}, Refused: ErrNoSegment},
		{Name: "not when past", Given: past, When: ChangeSegment{head(after), otherRoad}, Refused: ErrOver},
		{Name: "not when approved", Given: approved, When: ChangeSegment{head(after), otherRoad}, Refused: ErrAlreadyApproved},
	})
}

func TestAdjustPoints(t *testing.T) {
	distance := []Event{created(func(d *Definition) { d.Type = sport.DistanceStage })}
	run(t, []testCase{
		{Name: "double", Given: active, When: AdjustPoints{head(during), sport.Double}, Then: []Event{PointsAdjusted{ref, sport.Double}}},
		{Name: "past", Given: past, When: AdjustPoints{head(after), sport.Queen}, Then: []Event{PointsAdjusted{ref, sport.Queen}}},
		{Name: "the same is nothing", Given: active, When: AdjustPoints{head(during), sport.NoAdjustment}},
		{Name: "not unknown", Given: active, When: AdjustPoints{head(during), "triple"}, Refused: ErrPointsAdjustment},
		{Name: "not of a distance", Given: distance, When: AdjustPoints{head(during), sport.Double}, Refused: ErrNoPoints},
		{Name: "not when approved", Given: approved, When: AdjustPoints{head(after), sport.Double}, Refused: ErrAlreadyApproved},
	})
}

func TestReveal(t *testing.T) {
	mystery := created(func(d *Definition) { d.Hidden = true })
	started := Started{Ref: ref, Window: whole}
	run(t, []testCase{
		{Name: "a mystery", Given: []Event{mystery}, When: Reveal{head(before)}, Then: []Event{Revealed{ref}}},
		{Name: "not twice", Given: []Event{mystery, Revealed{ref}}, When: Reveal{head(before)}},
		{Name: "nothing hidden", Given: upcoming, When: Reveal{head(before)}},
		{Name: "revealed by starting", Given: []Event{mystery, started}, When: Reveal{head(during)}},
		{Name: "not when deleted", Given: []Event{mystery, Deleted{ref}}, When: Reveal{system(during)}, Refused: ErrNotFound},
	})
	if !aggregatetest.Fold[State, Command](mystery).Secret() || aggregatetest.Fold[State, Command](mystery, Event(started)).Secret() {
		t.Error("a mystery stage is a secret until it starts")
	}
}

func TestWhoMay(t *testing.T) {
	stranger := uuid.MustParse("a0000000-0000-0000-0000-000000000002")
	actors := map[string]actor.Actor{
		"visitor": {}, "athlete": actor.Athlete(stranger), "organiser": actor.Athlete(organiser),
		"club administrator": {AthleteID: stranger, ClubAdmin: true}, "site administrator": {AthleteID: stranger, Admin: true},
		"the program": actor.System,
	}
	want := func(who string, follows bool) error {
		switch {
		case who == "visitor":
			return ErrSignIn
		case who == "athlete":
			return ErrNotOrganiser
		case follows && who != "the program":
			return ErrProgramOnly
		}
		return nil
	}
	inOrder := Terms{ChallengeStatus: sport.Active, PreviousApproved: true}
	later := window("2026-05-02", "2026-05-09")
	commands := map[string]struct {
		given   []Event
		follows bool
		when    func(Head) Command
	}{
		"Reschedule":         {upcoming, true, func(h Head) Command { return Reschedule{h, later} }},
		"Delete":             {upcoming, true, func(h Head) Command { return Delete{h, false} }},
		"StartWithChallenge": {upcoming, true, func(h Head) Command { return Start{h, running, true} }},
		"EndWithChallenge":   {active, true, func(h Head) Command { return End{h, true} }},
		"Describe":           {upcoming, false, func(h Head) Command { return Describe{h, "Other", "", sport.Flat} }},
		"ChangeSegment":      {upcoming, false, func(h Head) Command { return ChangeSegment{h, otherRoad} }},
		"AdjustPoints":       {upcoming, false, func(h Head) Command { return AdjustPoints{h, sport.Double} }},
		"Reveal":             {[]Event{created(func(d *Definition) { d.Hidden = true })}, false, func(h Head) Command { return Reveal{h} }},
		"Start":              {upcoming, false, func(h Head) Command { return Start{h, running, false} }},
		"End":                {active, false, func(h Head) Command { return End{h, false} }},
		"Approve":            {past, false, func(h Head) Command { return Approve{h, inOrder, ""} }},
		"Edit":               {upcoming, false, func(h Head) Command { return Edit{Head: h, Name: to("Other")} }},
		"Reopen":             {approved, false, func(h Head) Command { return Reopen{h, running, "A wrong time."} }},
		"Publish":            {approved, false, func(h Head) Command { return Publish{h, "Hurrah"} }},
	}
	for name, c := range commands {
		for who, by := range actors {
			t.Run(name+" by "+who, func(t *testing.T) {
				got, err := aggregatetest.Fold[State, Command](c.given...).Decide(c.when(Head{stageID, by, at("2026-06-01")}))
				if want := want(who, c.follows); err != want || (want == nil) != (len(got) > 0) {
					t.Errorf("%v, %v; want %v", got, err, want)
				}
			})
		}
		run(t, []testCase{{Name: name + " of nothing", When: c.when(system(during)), Refused: ErrNotFound}})
	}
	run(t, []testCase{
		{Name: "Create by an athlete", When: Create{Head: head(before), Definition: definition()}, Refused: ErrProgramOnly},
		{Name: "Create by a visitor", When: Create{Head: Head{ID: stageID, Now: before}, Definition: definition()}, Refused: ErrSignIn},
		{Name: "nobody sees a deleted stage", Given: deleted, When: Reveal{head(before)}, Refused: ErrNotFound},
	})
}

func TestStoredShapes(t *testing.T) {
	full := func(d *Definition) { d.Description, d.Hidden = "Steep.", true }
	aggregatetest.Golden(t, Events, []Event{
		created(full),
		Rescheduled{ref, whole},
		Described{ref, "Col Nord", "Steep.", sport.Rolling},
		SegmentChanged{ref, otherRoad, sport.Active},
		PointsAdjusted{ref, sport.Queen},
		Revealed{ref},
		Started{ref, true, whole},
		Ended{ref, true, whole},
		Approved{ref, 1, "Well ridden.", sport.DefaultCategories},
		Published{ref, "Hurrah"},
		HiddenChanged{ref, true},
		Reopened{ref, 1, "A wrong time.", organiser.String(), after, sport.DefaultCategories},
		Deleted{ref},
	})
}

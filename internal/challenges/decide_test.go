package challenges

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/aggregate/aggregatetest"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/sport"
)

type testCase = aggregatetest.Case[Command, Event]

func run(t *testing.T, cases []testCase) { aggregatetest.Run[State](t, cases) }

var (
	challengeID = uuid.MustParse("c0000000-0000-0000-0000-000000000001")
	organiser   = uuid.MustParse("a0000000-0000-0000-0000-000000000001")
	clubID      = uuid.MustParse("b0000000-0000-0000-0000-000000000001")
	segmentID   = uuid.MustParse("50000000-0000-0000-0000-000000000001")

	before = at("2026-04-20T12:00:00") // the challenge's start
	during = at("2026-05-10T12:00:00")
	after  = at("2026-06-02T12:00:00") // its end
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

// head is the organiser's; System and others are given where a case is about them.
func head(now time.Time) Head {
	return Head{ID: challengeID, By: actor.Athlete(organiser), Now: now}
}

func system(now time.Time) Head { return Head{ID: challengeID, By: actor.System, Now: now} }

func definition(change ...func(*Definition)) Definition {
	d := Definition{Type: sport.SegmentChallenge, Name: "Alpine Cup", Window: window("2026-05-01T00:00:00", "2026-05-31T23:59:59"),
		TimeZone: "Europe/Amsterdam", Categories: []sport.Category{sport.Open, sport.Women, sport.Men}}
	for _, f := range change {
		f(&d)
	}
	return d
}

func created(change ...func(*Definition)) Event {
	return Created{ChallengeID: challengeID, OrganiserID: organiser, Slug: "alpine-cup", Definition: definition(change...)}
}

func stageID(n int) uuid.UUID { return uuid.NewSHA1(challengeID, fmt.Append(nil, n)) }

func added(n int, start, end string) StageAdded {
	return StageAdded{ChallengeID: challengeID, OrganiserID: organiser, StageID: stageID(n), Number: n,
		Slug: fmt.Sprintf("col-%d", n), StageDefinition: StageDefinition{Type: sport.Mountain, SegmentID: segmentID,
			Name: fmt.Sprintf("Col %d", n), Window: window(start, end), Adjustment: sport.NoAdjustment},
		Categories: []sport.Category{sport.Open, sport.Women, sport.Men}, TimeZone: "Europe/Amsterdam"}
}

var (
	first  = added(1, "2026-05-01T00:00:00", "2026-05-15T23:59:59")
	second = added(2, "2026-05-16T00:00:00", "2026-05-31T23:59:59")
	refs   = []StageRef{{first.StageID, 1, first.Window}, {second.StageID, 2, second.Window}}
	whole  = window("2026-05-01T00:00:00", "2026-05-31T23:59:59")

	hosted  = Hosted{ChallengeID: challengeID, Stages: refs, Categories: sport.DefaultCategories}
	started = starting(first.StageID)
	ended   = Ended{ChallengeID: challengeID, Window: whole, Stages: refs}

	pending   = []Event{created(), first, second}
	upcoming  = append(pending[:3:3], hosted)
	active    = append(upcoming[:4:4], started)
	past      = append(active[:5:5], ended)
	approved  = append(past[:6:6], ResultsApproved{ChallengeID: challengeID})
	cancelled = append(upcoming[:4:4], Cancelled{ChallengeID: challengeID, Stages: refs})
)

// starting is a challenge's start with those of its stages that start now.
func starting(ids ...uuid.UUID) Started {
	return Started{ChallengeID: challengeID, Window: whole, Stages: refs, Starting: ids, TimeZone: "Europe/Amsterdam"}
}

func TestHost(t *testing.T) {
	run(t, []testCase{
		{Name: "opens", Given: pending, When: Host{head(before)}, Then: []Event{hosted}},
		{Name: "starts with it when the start has passed", Given: pending, When: Host{head(during)}, Then: []Event{hosted, started}},
		{Name: "starts with it at the very start", Given: pending, When: Host{head(at("2026-05-01T00:00:00"))}, Then: []Event{hosted, started}},
		{Name: "not over", Given: pending, When: Host{head(after)}, Refused: ErrOver},
		{Name: "not without stages", Given: pending[:1], When: Host{head(before)}, Refused: ErrNoStages},
		{Name: "not before the last stage ends with the challenge", Given: pending[:2], When: Host{head(before)}, Refused: ErrEndUncovered},
		{Name: "not twice", Given: upcoming, When: Host{head(before)}, Refused: ErrAlreadyHosted},
		{Name: "not when active", Given: active, When: Host{head(during)}, Refused: ErrAlreadyHosted},
		{Name: "not when past", Given: past, When: Host{head(after)}, Refused: ErrOver},
		{Name: "not when cancelled", Given: cancelled, When: Host{head(before)}, Refused: ErrCancelled},
	})
}

func TestStart(t *testing.T) {
	early := started
	early.Early, early.Window.Start = true, local("2026-04-20T12:00:00")
	later := StageRescheduled{challengeID, first.StageID, window("2026-05-03", "2026-05-15")}
	waits := starting()
	waits.Stages = []StageRef{{first.StageID, 1, later.Window}, refs[1]}
	run(t, []testCase{
		{Name: "by itself when due", Given: upcoming, When: Start{system(during)}, Then: []Event{started}},
		{Name: "by itself not a second before", Given: upcoming, When: Start{system(at("2026-04-30T23:59:59"))}, Refused: ErrNotDue},
		{Name: "by itself at the moment its clocks show, not those of UTC", Given: upcoming, When: Start{system(at("2026-05-01T00:00:00"))}, Then: []Event{started}},
		{Name: "early by the organiser, from now on", Given: upcoming, When: Start{head(before)}, Then: []Event{early}},
		{Name: "after downtime even when it should be over", Given: upcoming, When: Start{system(after)}, Then: []Event{starting(first.StageID, second.StageID)}},
		{Name: "with those stages that are due", Given: upcoming, When: Start{system(at("2026-05-16"))}, Then: []Event{starting(first.StageID, second.StageID)}},
		{Name: "without a stage that begins later", Given: append(upcoming[:4:4], later), When: Start{system(at("2026-05-01"))}, Then: []Event{waits}},
		{Name: "not when pending", Given: pending, When: Start{head(during)}, Refused: ErrNotHosted},
		{Name: "not twice", Given: active, When: Start{head(during)}, Refused: ErrAlreadyActive},
		{Name: "not when past", Given: past, When: Start{head(after)}, Refused: ErrOver},
		{Name: "not when approved", Given: approved, When: Start{head(after)}, Refused: ErrOver},
		{Name: "not when cancelled", Given: cancelled, When: Start{head(during)}, Refused: ErrCancelled},
	})
}

func TestEnd(t *testing.T) {
	early := ended
	early.Early, early.Window.End = true, local("2026-05-10T12:00:00")
	run(t, []testCase{
		{Name: "by itself when due", Given: active, When: End{system(after)}, Then: []Event{ended}},
		{Name: "by itself not before", Given: active, When: End{system(during)}, Refused: ErrNotDue},
		{Name: "early by the organiser, until now", Given: active, When: End{head(during)}, Then: []Event{early}},
		{Name: "not when pending", Given: pending, When: End{head(during)}, Refused: ErrNotActive},
		{Name: "not when upcoming", Given: upcoming, When: End{head(during)}, Refused: ErrNotActive},
		{Name: "not twice", Given: past, When: End{head(after)}, Refused: ErrOver},
		{Name: "not when cancelled", Given: cancelled, When: End{head(after)}, Refused: ErrCancelled},
	})
}

func TestCancel(t *testing.T) {
	gone := Cancelled{ChallengeID: challengeID, Stages: refs}
	run(t, []testCase{
		{Name: "pending", Given: pending, When: Cancel{head(before)}, Then: []Event{gone}},
		{Name: "upcoming", Given: upcoming, When: Cancel{head(before)}, Then: []Event{gone}},
		{Name: "active", Given: active, When: Cancel{head(during)}, Then: []Event{gone}},
		{Name: "not when past", Given: past, When: Cancel{head(after)}, Refused: ErrOver},
		{Name: "not when approved", Given: approved, When: Cancel{head(after)}, Refused: ErrOver},
		{Name: "not twice", Given: cancelled, When: Cancel{head(before)}, Refused: ErrCancelled},
	})
}

func TestApprove(t *testing.T) {
	final := ResultsApproved{ChallengeID: challengeID, Message: "Well ridden.", Categories: sport.DefaultCategories}
	soon := ended
	soon.Early, soon.Window.End = true, local("2026-05-10T12:00:00")
	run(t, []testCase{
		{Name: "once all stages are", Given: past, When: Approve{Head: head(after), Message: " Well ridden. "}, Then: []Event{final}},
		{Name: "not while stages wait", Given: past, When: Approve{Head: head(after), Unapproved: []int{3, 1, 2}}, Refused: ErrStagesOpen},
		{Name: "by itself after three days", Given: past, When: Approve{Head: system(at("2026-06-03T23:59:59"))}, Then: []Event{ResultsApproved{ChallengeID: challengeID, Categories: sport.DefaultCategories}}},
		{Name: "by itself not before", Given: past, When: Approve{Head: system(at("2026-06-03T23:59:58"))}, Refused: ErrNotDue},
		{Name: "by itself three days after it ended early", Given: append(active[:5:5], soon), When: Approve{Head: system(at("2026-05-13T12:00:00"))}, Then: []Event{ResultsApproved{ChallengeID: challengeID, Categories: sport.DefaultCategories}}},
		{Name: "not when active", Given: active, When: Approve{Head: head(during)}, Refused: ErrNotOver},
		{Name: "not when upcoming", Given: upcoming, When: Approve{Head: head(during)}, Refused: ErrNotOver},
		{Name: "not when pending", Given: pending, When: Approve{Head: head(during)}, Refused: ErrNotOver},
		{Name: "not twice", Given: approved, When: Approve{Head: head(after)}, Refused: ErrAlreadyApproved},
		{Name: "not when cancelled", Given: cancelled, When: Approve{Head: head(after)}, Refused: ErrCancelled},
		{Name: "not with an endless message", Given: past, When: Approve{Head: head(after), Message: long(sport.MaxText + 1)}, Refused: sentinel("message_too_long")},
	})
	if got, want := waiting([]int{3, 1, 2}), "Approve the results of stages 1, 2 and 3 first."; got != want {
		t.Errorf("said %q, want %q", got, want)
	}
	if got, want := waiting([]int{2}), "Approve the results of stage 2 first."; got != want {
		t.Errorf("said %q, want %q", got, want)
	}
}

func TestPublish(t *testing.T) {
	run(t, []testCase{
		{Name: "a message", Given: approved, When: Publish{head(after), "Hurrah"}, Then: []Event{ResultsPublished{challengeID, "Hurrah"}}},
		{Name: "the same again is nothing", Given: append(approved[:7:7], ResultsPublished{challengeID, "Hurrah"}), When: Publish{head(after), "Hurrah "}},
		{Name: "not nothing", Given: approved, When: Publish{head(after), "  "}, Refused: ErrResultsEmpty},
		{Name: "not before approval", Given: past, When: Publish{head(after), "Hurrah"}, Refused: ErrNotApproved},
		{Name: "not when cancelled", Given: cancelled, When: Publish{head(after), "Hurrah"}, Refused: ErrCancelled},
	})
}

// Every command but Create asks for the organiser, the club's or the site's administrator, or the program.
func TestWhoMay(t *testing.T) {
	commands := map[string]struct {
		given []Event
		when  func(Head) Command
	}{
		"AddStage": {pending[:2], func(h Head) Command {
			return AddStage{Head: h, StageID: stageID(2), StageDefinition: second.StageDefinition}
		}},
		"RescheduleStage": {pending, func(h Head) Command {
			return RescheduleStage{Head: h, StageID: first.StageID, Window: window("2026-05-02", "2026-05-03")}
		}},
		"RemoveStage": {pending, func(h Head) Command { return RemoveStage{Head: h, StageID: first.StageID} }},
		"Host":        {pending, func(h Head) Command { return Host{h} }},
		"Start":       {upcoming, func(h Head) Command { return Start{h} }},
		"End":         {active, func(h Head) Command { return End{h} }},
		"Cancel":      {pending, func(h Head) Command { return Cancel{h} }},
		"Approve":     {past, func(h Head) Command { return Approve{Head: h} }},
		"Publish":     {approved, func(h Head) Command { return Publish{h, "Hurrah"} }},
		"Reopen":      {approved, func(h Head) Command { return Reopen{h, "A wrong time."} }},
		"Edit":        {pending, func(h Head) Command { return Edit{Head: h, Name: to("Other"), Slug: "other"} }},
		"Rename":      {pending, func(h Head) Command { return Rename{h, "Other", "other"} }},
		"Describe":    {pending, func(h Head) Command { return Describe{h, "Other"} }},
		"AdjustWindow": {pending, func(h Head) Command {
			return AdjustWindow{h, window("2026-05-01T00:00:00", "2026-07-31T23:59:59")}
		}},
		"SetScoring": {pending, func(h Head) Command { return SetScoring{Head: h, Scheme: leaderboards.Tour()} }},
		"GroupAthletes": {pending, func(h Head) Command {
			return GroupAthletes{Head: h, Grouping: leaderboards.Grouping{Named: []leaderboards.Group{{Kind: leaderboards.Team, Name: "Reds"}}}}
		}},
		"AdjustActivityTypes": {pending, func(h Head) Command { return AdjustActivityTypes{h, []sport.ActivityType{sport.Run}} }},
	}
	stranger := uuid.MustParse("a0000000-0000-0000-0000-000000000002")
	actors := map[string]struct {
		by   actor.Actor
		want error
	}{
		"visitor":            {actor.Actor{}, ErrSignIn},
		"athlete":            {actor.Athlete(stranger), ErrNotOrganiser},
		"organiser":          {actor.Athlete(organiser), nil},
		"club administrator": {actor.Actor{AthleteID: stranger, ClubAdmin: true}, nil},
		"site administrator": {actor.Actor{AthleteID: stranger, Admin: true}, nil},
		"the program":        {actor.System, nil},
	}
	for name, c := range commands {
		for who, a := range actors {
			t.Run(name+" by "+who, func(t *testing.T) {
				now := map[string]time.Time{"End": after, "Approve": at("2026-07-01")}[name]
				if now.IsZero() {
					now = during
				}
				when := c.when(Head{ID: challengeID, By: a.by, Now: now})
				got, err := aggregatetest.Fold[State, Command](c.given...).Decide(when)
				if err != a.want || (a.want == nil) != (len(got) > 0) {
					t.Errorf("%v, %v; want %v", got, err, a.want)
				}
			})
		}
		run(t, []testCase{{Name: name + " of nothing", When: c.when(head(during)), Refused: ErrNotFound}})
	}
}

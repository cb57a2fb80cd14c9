package competitors

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
	challengeID = uuid.MustParse("c0000000-0000-0000-0000-000000000001")
	athleteID   = uuid.MustParse("a0000000-0000-0000-0000-000000000002")
	organiser   = uuid.MustParse("a0000000-0000-0000-0000-000000000001")
	col         = uuid.MustParse("50000000-0000-0000-0000-000000000001") // a stage
	sprint      = uuid.MustParse("50000000-0000-0000-0000-000000000002") // another
	ref         = Ref{challengeID, athleteID}

	now      = time.Date(2026, 5, 5, 12, 0, 0, 0, time.UTC)
	program  = Head{challengeID, athleteID, actor.System, now}
	herself  = Head{challengeID, athleteID, actor.Athlete(athleteID), now}
	theHost  = Head{challengeID, athleteID, actor.Athlete(organiser), now}
	everyone = []sport.Category{sport.Open, sport.Women}
	running  = Terms{Status: sport.Active, OrganiserID: organiser, Categories: sport.DefaultCategories, Gender: sport.Female}
	joined   = Joined{ref, sport.Female, everyone}
	in       = []Event{joined}
)

func local(s string) sport.Local {
	l, err := sport.ParseLocal(s)
	if err != nil {
		panic(err)
	}
	return l
}

func terms(status sport.Status) Terms { t := running; t.Status = status; return t }

func sentinel(code string) error { return refusal.New(code, "any words") }

func TestJoin(t *testing.T) {
	restricted, member, shy := running, running, running
	restricted.Restricted = true
	member.Restricted, member.ClubMember = true, true
	shy.Gender = sport.Undisclosed
	run(t, []testCase{
		{Name: "upcoming", When: Join{herself, terms(sport.Upcoming)}, Then: in},
		{Name: "active", When: Join{herself, running}, Then: in},
		{Name: "undisclosed gender: Open alone", When: Join{herself, shy}, Then: []Event{Joined{ref, "", []sport.Category{sport.Open}}}},
		{Name: "member of the club", When: Join{herself, member}, Then: in},
		{Name: "not a member", When: Join{herself, restricted}, Refused: ErrNotClubMember},
		{Name: "already in: nothing", Given: in, When: Join{herself, terms(sport.Past)}},
		{Name: "again after leaving", Given: []Event{joined, Left{ref}}, When: Join{herself, running}, Then: in},
		{Name: "excluded: nothing", Given: []Event{joined, Excluded{ref, "cut corners"}}, When: Join{herself, running}},
		{Name: "allowed again", Given: []Event{joined, Excluded{ref, "cut corners"}, Allowed{ref, sport.DefaultCategories}}, When: Join{herself, running}, Then: in},
		{Name: "not hosted", When: Join{herself, terms(sport.Pending)}, Refused: ErrChallengeNotHosted},
		{Name: "over", When: Join{herself, terms(sport.Past)}, Refused: ErrChallengeOver},
		{Name: "final", When: Join{herself, terms(sport.Approved)}, Refused: ErrChallengeApproved},
		{Name: "cancelled", When: Join{herself, terms(sport.Cancelled)}, Refused: ErrChallengeCancelled},
	})
}

func TestLeave(t *testing.T) {
	onCol, onSprint := accepted(col, ride(1), lap(1, 600)), accepted(sprint, ride(2), lap(1, 60))
	given := []Event{joined, onCol, onSprint}
	gone := func(e EffortAccepted) EffortRemoved {
		return EffortRemoved{ref, e.StageID, e.Activity.ID, e.EffortID, CodeLeft, "The athlete left the challenge.", everyone, nil, false}
	}
	run(t, []testCase{
		{Name: "with all efforts", Given: given, When: Leave{Head: herself, Terms: running}, Then: []Event{Left{ref}, gone(onCol), gone(onSprint)}},
		{Name: "stages that are over keep theirs", Given: given, When: Leave{herself, running, []uuid.UUID{col}}, Then: []Event{Left{ref}, gone(onSprint)}},
		{Name: "while results are being checked", Given: in, When: Leave{Head: herself, Terms: terms(sport.Past)}, Then: []Event{Left{ref}}},
		{Name: "twice is once", Given: []Event{joined, Left{ref}}, When: Leave{Head: herself, Terms: running}},
		{Name: "never joined", When: Leave{Head: herself, Terms: running}, Refused: ErrNotCompeting},
		{Name: "results are final", Given: in, When: Leave{Head: herself, Terms: terms(sport.Approved)}, Refused: ErrChallengeApproved},
	})
}

func TestExclude(t *testing.T) {
	effort := accepted(col, ride(1), lap(1, 600))
	out := Excluded{ref, "cut corners"}
	run(t, []testCase{
		{Name: "with all efforts", Given: []Event{joined, effort}, When: Exclude{Head: theHost, Terms: running, Reason: " cut\tcorners "},
			Then: []Event{out, EffortRemoved{ref, col, effort.Activity.ID, effort.EffortID, "excluded", "The athlete was excluded from the challenge: cut corners", everyone, nil, false}}},
		{Name: "approved stages keep theirs", Given: []Event{joined, effort}, When: Exclude{theHost, running, "cut corners", []uuid.UUID{col}}, Then: []Event{out}},
		{Name: "before joining", When: Exclude{Head: theHost, Terms: running, Reason: "cut corners"}, Then: []Event{out}},
		{Name: "twice is once", Given: []Event{joined, out}, When: Exclude{Head: theHost, Terms: running, Reason: "cut corners"}},
		{Name: "for another reason", Given: []Event{joined, out}, When: Exclude{Head: theHost, Terms: running, Reason: "rode a moped"}, Then: []Event{Excluded{ref, "rode a moped"}}},
		{Name: "not without reason", Given: in, When: Exclude{Head: theHost, Terms: running, Reason: " "}, Refused: ErrReasonMissing},
		{Name: "not with an essay", Given: in, When: Exclude{Head: theHost, Terms: running, Reason: strings.Repeat("x", 501)}, Refused: ErrReasonTooLong},
		{Name: "not with a novel", Given: in, When: Exclude{Head: theHost, Terms: running, Reason: strings.Repeat("x", 20_001)}, Refused: sentinel("reason_too_long")},
		{Name: "results are final", Given: in, When: Exclude{Head: theHost, Terms: terms(sport.Approved), Reason: "x"}, Refused: ErrChallengeApproved},
	})
}

func TestLimitAndAllow(t *testing.T) {
	limited := Limited{ref, "professional", sport.DefaultCategories}
	run(t, []testCase{
		{Name: "limit", Given: in, When: Limit{theHost, running, "professional"}, Then: []Event{limited}},
		{Name: "limit twice is once", Given: []Event{joined, limited}, When: Limit{theHost, running, "professional"}},
		{Name: "limit for another reason", Given: []Event{joined, limited}, When: Limit{theHost, running, "e-bike"}, Then: []Event{Limited{ref, "e-bike", sport.DefaultCategories}}},
		{Name: "limit nobody", When: Limit{theHost, running, "professional"}, Refused: ErrNotCompeting},
		{Name: "limit without reason", Given: in, When: Limit{theHost, running, ""}, Refused: ErrReasonMissing},
		{Name: "limit when final", Given: in, When: Limit{theHost, terms(sport.Approved), "x"}, Refused: ErrChallengeApproved},
		{Name: "allow who was limited", Given: []Event{joined, limited}, When: Allow{theHost, running}, Then: []Event{Allowed{ref, sport.DefaultCategories}}},
		{Name: "a limit outlives leaving", Given: []Event{joined, limited, Left{ref}, joined}, When: Allow{theHost, running}, Then: []Event{Allowed{ref, sport.DefaultCategories}}},
		{Name: "allow who was excluded", Given: []Event{joined, Excluded{ref, "x"}}, When: Allow{theHost, running}, Then: []Event{Allowed{ref, sport.DefaultCategories}}},
		{Name: "allow who may anyway", Given: in, When: Allow{theHost, running}},
		{Name: "allow nobody", When: Allow{theHost, running}, Refused: ErrNotCompeting},
		{Name: "allow when final", Given: []Event{joined, limited}, When: Allow{theHost, terms(sport.Approved)}, Refused: ErrChallengeApproved},
	})
}

func TestReclassify(t *testing.T) {
	shy := Joined{ref, "", []sport.Category{sport.Open}}
	effort := accepted(col, ride(1), lap(1, 600))
	standing := StageStanding{col, Standing{600_000, effort.EffortID, effort.FinishedAt(), 1, time.Time{}}}
	asMan := running
	asMan.Gender = sport.Male
	run(t, []testCase{
		{Name: "disclosed", Given: []Event{shy, effort}, When: Reclassify{program, running}, Then: []Event{Reclassified{Ref: ref, Gender: sport.Female,
			Now: everyone, Gained: []sport.Category{sport.Women}, Standings: []StageStanding{standing}}}},
		{Name: "corrected", Given: []Event{joined, effort}, When: Reclassify{program, asMan}, Then: []Event{Reclassified{Ref: ref, Gender: sport.Male,
			Now: []sport.Category{sport.Open, sport.Men}, Gained: []sport.Category{sport.Men}, Lost: []sport.Category{sport.Women}, Standings: []StageStanding{standing}}}},
		{Name: "without efforts", Given: []Event{shy}, When: Reclassify{program, running}, Then: []Event{Reclassified{Ref: ref, Gender: sport.Female,
			Now: everyone, Gained: []sport.Category{sport.Women}}}},
		{Name: "the same is nothing", Given: in, When: Reclassify{program, running}},
		{Name: "who is forgotten stays where they were", Given: []Event{joined, effort}, When: Reclassify{program, Terms{Status: running.Status, Categories: running.Categories, Forgotten: true}}},
		{Name: "not who has left", Given: []Event{shy, Left{ref}}, When: Reclassify{program, running}},
	})
}

// Boards that were final hear where the athlete stands, and which of them don't concern them any more.
func TestRestate(t *testing.T) {
	effort := accepted(col, ride(1), lap(1, 600))
	restated := StandingRestated{ref, col, everyone, []sport.Category{sport.Men}, effort.Standing}
	gone := restated
	gone.Standing = nil
	run(t, []testCase{
		{Name: "with an effort", Given: []Event{joined, effort}, When: Restate{program, running, col}, Then: []Event{restated}},
		{Name: "without", Given: in, When: Restate{program, running, col}, Then: []Event{gone}},
		{Name: "of nobody", When: Restate{program, running, col}},
	})
}

func TestWhoMay(t *testing.T) {
	stranger := uuid.MustParse("a0000000-0000-0000-0000-000000000003")
	actors := map[string]actor.Actor{
		"visitor": {}, "another athlete": actor.Athlete(stranger), "the athlete": actor.Athlete(athleteID), "organiser": actor.Athlete(organiser),
		"club administrator": {AthleteID: stranger, ClubAdmin: true}, "site administrator": {AthleteID: stranger, Admin: true}, "the program": actor.System,
	}
	effort := accepted(col, ride(1), lap(1, 600))
	given := []Event{joined, effort}
	commands := map[string]struct {
		given []Event
		when  func(Head) Command
		may   string // besides the program
		err   error
	}{
		"Join":  {nil, func(h Head) Command { return Join{h, running} }, "the athlete, site administrator", ErrNotYourself},
		"Leave": {given, func(h Head) Command { return Leave{Head: h, Terms: running} }, "the athlete, site administrator", ErrNotYourself},
		"Exclude": {given, func(h Head) Command { return Exclude{Head: h, Terms: running, Reason: "x"} },
			"organiser, club administrator, site administrator", ErrNotOrganiser},
		"Limit": {given, func(h Head) Command { return Limit{h, running, "x"} }, "organiser, club administrator, site administrator", ErrNotOrganiser},
		"Allow": {[]Event{joined, Limited{ref, "x", sport.DefaultCategories}}, func(h Head) Command { return Allow{h, running} },
			"organiser, club administrator, site administrator", ErrNotOrganiser},
		"RecordByHand": {given, func(h Head) Command { return RecordByHand{h, running, rules(), ride(2), lap(1, 500)} },
			"organiser, club administrator, site administrator", ErrNotOrganiser},
		"FlagEffort": {given, func(h Head) Command { return FlagEffort{h, rules(), effort.EffortID, "x"} },
			"organiser, club administrator, site administrator", ErrNotOrganiser},
		"RecordEfforts":  {given, func(h Head) Command { return RecordEfforts{h, running, rules(), ride(2), []Performance{lap(1, 500)}} }, "", ErrProgramOnly},
		"RemoveActivity": {given, func(h Head) Command { return RemoveActivity{Head: h, ActivityID: effort.Activity.ID} }, "", ErrProgramOnly},
		"RemoveEffort":   {given, func(h Head) Command { return RemoveEffort{h, effort.EffortID, "x", "x"} }, "", ErrProgramOnly},
		"ClearStage":     {given, func(h Head) Command { return ClearStage{h, col} }, "", ErrProgramOnly},
		"AcceptEffort": {[]Event{joined, heldOf(ride(2), sparse(lap(1, 500)))}, func(h Head) Command {
			return AcceptEffort{h, running, rules(), EffortIDOf(col, ride(2).ID, 1), "Fine."}
		}, "organiser, club administrator, site administrator", ErrNotOrganiser},
		"RejectEffort": {[]Event{joined, heldOf(ride(2), sparse(lap(1, 500)))}, func(h Head) Command {
			return RejectEffort{h, rules(), EffortIDOf(col, ride(2).ID, 1), "No."}
		}, "organiser, club administrator, site administrator", ErrNotOrganiser},
		"Restate":    {given, func(h Head) Command { return Restate{h, running, col} }, "", ErrProgramOnly},
		"Reclassify": {[]Event{Joined{Ref: ref}}, func(h Head) Command { return Reclassify{h, running} }, "", ErrProgramOnly},
	}
	for name, c := range commands {
		for who, by := range actors {
			t.Run(name+" by "+who, func(t *testing.T) {
				want := c.err
				switch {
				case who == "visitor":
					want = ErrSignIn
				case who == "the program" || strings.Contains(c.may, who) && who != "another athlete":
					want = nil
				}
				got, err := aggregatetest.Fold[State, Command](c.given...).Decide(c.when(Head{challengeID, athleteID, by, now}))
				if !errors.Is(err, want) || (want == nil) != (len(got) > 0) {
					t.Errorf("%v, %v; want %v", got, err, want)
				}
			})
		}
	}
}

func TestStoredShapes(t *testing.T) {
	effort := accepted(col, ride(1), lap(1, 600))
	effort.Activity.Private, effort.Activity.Manual, effort.BroughtAt = true, true, now
	effort.Performance = Performance{EffortID: effort.EffortID, Lap: 1, StartUTC: effort.StartUTC, StartLocal: effort.Performance.StartLocal,
		ElapsedMs: 600_123, MovingMs: 599_000, DistanceM: 5012.3, GainM: 412.5, HeartRate: 165, Power: 301, Quality: "C", NeedsReview: true, UncertaintyMs: 400, Method: 2}
	effort.Accumulate, effort.Best, effort.MaxAttempts, effort.Of, effort.Count = true, true, 3, 2, true
	effort.ReviewedBy, effort.Note = organiser.String(), "The photo shows it."
	standing := effort.Standing
	standing.FirstAt = now
	aggregatetest.Golden(t, Events, []Event{
		joined, Left{ref}, Excluded{ref, "cut corners"}, Limited{ref, "professional", sport.DefaultCategories}, Allowed{ref, sport.DefaultCategories},
		Reclassified{ref, sport.Female, everyone, []sport.Category{sport.Women}, []sport.Category{sport.Men}, []StageStanding{{col, *standing}}},
		StandingRestated{ref, col, everyone, []sport.Category{sport.Men}, standing},
		effort,
		EffortRefused{ref, col, effort.Activity, effort.Performance, "private_not_allowed", "This activity is private."},
		EffortRemoved{ref, col, effort.Activity.ID, effort.EffortID, CodeLeft, "The athlete left.", everyone, standing, true},
		EffortFlagged{ref, col, effort.Activity.ID, effort.EffortID, "drafted a car", organiser.String(), everyone, standing, true},
		EffortHeld{ref, col, effort.Activity, effort.Performance, "A part went unrecorded."},
		EffortRejected{ref, col, effort.Activity.ID, effort.EffortID, "A short cut.", organiser.String()},
	})
}

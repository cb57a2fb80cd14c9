package challenges

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

func long(n int) string { return strings.Repeat("x", n) }

// sentinel stands for a refusal of the package sport.
func sentinel(code string) error { return refusal.New(code, "any words") }

func create(change ...func(*Definition)) Create {
	return Create{Head: head(before), Slug: "alpine-cup", Definition: definition(change...)}
}

func TestCreate(t *testing.T) {
	stranger := actor.Athlete(uuid.MustParse("a0000000-0000-0000-0000-000000000002"))
	inClub := func(d *Definition) { d.ClubID = clubID }
	by := func(c Create, a actor.Actor, member bool) Create { c.By, c.ClubMember = a, member; return c }
	run(t, []testCase{
		{Name: "pending", When: create(), Then: []Event{created()}},
		{Name: "any athlete", When: by(create(), stranger, false), Then: []Event{Created{ChallengeID: challengeID,
			OrganiserID: stranger.AthleteID, Slug: "alpine-cup", Definition: definition()}}},
		{Name: "no visitor", When: by(create(), actor.Actor{}, false), Refused: ErrSignIn},
		{Name: "not by nobody", When: by(create(), actor.System, false), Refused: ErrSignIn},
		{Name: "for one's club", When: by(create(inClub), actor.Athlete(organiser), true), Then: []Event{created(inClub)}},
		{Name: "for a club one administers", When: by(create(inClub), actor.Actor{AthleteID: organiser, ClubAdmin: true}, false), Then: []Event{created(inClub)}},
		{Name: "not for a strange club", When: create(inClub), Refused: ErrNotClub},
		{Name: "the same again is nothing", Given: pending, When: create()},
		{Name: "not over another's", Given: pending, When: by(create(), stranger, false), Refused: ErrExists},
		{Name: "not without an address", When: Create{Head: head(before), Definition: definition()}, Refused: ErrSlugMissing},
		{Name: "a season under way", When: func() Create { c := create(); c.Now = during; return c }(), Then: []Event{created()}},
		{Name: "everything wrong is said at once", When: create(func(d *Definition) {
			d.Name, d.Type, d.TimeZone = " ", "marathon", "Mars/Olympus_Mons"
		}), Refused: errors.Join(sentinel("name_missing"), ErrTypeUnknown, ErrZoneUnknown)},
	})
}

func TestDefinition(t *testing.T) {
	distance := func(d *Definition) { d.Type = sport.DistanceChallenge }
	race := func(d *Definition) { d.Type = sport.RaceChallenge }
	goal := func(value float64, units string, r sport.Recurrence) func(*Definition) {
		return func(d *Definition) { d.Goal = &sport.Goal{Value: value, Units: units, Recurrence: r} }
	}
	cases := map[string]struct {
		change []func(*Definition)
		want   error
	}{
		"as it should be":       {nil, nil},
		"no name":               {[]func(*Definition){func(d *Definition) { d.Name = "\t " }}, sentinel("name_missing")},
		"an endless name":       {[]func(*Definition){func(d *Definition) { d.Name = long(5000) }}, sentinel("name_too_long")},
		"an endless text":       {[]func(*Definition){func(d *Definition) { d.Description = long(sport.MaxText + 1) }}, sentinel("description_too_long")},
		"no type":               {[]func(*Definition){func(d *Definition) { d.Type = "" }}, ErrTypeUnknown},
		"no start":              {[]func(*Definition){func(d *Definition) { d.Window.Start = sport.Local{} }}, ErrStartMissing},
		"no end":                {[]func(*Definition){func(d *Definition) { d.Window.End = sport.Local{} }}, ErrEndMissing},
		"end before start":      {[]func(*Definition){func(d *Definition) { d.Window = window("2026-05-02", "2026-05-01") }}, ErrEndsFirst},
		"end at start":          {[]func(*Definition){func(d *Definition) { d.Window = window("2026-05-02", "2026-05-02") }}, ErrEndsFirst},
		"end in the past":       {[]func(*Definition){func(d *Definition) { d.Window = window("2026-04-01", "2026-04-19") }}, ErrEndPast},
		"end now":               {[]func(*Definition){func(d *Definition) { d.Window = window("2026-04-01", "2026-04-20T12:00:00") }}, ErrEndPast},
		"no zone":               {[]func(*Definition){func(d *Definition) { d.TimeZone = "" }}, ErrZoneUnknown},
		"the machine's zone":    {[]func(*Definition){func(d *Definition) { d.TimeZone = "Local" }}, ErrZoneUnknown},
		"a path for a zone":     {[]func(*Definition){func(d *Definition) { d.TimeZone = "../../etc/passwd" }}, ErrZoneUnknown},
		"restricted, no club":   {[]func(*Definition){func(d *Definition) { d.RestrictedToClubMembers = true }}, ErrClubMissing},
		"strange activity":      {[]func(*Definition){func(d *Definition) { d.IncludedActivityTypes = []sport.ActivityType{"Napping"} }}, ErrActivityType},
		"strange category":      {[]func(*Definition){func(d *Definition) { d.Categories = []sport.Category{"Robots"} }}, ErrCategory},
		"ages backwards":        {[]func(*Definition){func(d *Definition) { d.Categories = []sport.Category{sport.Open, "49-40"} }}, ErrCategory},
		"a board for every age": {[]func(*Definition){func(d *Definition) { d.Categories = everyAge() }}, ErrTooManyCategories},
		"adding times up":       {[]func(*Definition){func(d *Definition) { d.AccumulateActivities = true }}, ErrAccumulate},
		"a goal on a segment":   {[]func(*Definition){goal(10, "kilometres", sport.Once)}, ErrGoalUnused},
		"a goal of zero":        {[]func(*Definition){distance, goal(0, "kilometres", sport.Once)}, ErrGoalNotPositive},
		"a goal below zero":     {[]func(*Definition){distance, goal(-5, "kilometres", sport.Once)}, ErrGoalNotPositive},
		"a goal out of reach":   {[]func(*Definition){distance, goal(1e300, "kilometres", sport.Once)}, ErrGoalTooLarge},
		"a goal of nothing":     {[]func(*Definition){distance, goal(math.NaN(), "kilometres", sport.Once)}, ErrGoalNotPositive},
		"an endless goal":       {[]func(*Definition){distance, goal(math.Inf(1), "kilometres", sport.Once)}, ErrGoalNotPositive},
		"hours of distance":     {[]func(*Definition){distance, goal(5, "hours", sport.Once)}, ErrGoalUnits},
		"furlongs":              {[]func(*Definition){distance, goal(5, "furlongs", sport.Once)}, ErrGoalUnits},
		"a goal each blue moon": {[]func(*Definition){distance, goal(5, "miles", "moon")}, ErrGoalRecurrence},
		"a race over nothing":   {[]func(*Definition){race}, ErrGoalMissing},
		"a race that recurs":    {[]func(*Definition){race, goal(5, "kilometres", sport.Daily)}, ErrRaceRecurs},
		"a day each for years": {[]func(*Definition){distance, goal(5, "kilometres", sport.Daily),
			func(d *Definition) { d.Window = window("2026-05-01", "2028-05-01") }}, ErrTooManyStages},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := State{}.Decide(create(c.change...))
			if !errors.Is(err, c.want) || (c.want != nil && len(refusal.All(err)) != 1) {
				t.Errorf("refused by %v, want %v", err, c.want)
			}
		})
	}
}

func TestDefinitionIsTidied(t *testing.T) {
	untidy := func(d *Definition) {
		d.Name, d.Description, d.Categories = "  Alpine   Cup ", " Up!\r\n", []sport.Category{"women 40–49", "men under 23", sport.Women, sport.Women, sport.Open, "Women 40-49"}
		d.IncludedActivityTypes = []sport.ActivityType{sport.Run, sport.Ride, sport.Run}
	}
	tidy := func(d *Definition) {
		d.Description, d.Categories = "Up!", []sport.Category{sport.Open, sport.Women, "Women 40-49", "Men U23"}
		d.IncludedActivityTypes = []sport.ActivityType{sport.Ride, sport.Run}
	}
	run(t, []testCase{
		{Name: "spaces, repeats", When: create(untidy), Then: []Event{created(tidy)}},
		{Name: "no categories are the usual ones", When: create(func(d *Definition) { d.Categories = nil }), Then: []Event{created()}},
	})
}

func everyAge() (all []sport.Category) {
	for age := range 31 {
		all = append(all, sport.Category(fmt.Sprintf("%d+", 20+age)))
	}
	return all
}

// Ages are reckoned by the year of the start; athletes are classed anew when it becomes another.
func TestAgesFollowTheStart(t *testing.T) {
	aged := func(d *Definition) {
		d.Categories, d.Window = append(d.Categories[:3:3], "50+"), window("2026-01-01", "2026-06-01T23:59:59")
	}
	plain := func(d *Definition) { d.Window = window("2026-01-01", "2026-06-01T23:59:59") }
	earlier := window("2025-12-20", "2026-06-01T23:59:59")
	now := func(s string) Head { h := head(local(s).In(time.UTC)); return h }
	stage := StageAdded{ChallengeID: challengeID, StageID: first.StageID, Number: 1, StageDefinition: StageDefinition{Name: "All", Window: window("2026-01-01", "2026-06-01T23:59:59")}}
	whole := []StageRef{{first.StageID, 1, stage.Window}}
	moved, followed := WindowAdjusted{challengeID, earlier}, StageRescheduled{challengeID, first.StageID, earlier}
	early := sport.Window{Start: local("2025-12-31T12:00:00"), End: earlier.End}
	started := Started{ChallengeID: challengeID, Early: true, Window: early, Stages: whole, Starting: []uuid.UUID{first.StageID}, TimeZone: "UTC"}
	inUTC := func(d *Definition) { d.TimeZone = "UTC" }
	run(t, []testCase{
		{Name: "moved into the year before", Given: []Event{created(aged), stage}, When: AdjustWindow{now("2025-12-01"), earlier},
			Then: []Event{moved, StartYearChanged{challengeID, 2025}, followed}},
		{Name: "without age groups", Given: []Event{created(plain), stage}, When: AdjustWindow{now("2025-12-01"), earlier}, Then: []Event{moved, followed}},
		{Name: "within the year", Given: []Event{created(aged)}, When: AdjustWindow{now("2025-12-01"), window("2026-01-02", "2026-06-01T23:59:59")},
			Then: []Event{WindowAdjusted{challengeID, window("2026-01-02", "2026-06-01T23:59:59")}}},
		{Name: "started early, in the old year", Given: []Event{created(aged, inUTC), stage, Hosted{ChallengeID: challengeID, Stages: whole}},
			When: Start{now("2025-12-31T12:00:00")}, Then: []Event{started, StartYearChanged{challengeID, 2025}}},
	})
}

func TestRename(t *testing.T) {
	rename := Rename{head(before), " New  name ", "new-name"}
	run(t, []testCase{
		{Name: "pending, with its address", Given: pending, When: rename, Then: []Event{Renamed{challengeID, "New name", "new-name"}}},
		{Name: "pending, without another address", Given: pending, When: Rename{head(before), "New name", ""}, Then: []Event{Renamed{challengeID, "New name", "alpine-cup"}}},
		{Name: "upcoming, keeping its address", Given: upcoming, When: rename, Then: []Event{Renamed{challengeID, "New name", "alpine-cup"}}},
		{Name: "active, keeping its address", Given: active, When: rename, Then: []Event{Renamed{challengeID, "New name", "alpine-cup"}}},
		{Name: "the same is nothing", Given: pending, When: Rename{head(before), "Alpine Cup", "alpine-cup-2"}},
		{Name: "not nameless", Given: pending, When: Rename{head(before), " ", "x"}, Refused: sentinel("name_missing")},
		{Name: "not past", Given: past, When: rename, Refused: ErrOver},
		{Name: "not approved", Given: approved, When: rename, Refused: ErrOver},
		{Name: "not cancelled", Given: cancelled, When: rename, Refused: ErrCancelled},
	})
}

func TestDescribe(t *testing.T) {
	run(t, []testCase{
		{Name: "another", Given: active, When: Describe{head(during), "Up!\r\n"}, Then: []Event{Described{challengeID, "Up!"}}},
		{Name: "the same is nothing", Given: append(pending[:3:3], Described{challengeID, "Up!"}), When: Describe{head(during), "Up!"}},
		{Name: "not endless", Given: pending, When: Describe{head(before), long(sport.MaxText + 1)}, Refused: sentinel("description_too_long")},
		{Name: "not past", Given: past, When: Describe{head(after), "Up!"}, Refused: ErrOver},
		{Name: "not cancelled", Given: cancelled, When: Describe{head(after), "Up!"}, Refused: ErrCancelled},
	})
}

func TestAdjustActivityTypes(t *testing.T) {
	rides := []sport.ActivityType{sport.Ride, sport.GravelRide}
	adjusted := ActivityTypesAdjusted{ChallengeID: challengeID, Types: []sport.ActivityType{sport.Ride, sport.GravelRide}, Stages: refs}
	run(t, []testCase{
		{Name: "narrowed", Given: active, When: AdjustActivityTypes{head(during), []sport.ActivityType{sport.GravelRide, sport.Ride}}, Then: []Event{adjusted}},
		{Name: "widened to all", Given: append(active[:5:5], adjusted), When: AdjustActivityTypes{head(during), nil}, Then: []Event{ActivityTypesAdjusted{ChallengeID: challengeID, Stages: refs}}},
		{Name: "the same is nothing", Given: append(active[:5:5], adjusted), When: AdjustActivityTypes{head(during), rides}},
		{Name: "not unknown", Given: active, When: AdjustActivityTypes{head(during), []sport.ActivityType{"Napping"}}, Refused: ErrActivityType},
		{Name: "not past", Given: past, When: AdjustActivityTypes{head(after), rides}, Refused: ErrOver},
		{Name: "not cancelled", Given: cancelled, When: AdjustActivityTypes{head(after), rides}, Refused: ErrCancelled},
	})
}

func TestUnknownZoneIsUTC(t *testing.T) {
	s := State{Definition: definition(func(d *Definition) { d.TimeZone = "Gone/Forever" })}
	if got := s.StartsAt(); !got.Equal(time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("starts at %v", got)
	}
}

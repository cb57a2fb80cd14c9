package challenges

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"segmentchallenge/internal/aggregate/aggregatetest"
	"segmentchallenge/internal/sport"
)

// recurring is a distance challenge from 1 May (a Friday) whose goal recurs.
func recurring(r sport.Recurrence, end string) func(*Definition) {
	return func(d *Definition) {
		d.Type, d.Window.End = sport.DistanceChallenge, local(end)
		d.Goal = &sport.Goal{Value: 100, Units: "kilometres", Recurrence: r}
	}
}

// generated is the n-th stage that was ever made by a goal; number is its place now.
func generated(n, number int, name, slug, start, end string) StageAdded {
	return StageAdded{ChallengeID: challengeID, OrganiserID: organiser, StageID: generatedID(n), Number: number, Slug: slug,
		StageDefinition: StageDefinition{Type: sport.DistanceStage, Name: name, Window: window(start, end), Adjustment: sport.NoAdjustment},
		Categories:      sport.DefaultCategories, TimeZone: "Europe/Amsterdam"}
}

func generatedID(n int) uuid.UUID { return uuid.NewSHA1(challengeID, fmt.Append(nil, "stage-", n)) }

func TestStagesFollowFromTheGoal(t *testing.T) {
	all := func(d *Definition) { d.Type = sport.DistanceChallenge }
	race := func(d *Definition) {
		d.Type, d.Goal = sport.RaceChallenge, &sport.Goal{Value: 5, Units: "kilometres", Recurrence: sport.Once}
	}
	raceStage := generated(1, 1, "Alpine Cup", "alpine-cup", "2026-05-01", "2026-05-31T23:59:59")
	raceStage.Type = sport.RaceStage
	run(t, []testCase{
		{Name: "none: one for the whole duration", When: create(all), Then: []Event{created(all),
			generated(1, 1, "Alpine Cup", "alpine-cup", "2026-05-01", "2026-05-31T23:59:59")}},
		{Name: "a race: one for the whole duration", When: create(race), Then: []Event{created(race), raceStage}},
		{Name: "a day each", When: create(recurring(sport.Daily, "2026-05-03T20:00:00")), Then: []Event{
			created(recurring(sport.Daily, "2026-05-03T20:00:00")),
			generated(1, 1, "1 May 2026", "1-may-2026", "2026-05-01T00:00:00", "2026-05-01T23:59:59"),
			generated(2, 2, "2 May 2026", "2-may-2026", "2026-05-02T00:00:00", "2026-05-02T23:59:59"),
			generated(3, 3, "3 May 2026", "3-may-2026", "2026-05-03T00:00:00", "2026-05-03T20:00:00")}},
		{Name: "a week each, Monday to Sunday", When: create(recurring(sport.Weekly, "2026-05-12T23:59:59")), Then: []Event{
			created(recurring(sport.Weekly, "2026-05-12T23:59:59")),
			generated(1, 1, "Week 1", "week-1", "2026-05-01T00:00:00", "2026-05-03T23:59:59"),
			generated(2, 2, "Week 2", "week-2", "2026-05-04T00:00:00", "2026-05-10T23:59:59"),
			generated(3, 3, "Week 3", "week-3", "2026-05-11T00:00:00", "2026-05-12T23:59:59")}},
		{Name: "a month each, and no stage of one second", When: create(recurring(sport.Monthly, "2026-07-01")), Then: []Event{
			created(recurring(sport.Monthly, "2026-07-01")),
			generated(1, 1, "May 2026", "may-2026", "2026-05-01T00:00:00", "2026-05-31T23:59:59"),
			generated(2, 2, "June 2026", "june-2026", "2026-06-01T00:00:00", "2026-07-01T00:00:00")}},
	})
}

func TestAdjustWindow(t *testing.T) {
	adjust := func(start, end string) AdjustWindow { return AdjustWindow{head(before), openWindow(start, end)} }
	adjusted := func(start, end string) Event { return WindowAdjusted{challengeID, window(start, end)} }
	moved := func(n int, start, end string) Event {
		return StageRescheduled{challengeID, stageID(n), window(start, end)}
	}
	run(t, []testCase{
		{Name: "longer: the stage that ended with it still does", Given: active, When: adjust("", "2026-06-30"),
			Then: []Event{adjusted("2026-05-01", "2026-06-30"), moved(2, "2026-05-16T00:00:00", "2026-06-30")}},
		{Name: "shorter", Given: active, When: adjust("", "2026-05-20"),
			Then: []Event{adjusted("2026-05-01", "2026-05-20"), moved(2, "2026-05-16T00:00:00", "2026-05-20")}},
		{Name: "earlier: the stage that began with it still does", Given: upcoming, When: adjust("2026-04-25", ""),
			Then: []Event{adjusted("2026-04-25", "2026-05-31T23:59:59"), moved(1, "2026-04-25", "2026-05-15T23:59:59")}},
		{Name: "pending, without stages", Given: pending[:1], When: adjust("2026-06-01", "2026-06-30"), Then: []Event{adjusted("2026-06-01", "2026-06-30")}},
		{Name: "the same is nothing", Given: active, When: adjust("2026-05-01", "")},
		{Name: "not so that a stage is left outside", Given: upcoming, When: adjust("", "2026-05-14"), Refused: ErrStageOutside},
		{Name: "not away from its stages", Given: upcoming, When: adjust("2026-06-01", "2026-06-30"), Refused: ErrStageOutside},
		{Name: "not the start of one under way", Given: active, When: adjust("2026-05-02", ""), Refused: ErrStartFixed},
		{Name: "not end first", Given: pending, When: adjust("2026-05-10", "2026-05-09"), Refused: ErrEndsFirst},
		{Name: "not into the past", Given: pending, When: adjust("2026-01-01", "2026-02-01"), Refused: ErrEndPast},
		{Name: "not when past", Given: past, When: adjust("", "2026-06-30"), Refused: ErrOver},
		{Name: "not when cancelled", Given: cancelled, When: adjust("", "2026-06-30"), Refused: ErrCancelled},
	})
}

func TestAdjustWindowOfARecurringGoal(t *testing.T) {
	days := recurring(sport.Daily, "2026-05-02T23:59:59")
	one := generated(1, 1, "1 May 2026", "1-may-2026", "2026-05-01T00:00:00", "2026-05-01T23:59:59")
	two := generated(2, 2, "2 May 2026", "2-may-2026", "2026-05-02T00:00:00", "2026-05-02T23:59:59")
	given := []Event{created(days), one, two}
	adjust := func(start, end string) AdjustWindow { return AdjustWindow{head(before), openWindow(start, end)} }
	run(t, []testCase{
		{Name: "longer: another day", Given: given, When: adjust("", "2026-05-03T23:59:59"), Then: []Event{
			WindowAdjusted{challengeID, window("2026-05-01", "2026-05-03T23:59:59")},
			generated(3, 3, "3 May 2026", "3-may-2026", "2026-05-03T00:00:00", "2026-05-03T23:59:59")}},
		{Name: "shorter: one day less", Given: given, When: adjust("", "2026-05-01T20:00:00"), Then: []Event{
			WindowAdjusted{challengeID, window("2026-05-01", "2026-05-01T20:00:00")},
			StageRescheduled{challengeID, one.StageID, window("2026-05-01", "2026-05-01T20:00:00")},
			StageRemoved{challengeID, two.StageID, 2}}},
		{Name: "and longer again: a day of the same date is another stage",
			Given: append(given[:3:3], StageRemoved{challengeID, two.StageID, 2}, WindowAdjusted{challengeID, window("2026-05-01", "2026-05-01T23:59:59")}),
			When:  adjust("", "2026-05-02T23:59:59"), Then: []Event{
				WindowAdjusted{challengeID, window("2026-05-01", "2026-05-02T23:59:59")},
				generated(3, 2, "2 May 2026", "2-may-2026", "2026-05-02T00:00:00", "2026-05-02T23:59:59")}},
		{Name: "from another day: all stages anew", Given: given, When: adjust("2026-05-02", ""), Then: []Event{
			WindowAdjusted{challengeID, window("2026-05-02", "2026-05-02T23:59:59")},
			StageRemoved{challengeID, one.StageID, 1}, StageRemoved{challengeID, two.StageID, 2},
			generated(3, 1, "2 May 2026", "2-may-2026", "2026-05-02T00:00:00", "2026-05-02T23:59:59")}},
		{Name: "not into thousands of stages", Given: given, When: adjust("", "2029-01-01"), Refused: ErrTooManyStages},
	})
}

// A challenge that started early goes on with the stages that were planned.
func TestAdjustWindowAfterAnEarlyStart(t *testing.T) {
	months := recurring(sport.Monthly, "2026-06-30T23:59:59")
	may := generated(1, 1, "May 2026", "may-2026", "2026-05-01", "2026-05-31T23:59:59")
	june := generated(2, 2, "June 2026", "june-2026", "2026-06-01", "2026-06-30T23:59:59")
	early := Started{ChallengeID: challengeID, Early: true, Window: window("2026-04-20T12:00:00", "2026-06-30T23:59:59")}
	run(t, []testCase{{
		Name: "longer", Given: []Event{created(months), may, june, hosted, early}, When: AdjustWindow{head(during), openWindow("", "2026-07-01T00:00:01")},
		Then: []Event{WindowAdjusted{challengeID, window("2026-04-20T12:00:00", "2026-07-01T00:00:01")},
			underWay(generated(3, 3, "July 2026", "july-2026", "2026-07-01T00:00:00", "2026-07-01T00:00:01"))},
	}})
}

// Periods follow each other without a gap from the start to the end, whatever the window.
func TestPeriodsCoverTheWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rapid.SampledFrom([]sport.Recurrence{sport.Once, sport.Daily, sport.Weekly, sport.Monthly}).Draw(t, "recurrence")
		start := local("2026-01-01").Add(1e9 * 60 * 61 * 7 * durations(t, "start"))
		end := start.Add(1e9 * (1 + 60*13*durations(t, "length")))
		s := aggregatetest.Fold[State, Command](created(recurring(r, "2026-05-31")))
		got, err := s.periods(sport.Window{Start: start, End: end})
		if err != nil {
			t.Fatal(err)
		}
		next := start
		for _, p := range got {
			if diff := cmp.Diff(next, p.window.Start); diff != "" || p.window.End.Before(p.window.Start) {
				t.Fatalf("period %v begins elsewhere: %s", p, diff)
			}
			next = p.window.End.Add(1e9)
		}
		if !next.Equal(end.Add(1e9)) {
			t.Fatalf("the last period ends at %v, not at %v", got[len(got)-1].window.End, end)
		}
	})
}

func durations(t *rapid.T, label string) time.Duration {
	return time.Duration(rapid.IntRange(0, 20_000).Draw(t, label))
}

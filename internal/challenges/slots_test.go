package challenges

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"segmentchallenge/internal/aggregate/aggregatetest"
	"segmentchallenge/internal/sport"
)

func add(n int, change ...func(*StageDefinition)) AddStage {
	d := added(n, "2026-05-01", "2026-05-01").StageDefinition
	d.Window = sport.Window{}
	for _, f := range change {
		f(&d)
	}
	return AddStage{Head: head(before), StageID: stageID(n), StageDefinition: d}
}

func in(start, end string) func(*StageDefinition) {
	return func(d *StageDefinition) { d.Window = sport.Window{}; d.Window = openWindow(start, end) }
}

// openWindow takes "" for an end that isn't given.
func openWindow(start, end string) (w sport.Window) {
	if start != "" {
		w.Start = local(start)
	}
	if end != "" {
		w.End = local(end)
	}
	return w
}

func underWay(e StageAdded) StageAdded { e.UnderWay = true; return e }

func numbered(e StageAdded, n int) StageAdded { e.Number = n; return e }

func TestAddStage(t *testing.T) {
	third := added(3, "2026-05-20T00:00:00", "2026-05-31T23:59:59")
	gap := []Event{created(), first, added(2, "2026-05-16T00:00:00", "2026-05-19T23:59:59"), third,
		StageRemoved{challengeID, stageID(2), 2}}
	run(t, []testCase{
		{Name: "the first takes the whole challenge", Given: pending[:1], When: add(1),
			Then: []Event{added(1, "2026-05-01T00:00:00", "2026-05-31T23:59:59")}},
		{Name: "the next starts a second later and ends with the challenge", Given: pending[:2], When: add(2), Then: []Event{second}},
		{Name: "with its own end", Given: pending[:2], When: add(2, in("", "2026-05-20")),
			Then: []Event{added(2, "2026-05-16T00:00:00", "2026-05-20")}},
		{Name: "with its own start", Given: pending[:2], When: add(2, in("2026-05-20", "")),
			Then: []Event{added(2, "2026-05-20", "2026-05-31T23:59:59")}},
		{Name: "before the first, ending a second sooner", Given: []Event{created(), third}, When: add(1, in("2026-05-02", "")),
			Then: []Event{numbered(added(1, "2026-05-02", "2026-05-19T23:59:59"), 1)}},
		{Name: "a gap is refilled with its number", Given: gap, When: add(4),
			Then: []Event{numbered(added(4, "2026-05-16T00:00:00", "2026-05-19T23:59:59"), 2)}},
		{Name: "in a gap by dates", Given: gap, When: add(4, in("2026-05-17", "2026-05-18")),
			Then: []Event{numbered(added(4, "2026-05-17", "2026-05-18"), 2)}},
		{Name: "between two without a free number comes last by number",
			Given: []Event{created(), added(1, "2026-05-01", "2026-05-02"), added(2, "2026-05-20", "2026-05-21")},
			When:  add(3, in("2026-05-10", "2026-05-11")), Then: []Event{added(3, "2026-05-10", "2026-05-11")}},
		{Name: "the number of a deleted last stage is free", Given: append(pending[:3:3], StageRemoved{challengeID, second.StageID, 2}),
			When: add(7), Then: []Event{numbered(added(7, "2026-05-16T00:00:00", "2026-05-31T23:59:59"), 2)}},
		{Name: "while hosted", Given: append(upcoming[:4:4], StageRemoved{challengeID, second.StageID, 2}), When: add(3),
			Then: []Event{numbered(added(3, "2026-05-16T00:00:00", "2026-05-31T23:59:59"), 2)}},
		{Name: "while active, in the past", Given: append(active[:5:5], StageRescheduled{challengeID, first.StageID, window("2026-05-05", "2026-05-15")}),
			When: add(3, in("2026-05-01", "2026-05-02")), Then: []Event{underWay(added(3, "2026-05-01", "2026-05-02"))}},
		{Name: "the same again is nothing", Given: pending, When: add(2)},
		{Name: "no room", Given: pending, When: add(3), Refused: ErrNoRoom},
		{Name: "overlapping", Given: pending[:2], When: add(2, in("2026-05-15T23:59:59", "")), Refused: ErrStageOverlaps},
		{Name: "enclosing", Given: []Event{created(), added(1, "2026-05-10", "2026-05-11")}, When: add(2, in("2026-05-09", "2026-05-12")), Refused: ErrStageOverlaps},
		{Name: "before the challenge", Given: pending[:1], When: add(1, in("2026-04-30", "2026-05-02")), Refused: ErrStageOutside},
		{Name: "after the challenge", Given: pending[:1], When: add(1, in("2026-05-30", "2026-06-01")), Refused: ErrStageOutside},
		{Name: "end before start", Given: pending[:1], When: add(1, in("2026-05-10", "2026-05-09")), Refused: ErrEndsFirst},
		{Name: "end at start", Given: pending[:1], When: add(1, in("2026-05-10", "2026-05-10")), Refused: ErrEndsFirst},
		{Name: "everything wrong at once", Given: pending[:1], When: add(1, func(d *StageDefinition) {
			*d = StageDefinition{Type: sport.DistanceStage, Adjustment: "triple", Description: long(sport.MaxText + 1)}
		}), Refused: errors.Join(sentinel("name_missing"), sentinel("description_too_long"), ErrStageType, ErrSegmentMissing, ErrPointsAdjustment)},
		{Name: "not when past", Given: past, When: add(3), Refused: ErrOver},
		{Name: "not when cancelled", Given: cancelled, When: add(3), Refused: ErrCancelled},
		{Name: "not without segments", Given: []Event{created(func(d *Definition) { d.Type = sport.DistanceChallenge })}, When: add(1), Refused: ErrStagesGenerated},
	})
}

func TestTooManyStages(t *testing.T) {
	events := []Event{created()}
	start := local("2026-05-01")
	for n := range MaxStages {
		e := added(n+1, "2026-05-01", "2026-05-01")
		e.Window = sport.Window{Start: start.Add(time.Duration(n) * time.Minute), End: start.Add(time.Duration(n)*time.Minute + 59*time.Second)}
		events = append(events, e)
	}
	run(t, []testCase{{Name: "one too many", Given: events, When: add(1000), Refused: ErrTooManyStages}})
}

func TestStageSlugs(t *testing.T) {
	s := aggregatetest.Fold[State, Command](created(), Event(added(1, "2026-05-01", "2026-05-02")))
	for name, want := range map[string]string{
		"Col 1": "col-1-2", "Col de l'Échelle": "col-de-lechelle", "New": "new-stage", "!!!": "unnamed-stage",
		"ÖPNV & Größe": "opnv-and-grosse", long(120): long(50),
	} {
		if got := s.slugFor(name); got != want {
			t.Errorf("slug of %q is %q, want %q", name, got, want)
		}
	}
}

func TestRescheduleStage(t *testing.T) {
	move := func(status sport.Status, start, end string) RescheduleStage {
		return RescheduleStage{Head: head(during), StageID: first.StageID, Status: status, Window: openWindow(start, end)}
	}
	moved := func(start, end string) []Event {
		return []Event{StageRescheduled{challengeID, first.StageID, window(start, end)}}
	}
	run(t, []testCase{
		{Name: "both ends", Given: upcoming, When: move(sport.Upcoming, "2026-05-02", "2026-05-14"), Then: moved("2026-05-02", "2026-05-14")},
		{Name: "its end", Given: pending, When: move("", "", "2026-05-14"), Then: moved("2026-05-01", "2026-05-14")},
		{Name: "its start", Given: pending, When: move("", "2026-05-02", ""), Then: moved("2026-05-02", "2026-05-15T23:59:59")},
		{Name: "the same is nothing", Given: pending, When: move("", "2026-05-01", "2026-05-15T23:59:59")},
		{Name: "overlapping", Given: pending, When: move("", "", "2026-05-16"), Refused: ErrStageOverlaps},
		{Name: "outside", Given: pending, When: move("", "2026-04-16", ""), Refused: ErrStageOutside},
		{Name: "end first", Given: pending, When: move("", "2026-05-14", "2026-05-13"), Refused: ErrEndsFirst},
		{Name: "running: its end", Given: active, When: move(sport.Active, "", "2026-05-14"), Then: moved("2026-05-01", "2026-05-14")},
		{Name: "running: the start stays", Given: active, When: move(sport.Active, "2026-05-03", "2026-05-14"), Then: moved("2026-05-01", "2026-05-14")},
		{Name: "running: not into the future", Given: active, When: move(sport.Active, "2026-05-12", "2026-05-14"), Refused: ErrStageStarted},
		{Name: "not when over", Given: active, When: move(sport.Past, "", "2026-05-14"), Refused: ErrStageOver},
		{Name: "not when approved", Given: active, When: move(sport.Approved, "", "2026-05-14"), Refused: ErrStageOver},
		{Name: "not when deleted", Given: active, When: move(sport.Deleted, "", "2026-05-14"), Refused: ErrStageNotFound},
		{Name: "not an unknown one", Given: pending, When: RescheduleStage{Head: head(before), StageID: stageID(9)}, Refused: ErrStageNotFound},
		{Name: "not when the challenge is past", Given: past, When: move(sport.Upcoming, "", "2026-05-14"), Refused: ErrOver},
		{Name: "not without segments", Given: []Event{created(func(d *Definition) { d.Type = sport.DistanceChallenge })}, When: move("", "", "2026-05-14"), Refused: ErrStagesGenerated},
	})
}

func TestRemoveStage(t *testing.T) {
	remove := func(status sport.Status) RemoveStage {
		return RemoveStage{Head: head(during), StageID: second.StageID, Status: status}
	}
	removed := []Event{StageRemoved{challengeID, second.StageID, 2}}
	run(t, []testCase{
		{Name: "pending", Given: pending, When: remove(""), Then: removed},
		{Name: "upcoming", Given: active, When: remove(sport.Upcoming), Then: removed},
		{Name: "the only one while pending", Given: []Event{created(), second}, When: remove(sport.Upcoming), Then: removed},
		{Name: "not the only one once hosted", Given: []Event{created(), second, hosted}, When: remove(sport.Upcoming), Refused: ErrOnlyStage},
		{Name: "not active", Given: active, When: remove(sport.Active), Refused: ErrStageStarted},
		{Name: "not past", Given: active, When: remove(sport.Past), Refused: ErrStageOver},
		{Name: "not approved", Given: active, When: remove(sport.Approved), Refused: ErrStageOver},
		{Name: "not twice", Given: append(pending[:3:3], removed...), When: remove(sport.Deleted), Refused: ErrStageNotFound},
		{Name: "not when the challenge is past", Given: past, When: remove(sport.Upcoming), Refused: ErrOver},
		{Name: "not without segments", Given: []Event{created(func(d *Definition) { d.Type = sport.DistanceChallenge })}, When: remove(""), Refused: ErrStagesGenerated},
	})
}

// Whatever is added, moved and removed: stages lie within the challenge, don't overlap, and no two share a number or slug.
func TestStagesAlwaysFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := aggregatetest.Fold[State, Command](created())
		some := func(label string) sport.Local {
			if rapid.Bool().Draw(t, label+" given") {
				return local("2026-04-29").Add(time.Duration(rapid.IntRange(0, 36*4).Draw(t, label)) * 6 * time.Hour)
			}
			return sport.Local{}
		}
		for i := range rapid.IntRange(1, 25).Draw(t, "steps") {
			var c Command
			w := sport.Window{Start: some("start"), End: some("end")}
			switch what := rapid.IntRange(0, 3).Draw(t, "what"); {
			case what == 0 && len(s.Stages) > 0:
				c = RescheduleStage{Head: head(before), StageID: rapid.SampledFrom(s.Stages).Draw(t, "which").StageID, Window: w}
			case what == 1 && len(s.Stages) > 0:
				c = RemoveStage{Head: head(before), StageID: rapid.SampledFrom(s.Stages).Draw(t, "which").StageID}
			case what == 2:
				c = AdjustWindow{Head: head(before), Window: w}
			default:
				c = add(i, func(d *StageDefinition) { d.Window, d.Name = w, "Col" })
			}
			events, err := s.Decide(c)
			if err != nil && len(events) > 0 {
				t.Fatalf("refused and yet %v", events)
			}
			for _, e := range events {
				s = s.Evolve(e)
			}
			fits(t, s)
		}
	})
}

func fits(t *rapid.T, s State) {
	t.Helper()
	numbers, slugs := map[int]uuid.UUID{}, map[string]uuid.UUID{}
	for _, a := range s.Stages {
		if !a.Window.Within(s.Window) || !a.Window.End.After(a.Window.Start) {
			t.Fatalf("stage %d: %v in %v", a.Number, a.Window, s.Window)
		}
		for _, b := range s.Stages {
			if a.StageID != b.StageID && a.Window.Overlaps(b.Window) {
				t.Fatalf("stages %d and %d overlap", a.Number, b.Number)
			}
		}
		numbers[a.Number], slugs[a.Slug] = a.StageID, a.StageID
	}
	if len(numbers) != len(s.Stages) || len(slugs) != len(s.Stages) {
		t.Fatalf("shared numbers or slugs in %+v", s.Stages)
	}
}

package challengeboard

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/aggregate/aggregatetest"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/sport"
)

type testCase = aggregatetest.Case[Command, Event]

func run(t *testing.T, cases []testCase) { aggregatetest.Run[State](t, cases) }

const point = leaderboards.Whole

var (
	challenge = uuid.MustParse("c0000000-0000-0000-0000-000000000001")
	organiser = uuid.MustParse("a0000000-0000-0000-0000-0000000000ff")
	noon      = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	ref       = Ref{challenge, sport.Open}
	program   = Head{challenge, sport.Open, actor.System, noon}
	host      = Head{challenge, sport.Open, actor.Athlete(organiser), noon}
	scheme    = leaderboards.Scheme{Classifications: []leaderboards.Classification{
		{Key: "GC", Name: "General", By: leaderboards.ByPoints, Table: leaderboards.Points{3 * point, 2 * point, 1 * point}}}}
)

func athlete(n int) uuid.UUID { return uuid.UUID{0: 0xa0, 15: byte(n)} }
func stageID(n int) uuid.UUID { return uuid.UUID{0: 0x50, 15: byte(n)} }
func second(n int) int64      { return int64(n) * 1000 }
func at(n int) time.Time      { return noon.Add(time.Duration(n) * time.Minute) }

// board is a stage's, with athletes 1, 2, 3 … in so many seconds; 0: not there.
func board(n int, seconds ...int) leaderboards.StageResults {
	s := leaderboards.StageResults{Stage: leaderboards.Stage{ID: stageID(n), Number: n, Type: sport.Mountain, Adjustment: sport.NoAdjustment,
		Course: uuid.UUID{0: 0xc5}, Month: "2026-05", Measure: sport.ElapsedTime, Precision: 1000}}
	for i, v := range seconds {
		if v > 0 {
			s.Results = append(s.Results, leaderboards.Result{AthleteID: athlete(i + 1), Value: second(v), AchievedAt: at(v)})
		}
	}
	return s
}

// awaited is a stage whose board isn't final.
func terms(stages ...leaderboards.StageResults) Terms {
	return Terms{OrganiserID: organiser, Status: sport.Active, Categories: []sport.Category{sport.Open, sport.Women}, Scheme: scheme, Stages: stages, Known: true}
}

func line(n, seconds, place int, points leaderboards.Amount) leaderboards.Line {
	return leaderboards.Line{AthleteID: athlete(n), Value: second(seconds), AchievedAt: at(seconds),
		Scores: []leaderboards.Score{{Classification: "GC", Place: place, Base: points * point, Amount: points * point}}}
}

func podium(of int, places ...Placing) []Podium { return []Podium{{"GC", "General", of, places}} }

func first(n int, total leaderboards.Amount) Placing { return Placing{1, athlete(n), total * point} }
func placing(rank, n int, total leaderboards.Amount) Placing {
	return Placing{rank, athlete(n), total * point}
}

func given(stage int, lines ...leaderboards.Line) Event {
	return PointsGiven{Ref: ref, StageID: stageID(stage), Part: 1, Lines: lines}
}

var (
	opened  = Opened{ref, scheme}
	stage1  = board(1, 600, 610, 620, 630)
	scored1 = []Event{
		StageScored{Ref: ref, Stage: stage1.Stage, Athletes: 3, Parts: 1, Podiums: podium(3, first(1, 3), placing(2, 2, 2), placing(3, 3, 1))},
		given(1, line(1, 600, 1, 3), line(2, 610, 2, 2), line(3, 620, 3, 1)),
	}
	after1 = append([]Event{opened}, scored1...)
)

func TestScoreStage(t *testing.T) {
	waiting := terms(stage1)
	waiting.Awaited = []uuid.UUID{stageID(1)}
	approved := terms(stage1)
	approved.Status = sport.Approved
	withMore := terms(stage1, board(2))
	withMore.Status = sport.Approved
	final := Finalised{ref, 1, podium(3, first(1, 3), placing(2, 2, 2), placing(3, 3, 1))}
	stage2 := board(2, 620, 600)
	preview := board(2, 600)
	preview.Adjustment = sport.Preview
	slower, gone := board(1, 605, 610, 620, 630), board(1, 0, 610, 620, 630)
	run(t, []testCase{
		{Name: "gives the points", Given: []Event{opened}, When: ScoreStage{program, terms(stage1), stageID(1)}, Then: scored1},
		{Name: "opens a board that isn't yet", When: ScoreStage{program, terms(stage1), stageID(1)}, Then: after1},
		{Name: "again is nothing", Given: after1, When: ScoreStage{program, terms(stage1), stageID(1)}},
		{Name: "not while its board isn't final", Given: []Event{opened}, When: ScoreStage{program, waiting, stageID(1)}},
		{Name: "another stage", Given: after1, When: ScoreStage{program, terms(stage1, stage2), stageID(2)}, Then: []Event{
			StageScored{Ref: ref, Stage: stage2.Stage, Athletes: 2, Parts: 1, Podiums: podium(3, placing(1, 2, 5), placing(1, 1, 5), placing(3, 3, 1))},
			given(2, line(2, 600, 1, 3), line(1, 620, 2, 2))}},
		{Name: "limited athletes are passed over", Given: []Event{opened, AthleteLimited{ref, athlete(1)}}, When: ScoreStage{program, terms(stage1), stageID(1)}, Then: []Event{
			StageScored{Ref: ref, Stage: stage1.Stage, Athletes: 3, Parts: 1, Limited: []uuid.UUID{athlete(1)}, Podiums: podium(3, first(2, 3), placing(2, 3, 2), placing(3, 4, 1))},
			given(1, line(2, 610, 1, 3), line(3, 620, 2, 2), line(4, 630, 3, 1))}},
		{Name: "nobody rode", Given: []Event{opened}, When: ScoreStage{program, terms(board(1)), stageID(1)}, Then: []Event{
			StageScored{Ref: ref, Stage: stage1.Stage, Podiums: podium(0)}}},
		{Name: "a preview gives nothing, and is done", Given: []Event{opened}, When: ScoreStage{program, terms(preview), stageID(2)}, Then: []Event{
			StageScored{Ref: ref, Stage: preview.Stage, Podiums: []Podium{}}}},
		{Name: "the last one of an approved challenge ends it", Given: []Event{opened}, When: ScoreStage{program, approved, stageID(1)}, Then: append(slices.Clip(scored1), final)},
		{Name: "one of several doesn't", Given: []Event{opened}, When: ScoreStage{program, withMore, stageID(1)}, Then: scored1},
		{Name: "scored with other results it is a correction", Given: after1, When: ScoreStage{program, terms(slower), stageID(1)}, Then: []Event{
			StageCorrected{Ref: ref, Stage: stage1.Stage, Reason: "The results of the stage were corrected.", By: "system", Given: 1, Podiums: podium(3, first(1, 3), placing(2, 2, 2), placing(3, 3, 1))},
			given(1, line(1, 605, 1, 3))}},
		{Name: "without the winner everybody moves up", Given: after1, When: ScoreStage{program, terms(gone), stageID(1)}, Then: []Event{
			StageCorrected{Ref: ref, Stage: stage1.Stage, Reason: "The results of the stage were corrected.", By: "system", Given: 1, Taken: 1, Podiums: podium(3, first(2, 3), placing(2, 3, 2), placing(3, 4, 1))},
			given(1, line(2, 610, 1, 3), line(3, 620, 2, 2), line(4, 630, 3, 1)),
			PointsTaken{ref, stageID(1), 1, []uuid.UUID{athlete(1)}}}},
	})
}

func TestCorrectStage(t *testing.T) {
	gone := terms(board(1, 600, 0, 620))
	fixed := []Event{
		StageCorrected{Ref: ref, Stage: stage1.Stage, Reason: "Drafting.", By: organiser.String(), Given: 1, Taken: 1, Podiums: podium(2, first(1, 3), placing(2, 3, 2))},
		given(1, line(3, 620, 2, 2)), PointsTaken{ref, stageID(1), 1, []uuid.UUID{athlete(2)}}}
	past := append(slices.Clip(after1), Finalised{ref, 1, podium(3, first(1, 3), placing(2, 2, 2), placing(3, 3, 1))})
	limited := append(slices.Clip(after1), AthleteLimited{ref, athlete(1)})
	run(t, []testCase{
		{Name: "by the organiser", Given: after1, When: CorrectStage{host, gone, stageID(1), " Drafting. "}, Then: fixed},
		{Name: "twice is once", Given: append(slices.Clip(after1), fixed...), When: CorrectStage{host, gone, stageID(1), "Drafting."}},
		{Name: "of a final challenge: it ends again", Given: past, When: CorrectStage{host, gone, stageID(1), "Drafting."},
			Then: append(slices.Clip(fixed), Finalised{ref, 1, podium(2, first(1, 3), placing(2, 3, 2))})},
		{Name: "counts who is limited now", Given: limited, When: CorrectStage{host, terms(stage1), stageID(1), "A motor."}, Then: []Event{
			StageCorrected{Ref: ref, Stage: stage1.Stage, Reason: "A motor.", By: organiser.String(), Given: 1, Taken: 1, Limited: []uuid.UUID{athlete(1)},
				Podiums: podium(3, first(2, 3), placing(2, 3, 2), placing(3, 4, 1))},
			given(1, line(2, 610, 1, 3), line(3, 620, 2, 2), line(4, 630, 3, 1)), PointsTaken{ref, stageID(1), 1, []uuid.UUID{athlete(1)}}}},
		{Name: "not without a reason", Given: after1, When: CorrectStage{host, gone, stageID(1), " "}, Refused: ErrReasonMissing},
		{Name: "not with an endless one", Given: after1, When: CorrectStage{host, gone, stageID(1), strings.Repeat("é", 501)}, Refused: ErrReasonTooLong},
		{Name: "not what hasn't been scored", Given: after1, When: CorrectStage{host, gone, stageID(2), "Drafting."}, Refused: ErrNotScored},
	})
}

// Where bonuses go by what was ridden before, correcting a stage corrects those after it; who was limited then stays so there.
func TestCorrectionsReachLaterStages(t *testing.T) {
	bests := leaderboards.Scheme{Classifications: []leaderboards.Classification{{Key: "GC", Name: "General", By: leaderboards.ByPoints,
		Bonuses: []leaderboards.Bonus{{For: leaderboards.ForPersonalBest, Points: point}}}}}
	with := func(stages ...leaderboards.StageResults) Terms {
		out := terms(stages...)
		out.Scheme = bests
		return out
	}
	one, two := board(1, 600, 600), board(2, 590, 590)
	s := aggregatetest.Fold[State, Command]([]Event{Opened{ref, bests}}...)
	for _, c := range []Command{ScoreStage{program, with(one, two), stageID(1)}, ScoreStage{program, with(one, two), stageID(2)},
		SetLimited{program, with(), athlete(2), true}} {
		s = decided(t, s, c)
	}
	if got := totals(s); got != "1: 1, 2: 1" {
		t.Fatal(got)
	}
	s = decided(t, s, CorrectStage{host, with(board(1, 580, 600), two), stageID(1), "Photo finish."})
	if got := totals(s); got != "2: 1" { // 590 is no best after 580; athlete 2 keeps what they got before they were limited
		t.Error(got)
	}
}

func decided(t testing.TB, s State, c Command) State {
	t.Helper()
	events, err := s.Decide(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		s = s.Evolve(e)
	}
	return s
}

// totals is the first classification in words.
func totals(s State) string {
	var words []string
	for _, r := range s.Standings()[0].Rows {
		words = append(words, fmt.Sprintf("%d: %s", r.AthleteID[15], r.Total))
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}

func TestAdjust(t *testing.T) {
	adjust := func(head Head, points leaderboards.Amount, change ...func(*Adjust)) Adjust {
		c := Adjust{Head: head, Terms: terms(), AthleteID: athlete(1), Classification: "general", Points: points, Reason: " Helped at the feed zone. "}
		for _, f := range change {
			f(&c)
		}
		return c
	}
	status := func(s sport.Status) func(*Adjust) { return func(c *Adjust) { c.Terms.Status = s } }
	event := PointsAdjusted{ref, athlete(1), "GC", 5 * point, "Helped at the feed zone.", organiser.String()}
	run(t, []testCase{
		{Name: "gives", Given: []Event{opened}, When: adjust(host, 5*point), Then: []Event{event}},
		{Name: "before anything else", When: adjust(host, 5*point), Then: []Event{opened, event}},
		{Name: "takes", Given: after1, When: adjust(host, -point/2), Then: []Event{PointsAdjusted{ref, athlete(1), "GC", -point / 2, "Helped at the feed zone.", organiser.String()}}},
		{Name: "not nothing", Given: after1, When: adjust(host, 0), Refused: ErrNothing},
		{Name: "not endlessly many", Given: after1, When: adjust(host, -1_000_001*point), Refused: ErrTooManyPoints},
		{Name: "not without a reason", Given: after1, When: adjust(host, point, func(c *Adjust) { c.Reason = " " }), Refused: ErrReasonMissing},
		{Name: "not in another classification", Given: after1, When: adjust(host, point, func(c *Adjust) { c.Classification = "Sprint" }), Refused: ErrClassification},
		{Name: "not in another category", Given: after1, When: adjust(Head{challenge, sport.Men, host.By, noon}, point), Refused: ErrNoCategory},
		{Name: "not a stranger's", Given: after1, When: adjust(host, point, func(c *Adjust) { c.Terms.Known = false }), Refused: ErrAthleteUnknown},
		{Name: "not before hosting", When: adjust(host, point, status(sport.Pending)), Refused: ErrNotHosted},
		{Name: "not when cancelled", Given: after1, When: adjust(host, point, status(sport.Cancelled)), Refused: ErrCancelled},
		{Name: "not when approved", Given: after1, When: adjust(host, point, status(sport.Approved)), Refused: ErrFinal},
		{Name: "not when final", Given: append(slices.Clip(after1), Finalised{Ref: ref}), When: adjust(host, point), Refused: ErrFinal},
	})
	s := aggregatetest.Fold[State, Command](append(slices.Clip(after1), PointsAdjusted{ref, athlete(1), "GC", -3 * point, "", ""}, PointsAdjusted{ref, athlete(9), "GC", point, "", ""})...)
	if got := totals(s); got != "2: 2, 3: 1, 9: 1" { // at zero the first leaves
		t.Error(got)
	}
}

func TestSetLimited(t *testing.T) {
	limited := AthleteLimited{ref, athlete(1)}
	run(t, []testCase{
		{Name: "limited", Given: after1, When: SetLimited{program, terms(), athlete(1), true}, Then: []Event{limited}},
		{Name: "before the board is open", When: SetLimited{program, terms(), athlete(1), true}, Then: []Event{opened, limited}},
		{Name: "twice is once", Given: []Event{opened, limited}, When: SetLimited{program, terms(), athlete(1), true}},
		{Name: "allowed again", Given: []Event{opened, limited}, When: SetLimited{program, terms(), athlete(1), false}, Then: []Event{AthleteAllowed{ref, athlete(1)}}},
		{Name: "allowed who wasn't limited", Given: []Event{opened}, When: SetLimited{program, terms(), athlete(1), false}},
	})
}

func TestSetScheme(t *testing.T) {
	other := leaderboards.Scheme{Classifications: []leaderboards.Classification{{Key: "GC", Name: "General", By: leaderboards.ByPoints, Table: leaderboards.Points{3 * point, point}}}}
	with := terms(stage1)
	with.Scheme = other
	run(t, []testCase{
		{Name: "while nothing is confirmed", Given: []Event{opened}, When: SetScheme{program, with, ""}, Then: []Event{SchemeSet{ref, other, "", "system"}}},
		{Name: "the same again", Given: after1, When: SetScheme{program, terms(stage1), ""}},
		{Name: "before the board is open", When: SetScheme{program, with, ""}, Then: []Event{Opened{ref, other}}},
		{Name: "afterwards, as a correction of those it changes", Given: after1, When: SetScheme{program, with, "Two places, as announced."}, Then: []Event{
			SchemeSet{ref, other, "Two places, as announced.", "system"},
			StageCorrected{Ref: ref, Stage: stage1.Stage, Reason: "Two places, as announced.", By: "system", Given: 1, Taken: 1, Podiums: podium(2, first(1, 3), placing(2, 2, 1))},
			given(1, line(2, 610, 2, 1)), PointsTaken{ref, stageID(1), 1, []uuid.UUID{athlete(3)}}}},
		{Name: "not afterwards without a reason", Given: after1, When: SetScheme{program, with, ""}, Refused: ErrReasonMissing},
		{Name: "not when final", Given: append(slices.Clip(after1), Finalised{Ref: ref}), When: SetScheme{program, with, "x"}, Refused: ErrFinal},
	})
}

func TestFinalise(t *testing.T) {
	week := func(n int, km ...int) leaderboards.StageResults {
		s := board(n, km...)
		s.Type, s.Measure, s.Goal = sport.DistanceStage, sport.Distance, second(100)
		return s
	}
	goals := func(stages ...leaderboards.StageResults) Terms {
		out := terms(stages...)
		out.Scheme = leaderboards.Default(sport.DistanceChallenge, true)
		return out
	}
	weeks := goals(week(1, 100, 120, 99), week(2, 101, 90, 200))
	ridden := aggregatetest.Fold[State, Command]([]Event{Opened{ref, weeks.Scheme}}...)
	for n := 1; n <= 2; n++ {
		ridden = decided(t, ridden, ScoreStage{program, weeks, stageID(n)})
	}
	events, err := ridden.Decide(Finalise{program, weeks})
	want := []Event{
		Finalised{ref, 2, []Podium{{"Goals", "Goals", 3, []Placing{placing(1, 1, 2), placing(2, 3, 1), placing(3, 2, 1)}}}},
		GoalsAchieved{ref, 1, []uuid.UUID{athlete(1)}},
	}
	if diff := cmp.Diff(want, events); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	run(t, []testCase{
		{Name: "once all stages are scored", Given: after1, When: Finalise{program, terms(stage1)}, Then: []Event{Finalised{ref, 1, podium(3, first(1, 3), placing(2, 2, 2), placing(3, 3, 1))}}},
		{Name: "not before", Given: after1, When: Finalise{program, terms(stage1, board(2))}},
		{Name: "twice is once", Given: append(slices.Clip(after1), Finalised{Ref: ref}), When: Finalise{program, terms(stage1)}},
	})
}

func TestReopen(t *testing.T) {
	final := append(slices.Clip(after1), Finalised{ref, 1, podium(3, first(1, 3), placing(2, 2, 2), placing(3, 3, 1))})
	open := append(slices.Clip(final), Reopened{ref}, PointsAdjusted{ref, athlete(2), "GC", 5 * point, "x", "y"})
	run(t, []testCase{
		{Name: "what is final", Given: final, When: Reopen{program, terms(stage1)}, Then: []Event{Reopened{ref}}},
		{Name: "what is open", Given: after1, When: Reopen{program, terms(stage1)}},
		{Name: "what isn't there", When: Reopen{program, terms(stage1)}},
		{Name: "it ends anew", Given: open, When: Finalise{program, terms(stage1)}, Then: []Event{Finalised{ref, 1, podium(3, first(2, 7), placing(2, 1, 3), placing(3, 3, 1))}}},
	})
}

func TestReopenStage(t *testing.T) {
	reopen := StageReopened{ref, stageID(1), "A wrong segment."}
	open := append(slices.Clip(after1), reopen)
	run(t, []testCase{
		{Name: "takes all back", Given: after1, When: ReopenStage{program, terms(stage1), stageID(1), "A wrong segment."}, Then: []Event{reopen}},
		{Name: "twice is once", Given: open, When: ReopenStage{program, terms(stage1), stageID(1), "A wrong segment."}},
		{Name: "then it is scored anew", Given: open, When: ScoreStage{program, terms(stage1), stageID(1)}, Then: scored1},
		{Name: "and before that nothing is final", Given: open, When: Finalise{program, terms(stage1)}},
	})
	if got := totals(aggregatetest.Fold[State, Command](open...)); got != "" {
		t.Errorf("there is still %s", got)
	}
}

func TestOpen(t *testing.T) {
	run(t, []testCase{
		{Name: "begins", When: Open{program, terms()}, Then: []Event{opened}},
		{Name: "twice is once", Given: after1, When: Open{program, terms()}},
	})
}

func TestWhoMay(t *testing.T) {
	commands := map[string]func(Head) Command{
		"Open":       func(h Head) Command { return Open{h, terms()} },
		"SetScheme":  func(h Head) Command { return SetScheme{h, terms(), "x"} },
		"ScoreStage": func(h Head) Command { return ScoreStage{h, terms(stage1), stageID(1)} },
		"SetLimited": func(h Head) Command { return SetLimited{h, terms(), athlete(1), true} },
		"Finalise":   func(h Head) Command { return Finalise{h, terms()} },
		"Reopen":     func(h Head) Command { return Reopen{h, terms()} },
		"ReopenStage": func(h Head) Command {
			return ReopenStage{h, terms(stage1), stageID(1), "x"}
		},
		"CorrectStage": func(h Head) Command {
			return CorrectStage{h, terms(stage1), stageID(1), "x"}
		},
		"Adjust": func(h Head) Command {
			return Adjust{Head: h, Terms: terms(), AthleteID: athlete(1), Classification: "GC", Points: point, Reason: "x"}
		},
	}
	organisers := []string{"CorrectStage", "Adjust"}
	for name, command := range commands {
		for who, c := range map[string]struct {
			by  actor.Actor
			may bool
			not error
		}{
			"visitor":            {actor.Actor{}, false, ErrSignIn},
			"athlete":            {actor.Athlete(athlete(1)), false, ErrNotOrganiser},
			"organiser":          {actor.Athlete(organiser), slices.Contains(organisers, name), ErrProgramOnly},
			"club administrator": {actor.Actor{AthleteID: athlete(1), ClubAdmin: true}, slices.Contains(organisers, name), ErrProgramOnly},
			"administrator":      {actor.Actor{AthleteID: athlete(1), Admin: true}, slices.Contains(organisers, name), ErrProgramOnly},
			"the program":        {actor.System, true, nil},
		} {
			head := program
			head.By = c.by
			_, err := aggregatetest.Fold[State, Command](after1...).Decide(command(head))
			if c.may != (err == nil) || !c.may && err != c.not {
				t.Errorf("%s by %s: %v", name, who, err)
			}
		}
	}
}

func TestLargeStagesComeInParts(t *testing.T) {
	crowd := leaderboards.StageResults{Stage: stage1.Stage}
	for n := range 601 {
		crowd.Results = append(crowd.Results, leaderboards.Result{AthleteID: uuid.UUID{1: byte(n >> 8), 2: byte(n)}, Value: second(600 + n), AchievedAt: at(n)})
	}
	ranks := terms(crowd)
	ranks.Scheme = leaderboards.Scheme{Classifications: []leaderboards.Classification{{Key: "R", Name: "Ranks", By: leaderboards.ByRanks}}}
	s := aggregatetest.Fold[State, Command]([]Event{Opened{ref, ranks.Scheme}}...)
	events, err := s.Decide(ScoreStage{program, ranks, stageID(1)})
	if err != nil || len(events) != 4 {
		t.Fatalf("%d events, %v", len(events), err)
	}
	for i, e := range events[1:] {
		if e := e.(PointsGiven); e.Part != i+1 || len(e.Lines) != []int{250, 250, 101}[i] {
			t.Errorf("part %d with %d lines", e.Part, len(e.Lines))
		}
		s = s.Evolve(e)
	}
	s = decided(t, aggregatetest.Fold[State, Command]([]Event{Opened{ref, ranks.Scheme}}...), ScoreStage{program, ranks, stageID(1)})
	if rows := s.Standings()[0].Rows; len(rows) != 601 || rows[600].Rank != 601 || s.Len() != 601 {
		t.Errorf("%d rows", len(rows))
	}
}

func TestStoredShapes(t *testing.T) {
	full := leaderboards.Scheme{Template: "Tour", Result: sport.StageResult{Kind: sport.SumOfBest, Of: 2},
		Classifications: []leaderboards.Classification{{Key: "GC", Name: "General", Short: "GC", Categories: []sport.Category{sport.Open}, Division: "A",
			Teams: true, TeamSize: 3, By: leaderboards.ByPoints, Table: leaderboards.Points{15 * point, 12500}, Others: point, Beaten: point,
			Tables:  map[sport.StageType]leaderboards.Points{sport.Flat: {10 * point}},
			Bonuses: []leaderboards.Bonus{{For: leaderboards.ForFirst, Points: point}}, HighestBonusOnly: true, Queen: true, Handicap: true,
			Ties: leaderboards.TiesSplit, Best: 6, AtLeast: 3, Missed: leaderboards.MissedSlowest, Penalty: point,
			Equals: leaderboards.EqualsCountBack, Promoted: 2, Relegated: 3, ToStay: 7}},
		Admission: sport.Admission{Hours: []sport.Hours{{Days: []string{"sat"}, From: 480, To: 720}}, MaxAttempts: 3, UploadHours: 24},
		Groups:    []leaderboards.Group{{Kind: leaderboards.Division, Key: "A", Name: "Division A", Members: []uuid.UUID{athlete(1)}}},
		Handicaps: []leaderboards.Handicap{{AthleteID: athlete(1), Seconds: 30 * point, Percent: 2500}}}
	stage := stage1.Stage
	stage.Goal = 100_000
	worst := []leaderboards.Worst{{Classification: "GC", Amount: 630 * point}}
	ids := []uuid.UUID{athlete(1), athlete(2)}
	pod := podium(3, first(1, 15))
	given := leaderboards.Line{AthleteID: athlete(1), Value: 600_123, AchievedAt: noon, Goal: true, Scores: []leaderboards.Score{{Classification: "GC", Place: 1,
		Base: 15 * point, Bonuses: []leaderboards.Bonus{{For: leaderboards.ForFirst, Points: point}}, Factor: 2, Amount: 32 * point}}}
	aggregatetest.Golden(t, Events, []Event{
		Opened{ref, full}, SchemeSet{ref, full, "As announced.", "system"},
		StageScored{ref, stage, 2, 1, ids, worst, pod}, PointsGiven{ref, stageID(1), 1, []leaderboards.Line{given}},
		PointsTaken{ref, stageID(1), 1, ids}, StageCorrected{ref, stage, "Drafting.", organiser.String(), 1, 1, ids, worst, pod},
		StageReopened{ref, stageID(1), "A wrong segment."}, PointsAdjusted{ref, athlete(1), "GC", -2500, "Helped.", organiser.String()}, AthleteLimited{ref, athlete(1)}, AthleteAllowed{ref, athlete(1)},
		Finalised{ref, 3, pod}, Reopened{ref}, GoalsAchieved{ref, 1, ids},
	})
}

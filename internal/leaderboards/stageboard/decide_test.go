package stageboard

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/aggregate/aggregatetest"
	"segmentchallenge/internal/sport"
)

type testCase = aggregatetest.Case[Command, Event]

func run(t *testing.T, cases []testCase) { aggregatetest.Run[State](t, cases) }

var (
	stageID     = uuid.MustParse("50000000-0000-0000-0000-000000000001")
	challengeID = uuid.MustParse("c0000000-0000-0000-0000-000000000001")
	ref         = Ref{stageID, challengeID, sport.Women}
	noon        = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	program     = Head{IDOf(stageID, sport.Women), actor.System, noon}
	opened      = Opened{ref, sport.ElapsedTime, 1000}
)

func athlete(n int) uuid.UUID { return uuid.UUID{14: byte(n >> 8), 15: byte(n)} }

// timed is the standing of a time in seconds, achieved so many hours after noon.
func timed(seconds float64, hour int) Standing {
	return Standing{Value: int64(seconds * 1000), EffortID: uuid.UUID{0: 0xef, 15: byte(hour)}, AchievedAt: noon.Add(time.Duration(hour) * time.Hour), Attempts: 1}
}

func place(n int, s Standing, seq int64) Place { return Place{program, athlete(n), s, seq} }

// board is a board on which the athletes 1, 2, 3 … have these times, in seconds, achieved one hour after another.
func board(seconds ...float64) []Event {
	s := aggregatetest.Fold[State, Command]([]Event{opened}...)
	out := []Event{opened}
	for i, sec := range seconds {
		events, err := s.Decide(place(i+1, timed(sec, i), int64(i+1)))
		if err != nil {
			panic(err)
		}
		s, out = s.Evolve(events[0]), append(out, events...)
	}
	return out
}

func TestOpen(t *testing.T) {
	open := Open{program, stageID, challengeID, sport.Women, sport.ElapsedTime, 1000}
	run(t, []testCase{
		{Name: "empty", When: open, Then: []Event{opened}},
		{Name: "twice is once", Given: []Event{opened}, When: open},
		{Name: "by something else, while nobody is there", Given: []Event{opened}, When: Open{program, stageID, challengeID, sport.Women, sport.Efforts, 1000}, Then: []Event{Opened{ref, sport.Efforts, 1000}}},
		{Name: "not once somebody is", Given: board(600), When: Open{program, stageID, challengeID, sport.Women, sport.Efforts, 1000}},
		{Name: "without precision the finest", When: Open{program, stageID, challengeID, sport.Women, sport.Distance, 0}, Then: []Event{Opened{ref, sport.Distance, 1}}},
	})
}

func TestPlace(t *testing.T) {
	three := board(600, 610, 620)
	again := func(s Standing, attempts int) Standing { s.Attempts = attempts; return s }
	run(t, []testCase{
		{Name: "the first", Given: board(), When: place(1, timed(600, 0), 1),
			Then: []Event{Placed{Ref: ref, AthleteID: athlete(1), Standing: timed(600, 0), Seq: 1, To: 1, Of: 1, Best: true}}},
		{Name: "last", Given: three, When: place(4, timed(630, 4), 9),
			Then: []Event{Placed{Ref: ref, AthleteID: athlete(4), Standing: timed(630, 4), Seq: 9, To: 4, Of: 4, Best: true, Gap: 30_000}}},
		{Name: "in between", Given: three, When: place(4, timed(605, 4), 9),
			Then: []Event{Placed{Ref: ref, AthleteID: athlete(4), Standing: timed(605, 4), Seq: 9, To: 2, Of: 4, Best: true, Gap: 5000, Passed: []uuid.UUID{athlete(2), athlete(3)}, PassedFrom: []int{2, 3}}}},
		{Name: "equal to the second shares the rank", Given: three, When: place(4, timed(610.9, 4), 9),
			Then: []Event{Placed{Ref: ref, AthleteID: athlete(4), Standing: timed(610.9, 4), Seq: 9, To: 2, Of: 4, Best: true, Gap: 10_000, Passed: []uuid.UUID{athlete(3)}, PassedFrom: []int{3}}}},
		{Name: "better", Given: three, When: place(3, timed(590, 4), 9),
			Then: []Event{Placed{Ref: ref, AthleteID: athlete(3), Standing: timed(590, 4), Seq: 9, From: 3, To: 1, Of: 3, Best: true, Passed: []uuid.UUID{athlete(1), athlete(2)}, PassedFrom: []int{1, 2}}}},
		{Name: "better, breaking a tie", Given: board(600, 600), When: place(2, timed(599, 4), 9),
			Then: []Event{Placed{Ref: ref, AthleteID: athlete(2), Standing: timed(599, 4), Seq: 9, From: 1, To: 1, Of: 2, Best: true, Passed: []uuid.UUID{athlete(1)}, PassedFrom: []int{1}}}},
		{Name: "better, without passing", Given: three, When: place(3, timed(615, 4), 9),
			Then: []Event{Placed{Ref: ref, AthleteID: athlete(3), Standing: timed(615, 4), Seq: 9, From: 3, To: 3, Of: 3, Best: true, Gap: 15_000}}},
		{Name: "worse, because the best went", Given: three, When: place(1, timed(615, 4), 9),
			Then: []Event{Placed{Ref: ref, AthleteID: athlete(1), Standing: timed(615, 4), Seq: 9, From: 1, To: 2, Of: 3, Gap: 5000, Gained: []uuid.UUID{athlete(2)}}}},
		{Name: "worse, to a tie: who is there gains", Given: three, When: place(1, timed(610, 4), 9),
			Then: []Event{Placed{Ref: ref, AthleteID: athlete(1), Standing: timed(610, 4), Seq: 9, From: 1, To: 1, Of: 3, Gained: []uuid.UUID{athlete(2)}}}},
		{Name: "another attempt", Given: three, When: place(2, again(timed(610, 1), 2), 9),
			Then: []Event{Placed{Ref: ref, AthleteID: athlete(2), Standing: again(timed(610, 1), 2), Seq: 9, From: 2, To: 2, Of: 3, Gap: 10_000}}},
		{Name: "the same standing is no news", Given: three, When: place(2, timed(610, 1), 9)},
		{Name: "the same message is no news", Given: three, When: place(2, timed(500, 5), 2)},
		{Name: "an older message is no news", Given: three, When: place(2, timed(500, 5), 1)},
		{Name: "an older message about one who is gone is no news", Given: append(board(600, 610), Withdrawn{Ref: ref, AthleteID: athlete(2), Seq: 7, From: 2, Of: 1}), When: place(2, timed(610, 1), 6)},
		{Name: "back again", Given: append(board(600), Withdrawn{Ref: ref, AthleteID: athlete(1), Seq: 7, From: 1}), When: place(1, timed(610, 1), 8),
			Then: []Event{Placed{Ref: ref, AthleteID: athlete(1), Standing: timed(610, 1), Seq: 8, To: 1, Of: 1, Best: true}}},
		{Name: "not before it is open", When: place(1, timed(600, 0), 1), Refused: ErrNotOpen},
		{Name: "not when final", Given: append(three, Finalised{Ref: ref}), When: place(2, timed(500, 5), 9), Refused: ErrFinal},
		{Name: "final, but no news", Given: append(three, Finalised{Ref: ref}), When: place(2, timed(610, 1), 2)},
	})
}

func TestMoreIsBetter(t *testing.T) {
	far := func(metres int64, seq int64) Event {
		return Placed{Ref: ref, AthleteID: athlete(int(seq)), Standing: Standing{Value: metres * 1000}, Seq: seq}
	}
	run(t, []testCase{{Name: "distance", Given: []Event{Opened{ref, sport.Distance, 1000}, far(5000, 1), far(4000, 2)},
		When: place(3, Standing{Value: 4_500_999}, 3),
		Then: []Event{Placed{Ref: ref, AthleteID: athlete(3), Standing: Standing{Value: 4_500_999}, Seq: 3, To: 2, Of: 3, Best: true, Gap: 500_000, Passed: []uuid.UUID{athlete(2)}, PassedFrom: []int{2}}}}})
}

func TestWithdraw(t *testing.T) {
	withdraw := func(n int, seq int64) Withdraw { return Withdraw{program, athlete(n), seq, "left"} }
	tied := board(600, 600, 620)
	run(t, []testCase{
		{Name: "those behind gain", Given: board(600, 610, 620), When: withdraw(2, 9), Then: []Event{Withdrawn{ref, athlete(2), 9, 2, 2, []uuid.UUID{athlete(3)}, "left"}}},
		{Name: "those level don't", Given: tied, When: withdraw(1, 9), Then: []Event{Withdrawn{ref, athlete(1), 9, 1, 2, []uuid.UUID{athlete(3)}, "left"}}},
		{Name: "the last", Given: board(600), When: withdraw(1, 9), Then: []Event{Withdrawn{ref, athlete(1), 9, 1, 0, nil, "left"}}},
		{Name: "twice is once", Given: append(board(600), Withdrawn{Ref: ref, AthleteID: athlete(1), Seq: 9, From: 1}), When: withdraw(1, 9)},
		{Name: "a stranger", Given: board(600), When: withdraw(7, 9)},
		{Name: "an older message", Given: board(600), When: withdraw(1, 1)},
		{Name: "not before it is open", When: withdraw(1, 9), Refused: ErrNotOpen},
		{Name: "not when final", Given: append(board(600), Finalised{Ref: ref}), When: withdraw(1, 9), Refused: ErrFinal},
		{Name: "final, but no news", Given: append(board(600), Finalised{Ref: ref}), When: withdraw(1, 1)},
	})
}

func TestFinalise(t *testing.T) {
	crowd := board()
	podium := []uuid.UUID{}
	for n := range 40 {
		crowd = append(crowd, Placed{Ref: ref, AthleteID: athlete(n), Standing: timed(600, 0), Seq: 1})
		podium = append(podium, athlete(n))
	}
	run(t, []testCase{
		{Name: "with a podium", Given: board(620, 600, 610, 630), When: Finalise{program}, Then: []Event{Finalised{ref, 4, []uuid.UUID{athlete(2), athlete(3), athlete(1)}, []int{1, 2, 3}}}},
		{Name: "two second", Given: board(600, 610, 610, 630), When: Finalise{program}, Then: []Event{Finalised{ref, 4, []uuid.UUID{athlete(1), athlete(2), athlete(3)}, []int{1, 2, 2}}}},
		{Name: "three first", Given: board(600, 600, 600, 630), When: Finalise{program}, Then: []Event{Finalised{ref, 4, []uuid.UUID{athlete(1), athlete(2), athlete(3)}, []int{1, 1, 1}}}},
		{Name: "two third", Given: board(600, 610, 620, 620, 630), When: Finalise{program}, Then: []Event{Finalised{ref, 5, []uuid.UUID{athlete(1), athlete(2), athlete(3), athlete(4)}, []int{1, 2, 3, 3}}}},
		{Name: "a crowd that is all first", Given: crowd, When: Finalise{program}, Then: []Event{Finalised{ref, 40, podium[:30], slices.Repeat([]int{1}, 30)}}},
		{Name: "empty", Given: board(), When: Finalise{program}, Then: []Event{Finalised{ref, 0, []uuid.UUID{}, nil}}},
		{Name: "twice is once", Given: []Event{opened, Finalised{Ref: ref}}, When: Finalise{program}},
		{Name: "not before it is open", When: Finalise{program}, Refused: ErrNotOpen},
	})
}

func TestReopen(t *testing.T) {
	final := append(board(600), Finalised{Ref: ref})
	run(t, []testCase{
		{Name: "a final one", Given: final, When: Reopen{program}, Then: []Event{Reopened{ref}}},
		{Name: "then athletes move again", Given: append(final, Reopened{ref}), When: place(2, timed(590, 5), 9),
			Then: []Event{Placed{Ref: ref, AthleteID: athlete(2), Standing: timed(590, 5), Seq: 9, To: 1, Of: 2, Best: true, Passed: []uuid.UUID{athlete(1)}, PassedFrom: []int{1}}}},
		{Name: "and it is final anew", Given: append(final, Reopened{ref}), When: Finalise{program}, Then: []Event{Finalised{ref, 1, []uuid.UUID{athlete(1)}, []int{1}}}},
		{Name: "twice is once", Given: append(final, Reopened{ref}), When: Reopen{program}},
		{Name: "an open one", Given: board(600), When: Reopen{program}},
		{Name: "not before it is there", When: Reopen{program}, Refused: ErrNotOpen},
	})
}

func TestWhoMay(t *testing.T) {
	for name, by := range map[string]actor.Actor{"visitor": {}, "athlete": actor.Athlete(athlete(1)), "administrator": {AthleteID: athlete(1), Admin: true, ClubAdmin: true}} {
		head := program
		head.By = by
		run(t, []testCase{
			{Name: "Open by " + name, When: Open{Head: head}, Refused: ErrProgramOnly},
			{Name: "Place by " + name, Given: board(600), When: Place{Head: head, AthleteID: athlete(1), Seq: 9}, Refused: ErrProgramOnly},
			{Name: "Withdraw by " + name, Given: board(600), When: Withdraw{Head: head, AthleteID: athlete(1), Seq: 9}, Refused: ErrProgramOnly},
			{Name: "Finalise by " + name, Given: board(600), When: Finalise{head}, Refused: ErrProgramOnly},
		})
	}
}

func TestRows(t *testing.T) {
	s := aggregatetest.Fold[State, Command](board(600, 610, 610, 630)...)
	want := []Row{{2, athlete(2), timed(610, 1), 10_000}, {2, athlete(3), timed(610, 2), 10_000}, {4, athlete(4), timed(630, 3), 30_000}}
	if diff := cmp.Diff(want, s.Rows(1, 10)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if got := s.Rows(1, 1); len(got) != 1 || len(s.Rows(9, 1)) != 0 {
		t.Errorf("asked for one line, got %v", got)
	}
	if row, ok := s.Row(athlete(9)); ok {
		t.Errorf("a stranger's line: %v", row)
	}
}

func TestStoredShapes(t *testing.T) {
	standing := Standing{600_123, uuid.UUID{0: 0xef}, noon, 3, noon.Add(-time.Hour)}
	ids := []uuid.UUID{athlete(1), athlete(2)}
	aggregatetest.Golden(t, Events, []Event{
		opened,
		Placed{ref, athlete(3), standing, 42, 5, 3, 17, true, ids, []int{3, 4}, ids, 7000},
		Withdrawn{ref, athlete(3), 43, 5, 16, ids, "left"},
		Finalised{ref, 16, ids, []int{1, 2}},
		Reopened{ref},
	})
}

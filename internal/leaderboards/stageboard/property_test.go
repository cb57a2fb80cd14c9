package stageboard

import (
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"segmentchallenge/internal/aggregate/aggregatetest"
	"segmentchallenge/internal/sport"
)

// plain is a board as one would keep it with a list and a sort.
type plain map[uuid.UUID]Standing

// ranks is 1 + the number of those with a better time in whole seconds.
func (p plain) ranks() map[uuid.UUID]int {
	out := map[uuid.UUID]int{}
	for a, s := range p {
		out[a] = 1
		for _, o := range p {
			if o.Value/1000 < s.Value/1000 {
				out[a]++
			}
		}
	}
	return out
}

// Whatever happens, the board ranks as a plain sort does, and each event says exactly who moved, from where to where.
func TestEventsSayWhoMoved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := aggregatetest.Fold[State, Command]([]Event{opened}...)
		model := plain{}
		for seq := range int64(rapid.IntRange(1, 60).Draw(t, "steps")) {
			who := athlete(rapid.IntRange(1, 25).Draw(t, "who"))
			before := model.ranks()
			var c Command = Withdraw{Head: program, AthleteID: who, Seq: seq + 1}
			if rapid.IntRange(0, 4).Draw(t, "what") > 0 {
				standing := timed(float64(rapid.IntRange(6000, 6080).Draw(t, "tenths"))/10, rapid.IntRange(0, 9).Draw(t, "hour"))
				c = Place{program, who, standing, seq + 1}
				model[who] = standing
			} else {
				delete(model, who)
			}
			events, err := s.Decide(c)
			if err != nil || len(events) > 1 {
				t.Fatalf("%v, %v", events, err)
			}
			for _, e := range events {
				s = s.Evolve(e)
				tellsTheMove(t, e, before, model)
			}
			if len(events) == 0 && !maps.Equal(before, model.ranks()) {
				t.Fatalf("nothing was said, but ranks changed from %v to %v", before, model.ranks())
			}
			asModelled(t, s, model)
		}
	})
}

func asModelled(t *rapid.T, s State, model plain) {
	t.Helper()
	ranks := model.ranks()
	rows := s.Rows(0, math.MaxInt)
	if len(rows) != len(model) {
		t.Fatalf("%d rows, want %d", len(rows), len(model))
	}
	for i, row := range rows {
		if row.Rank != ranks[row.AthleteID] || row.Standing != model[row.AthleteID] {
			t.Fatalf("row %v, want rank %d of %v", row, ranks[row.AthleteID], model[row.AthleteID])
		}
		if row.Gap != (row.Value/1000-rows[0].Value/1000)*1000 {
			t.Fatalf("gap of %v to %v", row, rows[0])
		}
		if i > 0 && row.Rank == rows[i-1].Rank && row.AchievedAt.Before(rows[i-1].AchievedAt) {
			t.Fatalf("%v is listed after %v", row, rows[i-1])
		}
	}
}

// tellsTheMove compares what an event says with the ranks before and after.
func tellsTheMove(t *rapid.T, e Event, before map[uuid.UUID]int, model plain) {
	t.Helper()
	after := model.ranks()
	lost, gained := map[uuid.UUID]int{}, map[uuid.UUID]int{}
	said := Placed{}
	switch e := e.(type) {
	case Placed:
		said = e
		if e.From != before[e.AthleteID] || e.To != after[e.AthleteID] || e.Of != len(model) || e.Gap < 0 {
			t.Fatalf("%+v, but it was %d and is %d of %d", e, before[e.AthleteID], after[e.AthleteID], len(model))
		}
	case Withdrawn:
		said.AthleteID, said.Gained = e.AthleteID, e.Gained
		if e.From != before[e.AthleteID] || e.Of != len(model) {
			t.Fatalf("%+v, but it was %d, of %d now", e, before[e.AthleteID], len(model))
		}
	case Opened, Finalised:
	}
	for a, rank := range after {
		switch was, on := before[a]; {
		case !on || a == said.AthleteID || rank == was:
		case rank == was+1:
			lost[a] = rank
		case rank == was-1:
			gained[a] = rank
		default:
			t.Fatalf("%v went from %d to %d by the move of another", a, was, rank)
		}
	}
	named(t, "lost", said.Passed, lost)
	for i, a := range said.Passed {
		if said.PassedFrom[i] != before[a] {
			t.Fatalf("%v is said to have been %d, was %d", a, said.PassedFrom[i], before[a])
		}
	}
	named(t, "gained", said.Gained, gained)
}

// named checks that those who moved are named, the best ten of them, best first.
func named(t *rapid.T, what string, got []uuid.UUID, moved map[uuid.UUID]int) {
	t.Helper()
	if len(got) != min(len(moved), maxNamed) {
		t.Fatalf("%d are said to have %s a place, of %v", len(got), what, moved)
	}
	ranks := slices.Sorted(maps.Values(moved))
	for i, a := range got {
		if moved[a] != ranks[i] {
			t.Fatalf("%v is said to have %s a place, of %v", a, what, moved)
		}
	}
}

// The last word on each athlete decides, in whatever order the words of different athletes come.
func TestAnyOrderGivesTheSameBoard(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := map[uuid.UUID][]Place{}
		var turns []uuid.UUID
		for n := range rapid.IntRange(1, 60).Draw(t, "words") {
			who := athlete(rapid.IntRange(1, 20).Draw(t, "who"))
			standing := timed(float64(rapid.IntRange(6000, 6080).Draw(t, "tenths"))/10, rapid.IntRange(0, 9).Draw(t, "hour"))
			words[who], turns = append(words[who], Place{program, who, standing, int64(n + 1)}), append(turns, who)
		}
		a := say(t, words, turns)
		b := say(t, words, rapid.Permutation(turns).Draw(t, "turns"))
		if diff := cmp.Diff(a.Rows(0, 100), b.Rows(0, 100)); diff != "" {
			t.Fatalf("another board:\n%s", diff)
		}
	})
}

// say lets each turn's athlete have their next word, and then, as after a crash, the word before it once more.
func say(t *rapid.T, words map[uuid.UUID][]Place, turns []uuid.UUID) State {
	s := aggregatetest.Fold[State, Command]([]Event{Opened{ref, sport.ElapsedTime, 1000}}...)
	next := map[uuid.UUID]int{}
	for _, who := range turns {
		i := next[who]
		next[who]++
		for _, c := range words[who][max(0, i-1) : i+1] {
			events, err := s.Decide(c)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range events {
				s = s.Evolve(e)
			}
		}
	}
	return s
}

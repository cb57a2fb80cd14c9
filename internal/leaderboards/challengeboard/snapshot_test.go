package challengeboard

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/aggregate/aggregatetest"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/ordered"
	"segmentchallenge/internal/sport"
)

// What a snapshot holds is listed here. If this test fails, the state has changed: make snapshot.go hold it, raise the
// number of SnapshotSchema, and then change this text and the golden file.
func TestSnapshotHoldsAllThereIs(t *testing.T) {
	var fields []string
	for _, typ := range []reflect.Type{reflect.TypeFor[State](), reflect.TypeFor[Ref](), reflect.TypeFor[scored](), reflect.TypeFor[part](),
		reflect.TypeFor[leaderboards.Line](), reflect.TypeFor[leaderboards.Score](), reflect.TypeFor[leaderboards.Bonus]()} {
		for i := range typ.NumField() {
			fields = append(fields, typ.Name()+"."+typ.Field(i).Name)
		}
	}
	got := strings.Join(fields, " ")
	const want = "State.Exists State.Ref State.Scheme State.Final State.Adjustments State.stages State.limited State.lines " +
		"Ref.ChallengeID Ref.Category scored.Stage scored.worst scored.limited scored.parts part.given part.taken " +
		"Line.AthleteID Line.Value Line.AchievedAt Line.Goal Line.Scores " +
		"Score.Classification Score.Place Score.Base Score.Bonuses Score.Factor Score.Amount Bonus.For Bonus.Points"
	if _, version := (State{}).SnapshotSchema(); version != 1 || got != want {
		t.Errorf("schema %d:\n%s", version, got)
	}
}

// everything is a board on which all has happened that can.
func everything(t testing.TB) State {
	with := func(stages ...leaderboards.StageResults) Terms {
		out := terms(stages...)
		out.Scheme = rules
		return out
	}
	one, two := board(1, 601, 602, 0, 604), board(2, 0, 602, 600)
	s := aggregatetest.Fold[State, Command]([]Event{Opened{ref, rules}}...)
	s = decided(t, s, ScoreStage{program, with(one), stageID(1)})
	s = decided(t, s, SetLimited{program, with(one), athlete(3), true})
	s = decided(t, s, ScoreStage{program, with(one, two), stageID(2)})
	s = decided(t, s, CorrectStage{host, with(board(1, 0, 602, 0, 600), two), stageID(1), "Drafting."})
	s = s.Evolve(PointsAdjusted{Ref: ref, AthleteID: athlete(2), Classification: "GC", Points: -point / 2, Reason: "Swore at the jury."})
	return s.Evolve(Finalised{Ref: ref, Stages: 2})
}

// A snapshot looks as it did when its schema got its number, and says nothing that may have to be forgotten.
func TestSnapshotLooksAsItDid(t *testing.T) {
	data, err := everything(t).MarshalSnapshot()
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(data, []byte("jury")) {
		t.Error("it holds what somebody has written about an athlete, which is sealed in the log")
	}
	file := filepath.Join("testdata", "snapshot.golden")
	want, err := os.ReadFile(file)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		err = os.WriteFile(file, data, 0o644)
		want = data
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(data), "\n")); diff != "" {
		t.Errorf("raise the number of the schema, then UPDATE_GOLDEN=1 (-want +got):\n%s", diff)
	}
}

// sameBoard compares all that boards consist of.
func sameBoard(t interface{ Fatal(...any) }, want, got State) {
	limited := cmp.Transformer("limited", func(m ordered.ByID[struct{}]) (all []uuid.UUID) {
		for id := range m.All() {
			all = append(all, id)
		}
		return all
	})
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(State{}, scored{}, part{}), cmpopts.EquateEmpty(), limited); diff != "" {
		t.Fatal("(-want +got):\n" + diff)
	}
}

func restored(t interface{ Fatal(...any) }, s State) State {
	data, err := s.MarshalSnapshot()
	if err != nil {
		t.Fatal(err)
	}
	back, err := State{}.UnmarshalSnapshot(data)
	if err != nil {
		t.Fatal(err)
	}
	return back
}

// AG-09: at every version, a snapshot and the events after it make the state that all events make.
func TestAG09_SnapshotAndTailAreTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := aggregatetest.Fold[State, Command]([]Event{Opened{ref, rules}}...)
		var events []Event
		var stages []leaderboards.StageResults
		all := []State{s}
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			if len(stages) < 4 && rapid.Bool().Draw(t, "a stage more") {
				stages = append(stages, drawn(t, len(stages)+1))
			}
			with := terms(stages...)
			with.Scheme = rules
			n := rapid.IntRange(1, max(1, len(stages))).Draw(t, "stage")
			who := athlete(rapid.IntRange(1, 5).Draw(t, "who"))
			var c Command
			switch rapid.IntRange(0, 7).Draw(t, "what") {
			case 0:
				c = SetLimited{program, with, who, rapid.Bool().Draw(t, "limited")}
			case 1:
				c = Adjust{Head: host, Terms: with, AthleteID: who, Classification: "GC", Points: point, Reason: "why"}
			case 2:
				c = ReopenStage{Head: program, Terms: with, StageID: stageID(n), Reason: "why"}
			case 3:
				with.Status = sport.Approved
				c = Finalise{program, with}
			case 4:
				c = Reopen{program, with}
			case 5:
				if len(stages) > 0 {
					stages[n-1] = drawn(t, n)
				}
				c = CorrectStage{host, with, stageID(n), "why"}
			default:
				c = ScoreStage{program, with, stageID(n)}
			}
			decided, _ := s.Decide(c) // a refusal changes nothing
			for _, e := range decided {
				s = s.Evolve(e)
				events, all = append(events, e), append(all, s)
			}
		}
		for version, from := range all {
			back := restored(t, from)
			sameBoard(t, from, back)
			for _, e := range events[version:] {
				back = back.Evolve(e)
			}
			sameBoard(t, s, back)
		}
	})
}

func TestNoSnapshotOfNothing(t *testing.T) {
	if _, err := (State{}).MarshalSnapshot(); err == nil {
		t.Error("there is nothing to keep")
	}
	s := everything(t)
	sameBoard(t, s, restored(t, s))
}

// Bytes that aren't a board are refused, whatever they are: no panic, no half a board, no memory that they don't have.
func FuzzUnmarshalSnapshot(f *testing.F) {
	data, err := everything(f).MarshalSnapshot()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add(data[:len(data)-1])
	f.Add(append(bytes.Clone(data), 0))
	f.Add(bytes.ReplaceAll(data, []byte(`"given":3`), []byte(`"given":-3`)))
	f.Add(bytes.ReplaceAll(data, []byte(`"given":3`), []byte(`"given":999999999`)))
	f.Add(bytes.ReplaceAll(data, []byte(`"words":["GC"`), []byte(`"words":[`)))
	f.Add([]byte("{}"))
	f.Add([]byte(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := State{}.UnmarshalSnapshot(data)
		if err != nil {
			if s.Exists || len(s.stages) > 0 {
				t.Errorf("refused, but there is a board: %+v", s)
			}
			return
		}
		sameBoard(t, s, restored(t, s))
	})
}

// large is a board of 20 stages with so many athletes.
func large(b testing.TB, athletes int) (State, []Event) {
	s := aggregatetest.Fold[State, Command]([]Event{Opened{ref, rules}}...)
	var events []Event
	for n := range 20 {
		stage := leaderboards.StageResults{Stage: board(n + 1).Stage}
		for i := range athletes {
			id := actor.Athlete(uuid.NewSHA1(challenge, fmt.Append(nil, i))).AthleteID
			stage.Results = append(stage.Results, leaderboards.Result{AthleteID: id, Value: second(600 + (i*7919+n)%3000), AchievedAt: at(i)})
		}
		with := terms(stage)
		with.Scheme = rules
		more, err := s.Decide(ScoreStage{program, with, stageID(n + 1)})
		if err != nil {
			b.Fatal(err)
		}
		for _, e := range more {
			s = s.Evolve(e)
		}
		events = append(events, more...)
	}
	return s, events
}

// BenchmarkSnapshot says what keeping and restoring a board costs: B/line, and ms for each way.
func BenchmarkSnapshot(b *testing.B) {
	s, events := large(b, 5000)
	data, err := s.MarshalSnapshot()
	if err != nil {
		b.Fatal(err)
	}
	b.Run("marshal", func(b *testing.B) {
		for b.Loop() {
			_, _ = s.MarshalSnapshot()
		}
		b.ReportMetric(float64(len(data))/float64(s.Len()), "B/line")
	})
	b.Run("unmarshal", func(b *testing.B) {
		for b.Loop() {
			_, _ = State{}.UnmarshalSnapshot(data)
		}
	})
	b.Run("events", func(b *testing.B) { // what is saved: decoding all of them
		var given [][]byte
		for _, e := range events {
			if e, ok := e.(PointsGiven); ok {
				stored, err := json.Marshal(e)
				if err != nil {
					b.Fatal(err)
				}
				given = append(given, stored)
			}
		}
		for b.Loop() {
			for _, stored := range given {
				var e PointsGiven
				if err := json.Unmarshal(stored, &e); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

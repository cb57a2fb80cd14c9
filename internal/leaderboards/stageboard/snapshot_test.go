package stageboard

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"segmentchallenge/internal/aggregate/aggregatetest"
	"segmentchallenge/internal/leaderboards"
)

// What a snapshot holds is listed here. If this test fails, the state has changed: make snapshot.go hold it, raise the
// number of SnapshotSchema, and then change this text.
func TestSnapshotHoldsAllThereIs(t *testing.T) {
	var fields []string
	for _, typ := range []reflect.Type{reflect.TypeFor[State](), reflect.TypeFor[entry](), reflect.TypeFor[Standing](), reflect.TypeFor[Ref](),
		reflect.TypeFor[leaderboards.Scale](), reflect.TypeFor[leaderboards.Key]()} {
		for i := range typ.NumField() {
			fields = append(fields, typ.Name()+"."+typ.Field(i).Name)
		}
	}
	got := strings.Join(fields, " ")
	const want = "State.Exists State.Ref State.Scale State.Final State.table State.known entry.Standing entry.seq entry.on " +
		"Standing.Value Standing.EffortID Standing.AchievedAt Standing.Attempts Standing.FirstAt Ref.StageID Ref.ChallengeID Ref.Category " +
		"Scale.Measure Scale.Precision Key.Score Key.AchievedAt Key.AthleteID"
	if _, version := (State{}).SnapshotSchema(); version != 2 || got != want {
		t.Errorf("schema %d:\n%s", version, got)
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
		s := aggregatetest.Fold[State, Command]([]Event{opened}...)
		all := []State{s}
		var events []Event
		for seq := range int64(rapid.IntRange(0, 40).Draw(t, "steps")) {
			who := athlete(rapid.IntRange(1, 12).Draw(t, "who"))
			var c Command
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				c = Finalise{program}
			case 1, 2:
				c = Withdraw{Head: program, AthleteID: who, Seq: seq + 1}
			default:
				first := time.Time{}
				if rapid.Bool().Draw(t, "came earlier") {
					first = noon.Add(time.Duration(rapid.Int64Range(-1e18, 1e18).Draw(t, "first")))
				}
				c = Place{program, who, Standing{FirstAt: first, Value: rapid.Int64Range(math.MinInt32, math.MaxInt32).Draw(t, "value"), EffortID: uuid.UUID{1: byte(seq)},
					AchievedAt: noon.Add(time.Duration(rapid.Int64Range(-1e18, 1e18).Draw(t, "at"))), Attempts: int(seq)}, seq + 1}
			}
			decided, err := s.Decide(c)
			if err != nil && !s.Final {
				t.Fatal(err)
			}
			for _, e := range decided {
				s = s.Evolve(e)
				events, all = append(events, e), append(all, s)
			}
		}
		for version, from := range all {
			back := restored(t, from)
			for i, e := range append([]Event{nil}, events[version:]...) {
				if e != nil {
					back = back.Evolve(e)
				}
				sameBoard(t, all[version+i], back)
			}
		}
	})
}

// sameBoard compares all that a board tells of itself, and what it remembers of athletes.
func sameBoard(t *rapid.T, want, got State) {
	t.Helper()
	if want.Exists != got.Exists || want.Ref != got.Ref || want.Scale != got.Scale || want.Final != got.Final {
		t.Fatalf("%+v, want %+v", got, want)
	}
	if diff := cmp.Diff(want.Rows(0, math.MaxInt), got.Rows(0, math.MaxInt)); diff != "" {
		t.Fatal(diff)
	}
	remembered := func(s State) map[uuid.UUID]entry {
		all := map[uuid.UUID]entry{}
		for id, e := range s.known.All() {
			all[id] = e
		}
		return all
	}
	if diff := cmp.Diff(remembered(want), remembered(got), cmp.AllowUnexported(entry{})); diff != "" {
		t.Fatal(diff)
	}
}

func TestSnapshotOfAFinalBoardWithWithdrawnAthletes(t *testing.T) {
	s := aggregatetest.Fold[State, Command](append(board(600, 590, 610, 590), Withdrawn{Ref: ref, AthleteID: athlete(2), Seq: 9}, Finalised{Ref: ref, Of: 3})...)
	if back := restored(t, s); !back.Final || back.Len() != 3 || back.known.Len() != 4 {
		t.Errorf("%+v", back)
	}
	if _, err := (State{}).MarshalSnapshot(); err == nil {
		t.Error("there is nothing to keep")
	}
}

// Bytes that aren't a board are refused, whatever they are: no panic, no half a board.
func FuzzUnmarshalSnapshot(f *testing.F) {
	for _, s := range []State{aggregatetest.Fold[State, Command]([]Event{opened}...), aggregatetest.Fold[State, Command](board(600, 590, 610)...), crowd(50, rand.New(rand.NewPCG(1, 2)))} {
		data, err := s.MarshalSnapshot()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		f.Add(data[:len(data)-1])
		f.Add(append(bytes.Clone(data), 0))
		f.Add(bytes.ReplaceAll(data, []byte(`"on":3`), []byte(`"on":2`)))
		f.Add(bytes.ReplaceAll(data, []byte(`"on":3`), []byte(`"on":4`)))
	}
	f.Add([]byte("{}"))
	f.Add([]byte(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := State{}.UnmarshalSnapshot(data)
		if err != nil {
			if s.Exists || s.Len() > 0 {
				t.Errorf("refused, but there is a board: %+v", s)
			}
			return
		}
		again, err := s.MarshalSnapshot()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := (State{}).UnmarshalSnapshot(again); err != nil || back.Len() != s.Len() || back.known.Len() != s.known.Len() {
			t.Errorf("what could be read can't be read again: %v", err)
		}
	})
}

// BenchmarkSnapshot says what keeping and restoring a board costs: B/athlete, and ms for each way.
func BenchmarkSnapshot(b *testing.B) {
	for _, n := range []int{1000, 100_000} {
		s := crowd(n, rand.New(rand.NewPCG(1, 2)))
		data, err := s.MarshalSnapshot()
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("marshal/%d", n), func(b *testing.B) {
			for b.Loop() {
				_, _ = s.MarshalSnapshot()
			}
			b.ReportMetric(float64(len(data))/float64(n), "B/athlete")
		})
		b.Run(fmt.Sprintf("unmarshal/%d", n), func(b *testing.B) {
			for b.Loop() {
				_, _ = State{}.UnmarshalSnapshot(data)
			}
		})
	}
}

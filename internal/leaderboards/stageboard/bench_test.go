package stageboard

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/aggregate/aggregatetest"
)

// crowd is a board of n athletes, with times over some twenty minutes.
func crowd(n int, dice *rand.Rand) State {
	s := aggregatetest.Fold[State, Command]([]Event{opened}...)
	for i := range n {
		s = s.Evolve(Placed{Ref: ref, AthleteID: rider(i), Standing: effort(dice), Seq: 1})
	}
	return s
}

func rider(n int) uuid.UUID {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:], uint64(n)*0x9e3779b97f4a7c15) // spread, as real ids are
	return id
}

func effort(dice *rand.Rand) Standing {
	return Standing{Value: 600_000 + dice.Int64N(1_200_000), EffortID: rider(dice.Int()), AchievedAt: noon.Add(time.Duration(dice.IntN(1e6)) * time.Second), Attempts: 2}
}

// decideAndEvolve is what one effort costs a board that is in memory.
func decideAndEvolve(t testing.TB, s State, c Place) (State, Event) {
	events, err := s.Decide(c)
	if err != nil || len(events) != 1 {
		t.Fatalf("%v, %v", events, err)
	}
	return s.Evolve(events[0]), events[0]
}

// BenchmarkEffort shows that an effort costs O(log n) and its event O(1): x-of-10 is the time against that on a board of
// ten, event-B and max-event-B the mean and largest size of the stored event.
func BenchmarkEffort(b *testing.B) {
	var base float64
	for _, n := range []int{10, 1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			dice := rand.New(rand.NewPCG(1, 2))
			s := crowd(n, dice)
			events := make([]Event, 0, 1024)
			seq := int64(1)
			for b.Loop() {
				seq++
				next, e := decideAndEvolve(b, s, Place{program, rider(dice.IntN(n)), effort(dice), seq})
				if s = next; len(events) < cap(events) {
					events = append(events, e)
				}
			}
			perOp := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
			if n == 10 {
				base = perOp
			}
			if base > 0 {
				b.ReportMetric(perOp/base, "x-of-10")
			}
			mean, largest := sizes(b, events)
			b.ReportMetric(mean, "event-B")
			b.ReportMetric(largest, "max-event-B")
		})
	}
}

func sizes(t testing.TB, events []Event) (mean, largest float64) {
	for _, e := range events {
		data, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		mean += float64(len(data)) / float64(len(events))
		largest = max(largest, float64(len(data)))
	}
	return mean, largest
}

// What the benchmark shows, as a limit: from ten athletes to twenty thousand, an effort copies a path that is a few
// times as long, and its event stays below 2 kB.
func TestAnEffortStaysCheap(t *testing.T) {
	cost := func(n int) (allocations, largest float64) {
		dice := rand.New(rand.NewPCG(1, 2))
		s := crowd(n, dice)
		var events []Event
		seq := int64(1)
		allocations = testing.AllocsPerRun(500, func() {
			seq++
			next, e := decideAndEvolve(t, s, Place{program, rider(dice.IntN(n)), effort(dice), seq})
			s, events = next, append(events, e)
		})
		_, largest = sizes(t, events)
		return allocations, largest
	}
	few, _ := cost(10)
	many, largest := cost(20_000)
	if many > 8*few {
		t.Errorf("%.0f allocations among 20,000, %.0f among 10", many, few)
	}
	if largest > 2000 {
		t.Errorf("an event of %.0f bytes", largest)
	}
}

package segments

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// prepared is a segment of the line, which must be good.
func prepared(t testing.TB, line Line, c Corridor) *Prepared {
	t.Helper()
	p, _, err := Prepare(line, Options{Corridor: c})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// road is 3 km with bends, and 300 m of run-up and run-out around the 2.4 km that are the segment.
var road = way{{0, 0}, {500, 0}}.turn(60, 60).ahead(600).turn(-90, 40).ahead(700).turn(45, 100).ahead(900)

func roadSegment(t testing.TB, c Corridor) *Prepared {
	return prepared(t, road.part(300, road.metres()-300).line(), c)
}

// elapsed is what the truth says of the road's segment, in ms.
func elapsed(truth func(float64) float64) float64 { return truth(road.metres()-300) - truth(300) }

func expectEfforts(t *testing.T, r Result, want int) {
	t.Helper()
	if len(r.Efforts) != want {
		t.Fatalf("%d efforts, want %d; efforts %+v, rejected %+v", len(r.Efforts), want, r.Efforts, r.Rejected)
	}
}

// expectRejected checks that there is no effort and that the reason given is this one, in these words.
func expectRejected(t *testing.T, r Result, want Reason, words string) {
	t.Helper()
	expectEfforts(t, r, 0)
	if len(r.Rejected) != 1 || r.Rejected[0].Reason != want || !strings.Contains(r.Rejected[0].Detail, words) {
		t.Fatalf("rejected %+v, want %s with %q", r.Rejected, want, words)
	}
}

func within(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: %.3f, want %.3f ± %.3f", what, got, want, tolerance)
	}
}

func TestRideOverTheWholeSegment(t *testing.T) {
	for _, every := range []int64{200, 1000, 5000, 7000} {
		t.Run(fmt.Sprint(every, " ms"), func(t *testing.T) {
			samples, truth := ride{way: road, every: each(every), startMs: 1_700_000_000_000}.run()
			r := Match(roadSegment(t, Standard), IndexTrack(samples))
			expectEfforts(t, r, 1)
			e := r.Efforts[0]
			within(t, "elapsed", e.ElapsedMs, elapsed(truth), 20)
			within(t, "start", e.StartMs, truth(300), 20)
			within(t, "end", e.EndMs, truth(road.metres()-300), 20)
			within(t, "coverage", e.Coverage, 1, 0)
			within(t, "ratio", e.Ratio, 1, 0.02)
			within(t, "largest gap", e.LargestGapMs, float64(every), 0)
			if e.Quality != GradeA || e.NeedsReview || e.Method != MethodVersion {
				t.Errorf("effort %+v", e)
			}
			if first := samples[e.StartIndex+1]; float64(first.Ms) < e.StartMs || float64(samples[e.StartIndex].Ms) > e.StartMs {
				t.Errorf("start index %d is not the sample before %f", e.StartIndex, e.StartMs)
			}
			if float64(samples[e.EndIndex].Ms) < e.EndMs || float64(samples[e.EndIndex-1].Ms) > e.EndMs {
				t.Errorf("end index %d is not the sample after %f", e.EndIndex, e.EndMs)
			}
		})
	}
}

func TestWrongDirectionIsToldAndNotCounted(t *testing.T) {
	back := way{}
	for i := range road {
		back = append(back, road[len(road)-1-i])
	}
	samples, _ := ride{way: back, noise: 3}.run()
	expectRejected(t, Match(roadSegment(t, Standard), IndexTrack(samples)), WrongDirection, "finish towards its start")
}

func TestPartOfTheLineIsNotEnough(t *testing.T) {
	p := roadSegment(t, Standard)
	length := road.metres()
	t.Run("the recording ends", func(t *testing.T) {
		samples, _ := ride{way: road.part(0, 1500)}.run()
		expectRejected(t, Match(p, IndexTrack(samples)), FinishMissed, "the recording ends at km 1.2 of")
	})
	t.Run("the rider turns off", func(t *testing.T) {
		samples, _ := ride{way: road.part(0, 1500).turn(90, 20).ahead(900)}.run()
		expectRejected(t, Match(p, IndexTrack(samples)), FinishMissed, "the track leaves the line at km 1.2 of")
	})
	t.Run("short of the finish line", func(t *testing.T) {
		samples, _ := ride{way: road.part(0, length-310)}.run()
		expectRejected(t, Match(p, IndexTrack(samples)), FinishMissed, "but the finish line was not crossed")
	})
	t.Run("short of the finish line, which is crossed later", func(t *testing.T) {
		for back, want := range map[float64]int{15: 1, 200: 0} { // a few metres back and forth are no matter
			w := road.part(0, length-312).ahead(-back).ahead(-back - 500)
			samples, _ := ride{way: w}.run()
			r := Match(p, IndexTrack(samples))
			if len(r.Efforts) != want || want == 0 && r.Rejected[0].Reason != FinishMissed {
				t.Errorf("%.0f m back and forth: %s", back, told(r, 0))
			}
		}
	})
	t.Run("joined after the start", func(t *testing.T) {
		samples, _ := ride{way: road.part(900, length)}.run()
		expectRejected(t, Match(p, IndexTrack(samples)), StartMissed, "joined at km 0.6")
	})
	t.Run("the recording was paused and moved on", func(t *testing.T) {
		samples, _ := ride{way: road}.run()
		cut := append(samples[:100:100], samples[140:]...)
		cut[100].Break = true
		r := Match(p, IndexTrack(cut))
		expectEfforts(t, r, 0)
		if len(r.Rejected) != 1 || r.Rejected[0].Reason != Hole {
			t.Errorf("rejected %+v", r.Rejected)
		}
	})
}

func TestPassingByIsNothingToTell(t *testing.T) {
	p := roadSegment(t, Standard)
	for name, w := range map[string]way{
		"crosses the middle":    {{700, -500}, {700, 1500}},
		"crosses the start":     {{-100, -100}, {700, 100}},
		"rides a street beside": {{300, -100}, {2500, -100}},
		"stays in the box":      {{1200, 100}, {1500, 300}},
	} {
		samples, _ := ride{way: w}.run()
		if r := Match(p, IndexTrack(samples)); len(r.Efforts)+len(r.Rejected) != 0 {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestRejectionSaysWhere(t *testing.T) {
	samples, _ := ride{way: road.part(0, 1500)}.run()
	r := Match(roadSegment(t, Standard), IndexTrack(samples)).Rejected[0]
	end := here.unproject(road.part(0, 1500)[len(road.part(0, 1500))-1])
	within(t, "metres along the line", r.Metres, 1200, 50)
	within(t, "metres from the true place", Metres(r.At, end), 0, 50)
	within(t, "began at", r.StartMs, 300/8.0*1000, 100)
}

func TestTrackWithoutLegs(t *testing.T) {
	p := roadSegment(t, Standard)
	one, _ := ride{way: road}.run()
	for _, samples := range [][]Sample{nil, one[:1]} {
		if r := Match(p, IndexTrack(samples)); len(r.Efforts)+len(r.Rejected) != 0 {
			t.Errorf("%d samples: %+v", len(samples), r)
		}
	}
}

package segments

import (
	"math"
	"slices"
	"testing"
)

// What counts as crossing a gate, and each of the tests that a traversal has to pass.

func (v *view) legsThrough(g gate, heading xy) int {
	n := 0
	for leg := range v.t.legs() {
		if _, ok := v.crosses(leg, g.at, heading); ok {
			n++
		}
	}
	return n
}

func TestGateIsCrossedByOneLegInOneDirection(t *testing.T) {
	p := prepared(t, way{{0, 0}, {600, 0}}.line(), Standard)
	for name, c := range map[string]struct {
		way  way
		want int
	}{
		"samples on the line":      {way{{-80, 0}, {800, 0}}, 1},
		"samples beside the line":  {way{{-83, 0}, {800, 0}}, 1},
		"24 m to the side":         {way{{-83, 24}, {800, 24}}, 1},
		"26 m to the side":         {way{{-83, 26}, {800, 26}}, 0},
		"the other way":            {way{{800, 0}, {-80, 0}}, 0},
		"along the gate":           {way{{-2, -100}, {2, 100}}, 0},
		"aslant":                   {way{{-60, -40}, {600, 400}}, 1},
		"begins 0.5 m behind":      {way{{0.5, 0}, {800, 0}}, 1},
		"begins 2 m behind":        {way{{2, 0}, {800, 0}}, 0},
		"ends 0.5 m before":        {way{{-80.5, 0}, {-0.5, 0}}, 1},
		"ends 2 m before":          {way{{-82, 0}, {-2, 0}}, 0},
		"there and back and there": {way{{-80, 0}, {40, 0}, {-40, 0}, {80, 0}}, 2},
	} {
		samples, _ := ride{way: c.way}.run()
		v := &view{p: p, t: IndexTrack(samples)}
		if got := v.legsThrough(p.start, p.start.headings[0]); got != c.want {
			t.Errorf("%s: %d crossings, want %d", name, got, c.want)
		}
	}
}

func TestGateOnABackStep(t *testing.T) {
	line := way{{0, 0}, {9, 0}, {-1, 1}, {1000, 0}}.line() // 20 m of it lead nowhere; 10 and 30 m do
	samples, truth := ride{way: way{{-300, 0}, {1300, 0}}}.run()
	r := Match(prepared(t, line, Standard), IndexTrack(samples))
	expectEfforts(t, r, 1)
	within(t, "elapsed", r.Efforts[0].ElapsedMs, truth(1300)-truth(300), 500)
}

func TestCrossingsOfOneGateMerge(t *testing.T) {
	w := way{{-300, 0}, {500, 0}}.turn(90, 30).ahead(600)
	p := prepared(t, w.part(815, w.metres()-100).line(), Standard) // starts in the bend: its headings differ
	samples, _ := ride{way: w, beside: -6}.run()
	v := &view{p: p, t: IndexTrack(samples)}
	if c := v.crossings(p.start); len(c) != 1 {
		t.Errorf("crossings %+v", c)
	}
	r := Match(p, v.t)
	expectEfforts(t, r, 1)
	if len(r.Rejected) != 0 {
		t.Errorf("rejected %+v", r.Rejected)
	}
}

func TestJudgement(t *testing.T) {
	straight := way{{-300, 0}, {2300, 0}}
	line := straight.part(300, 2300).line()
	forthAndBack := func(times int) way { // rides 100 m back so many times
		w := way{{-300, 0}, {900, 0}}
		for range times {
			w = w.to(xy{980, 3}, xy{900, 6}, xy{980, 3})
		}
		return w.to(xy{1000, 0}, xy{2300, 0})
	}
	// So many parts between two lengths left out, 250 m apart, the recording going on as after a pause.
	without := func(from, to float64, cuts int) []Sample {
		samples, _ := ride{way: straight}.run()
		var out []Sample
		for i, s := range samples {
			at := float64(i)*8 - 300
			if c := math.Floor((at - from) / 250); c >= 0 && c < float64(cuts) && at-from-c*250 < to-from {
				continue
			}
			s.Break = len(out) > 0 && s.Ms-out[len(out)-1].Ms > 1000
			out = append(out, s)
		}
		return out
	}
	ridden := func(w way) []Sample { s, _ := ride{way: w}.run(); return s }
	for _, c := range []struct {
		name     string
		corridor Corridor
		samples  []Sample
		want     Reason // empty: it counts
		words    string
	}{
		{"as it should be", Standard, ridden(straight), "", ""},
		{"12 m beside", Standard, ridden(way{{-300, 12.4}, {2300, 12.4}}), "", ""},
		{"12 m beside, tight", Tight, ridden(way{{-300, 12.4}, {2300, 12.4}}), BesideLine, "lies more than 12 m off; up to 10 m are taken"},
		{"22 m beside, open", Open, ridden(way{{-300, 22}, {2300, 22}}), "", ""},
		{"30 m beside in between, open", Open, ridden(way{{-300, 0}, {50, 0}, {100, 30}, {1900, 30}, {1950, 0}, {2300, 0}}), Detour, "Detour of 1.8 km"},
		{"45 m beside in between, loose", Loose, ridden(way{{-300, 0}, {50, 0}, {100, 45}, {1900, 45}, {1950, 0}, {2300, 0}}), "", ""},
		{"30 m beside at the gates", Standard, ridden(way{{-300, 30}, {2300, 30}}), StartMissed, "the start line was not crossed"},
		{"one pause of 100 m", Standard, without(100, 200, 1), "", ""},
		{"six pauses of 100 m", Standard, without(100, 200, 6), Coverage, "of the line has track beside it; 95 % are needed"},
		{"one pause of 200 m", Standard, without(100, 300, 1), Hole, "m at km 0.1"},
		{"once forth and back", Standard, ridden(forthAndBack(1)), "", ""},
		{"five times forth and back", Standard, ridden(forthAndBack(5)), WrongLength, "2.8 km were ridden, for a line of 2.0 km"},
		{"a short cut", Standard, ridden(way{{-300, 0}, {200, 0}, {260, -34}, {1740, -34}, {1800, 0}, {2300, 0}}), "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Match(prepared(t, line, c.corridor), IndexTrack(c.samples))
			if c.want == "" {
				expectEfforts(t, r, 1)
				return
			}
			expectRejected(t, r, c.want, c.words)
		})
	}
}

func TestGapAtAGateIsForReview(t *testing.T) {
	p := roadSegment(t, Standard)
	end := road.metres() - 300
	for _, c := range []struct {
		name     string
		from, to float64 // metres along the way that went unrecorded
		speed    float64
		review   bool
	}{
		{"at the start", 200, 480, 8, true}, {"at the finish", end - 150, end + 130, 8, true},
		{"fast, over 250 m", 150, 420, 30, true}, {"short", 260, 340, 8, false}, {"elsewhere", 520, 760, 8, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			samples, truth := ride{way: road, speed: func(float64) float64 { return c.speed }}.run()
			samples = slices.DeleteFunc(samples, func(s Sample) bool {
				return float64(s.Ms) > truth(c.from) && float64(s.Ms) < truth(c.to)
			})
			r := Match(p, IndexTrack(samples))
			expectEfforts(t, r, 1)
			e := r.Efforts[0]
			if e.NeedsReview != c.review {
				t.Errorf("review %v: %+v", e.NeedsReview, e)
			}
			if off := e.ElapsedMs - (truth(end) - truth(300)); c.review && off < 0 || !c.review && (off < -500 || off > 500) {
				t.Errorf("%.0f ms off the truth, review %v", off, c.review)
			}
		})
	}
}

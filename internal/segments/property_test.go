package segments

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// drawnWay is a way of one to five kilometres that doesn't come back over itself.
func drawnWay(t *rapid.T) way {
	w := way{{0, 0}, {250, 0}}
	for range rapid.IntRange(2, 8).Draw(t, "bends") {
		side := 1.0
		if w[len(w)-1].y > 0 { // towards the axis again, so that it goes on eastwards
			side = -1
		}
		angle := rapid.Float64Range(5, 70).Draw(t, "degrees") * side
		w = w.turn(angle, rapid.Float64Range(15, 150).Draw(t, "radius"))
		w = w.ahead(rapid.Float64Range(50, 300).Draw(t, "straight"))
		w = w.turn(-angle, 80).ahead(40)
	}
	return w.ahead(250)
}

func drawnRide(t *rapid.T, w way) ride {
	return ride{
		way:     w,
		every:   rapid.SampledFrom([]func(*rand.Rand) int64{each(1000), each(3000), smart}).Draw(t, "recording"),
		noise:   rapid.Float64Range(0, 4).Draw(t, "noise"),
		beside:  rapid.Float64Range(-8, 8).Draw(t, "beside"),
		seed:    rapid.Uint64().Draw(t, "seed"),
		startMs: rapid.Int64Range(0, 4e12).Draw(t, "start"),
	}
}

func mustPrepare(t *rapid.T, line Line) *Prepared {
	p, _, err := Prepare(line, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPropertyNoiseWithinTheCorridorMatches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawnWay(t)
		samples, truth := drawnRide(t, w).run()
		r := Match(mustPrepare(t, w.part(150, w.metres()-150).line()), IndexTrack(samples))
		if len(r.Efforts) != 1 {
			t.Fatalf("efforts %+v, rejected %+v", r.Efforts, r.Rejected)
		}
		e := r.Efforts[0]
		if off := math.Abs(e.ElapsedMs - (truth(w.metres()-150) - truth(150))); off > 8*max(e.UncertaintyMs, 500) {
			t.Fatalf("%.0f ms off, with an uncertainty of %.0f", off, e.UncertaintyMs)
		}
		if e.StartMs > e.EndMs || math.Abs(e.EndMs-e.StartMs-e.ElapsedMs) > 1 {
			t.Fatalf("times don't add up: %+v", e)
		}
	})
}

func TestPropertyReversalNeverMatches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawnWay(t)
		samples, _ := drawnRide(t, w).run()
		line := w.part(150, w.metres()-150).line().Reversed()
		r := Match(mustPrepare(t, line), IndexTrack(samples))
		if len(r.Efforts) != 0 || len(r.Rejected) != 1 || r.Rejected[0].Reason != WrongDirection {
			t.Fatalf("efforts %+v, rejected %+v", r.Efforts, r.Rejected)
		}
	})
}

// TestPropertyLeavingTheLineNeverMatches: a side trip to a place 150 to 1000 m off, or a part of the line left out by a
// way round, at any place but the ends.
func TestPropertyLeavingTheLineNeverMatches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawnWay(t)
		length := w.metres()
		at := rapid.Float64Range(200, length-500).Draw(t, "at")
		back := at + rapid.Float64Range(5, 300).Draw(t, "rejoins")
		off := rapid.Float64Range(150, 1000).Draw(t, "off")
		leave, _ := w.at(w.cum(), at)
		rejoin, _ := w.at(w.cum(), back)
		detour := append(w.part(0, at), xy{leave.x, -400 - off}, xy{rejoin.x, -400 - off}) // south of all of the way
		r := drawnRide(t, append(detour, w.part(back, length)...))
		samples, _ := r.run()
		got := Match(mustPrepare(t, w.part(150, length-150).line()), IndexTrack(samples))
		if len(got.Efforts) != 0 || len(got.Rejected) == 0 {
			t.Fatalf("efforts %+v, rejected %+v", got.Efforts, got.Rejected)
		}
	})
}

func TestPropertyTimeShiftShiftsTheTimes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawnWay(t)
		samples, _ := drawnRide(t, w).run()
		shift := rapid.Int64Range(-1e12, 1e12).Draw(t, "shift")
		shifted := append([]Sample(nil), samples...)
		for i := range shifted {
			shifted[i].Ms += shift
		}
		p := mustPrepare(t, w.part(150, w.metres()-150).line())
		a, b := Match(p, IndexTrack(samples)), Match(p, IndexTrack(shifted))
		if len(a.Efforts) != len(b.Efforts) || len(a.Rejected) != len(b.Rejected) {
			t.Fatalf("%+v and %+v", a, b)
		}
		for i := range a.Efforts {
			x, y := a.Efforts[i], b.Efforts[i]
			if math.Abs(y.StartMs-x.StartMs-float64(shift)) > 0.01 || math.Abs(y.EndMs-x.EndMs-float64(shift)) > 0.01 {
				t.Fatalf("%+v and %+v", x, y)
			}
			x.StartMs, x.EndMs = y.StartMs, y.EndMs
			if x != y { // the elapsed time to the last bit
				t.Fatalf("%+v and %+v", x, y)
			}
		}
	})
}

func TestPropertyLapsGiveAsManyEfforts(t *testing.T) {
	lap := circuit(1).metres() - 325
	rapid.Check(t, func(t *rapid.T) {
		laps := rapid.IntRange(1, 8).Draw(t, "laps")
		start := 325 + rapid.Float64Range(60, 1100).Draw(t, "start")
		length := rapid.Float64Range(0.4, 1).Draw(t, "part") * lap
		r := drawnRide(t, circuit(laps+3).part(start-60, start+lap*float64(laps)+60))
		r.beside /= 2
		samples, _ := r.run()
		got := Match(mustPrepare(t, circuit(3).part(start, start+length).line()), IndexTrack(samples))
		if len(got.Efforts) != laps {
			t.Fatalf("%d efforts in %d laps: %+v", len(got.Efforts), laps, got)
		}
	})
}

// TestPropertyAnythingGoes throws tracks at the engine that no device would write: it must say something that holds together.
func TestPropertyAnythingGoes(t *testing.T) {
	p := roadSegment(t, Standard)
	rapid.Check(t, func(t *rapid.T) {
		coordinate := rapid.OneOf(rapid.Float64Range(-180, 180), rapid.Float64Range(4.34, 4.39), rapid.Float64Range(50.84, 50.86))
		samples := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Sample {
			return Sample{
				Lat: coordinate.Draw(t, "lat") / 2 * rapid.SampledFrom([]float64{1, 2}).Draw(t, "scale"),
				Lon: coordinate.Draw(t, "lon"), Ms: rapid.Int64Range(-1e6, 1e6).Draw(t, "ms"), Break: rapid.Bool().Draw(t, "break"),
			}
		}), 0, 200).Draw(t, "samples")
		for _, e := range Match(p, IndexTrack(samples)).Efforts {
			if e.StartIndex >= e.EndIndex || e.EndIndex >= len(samples) || e.ElapsedMs < 0 {
				t.Fatalf("%+v", e)
			}
		}
	})
}

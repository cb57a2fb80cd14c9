package segments

import (
	"math/rand/v2"
	"testing"
)

// rideAmong1000 is a ride of 5,000 samples (40 km) and 1,000 segments in its area: 3 of its own way, 100 that run along it
// the other way, 100 that begin or end on it and turn off, and 797 elsewhere in the area, most of which it crosses.
func rideAmong1000(t testing.TB) ([]Sample, []*Prepared) {
	rng := rand.New(rand.NewPCG(11, 12))
	w := way{{0, 0}, {200, 0}}
	for w.metres() < 40_000 {
		w = w.turn(rng.Float64()*200-100, 20+rng.Float64()*150).ahead(100 + rng.Float64()*900)
	}
	samples, _ := ride{way: w.part(0, 39_996), noise: 3, seed: 5}.run()
	box := rectOf(w)
	part := func() way {
		from := 500 + rng.Float64()*35_000
		return w.part(from, from+400+rng.Float64()*3000)
	}
	var lines []Line
	for range 3 {
		lines = append(lines, part().line())
	}
	for range 100 {
		lines = append(lines, part().line().Reversed())
	}
	for range 50 {
		lines = append(lines, part().turn(90, 20).ahead(1500).line(), part().turn(90, 20).ahead(1500).line().Reversed())
	}
	for len(lines) < 1000 {
		a := xy{box.low.x + rng.Float64()*(box.high.x-box.low.x), box.low.y + rng.Float64()*(box.high.y-box.low.y)}
		v := way{a, {a.x + rng.Float64()*100 - 50, a.y + rng.Float64()*100 - 50}}
		for range 2 + rng.IntN(6) {
			v = v.turn(rng.Float64()*200-100, 20+rng.Float64()*150).ahead(100 + rng.Float64()*500)
		}
		lines = append(lines, v.line())
	}
	segments := make([]*Prepared, len(lines))
	for i, line := range lines {
		segments[i] = prepared(t, line, Standard)
	}
	return samples, segments
}

func BenchmarkRideAgainst1000Segments(b *testing.B) {
	samples, segments := rideAmong1000(b)
	var efforts, rejected int
	for b.Loop() {
		efforts, rejected = 0, 0
		t := IndexTrack(samples)
		for _, p := range segments {
			r := Match(p, t)
			efforts, rejected = efforts+len(r.Efforts), rejected+len(r.Rejected)
		}
	}
	if efforts != 3 {
		b.Fatalf("%d efforts, want 3", efforts)
	}
	b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N), "ms/ride")
	b.ReportMetric(float64(len(samples)), "samples")
	b.ReportMetric(float64(rejected), "rejected")
}

func BenchmarkPrepare(b *testing.B) {
	line := road.part(300, road.metres()-300).line()
	for b.Loop() {
		prepared(b, line, Standard)
	}
}

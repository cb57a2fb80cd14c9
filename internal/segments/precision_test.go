package segments

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestCrossingErrors rides a straight segment many times and compares the time found with the true one: as root mean square,
// interpolated between samples as Match does, and taken at the samples nearest to the gates. go test -v prints the table.
func TestCrossingErrors(t *testing.T) {
	const rides = 300
	straight := way{{-400, 0}, {1600, 0}}
	p := prepared(t, way{{0, 0}, {1200, 0}}.line(), Standard)
	t.Logf("%-8s %-10s %-7s %12s %12s", "km/h", "recording", "noise", "interpolated", "nearest")
	for _, c := range []struct {
		kmh       float64
		recording string
		every     func(*rand.Rand) int64
		noise     float64
		worst     float64 // seconds, of the interpolated
		nearest   float64 // seconds at least, of the nearest sample
	}{
		{30, "1 s", each(1000), 0, 0.01, 0.2}, {30, "smart", smart, 0, 0.01, 1.2}, {30, "5 s", each(5000), 0, 0.01, 1.6},
		{30, "1 s", each(1000), 2.5, 0.48, 0.5}, {30, "smart", smart, 2.5, 0.48, 1.3}, {30, "5 s", each(5000), 2.5, 0.48, 1.6},
		{30, "1 s", each(1000), 5, 0.95, 0.8}, {12, "1 s", each(1000), 2.5, 1.2, 0.9}, {50, "1 s", each(1000), 2.5, 0.3, 0.3},
	} {
		var interpolated, nearest float64
		for seed := range uint64(rides) {
			rng := rand.New(rand.NewPCG(seed, 99))
			begin := rng.Float64() * 100 // so that the samples don't always fall alike
			speed := c.kmh / 3.6 * (0.95 + rng.Float64()/10)
			w := way{{straight[0].x + begin, 0}, straight[1]}
			samples, truth := ride{way: w, speed: func(float64) float64 { return speed }, every: c.every, noise: c.noise, seed: seed}.run()
			want := truth(1600-begin) - truth(400-begin)
			r := Match(p, IndexTrack(samples))
			if len(r.Efforts) != 1 {
				t.Fatalf("ride %d: %+v", seed, r)
			}
			interpolated += square((r.Efforts[0].ElapsedMs - want) / 1000)
			nearest += square((nearestMs(samples, xy{1200, 0}) - nearestMs(samples, xy{0, 0}) - want) / 1000)
		}
		interpolated, nearest = math.Sqrt(interpolated/rides), math.Sqrt(nearest/rides)
		t.Logf("%-8.0f %-10s %-7.1f %10.2f s %10.2f s", c.kmh, c.recording, c.noise, interpolated, nearest)
		if interpolated > c.worst || nearest < c.nearest {
			t.Errorf("interpolated %.3f s, expected up to %.2f; nearest %.3f s, expected at least %.2f", interpolated, c.worst, nearest, c.nearest)
		}
	}
}

func square(v float64) float64 { return v * v }

// nearestMs is the time of the sample that lies nearest to a place.
func nearestMs(samples []Sample, q xy) float64 {
	best, ms := math.Inf(1), 0.0
	for _, s := range samples {
		if d := distance(here.project(s.Lat, s.Lon), q); d < best {
			best, ms = d, float64(s.Ms)
		}
	}
	return ms
}

// TestUncertaintyIsHonest: two of three times are off by less than their uncertainty says, with noise as assumed.
func TestUncertaintyIsHonest(t *testing.T) {
	p := prepared(t, way{{0, 0}, {1200, 0}}.line(), Standard)
	inside, rides := 0, 300
	for seed := range uint64(rides) {
		samples, truth := ride{way: way{{-400, 0}, {1600, 0}}, noise: noise, seed: seed}.run()
		r := Match(p, IndexTrack(samples))
		expectEfforts(t, r, 1)
		if e := r.Efforts[0]; math.Abs(e.ElapsedMs-(truth(1600)-truth(400))) <= e.UncertaintyMs {
			inside++
		}
	}
	within(t, "part within one standard deviation", float64(inside)/float64(rides), 0.68, 0.12)
}

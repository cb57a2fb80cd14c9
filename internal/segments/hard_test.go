package segments

import (
	"math/rand/v2"
	"testing"
)

// hardCases are true traversals that the first prototype, the reference, mostly misses.
var hardCases = []struct {
	name string
	make func(seed uint64) (Line, []Sample)
	want int // true traversals a case
}{
	{"walkers at 1.2 m/s, with noise of 3 m that changes quickly, on a drawn line", func(seed uint64) (Line, []Sample) {
		w := way{{-60, 0}, {200, 0}}.turn(40, 40).ahead(160)
		samples, _ := ride{way: w, speed: func(float64) float64 { return 1.2 }, noise: 3, drift: 6, seed: seed}.run()
		return w.part(60, w.metres()-60).line(), samples
	}, 1},
	{"the same on a line that was walked like that", func(seed uint64) (Line, []Sample) {
		walk := ride{way: way{{-60, 0}, {200, 0}}.turn(40, 40).ahead(160), speed: func(float64) float64 { return 1.2 }, noise: 3, drift: 6, seed: seed}
		samples, _ := walk.run()
		walk.seed, walk.way = walk.seed+1000, walk.way.part(60, walk.way.metres()-60)
		recorded, _ := walk.run()
		line := make(Line, len(recorded))
		for i, s := range recorded {
			line[i] = s.place()
		}
		return line, samples
	}, 1},
	{"4 laps of a circuit whose line ends 20 m after it starts", func(seed uint64) (Line, []Sample) {
		samples, _ := ride{way: circuit(5).part(225, 325+4*lapLength+100), noise: 2, seed: seed}.run()
		return circuit(3).part(325, 325+lapLength+20).line(), samples
	}, 4},
	{"rides recorded from the start line to the finish line", func(seed uint64) (Line, []Sample) {
		samples, _ := ride{way: road.part(300, 2000), seed: seed, every: smart}.run()
		line := make(Line, len(samples))
		for i, s := range samples {
			line[i] = s.place()
		}
		line, err := DecodePolyline(line.Polyline()) // as it is stored: rounded to a metre
		if err != nil {
			panic(err)
		}
		return line, samples
	}, 1},
	{"rides with two stops of 15 minutes, noise of 3 m", func(seed uint64) (Line, []Sample) {
		samples, _ := ride{way: road, stops: map[float64]float64{700: 900, 1500: 900}, noise: 3, seed: seed}.run()
		return road.part(300, road.metres()-300).line(), samples
	}, 1},
	{"a bad spell of reception before a turning point", func(seed uint64) (Line, []Sample) {
		rng := rand.New(rand.NewPCG(seed, 1))
		samples, _ := ride{way: append(way{{-2000, 0}}, outAndBack...), noise: 1, seed: seed}.run()
		end := 1100 + rng.Float64()*60
		for i := range samples {
			if q := here.project(samples[i].Lat, samples[i].Lon); q.y < 4 && q.x > end-90 && q.x < end {
				off := here.unproject(xy{q.x, q.y - 45})
				samples[i].Lat, samples[i].Lon = off.Lat, off.Lon
			}
		}
		return way{{-1750, 0}, {1250, 0}}.line(), samples
	}, 1},
}

// lapLength is the length of one lap of the circuit.
var lapLength = circuit(1).metres() - 325

const hardRides = 20 // of each kind

func TestHardCases(t *testing.T) {
	for _, c := range hardCases {
		found := 0
		for seed := range uint64(hardRides) {
			line, samples := c.make(seed)
			found += len(Match(prepared(t, line, Standard), IndexTrack(samples)).Efforts)
		}
		if t.Logf("%s: %d of %d", c.name, found, c.want*hardRides); found != c.want*hardRides {
			t.Errorf("%s: %d of %d", c.name, found, c.want*hardRides)
		}
	}
}

// TestReferenceFindsNoMore says what the reference finds of the same rides.
func TestReferenceFindsNoMore(t *testing.T) {
	o := newOracle(t)
	for _, c := range hardCases {
		var asked []oracleCase
		for seed := range uint64(hardRides) {
			line, samples := c.make(seed)
			asked = append(asked, newOracleCase(c.name, line, samples))
		}
		theirs := 0
		for _, efforts := range o.ask(t, asked) {
			theirs += len(efforts)
		}
		if t.Logf("%s: the reference finds %d of %d", c.name, theirs, c.want*hardRides); theirs > c.want*hardRides {
			t.Errorf("%s: the reference finds %d, there are %d", c.name, theirs, c.want*hardRides)
		}
	}
}

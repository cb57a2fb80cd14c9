package segments

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Each of these broke a simpler method on real files.

// outAndBack goes 1 km out and comes back on the other side of the road, 8 m away.
var outAndBack = way{{0, 0}, {1300, 0}}.turn(180, 4).ahead(1300)

func TestTrapReturnLegBesideTheLine(t *testing.T) {
	t.Run("the segment is one way", func(t *testing.T) {
		p := prepared(t, way{{300, 0}, {1300, 0}}.line(), Standard)
		samples, truth := ride{way: outAndBack, noise: 4}.run()
		r := Match(p, IndexTrack(samples))
		expectEfforts(t, r, 1)
		within(t, "elapsed", r.Efforts[0].ElapsedMs, truth(1300)-truth(300), 3000)
	})
	t.Run("the segment is out and back", func(t *testing.T) {
		p := prepared(t, outAndBack.part(100, outAndBack.metres()-100).line(), Standard)
		samples, truth := ride{way: outAndBack, noise: 4}.run()
		r := Match(p, IndexTrack(samples))
		expectEfforts(t, r, 1)
		within(t, "elapsed", r.Efforts[0].ElapsedMs, truth(outAndBack.metres()-100)-truth(100), 3000)
	})
	t.Run("a hole on the way out has track on the way back", func(t *testing.T) {
		p := prepared(t, way{{-1750, 0}, {1250, 0}}.line(), Standard)
		long := append(way{{-2000, 0}}, outAndBack...)
		samples, truth := ride{way: long}.run()
		for i := range samples { // thrown off by 45 m, from 230 m to 140 m before the finish
			if q := here.project(samples[i].Lat, samples[i].Lon); q.y < 1 && q.x > 1020 && q.x < 1110 {
				off := here.unproject(xy{q.x, -45})
				samples[i].Lat, samples[i].Lon = off.Lat, off.Lon
			}
		}
		r := Match(p, IndexTrack(samples))
		expectEfforts(t, r, 1)
		within(t, "elapsed", r.Efforts[0].ElapsedMs, truth(3250)-truth(250), 50)
		if r.Efforts[0].LongestHole == 0 {
			t.Error("the hole is no hole")
		}
	})
}

func TestTrapNoisyFirstMetresTurnTheGate(t *testing.T) {
	const rides = 25
	found := 0
	for seed := range uint64(rides) {
		source, _ := ride{way: road.part(300, road.metres()-300), noise: 3, drift: 2, seed: seed}.run()
		var line Line
		for _, s := range source {
			line = append(line, s.place())
		}
		samples, _ := ride{way: road, noise: 3, seed: seed + 1000}.run()
		found += len(Match(prepared(t, line, Standard), IndexTrack(samples)).Efforts)
	}
	if found != rides {
		t.Errorf("%d of %d true efforts found", found, rides)
	}
}

func TestTrapSampleOnTheLineCountsOnce(t *testing.T) {
	p := prepared(t, way{{0, 0}, {600, 0}}.line(), Standard)
	var samples []Sample
	for i := range 100 { // samples fall exactly on both gates
		q := here.unproject(xy{float64(i-20) * 10, 0})
		samples = append(samples, Sample{Lat: q.Lat, Lon: q.Lon, Ms: int64(i) * 1000})
	}
	v := &view{p: p, t: IndexTrack(samples)}
	for name, g := range map[string]gate{"start": p.start, "finish": p.finish} {
		if c := v.crossings(g); len(c) != 1 {
			t.Errorf("%s crossed %d times", name, len(c))
		}
	}
	r := Match(p, v.t)
	expectEfforts(t, r, 1)
	within(t, "elapsed", r.Efforts[0].ElapsedMs, 60_000, 1)
}

func TestTrapCourseVariantsSideBySide(t *testing.T) {
	for _, c := range []struct {
		beside          float64
		standard, tight int
	}{{0, 1, 1}, {8, 1, 1}, {20, 1, 0}, {34, 1, 0}, {60, 0, 0}} {
		straight := way{{-300, 0}, {2000, 0}}
		var variant way // leaves the course after 200 m, and comes back 200 m before its end
		for _, q := range (way{{-300, 0}, {200, 0}, {260, 1}, {1440, 1}, {1500, 0}, {2000, 0}}) {
			variant = append(variant, xy{q.x, q.y * c.beside})
		}
		samples, _ := ride{way: variant}.run()
		line := straight.part(300, 2000).line()
		expectEfforts(t, Match(prepared(t, line, Standard), IndexTrack(samples)), c.standard)
		r := Match(prepared(t, line, Tight), IndexTrack(samples))
		expectEfforts(t, r, c.tight)
		if c.tight == 0 && len(r.Rejected) != 1 {
			t.Errorf("%.0f m beside: rejected %+v", c.beside, r.Rejected)
		}
	}
}

func TestTrapDetourThatRejoins(t *testing.T) {
	p := prepared(t, way{{0, 0}, {2000, 0}}.line(), Standard)
	side := func(metres float64) way {
		return way{{-300, 0}, {1400, 0}, {1400, metres / 2}, {1410, metres / 2}, {1410, 0}, {2300, 0}}
	}
	for _, c := range []struct {
		name  string
		way   way
		want  int
		words string
	}{
		{"to a farm gate", side(150), 1, ""},
		{"to a fountain", side(260), 0, "Detour of 1"},
		{"to a café", side(700), 0, "Detour of 6"},
		{"a loop of 3 km", way{{-300, 0}, {1400, 0}, {1400, 1400}, {2000, 1400}, {1400, 10}, {2300, 0}}, 0, "leaves the line at km 1.4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			samples, _ := ride{way: c.way, noise: 1}.run()
			r := Match(p, IndexTrack(samples))
			if c.want == 1 {
				expectEfforts(t, r, 1)
				return
			}
			reason := Detour
			if c.words[0] == 'l' {
				reason = FinishMissed
			}
			expectRejected(t, r, reason, c.words)
			within(t, "where", r.Rejected[0].Metres, 1400, 60)
		})
	}
}

// circuit is a rounded square of about 1,200 m, ridden so many times, with a run-up.
func circuit(laps int) way {
	w := way{{-200, 0}, {125, 0}}
	for range laps {
		w = w.turn(90, 50).ahead(200).turn(90, 50).ahead(200).turn(90, 50).ahead(200).turn(90, 50).ahead(200)
	}
	return w
}

func TestTrapStartAndFinishTheSameLine(t *testing.T) {
	lap := circuit(1).metres() - 325
	line := circuit(2).part(325, 325+lap).line() // starts and ends at one point of a straight
	for laps := range 6 {
		for _, noise := range []float64{0, 3} {
			samples, truth := ride{way: circuit(laps + 1).ahead(20), noise: noise, seed: uint64(laps)}.run()
			r := Match(prepared(t, line, Standard), IndexTrack(samples))
			expectEfforts(t, r, laps+1)
			for i, e := range r.Efforts {
				from := 325 + lap*float64(i)
				within(t, "lap", e.ElapsedMs, truth(from+lap)-truth(from), 200+noise*600)
			}
		}
	}
}

func TestTrapWaitingAtTheLine(t *testing.T) {
	p := roadSegment(t, Standard)
	const wait = 120_000.0
	riding := (p.Length) / 8 * 1000
	for seed := range uint64(20) {
		for _, where := range []float64{285, 298, 300, 302} {
			samples, _ := ride{way: road, stops: map[float64]float64{where: wait / 1000}, noise: 3, seed: seed}.run()
			r := Match(p, IndexTrack(samples))
			expectEfforts(t, r, 1)
			if where == 285 { // plainly before the line: none of the wait counts
				within(t, "elapsed", r.Efforts[0].ElapsedMs, riding, 3000)
			} else if e := r.Efforts[0].ElapsedMs; e < riding-3000 || e > riding+wait+3000 {
				t.Errorf("waiting at %.0f m: %.0f ms, riding alone takes %.0f", where, e, riding)
			}
			if len(r.Rejected) > 1 {
				t.Errorf("one wait is told %d times", len(r.Rejected))
			}
		}
	}
	t.Run("and turning back to it", func(t *testing.T) {
		w := way{{-200, 0}, {60, 0}}.turn(180, 3).ahead(120).turn(180, 3).ahead(1500)
		samples, _ := ride{way: w}.run()
		r := Match(prepared(t, way{{0, 0}, {1000, 0}}.line(), Standard), IndexTrack(samples))
		expectEfforts(t, r, 1)
		if len(r.Rejected) != 1 || r.Rejected[0].Reason != LaterStart {
			t.Errorf("the first start is not told: %+v", r.Rejected)
		}
		within(t, "elapsed from the last start", r.Efforts[0].ElapsedMs, 1000/8.0*1000, 500)
	})
}

func TestTrapLongStopInside(t *testing.T) {
	p := roadSegment(t, Standard)
	for seed := range uint64(10) { // the device records on while the rider stands, and its noise walks about
		samples, truth := ride{way: road, stops: map[float64]float64{700: 900, 1500: 900}, noise: 4, drift: 10, seed: seed}.run()
		r := Match(p, IndexTrack(samples))
		expectEfforts(t, r, 1)
		within(t, "elapsed with the stops", r.Efforts[0].ElapsedMs, elapsed(truth), 4000)
		within(t, "ratio", r.Efforts[0].Ratio, 1.2, 0.25)
	}
}

func TestTrapPausedBeforeTheStartAndResumedInside(t *testing.T) {
	p := roadSegment(t, Standard)
	samples, truth := ride{way: road}.run()
	before := slices.IndexFunc(samples, func(s Sample) bool { return float64(s.Ms) > truth(280) })
	inside := slices.IndexFunc(samples, func(s Sample) bool { return float64(s.Ms) > truth(340) })
	for _, c := range []struct {
		name  string
		pause int64
		brk   bool
	}{{"a gap in time", 600_000, false}, {"a pause the file tells of", 0, true}} {
		t.Run(c.name, func(t *testing.T) {
			cut := append(samples[:before:before], samples[inside:]...)
			for i := before; i < len(cut); i++ {
				cut[i].Ms += c.pause
			}
			cut[before].Break = c.brk
			r := Match(p, IndexTrack(cut))
			expectEfforts(t, r, 1)
			e := r.Efforts[0]
			if !e.NeedsReview || e.Quality != GradeC {
				t.Errorf("not offered for review: %+v", e)
			}
			within(t, "the time is an upper bound", e.ElapsedMs, truth(road.metres()-300)+float64(c.pause)-float64(samples[before-1].Ms), 100)
			within(t, "the pause is its uncertainty", e.UncertaintyMs, float64(c.pause)+60/8*1000, 3000)
		})
	}
}

func TestTrapEndOnABend(t *testing.T) {
	w := way{{-300, 0}, {900, 0}}.turn(90, 25).ahead(400)
	for _, end := range []float64{1210, 1220, 1230, 1239} { // along the arc
		p := prepared(t, w.part(300, end).line(), Standard)
		rng := rand.New(rand.NewPCG(1, 2))
		for range 10 {
			samples, truth := ride{way: w, noise: 1, drift: 60, seed: rng.Uint64(), beside: rng.Float64()*4 - 2}.run()
			r := Match(p, IndexTrack(samples))
			expectEfforts(t, r, 1)
			within(t, "elapsed", r.Efforts[0].ElapsedMs, truth(end)-truth(300), 700)
		}
	}
}

func TestTrapLegOfASlowWalkerPointsAnywhere(t *testing.T) {
	w := way{{-60, 0}, {200, 0}}.turn(40, 40).ahead(160)
	p := prepared(t, w.part(60, w.metres()-60).line(), Standard)
	for _, speed := range []float64{1, 1.5, 3} {
		for seed := range uint64(60) {
			samples, _ := ride{way: w, speed: func(float64) float64 { return speed }, noise: 3, drift: 1, seed: seed}.run()
			if r := Match(p, IndexTrack(samples)); len(r.Efforts) != 1 {
				t.Errorf("at %.1f m/s, ride %d: %s", speed, seed, told(r, 0))
			}
		}
	}
}

func TestTrapStraightUpBetweenSwitchbacks(t *testing.T) {
	line, up := way{{-100, 0}}, way{{-200, 0}, {30, 0}}
	for row := range 20 { // 60 m to and fro, 20 m apart: all of it within the corridor of who walks straight up
		y := float64(row) * 20
		line = line.to(xy{60 * float64(row%2), y}, xy{60 * float64((row+1)%2), y})
	}
	line = line.to(xy{0, 400}, xy{-100, 400})
	samples, _ := ride{way: up.to(xy{30, 400}, xy{-200, 400})}.run()
	expectEfforts(t, Match(prepared(t, line.line(), Standard), IndexTrack(samples)), 0)
	samples, _ = ride{way: append(append(way{{-200, 0}}, line...), xy{-200, 400})}.run()
	expectEfforts(t, Match(prepared(t, line.line(), Standard), IndexTrack(samples)), 1)
}

func TestTrapLineOfSeveralLaps(t *testing.T) {
	p := prepared(t, circuit(3).part(325, 325+2*lapLength).line(), Standard)
	samples, truth := ride{way: circuit(5).ahead(50), noise: 2}.run()
	r := Match(p, IndexTrack(samples))
	expectEfforts(t, r, 2)
	for i, e := range r.Efforts {
		from := 325 + 2*lapLength*float64(i)
		within(t, "two laps", e.ElapsedMs, truth(from+2*lapLength)-truth(from), 2000)
	}
	if !slices.ContainsFunc(r.Rejected, func(x Rejection) bool { return x.Reason == Overlap }) {
		t.Errorf("that laps two and three don't count once more is not told: %+v", r.Rejected)
	}
}

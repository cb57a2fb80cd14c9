package segments

import (
	"math"
	"testing"
)

// The figures on real tracks that the first prototype reached, to be held. Each test prints what it measures (go test -v).

func elapsedOf(t *testing.T, r Result) []float64 {
	t.Helper()
	var out []float64
	for _, e := range r.Efforts {
		out = append(out, e.ElapsedMs/1000)
	}
	return out
}

func TestTwoDevicesOnOneAthleteAgree(t *testing.T) {
	for _, c := range []struct {
		one, other string
		worst      float64 // seconds
	}{
		{"msimms/fit/20210507_run_coros_pace_2.fit", "msimms/fit/20210507_run_garmin_fenix_6.fit", 3},
		{"msimms/gpx/run_03_iphone_4s.gpx", "msimms/gpx/run_03_garmin.gpx", 3}, // the second records every 6 s
	} {
		one, other := realTrack(t, c.one), realTrack(t, c.other)
		for _, source := range [][]Sample{one, other} {
			for _, part := range [][2]float64{{0.05, 0.2}, {0.1, 0.45}, {0.3, 0.8}, {0.55, 0.9}} {
				p := prepared(t, lineOf(source, part[0], part[1]), Standard)
				a, b := elapsedOf(t, Match(p, IndexTrack(one))), elapsedOf(t, Match(p, IndexTrack(other)))
				if len(a) != 1 || len(b) != 1 {
					t.Errorf("%s %v: %d and %d efforts, want 1 each", c.one, part, len(a), len(b))
					continue
				}
				t.Logf("%4.1f km run in %.1f and %.1f s: %.1f s apart", p.Length/1000, a[0], b[0], math.Abs(a[0]-b[0]))
				within(t, "the devices", a[0], b[0], c.worst)
			}
		}
	}
}

func TestSameRideInTwoFormatsIsIdentical(t *testing.T) {
	for _, pair := range [][2]string{
		{"msimms/gpx/20210119_run_garmin_fenix6_sapphire.gpx", "msimms/tcx/20210119_run_garmin_fenix6_sapphire.tcx"},
		{"msimms/fit/20181108_run_garmin_fenix_3_hr.fit", "msimms/tcx/20181108_run_garmin_fenix_3_hr.tcx"},
	} {
		one, other := realTrack(t, pair[0]), realTrack(t, pair[1])
		for _, part := range [][2]float64{{0.1, 0.3}, {0.2, 0.9}, {0.7, 0.9}} {
			p := prepared(t, lineOf(one, part[0], part[1]), Standard)
			a, b := elapsedOf(t, Match(p, IndexTrack(one))), elapsedOf(t, Match(p, IndexTrack(other)))
			if len(a) != 1 || len(b) != 1 {
				t.Fatalf("%s %v: %v and %v", pair[0], part, a, b)
			}
			within(t, "the formats", a[0], b[0], 0.001)
		}
	}
}

// lapLine is one lap of a track on a circuit: from a point ridden until the track comes back to it, less a gap.
func lapLine(t *testing.T, samples []Sample, from, gap float64) Line {
	t.Helper()
	index := IndexTrack(samples)
	first := index.legAt(from)
	var line Line
	for i := first; i < len(samples); i++ {
		line = append(line, samples[i].place())
		if index.ridden[i]-from > 150 && Metres(samples[i].place(), samples[first].place()) < gap+8 {
			return line
		}
	}
	t.Fatal("the track doesn't come back")
	return nil
}

func TestLapsOnRealCircuits(t *testing.T) {
	const coros, garmin = "msimms/fit/20210604_track_run_coros_pace_2.fit", "msimms/fit/20210604_track_run_garmin_fenix_6.fit"
	const race, ring = "msimms/fit/20210218_zwift_bike_race.fit", "msimms/tcx/20180810_zwift_innsbruckring_x2.tcx"
	for _, c := range []struct {
		source, ridden string
		from           float64
		want           int
	}{
		{coros, coros, 1000, 17}, {coros, garmin, 1000, 17}, {garmin, coros, 1000, 17}, {garmin, garmin, 1000, 17},
		{race, race, 1000, 6}, {ring, ring, 700, 2},
	} {
		p := prepared(t, lapLine(t, realTrack(t, c.source), c.from, 0), Standard)
		laps := elapsedOf(t, Match(p, IndexTrack(realTrack(t, c.ridden))))
		t.Logf("%.0f m: %d laps of %.1f s", p.Length, len(laps), laps)
		if len(laps) != c.want {
			t.Errorf("%s in %s: %d laps, want %d", c.source, c.ridden, len(laps), c.want)
		}
	}
}

// TestOutAndBackCountsEachWayOnce cuts a line from the way out of rides that come back the same way: it is found once as it
// is, and once the other way round.
func TestOutAndBackCountsEachWayOnce(t *testing.T) {
	found := 0
	rides := []string{
		"msimms/gpx/20170308_intra_run_club.gpx", "msimms/fit/20200813_run_garmin_fenix_6.fit", "msimms/tcx/20200103_intervals.tcx",
		"msimms/gpx/20190602_bike_garmin_fenix_3_hr.gpx", "msimms/fit/20210507_run_coros_pace_2.fit", "msimms/fit/20210507_run_garmin_fenix_6.fit",
		"msimms/gpx/run_02_iphone.gpx", "msimms/gpx/20180831_beach_run_runkeeper.gpx", "msimms/fit/20181108_run_garmin_fenix_3_hr.fit",
	}
	for _, name := range rides {
		samples := realTrack(t, name)
		line := lineOf(samples, 0.15, 0.35)
		out, back := Match(prepared(t, line, Standard), IndexTrack(samples)), Match(prepared(t, line.Reversed(), Standard), IndexTrack(samples))
		if len(out.Efforts) != 1 || len(back.Efforts) != 1 {
			t.Errorf("%s: out %+v, back %+v", name, out, back)
			continue
		}
		if out.Efforts[0].EndMs > back.Efforts[0].StartMs {
			t.Errorf("%s: back before out", name)
		}
		found += len(out.Efforts) + len(back.Efforts)
	}
	t.Logf("%d of %d", found, 2*len(rides))
}

// crossPairs are lines in the tracks of other rides of the same town that share roads with them, but not the whole line in
// its direction: those other tracks must not match.
var crossPairs = []struct {
	source string
	part   [2]float64
	others []string
}{
	{"msimms/fit/20181108_run_garmin_fenix_3_hr.fit", [2]float64{0.4, 0.6}, []string{"msimms/gpx/run_03_garmin.gpx",
		"msimms/gpx/run_03_iphone_4s.gpx", "msimms/fit/20140622_swim_garmin_fr910xt.fit", "msimms/tcx/20200103_intervals.tcx"}},
	{"msimms/gpx/20170308_intra_run_club.gpx", [2]float64{0.1, 0.25}, []string{"msimms/gpx/run_03_garmin.gpx",
		"msimms/gpx/run_03_iphone_4s.gpx", "msimms/fit/20140622_swim_garmin_fr910xt.fit"}},
	{"msimms/gpx/run_01_iphone.gpx", [2]float64{0.1, 0.25}, []string{"msimms/gpx/20180831_beach_run_runkeeper.gpx", "msimms/gpx/run_03_garmin.gpx"}},
	{"msimms/tcx/20200103_intervals.tcx", [2]float64{0.4, 0.6}, []string{"msimms/fit/20140622_swim_garmin_fr910xt.fit", "msimms/gpx/run_03_iphone_4s.gpx"}},
	{"msimms/gpx/20210119_run_garmin_fenix6_sapphire.gpx", [2]float64{0.4, 0.6}, []string{"msimms/fit/20200813_run_garmin_fenix_6.fit"}},
	{"msimms/gpx/run_03_garmin.gpx", [2]float64{0.1, 0.25}, []string{"msimms/fit/20140622_swim_garmin_fr910xt.fit", "msimms/gpx/20170308_intra_run_club.gpx"}},
}

func TestNoFalseMatches(t *testing.T) {
	pairs := 0
	for _, c := range crossPairs {
		p := prepared(t, lineOf(realTrack(t, c.source), c.part[0], c.part[1]), Standard)
		for _, other := range c.others {
			r := Match(p, IndexTrack(realTrack(t, other)))
			t.Logf("%s %v in %s: %s", c.source, c.part, other, told(r, 0))
			if pairs++; len(r.Efforts) != 0 {
				t.Errorf("%s %v in %s: %+v", c.source, c.part, other, r.Efforts)
			}
		}
	}
	t.Logf("%d pairs", pairs)
}

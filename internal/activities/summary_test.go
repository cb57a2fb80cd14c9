package activities_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/sport"
)

func TestSummary(t *testing.T) {
	tr := wavy(601)
	for i := range tr {
		if i >= 300 { // stands still for five minutes, then is switched off
			tr[i].Lat, tr[i].Lon, tr[i].Odometer = tr[300].Lat, tr[300].Lon, tr[300].Odometer
		}
	}
	r, err := activities.Clean(activities.Recording{Name: "Evening", Type: sport.Ride, Track: tr}, now)
	if err != nil {
		t.Fatal(err)
	}
	s := activities.Summarise(r)
	if s.Elapsed != 10*time.Minute || s.Moving != 5*time.Minute || !s.HasTrack || s.Points != 601 || s.Name != "Evening" {
		t.Errorf("%+v", s)
	}
	near(t, "distance", s.Distance, 300*8, 300*8*0.08)
	near(t, "heart rate", s.HeartRate, 140, 8)
	near(t, "power", s.Power, 220, 3)
	near(t, "max speed", s.MaxSpeed, 8.7, 0.6)
	near(t, "south end", s.Box[0], 47, 1e-6)
}

func TestSummaryFallsBackOnTheDevice(t *testing.T) {
	tr := steady(100, 5)
	for i := range tr {
		tr[i].Has = activities.HasTime
	}
	r := activities.Recording{Type: sport.Swim, Track: tr, Totals: activities.Totals{Distance: 1500, Gain: 12, HasGain: true, Timer: 80 * time.Second}}
	if s := activities.Summarise(r); s.Distance != 1500 || s.Gain != 12 || s.Moving != 80*time.Second || s.HasTrack {
		t.Errorf("%+v", s)
	}
	r.Totals = activities.Totals{}
	if s := activities.Summarise(r); s.Distance != 0 || s.Moving != 99*time.Second {
		t.Errorf("%+v", s)
	}
}

func TestMovingNeedsSpeedAndNoLongGap(t *testing.T) {
	slow := steady(101, 0.8) // a stroll, or a bicycle that is pushed
	gaps := along([2]float64{0, 0}, [2]float64{10, 50}, [2]float64{21, 105}, [2]float64{22, 110})
	for name, c := range map[string]struct {
		typ   sport.ActivityType
		track activities.Track
		want  time.Duration
	}{
		"strolling":   {sport.Walk, slow, 100 * time.Second},
		"pushing":     {sport.Ride, slow, 0},
		"swimming":    {sport.Swim, steady(101, 0.4), 100 * time.Second},
		"over 10 s":   {sport.Ride, slices.Concat(gaps, after(gaps, steady(20, 5))), 30 * time.Second},
		"sparse":      {sport.Ride, gaps, 22 * time.Second},
		"other sport": {sport.Golf, slow, 100 * time.Second},
	} {
		r := activities.Recording{Type: c.typ, Track: c.track}
		if got := activities.Summarise(r).Moving; got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// after moves the track so that it begins one second after the end of the other, at the same place.
func after(end, t activities.Track) activities.Track {
	last := end[len(end)-1]
	lat, ms := last.Lat-t[0].Lat, last.TimeMS-t[0].TimeMS+1000
	for i := range t {
		t[i].Lat, t[i].TimeMS = t[i].Lat+lat, t[i].TimeMS+ms
	}
	return t
}

func TestStartLocal(t *testing.T) {
	zurich, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Skip("no time zones here: ", err)
	}
	s := activities.Summary{Start: time.Date(2025, 6, 15, 22, 30, 0, 0, time.UTC)}
	if got := s.StartLocal(zurich).String(); got != "2025-06-16T00:30:00" {
		t.Error("by the athlete's zone:", got)
	}
	s.HasTrack, s.Box = true, [4]float64{28, -80.6, 28.1, -80.5}
	if got := s.StartLocal(zurich).String(); got != "2025-06-15T17:30:00" {
		t.Error("on holiday in Florida, by the sun:", got)
	}
	s.Box = [4]float64{47, 8.5, 47.1, 8.6}
	if got := s.StartLocal(zurich).String(); got != "2025-06-16T00:30:00" {
		t.Error("at home:", got)
	}
	s.HasOffset, s.Offset = true, -4*time.Hour
	if got := s.StartLocal(zurich).String(); got != "2025-06-15T18:30:00" {
		t.Error("by the file:", got)
	}
}

func TestGain(t *testing.T) {
	hill := func(noise float64, heights ...float64) activities.Track {
		var tr activities.Track
		for i := 1; i < len(heights); i++ {
			for k := range 200 {
				h := heights[i-1] + (heights[i]-heights[i-1])*float64(k)/199
				p := activities.Point{Has: activities.HasElevation, Elevation: float32(h + noise*math.Sin(float64(len(tr))*1.9))}
				tr = append(tr, p)
			}
		}
		return tr
	}
	// The median of five takes up to a sample's rise off a sharp top: here half a metre on either side.
	for name, c := range map[string]struct {
		track           activities.Track
		barometer       bool
		want, tolerance float64
	}{
		"no elevations":            {steady(10, 5), true, 0, 0},
		"flat":                     {hill(0, 400, 400), true, 0, 0},
		"flat with GPS noise":      {hill(4, 400, 400), false, 0, 0},
		"one hill":                 {hill(0, 400, 500, 400), true, 100, 1.1},
		"two hills":                {hill(0, 400, 500, 450, 520), false, 170, 2.1},
		"two hills with noise":     {hill(1, 400, 500, 450, 520), true, 170, 4},
		"a bump of 5 m counts":     {hill(0, 400, 405, 400), true, 5, 0.2},
		"a bump of 5 m is noise":   {hill(0, 400, 405, 400), false, 0, 0},
		"ends on the climb":        {hill(0, 400, 430), false, 30, 0.5},
		"starts on the way down":   {hill(0, 430, 400, 450), false, 50, 0.5},
		"one sample out by a mile": {func() activities.Track { tr := hill(0, 400, 400); tr[90].Elevation = 2000; return tr }(), true, 0, 0},
		"two samples out by a mile": {func() activities.Track {
			tr := hill(0, 400, 400)
			tr[90].Elevation, tr[91].Elevation = 2000, 2000
			return tr
		}(), true, 0, 0},
	} {
		near(t, name, c.track.Gain(c.barometer), c.want, c.tolerance)
	}
}

func TestBestEffort(t *testing.T) {
	type pair = [2]float64
	for name, c := range map[string]struct {
		track      activities.Track
		metres     float64
		start, end int64 // ms after the start; -1: none
	}{
		"steady, the first of equals":     {steady(101, 5), 100, 0, 20_000},
		"both ends between samples":       {along(pair{0, 0}, pair{10, 30}, pair{20, 130}, pair{30, 160}), 90, 10_000, 19_000},
		"starts within a leg":             {along(pair{0, 0}, pair{10, 40}, pair{20, 140}, pair{30, 160}), 120, 5_000, 20_000},
		"too short":                       {steady(10, 5), 100, -1, -1},
		"exactly long enough":             {along(pair{0, 0}, pair{7, 50}, pair{20, 100}), 99.9999, 0, 20_000},
		"waiting at the line isn't timed": {along(pair{0, 0}, pair{30, 0}, pair{40, 100}, pair{80, 100}), 99.9, 30_000, 39_990},
		"elapsed time runs on at a stop":  {along(pair{0, 0}, pair{10, 60}, pair{60, 60}, pair{70, 120}), 119.9, 0, 69_983},
		"not across a gap over 60 s":      {along(pair{0, 0}, pair{10, 60}, pair{71, 60}, pair{81, 120}), 100, -1, -1},
		"after the gap":                   {along(pair{0, 0}, pair{50, 200}, pair{150, 200}, pair{160, 360}), 100, 150_000, 156_250},
		"nothing asked":                   {steady(10, 5), 0, -1, -1},
		"an empty track":                  {nil, 100, -1, -1},
	} {
		got, ok := activities.BestEffort(c.track, c.metres)
		if ok != (c.end >= 0) {
			t.Errorf("%s: found %v", name, ok)
			continue
		}
		if ok && (abs(got.StartMS-start-c.start) > 15 || abs(got.EndMS-start-c.end) > 15) {
			t.Errorf("%s: %d to %d ms, want %d to %d", name, got.StartMS-start, got.EndMS-start, c.start, c.end)
		}
	}
}

func abs(n int64) int64 { return max(n, -n) }

// Every stretch that begins at any tenth of a second of the track takes at least as long as the one that was found.
func TestNoStretchIsFasterThanTheBestEffort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pairs := [][2]float64{{0, 0}}
		for range rapid.IntRange(1, 25).Draw(t, "n") {
			last := pairs[len(pairs)-1]
			pairs = append(pairs, [2]float64{
				last[0] + float64(rapid.IntRange(1, 20).Draw(t, "seconds")),
				last[1] + float64(rapid.IntRange(0, 100).Draw(t, "metres"))})
		}
		metres := float64(rapid.IntRange(1, 400).Draw(t, "asked"))
		got, ok := activities.BestEffort(along(pairs...), metres)
		at := func(x float64, from, to int) float64 { // interpolates column to where column from is x
			for i := 1; i < len(pairs); i++ {
				if a, b := pairs[i-1], pairs[i]; b[from] >= x && b[from] > a[from] {
					return a[to] + (b[to]-a[to])*(x-a[from])/(b[from]-a[from])
				}
			}
			return math.NaN()
		}
		end := pairs[len(pairs)-1]
		if long := end[1] - 0.01; ok != (metres <= long) && math.Abs(metres-long) > 0.02 {
			t.Fatalf("found %v for %v of %v m", ok, metres, long)
		}
		for s := 0.0; ok && s < end[0]; s += 0.1 {
			if d := at(s, 0, 1) + metres; d < end[1] {
				if took := at(d, 1, 0) - s; took < got.Elapsed().Seconds()-0.02 {
					t.Fatalf("from %.1f s it takes %.2f s, found %s", s, took, got.Elapsed())
				}
			}
		}
	})
}

func BenchmarkSummarise(b *testing.B) {
	r, err := activities.Clean(activities.Recording{Type: sport.Ride, Track: wavy(5000)}, now)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		activities.Summarise(r)
	}
}

func BenchmarkBestEffort(b *testing.B) {
	tr := wavy(5000)
	for b.Loop() {
		if _, ok := activities.BestEffort(tr, 10_000); !ok {
			b.Fatal("not found")
		}
	}
}

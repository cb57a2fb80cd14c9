package simulate_test

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"slices"
	"testing"
	"time"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/activities/files"
	"segmentchallenge/internal/activities/fit"
	"segmentchallenge/internal/activities/gpx"
	"segmentchallenge/internal/activities/simulate"
	"segmentchallenge/internal/activities/tcx"
)

var start = time.Date(2026, 5, 2, 9, 30, 0, 370_000_000, time.UTC)

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s = %v, want %v ± %v", what, got, want, tolerance)
	}
}

func TestRoadsAreAsLongAndHillyAsAsked(t *testing.T) {
	for seed := range uint64(8) {
		for _, length := range []float64{800, 5_000, 40_000} {
			land := simulate.Landscape{Length: length, Hills: int(length / 5000), Height: 200}
			for kind, road := range map[string]simulate.Road{"loop": simulate.Loop(seed, land), "way": simulate.Way(seed, land)} {
				name := fmt.Sprintf("%s %d of %.0f m", kind, seed, length)
				near(t, name+": length", road.Length(), length, length*0.01)
				if n := len(road.Line); n != int(length/10)+1 {
					t.Errorf("%s: %d points", name, n)
				}
				ends := activities.Metres(road.Line[0], road.Line[len(road.Line)-1])
				if loop := ends < 1; loop != (kind == "loop") {
					t.Errorf("%s: ends lie %.0f m apart", name, ends)
				}
				if len(road.Climbs) != land.Hills {
					t.Errorf("%s: %d climbs", name, len(road.Climbs))
				}
				for _, c := range road.Climbs {
					rise := float64(road.At(c.To).Elevation - road.At(c.From).Elevation)
					if grade := rise / (c.To - c.From); grade < 0.03 || grade > 0.09 || rise < 50 {
						t.Errorf("%s: a climb of %.0f m at %.1f %%", name, rise, grade*100)
					}
				}
			}
		}
	}
}

// A loop that crossed itself would make segments ambiguous; one whose bends were too sharp, gates.
func TestLoopsNeitherCrossNorTurnSharply(t *testing.T) {
	for seed := range uint64(5) {
		line := simulate.Loop(seed, simulate.Landscape{Length: 10_000}).Line
		for i := range line {
			for k := i + 10; k < len(line) && k < i+len(line)-10; k++ {
				if d := activities.Metres(line[i], line[k]); d < 12 {
					t.Fatalf("seed %d: points %d and %d are %.0f m apart", seed, i, k, d)
				}
			}
			if i >= 2 {
				if turned := turn(line[i-2], line[i-1], line[i]); turned > 0.6 {
					t.Errorf("seed %d: turns by %.2f rad at point %d", seed, turned, i)
				}
			}
		}
	}
}

func turn(a, b, c activities.Point) float64 {
	heading := func(a, b activities.Point) float64 {
		return math.Atan2((b.Lon-a.Lon)*math.Cos(a.Lat*math.Pi/180), b.Lat-a.Lat)
	}
	return math.Abs(math.Remainder(heading(b, c)-heading(a, b), 2*math.Pi))
}

func plan(seed uint64) simulate.Plan {
	return simulate.Plan{Seed: seed, Road: simulate.Loop(seed, simulate.Landscape{Length: 10_000, Hills: 2}), Start: start}
}

func TestTheSameSeedIsTheSameRide(t *testing.T) {
	p := plan(7)
	p.Device = simulate.Device{Noise: 3, Dropouts: 2, Power: true, Smart: true}
	a, _ := p.Ride()
	b, _ := p.Ride()
	if !slices.Equal(a.Track, b.Track) {
		t.Error("two rides from one seed differ")
	}
	p.Seed = 8
	if c, _ := p.Ride(); slices.Equal(a.Track, c.Track) {
		t.Error("rides from two seeds are the same")
	}
}

// Without noise the track lies on the road, and the time at any place is known to the interpolation within a second.
func TestTruthAndTrackAgree(t *testing.T) {
	p := plan(3)
	p.Stops = []simulate.Stop{{At: 4_000, For: 90 * time.Second}}
	r, truth := p.Ride()
	if first := r.Track.Start(); first.Before(start) || first.Sub(start) > time.Second || first.Nanosecond() != 0 {
		t.Errorf("the first sample is at %s", first)
	}
	for metres := 50.0; metres < 9_900; metres += 137 {
		i := slices.IndexFunc(r.Track, func(q activities.Point) bool { return q.Odometer >= metres })
		a, b := r.Track[i-1], r.Track[i]
		f := (metres - a.Odometer) / (b.Odometer - a.Odometer)
		ms := float64(a.TimeMS) + f*float64(b.TimeMS-a.TimeMS)
		near(t, fmt.Sprintf("time at %.0f m", metres), ms/1000, float64(truth.At(metres).UnixMicro())/1e6, 0.02)
		near(t, fmt.Sprintf("distance from the road at %.0f m", metres), activities.Metres(b, p.Road.At(b.Odometer)), 0, 0.01)
	}
	with, without := truth.Took(simulate.Span{From: 3_900, To: 4_100}), truth.Took(simulate.Span{From: 3_700, To: 3_900})
	if stood := with - without; stood < 80*time.Second || stood > 100*time.Second {
		t.Errorf("stood for %s", stood)
	}
}

func TestRidersSlowDownUphill(t *testing.T) {
	road := simulate.Way(1, simulate.Landscape{Length: 12_000, Hills: 1, Height: 300})
	for name, rider := range map[string]simulate.Rider{"riding": {}, "running": {Foot: true}} {
		_, truth := simulate.Plan{Seed: 1, Road: road, Rider: rider, Start: start}.Ride()
		up := road.Climbs[0]
		down := simulate.Span{From: up.To, To: up.To + (up.To - up.From)}
		climb, descend := (up.To-up.From)/truth.Took(up).Seconds(), (down.To-down.From)/truth.Took(down).Seconds()
		if climb >= descend || climb < 1.5 || descend > 20 {
			t.Errorf("%s: %.1f m/s up, %.1f m/s down", name, climb, descend)
		}
		flat := simulate.Span{From: 0, To: up.From}
		if flat.To < 300 {
			t.Fatal("no flat road before the hill")
		}
		want := 8.5
		if rider.Foot {
			want = 3
		}
		near(t, name+" on the level", flat.To/truth.Took(flat).Seconds(), want, want*0.06)
	}
}

func TestNoiseIsAsLargeAsAskedAndDrifts(t *testing.T) {
	p := plan(5)
	p.Span = simulate.Span{To: 100_000}
	p.Device.Noise = 4
	r, _ := p.Ride()
	var square, step float64
	for i, q := range r.Track {
		d := activities.Metres(q, p.Road.At(q.Odometer))
		square += d * d
		if i > 0 {
			move := r.Track[i].Lat - p.Road.At(q.Odometer).Lat - r.Track[i-1].Lat + p.Road.At(r.Track[i-1].Odometer).Lat
			step += move * move * 111_195 * 111_195
		}
	}
	n := float64(len(r.Track))
	near(t, "error in both directions", math.Sqrt(square/n), 4*math.Sqrt2, 0.8)
	near(t, "change within a second", math.Sqrt(step/n), 4*math.Sqrt(2*(1-math.Exp(-1.0/30))), 0.1)
}

func TestDevices(t *testing.T) {
	for name, c := range map[string]struct {
		device simulate.Device
		median float64 // seconds between samples
	}{
		"every second": {simulate.Device{Noise: 2}, 1}, "every five": {simulate.Device{Interval: 5 * time.Second}, 5}, "smart": {simulate.Device{Smart: true}, 4},
	} {
		p := plan(2)
		p.Device = c.device
		r, _ := p.Ride()
		var legs []float64
		for i := 1; i < len(r.Track); i++ {
			legs = append(legs, float64(r.Track[i].TimeMS-r.Track[i-1].TimeMS)/1000)
		}
		slices.Sort(legs)
		if legs[0] <= 0 || legs[len(legs)-1] > 7 {
			t.Errorf("%s: from %v to %v s between samples", name, legs[0], legs[len(legs)-1])
		}
		near(t, name, legs[len(legs)/2], c.median, c.median*0.75-0.74)
	}
}

func TestPausesAndDropouts(t *testing.T) {
	p := plan(4)
	p.Stops = []simulate.Stop{{At: 3_000, For: 2 * time.Minute, Paused: true}, {At: 6_000, For: time.Minute}}
	p.Device.Dropouts = 3
	r, _ := p.Ride()
	if n := r.Track.Count(activities.Break); n != 1 {
		t.Errorf("%d breaks", n)
	}
	for i, q := range r.Track {
		if gap := q.TimeMS - r.Track[max(0, i-1)].TimeMS; (gap > 2000) != q.Is(activities.Break) {
			t.Errorf("point %d after %d ms, break %v", i, gap, q.Is(activities.Break))
		}
	}
	if lost := len(r.Track) - r.Track.Count(activities.HasPosition); lost < 20 || lost > 125 {
		t.Errorf("%d samples without a position", lost)
	}
}

func TestRoadsJoinAndTurn(t *testing.T) {
	out := simulate.Way(1, simulate.Landscape{Length: 3_000, Hills: 1, Height: 60})
	both := out.Then(out.Reversed())
	near(t, "there and back", both.Length(), 6_000, 60)
	near(t, "same place", activities.Metres(both.At(1_000), both.At(both.Length()-1_000)), 0, 0.5)
	part := out.Part(simulate.Span{From: 1_005, To: 2_003})
	along := part.Distances()
	near(t, "part", along[len(along)-1], 998, 2)
}

// What a simulated rider brings as a file is taken as it was recorded, whatever the format.
func TestSimulatedFilesAreTaken(t *testing.T) {
	p := plan(6)
	p.Name, p.Device = "Evening loop", simulate.Device{Noise: 3, Dropouts: 1, Power: true, Barometer: true}
	r, truth := p.Ride()
	for name, write := range map[string]func(io.Writer) error{
		"a.fit": func(w io.Writer) error { return fit.Write(w, r) },
		"a.tcx": func(w io.Writer) error { return tcx.Write(w, r) },
		"a.gpx": func(w io.Writer) error { return gpx.Write(w, r.Name, r.Type, r.Track) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		items := slices.Collect(files.Open(name, b.Bytes(), files.Limits{Now: start.AddDate(0, 0, 1)}))
		if len(items) != 1 || items[0].Err != nil {
			t.Fatalf("%s: %d items, %v", name, len(items), items[0].Err)
		}
		s := items[0].Summary
		if s.Type != r.Type || len(items[0].Recording.Notes) > 0 || s.Elapsed != r.Track.Elapsed() {
			t.Errorf("%s: %+v, notes %v", name, s, items[0].Recording.Notes)
		}
		near(t, name+": distance", s.Distance, 10_000, 400)
		took := truth.Took(simulate.Span{To: 10_000}).Seconds()
		near(t, name+": moving", s.Moving.Seconds(), took, took*0.03)
		if best, ok := activities.BestEffort(items[0].Recording.Track, 5_000); !ok || best.Elapsed().Seconds() > took {
			t.Errorf("%s: best 5 km in %s, %v", name, best.Elapsed(), ok)
		}
	}
}

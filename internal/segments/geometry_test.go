package segments

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestMetresOnKnownDistances(t *testing.T) {
	for _, c := range []struct {
		a, b LatLon
		want float64
	}{
		{LatLon{0, 0}, LatLon{0, 1}, 111_195.08},             // a degree of the equator on a sphere of 6,371,008.8 m
		{LatLon{50, 4}, LatLon{51, 4}, 111_195.08},           // a degree of a meridian
		{LatLon{60, 0}, LatLon{60, 0.001}, 55.6},             // half of it at 60°
		{LatLon{-17, 179.999}, LatLon{-17, -179.999}, 212.7}, // across the antimeridian
		{LatLon{48.8566, 2.3522}, LatLon{51.5074, -0.1278}, 343_557},
		{LatLon{10, 20}, LatLon{10, 20}, 0},
	} {
		within(t, "metres", Metres(c.a, c.b), c.want, max(0.1, c.want*1e-5))
	}
}

func TestPlaneKeepsDistances(t *testing.T) {
	for _, middle := range []LatLon{{0, 0}, {50, 4}, {-33, 151}, {70, -150}, {-17, 180}, {52, -180}} {
		pl := planeAround(middle)
		for _, q := range []xy{{0, 0}, {3000, 0}, {0, -3000}, {-2500, 1800}} {
			place := pl.unproject(q)
			if !place.valid() {
				t.Fatalf("%+v unprojects to %+v", q, place)
			}
			within(t, "there and back", distance(pl.project(place.Lat, place.Lon), q), 0, 1e-6)
			within(t, "distance", Metres(middle, place), q.length(), 0.002*q.length()+1e-6)
		}
	}
}

func TestMatchingAcrossTheAntimeridianAndFarNorth(t *testing.T) {
	for _, middle := range []LatLon{{-16.8, 180}, {-16.8, -179.99}, {78.2, 15.6}, {0, 0}} {
		place := func(q LatLon) LatLon { // the same way, elsewhere
			flat := here.project(q.Lat, q.Lon)
			return planeAround(middle).unproject(flat)
		}
		var line Line
		for _, q := range road.part(300, road.metres()-300).line() {
			line = append(line, place(q))
		}
		samples, truth := ride{way: road}.run()
		for i := range samples {
			q := place(samples[i].place())
			samples[i].Lat, samples[i].Lon = q.Lat, q.Lon
		}
		p, track := prepared(t, line, Standard), IndexTrack(samples)
		if !p.Box.Overlaps(track.Box) || !track.Box.Overlaps(p.Box) {
			t.Errorf("%+v: boxes %+v and %+v don't overlap", middle, p.Box, track.Box)
		}
		r := Match(p, track)
		expectEfforts(t, r, 1)
		within(t, "elapsed", r.Efforts[0].ElapsedMs, elapsed(truth), 100)
	}
}

func TestBoxes(t *testing.T) {
	a := Box{South: 50, West: 4, North: 51, East: 5}
	for _, c := range []struct {
		b    Box
		want bool
	}{
		{a, true}, {Box{50.5, 4.5, 50.6, 4.6}, true}, {Box{51, 5, 52, 6}, true},
		{Box{51.1, 4, 52, 5}, false}, {Box{50, 5.1, 51, 6}, false}, {Box{50, 364, 51, 365}, true},
	} {
		if a.Overlaps(c.b) != c.want || c.b.Overlaps(a) != c.want {
			t.Errorf("%+v and %+v: want %v", a, c.b, c.want)
		}
	}
	fiji := BoxOf(Line{{-17, 179.9}, {-16.9, -179.9}})
	if fiji.East-fiji.West > 1 || !fiji.Overlaps(Box{-17, -179.95, -16.9, -179.92}) || fiji.Overlaps(Box{-17, 0, -16.9, 1}) {
		t.Errorf("across the antimeridian: %+v", fiji)
	}
	grown := a.Grown(1000)
	within(t, "south", Metres(LatLon{a.South, 4}, LatLon{grown.South, 4}), 1000, 1)
	within(t, "east, where a degree is least", Metres(LatLon{51, a.East}, LatLon{51, grown.East}), 1000, 1)
	if (BoxOf(nil) != Box{}) {
		t.Error("a box of nothing")
	}
}

func TestPolyline(t *testing.T) {
	example := Line{{38.5, -120.2}, {40.7, -120.95}, {43.252, -126.453}} // the example of Google's page on the format
	if got := example.Polyline(); got != "_p~iF~ps|U_ulLnnqC_mqNvxq`@" {
		t.Errorf("encoded %q", got)
	}
	for name, s := range map[string]string{"rubbish": "hello, world", "cut off": "_p~iF~ps|U_ulLnnq", "six decimals": "_izlhA~rlgdF_{geC~ywl@", "control characters": "\x00\x01"} {
		if line, err := DecodePolyline(s); !errors.Is(err, ErrPolyline) {
			t.Errorf("%s: %v, %v", name, line, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.SliceOf(rapid.Custom(func(t *rapid.T) LatLon {
			return LatLon{rapid.Float64Range(-90, 90).Draw(t, "lat"), rapid.Float64Range(-180, 180).Draw(t, "lon")}
		})).Draw(t, "line")
		back, err := DecodePolyline(Line(line).Polyline())
		if err != nil || len(back) != len(line) {
			t.Fatal(back, err)
		}
		for i := range line {
			if math.Abs(line[i].Lat-back[i].Lat) > 0.51e-5 || math.Abs(line[i].Lon-back[i].Lon) > 0.51e-5 {
				t.Fatalf("%+v became %+v", line[i], back[i])
			}
		}
	})
}

func FuzzDecodePolyline(f *testing.F) {
	f.Add("_p~iF~ps|U_ulLnnqC_mqNvxq`@")
	f.Add("")
	f.Add("~~~~~~~~~~~~~~~~~~~~")
	f.Fuzz(func(t *testing.T, s string) {
		line, err := DecodePolyline(s)
		if err != nil {
			return
		}
		for _, p := range line {
			if !p.valid() {
				t.Fatalf("%q holds %+v", s, p)
			}
		}
		if p, _, err := Prepare(line, Options{}); err == nil {
			Match(p, IndexTrack([]Sample{{Lat: line[0].Lat, Lon: line[0].Lon}, {Lat: line[len(line)-1].Lat, Lon: line[len(line)-1].Lon, Ms: 1}}))
		}
	})
}

package parts

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"segmentchallenge/internal/sport"
)

func TestNiceNumbers(t *testing.T) {
	for _, c := range []struct{ v, below, above float64 }{
		{1, 1, 1}, {1.5, 1, 2}, {2, 2, 2}, {3, 2, 5}, {5, 5, 5}, {7, 5, 10}, {0.03, 0.02, 0.05}, {1200, 1000, 2000}, {0, 1, 1}, {-4, 1, 1},
	} {
		if got := nice(c.v); math.Abs(got-c.below) > 1e-9 {
			t.Errorf("nice(%v) = %v, want %v", c.v, got, c.below)
		}
		if got := niceUp(c.v); math.Abs(got-c.above) > 1e-9 {
			t.Errorf("niceUp(%v) = %v, want %v", c.v, got, c.above)
		}
	}
}

func drawPoint(t *rapid.T) xy {
	return xy{rapid.Float64Range(-500, 1500).Draw(t, "x"), rapid.Float64Range(-500, 1500).Draw(t, "y")}
}

func TestThinnedLineStaysClose(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.SliceOfN(rapid.Custom(drawPoint), 2, 60).Draw(t, "line")
		tolerance := rapid.Float64Range(0.1, 100).Draw(t, "tolerance")
		thinned := thin(line, tolerance)
		if thinned[0] != line[0] || thinned[len(thinned)-1] != line[len(line)-1] {
			t.Fatal("an end was dropped")
		}
		for _, p := range line {
			near := math.Inf(1)
			for i := 1; i < len(thinned); i++ {
				near = min(near, offLine(p, thinned[i-1], thinned[i]))
			}
			if near > tolerance+1e-9 {
				t.Fatalf("%v is %v away, more than %v", p, near, tolerance)
			}
		}
	})
}

var coordinate = regexp.MustCompile(`[ML](-?[\d.]+) (-?[\d.]+)`)

// inside checks that a path lies in the drawing.
func inside(t *rapid.T, path string) {
	for _, m := range coordinate.FindAllStringSubmatch(path, -1) {
		x, _ := strconv.ParseFloat(m[1], 64)
		y, _ := strconv.ParseFloat(m[2], 64)
		if x < 0 || x > mapWidth || y < 0 || y > mapHeight {
			t.Fatalf("%s is outside of the drawing", m[0])
		}
	}
}

// Whatever a file holds, there is a map: also for points that are nowhere, all the same, or around the 180th meridian.
func TestEveryLineFitsItsMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		middle := Point{Lat: rapid.Float64Range(-80, 80).Draw(t, "lat"), Lon: rapid.SampledFrom([]float64{0, 5.6, 179.99, -180}).Draw(t, "lon")}
		line := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Point {
			if rapid.IntRange(0, 20).Draw(t, "broken") == 0 {
				return Point{Lat: math.NaN(), Lon: math.Inf(1)}
			}
			return Point{
				Lat:       middle.Lat + rapid.Float64Range(-0.05, 0.05).Draw(t, "north"),
				Lon:       math.Remainder(middle.Lon+rapid.Float64Range(-0.05, 0.05).Draw(t, "east"), 360),
				Elevation: rapid.Float64Range(-10, 3000).Draw(t, "height"),
			}
		}), 0, 40).Draw(t, "line")
		s := MapView{Line: line, Graded: true, Units: sport.Metric}.shape()
		inside(t, s.Line)
		for _, p := range s.Pieces {
			inside(t, p.Path)
		}
		if strings.Contains(s.Line, "NaN") || strings.Contains(s.Grid, "NaN") || strings.Contains(s.Start.Turn, "NaN") {
			t.Fatalf("a place that is no number: %+v", s)
		}
	})
}

func straight(lat, lon float64) []Point {
	return []Point{{Lat: lat, Lon: lon}, {Lat: lat, Lon: math.Remainder(lon+0.02, 360)}}
}

func TestLineOverTheDateLineIsShort(t *testing.T) {
	over, here := MapView{Line: straight(10, 179.99)}.shape(), MapView{Line: straight(10, 20)}.shape()
	if over.Line != here.Line || over.ScaleLabel != here.ScaleLabel {
		t.Errorf("over the date line %q (%s), elsewhere %q (%s)", over.Line, over.ScaleLabel, here.Line, here.ScaleLabel)
	}
}

func TestScaleBarIsTrue(t *testing.T) {
	s := MapView{Line: straight(0, 10)}.shape() // 0.02 degrees at the equator are 2,226 m, on 74 % of the map
	width, err := strconv.ParseFloat(strings.TrimSuffix(s.ScaleWidth, "%"), 64)
	if err != nil {
		t.Fatal(err)
	}
	if metres := width / 74 * 0.02 * metresPerDegree; s.ScaleLabel != "500\u00a0m" || math.Abs(metres-500) > 5 {
		t.Errorf("the bar says %q and is %.0f m long", s.ScaleLabel, metres)
	}
	miles := MapView{Line: []Point{{Lat: 0, Lon: 0}, {Lat: 0, Lon: 0.2}}, Units: sport.Imperial}.shape()
	if miles.ScaleLabel != "2 mi" {
		t.Errorf("in miles: %q", miles.ScaleLabel)
	}
}

func TestPostsAndArrowsKeepApart(t *testing.T) {
	v := MapView{Line: []Point{{Lat: 50, Lon: 5}, {Lat: 50.05, Lon: 5}}, Units: sport.Metric} // 5.566 km north
	s := v.shape()
	if len(s.Posts) != 5 || s.Posts[4].Label != "5" {
		t.Errorf("posts: %+v", s.Posts)
	}
	for _, a := range s.Arrows {
		for _, p := range s.Posts {
			if a.Y == p.Y {
				t.Errorf("arrow on the post %s", p.Label)
			}
		}
		if a.Turn != "rotate(-90)" {
			t.Errorf("an arrow of a line to the north turns %s", a.Turn)
		}
	}
}

func TestLabelsKeepOffTheLineAndEachOther(t *testing.T) {
	for name, line := range map[string][]xy{
		"east": {{200, 300}, {800, 300}}, "north": {{500, 600}, {500, 80}}, "from the corner": {{960, 640}, {300, 300}},
	} {
		labels := newLabeller(runAlong(line))
		start, finish := labels.put(line[0], "start", "Start"), labels.put(line[1], "finish", "Finish")
		for _, b := range labels.taken {
			if cost := labels.cost(b); cost >= 200 || cost < 100 { // 100: it meets itself; less than 100 more: nothing of the line
				t.Errorf("%s: a label lies badly (%v): %+v %+v", name, cost, start, finish)
			}
		}
		if labels.taken[0].meets(labels.taken[1]) {
			t.Errorf("%s: labels lie on each other", name)
		}
	}
}

func ramp(metres, percent float64) []Sample {
	return []Sample{{0, 100}, {metres, 100 + metres*percent/100}}
}

func TestSteepness(t *testing.T) {
	for percent, want := range map[float64]int{-8: 0, -1.01: 0, -0.9: 1, 0: 1, 2.9: 1, 3: 2, 5.9: 2, 6.1: 3, 9.1: 4, 11.9: 4, 12.1: 5, 30: 5} {
		bins := gradeBins(ramp(2000, percent))
		for _, b := range bins {
			if b.steep() != want || math.Abs(b.Grade-percent) > 1e-6 {
				t.Errorf("%v %%: class %d, grade %v", percent, b.steep(), b.Grade)
			}
		}
		if all := merged(bins); len(all) != 1 || all[0].From != 0 || math.Abs(all[0].To-2000) > 1e-6 {
			t.Errorf("%v %%: %+v", percent, all)
		}
	}
}

func TestBinsCoverTheLineWithoutHoles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Float64Range(1, 200_000).Draw(t, "metres")
		bins := gradeBins(ramp(total, rapid.Float64Range(-20, 20).Draw(t, "percent")))
		if len(bins) > 40 || bins[0].From != 0 || math.Abs(bins[len(bins)-1].To-total) > total*1e-9 {
			t.Fatalf("%d bins from %v to %v of %v", len(bins), bins[0].From, bins[len(bins)-1].To, total)
		}
		for i := 1; i < len(bins); i++ {
			if bins[i].From != bins[i-1].To || (bins[i].To-bins[i].From < 25 && total > 50) {
				t.Fatalf("bin %d: %+v after %+v", i, bins[i], bins[i-1])
			}
		}
	})
}

func TestProfileWords(t *testing.T) {
	s := ProfileView{ID: "p", Samples: []Sample{{0, 50}, {1000, 110}, {2000, 100}}, Units: sport.Metric}.shape()
	want := "From 50 m to 100 m over 2.0 km; the lowest point is at 50 m, the highest at 110 m; the steepest 100 m rise at 6.0 %."
	if got := strings.ReplaceAll(s.Description, "\u00a0", " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if len(s.Ticks) != 3 || s.Ticks[1].Label != "1" || s.Ticks[1].At != "50%" || s.Length != "2.0\u00a0km" {
		t.Errorf("ticks %+v, length %q", s.Ticks, s.Length)
	}
	if len(s.Slices) != 4 || s.Slices[0].Label != "6.0\u00a0%" || s.Slices[3].Label != "−1.0\u00a0%" {
		t.Errorf("slices %+v", s.Slices)
	}
}

func TestFlatRoadLooksFlat(t *testing.T) {
	low, high := ProfileView{Samples: []Sample{{0, 30}, {5000, 32}}}.extent(5000)
	if high-low < 50 || low > 30 {
		t.Errorf("drawn from %v to %v m", low, high)
	}
}

func TestProfileWithoutHeights(t *testing.T) {
	for name, samples := range map[string][]Sample{
		"nothing": nil, "one": {{0, 3}}, "no way": {{0, 3}, {0, 9}},
		"unknown": ProfileOf([]Point{{Lat: 1, Lon: 2, Elevation: math.NaN()}, {Lat: 1.1, Lon: 2, Elevation: math.NaN()}}),
	} {
		if s := (ProfileView{Samples: samples}).shape(); len(s.Bands) != 0 {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

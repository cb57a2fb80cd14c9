package segments

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

// climb is a straight of n samples every 10 m, with an elevation for each.
func climb(n int, elevation func(s float64) float64) (Line, []float32) {
	var w way
	var elevations []float32
	for i := range n {
		w = append(w, xy{float64(i) * 10, 0})
		elevations = append(elevations, float32(elevation(float64(i)*10)))
	}
	return w.line(), elevations
}

func describe(t *testing.T, line Line, elevations []float32) Geometry {
	t.Helper()
	g, err := Describe(line, elevations)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestDescribeASteadyClimb(t *testing.T) {
	line, elevations := climb(301, func(s float64) float64 { return 200 + s*0.06 })
	g := describe(t, line, elevations)
	within(t, "distance", g.Distance, 3000, 2)
	within(t, "average grade", g.AverageGrade, 6, 0.02)
	within(t, "maximum grade", g.MaximumGrade, 6, 0.05)
	within(t, "low", g.ElevationLow, 200, 0.1)
	within(t, "high", g.ElevationHigh, 380, 0.1)
	within(t, "gain", g.ElevationGain, 180, 0.1)
	if g.ClimbCategory != "3" { // 3,000 m × 6 % = 18,000
		t.Errorf("category %q", g.ClimbCategory)
	}
	if back, err := DecodePolyline(g.Polyline); err != nil || len(back) != len(line) || len(g.Elevations) != len(line) {
		t.Errorf("%d points, %d elevations of %d, %v", len(back), len(g.Elevations), len(line), err)
	}
	if g.Start != [2]float64{line[0].Lat, line[0].Lon} || g.Box[0] > line[0].Lat || g.Box[3] < line[300].Lon-1e-12 {
		t.Errorf("start %v, box %v", g.Start, g.Box)
	}
}

func TestDescribeUnderNoise(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	hills := func(s float64) float64 { return 300 + 30*math.Sin(s/500*math.Pi) } // up 30, down 60, up 60, …
	line, elevations := climb(401, hills)
	for i := range elevations {
		elevations[i] = float32(math.Round(float64(elevations[i]) + rng.NormFloat64()*0.5)) // whole metres, as old devices have them
	}
	elevations[50] += 80 // a slip
	elevations[90] = float32(math.NaN())
	g := describe(t, line, elevations)
	within(t, "gain", g.ElevationGain, 240, 12)
	within(t, "high", g.ElevationHigh, 330, 2)
	within(t, "low", g.ElevationLow, 270, 2)
	within(t, "maximum grade", g.MaximumGrade, 100*30*math.Pi/500, 3)
	within(t, "average grade", g.AverageGrade, 0, 0.1)
}

func TestDescribeFlatAndDownhill(t *testing.T) {
	line, elevations := climb(101, func(float64) float64 { return 12 })
	if g := describe(t, line, elevations); g.ElevationGain != 0 || g.AverageGrade != 0 || g.ClimbCategory != "" {
		t.Errorf("flat: %+v", g)
	}
	line, elevations = climb(301, func(s float64) float64 { return 500 - s/10 })
	g := describe(t, line, elevations)
	within(t, "downhill grade", g.AverageGrade, -10, 0.05)
	if g.ElevationGain != 0 || g.ClimbCategory != "" {
		t.Errorf("downhill: %+v", g)
	}
	within(t, "downhill maximum grade", g.MaximumGrade, -10, 0.1)
}

func TestDescribeWithoutElevations(t *testing.T) {
	line, elevations := climb(101, func(float64) float64 { return math.NaN() })
	for name, given := range map[string][]float32{"none": nil, "all unknown": elevations, "too few": make([]float32, 3)} {
		if g := describe(t, line, given); g.Elevations != nil || g.ElevationHigh != 0 || g.Distance < 990 {
			t.Errorf("%s: %+v", name, g)
		}
	}
	if _, err := Describe(line[:2], nil); !errors.Is(err, ErrLineTooShort) {
		t.Errorf("too short: %v", err)
	}
}

func TestClimbCategories(t *testing.T) {
	for _, c := range []struct {
		length, grade float64
		want          string
	}{
		{1000, 7.9, ""}, {1000, 8.1, "4"}, {2000, 8.1, "3"}, {4000, 8.1, "2"}, {8000, 8.1, "1"}, {10_000, 8.1, "HC"},
		{13_800, 8.1, "HC"}, {5000, 2.9, ""}, {5000, 3.1, "4"}, {290, 29, ""}, {2000, -8, ""},
	} {
		if got := climbCategory(c.length, c.grade); got != c.want {
			t.Errorf("%.0f m at %.1f %%: %q, want %q", c.length, c.grade, got, c.want)
		}
	}
}

package segments

import (
	"math"
	"slices"
	"sort"
)

const (
	gradeWindow = 100.0 // metres over which the maximum grade is taken
	gainStep    = 3.0   // metres of rise before it counts as gain; less is noise even for a barometer
	minGrade    = 3.0   // percent, mean, from which on a climb is categorised
)

// Describe computes a segment's figures from its line and the elevations along it in metres, one a point; none, or NaN
// where unknown. Without elevations all that is told is where the line lies and how long it is. The line must be one that
// Prepare takes.
func Describe(line Line, elevations []float32) (Geometry, error) {
	p, _, err := Prepare(line, Options{})
	if err != nil {
		return Geometry{}, err
	}
	first, last, box := line[0], line[len(line)-1], BoxOf(line)
	g := Geometry{
		Polyline: line.Polyline(),
		Distance: p.Length,
		Start:    [2]float64{first.Lat, first.Lon},
		End:      [2]float64{last.Lat, last.Lon},
		Box:      [4]float64{box.South, box.West, box.North, box.East},
	}
	known := filled(elevations)
	if len(known) != len(line) {
		return g, nil
	}
	profile, step := profileOf(line, known, p.Length)
	g.Elevations = known
	g.ElevationLow, g.ElevationHigh = slices.Min(profile), slices.Max(profile)
	rise := profile[len(profile)-1] - profile[0]
	g.AverageGrade = 100 * rise / p.Length
	g.MaximumGrade = steepest(profile, step)
	g.ElevationGain = max(rise, gain(profile))
	g.ClimbCategory = climbCategory(p.Length, g.AverageGrade)
	return g, nil
}

// filled gives unknown elevations (NaN) that of the nearest known one before, or else after; nil when none is known.
func filled(elevations []float32) []float32 {
	unknown := func(e float32) bool { return math.IsNaN(float64(e)) || math.IsInf(float64(e), 0) }
	first := slices.IndexFunc(elevations, func(e float32) bool { return !unknown(e) })
	if first < 0 {
		return nil
	}
	out := slices.Clone(elevations)
	last := out[first]
	for i := range out {
		if unknown(out[i]) {
			out[i] = last
		}
		last = out[i]
	}
	return out
}

// profileOf is the elevation every 10 m along the line, without spikes (median of five) and without the stairs of devices
// that record whole metres (mean over 50 m; the ends lean on fewer, and stay where they are).
func profileOf(line Line, elevations []float32, length float64) (profile []float64, step float64) {
	passed := make([]float64, len(line))
	for i := 1; i < len(line); i++ {
		passed[i] = passed[i-1] + Metres(line[i-1], line[i])
	}
	n := int(math.Ceil(length / spacing))
	raw := make([]float64, n+1)
	for k := range raw {
		s := passed[len(passed)-1] * float64(k) / float64(n)
		i := clampInt(sort.SearchFloat64s(passed, s), 1, len(line)-1)
		f := clamp((s-passed[i-1])/max(passed[i]-passed[i-1], 1e-9), 0, 1)
		raw[k] = float64(elevations[i-1]) + float64(elevations[i]-elevations[i-1])*f
	}
	return smoothed(smoothed(raw, median), mean), length / float64(n)
}

func clampInt(v, low, high int) int { return max(low, min(high, v)) }

// smoothed replaces each value by one for the two before, itself and the two after; near the ends by as many on both sides
// as there are.
func smoothed(values []float64, by func([]float64) float64) []float64 {
	out := make([]float64, len(values))
	for i := range values {
		reach := min(2, i, len(values)-1-i)
		out[i] = by(values[i-reach : i+reach+1])
	}
	return out
}

func median(values []float64) float64 { return slices.Sorted(slices.Values(values))[len(values)/2] }

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// steepest is the greatest grade up over 100 m of the profile, or over all of it where that is less, in percent.
func steepest(profile []float64, step float64) float64 {
	reach := min(int(math.Round(gradeWindow/step)), len(profile)-1)
	best := math.Inf(-1)
	for i := reach; i < len(profile); i++ {
		best = max(best, 100*(profile[i]-profile[i-reach])/(float64(reach)*step))
	}
	return best
}

// gain is the sum of all rises of at least 3 m.
func gain(profile []float64) float64 {
	sum, from := 0.0, profile[0]
	for _, e := range profile {
		switch {
		case e-from >= gainStep:
			sum, from = sum+e-from, e
		case e < from:
			from = e
		}
	}
	return sum
}

// climbCategory is "", "4", "3", "2", "1" or "HC" by length in metres times mean grade in percent: more than 8,000, 16,000,
// 32,000, 64,000 and 80,000 (support.strava.com/hc/en-us/articles/216917057-Climb-Categorization), for climbs of at least
// 3 % over 300 m (support.bestbikesplit.com/article/100), below which length alone would make climbs of flat roads.
func climbCategory(length, grade float64) string {
	if grade < minGrade || length < shortLength {
		return ""
	}
	score := length * grade
	for _, c := range [...]struct {
		over float64
		name string
	}{{80_000, "HC"}, {64_000, "1"}, {32_000, "2"}, {16_000, "3"}, {8_000, "4"}} {
		if score > c.over {
			return c.name
		}
	}
	return ""
}

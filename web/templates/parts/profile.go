package parts

import (
	"fmt"
	"math"
	"slices"

	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
)

// ProfileView is the height along a line.
type ProfileView struct {
	ID, Title string
	Samples   []Sample // by rising distance; at least two
	Units     sport.Units
	From, To  float64 // metres: the stretch that is chosen, the rest is pale; all of it where To is 0
}

// Sample is a height in metres after a distance in metres.
type Sample struct{ Metres, Elevation float64 }

// ProfileOf gives a line's heights along it.
func ProfileOf(line []Point) []Sample { return samplesOf(line) }

func samplesOf(points []Point) []Sample {
	if len(points) == 0 {
		return nil
	}
	usable := slices.DeleteFunc(slices.Clone(points), func(p Point) bool {
		return !p.known() || !finite(p.Elevation)
	})
	if len(usable) == 0 {
		return nil
	}
	run := runAlong(flat(usable, usable[0]))
	out := make([]Sample, len(usable))
	for i, p := range usable {
		out[i] = Sample{run.run[i], p.Elevation}
	}
	return out
}

// bin is a stretch with its average grade in percent.
type bin struct{ From, To, Grade float64 }

// Steepness classes: downhill, up to 3, 6, 9, 12 percent, and above; they're the ones that riders talk in. A road that
// falls by less than one percent is flat.
var steepLimits = []float64{-1, 3, 6, 9, 12}

// steepWords name the classes, for the legend.
var steepWords = []string{"downhill", "up to 3 %", "3–6 %", "6–9 %", "9–12 %", "over 12 %"}

func (b bin) steep() int {
	for i, limit := range steepLimits {
		if b.Grade < limit {
			return i
		}
	}
	return len(steepLimits)
}

// gradeBins cuts the line into stretches of equal, round length: 12 to 40 of them, none shorter than 25 m, over which
// the noise of a barometer averages out.
func gradeBins(samples []Sample) []bin {
	if len(samples) < 2 {
		return nil
	}
	total := samples[len(samples)-1].Metres
	if !(total > 0) {
		return nil
	}
	n := int(min(40, max(1, math.Floor(total/max(25, nice(total/20))))))
	size := total / float64(n)
	out := make([]bin, n)
	for i := range out {
		from, to := float64(i)*size, float64(i+1)*size
		out[i] = bin{from, to, gradeBetween(samples, from, to)}
	}
	return out
}

func gradeBetween(samples []Sample, from, to float64) float64 {
	if to <= from {
		return 0
	}
	return (heightAt(samples, to) - heightAt(samples, from)) / (to - from) * 100
}

// heightAt interpolates between samples.
func heightAt(samples []Sample, d float64) float64 {
	i, _ := slices.BinarySearchFunc(samples, d, func(s Sample, d float64) int {
		if s.Metres < d {
			return -1
		}
		return 1
	})
	switch i {
	case 0:
		return samples[0].Elevation
	case len(samples):
		return samples[len(samples)-1].Elevation
	}
	a, b := samples[i-1], samples[i]
	if b.Metres == a.Metres {
		return b.Elevation
	}
	return a.Elevation + (d-a.Metres)/(b.Metres-a.Metres)*(b.Elevation-a.Elevation)
}

// merged joins neighbours of one class.
func merged(bins []bin) []bin {
	var out []bin
	for _, b := range bins {
		if n := len(out); n > 0 && out[n-1].steep() == b.steep() {
			out[n-1].To = b.To
			continue
		}
		out = append(out, b)
	}
	return out
}

const profileHeight = 400.0 // units of the drawing, from the lowest line to the highest

// profileShape is a ProfileView as shapes; x is in percent of the width, y of the height.
type profileShape struct {
	Bands               []profileBand
	Ridge, Sky          string // paths in a drawing of 1000 × 400 that is stretched to the space there is
	Levels              []profileTick
	Ticks               []profileTick
	Slices              []profileTick // average grades between the ticks
	Pale                []profileBand // what isn't chosen
	Used                []int         // classes that occur, for the legend
	Length, Description string
}

type profileBand struct {
	X, Width string
	Steep    int
}

// Class colours the band.
func (b profileBand) Class() string { return fmt.Sprintf("steep-%d", b.Steep) }

type profileTick struct {
	At, Label string
	Late      bool // so near the end that a phone has no room for it beside the length
}

func (v ProfileView) shape() profileShape {
	bins := gradeBins(v.Samples)
	if bins == nil {
		return profileShape{}
	}
	total := v.Samples[len(v.Samples)-1].Metres
	s := profileShape{Length: format.Distance(total, v.Units), Description: v.describe(bins, total)}
	for _, b := range merged(bins) {
		s.Bands = append(s.Bands, profileBand{percent(b.From / total), percent((b.To-b.From)/total + 0.0005), b.steep()})
		if !slices.Contains(s.Used, b.steep()) {
			s.Used = append(s.Used, b.steep())
		}
	}
	slices.Sort(s.Used)
	low, high := v.extent(total)
	s.Ridge, s.Sky = ridge(v.Samples, total, low, high)
	s.Levels = levels(low, high, v.Units)
	s.Ticks, s.Slices = v.ticks(total)
	s.Pale = v.pale(total)
	return s
}

// pale is what lies before and behind the chosen stretch.
func (v ProfileView) pale(total float64) []profileBand {
	from, to := min(total, max(0, v.From)), min(total, v.To)
	if to <= from {
		return nil
	}
	return []profileBand{{X: percent(0), Width: percent(from / total)}, {X: percent(to / total), Width: percent(1 - to/total)}}
}

// extent is the heights between which the profile is drawn. A flat road must not look like the Alps: the drawing shows at
// least 20 m, and at least a hundredth of the length.
func (v ProfileView) extent(total float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, p := range v.Samples {
		low, high = min(low, p.Elevation), max(high, p.Elevation)
	}
	span := max(high-low, 20, total*0.01)
	low -= span * 0.22 // ground below the lowest point, so that a band is seen there too
	return low, low + span*1.34
}

// ridge is the line of heights, and the area above it, which is painted over the bands.
func ridge(samples []Sample, total, low, high float64) (line, sky string) {
	points := make([]xy, len(samples))
	for i, p := range samples {
		points[i] = xy{p.Metres / total * mapWidth, (high - p.Elevation) / (high - low) * profileHeight}
	}
	line = path(thin(points, 0.5))
	return line, line + "V0H0Z"
}

func levels(low, high float64, u sport.Units) []profileTick {
	unit := 1.0
	if u == sport.Imperial {
		unit = 0.3048
	}
	step := nice((high-low)/unit/2.5) * unit
	var out []profileTick
	for h := math.Ceil(low/step) * step; h < high-(high-low)*0.04; h += step {
		if h-low > (high-low)*0.06 {
			out = append(out, profileTick{At: percent((high - h) / (high - low)), Label: format.Elevation(h, u)})
		}
	}
	return out
}

// ticks are round distances, at most six, and the average grades of the slices between them.
func (v ProfileView) ticks(total float64) (ticks, grades []profileTick) {
	unit := 1000.0
	if v.Units == sport.Imperial {
		unit = 1609.344
	}
	step := niceUp(total/unit/6.5) * unit
	for from := 0.0; from < total*0.999; from += step {
		to := min(from+step, total)
		if (to-from)/total > 0.09 {
			grades = append(grades, profileTick{At: percent((from + to) / 2 / total), Label: format.Grade(gradeBetween(v.Samples, from, to))})
		}
		if from > 0 && from < total*0.86 {
			ticks = append(ticks, profileTick{At: percent(from / total), Label: number(from / unit), Late: from > total*0.76})
		}
	}
	return ticks, grades
}

func (v ProfileView) describe(bins []bin, total float64) string {
	lowest, highest, steepest := math.Inf(1), math.Inf(-1), bins[0]
	for _, p := range v.Samples {
		lowest, highest = min(lowest, p.Elevation), max(highest, p.Elevation)
	}
	for _, b := range bins {
		if b.Grade > steepest.Grade {
			steepest = b
		}
	}
	return fmt.Sprintf("From %s to %s over %s; the lowest point is at %s, the highest at %s; the steepest %s rise at %s.",
		format.Elevation(v.Samples[0].Elevation, v.Units), format.Elevation(v.Samples[len(v.Samples)-1].Elevation, v.Units),
		format.Distance(total, v.Units), format.Elevation(lowest, v.Units), format.Elevation(highest, v.Units),
		format.Distance(steepest.To-steepest.From, v.Units), format.Grade(steepest.Grade))
}

package parts

import (
	"math"
	"strconv"
)

// Point is a place: degrees north and east, and metres above the sea where they're known (else NaN or 0).
type Point struct{ Lat, Lon, Elevation float64 }

// known is false for a place that's nowhere, as broken files have them.
func (p Point) known() bool { return finite(p.Lat) && finite(p.Lon) }

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

const metresPerDegree = 111_320.0 // of latitude, on the sphere that maps use

// xy is a place on the page: metres east and south of the frame's corner, or fractions of the frame.
type xy struct{ x, y float64 }

func (a xy) to(b xy) xy            { return xy{b.x - a.x, b.y - a.y} }
func (a xy) length() float64       { return math.Hypot(a.x, a.y) }
func (a xy) distance(b xy) float64 { return a.to(b).length() }

// flat lays points on a plane around their own middle. It's exact enough for the few kilometres of a segment, and a line
// that crosses the 180th meridian stays in one piece.
func flat(points []Point, origin Point) []xy {
	scale := math.Cos(origin.Lat * math.Pi / 180)
	out := make([]xy, 0, len(points))
	for _, p := range points {
		if !p.known() {
			continue
		}
		east := math.Remainder(p.Lon-origin.Lon, 360)
		out = append(out, xy{east * metresPerDegree * scale, (origin.Lat - p.Lat) * metresPerDegree})
	}
	return out
}

// nice is the largest of 1, 2 or 5 times a power of ten that isn't above v.
func nice(v float64) float64 {
	if !(v > 0) {
		return 1
	}
	p := math.Pow(10, math.Floor(math.Log10(v)))
	switch {
	case v >= 5*p:
		return 5 * p
	case v >= 2*p:
		return 2 * p
	}
	return p
}

// niceUp is the smallest of 1, 2 or 5 times a power of ten that isn't below v.
func niceUp(v float64) float64 {
	switch n := nice(v); {
	case n >= v:
		return n
	case nice(2*n) == 2*n:
		return 2 * n
	default:
		return 2.5 * n
	}
}

// thin drops points that lie closer than tolerance to the line through their neighbours (Douglas & Peucker 1973), so that
// a track of many thousand points is a short path. It works on a stack: a long track must not nest calls.
func thin(line []xy, tolerance float64) []xy {
	if len(line) < 3 {
		return line
	}
	keep := make([]bool, len(line))
	keep[0], keep[len(line)-1] = true, true
	stack := [][2]int{{0, len(line) - 1}}
	for len(stack) > 0 {
		from, to := stack[len(stack)-1][0], stack[len(stack)-1][1]
		stack = stack[:len(stack)-1]
		far, at := 0.0, -1
		for i := from + 1; i < to; i++ {
			if d := offLine(line[i], line[from], line[to]); d > far {
				far, at = d, i
			}
		}
		if far > tolerance {
			keep[at] = true
			stack = append(stack, [2]int{from, at}, [2]int{at, to})
		}
	}
	out := line[:0:0]
	for i, k := range keep {
		if k {
			out = append(out, line[i])
		}
	}
	return out
}

// offLine is how far p is from the stretch a–b.
func offLine(p, a, b xy) float64 {
	ab := a.to(b)
	l2 := ab.x*ab.x + ab.y*ab.y
	if l2 == 0 {
		return p.distance(a)
	}
	t := min(1, max(0, ((p.x-a.x)*ab.x+(p.y-a.y)*ab.y)/l2))
	return p.distance(xy{a.x + t*ab.x, a.y + t*ab.y})
}

// along is a line with the distance run at each of its points.
type along struct {
	points []xy
	run    []float64
}

func runAlong(points []xy) along {
	a := along{points, make([]float64, len(points))}
	for i := 1; i < len(points); i++ {
		a.run[i] = a.run[i-1] + points[i-1].distance(points[i])
	}
	return a
}

func (a along) total() float64 {
	if len(a.run) == 0 {
		return 0
	}
	return a.run[len(a.run)-1]
}

// at is the place after d metres, and the direction there in degrees clockwise from east (as SVG rotates).
func (a along) at(d float64) (xy, float64) {
	for i := 1; i < len(a.points); i++ {
		if step := a.run[i] - a.run[i-1]; step > 0 && (a.run[i] >= d || i == len(a.points)-1) {
			t := min(1, (d-a.run[i-1])/step)
			v := a.points[i-1].to(a.points[i])
			return xy{a.points[i-1].x + t*v.x, a.points[i-1].y + t*v.y}, math.Atan2(v.y, v.x) * 180 / math.Pi
		}
	}
	if len(a.points) == 0 {
		return xy{}, 0
	}
	return a.points[0], 0
}

// between is the stretch from one distance to another, with interpolated ends.
func (a along) between(from, to float64) []xy {
	start, _ := a.at(from)
	end, _ := a.at(to)
	out := []xy{start}
	for i, r := range a.run {
		if r > from && r < to {
			out = append(out, a.points[i])
		}
	}
	return append(out, end)
}

// heading is the direction of the line around d, averaged over a window so that one noisy point doesn't turn an arrow.
func (a along) heading(d, window float64) float64 {
	p, _ := a.at(max(0, d-window))
	q, _ := a.at(min(a.total(), d+window))
	v := p.to(q)
	return math.Atan2(v.y, v.x) * 180 / math.Pi
}

// percent writes a fraction of the frame for an SVG attribute: 0.4213 → 42.13%.
func percent(f float64) string { return number(f*100) + "%" }

// number writes a coordinate with two decimals and nothing superfluous.
func number(v float64) string {
	return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64)
}

package activities

import (
	"math"
	"time"
)

// maxEffortGap is the longest time between two samples that a best effort may span.
const maxEffortGap = 60 * time.Second

// Stretch is a part of a track by its times, in milliseconds since 1970.
type Stretch struct {
	StartMS, EndMS int64
}

// Elapsed is how long the stretch took.
func (s Stretch) Elapsed() time.Duration { return time.Duration(s.EndMS-s.StartMS) * time.Millisecond }

// BestEffort finds the stretch of at least so many metres that took the least time, in one pass with two pointers; both
// ends are interpolated between samples. It never spans a gap of more than 60 s. Of equals the first is taken. ok is
// false when the track has no such stretch.
func BestEffort(t Track, metres float64) (best Stretch, ok bool) {
	if !(metres > 0) {
		return Stretch{}, false
	}
	along, least := t.Distances(), math.Inf(1)
	for from := 0; from < len(t); {
		to := from + 1
		for to < len(t) && t[to].TimeMS-t[to-1].TimeMS <= maxEffortGap.Milliseconds() {
			to++
		}
		p := piece{t[from:to], along[from:to]}
		if start, end := p.fastest(metres); end-start < least {
			least, ok = end-start, true
			best = Stretch{int64(math.Round(start)), int64(math.Round(end))}
		}
		from = to
	}
	return best, ok
}

// piece is a part of a track without gaps, and how far along each point lies.
type piece struct {
	t     Track
	along []float64
}

// fastest returns the start and end (ms) of the quickest stretch; infinitely far apart when the piece is too short. Time
// over distance is piecewise linear, so the quickest stretch begins or ends at a sample: both kinds are tried.
func (p piece) fastest(metres float64) (start, end float64) {
	start, end = 0, math.Inf(1)
	try := func(s, e float64) {
		if e-s < end-start {
			start, end = s, e
		}
	}
	n := len(p.t)
	for i, j := 0, 0; i < n; i++ { // begins at sample i
		for j < n && p.along[j]-p.along[i] < metres {
			j++
		}
		if j == n {
			break
		}
		try(float64(p.t[i].TimeMS), p.timeAt(p.along[i]+metres, j))
	}
	for i, j := 0, 0; j < n; j++ { // ends at sample j; i is the first sample past the beginning
		if p.along[j]-p.along[0] < metres {
			continue
		}
		for i < j && p.along[i] <= p.along[j]-metres {
			i++
		}
		try(p.timeAt(p.along[j]-metres, i), float64(p.t[j].TimeMS))
	}
	return start, end
}

// timeAt interpolates when the distance was reached, on the leg that ends at sample j.
func (p piece) timeAt(distance float64, j int) float64 {
	b := float64(p.t[j].TimeMS)
	if j == 0 || p.along[j] == p.along[j-1] {
		return b
	}
	a := float64(p.t[j-1].TimeMS)
	return a + (b-a)*(distance-p.along[j-1])/(p.along[j]-p.along[j-1])
}

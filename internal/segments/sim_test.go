package segments

import (
	"math"
	"math/rand/v2"
	"sort"
)

// The simulated world of these tests: ways on a plane of metres, riders as speeds along them, and devices that record with
// noise. Unlike a real track, it knows when each place was truly passed.

// here is where simulated ways lie: in the middle latitudes, where a degree of longitude is not one of latitude.
var here = planeAround(LatLon{50.85, 4.35})

// way is a route in metres east and north.
type way []xy

func (w way) line() Line {
	line := make(Line, len(w))
	for i, p := range w {
		line[i] = here.unproject(p)
	}
	return line
}

// to adds straight legs; turn adds an arc of so many degrees (left is positive) and metres of radius.
func (w way) to(points ...xy) way { return append(w[:len(w):len(w)], points...) }

func (w way) turn(degrees, radius float64) way {
	n := len(w)
	heading := w[n-1].minus(w[n-2]).unit()
	side := math.Copysign(1, degrees)
	middle := xy{w[n-1].x - heading.y*radius*side, w[n-1].y + heading.x*radius*side}
	start := math.Atan2(w[n-1].y-middle.y, w[n-1].x-middle.x)
	steps := int(math.Ceil(math.Abs(degrees) / 5))
	for i := 1; i <= steps; i++ {
		a := start + degrees*math.Pi/180*float64(i)/float64(steps)
		w = w.to(xy{middle.x + radius*math.Cos(a), middle.y + radius*math.Sin(a)})
	}
	// The last chord points a little less far than the arc ends: a short tangent hands the right heading on.
	a := start + degrees*math.Pi/180
	return w.to(xy{w[len(w)-1].x - math.Sin(a)*side*0.01, w[len(w)-1].y + math.Cos(a)*side*0.01})
}

// ahead goes straight on.
func (w way) ahead(metres float64) way {
	n := len(w)
	h := w[n-1].minus(w[n-2]).unit()
	return w.to(xy{w[n-1].x + h.x*metres, w[n-1].y + h.y*metres})
}

// cum is the metres along the way at each of its points.
func (w way) cum() []float64 {
	c := make([]float64, len(w))
	for i := 1; i < len(w); i++ {
		c[i] = c[i-1] + distance(w[i-1], w[i])
	}
	return c
}

func (w way) metres() float64 { return along(w) }

// at is the place so many metres along, and the direction there.
func (w way) at(cum []float64, s float64) (place, direction xy) {
	i := min(max(sort.SearchFloat64s(cum, s)-1, 0), len(w)-2)
	leg := max(cum[i+1]-cum[i], 1e-9)
	return w[i].towards(w[i+1], clamp((s-cum[i])/leg, 0, 1)), w[i+1].minus(w[i]).unit()
}

// part is the way between two lengths along it.
func (w way) part(from, to float64) way {
	cum := w.cum()
	first, _ := w.at(cum, from)
	last, _ := w.at(cum, to)
	out := way{first}
	for i, s := range cum {
		if from < s && s < to {
			out = append(out, w[i])
		}
	}
	return append(out, last)
}

// ride is a rider on a way, and the device that records it.
type ride struct {
	way     way
	speed   func(s float64) float64 // metres a second at a length along the way; nil is 8
	stops   map[float64]float64     // seconds spent standing at a length along the way
	every   func(r *rand.Rand) int64
	noise   float64 // metres, standard deviation a coordinate
	drift   float64 // seconds in which noise forgets itself; 0 is 20
	startMs int64
	seed    uint64
	beside  float64 // metres ridden to the left of the way
}

func each(ms int64) func(*rand.Rand) int64 { return func(*rand.Rand) int64 { return ms } }

// smart recording keeps a sample every 1 to 7 s.
func smart(r *rand.Rand) int64 { return 1000 * (1 + r.Int64N(7)) }

// run records the ride. The truth says at which millisecond since 1970 a length along the way was passed (left, after a stop).
func (r ride) run() (samples []Sample, truth func(s float64) float64) {
	rng := rand.New(rand.NewPCG(r.seed, 7))
	if r.speed == nil {
		r.speed = func(float64) float64 { return 8 }
	}
	if r.every == nil {
		r.every = each(1000)
	}
	cum := r.way.cum()
	times, lengths := r.timetable(cum[len(cum)-1])
	var off xy
	lastMs := 0.0
	end := times[len(times)-1]
	for ms := 0.0; ms <= end; ms += float64(r.every(rng)) {
		i := min(max(sort.SearchFloat64s(times, ms), 1), len(times)-1)
		s := lengths[i-1] + (lengths[i]-lengths[i-1])*(ms-times[i-1])/max(times[i]-times[i-1], 1e-9)
		place, direction := r.way.at(cum, s)
		off, lastMs = r.wander(rng, off, (ms-lastMs)/1000, ms == 0), ms
		q := here.unproject(xy{place.x + off.x - direction.y*r.beside, place.y + off.y + direction.x*r.beside})
		samples = append(samples, Sample{Lat: q.Lat, Lon: q.Lon, Ms: r.startMs + int64(ms)})
	}
	return samples, func(s float64) float64 {
		i := min(max(sort.Search(len(lengths), func(i int) bool { return lengths[i] > s }), 1), len(lengths)-1)
		f := clamp((s-lengths[i-1])/max(lengths[i]-lengths[i-1], 1e-9), 0, 1)
		return float64(r.startMs) + times[i-1] + (times[i]-times[i-1])*f
	}
}

// timetable is the milliseconds at every half metre of the way.
func (r ride) timetable(length float64) (times, lengths []float64) {
	times, lengths = []float64{0}, []float64{0}
	ms := 0.0
	const step = 0.5
	for s := 0.0; s < length; s += step {
		for at, seconds := range r.stops {
			if s <= at && at < s+step {
				ms += seconds * 1000
				times, lengths = append(times, ms), append(lengths, s)
			}
		}
		next := min(s+step, length)
		ms += (next - s) / r.speed(s) * 1000
		times, lengths = append(times, ms), append(lengths, next)
	}
	return times, lengths
}

// wander is noise as receivers have it: it drifts rather than jumps (a Gauss-Markov process).
func (r ride) wander(rng *rand.Rand, off xy, seconds float64, first bool) xy {
	fresh := xy{rng.NormFloat64() * r.noise, rng.NormFloat64() * r.noise}
	if first {
		return fresh
	}
	drift := r.drift
	if drift == 0 {
		drift = 20
	}
	keep := math.Exp(-seconds / drift)
	renew := math.Sqrt(1 - keep*keep)
	return xy{off.x*keep + fresh.x*renew, off.y*keep + fresh.y*renew}
}

package simulate

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"time"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/sport"
)

// Plan is a ride to be made: who rides where and when, and what records it.
type Plan struct {
	Seed   uint64
	Road   Road
	Span   Span // of the road; the zero value is all of it. A loop may be ridden on past its end
	Rider  Rider
	Device Device
	Start  time.Time
	Stops  []Stop
	Name   string
}

// Stop is where the rider stands still.
type Stop struct {
	At     float64 // metres along the road
	For    time.Duration
	Paused bool // the device is paused meanwhile, so that it records nothing
}

// Truth knows when the rider really was where.
type Truth struct {
	start  time.Time
	along  []float64 // metres of the road, ascending
	arrive []float64 // seconds since the start, at each of them
	leave  []float64
}

// At is when the rider came to a place, in metres along the road.
func (t Truth) At(metres float64) time.Time {
	i := min(max(sort.SearchFloat64s(t.along, metres), 1), len(t.along)-1)
	f := (metres - t.along[i-1]) / (t.along[i] - t.along[i-1])
	return t.start.Add(seconds(t.leave[i-1] + f*(t.arrive[i]-t.leave[i-1])))
}

// Took is how long the rider needed from one place to another, stops included.
func (t Truth) Took(s Span) time.Duration { return t.At(s.To).Sub(t.At(s.From)) }

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// where is the inverse of At: the place at a time, in seconds since the start.
func (t Truth) where(s float64) float64 {
	i := sort.SearchFloat64s(t.arrive, s)
	switch {
	case i == 0:
		return t.along[0]
	case i == len(t.arrive) || s <= t.leave[i-1]:
		return t.along[i-1]
	}
	f := (s - t.leave[i-1]) / (t.arrive[i] - t.leave[i-1])
	return t.along[i-1] + f*(t.along[i]-t.along[i-1])
}

// Ride makes the ride: what the device recorded, and what was true.
func (p Plan) Ride() (activities.Recording, Truth) {
	p.Rider, p.Device = p.Rider.withDefaults(), p.Device.withDefaults()
	if p.Span == (Span{}) {
		p.Span.To = p.Road.Length()
	}
	truth := p.move(generator(p.Seed, 3))
	r := activities.Recording{
		Name: p.Name, Type: sport.Ride, Device: p.Device.Name, Barometric: p.Device.Barometer,
		Track: p.record(truth, generator(p.Seed, 4)),
	}
	if p.Rider.Foot {
		r.Type = sport.Run
	}
	return r, truth
}

// move goes along the road in steps of about 5 m. The pace wavers by some percent over hundreds of metres.
func (p Plan) move(rng *rand.Rand) Truth {
	t := Truth{start: p.Start, along: p.places()}
	var pace []wave
	for _, length := range []float64{180, 450, 1300} {
		pace = append(pace, wave{0.02, 2 * math.Pi / length, rng.Float64() * 2 * math.Pi})
	}
	now := 0.0
	for i, at := range t.along {
		if i > 0 {
			from := t.along[i-1]
			now += (at - from) / (p.Rider.speed(p.Road.grade((from+at)/2)) * (1 + sum(pace, at)))
		}
		t.arrive = append(t.arrive, now)
		for _, s := range p.Stops {
			if s.At == at {
				now += s.For.Seconds()
			}
		}
		t.leave = append(t.leave, now)
	}
	return t
}

// places are where the motion is reckoned: every 5 m or so, and at every stop.
func (p Plan) places() []float64 {
	var out []float64
	n := max(1, int(math.Ceil((p.Span.To-p.Span.From)/(step/2))))
	for i := range n + 1 {
		out = append(out, p.Span.From+(p.Span.To-p.Span.From)*float64(i)/float64(n))
	}
	for _, s := range p.Stops {
		if s.At > p.Span.From && s.At < p.Span.To {
			out = append(out, s.At)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

package simulate

import (
	"cmp"
	"math"
	"math/rand/v2"
	"time"

	"segmentchallenge/internal/activities"
)

// Device says how a ride is recorded; zero fields have the defaults named here.
type Device struct {
	Name      string        // "Simulator"
	Interval  time.Duration // between samples: 1 s
	Smart     bool          // leaves out samples that say little: 1 to 7 s between them
	Noise     float64       // metres, standard deviation of a position in each direction: none. Real receivers: 2 to 5
	Dropouts  int           // times that no satellite is seen, for 10 to 40 s each
	Barometer bool          // elevations are good to half a metre instead of five
	Power     bool          // has a power meter
	NoHeart   bool          // has no heart-rate strap
}

func (d Device) withDefaults() Device {
	d.Name, d.Interval = cmp.Or(d.Name, "Simulator"), cmp.Or(d.Interval, time.Second)
	return d
}

// drift is noise that wanders: an Ornstein-Uhlenbeck process, as a receiver's error stays much the same for half a minute.
type drift struct {
	size   float64 // standard deviation
	memory float64 // seconds after which it has forgotten most
	value  float64
	rng    *rand.Rand
}

func newDrift(size, memory float64, rng *rand.Rand) *drift {
	return &drift{size, memory, size * rng.NormFloat64(), rng}
}

func (d *drift) after(seconds float64) float64 {
	keep := math.Exp(-seconds / d.memory)
	d.value = d.value*keep + d.size*math.Sqrt(1-keep*keep)*d.rng.NormFloat64()
	return d.value
}

// record samples the ride at whole multiples of the interval, from the first whole second on.
func (p Plan) record(t Truth, rng *rand.Rand) activities.Track {
	d := p.Device
	east, north := newDrift(d.Noise, 30, rng), newDrift(d.Noise, 30, rng)
	height := newDrift(5*min(1, d.Noise), 60, rng)
	if d.Barometer {
		height.size = 0.5 * min(1, d.Noise)
	}
	first := t.start.Truncate(time.Second)
	if first.Before(t.start) {
		first = first.Add(time.Second)
	}
	end := t.start.Add(seconds(t.arrive[len(t.arrive)-1]))
	gaps, pauses := p.dropouts(t, rng), p.pauses(t)
	var out activities.Track
	paused := false
	for at := first; !at.After(end); at = at.Add(d.Interval) {
		since := at.Sub(t.start).Seconds()
		dx, dy, dz := east.after(d.Interval.Seconds()), north.after(d.Interval.Seconds()), height.after(d.Interval.Seconds())
		if within(pauses, since) {
			paused = len(out) > 0
			continue
		}
		place := t.where(since)
		point := p.sample(place, at, dx, dy, dz)
		if paused {
			point.Has, paused = point.Has|activities.Break, false
		}
		if within(gaps, since) {
			point.Has &^= activities.HasPosition
		}
		out = append(out, point)
	}
	if d.Smart {
		out = thin(out)
	}
	return out
}

// sample is what the sensors read at a place.
func (p Plan) sample(place float64, at time.Time, dx, dy, dz float64) activities.Point {
	const degree = math.Pi / 180 * activities.EarthRadius
	true := p.Road.At(place)
	true.Lat += dy / degree
	true.Lon += dx / degree / math.Cos(true.Lat*math.Pi/180)
	true.Elevation += float32(dz)
	true.TimeMS, true.Odometer = at.UnixMilli(), place-p.Span.From
	true.Has |= activities.HasTime | activities.HasOdometer
	uphill := p.Road.grade(place) > 0.02
	if !p.Device.NoHeart {
		beats := p.Rider.Heart
		if uphill {
			beats *= 1.08
		}
		true.HeartRate, true.Has = uint8(min(220, beats+dz)), true.Has|activities.HasHeartRate
	}
	if p.Device.Power && !p.Rider.Foot {
		watts := p.Rider.power()
		if uphill {
			watts *= 7.0 / 6
		}
		true.Power, true.Has = uint16(max(0, watts+8*dx)), true.Has|activities.HasPower
	}
	return true
}

// dropouts picks when no satellite is seen, in seconds since the start.
func (p Plan) dropouts(t Truth, rng *rand.Rand) []Span {
	var out []Span
	for range p.Device.Dropouts {
		from := rng.Float64() * t.arrive[len(t.arrive)-1]
		out = append(out, Span{from, from + 10 + 30*rng.Float64()})
	}
	return out
}

// pauses are the stops at which the device is paused, in seconds since the start.
func (p Plan) pauses(t Truth) []Span {
	var out []Span
	for _, s := range p.Stops {
		if s.Paused {
			from := t.At(s.At).Sub(t.start).Seconds()
			out = append(out, Span{from + 1, from + s.For.Seconds()})
		}
	}
	return out
}

func within(spans []Span, x float64) bool {
	for _, s := range spans {
		if x > s.From && x < s.To {
			return true
		}
	}
	return false
}

// thin keeps a sample when seven seconds have passed since the last that was kept, or the way has turned by more than 8
// degrees, or the speed has changed by more than 1 m/s: what devices call smart recording.
func thin(t activities.Track) activities.Track {
	out := t[:0:0]
	var heading, speed float64
	for i, p := range t {
		if i == 0 || i == len(t)-1 || p.Is(activities.Break) || t[i+1].Is(activities.Break) || !p.Is(activities.HasPosition) {
			out = append(out, p)
			continue
		}
		last := out[len(out)-1]
		s := float64(p.TimeMS-last.TimeMS) / 1000
		h, v := bearing(t[i-1], p), activities.Metres(t[i-1], p)*1000/float64(p.TimeMS-t[i-1].TimeMS)
		turn := math.Abs(math.Remainder(h-heading, 2*math.Pi))
		if s >= 7 || turn > 8*math.Pi/180 || math.Abs(v-speed) > 1 {
			out, heading, speed = append(out, p), h, v
		}
	}
	return out
}

func bearing(a, b activities.Point) float64 {
	return math.Atan2((b.Lon-a.Lon)*math.Cos(a.Lat*math.Pi/180), b.Lat-a.Lat)
}

package activities

import (
	"math"
	"time"
)

// MaxPoints is how many points a track may have: 55 hours at one a second.
const MaxPoints = 200_000

// EarthRadius is the mean radius in metres (IUGG), on which all distances are measured.
const EarthRadius = 6_371_008.8

// Has says which of a point's fields were recorded.
type Has uint8

const (
	HasTime Has = 1 << iota
	HasPosition
	HasElevation
	HasOdometer
	HasHeartRate
	HasCadence
	HasPower
	Break // recording had stopped before this point: nothing is interpolated between it and the one before
)

// Point is one sample of a device. A field counts only if Has holds its bit.
type Point struct {
	Lat, Lon  float64 // degrees, WGS 84
	Odometer  float64 // metres since the start, as the device counted them
	TimeMS    int64   // milliseconds since 1970, UTC
	Elevation float32 // metres above sea level
	Power     uint16  // watts
	HeartRate uint8   // beats a minute
	Cadence   uint8   // revolutions, or steps of one foot, a minute
	Has       Has
}

// Is says whether the point has all of the given fields.
func (p Point) Is(h Has) bool { return p.Has&h == h }

// Time is when the point was recorded, in UTC.
func (p Point) Time() time.Time { return time.UnixMilli(p.TimeMS).UTC() }

// At returns a point with a position.
func At(lat, lon float64) Point { return Point{Lat: lat, Lon: lon, Has: HasPosition} }

// Metres is the great-circle distance between two positions, by the haversine formula.
func Metres(a, b Point) float64 {
	const rad = math.Pi / 180
	lat := math.Sin((b.Lat - a.Lat) * rad / 2)
	lon := math.Sin((b.Lon - a.Lon) * rad / 2)
	h := lat*lat + math.Cos(a.Lat*rad)*math.Cos(b.Lat*rad)*lon*lon
	return 2 * EarthRadius * math.Asin(math.Min(1, math.Sqrt(h)))
}

// Track is what a device recorded, oldest point first. After Clean every point has a time, later than the one before.
// Without times it is a line: a route, or the way of a segment.
type Track []Point

// Start and End are the times of the first and last point; the zero time for an empty track.
func (t Track) Start() time.Time {
	if len(t) == 0 {
		return time.Time{}
	}
	return t[0].Time()
}

func (t Track) End() time.Time {
	if len(t) == 0 {
		return time.Time{}
	}
	return t[len(t)-1].Time()
}

// Elapsed is the time from the first point to the last.
func (t Track) Elapsed() time.Duration { return t.End().Sub(t.Start()) }

// Count says how many points have all of the given fields.
func (t Track) Count(h Has) int {
	n := 0
	for i := range t {
		if t[i].Is(h) {
			n++
		}
	}
	return n
}

// Positioned returns the points that have a position. A break before a point that is left out passes on to the next.
func (t Track) Positioned() Track {
	if t.Count(HasPosition) == len(t) {
		return t
	}
	out := make(Track, 0, len(t))
	var broken Has
	for _, p := range t {
		broken |= p.Has & Break
		if p.Is(HasPosition) {
			p.Has |= broken
			out, broken = append(out, p), 0
		}
	}
	return out
}

// Box returns the south, west, north and east ends of the track in degrees; zeros when it has no position.
func (t Track) Box() [4]float64 {
	box, any := [4]float64{90, 180, -90, -180}, false
	for i := range t {
		if p := &t[i]; p.Is(HasPosition) {
			box = [4]float64{min(box[0], p.Lat), min(box[1], p.Lon), max(box[2], p.Lat), max(box[3], p.Lon)}
			any = true
		}
	}
	if !any {
		return [4]float64{}
	}
	return box
}

// Distances returns for each point the metres travelled since the start. Legs are measured between positions; where
// those are missing, or recording had stopped, the device's odometer says, and where that is missing too nothing is added
// until the next position.
func (t Track) Distances() []float64 {
	out := make([]float64, len(t))
	fix := -1 // the last position that legs without an odometer are measured from
	for i := range t {
		p := &t[i]
		if p.Is(Break) {
			fix = -1
		}
		if i > 0 {
			prev := &t[i-1]
			switch {
			case p.Is(HasPosition) && fix == i-1:
				out[i] = out[i-1] + Metres(*prev, *p)
			case p.Is(HasOdometer) && prev.Is(HasOdometer):
				out[i] = out[i-1] + max(0, p.Odometer-prev.Odometer)
			case p.Is(HasPosition) && fix >= 0:
				out[i] = max(out[i-1], out[fix]+Metres(t[fix], *p))
			default:
				out[i] = out[i-1]
			}
		}
		if p.Is(HasPosition) {
			fix = i
		}
	}
	return out
}

// Between returns the part of a clean track from one moment to another (milliseconds since 1970), both ends interpolated
// where they fall between two points of an unbroken leg.
func (t Track) Between(fromMS, toMS int64) Track {
	var out Track
	for i, p := range t {
		if i > 0 && !p.Is(Break) {
			for _, at := range [2]int64{fromMS, toMS} {
				if t[i-1].TimeMS < at && at < p.TimeMS {
					out = append(out, Interpolate(t[i-1], p, at))
				}
			}
		}
		if fromMS <= p.TimeMS && p.TimeMS <= toMS {
			out = append(out, p)
		}
	}
	if len(out) > 0 {
		out[0].Has &^= Break
	}
	return out
}

// Interpolate returns the point on the leg from a to b at a moment between them (milliseconds since 1970), with the fields
// that both have; sensors keep a's reading.
func Interpolate(a, b Point, atMS int64) Point {
	f := float64(atMS-a.TimeMS) / float64(b.TimeMS-a.TimeMS)
	p := a
	p.TimeMS, p.Has = atMS, a.Has&b.Has&^Break
	p.Lat += (b.Lat - a.Lat) * f
	p.Lon += (b.Lon - a.Lon) * f
	p.Odometer += (b.Odometer - a.Odometer) * f
	p.Elevation += (b.Elevation - a.Elevation) * float32(f)
	return p
}

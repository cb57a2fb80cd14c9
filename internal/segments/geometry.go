package segments

import (
	"math"

	"github.com/twpayne/go-polyline"

	"segmentchallenge/internal/refusal"
)

// EarthRadius is the mean radius of the Earth in metres (IUGG), as used by every distance here.
const EarthRadius = 6_371_008.8

// LatLon is a place on WGS 84, in degrees.
type LatLon struct{ Lat, Lon float64 }

// Line is a way over the ground, in the direction of travel.
type Line []LatLon

// Metres is the great-circle distance between two places by the haversine formula.
func Metres(a, b LatLon) float64 {
	const rad = math.Pi / 180
	lat, lon := math.Sin((b.Lat-a.Lat)*rad/2), math.Sin((b.Lon-a.Lon)*rad/2)
	h := lat*lat + math.Cos(a.Lat*rad)*math.Cos(b.Lat*rad)*lon*lon
	return 2 * EarthRadius * math.Asin(min(1, math.Sqrt(h)))
}

// Metres is the length of the line.
func (l Line) Metres() float64 {
	sum := 0.0
	for i := 1; i < len(l); i++ {
		sum += Metres(l[i-1], l[i])
	}
	return sum
}

// Reversed returns the line travelled the other way.
func (l Line) Reversed() Line {
	out := make(Line, len(l))
	for i, p := range l {
		out[len(l)-1-i] = p
	}
	return out
}

// Polyline encodes the line in Google's format with five decimals (1e-5 degrees, about 1 m).
func (l Line) Polyline() string {
	coords := make([][]float64, len(l))
	for i, p := range l {
		coords[i] = []float64{p.Lat, p.Lon}
	}
	return string(polyline.EncodeCoords(coords))
}

// ErrPolyline refuses text that is not an encoded polyline of places on Earth.
var ErrPolyline = refusal.Field("polyline", "polyline_unreadable",
	"This is not an encoded polyline with five decimals (Google's format).")

// DecodePolyline reads what Polyline wrote; anything else is ErrPolyline.
func DecodePolyline(s string) (Line, error) {
	coords, _, err := polyline.DecodeCoords([]byte(s))
	if err != nil {
		return nil, ErrPolyline
	}
	line := make(Line, len(coords))
	for i, c := range coords {
		line[i] = LatLon{math.Round(c[0]*1e5) / 1e5, math.Round(c[1]*1e5) / 1e5} // the decoder's sums drift off five decimals
		if !line[i].valid() {
			return nil, ErrPolyline.Because("The polyline leaves the Earth: was it encoded with six decimals?")
		}
	}
	return line, nil
}

func (p LatLon) valid() bool { return math.Abs(p.Lat) <= 90 && math.Abs(p.Lon) <= 180 } // false for NaN

// wrap brings a difference of longitudes into ±180°, so that lines may cross the antimeridian.
func wrap(degrees float64) float64 {
	if degrees > 180 {
		return degrees - 360
	}
	if degrees < -180 {
		return degrees + 360
	}
	return degrees
}

// xy is a place on a plane, in metres east and north of its middle.
type xy struct{ x, y float64 }

func (a xy) minus(b xy) xy               { return xy{a.x - b.x, a.y - b.y} }
func (a xy) dot(b xy) float64            { return a.x*b.x + a.y*b.y }
func (a xy) cross(b xy) float64          { return a.x*b.y - a.y*b.x }
func (a xy) length() float64             { return math.Sqrt(a.x*a.x + a.y*a.y) }
func (a xy) towards(b xy, f float64) xy  { return xy{a.x + (b.x-a.x)*f, a.y + (b.y-a.y)*f} }
func (a xy) unit() xy                    { n := max(a.length(), 1e-9); return xy{a.x / n, a.y / n} }
func distance(a, b xy) float64           { return a.minus(b).length() }
func cosine(a, b xy) float64             { return a.unit().dot(b.unit()) }
func clamp(v, low, high float64) float64 { return max(low, min(high, v)) }

// plane is the equirectangular projection around a middle. Over the extent of a segment (100 km) its scale is right to 1 %,
// and the line and the track that are compared are bent alike.
type plane struct {
	middle         LatLon
	perLon, perLat float64 // metres a degree
	degLon, degLat float64 // degrees of one metre
}

func planeAround(middle LatLon) plane {
	perLat := EarthRadius * math.Pi / 180
	perLon := perLat * max(math.Cos(middle.Lat*math.Pi/180), 1e-3)
	return plane{middle, perLon, perLat, 1 / perLon, 1 / perLat}
}

func (p plane) project(lat, lon float64) xy {
	return xy{wrap(lon-p.middle.Lon) * p.perLon, (lat - p.middle.Lat) * p.perLat}
}

func (p plane) unproject(q xy) LatLon {
	return LatLon{p.middle.Lat + q.y/p.perLat, wrap(p.middle.Lon + q.x/p.perLon)}
}

// around is the box of everything within r metres of q.
func (p plane) around(q xy, r float64) Box {
	lat, lon := p.middle.Lat+q.y*p.degLat, p.middle.Lon+q.x*p.degLon
	return Box{lat - r*p.degLat, lon - r*p.degLon, lat + r*p.degLat, lon + r*p.degLon}
}

// offLeg is the distance of q to the leg from a to b, and the fraction of the leg where it comes nearest.
func offLeg(a, b, q xy) (metres, fraction float64) {
	leg := b.minus(a)
	if n := leg.dot(leg); n > 0 {
		fraction = clamp(q.minus(a).dot(leg)/n, 0, 1)
	}
	return distance(a.towards(b, fraction), q), fraction
}

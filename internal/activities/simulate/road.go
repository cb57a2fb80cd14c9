// Package simulate makes rides whose truth is known: roads through a hilly landscape, riders who climb as their power
// allows, and devices that record them with noise, gaps and pauses. Tests measure the segment engine against the true
// crossing times, and the demo's riders bring these rides as files. The same seed gives the same ride.
package simulate

import (
	"cmp"
	"math"
	"math/rand/v2"
	"sort"

	"segmentchallenge/internal/activities"
)

const step = 10.0 // metres between the points of a road

// Landscape says what a road is like; zero fields have the defaults named here.
type Landscape struct {
	Lat, Lon float64 // where it begins, degrees: 46.95, 7.45
	Length   float64 // metres: 20,000
	Base     float64 // metres above the sea in the plain: 500
	Hills    int     // how many, one after the other: none
	Height   float64 // metres that each climbs: 150
	Grade    float64 // of a climb on average, as a fraction: 0.06
}

func (l Landscape) withDefaults() Landscape {
	if l.Lat == 0 && l.Lon == 0 {
		l.Lat, l.Lon = 46.95, 7.45
	}
	l.Length, l.Base = cmp.Or(l.Length, 20_000), cmp.Or(l.Base, 500)
	l.Height, l.Grade = cmp.Or(l.Height, 150), cmp.Or(l.Grade, 0.06)
	return l
}

// Span is a part of a road, in metres from its beginning.
type Span struct{ From, To float64 }

// Road is a line with elevations, and how far along each of its points lies.
type Road struct {
	Line   activities.Track // positions and elevations, 10 m apart
	Climbs []Span           // from the foot of each hill to its top
	along  []float64
}

// Loop makes a winding road that ends where it begins and doesn't cross itself.
func Loop(seed uint64, l Landscape) Road {
	l = l.withDefaults()
	rng := generator(seed, 1)
	var wide, narrow []wave
	for k := 2.0; k <= 6; k++ {
		wide = append(wide, wave{0.25 / k * (0.3 + rng.Float64()), k, rng.Float64() * 2 * math.Pi})
	}
	radius := l.Length / (2 * math.Pi)
	for _, b := range bends {
		narrow = append(narrow, wave{min(b.metres/radius, 0.05), math.Round(l.Length / b.length), rng.Float64() * 2 * math.Pi})
	}
	n := int(l.Length) // a metre or so each
	outline := make([]vector, n+1)
	for i := range outline {
		angle := 2 * math.Pi * float64(i%n) / float64(n)
		r := radius * (1 + sum(wide, angle) + sum(narrow, angle))
		outline[i] = vector{r * math.Sin(angle), r * math.Cos(angle)}
	}
	return lay(outline, l, rng)
}

// Way makes a winding road from one place to another.
func Way(seed uint64, l Landscape) Road {
	l = l.withDefaults()
	rng := generator(seed, 2)
	heading := rng.Float64() * 2 * math.Pi
	var turns []wave
	for _, b := range bends {
		turns = append(turns, wave{2 * math.Pi * b.metres / b.length, 2 * math.Pi / b.length, rng.Float64() * 2 * math.Pi})
	}
	outline := make([]vector, int(l.Length)+1)
	for i := 1; i < len(outline); i++ {
		h := heading + sum(turns, float64(i))
		outline[i] = vector{outline[i-1].x + math.Sin(h), outline[i-1].y + math.Cos(h)}
	}
	return lay(outline, l, rng)
}

// bends are the waves of a road about its general direction: how far aside, over how many metres. The tightest have a
// radius of about 70 m.
var bends = []struct{ metres, length float64 }{{60, 1900}, {22, 640}, {10, 270}, {6, 140}}

func generator(seed, stream uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, stream)) }

type vector struct{ x, y float64 } // metres east and north

type wave struct{ size, frequency, phase float64 }

func sum(waves []wave, x float64) (v float64) {
	for _, w := range waves {
		v += w.size * math.Sin(w.frequency*x+w.phase)
	}
	return v
}

// lay scales an outline to the landscape's length, sets a point every 10 m and puts hills under it.
func lay(outline []vector, l Landscape, rng *rand.Rand) Road {
	along := make([]float64, len(outline))
	for i := 1; i < len(outline); i++ {
		along[i] = along[i-1] + math.Hypot(outline[i].x-outline[i-1].x, outline[i].y-outline[i-1].y)
	}
	scale := l.Length / along[len(along)-1]
	hills := raise(l, rng)
	var road Road
	for _, h := range hills {
		road.Climbs = append(road.Climbs, Span{h.foot, h.foot + h.climb})
	}
	n := int(math.Round(l.Length / step))
	for i := range n + 1 {
		at := min(float64(i)*l.Length/float64(n)/scale, along[len(along)-1])
		k := min(max(1, sort.SearchFloat64s(along, at)), len(along)-1)
		f := (at - along[k-1]) / (along[k] - along[k-1])
		v := vector{outline[k-1].x + f*(outline[k].x-outline[k-1].x) - outline[0].x, outline[k-1].y + f*(outline[k].y-outline[k-1].y) - outline[0].y}
		road.Line = append(road.Line, l.place(vector{v.x * scale, v.y * scale}, elevation(hills, at*scale)+l.Base))
	}
	road.along = road.Line.Distances()
	return road
}

// place puts a point of the plane on the map.
func (l Landscape) place(v vector, elevation float64) activities.Point {
	const degree = math.Pi / 180 * activities.EarthRadius
	p := activities.At(l.Lat+v.y/degree, l.Lon+v.x/degree/math.Cos(l.Lat*math.Pi/180))
	p.Elevation, p.Has = float32(elevation), p.Has|activities.HasElevation
	return p
}

// hill rises from its foot over the climb, and falls over as much again. In metres.
type hill struct{ foot, climb, height float64 }

// raise spreads the hills over the road; they become lower where there is no room.
func raise(l Landscape, rng *rand.Rand) []hill {
	if l.Hills <= 0 {
		return nil
	}
	room := l.Length / float64(l.Hills)
	out := make([]hill, l.Hills)
	for i := range out {
		height := l.Height * (0.7 + 0.6*rng.Float64())
		climb := height / (l.Grade * (0.8 + 0.4*rng.Float64()))
		if most := room * 0.45; climb > most {
			height, climb = height*most/climb, most
		}
		out[i] = hill{room*float64(i) + (room-2*climb)*rng.Float64(), climb, height}
	}
	return out
}

func elevation(hills []hill, at float64) (v float64) {
	for _, h := range hills {
		if x := (at - h.foot) / (2 * h.climb); x > 0 && x < 1 {
			v += h.height * (1 - math.Cos(2*math.Pi*x)) / 2
		}
	}
	return v
}

// Length is in metres.
func (r Road) Length() float64 { return r.along[len(r.along)-1] }

// At returns the place so many metres along the road. A loop may be gone round several times; any other road ends.
func (r Road) At(metres float64) activities.Point {
	if r.isLoop() {
		metres = math.Mod(metres, r.Length())
	}
	i, f := r.leg(metres)
	a, b := r.Line[i], r.Line[i+1]
	a.Lat += (b.Lat - a.Lat) * f
	a.Lon += (b.Lon - a.Lon) * f
	a.Elevation += (b.Elevation - a.Elevation) * float32(f)
	return a
}

func (r Road) isLoop() bool { return activities.Metres(r.Line[0], r.Line[len(r.Line)-1]) < step }

// leg finds the leg on which a place lies, and how far along that leg (0 to 1).
func (r Road) leg(metres float64) (i int, f float64) {
	i = sort.SearchFloat64s(r.along, metres) - 1
	i = min(max(i, 0), len(r.along)-2)
	return i, min(max((metres-r.along[i])/(r.along[i+1]-r.along[i]), 0), 1)
}

// Part returns the line from one place to another: the way of a segment.
func (r Road) Part(s Span) activities.Track {
	out := activities.Track{r.At(s.From)}
	for i, at := range r.along {
		if at > s.From && at < s.To {
			out = append(out, r.Line[i])
		}
	}
	return append(out, r.At(s.To))
}

// Reversed is the same road in the other direction.
func (r Road) Reversed() Road {
	out := Road{Line: make(activities.Track, len(r.Line))}
	for i, p := range r.Line {
		out.Line[len(r.Line)-1-i] = p
	}
	out.along = out.Line.Distances()
	return out
}

// Then goes on with another road, which should begin where this one ends.
func (r Road) Then(next Road) Road {
	out := Road{Line: append(r.Line[:len(r.Line):len(r.Line)], next.Line[1:]...), Climbs: r.Climbs}
	out.along = out.Line.Distances()
	for _, c := range next.Climbs {
		out.Climbs = append(out.Climbs[:len(out.Climbs):len(out.Climbs)], Span{c.From + r.Length(), c.To + r.Length()})
	}
	return out
}

// grade is the slope at a place, as a fraction.
func (r Road) grade(metres float64) float64 {
	if r.isLoop() {
		metres = math.Mod(metres, r.Length())
	}
	i, _ := r.leg(metres)
	return float64(r.Line[i+1].Elevation-r.Line[i].Elevation) / (r.along[i+1] - r.along[i])
}

package segments

import "math"

// Box is an area in degrees. East is never less than West: a box across the antimeridian reaches beyond 180.
type Box struct{ South, West, North, East float64 }

// BoxOf is the smallest box that holds all of the places; the zero Box for none.
func BoxOf(line Line) Box {
	if len(line) == 0 {
		return Box{}
	}
	b := Box{line[0].Lat, line[0].Lon, line[0].Lat, line[0].Lon}
	for _, p := range line[1:] {
		b.include(p.Lat, p.Lon)
	}
	return b
}

func (b *Box) include(lat, lon float64) {
	lon = b.West + wrap(lon-b.West)
	b.South, b.North = min(b.South, lat), max(b.North, lat)
	b.West, b.East = min(b.West, lon), max(b.East, lon)
}

// Overlaps says whether the boxes have a place in common.
func (b Box) Overlaps(o Box) bool {
	if b.South > o.North || o.South > b.North {
		return false
	}
	apart := wrap((b.West + b.East - o.West - o.East) / 2)
	return math.Abs(apart)*2 <= b.East-b.West+o.East-o.West
}

// Grown returns the box with a margin of so many metres on each side.
func (b Box) Grown(metres float64) Box {
	p := planeAround(LatLon{max(math.Abs(b.South), math.Abs(b.North)), 0})
	lat, lon := metres*p.degLat, metres*p.degLon
	return Box{b.South - lat, b.West - lon, b.North + lat, b.East + lon}
}

// rect is an area of a plane, in metres.
type rect struct{ low, high xy }

func rectOf(points []xy) rect {
	r := rect{points[0], points[0]}
	for _, p := range points[1:] {
		r.low = xy{min(r.low.x, p.x), min(r.low.y, p.y)}
		r.high = xy{max(r.high.x, p.x), max(r.high.y, p.y)}
	}
	return r
}

// off is the distance of q to the rectangle; 0 within.
func (r rect) off(q xy) float64 {
	return xy{max(0, r.low.x-q.x, q.x-r.high.x), max(0, r.low.y-q.y, q.y-r.high.y)}.length()
}

func (r rect) overlaps(o rect) bool {
	return r.low.x <= o.high.x && o.low.x <= r.high.x && r.low.y <= o.high.y && o.low.y <= r.high.y
}

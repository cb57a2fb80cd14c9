package web

import (
	"math"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/segments"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/parts"
)

// linePoints is a segment's line with its elevations, where they're known.
func linePoints(s readmodel.Segment) []parts.Point {
	line, err := segments.DecodePolyline(s.Polyline)
	if err != nil {
		return nil // a page without its map is better than none
	}
	out := make([]parts.Point, len(line))
	for i, p := range line {
		out[i] = parts.Point{Lat: p.Lat, Lon: p.Lon, Elevation: math.NaN()}
		if i < len(s.Elevations) {
			out[i].Elevation = float64(s.Elevations[i])
		}
	}
	return out
}

// segmentMap draws a segment for its own page.
func segmentMap(s readmodel.Segment, units sport.Units) parts.MapView {
	line := linePoints(s)
	return parts.MapView{ID: "map-" + s.ID.String(), Line: line, Graded: len(s.Elevations) > 0, Units: units,
		Description: "Map of " + s.Name + ": " + format.Distance(s.Distance, units) + heading(line)}
}

// smallMap draws a segment for a card.
func smallMap(s readmodel.Segment) parts.MapView {
	return parts.MapView{Line: linePoints(s), Compact: true, Graded: len(s.Elevations) > 0}
}

func segmentProfile(s readmodel.Segment, units sport.Units) parts.ProfileView {
	v := parts.ProfileView{ID: "profile-" + s.ID.String(), Title: "Elevation of " + s.Name, Units: units}
	if len(s.Elevations) > 0 {
		v.Samples = parts.ProfileOf(linePoints(s))
	}
	return v
}

// heading says where a line leads, as the crow flies; a round has no direction.
func heading(line []parts.Point) string {
	if len(line) < 2 {
		return ""
	}
	a, b := line[0], line[len(line)-1]
	north, east := b.Lat-a.Lat, (b.Lon-a.Lon)*math.Cos(a.Lat*math.Pi/180)
	if math.Hypot(north, east) < 0.001 {
		return ", a round"
	}
	points := []string{"north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"}
	turn := math.Atan2(east, north) / (math.Pi / 4)
	return ", heading " + points[(int(math.Round(turn))+8)%8]
}

var missLabels = map[string]string{
	"finish_missed": "The ride leaves here", "start_missed": "The ride joins here", "hole": "Nothing recorded here",
	"coverage": "Nothing recorded here", "detour": "Detour", "wrong_direction": "Wrong direction",
}

// missMap shows where on a segment a ride failed, with the ride beside it. Without a place there is nothing to show.
func missMap(s readmodel.Segment, m activities.Miss, track activities.Track, units sport.Units) *parts.MapView {
	if m.Lat == 0 && m.Lng == 0 {
		return nil
	}
	label := missLabels[m.Code]
	if label == "" {
		return nil
	}
	return &parts.MapView{Description: "Map of " + s.Name + " with the ride. " + label + ".", Line: linePoints(s), Units: units,
		Tracks: near(track, s.Bounds), Marks: []parts.MapMark{{At: parts.Point{Lat: m.Lat, Lon: m.Lng}, Kind: "miss", Label: label}}}
}

// near is what of a track lies in a box (south, west, north, east) or close to it, piece by piece. Breaks in the
// recording are breaks in what is drawn.
func near(track activities.Track, box []float64) [][]parts.Point {
	if len(box) != 4 {
		return nil
	}
	high, wide := (box[2]-box[0])/3+0.002, (box[3]-box[1])/3+0.002
	var out [][]parts.Point
	var piece []parts.Point
	cut := func() {
		if len(piece) > 1 {
			out = append(out, piece)
		}
		piece = nil
	}
	for _, p := range track.Positioned() {
		if p.Is(activities.Break) {
			cut()
		}
		if p.Lat < box[0]-high || p.Lat > box[2]+high || p.Lon < box[1]-wide || p.Lon > box[3]+wide {
			cut()
			continue
		}
		piece = append(piece, parts.Point{Lat: p.Lat, Lon: p.Lon})
	}
	cut()
	return out
}

// trackPoints is a track as a line with heights.
func trackPoints(track activities.Track) []parts.Point {
	placed := track.Positioned()
	out := make([]parts.Point, len(placed))
	for i, p := range placed {
		out[i] = parts.Point{Lat: p.Lat, Lon: p.Lon, Elevation: math.NaN()}
		if p.Is(activities.HasElevation) {
			out[i].Elevation = float64(p.Elevation)
		}
	}
	return out
}

// Package gpx reads and writes GPX, the format in which tracks and routes are exchanged: versions 1.0 and 1.1, with the
// extensions for heart rate, cadence and power that devices use. See https://www.topografix.com/GPX/1/1/.
package gpx

import (
	"encoding/xml"
	"slices"
	"strings"
	"time"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/activities/trackxml"
)

// Decode reads the tracks of a file as one activity. Tracks and track segments are put in the order of their times, with a
// break before each. It refuses (activities.Err…) what is no whole XML file, has no track, or has too many points.
func Decode(data []byte) ([]activities.Recording, error) {
	doc, err := parse(data)
	if err != nil {
		return nil, err
	}
	r := activities.Recording{
		Name: doc.name, Source: "gpx", Device: doc.creator,
		Barometric: strings.Contains(strings.ToLower(doc.creator), "barometer"),
		Offset:     doc.offset, HasOffset: doc.hasOffset,
	}
	var stretches []activities.Track
	for _, w := range doc.tracks {
		if r.Type == "" {
			r.Type = trackxml.TypeOf(w.kind)
		}
		if w.name != "" && (r.Name == doc.name) {
			r.Name = w.name
		}
		stretches = append(stretches, w.stretches...)
	}
	r.Track = inOrder(stretches)
	switch {
	case len(r.Track) > 0:
		return []activities.Recording{r}, nil
	case len(doc.routes) > 0:
		return nil, activities.ErrNoTimes.Because("This file holds a route, which has no times. It can make a segment, but not an activity.")
	case doc.waypoints > 0:
		return nil, activities.ErrGPXWithoutTrack.Because("This GPX file holds only waypoints, not a track.")
	}
	return nil, activities.ErrGPXWithoutTrack
}

// inOrder joins stretches by the time at which they begin (files may list them in any order), with breaks between them.
func inOrder(stretches []activities.Track) activities.Track {
	stretches = slices.DeleteFunc(stretches, func(t activities.Track) bool { return len(t) == 0 })
	timed := !slices.ContainsFunc(stretches, func(t activities.Track) bool { return !t[0].Is(activities.HasTime) })
	if timed {
		slices.SortStableFunc(stretches, func(a, b activities.Track) int { return a[0].Time().Compare(b[0].Time()) })
	}
	for i := range stretches {
		if i > 0 {
			stretches[i][0].Has |= activities.Break
		}
	}
	return slices.Concat(stretches...)
}

// Line reads a file as the way of a segment: its longest track, or its longest route if it has no track. Times, if any,
// are left out, and so are points at the very place of the one before. It refuses as Decode does, and with
// activities.ErrLineTooShort.
func Line(data []byte) (name string, line activities.Track, err error) {
	switch {
	case len(data) == 0:
		return "", nil, activities.ErrFileEmpty
	case trackxml.Root(data) != "gpx":
		return "", nil, activities.ErrUnknownFormat.Because("This isn't a GPX file. A segment can be made of one that holds a track or a route.")
	}
	doc, err := parse(data)
	if err != nil {
		return "", nil, err
	}
	for _, ways := range [][]way{doc.tracks, doc.routes} {
		longest := 0.0
		for _, w := range ways {
			l := w.line()
			if along := l.Distances(); len(l) >= 2 && along[len(l)-1] > longest {
				longest, name, line = along[len(l)-1], w.name, l
			}
		}
		if line != nil {
			if name == "" {
				name = doc.name
			}
			return name, line, nil
		}
	}
	return "", nil, activities.ErrLineTooShort
}

// line joins the way's stretches to one line of positions and elevations.
func (w way) line() activities.Track {
	var line activities.Track
	for _, p := range slices.Concat(w.stretches...) {
		if !p.Is(activities.HasPosition) {
			continue
		}
		if n := len(line); n == 0 || line[n-1].Lat != p.Lat || line[n-1].Lon != p.Lon {
			has := p.Has & (activities.HasPosition | activities.HasElevation)
			line = append(line, activities.Point{Lat: p.Lat, Lon: p.Lon, Elevation: p.Elevation, Has: has})
		}
	}
	return line
}

// document is what a GPX file holds.
type document struct {
	creator, name string
	tracks        []way
	routes        []way
	waypoints     int
	points        int
	hasOffset     bool
	offset        time.Duration

	point *activities.Point // being read
	way   *way
}

// way is a trk or a rte.
type way struct {
	name, kind string
	stretches  []activities.Track
}

func parse(data []byte) (*document, error) {
	d := &document{}
	if err := trackxml.Walk(data, d); err != nil {
		return nil, err
	}
	return d, nil
}

// Open begins what the element stands for.
func (d *document) Open(name, _ string, attrs []xml.Attr) error {
	switch name {
	case "gpx":
		d.creator = trackxml.Attr(attrs, "creator")
	case "trk":
		d.tracks = append(d.tracks, way{})
		d.way = &d.tracks[len(d.tracks)-1]
	case "rte":
		d.routes = append(d.routes, way{stretches: []activities.Track{nil}})
		d.way = &d.routes[len(d.routes)-1]
	case "trkseg":
		if d.way != nil {
			d.way.stretches = append(d.way.stretches, nil)
		}
	case "wpt":
		d.waypoints++
		d.point = &activities.Point{} // read and forgotten: its name and time aren't the track's
	case "trkpt", "rtept", "rpt": // rpt: how a route point's road runs on, a common extension
		return d.addPoint(attrs)
	}
	return nil
}

func (d *document) addPoint(attrs []xml.Attr) error {
	d.point = &activities.Point{}
	if d.way == nil || len(d.way.stretches) == 0 {
		return nil
	}
	if d.points++; d.points > activities.MaxPoints {
		return activities.ErrTooManyPoints
	}
	s := &d.way.stretches[len(d.way.stretches)-1]
	*s = append(*s, activities.Point{})
	d.point = &(*s)[len(*s)-1]
	trackxml.SetPosition(d.point, trackxml.Attr(attrs, "lat"), trackxml.Attr(attrs, "lon"))
	return nil
}

// Close takes the element's text.
func (d *document) Close(name, parent, text string) error {
	switch name {
	case "trkpt", "rtept", "wpt":
		d.point = nil
	case "trk", "rte":
		d.way = nil
	}
	switch {
	case text == "":
	case d.point != nil:
		d.field(name, text)
	case name == "name" && (parent == "metadata" || parent == "gpx"):
		d.name = text
	case d.way == nil || parent != "trk" && parent != "rte":
	case name == "name":
		d.way.name = text
	case name == "type":
		d.way.kind = text
	}
	return nil
}

// field takes one field of the point that is being read; extensions are known by their names alone.
func (d *document) field(name, text string) {
	switch strings.ToLower(name) {
	case "ele":
		trackxml.SetElevation(d.point, text)
	case "time":
		if offset, known := trackxml.SetTime(d.point, text); known && !d.hasOffset {
			d.offset, d.hasOffset = offset, true
		}
	case "hr", "heartrate":
		trackxml.SetHeartRate(d.point, text)
	case "cad", "cadence":
		trackxml.SetCadence(d.point, text)
	case "power", "watts", "powerinwatts":
		trackxml.SetPower(d.point, text)
	}
}

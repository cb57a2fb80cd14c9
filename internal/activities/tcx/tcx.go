// Package tcx reads and writes TCX, Garmin's Training Center XML, version 2 with the ActivityExtension for speed and power.
package tcx

import (
	"encoding/xml"
	"time"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/activities/trackxml"
)

// Decode reads all activities of a file, also the legs of a multisport session. A track that isn't the first of its lap
// follows a pause, so it begins with a break. It refuses (activities.Err…) what is no whole XML file, holds no activity, or
// has too many points.
func Decode(data []byte) ([]activities.Recording, error) {
	d := &document{}
	if err := trackxml.Walk(data, d); err != nil {
		return nil, err
	}
	if len(d.found) > 0 {
		return d.found, nil
	}
	if d.course {
		return nil, activities.ErrTCXNotActivity.Because("This TCX file holds a course to be followed, not an activity.")
	}
	return nil, activities.ErrTCXNotActivity
}

type document struct {
	found  []activities.Recording
	points int
	course bool

	activity *activities.Recording // being read
	point    *activities.Point
	lat, lon string
	tracks   int // of the lap that is being read
	opened   bool
}

// Open begins what the element stands for.
func (d *document) Open(name, _ string, attrs []xml.Attr) error {
	switch name {
	case "Activity":
		d.found = append(d.found, activities.Recording{Source: "tcx", Type: trackxml.TypeOf(trackxml.Attr(attrs, "Sport"))})
		d.activity = &d.found[len(d.found)-1]
	case "Course":
		d.course = true
	case "Lap":
		d.tracks = 0
	case "Track":
		d.tracks++
		d.opened = true
	case "Trackpoint":
		return d.addPoint()
	}
	return nil
}

func (d *document) addPoint() error {
	if d.activity == nil {
		return nil // a course, or the transition between two legs
	}
	if d.points++; d.points > activities.MaxPoints {
		return activities.ErrTooManyPoints
	}
	t := append(d.activity.Track, activities.Point{})
	d.activity.Track, d.point = t, &t[len(t)-1]
	d.lat, d.lon = "", ""
	if d.opened && d.tracks > 1 {
		d.point.Has |= activities.Break
	}
	d.opened = false
	return nil
}

// Close takes the element's text.
func (d *document) Close(name, parent, text string) error {
	switch {
	case d.activity == nil:
	case name == "Activity":
		d.activity = nil
	case name == "Trackpoint" && d.point != nil:
		trackxml.SetPosition(d.point, d.lat, d.lon)
		d.point = nil
	case d.point != nil:
		d.field(name, parent, text)
	case parent == "Lap":
		d.lap(name, text)
	case parent == "Creator" && name == "Name":
		d.activity.Device = text
	case parent == "Activity" && name == "Notes":
		d.activity.Name = text
	}
	return nil
}

// field takes one field of the point that is being read.
func (d *document) field(name, parent, text string) {
	p := d.point
	switch name {
	case "Time":
		if offset, known := trackxml.SetTime(p, text); known && !d.activity.HasOffset {
			d.activity.Offset, d.activity.HasOffset = offset, true
		}
	case "LatitudeDegrees":
		d.lat = text
	case "LongitudeDegrees":
		d.lon = text
	case "AltitudeMeters":
		trackxml.SetElevation(p, text)
	case "DistanceMeters":
		if v, ok := trackxml.Number(text); ok && v >= 0 {
			p.Odometer = v
			p.Has |= activities.HasOdometer
		}
	case "Value":
		if parent == "HeartRateBpm" {
			trackxml.SetHeartRate(p, text)
		}
	case "Cadence", "RunCadence":
		trackxml.SetCadence(p, text)
	case "Watts":
		trackxml.SetPower(p, text)
	}
}

// lap adds a lap's sums to the activity's.
func (d *document) lap(name, text string) {
	v, ok := trackxml.Number(text)
	if !ok || v < 0 || v > 1e9 {
		return
	}
	switch name {
	case "TotalTimeSeconds":
		d.activity.Totals.Timer += time.Duration(v * float64(time.Second))
	case "DistanceMeters":
		d.activity.Totals.Distance += v
	}
}

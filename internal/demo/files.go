package demo

import (
	"bytes"
	"fmt"
	"time"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/activities/fit"
	"segmentchallenge/internal/activities/gpx"
	"segmentchallenge/internal/activities/tcx"
	"segmentchallenge/internal/sport"
)

// file is what a rider uploads.
type file struct {
	name   string
	data   []byte
	fields map[string]string // of the form
}

var formats = []string{"fit", "gpx", "tcx"}

// file writes the outing as it began at start.
func (o outing) file(recording activities.Recording, start time.Time) (file, error) {
	r := moved(recording, start, nameFor(start, o.course.foot))
	format := o.format
	if o.mishap == untimed { // neither of the others can do without
		format = "gpx"
		r.Track = withoutTimes(r.Track)
	}
	f := file{name: fmt.Sprintf("%s.%s", start.Format("2006-01-02-150405"), format), fields: map[string]string{}}
	var data bytes.Buffer
	var err error
	switch format {
	case "gpx":
		err = gpx.Write(&data, r.Name, r.Type, r.Track)
	case "tcx":
		err = tcx.Write(&data, r)
	default:
		err = fit.Write(&data, r)
	}
	f.data = data.Bytes()
	switch o.mishap {
	case secret:
		f.fields["private"] = "true"
	case electric:
		f.fields["type"] = string(sport.EBikeRide)
	case cutOff:
		f.data = f.data[:len(f.data)/40]
	case none, detour, wrongWay, turnedOff, untimed, twice:
	}
	return f, err
}

func withoutTimes(t activities.Track) activities.Track {
	out := make(activities.Track, len(t))
	for i, p := range t {
		p.TimeMS, p.Has = 0, p.Has&^activities.HasTime
		out[i] = p
	}
	return out
}

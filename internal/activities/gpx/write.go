package gpx

import (
	"bufio"
	"encoding/xml"
	"io"
	"strconv"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/sport"
)

const header = `<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="Segment Challenge" xmlns="http://www.topografix.com/GPX/1/1" xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v1">
<trk>`

// Write writes a track, or a line without times, as GPX 1.1: one track, with a new segment at each break. Points without a
// position are left out: GPX can't hold them. typ may be empty.
func Write(out io.Writer, name string, typ sport.ActivityType, t activities.Track) error {
	w := bufio.NewWriter(out) // keeps the first error until Flush
	w.WriteString(header)
	w.WriteString("<name>")
	xml.EscapeText(w, []byte(name))
	w.WriteString("</name>")
	if typ != "" {
		w.WriteString("<type>")
		xml.EscapeText(w, []byte(typ))
		w.WriteString("</type>")
	}
	w.WriteString("<trkseg>\n")
	for i, p := range t.Positioned() {
		if i > 0 && p.Is(activities.Break) {
			w.WriteString("</trkseg><trkseg>\n")
		}
		writePoint(w, p)
	}
	w.WriteString("</trkseg></trk>\n</gpx>\n")
	return w.Flush()
}

func writePoint(w *bufio.Writer, p activities.Point) {
	b := w.AvailableBuffer()
	b = append(b, `<trkpt lat="`...)
	b = strconv.AppendFloat(b, p.Lat, 'f', 7, 64)
	b = append(b, `" lon="`...)
	b = strconv.AppendFloat(b, p.Lon, 'f', 7, 64)
	b = append(b, `">`...)
	if p.Is(activities.HasElevation) {
		b = append(b, "<ele>"...)
		b = strconv.AppendFloat(b, float64(p.Elevation), 'f', 2, 32)
		b = append(b, "</ele>"...)
	}
	if p.Is(activities.HasTime) {
		b = append(b, "<time>"...)
		b = p.Time().AppendFormat(b, "2006-01-02T15:04:05.999Z07:00")
		b = append(b, "</time>"...)
	}
	b = appendSensors(b, p)
	w.Write(append(b, "</trkpt>\n"...))
}

func appendSensors(b []byte, p activities.Point) []byte {
	if p.Has&(activities.HasHeartRate|activities.HasCadence|activities.HasPower) == 0 {
		return b
	}
	b = append(b, "<extensions>"...)
	if p.Is(activities.HasPower) {
		b = append(b, "<power>"...)
		b = strconv.AppendUint(b, uint64(p.Power), 10)
		b = append(b, "</power>"...)
	}
	b = append(b, "<gpxtpx:TrackPointExtension>"...)
	if p.Is(activities.HasHeartRate) {
		b = append(b, "<gpxtpx:hr>"...)
		b = strconv.AppendUint(b, uint64(p.HeartRate), 10)
		b = append(b, "</gpxtpx:hr>"...)
	}
	if p.Is(activities.HasCadence) {
		b = append(b, "<gpxtpx:cad>"...)
		b = strconv.AppendUint(b, uint64(p.Cadence), 10)
		b = append(b, "</gpxtpx:cad>"...)
	}
	return append(b, "</gpxtpx:TrackPointExtension></extensions>"...)
}

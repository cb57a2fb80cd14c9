package tcx

import (
	"bufio"
	"encoding/xml"
	"io"
	"strconv"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/sport"
)

const header = `<?xml version="1.0" encoding="UTF-8"?>
<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2" xmlns:x="http://www.garmin.com/xmlschemas/ActivityExtension/v2">
<Activities>`

const timeLayout = "2006-01-02T15:04:05.999Z07:00"

// Write writes a recording as an activity of one lap, with a new track at each break. Its points need times; it can't hold
// a type beyond Biking, Running and Other.
func Write(out io.Writer, r activities.Recording) error {
	w := bufio.NewWriter(out) // keeps the first error until Flush
	start := r.Track.Start().Format(timeLayout)
	distance := 0.0
	if along := r.Track.Distances(); len(along) > 0 {
		distance = along[len(along)-1]
	}
	w.WriteString(header)
	w.WriteString(`<Activity Sport="` + sportOf(r) + `"><Id>` + start + `</Id>`)
	w.WriteString(`<Lap StartTime="` + start + `">`)
	w.WriteString("<TotalTimeSeconds>" + strconv.FormatFloat(r.Track.Elapsed().Seconds(), 'f', -1, 64) + "</TotalTimeSeconds>")
	w.WriteString("<DistanceMeters>" + strconv.FormatFloat(distance, 'f', 2, 64) + "</DistanceMeters>")
	w.WriteString("<Calories>0</Calories><Intensity>Active</Intensity><TriggerMethod>Manual</TriggerMethod><Track>\n")
	for i, p := range r.Track {
		if i > 0 && p.Is(activities.Break) {
			w.WriteString("</Track><Track>\n")
		}
		writePoint(w, p)
	}
	w.WriteString("</Track></Lap><Notes>")
	xml.EscapeText(w, []byte(r.Name))
	w.WriteString(`</Notes><Creator xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Device_t"><Name>`)
	xml.EscapeText(w, []byte(r.Device))
	w.WriteString("</Name><UnitId>0</UnitId><ProductID>0</ProductID><Version><VersionMajor>0</VersionMajor><VersionMinor>0</VersionMinor></Version></Creator>")
	w.WriteString("</Activity></Activities></TrainingCenterDatabase>\n")
	return w.Flush()
}

func sportOf(r activities.Recording) string {
	switch {
	case r.Type.Family() == sport.OnWheels:
		return "Biking"
	case r.Type == sport.Run || r.Type == sport.TrailRun || r.Type == sport.VirtualRun:
		return "Running"
	}
	return "Other"
}

func writePoint(w *bufio.Writer, p activities.Point) {
	b := w.AvailableBuffer()
	b = append(b, "<Trackpoint><Time>"...)
	b = p.Time().AppendFormat(b, timeLayout)
	b = append(b, "</Time>"...)
	if p.Is(activities.HasPosition) {
		b = append(b, "<Position><LatitudeDegrees>"...)
		b = strconv.AppendFloat(b, p.Lat, 'f', 7, 64)
		b = append(b, "</LatitudeDegrees><LongitudeDegrees>"...)
		b = strconv.AppendFloat(b, p.Lon, 'f', 7, 64)
		b = append(b, "</LongitudeDegrees></Position>"...)
	}
	b = field(b, "AltitudeMeters", p.Is(activities.HasElevation), float64(p.Elevation), 2)
	b = field(b, "DistanceMeters", p.Is(activities.HasOdometer), p.Odometer, 2)
	if p.Is(activities.HasHeartRate) {
		b = append(b, "<HeartRateBpm>"...)
		b = field(b, "Value", true, float64(p.HeartRate), 0)
		b = append(b, "</HeartRateBpm>"...)
	}
	b = field(b, "Cadence", p.Is(activities.HasCadence), float64(p.Cadence), 0)
	if p.Is(activities.HasPower) {
		b = append(b, "<Extensions><x:TPX>"...)
		b = field(b, "x:Watts", true, float64(p.Power), 0)
		b = append(b, "</x:TPX></Extensions>"...)
	}
	w.Write(append(b, "</Trackpoint>\n"...))
}

func field(b []byte, name string, has bool, v float64, digits int) []byte {
	if !has {
		return b
	}
	b = append(append(append(b, '<'), name...), '>')
	b = strconv.AppendFloat(b, v, 'f', digits, 64)
	return append(append(append(b, "</"...), name...), '>')
}

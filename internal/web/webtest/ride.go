package webtest

import (
	"bytes"
	"fmt"
	"math"
	"time"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/activities/gpx"
	"segmentchallenge/internal/importer"
	"segmentchallenge/internal/sport"
)

// Hill is a winding climb of about two kilometres; each n has a place of its own, five kilometres from the next.
func Hill(n int) activities.Track {
	var out activities.Track
	for i := range 160 {
		t := float64(i) / 159
		p := activities.At(50.80+0.05*float64(n)+0.0145*t+0.0012*math.Sin(7*t), 4.60+0.014*t+0.0025*math.Sin(11*t+float64(n)))
		p.Elevation, p.Has = float32(40+110*t+8*math.Sin(9*t)), p.Has|activities.HasElevation
		out = append(out, p)
	}
	return out
}

// Ride is a ride over a line, with 300 m before and behind it.
type Ride struct {
	Line    activities.Track
	Start   time.Time     // of the ride
	Time    time.Duration // over the line
	Until   float64       // part of the line that is ridden before the rider turns off; 0: all of it
	Name    string
	Type    sport.ActivityType // empty: Ride
	Private bool
}

// Ride brings a ride through the importer and waits until it's matched. A file that isn't taken ends the test.
func (s *Site) Ride(a Athlete, r Ride) importer.Item {
	s.Helper()
	if r.Name == "" {
		r.Name = "Ride of " + a.Name
	}
	if r.Type == "" {
		r.Type = sport.Ride
	}
	items, err := s.Importer.BringAndWait(s.Context(), importer.Upload{AthleteID: a.ID, By: a.Actor, Name: r.Name,
		File: fmt.Sprintf("%s.gpx", r.Start.Format("2006-01-02-150405")), Data: s.GPX(r), Type: r.Type, Private: r.Private})
	if err != nil || len(items) != 1 || items[0].Status != importer.Processed {
		s.Fatalf("ride of %s: %+v, %v", a.Name, items, err)
	}
	return items[0]
}

// GPX is the ride as a file: a point every 12 m at an even speed.
func (s *Site) GPX(r Ride) []byte {
	s.Helper()
	way := r.way()
	speed := lengthOf(r.Line) / r.Time.Seconds()
	var track activities.Track
	run := 0.0
	for i, p := range resampled(way, 12) {
		if i > 0 {
			run += activities.Metres(track[i-1], p)
		}
		p.TimeMS, p.Has = r.Start.Add(time.Duration(run/speed*float64(time.Second))).UnixMilli(), p.Has|activities.HasTime
		track = append(track, p)
	}
	var file bytes.Buffer
	if err := gpx.Write(&file, r.Name, r.Type, track); err != nil {
		s.Fatal(err)
	}
	return file.Bytes()
}

// way is the line, straight on before its start and behind its end (or off to the side, where the rider turns off).
func (r Ride) way() activities.Track {
	line := r.Line
	if r.Until > 0 {
		line = line[:max(2, int(r.Until*float64(len(line))))]
	}
	first, last := line[0], line[len(line)-1]
	before := beyond(line[1], first, 300)
	behind := beyond(line[len(line)-2], last, 300)
	if r.Until > 0 {
		behind.Lat, behind.Lon = last.Lat-(behind.Lon-last.Lon), last.Lon+(behind.Lat-last.Lat)*1.6
	}
	before.Elevation, behind.Elevation = first.Elevation, last.Elevation
	out := append(activities.Track{before}, line...)
	return append(out, behind)
}

// beyond is the place metres behind b, coming from a.
func beyond(a, b activities.Point, metres float64) activities.Point {
	f := metres / activities.Metres(a, b)
	p := b
	p.Lat, p.Lon = b.Lat+(b.Lat-a.Lat)*f, b.Lon+(b.Lon-a.Lon)*f
	return p
}

func lengthOf(t activities.Track) float64 {
	sum := 0.0
	for i := 1; i < len(t); i++ {
		sum += activities.Metres(t[i-1], t[i])
	}
	return sum
}

// resampled puts a point every few metres along a way.
func resampled(way activities.Track, every float64) activities.Track {
	out := activities.Track{way[0]}
	for i := 1; i < len(way); i++ {
		a, b := way[i-1], way[i]
		steps := max(1, int(activities.Metres(a, b)/every))
		for k := 1; k <= steps; k++ {
			f := float64(k) / float64(steps)
			p := b
			p.Lat, p.Lon, p.Elevation = a.Lat+(b.Lat-a.Lat)*f, a.Lon+(b.Lon-a.Lon)*f, a.Elevation+(b.Elevation-a.Elevation)*float32(f)
			out = append(out, p)
		}
	}
	return out
}

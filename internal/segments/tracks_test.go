package segments

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/muktihari/fit/decoder"
	"github.com/muktihari/fit/profile/filedef"
)

// tracksFolder is where the real tracks lie: $SC_TRACKS, else shared/tracks beside the project or above it.
func tracksFolder(t testing.TB) string {
	t.Helper()
	return sharedFolder(t, os.Getenv("SC_TRACKS"), "shared/tracks")
}

func sharedFolder(t testing.TB, given, name string) string {
	t.Helper()
	if given != "" {
		return given
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		found := filepath.Join(dir, name)
		if _, err := os.Stat(found); err == nil {
			return found
		}
		if dir == filepath.Dir(dir) {
			t.Skip("no " + name + " here or above: the real files are not part of the project")
		}
	}
}

// realTrack reads one of the real tracks. These are readers for this test alone, as small as the files allow.
func realTrack(t testing.TB, name string) []Sample {
	t.Helper()
	f, err := os.Open(filepath.Join(tracksFolder(t), name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var samples []Sample
	if strings.HasSuffix(name, ".fit") {
		samples, err = readFIT(f)
	} else {
		samples, err = readXML(f)
	}
	if err != nil || len(samples) < 2 {
		t.Fatalf("%s: %d samples, %v", name, len(samples), err)
	}
	return samples
}

func readFIT(r io.Reader) ([]Sample, error) {
	lis := filedef.NewListener()
	defer lis.Close()
	dec := decoder.New(r, decoder.WithMesgListener(lis), decoder.WithBroadcastOnly(), decoder.WithIgnoreChecksum())
	if _, err := dec.Decode(); err != nil {
		return nil, err
	}
	activity, ok := lis.File().(*filedef.Activity)
	if !ok {
		return nil, errors.New("not an activity")
	}
	var out []Sample
	for _, rec := range activity.Records {
		s := Sample{Lat: rec.PositionLatDegrees(), Lon: rec.PositionLongDegrees(), Ms: rec.Timestamp.UnixMilli()}
		if s.place().valid() {
			out = append(out, s)
		}
	}
	return tidy(out), nil
}

// readXML takes the trackpoints of a GPX or TCX file.
func readXML(r io.Reader) ([]Sample, error) {
	var out []Sample
	dec := xml.NewDecoder(r)
	for {
		token, err := dec.Token()
		if err == io.EOF {
			return tidy(out), nil
		} else if err != nil {
			return nil, err
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "trkpt" && start.Name.Local != "Trackpoint" {
			continue
		}
		var p struct {
			Lat   float64 `xml:"lat,attr"`
			Lon   float64 `xml:"lon,attr"`
			Time  string  `xml:"time"`
			Time2 string  `xml:"Time"`
			Pos   struct {
				Lat float64 `xml:"LatitudeDegrees"`
				Lon float64 `xml:"LongitudeDegrees"`
			} `xml:"Position"`
		}
		if err := dec.DecodeElement(&p, &start); err != nil {
			return nil, err
		}
		at, err := time.Parse(time.RFC3339, p.Time+p.Time2)
		if err == nil && p.Lat+p.Pos.Lat != 0 {
			out = append(out, Sample{Lat: p.Lat + p.Pos.Lat, Lon: p.Lon + p.Pos.Lon, Ms: at.UnixMilli()})
		}
	}
}

// tidy drops samples whose time doesn't go on.
func tidy(samples []Sample) []Sample {
	var out []Sample
	for _, s := range samples {
		if len(out) == 0 || s.Ms > out[len(out)-1].Ms {
			out = append(out, s)
		}
	}
	return out
}

// lineOf is the way of a track from one part of its length to another (0 to 1).
func lineOf(samples []Sample, from, to float64) Line {
	index := IndexTrack(samples)
	total := index.ridden[len(samples)-1]
	var line Line
	for i, s := range samples {
		if from*total <= index.ridden[i] && index.ridden[i] <= to*total {
			line = append(line, s.place())
		}
	}
	return line
}

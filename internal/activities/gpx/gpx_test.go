package gpx_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"pgregory.net/rapid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/activities/gpx"
	"segmentchallenge/internal/sport"
)

const whole = `
 <?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="Garmin Edge 820 with barometer" xmlns="http://www.topografix.com/GPX/1/1" xmlns:ns3="http://www.garmin.com/xmlschemas/TrackPointExtension/v1">
<metadata><name>The file</name><author><name>Nobody</name></author></metadata>
<wpt lat="1" lon="2"><name>Fountain</name><time>2020-01-01T00:00:00Z</time></wpt>
<trk><name>Sunday &amp; sun</name><desc>not the <![CDATA[name]]></desc><type>gravel_cycling</type>
<trkseg>
<trkpt lat="47.1" lon="8.1"><ele>500.5</ele><time>2025-06-15T10:00:00.250Z</time>
 <extensions><power>250</power><ns3:TrackPointExtension><ns3:atemp>20</ns3:atemp><ns3:hr>150</ns3:hr><ns3:cad>90</ns3:cad></ns3:TrackPointExtension></extensions></trkpt>
<trkpt lat="47.1001" lon="8.1"><time>2025-06-15T10:00:03Z</time></trkpt>
</trkseg>
<trkseg><trkpt lat="47.2" lon="8.1"><time>2025-06-15T12:00:00Z</time></trkpt></trkseg>
</trk></gpx>`

func decode(t *testing.T, data string) activities.Recording {
	t.Helper()
	found, err := gpx.Decode([]byte(data))
	if err != nil || len(found) != 1 {
		t.Fatalf("%d activities, %v", len(found), err)
	}
	return found[0]
}

func TestDecode(t *testing.T) {
	r := decode(t, whole)
	if r.Name != "Sunday & sun" || r.Type != sport.GravelRide || !r.Barometric || r.HasOffset || r.Source != "gpx" {
		t.Errorf("%+v", r)
	}
	if len(r.Track) != 3 {
		t.Fatalf("%d points", len(r.Track))
	}
	p := r.Track[0]
	if p.Lat != 47.1 || p.Lon != 8.1 || p.Elevation != 500.5 || p.TimeMS != 1749981600250 || p.Power != 250 || p.HeartRate != 150 || p.Cadence != 90 {
		t.Errorf("%+v", p)
	}
	if r.Track[1].Is(activities.Break) || !r.Track[2].Is(activities.Break) || r.Track[1].Is(activities.HasElevation) {
		t.Errorf("%+v", r.Track)
	}
}

func points(n int, from time.Time) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `<trkpt lat="%.6f" lon="8"><time>%s</time></trkpt>`, 47+float64(i)*1e-4, from.Add(time.Duration(i)*time.Second).Format(time.RFC3339))
	}
	return b.String()
}

func TestDecodeInTheWild(t *testing.T) {
	ten := time.Date(2025, 6, 15, 10, 0, 0, 0, time.UTC)
	seg := "<trkseg>" + points(5, ten) + "</trkseg>"
	late := "<trkseg>" + points(5, ten.Add(time.Hour)) + "</trkseg>"
	sixteen := func(s string) string {
		b := []byte{0xfe, 0xff}
		for _, u := range utf16.Encode([]rune(s)) {
			b = append(b, byte(u>>8), byte(u))
		}
		return string(b)
	}
	for name, c := range map[string]struct {
		data   string
		points int
		title  string
	}{
		"version 1.0, no attributes":   {"<gpx><name>Old</name><trk>" + seg + "</trk></gpx>", 5, "Old"},
		"byte order mark":              {"\xef\xbb\xbf<gpx><trk>" + seg + "</trk></gpx>", 5, ""},
		"ISO-8859-1":                   {"<?xml version='1.0' encoding='ISO-8859-1'?><gpx><trk><name>Z\xfcrich</name>" + seg + "</trk></gpx>", 5, "Zürich"},
		"windows-1252":                 {"<?xml version='1.0' encoding='windows-1252'?><gpx><trk><name>5 \x80</name>" + seg + "</trk></gpx>", 5, "5 €"},
		"UTF-16":                       {sixteen("<?xml version='1.0' encoding='UTF-16'?><gpx><trk><name>Zürich</name>" + seg + "</trk></gpx>"), 5, "Zürich"},
		"wrongly said to be UTF-8":     {"<?xml version='1.0' encoding='UTF-8'?><gpx><trk><name>Z\xfcrich</name>" + seg + "</trk></gpx>", 5, "Z\uFFFDrich"},
		"an undeclared prefix":         {"<g:gpx><g:trk>" + strings.ReplaceAll(strings.ReplaceAll(seg, "</", "</g:"), "<t", "<g:t") + "</g:trk></g:gpx>", 5, ""},
		"HTML's entities":              {"<gpx><trk><name>a&nbsp;b</name>" + seg + "</trk></gpx>", 5, "a\u00a0b"},
		"zeros after the end":          {"<gpx><trk>" + seg + "</trk></gpx>" + strings.Repeat("\x00", 500), 5, ""},
		"segments in the wrong order":  {"<gpx><trk>" + late + seg + "</trk></gpx>", 10, ""},
		"several tracks":               {"<gpx><trk><name>One</name>" + seg + "</trk><trk><name>Two</name>" + late + "</trk></gpx>", 10, "One"},
		"an empty track before":        {"<gpx><trk><trkseg/></trk><trk><name>Full</name>" + seg + "</trk></gpx>", 5, "Full"},
		"a route beside the track":     {`<gpx><rte><rtept lat="1" lon="1"/></rte><trk>` + seg + "</trk></gpx>", 5, ""},
		"a document type is ignored":   {`<!DOCTYPE gpx [<!ENTITY a "aaaaaaaaaa">]><gpx><trk>` + seg + "</trk></gpx>", 5, ""},
		"positions that can't be read": {`<gpx><trk><trkseg><trkpt lat="north" lon="8"><time>2025-06-15T09:00:00Z</time></trkpt></trkseg>` + seg + "</trk></gpx>", 6, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := decode(t, c.data)
			if len(r.Track) != c.points || r.Name != c.title {
				t.Errorf("%d points of %q", len(r.Track), r.Name)
			}
			for i := 1; i < len(r.Track); i++ {
				if r.Track[i].TimeMS < r.Track[i-1].TimeMS {
					t.Fatalf("point %d is earlier than the one before", i)
				}
			}
		})
	}
}

func TestTimesAndOffsets(t *testing.T) {
	for text, want := range map[string]struct {
		utc    string
		offset time.Duration
	}{
		"2025-06-15T10:00:00Z":          {"2025-06-15T10:00:00Z", 0},
		"2025-06-15T10:00:00.9996Z":     {"2025-06-15T10:00:01Z", 0},
		"2025-06-15T10:00:00":           {"2025-06-15T10:00:00Z", 0},
		"2025-06-15 10:00:00":           {"2025-06-15T10:00:00Z", 0},
		"2025-06-15T10:00:00+02:00":     {"2025-06-15T08:00:00Z", 2 * time.Hour},
		"2025-06-15T10:00:00.5-0330":    {"2025-06-15T13:30:00.5Z", -(3*time.Hour + 30*time.Minute)},
		"  2025-06-15T10:00:00+00:00\n": {"2025-06-15T10:00:00Z", 0},
	} {
		r := decode(t, `<gpx><trk><trkseg><trkpt lat="47" lon="8"><time>`+text+`</time></trkpt></trkseg></trk></gpx>`)
		if got := r.Track[0].Time().Format(time.RFC3339Nano); got != want.utc || r.Offset != want.offset || r.HasOffset != (want.offset != 0) {
			t.Errorf("%q: %s, offset %s (%v)", text, got, r.Offset, r.HasOffset)
		}
	}
	r := decode(t, `<gpx><trk><trkseg><trkpt lat="47" lon="8"><time>yesterday</time></trkpt></trkseg></trk></gpx>`)
	if r.Track[0].Is(activities.HasTime) {
		t.Error("yesterday is a time")
	}
}

func TestTypes(t *testing.T) {
	for text, want := range map[string]sport.ActivityType{
		"Ride": sport.Ride, "cycling": sport.Ride, "1": sport.Ride, "9": sport.Run, "Trail Running": sport.TrailRun,
		"mountain_biking": sport.MountainBikeRide, "": "", "42": "", "Tag der offenen Tür": "",
	} {
		r := decode(t, `<gpx><trk><type>`+text+`</type><trkseg><trkpt lat="47" lon="8"/></trkseg></trk></gpx>`)
		if r.Type != want {
			t.Errorf("%q is %q, want %q", text, r.Type, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	many := func(n int) string { return strings.Repeat(`<trkpt lat="1" lon="1"/>`, n) }
	for name, c := range map[string]struct {
		data string
		want error
	}{
		"cut off in a point":    {whole[:len(whole)/2], activities.ErrFileCutOff},
		"cut off in a tag":      {"<gpx><trk><trkseg><trkpt lat=\"4", activities.ErrFileCutOff},
		"cut off between":       {"<gpx><trk>", activities.ErrFileCutOff},
		"not XML":               {"<gpx><trk><<<</gpx>", activities.ErrFileDamaged},
		"wrong nesting":         {"<gpx><trk></gpx></trk>", activities.ErrFileDamaged},
		"two documents":         {"<gpx></gpx><gpx></gpx>", activities.ErrFileDamaged},
		"too deep":              {"<gpx>" + strings.Repeat("<a>", 100), activities.ErrFileDamaged},
		"an unknown charset":    {"<?xml version='1.0' encoding='klingon'?><gpx></gpx>", activities.ErrFileDamaged},
		"an entity of its own":  {`<!DOCTYPE gpx [<!ENTITY a "b">]><gpx><name>&a;</name></gpx>`, activities.ErrFileDamaged},
		"a million attributes":  {"<gpx" + strings.Repeat(` a="1"`, 1_000_000) + "></gpx>", activities.ErrFileDamaged},
		"a megabyte's comment":  {"<gpx><!--" + strings.Repeat(">", 2<<20) + "--></gpx>", activities.ErrFileDamaged},
		"in another charset":    {"<?xml version='1.0' encoding='ISO-8859-1'?><gpx" + strings.Repeat(` a="1"`, 1_000_000) + "></gpx>", activities.ErrFileDamaged},
		"nothing in it":         {"<gpx></gpx>", activities.ErrGPXWithoutTrack},
		"waypoints":             {`<gpx><wpt lat="1" lon="1"/></gpx>`, activities.ErrGPXWithoutTrack},
		"a route":               {`<gpx><rte><rtept lat="1" lon="1"/></rte></gpx>`, activities.ErrNoTimes},
		"300,000 points":        {"<gpx><trk><trkseg>" + many(300_000) + "</trkseg></trk></gpx>", activities.ErrTooManyPoints},
		"300,000 points in two": {"<gpx><trk><trkseg>" + many(150_000) + "</trkseg></trk><trk><trkseg>" + many(150_000) + "</trkseg></trk></gpx>", activities.ErrTooManyPoints},
	} {
		if _, err := gpx.Decode([]byte(c.data)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestLine(t *testing.T) {
	name, line, err := gpx.Line([]byte(`<gpx><metadata><name>File</name></metadata><rte><name>Pass road</name>
		<rtept lat="46.1" lon="8"><ele>900</ele><extensions><x:rpt xmlns:x="u" lat="46.15" lon="8"/></extensions></rtept>
		<rtept lat="46.2" lon="8"/><rtept lat="46.2" lon="8"/></rte></gpx>`))
	if err != nil || name != "Pass road" || len(line) != 3 {
		t.Fatalf("%q, %d points, %v", name, len(line), err)
	}
	if line[0].Elevation != 900 || line[1].Lat != 46.15 {
		t.Errorf("%+v", line)
	}
	name, line, err = gpx.Line([]byte(whole))
	if err != nil || name != "Sunday & sun" || len(line) != 3 || line.Count(activities.HasTime|activities.HasPower) != 0 {
		t.Errorf("%q, %+v, %v", name, line, err)
	}
	for data, want := range map[string]error{
		"<gpx></gpx>": activities.ErrLineTooShort,
		`<gpx><rte><rtept lat="1" lon="1"/><rtept lat="1" lon="1"/></rte></gpx>`: activities.ErrLineTooShort,
		"<gpx>": activities.ErrFileCutOff,
	} {
		if _, _, err := gpx.Line([]byte(data)); !errors.Is(err, want) {
			t.Errorf("%s: %v", data, err)
		}
	}
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var track activities.Track
		at := int64(1_750_000_000_000)
		for i := range rapid.IntRange(1, 30).Draw(t, "n") {
			at += rapid.Int64Range(1, 100_000).Draw(t, "ms")
			p := activities.Point{
				Lat: math.Round(rapid.Float64Range(-90, 90).Draw(t, "lat")*1e7) / 1e7, Lon: math.Round(rapid.Float64Range(-180, 180).Draw(t, "lon")*1e7) / 1e7,
				TimeMS: at, Elevation: float32(rapid.IntRange(-40000, 900000).Draw(t, "cm")) / 100,
				Power: rapid.Uint16Max(2000).Draw(t, "power"), HeartRate: rapid.Uint8Range(1, 254).Draw(t, "hr"), Cadence: rapid.Uint8Max(254).Draw(t, "cad"),
				Has: activities.HasPosition | activities.HasTime | activities.Has(rapid.Uint8().Draw(t, "has"))&^activities.HasOdometer,
			}
			if i == 0 {
				p.Has &^= activities.Break
			}
			track = append(track, p)
		}
		name := rapid.StringMatching(`[a-z<>&"'äé ]{0,20}`).Draw(t, "name")
		var b bytes.Buffer
		if err := gpx.Write(&b, name, sport.TrailRun, track); err != nil {
			t.Fatal(err)
		}
		found, err := gpx.Decode(b.Bytes())
		if err != nil {
			t.Fatalf("%v in\n%s", err, b.String())
		}
		if r := found[0]; r.Name != strings.TrimSpace(name) || r.Type != sport.TrailRun {
			t.Fatalf("%q of type %q", r.Name, r.Type)
		}
		want, got := track.Encode(), found[0].Track.Encode()
		if !bytes.Equal(want, got) {
			t.Fatalf("written:\n%+v\nread:\n%+v", track, found[0].Track)
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte(`<gpx><rte><rtept lat="1" lon="1"/><rtept lat="2" lon="1"/></rte></gpx>`))
	f.Add([]byte("<?xml version='1.0' encoding='ISO-8859-1'?><gpx><trk><trkseg><trkpt lat='1' lon='2'><ele>x</ele></trkpt></trkseg></trk></gpx>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		found, err := gpx.Decode(data)
		if err == nil && (len(found) == 0 || len(found[0].Track) == 0) {
			t.Fatal("neither an activity nor an error")
		}
		if _, line, err := gpx.Line(data); err == nil && len(line) < 2 {
			t.Fatal("a line of fewer than two points")
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	var file bytes.Buffer
	track := make(activities.Track, 5000)
	for i := range track {
		track[i] = activities.At(47+float64(i)*5e-5, 8+math.Sin(float64(i)/100)*0.01)
		track[i].TimeMS, track[i].Elevation, track[i].HeartRate = 1_750_000_000_000+int64(i)*1000, 500, 140
		track[i].Has |= activities.HasTime | activities.HasElevation | activities.HasHeartRate
	}
	if err := gpx.Write(&file, "Bench", sport.Ride, track); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(file.Len()))
	for b.Loop() {
		if _, err := gpx.Decode(file.Bytes()); err != nil {
			b.Fatal(err)
		}
	}
}

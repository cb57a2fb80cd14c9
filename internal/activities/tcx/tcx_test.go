package tcx_test

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/activities/tcx"
	"segmentchallenge/internal/sport"
)

const open = `   <?xml version="1.0" encoding="UTF-8"?>
<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"><Activities>`

const end = `</Activities></TrainingCenterDatabase>`

const ride = `<Activity Sport="Biking"><Id>2025-06-15T10:00:00Z</Id>
<Lap StartTime="2025-06-15T10:00:00Z"><TotalTimeSeconds>120.5</TotalTimeSeconds><DistanceMeters>1000</DistanceMeters>
 <AverageHeartRateBpm><Value>99</Value></AverageHeartRateBpm><Cadence>1</Cadence>
 <Track>
  <Trackpoint><Time>2025-06-15T10:00:00Z</Time><Position><LatitudeDegrees>47.1</LatitudeDegrees><LongitudeDegrees>8.1</LongitudeDegrees></Position>
   <AltitudeMeters>500.5</AltitudeMeters><DistanceMeters>3</DistanceMeters><HeartRateBpm><Value>150</Value></HeartRateBpm><Cadence>90</Cadence>
   <Extensions><TPX xmlns="x"><Speed>7.5</Speed><Watts>250</Watts></TPX></Extensions></Trackpoint>
  <Trackpoint><Time>2025-06-15T10:00:01Z</Time></Trackpoint>
 </Track>
 <Track><Trackpoint><Time>2025-06-15T10:01:30Z</Time></Trackpoint></Track>
</Lap>
<Lap StartTime="2025-06-15T10:02:00Z"><TotalTimeSeconds>60</TotalTimeSeconds><DistanceMeters>500</DistanceMeters>
 <Track><Trackpoint><Time>2025-06-15T10:02:00+02:00</Time><Extensions><ns3:TPX><ns3:RunCadence>80</ns3:RunCadence></ns3:TPX></Extensions></Trackpoint></Track></Lap>
<Notes>Sunday</Notes><Creator><Name>Edge 530</Name></Creator></Activity>`

const run = `<Activity Sport="Running"><Lap><Track><Trackpoint><Time>2025-06-15T11:00:00Z</Time></Trackpoint></Track></Lap></Activity>`

func TestDecode(t *testing.T) {
	found, err := tcx.Decode([]byte(open + ride + end))
	if err != nil || len(found) != 1 {
		t.Fatalf("%d activities, %v", len(found), err)
	}
	r := found[0]
	if r.Name != "Sunday" || r.Device != "Edge 530" || r.Type != sport.Ride || r.Source != "tcx" || !r.HasOffset || r.Offset != 2*time.Hour {
		t.Errorf("%+v", r)
	}
	if r.Totals.Distance != 1500 || r.Totals.Timer != 180_500*time.Millisecond || r.Totals.HasGain {
		t.Errorf("%+v", r.Totals)
	}
	if len(r.Track) != 4 {
		t.Fatalf("%d points", len(r.Track))
	}
	p := r.Track[0]
	if p.Lat != 47.1 || p.Lon != 8.1 || p.Elevation != 500.5 || p.Odometer != 3 || p.HeartRate != 150 || p.Cadence != 90 || p.Power != 250 {
		t.Errorf("%+v", p)
	}
	if r.Track[1].Has != activities.HasTime || r.Track[3].Cadence != 80 {
		t.Errorf("%+v", r.Track)
	}
	for i, want := range []bool{false, false, true, false} {
		if r.Track[i].Is(activities.Break) != want {
			t.Errorf("break before point %d: %v", i, !want)
		}
	}
}

func TestSeveralActivities(t *testing.T) {
	multi := `<MultiSportSession><Id/><FirstSport>` + run + `</FirstSport><NextSport><Transition><Track><Trackpoint><Time>2025-06-15T11:30:00Z</Time></Trackpoint></Track></Transition>` + ride + `</NextSport></MultiSportSession>`
	for name, c := range map[string]struct {
		data string
		want []sport.ActivityType
	}{
		"side by side":       {run + ride, []sport.ActivityType{sport.Run, sport.Ride}},
		"a multisport event": {multi, []sport.ActivityType{sport.Run, sport.Ride}},
		"of an unknown kind": {strings.Replace(run, "Running", "Other", 1), []sport.ActivityType{""}},
	} {
		found, err := tcx.Decode([]byte(open + c.data + end))
		if err != nil || len(found) != len(c.want) {
			t.Errorf("%s: %d activities, %v", name, len(found), err)
			continue
		}
		for i, r := range found {
			points := 1
			if r.Type == sport.Ride {
				points = 4
			}
			if r.Type != c.want[i] || len(r.Track) != points {
				t.Errorf("%s: %d points of type %q", name, len(r.Track), r.Type)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		data string
		want error
	}{
		"cut off":   {open + ride[:400], activities.ErrFileCutOff},
		"damaged":   {open + "</Lap>" + end, activities.ErrFileDamaged},
		"empty":     {open + end, activities.ErrTCXNotActivity},
		"a course":  {"<TrainingCenterDatabase><Courses><Course><Track><Trackpoint/></Track></Course></Courses></TrainingCenterDatabase>", activities.ErrTCXNotActivity},
		"too long":  {open + "<Activity><Lap><Track>" + strings.Repeat("<Trackpoint/>", 300_000) + "</Track></Lap></Activity>" + end, activities.ErrTooManyPoints},
		"not a TCX": {"<a></a>", activities.ErrTCXNotActivity},
	} {
		if _, err := tcx.Decode([]byte(c.data)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
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
				TimeMS: at, Elevation: float32(rapid.IntRange(-40000, 900000).Draw(t, "cm")) / 100, Odometer: float64(rapid.IntRange(0, 1e8).Draw(t, "odo")) / 100,
				Power: rapid.Uint16Max(2000).Draw(t, "power"), HeartRate: rapid.Uint8Range(1, 254).Draw(t, "hr"), Cadence: rapid.Uint8Max(254).Draw(t, "cad"),
				Has: activities.HasTime | activities.Has(rapid.Uint8().Draw(t, "has")),
			}
			if i == 0 {
				p.Has &^= activities.Break
			}
			track = append(track, p)
		}
		r := activities.Recording{Name: rapid.StringMatching(`[a-z<>&"'äé]{0,20}`).Draw(t, "name"), Device: "A & B", Type: sport.Run, Track: track}
		var b bytes.Buffer
		if err := tcx.Write(&b, r); err != nil {
			t.Fatal(err)
		}
		found, err := tcx.Decode(b.Bytes())
		if err != nil {
			t.Fatalf("%v in\n%s", err, b.String())
		}
		if got := found[0]; got.Name != r.Name || got.Device != r.Device || got.Type != sport.Run {
			t.Fatalf("%q by %q of type %q", got.Name, got.Device, got.Type)
		}
		if !bytes.Equal(track.Encode(), found[0].Track.Encode()) {
			t.Fatalf("written:\n%+v\nread:\n%+v", track, found[0].Track)
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(open + ride + run + end))
	f.Add([]byte("<TrainingCenterDatabase><Activity><Trackpoint><Value>1</Value></Trackpoint></Activity></TrainingCenterDatabase>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if found, err := tcx.Decode(data); err == nil && len(found) == 0 {
			t.Fatal("neither an activity nor an error")
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	track := make(activities.Track, 5000)
	for i := range track {
		track[i] = activities.At(47+float64(i)*5e-5, 8+math.Sin(float64(i)/100)*0.01)
		track[i].TimeMS, track[i].Elevation, track[i].HeartRate = 1_750_000_000_000+int64(i)*1000, 500, 140
		track[i].Has |= activities.HasTime | activities.HasElevation | activities.HasHeartRate | activities.HasOdometer
	}
	var file bytes.Buffer
	if err := tcx.Write(&file, activities.Recording{Type: sport.Ride, Track: track}); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(file.Len()))
	for b.Loop() {
		if _, err := tcx.Decode(file.Bytes()); err != nil {
			b.Fatal(err)
		}
	}
}

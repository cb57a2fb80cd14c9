package fit_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/muktihari/fit/encoder"
	"github.com/muktihari/fit/profile/mesgdef"
	"github.com/muktihari/fit/profile/typedef"
	"github.com/muktihari/fit/proto"
	"pgregory.net/rapid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/activities/fit"
	"segmentchallenge/internal/sport"
)

var ten = time.Date(2025, 6, 15, 10, 0, 0, 0, time.UTC)

// ride is a recording with all fields, of n points a second apart.
func ride(n int) activities.Recording {
	t := make(activities.Track, n)
	for i := range t {
		t[i] = activities.At(47+float64(i)*5e-5, 8+math.Sin(float64(i)/100)*0.01)
		p := &t[i]
		p.TimeMS, p.Elevation, p.Odometer = ten.UnixMilli()+int64(i)*1000, float32(500+i%50), float64(i)*5.5
		p.HeartRate, p.Cadence, p.Power, p.Has = 140, 90, 200, 0x7f
	}
	return activities.Recording{
		Type: sport.GravelRide, Device: "Simulator 1", Offset: 2 * time.Hour, Track: t,
		Totals: activities.Totals{Gain: 123, HasGain: true},
	}
}

func written(t testing.TB, r activities.Recording) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := fit.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// encoded makes a file of any messages.
func encoded(t testing.TB, m ...proto.Message) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encoder.New(&b).Encode(&proto.FIT{Messages: m}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func fileID(typ typedef.File) proto.Message {
	return mesgdef.NewFileId(nil).SetType(typ).SetManufacturer(typedef.ManufacturerGarmin).
		SetProduct(uint16(typedef.GarminProductFenix6)).ToMesg(nil)
}

func record(second int) proto.Message {
	return mesgdef.NewRecord(nil).SetTimestamp(ten.Add(time.Duration(second) * time.Second)).SetPositionLatDegrees(47).SetPositionLongDegrees(8).ToMesg(nil)
}

func timer(second int, e typedef.EventType) proto.Message {
	return mesgdef.NewEvent(nil).SetTimestamp(ten.Add(time.Duration(second) * time.Second)).SetEvent(typedef.EventTimer).SetEventType(e).ToMesg(nil)
}

func session(second int, s typedef.Sport) *mesgdef.Session {
	return mesgdef.NewSession(nil).SetStartTime(ten.Add(time.Duration(second) * time.Second)).SetSport(s)
}

func decode(t *testing.T, data []byte) []activities.Recording {
	t.Helper()
	found, err := fit.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func notes(r activities.Recording) (codes []string) {
	for _, n := range r.Notes {
		codes = append(codes, n.Code)
	}
	return codes
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := ride(rapid.IntRange(1, 40).Draw(t, "n"))
		for i := range r.Track {
			p := &r.Track[i]
			p.Has = activities.HasTime | activities.Has(rapid.Uint8().Draw(t, "has"))
			p.Lat, p.Lon = rapid.Float64Range(-90, 90).Draw(t, "lat"), rapid.Float64Range(-179.9, 179.9).Draw(t, "lon")
			p.Elevation = float32(rapid.IntRange(-450*5, 9000*5).Draw(t, "ele")) / 5
			p.Power, p.HeartRate = rapid.Uint16Max(65534).Draw(t, "power"), rapid.Uint8Range(1, 254).Draw(t, "hr")
			if i == 0 {
				p.Has &^= activities.Break
			}
		}
		r.Type = rapid.SampledFrom([]sport.ActivityType{sport.Ride, sport.Run, sport.TrailRun, sport.Hike, sport.Swim, sport.VirtualRide, sport.EMountainBike, sport.NordicSki}).Draw(t, "type")
		var b bytes.Buffer
		if err := fit.Write(&b, r); err != nil {
			t.Fatal(err)
		}
		found, err := fit.Decode(b.Bytes())
		if err != nil || len(found) != 1 || len(found[0].Track) != len(r.Track) {
			t.Fatalf("%d activities, %v", len(found), err)
		}
		got := found[0]
		if got.Type != r.Type || !got.HasOffset || got.Offset != r.Offset || got.Totals.Gain != 123 || len(got.Notes) > 0 {
			t.Fatalf("%+v", got)
		}
		for i, p := range r.Track {
			q := got.Track[i]
			if p.Has != q.Has || p.TimeMS != q.TimeMS {
				t.Fatalf("point %d: wrote %+v, read %+v", i, p, q)
			}
			if p.Is(activities.HasPosition) && activities.Metres(p, q) > 0.01 {
				t.Fatalf("point %d moved by %v m", i, activities.Metres(p, q))
			}
			if p.Is(activities.HasElevation) && math.Abs(float64(p.Elevation-q.Elevation)) > 0.001 ||
				p.Is(activities.HasOdometer) && math.Abs(p.Odometer-q.Odometer) > 0.0051 ||
				p.Is(activities.HasHeartRate) && p.HeartRate != q.HeartRate || p.Is(activities.HasPower) && p.Power != q.Power {
				t.Fatalf("point %d: wrote %+v, read %+v", i, p, q)
			}
		}
	})
}

func TestChecksums(t *testing.T) {
	whole := written(t, ride(50))
	sumAt := len(whole) - 2
	legacy := slices.Concat([]byte{12}, whole[1:12], whole[14:]) // 12-byte header: the sum is over it too
	binary.LittleEndian.PutUint16(legacy[len(legacy)-2:], sum(legacy[:len(legacy)-2]))
	zeroHeader := slices.Clone(whole)
	zeroHeader[12], zeroHeader[13] = 0, 0
	binary.LittleEndian.PutUint16(zeroHeader[sumAt:], sum(zeroHeader[:sumAt]))
	noSum := slices.Clone(whole)
	noSum[sumAt], noSum[sumAt+1] = 0, 0
	wrong := slices.Clone(whole)
	wrong[sumAt] ^= 0xff
	for name, c := range map[string]struct {
		data  []byte
		noted []string
	}{
		"valid": {whole, nil}, "a 12-byte header": {legacy, nil}, "a header without sum": {zeroHeader, nil},
		"no sum at all": {noSum, nil}, "a wrong sum": {wrong, []string{"file_damaged"}},
	} {
		found := decode(t, c.data)
		if len(found) != 1 || len(found[0].Track) != 50 || !slices.Equal(notes(found[0]), c.noted) {
			t.Errorf("%s: %d points, notes %v", name, len(found[0].Track), notes(found[0]))
		}
	}
}

// sum is the FIT checksum written down bit by bit: CRC-16 with the reflected polynomial 0xA001.
func sum(data []byte) uint16 {
	var c uint16
	for _, b := range data {
		c ^= uint16(b)
		for range 8 {
			if c&1 != 0 {
				c = c>>1 ^ 0xA001
			} else {
				c >>= 1
			}
		}
	}
	return c
}

func TestCutOffFilesKeepWhatWasRecorded(t *testing.T) {
	whole := written(t, ride(200))
	for _, size := range []int{len(whole) - 1, len(whole) - 2, len(whole) * 3 / 4, len(whole) / 2} {
		found := decode(t, whole[:size])
		want := 200 * (size - 120) / (len(whole) - 120)
		if n := len(found[0].Track); n < want-30 || n > 200 || !slices.Equal(notes(found[0]), []string{"file_cut_off"}) {
			t.Errorf("of %d bytes: %d points, notes %v", size, n, notes(found[0]))
		}
	}
	open := slices.Clone(whole[:len(whole)/2]) // a device that died: it fills the size in at the end
	copy(open[4:8], []byte{0, 0, 0, 0})
	if n := len(decode(t, open)[0].Track); n < 80 {
		t.Errorf("of an unfinished file: %d points", n)
	}
	for _, size := range []int{12, 13, 14, 20, 60} {
		if _, err := fit.Decode(whole[:size]); !errors.Is(err, activities.ErrFileCutOff) {
			t.Errorf("of %d bytes: %v", size, err)
		}
	}
}

func TestDamageInTheMiddle(t *testing.T) {
	data := written(t, ride(200))
	data[len(data)/2] = 0x0f // a message of a type that was never defined, or a value changed
	copy(data[len(data)/2:], bytes.Repeat([]byte{0x0f}, 40))
	found := decode(t, data)
	if n := len(found[0].Track); n < 80 || !slices.Equal(notes(found[0]), []string{"file_damaged"}) {
		t.Errorf("%d points, notes %v", n, notes(found[0]))
	}
}

func TestChainedFiles(t *testing.T) {
	a, b := ride(30), ride(40)
	b.Type = sport.Run
	found := decode(t, slices.Concat(written(t, a), encoded(t, fileID(typedef.FileWorkout)), written(t, b)))
	if len(found) != 2 || len(found[0].Track) != 30 || len(found[1].Track) != 40 || found[1].Type != sport.Run {
		t.Fatalf("%d activities", len(found))
	}
	junk := slices.Concat(written(t, a), []byte("and so on, for more than twelve bytes"))
	if found := decode(t, junk); len(found) != 1 {
		t.Errorf("%d activities before what isn't FIT", len(found))
	}
}

func TestMultisport(t *testing.T) {
	m := []proto.Message{fileID(typedef.FileActivity)}
	for s := range 100 {
		m = append(m, record(s))
	}
	m = append(m,
		session(50, typedef.SportTransition).ToMesg(nil), // sessions may come in any order
		session(0, typedef.SportSwimming).SetSubSport(typedef.SubSportOpenWater).SetTotalDistance(70000).ToMesg(nil),
		session(60, typedef.SportCycling).ToMesg(nil))
	found := decode(t, encoded(t, m...))
	if len(found) != 2 || found[0].Type != sport.Swim || found[1].Type != sport.Ride {
		t.Fatalf("%+v", found)
	}
	if len(found[0].Track) != 50 || len(found[1].Track) != 40 || found[0].Totals.Distance != 700 || found[0].Device != "Garmin fenix6" {
		t.Errorf("%d and %d points, %+v", len(found[0].Track), len(found[1].Track), found[0].Totals)
	}
}

func TestPausesAreBreaks(t *testing.T) {
	found := decode(t, encoded(t, fileID(typedef.FileActivity), timer(0, typedef.EventTypeStart), record(0), record(1),
		timer(1, typedef.EventTypeStopAll), timer(60, typedef.EventTypeStart), record(60), record(61), timer(61, typedef.EventTypeStopAll)))
	for i, want := range []bool{false, false, true, false} {
		if found[0].Track[i].Is(activities.Break) != want {
			t.Errorf("break before point %d: %v", i, !want)
		}
	}
}

func TestInvalidMarkersAreNoValues(t *testing.T) {
	empty := mesgdef.NewRecord(nil).SetTimestamp(ten)
	// The encoder leaves invalid fields out, so this record's bytes are written by hand: a definition of latitude,
	// longitude, altitude, distance, heart rate, cadence, power and time, and a message with all but the time invalid.
	whole := encoded(t, fileID(typedef.FileActivity), empty.ToMesg(nil))
	body := slices.Concat(whole[14:len(whole)-2],
		[]byte{0x40, 0, 0, 20, 0, 8, 253, 4, 0x86, 0, 4, 0x85, 1, 4, 0x85, 2, 2, 0x84, 5, 4, 0x86, 3, 1, 0x02, 4, 1, 0x02, 7, 2, 0x84},
		[]byte{0x00, 0, 0, 0, 0x40}, bytes.Repeat([]byte{0xff, 0xff, 0xff, 0x7f}, 2), bytes.Repeat([]byte{0xff}, 10))
	header := slices.Clone(whole[:14])
	binary.LittleEndian.PutUint32(header[4:], uint32(len(body)))
	found := decode(t, slices.Concat(header, body, []byte{0, 0}))
	if n := len(found[0].Track); n != 2 {
		t.Fatalf("%d points", n)
	}
	if p := found[0].Track[1]; p.Has != activities.HasTime {
		t.Errorf("%+v", p)
	}
}

func TestSessionsWithoutRecords(t *testing.T) {
	pool := session(0, typedef.SportSwimming).SetTotalElapsedTime(1_800_000).SetTotalDistance(150_000).SetTimestamp(ten.Add(30 * time.Minute))
	found := decode(t, encoded(t, fileID(typedef.FileActivity), pool.ToMesg(nil)))
	if len(found) != 1 {
		t.Fatalf("%d activities", len(found))
	}
	r, err := activities.Clean(found[0], ten)
	if s := activities.Summarise(r); err != nil || s.Distance != 1500 || s.Elapsed != 30*time.Minute || s.Type != sport.Swim || s.HasTrack {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestRefusals(t *testing.T) {
	var long []proto.Message
	for s := range activities.MaxPoints + 1 {
		long = append(long, record(s))
	}
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"a workout":            {encoded(t, fileID(typedef.FileWorkout)), activities.ErrFITNotActivity},
		"a course":             {encoded(t, fileID(typedef.FileCourse), record(0)), activities.ErrFITNotActivity},
		"another maker's kind": {encoded(t, fileID(typedef.FileMfgRangeMin)), activities.ErrFITNotActivity},
		"nothing recorded":     {encoded(t, fileID(typedef.FileActivity)), activities.ErrTooShort},
		"too long":             {encoded(t, append([]proto.Message{fileID(typedef.FileActivity)}, long...)...), activities.ErrTooManyPoints},
		"not FIT":              {[]byte("This is a text that is long enough to be one."), activities.ErrFileDamaged},
		"nothing":              {nil, activities.ErrFileDamaged},
	} {
		if _, err := fit.Decode(c.data); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(written(f, ride(3)))
	f.Add(written(f, ride(5))[:200])
	f.Add(encoded(f, fileID(typedef.FileActivity), record(0), record(1), session(0, typedef.SportCycling).ToMesg(nil), session(1, typedef.SportRunning).ToMesg(nil)))
	f.Add(slices.Concat(encoded(f, fileID(typedef.FileWorkout)), written(f, ride(2))))
	f.Fuzz(func(t *testing.T, data []byte) {
		found, err := fit.Decode(data)
		if err == nil && len(found) == 0 {
			t.Fatal("neither an activity nor an error")
		}
		for _, r := range found {
			if len(r.Track) == 0 {
				t.Fatal("an activity without points")
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	data := written(b, ride(5000))
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := fit.Decode(data); err != nil {
			b.Fatal(err)
		}
	}
}

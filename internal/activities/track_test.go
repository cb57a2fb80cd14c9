package activities_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"segmentchallenge/internal/activities"
)

const start = 1_750_000_000_000 // ms: 15 June 2025

// along makes a track northwards: one point for each (second, metre) pair.
func along(pairs ...[2]float64) activities.Track {
	t := make(activities.Track, len(pairs))
	for i, p := range pairs {
		t[i] = activities.At(47+p[1]/activities.EarthRadius*180/math.Pi, 8)
		t[i].TimeMS = start + int64(p[0]*1000)
		t[i].Has |= activities.HasTime
	}
	return t
}

func steady(n int, metresPerSecond float64) activities.Track {
	pairs := make([][2]float64, n)
	for i := range pairs {
		pairs[i] = [2]float64{float64(i), float64(i) * metresPerSecond}
	}
	return along(pairs...)
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s = %v, want %v ± %v", what, got, want, tolerance)
	}
}

func TestMetresIsTheGreatCircle(t *testing.T) {
	quarter := activities.Metres(activities.At(0, 0), activities.At(90, 0))
	near(t, "equator to pole", quarter, math.Pi/2*activities.EarthRadius, 1e-3)
	near(t, "a quarter of a slanted great circle", activities.Metres(activities.At(0, 0), activities.At(45, 90)), quarter, 1e-3)
	near(t, "across the date line", activities.Metres(activities.At(0, 179.9995), activities.At(0, -179.9995)), 111.2, 0.1)
}

func TestDistances(t *testing.T) {
	const pos, odo, brk = activities.HasPosition, activities.HasOdometer, activities.Break
	line := func(has ...activities.Has) activities.Track {
		tr := steady(len(has), 10)
		for i := range tr {
			tr[i].Odometer = float64(i) * 11 // the wheel is set a tenth too large
			tr[i].Has = activities.HasTime | has[i]
		}
		return tr
	}
	for name, c := range map[string]struct {
		track activities.Track
		want  float64
	}{
		"positions win over the odometer":            {line(pos|odo, pos|odo, pos|odo), 20},
		"odometer alone":                             {line(odo, odo, odo), 22},
		"odometer through a tunnel":                  {line(pos|odo, odo, pos|odo, pos), 32},
		"a straight line through a tunnel":           {line(pos, 0, 0, pos), 30},
		"nothing across a break":                     {line(pos, pos, pos|brk, pos), 20},
		"the odometer across a break":                {line(pos|odo, pos|odo, pos|odo|brk, pos|odo), 31},
		"a break in the tunnel":                      {line(pos, brk, 0, pos, pos), 10},
		"nothing is known":                           {line(0, 0), 0},
		"no point":                                   {nil, 0},
		"the fix comes late and the odometer counts": {line(odo, odo, pos|odo, pos|odo), 32},
	} {
		got := c.track.Distances()
		last := 0.0
		if len(got) > 0 {
			last = got[len(got)-1]
		}
		near(t, name, last, c.want, 0.01)
	}
}

func TestBetweenInterpolatesBothEnds(t *testing.T) {
	tr := steady(10, 5)
	got := tr.Between(start+1500, start+4250)
	if len(got) != 5 || got[0].TimeMS != start+1500 || got[4].TimeMS != start+4250 {
		t.Fatalf("times: %v", got)
	}
	near(t, "length", got.Distances()[4], 13.75, 0.01)
	if whole := tr.Between(start, start+9000); !cmp.Equal(whole, tr) {
		t.Error("the whole isn't the whole")
	}
	if none := tr.Between(start+60_000, start+70_000); len(none) != 0 {
		t.Errorf("past the end: %v", none)
	}
	tr[5].Has |= activities.Break
	if got := tr.Between(start+4500, start+6000); len(got) != 2 || got[0].TimeMS != start+5000 || got[0].Is(activities.Break) {
		t.Errorf("across a break: %v", got)
	}
	if got := tr.Between(start+1200, start+1800); len(got) != 2 {
		t.Errorf("within one leg: %v", got)
	}
}

func TestPositionedKeepsBreaks(t *testing.T) {
	tr := steady(5, 5)
	tr[2].Has = activities.HasTime | activities.Break
	got := tr.Positioned()
	if len(got) != 4 || !got[2].Is(activities.Break) || got[2].TimeMS != tr[3].TimeMS {
		t.Errorf("got %v", got)
	}
}

func TestEmptyTrack(t *testing.T) {
	var none activities.Track
	if !none.Start().IsZero() || none.Elapsed() != 0 || none.Box() != [4]float64{} || len(none.Positioned()) != 0 {
		t.Error("an empty track has something")
	}
}

// tracks draws tracks as files may bring them: any field present or not, any value, also impossible ones.
func tracks(wild bool) *rapid.Generator[activities.Track] {
	return rapid.Custom(func(t *rapid.T) activities.Track {
		n := rapid.IntRange(0, 60).Draw(t, "n")
		tr := make(activities.Track, n)
		at := int64(start)
		for i := range tr {
			at += rapid.Int64Range(-3000, 20_000).Draw(t, "step")
			p := activities.Point{
				TimeMS: at, Has: activities.Has(rapid.Uint8().Draw(t, "has")) | activities.HasTime,
				Lat: rapid.Float64Range(46, 46.02).Draw(t, "lat"), Lon: rapid.Float64Range(-8, -7.98).Draw(t, "lon"),
				Elevation: rapid.Float32Range(-400, 9000).Draw(t, "ele"),
				Odometer:  rapid.Float64Range(0, 1e6).Draw(t, "odo"),
				Power:     rapid.Uint16().Draw(t, "power"), HeartRate: rapid.Uint8().Draw(t, "hr"), Cadence: rapid.Uint8().Draw(t, "cad"),
			}
			if wild && rapid.Bool().Draw(t, "wild") {
				p.Lat, p.Lon = rapid.Float64().Draw(t, "lat"), rapid.Float64().Draw(t, "lon")
				p.Elevation, p.Odometer = rapid.Float32().Draw(t, "ele"), rapid.Float64().Draw(t, "odo")
				p.TimeMS = rapid.Int64().Draw(t, "time")
				p.Has = activities.Has(rapid.Uint8().Draw(t, "has"))
			}
			tr[i] = p
		}
		return tr
	})
}

func TestStoredTracksComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := tracks(false).Draw(t, "track")
		got, err := activities.DecodeTrack(tr.Encode())
		if err != nil || len(got) != len(tr) {
			t.Fatalf("%d points of %d, %v", len(got), len(tr), err)
		}
		for i, p := range tr {
			q := got[i]
			within := func(what string, has activities.Has, a, b, tolerance float64) {
				if p.Is(has) && !(math.Abs(a-b) <= tolerance) {
					t.Fatalf("point %d: %s %v became %v", i, what, a, b)
				}
			}
			if p.Has != q.Has {
				t.Fatalf("point %d has %b, had %b", i, q.Has, p.Has)
			}
			within("time", activities.HasTime, float64(p.TimeMS), float64(q.TimeMS), 0)
			within("latitude", activities.HasPosition, p.Lat, q.Lat, 0.5001e-7)
			within("longitude", activities.HasPosition, p.Lon, q.Lon, 0.5001e-7)
			within("elevation", activities.HasElevation, float64(p.Elevation), float64(q.Elevation), 0.0055)
			within("odometer", activities.HasOdometer, p.Odometer, q.Odometer, 0.0051)
			within("heart rate", activities.HasHeartRate, float64(p.HeartRate), float64(q.HeartRate), 0)
			within("cadence", activities.HasCadence, float64(p.Cadence), float64(q.Cadence), 0)
			within("power", activities.HasPower, float64(p.Power), float64(q.Power), 0)
		}
		again, err := activities.DecodeTrack(got.Encode())
		if err != nil || !cmp.Equal(again, got) {
			t.Fatalf("a stored track changed when stored again: %v", err)
		}
	})
}

func TestAnyTrackCanBeStored(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		if _, err := activities.DecodeTrack(tracks(true).Draw(t, "track").Encode()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestForeignBytesAreNoTrack(t *testing.T) {
	whole := steady(100, 5).Encode()
	for name, data := range map[string][]byte{
		"nothing": nil, "text": []byte("not a track"), "header alone": whole[:4], "cut off": whole[:len(whole)-5],
		"other version": append([]byte("trk\x02"), whole[4:]...), "more": append(append([]byte{}, whole...), 1, 2, 3)[:5],
		"too many points": append([]byte("trk\x01"), 0xff, 0xff, 0xff, 0x7f),
	} {
		if got, err := activities.DecodeTrack(data); err == nil {
			t.Errorf("%s: %d points", name, len(got))
		}
	}
}

func FuzzDecodeTrack(f *testing.F) {
	f.Add(steady(3, 5).Encode())
	f.Add(activities.Track{{}, {TimeMS: 5, Has: 0xff}}.Encode())
	f.Add([]byte("trk\x01\x02"))
	f.Fuzz(func(t *testing.T, data []byte) {
		tr, err := activities.DecodeTrack(data)
		if err != nil {
			return
		}
		again, err := activities.DecodeTrack(tr.Encode())
		if err != nil || !cmp.Equal(again, tr) {
			t.Fatalf("a decoded track changed when stored again: %v", err)
		}
	})
}

func BenchmarkEncodeTrack(b *testing.B) {
	tr := wavy(5000)
	for b.Loop() {
		tr.Encode()
	}
	b.ReportMetric(float64(len(tr.Encode()))/float64(len(tr)), "bytes/point")
}

func BenchmarkDecodeTrack(b *testing.B) {
	data := wavy(5000).Encode()
	for b.Loop() {
		if _, err := activities.DecodeTrack(data); err != nil {
			b.Fatal(err)
		}
	}
}

// wavy is a ride with all fields, none of them constant.
func wavy(n int) activities.Track {
	tr := steady(n, 8)
	for i := range tr {
		x := float64(i)
		p := &tr[i]
		p.Lon += 0.003*math.Sin(x/70) + 1e-5*math.Sin(x*1.7)
		p.Elevation = float32(500 + 80*math.Sin(x/300) + 0.4*math.Sin(x*2.3))
		p.HeartRate, p.Cadence = uint8(140+20*math.Sin(x/90)), uint8(85+7*math.Sin(x/11))
		p.Power = uint16(220 + 60*math.Sin(x/5) + 30*math.Sin(x*3.1))
		p.Odometer = x * 8.05
		p.Has |= activities.HasElevation | activities.HasHeartRate | activities.HasCadence | activities.HasPower | activities.HasOdometer
	}
	return tr
}

func TestSummaryOfTimes(t *testing.T) {
	tr := steady(61, 5)
	if tr.Start() != time.UnixMilli(start).UTC() || tr.Elapsed() != time.Minute || tr.End().Sub(tr.Start()) != time.Minute {
		t.Errorf("from %s to %s, %s", tr.Start(), tr.End(), tr.Elapsed())
	}
}

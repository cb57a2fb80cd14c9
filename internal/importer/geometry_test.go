package importer_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/importer"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/segments"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/webtest"
)

// straight is a line to the north, a point every few metres, rising by 5 %.
func straight(points int, every float64) activities.Track {
	out := make(activities.Track, points)
	for i := range out {
		out[i] = activities.At(50.8+float64(i)*every/111_195, 4.6)
		out[i].Elevation, out[i].Has = float32(float64(i)*every*0.05), out[i].Has|activities.HasElevation
	}
	return out
}

func gpxOf(t *testing.T, track activities.Track) []byte {
	t.Helper()
	return encode(t, "gpx", activities.Recording{Name: "Line", Type: sport.Ride, Track: track})
}

func TestALineOfAGPXFile(t *testing.T) {
	g, warnings, err := importer.GeometryOfGPX(gpxOf(t, straight(201, 10)))
	if err != nil || len(warnings) != 0 || math.Abs(g.Distance-2000) > 2 || math.Abs(g.AverageGrade-5) > 0.2 || len(g.Elevations) != 201 {
		t.Errorf("%.0f m at %.1f %% with %d heights, %v, %v", g.Distance, g.AverageGrade, len(g.Elevations), warnings, err)
	}
	// One point a metre is thinned to one each 5 m, with the heights that belong to them.
	if g, _, err = importer.GeometryOfGPX(gpxOf(t, straight(2001, 1))); err != nil || len(g.Elevations) > 402 || math.Abs(g.Distance-2000) > 2 || math.Abs(g.AverageGrade-5) > 0.2 {
		t.Errorf("%.0f m at %.1f %% with %d heights, %v", g.Distance, g.AverageGrade, len(g.Elevations), err)
	}
	// A very long one has no more points than may be kept.
	if g, _, err = importer.GeometryOfGPX(gpxOf(t, straight(20_000, 9))); err != nil || len(g.Elevations) > 10_000 || math.Abs(g.Distance-180_000) > 200 {
		t.Errorf("%.0f m with %d heights, %v", g.Distance, len(g.Elevations), err)
	}
	far := append(straight(100, 10), straight(300, 10)[200:]...)
	if _, warnings, err = importer.GeometryOfGPX(gpxOf(t, far)); err != nil || len(warnings) != 1 || warnings[0].Code != "hole" {
		t.Errorf("a hole of a kilometre: %v, %v", warnings, err)
	}
	// The corners of a drawn line lie far apart: that is no hole.
	if _, warnings, err = importer.GeometryOfGPX(gpxOf(t, straight(5, 800))); err != nil || len(warnings) != 0 {
		t.Errorf("a drawn line: %v, %v", warnings, err)
	}
	for name, bad := range map[string]struct {
		data []byte
		want error
	}{"short": {gpxOf(t, straight(3, 10)), segments.ErrLineTooShort}, "long": {gpxOf(t, straight(300, 1000)), segments.ErrLineTooLong},
		"a place": {gpxOf(t, straight(1, 1)), activities.ErrLineTooShort}} {
		if _, _, err := importer.GeometryOfGPX(bad.data); !errors.Is(err, bad.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestALineOfAPolyline(t *testing.T) {
	line := func(n int, every float64) string {
		var l segments.Line
		for _, p := range straight(n, every) {
			l = append(l, segments.LatLon{Lat: p.Lat, Lon: p.Lon})
		}
		return l.Polyline()
	}
	g, _, err := importer.GeometryOfPolyline(line(101, 10))
	if err != nil || math.Abs(g.Distance-1000) > 2 || len(g.Elevations) != 0 || g.Polyline != line(101, 10) {
		t.Errorf("%.0f m with %d heights, %v", g.Distance, len(g.Elevations), err)
	}
	heights := make([]float32, 101)
	for i := range heights {
		heights[i] = float32(i)
	}
	if g, _, err = importer.GeometryOfLine(line(101, 10), heights); err != nil || math.Abs(g.AverageGrade-10) > 0.3 {
		t.Errorf("with heights: %.1f %%, %v", g.AverageGrade, err)
	}
	if g, _, err = importer.GeometryOfLine(line(101, 10), heights[:7]); err != nil || len(g.Elevations) != 0 {
		t.Errorf("heights of another line: %v, %v", g.Elevations, err)
	}
	if _, _, err := importer.GeometryOfPolyline(line(10_000, 10)); err != nil {
		t.Errorf("10,000 points: %v", err)
	}
	for name, bad := range map[string]struct {
		s    string
		want error
	}{"too many": {line(10_001, 10), importer.ErrTooManyLinePoints}, "noise": {"%%", segments.ErrPolyline}, "empty": {"", segments.ErrLineTooFewPoints},
		"endless": {string(make([]byte, 1<<20)), importer.ErrTooManyLinePoints}} {
		if _, _, err := importer.GeometryOfPolyline(bad.s); !errors.Is(err, bad.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestALineOfARide(t *testing.T) {
	s := webtest.Start(t)
	ana, bram := s.Athlete("Ana de Smet", sport.Female, nil), s.Athlete("Bram Claes", sport.Male, nil)
	start := time.Now().Add(-48 * time.Hour)
	open := s.Ride(ana, webtest.Ride{Line: webtest.Hill(1), Start: start, Time: 5 * time.Minute})
	private := s.Ride(ana, webtest.Ride{Line: webtest.Hill(1), Start: start.Add(time.Hour), Time: 5 * time.Minute, Private: true})
	track, err := s.Importer.Track(t.Context(), open.ID)
	if err != nil {
		t.Fatal(err)
	}
	along := track.Distances()
	last := len(track) - 1
	for _, c := range []struct{ from, to int }{{0, last}, {10, 60}, {last - 20, last}} {
		g, _, err := s.Importer.GeometryOfActivity(t.Context(), bram.Actor, open.ID, c.from, c.to)
		if want := along[c.to] - along[c.from]; err != nil || math.Abs(g.Distance-want) > want*0.01+2 || g.ElevationHigh == 0 {
			t.Errorf("%d to %d: %.0f m, want %.0f, %v", c.from, c.to, g.Distance, want, err)
		}
		if p := track[c.from]; math.Abs(g.Start[0]-p.Lat) > 1e-5 || math.Abs(g.Start[1]-p.Lon) > 1e-5 {
			t.Errorf("it starts at %v, the ride there at %f, %f", g.Start, p.Lat, p.Lon)
		}
	}
	for name, c := range map[string]struct {
		activity uuid.UUID
		from, to int
		want     error
	}{"nobody's": {uuid.New(), 0, 10, readmodel.ErrNoActivity}, "private": {private.ID, 0, 10, readmodel.ErrNoActivity},
		"backwards": {open.ID, 10, 5, segments.ErrCutRange}, "nothing": {open.ID, 5, 5, segments.ErrCutRange}, "before": {open.ID, -1, 5, segments.ErrCutRange},
		"beyond": {open.ID, 0, last + 1, segments.ErrCutRange}, "short": {open.ID, 0, 2, segments.ErrLineTooShort}} {
		if _, _, err := s.Importer.GeometryOfActivity(t.Context(), bram.Actor, c.activity, c.from, c.to); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if _, _, err := s.Importer.GeometryOfActivity(t.Context(), ana.Actor, private.ID, 0, 60); err != nil {
		t.Errorf("one's own private ride: %v", err)
	}
}

package zones

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/postgres/postgrestest"
)

// north is a ride to the north from a place: a point every 100 m.
func north(n int) activities.Track {
	var t activities.Track
	for i := range n {
		p := activities.At(50+float64(i)*100/activities.EarthRadius*180/math.Pi, 4)
		p.TimeMS, p.Elevation, p.Has = int64(i)*1000, 40, p.Has|activities.HasTime|activities.HasElevation
		t = append(t, p)
	}
	return t
}

// shown writes which points are seen: x seen, ! seen after a break, . hidden.
func shown(t activities.Track) string {
	var b strings.Builder
	for _, p := range t {
		switch {
		case !p.Is(activities.HasPosition):
			b.WriteByte('.')
		case p.Is(activities.Break):
			b.WriteByte('!')
		default:
			b.WriteByte('x')
		}
	}
	return b.String()
}

func TestHide(t *testing.T) {
	home := Zone{Lat: 50, Lon: 4, Radius: 250}
	inn := Zone{Lat: north(11)[10].Lat, Lon: 4, Radius: 210}
	far := Zone{Lat: -50, Lon: 4, Radius: 2000}
	ride := uuid.UUID{} // cut off at the very edge
	there := north(12)
	back := append(there[:12:12], there[10], there[9], there[1], there[0])
	for _, c := range []struct {
		name  string
		track activities.Track
		zones []Zone
		ride  uuid.UUID
		want  string
	}{
		{"no zone", there, nil, ride, "xxxxxxxxxxxx"},
		{"a zone elsewhere", there, []Zone{far}, ride, "xxxxxxxxxxxx"},
		{"the start", there, []Zone{home}, ride, "...!xxxxxxxx"},
		{"the start and the end", back, []Zone{home}, ride, "...!xxxxxxxxxx.."},
		{"in between", there, []Zone{inn}, ride, "xxxxxxxx...."},
		{"two zones", there, []Zone{home, inn}, ride, "...!xxxx...."},
		{"all of it", there[:2], []Zone{home}, ride, ".."},
		{"another ride, cut off further out", there, []Zone{home}, uuid.UUID{15: 255}, "....!xxxxxxx"},
		{"nothing", nil, []Zone{home}, ride, ""},
	} {
		before := append(activities.Track(nil), c.track...)
		if got := shown(Hide(c.track, c.zones, c.ride)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if diff := cmp.Diff(before, c.track); diff != "" {
			t.Errorf("%s: the track itself has changed:\n%s", c.name, diff)
		}
	}
	lost := north(6)
	lost[1].Has &^= activities.HasPosition // a moment without reception, at home and further on
	lost[4].Has &^= activities.HasPosition
	if got := shown(Hide(lost, []Zone{home}, ride)); got != "...!.x" {
		t.Errorf("a ride with holes: %s", got)
	}
}

// However a ride goes: nothing is shown that lies in a zone, all is that lies well outside, and what is shown is as it was.
func TestNothingInAZoneIsShown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var track activities.Track
		for range rapid.IntRange(0, 60).Draw(t, "points") {
			p := activities.At(50+rapid.Float64Range(-0.02, 0.02).Draw(t, "lat"), 4+rapid.Float64Range(-0.03, 0.03).Draw(t, "lon"))
			if rapid.IntRange(0, 9).Draw(t, "lost") == 0 {
				p.Has = 0
			}
			track = append(track, p)
		}
		var all []Zone
		for range rapid.IntRange(0, 3).Draw(t, "zones") {
			all = append(all, Zone{Lat: 50 + rapid.Float64Range(-0.02, 0.02).Draw(t, "zone lat"), Lon: 4 + rapid.Float64Range(-0.03, 0.03).Draw(t, "zone lon"),
				Radius: rapid.SampledFrom(Radii).Draw(t, "radius")})
		}
		var ride uuid.UUID
		ride[15] = rapid.Byte().Draw(t, "ride")
		out := Hide(track, all, ride)
		if len(out) != len(track) {
			t.Fatalf("%d points of %d", len(out), len(track))
		}
		for i, p := range out {
			if !track[i].Is(activities.HasPosition) {
				continue
			}
			nearest := math.Inf(1) // as a share of the radius
			for _, z := range all {
				nearest = min(nearest, activities.Metres(track[i], activities.At(z.Lat, z.Lon))/float64(z.Radius))
			}
			switch seen := p.Is(activities.HasPosition); {
			case seen && nearest <= 1:
				t.Fatalf("point %d is shown, at %.2f of a radius", i, nearest)
			case !seen && nearest > 1+spread:
				t.Fatalf("point %d is hidden, at %.2f of a radius", i, nearest)
			case !seen && (p.Lat != 0 || p.Lon != 0):
				t.Fatalf("point %d still has a place", i)
			case seen && (p.Lat != track[i].Lat || p.Lon != track[i].Lon):
				t.Fatalf("point %d has moved", i)
			}
		}
	})
}

func TestStore(t *testing.T) {
	t.Parallel()
	s := Store{postgrestest.New(t)}
	ana, ben, now := uuid.New(), uuid.New(), time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	add := func(z Zone) error { now = now.Add(time.Minute); return s.Add(t.Context(), ana, z, now) }
	for _, c := range []struct {
		zone Zone
		want error
	}{
		{Zone{Name: " Home ", Lat: 50.85, Lon: 4.35, Radius: 400}, nil},
		{Zone{Lat: -90, Lon: 180, Radius: 2000}, nil},
		{Zone{Lat: 91, Lon: 4, Radius: 400}, ErrPlace},
		{Zone{Lat: 50, Lon: -181, Radius: 400}, ErrPlace},
		{Zone{Lat: math.NaN(), Lon: 4, Radius: 400}, ErrPlace},
		{Zone{Lat: 50, Lon: 4, Radius: 199}, ErrRadius},
		{Zone{Lat: 50, Lon: 4, Radius: 2001}, ErrRadius},
	} {
		if err := add(c.zone); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v, want %v", c.zone, err, c.want)
		}
	}
	if err := add(Zone{Name: strings.Repeat("x", 200), Radius: 400}); err == nil {
		t.Error("a name of 200 letters")
	}
	got, err := s.Of(t.Context(), ana)
	if err != nil || len(got) != 2 || got[0].Name != "Home" || got[0].Lat != 50.85 || got[0].Radius != 400 || got[1].Lon != 180 {
		t.Fatalf("%+v, %v", got, err)
	}
	if others, err := s.Of(t.Context(), ben); err != nil || len(others) != 0 {
		t.Errorf("Ben has %v, %v", others, err)
	}
	if err := s.Remove(t.Context(), ben, got[0].ID); !errors.Is(err, ErrNone) {
		t.Errorf("Ben deletes Ana's: %v", err)
	}
	if err := s.Remove(t.Context(), ana, got[0].ID); err != nil {
		t.Error(err)
	}
	for range MostZones - 1 {
		if err := add(Zone{Radius: 400}); err != nil {
			t.Fatal(err)
		}
	}
	if err := add(Zone{Radius: 400}); !errors.Is(err, ErrMany) {
		t.Errorf("the eleventh: %v", err)
	}
}

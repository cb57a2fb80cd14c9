package activities_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/sport"
)

var now = time.UnixMilli(start).UTC().AddDate(0, 1, 0)

func codes(r activities.Recording) []string {
	var out []string
	for _, n := range r.Notes {
		out = append(out, n.Code)
	}
	return out
}

func clean(t *testing.T, tr activities.Track) activities.Recording {
	t.Helper()
	r, err := activities.Clean(activities.Recording{Type: sport.Ride, Track: tr}, now)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestCleanRefuses(t *testing.T) {
	strip := func(tr activities.Track, n int) activities.Track {
		for i := range n {
			tr[i].Has &^= activities.HasTime
		}
		return tr
	}
	same := steady(10, 5)
	for i := range same {
		same[i].TimeMS = start
	}
	back := steady(20, 5)
	back[12].TimeMS -= 7000
	for name, c := range map[string]struct {
		track activities.Track
		want  error
	}{
		"nothing":                  {nil, activities.ErrTooShort},
		"one point":                {steady(1, 5), activities.ErrTooShort},
		"no times":                 {strip(steady(10, 5), 10), activities.ErrNoTimes},
		"few times":                {strip(steady(10, 5), 7), activities.ErrNoTimes},
		"one time for all":         {same, activities.ErrNoTimes},
		"200,001 points":           {make(activities.Track, activities.MaxPoints+1), activities.ErrTooManyPoints},
		"a clock that jumps back":  {back, activities.ErrTimeRunsBackwards},
		"two points that are one":  {along([2]float64{0, 0}, [2]float64{0, 0})[:2], activities.ErrNoTimes},
		"one time and one without": {strip(steady(2, 5), 1), activities.ErrTooShort},
	} {
		if _, err := activities.Clean(activities.Recording{Track: c.track}, now); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	_, err := activities.Clean(activities.Recording{Track: back}, now)
	if !strings.Contains(err.Error(), "point 13") || !strings.Contains(err.Error(), "6s") {
		t.Errorf("the refusal doesn't say where and how far: %v", err)
	}
}

func TestCleanMends(t *testing.T) {
	t.Run("order", func(t *testing.T) {
		tr := steady(20, 5)
		tr[7], tr[10] = tr[10], tr[7]
		got := clean(t, tr).Track
		for i := range got {
			if got[i].TimeMS != start+int64(i)*1000 {
				t.Fatalf("point %d at %d", i, got[i].TimeMS-start)
			}
		}
	})
	t.Run("repeated times", func(t *testing.T) {
		tr := steady(10, 5)
		twin := tr[4]
		twin.Lat, twin.HeartRate, twin.Has = 10, 150, twin.Has|activities.HasHeartRate
		got := clean(t, slices.Insert(tr, 5, twin)).Track
		if len(got) != 10 || got[4].HeartRate != 150 || got[4].Lat < 40 {
			t.Errorf("%d points, %+v", len(got), got[4])
		}
	})
	t.Run("breaks stay between the stretches", func(t *testing.T) {
		tr := steady(40, 5)
		for i := 20; i < 40; i++ {
			tr[i].TimeMS += 60_000
		}
		tr[20].Has |= activities.Break
		tr[20], tr[21] = tr[21], tr[20]
		got := clean(t, tr).Track
		for i, p := range got {
			if p.Is(activities.Break) != (i == 20) {
				t.Errorf("point %d: break %v", i, p.Is(activities.Break))
			}
		}
	})
	t.Run("a flicker isn't a break", func(t *testing.T) {
		tr := steady(10, 5)
		tr[3].Has |= activities.Break
		if n := clean(t, tr).Track.Count(activities.Break); n != 0 {
			t.Errorf("%d breaks", n)
		}
	})
	t.Run("no place yet", func(t *testing.T) {
		tr := steady(10, 5)
		tr[0].Lat, tr[0].Lon = 0, 0
		if n := clean(t, tr).Track.Count(activities.HasPosition); n != 9 {
			t.Errorf("%d positions", n)
		}
	})
}

func TestSpikes(t *testing.T) {
	jump := func(tr activities.Track, from, to int) activities.Track {
		for i := from; i < to; i++ {
			tr[i].Lon += 0.01 // 760 m
		}
		return tr
	}
	for name, c := range map[string]struct {
		track activities.Track
		left  int
	}{
		"none":                      {steady(60, 8), 60},
		"one point":                 {jump(steady(60, 8), 20, 21), 59},
		"five points":               {jump(steady(60, 8), 20, 25), 55},
		"ten points":                {jump(steady(60, 8), 20, 30), 50},
		"longer is somewhere else":  {jump(steady(60, 8), 20, 35), 60},
		"and not back":              {jump(steady(60, 8), 20, 60), 60},
		"at the end, not back":      {jump(steady(60, 8), 59, 60), 60},
		"two spikes":                {jump(jump(steady(60, 8), 10, 12), 30, 31), 57},
		"a train":                   {steady(60, 60), 60},
		"next to one without place": {func() activities.Track { tr := jump(steady(60, 8), 20, 22); tr[21].Has = activities.HasTime; return tr }(), 60},
	} {
		r := clean(t, c.track)
		if len(r.Track) != c.left {
			t.Errorf("%s: %d points left, want %d", name, len(r.Track), c.left)
		}
		if noted := slices.Contains(codes(r), "spikes_removed"); noted != (c.left < 60) {
			t.Errorf("%s: noted %v", name, noted)
		}
	}
}

func TestCleanNotes(t *testing.T) {
	shift := func(years int) activities.Track {
		tr := steady(30, 5)
		for i := range tr {
			tr[i].TimeMS = tr[i].Time().AddDate(years, 0, 0).UnixMilli()
		}
		return tr
	}
	indoors := steady(30, 5)
	for i := range indoors {
		indoors[i].Has = activities.HasTime | activities.HasHeartRate
	}
	some := steady(30, 5)
	some[3].Has = activities.HasPosition
	for name, c := range map[string]struct {
		track activities.Track
		want  []string
	}{
		"nothing odd":         {steady(30, 5), nil},
		"long ago":            {shift(-60), []string{"date_impossible"}},
		"in the future":       {shift(1), []string{"date_impossible"}},
		"without positions":   {indoors, []string{"activity_without_positions"}},
		"a point has no time": {some, []string{"points_without_time"}},
	} {
		if got := codes(clean(t, c.track)); !slices.Equal(got, c.want) {
			t.Errorf("%s: notes %v, want %v", name, got, c.want)
		}
	}
}

func TestTypeIsGuessedFromSpeed(t *testing.T) {
	still := steady(100, 0)
	for name, c := range map[string]struct {
		track activities.Track
		want  sport.ActivityType
	}{
		"5 km/h": {steady(300, 1.4), sport.Walk}, "11 km/h": {steady(300, 3.05), sport.Run},
		"28 km/h": {steady(300, 7.8), sport.Ride}, "standing": {still, sport.Workout},
	} {
		r, err := activities.Clean(activities.Recording{Track: c.track}, now)
		if err != nil || r.Type != c.want || !r.TypeGuessed || !slices.Contains(codes(r), "type_guessed") {
			t.Errorf("%s: %q, %v, %v", name, r.Type, codes(r), err)
		}
	}
}

func TestCleanTracksAreStoredExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := tracks(true).Draw(t, "track")
		before := slices.Clone(raw)
		r, err := activities.Clean(activities.Recording{Type: sport.Ride, Track: raw}, now)
		if !slices.EqualFunc(raw, before, func(a, b activities.Point) bool { return a.TimeMS == b.TimeMS && a.Has == b.Has }) {
			t.Fatal("the recording's own track was changed")
		}
		if err != nil {
			return
		}
		for i := 1; i < len(r.Track); i++ {
			if r.Track[i].TimeMS <= r.Track[i-1].TimeMS {
				t.Fatalf("point %d isn't later than the one before", i)
			}
		}
		stored, err := activities.DecodeTrack(r.Track.Encode())
		if err != nil || !cmp.Equal(stored, r.Track) {
			t.Fatalf("stored otherwise: %v %s", err, cmp.Diff(r.Track, stored))
		}
	})
}

func TestOffsetsThatCannotBeRightAreForgotten(t *testing.T) {
	for name, c := range map[string]struct {
		lon    float64
		offset time.Duration
		known  bool
	}{
		"Zurich in summer":       {8.5, 2 * time.Hour, true},
		"Kashgar":                {76, 8 * time.Hour, true},
		"Kiribati":               {-157, 14 * time.Hour, true},
		"Nepal":                  {85, 5*time.Hour + 45*time.Minute, true},
		"UTC in Florida":         {-80.7, 0, false},
		"Beijing in Florida":     {-80.7, 8 * time.Hour, false},
		"UTC at home in England": {-1, 0, false}, // also what a device writes in summer that doesn't know
	} {
		tr := steady(30, 5)
		for i := range tr {
			tr[i].Lon = c.lon
		}
		r, err := activities.Clean(activities.Recording{Type: sport.Run, Track: tr, HasOffset: true, Offset: c.offset}, now)
		if err != nil || r.HasOffset != c.known {
			t.Errorf("%s: known %v, %v", name, r.HasOffset, err)
		}
	}
}

func TestVirtualRides(t *testing.T) {
	for device, want := range map[string]sport.ActivityType{"Zwift": sport.VirtualRide, "Garmin edge 1030": sport.Ride, "": sport.Ride} {
		r, err := activities.Clean(activities.Recording{Type: sport.Ride, Track: steady(30, 5), Device: device}, now)
		if err != nil || r.Type != want {
			t.Errorf("%q: %s, %v", device, r.Type, err)
		}
	}
	r, err := activities.Clean(activities.Recording{Name: "Zwift - Crit City", Type: sport.Ride, Track: steady(30, 5)}, now)
	if err != nil || r.Type != sport.VirtualRide {
		t.Errorf("by its title: %s, %v", r.Type, err)
	}
}

func TestTitle(t *testing.T) {
	for in, want := range map[string]string{
		"  Morning\n\tride ": "Morning ride", "caf\xe9": "caf\uFFFD", "\x00\x01": "", "üöä 🍍": "üöä 🍍",
		strings.Repeat("ä", 300): strings.Repeat("ä", sport.MaxName-1) + "…",
	} {
		if got := activities.Title(in); got != want {
			t.Errorf("Title(%q) = %q, want %q", in, got, want)
		}
	}
}

package files_test

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/activities/files"
	"segmentchallenge/internal/activities/gpx"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

var now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// tracksFolder is where the real tracks lie: $SC_TRACKS, else shared/tracks here or in a folder above.
func tracksFolder(t *testing.T) string {
	t.Helper()
	if given := os.Getenv("SC_TRACKS"); given != "" {
		return given
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if found := filepath.Join(dir, "shared", "tracks"); isFolder(found) {
			return found
		}
	}
	t.Skip("no shared/tracks here or above, and SC_TRACKS isn't set: the real files are not part of the project")
	return ""
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func open(t *testing.T, path string) []files.Item {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Collect(files.Open(filepath.Base(path), data, files.Limits{Now: now}))
}

func code(err error) string {
	for _, r := range refusal.All(err) {
		return r.Code
	}
	return ""
}

// activity is what a device or an independent reading says of a real file: points, seconds from first to last, kilometres
// (of the device for FIT, along the positions for the others).
type activity struct {
	typ     sport.ActivityType
	points  int
	seconds float64
	km      float64
	notes   []string
}

func TestRealFiles(t *testing.T) {
	guessed := []string{"type_guessed"}
	for name, want := range map[string][]activity{
		"msimms/fit/20130720_run_garmin_forerunner_10.fit": {{sport.Run, 50, 298, 1.00, nil}},
		"msimms/fit/20140530_hike_garmin_fr910xt.fit":      {{sport.Run, 1706, 6763, 4.24, nil}}, // the watch was set to run
		"msimms/fit/20140622_swim_garmin_fr910xt.fit": { // a triathlon
			{sport.Swim, 15, 759, 0.76, nil}, {sport.Ride, 572, 2517, 20.42, nil}, {sport.Run, 380, 1613, 5.26, nil}},
		"msimms/fit/20181108_run_garmin_fenix_3_hr.fit":      {{sport.Run, 1223, 1222, 4.83, nil}},
		"msimms/fit/20200529_short_ocean_swim_fenix_3.fit":   {{sport.Swim, 179, 178, 0.124, nil}},
		"msimms/fit/20200813_run_garmin_fenix_6.fit":         {{sport.Run, 1713, 1712, 6.45, nil}},
		"msimms/fit/20210218_zwift_bike_race.fit":            {{sport.VirtualRide, 1163, 1162, 12.95, nil}},
		"msimms/fit/20210507_run_coros_pace_2.fit":           {{sport.Run, 2364, 2363, 9.51, nil}},
		"msimms/fit/20210507_run_garmin_fenix_6.fit":         {{sport.Run, 2361, 2360, 9.39, nil}},
		"msimms/fit/20210604_track_run_coros_pace_2.fit":     {{sport.Run, 1918, 1917, 7.24, nil}},
		"msimms/fit/20210604_track_run_garmin_fenix_6.fit":   {{sport.Run, 1905, 1904, 7.20, nil}},
		"tormoder/me/activity-small-fenix2-run.fit":          {{sport.Run, 2809, 2833, 9.01, nil}},
		"msimms/gpx/20170308_intra_run_club.gpx":             {{sport.Run, 1381, 1380, 4.90, guessed}},
		"msimms/gpx/20180831_beach_run_runkeeper.gpx":        {{sport.Run, 626, 2009, 7.01, guessed}},
		"msimms/gpx/20190602_bike_garmin_fenix_3_hr.gpx":     {{sport.Ride, 2605, 2604, 24.79, nil}},
		"msimms/gpx/20210119_run_garmin_fenix6_sapphire.gpx": {{sport.Run, 1232, 1231, 5.14, nil}},
		"msimms/gpx/hike_01_iphone.gpx":                      {{sport.Walk, 3061, 3060, 2.94, guessed}},
		"msimms/gpx/run_01_iphone.gpx":                       {{sport.Run, 5240, 5252, 13.26, []string{"spikes_removed", "type_guessed"}}}, // 13.34 km with the spike
		"msimms/gpx/run_02_iphone.gpx":                       {{sport.Run, 3408, 3797, 9.78, guessed}},
		"msimms/gpx/run_03_garmin.gpx":                       {{sport.Run, 560, 3245, 10.0, guessed}},
		"msimms/gpx/run_03_iphone_4s.gpx":                    {{sport.Run, 3265, 3264, 10.14, guessed}},
		"gpxgo/file.gpx":                                     {{sport.Run, 4, 64, 0.057, guessed}},
		"gpxgo/visnjan.gpx":                                  {{sport.Run, 413, 1850, 4.45, guessed}},
		"gpxgo/korita-zbevnica.gpx":                          {{sport.Walk, 513, 13381, 6.26, []string{"points_without_time", "type_guessed"}}}, // 27.6 km of 871 points, 358 of them untimed
		"msimms/tcx/20111211_trail_ride_garmin_edge_705.tcx": {{sport.Ride, 1410, 7915, 29.36, nil}},
		"msimms/tcx/20120611_run_garmin_fr405cx.tcx":         {{sport.Run, 252, 1467, 3.99, nil}}, // 4.03 km with the way made while paused
		"msimms/tcx/20130309_run_garmin_fr405cx.tcx":         {{sport.Run, 567, 3246, 10.0, nil}},
		"msimms/tcx/20180331_run_garmin_fenix_3_hr.tcx":      {{sport.Run, 2659, 2658, 10.27, nil}},
		"msimms/tcx/20180810_zwift_innsbruckring_x2.tcx":     {{sport.VirtualRide, 2258, 2257, 19.38, nil}},
		"msimms/tcx/20181108_run_garmin_fenix_3_hr.tcx":      {{sport.Run, 1223, 1222, 4.83, nil}},
		"msimms/tcx/20200103_intervals.tcx":                  {{sport.Run, 1494, 1492, 5.31, nil}},
		"msimms/tcx/20210119_run_garmin_fenix6_sapphire.tcx": {{sport.Run, 1232, 1231, 5.14, nil}},
		"msimms/tcx/20220320_track_run_apple_watch_se.tcx":   {{sport.Run, 1387, 1386, 5.60, nil}},
	} {
		t.Run(name, func(t *testing.T) {
			items := open(t, filepath.Join(tracksFolder(t), name))
			if len(items) != len(want) {
				t.Fatalf("%d activities, want %d", len(items), len(want))
			}
			for i, item := range items {
				check(t, item, want[i])
			}
		})
	}
}

func check(t *testing.T, item files.Item, want activity) {
	t.Helper()
	if item.Err != nil {
		t.Fatal(item.Err)
	}
	s, km := item.Summary, item.Summary.Distance/1000
	if s.Type != want.typ || s.Points != want.points || math.Abs(s.Elapsed.Seconds()-want.seconds) > 1 {
		t.Errorf("%s of %d points in %s, want %s of %d in %v s", s.Type, s.Points, s.Elapsed, want.typ, want.points, want.seconds)
	}
	tolerance := max(0.015, want.km*0.002) // the same positions, measured on the same sphere
	if device := item.Recording.Totals.Distance / 1000; item.Recording.Source == "fit" {
		if math.Abs(device-want.km) > tolerance {
			t.Errorf("the device counted %.3f km, want %.3f", device, want.km)
		}
		tolerance = max(0.05, want.km*0.04) // a watch smooths, and sparse recording cuts bends
	}
	if math.Abs(km-want.km) > tolerance {
		t.Errorf("%.3f km along the positions, want %.3f", km, want.km)
	}
	var notes []string
	for _, n := range item.Recording.Notes {
		notes = append(notes, n.Code)
	}
	if !slices.Equal(notes, want.notes) {
		t.Errorf("notes %v, want %v", notes, want.notes)
	}
	if s.Moving > s.Elapsed || s.Moving < s.Elapsed/3 {
		t.Errorf("moving %s of %s", s.Moving, s.Elapsed)
	}
	stored, err := activities.DecodeTrack(item.Recording.Track.Encode())
	if err != nil || !slices.Equal(stored, item.Recording.Track) {
		t.Errorf("the track isn't stored exactly: %v", err)
	}
}

func TestRealMultisport(t *testing.T) {
	items := open(t, filepath.Join(tracksFolder(t), "tormoder/me/activity-large-fenxi2-multisport.fit"))
	if len(items) != 4 {
		t.Fatalf("%d activities", len(items))
	}
	for i, item := range items {
		if item.Err != nil || item.Index != i {
			t.Fatalf("activity %d: %v", i, item.Err)
		}
		if i > 0 && !item.Summary.Start.After(items[i-1].Recording.Track.End()) {
			t.Errorf("activity %d begins before the one before it ends", i)
		}
		device := item.Recording.Totals.Distance
		if math.Abs(item.Summary.Distance-device) > device*0.01 {
			t.Errorf("activity %d: %.0f m along the positions, %.0f m by the device", i, item.Summary.Distance, device)
		}
		if item.Summary.Offset != 2*time.Hour || !item.Summary.HasOffset {
			t.Errorf("activity %d: clocks ahead by %s", i, item.Summary.Offset)
		}
	}
}

func TestRealFilesThatAreNoActivities(t *testing.T) {
	for name, want := range map[string]string{
		"msimms/fit/Half_Mile_Repeats_workout.fit":            "fit_not_an_activity",
		"gpxgo/Mojstrovka.gpx":                                "activity_without_times",
		"gpxgo/cerknicko-without-times.gpx":                   "activity_without_times", // 5 of 296 points have one
		"gpxgo/gpx-without-root-attributes.gpx":               "activity_too_short",
		"gpxgo/gpx-without-xml-declaration.gpx":               "activity_too_short",
		"gpxgo/gpx1.0_with_all_fields.gpx":                    "activity_too_short",
		"gpxgo/gpx1.1_with_all_fields.gpx":                    "activity_too_short",
		"gpxgo/gpx1.1_with_extensions.gpx":                    "activity_too_short",
		"gpxgo/gpx1.1_with_extensions_without_namespaces.gpx": "gpx_without_track",
		"gpxgo/gpx_with_garmin_extension.gpx":                 "gpx_without_track",
		"gpxgo/iso8859-1encoded.gpx":                          "gpx_without_track",
		"msimms/README.md":                                    "file_unknown_format",
		"msimms/fit/description.csv":                          "file_unknown_format",
	} {
		for _, item := range open(t, filepath.Join(tracksFolder(t), name)) {
			if code(item.Err) != want {
				t.Errorf("%s: %q (%v), want %q", name, code(item.Err), item.Err, want)
			}
		}
	}
}

func TestOneRideInTwoFormatsHasTheSameTrack(t *testing.T) {
	for _, pair := range [][2]string{
		{"msimms/gpx/20210119_run_garmin_fenix6_sapphire.gpx", "msimms/tcx/20210119_run_garmin_fenix6_sapphire.tcx"},
		{"msimms/gpx/run_03_garmin.gpx", "msimms/tcx/20130309_run_garmin_fr405cx.tcx"},
		{"msimms/fit/20181108_run_garmin_fenix_3_hr.fit", "msimms/tcx/20181108_run_garmin_fenix_3_hr.tcx"},
	} {
		folder := tracksFolder(t)
		a := open(t, filepath.Join(folder, pair[0]))[0].Recording.Track.Positioned()
		b := open(t, filepath.Join(folder, pair[1]))[0].Recording.Track.Positioned()
		if len(a) != len(b) || len(a) == 0 {
			t.Errorf("%s has %d positions, %s %d", pair[0], len(a), pair[1], len(b))
			continue
		}
		for i := range a {
			if a[i].TimeMS != b[i].TimeMS || activities.Metres(a[i], b[i]) > 0.05 {
				t.Errorf("%s differs from %s at point %d: %s, %.2f m", pair[0], pair[1], i, a[i].Time(), activities.Metres(a[i], b[i]))
				break
			}
		}
	}
}

func TestRealLines(t *testing.T) {
	for name, km := range map[string]float64{
		"gpxgo/Mojstrovka.gpx": 2.7, "gpxgo/cerknicko-without-times.gpx": 1.91 /* the longest of eight logs */, "msimms/gpx/run_03_garmin.gpx": 10.0,
	} {
		data, err := os.ReadFile(filepath.Join(tracksFolder(t), name))
		if err != nil {
			t.Fatal(err)
		}
		_, line, err := gpx.Line(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		along := line.Distances()
		if got := along[len(along)-1] / 1000; math.Abs(got-km) > 0.05 {
			t.Errorf("%s: a line of %.2f km, want %.2f", name, got, km)
		}
		if line.Count(activities.HasTime) > 0 {
			t.Errorf("%s: a line has times", name)
		}
	}
}

package importer_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/importer"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/webtest"
)

// upload brings a file without waiting for its matching.
func (w *world) upload(a webtest.Athlete, name string, data []byte) []importer.Item {
	w.Helper()
	items, err := w.Importer.Bring(w.Context(), importer.Upload{AthleteID: a.ID, By: a.Actor, File: name, Data: data})
	if err != nil {
		w.Fatalf("%s: %v", name, err)
	}
	return items
}

// kept counts the rows of tracks and files.
func (w *world) kept() string {
	w.Helper()
	return fmt.Sprintf("%d tracks, %d files", w.count(`select count(*) from activity_tracks`), w.count(`select count(*) from activity_files`))
}

func zipped(t testing.TB, members map[string][]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, data := range members {
		f, err := z.Create(name)
		if err == nil {
			_, err = f.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func gzipOf(t testing.TB, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// The same ride is one activity, whatever file it comes in and however shortly after.
func TestTheSameRideTwiceIsOneActivity(t *testing.T) {
	w := newWorld(t)
	ana, bram := w.rider("Ana Smet", sport.Female), w.rider("Bram Claes", sport.Male)
	r, _ := w.plan(1, 8, at(-1, 9)).Ride()
	gpx, tcx, fit := encode(t, "gpx", r), encode(t, "tcx", r), encode(t, "fit", r)
	first := w.upload(ana, "ride.gpx", gpx)[0]
	if first.Status != importer.Queued {
		t.Fatalf("%+v", first)
	}
	for name, data := range map[string][]byte{"ride.gpx": gpx, "renamed.gpx": gpx, "ride.gpx.gz": gzipOf(t, gpx), "ride.tcx": tcx, "ride.fit": fit,
		"all.zip": zipped(t, map[string][]byte{"a.tcx": tcx})} {
		again := w.upload(ana, name, data)[0]
		if again.Status != importer.Duplicate || again.DuplicateOf != first.ID || again.ID != first.ID || again.Code != "duplicate_activity" || again.Detail == "" {
			t.Errorf("%s: %+v", name, again)
		}
	}
	both := w.upload(bram, "both.zip", zipped(t, map[string][]byte{"a.fit": fit, "b.tcx": tcx}))
	if len(both) != 2 || both[0].Status == both[1].Status || both[0].ID != both[1].ID {
		t.Errorf("two files of a ride in one archive: %+v", both)
	}
	if got := w.kept(); got != "2 tracks, 2 files" {
		t.Errorf("kept: %s", got)
	}
}

func TestUploadsAtTheSameMomentAreOneActivity(t *testing.T) {
	w := newWorld(t)
	ana := w.rider("Ana Smet", sport.Female)
	r, _ := w.plan(1, 8, at(-1, 9)).Ride()
	files := [][]byte{encode(t, "gpx", r), encode(t, "tcx", r), encode(t, "fit", r)}
	items := make([]importer.Item, 12)
	var group errgroup.Group
	for i := range items {
		group.Go(func() error {
			all, err := w.Importer.Bring(t.Context(), importer.Upload{AthleteID: ana.ID, By: ana.Actor, File: "ride", Data: files[i%3]})
			if err == nil {
				items[i] = all[0]
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if err := w.Importer.Await(t.Context(), items); err != nil {
		t.Fatal(err)
	}
	ids, processed := map[uuid.UUID]bool{}, 0
	for _, item := range items {
		ids[item.ID] = true
		if item.Status == importer.Processed {
			processed++
		}
	}
	if len(ids) != 1 || processed != 1 {
		t.Errorf("%d activities, %d of them processed", len(ids), processed)
	}
	if n := w.count(`select count(*) from activities`); n != 1 || w.kept() != "1 tracks, 1 files" {
		t.Errorf("%d activities and %s are kept", n, w.kept())
	}
	w.wantBoard("in the end", "Ana Smet")
}

// A file is its athlete's: nobody else can bring it, is told whose it is, or can when it's gone.
func TestAnotherAthletesFile(t *testing.T) {
	w := newWorld(t)
	ana, bram := w.rider("Ana Smet", sport.Female), w.rider("Bram Claes", sport.Male)
	r, _ := w.plan(1, 8, at(-1, 9)).Ride()
	data := encode(t, "gpx", r)
	own, theirs := w.bring(ana, "ride.gpx", data), w.bring(bram, "mine.gpx.gz", gzipOf(t, data))
	if theirs.Status != importer.Refused || theirs.Code != "file_of_another_athlete" || theirs.ID != uuid.Nil ||
		strings.Contains(theirs.Detail, "Ana") || strings.Contains(fmt.Sprint(theirs), own.ID.String()) {
		t.Errorf("%+v", theirs)
	}
	if got := w.kept(); got != "1 tracks, 1 files" {
		t.Errorf("kept: %s", got)
	}
	w.wantBoard("in the end", "Ana Smet")
	r, _ = w.plan(2, 8, at(-1, 9)).Ride() // together, each with a device
	if item := w.bring(bram, "ride.gpx", encode(t, "gpx", r)); item.Status != importer.Processed {
		t.Errorf("his own: %s", item.Words())
	}
}

// The program ends between keeping a track and recording its activity.
func TestACrashLeavesNothingBehind(t *testing.T) {
	w := newWorld(t)
	ana := w.rider("Ana Smet", sport.Female)
	upload := func(seed uint64, day int) importer.Upload {
		r, _ := w.plan(seed, 8, at(day, 9)).Ride()
		return importer.Upload{AthleteID: ana.ID, By: ana.Actor, File: "ride.gpx", Data: encode(t, "gpx", r)}
	}
	crashed, abandoned := upload(1, -1), upload(2, -2)
	for _, up := range []importer.Upload{crashed, abandoned} {
		if err := w.Importer.KeepOnly(t.Context(), up); err != nil {
			t.Fatal(err)
		}
	}
	if item := w.bring(ana, "ride.gpx", crashed.Data); item.Status != importer.Processed || len(item.Efforts) != 1 {
		t.Errorf("brought again after the crash: %s", item.Words())
	}
	if err := w.Importer.Sweep(t.Context(), time.Now().Add(-time.Hour)); err != nil || w.kept() != "2 tracks, 2 files" {
		t.Errorf("what is under way was swept away: %s, %v", w.kept(), err)
	}
	if err := w.Importer.Sweep(t.Context(), time.Now()); err != nil || w.kept() != "1 tracks, 1 files" {
		t.Errorf("after sweeping: %s, %v", w.kept(), err)
	}
	// A read model that has lost a row is no reason to throw a track away.
	if _, err := w.Pool.Exec(t.Context(), `delete from activities`); err != nil {
		t.Fatal(err)
	}
	if err := w.Importer.Sweep(t.Context(), time.Now()); err != nil || w.kept() != "1 tracks, 1 files" {
		t.Errorf("without a read model: %s, %v", w.kept(), err)
	}
}

// What a crash left behind is in nobody's way once it can't be under way any more.
func TestAnAbandonedTrackIsNoTwin(t *testing.T) {
	w := newWorld(t)
	ana := w.rider("Ana Smet", sport.Female)
	r, _ := w.plan(1, 8, at(-1, 9)).Ride()
	if err := w.Importer.KeepOnly(t.Context(), importer.Upload{AthleteID: ana.ID, File: "ride.gpx", Data: encode(t, "gpx", r)}); err != nil {
		t.Fatal(err)
	}
	if item := w.upload(ana, "ride.tcx", encode(t, "tcx", r))[0]; item.Status != importer.Duplicate {
		t.Errorf("while the other may be under way: %+v", item)
	}
	if _, err := w.Pool.Exec(t.Context(), `update activity_tracks set kept_at = kept_at - interval '2 minutes'`); err != nil {
		t.Fatal(err)
	}
	if item := w.bring(ana, "ride.tcx", encode(t, "tcx", r)); item.Status != importer.Processed || w.kept() != "1 tracks, 1 files" {
		t.Errorf("later: %+v, %s", item, w.kept())
	}
}

func TestAnArchiveOfASeason(t *testing.T) {
	if testing.Short() {
		t.Skip("matches many rides")
	}
	w := newWorld(t)
	ana := w.rider("Ana Smet", sport.Female)
	members := map[string][]byte{"notes.txt": []byte("not a ride"), "empty.fit": nil}
	const rides = 60
	for i := range rides {
		r, _ := w.plan(uint64(i), 8, at(-2, 0).Add(time.Duration(i)*45*time.Minute)).Ride()
		members[fmt.Sprintf("%03d.gpx", i)] = encode(t, "gpx", r)
	}
	data := zipped(t, members)
	began := time.Now()
	items, err := w.Importer.BringAndWait(t.Context(), importer.Upload{AthleteID: ana.ID, By: ana.Actor, File: "season.zip",
		Content: bytes.NewReader(data), Size: int64(len(data))})
	took := time.Since(began)
	if err != nil || len(items) != rides+2 {
		t.Fatalf("%d items, %v", len(items), err)
	}
	count := map[importer.Status]int{}
	for _, item := range items {
		count[item.Status]++
		if item.Status == importer.Processed && len(item.Efforts) != 1 {
			t.Errorf("%s", item.Words())
		}
	}
	if count[importer.Processed] != rides || count[importer.Refused] != 2 {
		t.Errorf("%v", count)
	}
	if n := w.count(`select attempts from board_entries where category = 'Open'`); n != rides {
		t.Errorf("%d attempts on the board", n)
	}
	t.Logf("%d rides (%d kB) from upload to board in %s", rides, len(data)>>10, took.Round(time.Millisecond))
}

// Each file that can't be taken says in its own words why, and leaves nothing behind.
func TestBadFiles(t *testing.T) {
	w := newWorld(t)
	ana := w.rider("Ana Smet", sport.Female)
	r, _ := w.plan(1, 8, at(-1, 9)).Ride()
	good := encode(t, "gpx", r)
	line := r
	line.Track = nil
	for _, p := range r.Track {
		p.Has &^= activities.HasTime
		line.Track = append(line.Track, p)
	}
	said := map[string]string{}
	for name, c := range map[string]struct {
		data []byte
		code string
	}{
		"empty.gpx":      {nil, "file_empty"},
		"cut.gpx":        {good[:len(good)/2], "file_cut_off"},
		"photo.jpg":      {append([]byte{0xff, 0xd8, 0xff, 0xe0}, make([]byte, 4000)...), "file_unknown_format"},
		"huge.gpx":       {append(good, make([]byte, 51<<20)...), "file_too_large"},
		"bomb.zip":       {zipped(t, map[string][]byte{"a.gpx": make([]byte, 40<<20)}), "archive_bomb"},
		"bomb.gpx.gz":    {gzipOf(t, make([]byte, 40<<20)), "archive_bomb"},
		"route.gpx":      {encode(t, "gpx", line), "activity_without_times"},
		"nothing.zip":    {zipped(t, nil), "archive_empty"},
		"points.gpx":     {manyPoints(300_000), "too_many_points"},
		"html.gpx":       {[]byte("<!doctype html><html><body>Not found</body></html>"), "file_unknown_format"},
		"\xff\x00bad.gp": {[]byte("\x00\x01\x02"), "file_unknown_format"},
	} {
		item := w.upload(ana, name, c.data)[0]
		if item.Status != importer.Refused || item.Code != c.code || len(item.Detail) < 15 {
			t.Errorf("%s: %+v, want %s", name, item, c.code)
		}
		if before, ok := said[item.Detail]; ok && said[item.Detail] != c.code {
			t.Errorf("%s and %s are told the same: %s", c.code, before, item.Detail)
		}
		said[item.Detail] = c.code
	}
	if got := w.kept(); got != "0 tracks, 0 files" {
		t.Errorf("kept: %s", got)
	}
}

// manyPoints is a GPX track with a point a second.
func manyPoints(n int) []byte {
	var out bytes.Buffer
	out.WriteString(`<?xml version="1.0"?><gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>`)
	start := at(-2, 0)
	for i := range n {
		fmt.Fprintf(&out, `<trkpt lat="%.6f" lon="4.6"><time>%s</time></trkpt>`, 50+float64(i)*5e-6, start.Add(time.Duration(i)*time.Second/2).UTC().Format(time.RFC3339Nano))
	}
	out.WriteString(`</trkseg></trk></gpx>`)
	return out.Bytes()
}

// A ride without positions is an activity, and no effort on a segment.
func TestARideWithoutPositions(t *testing.T) {
	w := newWorld(t)
	ana := w.rider("Ana Smet", sport.Female)
	r, _ := w.plan(1, 8, at(-1, 9)).Ride()
	for i := range r.Track {
		r.Track[i].Has &^= activities.HasPosition
	}
	item := w.bring(ana, "indoors.fit", encode(t, "fit", r))
	if item.Status != importer.Processed || len(item.Efforts)+len(item.Refused) != 0 {
		t.Fatalf("%s", item.Words())
	}
	a, err := readmodel.ActivityByID(t.Context(), w.Pool, ana.Actor, item.ID)
	if err != nil || a.HasTrack || a.Elapsed == 0 || a.Distance == 0 {
		t.Errorf("%+v, %v", a, err)
	}
}

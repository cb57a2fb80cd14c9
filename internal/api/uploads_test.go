package api_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"segmentchallenge/internal/api"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/webtest"
)

// ride is a file of a ride up a hill, some hours ago.
func ride(s *webtest.Site, hill int, hoursAgo float64, took time.Duration) []byte {
	s.Helper()
	start := time.Now().Add(-time.Duration(hoursAgo * float64(time.Hour))).In(webtest.Zone).Truncate(time.Second)
	return s.GPX(webtest.Ride{Line: webtest.Hill(hill), Start: start, Time: took, Name: "Ride", Type: sport.Ride})
}

func packed(t testing.TB, members ...file) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, m := range members {
		f, err := z.Create(m.name)
		if err == nil {
			_, err = f.Write(m.data)
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

// What can't be taken is refused where it was given: a single file as a problem, one of several as an item.
func TestBadUploads(t *testing.T) {
	s := start(t)
	v := s.Season()
	ana, bram := as(s, v.Ana), as(s, v.Bram)
	good := ride(s, 1, 5, 4*time.Minute)
	var squeezed bytes.Buffer
	z := gzip.NewWriter(&squeezed)
	_, _ = z.Write(make([]byte, 60<<20)) // a bytes.Buffer takes everything
	_ = z.Close()
	noTimes := []byte(strings.ReplaceAll(strings.ReplaceAll(string(good), "<time>", "<!--"), "</time>", "-->"))
	bad := map[string]struct {
		data   []byte
		status int
		code   string
	}{
		"empty.fit":  {nil, 400, "file_empty"},
		"cut.gpx":    {good[:len(good)*2/3], 400, "file_cut_off"},
		"photo.jpg":  {[]byte("\xff\xd8\xff\xe0 a photo of the summit"), 400, "file_unknown_format"},
		"bomb.gz":    {squeezed.Bytes(), 413, "archive_bomb"},
		"bomb.zip":   {packed(t, file{"a.gpx", make([]byte, 30<<20)}), 413, "archive_bomb"},
		"void.zip":   {packed(t), 400, "archive_empty"},
		"route.gpx":  {noTimes, 422, "activity_without_times"},
		"notes.zip":  {packed(t, file{"notes.txt", []byte("we rode")}), 400, "file_unknown_format"},
		"points.gpx": {points(t, 300_000), 422, "too_many_points"},
	}
	for name, c := range bad {
		for _, wait := range []string{"", "?wait=true"} {
			upload := file{name, c.data}
			if len(c.data) > maxUpload {
				upload.data = packed(t, upload) // the file is larger than what the tests' site takes at once
			}
			ana.form("/activities"+wait, []file{upload}).refused(c.status, c.code)
		}
	}
	var both []file
	for _, name := range []string{"empty.fit", "photo.jpg"} {
		both = append(both, file{name, bad[name].data})
	}
	mixed := ana.form("/activities?wait=true", append(both, file{"good.gpx", good})).is(201).has("items.0.status", "refused", "items.0.code", "file_empty", "items.0.id", nil,
		"items.1.code", "file_unknown_format", "items.2.status", "processed", "items.2.efforts.0.stageSlug", v.Active.Slug)
	if mixed.text("items.1.detail") == "" {
		t.Errorf("no words: %s", mixed.Raw)
	}
	ana.form("/activities", []file{{"again.gpx", good}}).is(202).has("items.0.status", "duplicate", "items.0.duplicateOf", mixed.text("items.2.id"), "items.0.id", mixed.text("items.2.id"))
	theirs := bram.form("/activities", []file{{"mine.gpx", good}}).refused(422, "file_of_another_athlete")
	if strings.Contains(theirs.Raw, "Ana") || strings.Contains(theirs.Raw, v.Ana.ID.String()) {
		t.Errorf("says whose it is: %s", theirs.Raw)
	}

	ana.form("/activities", nil).refused(422, "file_missing").about("file")
	ana.form("/activities", []file{{"ride.gpx", good}}, "type", "Flying").refused(422, "activity_type_unknown").about("type")
	ana.form("/activities", []file{{"ride.gpx", good}}, "private", "perhaps").refused(422, "private_invalid").about("private")
	ana.form("/activities", []file{{"ride.gpx", good}}, "name", strings.Repeat("x", 500)).refused(422, "name_too_long").about("name")
	ana.post("/activities", `{"file": "ride.gpx"}`).refused(400, "not_multipart")
	ana.post("/activities", "").refused(400, "not_multipart")
	ana.form("/activities?wait=perhaps", []file{{"ride.gpx", good}}).refused(422, "invalid_request").about("wait")
	kind, form := formOf(t, []file{{"ride.gpx", good}})
	ana.do(http.MethodPost, "/activities", kind, bytes.NewReader(form[:len(form)/2])).refused(400, "malformed_form")

	if n := len(ana.get("/activities").list("items")); n != 3 { // two of the season, and the good one
		t.Errorf("%d activities", n)
	}
}

// Too much at once is told from the length, or while it comes in.
func TestHugeUploads(t *testing.T) {
	s := start(t)
	ana := as(s, s.Athlete("Ana Smet", sport.Female, nil))
	kind, form := formOf(t, []file{{"ride.gpx", make([]byte, maxUpload)}})
	ana.do(http.MethodPost, "/activities", kind, bytes.NewReader(form)).refused(413, "file_too_large")
	ana.do(http.MethodPost, "/activities", kind, io.MultiReader(bytes.NewReader(form))).refused(413, "file_too_large") // of unknown length
	visitor := client{Site: s}
	visitor.do(http.MethodPost, "/activities", kind, bytes.NewReader(form)).refused(401, "not_signed_in")
}

func points(t testing.TB, n int) []byte {
	t.Helper()
	var out bytes.Buffer
	out.WriteString(`<?xml version="1.0"?><gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>`)
	start := time.Now().Add(-90 * time.Hour).UTC()
	for i := range n {
		fmt.Fprintf(&out, `<trkpt lat="%.6f" lon="4.6"><time>%s</time></trkpt>`, 50+float64(i)*5e-6, start.Add(time.Duration(i)*time.Second).Format(time.RFC3339))
	}
	out.WriteString(`</trkseg></trk></gpx>`)
	return out.Bytes()
}

// What a form says of its files counts for each, wherever in the form it stands; an upload that isn't waited for can be read at once.
func TestUploadsAreToBeSeenAtOnce(t *testing.T) {
	s := start(t)
	v := s.Season()
	ana := as(s, v.Ana)
	up := ana.form("/activities", []file{{"a.gpx", ride(s, 1, 30, 4*time.Minute)}, {"b.gpx", ride(s, 1, 40, 4*time.Minute)}}, "name", "Intervals", "private", "true", "commute", "1", "type", "GravelRide").
		is(202).has("items.0.status", "queued", "items.1.status", "queued", "items.0.efforts", []any{}, "items.2", nil)
	for _, id := range []string{up.text("items.0.id"), up.text("items.1.id")} {
		ana.get("/activities/"+id).is(200).has("name", "Intervals", "private", true, "commute", true, "activityType", "GravelRide")
	}
	for i := range 5 {
		took := time.Duration(230-10*i) * time.Second
		ana.form("/activities?wait=true", []file{{"ride.gpx", ride(s, 1, float64(60+i), took)}}).is(201)
		board := client{Site: s}.get("/challenges/" + v.Challenge.Slug + "/stages/" + v.Active.Slug + "/leaderboards/Open")
		if got := board.number("entries.0.value"); got < took.Seconds()-2 || got > took.Seconds()+2 {
			t.Errorf("the board shows %v s right after a ride of %s", got, took)
		}
	}
}

// Uploads may be limited; nothing else is counted.
func TestUploadsMayBeLimited(t *testing.T) {
	asked := 0
	s := start(t, func(o *api.Options) {
		o.UploadLimit = func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if asked++; asked > 1 {
					w.WriteHeader(http.StatusTooManyRequests)
					return
				}
				next.ServeHTTP(w, r)
			})
		}
	})
	ana := as(s, s.Athlete("Ana Smet", sport.Female, nil))
	for range 3 {
		ana.get("/activities").is(200)
		ana.get("/me").is(200)
	}
	ana.form("/activities", []file{{"ride.gpx", ride(s, 1, 30, 4*time.Minute)}}).is(202)
	kind, form := formOf(t, []file{{"ride.gpx", nil}})
	if a := ana.do(http.MethodPost, "/activities", kind, bytes.NewReader(form)); a.Status != http.StatusTooManyRequests {
		t.Errorf("the second upload: %d", a.Status)
	}
}

// How long it takes from sending a ride to its place on the board; logged, and bounded so that it can't get out of hand.
func TestUploadsAreQuick(t *testing.T) {
	s := start(t)
	v := s.Season()
	ana := as(s, v.Ana)
	var took []time.Duration
	for i := range 15 {
		data := ride(s, 1, float64(2+i), 4*time.Minute)
		began := time.Now()
		ana.form("/activities?wait=true", []file{{"ride.gpx", data}}).is(201).has("items.0.efforts.0.status", "accepted")
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	t.Logf("from POST ?wait=true to 201: median %s, slowest of %d %s", took[len(took)/2].Round(time.Millisecond), len(took), took[len(took)-1].Round(time.Millisecond))
	if took[len(took)/2] > 2*time.Second {
		t.Errorf("half of the uploads take more than %s", took[len(took)/2])
	}
}

package web_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web"
	"segmentchallenge/internal/web/guard"
	"segmentchallenge/internal/web/webtest"
)

// rideFile is a ride over Kattenberg, whose stage is active.
func rideFile(s *webtest.Site, hour int, took time.Duration) []byte {
	return s.GPX(webtest.Ride{Line: webtest.Hill(1), Start: webtest.Day(-1, time.Duration(hour)*time.Hour).In(webtest.Zone), Time: took, Name: "Lunch ride", Type: sport.Ride})
}

func TestOneBadFileDoesNotLoseTheGoodOnes(t *testing.T) {
	s := startSeason(t)
	dirk := s.SignIn(s.v.Dirk)
	good := rideFile(s.Site, 15, 310*time.Second)
	page := sends(t, s.Site, dirk, "/upload", "files", nil,
		file{"lunch.gpx", good}, file{"holiday.jpg", []byte("\xff\xd8\xff\xe0 a picture")}, file{"cut.gpx", good[:len(good)/2]}, file{"empty.fit", nil})
	if page.Status != http.StatusOK {
		t.Errorf("answers %d", page.Status)
	}
	for _, words := range []string{"Lunch ride", "Stage 2 · Kattenberg", "5:10", "Five Hills: 2nd, your best", "lunch.gpx",
		"holiday.jpg", "This is a picture or a document", "cut.gpx", "ends in the middle", "empty.fit", "This file is empty"} {
		if !page.Has(words) {
			t.Errorf("%q isn't said:\n%s", words, page.Text())
		}
	}
	reads(t, s.Visitor(), s.active, "Dirk Aerts", "5:10")

	again := sends(t, s.Site, dirk, "/upload", "files", nil, file{"lunch.gpx", good})
	if again.Status != http.StatusOK || !again.Has("Already there") || !strings.Contains(again.Body, "/activities/"+rideOf(t, s.Site, s.v.Dirk)) {
		t.Errorf("the same file again: %d\n%s", again.Status, again.Text())
	}
	rides, _, err := readmodel.Activities(t.Context(), s.Pool, readmodel.ActivityFilter{Viewer: s.v.Dirk.Actor, AthleteID: s.v.Dirk.ID})
	if err != nil || len(rides) != 2 {
		t.Errorf("Dirk has %d rides, %v", len(rides), err)
	}
}

func TestARideThatMissedSaysWhere(t *testing.T) {
	s := startSeason(t)
	page := reads(t, s.SignIn(s.v.Dirk), "/upload", "Turned off too early", "Stage 2 · Kattenberg", "Start found, finish missed", "The ride leaves here")
	if !strings.Contains(page.Body, "map-mark-miss") {
		t.Error("no map of the miss")
	}
	elsewhere := s.GPX(webtest.Ride{Line: webtest.Hill(9), Start: webtest.Day(-1, 8*time.Hour).In(webtest.Zone), Time: 6 * time.Minute, Type: sport.Ride})
	if got := sends(t, s.Site, s.SignIn(s.v.Dirk), "/upload", "files", nil, file{"away.gpx", elsewhere}); !got.Has("No stage on this ride") {
		t.Errorf("a ride elsewhere: %s", got.Text())
	}
	run := s.GPX(webtest.Ride{Line: webtest.Hill(1), Start: webtest.Day(-1, 16*time.Hour).In(webtest.Zone), Time: 12 * time.Minute, Type: sport.Ride})
	got := sends(t, s.Site, s.SignIn(s.v.Dirk), "/upload", "files", url.Values{"type": {"Run"}, "private": {"yes"}, "commute": {"yes"}}, file{"run.gpx", run})
	if !got.Has("Run activities don't count in this challenge") || !got.Has("Private") {
		t.Errorf("a private run: %s", got.Text())
	}
}

func TestFilesThatCannotBeTaken(t *testing.T) {
	s := startSeason(t)
	dirk := s.SignIn(s.v.Dirk)
	var bomb bytes.Buffer
	z := zip.NewWriter(&bomb)
	w, err := z.Create("bomb.gpx")
	if err == nil {
		_, err = w.Write(bytes.Repeat([]byte("0"), 60<<20))
	}
	if err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	untimed := strings.ReplaceAll(string(rideFile(s.Site, 9, 300*time.Second)), "<time>", "<old>")
	untimed = strings.ReplaceAll(untimed, "</time>", "</old>")
	for _, c := range []struct {
		file   file
		status int
		words  string
	}{
		{file{"empty.gpx", nil}, 400, "This file is empty"},
		{file{"page.gpx", []byte("<!doctype html><html><body>Sign in</body></html>")}, 400, "This is a web page"},
		{file{"notes.fit", []byte("Dear diary, today I rode.")}, 400, "something else"},
		{file{"bomb.zip", bomb.Bytes()}, 413, "unpacks to far more"},
		{file{"route.gpx", []byte(untimed)}, 422, "no times"},
		{file{"long.gpx", manyPoints(300_000)}, 422, "more than 200,000 points"},
		{file{"huge.gpx", bytes.Repeat([]byte(" "), 51<<20)}, 413, "larger than 50 MB"},
	} {
		got := sends(t, s.Site, dirk, "/upload", "files", nil, c.file)
		if got.Status != c.status || !got.Has(c.words) || !got.Has("Not taken") {
			t.Errorf("%s: %d, want %d and %q:\n%s", c.file.name, got.Status, c.status, c.words, got.Text()[:min(900, len(got.Text()))])
		}
	}
	if got := sends(t, s.Site, dirk, "/upload", "files", url.Values{"type": {"Napping"}}, file{"a.gpx", []byte("x")}); got.Status != 422 || !got.Has("not known") {
		t.Errorf("an unknown type: %d %s", got.Status, got.Text())
	}
	if got := sends(t, s.Site, dirk, "/upload", "files", nil); got.Status != 422 || !got.Has("Choose a file first") {
		t.Errorf("no file: %d %s", got.Status, got.Text())
	}
}

func manyPoints(n int) []byte {
	var b bytes.Buffer
	b.WriteString(`<gpx version="1.1"><trk><trkseg>`)
	for i := range n {
		fmt.Fprintf(&b, `<trkpt lat="50.%06d" lon="4.6"/>`, i)
	}
	b.WriteString(`</trkseg></trk></gpx>`)
	return b.Bytes()
}

func TestUploadsThatBreakOffOrAreTooLarge(t *testing.T) {
	s := webtest.Start(t, webtest.Options{Web: func(s *webtest.Site, o *web.Options) {
		g, err := guard.New(guard.Options{BaseURL: s.URL, MaxUpload: 100_000})
		if err != nil {
			s.Fatal(err)
		}
		o.Guard = g
	}})
	ana := s.SignIn(s.Athlete("Ana de Smet", sport.Female, nil))
	if got := sends(t, s, ana, "/upload", "files", nil, file{"a.gpx", bytes.Repeat([]byte("x"), 120_000)}); got.Status != 413 || !got.Has("can be sent at once") {
		t.Errorf("too large: %d %s", got.Status, got.Text())
	}
	for name, body := range map[string]string{"broken off": "--x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.gpx\"\r\n\r\n<gpx", "no form": "hello"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/upload", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		if got := ana.Do(r); got.Status != 400 || !got.Has("arrived incomplete") {
			t.Errorf("%s: %d %s", name, got.Status, got.Text())
		}
	}
}

func TestTheUploadPagesScript(t *testing.T) {
	s := startSeason(t)
	scripted := func(b *webtest.Browser, body string) webtest.Page {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/upload", strings.NewReader(
			"--x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.gpx\"\r\n\r\n"+body+"\r\n--x--\r\n"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		r.Header.Set("X-Upload", "one")
		return b.Do(r)
	}
	good := string(rideFile(s.Site, 17, 330*time.Second))
	got := scripted(s.SignIn(s.v.Dirk), good)
	if got.Status != 200 || strings.Contains(got.Body, "<html") || !strings.Contains(got.Body, `id="upload-`+rideOf(t, s.Site, s.v.Dirk)+`"`) || !got.Has("5:30") {
		t.Errorf("a good file: %d %s", got.Status, got.Body)
	}
	if got := scripted(s.Visitor(), good); got.Status != 401 || !strings.Contains(got.Body, "data-problem") {
		t.Errorf("signed out: %d %s", got.Status, got.Body)
	}
	if got := sends(t, s.Site, s.Visitor(), "/upload", "files", nil, file{"a.gpx", []byte(good)}); got.Status != 303 || !strings.HasPrefix(got.Location, "/sign-in") {
		t.Errorf("a visitor is led to %d %s", got.Status, got.Location)
	}
	piece := s.SignIn(s.v.Dirk).Get("/upload/" + s.v.Missed.ID.String())
	if piece.Status != 200 || strings.Contains(piece.Body, "<html") || !piece.Has("Turned off too early") || strings.Contains(piece.Body, "hx-get") {
		t.Errorf("the piece of a ride: %d %s", piece.Status, piece.Body)
	}
	others := "/upload/" + s.v.Private.ID.String()
	if got := s.SignIn(s.v.Dirk).Get(others); got.Has("Secret training") || !strings.Contains(got.Body, "n=1") {
		t.Errorf("somebody else's private ride: %s", got.Text())
	}
	if got := s.SignIn(s.v.Dirk).Get(others + "?n=100"); strings.Contains(got.Body, "hx-get") {
		t.Errorf("it's asked for without end: %s", got.Body)
	}
	if got := s.SignIn(s.v.Dirk).Get("/upload/x"); got.Status != 404 {
		t.Errorf("no id: %d", got.Status)
	}
}

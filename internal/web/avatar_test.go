package web_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/avatars"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/webtest"
)

// photo is a JPEG file of one colour.
func photo(t *testing.T, c color.RGBA) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for i := range 64 * 48 {
		img.SetRGBA(i%64, i/64, c)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var picturePattern = regexp.MustCompile(`src="(/avatars/[0-9a-f]{32}/(\d+))"`)

// pictures are the addresses of all pictures on a page.
func pictures(page webtest.Page) []string {
	var out []string
	for _, m := range picturePattern.FindAllStringSubmatch(page.Body, -1) {
		out = append(out, m[1])
	}
	return out
}

// sendsPicture chooses a picture in a form, and wants a status and words.
func sendsPicture(t *testing.T, s *webtest.Site, b *webtest.Browser, path string, data []byte, status int, words string) webtest.Page {
	t.Helper()
	page := sends(t, s, b, path, "avatar", nil, file{"me.jpg", data})
	if page.Status != status || !page.Has(words) {
		t.Errorf("%s answers %d, not %d with %q:\n%s", path, page.Status, status, words, page.Text())
	}
	return page
}

func TestAnAthletesPicture(t *testing.T) {
	t.Parallel()
	s := startSeason(t)
	ana, visitor := s.SignIn(s.v.Ana), s.Visitor()
	profile := "/athletes/" + s.v.Ana.ID.String()
	if got := pictures(ana.Get("/settings")); len(got) != 0 {
		t.Fatalf("pictures before one was chosen: %v", got)
	}
	sendsPicture(t, s.Site, ana, "/settings/avatar", photo(t, color.RGBA{200, 30, 30, 255}), http.StatusSeeOther, "")
	page := reads(t, ana, "/settings", "That's your picture now", "Replace", "Remove the picture")
	chosen := pictures(page)
	if len(chosen) != 2 || !strings.HasSuffix(chosen[0], "/96") || !strings.HasSuffix(chosen[1], "/320") {
		t.Fatalf("in the menu and the form: %v", chosen)
	}
	served := visitor.Get(chosen[0])
	if config, err := jpeg.DecodeConfig(strings.NewReader(served.Body)); err != nil || config.Width != 96 || config.Height != 96 ||
		served.Header.Get("Content-Type") != "image/jpeg" || !strings.Contains(served.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("%+v, %v, %v", config, err, served.Header)
	}
	shown := map[string]int{profile: 1, s.active: 1, s.challenge: 1, s.challenge + "/competitors": 1, "/clubs/" + s.v.Club.Slug: 1, "/": 1}
	for path, least := range shown {
		if got := pictures(visitor.Get(path)); len(got) < least {
			t.Errorf("%s shows %v", path, got)
		}
	}

	// Whoever keeps their profile to themselves, or to members, isn't shown to everybody.
	mine := athletes.Profile{FirstName: "Ana", LastName: "de Smet", Gender: sport.Female, TimeZone: webtest.TimeZone, Visibility: athletes.Members}
	s.Send(athletes.ChangeProfile{Head: athletes.Head{ID: s.v.Ana.ID, By: s.v.Ana.Actor, Now: time.Now()}, Profile: mine})
	for path := range shown {
		if got := pictures(visitor.Get(path)); len(got) > 0 {
			t.Errorf("%s shows a visitor %v", path, got)
		}
	}
	if got := pictures(s.SignIn(s.v.Bram).Get(profile)); len(got) != 1 {
		t.Errorf("to a member the profile shows %v", got)
	}

	leads(t, ana, "/settings/avatar/remove", nil, "/settings", "Your picture is gone", "not Remove the picture")
	if got := visitor.Get(chosen[0]); got.Status != http.StatusNotFound {
		t.Errorf("what was taken away answers %d", got.Status)
	}
	leads(t, ana, "/settings/avatar/remove", nil, "/settings", "Your picture is gone") // pressed twice
}

func TestAPictureThatCantBeTaken(t *testing.T) {
	t.Parallel()
	s := webtest.Start(t)
	b := s.SignIn(s.Athlete("Ana de Smet", sport.Female, nil))
	sendsPicture(t, s, b, "/settings/avatar", photo(t, color.RGBA{30, 30, 200, 255}), http.StatusSeeOther, "")
	before := pictures(b.Get("/settings"))
	for name, c := range map[string]struct {
		data  []byte
		words string
	}{
		"a text":    {[]byte("not a picture"), "can't be read as a picture"},
		"nothing":   {nil, "Choose a picture first"},
		"too large": {make([]byte, avatars.MaxBytes+1), "larger than 10 MB"},
	} {
		page := sendsPicture(t, s, b, "/settings/avatar", c.data, http.StatusUnprocessableEntity, c.words)
		if !strings.Contains(page.Body, `id="f-avatar-error"`) || fmt.Sprint(pictures(page)) != fmt.Sprint(before) {
			t.Errorf("%s: no words at the field, or the picture is another: %v", name, pictures(page))
		}
	}
	refuses(t, b, "/settings/avatar", nil, http.StatusUnprocessableEntity, "The upload arrived incomplete")
	if page := sends(t, s, b, "/settings/avatar", "avatar", nil); page.Status != http.StatusUnprocessableEntity {
		t.Errorf("a form without a file: %d", page.Status)
	}
	for _, path := range []string{"/settings/avatar", "/settings/avatar/remove"} {
		if page := sends(t, s, s.Visitor(), path, "avatar", nil, file{"me.jpg", photo(t, color.RGBA{})}); page.Status != http.StatusSeeOther ||
			!strings.HasPrefix(page.Location, "/sign-in") {
			t.Errorf("%s by a visitor: %d to %q", path, page.Status, page.Location)
		}
	}
	for _, path := range []string{"/avatars/x/96", "/avatars/" + strings.Repeat("0", 32) + "/320", strings.TrimSuffix(before[0], "96") + "97"} {
		if page := s.Visitor().Get(path); page.Status != http.StatusNotFound {
			t.Errorf("%s answers %d", path, page.Status)
		}
	}
}

func TestAClubsPicture(t *testing.T) {
	t.Parallel()
	s := startSeason(t)
	club := "/clubs/" + s.v.Club.Slug
	runs, member := s.SignIn(s.v.Organiser), s.SignIn(s.v.Ana)
	sendsPicture(t, s.Site, member, club+"/avatar", photo(t, color.RGBA{1, 1, 1, 255}), http.StatusForbidden, "Only administrators of this club")
	refuses(t, member, club+"/avatar/remove", nil, http.StatusForbidden)
	bad := sendsPicture(t, s.Site, runs, club+"/avatar", []byte("x"), http.StatusUnprocessableEntity, "can't be read as a picture")
	if form(t, bad, club+"/edit", nil).Get("name") != s.v.Club.Name {
		t.Error("the rest of the form is lost")
	}
	sendsPicture(t, s.Site, runs, club+"/avatar", photo(t, color.RGBA{1, 90, 1, 255}), http.StatusSeeOther, "")
	for path, edge := range map[string]string{club: "/320", "/clubs": "/96"} {
		if got := pictures(s.Visitor().Get(path)); len(got) != 1 || !strings.HasSuffix(got[0], edge) {
			t.Errorf("%s shows %v", path, got)
		}
	}
	leads(t, runs, club+"/avatar/remove", nil, club+"/edit", "The picture is gone")
	if got := pictures(s.Visitor().Get(club)); len(got) != 0 {
		t.Errorf("it is still shown: %v", got)
	}
}

package web_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/webtest"
)

// linkTo is the path of the newest sign-in link that was mailed to an address.
func linkTo(t *testing.T, s *webtest.Site, email string) string {
	t.Helper()
	mails, err := s.Mailbox.Mails(t.Context(), email, 1)
	if err != nil || len(mails) == 0 {
		t.Fatalf("no mail to %s: %v", email, err)
	}
	link := regexp.MustCompile(regexp.QuoteMeta(s.URL) + `(/sign-in/link\?token=\S+)`).FindStringSubmatch(mails[0].Plain)
	if link == nil {
		t.Fatalf("no link in %s", mails[0].Plain)
	}
	return link[1]
}

func TestSomebodyNewRegistersByMail(t *testing.T) {
	s := webtest.Start(t)
	b := s.Visitor()
	refuses(t, b, "/sign-in", url.Values{"email": {"ana"}}, 422, "This isn't an e-mail address")
	refuses(t, b, "/sign-in", url.Values{"email": {"Ana@Example.org"}, "next": {"/upload"}}, 200, "Look into your mail")
	link := linkTo(t, s, "ana@example.org")
	button := reads(t, b, link, "Sign in as ana@example.org")
	token := form(t, button, "/sign-in/link", nil)
	page := leads(t, b, "/sign-in/link", token, "/register?next=%2Fupload", "ana@example.org is new here")
	typed := form(t, page, "/register", url.Values{"firstName": {"Ana"}, "gender": {"F"}, "birthYear": {"1850"}, "timeZone": {"Europe/Brussels"}})
	bad := refuses(t, b, "/register", typed, 422, "Give a name", "That can't be the year of your birth")
	kept := form(t, bad, "/register", url.Values{"lastName": {"de Smet"}, "birthYear": {""}})
	if kept.Get("gender") != "F" || kept.Get("next") != "/upload" || kept.Get("units") != "metric" {
		t.Errorf("what was typed is lost: %v", kept)
	}
	leads(t, b, "/register", kept, "/upload", "Welcome, Ana!")
	refuses(t, b, "/register", kept, 303)
	refuses(t, s.Visitor(), "/sign-in/link", token, 422, "has been used already", "Send me a link")
	refuses(t, s.Visitor(), "/sign-in/link", url.Values{"token": {"x"}}, 422, "isn't one of ours")
	if got := b.Post("/sign-out", nil); got.Status != 303 || b.Get("/upload").Status != 303 {
		t.Error("signing out didn't")
	}
}

func TestSomebodyKnownComesBackToTheirPage(t *testing.T) {
	s := webtest.Start(t)
	ana := s.Athlete("Ana de Smet", sport.Female, nil)
	b := s.Visitor()
	asked := b.Get("/settings")
	if asked.Status != 303 || !strings.HasPrefix(asked.Location, "/sign-in?next=") {
		t.Fatalf("%d %s", asked.Status, asked.Location)
	}
	sent := form(t, reads(t, b, asked.Location, "Send me a link"), "/sign-in", url.Values{"email": {ana.Email}})
	refuses(t, b, "/sign-in", sent, 200, "Look into your mail")
	leads(t, b, "/sign-in/link", form(t, b.Get(linkTo(t, s, ana.Email)), "/sign-in/link", nil), "/settings", "You sign in as "+ana.Email)
	for range 4 {
		refuses(t, s.Visitor(), "/sign-in", sent, 200)
	}
	refuses(t, s.Visitor(), "/sign-in", sent, 422, "several sign-in links within the hour")
}

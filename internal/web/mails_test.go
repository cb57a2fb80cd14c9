package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/notify"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/webtest"
)

func TestMailsAreChosen(t *testing.T) {
	t.Parallel()
	s := webtest.Start(t)
	ana := s.Athlete("Ana de Smet", sport.Female, nil)
	b := s.SignIn(ana)
	off := func() string {
		t.Helper()
		kinds, err := readmodel.NotificationsOff(t.Context(), s.Pool, ana.ID)
		if err != nil {
			t.Fatal(err)
		}
		var words []string
		for _, k := range kinds {
			words = append(words, string(k))
		}
		return strings.Join(words, " ")
	}
	if page := b.Get("/settings"); strings.Count(page.Body, `name="mails"`) != 5 || strings.Count(page.Body, "checked") < 5 {
		t.Errorf("the settings don't show five switches that are on:\n%s", page.Body)
	}
	if page := b.Post("/settings/mails", url.Values{"mails": {"lost_place", "stage_started"}}); page.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", page.Status, page.Text())
	}
	if got := off(); got != "results_published approve_stage host_challenge" {
		t.Errorf("off: %s", got)
	}
	if page := s.Visitor().Post("/settings/mails", nil); page.Status != http.StatusSeeOther || !strings.HasPrefix(page.Location, "/sign-in") {
		t.Errorf("a visitor: %d to %s", page.Status, page.Location)
	}

	// By the link in a mail, without signing in.
	token, err := notify.Unsubscriber{Pool: s.Pool}.Token(t.Context(), ana.ID, athletes.LostPlace)
	if err != nil {
		t.Fatal(err)
	}
	visitor, link := s.Visitor(), notify.UnsubscribePath+token
	if page := visitor.Get(link); page.Status != http.StatusOK || !page.Has("No more of these?") || !page.Has("takes your place in the points") {
		t.Errorf("status %d: %s", page.Status, page.Text())
	}
	if got := off(); strings.Contains(got, "lost_place") {
		t.Error("looking at the page has switched mails off")
	}
	if page := visitor.Post(link, url.Values{"mails": {"off"}}); page.Status != http.StatusSeeOther || page.Location != link {
		t.Errorf("status %d to %s: %s", page.Status, page.Location, page.Text())
	}
	if page := visitor.Get(link); !strings.HasPrefix(off(), "lost_place") || !page.Has("We no longer write to you") {
		t.Errorf("off %s; %s", off(), page.Text())
	}
	visitor.Post(link, url.Values{"mails": {"on"}})
	if strings.Contains(off(), "lost_place") {
		t.Errorf("on again, and off %s", off())
	}
	visitor.Post(link, url.Values{"mails": {"none"}})
	if got := off(); got != "lost_place stage_started results_published approve_stage host_challenge" {
		t.Errorf("none at all, and off %s", got)
	}
	if page := visitor.Get(link); page.Has("No mails at all") {
		t.Error("there is a button for what is so already")
	}
	for _, bad := range []string{link + "x", notify.UnsubscribePath + "x", link[:len(link)-4]} {
		if page := visitor.Get(bad); page.Status != http.StatusNotFound || !page.Has("This link is incomplete") {
			t.Errorf("%s: status %d, %s", bad, page.Status, page.Text())
		}
	}
}

// TestOneClick is the request that mail programs make (RFC 8058, section 3.2): no cookies, no origin, no page.
func TestOneClick(t *testing.T) {
	t.Parallel()
	s := webtest.Start(t)
	ana := s.Athlete("Ana de Smet", sport.Female, nil)
	token, err := notify.Unsubscriber{Pool: s.Pool}.Token(t.Context(), ana.ID, athletes.StageStarted)
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []struct{ kind, text string }{
		{"application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"},
		{"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+notify.UnsubscribePath+token, strings.NewReader(body.text))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", body.kind)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		wants, err := readmodel.WantsNotification(t.Context(), s.Pool, ana.ID, athletes.StageStarted)
		if answer.StatusCode != http.StatusNoContent || wants || err != nil {
			t.Errorf("%s: status %d, still wanted %v, %v", body.kind, answer.StatusCode, wants, err)
		}
	}
}

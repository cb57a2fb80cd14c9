package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/web/browsertest"
	"segmentchallenge/internal/web/webtest"
)

func TestBoardsForOtherScreens(t *testing.T) {
	t.Parallel()
	s := startSeason(t)
	visitor, draft := s.Visitor(), s.Challenge(s.v.Organiser, "Not Yet", nil)
	soon := s.Challenge(s.v.Organiser, "Soon", func(d *challenges.Definition) { d.Window = webtest.Days(2, 20) })
	s.Stage(s.v.Organiser, soon, "First", s.v.Segments[0], nil)
	s.Host(s.v.Organiser, soon)

	reads(t, visitor, s.challenge+"/tv", "Five Hills", "Kattenberg, Open", "Kattenberg, Women", "Ana de Smet", "5:00", "General, Open", "General, Women", "not Heideheuvel", "not Sign in")
	reads(t, visitor, s.past+"/tv", "Heideheuvel, Open", "Bram Claes", "not Kattenberg, Open")
	reads(t, visitor, "/challenges/"+soon.Slug+"/tv", "No board yet", "It starts on")
	reads(t, s.SignIn(s.v.Ana), s.challenge+"/tv", "not You")
	for _, path := range []string{"/tv", "/embed"} {
		if page := visitor.Get("/challenges/" + draft.Slug + path); page.Status != http.StatusNotFound {
			t.Errorf("a stranger sees the draft's %s: status %d", path, page.Status)
		}
	}

	embed := reads(t, visitor, s.challenge+"/embed", "Five Hills", "Kattenberg, Open", "Ana de Smet", "The whole board", "not Kattenberg, Women")
	reads(t, visitor, s.challenge+"/embed?category=women", "Kattenberg, Women")
	reads(t, visitor, s.past+"/embed", "Heideheuvel, Open")
	if page := visitor.Get(s.challenge + "/embed?category=Juniors"); page.Status != http.StatusNotFound {
		t.Errorf("a category that isn't there: status %d", page.Status)
	}
	if h := embed.Header; !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors *") || h.Get("X-Frame-Options") != "" {
		t.Errorf("no other page may show it: %v", h)
	}
	if strings.Contains(embed.Body, "<form") {
		t.Error("there is a form in a page that other sites show")
	}
	for _, path := range []string{s.challenge, s.challenge + "/tv"} {
		if h := visitor.Get(path).Header; !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") || h.Get("X-Frame-Options") != "DENY" {
			t.Errorf("other pages may show %s", path)
		}
	}
	page := reads(t, visitor, s.challenge, "Board for your own site", "Board for a television")
	if !strings.Contains(page.Body, s.URL+s.challenge+"/embed") || !strings.Contains(page.Body, `class="qr"`) {
		t.Error("the page lacks the code to embed, or the QR code")
	}
}

// TestATelevision is looked at from the back of a room: big letters, pages that turn, and what happens is seen at once.
func TestATelevision(t *testing.T) {
	s := startSeason(t)
	s.Crowd(s.v.Organiser, s.v.Challenge, s.v.Active, 27, 400*time.Second) // thirty with the others
	s.Settled()
	ctx := browsertest.Open(t, browsertest.Options{Width: 1920, Height: 1080})
	if err := chromedp.Do(ctx, chromedp.Navigate(s.URL+s.active+"/tv"), chromedp.WaitReady("[data-tv]")); err != nil {
		t.Fatal(err)
	}
	browsertest.Until(t, ctx, `document.querySelector("[data-live-state=live]")`)
	const rows = `[...document.querySelectorAll(".tv-slide:not([hidden]) tbody tr")].filter(r => r.offsetParent).map(r => r.querySelector(".who-name a").innerText)`
	where := func() string {
		return browsertest.Value[string](t, ctx, `document.querySelector("[data-tv-where]").innerText`)
	}
	if got := browsertest.Value[[]string](t, ctx, rows); len(got) != 13 || got[0] != "Ana de Smet" {
		t.Errorf("the first page: %v", got)
	}
	small := browsertest.Value[[]string](t, ctx, `[...document.querySelectorAll(".tv *")].filter(e => e.offsetParent && !e.closest(".visually-hidden, svg")
		&& [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) && parseFloat(getComputedStyle(e).fontSize) < 28)
		.map(e => e.className + " " + getComputedStyle(e).fontSize + ": " + e.innerText.slice(0, 30))`)
	if len(small) > 0 {
		t.Errorf("smaller than 28 px: %s", strings.Join(small, "\n"))
	}
	fits := browsertest.Value[string](t, ctx, `(() => { const last = [...document.querySelectorAll(".tv-slide:not([hidden]) tbody tr")].filter(r => r.offsetParent).at(-1).getBoundingClientRect().bottom;
		const foot = document.querySelector(".tv-foot").getBoundingClientRect(); return last <= foot.top && foot.bottom <= innerHeight ? "" : last + " of " + foot.top + ", " + foot.bottom; })()`)
	if fits != "" {
		t.Errorf("the rows don't fit the screen: %s", fits)
	}

	press := func(key string) {
		t.Helper()
		if err := chromedp.Do(ctx, chromedp.KeyEvent(key)); err != nil {
			t.Fatal(err)
		}
	}
	press(" ")
	if got := where(); got != "Board 1 of 3, page 1 of 3, paused" {
		t.Errorf("paused: %q", got)
	}
	for i, want := range []string{"Board 1 of 3, page 2 of 3, paused", "Board 1 of 3, page 3 of 3, paused", "Board 2 of 3, paused", "Board 3 of 3, paused", "Board 1 of 3, page 1 of 3, paused"} {
		press(kb.ArrowRight)
		if got := where(); got != want {
			t.Errorf("turn %d: %q, want %q", i+1, got, want)
		}
		if i == 0 {
			if got := browsertest.Value[[]string](t, ctx, rows); len(got) != 13 || got[0] != "Rider Number011" {
				t.Errorf("the second page: %v", got)
			}
		}
	}
	press(kb.ArrowLeft)
	if got := where(); got != "Board 3 of 3, paused" {
		t.Errorf("back: %q", got)
	}
	press(kb.ArrowRight)
	press(" ")
	s.Ride(s.v.Dirk, webtest.Ride{Line: webtest.Hill(1), Start: time.Now().Add(-2 * time.Hour), Time: 290 * time.Second})
	browsertest.Until(t, ctx, fmt.Sprintf(`%s[0] === "Dirk Aerts"`, rows))
	browsertest.Until(t, ctx, `/^updated [0-9] s ago$/.test(document.querySelector("[data-tv-updated]").innerText.replaceAll("\u00a0", " "))`)
}

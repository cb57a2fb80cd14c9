package web_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/notify"
	"segmentchallenge/internal/web/browsertest"
	"segmentchallenge/internal/web/webtest"
)

// TestPagesThatAreReadAreOpenToEverybody looks at every page as a visitor or as a member would, on a phone and at a desk,
// in both themes: see browsertest.Look. With SC_SCREENSHOTS=folder it leaves pictures, of each size in each theme.
func TestPagesThatAreReadAreOpenToEverybody(t *testing.T) {
	s := webtest.Start(t)
	v := s.Season()
	everyPageIsLookedAt(t, s, v)
	visitor, member := pagesOf(v)
	token, err := notify.Unsubscriber{Pool: s.Pool}.Token(t.Context(), v.Ana.ID, athletes.LostPlace)
	if err != nil {
		t.Fatal(err)
	}
	visitor["unsubscribe"] = notify.UnsubscribePath + token
	ana, dirk := s.SignIn(v.Ana).Cookies(), s.SignIn(v.Dirk).Cookies()
	readers := []browsertest.Options{{Width: 360, Height: 740, Dark: true}, {Width: 1280, Height: 900}}
	if os.Getenv("SC_SCREENSHOTS") != "" {
		readers = append(readers, browsertest.Options{Width: 360, Height: 740}, browsertest.Options{Width: 1280, Height: 900, Dark: true})
	}
	for _, o := range readers {
		theme := "light"
		if o.Dark {
			theme = "dark"
		}
		t.Run(fmt.Sprintf("%d-%s", o.Width, theme), func(t *testing.T) {
			o.Timeout = 8 * time.Minute // machines differ
			ctx := browsertest.Open(t, o)
			look := func(name, path string) {
				browsertest.Look(t, ctx, s.URL+path, fmt.Sprintf("%s-%d-%s", name, o.Width, theme))
			}
			for name, path := range visitor {
				look(name, path)
			}
			for name, path := range member {
				who := ana
				if strings.HasPrefix(name, "dirk-") {
					who = dirk
				}
				signIn(t, ctx, s.URL, who)
				look(name, path)
			}
		})
	}
}

// pagesOf are the addresses to look at, by the names of their pictures; those of members begin with who looks.
func pagesOf(v webtest.Season) (visitor, member map[string]string) {
	challenge := "/challenges/" + v.Challenge.Slug
	active := challenge + "/stages/" + v.Active.Slug
	visitor = map[string]string{
		"home": "/", "challenges": "/challenges", "challenges-none": "/challenges?q=nothing", "challenge": challenge,
		"challenge-feed": challenge + "/feed", "stage-feed": active + "/feed", "athlete-feed": "/athletes/" + v.Bram.ID.String() + "/feed",
		"challenge-share": challenge + "#share", "tv": challenge + "/tv", "embed": challenge + "/embed", "challenge-competitors": challenge + "/competitors", "stage": active,
		"stage-women-open": active + "?category=Women&athlete=" + v.Ana.ID.String(), "stage-past": challenge + "/stages/" + v.Past.Slug,
		"stage-mystery": challenge + "/stages/" + v.Mystery.Slug, "segments": "/segments", "segment": "/segments/" + v.Segments[1].ID.String(),
		"clubs": "/clubs", "club": "/clubs/" + v.Club.Slug, "athlete": "/athletes/" + v.Bram.ID.String(),
		"athlete-hidden": "/athletes/" + v.Chloe.ID.String(), "activity": "/activities/" + v.Twice.ID.String(), "api": "/api",
		"standings": challenge + "/standings", "history": active + "/history", "why-rank": active + "/why/" + v.Bram.ID.String(), "tv-stage": active + "/tv", "embed-stage": active + "/embed",
	}
	member = map[string]string{
		"ana-dashboard": "/dashboard", "ana-dashboard-feed": "/dashboard/feed", "ana-profile": "/athletes/" + v.Ana.ID.String(), "ana-zones": "/settings/zones", "ana-challenge": challenge, "ana-join": challenge + "#leave", "ana-private": "/activities/" + v.Private.ID.String(),
		"ana-edit": "/activities/" + v.Private.ID.String() + "#edit", "ana-segment": "/segments/" + v.Segments[1].ID.String(),
		"ana-decisions": challenge + "/decisions", "ana-delete": "/settings/delete",
		"dirk-dashboard": "/dashboard", "dirk-stage": active, "dirk-activity": "/activities/" + v.Missed.ID.String(),
	}
	return visitor, member
}

func signIn(t *testing.T, ctx context.Context, site string, cookies []*http.Cookie) {
	t.Helper()
	for _, c := range cookies {
		_, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: c.Name, Value: c.Value, URL: site})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestABoardMovesBeforeItsWatchers has a board open twice, alone and on the front page, while somebody takes the lead.
func TestABoardMovesBeforeItsWatchers(t *testing.T) {
	s := startSeason(t)
	alone := browsertest.Open(t, browsertest.Options{Width: 360, Height: 740})
	front := browsertest.Open(t, browsertest.Options{Width: 1280, Height: 900})
	signIn(t, alone, s.URL, s.SignIn(s.v.Ana).Cookies())
	for ctx, path := range map[context.Context]string{alone: s.active, front: "/"} {
		if err := chromedp.Do(ctx, chromedp.Navigate(s.URL+path)); err != nil {
			t.Fatal(err)
		}
		browsertest.Until(t, ctx, `document.querySelector("[data-live-state=live]")`)
		browsertest.Value[string](t, ctx, `window.mark = "the same page"`)
	}
	s.Ride(s.v.Dirk, webtest.Ride{Line: webtest.Hill(1), Start: webtest.Day(-1, 20*time.Hour).In(webtest.Zone), Time: 299 * time.Second})
	for _, ctx := range []context.Context{alone, front} {
		browsertest.Until(t, ctx, `document.querySelector(".board tbody tr")?.id === "row-`+s.v.Dirk.ID.String()+`"`)
		if got := browsertest.Value[string](t, ctx, `window.mark`); got != "the same page" {
			t.Errorf("the page was read anew: %q", got)
		}
	}
	if own := browsertest.Value[string](t, alone, `document.querySelector("tr.own .c-rank").innerText.trim()`); !strings.HasPrefix(own, "2") {
		t.Errorf("Ana's own row says %q", own)
	}
}

package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/coder/websocket"

	"segmentchallenge/internal/web/browsertest"
	"segmentchallenge/internal/web/webtest"
)

func TestFeedPages(t *testing.T) {
	t.Parallel()
	s := webtest.Start(t)
	v := s.Season()
	challenge := "/challenges/" + v.Challenge.Slug
	stage := challenge + "/stages/" + v.Active.Slug
	for _, c := range []struct {
		name, path string
		reader     *webtest.Browser
		has, lacks []string
	}{
		{"challenge", challenge + "/feed", s.Visitor(), []string{"Ana de Smet takes the lead on Kattenberg", "Dirk Aerts joined the challenge", "Stage 1, Heideheuvel has ended"}, []string{"overtook"}},
		{"stage", stage + "/feed", s.Visitor(), []string{"Ana de Smet takes the lead on Kattenberg", "5:00"}, []string{"joined", "Heideheuvel"}},
		{"stage's page", stage, s.Visitor(), []string{"Ana de Smet takes the lead on Kattenberg"}, nil},
		{"athlete", "/athletes/" + v.Bram.ID.String() + "/feed", s.Visitor(), []string{"Bram Claes", "Kattenberg in Five Hills"}, []string{"overtook"}},
		{"one's own", "/athletes/" + v.Bram.ID.String() + "/feed", s.SignIn(v.Bram), []string{"Ana de Smet overtook Bram Claes", "who goes from 1st to 2nd place on Kattenberg in Five Hills"}, nil},
		{"dashboard", "/dashboard/feed", s.SignIn(v.Bram), []string{"Ana de Smet overtook Bram Claes", "Dirk Aerts joined Five Hills"}, nil},
	} {
		page := c.reader.Get(c.path)
		if page.Status != http.StatusOK {
			t.Errorf("%s: status %d", c.name, page.Status)
		}
		for _, words := range c.has {
			if !page.Has(words) {
				t.Errorf("%s lacks %q:\n%s", c.name, words, page.Text())
			}
		}
		for _, words := range c.lacks {
			if page.Has(words) {
				t.Errorf("%s has %q:\n%s", c.name, words, page.Text())
			}
		}
	}
	if page := s.Visitor().Get("/athletes/" + v.Chloe.ID.String() + "/feed"); page.Status != http.StatusNotFound {
		t.Errorf("the feed of somebody who shows it to nobody: status %d", page.Status)
	}
	if page := s.Visitor().Get("/dashboard/feed"); page.Status != http.StatusSeeOther {
		t.Errorf("a visitor's dashboard: status %d", page.Status)
	}
}

// TestFeedsArePaged follows the links to older items: nothing is missing, nothing comes twice.
func TestFeedsArePaged(t *testing.T) {
	t.Parallel()
	s := webtest.Start(t)
	v := s.Season()
	s.Crowd(v.Organiser, v.Challenge, v.Active, 25, 400*time.Second)
	s.Settled()
	var seen []string
	for path, pages := "/challenges/"+v.Challenge.Slug+"/feed", 0; path != ""; pages++ {
		page := s.Visitor().Get(path)
		if live := strings.Contains(page.Body, "data-live="); live != (pages == 0) {
			t.Errorf("page %d is live: %v", pages, live)
		}
		for _, item := range strings.Split(page.Body, `id="feed-item-`)[1:] {
			id, _, _ := strings.Cut(item, `"`)
			seen = append(seen, id)
		}
		path = ""
		if _, more, ok := strings.Cut(page.Body, `class="feed-more"><a href="`); ok {
			path, _, _ = strings.Cut(more, `"`)
		}
		if pages > 5 {
			t.Fatal("it never ends")
		}
	}
	unique := map[string]bool{}
	for _, id := range seen {
		unique[id] = true
	}
	if len(unique) != len(seen) || len(seen) < 45 {
		t.Errorf("%d items, %d of them different; want 45 and more", len(seen), len(unique))
	}
}

// TestFeedsAreLive: what happens comes over the socket as the page draws it, to those alone who may see it.
func TestFeedsAreLive(t *testing.T) {
	t.Parallel()
	s := webtest.Start(t)
	v := s.Season()
	watch := func(topics ...string) *websocket.Conn {
		t.Helper()
		q := url.Values{"topic": topics}
		conn, _, err := websocket.Dial(t.Context(), s.URL+"/live/topics?"+q.Encode(), nil)
		if err != nil {
			t.Fatal(err)
		}
		conn.SetReadLimit(-1)
		t.Cleanup(func() { conn.CloseNow() })
		return conn
	}
	conn := watch("challenge-feed/"+v.Challenge.ID.String(), "stage-feed/"+v.Active.ID.String(), "athlete-feed/"+v.Dirk.ID.String())
	s.Ride(v.Dirk, webtest.Ride{Line: webtest.Hill(1), Start: time.Now().Add(-2 * time.Hour), Time: 290 * time.Second})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	feeds := map[string]bool{}
	for len(feeds) < 3 {
		_, message, err := conn.Read(ctx)
		if err != nil {
			t.Fatalf("%v; got only %v", err, feeds)
		}
		html := string(message)
		if strings.Contains(html, "overtook") {
			t.Errorf("others are told of a lost place:\n%s", html)
		}
		for _, id := range []string{v.Challenge.ID.String(), v.Active.ID.String(), v.Dirk.ID.String()} {
			if strings.Contains(html, `id="feed-`+id) && strings.Contains(html, "takes the lead on") && strings.Contains(html, "4:50") {
				feeds[id] = true
			}
		}
	}
	if _, answer, err := websocket.Dial(t.Context(), s.URL+"/live/topics?topic=athlete-feed/"+v.Chloe.ID.String(), nil); err == nil || answer.StatusCode != http.StatusNotFound {
		t.Errorf("the feed of somebody who shows it to nobody: %v", err)
	}
}

// TestTheDashboardKeepsUp: that something has happened comes over the socket, and what it means for who looks from the page.
func TestTheDashboardKeepsUp(t *testing.T) {
	s := startSeason(t)
	ctx := browsertest.Open(t, browsertest.Options{Width: 1280, Height: 900})
	signIn(t, ctx, s.URL, s.SignIn(s.v.Ana).Cookies())
	if err := chromedp.Do(ctx, chromedp.Navigate(s.URL+"/dashboard"), chromedp.WaitReady("#feed-own")); err != nil {
		t.Fatal(err)
	}
	browsertest.Until(t, ctx, `document.querySelector("[data-live-state=live]")`)
	s.Ride(s.v.Dirk, webtest.Ride{Line: webtest.Hill(1), Start: time.Now().Add(-2 * time.Hour), Time: 290 * time.Second})
	browsertest.Until(t, ctx, `document.querySelector("#feed-own").innerText.includes("overtook Ana de Smet") &&
		document.querySelector("#own-stages").innerText.includes("2nd of 4")`)
}

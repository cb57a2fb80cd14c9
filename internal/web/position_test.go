package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"segmentchallenge/internal/clubs"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/webtest"
)

// with gives the browser's request a position, as the cookie that an earlier answer left.
func with(s *webtest.Site, b *webtest.Browser, path, position string) webtest.Page {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), http.MethodGet, s.URL+path, nil)
	if err != nil {
		s.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "pos", Value: position})
	return b.Do(r)
}

func positionOf(p webtest.Page) *http.Cookie {
	for _, c := range (&http.Response{Header: p.Header}).Cookies() {
		if c.Name == "pos" {
			return c
		}
	}
	return nil
}

// What somebody did travels with their browser: whoever answers the next request shows at least that.
func TestBrowserCarriesThePosition(t *testing.T) {
	s := webtest.Start(t)
	ada := s.Athlete("Ada Lee", sport.Female, nil)
	browser := s.SignIn(ada)
	club := s.Club(ada, "Alpine Wheelers")
	path := "/clubs/" + club.Slug
	edited := browser.Post(path+"/edit", url.Values{"name": {"Alpine Riders"}})
	cookie := positionOf(edited)
	if edited.Status != http.StatusSeeOther || cookie == nil || !cookie.HttpOnly || cookie.MaxAge != 30 || cookie.SameSite != http.SameSiteLaxMode {
		t.Fatalf("%d %s: %v", edited.Status, edited.Text(), cookie)
	}
	if page := browser.Get(path); page.Status != http.StatusOK || !page.Has("Alpine Riders") {
		t.Errorf("%d: %s", page.Status, page.Text())
	}
	visitor := s.Visitor()
	tx, err := s.Pool.Begin(t.Context()) // holds the read model up
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `select from subscriptions where name = $1 for update`, readmodel.PeopleModel); err != nil {
		t.Fatal(err)
	}
	rename := func(name string) (position string) {
		result, err := s.Dispatch.Send(t.Context(), clubs.Edit{Head: clubs.Head{ID: club.ID, By: ada.Actor, Now: time.Now()},
			Definition: clubs.Definition{Name: name}}, eventstore.Meta{}) // and nobody waits
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(result.Last)
	}
	position := rename("Alpine Climbers")
	start := time.Now()
	if page := with(s, visitor, path, position); page.Status != http.StatusOK || !page.Has("Alpine Riders") || time.Since(start) < 2*time.Second {
		t.Errorf("held up, after %v: %d %s", time.Since(start), page.Status, page.Text())
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if page := with(s, visitor, path, position); !page.Has("Alpine Climbers") {
		t.Errorf("%d %s", page.Status, page.Text())
	}
	for n := range 20 {
		name := fmt.Sprint("Alpine Club ", n)
		if page := with(s, visitor, path, rename(name)); !page.Has(name) {
			t.Fatalf("round %d: %s", n, page.Text())
		}
	}
}

// A cookie that makes no sense costs nobody anything: the page is shown, and the cookie forgotten.
func TestPositionsThatMakeNoSense(t *testing.T) {
	s := webtest.Start(t)
	for _, position := range []string{"x", "", "9223372036854775808", "9223372036854775807"} {
		page := with(s, s.Visitor(), "/", position)
		if forgotten := positionOf(page); page.Status != http.StatusOK || forgotten == nil || forgotten.MaxAge >= 0 {
			t.Errorf("%q: %d, cookie %v", position, page.Status, forgotten)
		}
	}
}

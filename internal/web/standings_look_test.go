package web_test

import (
	"fmt"
	"testing"
	"time"

	"segmentchallenge/internal/stages"
	"segmentchallenge/internal/web/browsertest"
	"segmentchallenge/internal/web/webtest"
)

// TestStandingsAreOpenToEverybody looks at standings with confirmed and provisional points, as a visitor and as somebody who is in
// them, and at the scoring editor, on a phone and at a desk: see browsertest.Look.
func TestStandingsAreOpenToEverybody(t *testing.T) {
	s := startSeason(t)
	s.Send(stages.Approve{Head: stages.Head{ID: s.v.Past.ID, By: s.v.Organiser.Actor, Now: webtest.Day(0, 0).In(webtest.Zone)}})
	ana, organiser := s.SignIn(s.v.Ana).Cookies(), s.SignIn(s.v.Organiser).Cookies()
	for _, o := range []browsertest.Options{{Width: 360, Height: 740, Dark: true}, {Width: 1280, Height: 900}} {
		t.Run(fmt.Sprint(o.Width), func(t *testing.T) {
			o.Timeout = 8 * time.Minute // machines differ
			ctx := browsertest.Open(t, o)
			look := func(name, path string) {
				browsertest.Look(t, ctx, s.URL+path, fmt.Sprintf("%s-%d", name, o.Width))
			}
			look("standings", s.challenge+"/standings")
			signIn(t, ctx, s.URL, ana)
			look("ana-standings", s.challenge+"/standings?category=Women&classification=Mountains")
			look("ana-challenge", s.challenge)
			signIn(t, ctx, s.URL, organiser)
			look("scoring", s.challenge+"/organise/scoring")
		})
	}
}

package web_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/browsertest"
	"segmentchallenge/internal/web/webtest"
)

// TestFormsAreOpenToEverybody looks at every page with a form as those would who use it: see
// TestPagesThatAreReadAreOpenToEverybody.
func TestFormsAreOpenToEverybody(t *testing.T) {
	s := webtest.Start(t)
	v := s.Season()
	draft := s.Challenge(v.Organiser, "Autumn hills", func(d *challenges.Definition) { d.Window = webtest.Days(10, 40) })
	s.Stage(v.Organiser, draft, "First hill", v.Segments[0], nil)
	over := s.Challenge(v.Organiser, "Spring race", func(d *challenges.Definition) {
		d.Type, d.Goal, d.Window = sport.RaceChallenge, &sport.Goal{Value: 5, Units: "kilometres"}, webtest.Days(-20, 20)
	})
	s.Host(v.Organiser, over)
	s.Send(challenges.End{Head: challenges.Head{ID: over.ID, By: v.Organiser.Actor, Now: time.Now()}})
	s.Ride(v.Organiser, webtest.Ride{Line: webtest.Hill(1), Start: webtest.Day(-2, 9*time.Hour).In(webtest.Zone), Time: 7 * time.Minute})
	season{Site: s, v: v}.withoutStart(v.Dirk, 310*time.Second)
	half, stage := longDraft(t, s, v)
	s.Send(challenges.GroupAthletes{Head: challenges.Head{ID: v.Challenge.ID, By: v.Organiser.Actor, Now: time.Now()}, Grouping: leaderboards.Grouping{
		Named: []leaderboards.Group{{Kind: leaderboards.Division, Name: "A"}, {Kind: leaderboards.Team, Name: "Reds"}}}})
	organiser, dirk, admin := s.SignIn(v.Organiser), s.SignIn(v.Dirk), s.SignIn(s.Admin(v.Stranger))
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
				browsertest.Look(t, ctx, s.URL+path, fmt.Sprintf("form-%s-%d-%s", name, o.Width, theme))
			}
			look("sign-in", "/sign-in")
			signIn(t, ctx, s.URL, dirk.Cookies())
			for name, path := range athleteForms(v) {
				look(name, path)
			}
			signIn(t, ctx, s.URL, organiser.Cookies())
			for name, path := range organiserForms(v, draft.Slug, over.Slug) {
				look(name, path)
			}
			look("cut", "/segments/new?activity="+rideOf(t, s, v.Organiser))
			for name, path := range hostingPages(half, stage) {
				look(name, path)
			}
			signIn(t, ctx, s.URL, admin.Cookies())
			for name, path := range adminPages() {
				look(name, path)
			}
		})
	}
}

// athleteForms and organiserForms are the addresses to look at, by the names of their pictures.
func athleteForms(v webtest.Season) map[string]string {
	return map[string]string{"upload": "/upload", "settings": "/settings", "activity": "/activities/" + v.Missed.ID.String() + "/edit",
		"activity-delete": "/activities/" + v.Missed.ID.String() + "/edit#delete", "club-new": "/clubs/new", "segment-new": "/segments/new",
		"challenge-new": "/challenges/new"}
}

func organiserForms(v webtest.Season, draft, over string) map[string]string {
	desk, stage := "/challenges/"+v.Challenge.Slug+"/organise", "/challenges/"+v.Challenge.Slug+"/stages/"
	return map[string]string{"club-edit": "/clubs/" + v.Club.Slug + "/edit", "members": "/clubs/" + v.Club.Slug + "/members",
		"desk": desk, "desk-athletes": desk + "?show=athletes", "desk-efforts": desk + "?show=efforts", "desk-settings": desk + "?show=settings",
		"desk-dialog": desk + "#f-stage-2-end",
		"desk-review": desk + "?show=review", "stage-approve": stage + v.Past.Slug + "/organise/approve",
		"desk-groups": desk + "?show=groups", "effort-new": stage + v.Active.Slug + "/efforts/new", "challenge-approve": desk + "/approve",
		"why-points": "/challenges/" + v.Challenge.Slug + "/why/" + v.Ana.ID.String(), "desk-draft": "/challenges/" + draft + "/organise", "desk-over": "/challenges/" + over + "/organise",
		"stage-pick": "/challenges/" + draft + "/stages/new", "stage-new": "/challenges/" + draft + "/stages/new?segment=" + v.Segments[1].ID.String(),
		"stage-edit": stage + v.Active.Slug + "/edit", "scoring": desk + "/scoring"}
}

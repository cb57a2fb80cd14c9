package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/webtest"
)

// An organiser enters a result by hand; what can't be is said at its field, and everybody sees how it came about.
func TestAResultIsEnteredByHand(t *testing.T) {
	t.Parallel()
	s := startSeason(t)
	org, at := s.SignIn(s.v.Organiser), s.active+"/efforts/new"
	reads(t, org, s.challenge+"/organise", "Add a result")
	reads(t, org, s.challenge+"/organise?show=efforts&stage="+s.v.Active.Slug, "Add a result by hand")
	page := reads(t, org, at+"?athlete="+s.v.Dirk.ID.String(), "A result by hand", "Kattenberg", "Dirk Aerts", "By the athlete's own clock", "not Distance")
	action := at + "?athlete=" + s.v.Dirk.ID.String()
	typed := form(t, page, action, url.Values{"startLocal": {minute(webtest.Day(-2, 9*time.Hour))}, "elapsedTime": {"4:55.5"}})
	if typed.Get("athleteId") != s.v.Dirk.ID.String() || typed.Get("activityType") != "Ride" {
		t.Errorf("what is proposed: %v", typed)
	}
	for field, bad := range map[string]struct{ value, words string }{
		"athleteId": {"", "Say whose result it is"}, "startLocal": {"yesterday", "Write a date and a time"}, "elapsedTime": {"4.55", "Write a time like 4:09"}, "activityType": {"Swim", "don't count in this challenge"},
	} {
		wrong := refuses(t, org, at, copyOf(typed, url.Values{field: {bad.value}}), 422, bad.words)
		kept := form(t, wrong, at, nil)
		if !strings.Contains(wrong.Body, `href="#f-`+field+`"`) || field != "elapsedTime" && kept.Get("elapsedTime") != "4:55.5" || kept.Get("id") != typed.Get("id") || field == "elapsedTime" && kept.Get(field) != bad.value {
			t.Errorf("%s: nothing leads to the field, or what was typed is lost: %v", field, kept)
		}
	}
	refuses(t, org, at, copyOf(typed, url.Values{"athleteId": {s.v.Stranger.ID.String()}}), 422, "This athlete is not in the challenge")
	refuses(t, org, at, copyOf(typed, url.Values{"startLocal": {minute(webtest.Day(-9, 0))}}), 422, "This effort started on", "before the stage opened")
	refuses(t, org, at, copyOf(typed, url.Values{"startLocal": {minute(webtest.Day(2, 0))}}), 422, "can't start in the future")
	refuses(t, org, at, copyOf(typed, url.Values{"startLocal": {""}}), 422, "Say when the effort started")
	refuses(t, org, at, copyOf(typed, url.Values{"elapsedTime": {""}}), 422, "Say how long the effort took")

	leads(t, org, at, typed, s.challenge+"/organise?show=efforts&stage="+s.v.Active.Slug, "4:55 is entered for Dirk Aerts.", "entered by hand")
	leads(t, org, at, typed, s.challenge+"/organise") // sent twice it is one
	refuses(t, org, at, copyOf(typed, url.Values{"elapsedTime": {"4:50"}}), 422, "has been recorded already, with other figures")
	visitor := s.Visitor()
	board := reads(t, visitor, s.active+"?athlete="+s.v.Dirk.ID.String(), "Dirk Aerts By hand", "4:55", "entered by the organiser", "not 0.0 km/h")
	if strings.Contains(board.Body, `href="/activities/`+typed.Get("id")) {
		t.Error("it leads to an activity that there isn't")
	}
	reads(t, visitor, s.active+"/why/"+s.v.Dirk.ID.String(), "Entered by the organiser.")
	reads(t, s.SignIn(s.v.Ana), s.challenge+"/decisions", "Kattenberg: an effort was entered or accepted by hand: Dirk Aerts", "by Ilse Maes")
	if csv := visitor.Get(s.active + "/results.csv").Body; !strings.Contains(csv, "limited,manual\n") || !strings.Contains(csv, ",false,true\n") {
		t.Error(csv)
	}

	refuses(t, s.SignIn(s.v.Ana), at, typed, 403, "Only the organiser of this challenge")
	if got := s.SignIn(s.v.Ana).Get(at); got.Status != http.StatusForbidden {
		t.Errorf("a competitor gets %d", got.Status)
	}
	if got := visitor.Get(at); got.Status != http.StatusSeeOther {
		t.Errorf("a visitor gets %d", got.Status)
	}
	if got := org.Get(s.challenge + "/stages/" + s.v.Next.Slug + "/efforts/new"); got.Status != 422 || !got.Has("has not started yet") {
		t.Errorf("before the stage: %d %s", got.Status, got.Text())
	}
	leads(t, org, s.past+"/organise/approve", nil, s.challenge)
	if got := org.Get(s.past + "/efforts/new"); got.Status != 422 || !got.Has("The results of this stage are final") {
		t.Errorf("after it: %d %s", got.Status, got.Text())
	}
}

// Stages that rank by something else ask for that, in the organiser's units.
func TestResultsByHandOfEveryKind(t *testing.T) {
	t.Parallel()
	s := webtest.Start(t)
	org, rider := s.Athlete("Ilse Maes", sport.Female, nil), s.Athlete("Ana de Smet", sport.Female, nil)
	b := s.SignIn(org)
	for kind, c := range map[sport.ChallengeType]struct {
		asks, missing string
		give          url.Values
		shows         string
	}{
		sport.DistanceChallenge:  {"Distance", "Say how far it went", url.Values{"distance": {"42,2"}}, "42.2 km"},
		sport.ElevationChallenge: {"Climbed", "Say how much was climbed", url.Values{"elevationGain": {"850"}}, "850 m"},
		sport.DurationChallenge:  {"Moving time", "", url.Values{"movingTime": {"1:58:00"}}, "1:58:00"},
		sport.RaceChallenge:      {"Time", "", nil, "2:00:00"},
	} {
		ch := s.Challenge(org, "By "+string(kind), func(d *challenges.Definition) {
			d.Type = kind
			if kind == sport.RaceChallenge {
				d.Goal = &sport.Goal{Value: 40, Units: "kilometres", Recurrence: sport.Once}
			}
		})
		s.Host(org, ch)
		s.Join(ch, rider)
		stage := s.Reload(org, ch.ID).Stages[0]
		at := "/challenges/" + ch.Slug + "/stages/" + stage.Slug + "/efforts/new"
		typed := form(t, reads(t, b, at, c.asks), at, url.Values{"athleteId": {rider.ID.String()}, "startLocal": {minute(webtest.Day(-1, 9*time.Hour))}, "elapsedTime": {"2:00:00"}})
		if c.missing != "" {
			refuses(t, b, at, typed, 422, c.missing)
		}
		for field := range c.give {
			refuses(t, b, at, copyOf(typed, url.Values{field: {"far"}}), 422, "Write a")
			refuses(t, b, at, copyOf(typed, url.Values{field: {"-5"}}), 422)
		}
		leads(t, b, at, copyOf(typed, c.give), "/challenges/"+ch.Slug, c.shows+" is entered for Ana de Smet.")
		reads(t, s.Visitor(), "/challenges/"+ch.Slug+"/stages/"+stage.Slug, "Ana de Smet", "By hand", c.shows)
		refuses(t, b, at, copyOf(typed, url.Values{"id": {uuid.NewString()}, "athleteId": {uuid.NewString()}}), 404)
	}
}

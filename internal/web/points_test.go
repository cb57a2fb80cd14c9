package web_test

import (
	"net/url"
	"strings"
	"testing"
)

// An organiser gives and takes points with a reason, in one category or in all of the athlete's.
func TestPointsAreAdjustedOnTheDesk(t *testing.T) {
	t.Parallel()
	s := startSeason(t)
	org, desk := s.SignIn(s.v.Organiser), s.challenge+"/organise?show=athletes"
	adjust := s.challenge + "/competitors/" + s.v.Ana.ID.String() + "/adjust"
	page := reads(t, org, desk, "Give or take points in", "General, in every category", "Mountains, Women")
	typed := form(t, page, adjust, url.Values{"points": {"2,5"}, "reason": {"Helped with the timing."}})
	if typed.Get("classification") != "*|GC" {
		t.Errorf("what is proposed: %v", typed)
	}
	for field, bad := range map[string]struct{ value, words string }{"points": {"many", "Write a number with at most three decimals"}, "reason": {" ", "Give a reason"},
		"classification": {"Men|Nonsense", "no such classification"}} {
		wrong := refuses(t, org, adjust, copyOf(typed, url.Values{field: {bad.value}}), 422, bad.words)
		kept := form(t, wrong, adjust, nil)
		if !strings.Contains(wrong.Body, `href="#f-`+field+`-points-`+s.v.Ana.ID.String()+`"`) || field != "points" && kept.Get("points") != "2,5" || field != "reason" && kept.Get("reason") != "Helped with the timing." {
			t.Errorf("%s: nothing leads to the field, or what was typed is lost: %v", field, kept)
		}
	}
	refuses(t, org, adjust, copyOf(typed, url.Values{"points": {""}}), 422, "Say how many points to give")
	leads(t, org, adjust, typed, s.challenge+"/organise?show=athletes", "The points of Ana de Smet are adjusted.")
	leads(t, org, adjust, copyOf(typed, url.Values{"classification": {"Women|GC"}, "points": {"−1"}, "reason": {"No bell."}}), s.challenge+"/organise?show=athletes")
	why := s.challenge + "/why/" + s.v.Ana.ID.String() + "?classification=GC&category="
	reads(t, s.Visitor(), why+"Open", "The organiser gave 2.5 points by hand.", "Helped with the timing.", "not No bell.")
	reads(t, s.Visitor(), why+"Women", "The organiser gave 2.5 points by hand.", "The organiser took 1 point by hand.", "No bell.")
	reads(t, s.SignIn(s.v.Ana), s.challenge+"/decisions", "Points were adjusted by hand: Ana de Smet", "2.5 points in GC, Open: Helped with the timing.", "2.5 points in GC, Women: Helped with the timing.")
	refuses(t, s.SignIn(s.v.Ana), adjust, typed, 403, "Only the organiser of this challenge")
}

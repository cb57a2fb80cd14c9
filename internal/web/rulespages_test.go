package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/webtest"
)

// Organisers ask for age groups in their own words; each has a board that its address leads to.
func TestAgeGroupsOnPages(t *testing.T) {
	s := startSeason(t)
	b := s.SignIn(s.v.Organiser)
	page := reads(t, b, "/challenges/new", "Age groups")
	window := webtest.Days(-20, 20)
	typed := form(t, page, "/challenges/new", url.Values{"name": {"Masters"}, "startLocal": {minute(window.Start)}, "endLocal": {minute(window.End)}, "ageGroups": {"women 40–49, 50 + ;under 23"}})
	kept := refuses(t, b, "/challenges/new", copyOf(typed, url.Values{"ageGroups": {"40-49, " + strings.Repeat("x", 5000)}}), 422, "Write age groups like")
	if got := form(t, kept, "/challenges/new", nil); !strings.HasPrefix(got.Get("ageGroups"), "40-49, xxx") || strings.Contains(kept.Text(), strings.Repeat("x", 100)) {
		t.Error("what was typed is lost, or said at length")
	}
	leads(t, b, "/challenges/new", typed, "/challenges/masters/stages/new")
	stage := "/challenges/masters/stages/"
	leads(t, b, stage+"new", url.Values{"name": {"Kattenberg"}, "type": {"mountain"}, "pointsAdjustment": {"none"}, "segmentId": {s.v.Segments[1].ID.String()}}, "/challenges/masters/organise")
	leads(t, b, "/challenges/masters/organise/host", nil, "/challenges/masters/organise")

	year := window.Start.AsUTC().Year()
	eva := s.Athlete("Eva Peeters", sport.Female, func(p *athletes.Profile) { p.BirthYear = year - 50 })
	leads(t, s.SignIn(eva), "/challenges/masters/join", nil, "/challenges/masters")
	s.Ride(eva, webtest.Ride{Line: webtest.Hill(1), Start: webtest.Day(-1, 9*3600e9).In(webtest.Zone), Time: 300e9})
	reads(t, s.Visitor(), "/challenges/masters", "Open, Women, Men, U23, 50+ and Women 40-49", "Age groups go by the age in", "who hasn't disclosed a year of birth is in none")
	shown := reads(t, s.Visitor(), stage+"kattenberg?category="+url.QueryEscape("50+"), "Eva Peeters", "Women 40-49")
	for _, part := range []string{"results.csv?category=50%2B", "category=Women&#43;40-49", "-50plus\""} {
		if !strings.Contains(shown.Body, part) && !strings.Contains(shown.Body, strings.ReplaceAll(part, "&#43;", "+")) {
			t.Errorf("the page has no %q", part)
		}
	}
	if strings.Contains(shown.Body, `id="board-`) && strings.Contains(shown.Body, `50+"`) && strings.Contains(shown.Body, `id="board-50+`) {
		t.Error("an id that selectors can't name")
	}
	if csv := s.Visitor().Get(stage + "kattenberg/results.csv?category=50%2B"); csv.Status != http.StatusOK || !strings.Contains(csv.Body, "Eva Peeters") {
		t.Errorf("the table of 50+: %d %s", csv.Status, csv.Body)
	}
	reads(t, s.Visitor(), stage+"kattenberg?category="+url.QueryEscape("women 40-49"), "Nobody has a time yet")
}

// Results that are final are opened again from the desk, with a reason that has to be given.
func TestReopeningFromTheDesk(t *testing.T) {
	s := startSeason(t)
	b, desk := s.SignIn(s.v.Organiser), s.challenge+"/organise"
	leads(t, b, s.past+"/organise/approve", nil, desk, "The results of Heideheuvel are final", "Correct the results")
	refuses(t, b, s.past+"/organise/reopen", url.Values{"message": {" "}}, 422, "Give a reason")
	leads(t, b, s.past+"/organise/reopen", url.Values{"message": {"Bram drafted a car"}}, desk, "The results of Heideheuvel can be corrected")
	reads(t, s.Visitor(), s.past, "Provisional")
	refuses(t, s.SignIn(s.v.Ana), s.past+"/organise/reopen", url.Values{"message": {"x"}}, 403)
	reads(t, s.SignIn(s.v.Ana), s.challenge+"/decisions", "Heideheuvel: the results of the stage were opened again, to be corrected:", "Bram drafted a car")
}

// What organisers write is shown as they mean it, and can't do anything to who reads it.
func TestMarkdownWithScripts(t *testing.T) {
	s := startSeason(t)
	b, desk := s.SignIn(s.v.Organiser), s.challenge+"/organise"
	evil := "# Hi\n<script>alert(1)</script>\n\n<img src=x onerror=alert(2)>\n\n[ride](javascript:alert(3)) **safely**\n\n<iframe src=\"//evil.example\"></iframe>\n<b onclick=\"alert(4)\">bold</b>"
	leads(t, b, desk+"/describe", url.Values{"description": {evil}}, desk, "Saved")
	leads(t, b, s.past+"/organise/approve", url.Values{"message": {evil}}, desk)
	edit := s.active + "/edit"
	leads(t, b, edit, form(t, reads(t, b, edit), edit, url.Values{"description": {evil}}), desk)
	for _, path := range []string{s.challenge, s.past, s.active} {
		body := reads(t, s.Visitor(), path, "Hi", "ride safely").Body
		for _, harm := range []string{"alert(1)", "onerror", "javascript:", "<iframe", "onclick", "evil.example"} {
			if strings.Contains(body, harm) {
				t.Errorf("%s holds %q", path, harm)
			}
		}
	}
}

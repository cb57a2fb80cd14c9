package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"segmentchallenge/internal/web/webtest"
)

// TestHostingStepByStep goes through the wizard as a person would: with mistakes, back, away and back again, and twice.
func TestHostingStepByStep(t *testing.T) {
	t.Parallel()
	s := startSeason(t)
	b := s.SignIn(s.v.Bram)
	begin := form(t, reads(t, b, "/host", "Host a challenge", "No drafts"), "/host", nil)
	draft := "/host/" + begin.Get("id")
	kind := leads(t, b, "/host", begin, draft+"/kind", "What counts?")
	leads(t, b, "/host", begin, draft+"/kind") // pressed twice

	window := webtest.Days(0, 6)
	typed := form(t, kind, draft+"/kind", url.Values{"name": {""}, "startLocal": {minute(window.Start)}, "endLocal": {minute(window.End)}})
	bad := refuses(t, b, draft+"/kind", typed, 422, "Give a name")
	typed = form(t, bad, draft+"/kind", url.Values{"name": {"Hills & dales"}})
	if typed.Get("startLocal") != minute(window.Start) {
		t.Errorf("what was typed is lost: %v", typed)
	}
	rules := leads(t, b, draft+"/kind", typed, draft+"/rules", "Sports")
	reads(t, b, "/host", "Hills & dales", "0 stages")
	if got := s.SignIn(s.v.Ana).Get(draft + "/kind"); got.Status != http.StatusNotFound {
		t.Errorf("somebody else's draft is shown: %d", got.Status)
	}
	stages := leads(t, b, draft+"/rules", form(t, rules, draft+"/rules", nil), draft+"/stages", "No stages yet")
	refuses(t, b, draft+"/stages", form(t, stages, draft+"/stages", nil), 422, "at least one stage")

	first := form(t, reads(t, b, draft+"/stages/new?segment="+s.v.Segments[1].ID.String(), "Kattenberg"), draft+"/stages/new", nil)
	refuses(t, b, draft+"/stages/new", copyOf(first, url.Values{"name": {""}}), 422, "Give a name")
	refuses(t, b, draft+"/stages/new", copyOf(first, url.Values{"startLocal": {"2020-01-01T00:00"}}), 422, "must lie within the challenge")
	half := copyOf(first, url.Values{"endLocal": {minute(webtest.Day(3, -60e9))}})
	leads(t, b, draft+"/stages/new", half, draft+"/stages", "1 · Kattenberg", "not 2 · ")
	refuses(t, b, draft+"/stages", nil, 422, "The last stage must end when the challenge ends")
	reads(t, b, draft+"/review", "The last stage must end", "not Host it")
	second := form(t, reads(t, b, draft+"/stages/new?segment="+s.v.Segments[0].ID.String()), draft+"/stages/new", nil)
	leads(t, b, draft+"/stages/new", second, draft+"/stages", "2 · Heideheuvel")
	edit := draft + "/stages/" + second.Get("id") + "/edit"
	changed := form(t, reads(t, b, edit, "Heideheuvel"), edit, url.Values{"name": {"The long one"}, "pointsAdjustment": {"queen"}})
	leads(t, b, edit, changed, draft+"/stages", "2 · The long one", "not 3 · ")

	scoring := leads(t, b, draft+"/stages", nil, draft+"/scoring", "Tour", "Monthly league")
	refuses(t, b, draft+"/scoring", form(t, scoring, draft+"/scoring", url.Values{"ageGroups": {"the old"}}), 422, "Write age groups like")
	joining := leads(t, b, draft+"/scoring", form(t, scoring, draft+"/scoring", url.Values{"ageGroups": {"50+"}, "template": {"Total time"}}), draft+"/joining", "Unlisted")
	leads(t, b, draft+"/joining", url.Values{"back": {"yes"}}, draft+"/scoring", "50+")
	leads(t, b, draft+"/joining", url.Values{"later": {"yes"}}, "/host", "Saved")
	review := leads(t, b, draft+"/joining", form(t, joining, draft+"/joining", nil), draft+"/review", "The rules, as everybody will read them", "The long one", "Host it", "not 0000")
	hosting := form(t, review, draft+"/review", nil)
	hosting.Del("back")
	leads(t, b, draft+"/review", hosting, "/challenges/hills-and-dales", "Hills & dales is hosted", "Kattenberg", "The long one", "Running")
	leads(t, b, draft+"/review", hosting, "/challenges/hills-and-dales") // pressed twice
	if got := b.Get(draft + "/stages"); got.Status != http.StatusSeeOther || got.Location != "/challenges/hills-and-dales" {
		t.Errorf("back to a draft that was hosted: %d %s", got.Status, got.Location)
	}
	reads(t, b, "/host", "No drafts")
	var created string
	if err := s.Pool.QueryRow(t.Context(), `select data::text from events where type = 'ChallengeCreated' and data->>'slug' = 'hills-and-dales'`).Scan(&created); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"50+", `"Total time"`} {
		if !strings.Contains(created, part) {
			t.Errorf("%s is not in the challenge:\n%s", part, created)
		}
	}
}

func TestHostingWithoutSegments(t *testing.T) {
	t.Parallel()
	s := webtest.Start(t)
	b := s.SignIn(s.Athlete("Ilse Maes", "F", nil))
	begin := form(t, b.Get("/host"), "/host", nil)
	draft := "/host/" + begin.Get("id")
	kind := leads(t, b, "/host", begin, draft+"/kind")
	rules := leads(t, b, draft+"/kind", form(t, kind, draft+"/kind", url.Values{"type": {"distance"}, "name": {"Far"}}), draft+"/rules")
	refuses(t, b, draft+"/rules", form(t, rules, draft+"/rules", url.Values{"goal": {"0"}}), 422, "more than zero")
	leads(t, b, draft+"/rules", form(t, rules, draft+"/rules", url.Values{"goal": {"100"}, "goalUnits": {"kilometres"}, "goalRecurrence": {"week"}}), draft+"/scoring")
	review := reads(t, b, draft+"/review", "Host it", "4 · ")
	hosting := form(t, review, draft+"/review", nil)
	hosting.Del("back")
	leads(t, b, draft+"/review", hosting, "/challenges/far", "Far is hosted")
	if got := b.Post("/host/"+begin.Get("id")+"/nowhere", nil); got.Status != http.StatusNotFound {
		t.Errorf("a step that isn't there: %d", got.Status)
	}
	other := form(t, b.Get("/host"), "/host", nil)
	leads(t, b, "/host", other, "/host/"+other.Get("id")+"/kind")
	leads(t, b, "/host/"+other.Get("id")+"/delete", nil, "/host", "The draft is deleted")
}

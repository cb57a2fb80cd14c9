package web_test

import (
	"net/http"
	"net/url"
	"testing"

	"segmentchallenge/internal/stages"
	"segmentchallenge/internal/web/webtest"
)

// An organiser starts from a template, sees what it comes to, is told what can't be, and saves; the rules card says it.
func TestScoringIsEdited(t *testing.T) {
	t.Parallel()
	s := startSeason(t)
	org, at := s.SignIn(s.v.Organiser), s.challenge+"/organise/scoring"
	reads(t, org, s.challenge+"/organise", "Scoring")
	reads(t, org, at, "Classification 3", "In plain words", "Mountain stages give 10, 8, 6, 4 and 2 points", "A worked example", "15 15 12", "Monthly league")
	reads(t, org, at+"?template=Total+time", "Total time", "not Classification 2", "A missed stage counts as the slowest time in the category + 1 s.")
	if got := s.SignIn(s.v.Ana).Get(at); got.Status != http.StatusForbidden {
		t.Errorf("a competitor gets %d", got.Status)
	}
	form := func(change ...string) url.Values {
		const c = "scoring.classifications.0."
		v := url.Values{c + "key": {"GC"}, c + "name": {"General"}, c + "by": {"points"}, c + "table": {"9 6.5 3-1"}, "scoring.result": {"best"}, "do": {"preview"}}
		for i := 0; i+1 < len(change); i += 2 {
			v.Set(change[i], change[i+1])
		}
		return v
	}
	says := func(page webtest.Page, status int, words ...string) {
		t.Helper()
		if page.Status != status {
			t.Errorf("it answers %d, want %d", page.Status, status)
		}
		for _, w := range words {
			if !page.Has(w) {
				t.Errorf("%q isn't said in\n%s", w, page.Text())
			}
		}
	}
	says(org.Post(at, form()), 200, "Places give 9, 6.5, 3, 2 and 1 points", "A worked example")
	says(org.Post(at, form("do", "add")), 200, "Classification 2", "Another")
	says(org.Post(at, form("scoring.classifications.0.table", "9,,3")), 422, "The points table has a hole: place 2 has no points.")
	says(org.Post(at, form("scoring.classifications.0.table", "9 ten", "scoring.classifications.0.best", "few", "scoring.admission.hours", "someday")), 422,
		"“ten”", "Write a whole number", "can't be read. Write times of the week")
	says(org.Post(at, form("scoring.classifications.0.by", "totals")), 422, "add up times instead")
	says(org.Post(at, form("do", "save", "scoring.classifications.0.tables.flat", "none", "scoring.classifications.0.bonus.win", "1")), http.StatusSeeOther)
	reads(t, org, at, "Saved.", "Flat stages don't count here.", "1 point for the win")
	reads(t, s.Visitor(), s.challenge, "Flat stages don't count here.", "General, Open", "10 provisional", "not Mountains")

	s.Send(stages.Approve{Head: stages.Head{ID: s.v.Past.ID, By: s.v.Organiser.Actor, Now: webtest.Day(0, 0).In(webtest.Zone)}})
	says(org.Post(at, form("do", "save")), 422, "Results have been approved already, so say why the scoring changes")
	says(org.Post(at, form("do", "save", "reason", "As announced.")), http.StatusSeeOther)
	reads(t, s.Visitor(), s.challenge, "not Flat stages don't count here.")
}

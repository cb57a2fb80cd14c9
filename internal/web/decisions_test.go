package web_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestDecisionsAreLookedUp(t *testing.T) {
	t.Parallel()
	s := startSeason(t)
	organiser := s.SignIn(s.v.Organiser)
	for action, reason := range map[string]string{"limit": "Rides for the sponsor.", "exclude": "=Took the train."} {
		athlete := map[string]string{"limit": s.v.Bram.ID.String(), "exclude": s.v.Chloe.ID.String()}[action]
		if got := organiser.Post(s.challenge+"/competitors/"+athlete+"/"+action, map[string][]string{"reason": {reason}}); got.Status != http.StatusSeeOther {
			t.Fatalf("%s answers %d: %.300s", action, got.Status, got.Text())
		}
	}
	page := reads(t, s.SignIn(s.v.Ana), s.challenge+"/decisions", "Limited, so without points: Bram Claes", "Rides for the sponsor.", "by Ilse Maes",
		"Excluded: Chloé Martin", "Heideheuvel: the stage started", "by the rules", "The challenge was hosted")
	if hosted, limited := strings.Index(page.Text(), "was hosted"), strings.Index(page.Text(), "Limited"); limited > hosted {
		t.Error("the newest isn't first")
	}
	csv := s.SignIn(s.v.Ana).Get(s.challenge + "/decisions.csv")
	if csv.Status != http.StatusOK || !strings.Contains(csv.Body, "CompetitorLimited,,Bram Claes,by Ilse Maes,Rides for the sponsor.") || !strings.Contains(csv.Body, ",'=Took the train.") {
		t.Errorf("%d\n%s", csv.Status, csv.Body)
	}
	if got := s.SignIn(s.v.Stranger).Get(s.challenge + "/decisions"); got.Status != http.StatusForbidden {
		t.Errorf("somebody who isn't in it gets %d", got.Status)
	}
	if got := s.Visitor().Get(s.challenge + "/decisions.csv"); got.Status != http.StatusSeeOther {
		t.Errorf("a visitor gets %d", got.Status)
	}
	reads(t, s.SignIn(s.v.Ana), s.challenge, "Decisions")
	if all, public := organiser.Get(s.challenge+"/competitors.csv").Body, s.Visitor().Get(s.challenge+"/competitors.csv").Body; !strings.Contains(all, ",true,'=Took the train.") || strings.Contains(public, "Took the train") {
		t.Errorf("who runs the challenge has the excluded in the table, others don't:\n%s\n%s", all, public)
	}
}

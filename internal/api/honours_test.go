package api_test

import (
	"strings"
	"testing"
)

func TestHonours(t *testing.T) {
	t.Parallel()
	s := start(t)
	v := s.Season()
	org, visitor, ana := as(s, v.Organiser), client{Site: s}, "/athletes/"+v.Ana.ID.String()
	visitor.get(ana+"/trophies").is(200).has("items.0", nil)
	at := "/challenges/" + v.Challenge.Slug + "/stages/"
	org.post(at+v.Past.Slug+"/approve", `{}`).is(200)
	org.post(at+v.Active.Slug+"/end", `{}`).is(200)
	org.post(at+v.Active.Slug+"/approve", `{}`).is(200)
	won := visitor.get(ana + "/trophies").is(200)
	for _, want := range []string{`"kind":"stage","place":1,"of":3`, `"stageName":"Kattenberg","stageNumber":2,"category":"Open"`, `"category":"Women"`} {
		if !strings.Contains(won.Raw, want) {
			t.Errorf("%s isn't among the trophies: %s", want, won.Raw)
		}
	}
	if n := len(won.list("items")); n != 4 {
		t.Errorf("%d trophies, want first of Open and Women on the one stage, second and first on the other: %s", n, won.Raw)
	}
	visitor.get("/athletes/"+v.Chloe.ID.String()+"/trophies").refused(404, "athlete_not_found")
	visitor.get("/athletes/x/trophies").refused(404, "athlete_not_found")

	bram := "/athletes/" + v.Bram.ID.String() + "/bests"
	ridden := visitor.get(bram).is(200).has("items.0.segmentName", "Kattenberg", "items.0.efforts", 2.0, "items.1.segmentName", "Heideheuvel", "items.2", nil)
	for path, want := range map[string]float64{"items.0.best": 320, "items.0.latest": 320, "items.0.times.0": 341, "items.0.times.1": 320, "items.1.best": 360} {
		if got := ridden.number(path); got < want || got >= want+1 {
			t.Errorf("%s is %v, want %v: %s", path, got, want, ridden.Raw)
		}
	}
	visitor.get(bram+"?limit=1").is(200).has("items.1", nil)
	visitor.get(ana+"/bests").is(200).has("items.0.segmentName", "Kattenberg", "items.1", nil) // the other was a private ride
	as(s, v.Ana).get(ana+"/bests").is(200).has("items.1.segmentName", "Heideheuvel")
	visitor.get("/athletes/"+v.Chloe.ID.String()+"/bests").refused(404, "athlete_not_found")
}

func TestMailChoices(t *testing.T) {
	t.Parallel()
	s := start(t)
	v := s.Season()
	ana := as(s, v.Ana)
	ana.get("/me").is(200).has("notifications.lost_place", true, "notifications.host_challenge", true)
	ana.patch("/me", `{"notifications": {"lost_place": false, "stage_started": true}}`).is(200).has("notifications.lost_place", false, "notifications.stage_started", true)
	ana.patch("/me", `{"town": "Gent"}`).is(200).has("notifications.lost_place", false, "town", "Gent")
	ana.patch("/me", `{"notifications": {"lost_place": true}}`).is(200).has("notifications.lost_place", true)
	ana.patch("/me", `{"town": "Brugge", "notifications": {"newsletter": true}}`).refused(422, "notification_unknown")
	ana.get("/me").is(200).has("town", "Gent")
}

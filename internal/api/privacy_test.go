package api_test

import (
	"strings"
	"testing"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/webtest"
)

// A private activity is its athlete's alone. Where it counts, its effort's time shows, and nothing of where it went.
func TestPrivateActivities(t *testing.T) {
	s := start(t)
	v := s.Season()
	ana, org, bram, visitor := as(s, v.Ana), as(s, v.Organiser), as(s, v.Bram), client{Site: s}
	past := "/challenges/" + v.Challenge.Slug + "/stages/" + v.Past.Slug
	private := "/activities/" + v.Private.ID.String()
	ana.get(private).is(200).has("name", "Secret training", "private", true, "efforts.0.status", "accepted")
	for _, c := range []client{org, bram, visitor} {
		c.get(private).refused(404, "activity_not_found")
		c.get(past+"/leaderboards/Open").is(200).has("entries.1.name", "Ana de Smet")
		shown := c.get(past+"/efforts?athleteId="+v.Ana.ID.String()).is(200).has("items.0.status", "accepted", "items.1", nil)
		if took := shown.number("items.0.elapsedTime"); took < 389 || took > 391 {
			t.Errorf("the time of a private effort that counts: %v", took)
		}
		for _, secret := range []string{"Secret", `"lat"`, "lng", "polyline", "bounds", "track"} {
			if strings.Contains(shown.Raw, secret) {
				t.Errorf("%s shows of a private activity: %s", secret, shown.Raw)
			}
		}
	}
	bram.patch(private, `{"name": "Mine"}`).refused(404, "activity_not_found")
	bram.delete(private).refused(404, "activity_not_found")
	if n := len(bram.get("/activities").list("items")); n != 3 {
		t.Errorf("%d activities of his own", n)
	}
}

// Where private activities don't count, nobody learns that there is one.
func TestRefusedEffortsAreTheAthletesOwn(t *testing.T) {
	s := start(t)
	v := s.Season()
	strict := s.Challenge(v.Organiser, "Strict", func(d *challenges.Definition) { d.AllowPrivateActivities = false })
	s.Stage(v.Organiser, strict, "Heideheuvel", v.Segments[0], nil)
	s.Host(v.Organiser, strict)
	s.Join(strict, v.Ana, v.Bram)
	at := "/challenges/" + strict.Slug + "/stages/heideheuvel/efforts"
	ana, org, bram := as(s, v.Ana), as(s, v.Organiser), as(s, v.Bram)
	ana.get(at+"?athleteId="+v.Ana.ID.String()).is(200).has("items.0.status", "refused", "items.0.reason",
		"This activity is private, and this challenge counts only those that everybody can see.")
	for _, c := range []client{org, bram, {Site: s}} {
		c.get(at+"?athleteId="+v.Ana.ID.String()).is(200).has("items", []any{})
	}
	// What is refused of a public activity is the organiser's to see, too.
	flagged := org.get(at).text("items.0.id")
	org.post(at+"/"+flagged+"/flag", `{"reason": "Not plausible"}`).is(200)
	org.get(at).has("items.0.status", "flagged", "items.0.reason", "Not plausible")
	bram.get(at).has("items.0.status", "flagged")
	ana.get(at).has("items.1", nil)
	client{Site: s}.get(at).has("items", []any{})
	activity := "/activities/" + bram.get("/activities").text("items.2.id") // the earliest of Bram's
	bram.get(activity).is(200).has("refused.0.code", "flagged")
	ana.get(activity).is(200).has("refused", []any{}, "file", nil)
}

func TestProfilesKeepWhatIsPersonal(t *testing.T) {
	s := start(t)
	ana := s.Athlete("Ana Smet", sport.Female, func(p *athletes.Profile) { p.BirthYear = 1985 })
	hidden := s.Athlete("Hidden One", sport.Male, func(p *athletes.Profile) { p.Visibility = athletes.Nobody })
	club := s.Athlete("Club Rider", sport.Male, func(p *athletes.Profile) { p.Visibility = athletes.Members })
	admin := s.Admin(s.Athlete("Site Admin", sport.Male, nil))
	visitor, a := client{Site: s}, as(s, ana)
	a.get("/me").is(200).has("birthYear", 1985, "email", ana.Email)
	a.get("/athletes/"+ana.ID.String()).is(200).has("birthYear", 1985)
	for _, c := range []client{visitor, as(s, hidden), as(s, admin)} {
		shown := c.get("/athletes/"+ana.ID.String()).is(200).has("name", "Ana Smet", "birthYear", nil)
		if strings.Contains(shown.Raw, "@") || strings.Contains(shown.Raw, "1985") {
			t.Errorf("personal: %s", shown.Raw)
		}
	}
	for path, c := range map[string]client{"/athletes/" + hidden.ID.String(): a, "/athletes/" + hidden.ID.String() + "/feed": a,
		"/athletes/" + club.ID.String(): visitor, "/athletes/" + club.ID.String() + "/feed": visitor} {
		c.get(path).refused(404, "athlete_not_found")
	}
	a.get("/athletes/" + club.ID.String()).is(200)
	as(s, hidden).get("/athletes/" + hidden.ID.String()).is(200)

	ride := s.Ride(hidden, webtest.Ride{Line: webtest.Hill(1), Start: webtest.Day(-1, 0).In(webtest.Zone), Time: 300e9})
	a.get("/activities/"+ride.ID.String()).refused(404, activities.ErrNotFound.Code)
	as(s, hidden).get("/activities/" + ride.ID.String()).is(200)
}

// What is unlisted is found by who knows its address; a mystery stage keeps its segment.
func TestSecretsOfChallenges(t *testing.T) {
	s := start(t)
	v := s.Season()
	visitor, org := client{Site: s}, as(s, v.Organiser)
	at := "/challenges/" + v.Challenge.Slug
	secret, described := v.Segments[2].ID.String(), "water tower"
	for _, path := range []string{at, at + "/stages", at + "/stages/" + v.Mystery.Slug, "/segments", "/segments?name=Geheime", "/challenges"} {
		if a := visitor.get(path).is(200); strings.Contains(a.Raw, secret) || strings.Contains(a.Raw, described) {
			t.Errorf("%s tells the segment of a mystery stage: %s", path, a.Raw)
		}
		if a := org.get(path).is(200); path != "/segments" && !strings.Contains(a.Raw, secret) && strings.Contains(path, "stages") {
			t.Errorf("%s: the organiser doesn't see it", path)
		}
	}
	visitor.get("/segments/"+secret).refused(404, "segment_not_found")
	quiet := s.Challenge(v.Organiser, "Quiet", func(d *challenges.Definition) { d.Private = true })
	s.Stage(v.Organiser, quiet, "Only", v.Segments[0], nil)
	s.Host(v.Organiser, quiet)
	visitor.get("/challenges/"+quiet.Slug).is(200).has("private", true)
	if a := visitor.get("/challenges").is(200); strings.Contains(a.Raw, quiet.ID.String()) {
		t.Error("an unlisted challenge is listed")
	}
}

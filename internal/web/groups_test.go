package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/readmodel"
)

// An organiser makes divisions and teams, puts athletes into them and gives handicaps; everybody sees it.
func TestDivisionsTeamsAndHandicaps(t *testing.T) {
	t.Parallel()
	s := startSeason(t)
	org, at := s.SignIn(s.v.Organiser), s.challenge+"/organise?show=groups"
	names, places := s.challenge+"/organise/groups?cursor=&amp;q=&amp;show=groups", s.challenge+"/organise/places?cursor=&amp;q=&amp;show=groups"
	to := func(action string) string { return strings.ReplaceAll(action, "&amp;", "&") }
	ana, bram, chloe := s.v.Ana.ID.String(), s.v.Bram.ID.String(), s.v.Chloe.ID.String()

	page := reads(t, org, at, "Divisions and teams", "Who belongs where", "Dirk Aerts", "not No classification goes")
	for _, group := range [][2]string{{"division", "A"}, {"division", "B"}, {"team", "Reds"}, {"team", "Blues"}} {
		page = leads(t, org, to(names), form(t, page, names, url.Values{"kind": {group[0]}, "name": {group[1]}}), s.challenge+"/organise", "Saved.")
	}
	reads(t, org, at, "No classification goes by Division A, Division B and the teams yet")
	twice := refuses(t, org, to(names), form(t, page, names, url.Values{"kind": {"team"}, "name": {"reds"}, "name.division.B": {"Second"}}), 422, "There is a team “Reds” already")
	if kept := form(t, twice, names, nil); kept.Get("name") != "reds" || kept.Get("kind") != "team" || kept.Get("name.division.B") != "Second" {
		t.Errorf("what was typed is lost: %v", kept)
	}
	refuses(t, org, to(names), form(t, page, names, url.Values{"name.division.B": {"a"}, "name.team.Reds": {""}}), 422, "There is a division “A” already", "Give a name")
	leads(t, org, to(names), form(t, page, names, url.Values{"name.division.B": {"Second"}}), s.challenge+"/organise", "Saved.")
	leads(t, org, to(names), url.Values{"do": {"remove team Blues"}}, s.challenge+"/organise", "Saved.", "not Blues")
	refuses(t, org, to(names), url.Values{"do": {"remove team Blues"}}, 422, "no such division or team")

	page = reads(t, org, at)
	typed := form(t, page, places, url.Values{"division." + ana: {"A"}, "team." + ana: {"Reds"}, "handicap." + ana: {"0:15"}, "division." + bram: {"A"}, "handicap." + chloe: {"very"}})
	bad := refuses(t, org, to(places), typed, 422, "Write a handicap like 20 s")
	if again := form(t, bad, places, nil); again.Get("division."+ana) != "A" || again.Get("handicap."+ana) != "0:15" || again.Get("handicap."+chloe) != "very" || !strings.Contains(bad.Body, `href="#f-handicap.`+chloe) {
		t.Errorf("what was typed is lost: %v", again)
	}
	refuses(t, org, to(places), copyOf(typed, url.Values{"handicap." + chloe: {"100 %"}, "team." + bram: {"Greys"}}), 422, "below 100 percent", "There is no such team")
	leads(t, org, to(places), copyOf(typed, url.Values{"handicap." + chloe: {"5 %"}}), s.challenge+"/organise", "Saved for 3 athletes.")

	// A page that is older than what somebody else has saved changes what was touched on it alone.
	leads(t, org, to(places), copyOf(form(t, page, places, nil), url.Values{"team." + bram: {"Reds"}}), s.challenge+"/organise", "Saved for 1 athlete.")
	leads(t, org, to(places), form(t, reads(t, org, at), places, nil), s.challenge+"/organise", "Nothing was changed.")
	scheme, err := readmodel.ScoringOf(t.Context(), s.Pool, s.v.Challenge.ID)
	if p := scheme.Placements(); err != nil || p[s.v.Ana.ID].Words(scheme.Groups) != "Division A, Team Reds, handicap 15 s" || p[s.v.Bram.ID].Words(scheme.Groups) != "Division A, Team Reds" ||
		p[s.v.Chloe.ID].Words(scheme.Groups) != "handicap 5 %" {
		t.Errorf("%v %v", p, err)
	}
	reads(t, org, s.challenge+"/organise?show=athletes", "Division A · Team Reds · handicap 15 s")

	// A classification of the division, one of the teams, and one with handicaps.
	scoring := s.challenge + "/organise/scoring"
	class := func(n, name, by string, more ...string) url.Values {
		v := url.Values{"scoring.classifications." + n + ".name": {name}, "scoring.classifications." + n + ".by": {by}, "scoring.classifications." + n + ".table": {"10 8 6 4"}}
		for i := 0; i < len(more); i += 2 {
			v.Set("scoring.classifications."+n+"."+more[i], more[i+1])
		}
		return v
	}
	rules := url.Values{"scoring.result": {"best"}, "do": {"save"}}
	for _, part := range []url.Values{class("0", "General", "points", "division", ""), class("1", "First", "points", "division", "division:A", "relegated", "1"),
		class("2", "Teams", "points", "division", "teams", "teamSize", "2"), class("3", "Real time", "times", "handicap", "yes", "division", "")} {
		rules = copyOf(rules, part)
	}
	reads(t, org, scoring, "Who is ranked", "Division A alone", "There are 2 divisions, 1 team and 2 athletes with a handicap")
	if got := org.Post(scoring, copyOf(rules, class("2", "Teams", "times", "division", "teams", "teamSize", ""))); got.Status != 422 || !got.Has("how many of each count") {
		t.Errorf("teams by times without a size: %d %s", got.Status, got.Text())
	}
	if got := org.Post(scoring, rules); got.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", got.Status, got.Text())
	}
	refuses(t, org, to(names), url.Values{"do": {"remove division A"}}, 422, "the classification First ranks it")

	visitor, board := s.Visitor(), s.challenge+"/standings?category=Open&classification="
	reads(t, visitor, s.challenge, "Of Division A: points for each stage", "The last moves down.", "There are 2 divisions: A and Second. There is one team: Reds.", "2 athletes have one", "teams are ranked by what their members get, the best 2 on each stage", "each athlete's handicap is taken off first")
	reads(t, visitor, board+"General", "Ana de Smet Division A, Team Reds", "not handicap 15 s")
	reads(t, visitor, board+"First", "Of Division A: points", "Team Reds", "Moves down a division", "not Chloé Martin")
	reads(t, visitor, board+"Teams", "Reds 2 athletes")
	reads(t, visitor, board+"Real-time", "handicap 15 s", "handicap 5 %", "11:00", "+0:20", "5:04", "not +5:56") // Chloé has ridden less, not faster
	reads(t, visitor, s.challenge+"/competitors", "Women · Division A · Team Reds · handicap 15 s")
	if csv := visitor.Get(s.challenge + "/competitors.csv").Body; !strings.Contains(csv, "limited,division,team,handicapSeconds,handicapPercent,excluded,reason\n") || !strings.Contains(csv, ",false,A,Reds,15,,false,\n") || !strings.Contains(csv, ",false,,,,5,false,\n") {
		t.Error(csv)
	}
	why := s.challenge + "/why/" + ana + "?category=Open&classification="
	reads(t, visitor, why+"Real-time", "A handicap of 15 s is taken off each time of Ana de Smet", "What the organiser has set for Ana de Smet: Division A, Team Reds, handicap 15 s.")
	reads(t, visitor, why+"First", "Only Division A is ranked here.")
	reads(t, visitor, s.challenge+"/why/"+chloe+"?category=Open&classification=First", "Only Division A is ranked here, and Chloé Martin is not in it.")
	decisions := reads(t, s.SignIn(s.v.Ana), s.challenge+"/decisions", "Division, team or handicap set: Ana de Smet", "Division A, Team Reds, handicap 15 s", "Division, team or handicap set: Chloé Martin", "The scoring was changed")
	if n := strings.Count(decisions.Text(), "Division, team or handicap set: Ana de Smet"); n != 1 {
		t.Errorf("it is said %d times", n)
	}
}

// With results confirmed a reason is needed; who doesn't run the challenge can't.
func TestGroupsAreTheOrganisers(t *testing.T) {
	t.Parallel()
	s := startSeason(t)
	org := s.SignIn(s.v.Organiser)
	s.Send(challenges.GroupAthletes{Head: challenges.Head{ID: s.v.Challenge.ID, By: s.v.Organiser.Actor, Now: s.v.Active.StartAt},
		Grouping: leaderboards.Grouping{Named: []leaderboards.Group{{Kind: leaderboards.Team, Name: "Reds"}}}})
	names, places := s.challenge+"/organise/groups", s.challenge+"/organise/places"
	change := url.Values{"was." + s.v.Ana.ID.String(): {"||"}, "team." + s.v.Ana.ID.String(): {"Reds"}}
	for who, want := range map[string]struct {
		got  int
		want int
	}{"a competitor names": {s.SignIn(s.v.Ana).Post(names, url.Values{"kind": {"team"}, "name": {"Mine"}}).Status, 403}, "a competitor places": {s.SignIn(s.v.Ana).Post(places, change).Status, 403},
		"a visitor": {s.Visitor().Post(places, change).Status, http.StatusSeeOther}} {
		if want.got != want.want {
			t.Errorf("%s: %d", who, want.got)
		}
	}
	leads(t, org, s.past+"/organise/approve", nil, s.challenge)
	reads(t, org, s.challenge+"/organise?show=groups", "Why it changes")
	bad := refuses(t, org, places, change, 422, "say why the scoring changes")
	if !strings.Contains(bad.Body, "#f-reason-places") {
		t.Error("nothing leads to the field")
	}
	leads(t, org, places, copyOf(change, url.Values{"reason": {"Forgotten."}}), s.challenge+"/organise", "Saved for 1 athlete.")
	reads(t, s.SignIn(s.v.Ana), s.challenge+"/decisions", "Team Reds: Forgotten.")
	leads(t, org, places, url.Values{"was." + uuid.NewString(): {"||"}, "reason": {"x"}}, s.challenge+"/organise", "Nothing was changed.")
}

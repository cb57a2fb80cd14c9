package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/segments"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/webtest"
)

func TestAClubIsFoundedOnceAndRun(t *testing.T) {
	s := webtest.Start(t)
	ilse, ana := s.Athlete("Ilse Maes", sport.Female, nil), s.Athlete("Ana de Smet", sport.Female, nil)
	b := s.SignIn(ilse)
	page := reads(t, b, "/clubs/new", "Found a club")
	typed := form(t, page, "/clubs/new", url.Values{"name": {"Velo Genk"}, "website": {"genk"}, "description": {"We <b>ride</b>"}, "private": {"true"}})
	bad := refuses(t, b, "/clubs/new", typed, 422, "Give the website's whole address")
	again := form(t, bad, "/clubs/new", url.Values{"website": {"https://genk.example"}})
	if again.Get("id") != typed.Get("id") || again.Get("description") != "We <b>ride</b>" || again.Get("private") == "" {
		t.Errorf("what was typed is lost: %v", again)
	}
	refuses(t, b, "/clubs/new", form(t, page, "/clubs/new", nil), 422, "Give a name")
	leads(t, b, "/clubs/new", again, "/clubs/velo-genk", "Velo Genk is founded")
	leads(t, b, "/clubs/new", again, "/clubs/velo-genk", "has been founded already", "1 member")

	edit := reads(t, b, "/clubs/velo-genk/edit", "Edit Velo Genk")
	leads(t, b, "/clubs/velo-genk/edit", form(t, edit, "/clubs/velo-genk/edit", url.Values{"name": {"Velo Genk!"}}), "/clubs/velo-genk", "Velo Genk!")
	refuses(t, b, "/clubs/velo-genk/edit", form(t, edit, "/clubs/velo-genk/edit", url.Values{"name": {""}}), 422, "Give a name")
	other := s.SignIn(ana)
	for _, path := range []string{"/clubs/velo-genk/edit", "/clubs/velo-genk/members/" + ana.ID.String() + "/accept"} {
		refuses(t, other, path, url.Values{"name": {"Mine"}}, 403, "Only administrators of this club")
	}
	refuses(t, b, "/clubs/none/edit", nil, 404)
	if got := other.Get("/clubs/velo-genk/members"); got.Status != 403 {
		t.Errorf("members for others: %d", got.Status)
	}

	members := "/clubs/velo-genk/members"
	act := func(a webtest.Athlete, action string) string { return members + "/" + a.ID.String() + "/" + action }
	leads(t, other, "/clubs/velo-genk/join", nil, "/clubs/velo-genk", "Your request has gone")
	reads(t, b, members, "Ana de Smet", "Let in")
	reads(t, b, "/clubs/velo-genk", "1 asks to join")
	reads(t, other, "/clubs/velo-genk", "not asks to join", "You have asked to join")
	leads(t, b, act(ana, "decline"), nil, members, "Declined", "Nobody is waiting")
	leads(t, b, act(ana, "decline"), nil, members, "hasn't asked to join")
	leads(t, other, "/clubs/velo-genk/join", nil, "/clubs/velo-genk")
	leads(t, b, act(ana, "accept"), nil, members, "Let in")
	leads(t, b, act(ana, "accept"), nil, members)
	reads(t, b, members+"?q=sme", "Ana de Smet", "not Ilse Maes since")
	reads(t, b, members+"?q=nobody", "No member matches", "not Ana de Smet")
	refuses(t, b, act(ilse, "dismiss"), nil, 422, "Appoint another one first")
	leads(t, b, act(ana, "appoint"), nil, members, "Appointed")
	leads(t, b, act(ana, "dismiss"), nil, members, "No longer an administrator")
	leads(t, b, act(ana, "remove"), nil, members, "Removed", "not Ana de Smet")
	refuses(t, b, act(ana, "promote"), nil, 404)
	refuses(t, b, members+"/"+uuid.NewString()+"/accept", nil, 404, "There is no such athlete")
}

func TestSegmentsAreMadeInThreeWays(t *testing.T) {
	s := startSeason(t)
	bram := s.SignIn(s.v.Bram)
	reads(t, bram, "/segments/new", "Evening spin", "GPX file", "Polyline")

	t.Run("cut", func(t *testing.T) {
		page := reads(t, bram, "/segments/new?activity="+s.v.Twice.ID.String(), "Evening spin", "Starts after", "The ride is 2.8")
		typed := form(t, page, "/segments/new", url.Values{"from": {"0.3"}, "to": {"1.5"}, "do": {"preview"}})
		seen := refuses(t, bram, "/segments/new", typed, 200, "The segment", "1.2 km", "Steepest")
		if !strings.Contains(seen.Body, "map-track") || !strings.Contains(seen.Body, "profile-pale") {
			t.Error("the ride isn't beside the segment")
		}
		refuses(t, bram, "/segments/new", form(t, seen, "/segments/new", url.Values{"do": {"save"}}), 422, "Give a name")
		for _, bad := range []url.Values{{"from": {"2"}, "to": {"1"}}, {"from": {"x"}}, {"to": {""}}, {"from": {"0.5"}, "to": {"0.51"}}} {
			bad["do"], bad["name"] = []string{"save"}, []string{"Bad"}
			refuses(t, bram, "/segments/new", form(t, seen, "/segments/new", bad), 422, "This needs another look")
		}
		ok := form(t, seen, "/segments/new", url.Values{"do": {"save"}, "name": {"Lower Kattenberg"}})
		saved := leads(t, bram, "/segments/new", ok, "/segments/"+ok.Get("id"), "Lower Kattenberg", "1.2 km")
		if !saved.Has("is in the library") {
			t.Error(saved.Text())
		}
		leads(t, bram, "/segments/new", ok, "/segments/"+ok.Get("id"), "is in the library already")
		refuses(t, s.SignIn(s.v.Ana), "/segments/new", ok, 422, "a segment with this id already")
		private := url.Values{"way": {"activity"}, "activity": {s.v.Private.ID.String()}, "from": {"0"}, "to": {"1"}, "do": {"save"}, "name": {"X"}}
		refuses(t, bram, "/segments/new", private, 404, "There is no such activity")
	})
	t.Run("gpx", func(t *testing.T) {
		seen := sends(t, s.Site, bram, "/segments/new", "file", url.Values{"way": {"gpx"}}, file{"hill.gpx", rideFile(s.Site, 9, 300*time.Second)})
		if seen.Status != 200 || !seen.Has("Is this the line?") || !seen.Has("2.9 km") || !seen.Has("Average") {
			t.Fatalf("%d %s", seen.Status, seen.Text())
		}
		ok := form(t, seen, "/segments/new", url.Values{"name": {"From a file"}, "do": {"save"}})
		leads(t, bram, "/segments/new", ok, "/segments/"+ok.Get("id"), "From a file", "2.9 km", "Gradient")
		for name, bad := range map[string]file{"no file": {}, "text": {"a.gpx", []byte("hello")}, "cut off": {"a.gpx", []byte("<gpx><trk>")}, "points": {"a.gpx", manyPoints(300_000)}} {
			files := []file{bad}
			if bad.name == "" {
				files = nil
			}
			if got := sends(t, s.Site, bram, "/segments/new", "file", url.Values{"way": {"gpx"}}, files...); got.Status < 400 || got.Status > 422 || !got.Has("This line can't be a segment") {
				t.Errorf("%s: %d %s", name, got.Status, got.Text())
			}
		}
	})
	t.Run("polyline", func(t *testing.T) {
		seen := refuses(t, bram, "/segments/new", url.Values{"way": {"polyline"}, "polyline": {s.v.Segments[0].Polyline}}, 200, "Is this the line?", "Nothing is known of its heights")
		ok := form(t, seen, "/segments/new", url.Values{"name": {"From a line"}, "do": {"save"}, "heights": {"1 2 three"}})
		leads(t, bram, "/segments/new", ok, "/segments/"+ok.Get("id"), "From a line")
		sprint := segments.Line{{Lat: 50.8, Lon: 4.6}, {Lat: 50.8015, Lon: 4.6}}.Polyline()
		refuses(t, bram, "/segments/new", url.Values{"way": {"polyline"}, "polyline": {sprint}}, 200, "What makes its times less sure", "The segment is only 167 m long")
		short := refuses(t, bram, "/segments/new", url.Values{"way": {"polyline"}, "polyline": {"_p~iF~ps|U??"}}, 422, "at least 50 m")
		if !strings.Contains(short.Body, "_p~iF~ps|U??") {
			t.Error("what was typed is lost")
		}
		refuses(t, bram, "/segments/new", url.Values{"way": {"polyline"}, "polyline": {"%%%"}}, 422, "not an encoded polyline")
		refuses(t, bram, "/segments/new", url.Values{"way": {"polyline"}, "polyline": {strings.Repeat("??", 10_001)}}, 422, "more than 10,000 points")
	})
}

func TestAChallengeFromDraftToFinalResults(t *testing.T) {
	s := startSeason(t)
	b := s.SignIn(s.v.Bram)
	page := reads(t, b, "/challenges/new", "A challenge of your own")
	window := webtest.Days(-3, 10)
	typed := form(t, page, "/challenges/new", url.Values{"name": {"Short & steep"}, "startLocal": {minute(window.Start)}, "endLocal": {minute(window.End)}})
	for field, bad := range map[string]struct{ value, words string }{"name": {"", "Give a name"}, "endLocal": {"2020-01-01T10:00", "The end must come after the start"},
		"startLocal": {"soon", "Write a date and a time"}, "timeZone": {"Mars/Olympus", "no such time zone"}, "categories": {"Dogs", "is not a category"}, "ageGroups": {"U23, 49-40", "“49-40” is none"},
		"includedActivityTypes": {"Napping", "not a known activity type"}, "type": {"nap", "of type segment"}, "clubId": {"x", "no such club"}} {
		wrong := copyOf(typed, url.Values{field: {bad.value}})
		kept := form(t, refuses(t, b, "/challenges/new", wrong, 422, bad.words), "/challenges/new", nil)
		if kept.Get("name") != wrong.Get("name") || kept.Get("id") != wrong.Get("id") || kept.Get("startLocal") != wrong.Get("startLocal") {
			t.Errorf("%s: what was typed is lost: %v", field, kept)
		}
	}
	refuses(t, b, "/challenges/new", copyOf(typed, url.Values{"type": {"race"}}), 422, "over which distance")
	leads(t, b, "/challenges/new", typed, "/challenges/short-and-steep/stages/new", "Over which segment?", "The draft is saved")
	leads(t, b, "/challenges/new", typed, "/challenges/short-and-steep/organise", "has been created already")
	desk := "/challenges/short-and-steep/organise"
	refuses(t, b, desk+"/host", nil, 422, "at least one stage")

	stages := "/challenges/short-and-steep/stages/new"
	reads(t, b, stages+"?q=katt", "Found", "Kattenberg")
	if got := b.Get(stages + "?segment=" + uuid.NewString()); got.Status != 404 || !got.Has("Choose another segment") {
		t.Errorf("an unknown segment: %d", got.Status)
	}
	first := reads(t, b, stages+"?segment="+s.v.Segments[1].ID.String(), "Kattenberg", "Mountain")
	add := form(t, first, stages, nil)
	if add.Get("type") != "mountain" || add.Get("startLocal") != minute(window.Start) || add.Get("endLocal") != minute(window.End) {
		t.Errorf("what is proposed: %v", add)
	}
	refuses(t, b, stages, copyOf(add, url.Values{"name": {""}}), 422, "Give a name")
	refuses(t, b, stages, copyOf(add, url.Values{"segmentId": {""}}), 422, "which segment the stage is ridden over")
	refuses(t, b, stages, copyOf(add, url.Values{"endLocal": {minute(window.End.Add(time.Hour))}}), 422, "must lie within the challenge")
	half := copyOf(add, url.Values{"endLocal": {minute(webtest.Day(3, -time.Minute))}})
	leads(t, b, stages, half, desk, "Kattenberg is in the plan", "The last stage must end when the challenge ends")
	leads(t, b, stages, half, desk)
	second := form(t, reads(t, b, stages+"?segment="+s.v.Segments[0].ID.String()), stages, nil)
	if second.Get("startLocal") != minute(webtest.Day(3, 0)) {
		t.Errorf("the second stage starts %s", second.Get("startLocal"))
	}
	refuses(t, b, stages, copyOf(second, url.Values{"startLocal": {minute(webtest.Day(1, 0))}}), 422, "Stages may not overlap")
	leads(t, b, stages, second, desk, "Heideheuvel", "Host it")

	leads(t, b, desk+"/host", nil, desk, "pass its address on", "Running")
	refuses(t, b, desk+"/host", nil, 422, "has been hosted already")
	s.Join(readmodel.Challenge{ID: uuid.MustParse(typed.Get("id"))}, s.v.Bram)
	one, two := "/challenges/short-and-steep/stages/kattenberg/organise/", "/challenges/short-and-steep/stages/heideheuvel/organise/"
	refuses(t, b, one+"approve", nil, 422, "has not ended yet")
	leads(t, b, one+"end", nil, desk, "Kattenberg has ended")
	leads(t, b, two+"start", nil, desk, "Heideheuvel has started")
	leads(t, b, desk+"/end", nil, desk, "It has ended")
	refuses(t, b, desk+"/approve", nil, 422, "Approve the results of stages 1 and 2 first")
	refuses(t, b, two+"approve", nil, 422, "Approve the earlier ones first")
	long := refuses(t, b, one+"approve", url.Values{"message": {strings.Repeat("x", 20_001)}}, 422, "at most 20,000 characters")
	if !strings.Contains(long.Body, strings.Repeat("x", 20_001)) {
		t.Error("the message is lost")
	}
	leads(t, b, one+"approve", url.Values{"message": {"**Well** ridden"}}, desk, "The results of Kattenberg are final")
	refuses(t, b, one+"approve", nil, 422, "The results of this stage have been approved already")
	leads(t, b, two+"approve", nil, desk)
	refuses(t, b, two+"publish", url.Values{"message": {" "}}, 422, "Write a message")
	leads(t, b, two+"publish", url.Values{"message": {"See you next year"}}, desk, "The message is published")
	leads(t, b, desk+"/approve", nil, desk, "The results are final", "Final")
	refuses(t, b, desk+"/approve", nil, 422, "have been approved already")
	leads(t, b, desk+"/publish", url.Values{"message": {"Thanks"}}, desk, "The message is published")
	reads(t, s.Visitor(), "/challenges/short-and-steep", "Thanks", "Final")
	refuses(t, b, desk+"/dance", nil, 404)
	if got := b.Get(stages); got.Status != 422 || !got.Has("This challenge is over") {
		t.Errorf("a stage after the end: %d %s", got.Status, got.Text())
	}
}

func minute(l sport.Local) string { return l.AsUTC().Format("2006-01-02T15:04") }

func copyOf(v, change url.Values) url.Values {
	out := url.Values{}
	for name, values := range v {
		out[name] = values
	}
	for name, values := range change {
		out[name] = values
	}
	return out
}

func TestChallengesOfEveryTypeAreCreated(t *testing.T) {
	s := webtest.Start(t)
	b := s.SignIn(s.Athlete("Ilse Maes", sport.Female, func(p *athletes.Profile) { p.TimeZone = "Europe/Brussels" }))
	for kind, c := range map[string]struct {
		change url.Values
		words  []string
	}{
		"distance":  {url.Values{"goal": {"100"}, "goalUnits": {"kilometres"}, "goalRecurrence": {"week"}, "accumulateActivities": {"true"}}, []string{"Week 1", "Week 4"}},
		"duration":  {url.Values{"goal": {"5,5"}, "goalUnits": {"hours"}, "goalRecurrence": {"none"}}, []string{"A duration one"}},
		"elevation": {nil, []string{"A elevation one"}},
		"race":      {url.Values{"goal": {"5"}, "goalUnits": {"kilometres"}, "goalRecurrence": {"day"}, "tenths": {"true"}}, []string{"A race one"}},
	} {
		typed := form(t, b.Get("/challenges/new"), "/challenges/new", copyOf(url.Values{"type": {kind}, "name": {"A " + kind + " one"}}, c.change))
		page := leads(t, b, "/challenges/new", typed, "/challenges/a-"+kind+"-one/organise", c.words...)
		leads(t, b, "/challenges/a-"+kind+"-one/organise/host", nil, "/challenges/a-"+kind+"-one/organise")
		if page.Has("Add a stage") {
			t.Errorf("%s: stages can be added", kind)
		}
		if got := b.Get("/challenges/a-" + kind + "-one/stages/new"); got.Status != 422 || !got.Has("follow from its dates") {
			t.Errorf("%s: a stage is added: %d", kind, got.Status)
		}
	}
	bad := form(t, b.Get("/challenges/new"), "/challenges/new", url.Values{"type": {"distance"}, "name": {"X"}})
	refuses(t, b, "/challenges/new", copyOf(bad, url.Values{"goal": {"far"}}), 422, "Write a number")
	refuses(t, b, "/challenges/new", copyOf(bad, url.Values{"goal": {"-1"}}), 422, "more than zero")
	refuses(t, b, "/challenges/new", copyOf(bad, url.Values{"goalRecurrence": {"week"}}), 422, "Say what is to be reached each time")
	refuses(t, b, "/challenges/new", copyOf(bad, url.Values{"goal": {"1"}, "goalUnits": {"hours"}}), 422, "The goal's units")
}

func TestTheDesksSettings(t *testing.T) {
	s := startSeason(t)
	b, desk := s.SignIn(s.v.Organiser), s.challenge+"/organise"
	page := reads(t, b, desk+"?show=settings", "Name", "Dates", "Sports", "Description")
	leads(t, b, desk+"/rename", url.Values{"name": {"Five Big Hills"}}, desk, "Renamed", "Five Big Hills")
	refuses(t, b, desk+"/rename", url.Values{"name": {""}}, 422, "Give a name")
	leads(t, b, desk+"/dates", form(t, page, desk+"/dates", nil), desk, "Moved")
	if c := s.Reload(s.v.Organiser, s.v.Challenge.ID); c.EndLocal != s.v.Challenge.EndLocal {
		t.Errorf("an untouched date moved from %s to %s", s.v.Challenge.EndLocal, c.EndLocal)
	}
	leads(t, b, desk+"/dates", form(t, page, desk+"/dates", url.Values{"endLocal": {minute(webtest.Day(25, -time.Minute))}}), desk, "Moved")
	if c := s.Reload(s.v.Organiser, s.v.Challenge.ID); c.EndLocal != webtest.Day(25, -time.Second) || c.Stages[3].EndLocal != c.EndLocal {
		t.Errorf("it ends %s, its last stage %s", c.EndLocal, c.Stages[3].EndLocal)
	}
	refuses(t, b, desk+"/dates", form(t, page, desk+"/dates", url.Values{"endLocal": {minute(webtest.Day(-1, 0))}}), 422)
	refuses(t, b, desk+"/dates", form(t, page, desk+"/dates", url.Values{"endLocal": {"x"}}), 422, "Write a date and a time")
	leads(t, b, desk+"/types", url.Values{"includedActivityTypes": {"GravelRide"}}, desk, "judged anew")
	reads(t, s.Visitor(), s.active, "Nobody has a time yet")
	leads(t, b, desk+"/types", url.Values{"includedActivityTypes": {"Ride"}}, desk)
	reads(t, s.Visitor(), s.active, "5:00")
	refuses(t, b, desk+"/types", url.Values{"includedActivityTypes": {"Napping"}}, 422, "not a known activity type")
	leads(t, b, desk+"/describe", url.Values{"description": {"New *words*"}}, desk, "Saved")
	reads(t, s.Visitor(), s.challenge, "New words")

	draft := s.Challenge(s.v.Organiser, "Not Yet", nil)
	leads(t, b, "/challenges/"+draft.Slug+"/organise/rename", url.Values{"name": {"Soon"}}, "/challenges/soon/organise", "Renamed")
	leads(t, b, "/challenges/soon/organise/cancel", nil, "/challenges/soon/organise", "It is cancelled")
	refuses(t, b, "/challenges/soon/organise/cancel", nil, 422, "This challenge was cancelled")
}

func TestAthletesAndEffortsArePoliced(t *testing.T) {
	s := startSeason(t)
	b, desk := s.SignIn(s.v.Organiser), s.challenge+"/organise"
	act := func(a webtest.Athlete, action string) string {
		return s.challenge + "/competitors/" + a.ID.String() + "/" + action
	}
	refuses(t, b, act(s.v.Bram, "limit"), nil, 422, "Give a reason", "Bram Claes")
	refuses(t, b, act(s.v.Bram, "exclude"), url.Values{"reason": {strings.Repeat("x", 501)}}, 422, "at most 500 characters")
	leads(t, b, act(s.v.Bram, "limit"), url.Values{"reason": {"Rides an e-bike"}}, desk, "Rides an e-bike", "Scores no points")
	leads(t, b, act(s.v.Bram, "allow"), nil, desk, "not Rides an e-bike")
	leads(t, b, act(s.v.Bram, "exclude"), url.Values{"reason": {"Cut the corner"}}, desk, "Cut the corner", "Excluded")
	reads(t, s.Visitor(), s.active, "not All efforts of Bram Claes")
	refuses(t, s.SignIn(s.v.Bram), s.challenge+"/join", nil, 422, "You were excluded from this challenge: Cut the corner")
	leads(t, b, act(s.v.Bram, "allow"), nil, desk)
	refuses(t, b, act(s.v.Stranger, "limit"), url.Values{"reason": {"x"}}, 404, "isn't in the challenge")
	refuses(t, b, act(s.v.Ana, "tickle"), nil, 404)

	page := reads(t, b, desk+"?show=efforts&stage="+s.v.Active.Slug, "Ana de Smet", "5:00", "Flag")
	_, flag, _ := strings.Cut(page.Body, `action="`+s.active+"/efforts/")
	flag, _, _ = strings.Cut(flag, "/")
	effort := s.active + "/efforts/" + flag + "/flag"
	refuses(t, b, effort, nil, 422, "Give a reason")
	leads(t, b, effort, url.Values{"reason": {"Rode in a car"}}, desk, "The effort is out", "Rode in a car", "Flagged")
	refuses(t, b, s.past+"/efforts/"+flag+"/flag", url.Values{"reason": {"x"}}, 404, "There is no such effort")
	refuses(t, b, s.active+"/efforts/"+uuid.NewString()+"/flag", url.Values{"reason": {"x"}}, 404)
	reads(t, s.Visitor(), s.active, "not All efforts of Ana de Smet")
}

func TestStagesAreEdited(t *testing.T) {
	s := startSeason(t)
	b, desk := s.SignIn(s.v.Organiser), s.challenge+"/organise"
	edit := s.active + "/edit"
	page := reads(t, b, edit, "Edit stage 2", "Kattenberg")
	leads(t, b, edit, form(t, page, edit, nil), desk, "Saved")
	if c := s.Reload(s.v.Organiser, s.v.Challenge.ID); c.Stages[1].StartLocal != s.v.Active.StartLocal || c.Stages[1].EndLocal != s.v.Active.EndLocal {
		t.Errorf("an untouched stage moved to %s – %s", c.Stages[1].StartLocal, c.Stages[1].EndLocal)
	}
	leads(t, b, edit, form(t, page, edit, url.Values{"name": {"The Cat"}, "type": {"rolling"}, "pointsAdjustment": {"double"}, "description": {"Beware"}}), desk, "The Cat", "Double points")
	refuses(t, b, edit, form(t, page, edit, url.Values{"name": {""}}), 422, "Give a name")
	kept := refuses(t, b, edit, form(t, page, edit, url.Values{"endLocal": {minute(webtest.Day(6, 0))}, "name": {"The Cat"}}), 422, "Stages may not overlap")
	if got := form(t, kept, edit, nil); got.Get("endLocal") != minute(webtest.Day(6, 0)) {
		t.Error("what was typed is lost")
	}
	reads(t, b, edit+"?pick=yes", "Over which segment?", "Heideheuvel")
	other := reads(t, b, edit+"?segment="+s.v.Segments[0].ID.String(), "Heideheuvel")
	leads(t, b, edit, form(t, other, edit, nil), desk, "Heideheuvel")
	reads(t, s.Visitor(), s.active, "Nobody has a time yet")

	next := s.challenge + "/stages/" + s.v.Next.Slug
	leads(t, b, s.mystery+"/organise/reveal", nil, desk, "is no secret any more")
	refuses(t, b, s.active+"/organise/delete", nil, 422, "started already")
	leads(t, b, next+"/organise/delete", nil, desk, "is gone from the plan")
	refuses(t, b, next+"/organise/delete", nil, 404)
	refuses(t, b, s.active+"/organise/fly", nil, 404)
}

func TestADeskIsItsOrganisersAlone(t *testing.T) {
	s := startSeason(t)
	ana := s.SignIn(s.v.Ana)
	for _, path := range []string{s.challenge + "/organise", s.challenge + "/stages/new", s.active + "/edit"} {
		if got := ana.Get(path); got.Status != http.StatusForbidden || !got.Has("Only the organiser of this challenge") {
			t.Errorf("%s answers %d", path, got.Status)
		}
		if got := s.Visitor().Get(path); got.Status != http.StatusSeeOther {
			t.Errorf("%s answers a visitor %d", path, got.Status)
		}
	}
	for _, path := range []string{s.challenge + "/organise/cancel", s.challenge + "/organise/rename", s.challenge + "/stages/new", s.active + "/edit",
		s.active + "/organise/end", s.challenge + "/competitors/" + s.v.Bram.ID.String() + "/exclude", s.active + "/efforts/" + uuid.NewString() + "/flag"} {
		refuses(t, ana, path, url.Values{"name": {"Mine"}, "reason": {"mine"}}, 403, "Only the organiser of this challenge")
	}
	for _, path := range []string{"/challenges/none/organise", "/challenges/none/stages/new", s.challenge + "/stages/none/edit"} {
		if got := s.SignIn(s.v.Organiser).Get(path); got.Status != http.StatusNotFound {
			t.Errorf("%s answers %d", path, got.Status)
		}
	}
	draft := s.Challenge(s.v.Organiser, "Not Yet", func(d *challenges.Definition) { d.ClubID = s.v.Club.ID })
	if got := ana.Get("/challenges/" + draft.Slug + "/organise"); got.Status != http.StatusNotFound {
		t.Errorf("a draft's desk answers %d", got.Status)
	}
	leads(t, s.SignIn(s.v.Organiser), "/clubs/"+s.v.Club.Slug+"/members/"+s.v.Ana.ID.String()+"/appoint", nil, "/clubs/")
	reads(t, ana, "/challenges/"+draft.Slug+"/organise", "Not Yet", "Plan the stages") // an administrator of the club runs it, too
}

package api_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/importer"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/webtest"
)

// A challenge with age groups has a board for each, in which those are ranked who say their year of birth.
func TestAgeGroups(t *testing.T) {
	s := start(t)
	organiser := s.Athlete("Ilse Maes", sport.Female, nil)
	year := webtest.Day(-20, 0).AsUTC().Year()
	ana := s.Athlete("Ana de Smet", sport.Female, func(p *athletes.Profile) { p.BirthYear = year - 44 })
	bram := s.Athlete("Bram Claes", sport.Male, func(p *athletes.Profile) { p.BirthYear = year - 50 })
	chloe := s.Athlete("Chloé Martin", sport.Undisclosed, nil)
	org := as(s, organiser)
	made := org.post("/challenges", body(t, map[string]any{"type": "segment", "name": "Masters", "startLocal": day(-20, "00:00:00"), "endLocal": day(20, "23:59:59"),
		"timeZone": webtest.TimeZone, "categories": []string{"Men", "women 40–49", "Open", "over 9000", "50+"}}))
	made.refused(422, "category_unknown").about("categories")
	made = org.post("/challenges", body(t, map[string]any{"type": "segment", "name": "Masters", "startLocal": day(-20, "00:00:00"), "endLocal": day(20, "23:59:59"),
		"timeZone": webtest.TimeZone, "categories": []string{"Men", "women 40–49", "Open", "50 +", "Women 40-49"}})).is(201)
	made.has("categories", []any{"Open", "Men", "50+", "Women 40-49"})
	at := "/challenges/" + made.text("slug")
	segment := s.Segment(organiser, "Kattenberg", webtest.Hill(1))
	org.post(at+"/stages", body(t, map[string]any{"type": "mountain", "segmentId": segment.ID, "name": "Kattenberg"})).is(201)
	org.post(at+"/host", "").is(200)
	for _, a := range []webtest.Athlete{ana, bram, chloe} {
		as(s, a).post(at+"/join", "").is(200)
		s.Ride(a, webtest.Ride{Line: webtest.Hill(1), Start: webtest.Day(-1, 9*3600e9).In(webtest.Zone), Time: 300e9})
	}
	on := func(category string) (names []string) {
		t.Helper()
		a := org.get(at + "/stages/kattenberg/leaderboards/" + category).is(200)
		for _, e := range a.list("entries") {
			names = append(names, e.(map[string]any)["name"].(string))
		}
		return names
	}
	want := func(when string, boards map[string]int) {
		t.Helper()
		for category, n := range boards {
			if got := on(category); len(got) != n {
				t.Errorf("%s, %s: %v, want %d", when, category, got, n)
			}
		}
	}
	want("at first", map[string]int{"Open": 3, "Men": 1, "50+": 1, "Women%2040-49": 1, "women%2040-49": 1})
	org.get(at+"/stages/kattenberg/leaderboards/Women").refused(404, "leaderboard_not_found")
	for _, k := range org.get(at + "/competitors").list("items") {
		k := k.(map[string]any)
		if want := map[string]string{"Ana de Smet": "Women 40-49", "Bram Claes": "50+", "Chloé Martin": "Open"}[k["name"].(string)]; k["category"] != want {
			t.Errorf("%v is in %v", k["name"], k["category"])
		}
		if strings.Contains(body(t, k), "birthYear") {
			t.Error("competitors' years of birth are told")
		}
	}
	as(s, chloe).patch("/me", body(t, map[string]any{"birthYear": year - 61, "gender": "F"})).is(200)
	want("when Chloé is 61", map[string]int{"Open": 3, "Men": 1, "50+": 2, "Women%2040-49": 1})
	as(s, ana).patch("/me", `{"birthYear": 0}`).is(200)
	want("when Ana takes hers back", map[string]int{"Open": 3, "50+": 2, "Women%2040-49": 0})
	as(s, ana).patch("/me", `{"birthYear": 1850}`).refused(422, "birth_year_impossible").about("birthYear")
}

// A change of several things is made as a whole, or not at all; everything wrong about it is said.
func TestChangesAreMadeAsAWhole(t *testing.T) {
	s := start(t)
	v := s.Season()
	org := as(s, v.Organiser)
	at := "/challenges/" + v.Challenge.Slug
	stage := at + "/stages/" + v.Next.Slug
	before := eventsOf(s)
	org.patch(at, body(t, map[string]any{"name": "Renamed", "description": "Anew.", "endLocal": day(-30, "00:00:00"), "includedActivityTypes": []string{"Ride", "Flying"}})).
		refused(422, "ends_before_it_starts").about("endLocal", "includedActivityTypes")
	org.patch(at, body(t, map[string]any{"name": "Renamed", "endLocal": day(8, "00:00:00")})).refused(422, "stage_outside_challenge").about("endLocal")
	org.patch(stage, body(t, map[string]any{"name": "Renamed", "startLocal": day(9, "00:00:00")})).refused(422, "stages_overlap").about("startLocal")
	org.patch(stage, body(t, map[string]any{"startLocal": day(13, "00:00:00"), "name": strings.Repeat("x", 5000), "hidden": true})).refused(422, "name_too_long").about("name")
	org.patch(stage, body(t, map[string]any{"startLocal": day(9, "00:00:00"), "name": ""})).refused(422, "name_missing").about("name", "startLocal")
	if after := eventsOf(s); after != before {
		t.Errorf("%d events came of refusals", after-before)
	}
	org.patch(at, body(t, map[string]any{"name": "Renamed", "description": "Anew.", "endLocal": day(21, "23:59:59"), "includedActivityTypes": []string{"Ride"}})).is(200).
		has("name", "Renamed", "description", "Anew.", "slug", v.Challenge.Slug, "endLocal", day(21, "23:59:59"), "startLocal", day(-20, "00:00:00"), "includedActivityTypes", []any{"Ride"})
	org.patch(stage, body(t, map[string]any{"startLocal": day(12, "00:00:00"), "name": "The ring", "type": "flat", "pointsAdjustment": "double", "hidden": true,
		"segmentId": v.Segments[0].ID})).is(200).
		has("startLocal", day(12, "00:00:00"), "name", "The ring", "type", "flat", "pointsAdjustment", "double", "hidden", true, "segmentId", v.Segments[0].ID.String())
	client{Site: s}.get(stage).is(200).has("segmentSecret", true, "segmentId", nil)
	org.patch(stage, `{"hidden": false}`).is(200).has("hidden", false)
	client{Site: s}.get(stage).has("segmentId", v.Segments[0].ID.String())
}

// What is final is corrected by opening it again, with a reason.
func TestReopening(t *testing.T) {
	s := start(t)
	v := s.Season()
	org := as(s, v.Organiser)
	at := "/challenges/" + v.Challenge.Slug
	past, active := at+"/stages/"+v.Past.Slug, at+"/stages/"+v.Active.Slug
	org.post(past+"/reopen", `{"reason": "Early"}`).refused(422, "stage_not_approved")
	org.post(past+"/approve", "").is(200).has("status", "approved")
	effort := org.get(past + "/efforts?athleteId=" + v.Bram.ID.String()).text("items.0.id")
	org.post(past+"/efforts/"+effort+"/flag", `{"reason": "A car"}`).refused(422, "stage_approved")
	as(s, v.Ana).post(past+"/reopen", `{"reason": "I was faster"}`).refused(403, "not_the_organiser")
	org.post(past+"/reopen", `{}`).refused(422, "reason_missing").about("reason")
	org.post(past+"/reopen", `{"reason": "`+strings.Repeat("x", 501)+`"}`).refused(422, "reason_too_long").about("reason")
	org.post(past+"/reopen", `{"reason": "Bram drafted a car"}`).is(200).has("status", "past")
	org.get(past+"/leaderboards/Open").has("final", false, "entries.0.name", "Bram Claes")
	org.post(past+"/efforts/"+effort+"/flag", `{"reason": "A car"}`).is(200).has("status", "flagged")
	org.get(past+"/leaderboards/Open").has("entries.0.name", "Ana de Smet", "entries.1", nil)
	org.post(past+"/approve", `{"message": "Corrected."}`).is(200).has("status", "approved")
	org.get(past+"/leaderboards/Open").has("final", true)

	org.post(at+"/end", "").is(200)
	for _, stage := range []string{active, at + "/stages/" + v.Mystery.Slug, at + "/stages/" + v.Next.Slug} {
		org.post(stage+"/approve", "").is(200)
	}
	org.post(at+"/reopen", `{"reason": "Early"}`).refused(422, "challenge_not_approved")
	org.post(at+"/approve", "").is(200).has("status", "approved")
	org.post(active+"/reopen", `{"reason": "Late"}`).refused(422, "challenge_already_approved")
	org.post(at+"/reopen", `{"reason": "A wrong time"}`).is(200).has("status", "past")
	org.post(active+"/reopen", `{"reason": "A wrong time"}`).is(200).has("status", "past")
	org.post(at+"/approve", "").refused(422, "stages_not_approved")
	org.post(active+"/approve", "").is(200)
	org.post(at+"/approve", "").is(200).has("status", "approved")
}

// The queue is for who runs the challenge; what doesn't wait can't be decided about.
func TestReviewIsTheOrganisers(t *testing.T) {
	s := start(t)
	v := s.Season()
	org, ana := as(s, v.Organiser), as(s, v.Ana)
	at := "/challenges/" + v.Challenge.Slug
	client{Site: s}.get(at+"/review").refused(401, "not_signed_in")
	ana.get(at+"/review").refused(403, "not_the_organiser")
	org.get(at+"/review").is(200).has("items", []any{}, "nextCursor", nil)
	org.get(at+"/review?cursor=nonsense").refused(422, "cursor_invalid")
	efforts := at + "/stages/" + v.Active.Slug + "/efforts/"
	effort := efforts + org.get(at+"/stages/"+v.Active.Slug+"/efforts").text("items.0.id")
	org.post(effort+"/accept", "").refused(422, "no_review_needed")
	org.post(effort+"/reject", `{}`).refused(422, "note_missing").about("note")
	org.post(effort+"/reject", `{"note": "`+strings.Repeat("x", 501)+`"}`).refused(422, "note_too_long").about("note")
	ana.post(effort+"/accept", "").refused(403, "not_the_organiser")
	org.post(efforts+v.Ana.ID.String()+"/accept", "").refused(404, "effort_not_found")
	org.post(at+"/stages/"+v.Past.Slug+"/efforts/"+strings.TrimPrefix(effort, efforts)+"/accept", "").refused(404, "effort_not_found")
}

// What can't be is said in words, at the field, and nothing comes of it.
func TestBadInput(t *testing.T) {
	s := start(t)
	v := s.Season()
	org := as(s, v.Organiser)
	at := "/challenges/" + v.Challenge.Slug
	long := strings.Repeat("é", 5000)
	challenge := func(change map[string]any) string {
		b := map[string]any{"type": "distance", "name": "Far", "startLocal": day(-1, "00:00:00"), "endLocal": day(30, "00:00:00"), "timeZone": "Europe/Brussels"}
		for k, v := range change {
			b[k] = v
		}
		return body(t, b)
	}
	goal := func(value float64, units, recurrence string) map[string]any {
		return map[string]any{"goal": map[string]any{"value": value, "units": units, "recurrence": recurrence}}
	}
	stage := func(change map[string]any) string {
		b := map[string]any{"type": "flat", "segmentId": v.Segments[0].ID, "name": "Another"}
		for k, v := range change {
			b[k] = v
		}
		return body(t, b)
	}
	before := eventsOf(s)
	for what, c := range map[string]struct{ path, sent, code, field string }{
		"a name of 5,000 characters":        {"/challenges", challenge(map[string]any{"name": long}), "name_too_long", "name"},
		"a zone that doesn't exist":         {"/challenges", challenge(map[string]any{"timeZone": "Mars/Olympus_Mons"}), "time_zone_unknown", "timeZone"},
		"a goal of zero":                    {"/challenges", challenge(goal(0, "kilometres", "none")), "goal_not_positive", "goal"},
		"a goal below zero":                 {"/challenges", challenge(goal(-5, "kilometres", "week")), "goal_not_positive", "goal"},
		"a distance in hours":               {"/challenges", challenge(goal(5, "hours", "none")), "goal_units_unknown", "goal"},
		"a goal each day for years":         {"/challenges", challenge(map[string]any{"endLocal": day(800, "00:00:00"), "goal": map[string]any{"value": 5, "units": "kilometres", "recurrence": "day"}}), "too_many_stages", ""},
		"times that add up":                 {"/challenges", challenge(map[string]any{"type": "race", "accumulateActivities": true, "goal": map[string]any{"value": 5, "units": "kilometres"}}), "accumulate_not_possible", "accumulateActivities"},
		"a restriction without a club":      {"/challenges", challenge(map[string]any{"restrictedToClubMembers": true}), "club_missing", "clubId"},
		"ages backwards":                    {"/challenges", challenge(map[string]any{"categories": []string{"Open", "49-40"}}), "category_unknown", "categories"},
		"a stage over another":              {at + "/stages", stage(map[string]any{"startLocal": day(5, "00:00:00"), "endLocal": day(6, "00:00:00")}), "stages_overlap", "startLocal"},
		"a stage outside":                   {at + "/stages", stage(map[string]any{"startLocal": day(19, "00:00:00"), "endLocal": day(40, "00:00:00")}), "stage_outside_challenge", "endLocal"},
		"a stage that ends first":           {at + "/stages", stage(map[string]any{"startLocal": day(19, "00:00:00"), "endLocal": day(18, "00:00:00")}), "ends_before_it_starts", "endLocal"},
		"a stage where no time is left":     {at + "/stages", stage(nil), "no_room_for_stage", "startLocal"},
		"a stage named by 5,000":            {at + "/stages", stage(map[string]any{"name": long, "startLocal": day(19, "00:00:00")}), "name_too_long", "name"},
		"a reason of 5,000":                 {at + "/competitors/" + v.Ana.ID.String() + "/exclude", body(t, map[string]any{"reason": long}), "reason_too_long", "reason"},
		"a club named by 5,000":             {"/clubs", body(t, map[string]any{"name": long}), "name_too_long", "name"},
		"a club's site that is a script":    {"/clubs", body(t, map[string]any{"name": "Club", "website": "javascript:alert(1)"}), "website_invalid", "website"},
		"a results message without results": {at + "/publish", `{"message": "Hurrah"}`, "challenge_not_approved", ""},
	} {
		a := org.post(c.path, c.sent).refused(422, c.code)
		var fields []string
		for _, e := range a.list("errors") {
			fields = append(fields, e.(map[string]any)["field"].(string))
		}
		if got := strings.Join(fields, " "); got != c.field {
			t.Errorf("%s: said at %q, want %q: %s", what, got, c.field, a.Raw)
		}
		for _, word := range []string{"nil", "error:", "uuid", "json", "null", "<"} {
			if strings.Contains(a.text("detail"), word) {
				t.Errorf("%s: no words for people: %s", what, a.text("detail"))
			}
		}
	}
	if after := eventsOf(s); after != before {
		t.Errorf("%d events came of refusals", after-before)
	}
}

// caughtUp waits until rides are matched because of all that has happened, and that can be read.
func caughtUp(s *webtest.Site) {
	s.Helper()
	for last := int64(-1); ; {
		head := eventsOf(s)
		if head == last {
			return
		}
		if err := s.Store.WaitFor(s.Context(), head, append(s.ReadModels(), importer.Name, "processes")...); err != nil {
			s.Fatal(err)
		}
		last = head
	}
}

// A season that is under way is entered late: its past stages end at once, and take rides until they are approved.
func TestAPastStageIsEnteredLate(t *testing.T) {
	s := start(t)
	organiser, ana := s.Athlete("Ilse Maes", sport.Female, nil), s.Athlete("Ana de Smet", sport.Female, nil)
	org := as(s, organiser)
	segment := s.Segment(organiser, "Kattenberg", webtest.Hill(1))
	made := org.post("/challenges", body(t, map[string]any{"type": "segment", "name": "Spring", "startLocal": day(-20, "00:00:00"), "endLocal": day(20, "23:59:59"), "timeZone": webtest.TimeZone})).is(201)
	at := "/challenges/" + made.text("slug")
	add := func(name string, from, to int) {
		t.Helper()
		org.post(at+"/stages", body(t, map[string]any{"type": "flat", "segmentId": segment.ID, "name": name, "startLocal": day(from, "00:00:00"), "endLocal": day(to, "23:59:59")})).is(201)
	}
	add("First", -20, -15)
	add("Third", -5, 20)
	org.post(at+"/host", "").is(200)
	as(s, ana).post(at+"/join", "").is(200)
	s.Ride(ana, webtest.Ride{Line: webtest.Hill(1), Start: webtest.Day(-8, 9*3600e9).In(webtest.Zone), Time: 300e9})
	add("Second", -14, -6)
	s.Tick(webtest.Day(0, 23*3600e9).In(webtest.Zone))
	caughtUp(s)
	org.get(at+"/stages/second").has("number", 3, "status", "past")
	org.get(at+"/stages/second/leaderboards/Open").has("entries.0.name", "Ana de Smet", "entries.1", nil)
	var status []any
	for _, stage := range org.get(at + "/stages").list("items") {
		status = append(status, stage.(map[string]any)["status"])
	}
	if diff := cmp.Diff([]any{"past", "active", "past"}, status); diff != "" {
		t.Error(diff)
	}
}

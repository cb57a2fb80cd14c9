package api_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/webtest"
)

const standingsWords, standingWords = "category classification rankBy entries", "rank athleteId name points provisionalPoints goals value stages"

// table is a classification in a line: rank, name, points and provisional points of each.
func table(a answer) string {
	var words []string
	for i := range a.list("entries") {
		at := fmt.Sprintf("entries.%d.", i)
		words = append(words, fmt.Sprintf("%v %s %v+%v", a.number(at+"rank"), strings.Fields(a.text(at + "name"))[0], a.number(at+"points"), a.number(at+"provisionalPoints")))
	}
	return strings.Join(words, ", ")
}

// Standings from the first ride to the results, and each point can be traced.
func TestStandings(t *testing.T) {
	s := start(t)
	v := s.Season()
	org, visitor := as(s, v.Organiser), client{Site: s}
	at := "/challenges/" + v.Challenge.Slug
	want := func(when, path, rows string) answer {
		t.Helper()
		a := visitor.get(at + "/leaderboards" + path).is(200)
		a.words("", standingsWords)
		if got := table(a); got != rows {
			t.Errorf("%s, %s: %s, want %s", when, path, got, rows)
		}
		return a
	}
	// Heideheuvel (flat, past): Bram, Ana. Kattenberg (mountain, running): Ana, then Bram and Chloé with the same time.
	first := want("while they run", "", "1 Bram 0+27, 1 Ana 0+27, 3 Chloé 0+12")
	first.has("category", "Open", "classification", "GC", "name", "General", "rankBy", "points", "final", false, "items.0.category", "Open", "items.2.classification", "Sprint", "items.3.category", "Women")
	first.words("entries.0", standingWords)
	want("while they run", "/open/kom", "1 Ana 0+10, 2 Bram 0+8, 2 Chloé 0+8")
	want("while they run", "/Women/QOM", "1 Ana 0+10")
	want("while they run", "/Women", "1 Ana 0+30")
	visitor.get(at+"/leaderboards/Juniors").refused(404, "standings_not_found")
	visitor.get(at+"/leaderboards/Open/Time").refused(404, "classification_not_found")
	before := time.Now().UTC().Format(time.RFC3339Nano)

	org.post(at+"/stages/"+v.Past.Slug+"/approve", "").is(200)
	gc := want("with one approved", "/Open/GC", "1 Bram 15+12, 1 Ana 12+15, 3 Chloé 0+12")
	gc.has("entries.0.stages.0.points", 15.0, "entries.0.stages.0.place", 1.0, "entries.0.stages.1.provisional", true, "entries.0.value", 27.0,
		"stages.0.scored", true, "stages.1.provisional", true)

	ana := "/competitors/" + v.Ana.ID.String()
	adjust := func(change string) string {
		return `{"category": "Open", "classification": "GC", "points": -2.5, "reason": "Cut a corner"` + change + `}`
	}
	as(s, v.Bram).post(at+ana+"/adjust-points", adjust("")).refused(403, "not_the_organiser")
	org.post(at+ana+"/adjust-points", adjust(`, "reason": ""`)).refused(422, "reason_missing").about("reason")
	org.post(at+ana+"/adjust-points", adjust(`, "classification": "Time"`)).refused(422, "classification_unknown").about("classification")
	org.post(at+ana+"/adjust-points", adjust(`, "category": "Juniors"`)).refused(422, "category_unknown").about("category")
	org.post(at+"/competitors/"+v.Stranger.ID.String()+"/adjust-points", adjust("")).refused(422, "not_a_competitor").about("athleteId")
	org.post(at+ana+"/adjust-points", adjust("")).is(200).has("athleteId", v.Ana.ID.String())
	want("adjusted", "/Open/GC", "1 Bram 15+12, 2 Ana 9.5+15, 3 Chloé 0+12").has("entries.1.adjusted", -2.5)

	org.post(at+"/competitors/"+v.Bram.ID.String()+"/limit", `{"reason": "A professional"}`).is(200)
	// What was given is given; on the stage under way Chloé is second now.
	want("with Bram limited", "/Open/GC", "1 Ana 9.5+15, 2 Bram 15+0, 3 Chloé 0+12").has("entries.1.limited", true)
	past := visitor.get(at + "/leaderboards/Open/GC?asOf=" + url.QueryEscape(before)).is(200)
	if got := table(past); got != "1 Bram 0+27, 1 Ana 0+27, 3 Chloé 0+12" {
		t.Errorf("as it was: %s", got)
	}
	visitor.get(at+"/leaderboards/Open/GC?asOf=2001-01-01T00:00:00Z").has("entries", []any{}, "final", false)
	visitor.get(at+"/leaderboards/Open/GC?asOf=yesterday").refused(422, "as_of_invalid").about("asOf")

	org.post(at+"/end", "").is(200)
	for _, stage := range []string{v.Active.Slug, v.Mystery.Slug, v.Next.Slug} {
		org.post(at+"/stages/"+stage+"/approve", "").is(200)
	}
	org.post(at+"/approve", "").is(200)
	want("in the end", "/Open/GC", "1 Ana 24.5+0, 2 Bram 15+0, 3 Chloé 12+0").has("final", true)
	org.post(at+ana+"/adjust-points", adjust("")).refused(422, "standings_final")
}

// Scoring is declared: when the challenge is made, and later as long as that is fair.
func TestScoring(t *testing.T) {
	s := start(t)
	ilse := s.Athlete("Ilse Maes", sport.Female, nil)
	org, visitor := as(s, ilse), client{Site: s}
	made := func(scoring any) string {
		return body(t, map[string]any{"type": "segment", "name": "League", "startLocal": day(-20, "00:00:00"), "endLocal": day(20, "23:59:59"), "timeZone": webtest.TimeZone, "scoring": scoring})
	}
	class := func(change map[string]any) map[string]any {
		c := map[string]any{"name": "League", "by": "points"}
		for k, v := range change {
			c[k] = v
		}
		return map[string]any{"classifications": []any{c}}
	}
	org.post("/challenges", made(class(map[string]any{"table": []any{10, 0, 6}}))).refused(422, "points_table_hole").about("scoring.classifications.0.table")
	org.post("/challenges", made(class(map[string]any{"table": []any{10, -6}}))).refused(422, "points_negative").about("scoring.classifications.0.table")
	org.post("/challenges", made(class(map[string]any{"by": "luck"}))).refused(422, "classification_by_unknown").about("scoring.classifications.0.by")
	at := "/challenges/" + org.post("/challenges", made(class(map[string]any{"table": []any{10, 6.5}, "others": 1}))).is(201).text("slug")
	visitor.get(at+"/leaderboards").refused(404, "standings_not_found")
	org.get(at+"/scoring").is(200).has("default", false, "scoring.classifications.0.key", "League", "scoring.classifications.0.table.1", 6.5)

	segment := s.Segment(ilse, "Kattenberg", webtest.Hill(1))
	org.post(at+"/stages", body(t, map[string]any{"type": "mountain", "segmentId": segment.ID, "name": "Kattenberg"})).is(201)
	org.post(at+"/host", "").is(200)
	for i, name := range []string{"Ana Smet", "Bram Claes", "Dirk Aerts"} {
		rider := s.Athlete(name, sport.Undisclosed, nil)
		as(s, rider).post(at+"/join", "").is(200)
		s.Ride(rider, webtest.Ride{Line: webtest.Hill(1), Start: webtest.Day(-1, 9*time.Hour).In(webtest.Zone), Time: time.Duration(300+10*i) * time.Second})
	}
	want := func(rows string) {
		t.Helper()
		if got := table(visitor.get(at + "/leaderboards").is(200)); got != rows {
			t.Errorf("%s, want %s", got, rows)
		}
	}
	want("1 Ana 0+10, 2 Bram 0+6.5, 3 Dirk 0+1")
	put := func(scoring any, reason string) answer {
		return org.json("PUT", at+"/scoring", body(t, map[string]any{"scoring": scoring, "reason": reason}))
	}
	put(class(map[string]any{"table": []any{5, 4}}), "").is(200).has("words.0", "League: points for each stage, added up; the most comes first. Places give 5 and 4 points. Equal results each get the points of their place, and the next place follows on.")
	want("1 Ana 0+5, 2 Bram 0+4")
	put(map[string]any{"result": map[string]any{"kind": "count"}}, "").refused(422, "stage_result_fixed").about("scoring.result")
	visitor.json("PUT", at+"/scoring", `{"scoring": {}}`).refused(401, "not_signed_in")
	org.post(at+"/end", "").is(200)
	org.post(at+"/stages/kattenberg/approve", "").is(200)
	want("1 Ana 5+0, 2 Bram 4+0")
	put(map[string]any{}, " ").refused(422, "reason_missing").about("reason")
	put(map[string]any{}, "As announced").is(200).has("default", true, "scoring.classifications.0.key", "GC")
	want("1 Ana 15+0, 2 Bram 12+0, 3 Dirk 10+0")
}

// What activities bring is added up; a recurring goal is counted; a race is its stage.
func TestStandingsOfActivities(t *testing.T) {
	s := start(t)
	ilse := s.Athlete("Ilse Maes", sport.Female, nil)
	org, visitor := as(s, ilse), client{Site: s}
	ana, bram := s.Athlete("Ana Smet", sport.Female, nil), s.Athlete("Bram Claes", sport.Male, nil)
	make := func(name, kind string, more map[string]any) string {
		t.Helper()
		d := map[string]any{"type": kind, "name": name, "startLocal": day(-20, "00:00:00"), "endLocal": day(20, "23:59:59"), "timeZone": webtest.TimeZone}
		for k, v := range more {
			d[k] = v
		}
		at := "/challenges/" + org.post("/challenges", body(t, d)).is(201).text("slug")
		org.post(at+"/host", "").is(200)
		as(s, ana).post(at+"/join", "").is(200)
		as(s, bram).post(at+"/join", "").is(200)
		return at
	}
	goal := func(value float64, units, recurrence string) map[string]any {
		return map[string]any{"accumulateActivities": true, "goal": map[string]any{"value": value, "units": units, "recurrence": recurrence}}
	}
	total, weeks := make("All kilometres", "distance", goal(10, "kilometres", "none")), make("Weeks", "distance", goal(500, "metres", "week"))
	race := make("Half a kilometre", "race", map[string]any{"goal": map[string]any{"value": 500, "units": "metres"}})
	for _, ride := range []struct {
		who     webtest.Athlete
		day     int
		seconds time.Duration
	}{{ana, -12, 300}, {ana, -2, 290}, {bram, -2, 280}} {
		s.Ride(ride.who, webtest.Ride{Line: webtest.Hill(1), Start: webtest.Day(ride.day, 9*time.Hour).In(webtest.Zone), Time: ride.seconds * time.Second})
	}
	a := visitor.get(total+"/leaderboards").is(200).has("classification", "Total", "rankBy", "distance", "entries.0.name", "Ana Smet", "entries.1.rank", 2.0)
	if value, progress := a.number("entries.0.value"), a.number("entries.0.goalProgress"); value < 1000 || progress < value/100-0.01 || progress > value/100+0.01 {
		t.Errorf("%v metres are %v %% of 10 km", value, progress)
	}
	visitor.get(weeks+"/leaderboards/Open/Goals").is(200).has("rankBy", "goals", "entries.0.name", "Ana Smet", "entries.0.goals", 2.0, "entries.1.goals", 1.0)
	onStage := visitor.get(race + "/stages/" + visitor.get(race).text("stages.0.slug") + "/leaderboards/Open").is(200).number("entries.0.value")
	visitor.get(race+"/leaderboards").is(200).has("classification", "Race", "rankBy", "elapsedTime", "entries.0.name", "Bram Claes", "entries.0.rank", 1.0, "entries.0.value", onStage)
}

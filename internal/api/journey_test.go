package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"segmentchallenge/internal/activities/gpx"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/webtest"
)

// The words of the contract, object by object: more may come, none may go.
const (
	segmentWords    = "id name activityType distance averageGrade maximumGrade elevationLow elevationHigh elevationGain climbCategory polyline start end"
	challengeWords  = "id slug status type name description startLocal endLocal timeZone restrictedToClubMembers allowPrivateActivities includedActivityTypes accumulateActivities private categories stages competitorCount"
	stageWords      = "id slug number type name status startLocal endLocal pointsAdjustment hidden"
	competitorWords = "athleteId name gender category joinedAt limited excluded reason"
	effortWords     = "id athleteId activityId lap startLocal elapsedTime movingTime distance elevationGain averageSpeed averageHeartRate averagePower source status reason"
	boardWords      = "category rankBy entries"
	entryWords      = "rank athleteId name effortId value gap attempts goalProgress achievedAt rankChange"
	itemWords       = "id file status duplicateOf code detail efforts refused"
)

func body(t testing.TB, v map[string]any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// day is a wall-clock time n days from today.
func day(n int, clock string) string { return webtest.Day(n, 0).String()[:11] + clock }

func lineGPX(t testing.TB, n int) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := gpx.Write(&out, "Hill", sport.Ride, webtest.Hill(n)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// season is a challenge in the making, and who has to do with it.
type season struct {
	*webtest.Site
	ilse, ana, bram    webtest.Athlete
	org, a, b, visitor client
	clubID, at         string
	hill, wall         answer
}

// A season from nothing to its results, by the API alone. After each write, the next read shows it.
func TestASeason(t *testing.T) {
	s := start(t)
	c := &season{Site: s, ilse: s.Athlete("Ilse Maes", sport.Female, nil), ana: s.Athlete("Ana Smet", sport.Female, nil), bram: s.Athlete("Bram Claes", sport.Male, nil)}
	c.org, c.a, c.b, c.visitor = as(s, c.ilse), as(s, c.ana), as(s, c.bram), client{Site: s}
	c.foundsAClub()
	c.makesAChallenge()
	c.opensIt()
	c.bringsRides()
	c.looksAtBoards()
	c.changesActivities()
	c.police()
	c.finishes()
}

func (c *season) foundsAClub() {
	c.org.get("/me").is(200).has("id", c.ilse.ID.String(), "firstName", "Ilse", "lastName", "Maes", "email", c.ilse.Email)

	club := c.org.post("/clubs", `{"name": "WTC De Kattenberg", "description": "We *ride*"}`).is(201)
	club.words("", "id slug name")
	c.clubID = club.text("id")
	c.visitor.get("/clubs/"+c.clubID).is(200).has("name", "WTC De Kattenberg", "memberCount", 1)
	c.visitor.get("/clubs?name=katten").is(200).has("items.0.id", c.clubID)
	c.a.post("/clubs/"+c.clubID+"/members", `{}`).is(200).has("membership", "member")
	c.b.post("/clubs/"+c.clubID+"/members", ``).is(200).has("membership", "member")
	c.visitor.get("/clubs/"+c.clubID+"/members").is(200).has("items.0.athleteId", c.ilse.ID.String(), "items.0.role", "administrator", "items.2.name", "Bram Claes")

	c.hill = c.org.form("/segments", []file{{"hill.gpx", lineGPX(c, 0)}}, "name", "Heideheuvel", "activityType", "Ride").is(201)
	c.hill.words("", segmentWords)
	c.wall = c.org.post("/segments", body(c, map[string]any{"name": "Muur", "activityType": "Ride", "polyline": c.hill.text("polyline")})).is(201)
	c.visitor.get("/segments/"+c.wall.text("id")).is(200).has("name", "Muur", "polyline", c.hill.text("polyline"), "start.0", c.hill.field("start.0"), "end.1", c.hill.field("end.1"))
	c.visitor.get("/segments?name=heide&activityType=Ride&bbox=50.7,4.5,50.9,4.7").is(200).has("items.0.id", c.hill.text("id"), "items.1", nil, "nextCursor", nil)
	c.visitor.get("/segments?bbox=10,10,11,11").is(200).has("items", []any{})
}

func (c *season) makesAChallenge() {
	challenge := c.org.post("/challenges", body(c, map[string]any{"type": "segment", "name": "Five Hills", "description": "*Go*", "startLocal": day(-10, "00:00:00"),
		"endLocal": day(10, "23:59:59"), "timeZone": "Europe/Brussels", "clubId": c.clubID, "restrictedToClubMembers": true,
		"allowPrivateActivities": false, "includedActivityTypes": []string{"Ride"}, "categories": []string{"Open", "Women"}})).is(201)
	challenge.words("", challengeWords)
	challenge.has("slug", "five-hills", "status", "pending", "clubId", c.clubID, "stages", []any{}, "competitorCount", 0)
	c.at = "/challenges/five-hills"
	c.org.patch(c.at, `{"name": "Six Hills"}`).is(200).has("name", "Six Hills", "slug", "six-hills")
	c.at = "/challenges/six-hills"

	first := c.org.post(c.at+"/stages", body(c, map[string]any{"type": "mountain", "segmentId": c.hill.text("id"), "name": "Heideheuvel", "description": "Up",
		"startLocal": day(-10, "00:00:00"), "endLocal": day(0, "23:59:59"), "pointsAdjustment": "queen", "hidden": false})).is(201)
	first.words("", stageWords)
	first.has("number", 1, "slug", "heideheuvel", "pointsAdjustment", "queen", "status", "upcoming", "segmentId", c.hill.text("id"))
	c.org.post(c.at+"/stages", body(c, map[string]any{"type": "flat", "segmentId": c.wall.text("id"), "name": "Muur", "hidden": true})).is(201).
		has("number", 2, "startLocal", day(1, "00:00:00"), "endLocal", day(10, "23:59:59"))
	extra := c.org.post(c.at+"/stages", body(c, map[string]any{"type": "flat", "segmentId": c.wall.text("id"), "name": "Too much", "startLocal": day(-10, "00:00:00")}))
	extra.refused(422, "stages_overlap").about("startLocal")
	c.org.patch(c.at+"/stages/muur", `{"name": "De Muur", "pointsAdjustment": "double", "startLocal": "`+day(1, "08:00:00")+`"}`).is(200).
		has("name", "De Muur", "pointsAdjustment", "double", "startLocal", day(1, "08:00:00"))
	// Its name and address tell of its segment too.
	mystery := c.visitor.get(c.at+"/stages/muur").is(200).has("segmentId", nil, "segmentSecret", true, "hidden", true, "name", "Mystery stage")
	c.visitor.get(c.at+"/stages/"+mystery.text("slug")).is(200).has("id", mystery.text("id"))
	for _, path := range []string{c.at, c.at + "/stages", c.at + "/feed", "/challenges"} {
		if shown := c.visitor.get(path).is(200).Raw; strings.Contains(strings.ToLower(shown), "muur") {
			c.Errorf("%s tells of the mystery: %s", path, shown)
		}
	}
	c.org.get(c.at+"/stages/muur").is(200).has("segmentId", c.wall.text("id"), "slug", "muur", "hidden", true)
	c.org.post(c.at+"/stages/muur/reveal", "").is(200).has("hidden", false)
	c.visitor.get(c.at+"/stages/muur").is(200).has("segmentId", c.wall.text("id"), "name", "De Muur", "hidden", false)
}

func (c *season) opensIt() {
	c.org.post(c.at+"/host", "").is(200).has("status", "active") // with no body at all
	c.visitor.get(c.at).is(200).has("status", "active", "stages.0.status", "active", "stages.1.number", 2)
	c.visitor.get("/challenges?status=active&type=segment").is(200).has("items.0.slug", "six-hills", "items.0.stages.0.slug", "heideheuvel")
	c.a.get("/challenges?mine=true").is(200).has("items", []any{})
	c.a.post(c.at+"/join", `{}`).is(200).has("joined", true, "competitorCount", 1)
	c.b.post(c.at+"/join", "").is(200).has("competitorCount", 2)
	c.a.get("/challenges?mine=true").is(200).has("items.0.slug", "six-hills")
	who := c.visitor.get(c.at+"/competitors").is(200).has("items.0.name", "Ana Smet", "items.0.gender", "F", "items.0.category", "Women", "items.1.category", "Open")
	who.words("items.0", competitorWords)
}

// ride sends a ride up a hill, two days ago at that hour, and waits.
func (c *season) ride(who client, hill int, took time.Duration, hour int) answer {
	c.Helper()
	data := c.GPX(webtest.Ride{Line: webtest.Hill(hill), Start: webtest.Day(-2, time.Duration(hour)*time.Hour).In(webtest.Zone), Time: took, Name: who.token, Type: sport.Ride})
	return who.form("/activities?wait=true", []file{{"ride.gpx", data}})
}

func (c *season) bringsRides() {
	up := c.ride(c.a, 0, 6*time.Minute, 9).is(201).has("items.0.status", "processed", "items.0.file", "ride.gpx", "items.0.duplicateOf", nil, "items.0.code", nil)
	up.words("items.0", itemWords)
	up.words("items.0.efforts.0", effortWords)
	up.has("items.0.efforts.0.lap", 1, "items.0.efforts.0.status", "accepted", "items.0.efforts.0.reason", nil, "items.0.efforts.0.rank", 1, "items.0.refused", []any{})
	c.ride(c.b, 0, 5*time.Minute, 10).is(201).has("items.0.efforts.0.rank", 1)
	c.ride(c.a, 0, 330*time.Second, 17).is(201).has("items.0.efforts.0.rank", 2)
	missed := c.GPX(webtest.Ride{Line: webtest.Hill(0), Start: webtest.Day(-1, 9*time.Hour).In(webtest.Zone), Time: 6 * time.Minute, Until: 0.7, Name: "Half", Type: sport.Ride})
	c.a.form("/activities?wait=true", []file{{"half.gpx", missed}}).is(201).has("items.0.efforts", []any{}, "items.0.refused.0.stage", "heideheuvel").
		words("items.0.refused.0", "stage code detail")
}

func (c *season) looksAtBoards() {
	board := c.visitor.get(c.at+"/stages/heideheuvel/leaderboards/open").is(200).has("category", "Open", "rankBy", "elapsedTime", "entries.0.rank", 1,
		"entries.0.name", "Bram Claes", "entries.1.name", "Ana Smet", "entries.1.attempts", 2, "entries.1.goalProgress", nil)
	board.words("", boardWords)
	board.words("entries.0", entryWords)
	if v, gap := board.number("entries.0.value"), board.number("entries.1.gap"); v < 298 || v > 302 || gap < 28 || gap > 32 {
		c.Errorf("value %v and gap %v, want 300 and 30", v, gap)
	}
	all := c.visitor.get(c.at+"/stages/heideheuvel/leaderboards").is(200).has("category", "Open", "entries.0.name", "Bram Claes", "items.1.category", "Women",
		"items.1.entries.0.name", "Ana Smet")
	all.words("", boardWords)
	then := board.text("entries.0.achievedAt")
	c.visitor.get(c.at+"/stages/heideheuvel/leaderboards/Open?asOf="+then).is(200).has("entries", []any{}, "asOf", then)
	asOf := c.visitor.get(c.at + "/stages/heideheuvel/leaderboards/Open?asOf=" + time.Now().Add(time.Minute).UTC().Format(time.RFC3339)).is(200)
	asOf.words("entries.0", entryWords)
	for _, field := range []string{"rank", "name", "value", "gap", "attempts", "effortId", "achievedAt"} {
		for i := range 2 {
			at := fmt.Sprintf("entries.%d.%s", i, field)
			asOf.has(at, board.field(at))
		}
	}
}

func (c *season) changesActivities() {
	efforts := c.visitor.get(c.at + "/stages/heideheuvel/efforts?athleteId=" + c.ana.ID.String()).is(200)
	efforts.words("items.0", effortWords)
	if len(efforts.list("items")) != 2 {
		c.Errorf("efforts: %s", efforts.Raw)
	}
	mine := c.a.get("/activities").is(200).has("items.0.name", "Half", "items.0.refusedEfforts", 0, "items.1.acceptedEfforts", 1)
	id := mine.text("items.1.id")
	c.a.get("/activities/"+id).is(200).has("efforts.0.stageSlug", "heideheuvel", "refused", []any{})
	c.a.patch("/activities/"+id, `{"private": true}`).is(200).has("private", true, "efforts", []any{}, "refused.0.code", "private_not_allowed")
	c.visitor.get(c.at+"/stages/heideheuvel/leaderboards/Open").has("entries.1.attempts", 1)
	c.a.delete("/activities/" + id).is(204)
	c.a.get("/activities/"+id).refused(404, "activity_not_found")

	hand := c.org.post(c.at+"/stages/heideheuvel/efforts", body(c, map[string]any{"athleteId": c.ana.ID, "activityType": "Ride", "startLocal": day(-3, "10:00:00"),
		"elapsedTime": 280.5, "movingTime": 280, "distance": 2000, "elevationGain": 110})).is(201).
		has("elapsedTime", 280.5, "source", "manual", "status", "accepted", "activityId", nil, "athleteId", c.ana.ID.String())
	hand.words("", effortWords)
	c.visitor.get(c.at+"/stages/heideheuvel/leaderboards/women").has("entries.0.value", 280.5)
	c.org.post(c.at+"/stages/heideheuvel/efforts/"+hand.text("id")+"/flag", `{"reason": "The photo says otherwise"}`).is(200).has("status", "flagged", "reason", "The photo says otherwise")
	c.visitor.get(c.at+"/stages/heideheuvel/leaderboards/women").has("entries.0.attempts", 1)
}

func (c *season) police() {
	police := c.at + "/competitors/" + c.bram.ID.String()
	c.org.post(police+"/limit", `{"reason": "No licence"}`).is(200).has("limited", true, "reason", "No licence").words("", competitorWords)
	c.visitor.get(c.at+"/stages/heideheuvel/leaderboards/Open").has("entries.0.limited", true)
	c.org.post(police+"/allow", "").is(200).has("limited", false)
	c.org.post(police+"/exclude", `{"reason": "Car"}`).is(200).has("excluded", true)
	c.visitor.get(c.at+"/stages/heideheuvel/leaderboards/Open").has("entries.0.name", "Ana Smet", "entries.1", nil)
}

func (c *season) finishes() {
	c.org.post(c.at+"/stages/heideheuvel/end", `{}`).is(200).has("status", "past")
	c.org.post(c.at+"/stages/heideheuvel/approve", `{"message": "Well ridden"}`).is(200).has("status", "approved", "resultsMessage", "Well ridden")
	c.org.post(c.at+"/stages/heideheuvel/approve", `{}`).refused(422, "stage_already_approved")
	c.org.post(c.at+"/stages/heideheuvel/publish", `{"message": "Corrected"}`).is(200).has("resultsMessage", "Corrected")
	c.visitor.get(c.at+"/stages/heideheuvel/leaderboards/Open").has("final", true)
	c.org.post(c.at+"/end", "").is(200).has("status", "past")
	c.org.post(c.at+"/approve", "").refused(422, "stages_not_approved")
	c.org.post(c.at+"/stages/muur/approve", "").is(200)
	c.org.post(c.at+"/approve", `{"message": "Thanks"}`).is(200).has("status", "approved")
	c.org.post(c.at+"/publish", `{"message": "Thank you all"}`).is(200).has("resultsMessage", "Thank you all")
	for _, feed := range []string{c.at + "/feed", c.at + "/stages/heideheuvel/feed", "/athletes/" + c.ana.ID.String() + "/feed"} {
		if items := c.visitor.get(feed).is(200).list("items"); len(items) < 2 {
			c.Errorf("%s: %v", feed, items)
		}
	}
}

// The other life: deleted stages, leaving, cancelling, other types.
func TestOtherWays(t *testing.T) {
	s := start(t)
	v := s.Season()
	org, dirk, visitor := as(s, v.Organiser), as(s, v.Dirk), client{Site: s}
	at := "/challenges/" + v.Challenge.Slug
	org.delete(at + "/stages/" + v.Mystery.Slug).is(204)
	visitor.get(at+"/stages/"+v.Mystery.Slug).refused(404, "stage_not_found")
	dirk.post(at+"/leave", "").is(200).has("competitorCount", 3)
	dirk.get(at).has("joined", nil)
	org.post(at+"/cancel", "").is(200).has("status", "cancelled")

	month := org.post("/challenges", body(t, map[string]any{"type": "distance", "name": "Distance month", "startLocal": day(-3, "00:00:00"), "endLocal": day(3, "23:59:59"),
		"timeZone": "Europe/Brussels", "accumulateActivities": true, "goal": map[string]any{"value": 100, "units": "kilometres", "recurrence": "none"}})).is(201)
	month.has("goal.units", "kilometres", "accumulateActivities", true, "stages.0.type", "distance")
	slug := "/challenges/" + month.text("slug")
	org.post(slug+"/host", `{}`).is(200)
	dirk.post(slug+"/join", "").is(200)
	board := visitor.get(slug+"/stages/"+month.text("stages.0.slug")+"/leaderboards/Open").is(200).has("rankBy", "distance", "entries.0.name", "Dirk Aerts")
	if p := board.number("entries.0.goalProgress"); p < 1 || p > 10 {
		t.Errorf("progress of %v %% after one ride of some kilometres", p)
	}

	org.post("/segments", body(t, map[string]any{"activityId": v.Twice.ID, "startIndex": 30, "endIndex": 150})).is(201).
		has("activityType", "Ride") // name and type are the activity's
	cut := org.post("/segments", body(t, map[string]any{"name": "Cut", "activityType": "Ride", "activityId": v.Twice.ID, "startIndex": 30, "endIndex": 150})).is(201)
	cut.words("", segmentWords)
	org.patch("/me", `{"town": "Bree", "birthYear": 1980}`).is(200).has("town", "Bree", "birthYear", 1980, "lastName", "Maes")
}

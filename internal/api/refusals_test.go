package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/webtest"
)

// askers are those who are refused, and what they ask about.
type askers struct {
	*testing.T
	v                                   webtest.Season
	visitor, org, ana, stranger         client
	at, stage, efforts, rider, activity string
	effort                              string
	elsewhere                           readmodel.Challenge
}

// Whoever asks for what isn't theirs, isn't there or isn't possible is told so, and nothing changes.
func TestRefusals(t *testing.T) {
	s := start(t)
	v := s.Season()
	c := askers{v: v, visitor: client{Site: s}, org: as(s, v.Organiser), ana: as(s, v.Ana), stranger: as(s, v.Stranger), at: "/challenges/" + v.Challenge.Slug,
		elsewhere: s.Challenge(v.Organiser, "Elsewhere", nil)}
	c.stage = c.at + "/stages/" + v.Active.Slug
	c.efforts, c.rider, c.activity = c.stage+"/efforts", c.at+"/competitors/"+v.Ana.ID.String(), "/activities/"+v.Twice.ID.String()
	c.effort = c.visitor.get(c.efforts).text("items.0.id")
	before := eventsOf(s)
	for name, ask := range map[string]func(askers){"without a token": askers.needToken, "of others": askers.ofOthers, "not there": askers.notThere,
		"segments": askers.ofSegments, "lists": askers.ofLists, "challenges": askers.ofChallenges, "actions": askers.ofActions, "efforts": askers.ofEfforts} {
		t.Run(name, func(t *testing.T) {
			c := c
			c.T = t
			ask(c)
		})
	}
	if after := eventsOf(s); after != before {
		t.Errorf("%d events came of refusals", after-before)
	}
	if n := s.Athlete("Last One", sport.Male, nil); n.ID == uuid.Nil {
		t.Error("the site doesn't work any more")
	}
}

func eventsOf(s *webtest.Site) int64 {
	s.Helper()
	head, err := s.Store.Head(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	return head
}

func (c askers) needToken() {
	t := c.T
	for path, item := range document.Paths {
		path = strings.NewReplacer("{slug}", c.v.Challenge.Slug, "{stage}", c.v.Active.Slug, "{athleteId}", c.v.Ana.ID.String(), "{id}", uuid.NewString()).Replace(path)
		for method, op := range map[string]any{"POST": item.Post, "PATCH": item.Patch, "DELETE": item.Delete} {
			if operationOf(method, path) == nil || op == nil {
				continue
			}
			for _, body := range []string{"", "{}", "not JSON"} {
				a := c.visitor.json(method, path, body).refused(401, "not_signed_in")
				if a.Header.Get("WWW-Authenticate") != "Bearer" {
					t.Errorf("%s %s: no WWW-Authenticate", method, path)
				}
			}
		}
	}
	c.visitor.get("/me").refused(401, "not_signed_in")
	c.visitor.get("/activities").refused(401, "not_signed_in")
	for _, token := range []string{"sc_unknown", "nonsense", "sc_"} {
		client{c.visitor.Site, token}.get("/challenges").refused(401, "invalid_token")
	}
	c.visitor.json(http.MethodGet, "/challenges", "", "Authorization", "Basic YTpi").refused(401, "invalid_token")
}

func (c askers) ofOthers() {
	const ofOrganiser, ofAdministrator = "not_the_organiser", "not_the_club_administrator"
	for call, code := range map[string]string{
		"PATCH " + c.at + ` {"name": "Mine now"}`:                       ofOrganiser,
		"POST " + c.at + "/cancel":                                      ofOrganiser,
		"POST " + c.at + "/end":                                         ofOrganiser,
		"POST " + c.at + "/host":                                        ofOrganiser,
		"POST " + c.at + "/start":                                       ofOrganiser,
		"POST " + c.at + "/approve":                                     ofOrganiser,
		"POST " + c.at + `/publish {"message": "Hi"}`:                   ofOrganiser,
		"PATCH " + c.stage + ` {"name": "Mine now"}`:                    ofOrganiser,
		"DELETE " + c.at + "/stages/" + c.v.Next.Slug:                   ofOrganiser,
		"POST " + c.stage + "/end":                                      ofOrganiser,
		"POST " + c.stage + "/approve":                                  ofOrganiser,
		"POST " + c.stage + "/reveal":                                   ofOrganiser,
		"POST " + c.rider + `/exclude {"reason": "Faster than me"}`:     ofOrganiser,
		"POST " + c.rider + `/limit {"reason": "Faster than me"}`:       ofOrganiser,
		"POST " + c.rider + "/allow":                                    ofOrganiser,
		"POST " + c.efforts + "/" + c.effort + `/flag {"reason": "No"}`: ofOrganiser,
		"POST " + c.at + "/stages" + body(c, map[string]any{"type": "flat", "segmentId": c.v.Segments[0].ID, "name": "Mine"}):                                ofOrganiser,
		"POST " + c.efforts + body(c, map[string]any{"athleteId": c.v.Ana.ID, "activityType": "Ride", "startLocal": day(-1, "10:00:00"), "elapsedTime": 60}): ofOrganiser,
		"POST /clubs/" + c.v.Club.ID.String() + "/members" + body(c, map[string]any{"athleteId": c.v.Dirk.ID}):                                               ofAdministrator,
		"PATCH " + c.activity + ` {"name": "Mine now"}`: "not_your_activity",
		"DELETE " + c.activity:                          "not_your_activity",
	} {
		method, path, _ := strings.Cut(call, " ")
		path, sent, found := strings.Cut(path, "{")
		if found {
			sent = "{" + sent
		}
		c.stranger.json(method, strings.TrimSpace(path), sent).refused(403, code)
		if method != "DELETE" && strings.HasPrefix(path, c.at) {
			c.ana.json(method, strings.TrimSpace(path), sent).refused(403, code) // competing gives no rights
		}
	}
}

func (c askers) notThere() {
	for _, id := range []string{uuid.NewString(), "1", "not-an-id", "%00", "%ff%fe", strings.Repeat("x", 3000), "%27;drop%20table"} {
		c.visitor.get("/challenges/"+id).refused(404, "challenge_not_found")
		c.visitor.get("/challenges/"+id+"/stages").refused(404, "challenge_not_found")
		c.visitor.get("/challenges/"+id+"/competitors").refused(404, "challenge_not_found")
		c.visitor.get("/challenges/"+id+"/feed").refused(404, "challenge_not_found")
		c.visitor.get(c.at+"/stages/"+id).refused(404, "stage_not_found")
		c.visitor.get(c.at+"/stages/"+id+"/leaderboards/Open").refused(404, "stage_not_found")
		c.visitor.get(c.stage+"/leaderboards/"+id).refused(404, "leaderboard_not_found")
		c.visitor.get("/segments/"+id).refused(404, "segment_not_found")
		c.visitor.get("/activities/"+id).refused(404, "activity_not_found")
		c.visitor.get("/athletes/"+id).refused(404, "athlete_not_found")
		c.visitor.get("/athletes/"+id+"/feed").refused(404, "athlete_not_found")
		c.visitor.get("/clubs/"+id).refused(404, "club_not_found")
		c.visitor.get("/clubs/"+id+"/members").refused(404, "club_not_found")
		c.org.post("/challenges/"+id+"/host", "").refused(404, "challenge_not_found")
		c.org.post("/challenges/"+id+"/join", "").refused(404, "challenge_not_found")
		c.org.post(c.at+"/stages/"+id+"/approve", "").refused(404, "stage_not_found")
		c.org.post(c.at+"/competitors/"+id+"/exclude", `{"reason": "No"}`).refused(404, "athlete_not_found")
		c.org.post(c.efforts+"/"+id+"/flag", `{"reason": "No"}`).refused(404, "effort_not_found")
		c.org.patch("/activities/"+id, `{"name": "X"}`).refused(404, "activity_not_found")
		c.org.delete("/activities/"+id).refused(404, "activity_not_found")
		c.org.delete(c.at+"/stages/"+id).refused(404, "stage_not_found")
	}
	c.visitor.get("/nothing/here").refused(404, "not_found")
	c.visitor.json("PUT", "/challenges", `{}`).refused(405, "method_not_allowed")
	c.org.post(c.at+"/stages/"+c.v.Past.Slug+"/efforts/"+c.effort+"/flag", `{"reason": "On another stage"}`).refused(404, "effort_not_found")
	c.visitor.get("/challenges/"+c.elsewhere.Slug+"/stages/"+c.v.Active.ID.String()).refused(404, "stage_not_found")
}

func (c askers) ofChallenges() {
	challenge := func(change map[string]any) string {
		b := map[string]any{"type": "segment", "name": "X", "startLocal": day(-1, "00:00:00"), "endLocal": day(1, "00:00:00"), "timeZone": "Europe/Brussels"}
		for k, v := range change {
			if b[k] = v; v == nil {
				delete(b, k)
			}
		}
		return body(c, b)
	}
	c.org.post("/challenges", challenge(map[string]any{"endLocal": day(-2, "00:00:00")})).refused(422, "ends_before_it_starts").about("endLocal")
	c.org.post("/challenges", challenge(map[string]any{"startLocal": day(-9, "00:00:00"), "endLocal": day(-2, "00:00:00")})).refused(422, "end_in_the_past").about("endLocal")
	c.org.post("/challenges", challenge(map[string]any{"startLocal": "tomorrow"})).refused(422, "start_local_invalid").about("startLocal")
	c.org.post("/challenges", challenge(map[string]any{"timeZone": "Europe/Atlantis"})).refused(422, "time_zone_unknown").about("timeZone")
	c.org.post("/challenges", challenge(map[string]any{"name": "  "})).refused(422, "name_missing").about("name")
	c.org.post("/challenges", challenge(map[string]any{"name": "a\x00b\x07c"})).refused(422, "name_invalid").about("name")
	c.org.post("/challenges", challenge(map[string]any{"name": strings.Repeat("x", 200)})).refused(422, "name_too_long").about("name")
	c.org.post("/challenges", challenge(map[string]any{"description": "a\x00b"})).refused(422, "description_invalid").about("description")
	c.org.post("/challenges", challenge(map[string]any{"description": strings.Repeat("x", 30_000)})).refused(422, "description_too_long").about("description")
	c.org.post("/challenges", challenge(map[string]any{"includedActivityTypes": []string{"Ride", "Flying"}})).refused(422, "activity_type_unknown").about("includedActivityTypes")
	c.org.post("/challenges", challenge(map[string]any{"clubId": "x"})).refused(422, "club_id_invalid").about("clubId")
	c.org.post("/challenges", challenge(map[string]any{"clubId": uuid.NewString()})).refused(422, "club_not_found").about("clubId")
	c.org.post("/challenges", challenge(map[string]any{"type": "race"})).refused(422, "goal_missing").about("goal")
	c.org.post("/challenges", challenge(map[string]any{"name": nil})).refused(422, "invalid_request").about("name")
	c.org.post("/challenges", challenge(map[string]any{"type": "swimming"})).refused(422, "invalid_request").about("type")
	c.org.post("/challenges", challenge(map[string]any{"name": 7})).refused(422, "invalid_request").about("name")
	c.org.post("/challenges", challenge(map[string]any{"nmae": "X"})).refused(422, "invalid_request").about("nmae")
	c.org.post("/challenges", challenge(map[string]any{"goal": map[string]any{"value": "far", "units": "metres"}})).refused(422, "invalid_request").about("goal.value")
	c.org.post("/challenges", `{"type": "segment"`).refused(400, "malformed_json")
	c.org.post("/challenges", ``).refused(400, "malformed_request")
	c.org.post("/challenges", `[]`).refused(422, "invalid_request")
	c.org.post("/challenges", `{"name": "`+strings.Repeat("x", 2<<20)+`"}`).refused(413, "request_too_large")
}

func (c askers) ofActions() {
	c.org.post(c.at+"/host", "").refused(422, "challenge_already_hosted")
	c.org.post(c.at+"/approve", "").refused(422, "challenge_not_over")
	c.org.post(c.at+"/publish", `{}`).refused(422, "challenge_not_approved")
	c.org.post(c.stage+"/start", "").refused(422, "stage_already_started")
	c.org.post(c.stage+"/approve", "").refused(422, "stage_not_over")
	c.org.delete(c.stage).refused(422, "stage_already_started")
	c.org.post(c.rider+"/exclude", "").refused(422, "reason_missing").about("reason")
	c.org.post(c.rider+"/exclude", `{"reason": ""}`).refused(422, "reason_missing").about("reason")
	c.org.post(c.at+"/competitors/"+c.v.Stranger.ID.String()+"/limit", `{"reason": "No"}`).refused(422, "not_competing")
	c.org.post(c.at+"/competitors/"+uuid.NewString()+"/exclude", `{"reason": "No"}`).refused(404, "athlete_not_found")
	c.org.patch(c.at, `{"endLocal": "`+day(-3, "00:00:00")+`", "description": "changed"}`).is(422)
	c.visitor.get(c.at).has("description", c.v.Challenge.Description)
	c.org.patch(c.stage, `{"segmentId": "`+uuid.NewString()+`"}`).refused(422, "segment_not_found").about("segmentId")
	c.org.patch(c.stage, `{"segmentId": "x"}`).refused(422, "segment_id_invalid").about("segmentId")
}

func (c askers) ofEfforts() {
	hand := map[string]any{"athleteId": c.v.Ana.ID, "activityType": "Ride", "startLocal": day(-1, "10:00:00"), "elapsedTime": 60}
	with := func(field string, value any) string {
		b := map[string]any{}
		for k, v := range hand {
			b[k] = v
		}
		b[field] = value
		return body(c, b)
	}
	c.org.post(c.efforts, with("startLocal", day(-19, "10:00:00"))).refused(422, "outside_window")
	c.org.post(c.efforts, with("startLocal", "")).refused(422, "start_missing").about("startLocal")
	c.org.post(c.efforts, with("elapsedTime", 0)).refused(422, "elapsed_time_missing").about("elapsedTime")
	c.org.post(c.efforts, with("elapsedTime", 1e300)).refused(422, "invalid_request").about("elapsedTime")
	c.org.post(c.efforts, with("elapsedTime", -5)).refused(422, "invalid_request").about("elapsedTime")
	c.org.post(c.efforts, with("distance", -5)).refused(422, "invalid_request").about("distance")
	c.org.post(c.efforts, with("activityType", "Flying")).refused(422, "activity_type_unknown").about("activityType")
	c.org.post(c.efforts, with("activityType", "Run")).refused(422, "activity_type_not_included")
	c.org.post(c.efforts, with("athleteId", "x")).refused(422, "athlete_id_invalid").about("athleteId")
	c.org.post(c.efforts, with("athleteId", c.v.Stranger.ID)).refused(422, "not_competing")
}

func (c askers) ofSegments() {
	segment := func(change map[string]any) string {
		b := map[string]any{"name": "X", "activityType": "Ride"}
		for k, v := range change {
			b[k] = v
		}
		return body(c, b)
	}
	c.org.post("/segments", segment(nil)).refused(422, "line_missing").about("polyline")
	c.org.post("/segments", segment(map[string]any{"polyline": "_p~iF~ps|U"})).refused(422, "line_too_few_points").about("polyline")
	c.org.post("/segments", body(c, map[string]any{"name": "X", "polyline": c.v.Segments[0].Polyline})).is(422).about("activityType")
	c.org.post("/segments", segment(map[string]any{"polyline": "not a polyline \x01"})).is(422)
	c.org.post("/segments", segment(map[string]any{"polyline": c.v.Segments[0].Polyline, "name": ""})).refused(422, "name_missing").about("name")
	c.org.post("/segments", segment(map[string]any{"polyline": c.v.Segments[0].Polyline, "activityType": "Flying"})).is(422)
	c.org.post("/segments", segment(map[string]any{"activityId": "x"})).refused(422, "activity_id_invalid").about("activityId")
	c.org.post("/segments", segment(map[string]any{"activityId": uuid.NewString(), "startIndex": 1, "endIndex": 9})).refused(404, "activity_not_found")
	c.org.post("/segments", segment(map[string]any{"activityId": c.v.Private.ID, "startIndex": 1, "endIndex": 9})).refused(404, "activity_not_found")
	c.org.post("/segments", segment(map[string]any{"activityId": c.v.Twice.ID, "startIndex": 9, "endIndex": 1})).is(422)
	c.org.post("/segments", segment(map[string]any{"activityId": c.v.Twice.ID, "startIndex": 0, "endIndex": 1 << 40})).is(422)
	c.org.post("/segments", `{"name": "X", "activityType": "Ride", "polyline": 7}`).refused(422, "invalid_request").about("polyline")
	c.org.post("/segments", body(c, map[string]any{"activityType": "Ride", "polyline": c.v.Segments[0].Polyline})).refused(422, "name_missing").about("name")
	c.org.post("/segments", `nonsense`).refused(400, "malformed_json")
	c.org.post("/segments", ``).refused(400, "malformed_json")
	c.org.form("/segments", []file{{"empty.gpx", nil}}, "name", "X", "activityType", "Ride").refused(400, "file_empty")
	c.org.form("/segments", []file{{"photo.jpg", []byte("\xff\xd8\xff\xe0 a photo")}}, "name", "X", "activityType", "Ride").refused(400, "file_unknown_format")
	c.org.form("/segments", nil, "name", "X", "activityType", "Ride").refused(422, "line_missing")
	c.org.do("POST", "/segments", "multipart/form-data; boundary=x", strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n<gpx")).refused(400, "malformed_form")
	c.org.do("POST", "/segments", "multipart/form-data", strings.NewReader("x")).refused(400, "not_multipart")
	c.visitor.get("/segments?bbox=1,2,3").refused(422, "bbox_invalid").about("bbox")
	c.visitor.get("/segments?bbox=NaN,1,2,3").refused(422, "bbox_invalid")
	c.visitor.get("/segments?bbox=60,1,50,3").refused(422, "bbox_invalid")
	c.visitor.get("/segments?activityType=%00").refused(422, "activity_type_unknown")
	c.visitor.get("/segments?name=%00%27%22:*%26").is(200)
}

func (c askers) ofLists() {
	for _, path := range []string{"/challenges", "/segments", "/clubs", c.at + "/competitors", c.at + "/feed", c.stage + "/feed", c.efforts, c.stage + "/leaderboards/Open", "/athletes/" + c.v.Ana.ID.String() + "/feed"} {
		c.visitor.get(path+"?cursor=nonsense").refused(422, "cursor_invalid").about("cursor")
		c.visitor.get(path+"?cursor=AAAA").refused(422, "cursor_invalid")
		c.visitor.get(path+"?limit=x").refused(422, "invalid_request").about("limit")
		c.visitor.get(path+"?limit=-1").refused(422, "invalid_request").about("limit")
		c.visitor.get(path+"?limit=5000").refused(422, "invalid_request").about("limit")
	}
	c.visitor.get("/challenges?status=asleep").refused(422, "invalid_request").about("status")
	c.visitor.get(c.stage+"/leaderboards/Open?asOf=yesterday").refused(422, "as_of_invalid").about("asOf")
	c.visitor.get(c.efforts+"?athleteId=x").refused(422, "athlete_id_invalid").about("athleteId")
}

// A name that was refused isn't taken by it.
func TestARefusedNameIsFree(t *testing.T) {
	s := start(t)
	org := as(s, s.Athlete("Ilse Maes", sport.Female, nil))
	classic := map[string]any{"type": "segment", "name": "Spring classic", "startLocal": day(-1, "00:00:00"), "endLocal": day(1, "00:00:00"), "timeZone": "Mars"}
	org.post("/challenges", body(t, classic)).refused(422, "time_zone_unknown")
	classic["timeZone"] = "Europe/Brussels"
	org.post("/challenges", body(t, classic)).is(201).has("slug", "spring-classic")
	org.post("/challenges", body(t, classic)).is(201).has("slug", "spring-classic-2")
	org.post("/clubs", `{"name": "Spring classic", "website": "not a site"}`).is(422)
	org.post("/clubs", `{"name": "Spring classic"}`).is(201).has("slug", "spring-classic")
}

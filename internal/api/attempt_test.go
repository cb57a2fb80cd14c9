package api_test

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/webtest"
)

// A request with an Idempotency-Key that a crash has cut off after it had done everything, before its answer was kept: sent
// again, it does nothing twice and finds what it made. The same after a failure at the very end.
func TestCutOffBeforeTheAnswerWasKept(t *testing.T) {
	s := start(t)
	ilse, ana := s.Athlete("Ilse Maes", sport.Female, nil), s.Athlete("Ana Smet", sport.Female, nil)
	org, rider := as(s, ilse), as(s, ana)
	head := func() (position int64) {
		t.Helper()
		position, err := s.Store.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return position
	}
	// twice sends a request that is cut off, and again; what names the thing that it makes must be the same.
	twice := func(c client, path, body, key, field string, status int) answer {
		t.Helper()
		var first answer
		for i, left := range []string{"", "free = false, started_at = now() - interval '6 minutes'", "free = true"} {
			if left != "" {
				if _, err := s.Pool.Exec(t.Context(), `update idempotency_keys set status = null, `+left+` where key = $1`, key); err != nil {
					t.Fatal(err)
				}
			}
			before := head()
			again := c.json(http.MethodPost, path, body, "Idempotency-Key", key).is(status)
			if i == 0 {
				if first = again; head() == before {
					t.Errorf("%s: nothing was done", path)
				}
				continue
			}
			if again.text(field) != first.text(field) || again.Header.Get("Idempotent-Replayed") != "" || head() != before {
				t.Errorf("%s: again %s (%d events), at first %s", path, again.Raw, head()-before, first.Raw)
			}
		}
		return first
	}
	twice(org, "/clubs", `{"name": "Velo"}`, "club", "id", 201)
	if got := org.get("/clubs").list("items"); len(got) != 1 {
		t.Errorf("%d clubs", len(got))
	}
	hill := org.form("/segments", []file{{"hill.gpx", lineGPX(t, 0)}}, "name", "Hill", "activityType", "Ride").is(201)
	twice(org, "/segments", body(t, map[string]any{"name": "Copy", "activityType": "Ride", "polyline": hill.text("polyline")}), "segment", "id", 201)
	c := twice(org, "/challenges", body(t, map[string]any{"type": "segment", "name": "Hills", "startLocal": day(-10, "00:00:00"), "endLocal": day(10, "23:59:59"),
		"timeZone": "Europe/Brussels", "includedActivityTypes": []string{"Ride"}}), "challenge", "id", 201).has("slug", "hills")
	at := "/challenges/" + c.text("slug")
	stage := twice(org, at+"/stages", body(t, map[string]any{"type": "mountain", "segmentId": hill.text("id"), "name": "Hill"}), "stage", "id", 201).has("number", 1)
	twice(org, at+"/host", ``, "host", "status", 200)
	twice(rider, at+"/join", ``, "join", "id", 200)
	twice(org, at+"/stages/"+stage.text("slug")+"/efforts", body(t, map[string]any{"athleteId": ana.ID.String(), "activityType": "Ride",
		"startLocal": day(-1, "09:00:00"), "elapsedTime": 600}), "effort", "id", 201)
	if got := org.get(at + "/stages/" + stage.text("slug") + "/efforts").list("items"); len(got) != 1 {
		t.Errorf("%d efforts", len(got))
	}
}

// A key is free again for another request when its first one was refused, and what that makes is its own.
func TestARefusedRequestLeavesItsKey(t *testing.T) {
	s := start(t)
	org := as(s, s.Athlete("Ilse Maes", sport.Female, nil))
	post := func(name string) answer {
		return org.json(http.MethodPost, "/clubs", body(t, map[string]any{"name": name}), "Idempotency-Key", "k")
	}
	post(" ").refused(422, "name_missing")
	post(" ").refused(422, "name_missing")
	post("Velo").is(201).has("slug", "velo")
	post("Velo").is(201).has("slug", "velo")
	post(" ").refused(422, "idempotency_key_reused")
}

// An upload that was cut off is taken up again: each ride is there once.
func TestAnUploadThatWasCutOff(t *testing.T) {
	s := start(t)
	ana := as(s, s.Athlete("Ana Smet", sport.Female, nil))
	kind, form := formOf(t, []file{{"ride.gpx", s.GPX(webtest.Ride{Line: webtest.Hill(0), Start: webtest.Day(-2, 9*time.Hour).In(webtest.Zone),
		Time: 4 * time.Minute, Name: "Morning", Type: sport.Ride})}})
	send := func() answer {
		return ana.do(http.MethodPost, "/activities?wait=true", kind, bytes.NewReader(form), "Idempotency-Key", "ride")
	}
	first := send().is(201).text("items.0.id")
	if _, err := s.Pool.Exec(t.Context(), `update idempotency_keys set status = null, started_at = now() - interval '6 minutes'`); err != nil {
		t.Fatal(err)
	}
	if again := send(); again.Status >= 500 || len(ana.get("/activities").list("items")) != 1 || ana.get("/activities").text("items.0.id") != first {
		t.Errorf("again: %d %s", again.Status, again.Raw)
	}
}

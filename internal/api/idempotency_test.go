package api_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"segmentchallenge/internal/sport"
)

func TestTheSameKeyDoesNothingTwice(t *testing.T) {
	s := start(t)
	ilse, ana := s.Athlete("Ilse Maes", sport.Female, nil), s.Athlete("Ana Smet", sport.Female, nil)
	org, other := as(s, ilse), as(s, ana)
	make := func(c client, name, key string) answer {
		t.Helper()
		return c.json(http.MethodPost, "/clubs", body(t, map[string]any{"name": name}), "Idempotency-Key", key)
	}
	first := make(org, "One", "k1").is(201)
	again := make(org, "One", "k1").is(201)
	if again.Raw != first.Raw || again.Header.Get("Idempotent-Replayed") != "true" || again.Header.Get("Content-Type") != first.Header.Get("Content-Type") {
		t.Errorf("replayed as %s %v, was %s", again.Raw, again.Header, first.Raw)
	}
	make(org, "Two", "k1").refused(422, "idempotency_key_reused")
	org.json(http.MethodPost, "/challenges", body(t, map[string]any{"name": "One"}), "Idempotency-Key", "k1").refused(422, "idempotency_key_reused")
	make(other, "One", "k1").is(201).has("slug", "one-2") // keys are each athlete's own
	make(org, "One", "k2").is(201).has("slug", "one-3")
	org.post("/clubs", `{"name": "One"}`).is(201).has("slug", "one-4")

	// A refusal has done nothing: the same key may succeed later.
	make(org, " ", "k3").refused(422, "name_missing")
	make(org, "Three", "k3").is(201).has("slug", "three")
	for _, key := range []string{strings.Repeat("x", 300), "caf\u00e9"} {
		make(org, "Four", key).refused(400, "idempotency_key_invalid")
	}
	client{Site: s}.json(http.MethodPost, "/clubs", `{"name": "X"}`, "Idempotency-Key", "k1").refused(401, "not_signed_in")
	if n := len(org.get("/clubs").list("items")); n != 5 {
		t.Errorf("%d clubs", n)
	}
}

// Sent many times at once, one is carried out; the others get its answer, or are told to wait for it.
func TestTheSameKeyAtTheSameMoment(t *testing.T) {
	s := start(t)
	org := as(s, s.Athlete("Ilse Maes", sport.Female, nil))
	answers := make([]answer, 12)
	var group sync.WaitGroup
	for i := range answers {
		group.Go(func() { answers[i] = org.json(http.MethodPost, "/clubs", `{"name": "One"}`, "Idempotency-Key", "k") })
	}
	group.Wait()
	created := map[string]bool{}
	for _, a := range answers {
		if a.Status == http.StatusConflict {
			a.refused(409, "request_in_progress")
			continue
		}
		created[a.is(201).text("id")] = true
	}
	if len(created) != 1 || len(org.get("/clubs").list("items")) != 1 {
		t.Errorf("%d answers differ", len(created))
	}
}

// Uploads can be sent again, whatever boundary the form has this time.
func TestAnUploadSentAgain(t *testing.T) {
	s := start(t)
	ana := as(s, s.Athlete("Ana Smet", sport.Female, nil))
	send := func(data []byte) answer {
		t.Helper()
		kind, form := formOf(t, []file{{"ride.gpx", data}})
		return ana.do(http.MethodPost, "/activities", kind, bytes.NewReader(form), "Idempotency-Key", "ride")
	}
	data := ride(s, 1, 30, 4*time.Minute)
	first := send(data).is(202).has("items.0.status", "queued")
	if again := send(data).is(202); again.Raw != first.Raw {
		t.Errorf("again: %s, at first %s", again.Raw, first.Raw)
	}
	send(ride(s, 1, 50, 4*time.Minute)).refused(422, "idempotency_key_reused")
}

// Who hangs up before the answer and asks again with the same key gets the answer to what was done.
func TestWhoHangsUpIsToldLater(t *testing.T) {
	s := start(t)
	ilse := s.Athlete("Ilse Maes", sport.Female, nil)
	org := as(s, ilse)
	for i := range 20 {
		name := fmt.Sprintf("Club %02d", i)
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*time.Millisecond)
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/api/v1/clubs", strings.NewReader(body(t, map[string]any{"name": name})))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+org.token)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", name)
		if res, err := http.DefaultClient.Do(r); err == nil {
			_ = res.Body.Close()
		}
		cancel()
		again := org.json(http.MethodPost, "/clubs", body(t, map[string]any{"name": name}), "Idempotency-Key", name)
		for until := time.Now().Add(20 * time.Second); again.Status == http.StatusConflict && time.Now().Before(until); { // still under way
			again = org.json(http.MethodPost, "/clubs", body(t, map[string]any{"name": name}), "Idempotency-Key", name)
		}
		again.is(201).has("name", name)
	}
	if n := len(org.get("/clubs").list("items")); n != 20 {
		t.Errorf("%d clubs, want 20", n)
	}
}

// Old answers are forgotten in time, and what a crash left behind can be taken up.
func TestOldKeysAreForgotten(t *testing.T) {
	s := start(t)
	org := as(s, s.Athlete("Ilse Maes", sport.Female, nil))
	if _, err := s.Pool.Exec(t.Context(), `insert into idempotency_keys (athlete_id, key, request, started_at, status)
		select gen_random_uuid(), 'old', '', now() - interval '25 hours', 201 from generate_series(1, 10)`); err != nil {
		t.Fatal(err)
	}
	org.json(http.MethodPost, "/clubs", `{"name": "One"}`, "Idempotency-Key", "k").is(201)
	count := func() (n int) {
		t.Helper()
		if err := s.Pool.QueryRow(t.Context(), `select count(*) from idempotency_keys`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := count(); n != 1 {
		t.Errorf("%d keys are kept, want the new one", n)
	}
	if _, err := s.Pool.Exec(t.Context(), `update idempotency_keys set status = null`); err != nil {
		t.Fatal(err)
	}
	org.json(http.MethodPost, "/clubs", `{"name": "One"}`, "Idempotency-Key", "k").refused(409, "request_in_progress")
	if _, err := s.Pool.Exec(t.Context(), `update idempotency_keys set started_at = now() - interval '6 minutes'`); err != nil {
		t.Fatal(err)
	}
	org.json(http.MethodPost, "/clubs", `{"name": "One"}`, "Idempotency-Key", "k").is(201)
}

package api_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"segmentchallenge/internal/clubs"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
)

// Each answer to a command says where it ended, and whoever asks for at least that position gets it.
func TestPositionOfAnAnswer(t *testing.T) {
	s := start(t)
	ada := as(s, s.Athlete("Ada Lee", sport.Female, nil))
	club := ada.post("/clubs", `{"name": "Alpine Wheelers"}`)
	position := club.Header.Get("X-Position")
	if head, err := s.Store.Head(t.Context()); club.Status != http.StatusCreated || err != nil || position == "" || position > fmt.Sprint(head) {
		t.Fatalf("%d, position %q of %d: %s, %v", club.Status, position, head, club.Raw, err)
	}
	path := "/clubs/" + fmt.Sprint(club.field("id"))
	if a := ada.json(http.MethodGet, path, "", "X-Position", position); a.Status != http.StatusOK || a.Header.Get("X-Position") != "" {
		t.Errorf("%d %s", a.Status, a.Raw)
	}
	for text, want := range map[string]string{"x": "position_invalid", "-1": "position_invalid", "9223372036854775808": "position_invalid",
		"1.5": "position_invalid", "9223372036854775807": "position_unknown"} {
		if a := ada.json(http.MethodGet, path, "", "X-Position", text); a.field("code") != want {
			t.Errorf("%s: %d %s", text, a.Status, a.Raw)
		}
	}
}

// A read model that is held up is waited for, for a while; then the answer says so rather than show what was before.
func TestPositionThatCantBeReadYet(t *testing.T) {
	s := start(t)
	owner := s.Athlete("Ada Lee", sport.Female, nil)
	ada := as(s, owner)
	club := s.Club(owner, "Alpine Wheelers")
	path := "/clubs/" + club.ID.String()
	rename := func(name string) (position string) {
		edit := clubs.Edit{Head: clubs.Head{ID: club.ID, By: owner.Actor, Now: time.Now()}, Definition: clubs.Definition{Name: name}}
		result, err := s.Dispatch.Send(t.Context(), edit, eventstore.Meta{}) // and nobody waits
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(result.Last)
	}
	tx, err := s.Pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `select from subscriptions where name = $1 for update`, readmodel.PeopleModel); err != nil {
		t.Fatal(err)
	}
	position := rename("Alpine Riders")
	if a := ada.json(http.MethodGet, path, "", "X-Position", position); a.Status != http.StatusServiceUnavailable || a.field("code") != "catching_up" {
		t.Errorf("%d %s", a.Status, a.Raw)
	}
	answered := make(chan answer, 1)
	go func() { answered <- ada.json(http.MethodGet, path, "", "X-Position", position) }()
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a := <-answered; a.Status != http.StatusOK || a.field("name") != "Alpine Riders" {
		t.Errorf("%d %s", a.Status, a.Raw)
	}
	for n := range 20 {
		name := fmt.Sprint("Alpine Riders ", n)
		if a := ada.json(http.MethodGet, path, "", "X-Position", rename(name)); a.field("name") != name {
			t.Fatalf("%d %s instead of %s", a.Status, a.Raw, name)
		}
	}
}

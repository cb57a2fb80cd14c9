package api_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/google/uuid"

	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/sport"
)

// What an operator has deleted from the log is gone for clients and for people, in words and without an alarm.
func TestWhatWasDeletedIsGone(t *testing.T) {
	t.Parallel()
	s := start(t)
	v := s.Season()
	for category, id := range map[string]uuid.UUID{dispatch.ChallengeStream: v.Challenge.ID, dispatch.BoardStream: stageboard.IDOf(v.Active.ID, sport.Open)} {
		if err := s.Store.DeleteStream(t.Context(), eventstore.StreamName(category, id), eventstore.StreamExists); err != nil {
			t.Fatal(err)
		}
	}
	at := "/challenges/" + v.Challenge.Slug
	as(s, v.Organiser).post(at+"/end", "").refused(http.StatusGone, "deleted")
	as(s, v.Ana).get(at+"/stages/"+v.Active.Slug+"/leaderboards/Open?asOf=2040-01-01T00:00:00Z").refused(http.StatusGone, "deleted")
	browser := s.SignIn(v.Organiser)
	if p := browser.Get(at + "/stages/" + v.Active.Slug + "/history"); p.Status != http.StatusGone || !p.Has("This has been deleted.") {
		t.Errorf("the page of the past answers %d: %.300s", p.Status, p.Text())
	}
	if p := browser.Post(at+"/organise/end", url.Values{}); p.Status != http.StatusGone || !p.Has("This has been deleted.") {
		t.Errorf("the form answers %d: %.300s", p.Status, p.Text())
	}
}

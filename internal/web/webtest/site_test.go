package webtest_test

import (
	"net/http"
	"testing"

	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/webtest"
)

func TestASeasonIsWhatItSays(t *testing.T) {
	s := webtest.Start(t)
	v := s.Season()
	for _, want := range []struct {
		stage readmodel.Stage
		board string
	}{{v.Past, "Bram Claes 360, Ana de Smet 390"}, {v.Active, "Ana de Smet 300, Bram Claes 320, Chloé Martin 320"}} {
		b, err := readmodel.StageBoard(t.Context(), s.Pool, readmodel.BoardQuery{StageID: want.stage.ID, Category: sport.Open})
		if err != nil {
			t.Fatal(err)
		}
		if got := webtest.BoardWords(b); got != want.board {
			t.Errorf("%s: %s, want %s", want.stage.Name, got, want.board)
		}
	}
	if v.Past.Status != sport.Past || v.Active.Status != sport.Active || v.Mystery.Status != sport.Upcoming {
		t.Errorf("stages are %s, %s, %s", v.Past.Status, v.Active.Status, v.Mystery.Status)
	}
}

func TestSomebodyIsSignedIn(t *testing.T) {
	s := webtest.Start(t)
	a := s.Athlete("Ana de Smet", sport.Female, nil)
	if got := s.SignIn(a).Get("/sign-in"); got.Status != http.StatusSeeOther {
		t.Errorf("the sign-in page answers %d to somebody who is signed in", got.Status)
	}
	if got := s.Visitor().Get("/sign-in"); got.Status != http.StatusOK || !got.Has("E-mail address") {
		t.Errorf("the sign-in page answers %d to a visitor: %s", got.Status, got.Text())
	}
}

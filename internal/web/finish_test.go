package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
	"segmentchallenge/internal/web/webtest"
)

// Before an organiser makes a challenge final, they see what stays and which trophies are given; and so it is then.
func TestFinishingAfterALook(t *testing.T) {
	t.Parallel()
	s := startSeason(t)
	scheme := leaderboards.Tour()
	scheme.Classifications = slices.Clone(scheme.Classifications)
	scheme.Classifications[0].AtLeast = 2
	head := challenges.Head{ID: s.v.Challenge.ID, By: s.v.Organiser.Actor, Now: time.Now()}
	s.Send(challenges.SetScoring{Head: head, Scheme: scheme})
	b, desk, page := s.SignIn(s.v.Organiser), s.challenge+"/organise", s.challenge+"/organise/approve"
	reads(t, b, page, "Make Five Hills final", "The challenge hasn't ended yet", "Heideheuvel, Kattenberg, Geheime Muur and Ring of Bree aren't final yet", "Nothing waits for review", "Nobody is in this classification")
	refuses(t, b, page, url.Values{"message": {"Too early"}}, 422, "has not ended yet", "Too early", "What becomes final")
	for who, got := range map[string]webtest.Page{"a competitor": s.SignIn(s.v.Ana).Get(page), "a competitor who tries": s.SignIn(s.v.Ana).Post(page, nil)} {
		if got.Status != http.StatusForbidden {
			t.Errorf("%s: %d", who, got.Status)
		}
	}
	if got := s.Visitor().Get(page); got.Status != http.StatusSeeOther {
		t.Errorf("a visitor: %d", got.Status)
	}

	s.Send(challenges.End{Head: head})
	refuses(t, b, page, url.Values{"message": {"Well ridden"}}, 422, "Approve the results of stages 1, 2, 3 and 4 first", "Well ridden")
	s.approveAll()
	if !strings.Contains(reads(t, b, desk).Body, page+`"`) {
		t.Error("the desk doesn't lead there")
	}
	// Ana has 12 and 15, Bram 15 and 12; Chloé, third so far, has ridden one stage of the two that are needed.
	look := reads(t, b, page, "Every stage is final", "4 stages count", "Chloé Martin Not classified: too few stages.", "1st of 3", "Women", "Mountains, Open")
	if n := strings.Count(look.Text(), "1st of 3"); n != 3 { // two in the General, level, and who leads the Mountains
		t.Errorf("%d first places of three", n)
	}
	reads(t, b, page+"?category=Women", "General, Women", "1st of 1", "not Bram Claes")
	refuses(t, b, page, url.Values{"message": {strings.Repeat("x", 20_001)}}, 422, "at most 20,000 characters", "Every stage is final")
	promised, err := readmodel.FinishOf(t.Context(), s.Pool, s.v.Challenge.ID, sport.Open, 50)
	if err != nil {
		t.Fatal(err)
	}
	leads(t, b, page, form(t, look, page, url.Values{"message": {"Well ridden"}}), desk, "The results are final")
	for _, a := range promised.Tables {
		is, err := readmodel.ChallengeStandings(t.Context(), s.Pool, readmodel.StandingsQuery{ChallengeID: s.v.Challenge.ID, Category: sport.Open, Classification: a.Classification.Key})
		if err != nil || len(is.Entries) != len(a.Rows) {
			t.Fatalf("%s: %d rows, promised %d, %v", a.Classification.Key, len(is.Entries), len(a.Rows), err)
		}
		for i, e := range is.Entries {
			if r := a.Rows[i]; e.AthleteID != r.AthleteID || e.Rank != r.After || e.Total != r.Has {
				t.Errorf("%s: %+v is %+v", a.Classification.Key, r, e)
			}
		}
	}
	if got := b.Get(page); got.Status != http.StatusSeeOther {
		t.Errorf("what is final answers %d", got.Status)
	}
	reads(t, s.Visitor(), "/athletes/"+s.v.Ana.ID.String(), "1st of 3 in Open")
}

func (s season) approveAll() {
	s.Helper()
	for _, st := range s.Reload(s.v.Organiser, s.v.Challenge.ID).Stages {
		s.Send(stages.Approve{Head: stages.Head{ID: st.ID, By: s.v.Organiser.Actor, Now: time.Now()}})
	}
}

// Of two who make a challenge final at once one does. The other is told, and keeps the word that was typed.
func TestTwoFinishAtOnce(t *testing.T) {
	t.Parallel()
	s := startSeason(t)
	s.Send(challenges.End{Head: challenges.Head{ID: s.v.Challenge.ID, By: s.v.Organiser.Actor, Now: time.Now()}})
	s.approveAll()
	page := s.challenge + "/organise/approve"
	words := []string{"A fine season.", "Thanks to all."}
	both := []*webtest.Browser{s.SignIn(s.v.Organiser), s.SignIn(s.Admin(s.v.Stranger))}
	answers := make([]webtest.Page, 2)
	var g errgroup.Group
	for i, b := range both {
		g.Go(func() error {
			answers[i] = b.Post(page, url.Values{"message": {words[i]}})
			return nil
		})
	}
	_ = g.Wait()
	first := slices.IndexFunc(answers, func(p webtest.Page) bool { return p.Status == http.StatusSeeOther })
	if first < 0 || answers[1-first].Status != 422 {
		t.Fatalf("they are answered %d and %d", answers[0].Status, answers[1].Status)
	}
	second := answers[1-first]
	if !second.Has("The results of this challenge have been approved already.") || !strings.Contains(second.Body, ">"+words[1-first]+"</textarea>") {
		t.Errorf("who was second isn't told, or what was typed is lost:\n%s", second.Text())
	}
	reads(t, s.Visitor(), s.challenge, words[first], "not "+words[1-first])
}

// Who reached the goal on every stage gets a trophy for it.
func TestGoalsBeforeTheFinish(t *testing.T) {
	t.Parallel()
	s := webtest.Start(t)
	org, ana, bram := s.Athlete("Ilse Maes", sport.Female, nil), s.Athlete("Ana de Smet", sport.Female, nil), s.Athlete("Bram Claes", sport.Male, nil)
	c := s.Challenge(org, "Forty", func(d *challenges.Definition) {
		d.Type, d.Goal, d.AccumulateActivities = sport.DistanceChallenge, &sport.Goal{Value: 40, Units: "kilometres", Recurrence: sport.Once}, true
	})
	s.Host(org, c)
	s.Join(c, ana, bram)
	b, stage := s.SignIn(org), s.Reload(org, c.ID).Stages[0]
	for who, km := range map[webtest.Athlete]string{ana: "42", bram: "39"} {
		leads(t, b, "/challenges/forty/stages/"+stage.Slug+"/efforts/new", url.Values{"athleteId": {who.ID.String()}, "activityType": {"Ride"}, "startLocal": {minute(webtest.Day(-1, 9*time.Hour))},
			"elapsedTime": {"2:00:00"}, "distance": {km}}, "/challenges/forty")
	}
	s.Send(challenges.End{Head: challenges.Head{ID: c.ID, By: org.Actor, Now: time.Now()}})
	s.Send(stages.Approve{Head: stages.Head{ID: stage.ID, By: org.Actor, Now: time.Now()}})
	reads(t, b, "/challenges/forty/organise/approve", "1 athlete has reached the goal on every stage", "42.0 km", "1st of 2")
	leads(t, b, "/challenges/forty/organise/approve", nil, "/challenges/forty/organise", "The results are final")
	reads(t, s.Visitor(), "/athletes/"+ana.ID.String(), "Goal")
}

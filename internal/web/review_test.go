package web_test

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
	"time"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/activities/gpx"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/importer"
	"segmentchallenge/internal/leaderboards/challengeboard"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
	"segmentchallenge/internal/web/webtest"
)

// withoutStart is a ride over the active stage of which the device lost 40 seconds around the start.
func (s season) withoutStart(a webtest.Athlete, took time.Duration) importer.Item {
	s.Helper()
	start := webtest.Day(-1, 15*time.Hour).In(webtest.Zone)
	read, err := gpx.Decode(s.GPX(webtest.Ride{Line: webtest.Hill(1), Start: start, Time: took}))
	if err != nil {
		s.Fatal(err)
	}
	var kept activities.Track
	lost := 300 / (2000 / took.Seconds()) // about when the start is passed, after 300 m
	for _, p := range read[0].Track {
		if at := p.Time().Sub(start).Seconds(); at < lost-20 || at > lost+20 {
			kept = append(kept, p)
		}
	}
	var file bytes.Buffer
	if err := gpx.Write(&file, "Lost the start", sport.Ride, kept); err != nil {
		s.Fatal(err)
	}
	items, err := s.Importer.BringAndWait(s.Context(), importer.Upload{AthleteID: a.ID, By: a.Actor, Name: "Lost the start", File: "lost.gpx", Data: file.Bytes(), Type: sport.Ride})
	if err != nil || len(items) != 1 || len(items[0].Refused) != 1 || items[0].Refused[0].Status != readmodel.EffortNeedsReview {
		s.Fatalf("%+v, %v", items, err)
	}
	return items[0]
}

// What waits for review is looked at and judged on the desk, and its athlete reads about it.
func TestEffortsAreReviewed(t *testing.T) {
	s := startSeason(t)
	b, queue := s.SignIn(s.v.Organiser), s.challenge+"/organise?show=review"
	reads(t, b, queue, "Nothing waits for you")
	dirk, bram := s.withoutStart(s.v.Dirk, 310*time.Second), s.withoutStart(s.v.Bram, 290*time.Second)
	page := reads(t, b, queue, "Dirk Aerts", "Bram Claes", "weren't recorded, at the start", "km/h", "Kattenberg", "Accept: it counts")
	if !strings.Contains(page.Body, "map-hole") || !strings.Contains(page.Body, "map-track") {
		t.Error("no map of the gap")
	}
	if !strings.Contains(page.Text(), "Review 2") {
		t.Error("the tab doesn't say how many wait")
	}
	own := s.SignIn(s.v.Dirk)
	reads(t, own, "/activities/"+dirk.ID.String(), "It counts once the organiser has looked at it")
	reads(t, own, s.active, "Waits for the organiser", "It counts once the organiser has looked at it")

	at := func(i importer.Item, word string) string {
		return s.active + "/efforts/" + i.Refused[0].ID.String() + "/" + word
	}
	long := strings.Repeat("x", 501)
	kept := refuses(t, b, at(bram, "reject"), url.Values{"note": {long}}, 422, "at most 500 characters", "Bram Claes")
	if got := form(t, kept, at(bram, "accept"), nil); got.Get("note") != long {
		t.Error("the note is lost")
	}
	refuses(t, b, at(bram, "reject"), nil, 422, "Say why: the athlete will read it")
	refuses(t, b, at(bram, "ignore"), nil, 404)
	refuses(t, s.SignIn(s.v.Ana), at(bram, "accept"), nil, 403, "Only the organiser")
	refuses(t, b, strings.Replace(at(bram, "accept"), s.active, s.past, 1), nil, 404, "There is no such effort")
	leads(t, b, at(bram, "reject"), url.Values{"note": {"You came by the field"}}, queue, "the effort is out", "not Bram Claes")
	leads(t, b, at(dirk, "accept"), url.Values{"note": {"I saw you start"}}, queue, "the effort counts", "Nothing waits for you")
	refuses(t, b, at(dirk, "reject"), url.Values{"note": {"Late"}}, 422, "doesn't wait for anybody")
	reads(t, s.Visitor(), s.active, "Dirk Aerts")
	reads(t, own, "/activities/"+dirk.ID.String(), "I saw you start")
	reads(t, s.SignIn(s.v.Bram), s.active, "You came by the field", "Rejected")
	reads(t, s.SignIn(s.v.Bram), s.active+"/why/"+s.v.Bram.ID.String(), "An effort waits for the organiser's eye", "You came by the field")
}

// Before an organiser makes a stage final, they see what it does; and it does that.
func TestApprovingAfterALook(t *testing.T) {
	s := startSeason(t)
	b, desk := s.SignIn(s.v.Organiser), s.challenge+"/organise"
	if !strings.Contains(reads(t, b, desk).Body, s.past+"/organise/approve\"") {
		t.Error("the desk doesn't lead there")
	}
	first := reads(t, b, s.past+"/organise/approve", "Make Heideheuvel final", "Bram Claes", "6:00", "Nothing waits for review", "General, Open", "new", "Sprint, Open", "not Mountains, Open")
	refuses(t, s.SignIn(s.v.Ana), s.past+"/organise/approve", nil, 403)
	leads(t, b, s.past+"/organise/approve", form(t, first, s.past+"/organise/approve", url.Values{"message": {"Well ridden"}}), desk, "The results of Heideheuvel are final")
	if got := b.Get(s.past + "/organise/approve"); got.Status != 303 {
		t.Errorf("what is final answers %d", got.Status)
	}

	s.withoutStart(s.v.Dirk, 310*time.Second)
	s.Send(competitors.Limit{Head: competitors.Head{ChallengeID: s.v.Challenge.ID, AthleteID: s.v.Chloe.ID, By: s.v.Organiser.Actor, Now: time.Now()}, Reason: "E-bike"})
	reads(t, b, s.active+"/organise/approve", "hasn't ended yet")
	s.Send(stages.End{Head: stages.Head{ID: s.v.Active.ID, By: s.v.Organiser.Actor, Now: time.Now()}})
	approve := s.active + "/organise/approve"
	// Heideheuvel gave Bram 15 and Ana 12; Kattenberg gives Ana 15, and Bram 12 though Chloé is level with him.
	page := reads(t, b, approve, "1 effort waits for your review", "2nd: Bram Claes and Chloé Martin are level", "Chloé Martin scores no points", "+15", "+12", "27", "Mountains, Open")
	if !strings.Contains(page.Text(), "Ana de Smet 2nd ▲1 up 1 place 12 +15 27") {
		t.Errorf("who moves:\n%s", page.Text())
	}
	typed := strings.Repeat("x", 20_001)
	bad := refuses(t, b, approve, url.Values{"message": {typed}}, 422, "at most 20,000 characters", "Who moves")
	if got := form(t, bad, approve, nil); got.Get("message") != typed {
		t.Error("the message is lost")
	}
	leads(t, b, approve, nil, desk, "The results of Kattenberg are final")
	got, err := readmodel.ChallengeStandings(t.Context(), s.Pool, readmodel.StandingsQuery{ChallengeID: s.v.Challenge.ID, Category: sport.Open})
	if err != nil || len(got.Entries) != 2 || got.Entries[0].Confirmed != 27_000 || got.Entries[1].Confirmed != 27_000 {
		t.Errorf("%+v, %v", got.Entries, err)
	}
	s.Send(challengeboard.Adjust{Head: challengeboard.Head{ChallengeID: s.v.Challenge.ID, Category: sport.Open, By: s.v.Organiser.Actor, Now: time.Now()},
		AthleteID: s.v.Ana.ID, Classification: "GC", Points: 2500, Reason: "Helped at the finish"})
	why := func(a webtest.Athlete, classification string) string {
		return s.challenge + "/why/" + a.ID.String() + "?category=Open&classification=" + classification
	}
	reads(t, s.Visitor(), why(s.v.Ana, "GC"), "Ana de Smet is 1st of 2 with 29.5 points", "1. Heideheuvel", "6:30", "2nd: 12", "1st: 15", "By the organiser's hand",
		"Heideheuvel is final: it gives 12 points", "Kattenberg is final: it gives 15 points", "The organiser gave 2.5 points by hand", "Helped at the finish")
	reads(t, s.Visitor(), why(s.v.Ana, "Mountains"), "not Heideheuvel is final", "not by hand", "1st: 10")
	reads(t, s.Visitor(), why(s.v.Chloe, "GC"), "Chloé Martin is not in this classification", "Kattenberg was scored while Chloé Martin was limited", "Limited by the organiser")
	for _, path := range []string{why(s.v.Ana, "Time"), why(webtest.Athlete{}, "GC"), s.challenge + "/why/me", strings.Replace(why(s.v.Ana, "GC"), "Open", "Men50", 1)} {
		if got := s.Visitor().Get(path); got.Status != 404 {
			t.Errorf("%s answers %d", path, got.Status)
		}
	}
	s.Send(stages.Reopen{Head: stages.Head{ID: s.v.Active.ID, By: s.v.Organiser.Actor, Now: time.Now()}, Reason: "A wrong clock"})
	reads(t, s.Visitor(), why(s.v.Ana, "GC"), "What Kattenberg had given is taken back", "A wrong clock", "may still change")
}

package web_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
)

var (
	firstMoment = regexp.MustCompile(`type="range"[^>]* min="(\d+)" max="(\d+)"`)
	boardRow    = regexp.MustCompile(`<tr id="row-([0-9a-f-]{36})"`)
)

// TestTheTimeMachine goes to the beginning of a board and back.
func TestTheTimeMachine(t *testing.T) {
	t.Parallel()
	s := startSeason(t)
	visitor := s.Visitor()
	now := reads(t, visitor, s.active+"/history", "As it stands now", "Ana de Smet takes the lead with 5:00", "Bram Claes takes the lead with 5:41")
	if rows := len(boardRow.FindAllString(now.Body, -1)); rows != 3 {
		t.Errorf("the board has %d rows now", rows)
	}
	span := firstMoment.FindStringSubmatch(now.Body)
	if span == nil {
		t.Fatalf("no slider in\n%s", now.Body)
	}
	first, _ := strconv.ParseInt(span[1], 10, 64)
	before := reads(t, visitor, fmt.Sprintf("%s/history?at=%d", s.active, first-1), "As it stood on", "Nobody has a time yet")
	if rows := len(boardRow.FindAllString(before.Body, -1)); rows != 0 {
		t.Errorf("before it began the board has %d rows", rows)
	}
	reads(t, visitor, s.active+"/history?local=2020-01-01T10:00", "1 Jan 2020, 10:00:00", "Nobody has a time yet")
	reads(t, visitor, s.active+"/history?at=nonsense", "As it stands now")
	reads(t, visitor, s.active+"/history?category=Women", "Kattenberg, Women", "not Bram Claes takes")
	if got := visitor.Get(s.active + "/history?local=yesterday"); got.Status != http.StatusUnprocessableEntity || !got.Has("Give a day and a time") {
		t.Errorf("a moment that is none: %d\n%.800s", got.Status, got.Text())
	}
	for _, path := range []string{s.mystery + "/history", s.mystery + "/why/" + s.v.Ana.ID.String(), s.active + "/history?category=Nobody"} {
		if got := visitor.Get(path); got.Status != http.StatusNotFound {
			t.Errorf("%s answers %d", path, got.Status)
		}
	}
}

func TestWhyARankIsWhatItIs(t *testing.T) {
	t.Parallel()
	s := startSeason(t)
	why := func(athlete uuid.UUID) string { return s.active + "/why/" + athlete.String() }
	visitor := s.Visitor()
	bram := reads(t, visitor, why(s.v.Bram.ID), "Bram Claes is 2nd of 3 with 5:20, the best of 2, 0:20 behind Ana de Smet", "Joined the challenge",
		"New on the board with 5:41: 1st of 1", "Ana de Smet rode 5:00 and took the place", "not /admin/events").Text()
	joined, placed, passed := strings.Index(bram, "Joined the"), strings.Index(bram, "New on the board"), strings.Index(bram, "took the place")
	if joined > placed || placed > passed {
		t.Errorf("it isn't told in order: %d, %d, %d", joined, placed, passed)
	}
	reads(t, visitor, why(s.v.Stranger.ID), "Zoë Janssens is not on the board of Open", "brought nothing")
	reads(t, visitor, s.past+"/why/"+s.v.Ana.ID.String(), "not Secret training", "6:30")
	if page := visitor.Get(s.past + "/why/" + s.v.Ana.ID.String()); strings.Contains(page.Body, "/activities/"+s.v.Private.ID.String()) {
		t.Error("a private activity is linked")
	}
	if got := visitor.Get(why(uuid.New())); got.Status != http.StatusNotFound {
		t.Errorf("nobody is explained with %d", got.Status)
	}
	if page := s.SignIn(s.Admin(s.v.Dirk)).Get(why(s.v.Bram.ID)); !strings.Contains(page.Body, `href="/admin/events/`) {
		t.Error("an administrator isn't led to the events")
	}
	if page := visitor.Get(s.active + "?athlete=" + s.v.Bram.ID.String()); !strings.Contains(page.Body, `href="`+why(s.v.Bram.ID)) {
		t.Error("the opened row doesn't lead to the reasons")
	}
}

// TestFlaggedEffortsAreExplained also to those who only look.
func TestFlaggedEffortsAreExplained(t *testing.T) {
	t.Parallel()
	s := startSeason(t)
	organiser := s.SignIn(s.v.Organiser)
	page := organiser.Get(s.challenge + "/organise?show=efforts")
	effort := regexp.MustCompile(`action="([^"]*/efforts/[^"]*/flag)"`).FindStringSubmatch(page.Body)
	if effort == nil {
		t.Fatalf("no effort to flag:\n%s", page.Text())
	}
	if got := organiser.Post(effort[1], map[string][]string{"reason": {"Behind a motorbike."}}); got.Status != http.StatusSeeOther {
		t.Fatalf("flagging answers %d", got.Status)
	}
	told := 0
	for _, athlete := range []uuid.UUID{s.v.Ana.ID, s.v.Bram.ID, s.v.Chloe.ID} {
		for _, stage := range []string{s.active, s.past} {
			if s.Visitor().Get(stage + "/why/" + athlete.String()).Has("Behind a motorbike.") {
				told++
			}
		}
	}
	if told != 1 {
		t.Errorf("the flag is explained on %d pages", told)
	}
}

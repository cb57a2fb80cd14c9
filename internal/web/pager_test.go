package web

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
)

// TestPagesLeadBackTheWayOneCame walks any number of pages forward, and back again over the same addresses.
func TestPagesLeadBackTheWayOneCame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cursors := rapid.SliceOfNDistinct(rapid.StringMatching(`[A-Za-z0-9_-]{1,40}`), 0, 6, rapid.ID).Draw(t, "cursors")
		filter := rapid.StringMatching(`[a-z &=?~]{0,8}`).Draw(t, "filter")
		start := withQuery(url.URL{Path: "/challenges"}, "q", filter)
		walked := []string{start}
		for _, next := range cursors {
			v := pagerOf(httptest.NewRequest("GET", walked[len(walked)-1], nil)).view(next)
			walked = append(walked, v.Next)
		}
		last := walked[len(walked)-1]
		if q, _ := url.Parse(last); q.Query().Get("q") != filter {
			t.Fatalf("%q was forgotten in %s", filter, last)
		}
		for i := len(walked) - 1; i > 0; i-- {
			v := pagerOf(httptest.NewRequest("GET", walked[i], nil)).view("")
			if v.Prev != walked[i-1] || v.Next != "" {
				t.Fatalf("from %s back to %s, not %s", walked[i], v.Prev, walked[i-1])
			}
		}
		if v := pagerOf(httptest.NewRequest("GET", start, nil)).view(""); v.Prev != "" || v.Next != "" || v.Label != "" {
			t.Fatalf("one page alone has %+v", v)
		}
	})
}

func TestCalendarsAreReadByOthers(t *testing.T) {
	c := readmodel.Challenge{Name: "Hills; dales, and \\ more", Slug: "hills"}
	c.Stages = []readmodel.Stage{
		{ID: uuid.New(), Number: 1, Name: strings.Repeat("Überlänge ", 20), Slug: "one", ChallengeSlug: "hills", StartAt: time.Unix(0, 0), EndAt: time.Unix(3600, 0)},
		{ID: uuid.New(), Number: 2, Name: "Secret", SegmentSecret: true, ChallengeSlug: "hills", Slug: "secret"},
		{ID: uuid.New(), Number: 3, Name: "Gone", Status: sport.Deleted},
	}
	text := calendarOf(c, "https://club.example", time.Unix(1, 0))
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n") || !isText(line) {
			t.Errorf("%d bytes: %q", len(line), line)
		}
	}
	unfolded := strings.ReplaceAll(text, "\r\n ", "")
	for part, want := range map[string]bool{
		"SUMMARY:Hills\\; dales\\, and \\\\ more: stage 1\\, Überlänge": true, "DTSTART:19700101T000000Z\r\nDTEND:19700101T010000Z": true,
		"URL:https://club.example/challenges/hills/stages/one": true, "stage 2\\, Mystery stage": true, "ecret": false, "Gone": false,
	} {
		if strings.Contains(unfolded, part) != want {
			t.Errorf("%q: %v\n%s", part, !want, unfolded)
		}
	}
	if strings.Count(text, "BEGIN:VEVENT") != 2 {
		t.Errorf("not two events:\n%s", text)
	}
}

func isText(s string) bool { return strings.ToValidUTF8(s, "") == s }

func TestWordsOfLists(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{sportWords(nil), "Every sport"},
		{sportWords([]sport.ActivityType{sport.Ride}), "Ride"},
		{sportWords([]sport.ActivityType{sport.Ride, sport.EBikeRide, sport.TrailRun}), "Ride, E-bike ride, trail run"},
		{sportWords([]sport.ActivityType{sport.Ride, sport.Run, sport.Walk, sport.Swim, sport.Golf}), "Ride, run, walk and 2 more"},
		{listed(nil), ""}, {listed([]string{"a"}), "a"}, {listed([]string{"a", "b", "c"}), "a, b and c"},
		{goalWords(sport.Goal{Value: 1, Units: "days"}), "1\u00a0day"}, {goalWords(sport.Goal{Value: 2.5, Units: "miles"}), "2.5\u00a0mi"},
	} {
		if tt.got != tt.want {
			t.Errorf("%q, want %q", tt.got, tt.want)
		}
	}
}

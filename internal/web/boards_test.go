package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/webtest"
)

func TestAWatchersBoardIsThePages(t *testing.T) {
	s := startSeason(t)
	version, html, err := s.Web.BoardFragment(t.Context(), s.v.Active.ID, sport.Women, sport.Metric)
	if err != nil {
		t.Fatal(err)
	}
	head, err := readmodel.BoardHeadOf(t.Context(), s.Pool, s.v.Active.ID, sport.Women)
	if err != nil || version != head.Version || version == 0 {
		t.Errorf("version %d, the board's is %d, %v", version, head.Version, err)
	}
	page := s.Visitor().Get(s.active + "?category=Women")
	if !strings.Contains(page.Body, string(html)) {
		t.Errorf("the page has another board than\n%s", html)
	}
	if !strings.Contains(page.Body, `data-live="/live/topics?topic=stage-board%2F`+s.v.Active.ID.String()+`%2FWomen&amp;topic=stage-feed%2F`+s.v.Active.ID.String()+`"`) {
		t.Error("the page doesn't say where it is watched")
	}
	own := s.SignIn(s.v.Ana).Get(s.active + "?category=Women").Body
	if strings.Contains(string(html), `class="own`) || !strings.Contains(own, `class="own`) {
		t.Error("the own row is marked in what everybody gets, or not on the own page")
	}
	for _, c := range []struct {
		stage    uuid.UUID
		category sport.Category
	}{{uuid.New(), sport.Open}, {s.v.Active.ID, "Nobody"}} {
		if _, _, err := s.Web.BoardFragment(t.Context(), c.stage, c.category, sport.Metric); err == nil {
			t.Errorf("there is a board of %v", c)
		}
	}
}

// TestALongBoard has 240 athletes, a second apart; Dirk is 150th. The last one (360 s) is one that place waits for.
func TestALongBoard(t *testing.T) {
	s := startSeason(t)
	stage := s.v.Next.ID
	for i := range 240 {
		athlete := uuid.New()
		if i == 149 {
			athlete = s.v.Dirk.ID
		}
		place(t, s.Site, stage, athlete, 121+i)
	}
	next := s.challenge + "/stages/" + s.v.Next.Slug
	ranks := func(b *webtest.Browser, query string) (rows int, body string) {
		page := b.Get(next + query)
		if page.Status != http.StatusOK {
			t.Fatalf("%s answers %d", query, page.Status)
		}
		return strings.Count(page.Body, `<tr id="row-`), page.Body
	}
	visitor, dirk := s.Visitor(), s.SignIn(s.v.Dirk)
	dirks := fmt.Sprintf(`<tr id="row-%s"`, s.v.Dirk.ID)
	for _, c := range []struct {
		who   *webtest.Browser
		query string
		rows  int
		has   []string // parts of the page, or what it hasn't after "not "
	}{
		{visitor, "", 100, []string{"1–100 of 240", "offset=100", "data-live=", "not rel=\"prev\"", "not " + dirks}},
		{visitor, "?offset=100", 100, []string{"101–200 of 240", "offset=200", "not data-live=", "rel=\"prev\"", dirks}},
		{visitor, "?offset=200", 40, []string{"201–240 of 240", "offset=100", "not rel=\"next\""}},
		{visitor, "?offset=900", 100, []string{"1–100 of 240"}},
		{visitor, "?athlete=" + s.v.Dirk.ID.String(), 100, []string{dirks, "101–200 of 240"}},
		{dirk, "", 101, []string{dirks, "data-own"}},
		{dirk, "?offset=100", 100, []string{dirks, "not data-own"}},
	} {
		rows, body := ranks(c.who, c.query)
		if rows != c.rows {
			t.Errorf("%s: %d rows, want %d", c.query, rows, c.rows)
		}
		for _, part := range c.has {
			if unwanted, no := strings.CutPrefix(part, "not "); no == strings.Contains(body, unwanted) {
				t.Errorf("%s: %s", c.query, part)
			}
		}
	}
	if got := strings.Count(s.Visitor().Get(next+"/results.csv").Body, "\n"); got != 241 {
		t.Errorf("the table has %d lines", got)
	}
}

// place puts somebody on a stage's board, as a matched ride would, and waits for the page only at full minutes.
func place(t *testing.T, s *webtest.Site, stage, athlete uuid.UUID, seconds int) {
	t.Helper()
	at := time.Now()
	cmd := stageboard.Place{Head: stageboard.Head{ID: stageboard.IDOf(stage, sport.Open), By: actor.System, Now: at}, AthleteID: athlete,
		Seq: at.UnixMilli(), Standing: stageboard.Standing{Value: int64(seconds) * 1000, EffortID: uuid.New(), AchievedAt: at, Attempts: 1}}
	if seconds%60 != 0 {
		if _, err := s.Dispatch.Send(t.Context(), cmd, eventstore.Meta{}); err != nil {
			t.Fatal(err)
		}
		return
	}
	s.Send(cmd)
}

// TestPagesAskTheDatabaseAFixedNumberOfTimes compares pages before and after everything on them has become more.
func TestPagesAskTheDatabaseAFixedNumberOfTimes(t *testing.T) {
	s := startSeason(t)
	ana := s.SignIn(s.v.Ana)
	paths := []string{"/", "/challenges", s.challenge, s.active, s.active + "?athlete=" + s.v.Ana.ID.String(), "/segments",
		"/segments/" + s.v.Segments[1].ID.String(), "/clubs/" + s.v.Club.Slug, "/athletes/" + s.v.Ana.ID.String(), "/dashboard"}
	before := map[string]int64{}
	for _, path := range paths {
		before[path] = queries(t, s.Site, ana, path)
		if before[path] > 25 {
			t.Errorf("%s asks %d times", path, before[path])
		}
	}
	for i := range 5 {
		c := s.Challenge(s.v.Organiser, fmt.Sprintf("More of it %d", i), func(d *challenges.Definition) { d.ClubID = s.v.Club.ID })
		for day := -3; day <= 1; day++ {
			s.Stage(s.v.Organiser, c, fmt.Sprintf("Day %d", day), s.v.Segments[1], func(d *challenges.StageDefinition) {
				d.Window = webtest.Days(day, day)
				if day == 1 {
					d.Window.End = c.EndLocal
				}
			})
		}
		s.Host(s.v.Organiser, c)
		s.Join(c, s.v.Ana, s.v.Bram)
		s.Ride(s.v.Ana, webtest.Ride{Line: webtest.Hill(1), Start: webtest.Day(-1, time.Duration(14+i)*time.Hour).In(webtest.Zone), Time: time.Duration(301+i) * time.Second})
	}
	for _, path := range paths {
		if after := queries(t, s.Site, ana, path); after > before[path] {
			t.Errorf("%s asks %d times, and %d times when there is more to show", path, before[path], after)
		}
	}
}

// queries counts how often a page takes a connection: the least of several tries, as workers take some, too.
func queries(t *testing.T, s *webtest.Site, b *webtest.Browser, path string) int64 {
	t.Helper()
	least := int64(1000)
	for range 6 {
		before := s.Pool.Stat().AcquireCount()
		if got := b.Get(path); got.Status != http.StatusOK {
			t.Fatalf("%s answers %d", path, got.Status)
		}
		least = min(least, s.Pool.Stat().AcquireCount()-before)
	}
	return least
}

package demo

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"segmentchallenge/internal/activities/files"
	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/api"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web"
	"segmentchallenge/internal/web/webtest"
)

// stranger is a site with a demo that hasn't begun.
func stranger(t *testing.T) (*webtest.Site, *Demo, *bytes.Buffer) {
	t.Helper()
	s := webtest.Start(t, webtest.Options{Web: func(s *webtest.Site, o *web.Options) {
		o.API = api.New(api.Options{Store: s.Store, Dispatch: s.Dispatch, Pool: s.Pool, Accounts: s.Accounts, Importer: s.Importer, Log: o.Log})
	}})
	var out bytes.Buffer
	d, err := New(Options{Store: s.Store, Dispatch: s.Dispatch, Pool: s.Pool, Accounts: s.Accounts, Address: s.URL, Site: s.URL,
		Mailbox: true, Folder: filepath.Join(t.TempDir(), "rides"), Out: &out, Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	return s, d, &out
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func stagesOf(t *testing.T, d *Demo, c *contest) []readmodel.Stage {
	t.Helper()
	all, err := readmodel.Stages(t.Context(), d.Pool, actor.Actor{}, c.id)
	must(t, err)
	return all
}

// A season in one go, as a visitor would see it grow: tests of its parts share the time that it takes to make it.
func TestSeason(t *testing.T) {
	site, d, out := stranger(t)
	s, err := d.begin(t.Context())
	must(t, err)
	t.Run("the first board is there when the address is told", func(t *testing.T) {
		stage := stagesOf(t, d, s.tour)[2]
		if stage.Status != sport.Active || stage.Athletes < 12 {
			t.Errorf("the running stage is %s with %d athletes", stage.Status, stage.Athletes)
		}
		for _, want := range []string{"Open " + site.URL, "/challenges/tour-of-the-kestrel-islands/stages/kestrel-hill", OrganiserEmail, RiderEmail, "/dev/mailbox"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("the visitor isn't told %q: %s", want, out)
			}
		}
	})
	t.Run("the visitor's files", func(t *testing.T) { testSamples(t, d, s) })
	must(t, d.finishHistory(t.Context(), s))
	t.Run("challenges", func(t *testing.T) { testContests(t, d, s) })
	t.Run("stages", func(t *testing.T) { testStages(t, d, s) })
	t.Run("mishaps", func(t *testing.T) { testMishaps(t, d, s) })
	t.Run("riders move the board", func(t *testing.T) { testRiders(t, d, s) })
	t.Run("the next start goes on", func(t *testing.T) { testNextStart(t, site, d) })
	t.Run("the next season follows", func(t *testing.T) { testNextSeason(t, d, s) })
}

// A tour that is over, here because a visitor cancelled it, is followed by another.
func testNextSeason(t *testing.T, d *Demo, s *season) {
	head := challenges.Head{ID: s.tour.id, By: s.organiser.by(), Now: time.Now()}
	must(t, d.send(t.Context(), challenges.Cancel{Head: head}))
	next, err := d.begin(t.Context())
	must(t, err)
	stage := stagesOf(t, d, next.tour)[2]
	if next.number != 1 || stage.ChallengeName != "Tour of the Kestrel Islands, season 2" || stage.Athletes < 12 {
		t.Errorf("season %d, %s with %d athletes", next.number, stage.ChallengeName, stage.Athletes)
	}
}

func testContests(t *testing.T, d *Demo, s *season) {
	for _, want := range []struct {
		*contest
		status  sport.Status
		message bool
	}{{s.tour, sport.Active, false}, {s.league, sport.Active, false}, {s.race, sport.Active, false}, {s.distance, sport.Active, false},
		{s.prologue, sport.Approved, true}, {s.night, sport.Upcoming, false}} {
		c, err := readmodel.ChallengeByID(t.Context(), d.Pool, actor.Actor{}, want.id)
		must(t, err)
		if c.Status != want.status || (c.ResultsMessage != "") != want.message || c.CompetitorCount != len(want.entrants) {
			t.Errorf("%s is %s with %d competitors and message %q", c.Name, c.Status, c.CompetitorCount, c.ResultsMessage)
		}
		if c.HostedAt == nil || !c.HostedAt.Before(time.Now().Add(-20*time.Hour)) {
			t.Errorf("%s was hosted at %v", c.Name, c.HostedAt)
		}
	}
}

func testStages(t *testing.T, d *Demo, s *season) {
	type state struct {
		status  sport.Status
		riders  int // at least
		message bool
	}
	for _, c := range []struct {
		*contest
		want []state
	}{
		{s.tour, []state{{sport.Approved, 30, true}, {sport.Past, 25, false}, {sport.Active, 28, false}, {sport.Upcoming, 0, false}, {sport.Upcoming, 0, false}}},
		{s.league, []state{{sport.Active, 13, false}, {sport.Upcoming, 0, false}}},
		{s.race, []state{{sport.Active, 12, false}}},
		{s.prologue, []state{{sport.Approved, 20, false}, {sport.Approved, 18, true}}},
		{s.night, []state{{sport.Upcoming, 0, false}, {sport.Upcoming, 0, false}}},
	} {
		for i, stage := range stagesOf(t, d, c.contest) {
			want := c.want[i]
			if stage.Status != want.status || stage.Athletes < want.riders || (stage.ResultsMessage != "") != want.message {
				t.Errorf("%s, %s: %s, %d athletes, message %q", c.Name, stage.Name, stage.Status, stage.Athletes, stage.ResultsMessage)
			}
		}
	}
	tour := stagesOf(t, d, s.tour)
	if !tour[3].SegmentSecret || tour[4].Adjustment != sport.Queen || tour[0].ClimbCategory != "" || tour[2].ClimbCategory == "" {
		t.Errorf("the tour's stages are %+v", tour)
	}
	weeks, open := stagesOf(t, d, s.distance), 0
	for _, w := range weeks {
		open += w.Athletes
	}
	if len(weeks) < 4 || open < 20 {
		t.Errorf("the distance challenge has %d weeks with %d athletes", len(weeks), open)
	}
	board, err := readmodel.StageBoard(t.Context(), d.Pool, readmodel.BoardQuery{StageID: stagesOf(t, d, s.league)[0].ID, Category: sport.Women})
	must(t, err)
	if len(board.Entries) < 13 {
		t.Errorf("the women's board has %d entries", len(board.Entries))
	}
}

// What goes wrong has the outcome that it has for everybody, in words.
func testMishaps(t *testing.T, d *Demo, s *season) {
	rng := rand.New(rand.NewPCG(1, 1))
	stage := stagesOf(t, d, s.tour)[2]
	for i, c := range []struct {
		mishap  mishap
		code    string   // of the file
		refused []string // of the stage, one of these
	}{
		{mishap: none},
		{mishap: detour, refused: []string{"detour", "hole", "beside_line", "finish_missed"}},
		{mishap: wrongWay, refused: []string{"wrong_direction"}},
		{mishap: turnedOff, refused: []string{"finish_missed"}},
		{mishap: secret, refused: []string{"private_not_allowed"}},
		{mishap: electric, refused: []string{"activity_type_not_included"}},
		{mishap: untimed, code: "activity_without_times"},
		{mishap: cutOff, code: "file_cut_off"},
		{mishap: twice, code: "duplicate_activity"},
	} {
		for k, format := range formats {
			name := fmt.Sprintf("%s, %s", c.mishap, format)
			o := outing{person: s.riders[k], course: kestrel, seed: uint64(i*10 + k), mishap: c.mishap, format: format}
			recording := o.record()
			start, ok := d.calendar.book(rng, o.person, stretch{stage.StartAt, stage.EndAt}, length(recording), time.Now())
			if !ok {
				t.Fatalf("%s finds no time", o.person.name)
			}
			f, err := o.file(recording, start)
			must(t, err)
			said, err := d.client.bring(t.Context(), o.person, f)
			must(t, err)
			if c.mishap == twice {
				said, err = d.client.bring(t.Context(), o.person, f)
				must(t, err)
			}
			want := c.code
			if c.mishap == cutOff && format == "fit" { // of which the records before the cut are taken
				want = ""
			}
			if said.code != want {
				t.Errorf("%s: code %q, want %q", name, said.code, want)
			}
			onStage := slices.ContainsFunc(said.efforts, func(e effort) bool { return e.StageName == stage.Name })
			if onStage != (c.mishap == none) {
				t.Errorf("%s: efforts %+v", name, said.efforts)
			}
			if len(c.refused) == 0 {
				continue
			}
			why := slices.IndexFunc(said.refused, func(r refusedEffort) bool { return r.Stage == stage.Slug && slices.Contains(c.refused, r.Code) })
			if why < 0 || said.refused[why].Detail == "" {
				t.Errorf("%s: refused %+v, want one of %v", name, said.refused, c.refused)
			}
		}
	}
}

func testRiders(t *testing.T, d *Demo, s *season) {
	rng := rand.New(rand.NewPCG(2, 2))
	board := func() readmodel.Board {
		b, err := readmodel.StageBoard(t.Context(), d.Pool, readmodel.BoardQuery{StageID: s.tour.stages[2].id, Category: sport.Open, Limit: 100})
		must(t, err)
		return b
	}
	was, moves := board(), 0
	for range 40 {
		must(t, d.rideOnce(t.Context(), s, rng))
		is := board()
		if !slices.EqualFunc(was.Entries, is.Entries, func(a, b readmodel.BoardEntry) bool { return a.AthleteID == b.AthleteID }) {
			moves++
		}
		was = is
	}
	t.Logf("of 40 rides %d moved the board", moves)
	if moves < 4 {
		t.Error("too few to watch")
	}
	for _, e := range was.Entries {
		if minutes := e.Value.Duration().Minutes(); minutes < 5 || minutes > 30 {
			t.Errorf("%s climbs in %.1f minutes", e.Name, minutes)
		}
	}
}

// A second program on the same database only lets riders go on.
func testNextStart(t *testing.T, site *webtest.Site, d *Demo) {
	before, err := site.Store.Head(t.Context())
	must(t, err)
	var out bytes.Buffer
	o := d.Options
	o.Out = &out
	again, err := New(o)
	must(t, err)
	s, err := again.begin(t.Context())
	must(t, err)
	must(t, again.finishHistory(t.Context(), s))
	after, err := site.Store.Head(t.Context())
	must(t, err)
	if after != before || s.number != 0 || !strings.Contains(out.String(), "Open ") {
		t.Errorf("season %d, %d events more, and told: %s", s.number, after-before, out.String())
	}
	must(t, again.rideOnce(t.Context(), s, rand.New(rand.NewPCG(3, 3))))
}

func testSamples(t *testing.T, d *Demo, s *season) {
	entries, err := os.ReadDir(d.Folder)
	must(t, err)
	if len(entries) != 5 {
		t.Errorf("%d files", len(entries))
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(d.Folder, e.Name()))
		must(t, err)
		for item := range files.Open(e.Name(), data, files.Limits{Now: time.Now()}) {
			if (item.Err == nil) != !strings.Contains(e.Name(), "without-times") {
				t.Errorf("%s: %v", e.Name(), item.Err)
			}
		}
	}
}

// Whoever stops the program while it seeds finds a whole season after the next start.
func TestSeedingGoesOnAfterAnInterruption(t *testing.T) {
	site, d, _ := stranger(t)
	s, err := d.currentSeason(t.Context(), everybody())
	must(t, err)
	must(t, each(t.Context(), together, s.all(), d.register))
	must(t, each(t.Context(), together, s.clubs, d.establish))
	must(t, each(t.Context(), together, segmentCourses, d.measure))
	half := *s.tour
	half.stages = half.stages[:2]
	if err := d.announceContest(t.Context(), &half); err == nil {
		t.Fatal("a challenge whose last stage ends early was hosted")
	}
	for range 2 { // the second time nothing is left to do
		_, err := d.found(t.Context(), s)
		must(t, err)
	}
	before, err := site.Store.Head(t.Context())
	must(t, err)
	later, err := d.currentSeason(t.Context(), everybody())
	must(t, err)
	if _, err = d.found(t.Context(), later); err != nil || !later.day.Equal(s.day) {
		t.Errorf("season of %s instead of %s: %v", later.day, s.day, err)
	}
	if after, err := site.Store.Head(t.Context()); err != nil || after != before {
		t.Errorf("%d events more (%v)", after-before, err)
	}
	if all := stagesOf(t, d, s.tour); len(all) != 5 {
		t.Errorf("the tour has %d stages", len(all))
	}
	if _, err := readmodel.ChallengeByID(t.Context(), d.Pool, actor.Actor{}, tourID(1)); !errors.Is(err, readmodel.ErrNoChallenge) {
		t.Errorf("a second season: %v", err)
	}
}

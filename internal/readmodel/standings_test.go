package readmodel_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/leaderboards/challengeboard"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
)

// league is a challenge whose stages and standings a test moves by the aggregates' own decisions.
type league struct {
	*world
	id       uuid.UUID
	scheme   leaderboards.Scheme
	stages   []leaderboards.Stage
	board    challengeboard.State
	athletes []uuid.UUID
}

func newLeague(w *world, name string, scheme leaderboards.Scheme, riders int) *league {
	l := &league{world: w, id: id("league "+name, 1), scheme: scheme}
	w.record(eventstore.StreamName("challenge", l.id), challenges.Created{ChallengeID: l.id, OrganiserID: id("athlete", 1), Slug: name, Definition: challenges.Definition{
		Type: sport.SegmentChallenge, Name: name, Window: window("2026-01-01", "2026-12-31"), TimeZone: "UTC", Categories: []sport.Category{sport.Open}, Scoring: scheme}})
	for n := range riders {
		l.athletes = append(l.athletes, w.athlete(1000+n, "Rider", fmt.Sprint(n), sport.Female))
	}
	return l
}

// stage adds one, in a month; stages of the same course have the same segment.
func (l *league) stage(kind sport.StageType, a sport.PointsAdjustment, month, course int) {
	n := len(l.stages) + 1
	s := leaderboards.Stage{ID: id("stage of "+l.id.String(), n), Number: n, Type: kind, Adjustment: a, Course: id("course", course),
		Month: fmt.Sprintf("2026-%02d", month), Measure: sport.ElapsedTime, Precision: 1000}
	l.stages = append(l.stages, s)
	l.record(eventstore.StreamName("challenge", l.id), challenges.StageAdded{ChallengeID: l.id, StageID: s.ID, Number: n, Slug: fmt.Sprint("s", n), TimeZone: "UTC",
		StageDefinition: challenges.StageDefinition{Type: kind, SegmentID: s.Course, Name: fmt.Sprint("S", n), Adjustment: a,
			Window: window(fmt.Sprintf("2026-%02d-%02d", month, 1+2*n), fmt.Sprintf("2026-%02d-%02d", month, 2+2*n))}})
	l.world.open(l.id, s.ID, sport.Open, sport.ElapsedTime, 1000)
}

func (l *league) head() challengeboard.Head {
	return challengeboard.Head{ChallengeID: l.id, Category: sport.Open, By: actor.System, Now: l.now}
}

func (l *league) stageBoard(i int) stageboard.State {
	return l.boards[stageboard.IDOf(l.stages[i].ID, sport.Open)]
}

// results are the stages with what is on their boards.
func (l *league) results() []leaderboards.StageResults {
	var out []leaderboards.StageResults
	for i, s := range l.stages {
		one, b := leaderboards.StageResults{Stage: s}, l.stageBoard(i)
		for _, r := range b.Rows(0, b.Len()) {
			one.Results = append(one.Results, leaderboards.Result{AthleteID: r.AthleteID, Value: r.Value, AchievedAt: r.AchievedAt, FirstAt: r.FirstAt})
		}
		out = append(out, one)
	}
	return out
}

func (l *league) send(command func(challengeboard.Terms) challengeboard.Command) {
	l.Helper()
	events, err := l.board.Decide(command(challengeboard.Terms{Status: sport.Active, Categories: []sport.Category{sport.Open}, Scheme: l.scheme, Stages: l.results(), Known: true}))
	if err != nil {
		l.Fatal(err)
	}
	all := make([]eventstore.Event, len(events))
	for i, e := range events {
		l.board, all[i] = l.board.Evolve(e), e
	}
	if len(all) > 0 {
		l.record(eventstore.StreamName("challengeboard", challengeboard.IDOf(l.id, sport.Open)), all...)
	}
}

func (l *league) host() {
	l.send(func(t challengeboard.Terms) challengeboard.Command {
		return challengeboard.Open{Head: l.head(), Terms: t}
	})
}

// ride is an effort of now; another one may have been so many minutes before it.
func (l *league) ride(stage, rider, seconds, before int) {
	l.Helper()
	standing := stageboard.Standing{Value: int64(seconds) * 1000, EffortID: id("effort", int(l.now.Unix())), AchievedAt: l.now, Attempts: 1}
	if before > 0 {
		standing.FirstAt = l.now.Add(-time.Duration(before) * time.Minute)
	}
	l.world.board(l.stages[stage].ID, sport.Open, stageboard.Place{Head: l.boardHead(l.stages[stage].ID, sport.Open), AthleteID: l.athletes[rider],
		Seq: l.now.UnixMilli(), Standing: standing})
}

func (l *league) verify() {
	l.Helper()
	if diffs, err := readmodel.Verify(l.Context(), l.pool, l.store, readmodel.StandingsModel); err != nil || len(diffs) > 0 {
		l.Errorf("rebuilt it would be otherwise: %v, %v", diffs, err)
	}
}

func (l *league) approve(stage int) {
	l.world.board(l.stages[stage].ID, sport.Open, stageboard.Finalise{Head: l.boardHead(l.stages[stage].ID, sport.Open)})
	l.send(func(t challengeboard.Terms) challengeboard.Command {
		return challengeboard.ScoreStage{Head: l.head(), Terms: t, StageID: l.stages[stage].ID}
	})
}

func (l *league) limit(rider int, is bool) {
	l.send(func(t challengeboard.Terms) challengeboard.Command {
		return challengeboard.SetLimited{Head: l.head(), Terms: t, AthleteID: l.athletes[rider], Limited: is}
	})
}

// expected makes the tables from scratch: what was given, and what the stages under way would give.
func (l *league) expected() []leaderboards.Standings {
	season := leaderboards.Season{Category: sport.Open, Scheme: l.scheme}
	given := l.board.Scored()
	done := func(id uuid.UUID) bool {
		return slices.ContainsFunc(given, func(s leaderboards.Scored) bool { return s.ID == id })
	}
	for _, s := range l.results() {
		if s.Phase = leaderboards.Running; done(s.ID) {
			s.Phase = leaderboards.Confirmed
		}
		for i, r := range s.Results {
			s.Results[i].Limited = l.board.Limited(r.AthleteID)
		}
		season.Stages = append(season.Stages, s)
	}
	for _, s := range season.Score() {
		if s.Phase == leaderboards.Running {
			given = append(given, s)
		}
	}
	var out []leaderboards.Standings
	for _, c := range l.scheme.For(sport.Open) {
		out = append(out, leaderboards.Tabulate(c, l.scheme.Groups, given, l.board.Adjustments, l.board.Final))
	}
	return out
}

// line is a row in comparable words.
type line struct {
	Rank, Goals, Ridden int
	Athlete             uuid.UUID
	Total, Confirmed    int64
	Adjusted, Value     int64
	Counting            int
}

func counting(parts []leaderboards.Part) (n int) {
	for _, p := range parts {
		if p.Counts {
			n++
		}
	}
	return n
}

// asExpected reads every table in pages of three and compares it with the one from scratch.
func (l *league) asExpected(when string) {
	l.Helper()
	l.settle()
	for _, table := range l.expected() {
		want, got := []line{}, []line{}
		for _, r := range table.Rows {
			want = append(want, line{r.Rank, r.Goals, r.Stages, r.AthleteID, int64(r.Total), int64(r.Confirmed), int64(r.Adjusted), r.Value, counting(r.Parts)})
		}
		for q := (readmodel.StandingsQuery{ChallengeID: l.id, Category: sport.Open, Classification: table.Classification.Key, Limit: 3}); ; {
			page, err := readmodel.ChallengeStandings(l.Context(), l.pool, q)
			if err != nil {
				l.Fatal(err)
			}
			if page.Athletes != len(table.Rows) {
				l.Fatalf("%s: %s has %d rows, it says %d", when, table.Classification.Key, len(table.Rows), page.Athletes)
			}
			for _, e := range page.Entries {
				got = append(got, line{e.Rank, e.Goals, e.Ridden, e.AthleteID, int64(e.Total), int64(e.Confirmed), int64(e.Adjusted), int64(e.Value), counting(e.Parts)})
			}
			if q.Cursor = page.NextCursor; q.Cursor == "" {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			l.Fatalf("%s: %s (-want +got):\n%s", when, table.Classification.Key, diff)
		}
	}
}

// schemes are such that each of the ways in which the tables are kept is taken.
func schemes() map[string]leaderboards.Scheme {
	bonuses := func(kinds ...leaderboards.BonusFor) (out []leaderboards.Bonus) {
		for _, k := range kinds {
			out = append(out, leaderboards.Bonus{For: k, Points: leaderboards.Whole})
		}
		return out
	}
	class := func(key string, change func(*leaderboards.Classification)) leaderboards.Classification {
		c := leaderboards.Classification{Key: key, Name: key, By: leaderboards.ByPoints, Table: leaderboards.CountDown(3)}
		change(&c)
		return c
	}
	team := func(name string, riders ...int) leaderboards.Group {
		g := leaderboards.Group{Kind: leaderboards.Team, Key: name, Name: name}
		for _, r := range riders {
			g.Members = append(g.Members, id("athlete", 1000+r))
		}
		return g
	}
	division := team("A", 0, 1, 2, 3, 4)
	division.Kind = leaderboards.Division
	return map[string]leaderboards.Scheme{
		"tour": leaderboards.Tour(),
		"bounded": {Classifications: []leaderboards.Classification{class("Short", func(c *leaderboards.Classification) {
			c.Others, c.Ties = leaderboards.Whole/2, leaderboards.TiesSkipped
			c.Bonuses = bonuses(leaderboards.ForFirst, leaderboards.ForWin, leaderboards.ForRecord)
		})}},
		"bounded, with what came before": {Classifications: []leaderboards.Classification{
			class("Bests", func(c *leaderboards.Classification) {
				c.Bonuses, c.Ties = bonuses(leaderboards.BonusesFor...), leaderboards.TiesSplit
			}),
			class("Short", func(c *leaderboards.Classification) {}),
			class("Back", func(c *leaderboards.Classification) {
				c.Others, c.Equals, c.Best = leaderboards.Whole, leaderboards.EqualsCountBack, 2
			})}},
		"times": {Classifications: []leaderboards.Classification{
			class("Time", func(c *leaderboards.Classification) {
				c.By, c.Table, c.Missed, c.Penalty = leaderboards.ByTimes, nil, leaderboards.MissedSlowest, leaderboards.Whole
			}),
			class("Least", func(c *leaderboards.Classification) { c.By, c.Table, c.AtLeast = leaderboards.ByTimes, nil, 2 })}},
		"unbounded, with teams and a division": {Groups: []leaderboards.Group{team("Reds", 0, 2, 4), team("Blues", 1, 3), division},
			Classifications: []leaderboards.Classification{
				class("Beaten", func(c *leaderboards.Classification) { c.Beaten = leaderboards.Whole }),
				class("Ranks", func(c *leaderboards.Classification) { c.By, c.Table = leaderboards.ByRanks, nil }),
				class("Teams", func(c *leaderboards.Classification) { c.Teams, c.TeamSize = true, 2 }),
				class("A", func(c *leaderboards.Classification) { c.Division = "A" })}},
	}
}

// Whatever happens, in whatever batches, the tables are those that the rules make from scratch; and a rebuild makes the same.
func TestStandingsAreThoseOfTheRules(t *testing.T) {
	for name, scheme := range schemes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dice := rand.New(rand.NewPCG(7, uint64(len(name))))
			l := newLeague(newWorld(t), "random", scheme, 16)
			for n := range 3 {
				l.stage(sport.SegmentStageTypes[n], []sport.PointsAdjustment{sport.NoAdjustment, sport.Queen, sport.Double}[n], 3+n/2, n%2)
			}
			l.ride(0, 0, 600, 0) // before it is hosted: known as soon as it is
			l.host()
			for step := range 150 {
				stage, rider := dice.IntN(3), dice.IntN(16)
				what := dice.IntN(20)
				switch _, done := slices.BinarySearch(done(l), stage); {
				case what == 0:
					if b := l.stageBoard(stage); b.Len() > 0 && dice.IntN(2) == 0 { // one at the head
						rider = slices.Index(l.athletes, b.Rows(dice.IntN(min(3, b.Len())), 1)[0].AthleteID)
					}
					l.limit(rider, dice.IntN(3) > 0)
				case what == 1:
					l.adjust(rider, 0, leaderboards.Amount(dice.IntN(9)-4)*leaderboards.Whole+500)
				case what == 2 && !done && step > 60:
					l.approve(stage)
				case what == 3 && done:
					l.reopen(stage)
				case what == 4 && !done:
					l.world.board(l.stages[stage].ID, sport.Open, stageboard.Withdraw{Head: l.boardHead(l.stages[stage].ID, sport.Open), AthleteID: l.athletes[rider], Seq: l.now.UnixMilli(), Reason: "left"})
				case !done:
					l.ride(stage, rider, 600+dice.IntN(12), max(0, dice.IntN(60)-30))
				}
				switch {
				case step%5 == 0:
					l.asExpected(fmt.Sprint("step ", step))
				case step%3 > 0: // now and then several in a batch
					l.settle()
				}
			}
			l.verify()
			for n := range 3 {
				if !slices.Contains(done(l), n) {
					l.approve(n)
				}
			}
			l.asExpected("approved")
			l.send(func(t challengeboard.Terms) challengeboard.Command {
				return challengeboard.Finalise{Head: l.head(), Terms: t}
			})
			if !l.board.Final {
				t.Error("not final")
			}
			l.asExpected("final")
			l.verify()
		})
	}
}

// Whoever came and went in between leaves no trace, in however many batches that was; nor do times that run backwards,
// as those of reactions do.
func TestStandingsForgetWhoCameAndWent(t *testing.T) {
	w := newWorld(t)
	l := newLeague(w, "brief", leaderboards.Tour(), 2)
	l.stage(sport.Mountain, sport.NoAdjustment, 3, 1)
	l.host()
	w.settle()
	l.ride(0, 0, 600, 0)
	w.settle()
	last := l.now
	w.now = w.now.Add(-time.Hour)
	l.world.board(l.stages[0].ID, sport.Open, stageboard.Withdraw{Head: l.boardHead(l.stages[0].ID, sport.Open), AthleteID: l.athletes[0], Seq: last.UnixMilli() + 1})
	w.settle()
	l.verify()
	w.now = last
	l.ride(0, 1, 610, 0)
	w.settle()
	l.verify()
}

// someLeague has something of everything that standings are made of.
func (w *world) someLeague() *league {
	w.Helper()
	l := newLeague(w, "small", leaderboards.Tour(), 4)
	l.stage(sport.Mountain, sport.NoAdjustment, 3, 1)
	l.stage(sport.Flat, sport.Double, 4, 2)
	l.host()
	for rider := range 4 {
		l.ride(0, rider, 600+rider, 0)
	}
	l.limit(3, true)
	l.adjust(0, 0, 2500)
	l.approve(0)
	l.ride(1, 1, 300, 0)
	l.ride(1, 2, 301, 0)
	return l
}

func (l *league) adjust(rider, classification int, points leaderboards.Amount) {
	l.Helper()
	l.send(func(t challengeboard.Terms) challengeboard.Command {
		return challengeboard.Adjust{Head: l.head(), Terms: t, AthleteID: l.athletes[rider], Classification: l.scheme.Classifications[classification].Key, Points: points, Reason: "why"}
	})
}

// done lists the stages that are scored.
func done(l *league) (out []int) {
	for i, s := range l.stages {
		if slices.ContainsFunc(l.board.Scored(), func(x leaderboards.Scored) bool { return x.ID == s.ID }) {
			out = append(out, i)
		}
	}
	return out
}

func (l *league) reopen(stage int) {
	l.world.board(l.stages[stage].ID, sport.Open, stageboard.Reopen{Head: l.boardHead(l.stages[stage].ID, sport.Open)})
	l.send(func(t challengeboard.Terms) challengeboard.Command {
		return challengeboard.ReopenStage{Head: l.head(), Terms: t, StageID: l.stages[stage].ID, Reason: "why"}
	})
}

func TestStandingsPage(t *testing.T) {
	l := newWorld(t).someLeague()
	l.settle()
	heads := ok(readmodel.StandingsHeads(t.Context(), l.pool, l.id))
	expect(t, "classifications", names(heads, func(h readmodel.StandingsHead) string {
		return fmt.Sprintf("%s %d by %s", h.Classification.Key, h.Athletes, h.RankBy())
	}), "GC 3 by points, Mountains 3 by points, Sprint 2 by points")
	gc := ok(readmodel.ChallengeStandings(t.Context(), l.pool, readmodel.StandingsQuery{ChallengeID: l.id, Category: sport.Open}))
	// Stage 1: 0 15, 1 12, 2 10; 3 is limited. Stage 2 counts double while it runs: 1 30, 2 24. By hand: 0 2.5.
	expect(t, "rows", names(gc.Entries, func(e readmodel.StandingsEntry) string {
		return fmt.Sprintf("%d %s %v+%v", e.Rank, e.Name, e.Confirmed.Float(), e.Provisional().Float())
	}), "1 Rider 1 12+30, 2 Rider 2 10+24, 3 Rider 0 17.5+0")
	expect(t, "stages", gc.Stages, []readmodel.StandingsStage{{StageID: l.stages[0].ID, Number: 1, Type: sport.Mountain, Adjustment: sport.NoAdjustment, Scored: true},
		{StageID: l.stages[1].ID, Number: 2, Type: sport.Flat, Adjustment: sport.Double, Provisional: true}})
	expect(t, "parts", fmt.Sprintf("%+v", gc.Entries[0].Parts[1].Score), "{Classification:GC Place:1 Base:15 Bonuses:[] Factor:2 Amount:30}")
	if gc.Final || gc.Version == 0 || gc.Entries[2].Gap.Float() != 24.5 || gc.Entries[2].Adjusted.Float() != 2.5 {
		t.Errorf("%+v", gc.StandingsHead)
	}

	own, found, err := readmodel.StandingsEntryOf(t.Context(), l.pool, readmodel.StandingsQuery{ChallengeID: l.id, Category: sport.Open, Classification: "sprint"}, l.athletes[2])
	if err != nil || !found || own.Rank != 2 || own.Total.Float() != 16 {
		t.Errorf("own: %+v, %v, %v", own, found, err)
	}
	if _, found, err := readmodel.StandingsEntryOf(t.Context(), l.pool, readmodel.StandingsQuery{ChallengeID: l.id, Category: sport.Open}, l.athletes[3]); found || err != nil {
		t.Errorf("a limited rider is found, %v", err)
	}
	for want, q := range map[error]readmodel.StandingsQuery{
		readmodel.ErrNoStandings:      {ChallengeID: l.id, Category: sport.Women},
		readmodel.ErrNoClassification: {ChallengeID: l.id, Category: sport.Open, Classification: "time"},
		readmodel.ErrCursor:           {ChallengeID: l.id, Category: sport.Open, Cursor: "x"},
	} {
		if _, err := readmodel.ChallengeStandings(t.Context(), l.pool, q); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	if s := ok(readmodel.ScoringOf(t.Context(), l.pool, l.id)); !s.Same(leaderboards.Tour()) {
		t.Errorf("scoring is %+v", s)
	}
	by := ok(readmodel.StandingsAdjustments(t.Context(), l.pool, l.id))
	expect(t, "by hand", names(by, func(a readmodel.StandingsAdjustment) string {
		return fmt.Sprintf("%s %v in %s: %s", a.Name, a.Points.Float(), a.Classification, a.Reason)
	}), "Rider 0 2.5 in GC: why")
}

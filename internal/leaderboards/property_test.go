package leaderboards

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"segmentchallenge/internal/sport"
)

// someScheme draws a scheme of any kind that can be declared.
func someScheme(t *rapid.T) Scheme {
	s := Scheme{Groups: []Group{{Kind: Division, Key: "A", Name: "A"}, {Kind: Team, Key: "reds", Name: "Reds"}, {Kind: Team, Key: "blues", Name: "Blues"}}}
	for n := range 12 {
		g := rapid.IntRange(0, 4).Draw(t, "group")
		if g < len(s.Groups) {
			s.Groups[g].Members = append(s.Groups[g].Members, who(fmt.Sprint(n)))
		}
		if rapid.IntRange(0, 3).Draw(t, "has handicap") == 0 {
			s.Handicaps = append(s.Handicaps, Handicap{who(fmt.Sprint(n)), Amount(rapid.IntRange(-3, 3).Draw(t, "seconds")) * Whole, Amount(rapid.IntRange(0, 9).Draw(t, "percent")) * 100})
		}
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "classifications") {
		c := Classification{Key: fmt.Sprint("C", i), Name: fmt.Sprint("C ", i), By: rapid.SampledFrom([]By{ByPoints, ByTimes, ByRanks}).Draw(t, "by")}
		c.Ties = rapid.SampledFrom([]Ties{TiesShared, TiesSkipped, TiesSplit, TiesEarlier}).Draw(t, "ties")
		c.Equals = rapid.SampledFrom([]Equals{EqualsShared, EqualsCountBack, EqualsEarlier}).Draw(t, "equals")
		c.Best, c.AtLeast = rapid.IntRange(0, 3).Draw(t, "best"), rapid.IntRange(0, 2).Draw(t, "at least")
		c.Handicap = rapid.Bool().Draw(t, "handicap")
		switch rapid.IntRange(0, 3).Draw(t, "who") {
		case 0:
			c.Division = "A"
		case 1:
			c.Teams, c.TeamSize = true, 2
		}
		if c.By.Ascending() {
			c.Missed = rapid.SampledFrom([]Missed{MissedNothing, MissedSlowest}).Draw(t, "missed")
		} else {
			c.Table, c.Others = CountDown(rapid.IntRange(1, 5).Draw(t, "table")), Amount(rapid.IntRange(0, 1).Draw(t, "others"))*Whole
			c.Beaten = Amount(rapid.IntRange(0, 1).Draw(t, "beaten")) * Whole
			c.HighestBonusOnly, c.Queen = rapid.Bool().Draw(t, "highest only"), rapid.Bool().Draw(t, "queen")
			for _, b := range BonusesFor {
				if rapid.Bool().Draw(t, string(b)) {
					c.Bonuses = append(c.Bonuses, Bonus{b, Whole})
				}
			}
			if rapid.Bool().Draw(t, "tables") {
				c.Tables = map[sport.StageType]Points{sport.Flat: CountDown(rapid.IntRange(0, 3).Draw(t, "flat table"))}
			}
		}
		s.Classifications = append(s.Classifications, c)
	}
	s, err := s.Cleaned(onSegment)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func someSeason(t *rapid.T) Season {
	s := Season{Category: sport.Open, Scheme: someScheme(t), Final: rapid.Bool().Draw(t, "final")}
	for i := range rapid.IntRange(0, 5).Draw(t, "stages") {
		stage := StageResults{Stage: Stage{ID: who(fmt.Sprint("stage ", i)), Number: i + 1, Measure: sport.ElapsedTime, Precision: 1000,
			Type:       rapid.SampledFrom(sport.SegmentStageTypes).Draw(t, "type"),
			Adjustment: rapid.SampledFrom(sport.PointsAdjustments).Draw(t, "adjustment"),
			Course:     who(fmt.Sprint(rapid.IntRange(0, 1).Draw(t, "course"))), Month: fmt.Sprint(rapid.IntRange(0, 1).Draw(t, "month"))},
			Phase: rapid.SampledFrom([]Phase{Awaited, Running, Confirmed, Confirmed}).Draw(t, "phase")}
		for n := range 12 {
			if rapid.IntRange(0, 3).Draw(t, "rides") > 0 {
				stage.Results = append(stage.Results, Result{who(fmt.Sprint(n)), rapid.Int64Range(6000, 6010).Draw(t, "tenths") * 100,
					noon.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "hour")) * time.Hour),
					noon.Add(-time.Duration(rapid.IntRange(0, 3).Draw(t, "hours earlier")) * time.Hour), rapid.IntRange(0, 9).Draw(t, "limited") == 0})
			}
		}
		s.Stages = append(s.Stages, stage)
	}
	for range rapid.IntRange(0, 3).Draw(t, "adjustments") {
		c := rapid.SampledFrom(s.Scheme.Classifications).Draw(t, "adjusted")
		if !c.Teams {
			s.Adjustments = append(s.Adjustments, Adjustment{c.Key, who(fmt.Sprint(rapid.IntRange(0, 12).Draw(t, "whom"))), Amount(rapid.IntRange(-9, 9).Draw(t, "by")) * Whole, "why"})
		}
	}
	return s
}

// Equal inputs in any order give the same tables.
func TestAnyOrderGivesTheSameTables(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := someSeason(t)
		b := a
		b.Stages = rapid.Permutation(a.Stages).Draw(t, "order of stages")
		for i := range b.Stages {
			b.Stages[i].Results = rapid.Permutation(b.Stages[i].Results).Draw(t, "order of results")
		}
		b.Adjustments = rapid.Permutation(a.Adjustments).Draw(t, "order of adjustments")
		b.Scheme.Handicaps = rapid.Permutation(a.Scheme.Handicaps).Draw(t, "order of handicaps")
		before, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(a.Standings(), b.Standings()); diff != "" {
			t.Fatalf("another order, other tables:\n%s", diff)
		}
		if after, _ := json.Marshal(a); string(before) != string(after) {
			t.Fatal("making tables changed what they are made of")
		}
	})
}

// What every table promises, whatever the scheme: the total is what counts added up; ranks follow the totals; each athlete
// has one row; and the rows of some athletes are those that they have in the whole, but for the ranks.
func TestTablesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := someSeason(t)
		scored := s.Score()
		some := slices.Clone(scored)
		for i := range some {
			some[i].Lines = slices.DeleteFunc(slices.Clone(some[i].Lines), func(l Line) bool { return l.AthleteID[0]%2 == 0 })
		}
		for _, table := range s.Standings() {
			c, seen := table.Classification, map[uuid.UUID]Row{}
			for i, r := range table.Rows {
				addsUp(t, c, r)
				if _, twice := seen[r.AthleteID]; twice {
					t.Fatalf("%v has two rows", r.AthleteID)
				}
				seen[r.AthleteID] = r
				if i > 0 {
					inOrder(t, c, table.Rows[i-1], r)
				}
				if c.By == ByPoints && r.Total <= 0 {
					t.Fatalf("%+v is still there", r)
				}
			}
			if c.Teams {
				continue
			}
			for _, r := range Tabulate(c, s.Scheme.Groups, some, s.Adjustments, s.Final).Rows {
				whole := seen[r.AthleteID]
				whole.Rank, r.Rank = 0, 0
				if r.AthleteID[0]%2 == 1 && cmp.Diff(whole, r) != "" {
					t.Fatalf("alone it is another row:\n%s", cmp.Diff(whole, r))
				}
			}
		}
	})
}

func addsUp(t *rapid.T, c Classification, r Row) {
	sum, confirmed, counting := r.Adjusted, 0, 0
	for _, p := range r.Parts {
		if p.Counts {
			sum += p.Score.Amount
			counting++
		}
		if !p.Provisional {
			confirmed++
		}
		points := p.Score.Base
		for _, b := range p.Score.Bonuses {
			points += b.Points
		}
		if want := points * Amount(max(1, p.Score.Factor)); p.Score.Amount != want {
			t.Fatalf("%+v comes to %v", p.Score, want)
		}
	}
	if sum != r.Total || c.Best > 0 && counting > c.Best || c.Best == 0 && counting != len(r.Parts) {
		t.Fatalf("%+v adds up to %v", r, sum)
	}
	if confirmed == len(r.Parts) && r.Confirmed != r.Total {
		t.Fatalf("%+v has nothing provisional", r)
	}
}

func inOrder(t *rapid.T, c Classification, a, b Row) {
	better := a.Total > b.Total
	if c.By.Ascending() {
		better = a.Total < b.Total
	}
	switch {
	case a.Rank == 0 && b.Rank > 0:
		t.Fatalf("%+v is listed before %+v", a, b)
	case !c.By.Ascending() && a.Rank > 0 && b.Rank > 0 && a.Rank == b.Rank != slices.Equal(a.Key, b.Key):
		t.Fatalf("ranks %d and %d for %v and %v", a.Rank, b.Rank, a.Key, b.Key)
	case !c.By.Ascending() && b.Rank > 0 && !better && a.Total != b.Total:
		t.Fatalf("%v is before %v", a.Total, b.Total)
	}
}

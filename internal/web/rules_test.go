package web

import (
	"strings"
	"testing"
	"time"

	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
)

func TestRulesInPlainWords(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 5, n, 0, 0, 0, 0, time.UTC) }
	base := readmodel.Challenge{Type: sport.SegmentChallenge, TimeZone: "Europe/Brussels", StartAt: day(1), EndAt: day(31), Categories: sport.DefaultCategories}
	with := func(change func(*readmodel.Challenge)) readmodel.Challenge {
		c := base
		change(&c)
		return c
	}
	km := func(v float64, r sport.Recurrence) *sport.Goal {
		return &sport.Goal{Value: v, Units: "kilometres", Recurrence: r}
	}
	for name, tt := range map[string]struct {
		c      readmodel.Challenge
		stages []readmodel.Stage
		units  sport.Units
		want   []string // what the rules say; after "not ", what they don't
	}{
		"segments": {c: base, want: []string{"Your fastest time over the segment of each stage", "Activities of any type", "Private activities don't count.",
			"From Fri 1 May 2026, 02:00 to Sun 31 May 2026, 02:00", "a board for Open, Women and Men.", "to the second", "ranked in Open alone",
			"Everybody with an account may join", "final three days after", "not Special stages", "not goal"}},
		"types": {c: with(func(c *readmodel.Challenge) {
			c.IncludedActivityTypes = []sport.ActivityType{sport.Ride, sport.GravelRide, sport.EBikeRide}
		}), want: []string{"Activities of these types: ride, gravel ride and E-bike ride, recorded"}},
		"private ones count": {c: with(func(c *readmodel.Challenge) { c.AllowPrivateActivities = true }), want: []string{"Private activities count: the result shows, the track never does."}},
		"members":            {c: with(func(c *readmodel.Challenge) { c.RestrictedToClubMembers, c.ClubName = true, "WTC Bree" }), want: []string{"Members of WTC Bree may join", "not Everybody"}},
		"tenths":             {c: with(func(c *readmodel.Challenge) { c.Tenths = true }), want: []string{"to the tenth of a second"}},
		"one category":       {c: with(func(c *readmodel.Challenge) { c.Categories = []sport.Category{sport.Open} }), want: []string{"Each stage has one board, Open.", "not gender"}},
		"distance": {c: with(func(c *readmodel.Challenge) {
			c.Type, c.AccumulateActivities, c.Goal = sport.DistanceChallenge, true, km(100, sport.Weekly)
		}), want: []string{"The distance of your activities while a stage is open, added up.", "The goal is 100 km every week.", "The most comes first", "not second"}},
		"longest": {c: with(func(c *readmodel.Challenge) { c.Type = sport.DistanceChallenge }), want: []string{"The distance of your longest activity while", "not goal"}},
		"duration": {c: with(func(c *readmodel.Challenge) {
			c.Type, c.Goal = sport.DurationChallenge, &sport.Goal{Value: 1, Units: "hours", Recurrence: sport.Daily}
		}), want: []string{"The moving time of your longest activity", "The goal is 1 hour every day."}},
		"elevation": {c: with(func(c *readmodel.Challenge) {
			c.Type, c.AccumulateActivities, c.Goal = sport.ElevationChallenge, true, &sport.Goal{Value: 8848, Units: "metres", Recurrence: sport.Once}
		}), want: []string{"The metres climbed in your activities", "The goal is 8,848 m."}},
		"race":          {c: with(func(c *readmodel.Challenge) { c.Type, c.Goal = sport.RaceChallenge, km(5, sport.Once) }), want: []string{"Your fastest 5.0 km in one go", "not goal is"}},
		"race in miles": {c: with(func(c *readmodel.Challenge) { c.Type, c.Goal = sport.RaceChallenge, km(5, sport.Once) }), units: sport.Imperial, want: []string{"Your fastest 3.1 mi in one go"}},
		"special stages": {c: base, stages: []readmodel.Stage{{Number: 1, Adjustment: sport.Preview}, {Number: 2, Adjustment: sport.Double}, {Number: 3, SegmentSecret: true},
			{Number: 4, Adjustment: sport.Double}, {Number: 5, Adjustment: sport.Queen}, {Number: 6, Adjustment: sport.NoAdjustment}},
			want: []string{"Stages 2 and 4 count double. Stage 5 is the queen stage", "Stage 1 is a preview and scores nothing. One stage is a mystery", "not Stage 6"}},
		"mysteries": {c: base, stages: []readmodel.Stage{{Number: 1, SegmentSecret: true}, {Number: 2, SegmentSecret: true}}, want: []string{"2 stages are mysteries"}},
	} {
		t.Run(name, func(t *testing.T) {
			var all []string
			for _, r := range rulesOf(tt.c, tt.stages, tt.units) {
				if r.Icon == "" || r.Title == "" || strings.TrimSpace(r.Text) != r.Text || r.Text == "" {
					t.Errorf("half a rule: %+v", r)
				}
				all = append(all, r.Title+": "+r.Text)
			}
			text := strings.ReplaceAll(strings.Join(all, "\n"), "\u00a0", " ")
			for _, w := range tt.want {
				if unwanted, no := strings.CutPrefix(w, "not "); no == strings.Contains(text, strings.TrimPrefix(w, "not ")) {
					t.Errorf("%q: %v, in\n%s", unwanted, !no, text)
				}
			}
		})
	}
}

func TestWhatBecomesPublic(t *testing.T) {
	for _, tt := range []struct {
		c    readmodel.Challenge
		want string
	}{
		{readmodel.Challenge{}, "joined and when, to everybody."},
		{readmodel.Challenge{}, "Nothing of your private activities"},
		{readmodel.Challenge{Private: true}, "to everybody who has the link."},
		{readmodel.Challenge{AllowPrivateActivities: true}, "Their tracks stay yours alone."},
	} {
		if got := strings.Join(becomesPublic(tt.c), "\n"); !strings.Contains(got, tt.want) {
			t.Errorf("%+v: no %q in\n%s", tt.c, tt.want, got)
		}
	}
}

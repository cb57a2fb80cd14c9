package leaderboards

import (
	"testing"

	"segmentchallenge/internal/sport"
)

// tour is a season of the default scheme.
func tour(t *testing.T, stages ...string) Season {
	return Season{Category: sport.Open, Scheme: Tour(), Stages: ridden(t, stages...)}
}

func TestTour(t *testing.T) {
	const names = "ana bea cas dan"
	cases := []struct {
		name   string
		stages []string
		want   map[string]string
	}{
		{"a mountain", []string{"mountain | ana 600, bea 610, cas 620"},
			map[string]string{"GC": "1 ana 15, 2 bea 12, 3 cas 10", "Mountains": "1 ana 10, 2 bea 8, 3 cas 6", "Sprint": ""}},
		{"a rolling stage", []string{"rolling | ana 600, bea 610"},
			map[string]string{"GC": "1 ana 15, 2 bea 12", "Mountains": "1 ana 5, 2 bea 4", "Sprint": "1 ana 5, 2 bea 4"}},
		{"a flat stage", []string{"flat | ana 600, bea 610"},
			map[string]string{"GC": "1 ana 15, 2 bea 12", "Mountains": "", "Sprint": "1 ana 10, 2 bea 8"}},
		{"double", []string{"flat double | ana 600, bea 610"},
			map[string]string{"GC": "1 ana 30, 2 bea 24", "Mountains": "", "Sprint": "1 ana 20, 2 bea 16"}},
		{"queen: mountain points twice, in the Mountains alone", []string{"mountain queen | ana 600, bea 610"},
			map[string]string{"GC": "1 ana 15, 2 bea 12", "Mountains": "1 ana 20, 2 bea 16", "Sprint": ""}},
		{"preview", []string{"mountain preview | ana 600, bea 610"}, map[string]string{"GC": "", "Mountains": "", "Sprint": ""}},
		{"two tied first: 15 and 15, next 12", []string{"mountain | ana 600, bea 600.9, cas 601"},
			map[string]string{"GC": "1 ana 15, 1 bea 15, 3 cas 12", "Mountains": "1 ana 10, 1 bea 10, 3 cas 8", "Sprint": ""}},
		{"a limited athlete is passed over", []string{"flat | ana 600(l), bea 610, cas 620"},
			map[string]string{"GC": "1 bea 15, 2 cas 12", "Mountains": "", "Sprint": "1 bea 10, 2 cas 8"}},
		{"behind the tenth there is nothing", []string{"flat | a 1, b 2, c 3, d 4, e 5, f 6, g 7, h 8, i 9, dan 10, ana 11"},
			map[string]string{"GC": "", "Mountains": "", "Sprint": ""}},
		{"over several stages", []string{"mountain | ana 600, bea 610", "flat | bea 600, cas 610, ana 620", "rolling | dan 600, bea 610"},
			// GC: ana 15+10, bea 12+15+12, cas 12, dan 15. Mountains: ana 10, bea 8+4, dan 5. Sprint: ana 6, bea 10+4, cas 8, dan 5.
			map[string]string{"GC": "1 bea 39, 2 ana 25, 3 dan 15, 4 cas 12", "Mountains": "1 bea 12, 2 ana 10, 3 dan 5",
				"Sprint": "1 bea 14, 2 cas 8, 3 ana 6, 4 dan 5"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := tour(t, c.stages...)
			if c.want["GC"] == "" && s.Stages[0].Adjustment != sport.Preview { // eleven riders: only the last is of interest
				rows := s.Standings()[0].Rows
				if len(rows) != 10 || rows[9].AthleteID != who("dan") || rows[9].Total != Whole {
					t.Errorf("%d rows", len(rows))
				}
				return
			}
			wants(t, s, names, c.want)
		})
	}
}

// one is a season of one classification, given in JSON without its key and name.
func one(t *testing.T, classification string, stages ...string) Season {
	t.Helper()
	return Season{Category: sport.Open, Stages: ridden(t, stages...),
		Scheme: declared(t, onSegment, `{"classifications": [{"key": "X", "name": "X", `+classification+`}]}`)}
}

func TestHowATableIsMade(t *testing.T) {
	const points = `"by": "points", "table": [10, 8, 6]`
	cases := []struct {
		name           string
		classification string
		stages         []string
		final          bool
		want           string
	}{
		{"ties share", points, []string{"| ana 1, bea 1, cas 2, dan 3"}, false, "1 ana 10, 1 bea 10, 3 cas 8, 4 dan 6"},
		{"ties skip placings", points + `, "ties": "skipped"`, []string{"| ana 1, bea 1, cas 2, dan 3"}, false, "1 ana 10, 1 bea 10, 3 cas 6"},
		{"ties split", points + `, "ties": "split"`, []string{"| ana 1, bea 1, cas 2, dan 3"}, false, "1 ana 9, 1 bea 9, 3 cas 6"},
		{"ties split thirds", points + `, "ties": "split", "others": 1`, []string{"| ana 1, bea 2, cas 2, dan 2"}, false,
			"1 ana 10, 2 bea 5, 2 cas 5, 2 dan 5"}, // (8+6+1)/3
		{"ties go to who was earlier", points + `, "ties": "earlier"`, []string{"| ana 1, bea 1, cas 2"}, false, "1 ana 10, 2 bea 8, 3 cas 6"},
		{"equal totals share", points, []string{"| ana 1, bea 2", "| bea 1, ana 2"}, false, "1 bea 18, 1 ana 18"},
		{"equal totals by wins", points + `, "equals": "countback"`, []string{"| ana 1, bea 2, cas 3", "| cas 1, bea 2, dan 3", "| dan 1, ana 3, x 2"}, false,
			"1 cas 16, 1 dan 16, 1 ana 16, 4 bea 16, 5 x 8"}, // each but bea won once and was third once
		{"equal totals by who was earlier", points + `, "equals": "earlier"`, []string{"| ana 1, bea 2", "| bea 1, ana 2"}, false, "1 bea 18, 2 ana 18"},
		{"the best two", points + `, "best": 2`, []string{"| ana 1, bea 2", "| ana 1, bea 2", "| bea 1"}, false, "1 ana 20, 2 bea 18"},
		{"at least two, while it goes on", points + `, "atLeast": 2`, []string{"| ana 1, bea 2", "| bea 1"}, false, "1 bea 18, 2 ana 10"},
		{"at least two, in the end", points + `, "atLeast": 2`, []string{"| ana 1, bea 2", "| bea 2, ana 3, cas 1", "| cas 4"}, true,
			"1 cas 20, 2 bea 16, 2 ana 16"},
		{"too few in the end are listed behind", points + `, "atLeast": 2`, []string{"| ana 1, bea 2", "| bea 2"}, true, "1 bea 18, - ana 10"},
		{"times: who has more stages is before who has fewer", `"by": "times"`, []string{"| ana 600, bea 610", "| bea 620"}, false, "1 bea 1230, 2 ana 600"},
		{"times: the best one", `"by": "times", "best": 1`, []string{"| ana 600, bea 610", "| bea 590, ana 700"}, false, "1 bea 590, 2 ana 600"},
		{"ranks that ties share", `"by": "ranks"`, []string{"| ana 1, bea 1, cas 2"}, false, "1 ana 1, 1 bea 1, 3 cas 3"},
		{"ranks that ties split", `"by": "ranks", "ties": "split"`, []string{"| ana 1, bea 1, cas 2"}, false, "1 ana 1.5, 1 bea 1.5, 3 cas 3"},
		{"ranks by who was earlier", `"by": "ranks", "ties": "earlier"`, []string{"| ana 1, bea 1, cas 2"}, false, "1 ana 1, 2 bea 2, 3 cas 3"},
		{"a missed stage is there with nothing", points + `, "missed": "zero"`, []string{"| ana 1", "| bea 1"}, false, "1 ana 10, 1 bea 10"},
		{"nobody rode: nothing to be missed", `"by": "times", "missed": "slowest"`, []string{"| ana 600", "|"}, false, "1 ana 600"},
		{"a stage type without points takes no part", `"by": "points", "table": [10], "tables": {"flat": []}, "bonuses": [{"for": "participation", "points": 1}]`,
			[]string{"flat | ana 1, bea 2", "mountain | bea 1"}, false, "1 bea 11"},
		{"a table for one type", `"by": "points", "table": [10], "tables": {"flat": [3, 2]}`, []string{"flat | ana 1, bea 2", "rolling | bea 1"}, false, "1 bea 12, 2 ana 3"},
		{"bonuses are doubled with the rest", `"by": "points", "table": [10], "bonuses": [{"for": "participation", "points": 1}]`,
			[]string{"double | ana 1, bea 2"}, false, "1 ana 22, 2 bea 2"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := one(t, c.classification, c.stages...)
			s.Final = c.final
			if got := tableOf(s.Standings()[0], "ana", "bea", "cas", "dan", "x"); got != c.want {
				t.Errorf("%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestAdjustments(t *testing.T) {
	s := tour(t, "flat | ana 600, bea 610, cas 620")
	s.Adjustments = []Adjustment{{"GC", who("ana"), -3 * Whole, "cut a corner"}, {"GC", who("cas"), -4 * Whole, "a"},
		{"GC", who("cas"), -6 * Whole, "b"}, {"Sprint", who("dan"), 5 * Whole, "helped a rider"}}
	// GC: ana 15-3, bea 12, cas 10-4-6 = 0: out. Sprint: dan 5 without having ridden.
	wants(t, s, "ana bea cas dan", map[string]string{"GC": "1 ana 12, 1 bea 12", "Mountains": "", "Sprint": "1 ana 10, 2 bea 8, 3 cas 6, 4 dan 5"})
}

func TestProvisionalBesideConfirmed(t *testing.T) {
	s := one(t, `"by": "points", "table": [10, 8, 6], "best": 2`, "| ana 1, bea 2, cas 3", "| ana 1, bea 2, cas 3", "| cas 1, ana 2")
	s.Stages[2].Phase = Running
	rows := s.Standings()[0].Rows
	// ana 10+10 whatever the third brings; bea 8+8; cas 6+6 confirmed, and 10+6 when it ends like this: 4 more.
	for i, want := range []struct {
		name                   string
		confirmed, provisional Amount
	}{{"ana", 20 * Whole, 0}, {"bea", 16 * Whole, 0}, {"cas", 12 * Whole, 4 * Whole}} {
		if r := rows[i]; r.AthleteID != who(want.name) || r.Confirmed != want.confirmed || r.Provisional() != want.provisional {
			t.Errorf("%s: confirmed %v, provisional %v", want.name, r.Confirmed, r.Provisional())
		}
	}
	if p := rows[2].Parts; len(p) != 3 || !p[2].Provisional || !p[2].Counts || p[0].Counts == p[1].Counts {
		t.Errorf("the parts of cas: %+v", p)
	}
	s.Stages[2].Phase = Awaited // a plan counts for nothing, whatever is known of it
	if got := tableOf(s.Standings()[0], "ana", "bea", "cas"); got != "1 ana 20, 2 bea 16, 3 cas 12" {
		t.Error(got)
	}
}

func TestHandicap(t *testing.T) {
	scheme := declared(t, onSegment, `{"handicaps": [{"athleteId": "`+who("cas").String()+`", "percent": 10, "seconds": 5}],
		"classifications": [{"key": "Scratch", "name": "Scratch", "by": "times"}, {"key": "Handicap", "name": "Handicap", "by": "times", "handicap": true},
		{"key": "Bests", "name": "Bests", "by": "points", "handicap": true, "table": [3, 2, 1], "bonuses": [{"for": "record", "points": 10}]}]}`)
	s := Season{Category: sport.Open, Scheme: scheme, Stages: ridden(t, "wall | ana 600, bea 610, cas 660", "wall | ana 590, cas 640")}
	wants(t, s, "ana bea cas", map[string]string{
		"Scratch":  "1 ana 1190, 2 cas 1300, 3 bea 610",
		"Handicap": "1 cas 1160, 2 ana 1190, 3 bea 610", // 660·0.9 - 5 = 589; 640·0.9 - 5 = 571
		"Bests":    "1 ana 14, 2 cas 6, 3 bea 1",        // cas 3+3; ana 2+2, and 10 for the record on the road; bea 1
	})
}

func TestTeams(t *testing.T) {
	ids := func(a, b, c string) string {
		return `["` + who(a).String() + `", "` + who(b).String() + `", "` + who(c).String() + `"]`
	}
	scheme := declared(t, onSegment, `{"groups": [{"kind": "team", "name": "Reds", "members": `+ids("r1", "r2", "r3")+`},
		{"kind": "team", "name": "Blues", "members": `+ids("b1", "b2", "b3")+`}],
		"classifications": [{"key": "Teams", "name": "Teams", "by": "points", "table": [10, 8, 6, 4, 2], "teams": true, "teamSize": 2},
		{"key": "TeamTime", "name": "Team time", "by": "times", "teams": true, "teamSize": 2}]}`)
	s := Season{Category: sport.Open, Scheme: scheme, Stages: ridden(t,
		"| r1 600, b1 601, b2 602, r2 603, r3 604, x 605", // reds 10+4 (not 2), times 600+603; blues 8+6, 601+602
		"| b1 600, r1 601, r2 602, x 603",                 // blues 10, and one alone has no team time; reds 8+6, 601+602
	)}
	reds, blues := scheme.Groups[0].ID(), scheme.Groups[1].ID()
	tables := s.Standings()
	for i, want := range [][]Amount{{28 * Whole, 24 * Whole}, {2406 * Whole, 1203 * Whole}} {
		rows := tables[i].Rows
		if len(rows) != 2 || rows[0].AthleteID != reds || rows[1].AthleteID != blues || rows[0].Total != want[0] || rows[1].Total != want[1] {
			t.Errorf("%s: %+v", tables[i].Classification.Name, rows)
		}
	}
}

func TestGoals(t *testing.T) {
	weeks := ridden(t, "| ana 100, bea 120, cas 50", "| ana 101, bea 99", "| bea 100, cas 260")
	for i := range weeks {
		weeks[i].Measure, weeks[i].Goal, weeks[i].Type = sport.Distance, 100_000, sport.DistanceStage
	}
	s := Season{Category: sport.Open, Scheme: Default(sport.DistanceChallenge, true), Stages: weeks}
	rows := s.Standings()[0].Rows
	// ana 100+101 in two weeks, bea 120+100 in two and 99, cas once: 260
	for i, want := range []struct {
		name  string
		rank  int
		goals int
		value int64
	}{{"bea", 1, 2, 319_000}, {"ana", 2, 2, 201_000}, {"cas", 3, 1, 310_000}} {
		if r := rows[i]; r.AthleteID != who(want.name) || r.Rank != want.rank || r.Goals != want.goals || r.Value != want.value {
			t.Errorf("%s: %+v", want.name, r)
		}
	}
	s.Scheme = Default(sport.DistanceChallenge, false)
	if got := tableOf(s.Standings()[0], "ana", "bea", "cas"); got != "1 bea 319, 2 cas 310, 3 ana 201" {
		t.Error(got)
	}
	weeks[0].Results[0].Value += 400 // less than a metre: compared by the metre, as on the stages
	weeks[1].Results[0].Value += 109_000
	if got := tableOf(s.Standings()[0], "ana", "bea", "cas"); got != "1 bea 319, 2 ana 310.4, 2 cas 310" {
		t.Error(got)
	}
}

func TestFind(t *testing.T) {
	s := Tour()
	for called, want := range map[string]string{"gc": "GC", "general": "GC", "KOM": "Mountains", "mountains": "Mountains", "sprint": "Sprint"} {
		if c, ok := s.Find(sport.Open, called); !ok || c.Key != want {
			t.Errorf("%s is %s, %v", called, c.Key, ok)
		}
	}
	if c, ok := s.Find(sport.Women, "QOM"); !ok || c.Key != "Mountains" || c.Label("Women 40-49") != "QOM" || c.Label(sport.Men) != "KOM" {
		t.Errorf("QOM is %+v", c)
	}
	if _, ok := s.Find(sport.Open, "QOM"); ok {
		t.Error("there's a queen in Open")
	}
}

package leaderboards

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"

	"segmentchallenge/internal/sport"
)

// Real leagues, each set up from what an organiser declares, with a season worked out by hand.

// 11 monthly segments, 20…1 points with at least 1 for everyone, best 6 count, ties split, a bonus for the month's first rider.
func TestLeagueOfElevenMonths(t *testing.T) {
	scheme := declared(t, onSegment, `{"classifications": [{"key": "League", "name": "League", "by": "points",
		"table": [20,19,18,17,16,15,14,13,12,11,10,9,8,7,6,5,4,3,2,1], "others": 1, "best": 6, "ties": "split",
		"bonuses": [{"for": "first", "points": 1}]}]}`)
	crowd, names := "", "ana bea cas dan"
	for i := range 22 {
		crowd += fmt.Sprintf(", r%d %d", i+5, 700+i)
		names += fmt.Sprintf(" r%d", i+5)
	}
	season := Season{Category: sport.Open, Scheme: scheme, Final: true, Stages: ridden(t,
		"2026-01 | ana 600*, bea 610, cas 610, dan 640"+crowd, // ana 20+1, bea and cas (19+18)/2 = 18.5, dan 17, r5 16, r6 15 … r20 1, r21 … r26 1 each
		"2026-02 | bea 600, ana 605, cas 620, dan 650*",       // bea 20, ana 19, cas 18, dan 17+1
		"2026-03 | ana 600, bea 601*, dan 630",                // ana 20, bea 19+1, dan 18
		"2026-04 | cas 590*, bea 600, ana 600",                // cas 20+1, bea and ana (19+18)/2 = 18.5
		"2026-05 | dan 600*, ana 610",                         // dan 20+1, ana 19
		"2026-06 | ana 600*, cas 605",                         // ana 20+1, cas 19
		"2026-07 | bea 600*, ana 610, dan 610, cas 610",       // bea 20+1, ana, dan and cas (19+18+17)/3 = 18
		"2026-08 | ana 600, bea 610*",                         // ana 20, bea 19+1
		"2026-09 | cas 600*, dan 601",                         // cas 20+1, dan 19
		"2026-10 | ana 600*",                                  // ana 20+1
		"2026-11 | bea 600*, cas 605, ana 610",                // bea 20+1, cas 19, ana 18
	)}
	table := season.Standings()[0]
	got := tableOf(Standings{table.Classification, table.Rows[:6]}, "ana", "bea", "cas", "dan", "r5", "r6")
	// ana 21 19 20 18.5 19 21 18 20 – 21 18: the best six are 21+21+21+20+20+19 = 122
	// bea 18.5 20 20 18.5 – – 21 20 – – 21: 21+21+20+20+20+18.5 = 120.5
	// cas 18.5 18 – 21 – 19 18 – 21 – 19: 21+21+19+19+18.5+18 = 116.5
	// dan 17 18 18 – 21 – 18 – 19: 17+18+18+21+18+19 = 111
	if want := "1 ana 122, 2 bea 120.5, 3 cas 116.5, 4 dan 111, 5 r5 16, 6 r6 15"; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	// 20 riders have points by the table; the 20th has 1, and so have the six behind.
	if last := table.Rows[len(table.Rows)-1]; len(table.Rows) != 26 || last.Total != Whole || last.Rank != 20 {
		t.Errorf("%d rows, the last %+v", len(table.Rows), last)
	}
}

// Cumulative time over 12 with a missed stage at the category's slowest + 1 s.
func TestLeagueOfTotalTime(t *testing.T) {
	scheme := declared(t, onSegment, `{"classifications": [{"key": "Time", "name": "Total time", "by": "times",
		"missed": "slowest", "penalty": 1}]}`)
	stages := make([]string, 12)
	for i := range stages {
		stages[i] = "| ana 600, bea 601, cas 602"
	}
	stages[2] = "| bea 601, cas 602"            // ana has missed it: 602 + 1 = 603
	stages[4] = "| ana 600, bea 601, cas 700"   //
	stages[11] = "| ana 600, bea 601"           // cas has missed it: 601 + 1 = 602
	stages[7] = "| ana 600.9, bea 601, cas 602" // what is shown is what is added up: 600
	// ana 11 × 600 + 603 = 7203; bea 12 × 601 = 7212; cas 10 × 602 + 700 + 602 = 7322
	wants(t, Season{Category: sport.Open, Scheme: scheme, Stages: ridden(t, stages...)}, "ana bea cas",
		map[string]string{"Time": "1 ana 7203, 2 bea 7212, 3 cas 7322"})
}

// Weekly, quarters, 40…1 women and 15…1 men, divisions with the bottom three moving down, 7 of 13 to stay.
func TestLeagueOfDivisions(t *testing.T) {
	ids := func(names ...string) (out string) {
		for i, n := range names {
			out += map[bool]string{true: ", "}[i > 0] + `"` + who(n).String() + `"`
		}
		return out
	}
	const forty = `[40,39,38,37,36,35,34,33,32,31,30,29,28,27,26,25,24,23,22,21,20,19,18,17,16,15,14,13,12,11,10,9,8,7,6,5,4,3,2,1]`
	scheme := declared(t, onSegment, `{
		"groups": [{"kind": "division", "key": "A", "name": "Division A", "members": [`+ids("a1", "a2", "a3", "a4", "a5", "a6", "m1", "m2", "m3", "m4")+`]},
			{"kind": "division", "key": "B", "name": "Division B", "members": [`+ids("b1", "b2", "b3", "b4")+`]}],
		"classifications": [
			{"key": "A", "name": "Division A", "categories": ["Women"], "division": "A", "by": "points", "table": `+forty+`, "relegated": 3, "toStay": 7},
			{"key": "B", "name": "Division B", "categories": ["Women"], "division": "B", "by": "points", "table": `+forty+`, "promoted": 3},
			{"key": "Men", "name": "Division A of men", "categories": ["Men"], "division": "A", "by": "points",
				"table": [15,14,13,12,11,10,9,8,7,6,5,4,3,2,1], "relegated": 3, "toStay": 7}]}`)
	var women, men []string
	for week := 1; week <= 13; week++ {
		line := "| b1 590, a2 601, a3 602, b2 603, b3 604, b4 605"
		for _, rider := range []struct {
			name        string
			time, weeks int
		}{{"a1", 600, 6}, {"a4", 610, 5}, {"a5", 611, 4}, {"a6", 612, 3}} {
			if week <= rider.weeks {
				line += fmt.Sprintf(", %s %d", rider.name, rider.time)
			}
		}
		women, men = append(women, line), append(men, "| m1 500, m2 510, m3 520, m4 530")
	}
	season := Season{Category: sport.Women, Scheme: scheme, Stages: ridden(t, women...), Final: true}
	wants(t, season, "a1 a2 a3 a4 a5 a6 b1 b2 b3 b4", map[string]string{
		// a2 is second six times and then wins seven times: 6×39 + 7×40 = 514; a3 6×38 + 7×39 = 501; a1 6×40 = 240;
		// a4 is fourth five times: 5×37 = 185; a5 fifth four times: 4×36 = 144; a6 sixth three times: 3×35 = 105.
		"A": "1 a2 514, 2 a3 501, 3 a1 240, 4 a4 185, 5 a5 144, 6 a6 105",
		// Places are those within the division: 13×40, 13×39, 13×38, 13×37.
		"B": "1 b1 520, 2 b2 507, 3 b3 494, 4 b4 481",
	})
	ofMen := Season{Category: sport.Men, Scheme: scheme, Stages: ridden(t, men...), Final: true}
	wants(t, ofMen, "m1 m2 m3 m4", map[string]string{"Men": "1 m1 195, 2 m2 182, 3 m3 169, 4 m4 156"}) // 13 × 15, 14, 13, 12

	// a4, a5 and a6 are the bottom three; a1 won six times, but has ridden 6 of 13. From B the first three come.
	next := NextDivisions(scheme, append(season.Standings(), ofMen.Standings()...))
	for i, want := range [][]string{{"a2", "a3", "m1", "b1", "b2", "b3"}, {"a1", "a4", "a5", "a6", "m2", "m3", "m4", "b4"}} {
		var members []uuid.UUID
		for _, n := range want {
			members = append(members, who(n))
		}
		if !slices.Equal(next[i].Members, members) {
			t.Errorf("%s is %v, want %v", next[i].Name, next[i].Members, want)
		}
	}
}

// Two segments a month, 15/10/9/8/7/6/5/4/3/2 and 1 for all others, +5 for riding both.
func TestLeagueOfTwoAMonth(t *testing.T) {
	scheme := declared(t, onSegment, `{"classifications": [{"key": "Series", "name": "Series", "by": "points",
		"table": [15,10,9,8,7,6,5,4,3,2], "others": 1, "bonuses": [{"for": "month", "points": 5}]}]}`)
	first := "2026-01 |"
	for i := range 12 {
		first += fmt.Sprintf("r%d %d,", i+1, 600+i)
	}
	season := Season{Category: sport.Open, Scheme: scheme, Stages: ridden(t,
		first,                               // r1 15, r2 10, r3 9, r4 8 … r10 2, r11 1, r12 1
		"2026-01 | r2 500, r1 510, r12 520", // each has ridden both: r2 15+5, r1 10+5, r12 9+5
		"2026-02 | r1 600",                  // r1 15
		"2026-02 | r1 600, r2 610, r11 620, r9 1e3", // r1 15+5; the others missed the first of February: r2 10, r11 9, r9 8
		"2026-03 | r1 600",                          // r1 15: there's no other in March, so nothing for riding both
	)}
	// r1 15+15+15+20+15 = 80; r2 10+20+10 = 40; r12 1+14 = 15; r9 3+8 = 11; r11 1+9 = 10
	wants(t, season, "r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 r11 r12", map[string]string{
		"Series": "1 r1 80, 2 r2 40, 3 r12 15, 4 r9 11, 5 r11 10, 6 r3 9, 7 r4 8, 8 r5 7, 9 r6 6, 10 r7 5, 11 r8 4, 12 r10 2"})
}

// Men, women and over-50 tables.
func TestLeagueOfMenWomenAndOver50(t *testing.T) {
	terms := Terms{Type: sport.SegmentChallenge, Categories: []sport.Category{sport.Men, sport.Women, "50+"}}
	scheme := declared(t, terms, `{"classifications": [
		{"key": "GC", "name": "General", "categories": ["Men", "Women"], "by": "points", "table": [10, 8, 6, 5]},
		{"key": "Seniors", "name": "Seniors", "categories": ["50+"], "by": "points", "table": [5, 3, 1]}]}`)
	// max is 30, wim 55, ann 25, els 60 years old.
	boards := map[sport.Category][]string{
		sport.Men:   {"| max 500, wim 600", "| wim 590, max 600"},
		sport.Women: {"| ann 550, els 650", "| els 640"},
		"50+":       {"| wim 600, els 650", "| wim 590, els 640"},
	}
	for category, want := range map[sport.Category]map[string]string{
		sport.Men:   {"GC": "1 wim 18, 1 max 18"}, // 10+8 and 8+10
		sport.Women: {"GC": "1 els 18, 2 ann 10"}, // 8+10 and 10
		"50+":       {"Seniors": "1 wim 10, 2 els 6"},
	} {
		wants(t, Season{Category: category, Scheme: scheme, Stages: ridden(t, boards[category]...)}, "max wim ann els", want)
	}
}

// 5/3/2/1 for records and own bests: 5 for the record, 3 for the win, 2 for a best of one's own, 1 for riding; the highest counts.
func TestLeagueOfRecords(t *testing.T) {
	scheme := declared(t, onSegment, `{"classifications": [{"key": "Bests", "name": "Bests", "by": "points", "highestBonusOnly": true,
		"bonuses": [{"for": "record", "points": 5}, {"for": "win", "points": 3}, {"for": "personalBest", "points": 2}, {"for": "participation", "points": 1}]}]}`)
	season := Season{Category: sport.Open, Scheme: scheme, Stages: ridden(t,
		"wall | ana 600, bea 610, cas 620", // ana wins: 3; bea and cas ride: 1, 1. There is no record yet to beat.
		"wall | bea 595, ana 600, cas 615", // bea beats 600: 5; ana is as fast as before: 1; cas beats 620: 2
		"wall | bea 597, ana 599, cas 630", // bea wins: 3; ana beats 600: 2; cas rides: 1
		"wall | cas 590, ana 592, bea 600", // cas beats 595: 5; ana beats 599: 2, for only the winner has the record; bea rides: 1
	)}
	// ana 3+1+2+2 = 8; bea 1+5+3+1 = 10; cas 1+2+1+5 = 9
	wants(t, season, "ana bea cas", map[string]string{"Bests": "1 bea 10, 2 cas 9, 3 ana 8"})
}

// Points = riders beaten + 1 for taking part + 1 for a best.
func TestLeagueOfRidersBeaten(t *testing.T) {
	scheme := declared(t, onSegment, `{"classifications": [{"key": "Beaten", "name": "Riders beaten", "by": "points", "beaten": 1,
		"bonuses": [{"for": "participation", "points": 1}, {"for": "personalBest", "points": 1}]}]}`)
	season := Season{Category: sport.Open, Scheme: scheme, Stages: ridden(t,
		"wall | ana 600, bea 610, cas 620, dan 620", // ana 3+1, bea 2+1, cas 0+1, dan 0+1
		"wall | dan 605, ana 606, bea 607",          // dan 2+1+1, ana 1+1, bea 0+1+1
		"wall | dan 605, cas 610",                   // dan 1+1, as fast as before; cas 0+1+1
	)}
	// ana 4+2 = 6; bea 3+2 = 5; cas 1+2 = 3; dan 1+4+2 = 7
	wants(t, season, "ana bea cas dan", map[string]string{"Beaten": "1 dan 7, 2 ana 6, 3 bea 5, 4 cas 3"})
}

// Sum of ranks; a missed stage counts as the place behind the last.
func TestLeagueOfRanks(t *testing.T) {
	scheme := declared(t, onSegment, `{"classifications": [{"key": "Ranks", "name": "Sum of ranks", "by": "ranks", "missed": "slowest", "penalty": 1}]}`)
	season := Season{Category: sport.Open, Scheme: scheme, Stages: ridden(t,
		"| ana 600, bea 610, cas 610, dan 620", // 1 2 2 4
		"| bea 600, ana 610, dan 620",          // bea 1, ana 2, dan 3; cas 3+1 = 4
		"| cas 600, ana 610, bea 620, dan 620", // cas 1, ana 2, bea 3, dan 3
	)}
	// ana 1+2+2 = 5; bea 2+1+3 = 6; cas 2+4+1 = 7; dan 4+3+3 = 10
	wants(t, season, "ana bea cas dan", map[string]string{"Ranks": "1 ana 5, 2 bea 6, 3 cas 7, 4 dan 10"})
}

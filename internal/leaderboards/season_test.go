package leaderboards

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/sport"
)

// who is the id of a rider, by name.
func who(name string) uuid.UUID { return uuid.NewSHA1(uuid.NameSpaceOID, []byte(name)) }

// declared reads a scheme as an organiser's program would send it.
func declared(t testing.TB, terms Terms, data string) Scheme {
	t.Helper()
	var s Scheme
	if err := json.Unmarshal([]byte(data), &s); err != nil {
		t.Fatal(err)
	}
	s, err := s.Cleaned(terms)
	if err != nil {
		t.Fatalf("the scheme is refused: %v", err)
	}
	return s
}

var onSegment = Terms{Type: sport.SegmentChallenge, Categories: []sport.Category{sport.Open, sport.Women, sport.Men}}

// ridden makes stages of lines like "2026-01 flat double wall | ana 600*, bea 605": a month, and perhaps a type (mountain), an
// adjustment and a segment (the stage's own); then who rode it in how many seconds, in the order of the days. A star is for
// who rode first at all, (l) for who is limited.
func ridden(t testing.TB, lines ...string) []StageResults {
	t.Helper()
	var out []StageResults
	for i, line := range lines {
		head, results, _ := strings.Cut(line, "|")
		stage := Stage{ID: who(fmt.Sprint("stage ", i+1)), Number: i + 1, Type: sport.Mountain, Adjustment: sport.NoAdjustment,
			Measure: sport.ElapsedTime, Precision: 1000, Course: who(fmt.Sprint("segment ", i+1))}
		for _, word := range strings.Fields(head) {
			switch {
			case strings.HasPrefix(word, "20"):
				stage.Month = word
			case sport.StageType(word).OnSegment():
				stage.Type = sport.StageType(word)
			case slices.Contains(sport.PointsAdjustments, sport.PointsAdjustment(word)):
				stage.Adjustment = sport.PointsAdjustment(word)
			default:
				stage.Course = who(word)
			}
		}
		out = append(out, StageResults{stage, Confirmed, resultsOf(t, results, noon.AddDate(0, i, 0))})
	}
	return out
}

func resultsOf(t testing.TB, text string, start time.Time) []Result {
	t.Helper()
	var out []Result
	for _, one := range strings.Split(text, ",") {
		if one = strings.TrimSpace(one); one == "" {
			continue
		}
		name, value, _ := strings.Cut(one, " ")
		r := Result{AthleteID: who(name), AchievedAt: start.AddDate(0, 0, len(out))}
		value, r.Limited = strings.CutSuffix(value, "(l)")
		value, first := strings.CutSuffix(value, "*")
		if first {
			r.FirstAt = start.Add(-time.Hour)
		}
		seconds, err := strconv.ParseFloat(value, 64)
		if err != nil {
			t.Fatal(err)
		}
		r.Value = int64(seconds*1000 + 0.5)
		out = append(out, r)
	}
	return out
}

// tableOf is a table in a line: "1 ana 15, 2 bea 12"; who isn't classified stands at "-".
func tableOf(s Standings, names ...string) string {
	words := make([]string, len(s.Rows))
	byID := map[uuid.UUID]string{}
	for _, n := range names {
		byID[who(n)] = n
	}
	for i, r := range s.Rows {
		name := cmp.Or(byID[r.AthleteID], r.AthleteID.String()[:4])
		words[i] = fmt.Sprintf("%d %s %s", r.Rank, name, r.Total)
		if r.Rank == 0 {
			words[i] = fmt.Sprintf("- %s %s", name, r.Total)
		}
	}
	return strings.Join(words, ", ")
}

// wants compares the tables of a season, by key.
func wants(t testing.TB, s Season, names string, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	for _, table := range s.Standings() {
		got[table.Classification.Key] = tableOf(table, strings.Fields(names)...)
	}
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if got[key] != want[key] {
			t.Errorf("%s is\n\t%s\nwant\n\t%s", key, got[key], want[key])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d tables, want %d: %v", len(got), len(want), got)
	}
}

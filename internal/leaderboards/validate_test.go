package leaderboards

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

// refusedAs lists what is wrong with a scheme in JSON: field and code each.
func refusedAs(t *testing.T, terms Terms, data string) []string {
	t.Helper()
	var s Scheme
	if err := json.Unmarshal([]byte(data), &s); err != nil {
		return []string{"JSON"}
	}
	_, err := s.Cleaned(terms)
	var out []string
	for _, e := range refusal.All(err) {
		if e.Kind != refusal.Invalid || e.Detail == "" {
			t.Errorf("%+v has no words, or belongs to no field", e)
		}
		out = append(out, strings.TrimPrefix(e.Field, "scoring.")+" "+e.Code)
	}
	return out
}

func TestWhatASchemeCantBe(t *testing.T) {
	distance := Terms{Type: sport.DistanceChallenge, Categories: onSegment.Categories}
	race := Terms{Type: sport.RaceChallenge, Categories: onSegment.Categories, Goal: true}
	one := func(classification string) string {
		return `{"classifications": [{"key": "X", "name": "X", ` + classification + `}]}`
	}
	many := `{"key": "X", "name": "X", "by": "times"}` + strings.Repeat(`, {"by": "times"}`, 20)
	cases := []struct {
		name   string
		terms  Terms
		scheme string
		want   []string // field and code, without "scoring."
	}{
		{"nothing: the default", onSegment, `{}`, nil},
		{"hours alone, with the default", onSegment, `{"admission": {"hours": [{"days": ["sat"], "from": "08:00", "to": "12:00"}]}}`, nil},
		{"a time that isn't one", onSegment, `{"admission": {"hours": [{"from": "8 o'clock", "to": "12:00"}]}}`, []string{"JSON"}},
		{"a day that isn't one", onSegment, `{"admission": {"hours": [{"days": ["someday"], "from": "08:00", "to": "12:00"}], "maxAttempts": -1, "uploadHours": 100}}`,
			[]string{"admission.hours hours_invalid", "admission.maxAttempts max_attempts_invalid", "admission.uploadHours upload_hours_invalid"}},
		{"21 classifications", onSegment, `{"classifications": [` + many + `]}`, []string{"classifications too_many_classifications"}},
		{"the same key twice", onSegment, `{"classifications": [{"key": "GC", "name": "A", "by": "times"}, {"key": "gc", "name": "B", "by": "times"}]}`, []string{"classifications.1.key classification_key_twice"}},
		{"a name that is another's key", onSegment, `{"classifications": [{"key": "GC", "name": "A", "by": "times"}, {"key": "B", "name": "gc", "by": "times"}]}`, []string{"classifications.1.key classification_key_twice"}},
		{"no name", onSegment, `{"classifications": [{"by": "times"}]}`, []string{"classifications.0.name name_missing", "classifications.0.key classification_key_invalid"}},
		{"by nothing", onSegment, one(`"by": "luck"`), []string{"classifications.0.by classification_by_unknown"}},
		{"times of a distance", distance, one(`"by": "times"`), []string{"classifications.0.by classification_by_not_possible"}},
		{"times of a count", onSegment, `{"result": {"kind": "count"}, "classifications": [{"key": "X", "name": "X", "by": "times"}]}`, []string{"classifications.0.by classification_by_not_possible"}},
		{"totals of times", onSegment, one(`"by": "totals"`), []string{"classifications.0.by classification_by_not_possible"}},
		{"goals without one", distance, one(`"by": "goals"`), []string{"classifications.0.by classification_by_not_possible"}},
		{"a category that isn't there", onSegment, one(`"by": "times", "categories": ["Women", "50+"]`), []string{"classifications.0.categories classification_category_unknown"}},
		{"points for nothing", onSegment, one(`"by": "points"`), []string{"classifications.0.table points_missing"}},
		{"points beside times", onSegment, one(`"by": "times", "table": [3, 2]`), []string{"classifications.0.table points_not_possible"}},
		{"negative points", onSegment, one(`"by": "points", "table": [3, -2], "others": -1`), []string{"classifications.0.table points_negative", "classifications.0.others points_negative"}},
		{"a hole", onSegment, one(`"by": "points", "table": [10, 8, 0, 6]`), []string{"classifications.0.table points_table_hole"}},
		{"a hole left empty", onSegment, one(`"by": "points", "table": [10, null, 6]`), []string{"classifications.0.table points_table_hole"}},
		{"nothing for the first", onSegment, one(`"by": "points", "table": [0, 6]`), []string{"classifications.0.table points_table_hole"}},
		{"more for the second", onSegment, one(`"by": "points", "table": [5, 6]`), []string{"classifications.0.table points_table_rises"}},
		{"more for all others", onSegment, one(`"by": "points", "table": [5, 4], "others": 4.5`), []string{"classifications.0.table points_table_rises"}},
		{"a hole in the flat table", onSegment, one(`"by": "points", "table": [5], "tables": {"flat": [5, 0, 1]}`), []string{"classifications.0.tables.flat points_table_hole"}},
		{"a table of another type", onSegment, one(`"by": "points", "table": [5], "tables": {"race": [5], "downhill": [5]}`),
			[]string{"classifications.0.tables points_table_stage_type", "classifications.0.tables points_table_stage_type"}},
		{"an endless table", onSegment, one(`"by": "points", "table": [1` + strings.Repeat(", 1", 500) + `]`), []string{"classifications.0.table points_table_too_long"}},
		{"a million and one", onSegment, one(`"by": "points", "table": [1000001]`), []string{"classifications.0.table points_table_too_long"}},
		{"points that are no number", onSegment, one(`"by": "points", "table": ["ten"]`), []string{"JSON"}},
		{"points beyond counting", onSegment, one(`"by": "points", "table": [1e300]`), []string{"JSON"}},
		{"bonuses that are none", onSegment, one(`"by": "points", "bonuses": [{"for": "win", "points": 0}, {"for": "luck", "points": 1}, {"for": "first", "points": 1}, {"for": "first", "points": 2}]`),
			[]string{"classifications.0.bonuses bonus_invalid", "classifications.0.bonuses bonus_invalid", "classifications.0.bonuses bonus_invalid"}},
		{"unknown ties", onSegment, one(`"by": "times", "ties": "duel", "equals": "coin"`), []string{"classifications.0.ties ties_unknown", "classifications.0.equals equals_unknown"}},
		{"negative counts", onSegment, one(`"by": "times", "best": -1, "atLeast": 401`), []string{"classifications.0.best best_invalid", "classifications.0.atLeast at_least_invalid"}},
		{"the slowest's points", onSegment, one(`"by": "points", "table": [5], "missed": "slowest"`), []string{"classifications.0.missed missed_invalid"}},
		{"no time at all for a missed stage", onSegment, one(`"by": "times", "missed": "zero"`), []string{"classifications.0.missed missed_invalid"}},
		{"a penalty for nothing", onSegment, one(`"by": "times", "penalty": 5`), []string{"classifications.0.penalty penalty_invalid"}},
		{"a handicap on distances", distance, one(`"by": "totals", "handicap": true`), []string{"classifications.0.handicap handicap_not_possible"}},
		{"an unknown division", onSegment, one(`"by": "times", "division": "A"`), []string{"classifications.0.division division_unknown"}},
		{"moves without divisions", onSegment, one(`"by": "times", "relegated": 3`), []string{"classifications.0.relegated moves_invalid"}},
		{"teams without teams", onSegment, one(`"by": "times", "teams": true, "teamSize": 3`), []string{"classifications.0.teams teams_invalid"}},
		{"team times of however many", onSegment, `{"groups": [{"kind": "team", "name": "Reds"}], "classifications": [{"key": "X", "name": "X", "by": "times", "teams": true}]}`,
			[]string{"classifications.0.teams teams_invalid"}},
		{"a rider in two teams", onSegment, `{"groups": [{"kind": "team", "name": "Reds", "members": ["` + who("a").String() + `"]}, {"kind": "team", "name": "Blues", "members": ["` + who("a").String() + `"]}]}`,
			[]string{"groups groups_invalid"}},
		{"two teams of one name", onSegment, `{"groups": [{"kind": "team", "name": "Reds"}, {"kind": "team", "name": "reds"}]}`, []string{"groups groups_invalid"}},
		{"a group of another kind", onSegment, `{"groups": [{"kind": "choir", "name": "Reds"}]}`, []string{"groups groups_invalid"}},
		{"two handicaps", onSegment, `{"handicaps": [{"athleteId": "` + who("a").String() + `"}, {"athleteId": "` + who("a").String() + `"}]}`, []string{"handicaps handicaps_invalid"}},
		{"all of the time", onSegment, `{"handicaps": [{"athleteId": "` + who("a").String() + `", "percent": 100}]}`, []string{"handicaps handicaps_invalid"}},
		{"the sum of one", onSegment, `{"result": {"kind": "sum", "of": 1}}`, []string{"result stage_result_invalid"}},
		{"the total of times", onSegment, `{"result": {"kind": "total"}}`, []string{"result stage_result_invalid"}},
		{"a race counted", race, `{"result": {"kind": "count"}}`, []string{"result stage_result_invalid"}},
		{"an unknown result", onSegment, `{"result": {"kind": "worst"}}`, []string{"result stage_result_invalid"}},
	}
	for _, c := range cases {
		if diff := cmp.Diff(c.want, refusedAs(t, c.terms, c.scheme)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestWordsNameThePlace(t *testing.T) {
	for want, table := range map[string]Points{
		"place 3 has no points": {3000, 2000, 0, 1000}, "Place 2 has -1 points": {3000, -1000}, "Place 2 has more points (4)": {3000, 4000},
	} {
		if e := table.check(0); e == nil || !strings.Contains(e.Detail, want) {
			t.Errorf("%v: %v, want %q", table, e, want)
		}
	}
	if ErrPointsHole.Field != "table" || !errors.Is((Points{0}).check(0), ErrPointsHole) {
		t.Error("checking changed what everybody compares with")
	}
}

// Templates and defaults are schemes that an organiser may send, they survive the log, and the keys fit into addresses.
func TestTemplatesAreFine(t *testing.T) {
	check := func(name string, s Scheme, terms Terms) {
		clean, err := s.Cleaned(terms)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		data, err := json.Marshal(clean)
		var back Scheme
		if err != nil || json.Unmarshal(data, &back) != nil || cmp.Diff(s, back) != "" {
			t.Errorf("%s comes back as another: %v\n%s", name, err, cmp.Diff(s, back))
		}
	}
	count := 0
	for _, kind := range sport.ChallengeTypes {
		for _, recurs := range []bool{true, false} {
			check(string(kind), Default(kind, recurs), Terms{Type: kind, Goal: recurs})
		}
		for _, template := range TemplatesFor(kind) {
			count++
			check(template.Name, template.Scheme, Terms{Type: kind})
		}
		if len(TemplatesFor(kind)) == 0 {
			t.Errorf("no template for %s", kind)
		}
	}
	if count != 6+2 { // one suits three types
		t.Errorf("%d templates", count)
	}
	only := Scheme{Admission: sport.Admission{MaxAttempts: 3}}
	if full := only.Or(sport.SegmentChallenge, false); len(full.Classifications) != 3 || full.Admission.MaxAttempts != 3 {
		t.Errorf("%+v", full)
	}
}

func TestAmounts(t *testing.T) {
	for text, want := range map[string]Amount{"12": 12000, "-3": -3000, "13.5": 13500, "13,5": 13500, ".125": 125, "0": 0, "-0.001": -1} {
		got, err := ParseAmount(text)
		if err != nil || got != want {
			t.Errorf("%q is %d, %v", text, got, err)
		}
		var back Amount
		if data, err := json.Marshal(want); err != nil || json.Unmarshal(data, &back) != nil || back != want {
			t.Errorf("%d is stored as %s and read as %d", want, data, back)
		}
	}
	for _, text := range []string{"", ".", "-", "ten", "1.2345", "1.2.3", "1e3", "+1", "9999999999", "--1", "1 2"} {
		if got, err := ParseAmount(text); err == nil {
			t.Errorf("%q was taken for %v", text, got)
		}
	}
	if got := []string{Amount(13500).String(), Amount(-1).String(), Amount(7000).String()}; !slices.Equal(got, []string{"13.5", "-0.001", "7"}) {
		t.Error(got)
	}
}

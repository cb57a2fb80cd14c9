package leaderboards

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"segmentchallenge/internal/sport"
)

func TestParsePoints(t *testing.T) {
	for text, want := range map[string]Points{
		"": nil, "15 12 10": whole(15, 12, 10), " 15, 12 ,10,": whole(15, 12, 10), "15;12\n10": whole(15, 12, 10), "5-1": CountDown(5), "10 5-3 1": whole(10, 5, 4, 3, 1),
		"13.5 2": {13500, 2000}, "3-3": whole(3), "-3": {-3000}, "0": {0},
	} {
		if got, err := ParsePoints(text); err != nil || cmp.Diff(want, got) != "" {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	}
	for text, want := range map[string]error{
		"15,,10": ErrPointsHole, ",15": ErrPointsHole, "ten": ErrPointsUnreadable, "15 x": ErrPointsUnreadable, "1-5": ErrPointsRise, "5.5-1": ErrPointsUnreadable,
		"1-2-3": ErrPointsUnreadable, "999999-1": ErrPointsTooMany, "500-1 1": ErrPointsTooMany,
	} {
		if got, err := ParsePoints(text); !errors.Is(err, want) {
			t.Errorf("%q is %v, %v; want %v", text, got, err, want)
		}
	}
}

// What is read is written so that it is read as the same, whatever was typed.
func FuzzParsePoints(f *testing.F) {
	for _, seed := range []string{"15 12 10", "20-1", "15,,10", "13.5;2", "-1", "1e9", "9-\n8"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePoints(text)
		if err != nil {
			return
		}
		again, err := ParsePoints(p.String())
		if err != nil || cmp.Diff(p, again) != "" || len(p) > MaxTable {
			t.Errorf("%q is %v, and %v, %v", text, p, again, err)
		}
	})
}

// Every template shows an example in which each of its tables has somebody, and different riders stand differently.
func TestExamples(t *testing.T) {
	for _, kind := range sport.ChallengeTypes {
		for _, template := range TemplatesFor(kind) {
			e := template.Scheme.Example(kind, sport.Open)
			if len(e.Tables) != len(template.Scheme.Classifications) || len(e.Stages) != 3 {
				t.Errorf("%s for %s: %d tables", template.Name, kind, len(e.Tables))
			}
			for _, table := range e.Tables {
				if len(table.Rows) < 4 || table.Rows[0].Total == table.Rows[len(table.Rows)-1].Total {
					t.Errorf("%s for %s, %s: %+v", template.Name, kind, table.Classification.Name, table.Rows)
				}
				for _, r := range table.Rows {
					if e.Riders[r.AthleteID] == "" {
						t.Errorf("%s: %v has no name", template.Name, r.AthleteID)
					}
				}
			}
		}
	}
}

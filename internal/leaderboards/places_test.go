package leaderboards

import (
	"testing"

	"segmentchallenge/internal/sport"
)

func TestPlaces(t *testing.T) {
	tour := Scheme{}.Or(sport.SegmentChallenge, false)
	mountain := Stage{Type: sport.Mountain}
	for name, c := range map[string]struct {
		scheme   Scheme
		category sport.Category
		stage    Stage
		want     int
	}{
		"ten of the Tour":           {tour, sport.Women, mountain, 10},
		"none of a preview":         {tour, sport.Open, Stage{Type: sport.Mountain, Adjustment: sport.Preview}, 0},
		"ten of a double":           {tour, sport.Open, Stage{Type: sport.Flat, Adjustment: sport.Double}, 10},
		"the longest table":         {Scheme{Classifications: []Classification{{By: ByPoints, Table: Points{3, 2, 1}}, {By: ByPoints, Table: Points{5, 4, 3, 2, 1}}}}, sport.Open, mountain, 5},
		"that of the stage's type":  {Scheme{Classifications: []Classification{{By: ByPoints, Table: Points{3, 2, 1}, Tables: map[sport.StageType]Points{sport.Mountain: {1}}}}}, sport.Open, mountain, 1},
		"a type that takes no part": {Scheme{Classifications: []Classification{{By: ByPoints, Table: Points{3}, Tables: map[sport.StageType]Points{sport.Mountain: {}}}}}, sport.Open, mountain, 0},
		"another category's":        {Scheme{Classifications: []Classification{{By: ByPoints, Table: Points{3}, Categories: []sport.Category{sport.Women}}}}, sport.Men, mountain, 0},
		"times are added up":        {Scheme{Classifications: []Classification{{By: ByTimes}}}, sport.Open, mountain, 0},
	} {
		if got := c.scheme.Places(c.category, c.stage); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

package leaderboards

import (
	"cmp"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"segmentchallenge/internal/sport"
)

func athlete(n byte) uuid.UUID { return uuid.UUID{15: n} }

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func TestScore(t *testing.T) {
	seconds, tenths := Scale{sport.ElapsedTime, 1000}, Scale{sport.ElapsedTime, 100}
	metres := Scale{sport.Distance, 1000}
	cases := []struct {
		name  string
		scale Scale
		a, b  int64
		want  int // as cmp.Compare of the scores
	}{
		{"less time is better", seconds, 599_999, 600_000, -1},
		{"equal to the second", seconds, 600_000, 600_999, 0},
		{"not to the tenth", tenths, 600_000, 600_999, -1},
		{"equal to the tenth", tenths, 600_900, 600_999, 0},
		{"more distance is better", metres, 5_001_000, 5_000_999, -1},
		{"equal to the metre", metres, 5_000_000, 5_000_999, 0},
		{"no precision is the finest", Scale{Measure: sport.ElapsedTime}, 1, 2, -1},
	}
	for _, c := range cases {
		if got := cmp.Compare(c.scale.Score(c.a), c.scale.Score(c.b)); got != c.want {
			t.Errorf("%s: %d", c.name, got)
		}
		if got := cmp.Compare(c.scale.Score(c.b), c.scale.Score(c.a)); got != -c.want {
			t.Errorf("%s, the other way round: %d", c.name, got)
		}
	}
	if got := seconds.Gap(seconds.Score(605_400), seconds.Score(600_900)); got != 5000 {
		t.Errorf("gap of %d ms, want 5000 as people read it", got)
	}
	if got := metres.Gap(metres.Score(4_000_000), metres.Score(5_500_000)); got != 1_500_000 {
		t.Errorf("gap of %d mm", got)
	}
}

func TestEqualScoresShareARank(t *testing.T) {
	var table Table
	for _, k := range []Key{ // as listed: whoever achieved it first, then by id
		{602, noon, athlete(5)}, {601, noon.Add(time.Hour), athlete(1)}, {600, noon.Add(time.Hour), athlete(4)},
		{601, noon, athlete(3)}, {601, noon, athlete(2)},
	} {
		table = table.With(k)
	}
	var ranks []int
	var listed []byte
	for k := range table.From(0) {
		ranks, listed = append(ranks, table.Rank(k.Score)), append(listed, k.AthleteID[15])
	}
	if want := []int{1, 2, 2, 2, 5}; !slices.Equal(ranks, want) {
		t.Errorf("ranks %v, want %v", ranks, want)
	}
	if want := []byte{4, 2, 3, 1, 5}; !slices.Equal(listed, want) {
		t.Errorf("listed %v, want %v", listed, want)
	}
	if table.At(2).AthleteID != athlete(3) || table.Len() != 5 || table.Rank(599) != 1 || table.Rank(math.MaxInt64) != 6 {
		t.Errorf("third is %v of %d; 599 would be %d", table.At(2), table.Len(), table.Rank(599))
	}
}

func TestBetween(t *testing.T) {
	var table Table
	for n, score := range []int64{600, 601, 601, 602, 603} {
		table = table.With(Key{score, noon, athlete(byte(n))})
	}
	cases := []struct {
		better, worse int64
		n             int
		want          []uuid.UUID
	}{
		{600, 602, 9, []uuid.UUID{athlete(1), athlete(2), athlete(3)}},
		{601, math.MaxInt64, 9, []uuid.UUID{athlete(3), athlete(4)}},
		{599, 603, 2, []uuid.UUID{athlete(0), athlete(1)}},
		{601, 601, 9, nil},
		{700, 800, 9, nil},
	}
	for _, c := range cases {
		if got := table.Between(c.better, c.worse, c.n); !slices.Equal(got, c.want) {
			t.Errorf("between %d and %d: %v, want %v", c.better, c.worse, got, c.want)
		}
	}
}

// The same keys in any order, with others that came and went, make the same table, ranked as a plain sort says.
func TestAnyOrderRanksAlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var keys, passing []Key
		for n := range rapid.IntRange(0, 50).Draw(t, "athletes") {
			keys = append(keys, someKey(t, byte(n)))
		}
		for n := range rapid.IntRange(0, 20).Draw(t, "passing") {
			passing = append(passing, someKey(t, byte(100+n)))
		}
		var table Table
		for _, k := range rapid.Permutation(append(slices.Clone(keys), passing...)).Draw(t, "order") {
			table = table.With(k)
		}
		for _, k := range passing {
			table = table.Without(k)
		}
		slices.SortFunc(keys, Key.Compare)
		if got := slices.Collect(table.From(0)); !slices.Equal(got, keys) {
			t.Fatalf("listed %v, want %v", got, keys)
		}
		for i, k := range keys {
			rank := 1 + slices.IndexFunc(keys, func(o Key) bool { return o.Score == k.Score })
			if table.Rank(k.Score) != rank || table.At(i) != k {
				t.Fatalf("%v has rank %d, want %d", k, table.Rank(k.Score), rank)
			}
		}
	})
}

func someKey(t *rapid.T, n byte) Key {
	return Key{rapid.Int64Range(600, 606).Draw(t, "score"), noon.Add(time.Duration(rapid.IntRange(0, 2).Draw(t, "hours")) * time.Hour), athlete(n)}
}

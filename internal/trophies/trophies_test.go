package trophies

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// monday is that of the n-th week of 2026, counted from 1; the first begins in 2025.
func monday(n int) time.Time { return time.Date(2025, 12, 29+7*(n-1), 0, 0, 0, 0, time.UTC) }

func mondays(numbers ...int) (out []time.Time) {
	for _, n := range numbers {
		out = append(out, monday(n))
	}
	return out
}

func TestWeek(t *testing.T) {
	brussels := time.FixedZone("CEST", 2*3600)
	for _, c := range []struct {
		day  time.Time
		want time.Time
	}{
		{time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC), monday(1)},                                    // a Thursday
		{time.Date(2025, 12, 28, 23, 59, 0, 0, time.UTC), monday(0)},                                 // the Sunday before
		{time.Date(2025, 12, 29, 0, 0, 0, 0, time.UTC), monday(1)},                                   // the Monday
		{time.Date(2026, 5, 3, 23, 30, 0, 0, brussels), monday(18)},                                  // a Sunday there
		{time.Date(2026, 5, 4, 0, 30, 0, 0, brussels), monday(19)},                                   // a Monday there, a Sunday in UTC
		{time.Date(2024, 2, 29, 9, 0, 0, 0, time.UTC), time.Date(2024, 2, 26, 0, 0, 0, 0, time.UTC)}, // a leap day
	} {
		if got := Week(c.day); !got.Equal(c.want) {
			t.Errorf("%v is in the week of %v, want %v", c.day, got, c.want)
		}
	}
}

func TestStreaks(t *testing.T) {
	run := func(from, to int) (out []int) {
		for n := from; n <= to; n++ {
			out = append(out, n)
		}
		return out
	}
	for _, c := range []struct {
		name  string
		weeks []int
		today time.Time
		want  Streaks
	}{
		{"none", nil, monday(5), Streaks{}},
		{"this week", []int{5}, monday(5).AddDate(0, 0, 6), Streaks{Current: 1, Longest: 1}},
		{"last week, and this one is young", []int{4}, monday(5), Streaks{Current: 1, Longest: 1}},
		{"last week, until Sunday", []int{4}, monday(5).AddDate(0, 0, 6), Streaks{Current: 1, Longest: 1}},
		{"a whole week without", []int{4}, monday(6), Streaks{Longest: 1}},
		{"a gap", []int{1, 2, 3, 5}, monday(5), Streaks{Current: 1, Longest: 3}},
		{"a month", []int{1, 2, 3, 4}, monday(4), Streaks{Current: 4, Longest: 4, Reached: []Reached{{4, monday(4)}}}},
		{"in any order, and twice", []int{3, 1, 4, 2, 3}, monday(4), Streaks{Current: 4, Longest: 4, Reached: []Reached{{4, monday(4)}}}},
		{"the first time counts", append(run(1, 4), run(6, 13)...), monday(13), Streaks{Current: 8, Longest: 8, Reached: []Reached{{4, monday(4)}, {8, monday(13)}}}},
		{"over the turn of the year", run(50, 57), monday(57), Streaks{Current: 8, Longest: 8, Reached: []Reached{{4, monday(53)}, {8, monday(57)}}}},
		{"a year", run(1, 60), monday(70), Streaks{Longest: 60, Reached: []Reached{{4, monday(4)}, {8, monday(8)}, {13, monday(13)}, {26, monday(26)}, {52, monday(52)}}}},
	} {
		if diff := cmp.Diff(c.want, StreaksOf(mondays(c.weeks...), c.today)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// However weeks come, the streaks are those that counting by hand gives.
func TestStreaksAsCounted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ridden := rapid.SliceOfN(rapid.Bool(), 1, 80).Draw(t, "ridden")
		var weeks []time.Time
		longest, run := 0, 0
		for n, is := range ridden {
			run++
			if !is {
				run = 0
				continue
			}
			longest = max(longest, run)
			weeks = append(weeks, monday(n))
		}
		got := StreaksOf(rapid.Permutation(weeks).Draw(t, "order"), monday(len(ridden)-1))
		current := run
		if run == 0 && len(ridden) > 1 { // this week is still to come
			for n := len(ridden) - 2; n >= 0 && ridden[n]; n-- {
				current++
			}
		}
		if got.Longest != longest || got.Current != current {
			t.Fatalf("longest %d, current %d; want %d, %d", got.Longest, got.Current, longest, current)
		}
		for i, r := range got.Reached {
			if r.Weeks != Milestones[i] || r.Weeks > longest {
				t.Fatalf("reached %v with a longest of %d", got.Reached, longest)
			}
		}
	})
}

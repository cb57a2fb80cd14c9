package leaderboards

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"segmentchallenge/internal/sport"
)

func TestWords(t *testing.T) {
	want := []string{
		"General: points for each stage, added up; the most comes first. Places give 15, 12, 10, 8, 6, 5, 4, 3, 2 and 1 points. Equal results each get the points of their place, and the next place follows on.",
		"Mountains: points for each stage, added up; the most comes first. Mountain stages give 10, 8, 6, 4 and 2 points. Rolling stages give 5, 4, 3, 2 and 1 points. Flat stages don't count here. A queen stage counts double. Equal results each get the points of their place, and the next place follows on.",
		"Sprint: points for each stage, added up; the most comes first. Mountain stages don't count here. Rolling stages give 5, 4, 3, 2 and 1 points. Flat stages give 10, 8, 6, 4 and 2 points. Equal results each get the points of their place, and the next place follows on.",
	}
	if diff := cmp.Diff(want, Tour().Words()); diff != "" {
		t.Errorf("the Tour (-want +got):\n%s", diff)
	}
	templates := TemplatesFor(sport.SegmentChallenge)
	for i, want := range map[int]string{
		1: "League: points for each stage, added up; the most comes first. Places give 20, 19, 18 … down to 1 points, and everybody else 1. Bonus: 1 point for who is the first to bring a result. Equal results share the places that they take up. Your best 6 stages count. With equal totals more wins decide, then more second places, and so on.",
		2: "Total time: the times of the stages added up; the least comes first, and who has ridden more stages before who has ridden fewer. A missed stage counts as the slowest time in the category + 1 s.",
	} {
		if diff := cmp.Diff(want, templates[i].Scheme.Words()[0]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", templates[i].Name, diff)
		}
	}
	scheme := Scheme{Result: sport.StageResult{Kind: sport.SumOfBest, Of: 3}, Groups: []Group{{Kind: Division, Key: "A", Name: "Division A"}},
		Classifications: []Classification{{Name: "Women", Categories: []sport.Category{sport.Women, "Women 40-49"}, Division: "A", By: ByRanks, Missed: MissedSlowest,
			Penalty: Whole, Ties: TiesSplit, AtLeast: 3, Relegated: 3, Promoted: 2, ToStay: 7, Handicap: true}}}
	got := strings.Join(scheme.Words(), "\n")
	for _, words := range []string{"The result of a stage is the sum of your 3 best efforts", "Women (Women and Women 40-49) of Division A: the places on the stages added up",
		"each athlete's handicap is taken off first", "Equal results share the places", "To be classified in the end you need 3 stages.",
		"A missed stage counts as the last place in the category + 1.", "The first 2 move up. The last 3 move down. Who has ridden fewer than 7 stages moves down too."} {
		if !strings.Contains(got, words) {
			t.Errorf("%q isn't said in\n%s", words, got)
		}
	}
}

// Whatever a scheme says, its words are sentences: each bonus, tie and rule has some.
func TestEverythingHasWords(t *testing.T) {
	for _, b := range BonusesFor {
		if bonusWords[b] == "" {
			t.Errorf("no words for the bonus %s", b)
		}
	}
	for _, by := range []By{ByPoints, ByTimes, ByTotals, ByRanks, ByGoals} {
		if words := (Classification{Name: "X", By: by}).Words(nil); strings.HasPrefix(words, ": .") {
			t.Errorf("no words for %s", by)
		}
	}
	for _, kind := range sport.ChallengeTypes {
		for _, template := range TemplatesFor(kind) {
			for _, s := range template.Scheme.Words() {
				if strings.Contains(s, "  ") || !strings.HasSuffix(s, ".") {
					t.Errorf("%s: %q", template.Name, s)
				}
			}
		}
	}
}

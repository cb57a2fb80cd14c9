package readmodel_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
)

// What the preview of an approval promises is what the approval does, by whatever rules. Stages are approved in their
// order, as the challenge wants it, so that after the last nothing is provisional and the tables can be compared as wholes.
func TestApprovalsKeepTheirPromise(t *testing.T) {
	for name, scheme := range schemes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dice := rand.New(rand.NewPCG(11, uint64(len(name))))
			l := newLeague(newWorld(t), "promise", scheme, 12)
			for n := range 3 {
				l.stage(sport.SegmentStageTypes[n], []sport.PointsAdjustment{sport.NoAdjustment, sport.Queen, sport.Double}[n], 3+n/2, n%2)
			}
			l.host()
			for range 60 {
				l.ride(dice.IntN(3), dice.IntN(12), 600+dice.IntN(8), max(0, dice.IntN(60)-30))
			}
			l.limit(3, true)
			l.adjust(5, 0, 2*leaderboards.Whole)
			for n := range 3 {
				l.settle()
				promised := ok(readmodel.ApprovalOf(t.Context(), l.pool, l.id, l.stages[n].ID, sport.Open, 50))
				if len(promised) == 0 {
					t.Fatal("no tables")
				}
				l.approve(n)
				l.settle()
				for _, a := range promised {
					l.keeps(a, n == 2)
				}
			}
		})
	}
}

// keeps compares a promise with the confirmed totals of those in it, and with the ranks where nothing is provisional.
func (l *league) keeps(a readmodel.Approval, whole bool) {
	l.Helper()
	promised, is := map[string]string{}, map[string]string{}
	words := func(rank int, total readmodel.Milli) string {
		if !whole {
			rank = 0
		}
		return fmt.Sprint(rank, " ", total.Float())
	}
	for _, r := range a.Rows {
		promised[r.Name] = words(r.After, r.Has)
	}
	page := ok(readmodel.ChallengeStandings(l.Context(), l.pool, readmodel.StandingsQuery{ChallengeID: l.id, Category: sport.Open, Classification: a.Classification.Key, Limit: 50}))
	for _, e := range page.Entries {
		if _, in := promised[e.Name]; in || whole {
			is[e.Name] = words(e.Rank, e.Confirmed)
		}
	}
	if diff := cmp.Diff(promised, is); diff != "" || a.Of == 0 {
		l.Errorf("%s (-promised +is):\n%s", a.Classification.Key, diff)
	}
}

func TestAnApprovalInNumbers(t *testing.T) {
	l := newWorld(t).someLeague()
	l.settle()
	all := ok(readmodel.ApprovalOf(t.Context(), l.pool, l.id, l.stages[1].ID, sport.Open, 2))
	// Stage 1 gave 0 15, 1 12, 2 10 and 0 has 2.5 by hand; stage 2 counts double: 1 30, 2 24.
	expect(t, "general", names(all[0].Rows, func(r readmodel.ApprovalRow) string {
		return fmt.Sprintf("%s %v→%v %d→%d (%+d)", r.Name, r.Had.Float(), r.Has.Float(), r.Before, r.After, r.Places())
	}), "Rider 1 12→42 2→1 (+1), Rider 2 10→34 3→2 (+1)")
	if all[0].Of != 3 || all[0].Category != sport.Open || len(all) != 2 { // a flat stage is nothing for the mountains
		t.Errorf("%+v", all)
	}
	expect(t, "a sprint that nobody had", names(all[1].Rows, func(r readmodel.ApprovalRow) string { return fmt.Sprint(r.Name, r.Before, r.After) }), "Rider 10 1, Rider 20 2")
}

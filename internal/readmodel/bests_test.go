package readmodel_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
)

// TestBests: a ride that counts in two challenges is one, and others see neither what came from private rides nor what
// was for unlisted challenges alone.
func TestBests(t *testing.T) {
	w := newWorld(t)
	ana := w.athlete(1, "Ana", "A", sport.Female)
	hill, lane := w.segment(1, ana, "Hill", 50, 4), w.segment(2, ana, "Lane", 51, 4)
	cup, second := w.challenge(1, ana, "Cup", nil), w.challenge(2, ana, "Second", nil)
	secret := w.challenge(3, ana, "Secret", func(e *challenges.Created) { e.Private = true })
	overHill, again, unlisted, overLane := w.stage(cup, 1, hill, nil), w.stage(second, 1, hill, nil), w.stage(secret, 1, hill, nil), w.stage(cup, 2, lane, nil)
	ride := func(challenge, stage uuid.UUID, n, lap int, ms int64, private bool) {
		p := performance(stage, id("activity", n), lap, ms)
		p.StartUTC = start.Add(time.Duration(n)*time.Hour + time.Duration(lap)*time.Minute)
		w.record(competitorStream(challenge, ana), competitors.EffortAccepted{Ref: competitors.Ref{ChallengeID: challenge, AthleteID: ana}, StageID: stage,
			Activity: competitors.Activity{ID: id("activity", n), Type: sport.Ride, Private: private}, Performance: p, Standing: &competitors.Standing{Value: ms}})
	}
	ride(cup, overHill, 1, 1, 250_000, false)
	ride(second, again, 1, 1, 250_000, false) // the same
	ride(cup, overHill, 1, 2, 240_000, false) // another lap of it
	ride(cup, overHill, 2, 1, 260_000, false)
	ride(cup, overHill, 3, 1, 230_000, true)
	ride(secret, unlisted, 4, 1, 220_000, false)
	ride(cup, overLane, 0, 1, 100_000, false)
	w.settle()
	line := func(b readmodel.Best) string {
		return fmt.Sprintf("%s %v of %d, latest %v %v", b.SegmentName, b.Best.Float(), b.Efforts, b.Latest.Float(), b.Times)
	}
	for name, c := range map[string]struct {
		viewer actor.Actor
		want   string
	}{
		"others":  {actor.Actor{}, "Hill 240 of 3, latest 260 [250000 240000 260000], Lane 100 of 1, latest 100 [100000]"},
		"herself": {actor.Athlete(ana), "Hill 220 of 5, latest 220 [250000 240000 260000 230000 220000], Lane 100 of 1, latest 100 [100000]"},
	} {
		expect(t, name, names(ok(readmodel.Bests(t.Context(), w.pool, c.viewer, ana, 10)), line), c.want)
	}
	best := ok(readmodel.Bests(t.Context(), w.pool, actor.Actor{}, ana, 1))
	expect(t, "one, when", []any{len(best), best[0].BestAt.UTC(), best[0].LatestAt.UTC()}, []any{1, start.Add(time.Hour + 2*time.Minute), start.Add(2*time.Hour + time.Minute)})
	for n := range 20 {
		ride(cup, overLane, 10+n, 1, int64(90_000-n*1000), false)
	}
	w.settle()
	lanes := ok(readmodel.Bests(t.Context(), w.pool, actor.Actor{}, ana, 1))[0]
	expect(t, "the last twelve", []any{lanes.Efforts, len(lanes.Times), lanes.Times[0].Float(), lanes.Times[11].Float()}, []any{21, 12, 82.0, 71.0})
}

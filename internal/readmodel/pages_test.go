package readmodel_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

func TestGatheredForAPage(t *testing.T) {
	w := newWorld(t)
	ana, ben, cleo := w.athlete(1, "Ana", "A", sport.Female), w.athlete(2, "Ben", "B", sport.Male), w.athlete(3, "Cleo", "C", sport.Female)
	col, wall := w.segment(1, ana, "Col", 46, 7), w.segment(2, ben, "Wall", 50, 4)
	c := w.challenge(1, ana, "Hills", nil)
	unlisted := w.challenge(2, ana, "Unlisted", func(e *challenges.Created) { e.Private = true })
	first, second := w.stage(c, 1, col, nil), w.stage(c, 2, wall, func(d *stages.Definition) { d.Hidden, d.OrganiserID = true, ana })
	third := w.stage(unlisted, 1, col, nil)
	w.host(c, first, second)
	w.host(unlisted, third)
	w.run(c, first)
	for i, a := range []uuid.UUID{ana, ben, cleo} {
		w.place(first, sport.Open, a, int64(100_000+max(0, i-1)*5000), i+1) // Ana and Ben share the first place
	}
	w.place(third, sport.Open, ben, 90_000, 1)
	w.settle()

	of := func(challenge, athlete uuid.UUID) string {
		return names(ok(readmodel.OwnResults(t.Context(), w.pool, challenge, athlete)), func(r readmodel.OwnResult) string {
			return fmt.Sprintf("%v %s %d. %v %d", r.StageID == first, r.Category, r.Rank, r.Value.Float(), r.Attempts)
		})
	}
	expect(t, "own", of(c, cleo), "true Open 3. 105 3")
	expect(t, "own, sharing a place", of(c, ben), "true Open 1. 100 2")
	expect(t, "own, elsewhere", of(unlisted, cleo), "")

	podium := func(n int) string {
		return names(ok(readmodel.Podiums(t.Context(), w.pool, c, n)), func(p readmodel.PodiumEntry) string {
			return fmt.Sprintf("%d. %s %v", p.Rank, p.Name, p.Value.Float())
		})
	}
	expect(t, "podium", podium(3), "1. Ana A 100, 1. Ben B 100, 3. Cleo C 105")
	expect(t, "podium of two", podium(2), "1. Ana A 100, 1. Ben B 100")

	times := ok(readmodel.StageTimes(t.Context(), w.pool, []uuid.UUID{c, unlisted}))
	expect(t, "times", len(times), 3)
	expect(t, "no challenges", len(ok(readmodel.StageTimes(t.Context(), w.pool, nil))), 0)

	on := func(viewer actor.Actor, segment uuid.UUID) string {
		return names(ok(readmodel.StagesOn(t.Context(), w.pool, viewer, segment, 10)), func(s readmodel.Stage) string {
			return s.ChallengeName + " " + s.Name
		})
	}
	expect(t, "ridden in", on(actor.Actor{}, col), "Hills Stage 1")
	expect(t, "a secret", on(actor.Athlete(ben), wall), "")
	expect(t, "the organiser's secret", on(actor.Athlete(ana), wall), "Hills Stage 2")
}

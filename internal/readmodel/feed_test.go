package readmodel_test

import (
	"errors"
	"fmt"
	"testing"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

func TestFeed(t *testing.T) {
	w, c, stage, r := boardOf(t, 3)
	ana, ben, cy := r[0], r[1], r[2]
	w.run(c, stage)
	for _, a := range r {
		w.join(c, a, sport.Female)
	}
	w.place(stage, sport.Open, ana, 250_000, 1)
	w.place(stage, sport.Women, ana, 250_000, 1)
	w.place(stage, sport.Open, ben, 240_000, 1) // takes the lead
	w.place(stage, sport.Women, ben, 240_000, 1)
	slower := performance(stage, id("activity", 9), 1, 260_000)
	w.record(competitorStream(c, ben), competitors.EffortAccepted{Ref: competitors.Ref{ChallengeID: c, AthleteID: ben}, StageID: stage,
		Performance: slower, Categories: []sport.Category{sport.Open}})
	w.record(competitorStream(c, ben), competitors.EffortFlagged{Ref: competitors.Ref{ChallengeID: c, AthleteID: ben}, StageID: stage,
		EffortID: slower.EffortID, Reason: "short cut"})
	w.record(competitorStream(c, cy), competitors.Excluded{Ref: competitors.Ref{ChallengeID: c, AthleteID: cy}, Reason: "car"},
		competitors.EffortRemoved{Ref: competitors.Ref{ChallengeID: c, AthleteID: cy}, StageID: stage, Code: "excluded", Detail: "Excluded."})
	w.board(stage, sport.Open, stageboard.Finalise{Head: w.boardHead(stage, sport.Open)})
	w.record(eventstore.StreamName("stage", stage), stages.Approved{Ref: stages.Ref{StageID: stage, ChallengeID: c}, Number: 1, Message: "Bravo."})
	w.settle()

	line := func(f readmodel.FeedItem) string {
		s := string(f.Type)
		if f.AthleteName != "" {
			s += " " + f.AthleteName
		}
		if f.OtherName != "" {
			s += " to " + f.OtherName
		}
		if f.Category != "" {
			s += " in " + string(f.Category)
		}
		if f.Data.To > 0 {
			s += fmt.Sprintf(" %d→%d of %d, %v +%v", f.Data.From, f.Data.To, f.Data.Of, f.Data.Value.Float(), f.Data.Gap.Float())
		}
		return s + f.Data.Message + f.Data.Reason
	}
	feed := func(q readmodel.FeedQuery) string {
		t.Helper()
		rows, _ := page(readmodel.Feed(t.Context(), w.pool, q))
		return names(rows, line)
	}
	const ofStage = "stage_approvedBravo., stage_won A1 in Open, effort_flagged A1short cut, attempted A1, led A1 in Women 0→1 of 2, 240 +0, " +
		"recorded A1 in Open 0→1 of 2, 240 +0, led A0 in Women 0→1 of 1, 250 +0, recorded A0 in Open 0→1 of 1, 250 +0, stage_started"
	expect(t, "stage", feed(readmodel.FeedQuery{StageID: stage}), ofStage)
	expect(t, "challenge", feed(readmodel.FeedQuery{ChallengeID: c}), "stage_approvedBravo., stage_won A1 in Open, excluded A2car, "+
		"effort_flagged A1short cut, attempted A1, led A1 in Women 0→1 of 2, 240 +0, recorded A1 in Open 0→1 of 2, 240 +0, "+
		"led A0 in Women 0→1 of 1, 250 +0, recorded A0 in Open 0→1 of 1, 250 +0, joined A2, joined A1, joined A0, stage_started, "+
		"challenge_started, challenge_hosted")
	const public = "led A0 in Women 0→1 of 1, 250 +0, recorded A0 in Open 0→1 of 1, 250 +0, joined A0"
	expect(t, "athlete, seen by others", feed(readmodel.FeedQuery{Viewer: actor.Athlete(ben), AthleteID: ana}), public)
	expect(t, "own", feed(readmodel.FeedQuery{Viewer: actor.Athlete(ana), AthleteID: ana}),
		"lost_place A0 to A1 in Open 1→2 of 2, 0 +0, "+public+", challenge_created A0")
	dashboard, _ := page(readmodel.Feed(t.Context(), w.pool, readmodel.FeedQuery{Viewer: actor.Athlete(ana), Dashboard: true}))
	expect(t, "dashboard", len(dashboard), 17)
	visitors, _ := page(readmodel.Feed(t.Context(), w.pool, readmodel.FeedQuery{}))
	expect(t, "everybody's", len(visitors), 15)
	expect(t, "where", []any{visitors[0].ChallengeSlug, visitors[0].ChallengeName, visitors[0].StageSlug, visitors[0].StageNumber, visitors[0].StageType},
		[]any{"challenge-1", "Tour", "stage-1", 1, sport.Mountain})

	var paged []readmodel.FeedItem
	for next := ""; ; {
		var rows []readmodel.FeedItem
		rows, next = page(readmodel.Feed(t.Context(), w.pool, readmodel.FeedQuery{StageID: stage, Limit: 2, Before: next}))
		paged = append(paged, rows...)
		if next == "" {
			break
		}
	}
	expect(t, "in pages", names(paged, line), ofStage)
	if _, _, err := readmodel.Feed(t.Context(), w.pool, readmodel.FeedQuery{StageID: stage, Before: "x"}); !errors.Is(err, readmodel.ErrCursor) {
		t.Errorf("a garbled cursor: %v", err)
	}
}

func TestFeedOfPrivateChallenges(t *testing.T) {
	w := newWorld(t)
	ana := w.athlete(1, "Ana", "A", sport.Female)
	c := w.challenge(1, ana, "Secret", func(e *challenges.Created) { e.Private = true })
	w.host(c)
	w.join(c, ana, sport.Female)
	w.settle()
	count := func(q readmodel.FeedQuery) int {
		rows, _ := page(readmodel.Feed(t.Context(), w.pool, q))
		return len(rows)
	}
	expect(t, "by its link, to others, everybody's, own", []int{count(readmodel.FeedQuery{ChallengeID: c}), count(readmodel.FeedQuery{AthleteID: ana}),
		count(readmodel.FeedQuery{}), count(readmodel.FeedQuery{AthleteID: ana, Viewer: actor.Athlete(ana)})}, []int{2, 0, 0, 2})
}

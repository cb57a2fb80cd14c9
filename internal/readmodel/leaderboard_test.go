package readmodel_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

// boardOf is a hosted challenge with one stage, and n athletes called A0, A1 …
func boardOf(t testing.TB, n int) (w *world, challenge, stage uuid.UUID, riders []uuid.UUID) {
	w = newWorld(t)
	for i := range n {
		riders = append(riders, w.athlete(i, fmt.Sprint("A", i), "", sport.Female))
	}
	challenge = w.challenge(1, riders[0], "Tour", nil)
	stage = w.stage(challenge, 1, w.segment(1, riders[0], "Col", 46, 7), nil)
	w.host(challenge, stage)
	return w, challenge, stage, riders
}

// show writes a board as rank, name, gap, gap above and change of rank.
func show(entries []readmodel.BoardEntry) string {
	return names(entries, func(e readmodel.BoardEntry) string {
		change := fmt.Sprintf("%+d", e.RankChange)
		if e.New {
			change = "new"
		}
		return fmt.Sprintf("%d %s +%v +%v %s", e.Rank, e.Name, e.Gap.Float(), e.GapAbove.Float(), change)
	})
}

func TestStageBoard(t *testing.T) {
	w, challenge, stage, r := boardOf(t, 5)
	board := func(q readmodel.BoardQuery) readmodel.Board {
		t.Helper()
		w.settle()
		q.StageID, q.Category = stage, cmp.Or(q.Category, sport.Open)
		return ok(readmodel.StageBoard(t.Context(), w.pool, q))
	}
	empty := board(readmodel.BoardQuery{})
	expect(t, "empty", []any{len(empty.Entries), empty.Athletes, empty.Final, empty.Measure, empty.NextCursor}, []any{0, 0, false, sport.ElapsedTime, ""})

	w.place(stage, sport.Open, r[0], 252_300, 1)
	best := w.place(stage, sport.Open, r[2], 249_900, 1)
	w.place(stage, sport.Open, r[1], 249_100, 1) // the same second as r[2], but later
	w.place(stage, sport.Open, r[3], 300_000, 1)
	b := board(readmodel.BoardQuery{})
	expect(t, "ties share a rank, the first to achieve it is listed first", show(b.Entries),
		"1 A2 +0 +0 new, 1 A1 +0 +0 new, 3 A0 +3 +3 new, 4 A3 +51 +48 new")
	expect(t, "entry", []any{b.Entries[0].EffortID, b.Entries[0].Value, b.Entries[0].RankedValue, b.Entries[0].Attempts, b.Athletes},
		[]any{best, readmodel.Milli(249_900), readmodel.Milli(249_000), 1, 4})

	w.place(stage, sport.Open, r[3], 240_000, 2) // 4th to 1st
	version := board(readmodel.BoardQuery{}).Version
	w.place(stage, sport.Open, r[2], 239_999, 3) // 2nd to 1st: A3 loses one of the three places
	b = board(readmodel.BoardQuery{})
	expect(t, "moves", show(b.Entries), "1 A2 +0 +0 +1, 2 A3 +1 +1 +2, 3 A1 +10 +9 new, 4 A0 +13 +3 new")
	if b.Version <= version {
		t.Errorf("version %d isn't after %d", b.Version, version)
	}
	w.place(stage, sport.Open, r[3], 240_000, 3) // one more attempt, no better
	expect(t, "an attempt that is no better", show(board(readmodel.BoardQuery{}).Entries[1:2]), "2 A3 +1 +1 +2")
	expect(t, "attempts", board(readmodel.BoardQuery{}).Entries[1].Attempts, 3)

	w.board(stage, sport.Open, stageboard.Withdraw{Head: w.boardHead(stage, sport.Open), AthleteID: r[2], Seq: w.now.UnixMilli()})
	w.record(competitorStream(challenge, r[3]), competitors.Joined{Ref: competitors.Ref{ChallengeID: challenge, AthleteID: r[3]}},
		competitors.Limited{Ref: competitors.Ref{ChallengeID: challenge, AthleteID: r[3]}, Reason: "motor"})
	b = board(readmodel.BoardQuery{})
	expect(t, "withdrawn", show(b.Entries), "1 A3 +0 +0 +3, 2 A1 +9 +9 new, 3 A0 +12 +3 new")
	expect(t, "limited", []bool{b.Entries[0].Limited, b.Entries[1].Limited}, []bool{true, false})
	expect(t, "count", b.Athletes, 3)

	w.board(stage, sport.Open, stageboard.Finalise{Head: w.boardHead(stage, sport.Open)})
	expect(t, "final", board(readmodel.BoardQuery{}).Final, true)
	expect(t, "other categories", board(readmodel.BoardQuery{Category: sport.Women}).Athletes, 0)
	heads := ok(readmodel.Boards(t.Context(), w.pool, stage))
	expect(t, "boards", names(heads, func(h readmodel.BoardHead) string { return string(h.Category) }), "Open, Women, Men")
	if _, err := readmodel.StageBoard(t.Context(), w.pool, readmodel.BoardQuery{StageID: stage, Category: "Tandem"}); !errors.Is(err, readmodel.ErrNoBoard) {
		t.Errorf("an unknown category: %v", err)
	}
	s := ok(readmodel.StageByID(t.Context(), w.pool, actor.Actor{}, stage))
	expect(t, "leader of the stage", []any{s.LeaderName, s.LeaderValue, s.Athletes}, []any{"A3", readmodel.Milli(240_000), 3})
}

func TestBoardWhereMostIsBest(t *testing.T) {
	w := newWorld(t)
	r := []uuid.UUID{w.athlete(0, "A0", "", sport.Male), w.athlete(1, "A1", "", sport.Male), w.athlete(2, "A2", "", sport.Male)}
	c := w.challenge(1, r[0], "Distance", func(e *challenges.Created) {
		e.Type, e.Goal = sport.DistanceChallenge, &sport.Goal{Value: 100, Units: "kilometres", Recurrence: sport.Once}
	})
	stage := w.stage(c, 1, uuid.Nil, func(d *stages.Definition) { d.Type = sport.DistanceStage })
	w.open(c, stage, sport.Open, sport.Distance, 1000)
	w.place(stage, sport.Open, r[0], 42_195_000, 1)
	w.place(stage, sport.Open, r[1], 150_000_999, 1)
	w.place(stage, sport.Open, r[2], 150_000_000, 1)
	w.settle()
	b := ok(readmodel.StageBoard(t.Context(), w.pool, readmodel.BoardQuery{StageID: stage, Category: sport.Open}))
	expect(t, "most first", show(b.Entries), "1 A1 +0 +0 new, 1 A2 +0 +0 new, 3 A0 +107805 +107805 new")
	expect(t, "ranked value", b.Entries[0].RankedValue, readmodel.Milli(150_000_000))
	expect(t, "progress", *b.Entries[2].GoalProgress, 42.195)
}

func TestBoardPages(t *testing.T) {
	w, _, stage, r := boardOf(t, 12)
	for i, a := range r { // 100, 100, 101, 101, …: pairs
		w.place(stage, sport.Open, a, int64(100_000+i/2*1000), 1)
	}
	w.settle()
	ranks := func(entries []readmodel.BoardEntry) string {
		return names(entries, func(e readmodel.BoardEntry) string {
			return fmt.Sprintf("%d:%s+%v", e.Rank, e.Name, e.GapAbove.Float())
		})
	}
	get := func(q readmodel.BoardQuery) readmodel.Board {
		t.Helper()
		q.StageID, q.Category = stage, sport.Open
		return ok(readmodel.StageBoard(t.Context(), w.pool, q))
	}
	const all = "1:A0+0, 1:A1+0, 3:A2+1, 3:A3+0, 5:A4+1, 5:A5+0, 7:A6+1, 7:A7+0, 9:A8+1, 9:A9+0, 11:A10+1, 11:A11+0"
	expect(t, "all", ranks(get(readmodel.BoardQuery{}).Entries), all)
	for limit := 1; limit <= 13; limit++ {
		var byOffset, byCursor []readmodel.BoardEntry
		for offset := 0; offset < 12; offset += limit {
			b := get(readmodel.BoardQuery{Limit: limit, Offset: offset})
			byOffset = append(byOffset, b.Entries...)
			expect(t, "offset", b.Offset, offset)
			expect(t, "is there more", b.NextCursor != "", offset+limit < 12)
		}
		expect(t, fmt.Sprintf("pages of %d by offset", limit), ranks(byOffset), all)
		for next := ""; ; {
			b := get(readmodel.BoardQuery{Limit: limit, Cursor: next})
			expect(t, "offset by cursor", b.Offset, len(byCursor))
			byCursor = append(byCursor, b.Entries...)
			if next = b.NextCursor; next == "" {
				break
			}
		}
		expect(t, fmt.Sprintf("pages of %d by cursor", limit), ranks(byCursor), all)
	}
	expect(t, "around", ranks(get(readmodel.BoardQuery{Limit: 4, Around: r[5]}).Entries), "3:A3+0, 5:A4+1, 5:A5+0, 7:A6+1")
	expect(t, "around the first", ranks(get(readmodel.BoardQuery{Limit: 3, Around: r[0]}).Entries), "1:A0+0, 1:A1+0, 3:A2+1")
	expect(t, "around nobody", ranks(get(readmodel.BoardQuery{Limit: 2, Around: id("nobody", 1)}).Entries), "1:A0+0, 1:A1+0")
	expect(t, "beyond the end", len(get(readmodel.BoardQuery{Offset: 99}).Entries), 0)
	for i, a := range r {
		e, found, err := readmodel.BoardEntryOf(t.Context(), w.pool, stage, sport.Open, a)
		expect(t, "entry", []any{e.Rank, e.Name, found, err}, []any{i/2*2 + 1, fmt.Sprint("A", i), true, nil})
	}
	_, found, err := readmodel.BoardEntryOf(t.Context(), w.pool, stage, sport.Women, r[0])
	expect(t, "not on the board", []any{found, err}, []any{false, nil})
	if _, err := readmodel.StageBoard(t.Context(), w.pool, readmodel.BoardQuery{StageID: stage, Category: sport.Open, Cursor: "AAAA"}); !errors.Is(err, readmodel.ErrCursor) {
		t.Errorf("a garbled cursor: %v", err)
	}
}

// TestBoardLikeASortedList compares any page of a board with a list that was sorted afresh.
func TestBoardLikeASortedList(t *testing.T) {
	w, challenge, _, r := boardOf(t, 20)
	type result struct {
		score int64
		at    time.Time
	}
	n := 100
	rapid.Check(t, func(rt *rapid.T) {
		n++
		stage := id("stage", n)
		w.open(challenge, stage, sport.Open, sport.ElapsedTime, 1000)
		standing := map[int]result{}
		for range rapid.IntRange(1, 30).Draw(rt, "changes") {
			i := rapid.IntRange(0, len(r)-1).Draw(rt, "athlete")
			if _, on := standing[i]; on && rapid.IntRange(0, 4).Draw(rt, "leaves") == 0 {
				w.board(stage, sport.Open, stageboard.Withdraw{Head: w.boardHead(stage, sport.Open), AthleteID: r[i], Seq: w.now.UnixMilli()})
				delete(standing, i)
				continue
			}
			value := rapid.Int64Range(100_000, 110_000).Draw(rt, "value") // some ten seconds: ties are common
			standing[i] = result{value / 1000, w.now}
			w.place(stage, sport.Open, r[i], value, 1)
		}
		want := make([]int, 0, len(standing))
		for i := range standing {
			want = append(want, i)
		}
		slices.SortFunc(want, func(a, b int) int {
			return cmp.Or(cmp.Compare(standing[a].score, standing[b].score), standing[a].at.Compare(standing[b].at))
		})
		offset, limit := rapid.IntRange(0, 21).Draw(rt, "offset"), rapid.IntRange(1, 21).Draw(rt, "limit")
		w.settle()
		b := ok(readmodel.StageBoard(t.Context(), w.pool, readmodel.BoardQuery{StageID: stage, Category: sport.Open, Offset: offset, Limit: limit}))
		page := want[min(offset, len(want)):min(offset+limit, len(want))]
		if len(b.Entries) != len(page) {
			rt.Fatalf("%d entries, want %d", len(b.Entries), len(page))
		}
		for k, i := range page {
			better := 0
			for _, o := range standing {
				if o.score < standing[i].score {
					better++
				}
			}
			e := b.Entries[k]
			gap := (standing[i].score - standing[want[0]].score) * 1000
			if e.AthleteID != r[i] || e.Rank != better+1 || e.Gap != readmodel.Milli(gap) {
				rt.Fatalf("line %d: %s on rank %d with gap %d, want A%d on rank %d with gap %d", offset+k, e.Name, e.Rank, e.Gap, i, better+1, gap)
			}
		}
	})
}

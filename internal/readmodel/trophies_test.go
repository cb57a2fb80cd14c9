package readmodel_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/leaderboards/challengeboard"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/trophies"
)

// standings ends a challenge's board, as the challenge's approval does.
func (w *world) standings(challenge uuid.UUID, c sport.Category, achieved []uuid.UUID, podiums ...challengeboard.Podium) {
	ref := challengeboard.Ref{ChallengeID: challenge, Category: c}
	events := []eventstore.Event{challengeboard.Finalised{Ref: ref, Stages: 1, Podiums: podiums}}
	if len(achieved) > 0 {
		events = append(events, challengeboard.GoalsAchieved{Ref: ref, Part: 1, Athletes: achieved})
	}
	w.record(eventstore.StreamName("challengeboard", uuid.NewSHA1(challenge, []byte(c))), events...)
}

func podium(classification, name string, athletes ...uuid.UUID) challengeboard.Podium {
	p := challengeboard.Podium{Classification: classification, Name: name, Of: 9}
	for i, a := range athletes {
		p.Places = append(p.Places, challengeboard.Placing{Rank: i + 1, AthleteID: a, Total: 10 * leaderboards.Whole})
	}
	return p
}

func (w *world) trophies(viewer actor.Actor, athlete uuid.UUID) string {
	w.Helper()
	w.settle()
	return names(ok(readmodel.Trophies(w.Context(), w.pool, viewer, athlete)), func(t readmodel.Trophy) string {
		return fmt.Sprintf("%s %d of %d %s %s%s %s", t.Kind, t.Place, t.Of, t.Category, t.StageName, t.ClassificationName, t.ChallengeName)
	})
}

func TestTrophies(t *testing.T) {
	w, c, stage, r := boardOf(t, 4)
	for i, value := range []int64{250_000, 240_000, 250_000, 260_000} { // the second before two that are level
		w.place(stage, sport.Open, r[i], value, 1)
	}
	w.place(stage, sport.Women, r[0], 250_000, 1)
	for _, category := range []sport.Category{sport.Open, sport.Women} {
		w.board(stage, category, stageboard.Finalise{Head: w.boardHead(stage, category)})
	}
	w.standings(c, sport.Open, []uuid.UUID{r[0], r[3]}, podium("gc", "General", r[1], r[0]), podium("kom", "Mountains", r[3]))
	w.standings(c, sport.Women, []uuid.UUID{r[0]}, podium("gc", "General", r[0]))
	visitor := actor.Actor{}
	expect(t, "two seconds", w.trophies(visitor, r[0]), "classification 1 of 9 Women General Tour, classification 2 of 9 Open General Tour, "+
		"goal 0 of 0   Tour, stage 1 of 1 Women Stage 1 Tour, stage 2 of 4 Open Stage 1 Tour")
	expect(t, "the winner", w.trophies(visitor, r[1]), "classification 1 of 9 Open General Tour, stage 1 of 4 Open Stage 1 Tour")
	expect(t, "level with the second", w.trophies(visitor, r[2]), "stage 2 of 4 Open Stage 1 Tour")
	expect(t, "the fourth", w.trophies(visitor, r[3]), "classification 1 of 9 Open Mountains Tour, goal 0 of 0   Tour")

	// A correction takes back what it changes, and gives anew.
	w.record(eventstore.StreamName("stageboard", stageboard.IDOf(stage, sport.Open)),
		stageboard.Reopened{Ref: stageboard.Ref{StageID: stage, ChallengeID: c, Category: sport.Open}})
	w.record(eventstore.StreamName("challengeboard", uuid.NewSHA1(c, []byte(sport.Open))), challengeboard.Reopened{Ref: challengeboard.Ref{ChallengeID: c, Category: sport.Open}})
	expect(t, "while it is corrected", w.trophies(visitor, r[1]), "")
	expect(t, "other boards stand", w.trophies(visitor, r[0]), "classification 1 of 9 Women General Tour, stage 1 of 1 Women Stage 1 Tour")
	w.record(eventstore.StreamName("stageboard", stageboard.IDOf(stage, sport.Open)),
		stageboard.Finalised{Ref: stageboard.Ref{StageID: stage, ChallengeID: c, Category: sport.Open}, Of: 3, Podium: []uuid.UUID{r[3], r[2], r[0]}, PodiumRanks: []int{1, 2, 3}})
	w.standings(c, sport.Open, []uuid.UUID{r[3]}, podium("gc", "General", r[3]))
	expect(t, "corrected", w.trophies(visitor, r[3]), "classification 1 of 9 Open General Tour, goal 0 of 0   Tour, stage 1 of 3 Open Stage 1 Tour")
	expect(t, "no winner any more", w.trophies(visitor, r[1]), "")

	w.settle()
	told, _ := page(readmodel.Feed(t.Context(), w.pool, readmodel.FeedQuery{ChallengeID: c, Limit: 100}))
	count := map[string]int{}
	for _, f := range told {
		if f.Type == readmodel.FeedGoalAchieved || f.Type == readmodel.FeedClassificationWon {
			count[string(f.Type)+" "+f.AthleteName+" "+f.Data.Classification]++
		}
	}
	expect(t, "goals are told once, wins each time", count, map[string]int{"goal_achieved A0 ": 1, "goal_achieved A3 ": 1,
		"classification_won A1 General": 1, "classification_won A3 Mountains": 1, "classification_won A0 General": 1, "classification_won A3 General": 1})
}

// Boards that were final before events told ranks have a podium in order.
func TestTrophiesOfOldBoards(t *testing.T) {
	w, c, stage, r := boardOf(t, 4)
	w.record(eventstore.StreamName("stageboard", stageboard.IDOf(stage, sport.Open)),
		stageboard.Finalised{Ref: stageboard.Ref{StageID: stage, ChallengeID: c, Category: sport.Open}, Of: 4, Podium: r})
	expect(t, "third", w.trophies(actor.Actor{}, r[2]), "stage 3 of 4 Open Stage 1 Tour")
	expect(t, "fourth", w.trophies(actor.Actor{}, r[3]), "")
}

func TestTrophiesOfPrivateChallenges(t *testing.T) {
	w := newWorld(t)
	ana := w.athlete(1, "Ana", "A", sport.Female)
	c := w.challenge(1, ana, "Secret", func(e *challenges.Created) { e.Private = true })
	w.standings(c, sport.Open, nil, podium("gc", "General", ana))
	expect(t, "to others", w.trophies(actor.Athlete(id("athlete", 2)), ana), "")
	expect(t, "to herself", w.trophies(actor.Athlete(ana), ana), "classification 1 of 9 Open General Secret")
}

func TestTrophyCase(t *testing.T) {
	w, c, stage, r := boardOf(t, 1)
	for week := range 5 {
		day := start.AddDate(0, 0, 7*week)
		p := performance(stage, id("activity", week), 1, 250_000)
		p.StartUTC, p.StartLocal = day, sport.LocalOf(day)
		w.record(competitorStream(c, r[0]), competitors.EffortAccepted{Ref: competitors.Ref{ChallengeID: c, AthleteID: r[0]}, StageID: stage,
			Activity: competitors.Activity{ID: id("activity", week), Type: sport.Ride}, Performance: p, Standing: &competitors.Standing{Value: 250_000}})
	}
	w.settle()
	athlete := ok(readmodel.AthleteByID(t.Context(), w.pool, r[0]))
	won, streaks, err := readmodel.TrophyCase(t.Context(), w.pool, actor.Actor{}, athlete, start.AddDate(0, 0, 30))
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "streaks", []int{streaks.Current, streaks.Longest}, []int{5, 5})
	expect(t, "trophies", []any{len(won), won[0].Kind, won[0].Weeks, won[0].WonAt.Format("2006-01-02")}, []any{1, trophies.Streak, 4, "2026-05-18"})

	w.record(competitorStream(c, r[0]), competitors.EffortFlagged{Ref: competitors.Ref{ChallengeID: c, AthleteID: r[0]}, StageID: stage,
		EffortID: competitors.EffortIDOf(stage, id("activity", 2), 1), Reason: "a car"})
	w.settle()
	won, streaks, err = readmodel.TrophyCase(t.Context(), w.pool, actor.Actor{}, athlete, start.AddDate(0, 0, 30))
	expect(t, "one effort was taken away", []any{len(won), streaks.Current, streaks.Longest, err}, []any{0, 2, 2, nil})
}

// A goal is told of when it is reached, not before, not twice; and again after it was lost.
func TestGoalsInTheFeed(t *testing.T) {
	w := newWorld(t)
	ana := w.athlete(1, "Ana", "A", sport.Female)
	c := w.challenge(1, ana, "Hundred", func(e *challenges.Created) {
		e.Type, e.Goal = sport.DistanceChallenge, &sport.Goal{Value: 100, Units: "kilometres", Recurrence: sport.Once}
	})
	stage := w.stage(c, 1, uuid.Nil, nil)
	w.host(c)
	ride := func(n int, total int64) {
		p := performance(stage, id("activity", n), 1, 1)
		w.record(competitorStream(c, ana), competitors.EffortAccepted{Ref: competitors.Ref{ChallengeID: c, AthleteID: ana}, StageID: stage,
			Performance: p, Standing: &competitors.Standing{Value: total * 1000}})
	}
	told := func() (n int) {
		w.settle()
		rows, _ := page(readmodel.Feed(t.Context(), w.pool, readmodel.FeedQuery{StageID: stage, Limit: 100}))
		for _, f := range rows {
			if f.Type == readmodel.FeedGoalReached {
				n++
			}
		}
		return n
	}
	ride(1, 99_999)
	expect(t, "a metre short", told(), 0)
	ride(2, 100_000)
	expect(t, "reached", told(), 1)
	ride(3, 150_000)
	expect(t, "not twice", told(), 1)
	w.record(competitorStream(c, ana), competitors.EffortRemoved{Ref: competitors.Ref{ChallengeID: c, AthleteID: ana}, StageID: stage,
		Code: "activity_deleted", Standing: &competitors.Standing{Value: 120_000_000}})
	ride(4, 160_000)
	expect(t, "still reached", told(), 1)
	w.record(competitorStream(c, ana), competitors.EffortRemoved{Ref: competitors.Ref{ChallengeID: c, AthleteID: ana}, StageID: stage, Code: "left"})
	ride(5, 100_000)
	expect(t, "lost, and reached again", told(), 2)
}

package readmodel

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	rules "segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/sport"
)

// Finish is what making a challenge final would do to the standings of a category.
type Finish struct {
	Tables []Approval  // each classification: as it is confirmed now, and for good
	Goals  []uuid.UUID // who has reached the goal on every stage, which is a trophy
}

// FinishOf works out, by the rules that approving a challenge itself uses, what its standings would be for good: rules that
// wait for the end count then, such as the stages that are needed to be classified. Only confirmed stages count, so it is a promise
// once every stage is approved. Each table has its first so many rows. Nothing before the challenge is hosted.
func FinishOf(ctx context.Context, db DB, challengeID uuid.UUID, category sport.Category, limit int) (Finish, error) {
	k := standingsKey{challengeID, category}
	record, err := one[boardRecord](ctx, db, ErrNoStandings, boardRecords+` and b.category = $2`, challengeID, category)
	if errors.Is(err, ErrNoStandings) {
		return Finish{}, nil
	}
	if err != nil {
		return Finish{}, err
	}
	b, err := standingsBoardOf(ctx, db, record, k)
	if err != nil {
		return Finish{}, err
	}
	given, err := scoredLines(ctx, db, b, true, nil)
	if err != nil {
		return Finish{}, err
	}
	given = slices.DeleteFunc(given, func(s rules.Scored) bool { return s.Phase != rules.Confirmed })
	adjusted, err := adjustmentsOf(ctx, db, k, true, nil)
	if err != nil {
		return Finish{}, err
	}
	out := Finish{Goals: reachedAll(given)}
	for _, c := range b.scheme.For(k.category) {
		byHand := adjusted
		if c.Teams {
			byHand = nil
		}
		before, after := rules.Tabulate(c, b.scheme.Groups, given, byHand, false).Rows, rules.Tabulate(c, b.scheme.Groups, given, byHand, true).Rows
		a := Approval{Category: k.category, Classification: c, Of: len(after), Rows: approvalRows(before, after, limit)}
		if err := a.name(ctx, db, b.scheme); err != nil {
			return Finish{}, err
		}
		out.Tables = append(out.Tables, a)
	}
	return out, nil
}

// reachedAll are those who have reached the goal on each stage that has one.
func reachedAll(given []rules.Scored) []uuid.UUID {
	reached, stages := map[uuid.UUID]int{}, 0
	var all []uuid.UUID
	for _, stage := range given {
		if stage.Goal == 0 {
			continue
		}
		stages++
		for _, line := range stage.Lines {
			if !line.Goal {
				continue
			}
			if reached[line.AthleteID]++; reached[line.AthleteID] == 1 {
				all = append(all, line.AthleteID)
			}
		}
	}
	return slices.DeleteFunc(all, func(id uuid.UUID) bool { return reached[id] < stages })
}

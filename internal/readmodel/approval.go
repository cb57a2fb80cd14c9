package readmodel

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	rules "segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/sport"
)

// Approval is what making a stage final would do to one classification: what is confirmed now, and what would be. Stages
// that are still under way are left out of both, for their points may change.
type Approval struct {
	Category       sport.Category
	Classification rules.Classification
	Of             int           // rows that it would have
	Rows           []ApprovalRow // the first of them, by the rank that they would have
}

// ApprovalRow is an athlete's row (or a team's) before and after. A rank of 0 is no row, or too few stages.
type ApprovalRow struct {
	AthleteID     uuid.UUID
	Person              // of a team, its name
	Before, After int   // ranks
	Had, Has      Milli // totals: points, seconds, metres or places
}

// Places is how many places the row would gain; less than 0: lose. Who is new in the table gains none.
func (r ApprovalRow) Places() int {
	if r.Before == 0 || r.After == 0 {
		return 0
	}
	return r.Before - r.After
}

// ApprovalOf works out, by the rules that approval itself uses, what making a stage final would do to each classification
// of a category that the stage takes part in, with the first so many rows of each. Nothing for a stage that gives no points,
// and before the challenge is hosted.
func ApprovalOf(ctx context.Context, db DB, challengeID, stageID uuid.UUID, category sport.Category, limit int) ([]Approval, error) {
	k := standingsKey{challengeID, category}
	record, err := one[boardRecord](ctx, db, ErrNoStandings, boardRecords+` and b.category = $2`, challengeID, category)
	if errors.Is(err, ErrNoStandings) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	b, err := standingsBoardOf(ctx, db, record, k)
	if err != nil {
		return nil, err
	}
	stage, known := b.stages[stageID]
	if !known || stage.deleted {
		return nil, nil
	}
	given, err := scoredLines(ctx, db, b, true, nil)
	if err != nil {
		return nil, err
	}
	given = slices.DeleteFunc(given, func(s rules.Scored) bool { return s.Phase != rules.Confirmed || s.ID == stageID })
	gives, err := asApproved(ctx, db, b, stageID)
	if err != nil {
		return nil, err
	}
	adjusted, err := adjustmentsOf(ctx, db, k, true, nil)
	if err != nil {
		return nil, err
	}
	var out []Approval
	for _, c := range b.scheme.For(k.category) {
		if !c.Takes(stage.Stage) {
			continue
		}
		byHand := adjusted
		if c.Teams {
			byHand = nil
		}
		before := rules.Tabulate(c, b.scheme.Groups, given, byHand, b.final).Rows
		after := rules.Tabulate(c, b.scheme.Groups, append(slices.Clone(given), gives), byHand, b.final).Rows
		a := Approval{Category: k.category, Classification: c, Of: len(after), Rows: approvalRows(before, after, limit)}
		if err := a.name(ctx, db, b.scheme); err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

// standingsBoardOf reads a board as the projector does, for who only looks.
func standingsBoardOf(ctx context.Context, db DB, record boardRecord, k standingsKey) (*standingsBoard, error) {
	b := &standingsBoard{standingsKey: k, scheme: record.Scheme, final: record.Final, limited: map[uuid.UUID]bool{}}
	var err error
	if b.stages, err = stagesOfBoard(ctx, db, k); err != nil {
		return nil, err
	}
	rows, err := db.Query(ctx, `select athlete_id from standing_limited where challenge_id = $1 and category = $2`, k.challenge, k.category)
	if err != nil {
		return nil, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	for _, id := range ids {
		b.limited[id] = true
	}
	return b, err
}

// asApproved is what a stage would give if its results were final as they are. Bonuses may go by what came before it.
func asApproved(ctx context.Context, db DB, b *standingsBoard, stageID uuid.UUID) (rules.Scored, error) {
	rows, err := db.Query(ctx, `select r.stage_id, r.athlete_id, r.value, r.achieved_at, r.first_at from standing_results r
		join standing_stages s on s.stage_id = r.stage_id where s.challenge_id = $1 and not s.deleted and r.category = $2 and (r.stage_id = $3 or $4)`,
		b.challenge, b.category, stageID, b.scheme.NeedsPast())
	if err != nil {
		return rules.Scored{}, err
	}
	results := map[uuid.UUID][]rules.Result{}
	var id uuid.UUID
	var r rules.Result
	if _, err = pgx.ForEachRow(rows, []any{&id, &r.AthleteID, &r.Value, &r.AchievedAt, &r.FirstAt}, func() error {
		r.Limited = b.limited[r.AthleteID]
		results[id] = append(results[id], r)
		return nil
	}); err != nil {
		return rules.Scored{}, err
	}
	season := rules.Season{Category: b.category, Scheme: b.scheme}
	for id, stage := range b.stages {
		one := rules.StageResults{Stage: stage.Stage, Phase: rules.Awaited, Results: results[id]}
		if id == stageID || len(one.Results) > 0 {
			one.Phase = rules.Confirmed
		}
		if !stage.deleted {
			season.Stages = append(season.Stages, one)
		}
	}
	for _, scored := range season.Score() {
		if scored.ID == stageID {
			return scored, nil
		}
	}
	return rules.Scored{}, ErrNoStage
}

// approvalRows sets the tables beside each other. Rows that would leave the table have no place in it.
func approvalRows(before, after []rules.Row, limit int) []ApprovalRow {
	was := make(map[uuid.UUID]rules.Row, len(before))
	for _, r := range before {
		was[r.AthleteID] = r
	}
	out := make([]ApprovalRow, 0, min(limit, len(after)))
	for _, r := range after[:min(limit, len(after))] {
		old := was[r.AthleteID]
		out = append(out, ApprovalRow{AthleteID: r.AthleteID, Before: old.Rank, After: r.Rank, Had: Milli(old.Total), Has: Milli(r.Total)})
	}
	return out
}

func (a *Approval) name(ctx context.Context, db DB, scheme rules.Scheme) error {
	people := map[uuid.UUID]Person{}
	for _, g := range scheme.Groups {
		people[g.ID()] = Person{Name: g.Name}
	}
	if !a.Classification.Teams {
		ids := make([]uuid.UUID, len(a.Rows))
		for i, r := range a.Rows {
			ids[i] = r.AthleteID
		}
		var err error
		if people, err = People(ctx, db, ids); err != nil {
			return err
		}
	}
	for i := range a.Rows {
		a.Rows[i].Person = people[a.Rows[i].AthleteID]
	}
	return nil
}

package readmodel

import (
	"context"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	rules "segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/sport"
)

// tabulate makes the rows of some athletes, or all, anew from their lines, and writes those that differ.
func (s *settling) tabulate(k standingsKey, who *someone) error {
	b, err := s.board(k)
	if err != nil || b == nil {
		return err
	}
	all := who.all || who.missing && everybodys(b.scheme, k.category)
	if !all && len(who.ids) == 0 {
		return nil
	}
	ids := who.list()
	scored, err := scoredLines(s.w.ctx, s.w.tx, b, all, ids)
	if err != nil {
		return err
	}
	adjusted, err := adjustmentsOf(s.w.ctx, s.w.tx, k, all, ids)
	if err != nil {
		return err
	}
	for _, c := range b.scheme.For(k.category) {
		if c.Teams {
			if err := s.teams(b, c); err != nil {
				return err
			}
			continue
		}
		table := rules.Tabulate(c, b.scheme.Groups, scored, adjusted, b.final)
		if err := s.write(b, c, all, ids, table.Rows); err != nil {
			return err
		}
	}
	if who.all { // by other rules
		return s.dropOthers(b)
	}
	return s.w.send()
}

// teams makes a table of teams anew as a whole: what one member does changes what the others count.
func (s *settling) teams(b *standingsBoard, c rules.Classification) error {
	var members []uuid.UUID
	for _, g := range b.scheme.Groups {
		if g.Kind == rules.Team {
			members = append(members, g.Members...)
		}
	}
	scored, err := scoredLines(s.w.ctx, s.w.tx, b, false, members)
	if err != nil {
		return err
	}
	table := rules.Tabulate(c, b.scheme.Groups, scored, nil, b.final)
	return s.write(b, c, true, nil, table.Rows)
}

// everybodys says whether a missed stage, or the end of the challenge, changes the rows of all.
func everybodys(s rules.Scheme, category sport.Category) bool {
	return slices.ContainsFunc(s.For(category), func(c rules.Classification) bool { return c.Missed != rules.MissedNothing || c.AtLeast > 0 })
}

// stagesOfBoard are the stages of a challenge as the rules need to know them.
func stagesOfBoard(ctx context.Context, db DB, k standingsKey) (map[uuid.UUID]standingsStage, error) {
	rows, err := db.Query(ctx, `select s.stage_id, s.number, s.type, s.adjustment, coalesce(s.segment_id, '00000000-0000-0000-0000-000000000000'),
			s.month, s.measure, s.precision, c.goal, s.deleted, x.stage_id is not null, x.worst
		from standing_stages s left join standing_challenges c on c.challenge_id = s.challenge_id
		left join standing_scored x on x.stage_id = s.stage_id and x.category = $2
		where s.challenge_id = $1`, k.challenge, k.category)
	if err != nil {
		return nil, err
	}
	out := map[uuid.UUID]standingsStage{}
	for rows.Next() {
		var one standingsStage
		var goal *sport.Goal
		if err := rows.Scan(&one.ID, &one.Number, &one.Type, &one.Adjustment, &one.Course, &one.Month, &one.Measure, &one.Precision, &goal,
			&one.deleted, &one.scored, &one.worst); err != nil {
			rows.Close()
			return nil, err
		}
		if goal != nil && !one.Measure.Ascending() {
			one.Goal = int64(math.Round(goal.Base() * 1000))
		}
		out[one.ID] = one
	}
	return out, rows.Err()
}

// scoredLines reads what the stages give to some athletes, or all.
func scoredLines(ctx context.Context, db DB, b *standingsBoard, all bool, ids []uuid.UUID) ([]rules.Scored, error) {
	sql := `select stage_id, provisional, line from standing_lines where challenge_id = $1 and category = $2`
	args := []any{b.challenge, b.category}
	if !all {
		sql, args = sql+` and athlete_id = any($3)`, append(args, ids)
	}
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	by := map[uuid.UUID]*rules.Scored{}
	for id, stage := range b.stages {
		if stage.scored {
			by[id] = &rules.Scored{Stage: stage.Stage, Phase: rules.Confirmed, Worst: stage.worst}
		}
	}
	for rows.Next() {
		var stage uuid.UUID
		var provisional bool
		var line rules.Line
		if err := rows.Scan(&stage, &provisional, &line); err != nil {
			rows.Close()
			return nil, err
		}
		one := by[stage]
		if one == nil {
			one = &rules.Scored{Stage: b.stages[stage].Stage, Phase: rules.Running}
			by[stage] = one
		}
		one.Lines = append(one.Lines, line)
	}
	out := make([]rules.Scored, 0, len(by))
	for _, one := range by {
		out = append(out, *one)
	}
	return out, rows.Err()
}

func adjustmentsOf(ctx context.Context, db DB, k standingsKey, all bool, ids []uuid.UUID) ([]rules.Adjustment, error) {
	sql := `select classification, athlete_id, points, reason from standing_adjustments where challenge_id = $1 and category = $2`
	args := []any{k.challenge, k.category}
	if !all {
		sql, args = sql+` and athlete_id = any($3)`, append(args, ids)
	}
	rows, err := db.Query(ctx, sql+` order by position`, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (a rules.Adjustment, err error) {
		var points int64
		err = row.Scan(&a.Classification, &a.AthleteID, &points, &a.Reason)
		a.Points = rules.Amount(points)
		return a, err
	})
}

// standingRow is a row as it is stored.
type standingRow struct {
	AthleteID  uuid.UUID
	Total      int64
	Confirmed  int64
	Adjusted   int64
	Goals      int
	Value      int64
	Stages     int
	AchievedAt time.Time
	SortKey    []int64
}

func (r standingRow) same(o standingRow) bool {
	return r.AthleteID == o.AthleteID && r.Total == o.Total && r.Confirmed == o.Confirmed && r.Adjusted == o.Adjusted && r.Goals == o.Goals &&
		r.Value == o.Value && r.Stages == o.Stages && r.AchievedAt.Equal(o.AchievedAt) && slices.Equal(r.SortKey, o.SortKey)
}

func storedRow(r rules.Row) standingRow {
	return standingRow{r.AthleteID, int64(r.Total), int64(r.Confirmed), int64(r.Adjusted), r.Goals, r.Value, r.Stages, r.AchievedAt, r.Key}
}

// write replaces rows by those that differ, and keeps count of them.
func (s *settling) write(b *standingsBoard, c rules.Classification, all bool, ids []uuid.UUID, rows []rules.Row) error {
	sql := `select athlete_id, total, confirmed, adjusted, goals, value, stages, achieved_at, sort_key from standing_rows
		where challenge_id = $1 and category = $2 and classification = $3`
	args := []any{b.challenge, b.category, c.Key}
	if !all {
		sql, args = sql+` and athlete_id = any($4)`, append(args, ids)
	}
	stored, err := list[standingRow](s.w.ctx, s.w.tx, sql, args...)
	if err != nil {
		return err
	}
	before := make(map[uuid.UUID]standingRow, len(stored))
	for _, r := range stored {
		before[r.AthleteID] = r
	}
	var changed []standingRow
	for _, r := range rows {
		row := storedRow(r)
		if old, known := before[r.AthleteID]; !known || !old.same(row) {
			changed = append(changed, row)
		}
		delete(before, r.AthleteID)
	}
	s.upsert(b, c, changed)
	if len(before) > 0 {
		s.w.exec(`delete from standing_rows where challenge_id = $1 and category = $2 and classification = $3 and athlete_id = any($4)`,
			b.challenge, b.category, c.Key, slices.Collect(maps.Keys(before)))
	}
	if more := len(rows) - len(stored); more != 0 || all {
		// None is no key, so that the tables are the same whether there were some in between or not.
		s.w.exec(`update standing_boards set rows = (rows - $3::text) || case coalesce((rows ->> $3)::int, 0) + $4::int when 0 then '{}'
			else jsonb_build_object($3::text, coalesce((rows ->> $3)::int, 0) + $4::int) end
			where challenge_id = $1 and category = $2`, b.challenge, b.category, c.Key, more)
	}
	return nil
}

func (s *settling) upsert(b *standingsBoard, c rules.Classification, rows []standingRow) {
	if len(rows) == 0 {
		return
	}
	n := len(rows)
	ids, keys, at := make([]uuid.UUID, n), make([]string, n), make([]time.Time, n)
	total, confirmed, adjusted, value := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	goals, stages := make([]int, n), make([]int, n)
	for i, r := range rows {
		ids[i], keys[i], at[i] = r.AthleteID, arrayText(r.SortKey), r.AchievedAt
		total[i], confirmed[i], adjusted[i], value[i], goals[i], stages[i] = r.Total, r.Confirmed, r.Adjusted, r.Value, r.Goals, r.Stages
	}
	s.w.exec(`insert into standing_rows (challenge_id, category, classification, athlete_id, total, confirmed, adjusted, goals, value, stages, achieved_at, sort_key)
		select $1, $2, $3, t.id, t.total, t.confirmed, t.adjusted, t.goals, t.value, t.stages, t.at, t.key::bigint[]
		from unnest($4::uuid[], $5::bigint[], $6::bigint[], $7::bigint[], $8::int[], $9::bigint[], $10::int[], $11::timestamptz[], $12::text[])
			as t (id, total, confirmed, adjusted, goals, value, stages, at, key)
		on conflict (challenge_id, category, classification, athlete_id) do update set total = excluded.total, confirmed = excluded.confirmed,
			adjusted = excluded.adjusted, goals = excluded.goals, value = excluded.value, stages = excluded.stages, achieved_at = excluded.achieved_at, sort_key = excluded.sort_key`,
		b.challenge, b.category, c.Key, ids, total, confirmed, adjusted, goals, value, stages, at, keys)
}

// arrayText is an array of numbers as PostgreSQL reads it.
func arrayText(all []int64) string {
	words := make([]string, len(all))
	for i, n := range all {
		words[i] = strconv.FormatInt(n, 10)
	}
	return "{" + strings.Join(words, ",") + "}"
}

// dropOthers takes away the rows of classifications that the scheme hasn't any more.
func (s *settling) dropOthers(b *standingsBoard) error {
	keys := []string{}
	for _, c := range b.scheme.For(b.category) {
		keys = append(keys, c.Key)
	}
	s.w.exec(`delete from standing_rows where challenge_id = $1 and category = $2 and not classification = any($3)`, b.challenge, b.category, keys)
	s.w.exec(`update standing_boards b set rows = coalesce((select jsonb_object_agg(e.key, e.value) from jsonb_each(b.rows) e where e.key = any($3)), '{}')
		where challenge_id = $1 and category = $2 and exists (select from jsonb_object_keys(b.rows) k where not k = any($3))`, b.challenge, b.category, keys)
	return s.w.send()
}

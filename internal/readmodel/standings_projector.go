package readmodel

import (
	"encoding/json"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/eventstore"
	rules "segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/leaderboards/challengeboard"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

var standingsFamily = Projector{
	Name: StandingsModel,
	Tables: []string{"standing_challenges", "standing_stages", "standing_boards", "standing_scored", "standing_results", "standing_limited",
		"standing_adjustments", "standing_lines", "standing_rows"},
	Types: append(typesOf(challenges.Created{}, challenges.StageAdded{}, challenges.StageRescheduled{}, challenges.StageRemoved{}, challenges.ScoringSet{},
		stages.Described{}, stages.SegmentChanged{}, stages.PointsAdjusted{}, stages.Deleted{}, athletes.Erased{},
		stageboard.Opened{}, stageboard.Placed{}, stageboard.Withdrawn{}), typesOf(eventsOf(challengeboard.Events)...)...),
	apply: applyStandings,
}

func eventsOf[E eventstore.Event](all []E) []eventstore.Event {
	out := make([]eventstore.Event, len(all))
	for i, e := range all {
		out[i] = e
	}
	return out
}

// applyStandings keeps what the standings are made of, and notes what has to be made anew when the batch is written: the
// work of a batch is that of its last state, not of each event.
func applyStandings(w *writer, rec eventstore.Recorded, e eventstore.Event) error {
	switch e := e.(type) {
	case challenges.Event:
		w.standingStages(rec, e)
	case stages.Event:
		w.standingStage(rec, e)
	case stageboard.Event:
		w.standingResult(rec, e)
	case challengeboard.Event:
		w.standingBoard(rec, e)
	case athletes.Erased:
		w.exec(`update standing_adjustments set reason = '' where athlete_id = $1`, e.AthleteID)
	default:
		return unhandled(e)
	}
	return nil
}

func month(l sport.Local) string { return l.AsUTC().Format("2006-01") }

func (w *writer) standingStages(rec eventstore.Recorded, e challenges.Event) {
	switch e := e.(type) {
	case challenges.Created:
		w.exec(`insert into standing_challenges (challenge_id, type, goal, scoring) values ($1, $2, $3, $4)`, e.ChallengeID, e.Type, e.Goal, declared(e.Scoring))
	case challenges.ScoringSet:
		w.exec(`update standing_challenges set scoring = $2 where challenge_id = $1`, e.ChallengeID, declared(e.Scoring))
	case challenges.StageAdded:
		w.exec(`insert into standing_stages (stage_id, challenge_id, number, type, adjustment, segment_id, month) values ($1, $2, $3, $4, $5, $6, $7)`,
			e.StageID, e.ChallengeID, e.Number, e.Type, adjustment(e.Adjustment), orNull(e.SegmentID), month(e.Window.Start))
		w.stageChanged(rec, e.StageID)
	case challenges.StageRescheduled:
		w.exec(`update standing_stages set month = $2 where stage_id = $1`, e.StageID, month(e.Window.Start))
		w.stageChanged(rec, e.StageID)
	case challenges.StageRemoved:
		w.withoutStage(rec, e.StageID)
	case challenges.Hosted, challenges.Started, challenges.Ended, challenges.Cancelled, challenges.ResultsApproved, challenges.ResultsPublished,
		challenges.Reopened, challenges.Renamed, challenges.Described, challenges.WindowAdjusted, challenges.StartYearChanged,
		challenges.ActivityTypesAdjusted:
	}
}

// declared is nil for the default.
func declared(s rules.Scheme) *rules.Scheme {
	if s.IsZero() {
		return nil
	}
	return &s
}

func (w *writer) standingStage(rec eventstore.Recorded, e stages.Event) {
	switch e := e.(type) {
	case stages.Described:
		w.exec(`update standing_stages set type = $2 where stage_id = $1`, e.StageID, e.Type)
		w.stageChanged(rec, e.StageID)
	case stages.SegmentChanged:
		w.exec(`update standing_stages set segment_id = $2 where stage_id = $1`, e.StageID, orNull(e.SegmentID))
		w.stageChanged(rec, e.StageID)
	case stages.PointsAdjusted:
		w.exec(`update standing_stages set adjustment = $2 where stage_id = $1`, e.StageID, adjustment(e.Adjustment))
		w.stageChanged(rec, e.StageID)
	case stages.Deleted:
		w.withoutStage(rec, e.StageID)
	case stages.Created, stages.Rescheduled, stages.Revealed, stages.HiddenChanged, stages.Started, stages.Ended, stages.Approved,
		stages.Published, stages.Reopened:
	}
}

// stageChanged has what a stage would give made anew, in every category.
func (w *writer) stageChanged(rec eventstore.Recorded, id uuid.UUID) {
	w.standings.stages[id] = struct{}{}
	w.exec(`update standing_boards b set version = greatest(b.version, $2), changed_at = greatest(b.changed_at, $3) from standing_stages s where s.stage_id = $1 and b.challenge_id = s.challenge_id`,
		id, rec.Position, rec.Time)
}

// withoutStage takes a stage away with what it would have given; what was given stays.
func (w *writer) withoutStage(rec eventstore.Recorded, id uuid.UUID) {
	w.stageChanged(rec, id)
	w.exec(`update standing_stages set deleted = true where stage_id = $1`, id)
	w.exec(`delete from standing_results where stage_id = $1`, id)
	w.dropLines(`delete from standing_lines where stage_id = $1 and provisional returning challenge_id, category, athlete_id`, id)
}

// dropLines deletes lines and notes whose rows change by it.
func (w *writer) dropLines(sql string, args ...any) {
	w.batch.Queue(sql, args...).Query(func(rows pgx.Rows) error {
		var k standingsKey
		var athlete uuid.UUID
		_, err := pgx.ForEachRow(rows, []any{&k.challenge, &k.category, &athlete}, func() error {
			w.standings.rows(k).add(athlete)
			return nil
		})
		return err
	})
}

func (w *writer) standingResult(rec eventstore.Recorded, e stageboard.Event) {
	switch e := e.(type) {
	case stageboard.Opened:
		w.exec(`update standing_stages set measure = $2, precision = $3 where stage_id = $1`, e.StageID, e.Measure, max(1, e.Precision))
	case stageboard.Placed:
		first := e.FirstAt
		if first.IsZero() {
			first = e.AchievedAt
		}
		w.exec(`insert into standing_results (stage_id, category, athlete_id, value, sort_key, achieved_at, first_at)
			select stage_id, $2, $3, $4::bigint, ($4 - $4 % precision) * case measure when 'elapsedTime' then 1 else -1 end, $5, $6
			from standing_stages where stage_id = $1
			on conflict (stage_id, category, athlete_id) do update set value = excluded.value, sort_key = excluded.sort_key,
				achieved_at = excluded.achieved_at, first_at = excluded.first_at`,
			e.StageID, e.Category, e.AthleteID, e.Value, e.AchievedAt, first)
		w.standings.result(e.Ref, rec, e.AthleteID)
	case stageboard.Withdrawn:
		w.exec(`delete from standing_results where stage_id = $1 and category = $2 and athlete_id = $3`, e.StageID, e.Category, e.AthleteID)
		w.standings.result(e.Ref, rec, e.AthleteID)
	case stageboard.Finalised, stageboard.Reopened:
	}
}

func (w *writer) standingBoard(rec eventstore.Recorded, e challengeboard.Event) {
	switch e := e.(type) {
	case challengeboard.Opened:
		w.exec(`insert into standing_boards (challenge_id, category, scheme, version, changed_at) values ($1, $2, $3, $4, $5) on conflict do nothing`,
			e.ChallengeID, e.Category, e.Scheme, rec.Position, rec.Time)
		w.standings.rescore(keyOf(e.Ref))
	case challengeboard.SchemeSet:
		w.exec(`update standing_boards set scheme = $3 where challenge_id = $1 and category = $2`, e.ChallengeID, e.Category, e.Scheme)
		w.standings.rescore(keyOf(e.Ref))
		w.standings.rows(keyOf(e.Ref)).all = true
	case challengeboard.StageScored:
		w.scored(keyOf(e.Ref), e.Stage, e.Worst)
		w.dropLines(`delete from standing_lines where stage_id = $1 and category = $2 returning challenge_id, category, athlete_id`, e.ID, e.Category)
	case challengeboard.StageCorrected:
		w.scored(keyOf(e.Ref), e.Stage, e.Worst)
	case challengeboard.PointsGiven:
		w.given(e)
	case challengeboard.PointsTaken:
		w.dropLines(`delete from standing_lines where stage_id = $1 and category = $2 and athlete_id = any($3) returning challenge_id, category, athlete_id`,
			e.StageID, e.Category, e.Athletes)
	case challengeboard.StageReopened:
		w.exec(`delete from standing_scored where stage_id = $1 and category = $2`, e.StageID, e.Category)
		w.dropLines(`delete from standing_lines where stage_id = $1 and category = $2 returning challenge_id, category, athlete_id`, e.StageID, e.Category)
		w.stageChanged(rec, e.StageID)
		w.standings.rows(keyOf(e.Ref)).missing = true
	case challengeboard.PointsAdjusted:
		w.exec(`insert into standing_adjustments (position, challenge_id, category, classification, athlete_id, points, reason, given_by, given_at)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, rec.Position, e.ChallengeID, e.Category, e.Classification, e.AthleteID, int64(e.Points), e.Reason, e.By, rec.Time)
		w.standings.rows(keyOf(e.Ref)).add(e.AthleteID)
	case challengeboard.AthleteLimited:
		w.exec(`insert into standing_limited (challenge_id, category, athlete_id) values ($1, $2, $3) on conflict do nothing`, e.ChallengeID, e.Category, e.AthleteID)
		w.standings.limited(keyOf(e.Ref), e.AthleteID)
	case challengeboard.AthleteAllowed:
		w.exec(`delete from standing_limited where challenge_id = $1 and category = $2 and athlete_id = $3`, e.ChallengeID, e.Category, e.AthleteID)
		w.standings.limited(keyOf(e.Ref), e.AthleteID)
	case challengeboard.Finalised:
		w.ended(keyOf(e.Ref), true)
	case challengeboard.Reopened:
		w.ended(keyOf(e.Ref), false)
	case challengeboard.GoalsAchieved:
	}
	w.standings.at(boardRef(e), rec)
}

func keyOf(r challengeboard.Ref) standingsKey { return standingsKey{r.ChallengeID, r.Category} }

// scored notes that a stage is done. Where a missed stage counts for something, everybody's row changes.
func (w *writer) scored(k standingsKey, stage rules.Stage, worst []rules.Worst) {
	w.exec(`insert into standing_scored (stage_id, category, challenge_id, worst) values ($1, $2, $3, $4)
		on conflict (stage_id, category) do update set worst = excluded.worst`, stage.ID, k.category, k.challenge, worst)
	w.standings.rows(k).missing = true
}

// ended makes the standings final, or no longer. Whoever has too few stages is classified until then.
func (w *writer) ended(k standingsKey, final bool) {
	w.exec(`update standing_boards set final = $3 where challenge_id = $1 and category = $2`, k.challenge, k.category, final)
	w.standings.rows(k).missing = true
}

// given puts what a stage gave in place of what it would have given, or gave before.
func (w *writer) given(e challengeboard.PointsGiven) {
	athletes, lines, placed := make([]uuid.UUID, len(e.Lines)), make([]string, len(e.Lines)), make([]bool, len(e.Lines))
	for i, line := range e.Lines {
		data, _ := json.Marshal(line) // it came from JSON
		athletes[i], lines[i], placed[i] = line.AthleteID, string(data), isPlaced(line)
		w.standings.rows(keyOf(e.Ref)).add(line.AthleteID)
	}
	w.writeLines(keyOf(e.Ref), e.StageID, false, athletes, lines, placed)
}

func (w *writer) writeLines(k standingsKey, stage uuid.UUID, provisional bool, athletes []uuid.UUID, lines []string, placed []bool) {
	w.exec(`insert into standing_lines (challenge_id, category, stage_id, provisional, athlete_id, line, placed)
		select $1, $2, $3, $4, t.athlete, t.line::jsonb, t.placed from unnest($5::uuid[], $6::text[], $7::boolean[]) as t (athlete, line, placed)
		on conflict (challenge_id, category, athlete_id, stage_id) do update set line = excluded.line, placed = excluded.placed, provisional = excluded.provisional`,
		k.challenge, k.category, stage, provisional, athletes, lines, placed)
}

// isPlaced says whether what others do can change a line.
func isPlaced(line rules.Line) bool {
	return slices.ContainsFunc(line.Scores, func(s rules.Score) bool {
		return s.Place > 0 || slices.ContainsFunc(s.Bonuses, func(b rules.Bonus) bool {
			return b.For == rules.ForFirst || b.For == rules.ForWin || b.For == rules.ForRecord
		})
	})
}

func boardRef(e challengeboard.Event) standingsKey {
	switch e := e.(type) {
	case challengeboard.Opened:
		return keyOf(e.Ref)
	case challengeboard.SchemeSet:
		return keyOf(e.Ref)
	case challengeboard.StageScored:
		return keyOf(e.Ref)
	case challengeboard.PointsGiven:
		return keyOf(e.Ref)
	case challengeboard.PointsTaken:
		return keyOf(e.Ref)
	case challengeboard.StageCorrected:
		return keyOf(e.Ref)
	case challengeboard.StageReopened:
		return keyOf(e.Ref)
	case challengeboard.PointsAdjusted:
		return keyOf(e.Ref)
	case challengeboard.AthleteLimited:
		return keyOf(e.Ref)
	case challengeboard.AthleteAllowed:
		return keyOf(e.Ref)
	case challengeboard.Finalised:
		return keyOf(e.Ref)
	case challengeboard.Reopened:
		return keyOf(e.Ref)
	case challengeboard.GoalsAchieved:
		return keyOf(e.Ref)
	}
	return standingsKey{}
}

package readmodel

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/sport"
)

// Queries that gather for one page what would else be asked once a row of it.

// OwnResult is where an athlete stands on the widest board of a stage.
type OwnResult struct {
	StageID  uuid.UUID
	Category sport.Category
	Rank     int
	Value    Milli
	Attempts int
}

// OwnResults lists an athlete's places on the stages of a challenge; stages without a result of theirs are missing.
func OwnResults(ctx context.Context, db DB, challengeID, athleteID uuid.UUID) ([]OwnResult, error) {
	return list[OwnResult](ctx, db, `select e.stage_id, e.category, e.value, e.attempts,
		1 + (select count(*) from board_entries x where x.stage_id = e.stage_id and x.category = e.category
			and x.sort_key < e.sort_key) as rank
		from challenges c join boards b on b.challenge_id = c.id and b.category = c.categories[1]
		join board_entries e on e.stage_id = b.stage_id and e.category = b.category and e.athlete_id = $2
		where c.id = $1`, challengeID, athleteID)
}

// PodiumEntry is one of the first of a stage.
type PodiumEntry struct {
	StageID   uuid.UUID
	Rank      int
	AthleteID uuid.UUID
	Person
	Value Milli
}

// Podiums lists the first n of every stage of a challenge, on the widest board of each, in order.
func Podiums(ctx context.Context, db DB, challengeID uuid.UUID, n int) ([]PodiumEntry, error) {
	return list[PodiumEntry](ctx, db, `select b.stage_id, e.athlete_id, `+personColumns+`, e.value,
		1 + (select count(*) from board_entries x where x.stage_id = b.stage_id and x.category = b.category
			and x.sort_key < e.sort_key) as rank
		from challenges c join boards b on b.challenge_id = c.id and b.category = c.categories[1]
		cross join lateral (select * from board_entries f where f.stage_id = b.stage_id and f.category = b.category
			order by f.sort_key, f.achieved_at, f.athlete_id limit $2) e
		left join athletes a on a.id = e.athlete_id
		where c.id = $1 order by b.stage_id, e.sort_key, e.achieved_at, e.athlete_id`, challengeID, n)
}

// StageTime is when a stage of a challenge takes place.
type StageTime struct {
	ChallengeID uuid.UUID
	Number      int
	StartAt     time.Time
	EndAt       time.Time
}

// StageTimes lists when the stages of several challenges take place, each challenge's in order.
func StageTimes(ctx context.Context, db DB, challengeIDs []uuid.UUID) ([]StageTime, error) {
	return list[StageTime](ctx, db, `select challenge_id, number, start_at, end_at from stages
		where challenge_id = any($1) and status <> 'deleted' order by challenge_id, start_at, number`, challengeIDs)
}

// StagesOn lists the stages that are ridden over a segment, latest first: those that the viewer may know of, in
// challenges that are listed or that the viewer runs.
func StagesOn(ctx context.Context, db DB, viewer actor.Actor, segmentID uuid.UUID, limit int) ([]Stage, error) {
	args := viewerArgs(viewer)
	args["segment"], args["limit"] = segmentID, clampLimit(limit)
	return list[Stage](ctx, db, stageColumns+` where s.segment_id = @segment and not v.secret and s.status <> 'deleted'
		and (not c.private and c.hosted_at is not null or v.may_run) order by s.start_at desc, s.id limit @limit`, args)
}

// EffortsShown lists what activities brought, by challenge, stage and lap: all of it to their athlete, to others only what
// counts, in challenges that are listed.
func EffortsShown(ctx context.Context, db DB, viewer actor.Actor, activityIDs []uuid.UUID) ([]Effort, error) {
	return list[Effort](ctx, db, effortColumns+` where f.activity_id = any(@activities)
		and (f.athlete_id = @viewer or f.status = 'accepted' and not coalesce(c.private, true)) order by c.name, c.id, s.number, f.lap`,
		pgx.NamedArgs{"activities": activityIDs, "viewer": viewer.AthleteID})
}

package readmodel

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/trophies"
)

// Trophy is something that an athlete is honoured for.
type Trophy struct {
	Kind               trophies.Kind  `json:"kind"`
	Place              int            `json:"place,omitempty"` // 1 to 3, of stages and classifications
	Of                 int            `json:"of,omitempty" db:"of_athletes"`
	ChallengeID        uuid.UUID      `json:"challengeId,omitzero"`
	ChallengeSlug      string         `json:"challengeSlug,omitempty"`
	ChallengeName      string         `json:"challengeName,omitempty"`
	StageID            uuid.UUID      `json:"stageId,omitzero"`
	StageSlug          string         `json:"stageSlug,omitempty"`
	StageName          string         `json:"stageName,omitempty"`
	StageNumber        int            `json:"stageNumber,omitempty"`
	Category           sport.Category `json:"category,omitempty"`
	Classification     string         `json:"classification,omitempty"`
	ClassificationName string         `json:"classificationName,omitempty"`
	Weeks              int            `json:"weeks,omitempty" db:"-"` // of a streak
	WonAt              time.Time      `json:"wonAt"`
}

// Trophies lists what an athlete has won, newest first, without streaks. Of unlisted challenges others aren't told.
func Trophies(ctx context.Context, db DB, viewer actor.Actor, athleteID uuid.UUID) ([]Trophy, error) {
	args := viewerArgs(viewer)
	args["athlete"] = athleteID
	return list[Trophy](ctx, db, `select t.kind, t.place, t.of_athletes, t.challenge_id, coalesce(c.slug, '') as challenge_slug,
		coalesce(c.name, '') as challenge_name, coalesce(s.id, '00000000-0000-0000-0000-000000000000') as stage_id,
		coalesce(s.slug, '') as stage_slug, coalesce(s.name, '') as stage_name, coalesce(s.number, 0) as stage_number,
		t.category, t.classification, t.name as classification_name, t.won_at
		from trophies t left join challenges c on c.id = t.challenge_id left join stages s on s.id = t.subject_id and t.kind = 'stage'
		where t.athlete_id = @athlete and (@all or t.athlete_id = @viewer or not coalesce(c.private, true))
		order by t.won_at desc, t.kind, s.number, t.place, t.category, t.classification`, args)
}

// Streaks finds an athlete's weeks in a row with an effort that counts. today is the athlete's date.
func Streaks(ctx context.Context, db DB, athleteID uuid.UUID, today time.Time) (trophies.Streaks, error) {
	rows, err := db.Query(ctx, `select distinct date_trunc('week', start_local) from efforts where athlete_id = $1 and status = 'accepted'`, athleteID)
	if err != nil {
		return trophies.Streaks{}, fmt.Errorf("streaks: %w", err)
	}
	weeks, err := pgx.CollectRows(rows, pgx.RowTo[time.Time])
	return trophies.StreaksOf(weeks, today), err
}

// TrophyCase is all that an athlete is honoured for, newest first, with how their streak stands.
func TrophyCase(ctx context.Context, db DB, viewer actor.Actor, athlete Athlete, now time.Time) ([]Trophy, trophies.Streaks, error) {
	won, err := Trophies(ctx, db, viewer, athlete.ID)
	if err != nil {
		return nil, trophies.Streaks{}, err
	}
	zone, err := time.LoadLocation(athlete.TimeZone)
	if err != nil {
		zone = time.UTC // a name that was valid once and that this machine no longer knows
	}
	streaks, err := Streaks(ctx, db, athlete.ID, now.In(zone))
	if err != nil {
		return nil, streaks, err
	}
	for _, r := range streaks.Reached {
		won = append(won, Trophy{Kind: trophies.Streak, Weeks: r.Weeks, WonAt: r.In})
	}
	slices.SortStableFunc(won, func(a, b Trophy) int { return b.WonAt.Compare(a.WonAt) })
	return won, streaks, nil
}

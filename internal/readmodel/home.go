package readmodel

import (
	"context"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/sport"
)

// HomeSummary is what the home page shows of public challenges.
type HomeSummary struct {
	Running  []Challenge // the first to end first
	Next     []Challenge // the first to start first
	Past     []Challenge // the last to end first
	Featured *BoardRef   // the board that moved last in a running public challenge; nil when none has moved
}

// BoardRef names a board.
type BoardRef struct {
	ChallengeID   uuid.UUID      `json:"challengeId"`
	ChallengeSlug string         `json:"challengeSlug"`
	ChallengeName string         `json:"challengeName"`
	StageID       uuid.UUID      `json:"stageId"`
	StageSlug     string         `json:"stageSlug"`
	StageName     string         `json:"stageName"`
	StageNumber   int            `json:"stageNumber"`
	Category      sport.Category `json:"category"`
}

// Home gathers at most n challenges of each kind.
func Home(ctx context.Context, db DB, viewer actor.Actor, n int) (HomeSummary, error) {
	var h HomeSummary
	args := viewerArgs(viewer)
	args["n"] = clampLimit(n)
	public := challengeColumns + ` where not c.private and c.status = `
	var err error
	if h.Running, err = list[Challenge](ctx, db, public+`'active' order by c.end_at, c.id limit @n`, args); err != nil {
		return h, err
	}
	if h.Next, err = list[Challenge](ctx, db, public+`'upcoming' order by c.start_at, c.id limit @n`, args); err != nil {
		return h, err
	}
	if h.Past, err = list[Challenge](ctx, db, challengeColumns+` where not c.private and c.status in ('past', 'approved')
		order by c.end_at desc, c.id limit @n`, args); err != nil {
		return h, err
	}
	featured, err := list[BoardRef](ctx, db, `select c.id as challenge_id, c.slug as challenge_slug, c.name as challenge_name,
		s.id as stage_id, s.slug as stage_slug, s.name as stage_name, s.number as stage_number, b.category
		from challenges c join boards b on b.challenge_id = c.id join stages s on s.id = b.stage_id
		where not c.private and c.status = 'active' and s.status in ('active', 'past') and b.athletes > 0
		order by (s.status = 'active') desc, (b.category = 'Open') desc, b.changed_at desc limit 1`)
	if len(featured) > 0 {
		h.Featured = &featured[0]
	}
	return h, err
}

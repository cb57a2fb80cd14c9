package readmodel

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/sport"
)

// SiteCounts is how much there is of everything.
type SiteCounts struct{ Athletes, Clubs, Challenges, Running, Activities int }

// CountSite counts for the administrators' overview.
func CountSite(ctx context.Context, db DB) (SiteCounts, error) {
	rows, err := db.Query(ctx, `
		select (select count(*) from athletes) as athletes, (select count(*) from clubs) as clubs,
			(select count(*) from challenges) as challenges, (select count(*) from challenges where status = $1) as running,
			(select count(*) from activities) as activities`, string(sport.Active))
	if err != nil {
		return SiteCounts{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[SiteCounts])
}

// ChallengeName is what a challenge is called, and where it is.
type ChallengeName struct {
	ID   uuid.UUID
	Name string
	Slug string
}

// ChallengeNames maps ids to names, private challenges too; ids that are unknown are missing. It is for administrators.
func ChallengeNames(ctx context.Context, db DB, ids []uuid.UUID) (map[uuid.UUID]ChallengeName, error) {
	rows, err := list[ChallengeName](ctx, db, `select id, name, slug from challenges where id = any($1)`, ids)
	names := make(map[uuid.UUID]ChallengeName, len(rows))
	for _, r := range rows {
		names[r.ID] = r
	}
	return names, err
}

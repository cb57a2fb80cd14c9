package readmodel

import (
	"context"

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

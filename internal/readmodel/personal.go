package readmodel

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// PersonStreams lists the event streams that are about an athlete: their own, their activities', theirs as a competitor.
func PersonStreams(ctx context.Context, db DB, athlete uuid.UUID) ([]string, error) {
	rows, err := db.Query(ctx, `select stream from person_streams where person = $1 order by stream`, athlete)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// ResultsOf lists the challenges in which an athlete has efforts that count.
func ResultsOf(ctx context.Context, db DB, athlete uuid.UUID) ([]uuid.UUID, error) {
	rows, err := db.Query(ctx, `select distinct challenge_id from efforts where athlete_id = $1 and status = 'accepted' order by 1`, athlete)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}

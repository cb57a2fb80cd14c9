package readmodel

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/athletes"
)

// NotificationsOff are the kinds of e-mail that an athlete doesn't want; none for somebody unknown.
func NotificationsOff(ctx context.Context, db DB, athlete uuid.UUID) ([]athletes.Notification, error) {
	rows, err := db.Query(ctx, `select unnest(off) from notification_choices where athlete_id = $1`, athlete)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[athletes.Notification])
}

// WantsNotification says whether an athlete gets e-mails of a kind.
func WantsNotification(ctx context.Context, db DB, athlete uuid.UUID, kind athletes.Notification) (bool, error) {
	off, err := NotificationsOff(ctx, db, athlete)
	return !slices.Contains(off, kind), err
}

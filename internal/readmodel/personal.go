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

// DraftsOf lists the challenges of an organiser that were never hosted.
func DraftsOf(ctx context.Context, db DB, organiser uuid.UUID) ([]uuid.UUID, error) {
	rows, err := db.Query(ctx, `select id from challenges where organiser_id = $1 and status = 'pending' order by id`, organiser)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}

// ClubsOf lists the clubs that an athlete is in or has asked to be.
func ClubsOf(ctx context.Context, db DB, athlete uuid.UUID) ([]uuid.UUID, error) {
	rows, err := db.Query(ctx, `select club_id from club_members where athlete_id = $1 order by club_id`, athlete)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}

// OldestMember is who has been in a club for longest, besides one; false when there is nobody else.
func OldestMember(ctx context.Context, db DB, club, besides uuid.UUID) (uuid.UUID, bool, error) {
	rows, err := db.Query(ctx, `select m.athlete_id from club_members m left join athletes a on a.id = m.athlete_id
		where m.club_id = $1 and m.athlete_id <> $2 and m.status = 'member' and a.deleted is not true
		order by m.since, m.athlete_id limit 1`, club, besides)
	if err != nil {
		return uuid.Nil, false, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil || len(found) == 0 {
		return uuid.Nil, false, err
	}
	return found[0], true, nil
}

// EffortsOfAthlete lists all efforts of an athlete, also those that don't count, by time.
func EffortsOfAthlete(ctx context.Context, db DB, athlete uuid.UUID) ([]Effort, error) {
	return list[Effort](ctx, db, effortColumns+` where f.athlete_id = $1 order by f.start_utc, f.id`, athlete)
}

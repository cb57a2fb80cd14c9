// Package drafts keeps what organisers have typed of challenges that don't exist yet, as they typed it, so that nothing is
// lost between two evenings. It is not in the log: a plan that somebody gave up is nobody's history. What a draft means,
// and whether it can be hosted, is decided by the challenge's own rules.
package drafts

import (
	"context"
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/refusal"
)

// Refusals.
var (
	ErrNone    = refusal.Of(refusal.NotFound, "draft_not_found", "There is no such draft. Perhaps it was hosted or deleted in another tab.")
	ErrTooMany = refusal.New("too_many_drafts", "You have 20 drafts. Host one or delete one first.")
)

// maxDrafts is how many one athlete may have.
const maxDrafts = 20

// Draft is a challenge on its way.
type Draft struct {
	ID        uuid.UUID
	AthleteID uuid.UUID
	Fields    url.Values
	Stages    []url.Values
	UpdatedAt time.Time
}

const columns = `select id, athlete_id, fields, stages, updated_at from challenge_drafts`

// Find gives an athlete's draft; ErrNone.
func Find(ctx context.Context, pool *pgxpool.Pool, id, athlete uuid.UUID) (Draft, error) {
	found, err := read(ctx, pool, columns+` where id = $1 and athlete_id = $2`, id, athlete)
	if err != nil {
		return Draft{}, err
	}
	if len(found) == 0 {
		return Draft{}, ErrNone
	}
	return found[0], nil
}

// Of lists an athlete's drafts, the last touched first.
func Of(ctx context.Context, pool *pgxpool.Pool, athlete uuid.UUID) ([]Draft, error) {
	return read(ctx, pool, columns+` where athlete_id = $1 order by updated_at desc`, athlete)
}

func read(ctx context.Context, pool *pgxpool.Pool, sql string, args ...any) ([]Draft, error) {
	rows, err := pool.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Draft])
}

// Save keeps a draft, new or not; ErrTooMany. Somebody else's is left alone.
func Save(ctx context.Context, pool *pgxpool.Pool, d Draft) error {
	if d.Stages == nil {
		d.Stages = []url.Values{}
	}
	tag, err := pool.Exec(ctx, `
		insert into challenge_drafts (id, athlete_id, fields, stages)
		select $1, $2, $3, $4 where (select count(*) from challenge_drafts where athlete_id = $2 and id <> $1) < $5
		on conflict (id) do update set fields = excluded.fields, stages = excluded.stages, updated_at = now()
		where challenge_drafts.athlete_id = excluded.athlete_id`, d.ID, d.AthleteID, d.Fields, d.Stages, maxDrafts)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrTooMany
	}
	return err
}

// Delete forgets a draft; that there is none is fine.
func Delete(ctx context.Context, pool *pgxpool.Pool, id, athlete uuid.UUID) error {
	_, err := pool.Exec(ctx, `delete from challenge_drafts where id = $1 and athlete_id = $2`, id, athlete)
	return err
}

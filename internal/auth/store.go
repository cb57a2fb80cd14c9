package auth

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// store keeps sessions for scs. Its pgxstore has no context, so a request that is given up would go on waiting for the
// database; and it stores the very token that lets one in.
type store struct{ pool *pgxpool.Pool }

func (s store) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	err = s.pool.QueryRow(ctx, `select data from sessions where token_hash = $1 and expiry > now()`, hash(token)).Scan(&data)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, false, nil
	}
	return data, err == nil, err
}

func (s store) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	_, err := s.pool.Exec(ctx, `
		insert into sessions (token_hash, data, expiry) values ($1, $2, $3)
		on conflict (token_hash) do update set data = excluded.data, expiry = excluded.expiry`, hash(token), data, expiry)
	return err
}

func (s store) DeleteCtx(ctx context.Context, token string) error {
	_, err := s.pool.Exec(ctx, `delete from sessions where token_hash = $1`, hash(token))
	return err
}

// The three without context complete scs.Store; scs prefers those above.

func (s store) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}
func (s store) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}
func (s store) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

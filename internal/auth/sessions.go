package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Session is where an athlete is signed in.
type Session struct {
	ID         uuid.UUID
	UserAgent  string // as the browser named itself, at most 300 bytes
	SignedInAt time.Time
	SeenAt     time.Time // within ten minutes
	Current    bool      // the one that asks
}

// Sessions lists where an athlete is signed in, last seen first. ctx is the request's, for Current.
func (s *Service) Sessions(ctx context.Context, athlete uuid.UUID) ([]Session, error) {
	rows, err := s.Pool.Query(ctx, `
		select id, user_agent, signed_in_at, seen_at, token_hash = $2 as current from sessions
		where athlete_id = $1 and expiry > now() order by seen_at desc, id`, athlete, current(ctx))
	if err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Session])
}

// current is the request's session; of no session where the request didn't pass Middleware, as on the API.
func current(ctx context.Context) []byte {
	if h, ok := ctx.Value(sessionKey{}).([]byte); ok {
		return h
	}
	return []byte{}
}

// EndSession signs an athlete out of one place. Refusal: ErrNotFound.
func (s *Service) EndSession(ctx context.Context, athlete, session uuid.UUID) error {
	tag, err := s.Pool.Exec(ctx, `delete from sessions where athlete_id = $1 and id = $2`, athlete, session)
	if err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return ErrNotFound
	}
	return nil
}

// EndOtherSessions signs an athlete out everywhere but here and says how many places that were.
func (s *Service) EndOtherSessions(ctx context.Context, athlete uuid.UUID) (int, error) {
	tag, err := s.Pool.Exec(ctx, `delete from sessions where athlete_id = $1 and token_hash <> $2`, athlete, current(ctx))
	if err != nil {
		return 0, fmt.Errorf("end sessions: %w", err)
	}
	return int(tag.RowsAffected()), nil
}

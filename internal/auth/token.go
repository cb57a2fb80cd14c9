package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// tokenPrefix lets people and secret scanners see what a found string is.
const tokenPrefix = "sc_"

// Token is an API token without its secret.
type Token struct {
	ID         uuid.UUID
	Name       string
	CreatedAt  time.Time
	LastUsedAt *time.Time // within ten minutes; nil: never
}

// CreateToken makes an API token. secret is what the program sends, and is shown this once. Refusal: ErrTokenName.
func (s *Service) CreateToken(ctx context.Context, athlete uuid.UUID, name string) (t Token, secret string, err error) {
	name = strings.TrimSpace(name)
	if name == "" {
		name = "API token"
	}
	if utf8.RuneCountInString(name) > 80 || !utf8.ValidString(name) {
		return Token{}, "", ErrTokenName
	}
	secret = tokenPrefix + newSecret()
	t = Token{ID: uuid.Must(uuid.NewV7()), Name: name, CreatedAt: s.Now()}
	_, err = s.Pool.Exec(ctx, `
		insert into api_tokens (id, athlete_id, name, token_hash, created_at) values ($1, $2, $3, $4, $5)`,
		t.ID, athlete, t.Name, hash(secret), t.CreatedAt)
	if err != nil {
		return Token{}, "", fmt.Errorf("create token: %w", err)
	}
	return t, secret, nil
}

// TokenAthlete says whose token it is. Refusal: ErrInvalidToken.
func (s *Service) TokenAthlete(ctx context.Context, secret string) (uuid.UUID, error) {
	if !strings.HasPrefix(secret, tokenPrefix) {
		return uuid.Nil, ErrInvalidToken
	}
	var id, athlete uuid.UUID
	var used *time.Time
	err := s.Pool.QueryRow(ctx, `
		select id, athlete_id, last_used_at from api_tokens where token_hash = $1 and revoked_at is null`,
		hash(secret)).Scan(&id, &athlete, &used)
	if errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, ErrInvalidToken
	}
	if err != nil {
		return uuid.Nil, fmt.Errorf("token: %w", err)
	}
	if now := s.Now(); used == nil || now.Sub(*used) > seenResolution {
		if _, err := s.Pool.Exec(ctx, `update api_tokens set last_used_at = $2 where id = $1`, id, now); err != nil {
			return uuid.Nil, fmt.Errorf("token: %w", err)
		}
	}
	return athlete, nil
}

// Tokens lists an athlete's tokens that work, newest first.
func (s *Service) Tokens(ctx context.Context, athlete uuid.UUID) ([]Token, error) {
	rows, err := s.Pool.Query(ctx, `
		select id, name, created_at, last_used_at from api_tokens
		where athlete_id = $1 and revoked_at is null order by created_at desc, id desc`, athlete)
	if err != nil {
		return nil, fmt.Errorf("tokens: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Token])
}

// RevokeToken ends one of an athlete's tokens; it works no more from the next request on. Refusal: ErrNotFound.
func (s *Service) RevokeToken(ctx context.Context, athlete, token uuid.UUID) error {
	tag, err := s.Pool.Exec(ctx, `
		update api_tokens set revoked_at = $3 where athlete_id = $1 and id = $2 and revoked_at is null`,
		athlete, token, s.Now())
	if err != nil {
		return fmt.Errorf("revoke token: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return ErrNotFound
	}
	return nil
}

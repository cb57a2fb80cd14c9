package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"segmentchallenge/internal/postgres"
)

// IdentityOf says which athlete an address belongs to; uuid.Nil when to nobody. Refusal: ErrEmailInvalid.
func (s *Service) IdentityOf(ctx context.Context, email string) (uuid.UUID, error) {
	address, err := NormaliseEmail(email)
	if err != nil {
		return uuid.Nil, err
	}
	return one[uuid.UUID](ctx, s, `
		select athlete_id from identities where email = $1 and claimed_at is not null`, address)
}

// EmailOf is an athlete's address; empty when they have none.
func (s *Service) EmailOf(ctx context.Context, athlete uuid.UUID) (string, error) {
	return one[string](ctx, s, `select email from identities where athlete_id = $1 and claimed_at is not null`, athlete)
}

// one is a single value, or the zero value when there is no row.
func one[T any](ctx context.Context, s *Service, sql string, arg any) (T, error) {
	rows, err := s.Pool.Query(ctx, sql, arg)
	if err == nil {
		var v T
		if v, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[T]); err == nil {
			return v, nil
		}
	}
	var none T
	if errors.Is(err, pgx.ErrNoRows) {
		return none, nil
	}
	return none, fmt.Errorf("identity: %w", err)
}

// Identity is an address and the athlete behind it.
type Identity struct {
	Email     string
	AthleteID uuid.UUID
	Claimed   bool // false: the id is reserved for this address, its athlete hasn't registered yet
}

// Reserve is the athlete of an address or, while there is none, the id that they are to register with: the same however
// often and wherever it is asked. An id that isn't claimed within a day is let go. Refusal: ErrEmailInvalid.
func (s *Service) Reserve(ctx context.Context, email string) (Identity, error) {
	address, err := NormaliseEmail(email)
	if err != nil {
		return Identity{}, err
	}
	// Asking again renews the reservation.
	rows, err := s.Pool.Query(ctx, `
		insert into identities (email, athlete_id, reserved_at) values ($1, $2, $3)
		on conflict (email) do update set reserved_at = greatest(identities.reserved_at, excluded.reserved_at)
		returning email, athlete_id, claimed_at is not null as claimed`, address, uuid.Must(uuid.NewV7()), s.Now())
	if err != nil {
		return Identity{}, fmt.Errorf("reserve: %w", err)
	}
	identity, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Identity])
	if err != nil {
		return Identity{}, fmt.Errorf("reserve: %w", err)
	}
	return identity, nil
}

// Claim makes an address an athlete's, in place of the one they had. Claiming it again changes nothing. The caller has
// seen that it is theirs (a redeemed link) or is allowed to say so. Refusals: ErrEmailInvalid, ErrEmailTaken.
func (s *Service) Claim(ctx context.Context, email string, athlete uuid.UUID) error {
	address, err := NormaliseEmail(email)
	if err != nil {
		return err
	}
	if athlete == uuid.Nil {
		return errors.New("claim: an address needs an athlete")
	}
	err = postgres.WithTx(ctx, s.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `
			delete from identities where email = $1 and athlete_id <> $2 and claimed_at is null`, address, athlete); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			insert into identities (email, athlete_id, reserved_at, claimed_at) values ($1, $2, $3, $3)
			on conflict (athlete_id) do update set email = excluded.email, claimed_at = excluded.claimed_at
			where identities.email <> excluded.email or identities.claimed_at is null`, address, athlete, s.Now())
		return err
	})
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.Code == pgerrcode.UniqueViolation {
		return ErrEmailTaken
	}
	if err != nil {
		return fmt.Errorf("claim: %w", err)
	}
	return nil
}

// Forget deletes all that this package knows of an athlete: address, links, sessions, tokens.
func (s *Service) Forget(ctx context.Context, athlete uuid.UUID) error {
	return postgres.WithTx(ctx, s.Pool, func(tx pgx.Tx) error {
		for _, sql := range []string{
			`delete from sign_in_links using identities i where sign_in_links.email = i.email and i.athlete_id = $1`,
			`delete from identities where athlete_id = $1`,
			`delete from sessions where athlete_id = $1`,
			`delete from api_tokens where athlete_id = $1`,
		} {
			if _, err := tx.Exec(ctx, sql, athlete); err != nil {
				return fmt.Errorf("forget: %w", err)
			}
		}
		return nil
	})
}

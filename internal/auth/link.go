package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/postgres"
)

// RequestLink mails a sign-in link to an address, whether or not somebody is known by it: the answer is the same, so it
// doesn't tell who has an account. next is the path to go on to afterwards. Refusals: ErrEmailInvalid, ErrTooManyLinks
// (five an hour an address), ErrMailFailed.
func (s *Service) RequestLink(ctx context.Context, email, next string) error {
	address, err := NormaliseEmail(email)
	if err != nil {
		return err
	}
	token, now := newSecret(), s.Now()
	if err := postgres.WithTx(ctx, s.Pool, func(tx pgx.Tx) error {
		return insertLink(ctx, tx, token, address, SafeNext(next), now)
	}); err != nil {
		return err
	}
	link := s.BaseURL + LinkPath + "?token=" + token
	if err := s.Mail.SendSignInLink(ctx, address, link, now.Add(LinkLifetime)); err != nil {
		s.Log.Error("sign-in mail couldn't be sent", "error", err)
		// A mail that never left doesn't count towards the limit.
		if _, err := s.Pool.Exec(ctx, `delete from sign_in_links where token_hash = $1`, hash(token)); err != nil {
			s.Log.Error("sign-in link couldn't be taken back", "error", err)
		}
		return ErrMailFailed
	}
	return nil
}

// LinkPath is the page that a sign-in link opens, with ?token=. The token is in the query because logs hold paths. The
// page asks PeekLink and shows a button that posts the token to the same path: mail scanners open links, they press no
// buttons, and a link works once.
const LinkPath = "/sign-in/link"

// insertLink holds a lock on the address, so that requests at the same moment can't all find the limit unreached.
func insertLink(ctx context.Context, tx pgx.Tx, token, email, next string, now time.Time) error {
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('sign-in ' || $1, 0))`, email); err != nil {
		return fmt.Errorf("request link: %w", err)
	}
	tag, err := tx.Exec(ctx, `
		insert into sign_in_links (token_hash, email, next_path, created_at, expires_at)
		select $1, $2, $3, $4, $5
		where (select count(*) from sign_in_links where email = $2 and created_at > $6) < $7`,
		hash(token), email, next, now, now.Add(LinkLifetime), now.Add(-time.Hour), linksPerHour)
	if err != nil {
		return fmt.Errorf("request link: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return ErrTooManyLinks
	}
	return nil
}

// PeekLink says whose link it is without using it up. Refusals: ErrLinkUnknown, ErrLinkUsed, ErrLinkExpired.
func (s *Service) PeekLink(ctx context.Context, token string) (email string, err error) {
	rows, err := s.Pool.Query(ctx, `select email, used_at, expires_at from sign_in_links where token_hash = $1`, hash(token))
	if err != nil {
		return "", fmt.Errorf("sign-in link: %w", err)
	}
	link, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[struct {
		Email     string
		UsedAt    *time.Time
		ExpiresAt time.Time
	}])
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return "", ErrLinkUnknown
	case err != nil:
		return "", fmt.Errorf("sign-in link: %w", err)
	case link.UsedAt != nil:
		return "", ErrLinkUsed
	case !s.Now().Before(link.ExpiresAt):
		return "", ErrLinkExpired
	}
	return link.Email, nil
}

// Redeemed is what a used link proves: the address is theirs.
type Redeemed struct {
	Identity
	Next string // a path within this site
}

// Redeem uses a link up; of two at the same moment one wins. Hand the answer to Enter. Refusals as PeekLink.
func (s *Service) Redeem(ctx context.Context, token string) (Redeemed, error) {
	var email, next string
	err := s.Pool.QueryRow(ctx, `
		update sign_in_links set used_at = $2 where token_hash = $1 and used_at is null and expires_at > $2
		returning email, next_path`, hash(token), s.Now()).Scan(&email, &next)
	if errors.Is(err, pgx.ErrNoRows) {
		return Redeemed{}, s.whyNot(ctx, token)
	}
	if err != nil {
		return Redeemed{}, fmt.Errorf("redeem link: %w", err)
	}
	identity, err := s.Reserve(ctx, email)
	return Redeemed{Identity: identity, Next: next}, err
}

// whyNot is never nil: a link that looks good again can only have been used in between.
func (s *Service) whyNot(ctx context.Context, token string) error {
	if _, err := s.PeekLink(ctx, token); err != nil {
		return err
	}
	return ErrLinkUsed
}

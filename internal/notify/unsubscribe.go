package notify

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/refusal"
)

// UnsubscribePath is where an unsubscribe token leads.
const UnsubscribePath = "/unsubscribe/"

// ErrUnsubscribe is a token that isn't ours, or that was cut on its way.
var ErrUnsubscribe = refusal.Of(refusal.NotFound, "unsubscribe_link_invalid",
	"This link is incomplete. Copy the whole address from the mail, or choose your mails in the settings.")

// Unsubscriber makes the tokens in letters and knows them again. A token lets its holder switch mails off and on, without
// signing in, and nothing else; it works as long as the database does, since mails are kept for years.
type Unsubscriber struct{ Pool *pgxpool.Pool }

// macLength is of a truncated HMAC-SHA-256: 128 bits (RFC 2104, section 5).
const macLength = 16

// Token stands for an athlete and the kind of mail that it was in.
func (u Unsubscriber) Token(ctx context.Context, athlete uuid.UUID, kind athletes.Notification) (string, error) {
	key, err := u.key(ctx)
	if err != nil {
		return "", err
	}
	said := append(athlete[:], kind...)
	return base64.RawURLEncoding.EncodeToString(append(sign(key, said), said...)), nil
}

// Parse is the inverse of Token. Refusal: ErrUnsubscribe.
func (u Unsubscriber) Parse(ctx context.Context, token string) (athlete uuid.UUID, kind athletes.Notification, err error) {
	key, err := u.key(ctx)
	if err != nil {
		return uuid.Nil, "", err
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) <= macLength+len(athlete) || !hmac.Equal(raw[:macLength], sign(key, raw[macLength:])) {
		return uuid.Nil, "", ErrUnsubscribe
	}
	said := raw[macLength:]
	copy(athlete[:], said)
	return athlete, athletes.Notification(said[len(athlete):]), nil
}

func sign(key, said []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("unsubscribe "))
	h.Write(said)
	return h.Sum(nil)[:macLength]
}

// key is the same on all nodes: whoever needs it first makes it.
func (u Unsubscriber) key(ctx context.Context) ([]byte, error) {
	key, err := u.storedKey(ctx)
	if !errors.Is(err, pgx.ErrNoRows) {
		return key, err
	}
	fresh := make([]byte, 32)
	_, _ = rand.Read(fresh) // never errs
	if _, err := u.Pool.Exec(ctx, `insert into unsubscribe_key (key) values ($1) on conflict do nothing`, fresh); err != nil {
		return nil, fmt.Errorf("unsubscribe key: %w", err)
	}
	return u.storedKey(ctx)
}

func (u Unsubscriber) storedKey(ctx context.Context) (key []byte, err error) {
	if err := u.Pool.QueryRow(ctx, `select key from unsubscribe_key`).Scan(&key); err != nil {
		return nil, fmt.Errorf("unsubscribe key: %w", err)
	}
	return key, nil
}

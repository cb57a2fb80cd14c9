package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/alexedwards/scs/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/actor"
)

// Keys of what a session holds beside the row's columns.
const (
	signedInKey     = "signedIn" // look at the row's athlete_id
	pendingEmailKey = "pendingEmail"
	pendingIDKey    = "pendingID"
	flashKey        = "flash"
)

// newSessions: the __Host- prefix makes browsers insist on Secure, Path=/ and no Domain, so that no neighbouring
// subdomain can plant a session.
func newSessions(o Options, https bool) *scs.SessionManager {
	m := scs.New()
	m.Store = store{o.Pool}
	m.Lifetime = SessionLifetime
	m.Cookie.Name = "segment_challenge"
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	if https {
		m.Cookie.Name = "__Host-segment_challenge"
		m.Cookie.Secure = true
	}
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		o.Log.ErrorContext(r.Context(), "session couldn't be loaded or saved", "error", err)
		http.Error(w, "The database can't be reached just now. Try again in a moment.", http.StatusServiceUnavailable)
	}
	return m
}

// Middleware loads the session and puts who is asking into the request's context.
func (s *Service) Middleware(next http.Handler) http.Handler {
	return s.sessions.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, err := s.signedIn(r.Context())
		if err != nil {
			s.sessions.ErrorFunc(w, r, err)
			return
		}
		ctx := context.WithValue(WithActor(r.Context(), a), sessionKey{}, hash(s.sessions.Token(r.Context())))
		next.ServeHTTP(w, r.WithContext(ctx))
	}))
}

// signedIn is a visitor, unless the session's row names an athlete.
func (s *Service) signedIn(ctx context.Context) (actor.Actor, error) {
	if !s.sessions.GetBool(ctx, signedInKey) {
		return actor.Actor{}, nil
	}
	token := hash(s.sessions.Token(ctx))
	var athlete *uuid.UUID
	var seen *time.Time
	err := s.Pool.QueryRow(ctx, `select athlete_id, seen_at from sessions where token_hash = $1`, token).Scan(&athlete, &seen)
	if errors.Is(err, pgx.ErrNoRows) || (err == nil && athlete == nil) {
		return actor.Actor{}, nil
	}
	if err != nil {
		return actor.Actor{}, fmt.Errorf("session: %w", err)
	}
	if now := s.Now(); seen == nil || now.Sub(*seen) > seenResolution {
		if _, err := s.Pool.Exec(ctx, `update sessions set seen_at = $2 where token_hash = $1`, token, now); err != nil {
			return actor.Actor{}, fmt.Errorf("session: %w", err)
		}
	}
	return s.actorOf(ctx, *athlete)
}

func (s *Service) actorOf(ctx context.Context, athlete uuid.UUID) (actor.Actor, error) {
	a := actor.Athlete(athlete)
	var err error
	a.Admin, err = s.Admin(ctx, athlete)
	return a, err
}

// Enter takes a redeemed link into the session: a known athlete is signed in; for a new address Pending answers from
// now on. r has passed Middleware.
func (s *Service) Enter(r *http.Request, redeemed Redeemed) error {
	if redeemed.Claimed {
		return s.SignIn(r, redeemed.AthleteID)
	}
	if err := s.sessions.RenewToken(r.Context()); err != nil {
		return fmt.Errorf("session: %w", err)
	}
	s.sessions.Remove(r.Context(), signedInKey)
	s.sessions.Put(r.Context(), pendingEmailKey, redeemed.Email)
	s.sessions.Put(r.Context(), pendingIDKey, redeemed.AthleteID.String())
	return nil
}

// Pending is who has shown that an address is theirs and hasn't registered yet; false when that isn't so. The register form then gives Register for Pending.AthleteID, Claims
// Pending.Email for it and calls SignIn, in this order; sending it twice does the same thing twice.
func (s *Service) Pending(ctx context.Context) (Identity, bool) {
	email := s.sessions.GetString(ctx, pendingEmailKey)
	id, err := uuid.Parse(s.sessions.GetString(ctx, pendingIDKey))
	return Identity{Email: email, AthleteID: id}, email != "" && err == nil
}

// SignIn makes the session an athlete's, under a fresh token: one that somebody planted before is worth nothing.
func (s *Service) SignIn(r *http.Request, athlete uuid.UUID) error {
	ctx := r.Context()
	if err := s.sessions.RenewToken(ctx); err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	s.sessions.Remove(ctx, pendingEmailKey)
	s.sessions.Remove(ctx, pendingIDKey)
	s.sessions.Put(ctx, signedInKey, true)
	token, _, err := s.sessions.Commit(ctx)
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	_, err = s.Pool.Exec(ctx, `
		update sessions set athlete_id = $2, user_agent = $3, signed_in_at = $4, seen_at = $4 where token_hash = $1`,
		hash(token), athlete, cut(r.UserAgent(), 300), s.Now())
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	return nil
}

// cut shortens what a client sent to at most n bytes of valid UTF-8.
func cut(text string, n int) string {
	text = text[:min(n, len(text))]
	out := make([]rune, 0, len(text))
	for _, r := range text {
		if r != utf8.RuneError && r >= ' ' {
			out = append(out, r)
		}
	}
	return string(out)
}

// SignOut ends the request's session.
func (s *Service) SignOut(r *http.Request) error {
	if err := s.sessions.Destroy(r.Context()); err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}

// Flash keeps a sentence for the next page of this session; TakeFlash is that page's, once.
func (s *Service) Flash(ctx context.Context, sentence string) {
	s.sessions.Put(ctx, flashKey, sentence)
}

// TakeFlash is the sentence that Flash kept, or empty.
func (s *Service) TakeFlash(ctx context.Context) string { return s.sessions.PopString(ctx, flashKey) }

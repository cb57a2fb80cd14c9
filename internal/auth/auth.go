package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
)

// How long things last.
const (
	LinkLifetime    = 20 * time.Minute
	SessionLifetime = 30 * 24 * time.Hour

	linksPerHour   = 5                // a mailbox isn't flooded by somebody else typing its address
	seenResolution = 10 * time.Minute // "last seen" and "last used" are written at most this often
)

// Mailer sends the one mail that signing in needs; internal/notify does.
type Mailer interface {
	SendSignInLink(ctx context.Context, to, link string, expires time.Time) error
}

// Options of a Service.
type Options struct {
	Pool    *pgxpool.Pool
	Mail    Mailer
	BaseURL string // where people reach the site, "https://club.example"; links begin with it, https makes cookies Secure

	// Admin says whether an athlete administers the site; nil: nobody does. It is asked on each signed-in request.
	Admin func(ctx context.Context, athlete uuid.UUID) (bool, error)

	Now func() time.Time // nil: time.Now
	Log *slog.Logger     // nil: slog.Default
}

// Service signs people in and knows them again.
type Service struct {
	Options
	sessions *scs.SessionManager
}

// New checks the options. Run must run for old links and sessions to be cleared away.
func New(o Options) (*Service, error) {
	base, err := url.Parse(o.BaseURL)
	if err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") {
		return nil, fmt.Errorf("base URL %q: need http://host or https://host", o.BaseURL)
	}
	o.BaseURL = strings.TrimRight(o.BaseURL, "/")
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Admin == nil {
		o.Admin = func(context.Context, uuid.UUID) (bool, error) { return false, nil }
	}
	return &Service{Options: o, sessions: newSessions(o, base.Scheme == "https")}, nil
}

// Run clears away what has run out, hourly, until ctx is done.
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		if err := s.clear(ctx); err != nil && ctx.Err() == nil {
			s.Log.Warn("clearing away old sign-in links and sessions failed", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// clear keeps links for a day, so that one which is too old is told "expired" and not "unknown".
func (s *Service) clear(ctx context.Context) error {
	_, links := s.Pool.Exec(ctx, `delete from sign_in_links where expires_at < $1`, s.Now().Add(-24*time.Hour))
	_, sessions := s.Pool.Exec(ctx, `delete from sessions where expiry < $1`, s.Now())
	_, reserved := s.Pool.Exec(ctx, `delete from identities where claimed_at is null and reserved_at < $1`,
		s.Now().Add(-24*time.Hour))
	return errors.Join(links, sessions, reserved)
}

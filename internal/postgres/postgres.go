package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// defaultMaxConns leaves room for a writer, a tailer, projections and jobs beside web requests, and is far below
// PostgreSQL's default of 100 connections, so that four nodes fit on an untuned server.
const defaultMaxConns = 24

// Options of a pool; the zero value suits a server.
type Options struct {
	MaxConns        int32         // most connections at once; 0: pool_max_conns of the URL, else 24
	ApplicationName string        // shown in pg_stat_activity; empty: application_name of the URL, else segment-challenge
	Wait            time.Duration // how long to keep trying while the database can't be reached yet; 0: one try
}

// Open connects to the database at url (postgres://… or key=value words) and returns once it has answered a ping.
//
// With Options.Wait it tries again, with growing pauses, while nobody listens or the server is still starting. A wrong
// password or a missing database is answered at once: waiting wouldn't help.
func Open(ctx context.Context, url string, opts Options) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("database URL can't be read: %w", err)
	}
	configure(config, url, opts)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("database pool: %w", err)
	}
	if err := ping(ctx, pool, opts.Wait); err != nil {
		pool.Close()
		return nil, fmt.Errorf("database can't be reached: %w", err)
	}
	return pool, nil
}

func configure(config *pgxpool.Config, url string, opts Options) {
	switch {
	case opts.MaxConns > 0:
		config.MaxConns = opts.MaxConns
	case !strings.Contains(url, "pool_max_conns"):
		config.MaxConns = defaultMaxConns
	}
	params := config.ConnConfig.RuntimeParams
	if opts.ApplicationName != "" {
		params["application_name"] = opts.ApplicationName
	} else if params["application_name"] == "" {
		params["application_name"] = "segment-challenge"
	}
	if !strings.Contains(url, "connect_timeout") {
		config.ConnConfig.ConnectTimeout = 10 * time.Second
	}
}

// ping asks until the database answers, wait has passed or asking again is pointless. Pauses double from 50 ms to 2 s.
func ping(ctx context.Context, pool *pgxpool.Pool, wait time.Duration) error {
	deadline := time.Now().Add(wait)
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		err := pool.Ping(ctx)
		if err == nil || !transient(err) || time.Now().Add(pause).After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(pause):
		}
	}
}

// transient tells a server that may answer soon (nobody listens yet, starting, too many clients) from one that has
// understood us and said no.
func transient(err error) bool {
	var pgErr *pgconn.PgError
	if !errors.As(err, &pgErr) {
		return true
	}
	return pgErr.Code == "57P03" || pgErr.Code == "53300" // cannot_connect_now, too_many_connections
}

// WithTx runs fn in a transaction and commits it; an error or a panic from fn rolls everything back.
func WithTx(ctx context.Context, pool *pgxpool.Pool, fn func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, pool, fn)
}

package postgrestest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/postgres"
)

// New is a pool on a fresh, migrated database, which is dropped when the test ends.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return open(t, NewURL(t))
}

// NewEmpty is a pool on a fresh database without any schema, which is dropped when the test ends.
func NewEmpty(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return open(t, newDatabase(t, serverURL(t), "template1"))
}

// NewURL is the URL of a fresh, migrated database, which is dropped when the test ends.
func NewURL(t testing.TB) string {
	t.Helper()
	server := serverURL(t)
	template, err := migratedTemplate(t.Context(), server)
	if err != nil {
		t.Fatalf("template of the test databases: %v", err)
	}
	return newDatabase(t, server, template)
}

// Second is another pool on the database of pool: what a second process would see.
func Second(t testing.TB, pool *pgxpool.Pool) *pgxpool.Pool {
	t.Helper()
	return open(t, pool.Config().ConnString())
}

// open gives a pool of at most 20 connections. A connection that is still in use when the test ends is reported.
func open(t testing.TB, url string) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Open(t.Context(), url, postgres.Options{MaxConns: 20, ApplicationName: applicationName(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		closed := make(chan struct{})
		go func() { pool.Close(); close(closed) }()
		select {
		case <-closed:
		case <-time.After(20 * time.Second):
			t.Error("postgrestest: a connection of the pool is still in use: rows, a transaction or a goroutine was left open")
		}
	})
	return pool
}

// applicationName is cut to what PostgreSQL keeps, 63 bytes.
func applicationName(t testing.TB) string { return t.Name()[:min(63, len(t.Name()))] }

func newDatabase(t testing.TB, server, template string) string {
	t.Helper()
	name := testPrefix + hex.EncodeToString(random(8))
	if err := execute(t.Context(), server, `create database `+name+` template `+template); err != nil {
		t.Fatalf("make a test database: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := execute(ctx, server, `drop database if exists `+name+` with (force)`); err != nil {
			t.Errorf("drop the test database: %v", err)
		}
	})
	return withDatabase(server, name)
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return b
}

// execute runs statements on a connection of its own: a pool kept for it would show up as a leak in tests that look for
// leaked goroutines.
func execute(ctx context.Context, url string, statements ...string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, sql := range statements {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// withDatabase swaps the database's name in a URL, which stands between the host and the question mark.
func withDatabase(url, name string) string {
	head, query, _ := strings.Cut(url, "?")
	scheme, rest, _ := strings.Cut(head, "://")
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host + "/" + name + "?" + query
}

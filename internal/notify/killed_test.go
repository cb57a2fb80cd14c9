package notify_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/eventlog"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/notify"
	"segmentchallenge/internal/postgres/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m, postgrestest.Children{"sender": sendAsChild}) }

// sendAsChild is a node that does nothing but send what is due at a moment, by a mail server.
func sendAsChild(ctx context.Context, pool *pgxpool.Pool, args []string) error {
	store, err := eventstore.Open(ctx, pool, eventlog.Registry(), eventstore.Options{})
	if err != nil {
		return err
	}
	now, err := time.Parse(time.RFC3339, args[1])
	if err != nil {
		return err
	}
	mailer, err := notify.NewSMTP(notify.SMTPSettings{URL: "smtp://" + args[0], From: "Club <noreply@club.example>"})
	if err != nil {
		return err
	}
	o := &notify.Outbox{Pool: pool, Store: store, Post: notify.Post{Mailer: mailer}, BaseURL: "https://club.example",
		Address: func(_ context.Context, a uuid.UUID) (string, error) { return a.String() + "@example.org", nil },
		Now:     func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}
	return o.Once(ctx)
}

func startChild(t testing.TB, pool *pgxpool.Pool, address string, now time.Time) *postgrestest.Child {
	return postgrestest.StartChild(t, pool, "sender", address, now.Format(time.RFC3339))
}

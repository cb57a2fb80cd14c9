package eventstore_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
)

// children run in processes of their own, to be killed.
var children = postgrestest.Children{}

func TestMain(m *testing.M) { postgrestest.Main(m, children) }

// childStore gives a child its running store.
func childStore(ctx context.Context, pool *pgxpool.Pool, opts eventstore.Options) (*eventstore.Store, error) {
	s, err := eventstore.Open(ctx, pool, registry(), opts)
	if err == nil {
		go s.Run(ctx)
	}
	return s, err
}

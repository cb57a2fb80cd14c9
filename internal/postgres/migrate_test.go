package postgres_test

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"segmentchallenge/internal/postgres"
	"segmentchallenge/internal/postgres/postgrestest"
)

func files(contents map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, sql := range contents {
		fsys[name] = &fstest.MapFile{Data: []byte(sql)}
	}
	return fsys
}

func number(t *testing.T, pool *pgxpool.Pool, sql string) (n int) {
	t.Helper()
	if err := pool.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

func TestTenNodesMigrateOnce(t *testing.T) {
	first := postgrestest.NewEmpty(t)
	fsys := files(map[string]string{
		"000001_runs.up.sql": `create table runs (n int); insert into runs values (1)`,
		"000002_more.up.sql": `insert into runs values (2)`,
	})
	nodes, ctx := errgroup.WithContext(t.Context())
	for range 10 {
		pool := postgrestest.Second(t, first)
		nodes.Go(func() error { return postgres.MigrateFiles(ctx, pool, fsys) })
	}
	if err := nodes.Wait(); err != nil {
		t.Fatal(err)
	}
	if n := number(t, first, `select count(*) from runs`); n != 2 {
		t.Errorf("%d rows: migrations didn't run exactly once", n)
	}
	if n := number(t, first, `select version from schema_migrations where not dirty`); n != 2 {
		t.Errorf("version %d, want 2", n)
	}
}

func TestFailedMigrationLeavesNothing(t *testing.T) {
	pool := postgrestest.NewEmpty(t)
	broken := map[string]string{
		"000001_one.up.sql": `create table one (n int)`,
		"000002_two.up.sql": `create table two (n int); insert into nowhere values (1)`,
	}
	err := postgres.MigrateFiles(t.Context(), pool, files(broken))
	if err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Fatalf("error doesn't say what failed: %v", err)
	}
	if n := number(t, pool, `select count(*) from pg_tables where tablename in ('one', 'two')`); n != 1 {
		t.Errorf("%d of the tables exist, want only the first", n)
	}
	if n := number(t, pool, `select version from schema_migrations where not dirty`); n != 1 {
		t.Errorf("version %d, want 1", n)
	}
	broken["000002_two.up.sql"] = `create table two (n int) -- corrected, ends with a comment`
	if err := postgres.MigrateFiles(t.Context(), pool, files(broken)); err != nil {
		t.Fatalf("corrected migration: %v", err)
	}
	if n := number(t, pool, `select version from schema_migrations`); n != 2 {
		t.Errorf("version %d, want 2", n)
	}
}

func TestDownTakesBackAndUpRestores(t *testing.T) {
	pool := postgrestest.NewEmpty(t)
	ctx := t.Context()
	if status := statuses(t, ctx, pool); len(status) == 0 || strings.Contains(status, "+") {
		t.Fatalf("an empty database has migrations: %q", status)
	}
	if err := postgres.Migrate(ctx, pool); err != nil {
		t.Fatal(err)
	}
	all := statuses(t, ctx, pool)
	if strings.Contains(all, "-") {
		t.Fatalf("after up: %q", all)
	}
	const tables = `select count(*) from pg_tables where schemaname = 'public'`
	before := number(t, pool, tables)
	if err := postgres.MigrateDown(ctx, pool, len(all)); err != nil {
		t.Fatal(err)
	}
	if n := number(t, pool, tables); n != 1 { // schema_migrations
		t.Errorf("%d tables are left after all down migrations", n)
	}
	if status := statuses(t, ctx, pool); strings.Contains(status, "+") {
		t.Errorf("after down: %q", status)
	}
	if err := postgres.Migrate(ctx, pool); err != nil {
		t.Fatal(err)
	}
	if n := number(t, pool, tables); n != before {
		t.Errorf("%d tables after down and up, %d before", n, before)
	}
}

func TestDownRefusesZeroSteps(t *testing.T) {
	if err := postgres.MigrateDown(t.Context(), nil, 0); err == nil {
		t.Error("0 steps were taken")
	}
}

// statuses draws one sign a migration: + applied, - not.
func statuses(t *testing.T, ctx context.Context, pool *pgxpool.Pool) string {
	t.Helper()
	all, err := postgres.MigrationStatus(ctx, pool)
	if err != nil {
		t.Fatal(err)
	}
	var signs strings.Builder
	for _, m := range all {
		if m.Name == "" {
			t.Errorf("migration %d has no name", m.Version)
		}
		signs.WriteString(map[bool]string{true: "+", false: "-"}[m.Applied])
	}
	return signs.String()
}

package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/golang-migrate/migrate/v4"
	"github.com/golang-migrate/migrate/v4/database"
	migratepgx "github.com/golang-migrate/migrate/v4/database/pgx/v5"
	"github.com/golang-migrate/migrate/v4/source"
	"github.com/golang-migrate/migrate/v4/source/iofs"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"segmentchallenge/migrations"
)

// Migration is one numbered change of the schema.
type Migration struct {
	Version uint
	Name    string // as in 000001_name.up.sql
	Applied bool
}

// Migrate brings the schema to the newest version. Any number of processes may call it at once: an advisory lock lets
// one of them do the work while the others wait and then find nothing to do.
func Migrate(ctx context.Context, pool *pgxpool.Pool) error {
	return migrateUp(ctx, pool, migrations.FS)
}

// MigrateDown takes back the newest steps migrations. Data in what they made is lost.
func MigrateDown(ctx context.Context, pool *pgxpool.Pool, steps int) error {
	if steps < 1 {
		return fmt.Errorf("migrate down: %d steps; at least 1 is needed", steps)
	}
	return withMigrate(ctx, pool, migrations.FS, func(m *migrate.Migrate) error { return m.Steps(-steps) })
}

// MigrationStatus lists all migrations in order, and whether the database has them. It changes nothing.
func MigrationStatus(ctx context.Context, pool *pgxpool.Pool) ([]Migration, error) {
	all, err := list(migrations.FS)
	if err != nil {
		return nil, err
	}
	var exists bool
	if err := pool.QueryRow(ctx, `select to_regclass('schema_migrations') is not null`).Scan(&exists); err != nil {
		return nil, fmt.Errorf("migration status: %w", err)
	}
	var current int64 = -1
	if exists {
		err := pool.QueryRow(ctx, `select coalesce(max(version), -1) from schema_migrations`).Scan(&current)
		if err != nil {
			return nil, fmt.Errorf("migration status: %w", err)
		}
	}
	for i := range all {
		all[i].Applied = int64(all[i].Version) <= current
	}
	return all, nil
}

// list reads the names of the up files; ReadDir sorts them, and so the versions.
func list(files fs.FS) ([]Migration, error) {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, err
	}
	var all []Migration
	for _, entry := range entries {
		m, err := source.DefaultParse(entry.Name())
		if err == nil && m.Direction == source.Up {
			all = append(all, Migration{Version: m.Version, Name: m.Identifier})
		}
	}
	return all, nil
}

func migrateUp(ctx context.Context, pool *pgxpool.Pool, files fs.FS) error {
	if all, err := list(files); err != nil || len(all) == 0 {
		return err
	}
	return withMigrate(ctx, pool, files, (*migrate.Migrate).Up)
}

func withMigrate(ctx context.Context, pool *pgxpool.Pool, files fs.FS, do func(*migrate.Migrate) error) error {
	src, err := iofs.New(files, ".")
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	driver, err := migratepgx.WithInstance(stdlib.OpenDBFromPool(pool), &migratepgx.Config{})
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	m, err := migrate.NewWithInstance("iofs", src, "pgx5", &atomicDriver{Driver: driver})
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	m.LockTimeout = time.Hour // a waiting node must outlast the longest migration of another
	stop := context.AfterFunc(ctx, func() { m.GracefulStop <- true })
	defer stop()
	err = do(m)
	srcErr, dbErr := m.Close()
	if errors.Is(err, migrate.ErrNoChange) {
		err = nil
	}
	if err := errors.Join(err, srcErr, dbErr, ctx.Err()); err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	return nil
}

// atomicDriver writes the version in the transaction of the migration itself. golang-migrate notes "dirty", runs the
// file and notes "clean" in three transactions, so a process killed between them leaves a schema that nobody dares to
// touch. PostgreSQL's DDL is transactional, so there is no need for that.
type atomicDriver struct {
	database.Driver
	next int // version that Run leads to
}

func (d *atomicDriver) SetVersion(version int, dirty bool) error {
	d.next = version
	if dirty {
		return nil // Run writes it
	}
	return d.Driver.SetVersion(version, false)
}

// Run sends the file and the new version as one simple query, which PostgreSQL runs as one transaction.
func (d *atomicDriver) Run(migration io.Reader) error {
	note := "\n;truncate schema_migrations;"
	if d.next != database.NilVersion {
		note += fmt.Sprintf("insert into schema_migrations (version, dirty) values (%d, false);", d.next)
	}
	return d.Driver.Run(io.MultiReader(migration, strings.NewReader(note)))
}

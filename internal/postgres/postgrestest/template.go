package postgrestest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/postgres"
	"segmentchallenge/migrations"
)

const (
	testPrefix     = "sctest_"
	templatePrefix = "sctemplate_"
	templateLock   = 7306401285730164 // advisory lock: one process builds a template
)

// known remembers that this process has seen the template, so that only its first test asks.
var known struct {
	sync.Mutex
	server, name string
}

// migratedTemplate makes sure that the template for the present migrations is there, and gives its name.
func migratedTemplate(ctx context.Context, server string) (string, error) {
	known.Lock()
	defer known.Unlock()
	if known.server == server {
		return known.name, nil
	}
	hash, err := migrationsHash(migrations.FS)
	if err != nil {
		return "", err
	}
	name := templatePrefix + hash
	if err := buildTemplate(ctx, server, name); err != nil {
		return "", err
	}
	known.server, known.name = server, name
	return name, nil
}

// buildTemplate migrates a database under another name first, so that a template by its name is always whole.
func buildTemplate(ctx context.Context, server, name string) (err error) {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }() // lets the lock go, too
	if _, err := conn.Exec(ctx, `select pg_advisory_lock($1)`, int64(templateLock)); err != nil {
		return err
	}
	var exists bool
	const query = `select exists (select from pg_database where datname = $1)`
	if err := conn.QueryRow(ctx, query, name).Scan(&exists); err != nil || exists {
		return err
	}
	building := name + "_building"
	if _, err := conn.Exec(ctx, `drop database if exists `+building+` with (force)`); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, `create database `+building); err != nil {
		return err
	}
	if err := migrateDatabase(ctx, withDatabase(server, building)); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, `alter database `+building+` rename to `+name)
	return err
}

func migrateDatabase(ctx context.Context, url string) error {
	pool, err := postgres.Open(ctx, url, postgres.Options{MaxConns: 2})
	if err != nil {
		return err
	}
	defer pool.Close()
	return postgres.Migrate(ctx, pool)
}

// migrationsHash tells states of the migrations apart, by names and contents.
func migrationsHash(files fs.FS) (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(files, path)
		fmt.Fprintf(sum, "%s %d\n%s", path, len(raw), raw)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)[:8]), err
}

// sweep drops what test processes left that were killed before they could clean up; only the one that has just launched
// the server may, since nobody else can have a database in use then.
func sweep(ctx context.Context, server string) error {
	hash, err := migrationsHash(migrations.FS)
	if err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, `select datname from pg_database
		where (starts_with(datname, $1) or starts_with(datname, $2)) and datname <> $2 || $3`, testPrefix, templatePrefix, hash)
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := conn.Exec(ctx, `drop database if exists `+name+` with (force)`); err != nil {
			return err
		}
	}
	return nil
}

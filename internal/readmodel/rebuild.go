package readmodel

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/eventstore"
)

// rebuildBatch is how many events a rebuild applies at once.
const rebuildBatch = 2000

// Rebuild makes the tables of the named projectors anew from the log, beside the live ones, and swaps them. Readers see
// the old tables until the swap and the new ones after it, never a part of them; the projection that keeps the live
// tables goes on during the replay and waits only for the last events and the swap itself. Everything happens in one
// transaction, so a rebuild that fails or is killed leaves nothing behind.
//
// Its price is that the transaction is long: PostgreSQL can't clean up rows that die meanwhile.
func Rebuild(ctx context.Context, pool *pgxpool.Pool, store *eventstore.Store, names ...string) error {
	return RebuildWith(ctx, pool, store, RebuildOptions{}, names...)
}

// RebuildOptions of RebuildWith.
type RebuildOptions struct {
	// Progress, if given, is told now and then which read model is at work, how far it is, and where the log ends.
	Progress func(name string, position, head int64)
}

// RebuildWith is Rebuild with options.
func RebuildWith(ctx context.Context, pool *pgxpool.Pool, store *eventstore.Store, opts RebuildOptions, names ...string) error {
	projectors, err := named(store.Registry(), names)
	if err != nil {
		return err
	}
	if err := allKnown(ctx, pool, store.Registry()); err != nil {
		return fmt.Errorf("rebuild: %w", err)
	}
	for _, p := range projectors {
		if err := rebuild(ctx, pool, store, p, opts); err != nil {
			return fmt.Errorf("rebuild %s: %w", p.Name, err)
		}
	}
	return nil
}

// allKnown finds events of types that this program has never heard of. A newer one has written them: projectors here don't ask
// for them, so what they make of the log would lack something, and nobody would notice.
func allKnown(ctx context.Context, pool *pgxpool.Pool, reg *eventstore.Registry) error {
	rec := eventstore.Recorded{}
	err := pool.QueryRow(ctx, `select position, stream, type from events where type <> all($1) order by position limit 1`, reg.Types()).
		Scan(&rec.Position, &rec.Stream, &rec.Type)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err == nil {
		_, err = reg.Decode(rec)
	}
	return err
}

func named(reg *eventstore.Registry, names []string) ([]Projector, error) {
	all := Projectors(reg)
	var found []Projector
	for _, name := range names {
		i := slices.IndexFunc(all, func(p Projector) bool { return p.Name == name })
		if i < 0 {
			known := make([]string, len(all))
			for i, p := range all {
				known[i] = p.Name
			}
			return nil, fmt.Errorf("there is no read model %q; there are %s", name, strings.Join(known, ", "))
		}
		found = append(found, all[i])
	}
	return found, nil
}

func rebuild(ctx context.Context, pool *pgxpool.Pool, store *eventstore.Store, p Projector, opts RebuildOptions) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		b := building{ctx: ctx, tx: tx, store: store, projector: p, progress: opts.Progress}
		if err := b.lay(); err != nil {
			return err
		}
		// Catch up while the live projection runs, until what is left is little; then stop it and do the rest.
		for {
			head, err := store.Head(ctx)
			if err != nil {
				return err
			}
			if err := b.replay(head); err != nil {
				return err
			}
			if now, err := store.Head(ctx); err != nil || now-head < rebuildBatch {
				if err != nil {
					return err
				}
				break
			}
		}
		return b.swap()
	})
}

// building is a read model on its way in a schema of its own, within one transaction.
type building struct {
	ctx       context.Context
	tx        pgx.Tx
	store     *eventstore.Store
	projector Projector
	live      string // schema
	scratch   string // schema
	position  int64  // of the last event considered
	progress  func(name string, position, head int64)
}

func (b *building) exec(sql string, args ...any) error {
	_, err := b.tx.Exec(b.ctx, sql, args...)
	return err
}

// lay makes empty tables like the live ones, with the same names for the same indexes and constraints, so that a schema
// that was rebuilt can't be told from one that was migrated. From here on, unqualified names mean the new tables.
func (b *building) lay() error {
	if err := b.tx.QueryRow(b.ctx, `select current_schema()`).Scan(&b.live); err != nil {
		return err
	}
	b.scratch = "rebuild_" + b.projector.Name
	if err := b.exec(`create schema ` + quote(b.scratch)); err != nil {
		return err
	}
	for _, table := range b.projector.Tables {
		definitions, err := b.definitions(table)
		if err != nil {
			return err
		}
		create := `create table ` + b.in(b.scratch, table) + ` (like ` + b.in(b.live, table) +
			` including all excluding indexes)`
		for _, sql := range append([]string{create}, definitions...) {
			if err := b.exec(sql); err != nil {
				return fmt.Errorf("%s: %w", sql, err)
			}
		}
	}
	return b.exec(`set local search_path = ` + quote(b.scratch) + `, ` + quote(b.live))
}

// definitions are the statements that make the keys and indexes of a live table for its double. Names of indexes belong
// to a schema, so the double can have the same.
func (b *building) definitions(table string) ([]string, error) {
	rows, err := b.tx.Query(b.ctx, `
		select 'alter table ' || $3 || ' add constraint ' || quote_ident(conname) || ' ' || pg_get_constraintdef(oid)
		from pg_constraint where conrelid = $1::regclass and contype in ('p', 'u')
		union all
		select replace(pg_get_indexdef(i.indexrelid), format(' ON %I.%I ', $2::text, $4::text), ' ON ' || $3 || ' ')
		from pg_index i where i.indrelid = $1::regclass
			and not exists (select from pg_constraint where conindid = i.indexrelid and contype in ('p', 'u'))`,
		b.in(b.live, table), b.live, b.in(b.scratch, table), table)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func (b *building) in(schema, table string) string { return quote(schema) + "." + quote(table) }

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }

// replay applies the events up to and including a position. An event that can't be decoded ends the rebuild, with its
// position in the error: skipping it would make tables that the log doesn't tell.
func (b *building) replay(upTo int64) error {
	batch := make([]eventstore.Recorded, 0, rebuildBatch)
	apply := func() error {
		if len(batch) == 0 {
			return nil
		}
		err := b.projector.Apply(b.ctx, b.tx, batch)
		if b.progress != nil {
			b.progress(b.projector.Name, batch[len(batch)-1].Position, upTo)
		}
		batch = batch[:0]
		return err
	}
	for rec, err := range b.store.ReadAll(b.ctx, eventstore.ReadOptions{From: b.position + 1, Filter: b.projector.Filter()}) {
		if err != nil {
			return err
		}
		if rec.Position > upTo {
			break
		}
		if batch = append(batch, rec); len(batch) == rebuildBatch {
			if err := apply(); err != nil {
				return err
			}
		}
	}
	b.position = max(b.position, upTo)
	return apply()
}

// swap stops the live projection by its checkpoint, applies what has come meanwhile, and puts the new tables in the place
// of the old ones. The checkpoint then says how far the new tables are.
func (b *building) swap() error {
	var checkpoint int64
	err := b.tx.QueryRow(b.ctx, `select position from subscriptions where name = $1 for update`, b.projector.Name).Scan(&checkpoint)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	head, err := b.store.Head(b.ctx)
	if err != nil {
		return err
	}
	if err := b.replay(head); err != nil {
		return err
	}
	if err := b.lockLive(); err != nil {
		return err
	}
	for _, table := range b.projector.Tables {
		if err := b.exec(`drop table ` + b.in(b.live, table)); err != nil {
			return err
		}
		if err := b.exec(`alter table ` + b.in(b.scratch, table) + ` set schema ` + quote(b.live)); err != nil {
			return err
		}
	}
	if err := b.exec(`drop schema ` + quote(b.scratch)); err != nil {
		return err
	}
	return b.exec(`insert into subscriptions (name, kind, position) values ($1, 'projection', $2)
		on conflict (name) do update set position = excluded.position, state = 'running', error = '', updated_at = now()`,
		b.projector.Name, b.position)
}

// lockLive waits until nobody reads the live tables. A reader that holds one of them and wants another would deadlock
// with us: we give way after a moment and try again, since it is cheaper to wait than to rebuild.
func (b *building) lockLive() error {
	tables := make([]string, len(b.projector.Tables))
	for i, table := range b.projector.Tables {
		tables[i] = b.in(b.live, table)
	}
	lock := `lock table ` + strings.Join(tables, ", ") + ` in access exclusive mode`
	const attempts = 100
	for i := 1; ; i++ {
		err := pgx.BeginFunc(b.ctx, b.tx, func(savepoint pgx.Tx) error {
			if _, err := savepoint.Exec(b.ctx, `set local lock_timeout = '300ms'`); err != nil {
				return err
			}
			_, err := savepoint.Exec(b.ctx, lock)
			return err
		})
		var pgErr *pgconn.PgError
		given := errors.As(err, &pgErr) && (pgErr.Code == pgerrcode.LockNotAvailable || pgErr.Code == pgerrcode.DeadlockDetected)
		if !given || i == attempts {
			return err
		}
		select {
		case <-b.ctx.Done():
			return b.ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

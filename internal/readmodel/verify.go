package readmodel

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/eventstore"
)

// Difference is what sets a live table apart from a fresh rebuild of it.
type Difference struct {
	Projector string
	Table     string
	Live      int // rows only in the live table
	Rebuilt   int // rows only in the rebuilt one
	Examples  []string
}

func (d Difference) String() string {
	return fmt.Sprintf("%s: table %s has %d rows that the log doesn't tell, and lacks %d that it does:\n  %s",
		d.Projector, d.Table, d.Live, d.Rebuilt, strings.Join(d.Examples, "\n  "))
}

// Verify compares the live tables of the named projectors with what a fresh rebuild makes of the events that they have
// seen. It returns one Difference for each table that isn't as it should be. Nothing waits for it and nothing stays of it:
// it works on one snapshot of the database, in which rows and checkpoints fit each other, and rolls back.
func Verify(ctx context.Context, pool *pgxpool.Pool, store *eventstore.Store, names ...string) ([]Difference, error) {
	projectors, err := named(store.Registry(), names)
	if err != nil {
		return nil, err
	}
	var all []Difference
	for _, p := range projectors {
		found, err := verify(ctx, pool, store, p)
		if err != nil {
			return nil, fmt.Errorf("verify %s: %w", p.Name, err)
		}
		all = append(all, found...)
	}
	return all, nil
}

func verify(ctx context.Context, pool *pgxpool.Pool, store *eventstore.Store, p Projector) ([]Difference, error) {
	tx, err := pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
	if err != nil {
		return nil, err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	var checkpoint int64
	err = tx.QueryRow(ctx, `select coalesce(max(position), 0) from subscriptions where name = $1`, p.Name).Scan(&checkpoint)
	if err != nil {
		return nil, err
	}
	b := building{ctx: ctx, store: store, projector: p, opts: RebuildOptions{Batch: rebuildBatch}}
	if err := tx.QueryRow(ctx, `select current_schema()`).Scan(&b.live); err != nil {
		return nil, err
	}
	b.scratch = "verify_" + b.live + "_" + p.Name
	if err := b.lay(tx); err != nil {
		return nil, err
	}
	if err := b.enter(tx); err != nil {
		return nil, err
	}
	apply := func(events []eventstore.Recorded) error { return p.Apply(ctx, tx, events) }
	if err := b.replay(checkpoint, apply); err != nil {
		return nil, err
	}
	var all []Difference
	for _, table := range p.Tables {
		d, err := b.compare(tx, table)
		if err != nil {
			return nil, err
		}
		if d.Live+d.Rebuilt > 0 {
			all = append(all, d)
		}
	}
	return all, nil
}

// compare counts the rows that only one of the two tables has; a row that differs in a column is one of each.
func (b *building) compare(tx pgx.Tx, table string) (Difference, error) {
	d := Difference{Projector: b.projector.Name, Table: table}
	live, rebuilt := b.in(b.live, table), b.in(b.scratch, table)
	err := tx.QueryRow(b.ctx, `with a as (select l::text as row from `+live+` l), b as (select r::text as row from `+rebuilt+` r),
		only_live as (select row from a except all select row from b), only_rebuilt as (select row from b except all select row from a)
		select (select count(*) from only_live), (select count(*) from only_rebuilt),
			array(select 'live    ' || row from only_live order by row limit 3) || array(select 'rebuilt ' || row from only_rebuilt order by row limit 3)`).
		Scan(&d.Live, &d.Rebuilt, &d.Examples)
	return d, err
}

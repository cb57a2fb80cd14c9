package readmodel

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/eventstore"
)

// building is a read model on its way in a schema of its own.
type building struct {
	ctx       context.Context
	pool      *pgxpool.Pool
	store     *eventstore.Store
	projector Projector
	opts      RebuildOptions
	live      string    // schema
	scratch   string    // schema
	builder   uuid.UUID // whose the schema is: should another rebuild have taken over, this one finds its own name gone
	shape     []string  // of the live tables when the new ones were laid, as statements
	position  int64     // of the last event considered
}

// errTakenOver: the claim was lost, with its connection, and somebody else has begun.
var errTakenOver = errors.New("another rebuild has taken over")

// begin lays the tables, in place of what a rebuild that was killed has left.
func (b *building) begin() error {
	return pgx.BeginFunc(b.ctx, b.pool, func(tx pgx.Tx) error {
		if err := b.exec(tx, `drop schema if exists `+quote(b.scratch)+` cascade`); err != nil {
			return err
		}
		if err := b.lay(tx); err != nil {
			return err
		}
		_, err := tx.Exec(b.ctx, `create table `+b.checkpoint()+` as select $1::uuid as builder, 0::bigint as position`, b.builder)
		return err
	})
}

func (b *building) checkpoint() string { return b.in(b.scratch, "rebuild_checkpoint") }

// lay makes empty tables like the live ones, with the same names for the same indexes and constraints, so that a schema
// that was rebuilt can't be told from one that was migrated.
func (b *building) lay(tx pgx.Tx) (err error) {
	if b.shape, err = b.shapeOf(tx); err != nil {
		return err
	}
	statements := []string{`create schema ` + quote(b.scratch)}
	for _, table := range b.projector.Tables {
		definitions, err := b.definitions(tx, table)
		if err != nil {
			return err
		}
		statements = append(append(statements, `create table `+b.in(b.scratch, table)+` (like `+b.in(b.live, table)+
			` including all excluding indexes)`), definitions...)
	}
	return b.exec(tx, statements...)
}

func (b *building) exec(tx pgx.Tx, statements ...string) error {
	for _, sql := range statements {
		if _, err := tx.Exec(b.ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// shapeOf describes the live tables: their columns, and the statements for their keys and indexes.
func (b *building) shapeOf(tx pgx.Tx) ([]string, error) {
	rows, err := tx.Query(b.ctx, `
		select format('%s.%s %s %s %s %s', table_name, column_name, data_type, is_nullable, column_default, generation_expression)
		from information_schema.columns where table_schema = $1 and table_name = any($2) order by table_name, ordinal_position`,
		b.live, b.projector.Tables)
	if err != nil {
		return nil, err
	}
	shape, err := pgx.CollectRows(rows, pgx.RowTo[string])
	for _, table := range b.projector.Tables {
		if err != nil {
			break
		}
		var definitions []string
		definitions, err = b.definitions(tx, table)
		slices.Sort(definitions)
		shape = append(shape, definitions...)
	}
	return shape, err
}

// definitions are the statements that make the keys and indexes of a live table for its double. Names of indexes belong
// to a schema, so the double can have the same.
func (b *building) definitions(tx pgx.Tx, table string) ([]string, error) {
	rows, err := tx.Query(b.ctx, `
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

// enter makes unqualified names mean the new tables, for the rest of the transaction.
func (b *building) enter(tx pgx.Tx) error {
	return b.exec(tx, `set local search_path = `+quote(b.scratch)+`, `+quote(b.live))
}

// fill catches up while the live projection runs, until what is left is little, or doesn't become less: then the log grows
// as fast as anybody could project it.
func (b *building) fill() error {
	for left := int64(math.MaxInt64); ; {
		head, err := b.store.Head(b.ctx)
		if err != nil {
			return err
		}
		if head-b.position <= int64(b.opts.Batch)/10 || head-b.position >= left {
			return nil
		}
		left = head - b.position
		if err := b.replay(head, b.batch); err != nil {
			return err
		}
		for _, table := range b.projector.Tables { // who plans queries right after the swap must know how large they are
			if _, err := b.pool.Exec(b.ctx, `analyze `+b.in(b.scratch, table)); err != nil {
				return err
			}
		}
	}
}

// replay applies the events up to and including a position. An event that can't be decoded ends the rebuild, with its
// position in the error: skipping it would make tables that the log doesn't tell.
func (b *building) replay(upTo int64, apply func([]eventstore.Recorded) error) error {
	batch := make([]eventstore.Recorded, 0, b.opts.Batch)
	take := func() error {
		if len(batch) == 0 {
			return nil
		}
		if err := apply(batch); err != nil {
			return err
		}
		b.position = batch[len(batch)-1].Position
		if b.opts.Progress != nil {
			b.opts.Progress(b.projector.Name, b.position, upTo)
		}
		batch = batch[:0]
		return nil
	}
	for rec, err := range b.store.ReadAll(b.ctx, eventstore.ReadOptions{From: b.position + 1, Filter: b.projector.Filter()}) {
		if err != nil {
			return err
		}
		if rec.Position > upTo {
			break
		}
		if batch = append(batch, rec); len(batch) == b.opts.Batch {
			if err := take(); err != nil {
				return err
			}
		}
	}
	err := take()
	if err == nil {
		b.position = max(b.position, upTo)
	}
	return err
}

// batch applies events in a transaction of their own, if the tables are still this rebuild's. The disk needn't be waited
// for: after a crash of the server a rebuild begins anew anyway, and the swap waits for all that came before it.
func (b *building) batch(events []eventstore.Recorded) error {
	return pgx.BeginFunc(b.ctx, b.pool, func(tx pgx.Tx) error {
		if err := b.exec(tx, `set local synchronous_commit = off`); err != nil {
			return err
		}
		if err := b.own(tx, events[len(events)-1].Position); err != nil {
			return err
		}
		if err := b.enter(tx); err != nil {
			return err
		}
		return b.projector.Apply(b.ctx, tx, events)
	})
}

// own moves the checkpoint, if it is where this rebuild has left it.
func (b *building) own(tx pgx.Tx, to int64) error {
	tag, err := tx.Exec(b.ctx, `update `+b.checkpoint()+` set position = $2 where builder = $1`, b.builder, to)
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.Code == pgerrcode.UndefinedTable || err == nil && tag.RowsAffected() == 0 {
		return errTakenOver
	}
	return err
}

// errReshaped: a migration ran meanwhile.
var errReshaped = errors.New("its tables have got another shape meanwhile: start the rebuild again")

// swap stops the live projection by its checkpoint, applies what has come meanwhile, and puts the new tables in the place
// of the old ones. The checkpoint then says how far the new tables are.
func (b *building) swap() error {
	var stood, locked time.Time
	err := pgx.BeginFunc(b.ctx, b.pool, func(tx pgx.Tx) error {
		if err := b.own(tx, b.position); err != nil {
			return err
		}
		var checkpoint int64
		err := tx.QueryRow(b.ctx, `select position from subscriptions where name = $1 for update`, b.projector.Name).Scan(&checkpoint)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		stood = time.Now()
		if err := b.takeTheRest(tx); err != nil {
			return err
		}
		if locked, err = b.lockLive(tx); err != nil {
			return err
		}
		return b.exchange(tx)
	})
	if err == nil && b.opts.Swapped != nil {
		b.opts.Swapped(b.projector.Name, Swap{Projection: time.Since(stood), Readers: time.Since(locked)})
	}
	return err
}

func (b *building) takeTheRest(tx pgx.Tx) error {
	head, err := b.store.Head(b.ctx)
	if err != nil {
		return err
	}
	if err := b.enter(tx); err != nil {
		return err
	}
	return b.replay(head, func(events []eventstore.Recorded) error { return b.projector.Apply(b.ctx, tx, events) })
}

func (b *building) exchange(tx pgx.Tx) error {
	now, err := b.shapeOf(tx)
	if err == nil && !slices.Equal(now, b.shape) {
		err = errReshaped
	}
	if err != nil {
		return err
	}
	var statements []string
	for _, table := range b.projector.Tables {
		statements = append(statements, `drop table `+b.in(b.live, table), `alter table `+b.in(b.scratch, table)+` set schema `+quote(b.live))
	}
	if err := b.exec(tx, append(statements, `drop table `+b.checkpoint(), `drop schema `+quote(b.scratch))...); err != nil {
		return err
	}
	_, err = tx.Exec(b.ctx, `insert into subscriptions (name, kind, position) values ($1, 'projection', $2)
		on conflict (name) do update set position = excluded.position, state = 'running', error = '', updated_at = now()`,
		b.projector.Name, b.position)
	return err
}

// Who wants the live tables waits behind us while we wait for those who read them, so we give way soon and try again.
const (
	lockPatience = `100ms`
	lockPause    = 50 * time.Millisecond
	lockAttempts = 300
)

// lockLive waits until nobody reads the live tables, and says since when nobody could begin to. A reader that holds one of
// them and wants another would deadlock with us: giving way is cheaper than rebuilding.
func (b *building) lockLive(tx pgx.Tx) (since time.Time, err error) {
	tables := make([]string, len(b.projector.Tables))
	for i, table := range b.projector.Tables {
		tables[i] = b.in(b.live, table)
	}
	lock := `lock table ` + strings.Join(tables, ", ") + ` in access exclusive mode`
	for i := 1; ; i++ {
		since = time.Now()
		err := pgx.BeginFunc(b.ctx, tx, func(savepoint pgx.Tx) error {
			return b.exec(savepoint, `set local lock_timeout = '`+lockPatience+`'`, lock)
		})
		var pgErr *pgconn.PgError
		given := errors.As(err, &pgErr) && (pgErr.Code == pgerrcode.LockNotAvailable || pgErr.Code == pgerrcode.DeadlockDetected)
		if !given || i == lockAttempts {
			return since, err
		}
		select {
		case <-b.ctx.Done():
			return since, b.ctx.Err()
		case <-time.After(lockPause):
		}
	}
}

// abandon takes the new tables away, also when ctx has ended.
func (b *building) abandon() error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(b.ctx), 10*time.Second)
	defer cancel()
	b.ctx = ctx
	err := pgx.BeginFunc(ctx, b.pool, func(tx pgx.Tx) error {
		if err := b.own(tx, b.position); err != nil {
			return err
		}
		return b.exec(tx, `drop schema `+quote(b.scratch)+` cascade`)
	})
	if errors.Is(err, errTakenOver) { // then they aren't ours
		return nil
	}
	return err
}

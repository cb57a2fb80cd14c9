package eventstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// tableCopy is a table on its way into another database. What has been brought there is known row by row: by the key, and by
// the transaction that wrote the row (xmin), which is another one as soon as the row is changed. So after a first copy of the
// whole, each further one takes only what has changed, and looks at no content to find that out.
type tableCopy struct {
	name  string               // quoted
	there map[uuid.UUID]uint32 // what is in the target: by a digest of the key, who wrote it; nil: nothing yet
}

func tableCopies(names []string) []*tableCopy {
	var all []*tableCopy
	for _, name := range names {
		all = append(all, &tableCopy{name: pgx.Identifier{name}.Sanitize()})
	}
	return all
}

// bringTablesAhead copies tables while writers write. Each is brought as it is at some moment: they needn't fit each other yet.
func (m *migration) bringTablesAhead(ctx context.Context) error {
	for _, t := range m.tables {
		if err := m.bringAhead(ctx, t); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	return nil
}

func (m *migration) bringAhead(ctx context.Context, t *tableCopy) error {
	from, err := m.source.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return err
	}
	defer from.Rollback(context.WithoutCancel(ctx))
	key, err := t.key(ctx, from)
	if err != nil || key == "" {
		return err
	}
	return pgx.BeginFunc(ctx, m.target, func(to pgx.Tx) error { return t.bring(ctx, from, to, key) })
}

// bringTables completes the copies, in transactions in which nobody changes the source.
func (m *migration) bringTables(ctx context.Context, from, to pgx.Tx) error {
	for _, t := range m.tables {
		key := ""
		if t.there != nil {
			var err error
			if key, err = t.key(ctx, from); err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
		}
		if err := t.bring(ctx, from, to, key); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	return nil
}

// key is an expression for a digest of a row's primary key; "" where the table has none, or is partitioned and ctid says
// nothing.
func (t *tableCopy) key(ctx context.Context, tx pgx.Tx) (string, error) {
	var columns []string
	err := tx.QueryRow(ctx, `select array(select quote_ident(a.attname) from pg_index i join pg_class c on c.oid = i.indrelid and c.relkind = 'r'
		join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
		where i.indrelid = $1::regclass and i.indisprimary order by a.attnum)`, t.name).Scan(&columns)
	if err != nil || len(columns) == 0 {
		return "", err
	}
	return `md5(row(` + strings.Join(columns, ", ") + `)::text)::uuid`, nil
}

// bring makes the target's table like the source's. Without a key, or the first time, all of it is copied.
func (t *tableCopy) bring(ctx context.Context, from, to pgx.Tx, key string) error {
	columns, numbered, err := columnsOf(ctx, to, t.name)
	if err != nil {
		return err
	}
	if err := errors.Join(spellAlike(ctx, from), spellAlike(ctx, to)); err != nil {
		return err
	}
	list := strings.Join(columns, ", ")
	switch {
	case key == "":
		err = t.bringAll(ctx, from, to, list)
	case t.there == nil:
		if err = t.bringAll(ctx, from, to, list); err == nil {
			_, _, err = t.changes(ctx, from, key)
		}
	default:
		err = t.bringChanges(ctx, from, to, key, list)
	}
	if err != nil {
		return err
	}
	for column, sequence := range numbered { // numbers that the database hands out go on behind those that are used
		if _, err := to.Exec(ctx, `select setval($1::regclass, greatest((select max(`+column+`) from `+t.name+`), 1))`, sequence); err != nil {
			return err
		}
	}
	return nil
}

func (t *tableCopy) bringAll(ctx context.Context, from, to pgx.Tx, columns string) error {
	if _, err := to.Exec(ctx, `delete from `+t.name); err != nil { // what migrations have put there, or an attempt that failed
		return err
	}
	return pipe(ctx, from, to, `select `+columns+` from `+t.name, t.name+` (`+columns+`)`)
}

// bringChanges takes out of the target what was changed or is gone, and brings it as it is now.
func (t *tableCopy) bringChanges(ctx context.Context, from, to pgx.Tx, key, columns string) error {
	stale, places, err := t.changes(ctx, from, key)
	if err != nil {
		return err
	}
	if len(stale) > 0 {
		if _, err := to.Exec(ctx, `delete from `+t.name+` where `+key+` = any($1)`, stale); err != nil {
			return err
		}
	}
	if len(places) > 0 {
		which := ` where ctid = any('{"` + strings.Join(places, `","`) + `"}'::tid[])`
		if err := pipe(ctx, from, to, `select `+columns+` from `+t.name+which, t.name+` (`+columns+`)`); err != nil {
			return err
		}
	}
	var rows int
	if err := to.QueryRow(ctx, `select count(*) from `+t.name).Scan(&rows); err != nil {
		return err
	}
	if rows != len(t.there) {
		return fmt.Errorf("%w: %d rows instead of %d", ErrVerify, rows, len(t.there))
	}
	return nil
}

// changes compares the source with what is in the target, and takes it that the target will be made the same: stale are the
// keys to be taken out of it, places are where the rows are in the source that are to be brought, as long as its
// transaction lasts.
func (t *tableCopy) changes(ctx context.Context, from pgx.Tx, key string) (stale []uuid.UUID, places []string, err error) {
	rows, err := from.Query(ctx, `select `+key+`, xmin::text::bigint, ctid::text from `+t.name)
	if err != nil {
		return nil, nil, err
	}
	now := make(map[uuid.UUID]uint32, len(t.there))
	var id uuid.UUID
	var writer int64
	var place string
	_, err = pgx.ForEachRow(rows, []any{&id, &writer, &place}, func() error {
		now[id] = uint32(writer)
		was, known := t.there[id]
		if known && was == uint32(writer) {
			return nil
		}
		if places = append(places, place); known {
			stale = append(stale, id)
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	for id := range t.there {
		if _, still := now[id]; !still {
			stale = append(stale, id)
		}
	}
	t.there = now
	return stale, places, nil
}

// spellAlike has a database spell times as the other does: digests are of keys as text.
func spellAlike(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `set local timezone = 'UTC'; set local datestyle = 'ISO, YMD'`)
	return err
}

// pipe copies what a query gives from one database into a table of the other.
func pipe(ctx context.Context, from, to pgx.Tx, query, into string) error {
	out, in := io.Pipe()
	read := make(chan error, 1)
	go func() {
		_, err := from.Conn().PgConn().CopyTo(ctx, in, `copy (`+query+`) to stdout`)
		in.CloseWithError(err)
		read <- err
	}()
	_, err := to.Conn().PgConn().CopyFrom(ctx, out, `copy `+into+` from stdin`)
	out.CloseWithError(errors.Join(err, io.ErrClosedPipe)) // so that who reads doesn't wait for who no longer writes
	return errors.Join(err, <-read)
}

// columnsOf lists the columns of a table that are stored rather than generated, and the sequences behind those that have one.
func columnsOf(ctx context.Context, tx pgx.Tx, table string) (columns []string, numbered map[string]string, err error) {
	rows, err := tx.Query(ctx, `select quote_ident(attname), coalesce(pg_get_serial_sequence($1, attname), '') from pg_attribute
		where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = '' order by attnum`, table)
	if err != nil {
		return nil, nil, err
	}
	numbered = map[string]string{}
	var column, sequence string
	_, err = pgx.ForEachRow(rows, []any{&column, &sequence}, func() error {
		columns = append(columns, column)
		if sequence != "" {
			numbered[column] = sequence
		}
		return nil
	})
	return columns, numbered, err
}

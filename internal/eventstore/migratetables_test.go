package eventstore_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
)

// asideTables have keys of one column and of several, and none; names are unique and change hands.
const asideTables = `
	create table notes (id bigint generated always as identity primary key, name text unique, body text);
	create table times (at timestamptz, who text, n int not null, primary key (who, at));
	create table plain (n int)`

// contentsOf writes the rows of those tables down.
func contentsOf(t testing.TB, pool *pgxpool.Pool) (all []string) {
	t.Helper()
	err := pgx.BeginFunc(ctx(t), pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx(t), `set local timezone = 'UTC'`); err != nil {
			return err
		}
		for _, table := range []string{"notes", "times", "plain"} {
			var rows []string
			if err := tx.QueryRow(ctx(t), `select array(select t::text from `+table+` t order by 1)`).Scan(&rows); err != nil {
				return err
			}
			all = append(append(all, table), rows...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Tables are copied ahead of a cut-over, and what changes meanwhile follows: rows that come, go, change, and swap what is
// unique among them, in one transaction with events.
func TestMigrateTablesThatChange(t *testing.T) {
	t.Parallel()
	source, pool := openOn(t)
	mixed(t, source, 12_000)
	to, after := target(t)
	for _, p := range []*pgxpool.Pool{pool, to} {
		if _, err := p.Exec(ctx(t), asideTables); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := to.Exec(ctx(t), `insert into notes (name) values ('what an attempt has left'); alter database `+to.Config().ConnConfig.Database+` set timezone = 'Asia/Tokyo'`); err != nil {
		t.Fatal(err)
	}
	to.Reset()
	if _, err := pool.Exec(ctx(t), `insert into notes (name, body) select 'n' || i, repeat('x', 100) from generate_series(1, 500) i;
		insert into times select timestamptz '2026-05-01' + i * interval '1 hour', 'ada', i from generate_series(1, 500) i;
		insert into plain select generate_series(1, 100)`); err != nil {
		t.Fatal(err)
	}
	written := make(chan int)
	go func() {
		n, random := 0, rand.New(rand.NewPCG(1, 2))
		for ; ; n++ {
			err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
				one, other := 1+random.IntN(500), 1+random.IntN(500)
				for _, sql := range []string{
					fmt.Sprintf(`insert into notes (name) values ('new %d')`, n),
					fmt.Sprintf(`update notes set body = body || 'y' where id = %d`, one),
					fmt.Sprintf(`delete from notes where id = %d`, 500+other),
					fmt.Sprintf(`update notes set name = 'aside' where id = %d`, one),
					fmt.Sprintf(`update notes set name = 'n%d' where id = %d and not exists (select from notes where name = 'n%d')`, one, other, one),
					`update notes set name = 'again ' || id where name = 'aside'`,
					fmt.Sprintf(`update times set n = n + 1 where at = timestamptz '2026-05-01' + %d * interval '1 hour'`, one),
					fmt.Sprintf(`update times set at = at + interval '1 second' where n = %d`, other),
					fmt.Sprintf(`insert into plain values (%d)`, n),
				} {
					if _, err := tx.Exec(t.Context(), sql); err != nil {
						return err
					}
				}
				_, err := source.AppendTx(t.Context(), tx, write("notes-1", eventstore.Any, event("counted", n)))
				return err
			})
			if err != nil {
				if !strings.Contains(err.Error(), "moved to another database") {
					t.Error(err)
				}
				break
			}
		}
		written <- n
	}()
	m := migrated(t, source, to, eventstore.MigrateOptions{CutOver: true, Tables: []string{"notes", "times", "plain"}})
	t.Logf("%d transactions meanwhile; held up for %v", <-written, m.HeldUp)
	if diff := cmp.Diff(contentsOf(t, pool), contentsOf(t, to)); diff != "" {
		t.Errorf("(-source +copy):\n%s", diff)
	}
	if _, err := to.Exec(ctx(t), `insert into notes (name) values ('the next number')`); err != nil {
		t.Error(err)
	}
	appended(t, after(), write("notes-1", eventstore.StreamExists, event("counted", 1)))
}

// A row that appears in the target by another hand is found out, and nothing is cut over.
func TestMigrateFindsOutWhoWritesTheCopy(t *testing.T) {
	t.Parallel()
	source, pool := openOn(t)
	mixed(t, source, 6000)
	to, _ := target(t)
	for _, p := range []*pgxpool.Pool{pool, to} {
		if _, err := p.Exec(ctx(t), asideTables); err != nil {
			t.Fatal(err)
		}
	}
	meddled := false
	_, err := eventstore.Migrate(ctx(t), source, to, eventstore.MigrateOptions{CutOver: true, Tables: []string{"notes"}, Progress: func(int64, int64) {
		if !meddled {
			meddled = true
			if _, err := to.Exec(ctx(t), `insert into notes (name) values ('x')`); err != nil {
				t.Error(err)
			}
		}
	}})
	if !meddled || !errors.Is(err, eventstore.ErrVerify) || !strings.Contains(err.Error(), "1 rows instead of 0") {
		t.Errorf("%v", err)
	}
	appended(t, source, write("lot-1", eventstore.Any, event("counted", 1))) // it goes on
}

// BenchmarkHeldUp moves a site with 200 MB of files: for how long it is held up, and how long it takes altogether.
func BenchmarkHeldUp(b *testing.B) {
	source, pool := openOn(b)
	mixed(b, source, 5000)
	to := postgrestest.New(b)
	for _, p := range []*pgxpool.Pool{pool, to} {
		if _, err := p.Exec(b.Context(), `create table files (id int primary key, gzipped bytea not null)`); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := pool.Exec(b.Context(), `insert into files select i, decode(string_agg(md5((i * 10000 + j)::text), ''), 'hex')
		from generate_series(1, 2000) i, generate_series(1, 6250) j group by i`); err != nil {
		b.Fatal(err)
	}
	m := migrated(b, source, to, eventstore.MigrateOptions{CutOver: true, Tables: []string{"files"}})
	b.ReportMetric(float64(m.HeldUp.Microseconds())/1000, "ms-held-up")
}

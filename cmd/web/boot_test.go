package main

import (
	"bufio"
	"errors"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/postgres"
	"segmentchallenge/internal/postgres/postgrestest"
)

// MG-06: ten processes boot while migrations are pending. One applies them, each once, all start, and the schema is the one that a
// fresh database gets.
func TestMG06_TenProcessesBoot(t *testing.T) {
	t.Parallel()
	p, url := newPlace(t), postgrestest.NewURL(t)
	pool, err := postgres.Open(t.Context(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	const pending = 8 // some of which make tables
	if err := postgres.MigrateDown(t.Context(), pool, pending); err != nil {
		t.Fatal(err)
	}
	watch(t, pool)
	var nodes []*exec.Cmd
	var outputs []io.ReadCloser
	for range 10 {
		// As few connections as a node can do with, so that ten and the other tests fit on one server.
		node := p.command("serve", "--addr", "127.0.0.1:0", "--database-url", url+"&pool_max_conns=4", "--log-level", "error")
		out, err := node.StdoutPipe()
		if err == nil {
			err = node.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		nodes, outputs = append(nodes, node), append(outputs, out)
	}
	for i, out := range outputs {
		line, err := bufio.NewReader(out).ReadString('\n')
		if err != nil || !strings.Contains(line, "listens on") {
			t.Errorf("node %d says %q, %v", i, line, err)
		}
	}
	for i, node := range nodes {
		_ = node.Process.Signal(syscall.SIGTERM)
		if err := node.Wait(); err != nil {
			t.Errorf("node %d ended with %v", i, err)
		}
	}
	if twice := strings.Join(list(t, pool, `select what from ddl where what not like 'pg_temp%' group by what having count(*) > 1`), ", "); twice != "" {
		t.Errorf("made more than once: %s", twice)
	}
	if made := list(t, pool, `select what from ddl`); len(made) < 3 {
		t.Errorf("only %q were made: this test doesn't see migrations", made)
	}
	for _, m := range status(t, pool) {
		if !m.Applied {
			t.Errorf("%s is still pending", m.Name)
		}
	}
	if _, err := pool.Exec(t.Context(), `drop event trigger watched; drop function watched; drop table ddl`); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(catalogue(t, postgrestest.New(t)), catalogue(t, pool)); diff != "" {
		t.Errorf("the migrated schema isn't a fresh one (-fresh +migrated):\n%s", diff)
	}
}

// watch notes each table that is made.
func watch(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	_, err := pool.Exec(t.Context(), `
		create table ddl (what text);
		create function watched() returns event_trigger language plpgsql as $$
		begin
			insert into ddl select object_identity from pg_event_trigger_ddl_commands() where command_tag = 'CREATE TABLE';
		end $$;
		create event trigger watched on ddl_command_end when tag in ('CREATE TABLE') execute function watched()`)
	if err != nil {
		t.Fatal(err)
	}
}

func status(t *testing.T, pool *pgxpool.Pool) []postgres.Migration {
	t.Helper()
	all, err := postgres.MigrationStatus(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func list(t *testing.T, pool *pgxpool.Pool, sql string) []string {
	t.Helper()
	rows, err := pool.Query(t.Context(), sql)
	all, err2 := pgx.CollectRows(rows, pgx.RowTo[string])
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	return all
}

// catalogue writes down what a schema consists of: columns, constraints, indexes, triggers, functions, sequences.
func catalogue(t *testing.T, pool *pgxpool.Pool) []string {
	t.Helper()
	return list(t, pool, `
		select format('column %s.%s %s default %s generated %s identity %s null %s collate %s', c.table_name, c.column_name, c.data_type,
			c.column_default, c.generation_expression, c.identity_generation, c.is_nullable, c.collation_name)
		from information_schema.columns c where table_schema = current_schema()
		union all select 'index ' || indexdef from pg_indexes where schemaname = current_schema()
		union all select format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) from pg_constraint
			where connamespace = current_schema()::regnamespace
		union all select 'trigger ' || pg_get_triggerdef(t.oid) from pg_trigger t join pg_class c on c.oid = t.tgrelid
			where c.relnamespace = current_schema()::regnamespace and not t.tgisinternal
		union all select 'function ' || pg_get_functiondef(oid) from pg_proc where pronamespace = current_schema()::regnamespace
		union all select format('relation %s %s %s', relname, relkind, reloptions) from pg_class where relnamespace = current_schema()::regnamespace
		order by 1`)
}

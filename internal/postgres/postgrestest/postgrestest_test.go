package postgrestest

import (
	"testing"
)

func TestNewIsFreshAndMigrated(t *testing.T) {
	for range 3 {
		pool := New(t)
		var tables int
		err := pool.QueryRow(t.Context(), `select count(*) from pg_tables where schemaname = 'public'`).Scan(&tables)
		if err != nil || tables < 2 {
			t.Fatalf("%d tables, %v", tables, err)
		}
		if _, err := pool.Exec(t.Context(), `create table mine (n int)`); err != nil {
			t.Fatalf("not a database of its own: %v", err)
		}
	}
}

func TestNewEmptyHasNoSchema(t *testing.T) {
	var tables int
	err := NewEmpty(t).QueryRow(t.Context(), `select count(*) from pg_tables where schemaname = 'public'`).Scan(&tables)
	if err != nil || tables != 0 {
		t.Fatalf("%d tables, %v", tables, err)
	}
}

func TestSecondSeesTheSameDatabase(t *testing.T) {
	first := NewEmpty(t)
	second := Second(t, first)
	if first == second {
		t.Fatal("the same pool")
	}
	if _, err := first.Exec(t.Context(), `create table seen (n int); insert into seen values (7)`); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := second.QueryRow(t.Context(), `select n from seen`).Scan(&n); err != nil || n != 7 {
		t.Fatalf("%d, %v", n, err)
	}
}

func TestDatabasesAreDroppedAfterwards(t *testing.T) {
	var name string
	t.Run("inner", func(t *testing.T) {
		if err := New(t).QueryRow(t.Context(), `select current_database()`).Scan(&name); err != nil {
			t.Fatal(err)
		}
	})
	var exists bool
	err := NewEmpty(t).QueryRow(t.Context(), `select exists (select from pg_database where datname = $1)`, name).Scan(&exists)
	if err != nil || exists {
		t.Fatalf("%s exists: %v, %v", name, exists, err)
	}
}

func TestWithDatabase(t *testing.T) {
	for _, c := range []struct{ url, want string }{
		{"postgres:///a?host=%2Ftmp&user=x", "postgres:///b?host=%2Ftmp&user=x"},
		{"postgres://u:p@h:5432/a", "postgres://u:p@h:5432/b?"},
		{"postgres://u:p@h:5432", "postgres://u:p@h:5432/b?"},
	} {
		if got := withDatabase(c.url, "b"); got != c.want {
			t.Errorf("%s: %s, want %s", c.url, got, c.want)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		NewURL(b)
	}
}

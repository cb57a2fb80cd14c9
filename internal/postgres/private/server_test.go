package private

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// dataDir is a data directory that every user can reach (t.TempDir lies in a closed folder), with a place of its own for
// clusters that have to lie outside. The server is stopped before the folder goes.
func dataDir(t *testing.T) (string, Options) {
	t.Helper()
	root, err := os.MkdirTemp("", "private-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(root) })
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(root, "data"), Options{Outside: filepath.Join(root, "outside")}
}

func start(t *testing.T, dir string, opts Options) *Server {
	t.Helper()
	s, err := Start(t.Context(), dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func query[T any](t *testing.T, url, sql string) T {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	var value T
	if err := conn.QueryRow(ctx, sql).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

func execute(t *testing.T, url, sql string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, sql); err != nil {
		t.Fatal(err)
	}
}

func TestStartStopKeepsData(t *testing.T) {
	t.Parallel()
	dir, opts := dataDir(t)
	s := start(t, dir, opts)
	execute(t, s.URL(), `create table kept (n int)`)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if server, err := s.place.running(); server != nil || err != nil {
		t.Fatalf("still running after Stop: %v %v", server, err)
	}
	again := start(t, dir, opts)
	if n := query[int](t, again.URL(), `select count(*) from kept`); n != 0 {
		t.Errorf("kept has %d rows", n)
	}
}

func TestRemoveDeletesOnlyWhatNobodyUses(t *testing.T) {
	t.Parallel()
	dir, opts := dataDir(t)
	if err := Remove(t.Context(), dir); err != nil {
		t.Errorf("nothing to remove: %v", err)
	}
	s := start(t, dir, opts)
	execute(t, s.URL(), `create table gone (n int)`)
	if err := Remove(t.Context(), dir); !errors.Is(err, ErrInUse) {
		t.Fatalf("removed while in use: %v", err)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := Remove(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	again := start(t, dir, opts)
	if n := query[int](t, again.URL(), `select count(*) from pg_tables where tablename = 'gone'`); n != 0 {
		t.Error("data survived")
	}
}

func TestStartThatIsCalledOffLeavesNoServer(t *testing.T) {
	t.Parallel()
	dir, opts := dataDir(t)
	s := start(t, dir, opts)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	// Whatever the moment: before, while and after PostgreSQL starts.
	for after := time.Millisecond; after < 2*time.Second; after *= 3 {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		late, err := Start(ctx, dir, opts)
		cancel()
		if err == nil {
			if err := late.Stop(); err != nil {
				t.Fatal(err)
			}
		} else if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("called off after %v: %v", after, err)
		}
		if server, err := s.place.running(); server != nil || err != nil {
			t.Errorf("called off after %v: a server is left: %v %v", after, server, err)
		}
	}
	if n := query[int](t, start(t, dir, opts).URL(), `select 1`); n != 1 {
		t.Error("the server doesn't answer any more")
	}
}

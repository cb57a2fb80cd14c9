package postgres_test

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/postgres"
	"segmentchallenge/internal/postgres/postgrestest"
)

func TestWithTxCommitsOrRollsBack(t *testing.T) {
	pool := postgrestest.NewEmpty(t)
	insert := func(then error) func(pgx.Tx) error {
		return func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), `create table if not exists rows (n int); insert into rows values (1)`)
			return errors.Join(err, then)
		}
	}
	if err := postgres.WithTx(t.Context(), pool, insert(nil)); err != nil {
		t.Fatal(err)
	}
	refused := errors.New("refused")
	if err := postgres.WithTx(t.Context(), pool, insert(refused)); !errors.Is(err, refused) {
		t.Fatalf("error of fn is lost: %v", err)
	}
	func() {
		defer func() { recover() }()
		_ = postgres.WithTx(t.Context(), pool, func(tx pgx.Tx) error {
			_ = insert(nil)(tx)
			panic("in fn")
		})
	}()
	if n := number(t, pool, `select count(*) from rows`); n != 1 {
		t.Errorf("%d rows, want the one that was committed", n)
	}
	if n := int(pool.Stat().AcquiredConns()); n != 0 {
		t.Errorf("%d connections weren't given back", n)
	}
}

func TestOpenOptions(t *testing.T) {
	url := postgrestest.NewURL(t)
	for _, c := range []struct {
		name, url string
		opts      postgres.Options
		conns     int32
		app       string
	}{
		{"defaults", url, postgres.Options{}, 24, "segment-challenge"},
		{"options", url, postgres.Options{MaxConns: 3, ApplicationName: "node 2"}, 3, "node 2"},
		{"url", url + "&pool_max_conns=5&application_name=x", postgres.Options{}, 5, "x"},
		{"options before url", url + "&pool_max_conns=5", postgres.Options{MaxConns: 6}, 6, "segment-challenge"},
	} {
		t.Run(c.name, func(t *testing.T) {
			pool, err := postgres.Open(t.Context(), c.url, c.opts)
			if err != nil {
				t.Fatal(err)
			}
			defer pool.Close()
			var app string
			if err := pool.QueryRow(t.Context(), `show application_name`).Scan(&app); err != nil || app != c.app {
				t.Errorf("application_name %q, want %q (%v)", app, c.app, err)
			}
			if got := pool.Config().MaxConns; got != c.conns {
				t.Errorf("at most %d connections, want %d", got, c.conns)
			}
		})
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	good := postgrestest.NewURL(t)
	for _, c := range []struct{ name, url, want string }{
		{"no URL", "postgres://[", "can't be read"},
		{"nobody listens", "postgres:///x?host=" + t.TempDir(), "can't be reached"},
		{"no such database", strings.Replace(good, "sctest_", "missing_", 1), "does not exist"},
	} {
		_, err := postgres.Open(t.Context(), c.url, postgres.Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// A missing database is an answer, not a reason to wait.
func TestOpenDoesNotWaitForARefusal(t *testing.T) {
	url := strings.Replace(postgrestest.NewURL(t), "sctest_", "missing_", 1)
	begin := time.Now()
	if _, err := postgres.Open(t.Context(), url, postgres.Options{Wait: time.Hour}); err == nil {
		t.Fatal("opened a missing database")
	}
	if took := time.Since(begin); took > 30*time.Second {
		t.Errorf("waited %v", took)
	}
}

// Something listens but hangs up three times, as a server that is still starting; then it leads to the real one.
func TestOpenWaitsForTheServer(t *testing.T) {
	config := postgrestest.New(t).Config().ConnConfig
	if !strings.HasPrefix(config.Host, "/") {
		t.Skip("the test server isn't on a unix socket")
	}
	dir := t.TempDir()
	listener, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for range 3 {
			if client, err := listener.Accept(); err == nil {
				client.Close()
			}
		}
		forward(t.Context(), listener, "unix", filepath.Join(config.Host, ".s.PGSQL.5432"))
	}()
	url := "postgres:///" + config.Database + "?user=" + config.User + "&host=" + dir
	if _, err := postgres.Open(t.Context(), url, postgres.Options{}); err == nil {
		t.Fatal("opened at the first try")
	}
	waiting, err := postgres.Open(t.Context(), url, postgres.Options{Wait: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	waiting.Close()
}

// forward copies bytes between clients of listener and the server at address until the listener closes.
func forward(ctx context.Context, listener net.Listener, network, address string) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		server, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err != nil {
			client.Close()
			continue
		}
		go pipe(client, server)
		go pipe(server, client)
	}
}

func pipe(to, from net.Conn) {
	defer to.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

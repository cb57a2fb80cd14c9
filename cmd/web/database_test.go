package main

import (
	"context"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"segmentchallenge/internal/postgres/private"
)

// becomes asks the program whether it is ready until it gives the answer.
func (s *server) becomes(status int, words string) {
	s.Helper()
	for end := time.Now().Add(30 * time.Second); ; {
		got, answer := s.ask(http.MethodGet, "/readyz", "", "", nil)
		if got == status && strings.Contains(answer, words) {
			return
		}
		if time.Now().After(end) {
			s.Fatalf("/readyz: %d %s instead of %d %s\n%s", got, answer, status, words, s.errs)
		}
	}
}

// freeAddr is where nobody listens.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// The program is started before its database, and outlives a restart of it: nobody has to start it anew.
func TestOP01_ProgramWaitsForItsDatabase(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	opts := private.Options{Outside: filepath.Join(p.dir, "outside")}
	up := func() *private.Server {
		t.Helper()
		db, err := private.Start(context.WithoutCancel(t.Context()), filepath.Join(p.dir, "elsewhere"), opts)
		if err != nil {
			t.Fatal(err)
		}
		return db
	}
	down := func(db *private.Server) {
		t.Helper()
		if err := db.Stop(); err != nil {
			t.Error(err)
		}
	}
	db := up()
	down(db)
	addr := freeAddr(t)
	started := make(chan *server, 1)
	go func() {
		defer close(started) // also when it fails
		started <- p.serve("--addr", addr, "--database-url", db.URL())
	}()
	for early := (&server{url: "http://" + addr}); !early.listens(); { // it has its address before it looks for the database
		if t.Context().Err() != nil {
			t.Fatal("it doesn't start")
		}
	}
	db = up()
	s := <-started
	if s == nil {
		return
	}
	s.becomes(http.StatusOK, `"ready":true`)
	down(db)
	s.becomes(http.StatusServiceUnavailable, "not reachable")
	db = up()
	s.becomes(http.StatusOK, `"ready":true`)
	if page, answer := s.ask(http.MethodGet, "/challenges", "", "", nil); page != http.StatusOK {
		t.Errorf("%d %s", page, answer)
	}
	if status := s.stop(syscall.SIGTERM); status != 0 {
		t.Errorf("ended with %d: %s", status, s.errs)
	}
	down(db)
}

package private

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	defaultMaxConnections = 100
	startTimeout          = 2 * time.Minute // recovery after a crash replays at most max_wal_size, seconds on any disk
	stopTimeout           = time.Minute
)

// Options of the private server; the zero value suits everybody but tests.
type Options struct {
	ProgramDirs    []string // more folders (globs) with PostgreSQL's programs, looked into first
	MaxConnections int      // at least 100
	Outside        string   // where clusters go whose data directory is closed to PostgreSQL's user; empty: /var/lib/segment-challenge
}

// Server is this process's share in a running private database.
type Server struct {
	place   place
	dataDir string
	users   *os.File // shared lock: we use the server
	fresh   bool
}

// Start makes sure that the private database of dataDir runs, and registers this process as a user of it. It returns
// when the server takes connections.
func Start(ctx context.Context, dataDir string, opts Options) (*Server, error) {
	if opts.Outside == "" {
		opts.Outside = "/var/lib/segment-challenge"
	}
	dataDir, err := realDir(dataDir)
	if err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	starting, err := lockFile(ctx, startLock(dataDir))
	if err != nil {
		return nil, err
	}
	defer starting.Close()
	s := &Server{dataDir: dataDir}
	if s.users, err = openLock(usersLock(dataDir)); err != nil {
		return nil, err
	}
	// Free at once: exclusive locks are only taken while holding the start lock, which we have.
	if err := waitLock(ctx, s.users, syscall.LOCK_SH); err != nil {
		return nil, errors.Join(err, s.users.Close())
	}
	if err := s.start(ctx, opts); err != nil {
		return nil, errors.Join(err, s.leave())
	}
	return s, nil
}

// realDir makes the directory, open for passing through but not for listing, and returns its path without links: two
// paths to one directory must lead to one server.
func realDir(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(dir)
}

func startLock(dataDir string) string { return filepath.Join(dataDir, "postgres.start.lock") }

// start attaches to the server or launches it; the caller holds the start lock.
func (s *Server) start(ctx context.Context, opts Options) error {
	where, id, err := settle(s.dataDir, opts.Outside)
	if err != nil {
		return err
	}
	s.place = where
	if attached, err := s.attach(ctx); err != nil || attached {
		return err
	}
	s.fresh = true
	if err := s.launch(ctx, id, opts); err != nil {
		return err
	}
	return s.ready(ctx)
}

// attach takes over a server that runs already: another process's, or one that a killed process left.
func (s *Server) attach(ctx context.Context) (bool, error) {
	server, err := s.place.running()
	if server == nil || err != nil {
		return false, err
	}
	if server.status == "stopping" {
		return false, s.place.waitGone(ctx)
	}
	if server.socket != "" {
		s.place.socket = server.socket // TMPDIR of who started it may have been another
	}
	if err := s.ready(ctx); err != nil {
		if server, _ := s.place.running(); server == nil {
			return false, nil // it died under our hands
		}
		return false, err
	}
	return true, nil
}

func (s *Server) launch(ctx context.Context, id identity, opts Options) error {
	if err := s.place.discardStale(); err != nil {
		return err
	}
	programs, err := s.place.pick(ctx, id, opts)
	if err != nil {
		return err
	}
	if !exists(s.place.cluster()) {
		if err := s.place.create(ctx, id, programs); err != nil {
			return err
		}
	}
	if owner, ok := ownerOf(s.place.cluster()); ok && owner.uid != id.uid {
		if err := id.ownTree(s.place.base); err != nil {
			return err
		}
	}
	if err := errors.Join(s.place.configure(id, opts), s.place.prepareLog(id)); err != nil {
		return err
	}
	return s.launchPatiently(ctx, id, programs)
}

// launchPatiently tries again for a while when a postmaster was killed just before: its backends need a moment to notice
// and to let go of the shared memory.
func (s *Server) launchPatiently(ctx context.Context, id identity, programs Programs) error {
	for pause := 100 * time.Millisecond; ; pause *= 2 {
		err := s.place.startServer(ctx, id, programs)
		if err == nil || ctx.Err() != nil {
			return errors.Join(ctx.Err(), err)
		}
		tail := s.place.logTail()
		err = fmt.Errorf("start the private database: %w\nlast words in %s:\n%s", err, s.place.log(), tail)
		if !strings.Contains(tail, "shared memory block") || pause > 3*time.Second {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(pause):
		}
	}
}

// ready waits until the server answers, which takes a while when it recovers from a crash, and makes the database.
func (s *Server) ready(ctx context.Context) error {
	conn, err := s.connect(ctx)
	if err != nil {
		return fmt.Errorf("private database in %s: %w\nlast words in %s:\n%s", s.place.base, err, s.place.log(), s.place.logTail())
	}
	defer conn.Close(ctx)
	var exists bool
	const query = `select exists (select from pg_database where datname = $1)`
	if err := conn.QueryRow(ctx, query, databaseName).Scan(&exists); err != nil || exists {
		return err
	}
	_, err = conn.Exec(ctx, `create database `+databaseName)
	return err
}

func (s *Server) connect(ctx context.Context) (*pgx.Conn, error) {
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, 500*time.Millisecond) {
		conn, err := pgx.Connect(ctx, s.place.url("postgres"))
		var pgErr *pgconn.PgError
		if err == nil || errors.As(err, &pgErr) && pgErr.Code != "57P03" { // cannot_connect_now: starting up
			return conn, err
		}
		if server, _ := s.place.running(); server == nil {
			return nil, fmt.Errorf("it has stopped: %w", err)
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), err)
		case <-time.After(pause):
		}
	}
}

// URL of the database that the program keeps its data in.
func (s *Server) URL() string { return s.place.url(databaseName) }

// Fresh says that this call launched the server, rather than attaching to a running one.
func (s *Server) Fresh() bool { return s.fresh }

// Stop ends this process's use of the server, and stops the server when nobody else uses it: open transactions are
// rolled back, so close the pools first. A second call does nothing.
func (s *Server) Stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	starting, err := lockFile(ctx, startLock(s.dataDir))
	if err != nil {
		return err
	}
	defer starting.Close()
	if s.users == nil {
		return nil
	}
	return s.leave()
}

// leave gives up our share, and stops the server if it was the last; the caller holds the start lock. It has a deadline of
// its own: a start that was called off must not leave a server behind.
func (s *Server) leave() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	users := s.users
	s.users = nil
	last, err := tryLock(users, syscall.LOCK_EX)
	if err == nil && last && s.place.base != "" {
		err = s.place.stop(ctx)
	}
	return errors.Join(err, users.Close())
}

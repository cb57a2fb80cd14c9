package postgrestest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"segmentchallenge/internal/postgres/private"
)

// shared is the server of this process. Nobody stops it: the kernel lets its lock go when the process ends.
var shared struct {
	sync.Mutex
	server *private.Server
}

// serverURL is the URL of the server on which test databases are made.
func serverURL(t testing.TB) string {
	t.Helper()
	if url := os.Getenv("TEST_DATABASE_URL"); url != "" {
		return url
	}
	shared.Lock()
	defer shared.Unlock()
	if shared.server == nil {
		server, err := startServer(t.Context())
		if err != nil {
			t.Fatalf("test database server: %v", err)
		}
		shared.server = server
	}
	return shared.server.URL()
}

func startServer(ctx context.Context) (*private.Server, error) {
	dir, err := sharedDir()
	if err != nil {
		return nil, err
	}
	server, err := private.Start(ctx, dir, private.Options{MaxConnections: 300})
	if err != nil {
		return nil, err
	}
	if server.Fresh() {
		if err := sweep(ctx, server.URL()); err != nil {
			return nil, err
		}
	}
	if !private.Retiring(dir) {
		return server, launchRetirement(dir)
	}
	return server, nil
}

// sharedDir is the data directory that all test processes of this user share.
func sharedDir() (string, error) {
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("segment-challenge-test-%d", os.Geteuid()))
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return "", err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); !ok || !info.IsDir() || int(stat.Uid) != os.Geteuid() {
		return "", fmt.Errorf("%s belongs to somebody else; set TMPDIR", dir)
	}
	return dir, nil
}

const (
	retireEnv = "SEGMENT_CHALLENGE_RETIRE_TEST_SERVER"
	grace     = time.Minute
)

// init turns a test binary, started again with retireEnv, into the process that stops the server when all tests are
// long over. No test process can do that itself: none knows whether it is the last.
func init() {
	dir := os.Getenv(retireEnv)
	if dir == "" {
		return
	}
	if err := private.Retire(context.Background(), dir, grace); err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

func launchRetirement(dir string) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(program)
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), retireEnv+"="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // outlives the test, and Ctrl-C
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Process.Release()
}

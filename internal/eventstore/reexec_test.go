package eventstore_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres"
)

// What only a process of its own can show, that it may be killed at any moment, runs in the test binary started again.
// The child calls the function that children has under its name, and tells the parent how far it is by printing lines:
//
//	func init() { children["projector"] = func(ctx context.Context, pool *pgxpool.Pool, args []string) error { … } }
//
//	p := startChild(t, pool, "projector", "20")
//	p.line() // waits for the next line that it prints
//	p.kill() // kill -9, and waits until it is gone
var children = map[string]func(ctx context.Context, pool *pgxpool.Pool, args []string) error{}

const (
	childEnv    = "EVENTSTORE_TEST_CHILD"
	childURLEnv = "EVENTSTORE_TEST_URL"
)

func TestMain(m *testing.M) {
	name := os.Getenv(childEnv)
	if name == "" {
		os.Exit(m.Run())
	}
	if err := runChild(name); err != nil {
		fmt.Fprintf(os.Stderr, "child %s: %v\n", name, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// runChild ends when its function returns, or when the parent is gone: then standard input ends.
func runChild(name string) error {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	run, known := children[name]
	if !known {
		return fmt.Errorf("children has no such function")
	}
	pool, err := postgres.Open(ctx, os.Getenv(childURLEnv), postgres.Options{MaxConns: 8, ApplicationName: name})
	if err != nil {
		return err
	}
	defer pool.Close()
	return run(ctx, pool, os.Args[1:])
}

// childStore gives a child its running store.
func childStore(ctx context.Context, pool *pgxpool.Pool, opts eventstore.Options) (*eventstore.Store, error) {
	s, err := eventstore.Open(ctx, pool, registry(), opts)
	if err == nil {
		go s.Run(ctx)
	}
	return s, err
}

// child is a running process.
type child struct {
	t      testing.TB
	name   string
	cmd    *exec.Cmd
	stdin  io.Closer // the child ends when it is closed
	lines  chan string
	stderr bytes.Buffer
}

// startChild starts a process on the database of pool. It is killed at the latest when the test ends.
func startChild(t testing.TB, pool *pgxpool.Pool, name string, args ...string) *child {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{t: t, name: name, cmd: exec.Command(program, args...), lines: make(chan string, 1<<16)}
	c.cmd.Env = append(os.Environ(), childEnv+"="+name, childURLEnv+"="+pool.Config().ConnString())
	c.cmd.Stderr = &c.stderr
	c.stdin, err = c.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		for scanner := bufio.NewScanner(out); scanner.Scan(); {
			c.lines <- scanner.Text()
		}
		close(c.lines)
	}()
	t.Cleanup(func() { c.kill() })
	return c
}

// line waits for the next line that the child prints; it is the test's failure when there will be none.
func (c *child) line() string {
	c.t.Helper()
	select {
	case line, more := <-c.lines:
		if more {
			return line
		}
		_ = c.cmd.Wait()
		c.t.Fatalf("child %s ended by itself: %s", c.name, &c.stderr)
	case <-ctx(c.t).Done():
		c.t.Fatalf("child %s says nothing", c.name)
	}
	return ""
}

// kill ends the child as kill -9 does, waits until it is gone, and returns the lines that it had printed and nobody had
// read. Killing twice does no harm.
func (c *child) kill() (unread []string) {
	if c.cmd.ProcessState != nil {
		return nil
	}
	_ = c.cmd.Process.Kill()
	for line := range c.lines { // to its end before Wait, which closes the pipe
		unread = append(unread, line)
	}
	_ = c.cmd.Wait()
	return unread
}

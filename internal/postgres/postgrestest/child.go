package postgrestest

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/postgres"
)

// Children are functions that a test runs in a process of its own, by name: what only a process can show, that it may be
// killed at any moment. The process is the test binary, started again.
//
//	func TestMain(m *testing.M) { postgrestest.Main(m, children) }
//
//	var children = postgrestest.Children{"projector": func(ctx context.Context, pool *pgxpool.Pool, args []string) error { … }}
//
//	p := postgrestest.StartChild(t, pool, "projector", "20")
//	p.Line() // waits for the next line that it prints
//	p.Kill() // kill -9, and waits until it is gone
type Children map[string]func(ctx context.Context, pool *pgxpool.Pool, args []string) error

const (
	childEnv    = "POSTGRESTEST_CHILD"
	childURLEnv = "POSTGRESTEST_CHILD_URL"
)

// Main runs the tests or, in a process that StartChild has started, one of the functions; it is called by TestMain.
func Main(m *testing.M, children Children) {
	name := os.Getenv(childEnv)
	if name == "" {
		os.Exit(m.Run())
	}
	if err := children.run(name); err != nil {
		fmt.Fprintf(os.Stderr, "child %s: %v\n", name, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// run ends when the function returns, or when the parent is gone: then standard input ends.
func (c Children) run(name string) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	run, known := c[name]
	if !known {
		return fmt.Errorf("there is no such function")
	}
	pool, err := postgres.Open(ctx, os.Getenv(childURLEnv), postgres.Options{MaxConns: 10, ApplicationName: name})
	if err != nil {
		return err
	}
	defer pool.Close()
	return run(ctx, pool, os.Args[1:])
}

// Child is a process that StartChild has started.
type Child struct {
	t      testing.TB
	Name   string // of the function, and of its connections
	cmd    *exec.Cmd
	lines  chan string
	stderr bytes.Buffer
}

// StartChild starts a process that works on the database of pool. It is killed at the latest when the test ends.
func StartChild(t testing.TB, pool *pgxpool.Pool, name string, args ...string) *Child {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &Child{t: t, Name: name, cmd: exec.Command(program, args...), lines: make(chan string, 1<<16)}
	c.cmd.Env = append(os.Environ(), childEnv+"="+name, childURLEnv+"="+pool.Config().ConnString())
	c.cmd.Stderr = &c.stderr
	stdin, err := c.cmd.StdinPipe()
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
	t.Cleanup(func() {
		c.Kill()
		_ = stdin.Close()
	})
	return c
}

// Line waits for the next line that the child prints; it is the test's failure when there will be none.
func (c *Child) Line() string {
	c.t.Helper()
	patience := time.NewTimer(time.Minute) // so that a hang names its place
	defer patience.Stop()
	select {
	case line, more := <-c.lines:
		if more {
			return line
		}
		_ = c.cmd.Wait()
		c.t.Fatalf("child %s ended by itself: %s", c.Name, &c.stderr)
	case <-patience.C:
		c.t.Fatalf("child %s says nothing", c.Name)
	}
	return ""
}

// Gone says whether the child has killed itself, and passes over what it has printed. If it ended in another way the test
// fails.
func (c *Child) Gone() bool {
	c.t.Helper()
	for {
		select {
		case _, more := <-c.lines:
			if more {
				continue
			}
			_ = c.cmd.Wait()
			if status, ok := c.cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
				c.t.Fatalf("child %s ended by itself: %s: %s", c.Name, c.cmd.ProcessState, &c.stderr)
			}
			return true
		default:
			return false
		}
	}
}

// Kill ends the child as kill -9 does, waits until it is gone, and returns the lines that it had printed and nobody had
// read. Killing twice does no harm.
func (c *Child) Kill() (unread []string) {
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

// KillSelf ends this process as kill -9 does.
func KillSelf() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

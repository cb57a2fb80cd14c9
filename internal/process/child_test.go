package process_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"segmentchallenge/internal/aggregate"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres"
	"segmentchallenge/internal/process"
)

// A crash is real only in a process that dies: the test binary, started again as a node that runs the diaries and, at the
// n-th time that it comes to a certain place, kills itself as kill -9 does.
const (
	childEnv = "PROCESS_TEST_CHILD" // the place and n
	urlEnv   = "PROCESS_TEST_URL"
)

func TestMain(m *testing.M) {
	place := os.Getenv(childEnv)
	if place == "" {
		if os.Getenv("SC_SOAK") == "" {
			_ = flag.Set("rapid.checks", "30") // each runs nodes that crash; -rapid.checks says otherwise
		}
		os.Exit(m.Run())
	}
	if err := beChild(place, os.Getenv(urlEnv)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// beChild ends when standard input does: with the parent.
func beChild(where, url string) error {
	ctx, cancel := context.WithCancel(context.Background())
	go func() { _, _ = io.Copy(io.Discard, os.Stdin); cancel() }()
	pool, err := postgres.Open(ctx, url, postgres.Options{MaxConns: 10, ApplicationName: "child"})
	if err != nil {
		return err
	}
	store, err := eventstore.Open(ctx, pool, registry(), eventstore.Options{Logger: quiet})
	if err != nil {
		return err
	}
	go func() { _ = store.Run(ctx) }()
	n := &node{pool: pool, store: store, diaries: aggregate.NewHost[Diary](store, "diary", aggregate.Options{})}
	place, at, _ := strings.Cut(where, "/")
	left, err := strconv.Atoi(at)
	if err != nil {
		return err
	}
	die := killAt(place, int64(left), func() { _ = syscall.Kill(os.Getpid(), syscall.SIGKILL); select {} })
	m, err := process.New(store, pool, diaries(process.ToReact, nil), n.noteThen(die), n.options())
	if err != nil {
		return err
	}
	m.CrashAt(die)
	return m.Run(ctx)
}

// killAt calls kill at the n-th time that a place is come to.
func killAt(place string, n int64, kill func()) func(at string) {
	var times atomic.Int64
	return func(at string) {
		if at == place && times.Add(1) == n {
			kill()
		}
	}
}

// noteThen is the sender; after each command that went well it comes to a place of its own.
func (n *node) noteThen(come func(at string)) process.Sender {
	return func(ctx context.Context, command any, meta eventstore.Meta) error {
		err := n.note(ctx, command, meta)
		if err == nil {
			come("dispatched")
		}
		return err
	}
}

// runChild runs a node of its own until it has killed itself; or, when done says so before that, kills it. It answers
// whether it got to the place.
func (n *node) runChild(place string, times int, done func() bool) (killed bool) {
	n.Helper()
	program, err := os.Executable()
	if err != nil {
		n.Fatal(err)
	}
	cmd := exec.CommandContext(n.soon(), program)
	cmd.Env = append(os.Environ(), childEnv+"="+place+"/"+strconv.Itoa(times), urlEnv+"="+n.pool.Config().ConnString())
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		n.Fatal(err)
	}
	defer stdin.Close()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	gone := false
	n.eventually(func() bool {
		select {
		case <-ended:
			gone, killed = true, true
		default:
		}
		return gone || done()
	})
	if !gone {
		_ = cmd.Process.Kill()
		<-ended
	} else if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
		n.Fatalf("the child has ended by itself: %s: %s", cmd.ProcessState, stderr.String())
	}
	return killed
}

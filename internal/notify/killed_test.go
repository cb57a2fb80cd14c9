package notify_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/eventlog"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/notify"
	"segmentchallenge/internal/postgres"
)

// The test binary, started again with these set, is a node that does nothing but send what is due at a moment.
const (
	childURL  = "NOTIFY_TEST_URL"
	childSMTP = "NOTIFY_TEST_SMTP"
	childNow  = "NOTIFY_TEST_NOW"
)

func TestMain(m *testing.M) {
	if os.Getenv(childURL) == "" {
		os.Exit(m.Run())
	}
	if err := sendAsChild(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func sendAsChild() error {
	ctx, cancel := context.WithCancel(context.Background())
	go func() { // the parent is gone when standard input ends
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	pool, err := postgres.Open(ctx, os.Getenv(childURL), postgres.Options{})
	if err != nil {
		return err
	}
	defer pool.Close()
	store, err := eventstore.Open(ctx, pool, eventlog.Registry(), eventstore.Options{})
	if err != nil {
		return err
	}
	now, err := time.Parse(time.RFC3339, os.Getenv(childNow))
	if err != nil {
		return err
	}
	mailer, err := notify.NewSMTP(notify.SMTPSettings{URL: "smtp://" + os.Getenv(childSMTP), From: "Club <noreply@club.example>"})
	if err != nil {
		return err
	}
	o := &notify.Outbox{Pool: pool, Store: store, Post: notify.Post{Mailer: mailer}, BaseURL: "https://club.example",
		Address: func(_ context.Context, a uuid.UUID) (string, error) { return a.String() + "@example.org", nil },
		Now:     func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}
	return o.Once(ctx)
}

// process is a child that runs.
type process struct {
	testing.TB
	cmd *exec.Cmd
}

func startChild(t testing.TB, pool *pgxpool.Pool, address string, now time.Time) process {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), childURL+"="+pool.Config().ConnString(), childSMTP+"="+address, childNow+"="+now.Format(time.RFC3339))
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		for lines := bufio.NewScanner(said); lines.Scan(); {
			t.Log("child:", lines.Text())
		}
	}()
	t.Cleanup(func() { stdin.Close(); _ = cmd.Process.Kill() })
	return process{t, cmd}
}

// kill is kill -9.
func (p process) kill() {
	p.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.Fatal(err)
	}
	_ = p.cmd.Wait() // says that it was killed
}

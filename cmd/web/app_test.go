package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asProgram makes the test binary the program itself: what is tested is what people run.
const asProgram = "SEGMENT_CHALLENGE_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// place is a data directory, with the program to be run on it.
type place struct {
	*testing.T
	dir string
}

// newPlace makes one that every user can reach: started by root, PostgreSQL runs as another (t.TempDir lies in a closed folder).
func newPlace(t *testing.T) place {
	t.Helper()
	dir, err := os.MkdirTemp("", "program-")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return place{t, dir}
}

func (p place) command(args ...string) *exec.Cmd {
	p.Helper()
	program, err := os.Executable()
	if err != nil {
		p.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(p.Context()), program, args...)
	cmd.Dir = p.dir
	settings := []string{"DATABASE_URL", "ADDR", "BASE_URL", "SMTP_URL", "DEV", "LOG_LEVEL", "TRUSTED_PROXIES", "SITE_NAME", "MAIL_FROM"}
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains(settings, name)
	}), asProgram+"=1", "DATA_DIR="+filepath.Join(p.dir, "data"))
	return cmd
}

// said is what a run of the program left.
type said struct {
	place
	args     []string
	out, err string
	status   int
}

func (p place) run(args ...string) said {
	p.Helper()
	cmd := p.command(args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.Fatal(err)
	}
	return said{p, args, out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

// well is the output of a run that must go well and have nothing to complain about.
func (s said) well() string {
	s.Helper()
	if s.status != 0 || s.err != "" {
		s.Fatalf("%q: status %d, %s", s.args, s.status, s.err)
	}
	return strings.TrimSuffix(s.out, "\n")
}

// fails checks that the run ended with a status, said why in words on stderr, and nothing on stdout.
func (s said) fails(status int, words string) {
	s.Helper()
	if s.status != status || s.out != "" || !strings.HasPrefix(s.err, "segment-challenge: ") || !strings.Contains(s.err, words) {
		s.Errorf("%q: status %d, out %q, err %q; want %d and %q", s.args, s.status, s.out, s.err, status, words)
	}
}

// server is a running program.
type server struct {
	place
	cmd  *exec.Cmd
	url  string
	errs *bytes.Buffer
	done chan struct{} // closed when it has ended
}

// serve starts the program and returns when it listens.
func (p place) serve(args ...string) *server {
	p.Helper()
	s := &server{place: p, cmd: p.command(append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...), errs: &bytes.Buffer{}, done: make(chan struct{})}
	s.cmd.Stderr = s.errs
	out, err := s.cmd.StdoutPipe()
	if err == nil {
		err = s.cmd.Start()
	}
	if err != nil {
		p.Fatal(err)
	}
	p.Cleanup(func() { s.stop(syscall.SIGKILL) })
	line, err := bufio.NewReader(out).ReadString('\n')
	go func() {
		_, _ = io.Copy(io.Discard, out)
		_ = s.cmd.Wait() // its status is read from ProcessState
		close(s.done)
	}()
	_, url, found := strings.Cut(strings.TrimSpace(line), "listens on ")
	if err != nil || !found {
		s.stop(syscall.SIGKILL)
		p.Fatalf("serve: %q, %v, %s", line, err, s.errs)
	}
	s.url = url
	return s
}

// stop sends a signal and waits for the end; the status is -1 when the signal ended it.
func (s *server) stop(sig syscall.Signal) int {
	_ = s.cmd.Process.Signal(sig) // it may have ended
	select {
	case <-s.done:
	case <-time.After(30 * time.Second):
		_ = s.cmd.Process.Kill()
		<-s.done
		s.Errorf("30 seconds after %s the program still ran: %s", sig, s.errs)
	}
	return s.cmd.ProcessState.ExitCode()
}

// listens says whether the server takes connections.
func (s *server) listens() bool {
	conn, err := net.DialTimeout("tcp", strings.TrimPrefix(s.url, "http://"), time.Second)
	if err == nil {
		_ = conn.Close()
	}
	return err == nil
}

// databaseRuns says whether the private PostgreSQL is up.
func (p place) databaseRuns() bool {
	_, err := os.Stat(filepath.Join(p.dir, "data", "postgres", "cluster", "postmaster.pid"))
	return err == nil
}

// send sends a request. Its body is asked for only when the server is about to read it.
func (s *server) send(method, path, token, kind string, body io.Reader) (status int, answer string, err error) {
	r, err := http.NewRequestWithContext(context.WithoutCancel(s.Context()), method, s.url+path, body)
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Expect", "100-continue")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	patient := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: 20 * time.Second, DisableKeepAlives: true}}
	res, err := patient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	return res.StatusCode, string(data), err
}

// ask is send where nothing may come between.
func (s *server) ask(method, path, token, kind string, body io.Reader) (status int, answer string) {
	s.Helper()
	status, answer, err := s.send(method, path, token, kind, body)
	if err != nil {
		s.Fatal(err)
	}
	return status, answer
}

// json asks for what must be answered by a status below 400.
func (s *server) json(method, path, token, body string) string {
	s.Helper()
	status, answer := s.ask(method, path, token, "application/json", strings.NewReader(body))
	if status >= 400 {
		s.Fatalf("%s %s: %d %s", method, path, status, answer)
	}
	return answer
}

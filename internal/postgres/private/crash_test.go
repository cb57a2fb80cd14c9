package private

import (
	"bufio"
	"context"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// childEnv makes the test binary a program that starts the server of a data directory, prints its URL and waits: what
// can be killed.
const childEnv = "PRIVATE_TEST_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		child(dir)
		return
	}
	os.Exit(m.Run())
}

func child(dir string) {
	s, err := Start(context.Background(), dir, Options{Outside: filepath.Join(filepath.Dir(dir), "outside")})
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	fmt.Println(s.URL())
	bufio.NewReader(os.Stdin).ReadString('\n') // until the parent lets go
	if err := s.Stop(); err != nil {
		os.Exit(1)
	}
}

// another is a second process that uses the server of dir. letGo asks it to stop; kill is what kill -9 does.
type another struct {
	cmd *osexec.Cmd
	url string
	in  interface{ Close() error }
}

func launch(t *testing.T, dir string) another {
	t.Helper()
	return launchAs(t, identity{}, os.Args[0], dir)
}

func launchAs(t *testing.T, id identity, program, dir string) another {
	t.Helper()
	cmd := osexec.Command(program)
	cmd.Env = append(os.Environ(), childEnv+"="+dir)
	cmd.SysProcAttr = id.attributes()
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || strings.HasPrefix(line, "error:") {
		t.Fatalf("child: %s %v", line, err)
	}
	return another{cmd: cmd, url: strings.TrimSpace(line), in: in}
}

func (a another) letGo(t *testing.T) {
	t.Helper()
	a.in.Close()
	if err := a.cmd.Wait(); err != nil {
		t.Fatal(err)
	}
}

func (a another) kill(sig syscall.Signal, group bool) {
	pid := a.cmd.Process.Pid
	if group {
		pid = -pid
	}
	syscall.Kill(pid, sig)
	a.cmd.Wait()
}

func postmasterPID(t *testing.T, s *Server) int {
	t.Helper()
	server, err := s.place.running()
	if err != nil || server == nil {
		t.Fatalf("the server doesn't run: %v", err)
	}
	return server.pid
}

func TestSecondProcessAttachesAndTheLastStops(t *testing.T) {
	t.Parallel()
	dir, opts := dataDir(t)
	first := launch(t, dir)
	execute(t, first.url, `create table shared (n int)`)
	second := start(t, dir, opts)
	if second.Fresh() {
		t.Error("a second server was launched")
	}
	first.letGo(t)
	query[int](t, second.URL(), `select count(*) from shared`)
	where := second.place
	if err := second.Stop(); err != nil {
		t.Fatal(err)
	}
	if server, err := where.running(); server != nil || err != nil {
		t.Errorf("the last user didn't stop the server: %v %v", server, err)
	}
}

func TestKilledParentLeavesAServerToTakeOver(t *testing.T) {
	t.Parallel()
	dir, opts := dataDir(t)
	parent := launch(t, dir)
	execute(t, parent.url, `create table kept (n int); insert into kept values (5)`)
	parent.kill(syscall.SIGKILL, false)
	s := start(t, dir, opts)
	if s.Fresh() {
		t.Error("the orphaned server wasn't taken over")
	}
	if n := query[int](t, s.URL(), `select n from kept`); n != 5 {
		t.Errorf("kept %d", n)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if server, _ := s.place.running(); server != nil {
		t.Error("the orphaned server outlived its last user")
	}
}

// Ctrl-C reaches the whole process group of a terminal. Here it kills the parent at once, and must spare the server.
func TestInterruptOfTheGroupSparesTheServer(t *testing.T) {
	t.Parallel()
	dir, opts := dataDir(t)
	parent := launch(t, dir)
	parent.kill(syscall.SIGINT, true)
	s := start(t, dir, opts)
	if s.Fresh() {
		t.Error("the server got the interrupt too")
	}
}

func TestKilledPostmasterIsReplaced(t *testing.T) {
	t.Parallel()
	dir, opts := dataDir(t)
	s := start(t, dir, opts)
	execute(t, s.URL(), `create table kept (n int); insert into kept values (5)`)
	syscall.Kill(postmasterPID(t, s), syscall.SIGKILL)
	again := start(t, dir, opts)
	if !again.Fresh() {
		t.Error("attached to a killed server")
	}
	if n := query[int](t, again.URL(), `select n from kept`); n != 5 {
		t.Errorf("kept %d", n)
	}
}

// In a container process numbers start anew, so the number in a left-over postmaster.pid is often somebody's.
func TestStalePidOfALivingStrangerIsNoObstacle(t *testing.T) {
	t.Parallel()
	dir, opts := dataDir(t)
	s := start(t, dir, opts)
	raw, err := os.ReadFile(s.place.pidFile())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	id, err := who(s.place.cluster())
	if err != nil {
		t.Fatal(err)
	}
	stranger := osexec.Command("tail", "-f", "/dev/null")
	stranger.SysProcAttr = id.attributes()
	stranger.Dir = "/"
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stranger.Process.Kill(); stranger.Wait() })
	_, rest, _ := strings.Cut(string(raw), "\n")
	stale := fmt.Sprintf("%d\n%s", stranger.Process.Pid, rest)
	if err := os.WriteFile(s.place.pidFile(), []byte(stale), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := id.own(s.place.pidFile()); err != nil {
		t.Fatal(err)
	}
	if again := start(t, dir, opts); !again.Fresh() {
		t.Error("took a stranger for the server")
	}
}

func TestUnfinishedClusterIsMadeAnew(t *testing.T) {
	t.Parallel()
	dir, opts := dataDir(t)
	if err := os.MkdirAll(filepath.Join(dir, "postgres", "cluster.new", "base"), 0o755); err != nil {
		t.Fatal(err)
	}
	start(t, dir, opts)
}

func TestManyAtOnceStartOneServer(t *testing.T) {
	t.Parallel()
	dir, opts := dataDir(t)
	servers := make(chan *Server)
	const n = 6
	for range n {
		go func() {
			s, err := Start(t.Context(), dir, opts)
			if err != nil {
				t.Error(err)
			}
			servers <- s
		}()
	}
	launched := 0
	for range n {
		s := <-servers
		if s == nil {
			continue
		}
		defer s.Stop()
		if s.Fresh() {
			launched++
		}
	}
	if launched != 1 {
		t.Errorf("%d servers were launched", launched)
	}
}

func TestRetireStopsAnUnusedServer(t *testing.T) {
	t.Parallel()
	dir, opts := dataDir(t)
	s := start(t, dir, opts)
	retired := make(chan error, 1)
	go func() { retired <- Retire(t.Context(), dir, time.Millisecond) }()
	for !Retiring(dir) {
		if t.Context().Err() != nil {
			t.Fatal("never began")
		}
	}
	postmasterPID(t, s)
	// Let go of the lock as the kernel does when a process ends without Stop.
	if err := s.users.Close(); err != nil {
		t.Fatal(err)
	}
	s.users = nil
	if err := <-retired; err != nil {
		t.Fatal(err)
	}
	if server, _ := s.place.running(); server != nil {
		t.Error("the unused server still runs")
	}
}

package private

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// postmaster is what the server says about itself in postmaster.pid.
type postmaster struct {
	pid    int
	socket string // folder of its unix socket
	status string // ready, starting, stopping, standby
}

// running reads postmaster.pid and returns the server that it speaks of, or nil when none lives: there is no such file,
// or it was left by a crash.
func (p place) running() (*postmaster, error) {
	file, err := os.Open(p.pidFile())
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var lines []string
	for scan := bufio.NewScanner(file); scan.Scan(); {
		lines = append(lines, strings.TrimSpace(scan.Text()))
	}
	if len(lines) == 0 {
		return nil, nil
	}
	pid, err := strconv.Atoi(lines[0])
	if err != nil || pid <= 0 || !p.owns(pid) {
		return nil, nil
	}
	lines = append(lines, make([]string, 8)...) // a file that is still being written lacks its last lines
	return &postmaster{pid: pid, socket: lines[4], status: lines[7]}, nil
}

// owns says whether pid is a living server of this cluster. A number alone proves nothing: after a reboot, or in a
// container where numbers start anew, it may be anybody's.
func (p place) owns(pid int) bool {
	if err := syscall.Kill(pid, 0); err != nil && !errors.Is(err, syscall.EPERM) {
		return false
	}
	if runtime.GOOS == "linux" {
		// The server's working directory is its cluster.
		cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
		return err == nil && filepath.Clean(cwd) == p.cluster()
	}
	out, err := exec.Command("ps", "-o", "comm=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.HasPrefix(filepath.Base(strings.TrimSpace(string(out))), "postgres")
}

// discardStale removes the lock files of a server that died. PostgreSQL itself does so only while their number is free;
// once it belongs to some other process of the same user it refuses to start. Backends that still live are not
// overlooked: PostgreSQL finds them by their shared memory. The caller holds the start lock.
func (p place) discardStale() error {
	alive, err := p.running()
	if alive != nil || err != nil {
		return err
	}
	socket := filepath.Join(p.socket, socketName)
	if conn, err := net.Dial("unix", socket); err == nil {
		return errors.Join(conn.Close(), fmt.Errorf("a server answers on %s, but isn't a process of this system: "+
			"another container uses the same data directory; give each its own, or set DATABASE_URL", socket))
	}
	for _, path := range []string{p.pidFile(), socket + ".lock"} {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// stop asks the server for a fast shutdown (open transactions are rolled back, everything is written) and waits until
// it has gone.
func (p place) stop(ctx context.Context) error {
	server, err := p.running()
	if server == nil || err != nil {
		return err
	}
	if err := syscall.Kill(server.pid, syscall.SIGINT); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("stop the private database (process %d): %w", server.pid, err)
	}
	return p.waitGone(ctx)
}

func (p place) waitGone(ctx context.Context) error {
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		server, err := p.running()
		if server == nil || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the private database (process %d) is still stopping: %w", server.pid, ctx.Err())
		case <-time.After(pause):
		}
	}
}

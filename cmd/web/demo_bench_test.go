package main

import (
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

// BenchmarkDemoShowsBoard measures `make demo` from the call until the first page shows a board with athletes on it: build,
// a new private PostgreSQL, schema, season, rides by the upload path, read models. Once with all packages compiled, and
// once in a copy of the tree, where ours have to be compiled first and the dependencies not.
func BenchmarkDemoShowsBoard(b *testing.B) {
	root, err := filepath.Abs("../..")
	if err != nil {
		b.Fatal(err)
	}
	b.Run("compiled", func(b *testing.B) {
		for b.Loop() {
			demoShowsBoard(b, root)
		}
	})
	b.Run("ours-to-compile", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			fresh := openTempDir(b)
			copyTree(b, root, fresh)
			b.StartTimer()
			demoShowsBoard(b, fresh)
		}
	})
}

// openTempDir is one that others may look into: PostgreSQL isn't run by root.
func openTempDir(b *testing.B) string {
	b.Helper()
	dir := b.TempDir()
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(d, 0o755); err != nil {
			b.Fatal(err)
		}
	}
	return dir
}

// copyTree copies what a clone of the repository has.
func copyTree(b *testing.B, from, to string) {
	b.Helper()
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err == nil && entry.IsDir() {
			if slices.Contains([]string{".git", ".cache", "data"}, name) {
				return fs.SkipDir
			}
			return os.MkdirAll(filepath.Join(to, name), 0o755)
		}
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), data, info.Mode().Perm())
	})
	if err != nil {
		b.Fatal(err)
	}
}

var (
	listensOn = regexp.MustCompile(`listens on (http://\S+)`)
	boardRow  = regexp.MustCompile(`<tr id="row-`)
)

func demoShowsBoard(b *testing.B, tree string) {
	b.Helper()
	out, in, err := os.Pipe()
	if err != nil {
		b.Fatal(err)
	}
	defer out.Close()
	demo := exec.CommandContext(b.Context(), "make", "demo")
	demo.Dir, demo.Stdout, demo.Stderr = tree, in, in
	demo.Env = append(os.Environ(), "ADDR=127.0.0.1:0", "DATABASE_URL=", "DATA_DIR="+openTempDir(b))
	demo.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	err = demo.Start()
	in.Close()
	if err != nil {
		b.Fatal(err)
	}
	heard := &printed{ended: make(chan struct{})}
	go heard.listen(out)
	awaitBoard(b, heard)
	b.StopTimer()
	if err := syscall.Kill(-demo.Process.Pid, syscall.SIGTERM); err != nil {
		b.Error(err)
	}
	_ = demo.Wait() // make says that it was stopped
	<-heard.ended   // so has the program, and with it its PostgreSQL
	b.StartTimer()
}

// printed is what a program has printed so far.
type printed struct {
	mu    sync.Mutex
	all   []byte
	ended chan struct{} // closed when nobody can print any more
}

func (s *printed) listen(r io.Reader) {
	defer close(s.ended)
	buffer := make([]byte, 4096)
	for {
		n, err := r.Read(buffer)
		s.mu.Lock()
		s.all = append(s.all, buffer[:n]...)
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (s *printed) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.all)
}

// awaitBoard waits for the address, and then for a board there.
func awaitBoard(b *testing.B, s *printed) {
	b.Helper()
	deadline := time.Now().Add(5 * time.Minute)
	for time.Now().Before(deadline) {
		if found := listensOn.FindStringSubmatch(s.text()); found != nil {
			if answer, err := http.Get(found[1] + "/"); err == nil {
				body, err := io.ReadAll(answer.Body)
				answer.Body.Close()
				if err == nil && boardRow.Match(body) {
					return
				}
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.Fatalf("no board in five minutes: %s", s.text())
}

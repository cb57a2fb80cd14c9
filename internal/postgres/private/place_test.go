package private

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLongDataDirectoryTakesAShortSocketFolder(t *testing.T) {
	t.Parallel()
	dir, opts := dataDir(t)
	dir = filepath.Join(dir, strings.Repeat("a long name/", 12))
	s := start(t, dir, opts)
	if strings.HasPrefix(s.place.socket, dir) {
		t.Fatalf("socket in %s", s.place.socket)
	}
	t.Cleanup(func() { os.RemoveAll(s.place.socket) })
	info, err := os.Stat(s.place.socket)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("socket folder: %v %v", info.Mode(), err)
	}
	if n := query[int](t, s.URL(), `select 1`); n != 1 {
		t.Errorf("got %d", n)
	}
}

func TestOddCharactersInTheDataDirectory(t *testing.T) {
	t.Parallel()
	dir, opts := dataDir(t)
	s := start(t, filepath.Join(dir, `it's "odd", $HOME ü&?`), opts)
	t.Cleanup(func() { os.RemoveAll(s.place.socket) })
	if got := query[string](t, s.URL(), `show listen_addresses`); got != "" {
		t.Errorf("listens on %q", got)
	}
}

func TestSocketIsGuarded(t *testing.T) {
	t.Parallel()
	dir, opts := dataDir(t)
	s := start(t, dir, opts)
	info, err := os.Stat(s.place.socket)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("socket folder: %v %v", info, err)
	}
	if info, err = os.Stat(s.place.cluster()); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("cluster: %v %v", info, err)
	}
}

func TestForeignSocketFolderIsRefused(t *testing.T) {
	id := identity{uid: uint32(os.Geteuid()) + 1, gid: 1, name: "somebody"}
	if err := guarded(id, t.TempDir()); err == nil || !strings.Contains(err.Error(), "somebody else") {
		t.Errorf("a folder of another user was taken: %v", err)
	}
}

// As root, with the data directory in a folder that the database's user can't enter, as /root is.
func TestClosedFolderPutsTheClusterOutside(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root gives up its rights, and with them the way into closed folders")
	}
	t.Parallel()
	dir, opts := dataDir(t)
	closed := t.TempDir() // mode 0700 above it
	if err := os.Chmod(filepath.Dir(closed), 0o700); err != nil {
		t.Fatal(err)
	}
	s := start(t, filepath.Join(closed, "data"), opts)
	if !strings.HasPrefix(s.place.base, filepath.Dir(dir)) {
		t.Errorf("cluster in %s", s.place.base)
	}
	execute(t, s.URL(), `create table kept (n int)`)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	again := start(t, filepath.Join(closed, "data"), opts)
	if again.place.base != s.place.base {
		t.Errorf("another cluster: %s, then %s", s.place.base, again.place.base)
	}
	query[int](t, again.URL(), `select count(*) from kept`)
	if err := again.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(again.place.base); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), filepath.Join(closed, "data"), opts); err == nil || !strings.Contains(err.Error(), "gone") {
		t.Errorf("a lost cluster was silently replaced: %v", err)
	}
}

func TestServerOfAnotherContainerIsNotDisturbed(t *testing.T) {
	t.Parallel()
	dir, opts := dataDir(t)
	where, _, err := settleFor(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("unix", filepath.Join(where.socket, socketName))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if _, err := Start(t.Context(), dir, opts); err == nil || !strings.Contains(err.Error(), "another container") {
		t.Errorf("error %v", err)
	}
}

func settleFor(dir string, opts Options) (place, identity, error) {
	real, err := realDir(dir)
	if err != nil {
		return place{}, identity{}, err
	}
	return settle(real, opts.Outside)
}

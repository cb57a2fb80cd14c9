package private

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// openCopy copies the test binary to where other users can run it; go test builds it in a closed folder.
func openCopy(t *testing.T, dir string) string {
	t.Helper()
	from, err := os.Open(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	path := filepath.Join(dir, "program")
	to, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	if _, err := io.Copy(to, from); err != nil {
		t.Fatal(err)
	}
	return path
}

// One user's server, then root beside it: root's programs must run as the owner of the cluster.
func TestOrdinaryUserThenRoot(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can become another user; all other tests run as an ordinary one now")
	}
	nobody, err := lookUp("nobody")
	if err != nil {
		t.Skip("no user nobody")
	}
	dir, opts := dataDir(t)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := nobody.own(dir); err != nil {
		t.Fatal(err)
	}
	theirs := launchAs(t, nobody, openCopy(t, filepath.Dir(dir)), dir)
	execute(t, theirs.url, `create table kept (n int)`)
	theirs.letGo(t)
	s := start(t, dir, opts)
	if owner, ok := ownerOf(s.place.pidFile()); !ok || owner.uid != nobody.uid {
		t.Errorf("the server runs as user %s, not as the cluster's owner", owner.name)
	}
	query[int](t, s.URL(), `select count(*) from kept`)
}

func TestAnotherUsersClusterIsRefused(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may use anybody's cluster")
	}
	if _, err := who("/"); err == nil || !strings.Contains(err.Error(), "belongs to another user") {
		t.Errorf("error %v", err)
	}
}

func TestCanEnter(t *testing.T) {
	root := t.TempDir()
	closed := filepath.Join(root, "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	stranger := identity{uid: uint32(os.Geteuid()) + 12345, gid: uint32(os.Getegid()) + 12345, drop: true}
	for path, want := range map[string]bool{"/": true, "/no/such/folder": true, closed: false, filepath.Join(closed, "in", "it"): false} {
		if got := stranger.canEnter(path); got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
	if ourselves := (identity{}); !ourselves.canEnter(closed) {
		t.Error("we can't enter our own folder")
	}
}

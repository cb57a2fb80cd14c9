package private

import (
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// openCopy copies the test binary to where other users can run it; go test builds it in a closed folder. A process of its
// own does it: a program can't be started while any child of ours still has it open for writing.
func openCopy(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "program")
	if out, err := osexec.Command("cp", os.Args[0], path).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := os.Chmod(path, 0o755); err != nil {
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

package private

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

const (
	// socketPathLimit is the room in sockaddr_un: 108 bytes on Linux, 104 on macOS and BSD, less the closing zero.
	socketPathLimit = 103
	socketName      = ".s.PGSQL.5432"
	superuser       = "postgres"
	databaseName    = "segment_challenge"
)

// place is where one private server keeps its things.
type place struct{ base, socket string }

func (p place) cluster() string { return filepath.Join(p.base, "cluster") }
func (p place) log() string     { return filepath.Join(p.base, "server.log") }
func (p place) pidFile() string { return filepath.Join(p.cluster(), "postmaster.pid") }

// url names one database of this server; only the socket's folder says which server.
func (p place) url(database string) string {
	return "postgres:///" + database + "?host=" + p.socket + "&user=" + superuser
}

// settle finds the folders of a data directory, and makes those that are missing. id is who will use them.
func settle(dataDir, outside string) (place, identity, error) {
	link := filepath.Join(dataDir, "postgres")
	base, err := filepath.EvalSymlinks(link)
	switch {
	case err == nil:
	case isLink(link):
		return place{}, identity{}, fmt.Errorf("%s leads to a folder that is gone (%w): bring it back, or delete the link "+
			"to begin with an empty database", link, err)
	default:
		base = link
	}
	id, err := who(filepath.Join(base, "cluster"))
	if err != nil {
		return place{}, id, err
	}
	if base, err = makeBase(id, base, link, outside); err != nil {
		return place{}, id, err
	}
	socket, err := makeSocketDir(id, base)
	return place{base: base, socket: socket}, id, err
}

// makeBase makes the base folder. A folder that the database's user can't enter, say under /root, is no place for a
// cluster; then the base is made outside and linked to.
func makeBase(id identity, base, link, outside string) (string, error) {
	if !id.canEnter(base) {
		if base != link || exists(base) {
			return "", fmt.Errorf("user %s can't enter %s, where the database lies: open the folders above it (chmod a+x), "+
				"or choose another data directory", id.name, base)
		}
		return makeOutside(id, link, outside)
	}
	if err := os.MkdirAll(base, 0o755); err != nil {
		return "", err
	}
	return base, id.own(base)
}

func makeOutside(id identity, link, outside string) (string, error) {
	if err := errors.Join(os.MkdirAll(outside, 0o755), os.Chmod(outside, 0o755)); err != nil { // whatever the umask is
		return "", err
	}
	if !id.canEnter(outside) {
		return "", fmt.Errorf("user %s can enter neither %s nor %s: choose a data directory outside closed folders",
			id.name, filepath.Dir(link), outside)
	}
	base, err := os.MkdirTemp(outside, "database-")
	if err != nil {
		return "", err
	}
	return base, errors.Join(os.Chmod(base, 0o755), id.own(base), os.Symlink(base, link))
}

// plainPath is a path that stands in any URL and setting as it is. A comma would make two hosts of it.
var plainPath = regexp.MustCompile(`^[A-Za-z0-9/._-]+$`)

// makeSocketDir makes the folder that guards the socket: whoever can't enter it can't connect. Where the path would be
// too long for a socket or has odd characters, a folder with a name made from it is taken under the temporary folder.
func makeSocketDir(id identity, base string) (string, error) {
	dir := filepath.Join(base, "socket")
	if !fits(dir) {
		sum := sha256.Sum256([]byte(base))
		name := fmt.Sprintf("segment-challenge-%d-%x", id.uid, sum[:6])
		dir = filepath.Join(os.TempDir(), name)
		if !fits(dir) || !id.canEnter(os.TempDir()) {
			dir = filepath.Join("/tmp", name)
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	if err := id.own(dir); err != nil {
		return "", err
	}
	return dir, guarded(id, dir)
}

func fits(dir string) bool {
	return plainPath.MatchString(dir) && len(filepath.Join(dir, socketName)) <= socketPathLimit
}

// guarded refuses a socket folder that somebody else prepared or opened: names under /tmp can be guessed.
func guarded(id identity, dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	owner, ok := ownerOf(dir)
	if !ok || !info.IsDir() || owner.uid != id.uid {
		return fmt.Errorf("%s isn't a folder of user %s: somebody else made it; delete it or set TMPDIR", dir, id.name)
	}
	return os.Chmod(dir, 0o700)
}

// clusterMajor reads the PostgreSQL version that made the cluster; 0 when there is no cluster yet.
func (p place) clusterMajor() (int, error) {
	raw, err := os.ReadFile(filepath.Join(p.cluster(), "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	if err != nil {
		return 0, fmt.Errorf("%s: PG_VERSION holds %q, which isn't a version", p.cluster(), raw)
	}
	return major, nil
}

func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

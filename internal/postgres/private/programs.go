package private

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// minMajor is the oldest PostgreSQL that our SQL runs on and that its makers still repair.
const minMajor = 14

// ErrNoPrograms says that no usable PostgreSQL is installed; the text around it says what to do.
var ErrNoPrograms = errors.New("no PostgreSQL programs found")

// Programs is one installed PostgreSQL.
type Programs struct {
	Dir   string // holds postgres, initdb and pg_ctl
	Major int
	Minor int
}

// Path gives a program's full path.
func (p Programs) Path(name string) string { return filepath.Join(p.Dir, name) }

// places are the folders in which packages put PostgreSQL's programs: Debian and Ubuntu; Fedora's own and the PostgreSQL
// project's RPMs; Homebrew on Apple and on Intel processors; MacPorts; Postgres.app; Alpine.
var places = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/usr/bin",
	"/opt/homebrew/opt/postgresql@*/bin",
	"/opt/homebrew/bin",
	"/usr/local/opt/postgresql@*/bin",
	"/usr/local/bin",
	"/opt/local/lib/postgresql*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
	"/usr/libexec/postgresql*",
	"/usr/local/pgsql/bin",
}

// sharedDownload is for root working in a folder that PostgreSQL's own user can't enter.
const sharedDownload = "/var/cache/segment-challenge/postgres"

// DownloadDir is where scripts/setup puts a downloaded PostgreSQL (its bin, lib and share) for the project in root.
func DownloadDir(root string) string {
	local := filepath.Join(root, ".cache", "postgres")
	if id, err := who(""); err != nil || id.canEnter(local) {
		return local
	}
	return sharedDownload
}

// downloads are the folders in which a download may lie: .cache in the working directory or above it (tests run in their
// package's folder), unless somebody else could have put it there.
func downloads() []string {
	dirs := []string{filepath.Join(sharedDownload, "bin")}
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		bin := filepath.Join(dir, ".cache", "postgres", "bin")
		if owner, ok := ownerOf(bin); ok && (owner.uid == 0 || int(owner.uid) == os.Geteuid()) {
			dirs = append(dirs, bin)
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	return dirs
}

// Usable lists the installations that Start could use for a new cluster, newest first.
func Usable(ctx context.Context) ([]Programs, error) {
	id, err := who("")
	if err != nil {
		return nil, err
	}
	return usable(id, Find(ctx)), nil
}

// Find lists the usable installations, newest first: those in extra (globs of bin directories), on PATH and in the
// places where packages put them.
func Find(ctx context.Context, extra ...string) []Programs {
	var found []Programs
	seen := map[string]bool{}
	for _, dir := range candidates(extra) {
		// Links such as /usr/local/bin/postgres lead to the folder that has the other programs too.
		real, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres"))
		if err != nil || seen[filepath.Dir(real)] {
			continue
		}
		seen[filepath.Dir(real)] = true
		if p, err := inspect(ctx, filepath.Dir(real)); err == nil && p.Major >= minMajor {
			found = append(found, p)
		}
	}
	slices.SortStableFunc(found, func(a, b Programs) int {
		return cmp.Or(cmp.Compare(b.Major, a.Major), cmp.Compare(b.Minor, a.Minor))
	})
	return found
}

func candidates(extra []string) []string {
	var dirs []string
	for _, pattern := range slices.Concat(extra, downloads(), filepath.SplitList(os.Getenv("PATH")), places) {
		matches, err := filepath.Glob(pattern)
		if err != nil {
			continue
		}
		for _, dir := range matches {
			if abs, err := filepath.Abs(dir); err == nil {
				dirs = append(dirs, abs)
			}
		}
	}
	return dirs
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)(?:\.(\d+))?`)

// inspect asks the programs in dir for their version; a folder that lacks one of the three is of no use.
func inspect(ctx context.Context, dir string) (Programs, error) {
	p := Programs{Dir: dir}
	for _, name := range []string{"initdb", "pg_ctl"} {
		if _, err := os.Stat(p.Path(name)); err != nil {
			return p, err
		}
	}
	out, err := exec.CommandContext(ctx, p.Path("postgres"), "--version").Output()
	if err != nil {
		return p, err
	}
	match := versionPattern.FindSubmatch(out)
	if match == nil {
		return p, fmt.Errorf("%s: no version in %q", dir, out)
	}
	p.Major, _ = strconv.Atoi(string(match[1]))
	p.Minor, _ = strconv.Atoi(string(match[2]))
	return p, nil
}

// choose takes the newest programs that fit: an existing cluster can only be run by its own major version (0: none yet).
func choose(found []Programs, major int) (Programs, error) {
	if len(found) == 0 {
		return Programs{}, fmt.Errorf("%w: %s", ErrNoPrograms, advice(runtime.GOOS, "postgresql"))
	}
	if major == 0 {
		return found[0], nil
	}
	var others []string
	for _, p := range found {
		if p.Major == major {
			return p, nil
		}
		others = append(others, strconv.Itoa(p.Major))
	}
	return Programs{}, fmt.Errorf("the database here was made by PostgreSQL %d, but only %s is installed: "+
		"install version %d again, or move the data with its pg_dumpall, or set DATABASE_URL",
		major, strings.Join(others, " and "), major)
}

// advice says in words how to get PostgreSQL on this system.
func advice(goos, pkg string) string {
	how := map[string]string{
		"linux": "install it (Debian, Ubuntu: apt-get install " + pkg + "; Fedora: dnf install postgresql-server; " +
			"Alpine: apk add postgresql)",
		"darwin": "install it (Homebrew: brew install postgresql@18)",
	}[goos]
	if how == "" {
		how = "install it"
	}
	return how + ", or run scripts/setup, which fetches it, or set DATABASE_URL to a database of yours"
}

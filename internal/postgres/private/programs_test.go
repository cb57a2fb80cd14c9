package private

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// install makes a folder of programs that answer --version as this version does.
func install(t *testing.T, version string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), version, "bin")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf("#!/bin/sh\necho 'postgres (PostgreSQL) %s (Packager 1.2)'\n", version)
	for _, name := range []string{"postgres", "initdb", "pg_ctl"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFindNewestFirst(t *testing.T) {
	old, mid, beta, ancient := install(t, "97.4"), install(t, "98.12"), install(t, "99beta1"), install(t, "9.6.24")
	incomplete := install(t, "99.9")
	if err := os.Remove(filepath.Join(incomplete, "initdb")); err != nil {
		t.Fatal(err)
	}
	linked := t.TempDir() // as Debian users do: a link to postgres alone
	if err := os.Symlink(filepath.Join(mid, "postgres"), filepath.Join(linked, "postgres")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", linked+":"+os.Getenv("PATH"))
	found := Find(t.Context(), old, beta, ancient, incomplete)
	if len(found) < 3 {
		t.Fatalf("found %v", found)
	}
	for i, want := range []string{beta, mid, old} {
		if found[i].Dir != want {
			t.Errorf("%d: %s, want %s", i, found[i].Dir, want)
		}
	}
	for _, p := range found {
		if p.Dir == ancient || p.Dir == incomplete {
			t.Errorf("unusable %s was found", p.Dir)
		}
	}
}

func TestChoose(t *testing.T) {
	found := []Programs{{Dir: "c", Major: 18}, {Dir: "b", Major: 16}, {Dir: "a", Major: 15}}
	for _, c := range []struct {
		name  string
		found []Programs
		major int
		want  string
		err   string
	}{
		{name: "no cluster: newest", found: found, want: "c"},
		{name: "cluster's own version", found: found, major: 15, want: "a"},
		{name: "version gone", found: found, major: 17, err: "was made by PostgreSQL 17, but only 18 and 16 and 15"},
		{name: "nothing", err: "set DATABASE_URL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := choose(c.found, c.major)
			if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Fatalf("error %v, want %q", err, c.err)
			}
			if got.Dir != c.want {
				t.Errorf("chose %q, want %q", got.Dir, c.want)
			}
			if len(c.found) == 0 && !errors.Is(err, ErrNoPrograms) {
				t.Errorf("%v isn't ErrNoPrograms", err)
			}
		})
	}
}

func TestAdviceNamesThePackage(t *testing.T) {
	for goos, want := range map[string]string{"linux": "apt-get install postgresql", "darwin": "brew install", "plan9": "install it"} {
		if got := advice(goos, "postgresql"); !strings.Contains(got, want) || !strings.Contains(got, "DATABASE_URL") {
			t.Errorf("%s: %s", goos, got)
		}
	}
}

func TestClusterOfAMissingVersionIsExplained(t *testing.T) {
	t.Parallel()
	dir, opts := dataDir(t)
	s := start(t, dir, opts)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.place.cluster(), "PG_VERSION"), []byte("7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), dir, opts)
	if err == nil || !strings.Contains(err.Error(), "was made by PostgreSQL 7") {
		t.Errorf("error %v", err)
	}
}

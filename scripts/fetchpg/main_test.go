package main

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"segmentchallenge/internal/postgres/private"
)

// archive packs programs that only tell their version the way the real download is packed: tar, xz, zip.
func archive(t *testing.T) []byte {
	t.Helper()
	if _, err := exec.LookPath("xz"); err != nil {
		t.Skip("no xz to pack the archive with")
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, script := range map[string]string{
		"postgres": "#!/bin/sh\necho 'postgres (PostgreSQL) 97.3'\n",
		"initdb":   "#!/bin/sh\nexit 1\n", // as it does for root
		"pg_ctl":   "#!/bin/sh\nexit 1\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, "bin", name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("tar", "-C", dir, "-cJf", filepath.Join(dir, "all.txz"), "bin").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "all.txz"))
	if err != nil {
		t.Fatal(err)
	}
	var jar bytes.Buffer
	zipped := zip.NewWriter(&jar)
	file, err := zipped.Create("postgres.txz")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	return jar.Bytes()
}

func TestDownloadIsFoundAfterwards(t *testing.T) {
	jar := archive(t)
	mirror := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".sha256") {
			sum := sha256.Sum256(jar)
			w.Write([]byte(hex.EncodeToString(sum[:])))
			return
		}
		w.Write(jar)
	}))
	defer mirror.Close()
	t.Chdir(open(t))
	if err := download(mirror.URL); err != nil {
		t.Fatal(err)
	}
	found, err := private.Usable(context.Background())
	if err != nil || len(found) == 0 || found[0].Major != 97 {
		t.Errorf("the download isn't found: %v %v", found, err)
	}
}

func TestFailedDownloadSaysSo(t *testing.T) {
	mirror := httptest.NewServer(http.NotFoundHandler())
	defer mirror.Close()
	t.Chdir(open(t))
	if err := download(mirror.URL); err == nil || !strings.Contains(err.Error(), "download PostgreSQL") {
		t.Errorf("error %v", err)
	}
}

// open is a folder that every user can enter, so that the download goes into it even as root.
func open(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "fetchpg-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

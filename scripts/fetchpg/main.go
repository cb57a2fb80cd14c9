// Command fetchpg makes sure that there are PostgreSQL programs to run: it prints where they are, or downloads them into
// .cache. scripts/setup calls it; the program itself never downloads anything.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"

	embedded "github.com/fergusstrange/embedded-postgres"

	"segmentchallenge/internal/postgres/private"
)

func main() {
	mirror := flag.String("mirror", "", "address of another place with the embedded-postgres-binaries, for machines that only reach a mirror")
	find := flag.Bool("find", false, "only look, don't download")
	flag.Parse()
	if err := run(context.Background(), *find, *mirror); err != nil {
		fmt.Fprintln(os.Stderr, "fetchpg:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, find bool, mirror string) error {
	found, err := private.Usable(ctx)
	if err != nil {
		return err
	}
	if len(found) == 0 && !find {
		if err := download(mirror); err != nil {
			return err
		}
		if found, err = private.Usable(ctx); err != nil {
			return err
		}
	}
	if len(found) == 0 {
		return private.ErrNoPrograms
	}
	fmt.Printf("PostgreSQL %d.%d in %s\n", found[0].Major, found[0].Minor, found[0].Dir)
	return nil
}

// download unpacks bin, lib and share. The library has no call that only downloads: it also starts a server, which we
// stop at once, and which fails for root after all is unpacked. So only what is there in the end counts.
func download(mirror string) (err error) {
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "fetchpg-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	port, err := freePort()
	if err != nil {
		return err
	}
	dir := private.DownloadDir(root)
	config := embedded.DefaultConfig().Version(embedded.V18).Port(port).Logger(io.Discard).
		BinariesPath(dir).CachePath(filepath.Join(scratch, "archive")).RuntimePath(filepath.Join(scratch, "runtime"))
	if mirror != "" {
		config = config.BinaryRepositoryURL(mirror)
	}
	server := embedded.NewDatabase(config)
	startErr := server.Start()
	if startErr == nil {
		startErr = server.Stop()
	}
	if _, err := os.Stat(filepath.Join(dir, "bin", "postgres")); err != nil {
		return fmt.Errorf("download PostgreSQL: %w", startErr)
	}
	return nil
}

func freePort() (uint32, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return uint32(listener.Addr().(*net.TCPAddr).Port), nil
}

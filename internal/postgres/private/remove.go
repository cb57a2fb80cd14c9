package private

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// ErrInUse says that a program uses the private database.
var ErrInUse = errors.New("the private database is in use: stop the program first")

// Remove stops the private database of dataDir and deletes it with all its data. It refuses while somebody uses it.
func Remove(ctx context.Context, dataDir string) error {
	dataDir, err := filepath.EvalSymlinks(dataDir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if dataDir, err = filepath.Abs(dataDir); err != nil {
		return err
	}
	starting, err := lockFile(ctx, startLock(dataDir))
	if err != nil {
		return err
	}
	defer starting.Close()
	users, err := openLock(usersLock(dataDir))
	if err != nil {
		return err
	}
	defer users.Close()
	if unused, err := tryLock(users, syscall.LOCK_EX); !unused || err != nil {
		return errors.Join(err, ErrInUse)
	}
	return removeBase(ctx, filepath.Join(dataDir, "postgres"))
}

func removeBase(ctx context.Context, link string) error {
	base, err := filepath.EvalSymlinks(link)
	if errors.Is(err, os.ErrNotExist) {
		return os.RemoveAll(link) // nothing, or a link to nothing
	}
	if err != nil {
		return err
	}
	if err := (place{base: base}).stop(ctx); err != nil {
		return fmt.Errorf("delete the private database: %w", err)
	}
	return errors.Join(os.RemoveAll(base), os.RemoveAll(link))
}

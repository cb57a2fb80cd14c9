package private

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Retire waits until nobody uses the server of dataDir, lets grace pass, and stops the server unless somebody came
// meanwhile. It is for servers shared by processes that end without a Stop, such as tests; run it in a process of its
// own. At most one at a time works on a data directory: others return at once.
func Retire(ctx context.Context, dataDir string, grace time.Duration) error {
	dataDir, err := realDir(dataDir)
	if err != nil {
		return err
	}
	only, err := openLock(retireLock(dataDir))
	if err != nil {
		return err
	}
	defer only.Close()
	if mine, err := beOnly(ctx, only); !mine || err != nil {
		return err
	}
	for {
		if err := waitUnused(ctx, dataDir); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(grace):
		}
		if stopped, err := stopUnused(ctx, dataDir); stopped || err != nil {
			return err
		}
	}
}

// beOnly is false where another process is in Retire. It is patient for a moment: whoever asks Retiring holds the lock while they
// do, and so does, after anybody, a process that is just being forked from theirs.
func beOnly(ctx context.Context, only *os.File) (bool, error) {
	patient, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	err := waitLock(patient, only, syscall.LOCK_EX)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return false, nil
	}
	return err == nil, err
}

// Retiring says whether some process is in Retire for dataDir.
func Retiring(dataDir string) bool {
	only, err := openLock(retireLock(dataDir))
	if err != nil {
		return false
	}
	defer only.Close()
	got, err := tryLock(only, syscall.LOCK_EX)
	return !got && err == nil
}

func retireLock(dataDir string) string { return filepath.Join(dataDir, "postgres.retire.lock") }
func usersLock(dataDir string) string  { return filepath.Join(dataDir, "postgres.users.lock") }

func waitUnused(ctx context.Context, dataDir string) error {
	users, err := openLock(usersLock(dataDir))
	if err != nil {
		return err
	}
	return errors.Join(waitLock(ctx, users, syscall.LOCK_EX), users.Close())
}

func stopUnused(ctx context.Context, dataDir string) (bool, error) {
	starting, err := lockFile(ctx, startLock(dataDir))
	if err != nil {
		return false, err
	}
	defer starting.Close()
	users, err := openLock(usersLock(dataDir))
	if err != nil {
		return false, err
	}
	defer users.Close()
	if unused, err := tryLock(users, syscall.LOCK_EX); !unused || err != nil {
		return false, err
	}
	base, err := filepath.EvalSymlinks(filepath.Join(dataDir, "postgres"))
	if errors.Is(err, os.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return true, place{base: base}.stop(ctx)
}

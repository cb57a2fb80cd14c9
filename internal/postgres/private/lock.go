package private

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// openLock opens (and makes) a lock file. Closing it lets the lock go, and so does the kernel when the process dies.
// Go marks files close-on-exec, so the server doesn't inherit it.
func openLock(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lock of the private database: %w", err)
	}
	return file, nil
}

// tryLock takes the lock (syscall.LOCK_SH or LOCK_EX) if that needs no waiting.
func tryLock(file *os.File, how int) (bool, error) {
	for {
		err := syscall.Flock(int(file.Fd()), how|syscall.LOCK_NB)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, nil
		case errors.Is(err, syscall.EINTR):
		default:
			return false, fmt.Errorf("lock %s: %w", file.Name(), err)
		}
	}
}

// waitLock asks until the lock is free. It polls, since a blocked flock can't be called back when ctx ends.
func waitLock(ctx context.Context, file *os.File, how int) error {
	for pause := 2 * time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		got, err := tryLock(file, how)
		if got || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for another process to start or stop the private database: %w", ctx.Err())
		case <-time.After(pause):
		}
	}
}

// lockFile opens and takes an exclusive lock; close the file to let go.
func lockFile(ctx context.Context, path string) (*os.File, error) {
	file, err := openLock(path)
	if err != nil {
		return nil, err
	}
	if err := waitLock(ctx, file, syscall.LOCK_EX); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

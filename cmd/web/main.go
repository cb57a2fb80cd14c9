// Command segment-challenge hosts cycling and running challenges. See `--help`, and docs/design.md for how it works.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // challenges have time zones, and small images have no zone files
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

// run answers the exit status: 0 well, 1 an error, 2 a call that can't be understood.
func run(ctx context.Context, args []string) int {
	command, err := parse(args, os.Stdout, os.Stderr)
	var usage *usageError
	switch {
	case errors.As(err, &usage):
		fmt.Fprintln(os.Stderr, "segment-challenge:", usage)
		return 2
	case err == nil && command == nil: // --help has been shown
		return 0
	}
	if err == nil {
		err = command(ctx)
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = errors.New("interrupted")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "segment-challenge:", err)
		return 1
	}
	return 0
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
)

type (
	projectionsListCmd    struct{}
	projectionsRebuildCmd struct {
		Names []string `arg:"" optional:"" help:"Which; all when none is named."`
	}
	projectionsResumeCmd struct {
		Name string `arg:"" help:"Which."`
	}
	projectionsVerifyCmd struct{}
)

func (projectionsListCmd) Run(ctx context.Context, c *Config, out io.Writer) error {
	return withApp(ctx, c, func(ctx context.Context, app *App) error {
		all, err := app.store.Checkpoints(ctx)
		for _, p := range all {
			fmt.Fprintf(out, "%-16s position %-10d of %-10d %-10s %s\n", p.Name, p.Position, p.Head, p.State, p.Error)
		}
		return err
	})
}

func (cmd projectionsRebuildCmd) Run(ctx context.Context, c *Config, out io.Writer) error {
	return withApp(ctx, c, func(ctx context.Context, app *App) error {
		names := cmd.Names
		if len(names) == 0 {
			names = app.readModels()
		}
		bar := newProgress("")
		opts := rebuilding(bar)
		opts.Swapped = func(name string, s readmodel.Swap) {
			bar.end()
			fmt.Fprintf(out, "rebuilt: %s (readers waited for %v at most)\n", name, s.Readers.Round(time.Millisecond))
		}
		err := readmodel.RebuildWith(ctx, app.db.pool, app.store, opts, names...)
		bar.end()
		return err
	})
}

func (cmd projectionsResumeCmd) Run(ctx context.Context, c *Config, out io.Writer) error {
	return withApp(ctx, c, func(ctx context.Context, app *App) error {
		stopped, err := app.store.Resume(ctx, cmd.Name)
		switch {
		case errors.Is(err, eventstore.ErrNoSubscription):
			return refusal.Of(refusal.NotFound, "subscription_not_found", fmt.Sprintf("There is nothing called %q; `projections list` shows what there is.", cmd.Name))
		case err != nil:
			return err
		case !stopped:
			return refusal.New("not_stopped", fmt.Sprintf("%s hasn't stopped.", cmd.Name))
		}
		fmt.Fprintf(out, "%s goes on, on the running server or the next one\n", cmd.Name)
		return nil
	})
}

func (projectionsVerifyCmd) Run(ctx context.Context, c *Config, out io.Writer) error {
	return withApp(ctx, c, func(ctx context.Context, app *App) error {
		differences, err := readmodel.Verify(ctx, app.db.pool, app.store, app.readModels()...)
		if err != nil {
			return err
		}
		for _, d := range differences {
			fmt.Fprintln(out, d)
		}
		if len(differences) > 0 {
			return fmt.Errorf("%d tables differ from a fresh rebuild", len(differences))
		}
		fmt.Fprintln(out, "all read models are as a fresh rebuild makes them")
		return nil
	})
}

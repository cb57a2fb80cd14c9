package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/process"
	"segmentchallenge/internal/refusal"
)

type (
	parkedListCmd struct {
		Name string `arg:"" optional:"" help:"Of which subscription or process; all when none is named."`
	}
	parkedReplayCmd struct {
		Name string `arg:"" help:"The subscription or process."`
		Key  string `arg:"" optional:"" help:"Only this key or instance; all when none is named."`
	}
	parkedDiscardCmd struct {
		Name      string  `arg:"" help:"The subscription or process."`
		Positions []int64 `name:"position" placeholder:"N" help:"Positions of a subscription's events; may be given several times."`
		Instance  string  `placeholder:"KEY" help:"Instance of a process."`
	}
)

// Run prints one line each, to be read by people and cut by scripts: name, key, where, attempts, since when, why.
func (cmd parkedListCmd) Run(ctx context.Context, c *Config, out io.Writer) error {
	return withApp(ctx, c, func(ctx context.Context, app *App) error {
		all, err := app.store.Checkpoints(ctx)
		if err != nil {
			return err
		}
		for _, s := range all {
			if s.Parked == 0 || cmd.Name != "" && cmd.Name != s.Name {
				continue
			}
			events, err := app.store.Parked(ctx, s.Name)
			if err != nil {
				return err
			}
			for _, e := range events {
				fmt.Fprintf(out, "%s\t%s\tevent %d\t%d attempts\t%s\t%s%s\n", s.Name, e.Key, e.Position, e.Attempts,
					e.ParkedAt.UTC().Format("2006-01-02T15:04:05Z"), e.Error, asked(e))
			}
		}
		stuck, err := process.ListParked(ctx, app.db.pool)
		for _, p := range stuck {
			if cmd.Name == "" || cmd.Name == p.Process {
				fmt.Fprintf(out, "%s\t%s\t%s\t%d waiting\t%s\t%s\n", p.Process, p.Instance, p.At, p.Waiting,
					p.Since.UTC().Format("2006-01-02T15:04:05Z"), p.Trouble)
			}
		}
		return err
	})
}

// asked says what has been decided about an event and isn't done yet.
func asked(e eventstore.ParkedEvent) string {
	switch {
	case e.Discard:
		return " (to be forgotten)"
	case e.Replay:
		return " (to be tried again)"
	}
	return ""
}

var errNothingParked = refusal.Of(refusal.NotFound, "nothing_parked", "Nothing of that is parked; `parked list` shows what is.")

func (cmd parkedReplayCmd) Run(ctx context.Context, c *Config, out io.Writer) error {
	return withApp(ctx, c, func(ctx context.Context, app *App) error {
		n, err := app.store.Replay(ctx, cmd.Name, cmd.Key)
		if err != nil {
			return err
		}
		stuck, err := process.ListParked(ctx, app.db.pool)
		for _, p := range stuck {
			if p.Process == cmd.Name && (cmd.Key == "" || cmd.Key == p.Instance) {
				if err := process.Replay(ctx, app.db.pool, p.Process, p.Instance); err != nil && !errors.Is(err, process.ErrNotParked) {
					return err
				}
				n++
			}
		}
		if err == nil && n == 0 {
			err = errNothingParked
		}
		if err == nil {
			fmt.Fprintf(out, "%d to be tried again, by the running server or by the next one\n", n)
		}
		return err
	})
}

// Validate is asked before anything runs: forgetting needs to be told what.
func (cmd parkedDiscardCmd) Validate() error {
	if len(cmd.Positions) == 0 && cmd.Instance == "" {
		return errors.New("say what to forget: --position of a subscription's event, or --instance of a process")
	}
	return nil
}

func (cmd parkedDiscardCmd) Run(ctx context.Context, c *Config, out io.Writer) error {
	return withApp(ctx, c, func(ctx context.Context, app *App) error {
		n, err := app.store.Discard(ctx, cmd.Name, cmd.Positions...)
		if err == nil && cmd.Instance != "" {
			if err = process.Discard(ctx, app.db.pool, cmd.Name, cmd.Instance); err == nil {
				n++
			}
		}
		if err == nil && n == 0 || errors.Is(err, process.ErrNotParked) {
			err = errNothingParked
		}
		if err == nil {
			fmt.Fprintf(out, "%d to be forgotten, by the running server or by the next one\n", n)
		}
		return err
	})
}

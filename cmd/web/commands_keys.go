package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"segmentchallenge/internal/vault"
)

type keysRotateCmd struct{}

func (keysRotateCmd) Run(ctx context.Context, c *Config, out io.Writer) error {
	return withApp(ctx, c, func(ctx context.Context, app *App) error {
		bar := newProgress("keys")
		r, err := app.vault.Rotate(ctx, func(done int) { bar.at(int64(done), 0) })
		bar.end()
		if errors.Is(err, vault.ErrNoMaster) {
			return errors.New("--master-key: say which key is to encrypt them from now on")
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%d keys are encrypted with the master key now, %d were already\n", r.Changed, r.Were)
		return nil
	})
}

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/readmodel"
)

type (
	projectionsListCmd    struct{}
	projectionsRebuildCmd struct {
		Names []string `arg:"" optional:"" help:"Which; all when none is named."`
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
		if err := readmodel.Rebuild(ctx, app.db.pool, app.store, names...); err != nil {
			return err
		}
		fmt.Fprintln(out, "rebuilt:", strings.Join(names, ", "))
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

type (
	eventsShowCmd struct {
		Stream string `arg:"" help:"Such as challenge-0197…"`
	}
	eventsExportCmd struct{}
)

func (cmd eventsShowCmd) Run(ctx context.Context, c *Config, out io.Writer) error {
	return withApp(ctx, c, func(ctx context.Context, app *App) error {
		return printEvents(out, app.store.ReadStream(ctx, cmd.Stream, eventstore.ReadOptions{}))
	})
}

func (eventsExportCmd) Run(ctx context.Context, c *Config, out io.Writer) error {
	return withApp(ctx, c, func(ctx context.Context, app *App) error {
		return printEvents(out, app.store.ReadAll(ctx, eventstore.ReadOptions{}))
	})
}

// event is eventstore.Recorded in the API's spelling.
type event struct {
	Position      int64           `json:"position"`
	ID            uuid.UUID       `json:"id"`
	Stream        string          `json:"stream"`
	Version       int64           `json:"version"`
	Type          string          `json:"type"`
	SchemaVersion int             `json:"schemaVersion"`
	Data          json.RawMessage `json:"data"`
	Metadata      json.RawMessage `json:"metadata,omitempty"`
	CorrelationID uuid.UUID       `json:"correlationId,omitzero"`
	CausationID   uuid.UUID       `json:"causationId,omitzero"`
	Actor         string          `json:"actor,omitempty"`
	Time          time.Time       `json:"time"`
}

func printEvents(out io.Writer, events iter.Seq2[eventstore.Recorded, error]) error {
	buffered := bufio.NewWriter(out)
	encoder := json.NewEncoder(buffered)
	for rec, err := range events {
		if err == nil {
			err = encoder.Encode(event(rec))
		}
		if err != nil {
			return errors.Join(err, buffered.Flush())
		}
	}
	return buffered.Flush()
}

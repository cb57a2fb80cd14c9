package main

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"segmentchallenge/internal/eventstore"
)

type eventsStreamsCmd struct {
	Category string `help:"Only streams of this category: what stands before the dash."`
	Deleted  bool   `help:"Those that were deleted instead of those that weren't."`
}

// streamLine is eventstore.StreamInfo in the API's spelling.
type streamLine struct {
	Stream          string    `json:"stream"`
	Version         int64     `json:"version"`
	Events          int64     `json:"events"`
	Created         time.Time `json:"created,omitzero"`
	Changed         time.Time `json:"changed,omitzero"`
	TruncatedBefore int64     `json:"truncatedBefore"`
	Deleted         time.Time `json:"deleted,omitzero"`
	Erased          time.Time `json:"erased,omitzero"`
}

func (cmd eventsStreamsCmd) Run(ctx context.Context, c *Config, out io.Writer) error {
	return withApp(ctx, c, func(ctx context.Context, app *App) error {
		encoder := json.NewEncoder(out)
		for info, err := range app.store.Streams(ctx, eventstore.StreamList{Category: cmd.Category, Deleted: cmd.Deleted}) {
			if err == nil {
				err = encoder.Encode(streamLine(info))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/importer"
	"segmentchallenge/internal/notify"
	"segmentchallenge/internal/readmodel"
)

type (
	eventsShowCmd struct {
		Stream string `arg:"" help:"Such as challenge-0197…"`
	}
	eventsExportCmd struct {
		Output string   `short:"o" placeholder:"FILE" help:"Write to a file instead of standard output; .gz compresses."`
		Stream []string `placeholder:"STREAM" help:"Only these streams; may be given several times."`
		Open   bool     `help:"Open what is sealed, for a site that doesn't have the keys. Whoever reads the file then reads everything about everybody."`
	}
	eventsImportCmd struct {
		File   string `arg:"" help:"What export has written, also compressed; - reads standard input."`
		Append bool   `help:"Put the events behind those that are there. Without it, the log must be empty."`
		Gaps   bool   `help:"Take a log in which events are missing, since they were erased or left out."`
	}
)

func (cmd eventsShowCmd) Run(ctx context.Context, c *Config, out io.Writer) error {
	return withApp(ctx, c, func(ctx context.Context, app *App) error {
		_, err := eventstore.WriteLines(out, opened(app, app.store.ReadStream(ctx, cmd.Stream, eventstore.ReadOptions{})))
		return err
	})
}

// opened shows what is sealed, to those who may read the database.
func opened(app *App, events iter.Seq2[eventstore.Recorded, error]) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for rec, err := range events {
			if err == nil {
				rec, err = app.store.Registry().Reveal(rec)
			}
			if !yield(rec, err) {
				return
			}
		}
	}
}

// Run says on standard error how many events there are and what their ids come to: an import says the same.
func (cmd eventsExportCmd) Run(ctx context.Context, c *Config, out io.Writer) error {
	return withApp(ctx, c, func(ctx context.Context, app *App) error {
		head, err := app.store.Head(ctx)
		if err != nil {
			return err
		}
		events := app.store.ReadAll(ctx, eventstore.ReadOptions{Filter: eventstore.Filter{Streams: cmd.Stream}})
		if cmd.Open {
			events = opened(app, events)
		}
		digest, bar := eventstore.NewDigest(), newProgress("events exported")
		defer bar.end()
		events = counted(digest.Of(events), func(rec eventstore.Recorded) { bar.at(rec.Position, max(head, rec.Position)) })
		if err := writeFile(cmd.Output, out, func(w io.Writer) error {
			_, err := eventstore.WriteLines(w, events)
			return err
		}); err != nil {
			return err
		}
		if cmd.Output != "" {
			fmt.Fprintf(out, "%d events, ids %s\n", digest.Events(), digest)
		}
		return nil
	})
}

func counted(events iter.Seq2[eventstore.Recorded, error], each func(eventstore.Recorded)) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for rec, err := range events {
			if err == nil {
				each(rec)
			}
			if !yield(rec, err) {
				return
			}
		}
	}
}

// writeFile writes a file, compressed if its name says so, or to out when there is no name. A file that couldn't be written
// whole doesn't stay.
func writeFile(name string, out io.Writer, write func(io.Writer) error) (err error) {
	if name == "" {
		return write(out)
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, file.Close()); err != nil {
			err = errors.Join(err, os.Remove(name))
		}
	}()
	if !strings.HasSuffix(name, ".gz") {
		return write(file)
	}
	packed := gzip.NewWriter(file)
	return errors.Join(write(packed), packed.Close())
}

// handledElsewhere is who must not act on a history anew: rides were matched where their tracks are, and mails were sent.
// Reactions may, since what they send takes effect once, and the calendar has to, since it remembers.
var handledElsewhere = []string{importer.Name, notify.Name}

func (cmd eventsImportCmd) Run(ctx context.Context, c *Config, out io.Writer) error {
	content, err := openInput(cmd.File)
	if err != nil {
		return err
	}
	defer content.Close()
	return withApp(ctx, c, func(ctx context.Context, app *App) error {
		bar := newProgress("events read")
		defer bar.end()
		done, err := app.store.Import(ctx, eventstore.ReadLines(content), eventstore.ImportOptions{Append: cmd.Append, Gaps: cmd.Gaps, Handled: handledElsewhere,
			Progress: func(n int64) { bar.at(n, 0) }})
		if err != nil {
			return fmt.Errorf("%s: %w; nothing of it was taken", cmd.File, err)
		}
		bar.end()
		fmt.Fprintf(out, "%d events, ids %s\n", done.Events, done.Digest)
		return nil
	})
}

// openInput opens a file or standard input, and what is compressed in it.
func openInput(name string) (io.ReadCloser, error) {
	file := os.Stdin
	if name != "-" {
		var err error
		if file, err = os.Open(name); err != nil {
			return nil, err
		}
	}
	in := bufio.NewReader(file)
	if magic, _ := in.Peek(2); string(magic) != "\x1f\x8b" { // RFC 1952, 2.3.1
		return struct {
			io.Reader
			io.Closer
		}{in, file}, nil
	}
	unpacked, err := gzip.NewReader(in)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", name, err), file.Close())
	}
	return struct {
		io.Reader
		io.Closer
	}{unpacked, file}, nil
}

// rebuilding shows how far a rebuild is.
func rebuilding(bar *progress) readmodel.RebuildOptions {
	return readmodel.RebuildOptions{Progress: func(name string, position, head int64) {
		bar.what = "events into " + name
		bar.at(position, head)
	}}
}

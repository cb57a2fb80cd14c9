package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/importer"
	"segmentchallenge/internal/postgres"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/registration"
	"segmentchallenge/internal/segments"
	"segmentchallenge/internal/sport"
)

type configCmd struct{}

func (configCmd) Run(c *Config, out io.Writer, app *kong.Application) error {
	c.print(out, app.Flags)
	return nil
}

type serveCmd struct{}

func (serveCmd) Run(ctx context.Context, c *Config, out io.Writer) error {
	app, err := open(ctx, c, openOptions{listen: true})
	if err != nil {
		return err
	}
	defer app.Close()
	return app.Serve(ctx, out)
}

type (
	migrateUpCmd     struct{}
	migrateDownCmd   struct{}
	migrateStatusCmd struct{}
)

func (migrateUpCmd) Run(ctx context.Context, c *Config) error {
	return withDatabase(ctx, c, func(db *database) error { return postgres.Migrate(ctx, db.pool) })
}

func (migrateDownCmd) Run(ctx context.Context, c *Config) error {
	return withDatabase(ctx, c, func(db *database) error { return postgres.MigrateDown(ctx, db.pool, 1) })
}

func (migrateStatusCmd) Run(ctx context.Context, c *Config, out io.Writer) error {
	return withDatabase(ctx, c, func(db *database) error {
		all, err := postgres.MigrationStatus(ctx, db.pool)
		for _, m := range all {
			state := "pending"
			if m.Applied {
				state = "applied"
			}
			fmt.Fprintf(out, "%06d %-8s %s\n", m.Version, state, m.Name)
		}
		return err
	})
}

type athleteAddCmd struct {
	Email     string       `required:"" help:"E-mail address to sign in with."`
	FirstName string       `required:""`
	LastName  string       `required:""`
	Gender    sport.Gender `help:"F, M or X; undisclosed when left out."`
	BirthYear int
	Admin     bool `help:"Makes the athlete an administrator of the site."`
}

func (cmd athleteAddCmd) Run(ctx context.Context, c *Config, out io.Writer) error {
	return withWorkers(ctx, c, func(ctx context.Context, app *App) error {
		id, err := registration.Register(ctx, app.accounts, app.dispatch, cmd.Email, athletes.Profile{FirstName: cmd.FirstName, LastName: cmd.LastName,
			Gender: cmd.Gender, BirthYear: cmd.BirthYear})
		if err != nil {
			return err
		}
		if cmd.Admin {
			head := athletes.Head{ID: id, By: actor.System, Now: time.Now()}
			result, err := app.dispatch.Send(ctx, athletes.AppointAdmin{Head: head, Admin: true}, eventstore.Meta{})
			if err = errors.Join(err, app.dispatch.Settle(ctx, result)); err != nil {
				return err
			}
		}
		fmt.Fprintln(out, id)
		return nil
	})
}

type tokenCreateCmd struct {
	Athlete string `required:"" placeholder:"EMAIL" help:"Whose token it is."`
	Name    string `default:"command line" help:"What it is for."`
}

func (cmd tokenCreateCmd) Run(ctx context.Context, c *Config, out io.Writer) error {
	return withApp(ctx, c, func(ctx context.Context, app *App) error {
		id, err := app.athleteOf(ctx, cmd.Athlete)
		if err != nil {
			return err
		}
		_, secret, err := app.accounts.CreateToken(ctx, id, cmd.Name)
		if err != nil {
			return err
		}
		fmt.Fprintln(out, secret)
		return nil
	})
}

type activityImportCmd struct {
	Paths   []string `arg:"" help:"Files or folders."`
	Athlete string   `required:"" placeholder:"EMAIL"`
	Type    sport.ActivityType
	Private bool
}

func (cmd activityImportCmd) Run(ctx context.Context, c *Config, out io.Writer) error {
	return withWorkers(ctx, c, func(ctx context.Context, app *App) error {
		id, err := app.athleteOf(ctx, cmd.Athlete)
		if err != nil {
			return err
		}
		failed := 0
		err = walkFiles(cmd.Paths, func(path string, data []byte) error {
			items, err := app.importer.BringAndWait(ctx, importer.Upload{AthleteID: id, By: actor.Athlete(id),
				File: filepath.Base(path), Data: data, Type: cmd.Type, Private: cmd.Private})
			for _, item := range items {
				fmt.Fprintf(out, "%s: %s\n", path, item.Words())
				if item.Status == importer.Refused {
					failed++
				}
			}
			return err
		})
		if err == nil && failed > 0 {
			err = fmt.Errorf("%d could not be taken", failed)
		}
		return err
	})
}

// walkFiles reads every file named, and every file in the folders named.
func walkFiles(paths []string, fn func(path string, data []byte) error) error {
	for _, root := range paths {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return fn(path, data)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

type segmentImportCmd struct {
	File string             `arg:"" help:"A GPX file with a track or a route."`
	Name string             `required:""`
	Type sport.ActivityType `required:"" help:"Activity type, such as Ride or Run."`
}

func (cmd segmentImportCmd) Run(ctx context.Context, c *Config, out io.Writer) error {
	data, err := os.ReadFile(cmd.File)
	if err != nil {
		return err
	}
	geometry, _, err := importer.GeometryOfGPX(data)
	if err != nil {
		return err
	}
	return withWorkers(ctx, c, func(ctx context.Context, app *App) error {
		id := uuid.Must(uuid.NewV7())
		result, err := app.dispatch.Send(ctx, segments.Add{Head: segments.Head{ID: id, By: actor.System, Now: time.Now()},
			Name: cmd.Name, ActivityType: cmd.Type, Geometry: geometry, Origin: "gpx"}, eventstore.Meta{})
		if err = errors.Join(err, app.dispatch.Settle(ctx, result)); err != nil {
			return err
		}
		fmt.Fprintln(out, id)
		return nil
	})
}

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

func printEvents(out io.Writer, events func(func(eventstore.Recorded, error) bool)) error {
	var buf bytes.Buffer
	for rec, err := range events {
		if err != nil {
			return err
		}
		if err := json.NewEncoder(&buf).Encode(rec); err != nil {
			return err
		}
		if _, err := buf.WriteTo(out); err != nil {
			return err
		}
	}
	return nil
}

func (a *App) athleteOf(ctx context.Context, email string) (uuid.UUID, error) {
	id, err := a.accounts.IdentityOf(ctx, email)
	if err == nil && id == uuid.Nil {
		err = refusal.Of(refusal.NotFound, "athlete_not_found",
			fmt.Sprintf("There is no athlete with the address %s; add one with `athlete add`.", email))
	}
	return id, err
}

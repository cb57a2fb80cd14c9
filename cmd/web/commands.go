package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/uuid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/importer"
	"segmentchallenge/internal/postgres"
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
	Email     string       `required:"" placeholder:"EMAIL" help:"E-mail address to sign in with."`
	FirstName string       `required:"" placeholder:"NAME" help:"First name."`
	LastName  string       `required:"" placeholder:"NAME" help:"Last name."`
	Gender    sport.Gender `placeholder:"F|M|X" help:"Undisclosed when left out."`
	BirthYear int          `placeholder:"YEAR" help:"For age groups."`
	Admin     bool         `help:"Makes the athlete an administrator of the site."`
}

func (cmd athleteAddCmd) Run(ctx context.Context, c *Config, out io.Writer) error {
	return withWorkers(ctx, c, func(ctx context.Context, app *App) error {
		known, err := app.accounts.IdentityOf(ctx, cmd.Email)
		if err != nil {
			return err
		}
		if known != uuid.Nil {
			app.log.Warn("there is an athlete with this address already; name and profile stay as they are", "email", cmd.Email)
		}
		id, err := registration.Register(ctx, app.accounts, app.dispatch, cmd.Email, athletes.Profile{FirstName: cmd.FirstName, LastName: cmd.LastName,
			Gender: cmd.Gender, BirthYear: cmd.BirthYear})
		if err = app.orLater(err); err != nil {
			return err
		}
		if cmd.Admin {
			head := athletes.Head{ID: id, By: actor.System, Now: time.Now()}
			result, err := app.dispatch.Send(ctx, athletes.AppointAdmin{Head: head, Admin: true}, eventstore.Meta{})
			if err = errors.Join(err, app.settle(ctx, result)); err != nil {
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
	Paths   []string           `arg:"" help:"Files or folders."`
	Athlete string             `required:"" placeholder:"EMAIL" help:"Whose activities they are."`
	Type    sport.ActivityType `placeholder:"TYPE" help:"Activity type, such as Ride or Run; what the files say when left out."`
	Private bool               `help:"Shown to the athlete alone."`
}

func (cmd activityImportCmd) Run(ctx context.Context, c *Config, out io.Writer) error {
	if cmd.Type != "" && !cmd.Type.Valid() {
		return activities.ErrTypeUnknown
	}
	for _, path := range cmd.Paths { // a slip of the pen is told before anything is done
		if _, err := os.Stat(path); err != nil {
			return err
		}
	}
	return withWorkers(ctx, c, func(ctx context.Context, app *App) error {
		id, err := app.athleteOf(ctx, cmd.Athlete)
		if err != nil {
			return err
		}
		failed := 0
		up := importer.Upload{AthleteID: id, By: actor.Athlete(id), Type: cmd.Type, Private: cmd.Private}
		err = walkFiles(cmd.Paths, func(path string, f *os.File, size int64) error {
			up.File, up.Content, up.Size = filepath.Base(path), f, size
			items, err := app.importer.BringAndWait(ctx, up)
			for _, item := range items {
				fmt.Fprintf(out, "%s: %s\n", shown(path, item), item.Words())
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

// shown is the path, and within an archive the member.
func shown(path string, item importer.Item) string {
	if item.File != filepath.Base(path) {
		return path + " " + item.File
	}
	return path
}

// walkFiles opens every file named, and every file in the folders named.
func walkFiles(paths []string, fn func(path string, f *os.File, size int64) error) error {
	for _, root := range paths {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			f, err := os.Open(path)
			if err != nil {
				return err
			}
			defer f.Close()
			info, err := f.Stat()
			if err != nil {
				return err
			}
			return fn(path, f, info.Size())
		})
		if err != nil {
			return err
		}
	}
	return nil
}

type segmentImportCmd struct {
	File string             `arg:"" help:"A GPX file with a track or a route."`
	Name string             `required:"" placeholder:"NAME" help:"Its name."`
	Type sport.ActivityType `required:"" placeholder:"TYPE" help:"Activity type, such as Ride or Run."`
}

func (cmd segmentImportCmd) Run(ctx context.Context, c *Config, out io.Writer) error {
	data, err := os.ReadFile(cmd.File)
	if err != nil {
		return err
	}
	geometry, warnings, err := importer.GeometryOfGPX(data)
	if err != nil {
		return err
	}
	return withWorkers(ctx, c, func(ctx context.Context, app *App) error {
		id := uuid.Must(uuid.NewV7())
		result, err := app.dispatch.Send(ctx, segments.Add{Head: segments.Head{ID: id, By: actor.System, Now: time.Now()},
			Name: cmd.Name, ActivityType: cmd.Type, Geometry: geometry, Origin: "gpx"}, eventstore.Meta{})
		if err = errors.Join(err, app.settle(ctx, result)); err != nil {
			return err
		}
		for _, w := range warnings {
			app.log.Warn(w.Detail)
		}
		fmt.Fprintln(out, id)
		return nil
	})
}

func (a *App) athleteOf(ctx context.Context, email string) (uuid.UUID, error) {
	id, err := a.accounts.IdentityOf(ctx, email)
	if err == nil && id == uuid.Nil {
		err = refusal.Of(refusal.NotFound, "athlete_not_found",
			fmt.Sprintf("There is no athlete with the address %s; add one with `athlete add`.", email))
	}
	return id, err
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres"
	"segmentchallenge/internal/readmodel"
)

// eventsMigrateCmd copies a site into another database, and changes its history on the way. Transforms are applied in the order
// of the fields.
type eventsMigrateCmd struct {
	To         string   `placeholder:"URL" xor:"target" help:"Database to copy to; its log must be empty."`
	Schema     string   `placeholder:"NAME" xor:"target" help:"Copy into a schema of this name in the same database."`
	Drop       []string `sep:"none" placeholder:"TYPE" help:"Leave out events of this type."`
	DropStream []string `sep:"none" placeholder:"STREAM" help:"Leave out a stream."`
	Rename     []string `sep:"none" placeholder:"OLD=NEW" help:"Give events of a type another name."`
	Merge      []string `sep:"none" placeholder:"A,B=C" help:"Put the events of streams A and B on stream C."`
	Split      []string `sep:"none" placeholder:"FROM=TO:TYPE,…" help:"Move events of these types from a stream to another, or from the streams of a category to another category."`
	DryRun     bool     `help:"Only say what would be done."`
	CutOver    bool     `help:"Make the copy the site from now on: most is copied while people use the site, then it is held up for a moment, and the old database takes no more events."`
}

// Validate is asked before anything runs.
func (cmd eventsMigrateCmd) Validate() error {
	if cmd.To == "" && cmd.Schema == "" && !cmd.DryRun {
		return errors.New("say where to: --to or --schema; or --dry-run")
	}
	if cmd.Schema != "" && !regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`).MatchString(cmd.Schema) {
		return fmt.Errorf("--schema %q: small letters, digits and _", cmd.Schema)
	}
	_, err := cmd.transform()
	return err
}

func (cmd eventsMigrateCmd) transform() (eventstore.Transform, error) {
	var all []eventstore.Transform
	for _, kind := range []struct {
		what string
		said []string
	}{{"drop", cmd.Drop}, {"drop-stream", cmd.DropStream}, {"rename", cmd.Rename}, {"merge", cmd.Merge}, {"split", cmd.Split}} {
		for _, text := range kind.said {
			t, err := eventstore.ParseTransform(kind.what, text)
			if err != nil {
				return nil, fmt.Errorf("--%w", err)
			}
			all = append(all, t)
		}
	}
	return eventstore.Chain(all...), nil
}

func (cmd eventsMigrateCmd) Run(ctx context.Context, c *Config, out io.Writer) error {
	transform, err := cmd.transform()
	if err != nil {
		return err
	}
	return withApp(ctx, c, func(ctx context.Context, app *App) error {
		opts := eventstore.MigrateOptions{Transform: transform, Registry: app.store.Registry(), DryRun: cmd.DryRun, CutOver: cmd.CutOver && !cmd.DryRun,
			Positions: positionColumns, Restart: app.readModels()}
		if opts.Tables, err = tablesBeside(ctx, app.db.pool); err != nil {
			return err
		}
		var target *pgxpool.Pool
		if !cmd.DryRun {
			if target, err = cmd.open(ctx, app); err != nil {
				return err
			}
			defer target.Close()
		}
		bar := newProgress("events copied")
		opts.Progress = bar.at
		done, err := eventstore.Migrate(ctx, app.store, target, opts)
		bar.end()
		if err != nil {
			return err
		}
		cmd.report(out, done)
		return nil
	})
}

// open makes the target ready.
func (cmd eventsMigrateCmd) open(ctx context.Context, app *App) (*pgxpool.Pool, error) {
	to := cmd.To
	if cmd.Schema != "" {
		if _, err := app.db.pool.Exec(ctx, `create schema if not exists `+pgx.Identifier{cmd.Schema}.Sanitize()); err != nil {
			return nil, err
		}
		to = inSchema(app.db.pool.Config().ConnString(), cmd.Schema)
	}
	target, err := postgres.Open(ctx, to, postgres.Options{})
	if err != nil {
		return nil, fmt.Errorf("the target: %w", err)
	}
	if err := postgres.Migrate(ctx, target); err != nil {
		target.Close()
		return nil, fmt.Errorf("the target: %w", err)
	}
	return target, nil
}

// inSchema is the same database with another schema to work in.
func inSchema(database, schema string) string {
	if u, err := url.Parse(database); err == nil && u.Scheme != "" {
		q := u.Query()
		q.Set("search_path", schema)
		u.RawQuery = q.Encode()
		return u.String()
	}
	return database + " search_path=" + schema
}

// positionColumns are the columns outside the log, and outside read models, that hold positions of events.
var positionColumns = []eventstore.PositionColumn{
	{Table: "process_waiting", Column: "position", Exact: true}, {Table: "process_outbox", Column: "position"},
	{Table: "notices", Column: "position"}, {Table: "command_audit", Column: "first_position"}, {Table: "command_audit", Column: "last_position"},
	{Table: "unsealed", Column: "done"}, {Table: "unsealed", Column: "up_to"},
}

// ofTheLog are tables that the migration itself fills, or that must not go along: states kept of streams whose versions change.
var ofTheLog = []string{"events", "events_head", "subscriptions", "parked_events", "stream_marks", "schema_migrations", "aggregate_snapshots"}

// tablesBeside are those with what isn't told by the log: accounts, files, keys, what is waiting to be sent. Read models fill
// themselves again.
func tablesBeside(ctx context.Context, pool *pgxpool.Pool) ([]string, error) {
	rows, err := pool.Query(ctx, `select relname from pg_class where relkind in ('r', 'p') and relnamespace = current_schema()::regnamespace
		and not relispartition order by relname`)
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	told := slices.Clone(ofTheLog)
	for _, p := range readmodel.Projectors(nil) {
		told = append(told, p.Tables...)
	}
	return slices.DeleteFunc(all, func(table string) bool { return slices.Contains(told, table) }), err
}

// mostStreams is how many changed streams a report lists.
const mostStreams = 50

func (cmd eventsMigrateCmd) report(out io.Writer, m eventstore.Migration) {
	fmt.Fprintf(out, "%d events read, %d written: %d dropped, %d split, %d of another type, %d on another stream\n",
		m.Read, m.Written, m.Dropped, m.Split, m.Retyped, m.Moved)
	for _, name := range slices.Sorted(maps.Keys(m.Types)) {
		if c := m.Types[name]; c.Read != c.Written {
			fmt.Fprintf(out, "type %s: %d, now %d\n", name, c.Read, c.Written)
		}
	}
	streams := slices.Sorted(maps.Keys(m.Streams))
	for _, name := range streams[:min(len(streams), mostStreams)] {
		fmt.Fprintf(out, "stream %s: %d, now %d\n", name, m.Streams[name].Read, m.Streams[name].Written)
	}
	if more := len(streams) - mostStreams; more > 0 {
		fmt.Fprintf(out, "and %d streams more\n", more)
	}
	fmt.Fprintf(out, "ids %s\n", m.Digest)
	switch {
	case cmd.DryRun:
		fmt.Fprintln(out, "nothing was written")
	case cmd.CutOver:
		fmt.Fprintf(out, "verified; the site was held up for %v and takes no more events: start the program on the copy\n", m.HeldUp.Round(time.Millisecond))
	case m.Behind > 0:
		fmt.Fprintf(out, "verified; %d events came to the source meanwhile and aren't in the copy (--cut-over takes all)\n", m.Behind)
	default:
		fmt.Fprintln(out, "verified")
	}
	if cmd.Schema != "" && !cmd.DryRun {
		fmt.Fprintln(out, strings.TrimSpace("the copy is in schema "+cmd.Schema+": add search_path="+cmd.Schema+" to --database-url"))
	}
}

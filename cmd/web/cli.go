package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"
)

// cli is the command line; docs and scripts rely on its words.
type cli struct {
	Config `group:"Settings of every command:"`

	Serve   serveCmd `cmd:"" default:"1" help:"Migrate, start everything and serve (the default)."`
	Demo    demoCmd  `cmd:"" help:"Serve a season of demo challenges on a private database of its own, with riders who keep uploading."`
	Migrate struct {
		Up     migrateUpCmd     `cmd:"" help:"Bring the schema to the newest version."`
		Down   migrateDownCmd   `cmd:"" help:"Take the newest migration back. What its tables held is lost."`
		Status migrateStatusCmd `cmd:"" help:"List the migrations."`
	} `cmd:"" help:"Database schema."`
	Athlete struct {
		Add athleteAddCmd `cmd:"" help:"Register an athlete; prints the id."`
	} `cmd:"" help:"Athletes."`
	Token struct {
		Create tokenCreateCmd `cmd:"" help:"Make an API token; it is printed once."`
	} `cmd:"" help:"API tokens."`
	Activity struct {
		Import activityImportCmd `cmd:"" help:"Bring FIT, GPX, TCX files (also gz, zip) or folders; prints each one's outcome."`
	} `cmd:"" help:"Activities."`
	Segment struct {
		Import segmentImportCmd `cmd:"" help:"Add a segment from a GPX file; prints its id."`
	} `cmd:"" help:"Segments."`
	Projections struct {
		List    projectionsListCmd    `cmd:"" help:"Where each read model and worker stands."`
		Rebuild projectionsRebuildCmd `cmd:"" help:"Build read models anew beside the live ones, and swap."`
		Resume  projectionsResumeCmd  `cmd:"" help:"Let one go on that has stopped: at the event that stopped it, on the running server."`
		Verify  projectionsVerifyCmd  `cmd:"" help:"Compare a fresh rebuild with what is live."`
	} `cmd:"" help:"Read models, and whatever else follows the log."`
	Events struct {
		Show    eventsShowCmd    `cmd:"" help:"Print the events of a stream, one JSON object a line."`
		Streams eventsStreamsCmd `cmd:"" help:"List the streams, one JSON object a line."`
		Export  eventsExportCmd  `cmd:"" help:"Print the whole log, one JSON object a line."`
		Import  eventsImportCmd  `cmd:"" help:"Take in what export has printed: all of it or nothing."`
		Migrate eventsMigrateCmd `cmd:"" help:"Copy the site into another database or schema, and change its history on the way."`
	} `cmd:"" help:"The event log."`
	Parked struct {
		List    parkedListCmd    `cmd:"" help:"List what was given up on: events of subscriptions, instances of processes."`
		Replay  parkedReplayCmd  `cmd:"" help:"Try again."`
		Discard parkedDiscardCmd `cmd:"" help:"Forget it, so that what waits behind it goes on."`
	} `cmd:"" help:"What couldn't be handled and waits for a decision."`
	Keys struct {
		Rotate keysRotateCmd `cmd:"" help:"Encrypt the keys of people with the master key that is set now; --accept-master-keys opens them."`
	} `cmd:"" help:"The keys that seal personal data."`
	ConfigCmd configCmd `cmd:"" name:"config" help:"Print every setting with its value, source and meaning."`
}

// usageError is a call that can't be understood: exit status 2.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }

// exit is how kong leaves after --help.
type exit struct{}

// parse turns arguments into a command to run; nil when --help has been shown.
func parse(args []string, out, errs io.Writer) (command func(context.Context) error, err error) {
	var c cli
	parser, err := kong.New(&c, kong.Name("segment-challenge"), kong.Writers(out, errs),
		kong.Description("Hosts cycling and running challenges over stretches of road and trail."),
		kong.Exit(func(int) { panic(exit{}) }))
	if err != nil {
		return nil, err
	}
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(exit); !ok {
				panic(r)
			}
			command, err = nil, nil
		}
	}()
	parsed, err := parser.Parse(args)
	var wrong *kong.ParseError
	if errors.As(err, &wrong) {
		return nil, &usageError{fmt.Errorf("%w; --help says what there is", err)}
	}
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		parsed.BindTo(ctx, (*context.Context)(nil))
		parsed.BindTo(out, (*io.Writer)(nil))
		return parsed.Run(&c.Config, parsed.Model)
	}, nil
}

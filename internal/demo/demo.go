package demo

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/auth"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/sport"
)

// Options say which site is filled. Its workers run already, and it answers at Address.
type Options struct {
	Store    *eventstore.Store
	Dispatch *dispatch.Dispatcher
	Pool     *pgxpool.Pool
	Accounts *auth.Service
	Address  string    // where riders bring their files: http://127.0.0.1:8080
	Site     string    // where people reach it
	Mailbox  bool      // sign-in links are shown at /dev/mailbox
	Folder   string    // for files that a visitor may upload; empty: none
	Out      io.Writer // for what a visitor should know
	Log      *slog.Logger
}

// Demo fills a site and keeps it moving. It has the site's database for itself.
type Demo struct {
	Options
	client   *client
	booking  sync.Mutex // of the calendar, while many ride
	calendar *calendar
	brought  int // live rides, for the formats in turn
}

// New makes a demo; Run lets it begin.
func New(o Options) (*Demo, error) {
	home, err := time.LoadLocation(zone)
	if err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Demo{Options: o, client: newClient(o.Address, o.Accounts), calendar: newCalendar(home)}, nil
}

// Run fills the site, tells where it is as soon as there is a board to see, and lets riders ride until ctx is done. When a
// season is over the next one begins.
func (d *Demo) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		s, err := d.begin(ctx)
		if err == nil {
			err = d.finishHistory(ctx, s)
		}
		if err == nil {
			err = d.rideOn(ctx, s)
		}
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("demo: %w", err)
		}
	}
	return nil
}

// begin makes the season, with a board in its running stage.
func (d *Demo) begin(ctx context.Context) (*season, error) {
	s, err := d.currentSeason(ctx, everybody())
	if err != nil {
		return nil, err
	}
	fresh, err := d.found(ctx, s)
	if err != nil {
		return nil, err
	}
	if fresh {
		if err := d.bringAll(ctx, s.firstRides()); err != nil {
			return nil, err
		}
	}
	return s, d.invite(ctx, s)
}

// finishHistory brings what has been ridden before today, and approves what was over long ago. The prologue comes last:
// once it is final, the season has its history.
func (d *Demo) finishHistory(ctx context.Context, s *season) error {
	if status, err := d.statusOf(ctx, s.prologue.id); err != nil || status == sport.Approved {
		return err
	}
	if err := d.bringAll(ctx, s.otherRides()); err != nil {
		return err
	}
	if err := d.caughtUp(ctx); err != nil {
		return err
	}
	if err := d.approveStage(ctx, s.tour, s.tour.stages[0]); err != nil {
		return err
	}
	return d.approve(ctx, s.prologue)
}

// invite tells a visitor where to look and how to sign in.
func (d *Demo) invite(ctx context.Context, s *season) error {
	all, err := d.runningStages(ctx, s)
	if err != nil {
		return err
	}
	fmt.Fprintf(d.Out, "\nOpen %s/\n", d.Site)
	if len(all) > 0 {
		fmt.Fprintf(d.Out, "  the board that moves   %s/challenges/%s/stages/%s\n", d.Site, all[0].ChallengeSlug, all[0].Slug)
	}
	fmt.Fprintf(d.Out, "  sign in                %s/sign-in as %s or %s\n", d.Site, OrganiserEmail, RiderEmail)
	if d.Mailbox {
		fmt.Fprintf(d.Out, "  the link that is sent  %s/dev/mailbox\n", d.Site)
	} else {
		fmt.Fprintln(d.Out, "  the link that is sent  is shown with --dev alone: this site isn't only reached from its own machine")
	}
	if d.Folder != "" && len(all) > 0 {
		if err := d.writeSamples(s.visitor, all[0], time.Now()); err != nil {
			return err
		}
		fmt.Fprintf(d.Out, "  rides to upload        %s (as %s)\n", d.Folder, RiderEmail)
	}
	fmt.Fprintln(d.Out)
	return nil
}

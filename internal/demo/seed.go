package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"segmentchallenge/internal/activities/gpx"
	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/clubs"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/importer"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/segments"
	"segmentchallenge/internal/slugs"
	"segmentchallenge/internal/sport"
)

// together is how many commands are on their way at once: the log takes what is waiting in one go.
const together = 24

// each runs do for all items, several at a time.
func each[T any](ctx context.Context, atOnce int, items []T, do func(context.Context, T) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, item := range items {
		group.Go(func() error { return do(ctx, item) })
	}
	return group.Wait()
}

// send carries out a command, and waits until everybody can read what it did. Refusals that are fine mean that it has been
// done before.
func (d *Demo) send(ctx context.Context, cmd dispatch.Command, fine ...error) error {
	result, err := d.tell(ctx, cmd, fine...)
	if err != nil {
		return err
	}
	return d.settle(ctx, result)
}

// tell is send without waiting.
func (d *Demo) tell(ctx context.Context, cmd dispatch.Command, fine ...error) (dispatch.Result, error) {
	result, err := d.Dispatch.Send(ctx, cmd, eventstore.Meta{})
	if slices.ContainsFunc(fine, func(f error) bool { return errors.Is(err, f) }) {
		return dispatch.Result{}, nil
	}
	if err != nil {
		return result, fmt.Errorf("%T: %w", cmd, err)
	}
	return result, nil
}

// settle has the patience of a machine that has nothing else to do.
func (d *Demo) settle(ctx context.Context, result dispatch.Result) error {
	for {
		var behind *dispatch.CatchingUpError
		if err := d.Dispatch.Settle(ctx, result); !errors.As(err, &behind) || ctx.Err() != nil {
			return err
		}
	}
}

// currentSeason is the one that is going on, or is to be made: the first whose tour isn't over. Its dates are those that it
// was made with, also when seeding was interrupted.
func (d *Demo) currentSeason(ctx context.Context, people *cast) (*season, error) {
	home, err := time.LoadLocation(zone)
	if err != nil {
		return nil, err
	}
	for number := 0; ; number++ {
		y, m, day := time.Now().In(home).Date()
		tour, err := readmodel.ChallengeByID(ctx, d.Pool, actor.System, tourID(number))
		if errors.Is(err, readmodel.ErrNoChallenge) {
			return newSeason(number, time.Date(y, m, day, 0, 0, 0, 0, home), people), nil
		}
		if err != nil {
			return nil, err
		}
		if !over(tour.Status) {
			y, m, day = tour.StartLocal.AsUTC().AddDate(0, 0, 10).Date()
			return newSeason(number, time.Date(y, m, day, 0, 0, 0, 0, home), people), nil
		}
	}
}

// found makes people, clubs, segments and challenges, in the state that they have today. What is there stays as it is; a
// season that is whole isn't fresh.
func (d *Demo) found(ctx context.Context, s *season) (fresh bool, err error) {
	if err := each(ctx, together, s.all(), d.register); err != nil {
		return false, err
	}
	status, err := d.statusOf(ctx, s.prologue.id)
	if status == sport.Approved || err != nil && !errors.Is(err, readmodel.ErrNoChallenge) {
		return false, err
	}
	group, inner := errgroup.WithContext(ctx)
	group.Go(func() error { return each(inner, together, s.clubs, d.establish) })
	group.Go(func() error { return each(inner, together, segmentCourses, d.measure) })
	if err := group.Wait(); err != nil {
		return true, err
	}
	return true, each(ctx, together, s.contests(), d.announceContest)
}

// register makes an athlete, as registration does, but some time ago.
func (d *Demo) register(ctx context.Context, p *person) error {
	identity, err := d.Accounts.Reserve(ctx, p.email)
	if err != nil {
		return err
	}
	p.id = identity.AthleteID
	if identity.Claimed {
		return nil
	}
	head := athletes.Head{ID: p.id, By: actor.System, Now: daysAgo(300 + 3*p.number)}
	if err := d.send(ctx, athletes.Register{Head: head, Profile: p.profile()}); err != nil {
		return err
	}
	return d.Accounts.Claim(ctx, p.email, p.id)
}

func daysAgo(n int) time.Time { return time.Now().AddDate(0, 0, -n) }

func (d *Demo) establish(ctx context.Context, s society) error {
	slug, err := slugs.ReserveSlug(ctx, d.Pool, "club", s.Name, s.id)
	if err != nil {
		return err
	}
	head := clubs.Head{ID: s.id, By: s.founder.by(), Now: daysAgo(290)}
	if err := d.send(ctx, clubs.Create{Head: head, Slug: slug, Definition: s.Definition}); err != nil {
		return err
	}
	return d.all(ctx, s.members, func(i int, p *person) dispatch.Command {
		return clubs.Join{Head: clubs.Head{ID: s.id, By: p.by(), Now: daysAgo(280 - i)}}
	})
}

// all sends a command for each person, together, and waits for the last: what comes before it is there by then.
func (d *Demo) all(ctx context.Context, people []*person, command func(int, *person) dispatch.Command, fine ...error) error {
	results := make([]dispatch.Result, len(people))
	var numbers []int
	for i := range people {
		numbers = append(numbers, i)
	}
	err := each(ctx, together, numbers, func(ctx context.Context, i int) (err error) {
		results[i], err = d.tell(ctx, command(i, people[i]), fine...)
		return err
	})
	if err != nil {
		return err
	}
	var last dispatch.Result
	for _, r := range results {
		if r.Last > last.Last {
			last = r
		}
	}
	return d.settle(ctx, last)
}

// measure adds a course's segment to the library, by way of a GPX file as an organiser would bring one.
func (d *Demo) measure(ctx context.Context, c *course) error {
	var file bytes.Buffer
	if err := gpx.Write(&file, c.name, c.activityType(), c.road().Part(c.segment)); err != nil {
		return err
	}
	geometry, _, err := importer.GeometryOfGPX(file.Bytes())
	if err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	return d.send(ctx, segments.Add{Head: segments.Head{ID: c.segmentID(), By: actor.System, Now: daysAgo(200)},
		Name: c.name, ActivityType: c.activityType(), Geometry: geometry, Origin: "gpx"})
}

// announceContest creates and hosts a challenge some days before it starts, lets its entrants in and lets it live until
// today.
func (d *Demo) announceContest(ctx context.Context, c *contest) error {
	slug, err := slugs.ReserveSlug(ctx, d.Pool, "challenge", c.Name, c.id)
	if err != nil {
		return err
	}
	head := challenges.Head{ID: c.id, By: c.organiser.by(), Now: c.announced()}
	if err := d.send(ctx, challenges.Create{Head: head, Slug: slug, Definition: c.Definition}); err != nil {
		return err
	}
	for _, l := range c.stages {
		err := d.send(ctx, challenges.AddStage{Head: head, StageID: l.id, StageDefinition: l.StageDefinition}, challenges.ErrOver)
		if err != nil {
			return err
		}
	}
	if err := d.send(ctx, challenges.Host{Head: head}, challenges.ErrAlreadyHosted, challenges.ErrOver); err != nil {
		return err
	}
	if err := d.enter(ctx, c); err != nil {
		return err
	}
	return d.live(ctx, c)
}

// announced is eight days before the start, or yesterday.
func (c *contest) announced() time.Time {
	home, _ := time.LoadLocation(zone) // the season has loaded it before
	at := c.Window.Start.In(home).AddDate(0, 0, -8)
	if yesterday := daysAgo(1); at.After(yesterday) {
		return yesterday
	}
	return at
}

// enter lets the entrants join, half an hour after each other.
func (d *Demo) enter(ctx context.Context, c *contest) error {
	return d.all(ctx, c.entrants, func(i int, p *person) dispatch.Command {
		at := c.announced().Add(time.Duration(i+1) * 37 * time.Minute)
		return competitors.Join{Head: competitors.Head{ChallengeID: c.id, AthleteID: p.id, By: p.by(), Now: at}}
	}, competitors.ErrChallengeOver, competitors.ErrChallengeApproved)
}

func (d *Demo) statusOf(ctx context.Context, challenge uuid.UUID) (sport.Status, error) {
	c, err := readmodel.ChallengeByID(ctx, d.Pool, actor.System, challenge)
	return c.Status, err
}

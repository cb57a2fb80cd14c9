package demo

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
)

// pace is how long until the next ride: seconds while somebody is likely to watch, and longer the longer the demo runs, so
// that its database doesn't fill the disk of somebody who forgot it.
func pace(running time.Duration, chance float64) time.Duration {
	low, high := 2*time.Second, 6*time.Second
	switch {
	case running > 24*time.Hour:
		low, high = time.Minute, 2*time.Minute
	case running > time.Hour:
		low, high = 10*time.Second, 20*time.Second
	}
	return low + time.Duration(chance*float64(high-low))
}

// rideOn lets riders bring rides until the season is over or ctx is done. What goes wrong is waited out.
func (d *Demo) rideOn(ctx context.Context, s *season) error {
	rng, began, trouble := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 4)), time.Now(), 0
	for {
		if err := sleep(ctx, pace(time.Since(began), rng.Float64())<<trouble); err != nil {
			return err
		}
		status, err := d.statusOf(ctx, s.tour.id)
		if err == nil && over(status) {
			return nil
		}
		if err == nil {
			err = d.rideOnce(ctx, s, rng)
		}
		if trouble = 0; err != nil && ctx.Err() == nil {
			d.Log.Warn("a rider of the demo had no luck", "error", err)
			trouble = 4
		}
	}
}

// over says whether a challenge's time has passed, be it that a visitor ended or cancelled it.
func over(s sport.Status) bool {
	return s == sport.Past || s == sport.Approved || s == sport.Cancelled
}

// running is a stage that runs, its road, and who may ride it.
type running struct {
	readmodel.Stage
	course *course
	field  []*person
}

// runningStages are those that rides can be brought for now; the tour's weighs most.
func (d *Demo) runningStages(ctx context.Context, s *season) ([]running, error) {
	var out []running
	for _, of := range []struct {
		*contest
		field  []*person
		weight int
	}{{s.tour, s.riders, 12}, {s.league, s.women(), 3}, {s.race, s.runners, 2}} {
		all, err := readmodel.Stages(ctx, d.Pool, actor.System, of.id)
		if err != nil {
			return nil, err
		}
		for i, stage := range all {
			if stage.Status != sport.Active {
				continue
			}
			r := running{stage, of.course, of.field}
			if r.course == nil {
				r.course = of.stages[i].course
			}
			out = append(out, slices.Repeat([]running{r}, of.weight)...)
		}
	}
	return out, nil
}

// rideOnce lets one rider make one ride of a running stage, and bring it.
func (d *Demo) rideOnce(ctx context.Context, s *season, rng *rand.Rand) error {
	stages, err := d.runningStages(ctx, s)
	if err != nil || len(stages) == 0 {
		return err
	}
	stage := stages[rng.IntN(len(stages))]
	categories, err := readmodel.Boards(ctx, d.Pool, stage.ID)
	if err != nil || len(categories) == 0 {
		return err
	}
	board, err := readmodel.StageBoard(ctx, d.Pool, readmodel.BoardQuery{StageID: stage.ID, Category: categories[0].Category, Limit: 200})
	if err != nil {
		return err
	}
	p := someone(rng, stage.field, board)
	if err := d.enterLate(ctx, stage, p); err != nil {
		return err
	}
	o := outing{person: p, course: stage.course, seed: rng.Uint64(), format: formats[d.brought%len(formats)], mishap: misfortune(rng)}
	d.brought++
	o.target = ambition(rng, o, board)
	return d.bringLive(ctx, o, stage, rng)
}

// someone is often one of the first on the board, whose moves are seen, and else anybody.
func someone(rng *rand.Rand, field []*person, board readmodel.Board) *person {
	if first := min(len(board.Entries), 20); first > 0 && rng.IntN(10) < 6 {
		chosen := board.Entries[rng.IntN(first)].AthleteID
		if i := slices.IndexFunc(field, func(p *person) bool { return p.id == chosen }); i >= 0 {
			return field[i]
		}
	}
	return field[rng.IntN(len(field))]
}

// enterLate lets a rider in who has only watched so far; what they have ridden since the stage began counts.
func (d *Demo) enterLate(ctx context.Context, stage running, p *person) error {
	is, known, err := readmodel.CompetitorOf(ctx, d.Pool, stage.ChallengeID, p.id)
	if err != nil || known && is.Status == "joined" {
		return err
	}
	return d.client.join(ctx, p, stage.ChallengeSlug)
}

// misfortune is nothing at all, five times of six.
func misfortune(rng *rand.Rand) mishap {
	all := []mishap{detour, detour, wrongWay, turnedOff, secret, electric, untimed, cutOff, twice}
	if i := rng.IntN(6 * len(all)); i < len(all) {
		return all[i]
	}
	return none
}

// ambition is the time that a rider makes: more often than not a better one, and then mostly one that just beats the rider
// above, because moves are what is watched; otherwise none that changes anything. There is an end to getting better.
func ambition(rng *rand.Rand, o outing, board readmodel.Board) time.Duration {
	usual := o.course.takes(o.person.rider(), o.seed)
	i := slices.IndexFunc(board.Entries, func(e readmodel.BoardEntry) bool { return e.AthleteID == o.person.id })
	if i < 0 {
		return scaled(usual, 0.96+0.1*rng.Float64())
	}
	own := board.Entries[i].Value.Duration()
	if rng.IntN(5) < 2 {
		return scaled(own, 1.002+0.06*rng.Float64())
	}
	target := scaled(own, 0.998-0.018*rng.Float64())
	if i > 0 && rng.IntN(4) > 0 {
		if above := board.Entries[i-1].Value.Duration() - time.Duration(2+rng.IntN(3))*time.Second; above > scaled(own, 0.95) {
			target = min(target, above)
		}
	}
	if target < scaled(usual, 0.8) {
		return scaled(own, 1.002+0.06*rng.Float64())
	}
	return target
}

func scaled(d time.Duration, by float64) time.Duration { return time.Duration(float64(d) * by) }

// bringLive makes an outing that has just ended, or one of the hours before where the rider is busy, and brings it.
func (d *Demo) bringLive(ctx context.Context, o outing, stage running, rng *rand.Rand) error {
	recording, now := o.record(), time.Now()
	takes := length(recording)
	start := now.Add(-takes - time.Duration(20+rng.IntN(100))*time.Second).In(d.calendar.home)
	if start.Before(stage.StartAt) || !d.calendar.take(o.person, start, takes, now) {
		var ok bool
		if start, ok = d.calendar.book(rng, o.person, stretch{stage.StartAt, stage.EndAt}, takes, now); !ok {
			return nil
		}
	}
	f, err := o.file(recording, start)
	if err != nil {
		return err
	}
	said, err := d.client.bring(ctx, o.person, f)
	if err == nil && o.mishap == twice {
		said, err = d.client.bring(ctx, o.person, f)
	}
	d.note(o, said, err)
	return err
}

// note writes down what became of an outing.
func (d *Demo) note(o outing, said outcome, err error) {
	if err != nil {
		return // the caller speaks of it
	}
	why := ""
	if len(said.refused) > 0 {
		why = said.refused[0].Code
	}
	d.Log.Debug("a ride of the demo", "rider", o.person.name, "road", o.course.name, "format", o.format, "mishap", string(o.mishap),
		"outcome", cmp.Or(said.code, "taken"), "efforts", len(said.efforts), "refused", why)
}

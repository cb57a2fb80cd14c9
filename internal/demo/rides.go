package demo

import (
	"context"
	"math/rand/v2"
	"time"

	"segmentchallenge/internal/importer"
	"segmentchallenge/internal/readmodel"
)

// uploadsAtOnce is how many riders bring a file at the same time.
const uploadsAtOnce = 4

// errand is an outing to be made within a window, and brought.
type errand struct {
	outing
	in stretch
}

// firstRides are those with which the board of the running stage begins.
func (s *season) firstRides() []errand {
	return s.errands(s.tour.stages[2], s.tour.entrants[1:16], 0, nil)
}

// otherRides are all others that have been ridden before the demo begins, in the order in which they're brought: what is
// approved soon comes first.
func (s *season) otherRides() []errand {
	tour, first, some := s.tour.stages, s.tour.entrants[1:], map[int]mishap{3: detour, 9: wrongWay, 14: secret, 20: turnedOff, 26: electric}
	out := s.errands(tour[0], first[:34], 1, some)
	out = append(out, s.errands(tour[0], first[2:9], 2, nil)...)
	out = append(out, s.errands(s.prologue.stages[0], s.prologue.entrants[:22], 3, nil)...)
	out = append(out, s.errands(s.prologue.stages[1], s.prologue.entrants[6:], 4, map[int]mishap{5: turnedOff})...)
	running := append(s.errands(tour[2], s.tour.entrants[16:31], 5, map[int]mishap{4: detour}), s.errands(tour[2], []*person{s.visitor}, 6, nil)...)
	running = append(running, s.errands(tour[1], first[3:33], 7, map[int]mishap{8: detour, 17: secret})...)
	running = append(running, s.errands(s.league.stages[0], s.league.entrants[:14], 8, map[int]mishap{6: secret})...)
	running = append(running, s.errands(s.league.stages[0], s.league.entrants[3:7], 9, nil)...)
	race := leg{course: s.race.course}
	race.Window = s.race.Window
	running = append(running, s.errands(race, s.race.entrants, 10, nil)...)
	rng := rand.New(rand.NewPCG(uint64(s.number), 2))
	rng.Shuffle(len(running), func(i, k int) { running[i], running[k] = running[k], running[i] })
	return append(out, running...)
}

// errands are one outing for each person; some go wrong.
func (s *season) errands(l leg, people []*person, round uint64, wrong map[int]mishap) []errand {
	home := s.day.Location()
	var out []errand
	for i, p := range people {
		out = append(out, errand{in: stretch{l.Window.Start.In(home), l.Window.End.In(home)}, outing: outing{person: p, course: l.course,
			seed: round<<32 | uint64(p.number)<<8 | uint64(s.number), mishap: wrong[i], format: formats[(i+int(round))%len(formats)]}})
	}
	return out
}

// bringAll makes outings and brings them. Those that find no time (a stage that began a moment ago) stay at home.
func (d *Demo) bringAll(ctx context.Context, errands []errand) error {
	return each(ctx, uploadsAtOnce, errands, func(ctx context.Context, e errand) error {
		recording := e.record()
		start, ok := d.book(e, length(recording))
		if !ok {
			return nil
		}
		f, err := e.file(recording, start)
		if err != nil {
			return err
		}
		said, err := d.client.bring(ctx, e.person, f)
		d.note(e.outing, said, err)
		if said.code != "" && said.code != "duplicate_activity" {
			d.Log.Warn("a ride of the demo was not taken", "rider", e.person.name, "file", f.name, "code", said.code)
		}
		return err
	})
}

// book finds a time for an errand; several ask at once.
func (d *Demo) book(e errand, takes time.Duration) (time.Time, bool) {
	d.booking.Lock()
	defer d.booking.Unlock()
	rng := rand.New(rand.NewPCG(e.seed, 3))
	return d.calendar.book(rng, e.person, e.in, takes, time.Now())
}

// caughtUp waits until everything that has been brought is matched.
func (d *Demo) caughtUp(ctx context.Context) error {
	head, err := d.Store.Head(ctx)
	if err != nil {
		return err
	}
	return d.Store.WaitFor(ctx, head, importer.Name, readmodel.ActivitiesModel)
}

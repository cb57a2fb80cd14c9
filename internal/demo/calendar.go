package demo

import (
	"math/rand/v2"
	"slices"
	"time"
)

// calendar knows when everybody was out, so that nobody rides in two places at once. It forgets what is long over.
type calendar struct {
	home *time.Location
	out  map[*person][]stretch
}

// stretch is a time between two moments.
type stretch struct{ from, to time.Time }

// remembered is how long the calendar keeps what is over: longer than any stage that is ridden now.
const remembered = 15 * 24 * time.Hour

func newCalendar(home *time.Location) *calendar {
	return &calendar{home: home, out: map[*person][]stretch{}}
}

// book finds a time for an outing that begins in a stretch and is over by now, by day where that is possible.
func (c *calendar) book(rng *rand.Rand, p *person, in stretch, takes time.Duration, now time.Time) (start time.Time, ok bool) {
	last := now.Add(-takes - time.Minute)
	if in.to.Before(last) {
		last = in.to
	}
	room := last.Sub(in.from)
	if room <= 0 {
		return time.Time{}, false
	}
	for try := range 24 {
		at := in.from.Add(time.Duration(rng.Int64N(int64(room)))).In(c.home).Truncate(time.Second)
		if at.Before(in.from) || try < 16 && (at.Hour() < 6 || at.Hour() >= 20) {
			continue
		}
		if c.take(p, at, takes, now) {
			return at, true
		}
	}
	return time.Time{}, false
}

// take notes an outing, unless the person is out at that time.
func (c *calendar) take(p *person, start time.Time, takes time.Duration, now time.Time) bool {
	kept := slices.DeleteFunc(c.out[p], func(s stretch) bool { return now.Sub(s.to) > remembered })
	wanted := stretch{start, start.Add(takes + 5*time.Minute)} // between two rides one has to breathe
	for _, s := range kept {
		if wanted.from.Before(s.to) && s.from.Before(wanted.to) {
			c.out[p] = kept
			return false
		}
	}
	c.out[p] = append(kept, wanted)
	return true
}

package demo

import (
	"sync"
	"time"

	"segmentchallenge/internal/activities/simulate"
	"segmentchallenge/internal/sport"
)

// course is a loop road of the island and the part of it that is a segment, or a race's way.
type course struct {
	name    string
	segment simulate.Span // zero: none, the loop is run as it is
	foot    bool
	seed    uint64
	land    simulate.Landscape
	road    func() simulate.Road // laid once, when it's first ridden
}

// The island lies in the Atlantic, where there is none.
var (
	harbour = lay(course{name: "Harbour Straight", seed: 2, segment: simulate.Span{From: 5_000, To: 7_600},
		land: simulate.Landscape{Lat: 48.102, Lon: -18.310, Length: 12_000, Base: 12}})
	gannet = lay(course{name: "Gannet Bends", seed: 3, segment: simulate.Span{From: 4_900, To: 8_200},
		land: simulate.Landscape{Lat: 48.161, Lon: -18.243, Length: 14_000, Base: 40, Hills: 3, Height: 60, Grade: 0.04}})
	kestrel = lay(course{name: "Kestrel Hill", seed: 2, segment: simulate.Span{From: 4_150, To: 6_720},
		land: simulate.Landscape{Lat: 48.128, Lon: -18.164, Length: 15_000, Base: 60, Hills: 1, Height: 190}})
	beacon = lay(course{name: "Beacon Wall", seed: 2, segment: simulate.Span{From: 4_230, To: 5_240},
		land: simulate.Landscape{Lat: 48.196, Lon: -18.118, Length: 12_000, Base: 80, Hills: 1, Height: 120, Grade: 0.095}})
	highMoor = lay(course{name: "High Moor Pass", seed: 2, segment: simulate.Span{From: 4_500, To: 10_150},
		land: simulate.Landscape{Lat: 48.231, Lon: -18.301, Length: 22_000, Base: 110, Hills: 1, Height: 420}})
	lighthouse = lay(course{name: "Lighthouse Lane", seed: 1, segment: simulate.Span{From: 2_300, To: 3_790},
		land: simulate.Landscape{Lat: 48.071, Lon: -18.208, Length: 11_000, Base: 25, Hills: 2, Height: 70, Grade: 0.05}})
	millPark = lay(course{name: "Mill Park", seed: 3, foot: true,
		land: simulate.Landscape{Lat: 48.109, Lon: -18.262, Length: 5_600, Base: 8}})
)

var segmentCourses = []*course{harbour, gannet, kestrel, beacon, highMoor, lighthouse}

func lay(c course) *course {
	c.road = sync.OnceValue(func() simulate.Road { return simulate.Loop(c.seed, c.land) })
	return &c
}

func (c *course) activityType() sport.ActivityType {
	if c.foot {
		return sport.Run
	}
	return sport.Ride
}

// timed is the part that takes the time that counts.
func (c *course) timed() simulate.Span {
	if c.segment == (simulate.Span{}) {
		return simulate.Span{From: 100, To: 5_100} // a race: any five kilometres
	}
	return c.segment
}

// takes is how long somebody needs for the timed part.
func (c *course) takes(r simulate.Rider, seed uint64) time.Duration {
	_, truth := simulate.Plan{Seed: seed, Road: c.road(), Span: c.timed(), Rider: r, Device: simulate.Device{Interval: time.Minute},
		Start: time.Unix(0, 0)}.Ride()
	return truth.Took(c.timed())
}

// pace is how fast somebody must be on the level to need so long for the timed part: the rider's, changed. Going faster
// never takes longer, so halving finds it.
func (c *course) pace(r simulate.Rider, seed uint64, target time.Duration) simulate.Rider {
	low, high := 0.4*r.Flat, 2*r.Flat
	for range 14 {
		r.Flat = (low + high) / 2
		if c.takes(r, seed) > target {
			low = r.Flat
		} else {
			high = r.Flat
		}
	}
	return r
}

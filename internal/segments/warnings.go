package segments

import (
	"fmt"
	"math"
)

// Warning tells an organiser what about a line will make its times less sure. The segment can be used all the same.
type Warning struct {
	Code   string  `json:"code"` // short, start_near_bend, finish_near_bend, start_meets_finish, crosses_itself
	Detail string  `json:"detail"`
	Metres float64 `json:"metres"` // along the line
	At     LatLon  `json:"at"`
}

const (
	shortLength   = 300.0 // metres
	bendReach     = 60.0  // metres from a gate in which a bend matters
	bendAngle     = 45.0  // degrees
	closeEnds     = 40.0  // metres
	crossingAngle = 30.0  // degrees
)

func (p *Prepared) warnings() []Warning {
	var out []Warning
	warn := func(code string, metres float64, detail string) {
		out = append(out, Warning{code, detail, metres, p.plane.unproject(p.at(metres))})
	}
	if p.Length < shortLength {
		warn("short", 0, fmt.Sprintf("The segment is only %.0f m long: an error of a few metres at each end is a large part of the time.", p.Length))
	}
	if at, ok := p.bend(0, 1); ok {
		warn("start_near_bend", at, fmt.Sprintf("The line bends %.0f m after the start: a start on a straight stretch is timed more exactly.", at))
	}
	if at, ok := p.bend(p.Length, -1); ok {
		warn("finish_near_bend", at, fmt.Sprintf("The line bends %.0f m before the finish: a finish on a straight stretch is timed more exactly.", p.Length-at))
	}
	if d := distance(p.at(0), p.at(p.Length)); d < closeEnds {
		warn("start_meets_finish", 0, fmt.Sprintf("Start and finish are only %.0f m apart: waiting at the line may be taken for a start.", d))
	}
	if at, ok := p.crossesItself(); ok {
		warn("crosses_itself", at, fmt.Sprintf("The line meets itself at a small angle at %s: two ways that lie so close are hard to tell apart.", km(at)))
	}
	return out
}

// bend finds the first place near a gate where the line points elsewhere than at the gate; inwards is 1 at the start and
// -1 at the finish.
func (p *Prepared) bend(gate, inwards float64) (at float64, ok bool) {
	const window = 20.0
	heading := func(from float64) xy { return p.heading(from, from+inwards*window) }
	there := heading(gate)
	for off := spacing; off <= min(bendReach, p.Length-window); off += spacing {
		if cosine(there, heading(gate+inwards*off)) < math.Cos(bendAngle*math.Pi/180) {
			return gate + inwards*off, true
		}
	}
	return 0, false
}

// crossesItself finds the first place where the line is crossed by a later part of itself at less than 30 degrees.
func (p *Prepared) crossesItself() (at float64, ok bool) {
	const apart = 6 // legs: neighbours always touch
	legs := len(p.checkpoints) - 1
	for i := range legs {
		a, b := p.checkpoints[i], p.checkpoints[i+1]
		mine := rectOf(p.checkpoints[i : i+2])
		for c := (i + apart) / perRect; c < len(p.rects); c++ {
			if !mine.overlaps(p.rects[c]) {
				continue
			}
			for j := max(i+apart, c*perRect); j < min((c+1)*perRect, legs); j++ {
				if meetFlatly(a, b, p.checkpoints[j], p.checkpoints[j+1]) {
					return float64(i) * p.step, true
				}
			}
		}
	}
	return 0, false
}

// meetFlatly says whether the leg a-b crosses c-d at a small angle.
func meetFlatly(a, b, c, d xy) bool {
	one, other := b.minus(a), d.minus(c)
	apart := one.cross(c.minus(a)) > 0 == (one.cross(d.minus(a)) > 0) || other.cross(a.minus(c)) > 0 == (other.cross(b.minus(c)) > 0)
	return !apart && math.Abs(cosine(one, other)) > math.Cos(crossingAngle*math.Pi/180)
}

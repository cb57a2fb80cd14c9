package segments

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

func (v *view) rejection(reason Reason, leg int, ms, metres float64, detail string) Rejection {
	return Rejection{
		Reason: reason, Detail: detail, Metres: metres, At: v.p.plane.unproject(v.p.at(metres)),
		StartMs: float64(v.t.samples[0].Ms) + ms, Index: leg,
	}
}

// words says where on the line an attempt failed, and how, to the athlete whose attempt it was.
func (v *view) words(a attempt) (metres float64, detail string) {
	p, limit := v.p, v.p.tolerance
	switch a.reason {
	case FinishMissed:
		return a.followed, "Start found, finish missed: " + v.wayOut(a)
	case Hole:
		return a.hole.from, fmt.Sprintf("Hole of %s at %s: no track within %.0f m of the line there.", riddenWords(a.hole.metres), km(a.hole.from), limit.corridor)
	case Coverage:
		return a.hole.from, fmt.Sprintf("Only %.0f %% of the line has track beside it; %.0f %% are needed.", math.Floor(100*a.coverage), 100*limit.coverage)
	case Detour:
		return a.detour.from, fmt.Sprintf("Detour of %s at %s: so much was ridden more than %.0f m off the line.", riddenWords(a.detour.metres), km(a.detour.from), limit.corridor)
	case BesideLine:
		return 0, fmt.Sprintf("The track runs beside the line: a twentieth of it lies more than %.0f m off; up to %.0f m are taken.", math.Floor(a.p95), limit.p95)
	case WrongLength:
		return 0, fmt.Sprintf("Between start and finish %s were ridden, for a line of %s.", riddenWords(a.end.ridden-a.start.ridden), riddenWords(p.Length))
	case LaterStart:
		return 0, "The start line was crossed again before the finish: the time runs from the last crossing."
	case Overlap:
		return 0, "Part of this traversal already counts for the one before it."
	}
	return 0, string(a.reason)
}

// wayOut says how an attempt came not to reach the finish.
func (v *view) wayOut(a attempt) string {
	last := v.t.legs() - 1
	whole := strings.TrimPrefix(km(v.p.Length), "km ")
	switch {
	case a.endLeg >= 0:
		return fmt.Sprintf("the line was followed to its end at %s, but the finish line was not crossed.", km(v.p.Length))
	case v.t.ridden[last+1]-v.t.ridden[a.lastLeg+1] < v.p.tolerance.corridor:
		return fmt.Sprintf("the recording ends at %s of %s.", km(a.followed), whole)
	case v.t.isGap(min(a.lastLeg+1, last)):
		return fmt.Sprintf("the recording was interrupted at %s of %s.", km(a.followed), whole)
	}
	return fmt.Sprintf("the track leaves the line at %s of %s.", km(a.followed), whole)
}

// withoutStart looks at a track that never began the segment: when it follows at least half of the line all the same, it
// says why that isn't a traversal. A track that only crosses the line, or its box, is nothing to tell of.
func (v *view) withoutStart() []Rejection {
	if !v.mayFollowHalf() {
		return nil
	}
	var with, against followed
	for _, leg := range v.t.legsIn(v.p.Box) {
		a, b := v.xy(leg), v.xy(leg+1)
		off, along := v.p.nearest(a.towards(b, 0.5), v.p.tolerance.corridor)
		if off >= v.p.tolerance.corridor || v.t.isGap(leg) {
			continue
		}
		if cosine(b.minus(a), v.p.heading(along-v.p.step/2, along+v.p.step/2)) >= 0 {
			with.add(leg, v.t.metres(leg), along)
		} else {
			against.add(leg, v.t.metres(leg), along)
		}
	}
	half := v.p.Length / 2
	switch {
	case with.metres >= half:
		return []Rejection{v.rejection(StartMissed, with.leg, v.t.ms(with.leg), with.along,
			fmt.Sprintf("Start missed: the line was joined at %s, and the start line was not crossed.", km(with.along)))}
	case against.metres >= half:
		return []Rejection{v.rejection(WrongDirection, against.leg, v.t.ms(against.leg), against.along,
			"Wrong direction: the line was followed from its finish towards its start.")}
	}
	return nil
}

// followed is how much of a track goes along a line, and where that begins.
type followed struct {
	metres, along float64
	leg           int
}

func (f *followed) add(leg int, metres, along float64) {
	if f.metres == 0 {
		f.leg, f.along = leg, along
	}
	f.metres += metres
}

// mayFollowHalf is a cheap test on boxes that most tracks which merely come near fail.
func (v *view) mayFollowHalf() bool {
	const every = 5 // checkpoints
	chunks := v.t.chunksIn(v.p.Box)
	near, all := 0, 0
	for k := 0; k < len(v.p.checkpoints); k += every {
		all++
		around := v.p.plane.around(v.p.checkpoints[k], v.p.tolerance.corridor)
		if slices.ContainsFunc(chunks, func(c int) bool { return v.t.chunks[c].Overlaps(around) }) {
			near++
		}
	}
	return 2*near >= all
}

// km writes a place on a line, riddenWords a length, as a rider would say it.
func km(metres float64) string {
	if metres < 1000 {
		return fmt.Sprintf("km %.2f", metres/1000)
	}
	return fmt.Sprintf("km %.1f", metres/1000)
}

func riddenWords(metres float64) string {
	if metres < 1000 {
		return fmt.Sprintf("%.0f m", metres)
	}
	return fmt.Sprintf("%.1f km", metres/1000)
}

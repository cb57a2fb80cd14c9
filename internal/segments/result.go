package segments

import (
	"cmp"
	"math"
	"slices"
)

// MethodVersion goes up with every change to Match that can change its result. It is kept with each effort: the same
// track, line and version give the same result for ever.
const MethodVersion = 1

// Result is what Match found, both lists by time of the start.
type Result struct {
	Efforts  []Effort    // traversals that count; they don't overlap
	Rejected []Rejection // traversals that were begun and don't count, and why; the first 50
	Untold   int         // how many more of those there are
}

const maxTold = 50

// Effort is one traversal of a segment.
type Effort struct {
	StartMs, EndMs float64 // milliseconds since 1970 at which the start and finish lines were crossed, between samples
	ElapsedMs      float64 // what lies between, to more digits than EndMs - StartMs holds
	UncertaintyMs  float64 // about how far ElapsedMs may be off, given 3 m of noise and the speed at the gates

	StartIndex, EndIndex int // the last sample before the start line and the first at or after the finish line

	Coverage      float64 // part of the line that has track beside it, 0 to 1
	P95           float64 // metres: 95 of 100 samples are no farther from the line
	LongestHole   float64 // metres of line without track beside it
	LongestDetour float64 // metres ridden outside the corridor
	Ratio         float64 // metres ridden a metre of line
	LargestGapMs  float64 // longest time between two samples
	LargestGap    float64 // metres, longest way between two samples
	Quality       Quality
	NeedsReview   bool // the device didn't record at a gate: the time is an upper bound, to be looked at by a person
	Corridor      Corridor
	Method        int // MethodVersion
}

// Quality grades the evidence for an effort, not the effort.
type Quality string

const (
	GradeA Quality = "A" // all of the line, close to it, without gaps
	GradeB Quality = "B" // everything needed
	GradeC Quality = "C" // a part went unrecorded
)

// Reason is a stable code for why a traversal doesn't count.
type Reason string

const (
	FinishMissed   Reason = "finish_missed"   // the line was left, or the recording ended, before the finish
	Hole           Reason = "hole"            // a stretch of the line has no track beside it
	Coverage       Reason = "coverage"        // too many small holes
	Detour         Reason = "detour"          // the track left the corridor and came back
	BesideLine     Reason = "beside_line"     // too far from the line for too long
	WrongLength    Reason = "wrong_length"    // much more or less was ridden than the line is long
	LaterStart     Reason = "later_start"     // the start was crossed again before the same finish
	Overlap        Reason = "overlap"         // part of it already counts for the traversal before
	StartMissed    Reason = "start_missed"    // the line was followed, but not from its start
	WrongDirection Reason = "wrong_direction" // the line was followed the other way
)

// Rejection is a traversal that was begun and doesn't count.
type Rejection struct {
	Reason  Reason
	Detail  string  // a sentence for the athlete
	Metres  float64 // where on the line, from its start
	At      LatLon  // the same on the map
	StartMs float64 // milliseconds since 1970 at which it began
	Index   int     // the sample before it began
}

// result puts attempts into words and figures.
func (v *view) result(counted, failed []attempt) Result {
	var r Result
	for _, a := range counted {
		r.Efforts = append(r.Efforts, v.effort(a))
	}
	type cause struct {
		reason  Reason
		lastLeg int
	}
	told := map[cause]bool{}
	slices.SortStableFunc(failed, func(a, b attempt) int { return cmp.Compare(a.start.ms, b.start.ms) })
	for _, a := range failed {
		// Who waits at the start line crosses it several times: what then fails in one place is one thing to tell.
		c := cause{a.reason, a.lastLeg}
		switch {
		case told[c]:
		case len(told) == maxTold:
			r.Untold++
		default:
			told[c] = true
			metres, detail := v.words(a)
			r.Rejected = append(r.Rejected, v.rejection(a.reason, a.start.leg, a.start.ms, metres, detail))
		}
	}
	if len(r.Efforts) == 0 && len(r.Rejected) == 0 {
		r.Rejected = v.withoutStart()
	}
	return r
}

// noise is how far a device's position is usually off, in metres.
const noise = 3.0

// effort is an attempt that counts. Where the device didn't see a gate being crossed, the time is the longest that it can
// have been, so that nobody wins by a gap.
func (v *view) effort(a attempt) Effort {
	t := v.t
	from, to := a.start.ms, a.end.ms
	if a.start.gap {
		from = t.ms(a.start.leg)
	}
	if a.end.gap {
		to = t.ms(a.end.leg + 1)
	}
	e := Effort{
		StartMs: float64(t.samples[0].Ms) + from, EndMs: float64(t.samples[0].Ms) + to, ElapsedMs: to - from, UncertaintyMs: math.Hypot(t.unsure(a.start), t.unsure(a.end)),
		StartIndex: a.start.leg, EndIndex: a.end.leg + 1,
		Coverage: a.coverage, P95: a.p95, LongestHole: a.hole.metres, LongestDetour: a.detour.metres, Ratio: v.ratio(&a),
		NeedsReview: a.start.gap || a.end.gap, Corridor: v.p.Corridor, Method: MethodVersion,
	}
	for leg := a.start.leg; leg <= a.end.leg; leg++ {
		e.LargestGapMs = max(e.LargestGapMs, t.ms(leg+1)-t.ms(leg))
		e.LargestGap = max(e.LargestGap, t.metres(leg))
	}
	e.Quality = e.grade(v.p.tolerance)
	return e
}

// unsure is about how far the time of a crossing may be off, in milliseconds.
func (t *TrackIndex) unsure(c crossing) float64 {
	if c.gap {
		return t.ms(c.leg+1) - t.ms(c.leg)
	}
	return noise / t.speed(c.leg)
}

func (e Effort) grade(limit tolerance) Quality {
	switch {
	case e.NeedsReview || e.LargestGap > gapMetres:
		return GradeC
	case e.Coverage >= 0.99 && e.P95 <= limit.p95/2 && e.LargestGapMs <= 10_000:
		return GradeA
	}
	return GradeB
}

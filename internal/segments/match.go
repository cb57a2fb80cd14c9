package segments

import (
	"cmp"
	"math"
	"slices"
)

const (
	mergeMs      = 6_000.0 // crossings of one gate that lie closer are one
	minCosine    = 0.2     // between the way of a crossing and the heading of the gate
	atRecordEnd  = 1.0     // metres: a recording that starts or ends so close to a gate crosses it (a polyline rounds to that)
	worthTelling = 0.2     // part of the line that must have been followed before a traversal was begun, rather than a gate passed
	overlapLimit = 50.0    // metres that a lap may begin before the one before it ends: start and finish are rarely one point
)

// Match finds every traversal of a segment in a track, and says why others that were begun don't count.
//
// A traversal crosses the start line, passes every checkpoint of the line in order, and crosses the finish line; its time
// runs between the two crossings, interpolated between samples. The steps below are in the order in which they happen:
// crossings, follow, finish, measure, judge, laps. docs/decisions/0005-segment-engine.md has the reasons and the figures.
func Match(p *Prepared, t *TrackIndex) Result {
	v := &view{p: p, t: t}
	starts := v.crossings(p.start)
	var finishes []crossing
	if len(starts) > 0 {
		finishes = v.crossings(p.finish)
	}
	var complete, failed []attempt
	for _, start := range starts {
		a := v.attempt(start, finishes)
		if a.reason == "" {
			complete = append(complete, a)
		} else if a.finished || a.followed >= worthTelling*p.Length {
			failed = append(failed, a)
		}
	}
	counted, beaten := laps(complete, min(overlapLimit, p.Length/4))
	return v.result(counted, append(failed, beaten...))
}

// view is a track as seen on the plane of a segment.
type view struct {
	p    *Prepared
	t    *TrackIndex
	seen []nearness // by sample, as far as they were looked at: many laps look at the same ones
}

// nearness is how far a sample is from the line, and where on the line it is nearest to.
type nearness struct {
	known      bool
	off, along float64 // metres
}

func (v *view) xy(sample int) xy {
	s := &v.t.samples[sample]
	return v.p.plane.project(s.Lat, s.Lon)
}

// crossing is where a track goes through a gate.
type crossing struct {
	leg    int
	ms     float64 // since the first sample
	ridden float64 // metres since the first sample
	gap    bool    // the device didn't see it
}

// crossings finds where the track goes through a gate, in order of time. Each of the gate's headings is tried, and what
// they find within 6 s is one crossing, seen best by the heading tried first.
func (v *view) crossings(g gate) []crossing {
	legs := v.t.legsIn(v.p.plane.around(g.at, gateHalfWidth))
	var out []crossing
	for _, heading := range g.headings {
		for _, leg := range legs {
			c, ok := v.crosses(leg, g.at, heading)
			if ok && !slices.ContainsFunc(out, func(o crossing) bool { return math.Abs(o.ms-c.ms) <= mergeMs }) {
				out = append(out, c)
			}
		}
	}
	slices.SortFunc(out, func(a, b crossing) int { return cmp.Compare(a.ms, b.ms) })
	return out
}

// crosses says whether a leg goes through a gate, and when. The leg must come from before the line and end on or behind
// it, so that a sample on the line counts once, and the track must run along the heading there.
func (v *view) crosses(leg int, at, heading xy) (crossing, bool) {
	a, b := v.xy(leg), v.xy(leg+1)
	before, behind := a.minus(at).dot(heading), b.minus(at).dot(heading)
	if leg == 0 && before >= 0 && before <= atRecordEnd {
		before = -1e-9
	}
	if leg == v.t.legs()-1 && behind < 0 && behind >= -atRecordEnd {
		behind = 0
	}
	if !(before < 0 && behind >= 0) {
		return crossing{}, false
	}
	f := before / (before - behind)
	if math.Abs(heading.cross(a.towards(b, f).minus(at))) > gateHalfWidth {
		return crossing{}, false
	}
	if cosine(b.minus(a), heading) < minCosine && cosine(v.course(leg), heading) < minCosine {
		return crossing{}, false
	}
	from, to := v.t.ms(leg), v.t.ms(leg+1)
	return crossing{leg, from + (to-from)*f, v.t.ridden[leg] + (v.t.ridden[leg+1]-v.t.ridden[leg])*f, v.t.isGap(leg)}, true
}

// course is the way of the track around a leg, from 10 m before to 10 m after: a single leg of a slow walker is noise.
func (v *view) course(leg int) xy {
	from, to := v.t.around(leg, 10)
	return v.xy(to).minus(v.xy(from))
}

// attempt is what follows one crossing of the start line.
type attempt struct {
	start, end crossing
	finished   bool    // the finish line was crossed after the last of the line
	reason     Reason  // why it doesn't count; empty when it does
	followed   float64 // metres of line up to the last checkpoint passed
	lastLeg    int     // that passed it
	endLeg     int     // that passed the first checkpoint of the last 2 %; -1 for none
	coverage   float64
	hole       stretch
	detour     stretch
	p95        float64
}

// stretch is the longest stretch of something.
type stretch struct {
	metres float64
	from   float64 // metres along the line where it begins
}

// patience is how many metres a track may take from one checkpoint to the next beyond what the line needs, before the
// checkpoint is given up: as many as are left; as many as a detour may have; none.
var patience = [...]float64{math.Inf(1), 150, 0}

// attempt follows the line from a start crossing as far as the track does, and judges what it finds. Where that isn't
// enough it is done again with less patience: before a turning point, a track that misses a checkpoint on the way out passes
// it on the way back, and waiting for that pass skips all that lies between.
func (v *view) attempt(start crossing, finishes []crossing) attempt {
	hopeful := slices.ContainsFunc(finishes, func(f crossing) bool {
		return f.ms > start.ms && f.ridden <= v.farthest(start, v.p.Length)
	})
	var first attempt
	for i, patience := range patience {
		a := v.follow(start, hopeful, patience)
		v.finish(&a, finishes)
		if a.finished {
			v.measure(&a)
		}
		if a.reason = v.judge(&a); a.reason == "" || !hopeful {
			return a
		}
		if i == 0 {
			first = a
		}
	}
	return first
}

// farthest is how many metres may have been ridden, in all, when the track has come so far along the line.
func (v *view) farthest(start crossing, along float64) float64 {
	return start.ridden + 1.30*along + v.p.tolerance.corridor + 60 + 150
}

// follow finds, for one checkpoint after the other, the earliest leg that passes within the corridor, not before the leg
// of the checkpoint before. Only legs are looked at that are about as far from the start as the checkpoint is. Taking the
// earliest leaves the most track for what is still to come, so out-and-backs, loops and self-crossings need no special case.
// Without hope of a finish it stops where the track leaves the line for good.
func (v *view) follow(start crossing, hopeful bool, patience float64) attempt {
	p, t, width := v.p, v.t, v.p.tolerance.corridor
	a := attempt{start: start, lastLeg: start.leg, endLeg: -1}
	covered, missed := 1, 0
	for k := 1; k < len(p.checkpoints); k++ {
		along := float64(k) * p.step
		earliest := max(a.lastLeg, t.legAt(start.ridden+0.80*along-width-20))
		latest := min(v.farthest(start, along), t.ridden[a.lastLeg+1]+1.30*(along-a.followed)+width+patience)
		leg := v.passes(p.checkpoints[k], earliest, latest)
		if leg < 0 {
			missed++
			a.hole = longer(a.hole, stretch{float64(missed) * p.step, float64(k-missed) * p.step})
			if !hopeful && along-a.followed > clamp(0.25*p.Length, 300, 2000) {
				break
			}
			continue
		}
		covered, missed = covered+1, 0
		a.followed, a.lastLeg = along, leg
		if a.endLeg < 0 && along >= p.Length-max(30, 0.02*p.Length) {
			a.endLeg = leg
		}
	}
	a.coverage = float64(covered) / float64(len(p.checkpoints))
	return a
}

// passes is the first leg from a given one on that passes within the corridor of q and begins before so many metres were
// ridden; -1 for none. What the track did while recording had stopped is not known, so such a leg passes nothing.
func (v *view) passes(q xy, from int, latest float64) int {
	t, width := v.t, v.p.tolerance.corridor
	box := v.p.plane.around(q, width)
	for c := from / perChunk; c < len(t.chunks) && t.ridden[max(from, c*perChunk)] <= latest; c++ {
		if !t.chunks[c].Overlaps(box) {
			continue
		}
		for leg := max(from, c*perChunk); leg < min((c+1)*perChunk, t.legs()) && t.ridden[leg] <= latest; leg++ {
			if off, _ := offLeg(v.xy(leg), v.xy(leg+1), q); off <= width && !t.samples[leg+1].Break {
				return leg
			}
		}
	}
	return -1
}

// finish is the first crossing of the finish line at or after the leg that passed the last 2 % of the line.
func (v *view) finish(a *attempt, finishes []crossing) {
	if a.endLeg < 0 {
		return
	}
	latest := v.t.ridden[a.lastLeg] + 60 + 2*v.p.tolerance.corridor
	for _, f := range finishes {
		if f.leg >= a.endLeg-1 && f.ms > a.start.ms && v.t.ridden[f.leg] <= latest {
			a.end, a.finished = f, true
			return
		}
	}
}

// measure looks at the samples between the gates: how far from the line they lie, and for how long outside the corridor.
func (v *view) measure(a *attempt) {
	var offs []float64
	var out stretch
	for i := a.start.leg + 1; i <= a.end.leg; i++ {
		near := v.near(i)
		offs = append(offs, near.off)
		if near.off <= v.p.tolerance.corridor {
			out = stretch{from: near.along}
			continue
		}
		out.metres += v.t.ridden[i] - v.t.ridden[i-1]
		a.detour = longer(a.detour, out)
	}
	if len(offs) > 0 {
		slices.Sort(offs)
		a.p95 = offs[int(0.95*float64(len(offs)-1))]
	}
}

// near looks a sample up on the line, once.
func (v *view) near(i int) nearness {
	if v.seen == nil {
		v.seen = make([]nearness, len(v.t.samples))
	}
	if !v.seen[i].known {
		limit := math.Inf(1)
		if i > 0 && v.seen[i-1].known { // it can't be farther off than the sample before and the way from there
			limit = v.seen[i-1].off + distance(v.xy(i-1), v.xy(i)) + 1
		}
		off, along := v.p.nearest(v.xy(i), limit)
		v.seen[i] = nearness{true, off, along}
	}
	return v.seen[i]
}

func longer(a, b stretch) stretch {
	if b.metres > a.metres {
		return b
	}
	return a
}

// judge says why an attempt doesn't count, the plainest reason first; empty when it does.
func (v *view) judge(a *attempt) Reason {
	limit := v.p.tolerance
	ratio := v.ratio(a)
	switch {
	case !a.finished:
		return FinishMissed
	case a.detour.metres > limit.detour:
		return Detour
	case ratio > 1.35+60/v.p.Length:
		return WrongLength
	case a.hole.metres > limit.hole:
		return Hole
	case a.coverage < limit.coverage:
		return Coverage
	case a.p95 > limit.p95:
		return BesideLine
	case ratio < 0.75:
		return WrongLength
	}
	return ""
}

// ratio is how many metres were ridden a metre of line.
func (v *view) ratio(a *attempt) float64 { return (a.end.ridden - a.start.ridden) / v.p.Length }

// laps keeps of the complete attempts those that count: of several starts before one finish the latest, and none that
// begins so many metres before the one before it has ended.
func laps(complete []attempt, overlap float64) (counted, beaten []attempt) {
	end := math.Inf(-1)
	for i, a := range complete {
		again := slices.ContainsFunc(complete[i+1:], func(b attempt) bool { return b.end.leg == a.end.leg })
		switch {
		case again:
			a.reason = LaterStart
		case a.start.ridden < end-overlap:
			a.reason, a.lastLeg = Overlap, counted[len(counted)-1].lastLeg // told once an effort that is overlapped
		default:
			counted, end = append(counted, a), a.end.ridden
			continue
		}
		beaten = append(beaten, a)
	}
	return counted, beaten
}

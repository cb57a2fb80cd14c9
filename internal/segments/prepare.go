package segments

import (
	"fmt"
	"math"

	"segmentchallenge/internal/refusal"
)

const (
	spacing    = 10.0      // metres between checkpoints
	spikeLimit = 25.0      // metres: a point that far off both neighbours, which are close, is a slip of the device
	boxMargin  = 50.0      // metres around the line in which a track is a candidate
	minLength  = 50.0      // metres
	maxLength  = 200_000.0 // metres
)

// LineField is the field of refusals about a line, whatever form or file it came in.
const LineField = "line"

// Why a line can't be a segment.
var (
	ErrLineTooFewPoints = refusal.Field(LineField, "line_too_few_points", "A segment needs at least two points.")
	ErrLineOffEarth     = refusal.Field(LineField, "line_off_earth", "The line has a point that is not a place on Earth.")
	ErrLineTooShort     = refusal.Field(LineField, "line_too_short", "A segment must be at least 50 m long.")
	ErrLineTooLong      = refusal.Field(LineField, "line_too_long", "A segment must not be longer than 200 km.")
)

// Options are how a segment is to be matched. The zero value is the standard.
type Options struct{ Corridor Corridor }

// Prepared is a segment's line made ready for matching. It is not changed after Prepare, so goroutines may share it.
type Prepared struct {
	Length   float64 // metres
	Box      Box     // of the line, grown by 50 m: a track that doesn't overlap it can be left out
	Corridor Corridor
	Start    [2]LatLon // the left and right end of the start line, to be drawn
	Finish   [2]LatLon

	tolerance     tolerance
	plane         plane
	checkpoints   []xy    // evenly spaced, first and last at the ends of the line
	step          float64 // metres of line between two checkpoints
	rects         []rect  // rects[c] holds the legs from checkpoint c·perRect on
	start, finish gate
}

const perRect = 16

// gate is the line across one end of a segment.
type gate struct {
	at       xy
	headings [3]xy // unit vectors along the line, over 20, 10 and 30 m: noise in the first metres may turn any one of them
}

const gateHalfWidth = 25.0 // metres

// Prepare makes a line ready: projected to a plane, without repeats and spikes, resampled to 10 m. The warnings tell an
// organiser what about the line will make times less sure. A line that can't be matched is refused by an ErrLine….
func Prepare(line Line, opts Options) (*Prepared, []Warning, error) {
	if len(line) < 2 {
		return nil, nil, ErrLineTooFewPoints
	}
	for _, p := range line {
		if !p.valid() {
			return nil, nil, ErrLineOffEarth
		}
	}
	box := BoxOf(line)
	pl := planeAround(LatLon{(box.South + box.North) / 2, wrap((box.West + box.East) / 2)})
	points := clean(pl, line)
	length := along(points)
	switch {
	case length < minLength:
		return nil, nil, ErrLineTooShort.Because(fmt.Sprintf("The line is %.0f m long; a segment must be at least 50 m.", length))
	case length > maxLength:
		return nil, nil, ErrLineTooLong.Because(fmt.Sprintf("The line is %.0f km long; a segment may have up to 200 km.", length/1000))
	}
	p := &Prepared{Length: length, Box: box.Grown(boxMargin), Corridor: opts.Corridor, tolerance: opts.Corridor.tolerance(), plane: pl}
	p.checkpoints = resample(points, int(math.Ceil(length/spacing)))
	p.step = length / float64(len(p.checkpoints)-1)
	for first := 0; first+1 < len(p.checkpoints); first += perRect {
		p.rects = append(p.rects, rectOf(p.checkpoints[first:min(first+perRect+1, len(p.checkpoints))]))
	}
	p.start, p.finish = p.gateAt(0), p.gateAt(length)
	p.Start, p.Finish = p.drawn(p.start), p.drawn(p.finish)
	return p, p.warnings(), nil
}

// clean projects a line and leaves out what a device adds: places recorded twice, the zigzag of noise between points that
// lie closer than the checkpoints will, and spikes. A spike flies off and comes back to where it left, and the way goes on as before: a
// turning point looks alike but for the last.
func clean(pl plane, line Line) []xy {
	at := func(i int) xy { return pl.project(line[i].Lat, line[i].Lon) }
	out := []xy{at(0)}
	for i := 1; i+1 < len(line); i++ {
		// A corner that somebody drew stays, however near: what follows it is far.
		if q := at(i); distance(out[len(out)-1], q) >= spacing || distance(q, at(i+1)) >= spacing {
			out = append(out, q)
		}
	}
	out = append(out, at(len(line)-1)) // the ends stay as they are
	for i := 2; i+2 < len(out); i++ {
		before, a, spike, b, after := out[i-2], out[i-1], out[i], out[i+1], out[i+2]
		reach := min(distance(a, spike), distance(spike, b))
		if reach > spikeLimit && distance(a, b) < reach/2 && a.minus(before).dot(after.minus(b)) > 0 {
			out = append(out[:i], out[i+1:]...)
		}
	}
	return out
}

// along is the length of a way in metres.
func along(points []xy) float64 {
	sum := 0.0
	for i := 1; i < len(points); i++ {
		sum += distance(points[i-1], points[i])
	}
	return sum
}

// resample returns the n+1 points that divide a way into n parts of equal length.
func resample(points []xy, n int) []xy {
	step := along(points) / float64(n)
	out := make([]xy, 0, n+1)
	passed := 0.0
	for i := 1; i < len(points); i++ {
		leg := distance(points[i-1], points[i])
		for next := float64(len(out)) * step; len(out) < n && next <= passed+leg && leg > 0; next = float64(len(out)) * step {
			out = append(out, points[i-1].towards(points[i], (next-passed)/leg))
		}
		passed += leg
	}
	return append(out, points[len(points)-1])
}

// at is the place so many metres along the line.
func (p *Prepared) at(metres float64) xy {
	k := int(clamp(metres/p.step, 0, float64(len(p.checkpoints)-2)))
	return p.checkpoints[k].towards(p.checkpoints[k+1], clamp(metres/p.step-float64(k), 0, 1))
}

// heading is the direction of the line between two lengths along it.
func (p *Prepared) heading(from, to float64) xy { return p.at(to).minus(p.at(from)).unit() }

// gateAt lays a gate across the line at its start (0) or end (Length).
func (p *Prepared) gateAt(metres float64) gate {
	g := gate{at: p.at(metres)}
	for i, over := range [...]float64{20, 10, 30} {
		over = min(over, p.Length/4)
		if metres == 0 {
			g.headings[i] = p.heading(0, over)
		} else {
			g.headings[i] = p.heading(metres-over, metres)
		}
	}
	return g
}

func (p *Prepared) drawn(g gate) [2]LatLon {
	left := xy{-g.headings[0].y * gateHalfWidth, g.headings[0].x * gateHalfWidth}
	return [2]LatLon{p.plane.unproject(xy{g.at.x + left.x, g.at.y + left.y}), p.plane.unproject(g.at.minus(left))}
}

// nearest is the distance of q to the line, and the metres along the line where it comes nearest. Where the line stays
// farther off than the limit it is not looked for: the limit comes back.
func (p *Prepared) nearest(q xy, limit float64) (metres, along float64) {
	metres = limit
	for c := range p.rects {
		if p.rects[c].off(q) >= metres {
			continue
		}
		for k := c * perRect; k < min((c+1)*perRect, len(p.checkpoints)-1); k++ {
			if d, f := offLeg(p.checkpoints[k], p.checkpoints[k+1], q); d < metres {
				metres, along = d, (float64(k)+f)*p.step
			}
		}
	}
	return metres, along
}

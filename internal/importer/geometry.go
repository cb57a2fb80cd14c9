package importer

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/google/uuid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/activities/gpx"
	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/segments"
)

// maxLinePoints is how many points a segment's line may have: one each 20 m of the longest, and it is drawn and matched
// at 10 m anyway.
const maxLinePoints = 10_000

// lineSpacing is how many metres apart the points of a line that a device recorded are at least; closer ones are noise.
const lineSpacing = 5.0

// Why there is no line.
var (
	ErrTooManyLinePoints = refusal.Field("polyline", "polyline_too_long", "This line has more than 10,000 points. Draw it with fewer.")
	ErrNoTrack           = refusal.Field("activityId", "activity_without_track", "This activity has no track that a segment could be cut out of.")
)

// GeometryOfGPX makes a segment's line of a GPX file: of its longest track, or else its longest route. Where a device
// recorded more closely than every 5 m, or more than 10,000 points, the line is thinned. The warnings say what about it
// makes times less sure. Refusals: activities.Err… and segments.ErrLine….
func GeometryOfGPX(data []byte) (segments.Geometry, []segments.Warning, error) {
	_, track, err := gpx.Line(data)
	if err != nil {
		return segments.Geometry{}, nil, err
	}
	line, heights := lineOf(track)
	holes := warnOfHoles(line)
	line, heights = thinned(line, heights)
	g, warnings, err := geometryOf(line, heights)
	return g, append(holes, warnings...), err
}

// GeometryOfPolyline makes a segment's line of an encoded polyline with five decimals, of at most 10,000 points, without
// heights. Refusals: ErrTooManyLinePoints, segments.ErrPolyline, segments.ErrLine….
func GeometryOfPolyline(s string) (segments.Geometry, []segments.Warning, error) {
	return GeometryOfLine(s, nil)
}

// GeometryOfLine is GeometryOfPolyline with a height a point in metres; none, or another number of them, leaves grades
// unknown.
func GeometryOfLine(s string, heights []float32) (segments.Geometry, []segments.Warning, error) {
	if len(s) > maxLinePoints*12 { // a point takes at most twelve characters: don't decode what can't fit
		return segments.Geometry{}, nil, ErrTooManyLinePoints
	}
	line, err := segments.DecodePolyline(s)
	if err != nil {
		return segments.Geometry{}, nil, err
	}
	if len(line) > maxLinePoints {
		return segments.Geometry{}, nil, ErrTooManyLinePoints
	}
	return geometryOf(line, heights)
}

// GeometryOfActivity cuts a segment's line out of an activity, from one point of its stored track to another, both
// included. Somebody else's activity can be used as long as it isn't private, outside of their privacy zones. Refusals: readmodel.ErrNoActivity,
// ErrNoTrack, segments.ErrCutRange, segments.ErrCutGap, segments.ErrLine….
func (im *Importer) GeometryOfActivity(ctx context.Context, viewer actor.Actor, activityID uuid.UUID, startIndex, endIndex int) (segments.Geometry, []segments.Warning, error) {
	activity, err := readmodel.ActivityByID(ctx, im.Pool, viewer, activityID)
	if err != nil {
		return segments.Geometry{}, nil, err
	}
	track, err := im.ShownTrack(ctx, viewer, activity.ID, activity.AthleteID)
	if err != nil {
		return segments.Geometry{}, nil, err
	}
	if track.Count(activities.HasPosition) < 2 {
		return segments.Geometry{}, nil, ErrNoTrack
	}
	if startIndex < 0 || endIndex >= len(track) || startIndex >= endIndex {
		return segments.Geometry{}, nil, segments.ErrCutRange
	}
	part := track[startIndex : endIndex+1].Positioned()
	_, kept, err := segments.CutTrack(samples(part), 0, len(part)-1)
	if err != nil {
		return segments.Geometry{}, nil, err
	}
	cut := make(activities.Track, len(kept))
	for i, k := range kept {
		cut[i] = part[k]
	}
	return geometryOf(thinned(lineOf(cut)))
}

func geometryOf(line segments.Line, heights []float32) (segments.Geometry, []segments.Warning, error) {
	_, warnings, err := segments.Prepare(line, segments.Options{})
	if err != nil {
		return segments.Geometry{}, nil, err
	}
	g, err := segments.Describe(line, heights)
	return g, warnings, err
}

// lineOf is a track as a line with a height a point, NaN where unknown.
func lineOf(track activities.Track) (segments.Line, []float32) {
	line, heights := make(segments.Line, len(track)), make([]float32, len(track))
	for i, p := range track {
		line[i], heights[i] = segments.LatLon{Lat: p.Lat, Lon: p.Lon}, float32(math.NaN())
		if p.Is(activities.HasElevation) {
			heights[i] = p.Elevation
		}
	}
	return line, heights
}

// thinned leaves out points that lie close to the one before: closer than 5 m, or, where that leaves too many, than it
// takes. Both ends stay.
func thinned(line segments.Line, heights []float32) (segments.Line, []float32) {
	if len(line) < 3 {
		return line, heights
	}
	spacing := max(lineSpacing, line.Metres()/(maxLinePoints-2))
	out, kept := segments.Line{line[0]}, []float32{heights[0]}
	for i := 1; i < len(line)-1; i++ {
		if segments.Metres(out[len(out)-1], line[i]) >= spacing {
			out, kept = append(out, line[i]), append(kept, heights[i])
		}
	}
	end := len(line) - 1
	return append(out, line[end]), append(kept, heights[end])
}

const (
	holeMetres = 300.0 // a leg of a recorded line that is longer and
	holeTimes  = 30.0  // so many times the usual one is no road, but a pause of the device
)

// warnOfHoles names the first place where a recorded line jumps. A drawn line, whose corners lie far apart, has none.
func warnOfHoles(line segments.Line) []segments.Warning {
	legs := make([]float64, 0, len(line))
	for i := 1; i < len(line); i++ {
		legs = append(legs, segments.Metres(line[i-1], line[i]))
	}
	if len(legs) < 10 {
		return nil
	}
	usual := slices.Sorted(slices.Values(legs))[len(legs)/2]
	passed := 0.0
	for i, leg := range legs {
		if leg > holeMetres && leg > holeTimes*usual {
			return []segments.Warning{{Code: "hole", Metres: passed, At: line[i], Detail: fmt.Sprintf(
				"The recording has a hole of %.0f m at km %.1f. The segment runs straight there: make sure that the road does, too.", leg, passed/1000)}}
		}
		passed += leg
	}
	return nil
}

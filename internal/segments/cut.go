package segments

import (
	"fmt"
	"math"
	"sort"

	"segmentchallenge/internal/refusal"
)

// Why a part can't be cut out.
var (
	ErrCutRange = refusal.Field("range", "cut_range", "The end of the part must lie after its start, and both on the track.")
	ErrCutGap   = refusal.Field("range", "cut_gap", "The recording was interrupted within this part: the way there is not known.")
)

// cutSpacing is how many metres apart the points of a cut line are at least: closer ones are noise, and only make it heavy.
const cutSpacing = 5.0

// CutTrack cuts the line from one sample to another, both included, out of a track. kept says which sample each point was,
// so that the caller can take their elevations along. Samples closer than 5 m to the one before are left out.
//
// ErrCutRange and ErrCutGap are refused: where the device didn't record, a straight line would be no road.
func CutTrack(samples []Sample, from, to int) (line Line, kept []int, err error) {
	if from < 0 || to >= len(samples) || from >= to {
		return nil, nil, ErrCutRange
	}
	line, kept = Line{samples[from].place()}, []int{from}
	for i := from + 1; i <= to; i++ {
		here, leg := samples[i].place(), Metres(samples[i-1].place(), samples[i].place())
		if leg > gapMetres || samples[i].Break && leg > cutSpacing {
			return nil, nil, ErrCutGap.Because(fmt.Sprintf(
				"The recording was interrupted within this part, for %s: the way there is not known. Choose a part without the gap.", riddenWords(leg)))
		}
		if i == to && len(line) > 1 && Metres(line[len(line)-1], here) < cutSpacing {
			line, kept = line[:len(line)-1], kept[:len(kept)-1] // the end itself stays
		}
		if i == to || Metres(line[len(line)-1], here) >= cutSpacing {
			line, kept = append(line, here), append(kept, i)
		}
	}
	return line, kept, nil
}

// CutLine cuts the part between two lengths in metres out of a line, both ends interpolated, and the same out of its
// elevations, if it has one a point. A part that isn't on the line is ErrCutRange.
func CutLine(line Line, elevations []float32, from, to float64) (Line, []float32, error) {
	passed := make([]float64, len(line))
	for i := 1; i < len(line); i++ {
		passed[i] = passed[i-1] + Metres(line[i-1], line[i])
	}
	if len(line) < 2 || !(from >= 0 && from < to && to <= passed[len(passed)-1]+1) { // false for NaN
		return nil, nil, ErrCutRange
	}
	var places Line
	var heights []float32
	add := func(s float64) {
		i := clampInt(sort.SearchFloat64s(passed, s), 1, len(line)-1)
		f := clamp((s-passed[i-1])/max(passed[i]-passed[i-1], 1e-9), 0, 1)
		a, b := line[i-1], line[i]
		places = append(places, LatLon{a.Lat + (b.Lat-a.Lat)*f, wrap(a.Lon + wrap(b.Lon-a.Lon)*f)})
		if len(elevations) == len(line) {
			heights = append(heights, elevations[i-1]+(elevations[i]-elevations[i-1])*float32(f))
		}
	}
	add(from)
	for _, s := range passed {
		if from < s && s < math.Min(to, passed[len(passed)-1]) {
			add(s)
		}
	}
	add(to)
	return places, heights, nil
}

package zones

import (
	"math"

	"github.com/google/uuid"

	"segmentchallenge/internal/activities"
)

// Zone is a circle.
type Zone struct {
	ID     uuid.UUID
	Name   string
	Lat    float64 // degrees, of the centre
	Lon    float64
	Radius int // metres
}

// spread is by how much of the radius a ride may be cut off further out.
const spread = 0.3

// Hide takes the positions and heights of what lies in a zone off a track: on its way out, on its way home, and in between.
// Points keep their places in the list, since others count them; the first one after a hidden stretch begins anew. A ride
// stays cut off at the same places: they follow from its id. The track itself is left as it is.
func Hide(track activities.Track, zones []Zone, ride uuid.UUID) activities.Track {
	if len(zones) == 0 {
		return track
	}
	further := 1 + spread*float64(ride[15])/math.MaxUint8
	var out activities.Track
	hidden := false
	for i, p := range track {
		inside := p.Is(activities.HasPosition) && within(p, zones, further)
		if !p.Is(activities.HasPosition) {
			inside = hidden // between two hidden points there is nothing to see either
		}
		if inside && out == nil {
			out = append(activities.Track(nil), track...)
		}
		if inside {
			out[i].Lat, out[i].Lon, out[i].Elevation = 0, 0, 0
			out[i].Has &^= activities.HasPosition | activities.HasElevation
		} else if hidden {
			out[i].Has |= activities.Break
		}
		hidden = inside
	}
	if out == nil {
		return track
	}
	return out
}

func within(p activities.Point, zones []Zone, further float64) bool {
	for _, z := range zones {
		if activities.Metres(p, activities.At(z.Lat, z.Lon)) <= float64(z.Radius)*further {
			return true
		}
	}
	return false
}

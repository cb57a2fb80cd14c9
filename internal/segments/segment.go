package segments

import (
	"github.com/google/uuid"

	"segmentchallenge/internal/sport"
)

// Events lists one zero value of each, for registering what the log can hold.
var Events = []Event{Added{}, Renamed{}}

// State is a segment of the library as its events have made it. It is a value; the zero value does not exist yet.
//
//	(none) ──Add──▶ in the library ──Rename──▶ in the library
//
// It protects the line: once a segment is added its geometry never changes, so that an effort means the same for ever.
type State struct {
	Exists       bool
	ID           uuid.UUID
	OwnerID      uuid.UUID
	Name         string
	ActivityType sport.ActivityType
	Origin       string // activity, gpx, polyline
	Geometry     Geometry
}

// Evolve returns the state after e.
func (s State) Evolve(e Event) State {
	switch e := e.(type) {
	case Added:
		return State{Exists: true, ID: e.SegmentID, OwnerID: e.OwnerID, Name: e.Name, ActivityType: e.ActivityType,
			Origin: e.Origin, Geometry: e.Geometry}
	case Renamed:
		s.Name, s.ActivityType = e.Name, e.ActivityType
	}
	return s
}

package segments

import (
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/sport"
)

// Command is what a segment can be asked.
//
//sumtype:decl
type Command interface {
	segmentCommand()
	Target() uuid.UUID
	Actor() actor.Actor
	At() time.Time
}

// Head is on every command.
type Head struct {
	ID  uuid.UUID
	By  actor.Actor
	Now time.Time
}

// Geometry is a segment's line with its figures, computed once where the line came in.
type Geometry struct {
	Polyline      string     `json:"polyline"`                // Google encoded, 1e-5 degrees
	Elevations    []float32  `json:"elevations,omitempty"`    // metres, one a point of the polyline; none when unknown
	Distance      float64    `json:"distance"`                // metres
	AverageGrade  float64    `json:"averageGrade"`            // percent
	MaximumGrade  float64    `json:"maximumGrade"`            // percent
	ElevationLow  float64    `json:"elevationLow"`            // metres
	ElevationHigh float64    `json:"elevationHigh"`           // metres
	ElevationGain float64    `json:"elevationGain"`           // metres
	ClimbCategory string     `json:"climbCategory,omitempty"` // "", 4, 3, 2, 1, HC
	Start         [2]float64 `json:"start"`                   // latitude, longitude
	End           [2]float64 `json:"end"`
	Box           [4]float64 `json:"box"` // south, west, north, east
}

type (
	// Add puts a segment into the library.
	Add struct {
		Head
		Name         string
		ActivityType sport.ActivityType
		Geometry     Geometry
		Origin       string // activity, gpx, polyline
	}
	// Rename changes name and activity type.
	Rename struct {
		Head
		Name         string
		ActivityType sport.ActivityType
	}
)

func (Add) segmentCommand()    {}
func (Rename) segmentCommand() {}

// Target is the aggregate a command is for; Actor is who asks, and At when.
func (h Head) Target() uuid.UUID  { return h.ID }
func (h Head) Actor() actor.Actor { return h.By }
func (h Head) At() time.Time      { return h.Now }

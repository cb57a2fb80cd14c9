package segments

import (
	"github.com/google/uuid"

	"segmentchallenge/internal/sport"
)

// Event is what can have happened to a segment. Stored names are for ever.
//
//sumtype:decl
type Event interface {
	EventType() string
	segmentEvent()
}

type (
	Added struct {
		SegmentID    uuid.UUID          `json:"segmentId"`
		OwnerID      uuid.UUID          `json:"ownerId"`
		Name         string             `json:"name"`
		ActivityType sport.ActivityType `json:"activityType"`
		Origin       string             `json:"origin"`
		Geometry
	}
	Renamed struct {
		SegmentID    uuid.UUID          `json:"segmentId"`
		Name         string             `json:"name"`
		ActivityType sport.ActivityType `json:"activityType"`
	}
)

func (Added) EventType() string   { return "SegmentAdded" }
func (Renamed) EventType() string { return "SegmentRenamed" }

func (Added) segmentEvent()   {}
func (Renamed) segmentEvent() {}

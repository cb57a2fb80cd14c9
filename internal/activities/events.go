package activities

import (
	"github.com/google/uuid"

	"segmentchallenge/internal/sport"
)

// Event is what can have happened to an activity. Stored names are for ever.
//
//sumtype:decl
type Event interface {
	EventType() string
	activityEvent()
}

// Ref is on every event but the first.
type Ref struct {
	ActivityID uuid.UUID `json:"activityId"`
	AthleteID  uuid.UUID `json:"athleteId"`
}

type (
	Recorded struct {
		ActivityID uuid.UUID `json:"activityId"`
		Facts
	}
	Edited struct {
		Ref
		Name    string             `json:"name" personal:""`
		Type    sport.ActivityType `json:"activityType"`
		Private bool               `json:"private,omitempty"`
		Commute bool               `json:"commute,omitempty"`
		Rematch bool               `json:"rematch,omitempty"` // type or privacy changed: efforts may come or go
	}
	Removed struct{ Ref }
	// Erased is gone like one that was Removed, but its efforts stay.
	Erased  struct{ Ref }
	Matched struct {
		Ref
		Method   int       `json:"method"`
		Findings []Finding `json:"findings,omitempty" personal:""`
	}
)

func (Recorded) EventType() string { return "ActivityRecorded" }
func (Edited) EventType() string   { return "ActivityEdited" }
func (Removed) EventType() string  { return "ActivityDeleted" }
func (Matched) EventType() string  { return "ActivityMatched" }
func (Erased) EventType() string   { return "ActivityErased" }

// Person is whose the personal fields are.
func (e Recorded) Person() uuid.UUID { return e.AthleteID }
func (r Ref) Person() uuid.UUID      { return r.AthleteID }

func (Recorded) activityEvent() {}
func (Edited) activityEvent()   {}
func (Removed) activityEvent()  {}
func (Erased) activityEvent()   {}
func (Matched) activityEvent()  {}

package stages

import (
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/sport"
)

// Events lists one zero value of each, for registering what the log can hold.
var Events = []Event{
	Created{}, Rescheduled{}, Described{}, SegmentChanged{}, PointsAdjusted{}, Revealed{}, Started{}, Ended{},
	HiddenChanged{}, Approved{}, Published{}, Reopened{}, Deleted{},
}

// State is a stage as its events have made it. It is a value; the zero value does not exist yet.
type State struct {
	Exists bool
	ID     uuid.UUID
	Status sport.Status // Upcoming, Active, Past, Approved or Deleted
	Definition
	Revealed   bool      // a mystery no longer
	Message    string    // of the results
	ReopenedAt time.Time // when an approval was last taken back; zero: never
}

// Secret says whether the segment is hidden from everybody but the organiser.
func (s State) Secret() bool { return s.Hidden && !s.Revealed && s.Status == sport.Upcoming }

// StartsAt and EndsAt are the moments of the stage's window, by its challenge's time zone.
func (s State) StartsAt() time.Time { return s.Window.Start.In(s.zone()) }
func (s State) EndsAt() time.Time   { return s.Window.End.In(s.zone()) }

// zone is UTC for a name that was valid once and that this machine no longer knows.
func (s State) zone() *time.Location {
	zone, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// Evolve returns the state after e.
func (s State) Evolve(e Event) State {
	switch e := e.(type) {
	case Created:
		return State{Exists: true, ID: e.StageID, Status: sport.Upcoming, Definition: e.Definition}
	case Rescheduled:
		s.Window = e.Window
	case Described:
		s.Name, s.Description, s.Type = e.Name, e.Description, e.Type
	case SegmentChanged:
		s.SegmentID = e.SegmentID
	case PointsAdjusted:
		s.Adjustment = e.Adjustment
	case Revealed:
		s.Revealed = true
	case HiddenChanged:
		s.Hidden, s.Revealed = e.Hidden, false
	case Started:
		s.Status, s.Window = sport.Active, e.Window
	case Ended:
		s.Status, s.Window = sport.Past, e.Window
	case Approved:
		s.Status, s.Message = sport.Approved, e.Message
	case Published:
		s.Message = e.Message
	case Reopened:
		s.Status, s.ReopenedAt = sport.Past, e.At
	case Deleted:
		s.Status = sport.Deleted
	}
	return s
}

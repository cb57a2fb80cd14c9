package challenges

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/sport"
)

// Events lists one zero value of each, for registering what the log can hold.
var Events = []Event{
	Created{}, StageAdded{}, StageRescheduled{}, StageRemoved{}, Hosted{}, Started{}, Ended{}, Cancelled{},
	ResultsApproved{}, ResultsPublished{}, Reopened{}, Renamed{}, Described{}, WindowAdjusted{}, StartYearChanged{}, ScoringSet{}, ActivityTypesAdjusted{},
}

// State is a challenge as its events have made it. It is a value; the zero value does not exist yet.
type State struct {
	Exists      bool
	ID          uuid.UUID
	OrganiserID uuid.UUID
	Slug        string
	Status      sport.Status // Pending, Upcoming, Active, Past, Approved or Cancelled
	Message     string       // of the results
	ReopenedAt  time.Time    // when their approval was last taken back; zero: never
	Definition
	Stages []Slot // by number
	added  int    // stages that were ever added: ids of generated ones derive from it
}

// Slot is what the challenge knows of one of its stages; how far that has come is the stage's own affair.
type Slot struct {
	StageID uuid.UUID
	Number  int
	Slug    string
	Name    string
	Window  sport.Window
	Type    sport.StageType // when it was added
}

// Slot returns what is known of a stage.
func (s State) Slot(stage uuid.UUID) (Slot, bool) {
	i := slices.IndexFunc(s.Stages, func(slot Slot) bool { return slot.StageID == stage })
	if i < 0 {
		return Slot{}, false
	}
	return s.Stages[i], true
}

// StartsAt and EndsAt are the moments of the challenge's window, by its time zone.
func (s State) StartsAt() time.Time { return s.Window.Start.In(s.zone()) }
func (s State) EndsAt() time.Time   { return s.Window.End.In(s.zone()) }

// StartYear is the one by which ages are reckoned.
func (s State) StartYear() int { return s.Window.Start.AsUTC().Year() }

// zone is UTC for a name that was valid once and that this machine no longer knows.
func (s State) zone() *time.Location {
	zone, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// Evolve returns the state after e. It shares nothing with s that either could change.
func (s State) Evolve(e Event) State {
	switch e := e.(type) {
	case Created:
		return State{Exists: true, ID: e.ChallengeID, OrganiserID: e.OrganiserID, Slug: e.Slug, Status: sport.Pending,
			Definition: e.Definition}
	case StageAdded:
		s.added++
		s.Stages = append(slices.Clip(s.Stages), Slot{e.StageID, e.Number, e.Slug, e.Name, e.Window, e.Type})
		slices.SortFunc(s.Stages, func(a, b Slot) int { return a.Number - b.Number })
	case StageRescheduled:
		s.Stages = slices.Clone(s.Stages)
		for i := range s.Stages {
			if s.Stages[i].StageID == e.StageID {
				s.Stages[i].Window = e.Window
			}
		}
	case StageRemoved:
		s.Stages = slices.DeleteFunc(slices.Clone(s.Stages), func(slot Slot) bool { return slot.StageID == e.StageID })
	case Hosted:
		s.Status = sport.Upcoming
	case Started:
		s.Status, s.Window = sport.Active, e.Window
	case Ended:
		s.Status, s.Window = sport.Past, e.Window
	case Cancelled:
		s.Status = sport.Cancelled
	case ResultsApproved:
		s.Status, s.Message = sport.Approved, e.Message
	case ResultsPublished:
		s.Message = e.Message
	case Reopened:
		s.Status, s.ReopenedAt = sport.Past, e.At
	case Renamed:
		s.Name, s.Slug = e.Name, e.Slug
	case Described:
		s.Description = e.Description
	case WindowAdjusted:
		s.Window = e.Window
	case StartYearChanged: // the window says it
	case ScoringSet:
		s.Scoring = e.Scoring
	case ActivityTypesAdjusted:
		s.IncludedActivityTypes = e.Types
	}
	return s
}

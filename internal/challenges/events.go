package challenges

import (
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/sport"
)

// Event is what can have happened to a challenge. Stored names are for ever.
//
//sumtype:decl
type Event interface {
	EventType() string
	challengeEvent()
}

// StageRef names a stage of the challenge in events that concern several.
type StageRef struct {
	StageID uuid.UUID    `json:"stageId"`
	Number  int          `json:"number"`
	Window  sport.Window `json:"window"`
}

// StageMeasure is what the boards of a stage rank by.
type StageMeasure struct {
	StageID    uuid.UUID        `json:"stageId"`
	Measure    sport.Measure    `json:"rankBy"`
	Tenths     bool             `json:"tenths,omitempty"`
	Categories []sport.Category `json:"categories"`
}

type (
	Created struct {
		ChallengeID uuid.UUID `json:"challengeId"`
		OrganiserID uuid.UUID `json:"organiserId"`
		Slug        string    `json:"slug"`
		Definition
	}
	StageAdded struct {
		ChallengeID uuid.UUID `json:"challengeId"`
		OrganiserID uuid.UUID `json:"organiserId"`
		StageID     uuid.UUID `json:"stageId"`
		Number      int       `json:"number"`
		Slug        string    `json:"slug"`
		StageDefinition
		Categories []sport.Category `json:"categories"` // of the challenge: one board each
		Tenths     bool             `json:"tenths,omitempty"`
		TimeZone   string           `json:"timeZone"`           // of the challenge: its stages start and end by it
		Measure    sport.Measure    `json:"rankBy,omitempty"`   // of its boards; none: that of its type
		UnderWay   bool             `json:"underWay,omitempty"` // the challenge was: a stage whose time has come starts at once
	}
	StageRescheduled struct {
		ChallengeID uuid.UUID    `json:"challengeId"`
		StageID     uuid.UUID    `json:"stageId"`
		Window      sport.Window `json:"window"`
	}
	StageRemoved struct {
		ChallengeID uuid.UUID `json:"challengeId"`
		StageID     uuid.UUID `json:"stageId"`
		Number      int       `json:"number"`
	}
	// Hosted shows the challenge to athletes.
	Hosted struct {
		ChallengeID uuid.UUID        `json:"challengeId"`
		Stages      []StageRef       `json:"stages"`
		Categories  []sport.Category `json:"categories"`
		Tenths      bool             `json:"tenths,omitempty"`
	}
	// Started early, the challenge's window opens now.
	Started struct {
		ChallengeID uuid.UUID    `json:"challengeId"`
		Early       bool         `json:"early,omitempty"`
		Window      sport.Window `json:"window"`
		Stages      []StageRef   `json:"stages"`             // all, by time
		Starting    []uuid.UUID  `json:"starting,omitempty"` // stages that start now: those due, and those that were to begin with the challenge
		TimeZone    string       `json:"timeZone"`           // to tell which stages are due
	}
	// Ended early, the challenge's window closes now.
	Ended struct {
		ChallengeID uuid.UUID    `json:"challengeId"`
		Early       bool         `json:"early,omitempty"`
		Window      sport.Window `json:"window"`
		Stages      []StageRef   `json:"stages"` // all: those that aren't over end with the challenge
	}
	Cancelled struct {
		ChallengeID uuid.UUID  `json:"challengeId"`
		Stages      []StageRef `json:"stages"`
	}
	ResultsApproved struct {
		ChallengeID uuid.UUID        `json:"challengeId"`
		Message     string           `json:"message,omitempty"`
		Categories  []sport.Category `json:"categories,omitempty"` // whose standings are final now
	}
	ResultsPublished struct {
		ChallengeID uuid.UUID `json:"challengeId"`
		Message     string    `json:"message"`
	}
	// Reopened takes the approval back.
	Reopened struct {
		ChallengeID uuid.UUID `json:"challengeId"`
		Reason      string    `json:"reason"`
		By          string    `json:"by"`
		At          time.Time `json:"at"`
		// Categories are those whose standings are open again.
		Categories []sport.Category `json:"categories"`
	}
	Renamed struct {
		ChallengeID uuid.UUID `json:"challengeId"`
		Name        string    `json:"name"`
		Slug        string    `json:"slug"`
	}
	Described struct {
		ChallengeID uuid.UUID `json:"challengeId"`
		Description string    `json:"description"`
	}
	WindowAdjusted struct {
		ChallengeID uuid.UUID    `json:"challengeId"`
		Window      sport.Window `json:"window"`
	}
	// StartYearChanged follows a start that was moved into another year, where there are age groups: ages are reckoned by it.
	StartYearChanged struct {
		ChallengeID uuid.UUID `json:"challengeId"`
		Year        int       `json:"year"`
	}
	// ScoringSet replaces the rules of scoring; the zero scheme is the default of the challenge's type.
	ScoringSet struct {
		ChallengeID uuid.UUID           `json:"challengeId"`
		Scoring     leaderboards.Scheme `json:"scoring"`
		Reason      string              `json:"reason,omitempty"`     // where results were confirmed already
		Categories  []sport.Category    `json:"categories,omitempty"` // of the hosted challenge: whose standings follow
		Boards      []StageMeasure      `json:"boards,omitempty"`     // stages whose boards rank by something else now
		// Placed are the athletes for whom division, team or handicap have become something else: what it is now.
		Placed     []leaderboards.Placement `json:"placed,omitempty"`
		PlacedOnly bool                     `json:"placedOnly,omitempty"` // nothing else has changed
	}
	ActivityTypesAdjusted struct {
		ChallengeID uuid.UUID            `json:"challengeId"`
		Types       []sport.ActivityType `json:"types"`
		Stages      []StageRef           `json:"stages"`
	}
)

func (Created) EventType() string               { return "ChallengeCreated" }
func (StageAdded) EventType() string            { return "ChallengeStageAdded" }
func (StageRescheduled) EventType() string      { return "ChallengeStageRescheduled" }
func (StageRemoved) EventType() string          { return "ChallengeStageRemoved" }
func (Hosted) EventType() string                { return "ChallengeHosted" }
func (Started) EventType() string               { return "ChallengeStarted" }
func (Ended) EventType() string                 { return "ChallengeEnded" }
func (Cancelled) EventType() string             { return "ChallengeCancelled" }
func (ResultsApproved) EventType() string       { return "ChallengeResultsApproved" }
func (ResultsPublished) EventType() string      { return "ChallengeResultsPublished" }
func (Reopened) EventType() string              { return "ChallengeReopened" }
func (Renamed) EventType() string               { return "ChallengeRenamed" }
func (Described) EventType() string             { return "ChallengeDescribed" }
func (WindowAdjusted) EventType() string        { return "ChallengeWindowAdjusted" }
func (StartYearChanged) EventType() string      { return "ChallengeStartYearChanged" }
func (ScoringSet) EventType() string            { return "ChallengeScoringSet" }
func (ActivityTypesAdjusted) EventType() string { return "ChallengeActivityTypesAdjusted" }

func (Created) challengeEvent()               {}
func (StageAdded) challengeEvent()            {}
func (StageRescheduled) challengeEvent()      {}
func (StageRemoved) challengeEvent()          {}
func (Hosted) challengeEvent()                {}
func (Started) challengeEvent()               {}
func (Ended) challengeEvent()                 {}
func (Cancelled) challengeEvent()             {}
func (ResultsApproved) challengeEvent()       {}
func (ResultsPublished) challengeEvent()      {}
func (Reopened) challengeEvent()              {}
func (Renamed) challengeEvent()               {}
func (Described) challengeEvent()             {}
func (WindowAdjusted) challengeEvent()        {}
func (StartYearChanged) challengeEvent()      {}
func (ScoringSet) challengeEvent()            {}
func (ActivityTypesAdjusted) challengeEvent() {}

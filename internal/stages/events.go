package stages

import (
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/sport"
)

// Event is what can have happened to a stage. Stored names are for ever.
//
//sumtype:decl
type Event interface {
	EventType() string
	stageEvent()
}

// Ref is on every event: the stage and its challenge.
type Ref struct {
	StageID     uuid.UUID `json:"stageId"`
	ChallengeID uuid.UUID `json:"challengeId"`
}

type (
	Created struct {
		StageID uuid.UUID `json:"stageId"`
		Definition
	}
	Rescheduled struct {
		Ref
		Window sport.Window `json:"window"`
	}
	Described struct {
		Ref
		Name        string          `json:"name"`
		Description string          `json:"description,omitempty"`
		Type        sport.StageType `json:"type"`
	}
	SegmentChanged struct {
		Ref
		SegmentID uuid.UUID    `json:"segmentId"`
		Status    sport.Status `json:"status"`
	}
	PointsAdjusted struct {
		Ref
		Adjustment sport.PointsAdjustment `json:"pointsAdjustment"`
	}
	Revealed struct{ Ref }
	// HiddenChanged makes the segment a mystery, or no longer.
	HiddenChanged struct {
		Ref
		Hidden bool `json:"hidden"`
	}
	// Started early, the stage's window opens now; Window is what efforts are judged by from here on.
	Started struct {
		Ref
		Early  bool         `json:"early,omitempty"`
		Window sport.Window `json:"window"`
	}
	// Ended early, the stage's window closes now, and where it had not begun it closes as it would have opened.
	Ended struct {
		Ref
		Early  bool         `json:"early,omitempty"`
		Window sport.Window `json:"window"`
	}
	Approved struct {
		Ref
		Number     int              `json:"number"`
		Message    string           `json:"message,omitempty"`
		Categories []sport.Category `json:"categories"` // whose boards are final now
	}
	Published struct {
		Ref
		Message string `json:"message"`
	}
	// Reopened takes an approval back: what comes next corrects the results, until they are approved anew.
	Reopened struct {
		Ref
		Number     int              `json:"number"`
		Reason     string           `json:"reason"`
		By         string           `json:"by"`
		At         time.Time        `json:"at"`
		Categories []sport.Category `json:"categories"` // whose boards are open again
	}
	Deleted struct{ Ref }
)

func (Created) EventType() string        { return "StageCreated" }
func (Rescheduled) EventType() string    { return "StageRescheduled" }
func (Described) EventType() string      { return "StageDescribed" }
func (SegmentChanged) EventType() string { return "StageSegmentChanged" }
func (PointsAdjusted) EventType() string { return "StagePointsAdjusted" }
func (Revealed) EventType() string       { return "StageRevealed" }
func (Started) EventType() string        { return "StageStarted" }
func (Ended) EventType() string          { return "StageEnded" }
func (Approved) EventType() string       { return "StageApproved" }
func (Published) EventType() string      { return "StagePublished" }
func (HiddenChanged) EventType() string  { return "StageHiddenChanged" }
func (Reopened) EventType() string       { return "StageReopened" }
func (Deleted) EventType() string        { return "StageDeleted" }

func (Created) stageEvent()        {}
func (Rescheduled) stageEvent()    {}
func (Described) stageEvent()      {}
func (SegmentChanged) stageEvent() {}
func (PointsAdjusted) stageEvent() {}
func (Revealed) stageEvent()       {}
func (Started) stageEvent()        {}
func (Ended) stageEvent()          {}
func (Approved) stageEvent()       {}
func (Published) stageEvent()      {}
func (HiddenChanged) stageEvent()  {}
func (Reopened) stageEvent()       {}
func (Deleted) stageEvent()        {}

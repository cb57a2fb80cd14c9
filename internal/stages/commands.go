package stages

import (
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/sport"
)

// Command is what a stage can be asked.
//
//sumtype:decl
type Command interface {
	stageCommand()
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

// Terms is what a stage needs to know of its challenge and neighbours; dispatch fills it in.
type Terms struct {
	ChallengeStatus  sport.Status // of Reopen, too
	PreviousApproved bool         // every earlier stage is approved
}

// Definition is what the challenge laid down for the stage.
type Definition struct {
	ChallengeID uuid.UUID              `json:"challengeId"`
	OrganiserID uuid.UUID              `json:"organiserId"`
	Number      int                    `json:"number"`
	Slug        string                 `json:"slug"`
	Type        sport.StageType        `json:"type"`
	SegmentID   uuid.UUID              `json:"segmentId,omitzero"`
	Name        string                 `json:"name"`
	Description string                 `json:"description,omitempty"`
	Window      sport.Window           `json:"window"`
	Adjustment  sport.PointsAdjustment `json:"pointsAdjustment,omitempty"`
	Hidden      bool                   `json:"hidden,omitempty"`
	Categories  []sport.Category       `json:"categories"` // one board each
	TimeZone    string                 `json:"timeZone"`   // IANA name: the stage starts and ends by it
}

type (
	// Create follows the challenge's StageAdded.
	Create struct {
		Head
		Definition
		UnderWay bool // the challenge is: a stage whose time has come starts at once
	}
	// Reschedule follows the challenge's StageRescheduled.
	Reschedule struct {
		Head
		Window sport.Window
	}
	// Describe changes name, description and type while the stage isn't approved. The slug stays.
	Describe struct {
		Head
		Name, Description string
		Type              sport.StageType
	}
	// ChangeSegment clears the efforts of an upcoming or active stage; the activities already brought are matched anew.
	ChangeSegment struct {
		Head
		SegmentID uuid.UUID
	}
	// AdjustPoints sets what the stage is worth while it isn't approved.
	AdjustPoints struct {
		Head
		Adjustment sport.PointsAdjustment
	}
	// Edit changes several things at once: all of them or none. What is nil stays. A segment that is to be hidden (or shown)
	// again is so while the stage is upcoming.
	Edit struct {
		Head
		Name, Description *string
		Type              *sport.StageType
		Adjustment        *sport.PointsAdjustment
		SegmentID         *uuid.UUID
		Hidden            *bool
	}
	// Reveal shows a mystery stage's segment.
	Reveal struct{ Head }
	// Start begins the stage: when its time has come, with its challenge, or earlier by the organiser.
	Start struct {
		Head
		Terms         Terms
		WithChallenge bool // follows the challenge's start, be it early
	}
	// End finishes the stage: when its time has come, with its challenge, or earlier by the organiser. Efforts still come
	// in until it is approved.
	End struct {
		Head
		WithChallenge bool // follows the challenge's end; a stage that hasn't begun is over then as well
	}
	// Approve makes the stage's boards final, in order of the stages.
	Approve struct {
		Head
		Terms   Terms
		Message string
	}
	// Publish adds or replaces the results message of an approved stage.
	Publish struct {
		Head
		Message string
	}
	// Reopen takes an approval back, with a reason that everybody reads: results are corrected, and approved anew.
	Reopen struct {
		Head
		Terms  Terms
		Reason string
	}
	// Delete follows the challenge's StageRemoved, or its cancellation.
	Delete struct {
		Head
		WithChallenge bool // follows the challenge's cancellation: what has been ridden stays, and a running stage ends
	}
)

func (Create) stageCommand()        {}
func (Reschedule) stageCommand()    {}
func (Describe) stageCommand()      {}
func (ChangeSegment) stageCommand() {}
func (AdjustPoints) stageCommand()  {}
func (Edit) stageCommand()          {}
func (Reopen) stageCommand()        {}
func (Reveal) stageCommand()        {}
func (Start) stageCommand()         {}
func (End) stageCommand()           {}
func (Approve) stageCommand()       {}
func (Publish) stageCommand()       {}
func (Delete) stageCommand()        {}

// Target is the aggregate a command is for; Actor is who asks, and At when.
func (h Head) Target() uuid.UUID  { return h.ID }
func (h Head) Actor() actor.Actor { return h.By }
func (h Head) At() time.Time      { return h.Now }

package challenges

import (
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/sport"
)

// Command is what a challenge can be asked.
//
//sumtype:decl
type Command interface {
	challengeCommand()
	Target() uuid.UUID
	Actor() actor.Actor
	At() time.Time
}

// Head is on every command: which challenge, who asks, and when.
type Head struct {
	ID  uuid.UUID
	By  actor.Actor
	Now time.Time
}

// Definition is what an organiser decides about a challenge.
type Definition struct {
	Type                    sport.ChallengeType  `json:"type"`
	Name                    string               `json:"name"`
	Description             string               `json:"description,omitempty"` // Markdown
	Window                  sport.Window         `json:"window"`
	TimeZone                string               `json:"timeZone"` // IANA name, for the schedule
	ClubID                  uuid.UUID            `json:"clubId,omitzero"`
	RestrictedToClubMembers bool                 `json:"restrictedToClubMembers,omitempty"`
	AllowPrivateActivities  bool                 `json:"allowPrivateActivities,omitempty"`
	IncludedActivityTypes   []sport.ActivityType `json:"includedActivityTypes,omitempty"` // none: every type
	AccumulateActivities    bool                 `json:"accumulateActivities,omitempty"`
	Goal                    *sport.Goal          `json:"goal,omitempty"`
	Private                 bool                 `json:"private,omitempty"` // unlisted
	Categories              []sport.Category     `json:"categories"`
	Tenths                  bool                 `json:"tenths,omitempty"` // rank times to the tenth of a second, not to the second
	Scoring                 leaderboards.Scheme  `json:"scoring,omitzero"` // see Scheme
}

// StageDefinition is what an organiser decides about one stage.
type StageDefinition struct {
	Type        sport.StageType        `json:"type"`
	SegmentID   uuid.UUID              `json:"segmentId,omitzero"`
	Name        string                 `json:"name"`
	Description string                 `json:"description,omitempty"` // Markdown
	Window      sport.Window           `json:"window"`
	Adjustment  sport.PointsAdjustment `json:"pointsAdjustment,omitempty"`
	Hidden      bool                   `json:"hidden,omitempty"` // its segment is a secret until revealed or started
}

type (
	// Create makes a pending challenge. Slug has been reserved for it.
	Create struct {
		Head
		Slug string
		Definition
		ClubMember bool // who creates is a member of the hosting club; dispatch fills it in
	}
	// AddStage configures one more stage. A zero window starts a second after the previous stage and ends with the challenge.
	AddStage struct {
		Head
		StageID uuid.UUID
		StageDefinition
	}
	// RescheduleStage moves a stage that has not ended; Status is the stage's own, filled in by dispatch.
	RescheduleStage struct {
		Head
		StageID uuid.UUID
		Window  sport.Window
		Status  sport.Status
	}
	// RemoveStage deletes an upcoming stage; Status is the stage's own, filled in by dispatch.
	RemoveStage struct {
		Head
		StageID uuid.UUID
		Status  sport.Status
	}
	// Host opens the challenge to athletes; it starts at once when its start has passed.
	Host struct{ Head }
	// Start begins a hosted challenge: when its time has come, or earlier by the organiser.
	Start struct{ Head }
	// End finishes an active challenge: when its time has come, or earlier by the organiser.
	End struct{ Head }
	// Cancel gives a challenge up.
	Cancel struct{ Head }
	// Approve makes the leaderboards final, once Unapproved (filled in by dispatch) is empty.
	Approve struct {
		Head
		Message    string // Markdown
		Unapproved []int  // numbers of stages that aren't approved yet
	}
	// Publish adds or replaces the results message of an approved challenge.
	Publish struct {
		Head
		Message string
	}
	// Reopen takes the approval of the results back, with a reason that everybody reads. Stages are reopened by themselves.
	Reopen struct {
		Head
		Reason string
	}
	// Edit changes several things at once: all of them or none. What is nil stays; Slug is used while pending only.
	Edit struct {
		Head
		Name, Description *string
		Slug              string
		Window            *sport.Window // an end that is zero stays
		Types             *[]sport.ActivityType
	}
	// Rename gives another name; Slug is used while pending only.
	Rename struct {
		Head
		Name, Slug string
	}
	// Describe replaces the description.
	Describe struct {
		Head
		Description string
	}
	// AdjustWindow moves start and end.
	AdjustWindow struct {
		Head
		Window sport.Window
	}
	// SetScoring replaces how the challenge is scored. Once results are confirmed (by the stages of these numbers, filled in
	// by dispatch) it corrects them, and needs a reason that everybody reads.
	SetScoring struct {
		Head
		Scheme    leaderboards.Scheme
		Reason    string
		Confirmed []int
	}
	// GroupAthletes changes divisions, teams and handicaps, and leaves the rest of the scoring as it is. What it names alone
	// changes. Once results are confirmed it needs a reason, as SetScoring does.
	GroupAthletes struct {
		Head
		Grouping  leaderboards.Grouping
		Reason    string
		Confirmed []int
	}
	// AdjustActivityTypes replaces the included types.
	AdjustActivityTypes struct {
		Head
		Types []sport.ActivityType
	}
)

func (Create) challengeCommand()              {}
func (AddStage) challengeCommand()            {}
func (RescheduleStage) challengeCommand()     {}
func (RemoveStage) challengeCommand()         {}
func (Host) challengeCommand()                {}
func (Start) challengeCommand()               {}
func (End) challengeCommand()                 {}
func (Cancel) challengeCommand()              {}
func (Approve) challengeCommand()             {}
func (Publish) challengeCommand()             {}
func (Reopen) challengeCommand()              {}
func (Edit) challengeCommand()                {}
func (Rename) challengeCommand()              {}
func (Describe) challengeCommand()            {}
func (AdjustWindow) challengeCommand()        {}
func (SetScoring) challengeCommand()          {}
func (GroupAthletes) challengeCommand()       {}
func (AdjustActivityTypes) challengeCommand() {}

// Target is the aggregate a command is for; Actor is who asks, and At when.
func (h Head) Target() uuid.UUID  { return h.ID }
func (h Head) Actor() actor.Actor { return h.By }
func (h Head) At() time.Time      { return h.Now }

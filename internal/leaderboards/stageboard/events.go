package stageboard

import (
	"github.com/google/uuid"

	"segmentchallenge/internal/sport"
)

// Event is what can have happened to a board. Stored names are for ever. An event carries only what changed, however
// many athletes are on the board: those between From and To have moved by one.
//
//sumtype:decl
type Event interface {
	EventType() string
	boardEvent()
}

// Ref is on every event: which board.
type Ref struct {
	StageID     uuid.UUID      `json:"stageId"`
	ChallengeID uuid.UUID      `json:"challengeId"`
	Category    sport.Category `json:"category"`
}

type (
	Opened struct {
		Ref
		Measure   sport.Measure `json:"measure"`
		Precision int64         `json:"precision"`
	}
	// Placed says where an athlete now stands.
	Placed struct {
		Ref
		AthleteID uuid.UUID `json:"athleteId"`
		Standing
		Seq    int64       `json:"seq"`
		From   int         `json:"from,omitempty"`   // rank before, 0 when new on the board
		To     int         `json:"to"`               // rank now
		Of     int         `json:"of"`               // athletes on the board now
		Best   bool        `json:"best,omitempty"`   // the value got better (or is the first)
		Passed []uuid.UUID `json:"passed,omitempty"` // who lost a place by it: the first ten, best first
		// PassedFrom are the ranks that those in Passed had before. Events of the first versions lack it.
		PassedFrom []int       `json:"passedFrom,omitempty"`
		Gained     []uuid.UUID `json:"gained,omitempty"` // who gained one, because the value got worse: the first ten, best first
		Gap        int64       `json:"gap"`              // to the leader, never negative
	}
	// Withdrawn says who is gone; those behind gain a place.
	Withdrawn struct {
		Ref
		AthleteID uuid.UUID   `json:"athleteId"`
		Seq       int64       `json:"seq"`
		From      int         `json:"from"`
		Of        int         `json:"of"`
		Gained    []uuid.UUID `json:"gained,omitempty"`             // who gained a place by it: the first ten, best first
		Reason    string      `json:"reason,omitempty" personal:""` // may quote the organiser's
	}
	Finalised struct {
		Ref
		Of     int         `json:"of"`
		Podium []uuid.UUID `json:"podium"` // ranks 1 to 3, with ties
		// PodiumRanks are the ranks of those in Podium. Events of the first versions lack it.
		PodiumRanks []int `json:"podiumRanks,omitempty"`
	}
	// Reopened says that what was final can change again, until it is final anew.
	Reopened struct{ Ref }
)

func (Opened) EventType() string    { return "StageBoardOpened" }
func (Placed) EventType() string    { return "StageBoardPlaced" }
func (Withdrawn) EventType() string { return "StageBoardWithdrawn" }
func (Finalised) EventType() string { return "StageBoardFinalised" }
func (Reopened) EventType() string  { return "StageBoardReopened" }

// Person is whose the personal fields are.
func (e Withdrawn) Person() uuid.UUID { return e.AthleteID }

func (Opened) boardEvent()    {}
func (Placed) boardEvent()    {}
func (Withdrawn) boardEvent() {}
func (Finalised) boardEvent() {}
func (Reopened) boardEvent()  {}

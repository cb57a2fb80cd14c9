package stageboard

import (
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/sport"
)

// Command is what a stage board (one stage, one category) can be asked. Only the program itself asks.
//
//sumtype:decl
type Command interface {
	boardCommand()
	Target() uuid.UUID
	Actor() actor.Actor
	At() time.Time
}

// Head is on every command. The stream's id is IDOf(stage, category).
type Head struct {
	ID  uuid.UUID
	By  actor.Actor
	Now time.Time
}

// Standing is an athlete's result on the stage, as their competitor stream has it.
type Standing struct {
	Value      int64     `json:"value"` // milliseconds or millimetres
	EffortID   uuid.UUID `json:"effortId"`
	AchievedAt time.Time `json:"achievedAt"`
	Attempts   int       `json:"attempts"`
	FirstAt    time.Time `json:"firstAt,omitzero"` // when the athlete's first effort was finished; zero: then
}

type (
	// Open begins an empty board.
	Open struct {
		Head
		StageID, ChallengeID uuid.UUID
		Category             sport.Category
		Measure              sport.Measure
		Precision            int64 // values are ranked in units of this many milliseconds or millimetres
	}
	// Place puts an athlete where this standing belongs. Seq orders what is said of one athlete (the position of the
	// competitor's event): older than what the board knows changes nothing.
	Place struct {
		Head
		AthleteID uuid.UUID
		Standing  Standing
		Seq       int64
	}
	// Withdraw takes an athlete off the board.
	Withdraw struct {
		Head
		AthleteID uuid.UUID
		Seq       int64
		Reason    string
	}
	// Finalise closes the board: whatever comes later is refused.
	Finalise struct{ Head }
	// Reopen makes a final board move again: the approval of its stage was taken back.
	Reopen struct{ Head }
)

func (Open) boardCommand()     {}
func (Place) boardCommand()    {}
func (Withdraw) boardCommand() {}
func (Finalise) boardCommand() {}
func (Reopen) boardCommand()   {}

// IDOf names the stream of one stage's board in one category.
func IDOf(stage uuid.UUID, c sport.Category) uuid.UUID { return uuid.NewSHA1(stage, []byte(c)) }

// Target is the aggregate a command is for; Actor is who asks, and At when.
func (h Head) Target() uuid.UUID  { return h.ID }
func (h Head) Actor() actor.Actor { return h.By }
func (h Head) At() time.Time      { return h.Now }

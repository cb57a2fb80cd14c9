package challengeboard

import (
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/sport"
)

// Command is what a challenge's board in one category can be asked. Most commands are the program's own; Adjust and
// CorrectStage are the organiser's.
//
//sumtype:decl
type Command interface {
	boardCommand()
	Target() uuid.UUID
	Actor() actor.Actor
	At() time.Time
	Of() Ref
}

// Head is on every command. The stream's id is IDOf(ChallengeID, Category).
type Head struct {
	ChallengeID uuid.UUID
	Category    sport.Category
	By          actor.Actor
	Now         time.Time
}

// Terms is what deciding needs of the challenge, its stages and their boards; dispatch fills it in.
type Terms struct {
	OrganiserID uuid.UUID
	Status      sport.Status        // of the challenge
	Categories  []sport.Category    // of the challenge
	Scheme      leaderboards.Scheme // complete: with classifications
	// Stages are all of the challenge. Those whose boards are final have their results where the decision needs them.
	Stages  []leaderboards.StageResults `audit:"-"`
	Awaited []uuid.UUID                 // stages whose boards aren't final
	Known   bool                        // the athlete has been in the challenge; for Adjust
}

type (
	// Open begins a board. The others do it too, where it hasn't been.
	Open struct {
		Head
		Terms Terms
	}
	// SetScheme follows the challenge's. Once a stage has been scored it scores all of them anew, and needs a reason.
	SetScheme struct {
		Head
		Terms  Terms
		Reason string
	}
	// ScoreStage gives what an approved stage gives. Scored again with other results, it is a correction.
	ScoreStage struct {
		Head
		Terms   Terms
		StageID uuid.UUID
	}
	// CorrectStage scores a stage anew by its board as it is now, with a reason; and those after it whose bonuses depend on it.
	CorrectStage struct {
		Head
		Terms   Terms
		StageID uuid.UUID
		Reason  string
	}
	// ReopenStage follows a stage whose approval was taken back: what it gave is taken back with it, until it is scored anew.
	ReopenStage struct {
		Head
		Terms   Terms
		StageID uuid.UUID
		Reason  string
	}
	// Adjust gives an athlete points (or takes them: less than zero) in one classification, with a reason.
	Adjust struct {
		Head
		Terms          Terms
		AthleteID      uuid.UUID
		Classification string // key or name
		Points         leaderboards.Amount
		Reason         string
	}
	// SetLimited follows an athlete who is limited or allowed again.
	SetLimited struct {
		Head
		Terms     Terms
		AthleteID uuid.UUID
		Limited   bool
	}
	// Finalise follows the approval of the challenge.
	Finalise struct {
		Head
		Terms Terms
	}
	// Reopen follows a challenge whose approval was taken back.
	Reopen struct {
		Head
		Terms Terms
	}
)

func (Open) boardCommand()         {}
func (SetScheme) boardCommand()    {}
func (ScoreStage) boardCommand()   {}
func (CorrectStage) boardCommand() {}
func (ReopenStage) boardCommand()  {}
func (Adjust) boardCommand()       {}
func (SetLimited) boardCommand()   {}
func (Finalise) boardCommand()     {}
func (Reopen) boardCommand()       {}

// IDOf names the stream of a challenge's board in one category.
func IDOf(challenge uuid.UUID, c sport.Category) uuid.UUID { return uuid.NewSHA1(challenge, []byte(c)) }

// Target is the aggregate a command is for; Actor is who asks, and At when.
func (h Head) Target() uuid.UUID {
	if h.ChallengeID == uuid.Nil {
		return uuid.Nil
	}
	return IDOf(h.ChallengeID, h.Category)
}

func (h Head) Actor() actor.Actor { return h.By }
func (h Head) At() time.Time      { return h.Now }

// Of names the board.
func (h Head) Of() Ref { return Ref{h.ChallengeID, h.Category} }

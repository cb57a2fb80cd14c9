package history

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/stageboard"
)

// CompetitorStream is the category of the competitors' streams.
const CompetitorStream = "competitor"

// Step is one thing that made an athlete's result on a stage what it is. Exactly one of Competitor and Move is set.
type Step struct {
	At         time.Time
	Position   int64
	Competitor competitors.Event // what happened to the athlete in the challenge
	Move       *Move             // what happened to their rank
}

// Move is a change of an athlete's rank on a board.
type Move struct {
	From, To int              // ranks; 0: not on the board
	Of       int              // athletes on the board
	By       uuid.UUID        // who caused it; the athlete themselves when they rode
	Because  stageboard.Event // Placed or Withdrawn
}

// Reasons is the answer to why an athlete stands where they do.
type Reasons struct {
	Steps []Step
	Row   stageboard.Row // how they stand now
	On    bool           // they are on the board
	State stageboard.State
}

// Why collects everything from the log that made an athlete's rank on a stage's board, in the order in which it happened:
// joining, each effort with what became of it, each change of rank and who caused it.
func Why(ctx context.Context, store *eventstore.Store, stage, challenge, athlete uuid.UUID, board uuid.UUID) (Reasons, error) {
	var why Reasons
	steps, err := competitorSteps(ctx, store, stage, competitors.IDOf(challenge, athlete))
	if err != nil {
		return why, err
	}
	var before stageboard.State
	err = fold(ctx, store, board, func(rec eventstore.Recorded, e stageboard.Event, after stageboard.State) bool {
		if move, moved := moveOf(e, athlete, before, after); moved {
			steps = append(steps, Step{At: rec.Time, Position: rec.Position, Move: &move})
		}
		before = after
		return true
	})
	slices.SortStableFunc(steps, func(a, b Step) int { return cmp.Compare(a.Position, b.Position) })
	why.Steps, why.State = steps, before
	why.Row, why.On = before.Row(athlete)
	return why, err
}

// moveOf says whether an event changed the athlete's rank, or was their own ride.
func moveOf(e stageboard.Event, athlete uuid.UUID, before, after stageboard.State) (Move, bool) {
	var by uuid.UUID
	switch e := e.(type) {
	case stageboard.Placed:
		by = e.AthleteID
	case stageboard.Withdrawn:
		by = e.AthleteID
	case stageboard.Opened, stageboard.Finalised, stageboard.Reopened:
		return Move{}, false
	}
	was, _ := before.Row(athlete)
	is, _ := after.Row(athlete)
	if was.Rank == is.Rank && by != athlete {
		return Move{}, false
	}
	return Move{From: was.Rank, To: is.Rank, Of: after.Len(), By: by, Because: e}, true
}

// competitorSteps are the events of a competitor that concern a stage, or their place in the challenge.
func competitorSteps(ctx context.Context, store *eventstore.Store, stage, competitor uuid.UUID) ([]Step, error) {
	var steps []Step
	for h, err := range life[competitors.Event](ctx, store, CompetitorStream, competitor) {
		if err != nil {
			return nil, err
		}
		if concerns(h.Recorded, stage) {
			steps = append(steps, Step{At: h.Time, Position: h.Position, Competitor: h.event})
		}
	}
	return steps, nil
}

// concerns says whether an event is about a stage, or about the athlete in the whole challenge.
func concerns(rec eventstore.Recorded, stage uuid.UUID) bool {
	var of struct {
		StageID uuid.UUID `json:"stageId"`
	}
	err := json.Unmarshal(rec.Data, &of)
	return err == nil && (of.StageID == uuid.Nil || of.StageID == stage)
}

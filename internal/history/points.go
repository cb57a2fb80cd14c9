package history

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/leaderboards/challengeboard"
)

// pointsStream is the category of the streams that say what was given.
const pointsStream = "challengeboard"

// PointStep is one thing that gave an athlete points in a challenge, or took them.
type PointStep struct {
	At       time.Time
	Position int64
	Event    challengeboard.Event
	StageID  uuid.UUID          // that it is about; zero: none
	Line     *leaderboards.Line // what the stage gives the athlete from then on; nil: nothing
	Placed   string             // where a new scheme puts the athlete, in words, where that isn't where they were; "" for nowhere
}

// Points collects from the log what gave an athlete points in one category of a challenge, and what took them back: stages
// that were scored, corrections, what was given by hand. Oldest first.
func Points(ctx context.Context, store *eventstore.Store, board, athlete uuid.UUID) ([]PointStep, error) {
	var steps []PointStep
	tale := pointTale{athlete: athlete, has: map[uuid.UUID]bool{}}
	for h, err := range life[challengeboard.Event](ctx, store, pointsStream, board) {
		if err != nil {
			return nil, err
		}
		if step, concerns := tale.step(h.event); concerns {
			step.At, step.Position, step.Event = h.Time, h.Position, h.event
			steps = append(steps, step)
		}
	}
	return steps, nil
}

// pointTale remembers what it has to know of the events before.
type pointTale struct {
	athlete uuid.UUID
	has     map[uuid.UUID]bool // stages that give the athlete something
	placed  string             // division, team and handicap
}

// step says whether an event is about the athlete.
func (t *pointTale) step(e challengeboard.Event) (PointStep, bool) {
	switch e := e.(type) {
	case challengeboard.PointsGiven:
		if i := slices.IndexFunc(e.Lines, func(l leaderboards.Line) bool { return l.AthleteID == t.athlete }); i >= 0 {
			t.has[e.StageID] = true
			return PointStep{StageID: e.StageID, Line: &e.Lines[i]}, true
		}
	case challengeboard.PointsTaken:
		if slices.Contains(e.Athletes, t.athlete) {
			t.has[e.StageID] = false
			return PointStep{StageID: e.StageID}, true
		}
	case challengeboard.StageReopened:
		had := t.has[e.StageID]
		t.has[e.StageID] = false
		return PointStep{StageID: e.StageID}, had
	case challengeboard.StageScored:
		return PointStep{StageID: e.ID}, slices.Contains(e.Limited, t.athlete)
	case challengeboard.PointsAdjusted:
		return PointStep{}, e.AthleteID == t.athlete
	case challengeboard.AthleteLimited:
		return PointStep{}, e.AthleteID == t.athlete
	case challengeboard.AthleteAllowed:
		return PointStep{}, e.AthleteID == t.athlete
	case challengeboard.Opened:
		return t.schemed(e.Scheme)
	case challengeboard.SchemeSet:
		return t.schemed(e.Scheme)
	case challengeboard.StageCorrected, challengeboard.Finalised, challengeboard.Reopened, challengeboard.GoalsAchieved: // of everybody
	}
	return PointStep{}, false
}

// schemed says whether a scheme puts the athlete somewhere else.
func (t *pointTale) schemed(s leaderboards.Scheme) (PointStep, bool) {
	before := t.placed
	t.placed = s.Placements()[t.athlete].Words(s.Groups)
	return PointStep{Placed: t.placed}, t.placed != before
}

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
}

// Points collects from the log what gave an athlete points in one category of a challenge, and what took them back: stages
// that were scored, corrections, what was given by hand. Oldest first.
func Points(ctx context.Context, store *eventstore.Store, board, athlete uuid.UUID) ([]PointStep, error) {
	var steps []PointStep
	has := map[uuid.UUID]bool{} // stages that give the athlete something
	for h, err := range life[challengeboard.Event](ctx, store, pointsStream, board) {
		if err != nil {
			return nil, err
		}
		if step, concerns := pointStep(h.event, athlete, has); concerns {
			step.At, step.Position, step.Event = h.Time, h.Position, h.event
			steps = append(steps, step)
		}
	}
	return steps, nil
}

// pointStep says whether an event is about the athlete, and keeps note of which stages give them something.
func pointStep(e challengeboard.Event, athlete uuid.UUID, has map[uuid.UUID]bool) (PointStep, bool) {
	switch e := e.(type) {
	case challengeboard.PointsGiven:
		if i := slices.IndexFunc(e.Lines, func(l leaderboards.Line) bool { return l.AthleteID == athlete }); i >= 0 {
			has[e.StageID] = true
			return PointStep{StageID: e.StageID, Line: &e.Lines[i]}, true
		}
	case challengeboard.PointsTaken:
		if slices.Contains(e.Athletes, athlete) {
			has[e.StageID] = false
			return PointStep{StageID: e.StageID}, true
		}
	case challengeboard.StageReopened:
		had := has[e.StageID]
		has[e.StageID] = false
		return PointStep{StageID: e.StageID}, had
	case challengeboard.StageScored:
		return PointStep{StageID: e.ID}, slices.Contains(e.Limited, athlete)
	case challengeboard.PointsAdjusted:
		return PointStep{}, e.AthleteID == athlete
	case challengeboard.AthleteLimited:
		return PointStep{}, e.AthleteID == athlete
	case challengeboard.AthleteAllowed:
		return PointStep{}, e.AthleteID == athlete
	case challengeboard.Opened, challengeboard.SchemeSet, challengeboard.StageCorrected, challengeboard.Finalised, challengeboard.Reopened,
		challengeboard.GoalsAchieved: // of everybody
	}
	return PointStep{}, false
}

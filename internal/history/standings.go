package history

import (
	"context"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/leaderboards/challengeboard"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

// The categories of the streams that standings are told by.
const (
	challengeStream = "challenge"
	stageStream     = "stage"
	standingsStream = "challengeboard"
)

// PastStandings are the tables of a challenge in one category as they stood at a moment.
type PastStandings struct {
	Scheme   leaderboards.Scheme
	Tables   []leaderboards.Standings
	Stages   []leaderboards.Scored // confirmed or under way, with what they gave or would have given
	Final    bool
	Exists   bool  // it had been hosted
	Position int64 // of the last event of the standings themselves
}

// Standings folds what a challenge's standings followed from up to a moment, and makes the tables by the rules of then: what
// was confirmed is what had been given, and what was provisional is what the boards would have given.
func Standings(ctx context.Context, store *eventstore.Store, challenge uuid.UUID, category sport.Category, at time.Time) (PastStandings, error) {
	var out PastStandings
	board, position, err := stateAt[challengeboard.State, challengeboard.Event](ctx, store, standingsStream, challengeboard.IDOf(challenge, category), at)
	if err != nil || !board.Exists {
		return out, err
	}
	c, _, err := stateAt[challenges.State, challenges.Event](ctx, store, challengeStream, challenge, at)
	if err != nil {
		return out, err
	}
	out = PastStandings{Scheme: board.Scheme, Stages: board.Scored(), Final: board.Final, Exists: true, Position: position}
	season, err := seasonAt(ctx, store, c, board, at)
	if err != nil {
		return out, err
	}
	for _, scored := range season.Score() {
		if scored.Phase == leaderboards.Running && len(scored.Lines) > 0 {
			out.Stages = append(out.Stages, scored)
		}
	}
	for _, classification := range board.Scheme.For(category) {
		out.Tables = append(out.Tables, leaderboards.Tabulate(classification, board.Scheme.Groups, out.Stages, board.Adjustments, board.Final))
	}
	return out, nil
}

// seasonAt has the results of the stages that weren't scored yet, and where bonuses go by the others, of those too.
func seasonAt(ctx context.Context, store *eventstore.Store, c challenges.State, board challengeboard.State, at time.Time) (leaderboards.Season, error) {
	season := leaderboards.Season{Category: board.Ref.Category, Scheme: board.Scheme}
	done := map[uuid.UUID]bool{}
	for _, stage := range board.Scored() {
		done[stage.ID] = true
	}
	for _, slot := range c.Stages {
		stage, _, err := stateAt[stages.State, stages.Event](ctx, store, stageStream, slot.StageID, at)
		if err != nil {
			return season, err
		}
		if !stage.Exists || stage.Status == sport.Deleted {
			continue
		}
		one := leaderboards.StageResults{Stage: c.ScoredStage(slot, stage.Type, stage.Adjustment, stage.SegmentID), Phase: leaderboards.Running}
		if done[slot.StageID] {
			one.Phase = leaderboards.Confirmed
		}
		if !done[slot.StageID] || board.Scheme.NeedsPast() {
			past, err := Board(ctx, store, stageboard.IDOf(slot.StageID, board.Ref.Category), at)
			if err != nil {
				return season, err
			}
			for _, r := range past.Rows(0, past.Len()) {
				one.Results = append(one.Results, leaderboards.Result{AthleteID: r.AthleteID, Value: r.Value, AchievedAt: r.AchievedAt,
					FirstAt: r.FirstAt, Limited: board.Limited(r.AthleteID)})
			}
		}
		season.Stages = append(season.Stages, one)
	}
	return season, nil
}

// stateAt folds a stream up to a moment, including what happened in that very instant; the zero state where there is none.
func stateAt[S interface{ Evolve(E) S }, E eventstore.Event](ctx context.Context, store *eventstore.Store, category string, id uuid.UUID, at time.Time) (state S, position int64, err error) {
	for h, err := range life[E](ctx, store, category, id) {
		if err != nil {
			return state, position, err
		}
		if h.Time.After(at) {
			break
		}
		state, position = state.Evolve(h.event), h.Position
	}
	return state, position, nil
}

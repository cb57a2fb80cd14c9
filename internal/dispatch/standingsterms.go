package dispatch

import (
	"context"

	"github.com/google/uuid"

	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/leaderboards/challengeboard"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/sport"
)

// standingsTerms fills in what scoring needs: the scheme of the challenge, its stages, and the results of those whose
// boards are final.
func (d *Dispatcher) standingsTerms(ctx context.Context, cmd challengeboard.Command) (challengeboard.Command, error) {
	ref := cmd.Of()
	challenge, version, err := d.challenges.Load(ctx, ref.ChallengeID)
	if err != nil {
		return cmd, err
	}
	if version == 0 {
		return cmd, errNoChallenge
	}
	t := challengeboard.Terms{OrganiserID: challenge.OrganiserID, Status: challenge.Status, Categories: challenge.Categories, Scheme: challenge.Scheme()}
	all := func(uuid.UUID) bool { return true }
	just := func(stage uuid.UUID) func(uuid.UUID) bool {
		return func(id uuid.UUID) bool { return id == stage || t.Scheme.NeedsPast() }
	}
	switch c := cmd.(type) {
	case challengeboard.Open:
		c.Terms = t
		cmd = c
	case challengeboard.SetLimited:
		c.Terms = t
		cmd = c
	case challengeboard.Reopen:
		c.Terms = t
		cmd = c
	case challengeboard.ReopenStage:
		c.Terms = t
		cmd = c
	case challengeboard.Adjust:
		c.Terms = t
		c.Terms.Known, err = d.hasCompeted(ctx, ref.ChallengeID, c.AthleteID)
		cmd = c
	case challengeboard.SetScheme:
		c.Terms, err = d.withStages(ctx, t, challenge, ref.Category, all)
		cmd = c
	case challengeboard.ScoreStage:
		c.Terms, err = d.withStages(ctx, t, challenge, ref.Category, just(c.StageID))
		cmd = c
	case challengeboard.CorrectStage:
		c.Terms, err = d.withStages(ctx, t, challenge, ref.Category, just(c.StageID))
		cmd = c
	case challengeboard.Finalise:
		c.Terms, err = d.withStages(ctx, t, challenge, ref.Category, func(uuid.UUID) bool { return false })
		cmd = c
	}
	if err != nil {
		return cmd, err
	}
	return asClubAdmin(ctx, d, cmd, challenge.Definition.ClubID)
}

// hasCompeted says whether an athlete is, or has been, in a challenge.
func (d *Dispatcher) hasCompeted(ctx context.Context, challenge, athlete uuid.UUID) (bool, error) {
	state, _, err := d.competitors.Load(ctx, competitors.IDOf(challenge, athlete))
	return state.Competing || len(state.Categories) > 0, err
}

// withStages adds the stages of the challenge, with the results of those that are wanted and whose boards are final.
func (d *Dispatcher) withStages(ctx context.Context, t challengeboard.Terms, challenge challenges.State, category sport.Category,
	wanted func(stage uuid.UUID) bool) (challengeboard.Terms, error) {
	for _, slot := range challenge.Stages {
		stage, _, err := d.stages.Load(ctx, slot.StageID)
		if err != nil {
			return t, err
		}
		if stage.Status == sport.Deleted {
			continue
		}
		scored := leaderboards.StageResults{Stage: challenge.ScoredStage(slot, stage.Type, stage.Adjustment, stage.SegmentID)}
		if wanted(slot.StageID) {
			board, _, err := d.boards.Load(ctx, stageboard.IDOf(slot.StageID, category))
			if err != nil {
				return t, err
			}
			if board.Final {
				scored.Results = resultsOf(board)
			} else {
				t.Awaited = append(t.Awaited, slot.StageID)
			}
		}
		t.Stages = append(t.Stages, scored)
	}
	return t, nil
}

func resultsOf(board stageboard.State) []leaderboards.Result {
	rows := board.Rows(0, board.Len())
	out := make([]leaderboards.Result, len(rows))
	for i, r := range rows {
		out[i] = leaderboards.Result{AthleteID: r.AthleteID, Value: r.Value, AchievedAt: r.AchievedAt, FirstAt: r.FirstAt}
	}
	return out
}

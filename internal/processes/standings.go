package processes

import (
	"slices"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/leaderboards/challengeboard"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

// How the standings of a challenge follow from everything else: they open when it is hosted, a stage is scored when its
// board is final, and they are final when the challenge is.

func standingsOfChallenge(event challenges.Event, cause Cause) []dispatch.Command {
	switch e := event.(type) {
	case challenges.Hosted:
		return each(e.Categories, func(c sport.Category) dispatch.Command {
			return challengeboard.Open{Head: standingsHead(e.ChallengeID, c, cause)}
		})
	case challenges.ScoringSet:
		return slices.Concat(scoringSet(e, cause), measured(e, cause))
	case challenges.ResultsApproved:
		return each(e.Categories, func(c sport.Category) dispatch.Command {
			return challengeboard.Finalise{Head: standingsHead(e.ChallengeID, c, cause)}
		})
	case challenges.Reopened:
		return each(e.Categories, func(c sport.Category) dispatch.Command {
			return challengeboard.Reopen{Head: standingsHead(e.ChallengeID, c, cause)}
		})
	case challenges.Created, challenges.StageAdded, challenges.StageRescheduled, challenges.StageRemoved, challenges.Started,
		challenges.Ended, challenges.Cancelled, challenges.ResultsPublished, challenges.Renamed, challenges.Described,
		challenges.WindowAdjusted, challenges.StartYearChanged, challenges.ActivityTypesAdjusted:
	}
	return nil
}

func scoringSet(e challenges.ScoringSet, cause Cause) []dispatch.Command {
	return each(e.Categories, func(c sport.Category) dispatch.Command {
		return challengeboard.SetScheme{Head: standingsHead(e.ChallengeID, c, cause), Reason: e.Reason}
	})
}

// measured opens the boards of stages again that rank by something else now; nobody is on them yet.
func measured(e challenges.ScoringSet, cause Cause) (out []dispatch.Command) {
	for _, stage := range e.Boards {
		out = append(out, each(stage.Categories, func(c sport.Category) dispatch.Command {
			return stageboard.Open{Head: boardHead(stage.StageID, c, cause), StageID: stage.StageID, ChallengeID: e.ChallengeID,
				Category: c, Measure: stage.Measure, Precision: stage.Measure.Precision(stage.Tenths)}
		})...)
	}
	return out
}

func standingsOfStage(event stages.Event, cause Cause) []dispatch.Command {
	switch e := event.(type) {
	case stages.Reopened:
		return each(e.Categories, func(c sport.Category) dispatch.Command {
			return challengeboard.ReopenStage{Head: standingsHead(e.ChallengeID, c, cause), StageID: e.StageID, Reason: e.Reason}
		})
	case stages.Created, stages.Rescheduled, stages.Described, stages.SegmentChanged, stages.PointsAdjusted, stages.Revealed,
		stages.HiddenChanged, stages.Started, stages.Ended, stages.Approved, stages.Published, stages.Deleted:
	}
	return nil
}

func standingsOfCompetitor(event competitors.Event, cause Cause) []dispatch.Command {
	limited := func(of competitors.Ref, boards []sport.Category, is bool) []dispatch.Command {
		return each(boards, func(c sport.Category) dispatch.Command {
			return challengeboard.SetLimited{Head: standingsHead(of.ChallengeID, c, cause), AthleteID: of.AthleteID, Limited: is}
		})
	}
	switch e := event.(type) {
	case competitors.Limited:
		return limited(e.Ref, e.Boards, true)
	case competitors.Allowed:
		return limited(e.Ref, e.Boards, false)
	case competitors.Joined, competitors.Left, competitors.Excluded, competitors.Reclassified, competitors.StandingRestated,
		competitors.EffortAccepted, competitors.EffortRefused, competitors.EffortRemoved, competitors.EffortFlagged,
		competitors.EffortHeld, competitors.EffortRejected:
	}
	return nil
}

func standingsOfBoard(event stageboard.Event, cause Cause) []dispatch.Command {
	switch e := event.(type) {
	case stageboard.Finalised:
		return one(challengeboard.ScoreStage{Head: standingsHead(e.ChallengeID, e.Category, cause), StageID: e.StageID})
	case stageboard.Opened, stageboard.Placed, stageboard.Withdrawn, stageboard.Reopened:
	}
	return nil
}

func standingsHead(challenge uuid.UUID, c sport.Category, cause Cause) challengeboard.Head {
	return challengeboard.Head{ChallengeID: challenge, Category: c, By: actor.System, Now: cause.Time}
}

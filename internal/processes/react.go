package processes

import (
	"cmp"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

// Cause is where and when the event happened.
type Cause struct {
	Position int64
	Time     time.Time
}

// Events are those that React answers to.
var Events = []eventstore.Event{
	challenges.StageAdded{}, challenges.StageRescheduled{}, challenges.StageRemoved{}, challenges.Started{},
	challenges.Ended{}, challenges.Cancelled{}, stages.Approved{}, stages.Reopened{}, competitors.Joined{},
	competitors.EffortAccepted{}, competitors.EffortRemoved{}, competitors.EffortFlagged{}, competitors.Reclassified{}, competitors.StandingRestated{},
	// see standings.go
	challenges.Hosted{}, challenges.ScoringSet{}, challenges.ResultsApproved{}, challenges.Reopened{},
	competitors.Limited{}, competitors.Allowed{}, stageboard.Finalised{},
}

// React says which commands follow from an event. No two of them are for the same aggregate, so their order doesn't matter.
func React(event eventstore.Event, cause Cause) []dispatch.Command {
	switch e := event.(type) {
	case challenges.Event:
		return append(ofChallenge(e, cause), standingsOfChallenge(e, cause)...)
	case stages.Event:
		return append(ofStage(e, cause), standingsOfStage(e, cause)...)
	case competitors.Event:
		return append(ofCompetitor(e, cause), standingsOfCompetitor(e, cause)...)
	case stageboard.Event:
		return standingsOfBoard(e, cause)
	}
	return nil
}

func ofChallenge(event challenges.Event, cause Cause) []dispatch.Command {
	switch e := event.(type) {
	case challenges.StageAdded:
		return stageAdded(e, cause)
	case challenges.StageRescheduled:
		return one(stages.Reschedule{Head: stageHead(e.StageID, cause), Window: e.Window})
	case challenges.StageRemoved:
		return one(stages.Delete{Head: stageHead(e.StageID, cause)})
	case challenges.Started:
		return each(e.Starting, func(id uuid.UUID) dispatch.Command {
			return stages.Start{Head: stageHead(id, cause), WithChallenge: true}
		})
	case challenges.Ended:
		return each(e.Stages, func(s challenges.StageRef) dispatch.Command {
			return stages.End{Head: stageHead(s.StageID, cause), WithChallenge: true}
		})
	case challenges.Cancelled:
		return each(e.Stages, func(s challenges.StageRef) dispatch.Command {
			return stages.Delete{Head: stageHead(s.StageID, cause), WithChallenge: true}
		})
	case challenges.Created, challenges.Hosted, challenges.ResultsApproved, challenges.ResultsPublished, challenges.Reopened, challenges.Renamed,
		challenges.Described, challenges.WindowAdjusted, challenges.StartYearChanged, challenges.ScoringSet, challenges.ActivityTypesAdjusted:
	}
	return nil
}

// stageAdded creates the stage and opens its boards.
func stageAdded(e challenges.StageAdded, cause Cause) []dispatch.Command {
	out := one(stages.Create{Head: stageHead(e.StageID, cause), Definition: stages.Definition{
		ChallengeID: e.ChallengeID, OrganiserID: e.OrganiserID, Number: e.Number, Slug: e.Slug, Type: e.Type,
		SegmentID: e.SegmentID, Name: e.Name, Description: e.Description, Window: e.Window, Adjustment: e.Adjustment,
		Hidden: e.Hidden, Categories: e.Categories, TimeZone: e.TimeZone}, UnderWay: e.UnderWay})
	measure := cmp.Or(e.Measure, e.Type.RankedBy())
	for _, category := range e.Categories {
		out = append(out, stageboard.Open{Head: boardHead(e.StageID, category, cause), StageID: e.StageID,
			ChallengeID: e.ChallengeID, Category: category, Measure: measure, Precision: measure.Precision(e.Tenths)})
	}
	return out
}

func ofStage(event stages.Event, cause Cause) []dispatch.Command {
	switch e := event.(type) {
	case stages.Approved:
		return each(e.Categories, func(c sport.Category) dispatch.Command {
			return stageboard.Finalise{Head: boardHead(e.StageID, c, cause)}
		})
	case stages.Reopened:
		return each(e.Categories, func(c sport.Category) dispatch.Command {
			return stageboard.Reopen{Head: boardHead(e.StageID, c, cause)}
		})
	case stages.HiddenChanged, stages.Created, stages.Rescheduled, stages.Described, stages.SegmentChanged, stages.PointsAdjusted,
		stages.Revealed, stages.Started, stages.Ended, stages.Published, stages.Deleted:
	}
	return nil
}

func ofCompetitor(event competitors.Event, cause Cause) []dispatch.Command {
	switch e := event.(type) {
	case competitors.Joined: // the profile may have changed while they joined, too late for one and too early for the other
		return one(competitors.Reclassify{Head: competitors.Head{ChallengeID: e.ChallengeID, AthleteID: e.AthleteID, By: actor.System, Now: cause.Time}})
	case competitors.EffortAccepted:
		return place(e.Ref, e.StageID, e.Categories, e.Standing, "", cause)
	case competitors.EffortRemoved:
		return place(e.Ref, e.StageID, e.Categories, e.Standing, e.Detail, cause)
	case competitors.EffortFlagged:
		return place(e.Ref, e.StageID, e.Categories, e.Standing, e.Reason, cause)
	case competitors.Reclassified:
		var out []dispatch.Command
		for _, s := range e.Standings {
			out = append(out, place(e.Ref, s.StageID, e.Gained, &s.Standing, "", cause)...)
			out = append(out, place(e.Ref, s.StageID, e.Lost, nil, "The category changed.", cause)...)
		}
		return out
	case competitors.StandingRestated:
		return append(place(e.Ref, e.StageID, e.Now, e.Standing, "", cause), place(e.Ref, e.StageID, e.Not, nil, "The category changed.", cause)...)
	case competitors.Left, competitors.Excluded, competitors.Limited, competitors.Allowed,
		competitors.EffortHeld, competitors.EffortRefused, competitors.EffortRejected:
	}
	return nil
}

// place tells the boards where an athlete stands now; no standing takes them off.
func place(of competitors.Ref, stage uuid.UUID, categories []sport.Category, standing *competitors.Standing, reason string, cause Cause) []dispatch.Command {
	return each(categories, func(c sport.Category) dispatch.Command {
		head := boardHead(stage, c, cause)
		if standing == nil {
			return stageboard.Withdraw{Head: head, AthleteID: of.AthleteID, Seq: cause.Position, Reason: reason}
		}
		return stageboard.Place{Head: head, AthleteID: of.AthleteID, Standing: stageboard.Standing(*standing), Seq: cause.Position}
	})
}

func stageHead(id uuid.UUID, cause Cause) stages.Head {
	return stages.Head{ID: id, By: actor.System, Now: cause.Time}
}

func boardHead(stage uuid.UUID, c sport.Category, cause Cause) stageboard.Head {
	return stageboard.Head{ID: stageboard.IDOf(stage, c), By: actor.System, Now: cause.Time}
}

func one(c dispatch.Command) []dispatch.Command { return []dispatch.Command{c} }

func each[T any](items []T, command func(T) dispatch.Command) []dispatch.Command {
	out := make([]dispatch.Command, 0, len(items))
	for _, item := range items {
		out = append(out, command(item))
	}
	return out
}

package readmodel

import (
	"cmp"

	"github.com/google/uuid"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/challengeboard"
	"segmentchallenge/internal/stages"
)

var decisions = Projector{
	Name:   DecisionsModel,
	Tables: []string{"decisions"},
	Types: typesOf(challenges.Created{}, challenges.StageAdded{}, challenges.StageRescheduled{}, challenges.StageRemoved{}, challenges.Hosted{},
		challenges.Started{}, challenges.Ended{}, challenges.Cancelled{}, challenges.ResultsApproved{}, challenges.ResultsPublished{},
		challenges.Reopened{}, challenges.Renamed{}, challenges.Described{}, challenges.WindowAdjusted{}, challenges.ActivityTypesAdjusted{}, challenges.ScoringSet{},
		stages.Described{}, stages.SegmentChanged{}, stages.PointsAdjusted{}, stages.HiddenChanged{}, stages.Revealed{}, stages.Started{}, stages.Ended{},
		stages.Approved{}, stages.Published{}, stages.Reopened{},
		competitors.Excluded{}, competitors.Limited{}, competitors.Allowed{}, competitors.EffortFlagged{}, competitors.EffortAccepted{},
		competitors.EffortRejected{}, challengeboard.PointsAdjusted{}, athletes.Erased{}),
	apply: applyDecision,
}

// decision is one row on its way.
type decision struct {
	challenge, stage, athlete uuid.UUID
	detail                    string
}

func applyDecision(w *writer, rec eventstore.Recorded, e eventstore.Event) error {
	if e, ok := e.(athletes.Erased); ok { // reasons speak of a person
		w.exec(`update decisions set detail = '' where athlete_id = $1`, e.AthleteID)
		return nil
	}
	write := func(part int, d decision) {
		w.exec(`insert into decisions (position, part, time, challenge_id, stage_id, athlete_id, actor, type, detail) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			rec.Position, part, rec.Time, d.challenge, orNull(d.stage), orNull(d.athlete), rec.Actor, rec.Type, d.detail)
	}
	if e, ok := e.(challenges.ScoringSet); ok {
		for i, d := range placedDecisions(e) {
			write(i+1, d)
		}
	}
	d, decided, err := decisionOf(e)
	if decided {
		write(0, d)
	}
	return err
}

// placedDecisions say for each athlete what division, team and handicap they have now.
func placedDecisions(e challenges.ScoringSet) []decision {
	out := make([]decision, len(e.Placed))
	for i, p := range e.Placed {
		detail := cmp.Or(p.Words(e.Scoring.Groups), "None of them any more")
		if e.Reason != "" {
			detail += ": " + e.Reason
		}
		out[i] = decision{challenge: e.ChallengeID, athlete: p.AthleteID, detail: detail}
	}
	return out
}

// decisionOf says what an event decided, and whether it did: an effort that counts by the rules is nobody's decision.
func decisionOf(e eventstore.Event) (d decision, decided bool, err error) {
	switch e := e.(type) {
	case challenges.Event:
		d, decided = challengeDecision(e)
	case stages.Event:
		d, decided = stageDecision(e)
	case competitors.Event:
		d, decided = competitorDecision(e)
	case challengeboard.PointsAdjusted:
		d = decision{challenge: e.ChallengeID, athlete: e.AthleteID,
			detail: e.Points.String() + " points in " + e.Classification + ", " + string(e.Category) + ": " + e.Reason}
		decided = true
	default:
		err = unhandled(e)
	}
	return d, decided, err
}

func challengeDecision(e challenges.Event) (decision, bool) {
	switch e := e.(type) {
	case challenges.Created:
		return decision{challenge: e.ChallengeID, detail: e.Definition.Name}, true
	case challenges.StageAdded:
		return decision{challenge: e.ChallengeID, stage: e.StageID, detail: e.Name}, true
	case challenges.StageRescheduled:
		return decision{challenge: e.ChallengeID, stage: e.StageID, detail: windowWords(e.Window.Start.String(), e.Window.End.String())}, true
	case challenges.StageRemoved:
		return decision{challenge: e.ChallengeID, stage: e.StageID}, true
	case challenges.Hosted:
		return decision{challenge: e.ChallengeID}, true
	case challenges.Started:
		return decision{challenge: e.ChallengeID, detail: early(e.Early)}, true
	case challenges.Ended:
		return decision{challenge: e.ChallengeID, detail: early(e.Early)}, true
	case challenges.Cancelled:
		return decision{challenge: e.ChallengeID}, true
	case challenges.ResultsApproved:
		return decision{challenge: e.ChallengeID}, true
	case challenges.ResultsPublished:
		return decision{challenge: e.ChallengeID}, true
	case challenges.Reopened:
		return decision{challenge: e.ChallengeID, detail: e.Reason}, true
	case challenges.Renamed:
		return decision{challenge: e.ChallengeID, detail: e.Name}, true
	case challenges.Described:
		return decision{challenge: e.ChallengeID}, true
	case challenges.WindowAdjusted:
		return decision{challenge: e.ChallengeID, detail: windowWords(e.Window.Start.String(), e.Window.End.String())}, true
	case challenges.ActivityTypesAdjusted:
		return decision{challenge: e.ChallengeID}, true
	case challenges.ScoringSet:
		return decision{challenge: e.ChallengeID, detail: e.Reason}, !e.PlacedOnly
	case challenges.StartYearChanged: // follows from a window
	}
	return decision{}, false
}

func stageDecision(e stages.Event) (decision, bool) {
	switch e := e.(type) {
	case stages.Described:
		return decision{challenge: e.ChallengeID, stage: e.StageID, detail: e.Name}, true
	case stages.SegmentChanged:
		return decision{challenge: e.ChallengeID, stage: e.StageID}, true
	case stages.PointsAdjusted:
		return decision{challenge: e.ChallengeID, stage: e.StageID, detail: string(e.Adjustment)}, true
	case stages.Revealed:
		return decision{challenge: e.ChallengeID, stage: e.StageID}, true
	case stages.Started:
		return decision{challenge: e.ChallengeID, stage: e.StageID, detail: early(e.Early)}, true
	case stages.Ended:
		return decision{challenge: e.ChallengeID, stage: e.StageID, detail: early(e.Early)}, true
	case stages.Approved:
		return decision{challenge: e.ChallengeID, stage: e.StageID}, true
	case stages.Published:
		return decision{challenge: e.ChallengeID, stage: e.StageID}, true
	case stages.HiddenChanged:
		return decision{challenge: e.ChallengeID, stage: e.StageID}, true
	case stages.Reopened:
		return decision{challenge: e.ChallengeID, stage: e.StageID, detail: e.Reason}, true
	case stages.Created, stages.Rescheduled, stages.Deleted: // follow from the challenge's
	}
	return decision{}, false
}

func competitorDecision(e competitors.Event) (decision, bool) {
	switch e := e.(type) {
	case competitors.Excluded:
		return decision{challenge: e.ChallengeID, athlete: e.AthleteID, detail: e.Reason}, true
	case competitors.Limited:
		return decision{challenge: e.ChallengeID, athlete: e.AthleteID, detail: e.Reason}, true
	case competitors.Allowed:
		return decision{challenge: e.ChallengeID, athlete: e.AthleteID}, true
	case competitors.EffortFlagged:
		return decision{e.ChallengeID, e.StageID, e.AthleteID, e.Reason}, true
	case competitors.EffortRejected:
		return decision{e.ChallengeID, e.StageID, e.AthleteID, e.Note}, true
	case competitors.EffortAccepted:
		return decision{e.ChallengeID, e.StageID, e.AthleteID, e.Note}, e.Manual || e.ReviewedBy != ""
	case competitors.Joined, competitors.Left, competitors.Reclassified, competitors.StandingRestated, competitors.EffortHeld, competitors.EffortRefused,
		competitors.EffortRemoved:
	}
	return decision{}, false
}

func early(by bool) string {
	if by {
		return "early"
	}
	return ""
}

func windowWords(start, end string) string { return start + " – " + end }

package challenges

import (
	"math"
	"reflect"
	"slices"

	"github.com/google/uuid"

	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/sport"
)

// Scheme is how the challenge is scored, complete: what was declared, with the default of its type for what wasn't.
func (d Definition) Scheme() leaderboards.Scheme {
	return d.Scoring.Or(d.Type, d.Goal != nil && d.Goal.Recurrence != sport.Once)
}

// StageResult is how efforts become the result of a stage.
func (d Definition) StageResult() sport.StageResult {
	switch {
	case d.Scoring.Result.Kind != "":
		return d.Scoring.Result
	case d.AccumulateActivities:
		return sport.StageResult{Kind: sport.TotalOfAll}
	}
	return sport.StageResult{Kind: sport.BestEffort}
}

// ScoredStage is what scoring has to know of a stage, with what the stage itself says of its type, points and segment.
func (s State) ScoredStage(slot Slot, t sport.StageType, a sport.PointsAdjustment, segment uuid.UUID) leaderboards.Stage {
	measure := s.Scheme().Measure(t)
	out := leaderboards.Stage{ID: slot.StageID, Number: slot.Number, Type: t, Adjustment: a, Course: segment,
		Month: slot.Window.Start.AsUTC().Format("2006-01"), Measure: measure, Precision: measure.Precision(s.Tenths)}
	if s.Goal != nil && !measure.Ascending() {
		out.Goal = int64(math.Round(s.Goal.Base() * 1000))
	}
	return out
}

// otherMeasure is what a stage's boards rank by where that isn't the measure of its type.
func (d Definition) otherMeasure(t sport.StageType) sport.Measure {
	if m := d.Scoring.Measure(t); m != t.RankedBy() {
		return m
	}
	return ""
}

func (d Definition) cleanScoring(s leaderboards.Scheme) (leaderboards.Scheme, error) {
	return s.Cleaned(leaderboards.Terms{Type: d.Type, Categories: d.Categories, Goal: d.Goal != nil})
}

// setScoring replaces the scheme while the challenge isn't final. What efforts are judged by is fixed as soon as there may
// be some: who rode by the rules must not find them changed.
func (s State) setScoring(c SetScoring) ([]Event, error) {
	switch s.Status {
	case sport.Cancelled:
		return nil, ErrCancelled
	case sport.Approved:
		return nil, ErrAlreadyApproved
	}
	scheme, err := s.cleanScoring(c.Scheme)
	if err != nil {
		return nil, err
	}
	if scheme.Same(s.Scoring) {
		return nil, nil
	}
	reason, err := sport.CleanText("reason", c.Reason)
	next := s.Definition
	next.Scoring = scheme
	switch {
	case err != nil:
		return nil, err
	case s.Status != sport.Pending && next.StageResult() != s.StageResult():
		return nil, ErrResultFixed
	case s.Status != sport.Pending && s.Status != sport.Upcoming && !reflect.DeepEqual(scheme.Admission, s.Scoring.Admission):
		return nil, ErrAdmissionFixed
	case len(c.Confirmed) > 0 && reason == "":
		return nil, ErrScoringReason
	case len(c.Confirmed) == 0:
		reason = ""
	}
	set := ScoringSet{ChallengeID: s.ID, Scoring: scheme, Reason: reason, Placed: scheme.PlacedSince(s.Scoring)}
	set.PlacedOnly = scheme.WithoutMembers().Same(s.Scoring.WithoutMembers())
	if s.Status != sport.Pending {
		set.Categories = s.Categories
	}
	for _, slot := range s.byTime() {
		if m := scheme.Measure(slot.Type); m != s.Scoring.Measure(slot.Type) {
			set.Boards = append(set.Boards, StageMeasure{slot.StageID, m, s.Tenths, slices.Clone(s.Categories)})
		}
	}
	return []Event{set}, nil
}

// groupAthletes changes who belongs where, from what is so now.
func (s State) groupAthletes(c GroupAthletes) ([]Event, error) {
	scheme, err := s.Scoring.Grouped(c.Grouping)
	if err != nil {
		return nil, err
	}
	return s.setScoring(SetScoring{Head: c.Head, Scheme: scheme, Reason: c.Reason, Confirmed: c.Confirmed})
}

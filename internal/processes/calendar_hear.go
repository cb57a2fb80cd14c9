package processes

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

// hear takes in what has happened, at a time.
func (c calendar) hear(event eventstore.Event, at time.Time) calendar {
	switch e := event.(type) {
	case challenges.Created:
		return calendar{ID: e.ChallengeID, Zone: e.TimeZone, Status: sport.Pending, Window: e.Window}
	case challenges.StageAdded:
		c.Stages = append(slices.Clone(c.Stages), date{ID: e.StageID, Number: e.Number, Status: sport.Upcoming, Window: e.Window})
		slices.SortFunc(c.Stages, byNumber)
	case challenges.StageRemoved:
		return c.without(e.StageID)
	case challenges.Hosted:
		c.Status = sport.Upcoming
	case challenges.Started:
		c.Status, c.Window = sport.Active, e.Window
	case challenges.Ended:
		c.Status, c.Window, c.Since = sport.Past, e.Window, later(at, c.moment(e.Window.End))
	case challenges.ResultsApproved:
		c.Status = sport.Approved
	case challenges.Reopened:
		c.Status, c.Since = sport.Past, at
	case challenges.WindowAdjusted:
		c.Window = e.Window
	case stages.Rescheduled:
		return c.with(e.StageID, func(s *date) { s.Window = e.Window })
	case stages.Started:
		return c.with(e.StageID, func(s *date) { s.Status, s.Window = sport.Active, e.Window })
	case stages.Ended:
		return c.with(e.StageID, func(s *date) {
			s.Status, s.Window, s.Since = sport.Past, e.Window, later(at, c.moment(e.Window.End))
		})
	case stages.Approved:
		return c.with(e.StageID, func(s *date) { s.Status = sport.Approved })
	case stages.Reopened:
		return c.with(e.StageID, func(s *date) { s.Status, s.Since = sport.Past, at })
	case stages.Deleted:
		return c.without(e.StageID)
	}
	return c
}

// with changes a stage; one that its challenge has dropped already is none.
func (c calendar) with(stage uuid.UUID, change func(*date)) calendar {
	c.Stages = slices.Clone(c.Stages)
	for i := range c.Stages {
		if c.Stages[i].ID == stage {
			change(&c.Stages[i])
		}
	}
	return c
}

func (c calendar) without(stage uuid.UUID) calendar {
	c.Stages = slices.DeleteFunc(slices.Clone(c.Stages), func(s date) bool { return s.ID == stage })
	return c
}

// challengeOfDate is the challenge that an event of the calendar is about.
func challengeOfDate(event eventstore.Event) uuid.UUID {
	switch e := event.(type) {
	case challenges.Created:
		return e.ChallengeID
	case challenges.StageAdded:
		return e.ChallengeID
	case challenges.StageRemoved:
		return e.ChallengeID
	case challenges.Hosted:
		return e.ChallengeID
	case challenges.Started:
		return e.ChallengeID
	case challenges.Ended:
		return e.ChallengeID
	case challenges.Cancelled:
		return e.ChallengeID
	case challenges.ResultsApproved:
		return e.ChallengeID
	case challenges.Reopened:
		return e.ChallengeID
	case challenges.WindowAdjusted:
		return e.ChallengeID
	case stages.Rescheduled:
		return e.ChallengeID
	case stages.Started:
		return e.ChallengeID
	case stages.Ended:
		return e.ChallengeID
	case stages.Approved:
		return e.ChallengeID
	case stages.Reopened:
		return e.ChallengeID
	case stages.Deleted:
		return e.ChallengeID
	}
	return uuid.Nil
}

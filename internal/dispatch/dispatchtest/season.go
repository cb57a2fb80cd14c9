package dispatchtest

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/sport"
)

// Everything happens in May 2026, in UTC.

// At is a moment of May.
func At(day, hour int) time.Time { return time.Date(2026, 5, day, hour, 0, 0, 0, time.UTC) }

// Days is a window from the midnight that begins one day to the last second of another.
func Days(from, to int) sport.Window {
	return sport.Window{Start: sport.LocalOf(At(from, 0)), End: sport.LocalOf(At(to+1, 0).Add(-time.Second))}
}

// Athlete registers somebody.
func (n *Node) Athlete(g sport.Gender) actor.Actor {
	n.Helper()
	id := uuid.New()
	n.Send(athletes.Register{Head: athletes.Head{ID: id, By: actor.System, Now: At(1, 0)}, Profile: athletes.Profile{FirstName: "Ana",
		LastName: id.String()[:8], Gender: g, Units: sport.Metric, TimeZone: "UTC", Visibility: athletes.Everyone}})
	return actor.Athlete(id)
}

// Season is a challenge of May with its stages.
type Season struct {
	*Node
	ID        uuid.UUID
	Organiser actor.Actor
	Stages    []uuid.UUID
}

// Season creates a segment challenge of all of May, with a stage in each window. change may be nil.
func (n *Node) Season(organiser actor.Actor, change func(*challenges.Definition), windows ...sport.Window) *Season {
	n.Helper()
	s := &Season{Node: n, ID: uuid.New(), Organiser: organiser}
	d := challenges.Definition{Type: sport.SegmentChallenge, Name: "May", Window: Days(1, 31), TimeZone: "UTC",
		IncludedActivityTypes: []sport.ActivityType{sport.Ride}}
	if change != nil {
		change(&d)
	}
	n.Send(challenges.Create{Head: s.Head(organiser, At(1, 0)), Slug: "may-" + s.ID.String()[:8], Definition: d})
	for i, w := range windows {
		s.Stages = append(s.Stages, uuid.New())
		n.Send(challenges.AddStage{Head: s.Head(organiser, At(1, 0)), StageID: s.Stages[i], StageDefinition: challenges.StageDefinition{
			Type: sport.Mountain, SegmentID: uuid.New(), Name: fmt.Sprintf("Stage %d", i+1), Window: w}})
	}
	return s
}

// Head begins a command to the challenge.
func (s *Season) Head(by actor.Actor, now time.Time) challenges.Head {
	return challenges.Head{ID: s.ID, By: by, Now: now}
}

// Host opens the challenge at some time.
func (s *Season) Host(now time.Time) {
	s.Helper()
	s.Send(challenges.Host{Head: s.Head(s.Organiser, now)})
}

// Competitor begins a command to an athlete in the challenge.
func (s *Season) Competitor(athlete, by actor.Actor, now time.Time) competitors.Head {
	return competitors.Head{ChallengeID: s.ID, AthleteID: athlete.AthleteID, By: by, Now: now}
}

// Join lets athletes in at the time of the first stage's start.
func (s *Season) Join(all ...actor.Actor) {
	s.Helper()
	for _, a := range all {
		s.Send(competitors.Join{Head: s.Competitor(a, a, At(2, 0))})
	}
}

// Effort is what the importer sends when an athlete's ride of a day holds a stage's segment in so many seconds.
func (s *Season) Effort(athlete actor.Actor, stage, day, seconds int) competitors.RecordEfforts {
	start := At(day, 9).Add(time.Duration(seconds) * time.Millisecond) // no two riders at the same time
	activity := uuid.NewSHA1(athlete.AthleteID, fmt.Append(nil, stage, day, seconds))
	return competitors.RecordEfforts{Head: s.Competitor(athlete, actor.System, start.Add(time.Hour)),
		Rules:    competitors.Rules{StageID: s.Stages[stage]},
		Activity: competitors.Activity{ID: activity, Type: sport.Ride, StartLocal: sport.LocalOf(start), Source: "gpx"},
		Performances: []competitors.Performance{{Lap: 1, StartUTC: start, StartLocal: sport.LocalOf(start),
			ElapsedMs: int64(seconds) * 1000, DistanceM: 1000}}}
}

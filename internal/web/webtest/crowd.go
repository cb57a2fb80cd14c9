package webtest

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
)

// Crowd registers n athletes, lets them into a challenge, and gives each a time on a stage: a second apart, the fastest first.
func (s *Site) Crowd(organiser Athlete, c readmodel.Challenge, stage readmodel.Stage, n int, fastest time.Duration) []Athlete {
	s.Helper()
	var all []Athlete
	for i := range n {
		a := s.Athlete(fmt.Sprintf("Rider Number%03d", i+1), sport.Undisclosed, nil)
		s.Join(c, a)
		s.Clock(organiser, stage, a, fastest+time.Duration(i)*time.Second)
		all = append(all, a)
	}
	return all
}

// Clock is a time by the organiser's hand. It returns when the log has it, which is before anybody can read it.
func (s *Site) Clock(organiser Athlete, stage readmodel.Stage, a Athlete, took time.Duration) {
	s.Helper()
	activity, start := uuid.Must(uuid.NewV7()), Day(-1, 10*time.Hour)
	_, err := s.Dispatch.Send(s.Context(), competitors.RecordByHand{
		Head:     competitors.Head{ChallengeID: stage.ChallengeID, AthleteID: a.ID, By: organiser.Actor, Now: time.Now()},
		Rules:    competitors.Rules{StageID: stage.ID},
		Activity: competitors.Activity{ID: activity, Type: sport.Ride, StartLocal: start, Manual: true, Source: "manual"},
		Performance: competitors.Performance{EffortID: competitors.EffortIDOf(stage.ID, activity, 1), Lap: 1,
			StartUTC: start.In(Zone), StartLocal: start, ElapsedMs: took.Milliseconds(), MovingMs: took.Milliseconds()},
	}, eventstore.Meta{})
	if err != nil {
		s.Fatalf("time of %s: %v", a.Name, err)
	}
}

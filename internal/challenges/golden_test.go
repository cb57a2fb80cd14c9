package challenges

import (
	"testing"

	"github.com/google/uuid"

	"segmentchallenge/internal/aggregate/aggregatetest"
	"segmentchallenge/internal/sport"
)

func TestStoredShapes(t *testing.T) {
	full := definition(func(d *Definition) {
		d.Description, d.ClubID, d.RestrictedToClubMembers, d.AllowPrivateActivities = "Up!", clubID, true, true
		d.IncludedActivityTypes, d.AccumulateActivities, d.Private, d.Tenths = []sport.ActivityType{sport.Ride}, true, true, true
		d.Goal = &sport.Goal{Value: 100, Units: "kilometres", Recurrence: sport.Weekly}
	})
	stage := first
	stage.Description, stage.Hidden, stage.Tenths, stage.Adjustment = "Steep.", true, true, sport.Double
	aggregatetest.Golden(t, Events, []Event{
		Created{ChallengeID: challengeID, OrganiserID: organiser, Slug: "alpine-cup", Definition: full},
		stage,
		StageRescheduled{challengeID, first.StageID, first.Window},
		StageRemoved{challengeID, first.StageID, 1},
		Hosted{challengeID, refs, sport.DefaultCategories, true},
		Started{challengeID, true, whole, refs, []uuid.UUID{first.StageID}, "Europe/Amsterdam"},
		Ended{challengeID, true, whole, refs},
		Cancelled{challengeID, refs},
		ResultsApproved{challengeID, "Well ridden."},
		ResultsPublished{challengeID, "Hurrah"},
		Renamed{challengeID, "New name", "new-name"},
		Described{challengeID, "Up!"},
		WindowAdjusted{challengeID, whole},
		StartYearChanged{challengeID, 2026},
		ActivityTypesAdjusted{challengeID, []sport.ActivityType{sport.Ride}, refs},
	})
}

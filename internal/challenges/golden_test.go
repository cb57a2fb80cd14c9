package challenges

import (
	"testing"

	"github.com/google/uuid"

	"segmentchallenge/internal/aggregate/aggregatetest"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/sport"
)

func TestStoredShapes(t *testing.T) {
	scoring := leaderboards.Tour()
	scoring.Result = sport.StageResult{Kind: sport.SumOfBest, Of: 2}
	scoring.Admission = sport.Admission{Hours: []sport.Hours{{Days: []string{"sat"}, From: 480, To: 720}}, MaxAttempts: 3, UploadHours: 24}
	scoring.Groups = []leaderboards.Group{{Kind: leaderboards.Team, Key: "Reds", Name: "Reds", Members: []uuid.UUID{organiser}}}
	scoring.Handicaps = []leaderboards.Handicap{{AthleteID: organiser, Seconds: leaderboards.Whole, Percent: leaderboards.Whole}}
	full := definition(func(d *Definition) {
		d.Description, d.ClubID, d.RestrictedToClubMembers, d.AllowPrivateActivities = "Up!", clubID, true, true
		d.IncludedActivityTypes, d.AccumulateActivities, d.Private, d.Tenths = []sport.ActivityType{sport.Ride}, true, true, true
		d.Scoring = scoring
		d.Goal = &sport.Goal{Value: 100, Units: "kilometres", Recurrence: sport.Weekly}
	})
	stage := underWay(first)
	stage.Description, stage.Hidden, stage.Tenths, stage.Adjustment, stage.Measure = "Steep.", true, true, sport.Double, sport.Efforts
	aggregatetest.Golden(t, Events, []Event{
		Created{ChallengeID: challengeID, OrganiserID: organiser, Slug: "alpine-cup", Definition: full},
		stage,
		StageRescheduled{challengeID, first.StageID, first.Window},
		StageRemoved{challengeID, first.StageID, 1},
		Hosted{challengeID, refs, sport.DefaultCategories, true},
		Started{challengeID, true, whole, refs, []uuid.UUID{first.StageID}, "Europe/Amsterdam"},
		Ended{challengeID, true, whole, refs},
		Cancelled{challengeID, refs},
		ResultsApproved{challengeID, "Well ridden.", sport.DefaultCategories},
		ResultsPublished{challengeID, "Hurrah"},
		Reopened{challengeID, "A wrong time.", organiser.String(), after, sport.DefaultCategories},
		Renamed{challengeID, "New name", "new-name"},
		Described{challengeID, "Up!"},
		WindowAdjusted{challengeID, whole},
		StartYearChanged{challengeID, 2026},
		ScoringSet{challengeID, scoring, "As announced.", sport.DefaultCategories,
			[]StageMeasure{{first.StageID, sport.Efforts, true, sport.DefaultCategories}},
			[]leaderboards.Placement{{Handicap: scoring.Handicaps[0], Division: "A", Team: "Reds"}}, true},
		ActivityTypesAdjusted{challengeID, []sport.ActivityType{sport.Ride}, refs},
	})
}

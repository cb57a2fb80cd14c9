package challengeboard

import (
	"github.com/google/uuid"

	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/sport"
)

// Event is what can have happened to a challenge's board. Stored names are for ever.
//
//sumtype:decl
type Event interface {
	EventType() string
	boardEvent()
}

// Ref is on every event: which board.
type Ref struct {
	ChallengeID uuid.UUID      `json:"challengeId"`
	Category    sport.Category `json:"category"`
}

// Podium is the first three ranks of a classification, which ties may make more; at most 30.
type Podium struct {
	Classification string    `json:"classification"` // its key
	Name           string    `json:"name"`
	Of             int       `json:"of"` // rows of the classification
	Places         []Placing `json:"places,omitempty"`
}

// Placing is one row of a podium.
type Placing struct {
	Rank      int                 `json:"rank"`
	AthleteID uuid.UUID           `json:"athleteId"` // or the team's: leaderboards.Group.ID
	Total     leaderboards.Amount `json:"total"`     // points, seconds, metres or places
}

type (
	Opened struct {
		Ref
		Scheme leaderboards.Scheme `json:"scheme"`
	}
	// SchemeSet replaces the rules. Where stages had been scored it has a reason, and what they gave otherwise follows.
	SchemeSet struct {
		Ref
		Scheme leaderboards.Scheme `json:"scheme"`
		Reason string              `json:"reason,omitempty"`
		By     string              `json:"by"`
	}
	// StageScored says that a stage was approved; so many PointsGiven follow it. Podiums are those of the classifications
	// that the stage belongs to, after it.
	StageScored struct {
		Ref
		leaderboards.Stage
		Athletes int                  `json:"athletes"`          // who got something
		Parts    int                  `json:"parts"`             // events of PointsGiven
		Limited  []uuid.UUID          `json:"limited,omitempty"` // who was passed over
		Worst    []leaderboards.Worst `json:"worst,omitempty"`
		Podiums  []Podium             `json:"podiums,omitempty"`
	}
	// PointsGiven is what a stage gave to some athletes, in all classifications: in place of what it gave them before.
	PointsGiven struct {
		Ref
		StageID uuid.UUID           `json:"stageId"`
		Part    int                 `json:"part"` // counted from 1
		Lines   []leaderboards.Line `json:"lines"`
	}
	// PointsTaken takes back all that a stage gave to these athletes.
	PointsTaken struct {
		Ref
		StageID  uuid.UUID   `json:"stageId"`
		Part     int         `json:"part"`
		Athletes []uuid.UUID `json:"athletes"`
	}
	// StageCorrected says that a scored stage gives something else; so many PointsGiven and PointsTaken follow, of those
	// alone for whom it does.
	StageCorrected struct {
		Ref
		leaderboards.Stage
		Reason  string               `json:"reason"`
		By      string               `json:"by"`
		Given   int                  `json:"given"` // events of PointsGiven
		Taken   int                  `json:"taken"` // events of PointsTaken
		Limited []uuid.UUID          `json:"limited,omitempty"`
		Worst   []leaderboards.Worst `json:"worst,omitempty"`
		Podiums []Podium             `json:"podiums,omitempty"`
	}
	// StageReopened takes back all that a stage gave. It will be scored anew.
	StageReopened struct {
		Ref
		StageID uuid.UUID `json:"stageId"`
		Reason  string    `json:"reason"`
	}
	// PointsAdjusted gives or takes by hand.
	PointsAdjusted struct {
		Ref
		AthleteID      uuid.UUID           `json:"athleteId"`
		Classification string              `json:"classification"`
		Points         leaderboards.Amount `json:"points"`
		Reason         string              `json:"reason" personal:""`
		By             string              `json:"by"`
	}
	// AthleteLimited is passed over on stages that are scored from here on.
	AthleteLimited struct {
		Ref
		AthleteID uuid.UUID `json:"athleteId"`
	}
	AthleteAllowed struct {
		Ref
		AthleteID uuid.UUID `json:"athleteId"`
	}
	// Finalised says how it ended. Corrected or reopened afterwards, it is said again.
	Finalised struct {
		Ref
		Stages  int      `json:"stages"`
		Podiums []Podium `json:"podiums"`
	}
	// Reopened makes the standings provisional again, until they are approved anew.
	Reopened struct{ Ref }
	// GoalsAchieved names who reached the goal on every stage; it follows Finalised, in parts.
	GoalsAchieved struct {
		Ref
		Part     int         `json:"part"`
		Athletes []uuid.UUID `json:"athletes"`
	}
)

func (Opened) EventType() string         { return "ChallengeBoardOpened" }
func (SchemeSet) EventType() string      { return "ChallengeBoardSchemeSet" }
func (StageScored) EventType() string    { return "ChallengeBoardStageScored" }
func (PointsGiven) EventType() string    { return "ChallengeBoardPointsGiven" }
func (PointsTaken) EventType() string    { return "ChallengeBoardPointsTaken" }
func (StageCorrected) EventType() string { return "ChallengeBoardStageCorrected" }
func (StageReopened) EventType() string  { return "ChallengeBoardStageReopened" }
func (PointsAdjusted) EventType() string { return "ChallengeBoardPointsAdjusted" }
func (AthleteLimited) EventType() string { return "ChallengeBoardAthleteLimited" }
func (AthleteAllowed) EventType() string { return "ChallengeBoardAthleteAllowed" }
func (Finalised) EventType() string      { return "ChallengeBoardFinalised" }
func (Reopened) EventType() string       { return "ChallengeBoardReopened" }
func (GoalsAchieved) EventType() string  { return "ChallengeBoardGoalsAchieved" }

// Person is whose the personal fields are.
func (e PointsAdjusted) Person() uuid.UUID { return e.AthleteID }

func (Opened) boardEvent()         {}
func (SchemeSet) boardEvent()      {}
func (StageScored) boardEvent()    {}
func (PointsGiven) boardEvent()    {}
func (PointsTaken) boardEvent()    {}
func (StageCorrected) boardEvent() {}
func (StageReopened) boardEvent()  {}
func (PointsAdjusted) boardEvent() {}
func (AthleteLimited) boardEvent() {}
func (AthleteAllowed) boardEvent() {}
func (Finalised) boardEvent()      {}
func (Reopened) boardEvent()       {}
func (GoalsAchieved) boardEvent()  {}

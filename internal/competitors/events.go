package competitors

import (
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/sport"
)

// Event is what can have happened to a competitor. Stored names are for ever.
//
//sumtype:decl
type Event interface {
	EventType() string
	competitorEvent()
}

// Ref is on every event: whose it is.
type Ref struct {
	ChallengeID uuid.UUID `json:"challengeId"`
	AthleteID   uuid.UUID `json:"athleteId"`
}

// Standing is an athlete's result on one stage: their best effort, or the sum of all where activities accumulate.
type Standing struct {
	Value      int64     `json:"value"` // milliseconds or millimetres, by the stage's measure
	EffortID   uuid.UUID `json:"effortId"`
	AchievedAt time.Time `json:"achievedAt"` // when the effort (the last one that counts) was finished
	Attempts   int       `json:"attempts"`
	FirstAt    time.Time `json:"firstAt,omitzero"` // when the first effort was finished; zero: then
}

// Ranking is how an athlete's efforts on a stage become their standing. It rides on every accepted effort, so that a
// standing can be told when one goes, whatever the reason.
type Ranking struct {
	Measure     sport.Measure `json:"rankedBy"`
	Accumulate  bool          `json:"accumulate,omitempty"`  // the sum of all, not the best one
	Precision   int64         `json:"precision"`             // values are compared in these units
	MaxAttempts int           `json:"maxAttempts,omitempty"` // only the first so many efforts count; 0: all
	Of          int           `json:"of,omitempty"`          // the so many best efforts are added up; who has fewer has no result yet
	Count       bool          `json:"count,omitempty"`       // efforts are counted, in thousandths as all values are
}

// StageStanding is a standing and the stage that it is on.
type StageStanding struct {
	StageID uuid.UUID `json:"stageId"`
	Standing
}

type (
	Joined struct {
		Ref
		Gender     sport.Gender     `json:"gender,omitempty" personal:""`
		Categories []sport.Category `json:"categories"`
	}
	Left     struct{ Ref }
	Excluded struct {
		Ref
		Reason string `json:"reason" personal:""`
	}
	Limited struct {
		Ref
		Reason string           `json:"reason" personal:""`
		Boards []sport.Category `json:"boards,omitempty"` // of the challenge: whose standings pass the athlete over from here on
	}
	Allowed struct {
		Ref
		Boards []sport.Category `json:"boards,omitempty"` // as for Limited
	}
	Reclassified struct {
		Ref
		Gender sport.Gender     `json:"gender,omitempty" personal:""`
		Now    []sport.Category `json:"now"`
		Gained []sport.Category `json:"gained,omitempty"`
		Lost   []sport.Category `json:"lost,omitempty"`
		// Standings by stage, so that the boards of gained categories need nobody else.
		Standings []StageStanding `json:"standings,omitempty"`
	}
	// StandingRestated is for boards that were final for a while: Now are the categories that the athlete is ranked in.
	StandingRestated struct {
		Ref
		StageID  uuid.UUID        `json:"stageId"`
		Now      []sport.Category `json:"now"`
		Not      []sport.Category `json:"not,omitempty"` // the challenge's others
		Standing *Standing        `json:"standing,omitempty"`
	}
	// EffortAccepted counts. Standing is the athlete's result on the stage after all that the command brought, here as in
	// the events below: a board moves once, not by way of what was true for an instant.
	EffortAccepted struct {
		Ref
		StageID uuid.UUID `json:"stageId"`
		Activity
		Performance
		Ranking
		Categories []sport.Category `json:"categories"`
		Standing   *Standing        `json:"standing,omitempty"` // nil while too few efforts have been added up
		Best       bool             `json:"best,omitempty"`     // it is the athlete's best on this stage so far
		// Where the effort needed review: who accepted it, and what they said.
		ReviewedBy string `json:"reviewedBy,omitempty"`
		Note       string `json:"note,omitempty" personal:""`
	}
	// EffortHeld needs review: it counts once the organiser has accepted it.
	EffortHeld struct {
		Ref
		StageID uuid.UUID `json:"stageId"`
		Activity
		Performance
		Detail string `json:"detail"`
	}
	// EffortRejected needed review, and is out for good, also when it is brought again.
	EffortRejected struct {
		Ref
		StageID    uuid.UUID `json:"stageId"`
		ActivityID uuid.UUID `json:"activityId"`
		EffortID   uuid.UUID `json:"effortId"`
		Note       string    `json:"note" personal:""`
		By         string    `json:"by"`
	}
	// EffortRefused does not count, and says why in words.
	EffortRefused struct {
		Ref
		StageID uuid.UUID `json:"stageId"`
		Activity
		Performance
		Code   string `json:"code"`
		Detail string `json:"detail"`
	}
	// EffortRemoved counted before. Standing is what is left on the stage, nil when nothing is.
	// A changed effort is removed and accepted (or refused) anew.
	EffortRemoved struct {
		Ref
		StageID    uuid.UUID        `json:"stageId"`
		ActivityID uuid.UUID        `json:"activityId"`
		EffortID   uuid.UUID        `json:"effortId"`
		Code       string           `json:"code"`               // left, excluded, activity_deleted, activity_changed, segment_changed, stage_final …
		Detail     string           `json:"detail" personal:""` // may quote the organiser's reason
		Categories []sport.Category `json:"categories"`
		Standing   *Standing        `json:"standing,omitempty"`
		Refill     bool             `json:"refill,omitempty"` // there is room now for an attempt that was one too many
	}
	// EffortFlagged is out for good, also when it is brought again.
	EffortFlagged struct {
		Ref
		StageID    uuid.UUID        `json:"stageId"`
		ActivityID uuid.UUID        `json:"activityId"`
		EffortID   uuid.UUID        `json:"effortId"`
		Reason     string           `json:"reason" personal:""`
		By         string           `json:"by"`
		Categories []sport.Category `json:"categories"`
		Standing   *Standing        `json:"standing,omitempty"`
		Refill     bool             `json:"refill,omitempty"` // there is room now for an attempt that was one too many
	}
)

func (Joined) EventType() string           { return "CompetitorJoined" }
func (Left) EventType() string             { return "CompetitorLeft" }
func (Excluded) EventType() string         { return "CompetitorExcluded" }
func (Limited) EventType() string          { return "CompetitorLimited" }
func (Allowed) EventType() string          { return "CompetitorAllowed" }
func (Reclassified) EventType() string     { return "CompetitorReclassified" }
func (StandingRestated) EventType() string { return "CompetitorStandingRestated" }
func (EffortAccepted) EventType() string   { return "EffortAccepted" }
func (EffortRefused) EventType() string    { return "EffortRefused" }
func (EffortRemoved) EventType() string    { return "EffortRemoved" }
func (EffortHeld) EventType() string       { return "EffortHeld" }
func (EffortRejected) EventType() string   { return "EffortRejected" }
func (EffortFlagged) EventType() string    { return "EffortFlagged" }

// Person is whose the personal fields are.
func (r Ref) Person() uuid.UUID { return r.AthleteID }

func (Joined) competitorEvent()           {}
func (Left) competitorEvent()             {}
func (Excluded) competitorEvent()         {}
func (Limited) competitorEvent()          {}
func (Allowed) competitorEvent()          {}
func (Reclassified) competitorEvent()     {}
func (StandingRestated) competitorEvent() {}
func (EffortAccepted) competitorEvent()   {}
func (EffortRefused) competitorEvent()    {}
func (EffortRemoved) competitorEvent()    {}
func (EffortHeld) competitorEvent()       {}
func (EffortRejected) competitorEvent()   {}
func (EffortFlagged) competitorEvent()    {}

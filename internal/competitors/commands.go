package competitors

import (
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/sport"
)

// Command is what a competitor (one athlete in one challenge) can be asked.
//
//sumtype:decl
type Command interface {
	competitorCommand()
	Target() uuid.UUID
	Actor() actor.Actor
	At() time.Time
	Whose() (challenge, athlete uuid.UUID)
}

// Head is on every command. The stream's id is IDOf(ChallengeID, AthleteID).
type Head struct {
	ChallengeID uuid.UUID
	AthleteID   uuid.UUID
	By          actor.Actor
	Now         time.Time
}

// Terms is what joining and policing need of the challenge and its club; dispatch fills it in.
type Terms struct {
	Status      sport.Status
	OrganiserID uuid.UUID
	Restricted  bool // to members of the hosting club
	ClubMember  bool // the athlete is one
	Categories  []sport.Category
	Gender      sport.Gender // the athlete's
	Age         int          // the athlete's, on the day on which the challenge starts; 0: undisclosed
	Forgotten   bool         // the athlete has deleted their account: they stay what they were
}

// Rules is what accepting an effort needs of the stage and the challenge; dispatch fills it in.
type Rules struct {
	StageID         uuid.UUID
	OrganiserID     uuid.UUID
	Type            sport.StageType
	Status          sport.Status
	ChallengeStatus sport.Status
	Window          sport.Window
	Included        []sport.ActivityType // none: every type
	AllowPrivate    bool
	Precision       int64             // values are ranked in these units: 1000 ms, or 100 ms where tenths count
	Goal            float64           // race: metres that the track must cover
	Result          sport.StageResult // how efforts become the athlete's result; the zero value is the best one
	Admission       sport.Admission
	Closes          time.Time // the moment at which the stage's window ends, from which the time for uploads runs
}

// Activity is what an effort's acceptance depends on of the activity that holds it.
type Activity struct {
	ID         uuid.UUID          `json:"activityId"`
	Type       sport.ActivityType `json:"activityType"`
	StartLocal sport.Local        `json:"-"` // the activity's own start, by the athlete's clock
	Private    bool               `json:"private,omitempty"`
	Manual     bool               `json:"manual,omitempty"`   // no track behind it
	Source     string             `json:"source"`             // file, manual, strava …
	BroughtAt  time.Time          `json:"broughtAt,omitzero"` // when it was recorded: deleted and brought again, it is judged again
}

// Performance is one traversal of a segment, or what a whole activity brought to an activity stage.
type Performance struct {
	EffortID      uuid.UUID   `json:"effortId"` // derived from activity, stage and lap
	Lap           int         `json:"lap"`      // 1, 2, 3 … within the activity
	StartUTC      time.Time   `json:"startUtc"`
	StartLocal    sport.Local `json:"startLocal"`
	ElapsedMs     int64       `json:"elapsedMs"`
	MovingMs      int64       `json:"movingMs,omitempty"`
	DistanceM     float64     `json:"distance,omitempty"`      // metres
	GainM         float64     `json:"elevationGain,omitempty"` // metres
	HeartRate     float64     `json:"averageHeartRate,omitempty" personal:""`
	Power         float64     `json:"averagePower,omitempty" personal:""`
	Quality       string      `json:"quality,omitempty"`     // the segment engine's grade
	NeedsReview   bool        `json:"needsReview,omitempty"` // a part went unrecorded: the organiser has to look at it
	UncertaintyMs int64       `json:"uncertaintyMs,omitempty"`
	Method        int         `json:"method,omitempty"` // the segment engine's version
}

type (
	// Join enters the challenge; again joined, nothing happens.
	Join struct {
		Head
		Terms Terms
	}
	// Leave takes the athlete out, and their efforts on stages that are still running.
	Leave struct {
		Head
		Terms Terms
		Over  []uuid.UUID // stages that have ended: what was ridden there stays; dispatch fills it in
	}
	// Exclude throws the athlete out, with a reason; they can't rejoin.
	Exclude struct {
		Head
		Terms  Terms
		Reason string
		Final  []uuid.UUID // stages that are approved; dispatch fills it in
	}
	// Limit lets the athlete ride on but score no points, with a reason.
	Limit struct {
		Head
		Terms  Terms
		Reason string
	}
	// Allow undoes Limit or Exclude.
	Allow struct {
		Head
		Terms Terms
	}
	// RecordEfforts brings what one activity holds for one stage: all of it, so that what an earlier call brought and this
	// one doesn't is removed. Each performance is accepted or refused by itself.
	RecordEfforts struct {
		Head
		Terms        Terms
		Rules        Rules
		Activity     Activity
		Performances []Performance
	}
	// RecordByHand is the organiser's own entry.
	RecordByHand struct {
		Head
		Terms       Terms
		Rules       Rules
		Activity    Activity
		Performance Performance
	}
	// RemoveActivity takes the efforts of a deleted activity out of stages that aren't approved (Final lists those that are).
	RemoveActivity struct {
		Head
		ActivityID uuid.UUID
		Final      []uuid.UUID
	}
	// RemoveEffort takes one out with a reason, such as a board that turned out to be final.
	RemoveEffort struct {
		Head
		EffortID     uuid.UUID
		Code, Detail string
	}
	// ClearStage takes all efforts on a stage out, because its segment changed.
	ClearStage struct {
		Head
		StageID uuid.UUID
	}
	// FlagEffort takes an effort out for good, with a reason.
	FlagEffort struct {
		Head
		Rules    Rules
		EffortID uuid.UUID
		Reason   string
	}
	// AcceptEffort lets an effort that needs review count. The note is for the athlete, and may be empty.
	AcceptEffort struct {
		Head
		Terms    Terms
		Rules    Rules
		EffortID uuid.UUID
		Note     string
	}
	// RejectEffort takes an effort that needs review out for good, with a note that says why.
	RejectEffort struct {
		Head
		Rules    Rules
		EffortID uuid.UUID
		Note     string
	}
	// Restate says again where the athlete stands on a stage that was reopened: its boards may have missed something while
	// they were final.
	Restate struct {
		Head
		Terms   Terms
		StageID uuid.UUID
	}
	// Reclassify follows a disclosed gender or year of birth, or another year of the challenge's start: the athlete's
	// categories are now these.
	Reclassify struct {
		Head
		Terms Terms
	}
)

func (Join) competitorCommand()           {}
func (Leave) competitorCommand()          {}
func (Exclude) competitorCommand()        {}
func (Limit) competitorCommand()          {}
func (Allow) competitorCommand()          {}
func (RecordEfforts) competitorCommand()  {}
func (RecordByHand) competitorCommand()   {}
func (RemoveActivity) competitorCommand() {}
func (RemoveEffort) competitorCommand()   {}
func (ClearStage) competitorCommand()     {}
func (FlagEffort) competitorCommand()     {}
func (AcceptEffort) competitorCommand()   {}
func (RejectEffort) competitorCommand()   {}
func (Restate) competitorCommand()        {}
func (Reclassify) competitorCommand()     {}

// IDOf names the stream of one athlete in one challenge.
func IDOf(challenge, athlete uuid.UUID) uuid.UUID {
	return uuid.NewSHA1(challenge, athlete[:])
}

// EffortIDOf names an effort by what it is, so that the same lap of the same activity is the same effort whenever it is found.
func EffortIDOf(stage, activity uuid.UUID, lap int) uuid.UUID {
	return uuid.NewSHA1(stage, append(activity[:], byte(lap>>8), byte(lap)))
}

// Target is the aggregate a command is for; Actor is who asks, and At when.
func (h Head) Target() uuid.UUID  { return IDOf(h.ChallengeID, h.AthleteID) }
func (h Head) Actor() actor.Actor { return h.By }
func (h Head) At() time.Time      { return h.Now }

// Whose names the challenge and the athlete.
func (h Head) Whose() (challenge, athlete uuid.UUID) { return h.ChallengeID, h.AthleteID }

package notices

import (
	"maps"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

// Audience is whom a notice is for.
type Audience string

const (
	ToAthlete     Audience = "athlete"     // the one it names
	ToOrganiser   Audience = "organiser"   // of the challenge
	ToCompetitors Audience = "competitors" // all who are in the challenge when it is due
)

// How long notices wait. What is told of a lost place is true for longer than the minutes in which a group of friends
// uploads its rides one after the other; who creates a challenge needs some time to fill it in before being reminded.
const (
	LostPlaceWait = 15 * time.Minute
	HostWait      = time.Hour
	Oldest        = 2 * time.Hour // after it was due: a mail that couldn't be sent by then says nothing new
)

// Notice is something to be told.
type Notice struct {
	Kind        athletes.Notification
	Audience    Audience
	AthleteID   uuid.UUID // of ToAthlete
	ChallengeID uuid.UUID
	StageID     uuid.UUID // uuid.Nil where it is about the challenge
	// Lost has the rank that an athlete had before the first loss, by category.
	Lost       map[sport.Category]int
	HappenedAt time.Time // the first event in it
	DueAt      time.Time
}

// Events are those that Of answers to.
var Events = []interface{ EventType() string }{
	challenges.Created{}, challenges.ResultsPublished{}, stages.Started{}, stages.Ended{}, stages.Published{}, stageboard.Placed{},
}

// Of says what is to be told because of an event, which happened at a moment.
func Of(event any, at time.Time) []Notice {
	switch e := event.(type) {
	case challenges.Created:
		return one(athletes.HostChallenge, ToOrganiser, e.ChallengeID, uuid.Nil, at, HostWait)
	case challenges.ResultsPublished:
		return one(athletes.ResultsPublished, ToCompetitors, e.ChallengeID, uuid.Nil, at, 0)
	case stages.Started:
		return one(athletes.StageStarted, ToCompetitors, e.ChallengeID, e.StageID, at, 0)
	case stages.Ended:
		return one(athletes.ApproveStage, ToOrganiser, e.ChallengeID, e.StageID, at, 0)
	case stages.Published:
		return one(athletes.ResultsPublished, ToCompetitors, e.ChallengeID, e.StageID, at, 0)
	case stageboard.Placed:
		return lost(e, at)
	}
	return nil
}

func one(kind athletes.Notification, to Audience, challenge, stage uuid.UUID, at time.Time, wait time.Duration) []Notice {
	return []Notice{{Kind: kind, Audience: to, ChallengeID: challenge, StageID: stage, HappenedAt: at, DueAt: at.Add(wait)}}
}

// maxPlace is the last place that a loss is noted of: no league has a longer table of points, and on a board of thousands
// nobody wants to hear of each rank. How many places score on a stage is known when the notice is due.
const maxPlace = 100

func lost(e stageboard.Placed, at time.Time) []Notice {
	var out []Notice
	for i, athlete := range e.Passed {
		if i >= len(e.PassedFrom) || e.PassedFrom[i] > maxPlace { // the former: an event of the first version
			break
		}
		out = append(out, Notice{Kind: athletes.LostPlace, Audience: ToAthlete, AthleteID: athlete, ChallengeID: e.ChallengeID,
			StageID: e.StageID, Lost: map[sport.Category]int{e.Category: e.PassedFrom[i]}, HappenedAt: at, DueAt: at.Add(LostPlaceWait)})
	}
	return out
}

// Merge joins a loss to an earlier one of the same athlete on the same stage that waits: the first rank of each category
// and the first moment stay.
func Merge(earlier, later Notice) Notice {
	merged := maps.Clone(later.Lost)
	maps.Copy(merged, earlier.Lost)
	earlier.Lost = merged
	return earlier
}

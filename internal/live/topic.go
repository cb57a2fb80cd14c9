package live

import (
	"encoding/json"
	"strings"

	"github.com/google/uuid"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/challengeboard"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/refusal"
)

// Kind is what a topic is about.
type Kind string

const (
	StageBoards    Kind = "stage-board"    // the leaderboards of stages, one topic a stage and category
	Standings      Kind = "standings"      // all classifications of a challenge, one topic a challenge and category
	ChallengeFeeds Kind = "challenge-feed" // what happens in a challenge
	StageFeeds     Kind = "stage-feed"     // on a stage
	AthleteFeeds   Kind = "athlete-feed"   // to an athlete, as far as everybody may know
)

// kinds that a page can watch by name; true where they have a category.
var kinds = map[Kind]bool{StageBoards: true, Standings: true, ChallengeFeeds: false, StageFeeds: false, AthleteFeeds: false}

// Topic is one thing that is watched.
type Topic struct {
	Kind     Kind
	ID       uuid.UUID // of the stage, challenge or athlete
	Category string    // "Open"
	Imperial bool      // written in miles and feet
}

// String is how an address names a topic, apart from its units: challenge-feed/ID, stage-board/ID/Open.
func (t Topic) String() string {
	s := string(t.Kind) + "/" + t.ID.String()
	if t.Category != "" {
		s += "/" + t.Category
	}
	return s
}

// parseTopic is the inverse of String.
func parseTopic(s string) (Topic, error) {
	kind, rest, _ := strings.Cut(s, "/")
	name, category, _ := strings.Cut(rest, "/")
	id, err := uuid.Parse(name)
	categorised, known := kinds[Kind(kind)]
	if !known || err != nil || categorised != (category != "") {
		return Topic{}, refusal.Of(refusal.Malformed, "topic_unknown", "There is no such thing to watch.")
	}
	return Topic{Kind: Kind(kind), ID: id, Category: category}, nil
}

// inUnits are the topics that a change of t changes: it is written in each kind of units for those who read them.
func (t Topic) inUnits() [2]Topic {
	metric, imperial := t, t
	metric.Imperial, imperial.Imperial = false, true
	return [2]Topic{metric, imperial}
}

// StageBoard is the topic of a stage's board in one category.
func StageBoard(stage uuid.UUID, category string) Topic {
	return Topic{Kind: StageBoards, ID: stage, Category: category}
}

// StandingsOf is the topic of a challenge's standings in one category.
func StandingsOf(challenge uuid.UUID, category string) Topic {
	return Topic{Kind: Standings, ID: challenge, Category: category}
}

// Frame is a topic as it stands: what all its watchers are sent.
type Frame struct {
	Version int64  // position in the log of the topic's last change; never goes down
	HTML    []byte // for pages
	JSON    []byte // for API clients
}

// boardTypes are the event types that change boards.
var boardTypes = func() (names []string) {
	for _, e := range stageboard.Events {
		names = append(names, e.EventType())
	}
	for _, e := range challengeboard.Events {
		names = append(names, e.EventType())
	}
	return names
}()

// feedsOf are the feeds that may tell of an event: those of what its ids name. It needn't be decoded for that; a feed that
// tells nothing of it after all is read for nothing.
func feedsOf(recorded eventstore.Recorded) []Topic {
	var of struct{ ChallengeID, StageID, AthleteID uuid.UUID }
	if json.Unmarshal(recorded.Data, &of) != nil {
		return nil
	}
	var topics []Topic
	for _, t := range []Topic{{Kind: ChallengeFeeds, ID: of.ChallengeID}, {Kind: StageFeeds, ID: of.StageID}, {Kind: AthleteFeeds, ID: of.AthleteID}} {
		if t.ID != uuid.Nil {
			topics = append(topics, t)
		}
	}
	return topics
}

// boardsOf are the boards that an event changes: a stage's own, and the standings of its challenge.
func boardsOf(event eventstore.Event) []Topic {
	switch e := event.(type) {
	case stageboard.Event:
		ref := refOf(e)
		return []Topic{StageBoard(ref.StageID, string(ref.Category)), StandingsOf(ref.ChallengeID, string(ref.Category))}
	case challengeboard.Event:
		ref := standingsOf(e)
		return []Topic{StandingsOf(ref.ChallengeID, string(ref.Category))}
	}
	return nil
}

func standingsOf(e challengeboard.Event) challengeboard.Ref {
	switch e := e.(type) {
	case challengeboard.Opened:
		return e.Ref
	case challengeboard.SchemeSet:
		return e.Ref
	case challengeboard.StageScored:
		return e.Ref
	case challengeboard.PointsGiven:
		return e.Ref
	case challengeboard.PointsTaken:
		return e.Ref
	case challengeboard.StageCorrected:
		return e.Ref
	case challengeboard.StageReopened:
		return e.Ref
	case challengeboard.PointsAdjusted:
		return e.Ref
	case challengeboard.AthleteLimited:
		return e.Ref
	case challengeboard.AthleteAllowed:
		return e.Ref
	case challengeboard.Finalised:
		return e.Ref
	case challengeboard.Reopened:
		return e.Ref
	case challengeboard.GoalsAchieved:
		return e.Ref
	}
	return challengeboard.Ref{}
}

func refOf(e stageboard.Event) stageboard.Ref {
	switch e := e.(type) {
	case stageboard.Opened:
		return e.Ref
	case stageboard.Placed:
		return e.Ref
	case stageboard.Withdrawn:
		return e.Ref
	case stageboard.Finalised:
		return e.Ref
	case stageboard.Reopened:
		return e.Ref
	}
	return stageboard.Ref{}
}

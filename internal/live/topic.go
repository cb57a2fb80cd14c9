package live

import (
	"github.com/google/uuid"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/stageboard"
)

// Kind is what a topic is about.
type Kind string

// StageBoards are the leaderboards of stages, one topic a stage and category.
const StageBoards Kind = "stage-board"

// Topic is one thing that is watched.
type Topic struct {
	Kind     Kind
	ID       uuid.UUID // of the stage
	Category string    // "Open"
	Imperial bool      // written in miles and feet
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

// Frame is a topic as it stands: what all its watchers are sent.
type Frame struct {
	Version int64  // position in the log of the topic's last change; never goes down
	HTML    []byte // for pages
	JSON    []byte // for API clients
}

// eventTypes are those that change a topic.
var eventTypes = func() (names []string) {
	for _, e := range stageboard.Events {
		names = append(names, e.EventType())
	}
	return names
}()

// topicOf is the topic that an event changes; false for events that change none.
func topicOf(event eventstore.Event) (Topic, bool) {
	e, ok := event.(stageboard.Event)
	if !ok {
		return Topic{}, false
	}
	ref := refOf(e)
	return StageBoard(ref.StageID, string(ref.Category)), true
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
	}
	return stageboard.Ref{}
}

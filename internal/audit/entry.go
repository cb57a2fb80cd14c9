package audit

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// Outcome is what became of a command. Stored words are for ever.
type Outcome string

const (
	Done         Outcome = "done"         // its events are in the log, or it changed nothing
	Refused      Outcome = "refused"      // a rule said no
	Invalid      Outcome = "invalid"      // it can't be taken as it is: a field's value, no target, an event too large
	Unregistered Outcome = "unregistered" // no aggregate takes it
	Conflicted   Outcome = "conflicted"   // others kept changing the same
	Panicked     Outcome = "panicked"     // a mistake in the program
	TimedOut     Outcome = "timed_out"    // it took too long
	Failed       Outcome = "failed"       // anything else, such as a database that can't be reached, or a caller who left
)

// Outcomes lists all.
var Outcomes = []Outcome{Done, Refused, Invalid, Unregistered, Conflicted, Panicked, TimedOut, Failed}

// Troubles are the outcomes that somebody should look at.
var Troubles = []Outcome{Unregistered, Conflicted, Panicked, TimedOut, Failed}

// Entry is one command.
type Entry struct {
	ID            uuid.UUID       // UUIDv7; zero in Record: given there
	At            time.Time       // when it was answered, by the clock of the node; zero in Record: now
	CommandID     uuid.UUID       // zero: none was given
	Type          string          // challenges.Approve
	Target        uuid.UUID       // the aggregate's id; zero: it named none
	Challenge     uuid.UUID       // that the decision was about; zero for what only follows from others, or concerns none
	Actor         string          // an athlete's id, "system" or "visitor"
	CorrelationID uuid.UUID       // shared by all that follows from one click, upload or schedule
	CausationID   uuid.UUID       // the event that the command is a reaction to; zero: none
	Outcome       Outcome         //
	Code          string          // of the refusal, such as challenge_not_active; "duplicate" for a command carried out before
	Detail        string          // in words, when it was not done
	Took          time.Duration   // stored in microseconds
	First, Last   int64           // positions of its events; 0: it changed nothing
	Fields        json.RawMessage // what it asked for, as Fields leaves it; an object
}

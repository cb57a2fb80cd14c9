package eventstore

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// Event is what a domain package's events are: a value with a literal, eternal type name.
type Event interface{ EventType() string }

// Meta is what a command passes on to the events it causes.
type Meta struct {
	CommandID     uuid.UUID // event ids derive from it (UUIDv5), so the same command appends once; zero: fresh ids
	CorrelationID uuid.UUID // the whole chain of causes: one per form post, upload or schedule
	CausationID   uuid.UUID // the event (or command) that directly caused this
	Actor         string    // who: an athlete's id, "system", "visitor"
	Now           time.Time // the command's time; becomes the event's time
	Extra         map[string]string
}

// NewEvent is an event on its way into the log, already encoded.
type NewEvent struct {
	ID            uuid.UUID // zero: the store gives a UUIDv7
	Type          string
	SchemaVersion int             // 0 counts as 1
	Data          json.RawMessage // an object
	Metadata      json.RawMessage // an object, or nil
	CorrelationID uuid.UUID
	CausationID   uuid.UUID
	Actor         string
	Time          time.Time // zero: the store's clock
}

// Recorded is an event in the log.
type Recorded struct {
	Position      int64 // 1, 2, 3 … over the whole log, in commit order, without gaps
	ID            uuid.UUID
	Stream        string // "challenge-0197…": category, dash, id
	Version       int64  // 1, 2, 3 … within its stream
	Type          string
	SchemaVersion int
	Data          json.RawMessage
	Metadata      json.RawMessage
	CorrelationID uuid.UUID
	CausationID   uuid.UUID
	Actor         string
	Time          time.Time
}

// TraceparentKey is the name in metadata under which an event carries its command's place in a trace. It is that of W3C
// Trace Context.
const TraceparentKey = "traceparent"

// Traceparent is the place in a trace of the command that caused the event, as it was written; "" when none was.
func (r Recorded) Traceparent() string {
	if !bytes.Contains(r.Metadata, []byte(TraceparentKey)) { // most of the time, and much faster
		return ""
	}
	var metadata map[string]any
	if err := json.Unmarshal(r.Metadata, &metadata); err != nil {
		return ""
	}
	parent, _ := metadata[TraceparentKey].(string)
	return parent
}

// Write is what one Append puts on one stream.
type Write struct {
	Stream string
	Expect Expected
	Events []NewEvent
}

// Result says where an append ended. Appending the same event ids again answers with the first result.
type Result struct {
	First, Last int64            // positions of the first and last event of the call
	Versions    map[string]int64 // the version each stream reached
	Duplicate   bool             // the events were there already
}

// Expected is the state of a stream that an append insists on. The zero value is Any.
type Expected int64

const (
	Any          Expected = 0  // whatever it is
	NoStream     Expected = -1 // must not exist
	StreamExists Expected = -2 // must have at least one event
)

// Exact expects exactly this version; 0 means that the stream does not exist.
func Exact(version int64) Expected {
	if version == 0 {
		return NoStream
	}
	return Expected(version)
}

// StreamName joins a category and an id.
func StreamName(category string, id uuid.UUID) string { return category + "-" + id.String() }

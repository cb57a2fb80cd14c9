package eventstore

import (
	"errors"
	"fmt"
)

// What the store says no with; compare with errors.Is. The texts around them name stream, event and position.
var (
	// ErrConflict: a stream is not at the version that the append expects. It comes as a *ConflictError.
	ErrConflict = errors.New("the stream is at another version than expected")
	// ErrStreamNotFound: a stream without events was read.
	ErrStreamNotFound = errors.New("there is no such stream")
	// ErrStreamDeleted: a stream that DeleteStream has closed was read or appended to.
	ErrStreamDeleted = errors.New("the stream was deleted")
	// ErrStreamErased: a stream can't be restored, its events have left the log.
	ErrStreamErased = errors.New("the stream was erased")
	// ErrEraseRefused: the store was opened without Options.AllowErase.
	ErrEraseRefused = errors.New("erasing is not allowed here")
	// ErrDuplicateEvent: an event id is in the log already, on another stream or with other content.
	ErrDuplicateEvent = errors.New("an event with this id is in the log already")
	// ErrUnknownType: nothing is registered under an event's type.
	ErrUnknownType = errors.New("unknown event type")
	// ErrInvalidEvent: the log can't take an event or stream name as it is. It mostly comes in an *EventError.
	ErrInvalidEvent = errors.New("the event can't be stored")
	// ErrInvalidRead: there is no such place to read from, or no such filter. It comes in a *ReadError.
	ErrInvalidRead = errors.New("this can't be read")
	// ErrNotRunning: Run has returned, so nobody is there to append.
	ErrNotRunning = errors.New("the event store has stopped")
	// ErrOutcomeUnknown: the connection broke while an append was under way, and the caller or the store gave up before
	// the database could be asked. Appending the same events (same ids) again tells.
	ErrOutcomeUnknown = errors.New("it is unknown whether the events were stored")
)

// ConflictError says what was expected of a stream and what was found. It is ErrConflict for errors.Is.
type ConflictError struct {
	Stream   string
	Expected Expected
	Actual   int64 // the version of the stream; 0 when there is none
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("stream %q: expected %s, but it is at version %d", e.Stream, e.Expected, e.Actual)
}

// Is makes every conflict ErrConflict.
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }

// EventError says which event of an append can't be stored, and why: it is ErrInvalidEvent or ErrDuplicateEvent for
// errors.Is.
type EventError struct {
	Stream string
	Index  int // of the event among the Of that were to go on the stream, from 1; 0: it is not about a single event
	Of     int
	Type   string // of the event
	Err    error
}

func (e *EventError) Error() string {
	if e.Index == 0 {
		return fmt.Sprintf("stream %.80q: %v", e.Stream, e.Err)
	}
	return fmt.Sprintf("stream %.80q, event %d of %d (%.80s): %v", e.Stream, e.Index, e.Of, e.Type, e.Err)
}

func (e *EventError) Unwrap() error { return e.Err }

// ReadError says what can't be read. It is ErrInvalidRead for errors.Is.
type ReadError struct {
	Stream string // "" for the whole log
	From   int64  // version or position where reading was to begin
	Err    error
}

func (e *ReadError) Error() string {
	if e.Stream == "" {
		return fmt.Sprintf("reading the log from position %d: %v", e.From, e.Err)
	}
	return fmt.Sprintf("reading stream %.80q from version %d: %v", e.Stream, e.From, e.Err)
}

func (e *ReadError) Unwrap() []error { return []error{ErrInvalidRead, e.Err} }

// DecodeError says which event could not be read as what its type says.
type DecodeError struct {
	Stream   string
	Position int64
	Type     string
	Err      error
}

func (e *DecodeError) Error() string {
	return fmt.Sprintf("event %d (%s) of stream %q can't be decoded: %v", e.Position, e.Type, e.Stream, e.Err)
}

func (e *DecodeError) Unwrap() error { return e.Err }

// String names an expectation in messages.
func (x Expected) String() string {
	switch x {
	case Any:
		return "any version"
	case NoStream:
		return "no stream"
	case StreamExists:
		return "an existing stream"
	}
	return fmt.Sprintf("version %d", int64(x))
}

// holds says whether a stream at this version meets the expectation.
func (x Expected) holds(version int64) bool {
	switch x {
	case Any:
		return true
	case NoStream:
		return version == 0
	case StreamExists:
		return version > 0
	}
	return int64(x) == version
}

package eventstore

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/google/uuid"
)

// line is an event as it is written into files, one JSON object a line. The names are a contract.
type line struct {
	Position      int64           `json:"position"`
	ID            uuid.UUID       `json:"id"`
	Stream        string          `json:"stream"`
	Version       int64           `json:"version"`
	Type          string          `json:"type"`
	SchemaVersion int             `json:"schemaVersion"`
	Data          json.RawMessage `json:"data"`
	Metadata      json.RawMessage `json:"metadata,omitempty"`
	CorrelationID uuid.UUID       `json:"correlationId,omitzero"`
	CausationID   uuid.UUID       `json:"causationId,omitzero"`
	Actor         string          `json:"actor,omitempty"`
	Time          time.Time       `json:"time"`
}

// WriteLines writes events as lines of JSON and says how many. What is sealed in them stays sealed; see Registry.Reveal.
func WriteLines(w io.Writer, events iter.Seq2[Recorded, error]) (n int64, err error) {
	buffered := bufio.NewWriterSize(w, 64<<10)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false) // data stays as it was stored
	for rec, err := range events {
		if err == nil {
			err = encoder.Encode(line(rec))
		}
		if err != nil {
			return n, errors.Join(err, buffered.Flush())
		}
		n++
	}
	return n, buffered.Flush()
}

// LineError says which line of a file is no event that the log can take. Stream and Position are what the line says of
// itself, as far as it can be read.
type LineError struct {
	Line     int64 // from 1
	Stream   string
	Position int64
	Err      error
}

func (e *LineError) Error() string {
	where := fmt.Sprintf("line %d", e.Line)
	if e.Stream != "" {
		where += fmt.Sprintf(", stream %.80q", e.Stream)
	}
	if e.Position != 0 {
		where += fmt.Sprintf(", position %d", e.Position)
	}
	return fmt.Sprintf("%s: %v", where, e.Err)
}

func (e *LineError) Unwrap() error { return e.Err }

// What is wrong with a line; the texts around them say more.
var (
	// ErrLine: it isn't the JSON object that WriteLines writes.
	ErrLine = errors.New("this is not an event as an export writes it")
	// ErrLineOrder: it doesn't follow the lines before. Lines are missing, or were moved.
	ErrLineOrder = errors.New("the event doesn't follow those before")
)

// maxLine bounds a line, in bytes: data and metadata of the size that Options.MaxEventBytes allows by default, escaped, fit.
const maxLine = 16 << 20

// ReadLines reads what WriteLines wrote. A line that is no event ends it with a *LineError, and so does the last one when
// its end is missing. Events are checked as Append checks them, and that positions go up, and the versions of a stream
// one by one.
func ReadLines(r io.Reader) iter.Seq2[Recorded, error] {
	return func(yield func(Recorded, error) bool) {
		in := bufio.NewReaderSize(r, 64<<10)
		order := lineOrder{versions: map[string]int64{}}
		for n := int64(1); ; n++ {
			text, err := readLine(in)
			if errors.Is(err, io.EOF) {
				return
			}
			var rec Recorded
			if err == nil {
				rec, err = parseLine(text)
			}
			if err == nil {
				err = order.check(rec)
			}
			if err != nil {
				yield(rec, &LineError{Line: n, Stream: rec.Stream, Position: rec.Position, Err: err})
				return
			}
			if !yield(rec, nil) {
				return
			}
		}
	}
}

// readLine gives the next line without its end; io.EOF behind the last one.
func readLine(in *bufio.Reader) ([]byte, error) {
	var whole []byte
	for {
		part, err := in.ReadSlice('\n')
		whole = append(whole, part...)
		switch {
		case len(whole) > maxLine:
			return nil, fmt.Errorf("%w: it is longer than %d bytes", ErrLine, maxLine)
		case err == nil:
			return whole[:len(whole)-1], nil
		case errors.Is(err, io.EOF) && len(whole) > 0:
			return nil, fmt.Errorf("%w: its end is missing, the file was cut off", ErrLine)
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
	}
}

func parseLine(text []byte) (Recorded, error) {
	var l line
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&l); err != nil {
		return Recorded(l), fmt.Errorf("%w: %w", ErrLine, err)
	}
	if decoder.InputOffset() != int64(len(bytes.TrimRight(text, " \t\r"))) {
		return Recorded(l), fmt.Errorf("%w: something follows it", ErrLine)
	}
	rec := Recorded(l)
	rec.Time = rec.Time.UTC().Truncate(time.Microsecond)
	return rec, rec.check()
}

// check says whether the log can take an event of a file.
func (e Recorded) check() error {
	switch {
	case e.ID == uuid.Nil:
		return fmt.Errorf("%w: it has no id", ErrLine)
	case e.Version < 1 || e.Position < 1:
		return fmt.Errorf("%w: position %d, version %d", ErrLine, e.Position, e.Version)
	case e.SchemaVersion < 1:
		return fmt.Errorf("%w: schema version %d", ErrLine, e.SchemaVersion)
	case e.Time.IsZero():
		return fmt.Errorf("%w: it has no time", ErrLine)
	}
	err := checkName("stream name", e.Stream)
	if err == nil {
		err = checkEvent(NewEvent{Type: e.Type, SchemaVersion: e.SchemaVersion, Data: e.Data, Metadata: e.Metadata, Actor: e.Actor, Time: e.Time}, maxLine)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInvalidEvent, err)
	}
	return nil
}

// lineOrder knows what has come before.
type lineOrder struct {
	position int64
	versions map[string]int64
}

func (o *lineOrder) check(e Recorded) error {
	last, known := o.versions[e.Stream]
	switch {
	case e.Position <= o.position:
		return fmt.Errorf("%w: position %d comes behind %d", ErrLineOrder, e.Position, o.position)
	case known && e.Version != last+1:
		return fmt.Errorf("%w: version %d of the stream comes behind %d", ErrLineOrder, e.Version, last)
	}
	o.position, o.versions[e.Stream] = e.Position, e.Version
	return nil
}

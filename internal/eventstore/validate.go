package eventstore

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxName bounds stream and type names, in bytes: an index entry has to stay below PostgreSQL's 2.7 kB.
const maxName = 512

func checkName(what, name string) error {
	switch {
	case name == "":
		return fmt.Errorf("the %s is empty", what)
	case len(name) > maxName:
		return fmt.Errorf("the %s %.40q… has %d bytes, at most %d are allowed", what, name, len(name), maxName)
	}
	return checkText(what, name)
}

// checkText says whether a column of text can hold it.
func checkText(what, text string) error {
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return fmt.Errorf("the %s %.80q is not text", what, text)
	}
	return nil
}

// maxAppendBytes bounds the data and metadata of one append; PostgreSQL takes messages of up to 1 GiB.
const maxAppendBytes = 256 << 20

func checkSize(writes []Write) error {
	events, size := 0, 0
	for _, w := range writes {
		events += len(w.Events)
		for i := range w.Events {
			size += len(w.Events[i].Data) + len(w.Events[i].Metadata)
		}
	}
	switch {
	case events == 0:
		return fmt.Errorf("%w: there is no event to append", ErrInvalidEvent)
	case size > maxAppendBytes:
		return fmt.Errorf("%w: %d events with %d bytes in one append, at most %d bytes are allowed", ErrInvalidEvent, events, size, maxAppendBytes)
	}
	return nil
}

// check says whether the stream and what is expected of it can be.
func (w Write) check() error {
	err := checkName("stream name", w.Stream)
	if err == nil && w.Expect < StreamExists {
		err = fmt.Errorf("it can't be at version %d", w.Expect)
	}
	if err != nil {
		return &EventError{Stream: w.Stream, Err: fmt.Errorf("%w: %w", ErrInvalidEvent, err)}
	}
	return nil
}

// checkEvent says whether PostgreSQL would take the event, so that one that it wouldn't never joins a batch.
func checkEvent(e NewEvent, maxBytes int) error {
	if err := checkName("event type", e.Type); err != nil {
		return err
	}
	switch year := e.Time.Year(); {
	case e.SchemaVersion < 0 || e.SchemaVersion > math.MaxInt32:
		return fmt.Errorf("its schema version is %d", e.SchemaVersion)
	case year < 1 || year > 9999: // what RFC 3339, and so JSON, can say
		return fmt.Errorf("its time is in the year %d", year)
	case len(e.Actor) > maxName:
		return fmt.Errorf("its actor %.40q… has %d bytes, at most %d are allowed", e.Actor, len(e.Actor), maxName)
	}
	if err := checkText("actor", e.Actor); err != nil {
		return err
	}
	if err := checkJSON(e.Data, maxBytes); err != nil {
		return fmt.Errorf("data %w", err)
	}
	if e.Metadata == nil {
		return nil
	}
	if err := checkJSON(e.Metadata, maxBytes); err != nil {
		return fmt.Errorf("metadata %w", err)
	}
	return nil
}

func checkJSON(data json.RawMessage, maxBytes int) error {
	switch {
	case len(data) > maxBytes:
		return fmt.Errorf("has %d bytes, at most %d are allowed", len(data), maxBytes)
	case !json.Valid(data):
		return errors.New("is not valid JSON")
	case !utf8.Valid(data):
		return errors.New("is not valid UTF-8")
	case bytes.TrimLeft(data, " \t\r\n")[0] != '{':
		return errors.New("is not a JSON object")
	}
	return checkEscapes(data)
}

// checkEscapes finds what valid JSON may say but PostgreSQL's text can't hold: \u0000 and lone halves of surrogate
// pairs. The column would take them, and each later ->> on them would fail.
func checkEscapes(data []byte) error {
	for {
		i := bytes.IndexByte(data, '\\')
		if i < 0 {
			return nil
		}
		data = data[i:]
		if data[1] != 'u' {
			data = data[2:]
			continue
		}
		r := unescape(data)
		data = data[6:]
		switch {
		case r == 0:
			return errors.New(`holds a NUL character (\u0000)`)
		case 0xDC00 <= r && r <= 0xDFFF:
			return errors.New("holds half of a surrogate pair")
		case 0xD800 <= r && r <= 0xDBFF:
			if !bytes.HasPrefix(data, []byte(`\u`)) || unescape(data)&^0x3FF != 0xDC00 {
				return errors.New("holds half of a surrogate pair")
			}
			data = data[6:]
		}
	}
}

// unescape reads the \uXXXX at the start of valid JSON text.
func unescape(data []byte) uint64 {
	r, _ := strconv.ParseUint(string(data[2:6]), 16, 32)
	return r
}

// check says whether the options make sense; name is what is wrong with the stream's name.
func (o ReadOptions) check(stream string, name error) error {
	err := name
	switch {
	case err != nil:
	case o.From < 0:
		err = fmt.Errorf("events are counted from 1, there is no %d", o.From)
	case o.Limit < 0:
		err = fmt.Errorf("a limit of %d events", o.Limit)
	default:
		err = o.Filter.check()
	}
	if err != nil {
		err = &ReadError{Stream: stream, From: o.From, Err: err}
	}
	return err
}

// check finds what PostgreSQL could not compare.
func (f Filter) check() error {
	for what, names := range map[string][]string{"event type": f.Types, "category": f.Categories, "stream name": f.Streams} {
		for _, name := range names {
			if err := checkText(what, name); err != nil {
				return err
			}
		}
	}
	return nil
}

package eventstore_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"segmentchallenge/internal/eventstore"
)

// Each of these events is the second of three on the second of two streams: the error must say so, and none is stored.
func TestBadEvents(t *testing.T) {
	t.Parallel()
	s := open(t)
	data := func(json string) eventstore.NewEvent {
		return eventstore.NewEvent{Type: "counted", Data: []byte(json)}
	}
	with := func(change func(*eventstore.NewEvent)) eventstore.NewEvent {
		e := event("counted", 2)
		change(&e)
		return e
	}
	fill := strings.Repeat("x", 1<<20)
	for name, c := range map[string]struct {
		event eventstore.NewEvent
		says  string
	}{
		"NUL":                {data(`{"a":"b\u0000c"}`), "data holds a NUL character"},
		"NUL in a key":       {data(`{"\u0000":1}`), "data holds a NUL character"},
		"NUL byte":           {data("{\"a\":\"\x00\"}"), "data is not valid JSON"},
		"half a surrogate":   {data(`{"a":"\ud83d"}`), "data holds half of a surrogate pair"},
		"not UTF-8":          {data("{\"a\":\"\xff\"}"), "data is not valid UTF-8"},
		"cut JSON":           {data(`{"n":`), "data is not valid JSON"},
		"two values":         {data(`{} {}`), "data is not valid JSON"},
		"an array":           {data(`[1]`), "data is not a JSON object"},
		"null":               {data(`null`), "data is not a JSON object"},
		"no data":            {data(``), "data is not valid JSON"},
		"oversized data":     {data(`{"a":"` + fill + `"}`), "data has 1048584 bytes, at most 1048576 are allowed"},
		"oversized metadata": {with(func(e *eventstore.NewEvent) { e.Metadata = []byte(`{"a":"` + fill + `"}`) }), "metadata has 1048584 bytes"},
		"bad metadata":       {with(func(e *eventstore.NewEvent) { e.Metadata = []byte(`7`) }), "metadata is not a JSON object"},
		"too deep":           {data(strings.Repeat(`{"a":`, 20_000) + `1` + strings.Repeat(`}`, 20_000)), "data is not valid JSON"},
		"no type":            {with(func(e *eventstore.NewEvent) { e.Type = "" }), "the event type is empty"},
		"long type":          {with(func(e *eventstore.NewEvent) { e.Type = fill }), "the event type"},
		"NUL in the type":    {with(func(e *eventstore.NewEvent) { e.Type = "a\x00" }), "is not text"},
		"negative schema":    {with(func(e *eventstore.NewEvent) { e.SchemaVersion = -1 }), "its schema version is -1"},
		"huge schema":        {with(func(e *eventstore.NewEvent) { e.SchemaVersion = math.MaxInt32 + 1 }), "its schema version is 2147483648"},
		"far future":         {with(func(e *eventstore.NewEvent) { e.Time = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC) }), "its time is in the year 10000"},
		"far past":           {with(func(e *eventstore.NewEvent) { e.Time = time.Date(-5000, 1, 1, 0, 0, 0, 0, time.UTC) }), "its time is in the year -5000"},
		"long actor":         {with(func(e *eventstore.NewEvent) { e.Actor = fill }), "its actor"},
		"actor not text":     {with(func(e *eventstore.NewEvent) { e.Actor = "\xff" }), "the actor"},
	} {
		_, err := s.Append(ctx(t), write("a-1", eventstore.Any, event("counted", 0)),
			write("b-1", eventstore.Any, event("counted", 1), c.event, event("counted", 3)))
		var bad *eventstore.EventError
		if !errors.As(err, &bad) || !errors.Is(err, eventstore.ErrInvalidEvent) || !strings.Contains(err.Error(), c.says) || len(err.Error()) > 500 {
			t.Errorf("%s: %.1000v", name, err)
			continue
		}
		if bad.Stream != "b-1" || bad.Index != 2 || bad.Of != 3 || bad.Type != c.event.Type {
			t.Errorf("%s: stream %s, event %d of %d", name, bad.Stream, bad.Index, bad.Of)
		}
	}
	if got := all(t, s, eventstore.ReadOptions{}); len(got) != 0 {
		t.Errorf("the log has %v", positions(got))
	}
}

func TestBadStreams(t *testing.T) {
	t.Parallel()
	s := open(t)
	for name, w := range map[string]eventstore.Write{
		"no name":        write("", eventstore.Any, event("counted", 1)),
		"10,000 bytes":   write(strings.Repeat("x", 10_000), eventstore.Any, event("counted", 1)),
		"NUL":            write("a\x00b", eventstore.Any, event("counted", 1)),
		"not UTF-8":      write("a\xff", eventstore.Any, event("counted", 1)),
		"odd version":    write("a-1", -7, event("counted", 1)),
		"bad and empty":  write("a\x00b", eventstore.Any),
		"twice the same": write("a-1", eventstore.Any, eventstore.NewEvent{ID: uuid.Max, Type: "t", Data: []byte(`{}`)}, eventstore.NewEvent{ID: uuid.Max, Type: "t", Data: []byte(`{}`)}),
	} {
		_, err := s.Append(ctx(t), write("good", eventstore.Any, event("counted", 0)), w)
		var bad *eventstore.EventError
		if !errors.As(err, &bad) || bad.Stream != w.Stream || len(err.Error()) > 500 {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if duplicate := name == "twice the same"; errors.Is(err, eventstore.ErrDuplicateEvent) != duplicate || errors.Is(err, eventstore.ErrInvalidEvent) == duplicate {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := all(t, s, eventstore.ReadOptions{}); len(got) != 0 {
		t.Errorf("the log has %v", positions(got))
	}
}

func TestBadReads(t *testing.T) {
	t.Parallel()
	s := open(t)
	appended(t, s, write("a-1", eventstore.Any, event("counted", 1)))
	nul := []string{"a\x00"}
	for name, c := range map[string]struct {
		stream string
		opts   eventstore.ReadOptions
	}{
		"negative position": {"", eventstore.ReadOptions{From: -1}},
		"negative version":  {"a-1", eventstore.ReadOptions{From: -1, Backward: true}},
		"negative limit":    {"a-1", eventstore.ReadOptions{Limit: -1}},
		"type":              {"", eventstore.ReadOptions{Filter: eventstore.Filter{Types: nul}}},
		"category":          {"a-1", eventstore.ReadOptions{From: 3, Filter: eventstore.Filter{Categories: nul}}},
		"stream":            {"", eventstore.ReadOptions{Filter: eventstore.Filter{Streams: []string{"a-1", "\xff"}}}},
		"name":              {"a\x00", eventstore.ReadOptions{}},
		"long name":         {strings.Repeat("x", 10_000), eventstore.ReadOptions{}},
	} {
		var err error
		if c.stream == "" {
			for _, err = range s.ReadAll(ctx(t), c.opts) {
			}
		} else {
			_, err = failure(t, s, c.stream, c.opts)
		}
		var bad *eventstore.ReadError
		if !errors.As(err, &bad) || !errors.Is(err, eventstore.ErrInvalidRead) || bad.Stream != c.stream || bad.From != c.opts.From || len(err.Error()) > 500 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.StreamInfo(ctx(t), "a\x00"); !errors.Is(err, eventstore.ErrInvalidRead) {
		t.Error(err)
	}
	bad := eventstore.Filter{Types: nul}
	if err := s.Follow(ctx(t), 0, bad, nil); !errors.Is(err, eventstore.ErrInvalidRead) {
		t.Error(err)
	}
	if err := s.RunProjection(ctx(t), eventstore.Projection{Name: "p", Filter: bad}); !errors.Is(err, eventstore.ErrInvalidRead) {
		t.Error(err)
	}
	if err := s.RunHandler(ctx(t), eventstore.HandlerSubscription{Name: "h", Filter: bad}); !errors.Is(err, eventstore.ErrInvalidRead) {
		t.Error(err)
	}
}

// What nobody has registered can be stored, since the log outlives programs, but who decodes it hears where it is.
func TestUnknownTypeNamesItsPlace(t *testing.T) {
	t.Parallel()
	s := open(t)
	appended(t, s, write("a-1", eventstore.Any, event("counted", 1), event("nobody", 2)))
	_, err := s.Registry().Decode(stream(t, s, "a-1")[1])
	want := &eventstore.DecodeError{Stream: "a-1", Position: 2, Type: "nobody", Err: errors.Unwrap(err)}
	var got *eventstore.DecodeError
	if !errors.As(err, &got) || *got != *want || !errors.Is(err, eventstore.ErrUnknownType) {
		t.Error(cmp.Diff(want, got), err)
	}
}

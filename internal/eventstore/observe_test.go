package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
)

// told notes what an observer is told.
type told struct {
	mu    sync.Mutex
	lines []string
}

func (o *told) say(form string, args ...any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lines = append(o.lines, fmt.Sprintf(form, args...))
}

// of lists what was said about something.
func (o *told) of(word string) (lines []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, line := range o.lines {
		if strings.HasPrefix(line, word) {
			lines = append(lines, strings.TrimPrefix(line, word+" "))
		}
	}
	return lines
}

func (o *told) observer() eventstore.Observer {
	type key struct{}
	return eventstore.Observer{
		Append: func(_ context.Context, events int) func(eventstore.Result, error) {
			return func(r eventstore.Result, err error) {
				o.say("append %d: %d %v %v", events, r.Last, r.Duplicate, errors.Is(err, eventstore.ErrConflict))
			}
		},
		Batch: func(requests, events int, took time.Duration, err error) {
			o.say("batch %d %d %v %v", requests, events, took > 0, err)
		},
		Project: func(ctx context.Context, name string, events []eventstore.Recorded) (context.Context, func(error)) {
			return context.WithValue(ctx, key{}, name), func(err error) { o.say("project %s %d %v", name, len(events), err) }
		},
		Handle: func(ctx context.Context, name string, e eventstore.Recorded) (context.Context, func(error)) {
			try := eventstore.Attempt(ctx)
			return context.WithValue(ctx, key{}, name), func(err error) { o.say("handle %s %d try %d %v", name, e.Position, try, err) }
		},
	}
}

func TestObserverIsToldWhatHappens(t *testing.T) {
	o := &told{}
	s := run(t, postgrestest.New(t), eventstore.Options{Observer: o.observer()})
	appended(t, s, write("a-1", eventstore.NoStream, counted(1, 3)...))
	if _, err := s.Append(ctx(t), write("a-1", eventstore.NoStream, counted(1, 1)...)); !errors.Is(err, eventstore.ErrConflict) {
		t.Fatal(err)
	}
	if _, err := s.Append(ctx(t), write("a-1", eventstore.Any, eventstore.NewEvent{})); err == nil {
		t.Fatal("an event without a type")
	}
	failures := 1
	inBackground(t, func(ctx context.Context) error {
		return s.RunProjection(ctx, eventstore.Projection{Name: "table", Apply: func(context.Context, pgx.Tx, []eventstore.Recorded) error {
			if failures--; failures >= 0 {
				return errors.New("no room")
			}
			return nil
		}})
	})
	inBackground(t, func(ctx context.Context) error {
		return s.RunHandler(ctx, eventstore.HandlerSubscription{Name: "mail", Retry: eventstore.Backoff{First: time.Millisecond},
			Handle: func(ctx context.Context, e eventstore.Recorded) error {
				if e.Position == 2 && eventstore.Attempt(ctx) < 3 {
					return errors.New("busy")
				}
				return nil
			}})
	})
	if err := s.WaitFor(ctx(t), 3, "table", "mail"); err != nil {
		t.Fatal(err)
	}
	for what, want := range map[string][]string{
		"append":  {"3: 3 false false", "1: 0 false true", "1: 0 false false"},
		"batch":   {"1 3 true <nil>", "1 1 true <nil>"}, // a conflict is found without asking twice, or after a second look
		"project": {"table 3 no room", "table 1 <nil>", "table 1 <nil>", "table 1 <nil>"},
		"handle":  {"mail 1 try 1 <nil>", "mail 2 try 1 busy", "mail 2 try 2 busy", "mail 2 try 3 <nil>", "mail 3 try 1 <nil>"},
	} {
		if got := o.of(what); !slices.Equal(slices.Compact(got), slices.Compact(want)) {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
}

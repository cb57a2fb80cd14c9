package eventstore_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"segmentchallenge/internal/eventstore"
)

// Renamed is at schema version 3: 1 had {"nom"}, 2 had {"name"}, 3 has {"first","last"}.
type Renamed struct {
	First string `json:"first"`
	Last  string `json:"last"`
}

func (Renamed) EventType() string { return "renamed" }

// Impostor names itself as another type's event.
type Impostor struct{}

func (Impostor) EventType() string { return "counted" }

func renamedRegistry() *eventstore.Registry {
	r := registry()
	eventstore.Register[Renamed](r, eventstore.WithVersion(3),
		eventstore.Upcast(1, func(data json.RawMessage) (json.RawMessage, error) {
			var old struct{ Nom string }
			if err := json.Unmarshal(data, &old); err != nil {
				return nil, err
			}
			return json.Marshal(map[string]string{"name": old.Nom})
		}),
		eventstore.Upcast(2, func(data json.RawMessage) (json.RawMessage, error) {
			var old struct{ Name string }
			if err := json.Unmarshal(data, &old); err != nil {
				return nil, err
			}
			first, last, _ := strings.Cut(old.Name, " ")
			return json.Marshal(Renamed{first, last})
		}))
	return r
}

func TestDecodeLiftsOldShapes(t *testing.T) {
	r := renamedRegistry()
	for version, data := range map[int]string{1: `{"nom":"Ada Lovelace"}`, 2: `{"name":"Ada Lovelace"}`, 3: `{"first":"Ada","last":"Lovelace"}`} {
		got, err := r.Decode(eventstore.Recorded{Type: "renamed", SchemaVersion: version, Data: json.RawMessage(data)})
		if diff := cmp.Diff(eventstore.Event(Renamed{"Ada", "Lovelace"}), got); diff != "" || err != nil {
			t.Errorf("version %d: %v %s", version, err, diff)
		}
	}
}

func TestDecodeErrorsNameTheEvent(t *testing.T) {
	r := renamedRegistry()
	for name, c := range map[string]struct {
		rec  eventstore.Recorded
		want string
	}{
		"unknown": {eventstore.Recorded{Type: "nobody"}, `event 7 (nobody) of stream "a-1" can't be decoded: unknown event type "nobody"`},
		"newer":   {eventstore.Recorded{Type: "renamed", SchemaVersion: 4}, "schema version 4 is newer than the 3 known here"},
		"lifting": {eventstore.Recorded{Type: "renamed", SchemaVersion: 1, Data: json.RawMessage(`[]`)}, "lifting schema version 1"},
		"shape":   {eventstore.Recorded{Type: "counted", SchemaVersion: 1, Data: json.RawMessage(`{"n":"x"}`)}, "cannot unmarshal string"},
	} {
		c.rec.Stream, c.rec.Position = "a-1", 7
		_, err := r.Decode(c.rec)
		var decode *eventstore.DecodeError
		if !errors.As(err, &decode) || decode.Position != 7 || decode.Stream != "a-1" || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if unknown := errors.Is(err, eventstore.ErrUnknownType); unknown != (name == "unknown") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEncode(t *testing.T) {
	r := renamedRegistry()
	m := eventstore.Meta{CommandID: uuid.New(), CorrelationID: uuid.New(), CausationID: uuid.New(), Actor: "me",
		Now: time.Date(2026, 5, 2, 0, 0, 0, 0, time.UTC), Extra: map[string]string{"trace": "x"}}
	got, err := r.Encode(Renamed{"Ada", "L"}, m, 3)
	if err != nil {
		t.Fatal(err)
	}
	want := eventstore.NewEvent{ID: eventstore.EventID(m.CommandID, 3), Type: "renamed", SchemaVersion: 3, Data: json.RawMessage(`{"first":"Ada","last":"L"}`),
		Metadata: json.RawMessage(`{"trace":"x"}`), CorrelationID: m.CorrelationID, CausationID: m.CausationID, Actor: "me", Time: m.Now}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got.ID.Version() != 5 || got.ID == eventstore.EventID(m.CommandID, 30) {
		t.Error(got.ID)
	}
	if e, err := r.Encode(Counted{1}, eventstore.Meta{}, 0); e.ID != uuid.Nil || e.Metadata != nil || err != nil {
		t.Errorf("%+v, %v", e, err)
	}
	if _, err := r.Encode(Impostor{}, m, 0); !errors.Is(err, eventstore.ErrInvalidEvent) {
		t.Error(err)
	}
	if _, err := eventstore.NewRegistry().Encode(Counted{}, m, 0); !errors.Is(err, eventstore.ErrUnknownType) {
		t.Error(err)
	}
}

func TestRegisterRefusesMistakes(t *testing.T) {
	lift := func(data json.RawMessage) (json.RawMessage, error) { return data, nil }
	for name, register := range map[string]func(*eventstore.Registry){
		"twice":       func(r *eventstore.Registry) { eventstore.Register[Impostor](r) },
		"no upcaster": func(r *eventstore.Registry) { eventstore.Register[Renamed](r, eventstore.WithVersion(2)) },
		"a step misses": func(r *eventstore.Registry) {
			eventstore.Register[Renamed](r, eventstore.WithVersion(3), eventstore.Upcast(1, lift))
		},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			register(registry())
		}()
	}
}

package eventstore

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"sync"

	"github.com/google/uuid"
)

// Registry knows the Go type behind each event type's name, and how to lift old stored shapes to today's. Everything
// that decodes goes through it, so an upcaster is seen alike by aggregates, projections, handlers and exports.
type Registry struct {
	mu    sync.RWMutex
	types map[string]*eventType
	vault Vault // nil: personal fields aren't sealed
}

type eventType struct {
	name     string
	version  int
	goType   reflect.Type
	upcast   map[int]Upcaster
	personal *personal // nil: nothing is
}

// Upcaster turns the stored data of one schema version into that of the next.
type Upcaster func(json.RawMessage) (json.RawMessage, error)

// TypeOption changes how a type is registered.
type TypeOption func(*eventType)

// WithVersion says which schema version the Go type has today; without it, 1.
func WithVersion(n int) TypeOption { return func(t *eventType) { t.version = n } }

// Upcast lifts data stored with schema version from to version from+1.
func Upcast(from int, fn Upcaster) TypeOption {
	return func(t *eventType) { t.upcast[from] = fn }
}

// NewRegistry is empty.
func NewRegistry() *Registry { return &Registry{types: map[string]*eventType{}} }

// Register makes events of type E storable and readable; E's zero value names the type. A name that is empty or taken,
// or a schema version without an upcaster on the way to it, is a programmer's mistake and panics at start-up.
func Register[E Event](r *Registry, opts ...TypeOption) {
	var zero E
	RegisterValue(r, zero, opts...)
}

// RegisterValue is Register for the type of a value, for lists of events.
func RegisterValue(r *Registry, zero Event, opts ...TypeOption) {
	t := &eventType{name: zero.EventType(), version: 1, goType: reflect.TypeOf(zero), upcast: map[int]Upcaster{}}
	t.personal = personalOf(t.goType)
	for _, opt := range opts {
		opt(t)
	}
	r.add(t)
}

func (r *Registry) add(t *eventType) {
	if err := checkName("event type", t.name); err != nil {
		panic(fmt.Sprintf("eventstore: registering %v: %v", t.goType, err))
	}
	for v := 1; v < t.version; v++ {
		if t.upcast[v] == nil {
			panic(fmt.Sprintf("eventstore: %s has schema version %d, but nothing lifts version %d to %d", t.name, t.version, v, v+1))
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if other, taken := r.types[t.name]; taken {
		panic(fmt.Sprintf("eventstore: %s is registered for both %v and %v", t.name, other.goType, t.goType))
	}
	r.types[t.name] = t
}

func (r *Registry) find(name string) (*eventType, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if t, ok := r.types[name]; ok {
		return t, nil
	}
	return nil, fmt.Errorf("%w %q", ErrUnknownType, name)
}

// Encode makes an event ready for Append. With m.CommandID, its id is EventID(m.CommandID, index), where index counts
// the events of the command, so that carrying out the same command again stores nothing twice. Personal fields are sealed,
// see SealWith.
func (r *Registry) Encode(e Event, m Meta, index int) (NewEvent, error) {
	t, err := r.find(e.EventType())
	if err != nil {
		return NewEvent{}, err
	}
	if got := reflect.TypeOf(e); got != t.goType {
		return NewEvent{}, fmt.Errorf("%w: %s is registered for %v, not %v", ErrInvalidEvent, t.name, t.goType, got)
	}
	data, err := json.Marshal(e)
	if err != nil {
		return NewEvent{}, fmt.Errorf("%w: %s: %w", ErrInvalidEvent, t.name, err)
	}
	if data, err = r.seal(t, e, data); err != nil {
		return NewEvent{}, err
	}
	n := NewEvent{Type: t.name, SchemaVersion: t.version, Data: data, CorrelationID: m.CorrelationID,
		CausationID: m.CausationID, Actor: m.Actor, Time: m.Now}
	if m.CommandID != uuid.Nil {
		n.ID = EventID(m.CommandID, index)
	}
	if len(m.Extra) > 0 {
		n.Metadata, err = json.Marshal(m.Extra)
	}
	return n, err
}

// EventID is the id of the index-th event that a command causes: a UUIDv5 (RFC 9562, section 5.5) in the command's
// name space.
func EventID(command uuid.UUID, index int) uuid.UUID {
	return uuid.NewSHA1(command, strconv.AppendInt(nil, int64(index), 10))
}

// Decode gives an event of the log as the Go value of today; sealed fields are opened and old shapes pass the upcasters
// first. Where the person is forgotten, personal fields are zero or what their tags say; upcasters then find them missing.
// Its errors are *DecodeError and name stream and position.
func (r *Registry) Decode(rec Recorded) (Event, error) {
	e, err := r.decode(rec)
	if err != nil {
		return nil, &DecodeError{Stream: rec.Stream, Position: rec.Position, Type: rec.Type, Err: err}
	}
	return e, nil
}

func (r *Registry) decode(rec Recorded) (Event, error) {
	t, err := r.find(rec.Type)
	if err != nil {
		return nil, err
	}
	if rec.SchemaVersion > t.version {
		return nil, fmt.Errorf("schema version %d is newer than the %d known here", rec.SchemaVersion, t.version)
	}
	data, forgotten, err := r.unseal(rec.Data)
	if err != nil {
		return nil, err
	}
	for v := rec.SchemaVersion; v < t.version; v++ {
		if data, err = t.upcast[v](data); err != nil {
			return nil, fmt.Errorf("lifting schema version %d: %w", v, err)
		}
	}
	e := reflect.New(t.goType)
	if err := json.Unmarshal(data, e.Interface()); err != nil {
		return nil, err
	}
	if forgotten {
		if err := t.standIn(e); err != nil {
			return nil, err
		}
	}
	return e.Elem().Interface().(Event), nil
}

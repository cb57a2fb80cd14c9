package process

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/panics"
)

// Process describes one kind of process. S is what an instance remembers between two inputs: a value that encoding/json
// keeps whole. Its shape may gain fields, as events may.
type Process[S any] struct {
	Name     string                           // of the subscription, and in the ids of commands: for ever
	Events   []eventstore.Event               // it listens to, by a zero value of each
	Route    func(e eventstore.Event) []Route // pure; which instances an event is for; none is fine
	React    func(state S, in Input) (S, []Effect)
	Commands map[string]any // zero values of those that React sends, by the names under which they wait, as JSON that keeps them whole
	Refusals Refusals
}

// Route leads an event to an instance. Without Starts, an event for an instance that isn't there is passed over: it was
// stopped, or never had a reason to be.
type Route struct {
	Instance string
	Starts   bool
}

// Starts routes an event to an instance, which is made if it isn't there.
func Starts(instance string) []Route { return []Route{{Instance: instance, Starts: true}} }

// Continues routes an event to an instance if it is there.
func Continues(instance string) []Route { return []Route{{Instance: instance}} }

// Input is what an instance reacts to.
//
//sumtype:decl
type Input interface{ input() }

type (
	// Happened is an event of the log. Instance is whom Route gave it to, for events that are for several.
	Happened struct {
		Instance string
		Event    eventstore.Event
		Position int64
		Time     time.Time
	}
	// Due is a timer that the instance has set. Now is when it fired: at its time, or later if nobody was there.
	Due struct {
		Timer   string
		At, Now time.Time
	}
	// Refused is a command that was refused, for a process that wants to know (ToReact). Err is as the sender gave it.
	Refused struct {
		Command any
		Err     error
	}
)

func (Happened) input() {}
func (Due) input()      {}
func (Refused) input()  {}

// Effect is what an instance wants to be done. The commands of an instance are sent one after the other, in their order.
//
//sumtype:decl
type Effect interface{ effect() }

type (
	// Send has a command sent, once in effect.
	Send struct{ Command any }
	// SetTimer makes a Due of this name come back at a time, instead of an earlier one of the same name.
	SetTimer struct {
		Timer string
		At    time.Time
	}
	// CancelTimer takes a timer back; none is fine.
	CancelTimer struct{ Timer string }
	// Stop forgets the instance with its timers. What it has sent before, and with this input, is still sent.
	Stop struct{}
)

func (Send) effect()        {}
func (SetTimer) effect()    {}
func (CancelTimer) effect() {}
func (Stop) effect()        {}

// Refusals is what becomes of a command that was refused. Any other error is technical: it is tried again.
type Refusals int

const (
	ToPark   Refusals = iota // a refusal is a mistake somewhere: the instance's commands wait for a person
	ToIgnore                 // the command was an offer
	ToReact                  // the instance gets it as an input
)

// Definition is a Process, whatever its state.
type Definition interface{ definition() (definition, error) }

// definition is a process with its state kept as JSON. So what an instance remembers is what is stored, and a React that
// fails after it has changed a map or a slice in its argument has changed nothing.
type definition struct {
	name     string
	types    []string
	route    func(eventstore.Event) ([]Route, error)
	react    func(state json.RawMessage, in Input) (json.RawMessage, []Effect, error)
	commands commands
	refusals Refusals
}

func (p Process[S]) definition() (definition, error) {
	d := definition{name: p.Name, refusals: p.Refusals}
	if p.Name == "" || len(p.Events) == 0 || p.Route == nil || p.React == nil {
		return d, fmt.Errorf("process %q: Name, Events, Route and React must be given", p.Name)
	}
	for _, e := range p.Events {
		d.types = append(d.types, e.EventType())
	}
	d.route = func(e eventstore.Event) (to []Route, err error) {
		err = panics.Caught(func() error { to = once(p.Route(e)); return nil })
		return to, err
	}
	d.react = func(state json.RawMessage, in Input) (after json.RawMessage, effects []Effect, err error) {
		var s S
		if state != nil {
			if err := json.Unmarshal(state, &s); err != nil {
				return nil, nil, fmt.Errorf("its state can't be read: %w", err)
			}
		}
		if err := panics.Caught(func() error { s, effects = p.React(s, in); return nil }); err != nil {
			return nil, nil, err
		}
		after, err = json.Marshal(s)
		return after, effects, err
	}
	var err error
	d.commands, err = newCommands(p.Commands)
	return d, err
}

// once leaves out the routes to an instance but the first: it hears an event once.
func once(routes []Route) []Route {
	if len(routes) < 2 {
		return routes
	}
	seen := make(map[string]bool, len(routes))
	return slices.DeleteFunc(routes, func(r Route) bool {
		before := seen[r.Instance]
		seen[r.Instance] = true
		return before
	})
}

// commands know the types of commands by the names under which they are stored.
type commands struct {
	types map[string]reflect.Type
	names map[reflect.Type]string
}

var errUnknownCommand = errors.New("the process doesn't list this command in Commands")

func newCommands(zero map[string]any) (commands, error) {
	c := commands{types: map[string]reflect.Type{}, names: map[reflect.Type]string{}}
	for name, value := range zero {
		t := reflect.TypeOf(value)
		if other, twice := c.names[t]; t == nil || twice {
			return c, fmt.Errorf("command %q: %v has the name %q already", name, t, other)
		}
		c.types[name], c.names[t] = t, name
	}
	return c, nil
}

func (c commands) encode(command any) (name string, data json.RawMessage, err error) {
	name, known := c.names[reflect.TypeOf(command)]
	if !known {
		return "", nil, fmt.Errorf("%T: %w", command, errUnknownCommand)
	}
	data, err = json.Marshal(command)
	return name, data, err
}

func (c commands) decode(name string, data json.RawMessage) (any, error) {
	t, known := c.types[name]
	if !known {
		return nil, fmt.Errorf("%q: %w", name, errUnknownCommand)
	}
	command := reflect.New(t)
	err := json.Unmarshal(data, command.Interface())
	return command.Elem().Interface(), err
}

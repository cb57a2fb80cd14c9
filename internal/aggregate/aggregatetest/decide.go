// Package aggregatetest tests the rules of an aggregate: given what has happened, when something is asked, then this
// follows or that refusal. It also holds the golden files of stored events.
package aggregatetest

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"segmentchallenge/internal/refusal"
)

// State is what an aggregate's state can do.
type State[S, C, E any] interface {
	Decide(C) ([]E, error)
	Evolve(E) S
}

// Case is one row of a table.
type Case[C, E any] struct {
	Name    string
	Given   []E
	When    C
	Then    []E   // exactly these events; none: nothing happens
	Refused error // one refusal or several joined, compared by their codes
}

// Run checks each case. Beyond its outcome it checks what every aggregate promises: deciding, and evolving by what was
// decided, leave the state as it was, and a refusal has words.
func Run[S State[S, C, E], C, E any](t *testing.T, cases []Case[C, E]) {
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			state, twin := Fold[S, C](c.Given...), Fold[S, C](c.Given...)
			got, err := state.Decide(c.When)
			if diff := cmp.Diff(codes(t, c.Refused), codes(t, err)); diff != "" {
				t.Errorf("refused otherwise (-want +got):\n%s%v", diff, err)
			}
			if diff := cmp.Diff(c.Then, got); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
			after := state
			for _, e := range got {
				after = after.Evolve(e)
			}
			if !reflect.DeepEqual(state, twin) {
				t.Errorf("deciding changed the state it was given:\n%+v\nwas\n%+v", state, twin)
			}
			if replayed := Fold[S, C](stored(t, slices.Concat(c.Given, got))...); !reflect.DeepEqual(after, replayed) {
				t.Errorf("replaying the stored events gives another state:\n%+v\nnot\n%+v", replayed, after)
			}
		})
	}
}

// Fold is the state that events make.
func Fold[S State[S, C, E], C, E any](events ...E) S {
	var s S
	for _, e := range events {
		s = s.Evolve(e)
	}
	return s
}

// codes also sees to it that what refuses is a refusal, with a code and words.
func codes(t *testing.T, err error) []string {
	t.Helper()
	var out []string
	for _, r := range refusal.All(err) {
		if r.Code == "" || r.Detail == "" {
			t.Errorf("a refusal without code or words: %+v", r)
		}
		out = append(out, r.Code)
	}
	if err != nil && out == nil {
		t.Errorf("not a refusal: %v", err)
	}
	return out
}

// stored is what comes back when events have been in the log.
func stored[E any](t *testing.T, events []E) []E {
	t.Helper()
	out := make([]E, len(events))
	for i, e := range events {
		data, err := json.Marshal(e)
		if err != nil {
			t.Fatalf("%T can't be stored: %v", e, err)
		}
		out[i] = decode[E](t, reflect.TypeOf(e), data)
	}
	return out
}

func decode[E any](t *testing.T, typ reflect.Type, data []byte) E {
	t.Helper()
	p := reflect.New(typ)
	if err := json.Unmarshal(data, p.Interface()); err != nil {
		t.Fatalf("%s can't be read back: %v", typ, err)
	}
	return p.Elem().Interface().(E)
}

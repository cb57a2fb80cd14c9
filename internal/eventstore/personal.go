package eventstore

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Personal is what an event must be that has fields tagged personal: it says whose they are.
type Personal interface{ Person() uuid.UUID }

// personal is which fields of an event type are about a person, by the tag:
//
//	FirstName string  `json:"firstName" personal:"Deleted"`
//	HeartRate float64 `json:"averageHeartRate,omitempty" personal:""`
//
// Once the person is forgotten, a text says what the tag says, everything else is zero.
type personal struct {
	names    map[string]bool // JSON names
	standIns json.RawMessage // an object with what the tags say; nil: all are empty
}

// personalOf looks for the tags. What can't work is a programmer's mistake and panics.
func personalOf(t reflect.Type) *personal {
	p := &personal{names: map[string]bool{}}
	standIns := map[string]string{}
	p.collect(t, standIns)
	if len(p.names) == 0 {
		return nil
	}
	if !t.Implements(reflect.TypeFor[Personal]()) {
		panic(fmt.Sprintf("eventstore: %v has personal fields, but no method Person that says whose", t))
	}
	if len(standIns) > 0 {
		p.standIns, _ = json.Marshal(standIns) // strings always can be
	}
	return p
}

func (p *personal) collect(t reflect.Type, standIns map[string]string) {
	if t.Kind() != reflect.Struct {
		return
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" {
			p.collect(f.Type, standIns)
			continue
		}
		words, tagged := f.Tag.Lookup("personal")
		switch {
		case !tagged && hasPersonal(f.Type, map[reflect.Type]bool{}):
			panic(fmt.Sprintf("eventstore: field %s of %v has personal fields inside: they can't be sealed by themselves, tag the field", f.Name, t))
		case !tagged:
		case name == "" || name == "-":
			panic(fmt.Sprintf("eventstore: personal field %s of %v has no JSON name", f.Name, t))
		case words != "" && f.Type.Kind() != reflect.String:
			panic(fmt.Sprintf("eventstore: personal field %s of %v is no text, so nothing can stand in for it", f.Name, t))
		default:
			p.names[name] = true
			if words != "" {
				standIns[name] = words
			}
		}
	}
}

// hasPersonal says whether a type has a tagged field anywhere inside.
func hasPersonal(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return hasPersonal(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			if _, tagged := f.Tag.Lookup("personal"); tagged || hasPersonal(f.Type, seen) {
				return true
			}
		}
	}
	return false
}

// split parts an object, as json.Marshal writes it, into two: what is open and what is personal; nil when nothing is.
func (p *personal) split(object []byte) (open, private []byte) {
	open = append(make([]byte, 0, len(object)+256), '{') // with room for what is sealed
	for i := 1; i < len(object) && object[i] != '}'; {
		start := i
		i = afterString(object, i)
		name := object[start+1 : i-1]
		i = afterValue(object, i+1) // behind the colon
		if p.names[string(name)] {
			private = append(private, ',')
			private = append(private, object[start:i]...)
		} else {
			if len(open) > 1 {
				open = append(open, ',')
			}
			open = append(open, object[start:i]...)
		}
		if object[i] == ',' {
			i++
		}
	}
	if private != nil {
		private[0] = '{'
		private = append(private, '}')
	}
	return append(open, '}'), private
}

// afterString is the index behind the string that begins at i.
func afterString(text []byte, i int) int {
	for i++; text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// afterValue is the index of the comma or bracket that ends the value that begins at i.
func afterValue(text []byte, i int) int {
	for depth := 0; ; {
		switch text[i] {
		case '"':
			i = afterString(text, i)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			depth--
		case ',':
			if depth == 0 {
				return i
			}
		}
		i++
	}
}

// PersonalFields lists the JSON names of each event type's personal fields, sorted, for types that have some.
func (r *Registry) PersonalFields() map[string][]string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	all := map[string][]string{}
	for name, t := range r.types {
		if t.personal != nil {
			all[name] = slices.Sorted(maps.Keys(t.personal.names))
		}
	}
	return all
}

package eventstore

import (
	"fmt"
	"slices"
	"strings"
)

// Transform says what becomes of an event on its way into another log: nothing, itself, something else, several. It may
// change stream, type, schema version, data and metadata; ids, times and what caused it stay as they are, whatever it says.
// Of several, the first keeps the id, the others get ids that derive from it. It must be pure: it is called again when a copy
// is, and in a dry run. Sealed fields are still sealed, see Registry.Reveal and Registry.Sealed.
type Transform func(Recorded) ([]Recorded, error)

// Chain applies transforms one after the other, each to what the one before gave. Without any, events stay as they are.
func Chain(all ...Transform) Transform {
	return func(e Recorded) ([]Recorded, error) {
		events := []Recorded{e}
		for _, t := range all {
			var next []Recorded
			for _, e := range events {
				out, err := t(e)
				if err != nil {
					return nil, err
				}
				next = append(next, out...)
			}
			events = next
		}
		return events, nil
	}
}

// DropTypes leaves events of these types out.
func DropTypes(types ...string) Transform {
	return keepIf(func(e Recorded) bool { return !slices.Contains(types, e.Type) })
}

// DropStreams leaves whole streams out.
func DropStreams(streams ...string) Transform {
	return keepIf(func(e Recorded) bool { return !slices.Contains(streams, e.Stream) })
}

func keepIf(keep func(Recorded) bool) Transform {
	return func(e Recorded) ([]Recorded, error) {
		if keep(e) {
			return []Recorded{e}, nil
		}
		return nil, nil
	}
}

// RenameType gives events of a type another name; shape and schema version stay.
func RenameType(old, name string) Transform {
	return func(e Recorded) ([]Recorded, error) {
		if e.Type == old {
			e.Type = name
		}
		return []Recorded{e}, nil
	}
}

// MergeStreams puts the events of several streams on one, in the order of the log.
func MergeStreams(into string, from ...string) Transform {
	return func(e Recorded) ([]Recorded, error) {
		if slices.Contains(from, e.Stream) {
			e.Stream = into
		}
		return []Recorded{e}, nil
	}
}

// SplitStreams moves events of some types to a stream of their own: those of stream from to stream to, or, where from and
// to are categories, those of each stream from-ID to to-ID.
func SplitStreams(from, to string, types ...string) Transform {
	return func(e Recorded) ([]Recorded, error) {
		if slices.Contains(types, e.Type) {
			if e.Stream == from {
				e.Stream = to
			} else if id, ok := strings.CutPrefix(e.Stream, from+"-"); ok {
				e.Stream = to + "-" + id
			}
		}
		return []Recorded{e}, nil
	}
}

// ParseTransform reads what the command line says: drop TYPE; rename OLD=NEW; drop-stream STREAM; merge A,B=C;
// split FROM=TO:TYPE,TYPE.
func ParseTransform(what, text string) (Transform, error) {
	left, right, paired := strings.Cut(text, "=")
	wrong := func(shape string) (Transform, error) {
		return nil, fmt.Errorf("%s %q: it must read %s", what, text, shape)
	}
	switch what {
	case "drop":
		return DropTypes(text), nonEmpty(what, text)
	case "drop-stream":
		return DropStreams(text), nonEmpty(what, text)
	case "rename":
		if !paired || left == "" || right == "" {
			return wrong("OLD=NEW")
		}
		return RenameType(left, right), nil
	case "merge":
		from := strings.Split(left, ",")
		if !paired || right == "" || slices.Contains(from, "") {
			return wrong("A,B=C")
		}
		return MergeStreams(right, from...), nil
	case "split":
		to, list, typed := strings.Cut(right, ":")
		types := strings.Split(list, ",")
		if !paired || !typed || left == "" || to == "" || slices.Contains(types, "") {
			return wrong("FROM=TO:TYPE,TYPE")
		}
		return SplitStreams(left, to, types...), nil
	}
	return nil, fmt.Errorf("there is no transform %q", what)
}

func nonEmpty(what, text string) error {
	if text == "" {
		return fmt.Errorf("%s: say what", what)
	}
	return nil
}

package eventstore

import (
	"fmt"
	"slices"
	"strings"
)

// Filter picks events. A list that is empty doesn't restrict; an event must be in each that isn't.
type Filter struct {
	Types      []string
	Categories []string // what stands before the first dash of the stream's name
	Streams    []string
}

// Matches says whether the filter picks the event.
func (f Filter) Matches(e Recorded) bool {
	return in(f.Types, e.Type) && in(f.Streams, e.Stream) && (len(f.Categories) == 0 || in(f.Categories, Category(e.Stream)))
}

func in(list []string, name string) bool { return len(list) == 0 || slices.Contains(list, name) }

// Category is what stands before the first dash of a stream's name, or all of it.
func Category(stream string) string {
	category, _, _ := strings.Cut(stream, "-")
	return category
}

func (f Filter) empty() bool { return len(f.Types)+len(f.Categories)+len(f.Streams) == 0 }

// pick returns the events that the filter picks, without copying when it is all.
func (f Filter) pick(events []Recorded) []Recorded {
	if f.empty() {
		return events
	}
	var picked []Recorded
	for _, e := range events {
		if f.Matches(e) {
			picked = append(picked, e)
		}
	}
	return picked
}

// conditions collects the parts of a where clause and their arguments.
type conditions struct {
	parts []string
	args  []any
}

// add takes a condition with one %s where its argument goes.
func (c *conditions) add(condition string, arg any) {
	c.args = append(c.args, arg)
	c.parts = append(c.parts, fmt.Sprintf(condition, fmt.Sprintf("$%d", len(c.args))))
}

func (c *conditions) filter(f Filter) {
	if len(f.Types) > 0 {
		c.add("type = any(%s)", f.Types)
	}
	if len(f.Categories) > 0 {
		c.add("split_part(stream, '-', 1) = any(%s)", f.Categories)
	}
	if len(f.Streams) > 0 {
		c.add("stream = any(%s)", f.Streams)
	}
}

func (c *conditions) where() string {
	if len(c.parts) == 0 {
		return ""
	}
	return " where " + strings.Join(c.parts, " and ")
}

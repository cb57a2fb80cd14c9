package aggregate

import (
	"testing"

	"github.com/google/uuid"
)

// Readers come back in any order; who is late doesn't replace what is newer, and nothing (version 0) isn't kept.
func TestCacheKeepsTheNewest(t *testing.T) {
	c, id := newCache[string](10), uuid.New()
	for _, v := range []versioned[string]{{state: "nothing"}, {state: "second", version: 2}, {state: "first", version: 1}, {state: "second again", version: 2}} {
		c.keep(id, v)
	}
	if got, ok := c.get(id); !ok || got.state != "second" || c.weight != 1 {
		t.Errorf("%+v, weight %d", got, c.weight)
	}
	c.forget(id)
	c.forget(id)
	if _, ok := c.get(id); ok || c.weight != 0 {
		t.Errorf("forgotten, but weighs %d", c.weight)
	}
}

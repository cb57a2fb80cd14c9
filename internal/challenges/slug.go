package challenges

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gosimple/slug"
)

// maxSlug is the length of a stage's slug in bytes, without the number that may follow it.
const maxSlug = 50

// reserved are parts of routes where a stage's slug stands.
var reserved = []string{"new", "edit"}

// slugFor makes a stage's part of an address from its name, unique within the challenge.
func (s State) slugFor(name string) string {
	base := slug.Make(name)
	if len(base) > maxSlug { // ASCII, so a byte is a character
		base = strings.Trim(base[:maxSlug], "-_")
	}
	switch {
	case base == "":
		base = "unnamed-stage"
	case slices.Contains(reserved, base):
		base += "-stage"
	}
	for n, candidate := 2, base; ; n++ {
		if !slices.ContainsFunc(s.Stages, func(slot Slot) bool { return slot.Slug == candidate }) {
			return candidate
		}
		candidate = fmt.Sprintf("%s-%d", base, n)
	}
}

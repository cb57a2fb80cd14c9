package ordered_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"segmentchallenge/internal/ordered"
)

func sorted(plain map[int]string) []ordered.Entry[int, string] {
	var entries []ordered.Entry[int, string]
	for _, key := range slices.Sorted(maps.Keys(plain)) {
		entries = append(entries, ordered.Entry[int, string]{Key: key, Value: plain[key]})
	}
	return entries
}

// A map that is built at once is the one that would be made step by step, and goes on like it.
func TestFromSorted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.MapOf(rapid.IntRange(0, 500), rapid.StringN(0, 2, 4)).Draw(t, "entries")
		m, ok := ordered.FromSorted[int, string, ints](sorted(plain))
		if !ok {
			t.Fatal("in order, but refused")
		}
		same(t, m, plain)
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			key := rapid.IntRange(0, 500).Draw(t, "key")
			if rapid.Bool().Draw(t, "set") {
				m, plain[key] = m.Set(key, "x"), "x"
			} else {
				m = m.Delete(key)
				delete(plain, key)
			}
		}
		same(t, m, plain)
	})
}

func TestFromSortedRefuses(t *testing.T) {
	for _, keys := range [][]int{{2, 1}, {1, 1}, {1, 2, 3, 3}, {1, 3, 2, 4}} {
		var entries []ordered.Entry[int, string]
		for _, key := range keys {
			entries = append(entries, ordered.Entry[int, string]{Key: key, Value: fmt.Sprint(key)})
		}
		if m, ok := ordered.FromSorted[int, string, ints](entries); ok || m.Len() > 0 {
			t.Errorf("%v: not in order, but there is a map of %d", keys, m.Len())
		}
	}
}

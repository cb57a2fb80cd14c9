package ordered_test

import (
	"cmp"
	"maps"
	"math"
	"math/bits"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"segmentchallenge/internal/ordered"
)

type ints struct{}

func (ints) Compare(a, b int) int { return cmp.Compare(a, b) }

type intMap = ordered.Map[int, string, ints]

// Whatever is done to the map, it equals a plain map that had the same done to it, and earlier values stay what they were.
func TestMapIsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m intMap
		plain := map[int]string{}
		type version struct {
			m     intMap
			plain map[int]string
		}
		var history []version
		for range rapid.IntRange(0, 120).Draw(t, "steps") {
			key := rapid.IntRange(0, 60).Draw(t, "key")
			if rapid.IntRange(0, 2).Draw(t, "what") > 0 {
				value := rapid.StringN(0, 2, 4).Draw(t, "value")
				m, plain[key] = m.Set(key, value), value
			} else {
				m = m.Delete(key)
				delete(plain, key)
			}
			history = append(history, version{m, maps.Clone(plain)})
		}
		for _, v := range history {
			same(t, v.m, v.plain)
		}
	})
}

func same(t *rapid.T, m intMap, plain map[int]string) {
	t.Helper()
	keys := slices.Sorted(maps.Keys(plain))
	if got := maps.Collect(m.All()); m.Len() != len(plain) || !maps.Equal(got, plain) {
		t.Fatalf("map holds %v, want %v", got, plain)
	}
	for i, want := range keys {
		if k, v := m.At(i); k != want || v != plain[want] {
			t.Fatalf("At(%d) = %d %q, want %d %q", i, k, v, want, plain[want])
		}
	}
	for key := -1; key <= 61; key++ {
		i, has := slices.BinarySearch(keys, key)
		if m.Index(key) != i || m.Has(key) != has {
			t.Fatalf("Index(%d) = %d, Has = %v, want %d, %v", key, m.Index(key), m.Has(key), i, has)
		}
	}
	i := rapid.IntRange(0, len(keys)).Draw(t, "from")
	var rest []int
	for k := range m.From(i) {
		rest = append(rest, k)
	}
	if !slices.Equal(rest, keys[i:]) {
		t.Fatalf("From(%d) = %v, want %v", i, rest, keys[i:])
	}
}

func TestStopsWhenNoMoreIsWanted(t *testing.T) {
	var m intMap
	for i := range 100 {
		m = m.Set(i, "")
	}
	seen := 0
	for range m.From(30) {
		if seen++; seen == 7 {
			break
		}
	}
	if seen != 7 {
		t.Errorf("saw %d keys", seen)
	}
}

// counting is an order that counts comparisons, which for one look-up is the depth of the tree.
type counting struct{}

var compared int

func (counting) Compare(a, b int) int { compared++; return cmp.Compare(a, b) }

func TestDepthStaysLogarithmic(t *testing.T) {
	const n = 1 << 12
	for name, key := range map[string]func(i int) int{
		"ascending":  func(i int) int { return i },
		"descending": func(i int) int { return -i },
		"zigzag":     func(i int) int { return (i%2*2 - 1) * i },
		"shuffled":   func(i int) int { return int(bits.Reverse16(uint16(i))) },
	} {
		t.Run(name, func(t *testing.T) {
			var m ordered.Map[int, struct{}, counting]
			for i := range n {
				m = m.Set(key(i), struct{}{})
			}
			for i := range n / 2 { // lopsided on purpose
				m = m.Delete(key(i))
			}
			limit := int(math.Ceil(math.Log2(float64(m.Len()+1)) / math.Log2(4.0/3))) // weights shrink to at most 3/4 a level
			for i := n / 2; i < n; i++ {
				if compared = 0; !m.Has(key(i)) || compared > limit {
					t.Fatalf("%d comparisons for one of %d keys, at most %d expected", compared, m.Len(), limit)
				}
			}
		})
	}
}

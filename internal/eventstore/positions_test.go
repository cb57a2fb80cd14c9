package eventstore

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// The map is compared with a plain list of what became of each event.
func TestPositionMap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var m positionMap
		became := map[int64][]int64{}
		var old, now int64
		for range rapid.IntRange(0, 60).Draw(t, "events") {
			old += int64(rapid.SampledFrom([]int{1, 1, 1, 1, 1, 2, 5}).Draw(t, "gap"))
			n := rapid.SampledFrom([]int{1, 1, 1, 1, 0, 0, 2, 3}).Draw(t, "n")
			m.add(old, int64(n))
			for range n {
				now++
				became[old] = append(became[old], now)
			}
		}
		last, same := int64(0), true
		for p := int64(0); p <= old+3; p++ {
			if list := became[p]; len(list) > 0 {
				last = list[len(list)-1]
			}
			if got := m.upTo(p); got != last {
				t.Fatalf("up to %d there are %d events, want %d: %+v", p, got, last, m)
			}
			if got := m.became(p); !slices.Equal(got, became[p]) {
				t.Fatalf("%d became %v, want %v: %+v", p, got, became[p], m)
			}
			same = same && (p < 1 || p > old || slices.Equal(became[p], []int64{p}))
		}
		if m.same() != same {
			t.Fatalf("same is %v: %+v", m.same(), m)
		}
	})
}

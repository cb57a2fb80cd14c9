package leaderboards

import "segmentchallenge/internal/ordered"

// TableOf makes the ranking of keys that are in order, in O(n), and says whether they were.
func TableOf(keys []Key) (Table, bool) {
	entries := make([]ordered.Entry[Key, struct{}], len(keys))
	for i, k := range keys {
		entries[i].Key = k
	}
	m, ok := ordered.FromSorted[Key, struct{}, byRank](entries)
	return Table{m}, ok
}

package ordered

// Entry is a key with its value.
type Entry[K, V any] struct {
	Key   K
	Value V
}

// FromSorted makes a map in O(n), and says whether the entries were in order, each key once; of others it makes none.
func FromSorted[K, V any, O Order[K]](entries []Entry[K, V]) (m Map[K, V, O], ok bool) {
	var order O
	for i := range entries[min(1, len(entries)):] {
		if order.Compare(entries[i].Key, entries[i+1].Key) >= 0 {
			return m, false
		}
	}
	return Map[K, V, O]{build(entries)}, true
}

// build halves, so the tree is as balanced as one can be.
func build[K, V any](entries []Entry[K, V]) *node[K, V] {
	if len(entries) == 0 {
		return nil
	}
	mid := len(entries) / 2
	return &node[K, V]{entries[mid].Key, entries[mid].Value, len(entries), build(entries[:mid]), build(entries[mid+1:])}
}

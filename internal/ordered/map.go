// Package ordered has a persistent ordered map that counts: a weight-balanced binary tree whose changes copy the path
// to the root and share everything else.
//
// A state of an aggregate is a value that is kept in caches and decided on by many; with this map the next state costs
// O(log n) and leaves the former one as it was. Being counted, it also answers "how many keys come before this one" and
// "which is the i-th" in O(log n): that is all there is to a leaderboard.
//
// The balance is that of Y. Hirai and K. Yamamoto, "Balancing weight-balanced trees" (2011): Δ = 3, Γ = 2.
package ordered

import (
	"bytes"
	"iter"

	"github.com/google/uuid"
)

// Order says which of two keys comes first (negative: a). Its zero value must do: it is a type, not a function, so that
// the zero Map is ready for use.
type Order[K any] interface{ Compare(a, b K) int }

// Map is a value: Set and Delete return another one. The zero value is empty.
type Map[K, V any, O Order[K]] struct{ root *node[K, V] }

// ByID is a map by ids.
type ByID[V any] = Map[uuid.UUID, V, IDs]

// IDs is the order of ids by their bytes, which for UUIDv7 is the order of their making.
type IDs struct{}

// Compare implements Order.
func (IDs) Compare(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }

// Len is the number of keys.
func (m Map[K, V, O]) Len() int { return m.root.len() }

// Get returns the value of a key, and whether there is one.
func (m Map[K, V, O]) Get(key K) (value V, ok bool) {
	var order O
	for n := m.root; n != nil; {
		switch c := order.Compare(key, n.key); {
		case c < 0:
			n = n.left
		case c > 0:
			n = n.right
		default:
			return n.value, true
		}
	}
	return value, false
}

// Has says whether there is such a key.
func (m Map[K, V, O]) Has(key K) bool { _, ok := m.Get(key); return ok }

// Set returns m with key's value replaced or added.
func (m Map[K, V, O]) Set(key K, value V) Map[K, V, O] {
	return Map[K, V, O]{set[K, V, O](m.root, key, value)}
}

// Delete returns m without key.
func (m Map[K, V, O]) Delete(key K) Map[K, V, O] {
	if !m.Has(key) {
		return m
	}
	return Map[K, V, O]{remove[K, V, O](m.root, key)}
}

// Index is the number of keys that come before key, whether key is there or not.
func (m Map[K, V, O]) Index(key K) int {
	var order O
	before := 0
	for n := m.root; n != nil; {
		if order.Compare(n.key, key) < 0 {
			before += n.left.len() + 1
			n = n.right
		} else {
			n = n.left
		}
	}
	return before
}

// At returns the i-th key, counted from 0. It panics outside 0 … Len()-1, as slices do.
func (m Map[K, V, O]) At(i int) (K, V) {
	n := m.root
	for {
		switch left := n.left.len(); {
		case i < left:
			n = n.left
		case i > left:
			i -= left + 1
			n = n.right
		default:
			return n.key, n.value
		}
	}
}

// All goes through the map in order.
func (m Map[K, V, O]) All() iter.Seq2[K, V] { return m.From(0) }

// From goes through the map in order, from the i-th key on: O(log n) to the first, O(1) on average to each next.
func (m Map[K, V, O]) From(i int) iter.Seq2[K, V] {
	return func(yield func(K, V) bool) { m.root.from(i, yield) }
}

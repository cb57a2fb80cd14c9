package ordered

// node is never changed once it is part of a Map.
type node[K, V any] struct {
	key         K
	value       V
	size        int // of the whole subtree
	left, right *node[K, V]
}

func (n *node[K, V]) len() int {
	if n == nil {
		return 0
	}
	return n.size
}

func (n *node[K, V]) weight() int { return n.len() + 1 }

// with copies n's key and value over other subtrees, which may be out of balance by one insertion or removal.
func (n *node[K, V]) with(l, r *node[K, V]) *node[K, V] {
	switch {
	case r.weight() > 3*l.weight():
		if r.left.weight() < 2*r.right.weight() {
			return r.on(n.on(l, r.left), r.right)
		}
		return r.left.on(n.on(l, r.left.left), r.on(r.left.right, r.right))
	case l.weight() > 3*r.weight():
		if l.right.weight() < 2*l.left.weight() {
			return l.on(l.left, n.on(l.right, r))
		}
		return l.right.on(l.on(l.left, l.right.left), n.on(l.right.right, r))
	}
	return n.on(l, r)
}

// on is with where balance is known to hold.
func (n *node[K, V]) on(l, r *node[K, V]) *node[K, V] {
	return &node[K, V]{n.key, n.value, l.len() + r.len() + 1, l, r}
}

func set[K, V any, O Order[K]](n *node[K, V], key K, value V) *node[K, V] {
	if n == nil {
		return &node[K, V]{key: key, value: value, size: 1}
	}
	var order O
	switch c := order.Compare(key, n.key); {
	case c < 0:
		return n.with(set[K, V, O](n.left, key, value), n.right)
	case c > 0:
		return n.with(n.left, set[K, V, O](n.right, key, value))
	}
	return &node[K, V]{key, value, n.size, n.left, n.right}
}

// remove takes out a key that is there.
func remove[K, V any, O Order[K]](n *node[K, V], key K) *node[K, V] {
	var order O
	switch c := order.Compare(key, n.key); {
	case c < 0:
		return n.with(remove[K, V, O](n.left, key), n.right)
	case c > 0:
		return n.with(n.left, remove[K, V, O](n.right, key))
	}
	return glue(n.left, n.right)
}

// glue makes one of two subtrees that were balanced against each other.
func glue[K, V any](l, r *node[K, V]) *node[K, V] {
	switch {
	case l == nil:
		return r
	case r == nil:
		return l
	case l.size > r.size:
		rest, last := l.withoutLast()
		return last.with(rest, r)
	}
	rest, first := r.withoutFirst()
	return first.with(l, rest)
}

func (n *node[K, V]) withoutFirst() (rest, first *node[K, V]) {
	if n.left == nil {
		return n.right, n
	}
	rest, first = n.left.withoutFirst()
	return n.with(rest, n.right), first
}

func (n *node[K, V]) withoutLast() (rest, last *node[K, V]) {
	if n.right == nil {
		return n.left, n
	}
	rest, last = n.right.withoutLast()
	return n.with(n.left, rest), last
}

// from yields everything from the i-th key on, and says whether more is wanted.
func (n *node[K, V]) from(i int, yield func(K, V) bool) bool {
	if n == nil || i >= n.size {
		return true
	}
	left := n.left.len()
	if i < left && !n.left.from(i, yield) {
		return false
	}
	if i <= left && !yield(n.key, n.value) {
		return false
	}
	return n.right.from(max(0, i-left-1), yield)
}

package eventstore

import "sort"

// positionMap tells where the events of a log are in its copy: as a function that grows by one wherever an event became
// one, kept as the places where that changes. Where little changes it is small, 24 bytes for each.
type positionMap struct {
	spans []span
	old   int64 // the last position that was added
	now   int64 // how many events there are by now
}

// span begins at position old, where the copy has now events; from there on it has one more for each position, or no more.
type span struct {
	old, now int64
	each     bool
}

// add says that the event at a position became n events. Positions come in order; those between were empty.
func (m *positionMap) add(old, n int64) {
	each := len(m.spans) > 0 && m.spans[len(m.spans)-1].each
	if each && (old > m.old+1 || n != 1) {
		m.spans, each = append(m.spans, span{m.old + 1, m.now, false}), false
	}
	m.old, m.now = old, m.now+n
	if n > 0 && !each {
		m.spans = append(m.spans, span{old, m.now, n == 1})
	}
}

// upTo is the position in the copy of the last event that was at or before a position.
func (m *positionMap) upTo(old int64) int64 {
	i := sort.Search(len(m.spans), func(i int) bool { return m.spans[i].old > old }) - 1
	switch {
	case i < 0:
		return 0
	case !m.spans[i].each:
		return m.spans[i].now
	}
	return m.spans[i].now + min(old, m.old) - m.spans[i].old
}

// became lists the positions of what an event became; none when it was left out.
func (m *positionMap) became(old int64) (all []int64) {
	for now := m.upTo(old-1) + 1; now <= m.upTo(old); now++ {
		all = append(all, now)
	}
	return all
}

// same says that every event is where it was.
func (m *positionMap) same() bool {
	return m.old == 0 || len(m.spans) == 1 && m.spans[0] == span{1, 1, true}
}

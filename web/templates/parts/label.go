package parts

import "math"

// Labels are laid out for a map that is 300 pixels wide, as on a phone; on a wider one there is more room. All lengths here
// are units of the drawing.
const (
	pixel      = mapWidth / 300
	letter     = 7.4 * pixel
	lineHeight = 17 * pixel
)

type box struct{ left, top, right, bottom float64 }

func (b box) holds(p xy) bool {
	return p.x >= b.left && p.x <= b.right && p.y >= b.top && p.y <= b.bottom
}

func (b box) meets(o box) bool {
	return b.left < o.right && o.left < b.right && b.top < o.bottom && o.top < b.bottom
}

// labeller finds room for words beside places.
type labeller struct {
	line  []xy // densely
	taken []box
}

// newLabeller walks the line in small steps, because a straight stretch has no points between its ends.
func newLabeller(line along) *labeller {
	l := &labeller{}
	if total := line.total(); total > 0 {
		step := max(6, total/600)
		for d := 0.0; d <= total; d += step {
			at, _ := line.at(d)
			l.line = append(l.line, at)
		}
	}
	return l
}

// spots are where a label may stand, in pixels from its place, best first.
var spots = []struct {
	dx, dy float64
	anchor string
}{
	{17, 5, "start"}, {-17, 5, "end"}, {12, -15, "start"}, {-12, -15, "end"}, {12, 26, "start"}, {-12, 26, "end"},
	{0, -22, "middle"}, {0, 33, "middle"},
}

// put places words where they cover least of the line, of other labels, and of what lies beyond the edge.
func (l *labeller) put(at xy, kind, words string) mapPlace {
	p := place(at)
	p.Kind, p.Label = kind, words
	if words == "" {
		return p
	}
	best, bestCost, bestBox := spots[0], math.Inf(1), box{}
	for _, s := range spots {
		b := labelBox(at, s.dx, s.dy, s.anchor, words)
		if cost := l.cost(b); cost < bestCost {
			best, bestCost, bestBox = s, cost, b
		}
	}
	l.taken = append(l.taken, bestBox)
	p.Dx, p.Dy, p.Anchor = number(best.dx), number(best.dy), best.anchor
	return p
}

func labelBox(at xy, dx, dy float64, anchor, words string) box {
	width := float64(len([]rune(words))) * letter
	left := at.x + dx*pixel
	switch anchor {
	case "end":
		left -= width
	case "middle":
		left -= width / 2
	}
	base := at.y + dy*pixel
	return box{left, base - lineHeight*0.85, left + width, base + lineHeight*0.3}
}

func (l *labeller) cost(b box) float64 {
	cost := 0.0
	for _, p := range l.line {
		if b.holds(p) {
			cost++
		}
	}
	for _, t := range l.taken {
		if b.meets(t) {
			cost += 100
		}
	}
	if b.left < 8 || b.top < 8 || b.right > mapWidth-8 || b.bottom > mapHeight-8 {
		cost += 200
	}
	return cost
}

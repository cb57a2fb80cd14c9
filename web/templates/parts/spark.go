package parts

import (
	"fmt"
	"strings"
)

// SparkView is a small line of how something went, oldest first; the least is at the top, as times are. Words say the same.
type SparkView struct {
	Values []float64
	Words  string // "5 rides, from 5:41 to 5:20"
}

// The drawing's size, with room for the dot at each edge.
const (
	sparkWide = 96
	sparkHigh = 28
	sparkEdge = 4
)

func (s SparkView) place(i int) (x, y float64) {
	low, high := s.Values[0], s.Values[0]
	for _, v := range s.Values {
		low, high = min(low, v), max(high, v)
	}
	x, y = sparkWide/2, sparkHigh/2
	if n := len(s.Values); n > 1 {
		x = sparkEdge + float64(i)/float64(n-1)*(sparkWide-2*sparkEdge)
	}
	if high > low {
		y = sparkEdge + (s.Values[i]-low)/(high-low)*(sparkHigh-2*sparkEdge)
	}
	return x, y
}

// points is the line.
func (s SparkView) points() string {
	var b strings.Builder
	for i := range s.Values {
		x, y := s.place(i)
		fmt.Fprintf(&b, "%.1f,%.1f ", x, y)
	}
	return strings.TrimSpace(b.String())
}

// best is where the least is, the last of equals.
func (s SparkView) best() (x, y string) {
	at := 0
	for i, v := range s.Values {
		if v <= s.Values[at] {
			at = i
		}
	}
	px, py := s.place(at)
	return fmt.Sprintf("%.1f", px), fmt.Sprintf("%.1f", py)
}

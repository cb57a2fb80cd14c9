package parts

import "testing"

// The least is at the top, the first at the left, and equal values lie on one level.
func TestSpark(t *testing.T) {
	for _, c := range []struct {
		values []float64
		points string
		x, y   string // of the best
	}{
		{[]float64{10, 5}, "4.0,24.0 92.0,4.0", "92.0", "4.0"},
		{[]float64{5, 10, 7.5}, "4.0,4.0 48.0,24.0 92.0,14.0", "4.0", "4.0"},
		{[]float64{7, 7, 7}, "4.0,14.0 48.0,14.0 92.0,14.0", "92.0", "14.0"},
		{[]float64{7}, "48.0,14.0", "48.0", "14.0"},
	} {
		s := SparkView{Values: c.values}
		if x, y := s.best(); s.points() != c.points || x != c.x || y != c.y {
			t.Errorf("%v: %s, the best at %s,%s; want %s, %s,%s", c.values, s.points(), x, y, c.points, c.x, c.y)
		}
	}
}

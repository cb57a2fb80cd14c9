package parts

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A frame holds what it is for, has the drawing's shape, and stays on the globe; closer and back again is where one was.
func TestAreaFrames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		south, west := rapid.Float64Range(-80, 79).Draw(t, "south"), rapid.Float64Range(-170, 160).Draw(t, "west")
		a := Area{south, west, south + rapid.Float64Range(0, 1).Draw(t, "high"), west + rapid.Float64Range(0, 1).Draw(t, "wide")}
		f := a.Frame()
		if f.South > a.South || f.West > a.West || f.North < a.North || f.East < a.East {
			t.Fatalf("%v isn't in its frame %v", a, f)
		}
		wide, high := f.Metres()
		if wide < areaLeast-1 || math.Abs(wide/high-1.5) > 0.01 {
			t.Fatalf("the frame of %v is %.0f by %.0f m", a, wide, high)
		}
		if again := f.Shaped(); math.Abs(again.South-f.South) > 1e-6 || math.Abs(again.East-f.East) > 1e-6 {
			t.Fatalf("%v in the drawing's shape becomes %v", f, again)
		}
		back := f.Zoomed(0.5).Zoomed(2)
		for i, d := range []float64{back.South - f.South, back.West - f.West, back.North - f.North, back.East - f.East} {
			if math.Abs(d) > 1e-6 {
				t.Fatalf("side %d of %v is off by %g after zooming", i, f, d)
			}
		}
		moved := f.Moved(1, -1).Moved(-1, 1)
		if math.Abs(moved.South-f.South) > 1e-6 || math.Abs(moved.West-f.West) > 1e-6 {
			t.Fatalf("there and back from %v is %v", f, moved)
		}
	})
	world := Area{-90, -180, 90, 180}.Frame().Zoomed(4)
	if (world != Area{-90, -180, 90, 180}) || world.Moved(1, 1) != world {
		t.Errorf("beyond the world: %v, %v", world, world.Moved(1, 1))
	}
}

func TestAreaShapes(t *testing.T) {
	v := AreaMapView{Frame: Area{50, 4, 50.2001, 4.3001}, Lines: []AreaLine{
		{"Long", []Point{{Lat: 50.05, Lon: 4.1}, {Lat: 50.15, Lon: 4.2}}},
		{"Short", []Point{{Lat: 50.1, Lon: 4.15}, {Lat: 50.1001, Lon: 4.1501}}},
		{"None", nil},
	}}
	got := v.shapes()
	if len(got) != 2 || got[0].Path != "M299.9 450.1L599.8 150.2" || got[1].Path != "" || got[1].X != "449.9" || got[1].Y != "300.1" {
		t.Errorf("%+v", got)
	}
	var many []Point
	for i := range 1000 {
		many = append(many, Point{Lat: 50 + float64(i)*0.0002, Lon: 4.1})
	}
	v.Lines = []AreaLine{{"Many points", many}}
	if path := v.shapes()[0].Path; strings.Count(path, "L") > areaPoints || !strings.HasSuffix(path, "L299.9 0.9") {
		t.Errorf("%d points, the last of %s", strings.Count(path, "L")+1, path)
	}
	var words []string
	for _, l := range v.net() {
		words = append(words, strings.ReplaceAll(l.Words, "\u00a0", " "))
	}
	if got := strings.Join(words, ", "); got != "4.0° E, 4.1° E, 4.2° E, , , 50.05° N, 50.10° N, 50.15° N, " { // at the edges there is no room
		t.Errorf("the net says %s", got)
	}
	south := AreaMapView{Frame: Area{-34.1, -58.6, -33.9, -58.3}}
	if l := south.net()[0]; !strings.HasSuffix(l.Words, "W") {
		t.Errorf("west of Greenwich: %+v", l)
	}
}

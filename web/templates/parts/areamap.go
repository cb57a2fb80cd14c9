package parts

import (
	"fmt"
	"math"
	"strconv"

	"segmentchallenge/internal/web/format"
)

// Area is a part of the world between two parallels and two meridians, in degrees.
type Area struct{ South, West, North, East float64 }

// String writes an area as addresses have it: south,west,north,east.
func (a Area) String() string {
	return fmt.Sprintf("%.5f,%.5f,%.5f,%.5f", a.South, a.West, a.North, a.East)
}

// degree is a degree of latitude in metres.
const degree = 111_195

// Metres are the area's width, along its middle, and its height.
func (a Area) Metres() (wide, high float64) {
	return (a.East - a.West) * a.shrink() * degree, (a.North - a.South) * degree
}

// shrink is how much shorter a degree of longitude is than one of latitude.
func (a Area) shrink() float64 { return math.Max(0.01, math.Cos((a.North+a.South)/2*math.Pi/180)) }

// The drawing is 3 to 2. An area smaller than a village says nothing.
const (
	areaWidth   = 900.0
	areaHeight  = 600.0
	areaLeast   = 3000.0 // metres
	areaMargin  = 1.12
	areaPoints  = 24 // of a line: it's a few millimetres long
	areaDot     = 9  // a line shorter than this is a dot
	areaLines   = 5  // of the net, at most
	areaFurther = 0.5

	areaWordsWide, areaWordsHigh = 150.0, 50.0 // room that words need on a phone, where they are largest
)

// Frame is the area widened to the drawing's shape, with a margin.
func (a Area) Frame() Area { return a.Zoomed(areaMargin).Shaped() }

// Shaped is the area widened to the drawing's shape.
func (a Area) Shaped() Area {
	wide, high := a.Metres()
	wide, high = math.Max(wide, areaLeast), math.Max(high, areaLeast*areaHeight/areaWidth)
	if wide < high*areaWidth/areaHeight {
		wide = high * areaWidth / areaHeight
	} else {
		high = wide * areaHeight / areaWidth
	}
	return a.sized(wide, high)
}

// sized is the area around the same middle with other measures, as far as the world goes.
func (a Area) sized(wide, high float64) Area {
	lat, lon := (a.North+a.South)/2, (a.East+a.West)/2
	dLat, dLon := high/degree/2, wide/degree/a.shrink()/2
	return Area{math.Max(-90, lat-dLat), math.Max(-180, lon-dLon), math.Min(90, lat+dLat), math.Min(180, lon+dLon)}
}

// Zoomed is the area seen closer (factor below 1) or from further away.
func (a Area) Zoomed(factor float64) Area {
	wide, high := a.Metres()
	return a.sized(wide*factor, high*factor)
}

// Moved is the area half its size to the north and the east; negative: south and west. It doesn't leave the world.
func (a Area) Moved(north, east float64) Area {
	dLat := math.Max(-90-a.South, math.Min(90-a.North, north*areaFurther*(a.North-a.South)))
	dLon := math.Max(-180-a.West, math.Min(180-a.East, east*areaFurther*(a.East-a.West)))
	return Area{a.South + dLat, a.West + dLon, a.North + dLat, a.East + dLon}
}

// AreaMapView is many segments on one plain map, for finding them by where they are.
type AreaMapView struct {
	Frame       Area
	Lines       []AreaLine
	Description string // for those who can't see it
	Field       string // id of the input that takes an area that is drawn on the map
	In, Out     string // addresses: closer, further away
	North, East string // half a map further
	South, West string
}

// AreaLine is one segment.
type AreaLine struct {
	Name   string
	Points []Point
}

func (v AreaMapView) place(lat, lon float64) (x, y float64) {
	f := v.Frame
	return (lon - f.West) / (f.East - f.West) * areaWidth, (f.North - lat) / (f.North - f.South) * areaHeight
}

// areaShape is a line as a path, or as a dot where it would be too small to see.
type areaShape struct{ Name, Path, X, Y string }

func (v AreaMapView) shapes() []areaShape {
	var out []areaShape
	for _, l := range v.Lines {
		if len(l.Points) == 0 {
			continue
		}
		s := areaShape{Name: l.Name}
		var low, high xy
		step := max(1, (len(l.Points)+areaPoints-1)/areaPoints)
		for i := 0; i < len(l.Points); i += step {
			if i+step >= len(l.Points) {
				i = len(l.Points) - 1 // the end is always there
			}
			x, y := v.place(l.Points[i].Lat, l.Points[i].Lon)
			if i == 0 {
				s.Path, low, high = fmt.Sprintf("M%.1f %.1f", x, y), xy{x, y}, xy{x, y}
				s.X, s.Y = fmt.Sprintf("%.1f", x), fmt.Sprintf("%.1f", y)
			} else {
				s.Path += fmt.Sprintf("L%.1f %.1f", x, y)
			}
			low, high = xy{min(low.x, x), min(low.y, y)}, xy{max(high.x, x), max(high.y, y)}
		}
		if math.Hypot(high.x-low.x, high.y-low.y) < areaDot {
			s.Path = ""
		}
		out = append(out, s)
	}
	return out
}

// netLine is a parallel or meridian with its words: "" where they would stick out, or lie on those of the other direction.
type netLine struct{ X1, Y1, X2, Y2, X, Y, Words string }

// net is where one is: round degrees, a few each way.
func (v AreaMapView) net() []netLine {
	var out []netLine
	f := v.Frame
	step := netStep(f.East - f.West)
	for lon := math.Ceil(f.West/step) * step; lon < f.East; lon += step {
		x, _ := v.place(f.South, lon)
		at := fmt.Sprintf("%.1f", x)
		line := netLine{X1: at, Y1: "0", X2: at, Y2: "600", X: fmt.Sprintf("%.1f", x+5), Y: "594"}
		if x < areaWidth-areaWordsWide {
			line.Words = degrees(lon, step, "E", "W")
		}
		out = append(out, line)
	}
	step = netStep(f.North - f.South)
	for lat := math.Ceil(f.South/step) * step; lat < f.North; lat += step {
		_, y := v.place(lat, f.West)
		at := fmt.Sprintf("%.1f", y)
		line := netLine{X1: "0", Y1: at, X2: "900", Y2: at, X: "6", Y: fmt.Sprintf("%.1f", y-5)}
		if y > areaWordsHigh && y < areaHeight-areaWordsHigh {
			line.Words = degrees(lat, step, "N", "S")
		}
		out = append(out, line)
	}
	return out
}

// netStep is a round number of degrees that gives a few lines in a range.
func netStep(span float64) float64 {
	for _, step := range []float64{0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 45} {
		if span/step <= areaLines {
			return step
		}
	}
	return 90
}

func degrees(v, step float64, positive, negative string) string {
	decimals := 0
	for s := step; s < 0.999 && decimals < 3; s *= 10 {
		decimals++
	}
	side := positive
	if v < 0 {
		side = negative
	}
	return strconv.FormatFloat(math.Abs(v), 'f', decimals, 64) + "°\u00a0" + side
}

// width says how far it is from side to side.
func (v AreaMapView) width() string {
	wide, _ := v.Frame.Metres()
	return format.Distance(wide, "metric")
}

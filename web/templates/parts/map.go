package parts

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
)

// MapView is a line on a plain ground that the server draws: it needs no outside host, prints, and works offline.
type MapView struct {
	ID          string
	Description string    // for those who can't see it: "Kattenberg, 3.2 km from Bree to Opglabbeek, heading north-east"
	Line        []Point   // the segment, in its direction
	Tracks      [][]Point // rides, drawn faintly below
	Holes       [][]Point // stretches of the line that a ride didn't cover
	Marks       []MapMark
	Graded      bool // colours the line by its gradient; the points need elevations
	Compact     bool // only the line: for cards
	Units       sport.Units
}

// MapMark is a named place: Kind "miss" is a gate that wasn't passed, "pin" anything else.
type MapMark struct {
	At          Point
	Kind, Label string
}

const (
	mapWidth  = 1000.0 // units of the drawing; its shape is 3 to 2, as the style sheet says
	mapHeight = mapWidth * 2 / 3
	mapMargin = 0.13 // of the frame, kept free for labels
)

// mapShape is a MapView as shapes. Paths are in units of the drawing, places in percent of it: so lines stretch with the
// page while marks and words keep their size.
type mapShape struct {
	Line, Grid    string
	Pieces        []gradedPath
	Tracks, Holes []string
	Arrows, Marks []mapPlace
	Posts         []mapPlace // kilometres or miles
	Start, Finish mapPlace
	Loop, Empty   bool

	ScaleX, ScaleEnd, ScaleWidth string // of the bar, and where its words are
	ScaleLabel                   string
	ScaleRight                   bool // in the corner at the right: the line is in the other
}

type gradedPath struct {
	Steep int
	Path  string
}

// mapPlace is a place on the map. Dx, Dy and Anchor put its label where the line isn't.
type mapPlace struct {
	X, Y, Kind, Label, Anchor string
	Turn                      string // transform: the direction of the line
	Dx, Dy                    string // pixels
}

// frame fits what's to be seen into the drawing.
type frame struct {
	origin Point
	left   float64 // metres
	top    float64
	metres float64 // the width
}

func frameOf(v MapView) (frame, bool) {
	seen := append([]Point{}, v.Line...)
	for _, m := range v.Marks {
		seen = append(seen, m.At)
	}
	if len(v.Line) == 0 {
		for _, t := range v.Tracks {
			seen = append(seen, t...)
		}
	}
	seen = slices.DeleteFunc(seen, func(p Point) bool { return !p.known() })
	if len(seen) == 0 {
		return frame{}, false
	}
	f := frame{origin: seen[0]}
	lo, hi := xy{math.Inf(1), math.Inf(1)}, xy{math.Inf(-1), math.Inf(-1)}
	for _, p := range flat(seen, f.origin) {
		lo, hi = xy{min(lo.x, p.x), min(lo.y, p.y)}, xy{max(hi.x, p.x), max(hi.y, p.y)}
	}
	room := 1 - 2*mapMargin
	f.metres = max((hi.x-lo.x)/room, (hi.y-lo.y)/room*mapWidth/mapHeight, 150) // a standstill still has a map
	f.left = (lo.x+hi.x)/2 - f.metres/2
	f.top = (lo.y+hi.y)/2 - f.metres*mapHeight/mapWidth/2
	return f, true
}

// lay projects points into the drawing and thins them to a third of a unit, which nobody sees.
func (f frame) lay(points []Point) []xy {
	out := flat(points, f.origin)
	scale := mapWidth / f.metres
	for i, p := range out {
		out[i] = xy{(p.x - f.left) * scale, (p.y - f.top) * scale}
	}
	return thin(out, 0.35)
}

func (v MapView) shape() mapShape {
	f, ok := frameOf(v)
	if !ok {
		return mapShape{Empty: true}
	}
	line := runAlong(f.lay(v.Line))
	s := mapShape{Line: path(line.points)}
	for _, t := range v.Tracks {
		s.Tracks = append(s.Tracks, path(f.lay(t)))
	}
	for _, h := range v.Holes {
		s.Holes = append(s.Holes, path(f.lay(h)))
	}
	if v.Graded {
		s.Pieces = gradedLine(f, v.Line)
	}
	labels := newLabeller(line)
	if v.Compact {
		s.Start, s.Finish = gate(line, 0, labels, "start", ""), gate(line, line.total(), labels, "finish", "")
		return s
	}
	s.Grid, s.ScaleWidth, s.ScaleLabel = grid(f, v.Units)
	s.placeScale(line)
	if len(line.points) > 1 {
		s.Posts = posts(f, line, v.Units)
		s.Arrows = arrows(line, posted(f, line, v.Units))
		s.placeGates(line, labels)
	}
	for _, m := range v.Marks {
		if at := f.lay([]Point{m.At}); len(at) == 1 {
			s.Marks = append(s.Marks, labels.put(at[0], m.Kind, m.Label))
		}
	}
	return s
}

func path(points []xy) string {
	var b strings.Builder
	for i, p := range points {
		b.WriteByte("ML"[min(i, 1)])
		b.WriteString(number1(p.x) + " " + number1(p.y))
	}
	return b.String()
}

// number1 has one decimal: a tenth of a unit is less than a tenth of a pixel.
func number1(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }

// gradedLine cuts the line where its gradient changes class.
func gradedLine(f frame, points []Point) []gradedPath {
	samples := samplesOf(points)
	bins := gradeBins(samples)
	run := runAlong(f.layAll(points))
	if len(bins) == 0 || run.total() == 0 {
		return nil
	}
	scale := run.total() / samples[len(samples)-1].Metres
	var out []gradedPath
	for _, b := range merged(bins) {
		stretch := thin(run.between(b.From*scale, b.To*scale), 0.35)
		out = append(out, gradedPath{b.steep(), path(stretch)})
	}
	return out
}

// layAll is lay without thinning, for which the distances must stay those of the points.
func (f frame) layAll(points []Point) []xy {
	out := flat(points, f.origin)
	for i, p := range out {
		out[i] = xy{(p.x - f.left) * mapWidth / f.metres, (p.y - f.top) * mapWidth / f.metres}
	}
	return out
}

func place(p xy) mapPlace { return mapPlace{X: percent(p.x / mapWidth), Y: percent(p.y / mapHeight)} }

func turn(degrees float64) string { return "rotate(" + number(degrees) + ")" }

// arrows show the direction, three to seven of them, none where it would touch a post.
func arrows(line along, posts []float64) []mapPlace {
	n := int(min(7, max(3, line.total()/160)))
	var out []mapPlace
	for i := range n {
		d := line.total() * (float64(i) + 0.5) / float64(n)
		for _, post := range posts {
			if off := d - post; math.Abs(off) < 45 {
				d = post + math.Copysign(45, off)
			}
		}
		at, _ := line.at(d)
		p := place(at)
		p.Turn = turn(line.heading(d, 8))
		out = append(out, p)
	}
	return out
}

// posts are full kilometres or miles, or multiples of them, so that there are at most eight.
func posts(f frame, line along, u sport.Units) []mapPlace {
	every, _ := postEvery(f, line, u)
	var out []mapPlace
	for i, d := range posted(f, line, u) {
		at, _ := line.at(d)
		p := place(at)
		p.Label = strconv.Itoa((i + 1) * every)
		out = append(out, p)
	}
	return out
}

// posted is how far along the drawn line each post stands.
func posted(f frame, line along, u sport.Units) []float64 {
	every, perUnit := postEvery(f, line, u)
	var out []float64
	for d := float64(every) * perUnit; d < line.total()-25; d += float64(every) * perUnit {
		out = append(out, d)
	}
	return out
}

func postEvery(f frame, line along, u sport.Units) (every int, perUnit float64) {
	unit := 1000.0
	if u == sport.Imperial {
		unit = 1609.344
	}
	perUnit = unit * mapWidth / f.metres
	for _, every = range []int{1, 2, 5, 10, 20, 50, 100} {
		if line.total()/(perUnit*float64(every)) <= 8 {
			break
		}
	}
	return every, perUnit
}

// placeGates marks both ends; a line that ends where it began has one label.
func (s *mapShape) placeGates(line along, labels *labeller) {
	start, finish := "Start", "Finish"
	if s.Loop = line.points[0].distance(line.points[len(line.points)-1]) < 40; s.Loop {
		start, finish = "Start and finish", ""
	}
	s.Start = gate(line, 0, labels, "start", start)
	s.Finish = gate(line, line.total(), labels, "finish", finish)
}

func gate(line along, d float64, labels *labeller, kind, words string) mapPlace {
	if len(line.points) == 0 {
		return mapPlace{}
	}
	at, _ := line.at(d)
	p := labels.put(at, kind, words)
	p.Turn = turn(line.heading(d, 12))
	return p
}

// placeScale puts the bar into the lower corner in which there is less of the line.
func (s *mapShape) placeScale(line along) {
	left, right := 0, 0
	for _, p := range line.points {
		if p.y > mapHeight*0.7 && p.x < mapWidth*0.4 {
			left++
		}
		if p.y > mapHeight*0.7 && p.x > mapWidth*0.6 {
			right++
		}
	}
	s.ScaleX, s.ScaleEnd = "0", "0"
	if s.ScaleRight = right < left; s.ScaleRight {
		wide, _ := strconv.ParseFloat(strings.TrimSuffix(s.ScaleWidth, "%"), 64) // our own number
		s.ScaleX, s.ScaleEnd = percent(1-wide/100), "100%"
	}
}

// grid is a net of squares of a round size, and a bar that says how long their side is.
func grid(f frame, u sport.Units) (lines, width, words string) {
	metres := nice(f.metres / 5)
	words = format.Distance(metres, sport.Metric)
	if u == sport.Imperial {
		feet := nice(f.metres / 5 / 0.3048)
		metres, words = feet*0.3048, format.Elevation(feet*0.3048, sport.Imperial)
		if miles := nice(f.metres / 5 / 1609.344); f.metres/5 >= 1609.344 {
			metres, words = miles*1609.344, format.Number(int(miles))+" mi"
		}
	}
	words = strings.Replace(words, ".0", "", 1)
	step := metres * mapWidth / f.metres
	var b strings.Builder
	for x := step / 2; x < mapWidth; x += step {
		b.WriteString("M" + number1(x) + " 0V" + number1(mapHeight))
	}
	for y := mapHeight - step/2; y > 0; y -= step {
		b.WriteString("M0 " + number1(y) + "H" + number1(mapWidth))
	}
	return b.String(), percent(step / mapWidth), words
}

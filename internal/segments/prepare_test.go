package segments

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"segmentchallenge/internal/refusal"
)

func TestPrepareRefusesLinesThatAreNone(t *testing.T) {
	tests := map[string]struct {
		line Line
		want error
	}{
		"nothing":               {nil, ErrLineTooFewPoints},
		"one point":             {way{{0, 0}}.line(), ErrLineTooFewPoints},
		"one point twice":       {way{{0, 0}, {0, 0}}.line(), ErrLineTooShort},
		"49 m":                  {way{{0, 0}, {49, 0}}.line(), ErrLineTooShort},
		"standing about":        {way{{0, 0}, {4, 3}, {-4, 2}, {3, -4}, {-2, 4}, {4, 4}, {0, -4}, {4, 4}, {-4, 0}, {3, 3}, {0, -4}, {4, 0}, {0, 0}}.line(), ErrLineTooShort},
		"201 km":                {way{{0, 0}, {201_000, 0}}.line(), ErrLineTooLong},
		"beyond the pole":       {Line{{89, 0}, {91, 0}}, ErrLineOffEarth},
		"longitude 500":         {Line{{50, 4}, {50, 500}}, ErrLineOffEarth},
		"not a number":          {Line{{50, 4}, {math.NaN(), 4}}, ErrLineOffEarth},
		"an infinite longitude": {Line{{50, 4}, {50, math.Inf(1)}}, ErrLineOffEarth},
	}
	for name, c := range tests {
		p, _, err := Prepare(c.line, Options{})
		var r *refusal.Error
		if !errors.Is(err, c.want) || p != nil || !errors.As(err, &r) || r.Kind != refusal.Invalid {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if _, _, err := Prepare(way{{0, 0}, {51, 0}}.line(), Options{}); err != nil {
		t.Errorf("51 m: %v", err)
	}
}

func TestPrepareWarns(t *testing.T) {
	straight := way{{0, 0}, {1000, 0}}
	tests := map[string]struct {
		way  way
		want []string
		at   float64
	}{
		"a straight road":           {straight, nil, 0},
		"280 m":                     {way{{0, 0}, {280, 0}}, []string{"short"}, 0},
		"a bend after the start":    {way{{0, 0}, {50, 0}}.turn(90, 10).ahead(900), []string{"start_near_bend"}, 50},
		"a bend before the finish":  {straight.turn(90, 10).ahead(30), []string{"finish_near_bend"}, 1015},
		"bends in between":          {straight.turn(90, 10).ahead(400).turn(-90, 10).ahead(500), nil, 0},
		"a ring":                    {circuit(1).part(225, circuit(1).metres()-110), []string{"start_meets_finish"}, 0},
		"crossing at a right angle": {way{{0, 0}, {500, 0}}.turn(270, 60).ahead(500), nil, 0},
		"crossing at a small angle": {way{{0, 0}, {1000, 0}}.turn(350, 60).ahead(900), []string{"crosses_itself"}, 940},
	}
	for name, c := range tests {
		_, warnings, err := Prepare(c.way.line(), Options{})
		if err != nil || len(warnings) != len(c.want) {
			t.Errorf("%s: %v, %+v, want %v", name, err, warnings, c.want)
			continue
		}
		for i, w := range warnings {
			if w.Code != c.want[i] || w.Detail == "" {
				t.Errorf("%s: %+v, want %v", name, w, c.want)
			}
			within(t, name, w.Metres, c.at, 60)
			place, _ := c.way.at(c.way.cum(), w.Metres)
			within(t, name+": off the place on the map", Metres(w.At, here.unproject(place)), 0, 25)
		}
	}
}

func TestPrepareMakesCheckpointsAndGates(t *testing.T) {
	w := road.part(300, 2000)
	p := prepared(t, w.line(), Standard)
	within(t, "length", p.Length, w.metres(), 1)
	for k := 1; k < len(p.checkpoints); k++ {
		if d := distance(p.checkpoints[k-1], p.checkpoints[k]); d > spacing+0.01 || d < 0.8*spacing {
			t.Errorf("checkpoints %d and %d are %.2f m apart", k-1, k, d)
		}
	}
	line := w.line()
	for name, gate := range map[string][2]LatLon{"start": p.Start, "finish": p.Finish} {
		within(t, name+" line's length", Metres(gate[0], gate[1]), 2*gateHalfWidth, 0.2)
		end := map[string]LatLon{"start": line[0], "finish": line[len(line)-1]}[name]
		within(t, name+" line's left half", Metres(gate[0], end), gateHalfWidth, 0.2)
		within(t, name+" line's right half", Metres(gate[1], end), gateHalfWidth, 0.2)
	}
	for _, q := range line {
		if box := BoxOf(Line{q}).Grown(45); !p.Box.Overlaps(box) || box.North > p.Box.North || box.East > p.Box.East {
			t.Errorf("the box %+v doesn't hold 45 m around %+v", p.Box, q)
		}
	}
}

func TestCleanDropsSpikesAndKeepsTurningPoints(t *testing.T) {
	var recorded way
	for s := 0.0; s <= 600; s += 12 {
		recorded = append(recorded, xy{s, 0})
	}
	clean := prepared(t, recorded.line(), Standard)
	spiked := append(way{}, recorded...)
	spiked[20] = xy{spiked[20].x, 90}
	within(t, "length with a spike", prepared(t, spiked.line(), Standard).Length, clean.Length, 1)
	turning := way{{0, 0}, {100, 0}, {200, 0}, {300, 0}, {200, 0}, {100, 0}, {0, 0}}
	within(t, "length to a turning point and back", prepared(t, turning.line(), Standard).Length, 600, 1)
	corner := way{{0, 0}, {300, 0}, {306, 0}, {306, 300}} // drawn by hand: the second corner is near the first
	within(t, "length around a drawn corner", prepared(t, corner.line(), Standard).Length, 606, 1)
	doubled := append(append(way{}, recorded[:20]...), recorded[19:]...)
	within(t, "length with a place twice", prepared(t, doubled.line(), Standard).Length, clean.Length, 0.1)
}

func TestNearestAgreesWithLookingEverywhere(t *testing.T) {
	p := roadSegment(t, Standard)
	rng := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		q := xy{rng.Float64()*3000 - 1500, rng.Float64()*3000 - 1500}
		best, bestAlong := math.Inf(1), 0.0
		for k := range len(p.checkpoints) - 1 {
			if d, f := offLeg(p.checkpoints[k], p.checkpoints[k+1], q); d < best {
				best, bestAlong = d, (float64(k)+f)*p.step
			}
		}
		off, along := p.nearest(q, math.Inf(1))
		if off != best || along != bestAlong {
			t.Fatalf("nearest %+v: %f at %f, want %f at %f", q, off, along, best, bestAlong)
		}
	}
}

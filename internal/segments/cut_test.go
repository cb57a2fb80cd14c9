package segments

import (
	"errors"
	"math"
	"testing"
)

func TestCutTrack(t *testing.T) {
	samples, _ := ride{way: road, stops: map[float64]float64{900: 60}}.run()
	line, kept, err := CutTrack(samples, 40, 200)
	if err != nil || len(line) != len(kept) {
		t.Fatal(len(line), len(kept), err)
	}
	if kept[0] != 40 || kept[len(kept)-1] != 200 || len(line) > 161-59 {
		t.Errorf("kept %v", kept)
	}
	for i, k := range kept {
		if line[i] != samples[k].place() {
			t.Fatalf("point %d is not sample %d", i, k)
		}
	}
	within(t, "metres", line.Metres(), 40+(200-40-60)*8-40, 10)
	r := Match(prepared(t, line, Standard), IndexTrack(samples))
	expectEfforts(t, r, 1)
	within(t, "its own time", r.Efforts[0].ElapsedMs, 160_000, 10)
}

func TestCutTrackRefuses(t *testing.T) {
	samples, _ := ride{way: road}.run()
	for _, c := range [][2]int{{-1, 5}, {5, len(samples)}, {7, 7}, {9, 2}} {
		if _, _, err := CutTrack(samples, c[0], c[1]); !errors.Is(err, ErrCutRange) {
			t.Errorf("%v: %v", c, err)
		}
	}
	if _, _, err := CutTrack(nil, 0, 0); !errors.Is(err, ErrCutRange) {
		t.Errorf("nothing: %v", err)
	}
	far := append(samples[:100:100], samples[140:]...) // 320 m unrecorded
	if _, _, err := CutTrack(far, 50, 150); !errors.Is(err, ErrCutGap) {
		t.Errorf("a gap: %v", err)
	}
	if _, _, err := CutTrack(far, 110, 150); err != nil {
		t.Errorf("behind the gap: %v", err)
	}
	near := append(samples[:100:100], samples[105:]...)
	near[100].Break = true
	if _, _, err := CutTrack(near, 50, 150); !errors.Is(err, ErrCutGap) {
		t.Errorf("a pause: %v", err)
	}
}

func TestCutLine(t *testing.T) {
	line, elevations := climb(101, func(s float64) float64 { return 100 + s/10 })
	part, heights, err := CutLine(line, elevations, 123, 456)
	if err != nil || len(part) != len(heights) {
		t.Fatal(len(part), len(heights), err)
	}
	within(t, "metres", part.Metres(), 333, 0.5)
	within(t, "first elevation", float64(heights[0]), 112.3, 0.1)
	within(t, "last elevation", float64(heights[len(heights)-1]), 145.6, 0.1)
	whole, _, err := CutLine(line, nil, 0, line.Metres())
	if err != nil || len(whole) != len(line) {
		t.Errorf("the whole line: %d points of %d, %v", len(whole), len(line), err)
	}
	for _, c := range [][2]float64{{-1, 10}, {10, 10}, {20, 10}, {0, 2000}, {math.NaN(), 10}, {0, math.NaN()}} {
		if _, _, err := CutLine(line, nil, c[0], c[1]); !errors.Is(err, ErrCutRange) {
			t.Errorf("%v: %v", c, err)
		}
	}
	if _, _, err := CutLine(nil, nil, 0, 1); !errors.Is(err, ErrCutRange) {
		t.Errorf("no line: %v", err)
	}
}

package eventstore

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// However events begin, finish and are written down, the flight knows what a list of all of them says.
func TestFlightIsAsTheListSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		type event struct {
			position          int64
			finished, covered bool
		}
		var events []event // the model
		upTo := rapid.Int64Range(0, 5).Draw(t, "start")
		f := flight{upTo: upTo}
		t.Repeat(map[string]func(*rapid.T){
			"begin": func(t *rapid.T) {
				b := batch{upTo: upTo}
				for range rapid.IntRange(0, 5).Draw(t, "events") {
					b.upTo += rapid.Int64Range(1, 3).Draw(t, "step") // the filter leaves some out
					b.events = append(b.events, Recorded{Position: b.upTo})
					events = append(events, event{position: b.upTo})
				}
				b.upTo += rapid.Int64Range(0, 2).Draw(t, "left out")
				upTo = b.upTo
				f.begin(b)
			},
			"finish": func(t *rapid.T) {
				var open []int
				for i, e := range events {
					if !e.finished {
						open = append(open, i)
					}
				}
				if len(open) == 0 {
					t.Skip("nothing is under way")
				}
				i := rapid.SampledFrom(open).Draw(t, "event")
				events[i].finished = true
				f.finish(events[i].position)
			},
			"write": func(t *rapid.T) {
				position, _ := f.finished()
				f.written(position)
				for i := range events {
					events[i].covered = events[i].covered || events[i].position <= position
				}
			},
			"": func(t *rapid.T) {
				position, unwritten, open, behind := upTo, 0, 0, 0
				var ahead []int64
				for _, e := range events {
					switch {
					case !e.finished && open == 0:
						position = e.position - 1
						fallthrough
					case !e.finished:
						open++
					case open > 0:
						ahead = append(ahead, e.position)
					case !e.covered:
						unwritten++
					}
					if !e.covered {
						behind++
					}
				}
				if got, n := f.finished(); got != position || n != unwritten {
					t.Errorf("finished up to %d with %d to write, want %d with %d", got, n, position, unwritten)
				}
				if got := f.finishedAhead(); !slices.Equal(got, ahead) {
					t.Errorf("finished ahead: %v, want %v", got, ahead)
				}
				if got := f.room(100, 100); got != 100-max(open, behind) || f.underWay() != (open > 0) || f.read() != upTo {
					t.Errorf("room for %d with %d open and %d behind the checkpoint; read up to %d of %d", got, open, behind, f.read(), upTo)
				}
			},
		})
	})
}

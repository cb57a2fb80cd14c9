package importer_test

import (
	"math"
	"testing"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/activities/simulate"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/importer"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/webtest"
)

// without is a world of which the challenge needs no segment.
func without(t *testing.T, change func(*challenges.Definition)) (*world, webtest.Athlete) {
	t.Helper()
	w := &world{Site: webtest.Start(t), road: simulate.Way(7, simulate.Landscape{Length: 9_000, Hills: 1, Height: 120})}
	w.organiser = w.Athlete("Ilse Maes", sport.Female, nil)
	w.challenge = w.Challenge(w.organiser, "Of activities", func(d *challenges.Definition) { d.Window = webtest.Days(-3, 2); change(d) })
	w.Host(w.organiser, w.challenge)
	return w, w.rider("Ana Smet", sport.Female)
}

// entry is where the athlete stands on a stage.
func (w *world) entry(a webtest.Athlete, number int) (readmodel.BoardEntry, bool) {
	w.Helper()
	stage := w.Reload(w.organiser, w.challenge.ID).Stages[number-1]
	e, on, err := readmodel.BoardEntryOf(w.Context(), w.Pool, stage.ID, sport.Open, a.ID)
	if err != nil {
		w.Fatal(err)
	}
	return e, on
}

// A goal for each day makes a stage of each day; what is ridden belongs to the day on which it starts, and adds up or
// doesn't.
func TestAGoalForEachDay(t *testing.T) {
	for name, accumulates := range map[string]bool{"added up": true, "best single one": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, ana := without(t, func(d *challenges.Definition) {
				d.Type, d.AccumulateActivities = sport.DistanceChallenge, accumulates
				d.Goal = &sport.Goal{Value: 10, Units: "kilometres", Recurrence: sport.Daily}
			})
			if n := len(w.Reload(w.organiser, w.challenge.ID).Stages); n != 6 {
				t.Fatalf("%d stages of six days", n)
			}
			var distance [3]float64
			for i, c := range []struct {
				day, hour int
				to        float64 // metres along the road
			}{{-1, 9, 0}, {-1, 15, 5_000}, {-2, 9, 0}} {
				p := w.plan(uint64(i)+1, 8, at(c.day, c.hour))
				p.Span.To = c.to
				r, _ := p.Ride()
				item := w.bring(ana, "ride.gpx", encode(t, "gpx", r))
				if item.Status != importer.Processed || len(item.Efforts) != 1 {
					t.Fatal(item.Words())
				}
				distance[i] = item.Efforts[0].Distance
			}
			want := map[int]float64{2: distance[2], 3: distance[0]} // days -2 and -1
			if accumulates {
				want[3] += distance[1]
			}
			for number, metres := range want {
				e, on := w.entry(ana, number)
				if !on || math.Abs(e.Value.Float()-metres) > 1 || e.GoalProgress == nil || math.Abs(*e.GoalProgress-metres/100) > 0.1 {
					t.Errorf("stage %d: %+v, want %.0f m", number, e, metres)
				}
			}
			if e, on := w.entry(ana, 4); on {
				t.Errorf("today: %+v", e)
			}
		})
	}
}

// A race is the fastest part of a ride that covers its distance, and not the whole of it; who stops short is told.
func TestARaceIsTheFastestPart(t *testing.T) {
	w, ana := without(t, func(d *challenges.Definition) {
		d.Type, d.Goal = sport.RaceChallenge, &sport.Goal{Value: 3, Units: "kilometres"}
	})
	r, _ := w.plan(1, 8, at(-1, 9)).Ride()
	item := w.bring(ana, "ride.fit", encode(t, "fit", r))
	if len(item.Efforts) != 1 {
		t.Fatal(item.Words())
	}
	track, err := w.Importer.Track(t.Context(), item.ID)
	if err != nil {
		t.Fatal(err)
	}
	best, ok := activities.BestEffort(track, 3000)
	got := item.Efforts[0]
	if !ok || got.Elapsed.Duration() != best.Elapsed() || got.Distance != 3000 || got.StartUTC.UnixMilli() != best.StartMS {
		t.Errorf("%+v, want %v", got, best.Elapsed())
	}
	if whole := track[len(track)-1].TimeMS - track[0].TimeMS; best.Elapsed().Milliseconds() > whole/2 {
		t.Errorf("3 of 9 km took %v of %d ms", best.Elapsed(), whole)
	}
	short := w.plan(2, 9, at(-1, 15))
	short.Span.To = 2_000
	s, _ := short.Ride()
	second := w.bring(ana, "short.gpx", encode(t, "gpx", s))
	findings, err := readmodel.FindingsOfActivity(t.Context(), w.Pool, second.ID)
	if err != nil || len(second.Efforts) != 0 || len(findings) != 1 || len(findings[0].Misses) != 1 || findings[0].Misses[0].Code != "too_short" || findings[0].Misses[0].Detail == "" {
		t.Errorf("too short: %s, %+v, %v", second.Words(), findings, err)
	}
	if e, _ := w.entry(ana, 1); e.EffortID != got.ID || e.Attempts != 1 {
		t.Errorf("%+v", e)
	}
}

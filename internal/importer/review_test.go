package importer_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/activities/simulate"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/segments"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
	"segmentchallenge/internal/web/webtest"
)

// withoutGate is a recording of which the device lost the seconds around the start of the climb.
func (w *world) withoutGate(p simulate.Plan, seconds int64) activities.Recording {
	r, _ := p.Ride()
	gate, nearest, least := w.road.Line[int(w.climb.From/10)], 0, math.Inf(1)
	for i, p := range r.Track {
		if d := math.Hypot(p.Lat-gate.Lat, (p.Lon-gate.Lon)*math.Cos(gate.Lat*math.Pi/180)); d < least {
			nearest, least = i, d
		}
	}
	lost := r.Track[nearest].TimeMS
	var kept activities.Track
	for _, p := range r.Track {
		if p.TimeMS < lost-seconds*500 || p.TimeMS > lost+seconds*500 {
			kept = append(kept, p)
		}
	}
	r.Track = kept
	return r
}

func (w *world) queue() []readmodel.Effort {
	w.Helper()
	found, _, err := readmodel.ReviewQueue(w.Context(), w.Pool, readmodel.ReviewFilter{ChallengeID: w.challenge.ID})
	if err != nil {
		w.Fatal(err)
	}
	return found
}

// An effort of which the device didn't record the start waits for the organiser, and counts (or doesn't) as they decide,
// also when it is brought again.
func TestAnEffortWithAHoleAtTheGateWaits(t *testing.T) {
	w := newWorld(t)
	ana, bram := w.rider("Ana Smet", sport.Female), w.rider("Bram Claes", sport.Male)
	head := func(a webtest.Athlete) competitors.Head {
		return competitors.Head{ChallengeID: w.challenge.ID, AthleteID: a.ID, By: w.organiser.Actor, Now: time.Now()}
	}
	rules := competitors.Rules{StageID: w.stage.ID}
	items := map[uuid.UUID]uuid.UUID{} // of activities, by athlete
	for i, a := range []webtest.Athlete{ana, bram} {
		item := w.bring(a, "ride.gpx", encode(t, "gpx", w.withoutGate(w.plan(uint64(i)+1, 8, at(-1, 9)), 40)))
		if len(item.Efforts) != 0 || len(item.Refused) != 1 || item.Refused[0].Status != readmodel.EffortNeedsReview || item.Refused[0].Quality != string(segments.GradeC) || item.Refused[0].Reason == "" {
			t.Fatalf("%s: %+v", a.Name, item)
		}
		items[a.ID] = item.ID
	}
	w.wantBoard("while both wait", "")
	waiting := w.queue()
	if len(waiting) != 2 || waiting[0].AthleteID != ana.ID {
		t.Fatalf("%d wait: %+v", len(waiting), waiting)
	}
	counts, err := readmodel.ReviewCounts(t.Context(), w.Pool, w.challenge.ID)
	if err != nil || counts[w.stage.ID] != 2 {
		t.Errorf("%v, %v", counts, err)
	}
	w.Send(competitors.AcceptEffort{Head: head(ana), Rules: rules, EffortID: waiting[0].ID, Note: "I saw her."})
	w.Send(competitors.RejectEffort{Head: head(bram), Rules: rules, EffortID: waiting[1].ID, Note: "He came by the field."})
	w.wantBoard("after the review", "Ana Smet")
	if got := w.efforts(items[bram.ID]); got != "rejected rejected" {
		t.Errorf("Bram's: %q", got)
	}
	if n := len(w.queue()); n != 0 {
		t.Errorf("%d still wait", n)
	}
	for _, a := range []webtest.Athlete{ana, bram} { // private and public again: it is matched and judged anew each time
		for _, private := range []bool{true, false} {
			w.Send(activities.Edit{Head: activities.Head{ID: items[a.ID], By: a.Actor, Now: time.Now()}, Name: "Ride", Type: sport.Ride, Private: private})
		}
	}
	w.wantBoard("brought again", "Ana Smet")
	if got := w.efforts(items[bram.ID]); got != "rejected rejected" {
		t.Errorf("Bram's, brought again: %q", got)
	}
	again := w.withoutGate(w.plan(2, 8, at(-1, 9)), 44) // the same ride from another device
	if item := w.bring(bram, "other.gpx", encode(t, "gpx", again)); len(item.Efforts) != 0 || len(w.queue()) != 0 {
		t.Errorf("by another device: %+v", item)
	}
}

// What came in while the results were final counts when they are opened again; what waits for review when they are made
// final, doesn't count.
func TestReopenedStagesTakeRides(t *testing.T) {
	w := newWorld(t)
	ana, bram, chloe := w.rider("Ana Smet", sport.Female), w.rider("Bram Claes", sport.Male), w.rider("Chloé Martin", sport.Female)
	w.ride(ana, w.plan(1, 7, at(-1, 9)))
	w.bring(chloe, "ride.gpx", encode(t, "gpx", w.withoutGate(w.plan(3, 8, at(-1, 9)), 40)))
	head := stages.Head{ID: w.stage.ID, By: w.organiser.Actor, Now: time.Now()}
	w.Send(stages.End{Head: head})
	w.Send(stages.Approve{Head: head})
	if got := w.queue(); len(got) != 0 {
		t.Errorf("nobody can decide any more, and %d wait", len(got))
	}
	r, _ := w.plan(2, 9, at(-1, 11)).Ride()
	late := w.bring(bram, "ride.gpx", encode(t, "gpx", r))
	w.wantBoard("final", "Ana Smet")
	w.Send(stages.Reopen{Head: head, Reason: "Bram's device was being repaired."})
	w.wantBoard("opened again", "Bram Claes, Ana Smet")
	if got := w.efforts(late.ID); got != "accepted" || len(w.queue()) != 1 {
		t.Errorf("Bram's: %q; %d wait", got, len(w.queue()))
	}
}

// Where the scoring counts only the first attempts, another takes the place of one that goes.
func TestAttemptsAreFilledUp(t *testing.T) {
	w := &world{Site: webtest.Start(t), road: simulate.Way(7, simulate.Landscape{Length: 9_000, Hills: 1, Height: 120})}
	w.climb = w.road.Climbs[0]
	w.organiser = w.Athlete("Ilse Maes", sport.Female, nil)
	w.segment = w.Segment(w.organiser, "Kattenberg", w.part(w.climb))
	w.challenge = w.Challenge(w.organiser, "Two tries", func(d *challenges.Definition) {
		d.Scoring = leaderboards.Tour()
		d.Scoring.Admission.MaxAttempts = 2
	})
	w.stage = w.Stage(w.organiser, w.challenge, "Kattenberg", w.segment, nil)
	w.Host(w.organiser, w.challenge)
	ana := w.rider("Ana Smet", sport.Female)
	var items []uuid.UUID
	for i, flat := range []float64{9.5, 8, 11} {
		r, _ := w.plan(uint64(i)+1, flat, at(-1, 9+2*i)).Ride()
		items = append(items, w.bring(ana, "ride.gpx", encode(t, "gpx", r)).ID)
	}
	if got := w.efforts(items[2]); got != "refused attempts_used_up" {
		t.Errorf("the third: %q", got)
	}
	w.Send(activities.Delete{Head: activities.Head{ID: items[0], By: ana.Actor, Now: time.Now()}})
	if got := w.efforts(items[2]); got != "accepted" {
		t.Errorf("the third, when the first has gone: %q", got)
	}
	all, err := readmodel.EffortsOfActivity(t.Context(), w.Pool, items[1])
	if err != nil {
		t.Fatal(err)
	}
	w.Send(competitors.FlagEffort{Head: competitors.Head{ChallengeID: w.challenge.ID, AthleteID: ana.ID, By: w.organiser.Actor, Now: time.Now()},
		Rules: competitors.Rules{StageID: w.stage.ID}, EffortID: all[0].ID, Reason: "Behind a car."})
	r, _ := w.plan(9, 7, at(-1, 16)).Ride()
	if item := w.bring(ana, "ride.gpx", encode(t, "gpx", r)); len(item.Efforts) != 1 {
		t.Errorf("after one was flagged: %s", item.Words())
	}
}

// Narrowing the types takes out what the organiser has recorded by hand, too.
func TestNarrowedTypesTakeOutWhatWasRecordedByHand(t *testing.T) {
	w := newWorld(t)
	ana := w.rider("Ana Smet", sport.Female)
	start := webtest.Day(-1, 9*time.Hour)
	record := competitors.RecordByHand{Head: competitors.Head{ChallengeID: w.challenge.ID, AthleteID: ana.ID, By: w.organiser.Actor, Now: time.Now()},
		Rules: competitors.Rules{StageID: w.stage.ID}, Activity: competitors.Activity{ID: uuid.New(), Type: sport.Ride, StartLocal: start},
		Performance: competitors.Performance{Lap: 1, StartUTC: start.In(webtest.Zone).UTC(), StartLocal: start, ElapsedMs: 600_000}}
	w.Send(record)
	w.wantBoard("by hand", "Ana Smet")
	adjust := func(types ...sport.ActivityType) {
		t.Helper()
		w.Send(challenges.AdjustActivityTypes{Head: challenges.Head{ID: w.challenge.ID, By: w.organiser.Actor, Now: time.Now()}, Types: types})
	}
	adjust(sport.Ride, sport.Run)
	w.wantBoard("widened", "Ana Smet")
	adjust(sport.Run)
	w.wantBoard("narrowed", "")
	if got := w.efforts(record.Activity.ID); got != "removed activity_type_not_included" {
		t.Errorf("%q", got)
	}
}

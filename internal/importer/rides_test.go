package importer_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/activities/simulate"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/importer"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
	"segmentchallenge/internal/web/webtest"
)

// Rides with noise, of three formats, get the times that were really ridden.
func TestRidesMakeABoard(t *testing.T) {
	w := newWorld(t)
	ana, bram, chloe := w.rider("Ana Smet", sport.Female), w.rider("Bram Claes", sport.Male), w.rider("Chloé Martin", sport.Undisclosed)
	for i, c := range []struct {
		who  webtest.Athlete
		kind string
		flat float64
	}{{ana, "fit", 8.5}, {bram, "gpx", 9.5}, {chloe, "tcx", 7.5}} {
		r, truth := w.plan(uint64(i)+1, c.flat, at(-1, 9+i)).Ride()
		item := w.bring(c.who, "ride."+c.kind, encode(t, c.kind, r))
		if item.Status != importer.Processed || len(item.Efforts) != 1 {
			t.Fatalf("%s: %s", c.kind, item.Words())
		}
		got, want := item.Efforts[0].Elapsed.Float(), truth.Took(w.climb).Seconds()
		if math.Abs(got-want) > 4 {
			t.Errorf("%s: %.1f s, truly %.1f s", c.kind, got, want)
		}
	}
	w.wantBoard("after three rides", "Bram Claes, Ana Smet, Chloé Martin")
	r, _ := w.plan(9, 11, at(-1, 15)).Ride()
	w.bring(ana, "again.fit", encode(t, "fit", r))
	w.wantBoard("after a better one", "Ana Smet, Bram Claes, Chloé Martin")
}

func TestWhoJoinsLateBringsEarlierRidesAlong(t *testing.T) {
	w := newWorld(t)
	ana := w.Athlete("Ana Smet", sport.Female, nil)
	for i, p := range []simulate.Plan{w.plan(1, 8, at(-1, 9)), w.plan(2, 9, at(-1, 15)), w.plan(3, 12, at(-5, 9))} {
		r, _ := p.Ride()
		if item := w.bring(ana, "ride.gpx", encode(t, "gpx", r)); item.Status != importer.Processed || len(item.Efforts) != 0 {
			t.Fatalf("ride %d counts though she isn't in: %s", i, item.Words())
		}
	}
	w.wantBoard("before joining", "")
	w.Join(w.challenge, ana)
	w.wantBoard("after joining", "Ana Smet")
	if n := w.count(`select attempts from board_entries where category = 'Open'`); n != 2 {
		t.Errorf("%d attempts, want the 2 since the stage began", n)
	}
}

// A season is entered late: a stage of the past takes the rides that are there, at once.
func TestAStageOfThePastTakesRidesAtOnce(t *testing.T) {
	w := newWorld(t)
	ana := w.rider("Ana Smet", sport.Female)
	r, _ := w.plan(1, 8, at(-10, 9)).Ride()
	item := w.bring(ana, "ride.gpx", encode(t, "gpx", r))
	late := w.Stage(w.organiser, w.challenge, "Late", w.segment, func(d *challenges.StageDefinition) { d.Window = webtest.Days(-12, -8) })
	if late.Status != sport.Past {
		t.Errorf("it is %s", late.Status)
	}
	if got := w.efforts(item.ID); got != "accepted" {
		t.Errorf("the ride that was there: %q", got)
	}
}

// A ride in the stage's time that comes in before the stage has been started waits for it.
func TestAStageThatStartsTakesTheRidesThatWait(t *testing.T) {
	w := newWorld(t)
	ana := w.rider("Ana Smet", sport.Female)
	late, err := readmodel.StageBySlug(w.Context(), w.Pool, w.organiser.Actor, w.challenge.ID, "once-more")
	if err != nil {
		t.Fatal(err)
	}
	w.Send(challenges.RescheduleStage{Head: challenges.Head{ID: w.challenge.ID, By: w.organiser.Actor, Now: time.Now()}, StageID: late.ID, Window: webtest.Days(-12, -8)})
	r, _ := w.plan(1, 8, at(-10, 9)).Ride()
	item := w.bring(ana, "ride.gpx", encode(t, "gpx", r))
	if len(item.Efforts)+len(item.Refused) != 0 {
		t.Fatalf("a stage that hasn't started counts: %s", item.Words())
	}
	w.Tick(time.Now())
	w.settle()
	if got := w.efforts(item.ID); got != "accepted" {
		t.Errorf("efforts after the stage %s has started: %q", late.Slug, got)
	}
}

// A ride at the wrong time isn't passed over in silence.
func TestARideAtTheWrongTimeSaysSo(t *testing.T) {
	w := newWorld(t)
	ana := w.rider("Ana Smet", sport.Female)
	r, _ := w.plan(1, 8, at(-3, 9)).Ride()
	early := w.bring(ana, "early.gpx", encode(t, "gpx", r))
	if len(early.Efforts) != 0 || len(early.Refused) != 1 || early.Refused[0].Code != "outside_window" {
		t.Errorf("a day early: %s, %+v", early.Words(), early.Refused)
	}
	w.ride(ana, w.plan(2, 9, at(-1, 9))) // nothing of the next stage, which is on the same segment
	w.Send(stages.End{Head: stages.Head{ID: w.stage.ID, By: w.organiser.Actor, Now: time.Now()}})
	w.Send(stages.Approve{Head: stages.Head{ID: w.stage.ID, By: w.organiser.Actor, Now: time.Now()}})
	r, _ = w.plan(3, 10, at(-1, 15)).Ride()
	late := w.bring(ana, "late.gpx", encode(t, "gpx", r))
	if len(late.Efforts) != 0 || len(late.Refused) != 1 || late.Refused[0].Code != "stage_approved" {
		t.Errorf("after the results are final: %s, %+v", late.Words(), late.Refused)
	}
	if n := w.count(`select attempts from board_entries where category = 'Open'`); n != 1 {
		t.Errorf("%d attempts count", n)
	}
}

// settle waits until everything that has happened is matched and can be read.
func (w *world) settle() {
	w.Helper()
	for last := int64(-1); ; {
		head, err := w.Store.Head(w.Context())
		if err == nil {
			err = w.Store.WaitFor(w.Context(), head, append(w.ReadModels(), importer.Name, "processes")...)
		}
		if err != nil {
			w.Fatal(err)
		}
		if head == last {
			return
		}
		last = head
	}
}

func TestAnEditedActivityIsJudgedAgain(t *testing.T) {
	w := newWorld(t)
	ana := w.rider("Ana Smet", sport.Female)
	item, _ := w.ride(ana, w.plan(1, 8, at(-1, 9)))
	edit := func(typ sport.ActivityType, private bool) {
		t.Helper()
		w.Send(activities.Edit{Head: activities.Head{ID: item.ID, By: ana.Actor, Now: time.Now()}, Name: "Morning", Type: typ, Private: private})
	}
	edit(sport.Ride, true)
	w.wantBoard("private", "")
	if got := w.efforts(item.ID); got != "refused private_not_allowed" {
		t.Errorf("private: %q", got)
	}
	edit(sport.Ride, false)
	w.wantBoard("public again", "Ana Smet")
	edit(sport.Run, false)
	w.wantBoard("a run", "")
	if got := w.efforts(item.ID); got != "refused activity_type_not_included" {
		t.Errorf("a run: %q", got)
	}
	w.Send(challenges.AdjustActivityTypes{Head: challenges.Head{ID: w.challenge.ID, By: w.organiser.Actor, Now: time.Now()},
		Types: []sport.ActivityType{sport.Ride, sport.Run}})
	w.wantBoard("where runs count too", "Ana Smet")
}

// A site that was restored from its log alone has no tracks. What was found in them stays.
func TestALostTrackTakesNothingAway(t *testing.T) {
	w := newWorld(t)
	ana := w.rider("Ana Smet", sport.Female)
	item, _ := w.ride(ana, w.plan(1, 8, at(-1, 9)))
	if _, err := w.Pool.Exec(w.Context(), `delete from activity_tracks where activity_id = $1`, item.ID); err != nil {
		t.Fatal(err)
	}
	w.Send(activities.Edit{Head: activities.Head{ID: item.ID, By: ana.Actor, Now: time.Now()}, Name: "Evening", Type: sport.Ride, Commute: true})
	if got := w.efforts(item.ID); got != "accepted" {
		t.Errorf("after an edit without a track: %q", got)
	}
	w.wantBoard("without a track", "Ana Smet")
}

func TestADeletedActivityIsGoneAndMayComeAgain(t *testing.T) {
	w := newWorld(t)
	ana, bram := w.rider("Ana Smet", sport.Female), w.rider("Bram Claes", sport.Male)
	w.ride(bram, w.plan(2, 7, at(-1, 8)))
	r, _ := w.plan(1, 8, at(-1, 9)).Ride()
	data := encode(t, "gpx", r)
	item := w.bring(ana, "ride.gpx", data)
	w.wantBoard("at first", "Ana Smet, Bram Claes")
	remove := activities.Delete{Head: activities.Head{ID: item.ID, By: ana.Actor, Now: time.Now()}}
	w.Send(remove)
	w.wantBoard("deleted", "Bram Claes")
	if n := w.count(`select count(*) from activity_tracks where athlete_id = $1`, ana.ID) + w.count(`select count(*) from activity_files where athlete_id = $1`, ana.ID); n != 0 {
		t.Errorf("%d rows are left of a deleted activity", n)
	}
	// Bring it again, and delete it and bring it again at once: the deletion must not take the new track along.
	for round := range 5 {
		if again := w.bring(ana, "ride.gpx", data); again.ID != item.ID || len(again.Efforts) != 1 {
			t.Fatalf("round %d: %s", round, again.Words())
		}
		remove.Now = time.Now()
		if _, err := w.Dispatch.Send(t.Context(), remove, eventstore.Meta{}); err != nil {
			t.Fatal(err)
		}
	}
	w.bring(ana, "ride.gpx", data)
	w.wantBoard("brought again", "Ana Smet, Bram Claes")
	if n := w.count(`select count(*) from activity_tracks where athlete_id = $1`, ana.ID); n != 1 {
		t.Errorf("%d tracks", n)
	}
}

func TestAnotherSegmentIsMatchedAnew(t *testing.T) {
	w := newWorld(t)
	ana, bram := w.rider("Ana Smet", sport.Female), w.rider("Bram Claes", sport.Male)
	item, _ := w.ride(ana, w.plan(1, 8, at(-1, 9)))
	half := w.plan(2, 9, at(-1, 9))
	half.Span = simulate.Span{To: w.climb.To + 200} // turns home behind the climb
	short, _ := w.ride(bram, half)
	w.wantBoard("on the climb", "Bram Claes, Ana Smet")

	flat := simulate.Span{From: w.climb.To + 400, To: w.climb.To + 1900}
	other := w.Segment(w.organiser, "Behind it", w.part(flat))
	w.Send(stages.ChangeSegment{Head: stages.Head{ID: w.stage.ID, By: w.organiser.Actor, Now: time.Now()}, SegmentID: other.ID})
	w.wantBoard("on the flat", "Ana Smet")
	if got := w.efforts(short.ID); got != "removed segment_changed" {
		t.Errorf("who did not ride there: %q", got)
	}
	all, err := readmodel.EffortsOfActivity(t.Context(), w.Pool, item.ID)
	if err != nil || len(all) != 1 || math.Abs(all[0].Distance-(flat.To-flat.From)) > 40 {
		t.Errorf("who did: %+v, %v", all, err)
	}
	w.Send(stages.ChangeSegment{Head: stages.Head{ID: w.stage.ID, By: w.organiser.Actor, Now: time.Now()}, SegmentID: w.segment.ID})
	w.wantBoard("back on the climb", "Bram Claes, Ana Smet")
}

func TestAStageThatIsMovedTakesOtherRides(t *testing.T) {
	w := newWorld(t)
	ana, bram := w.rider("Ana Smet", sport.Female), w.rider("Bram Claes", sport.Male)
	inside, _ := w.ride(ana, w.plan(1, 8, at(-1, 9)))
	w.ride(bram, w.plan(2, 7, at(-2, 9)))
	move := func(to int) {
		t.Helper()
		window := webtest.Days(-2, to)
		w.Send(challenges.RescheduleStage{Head: challenges.Head{ID: w.challenge.ID, By: w.organiser.Actor, Now: time.Now()}, StageID: w.stage.ID, Window: window})
	}
	move(-2)
	w.wantBoard("when it ended the day before", "Bram Claes")
	if got := w.efforts(inside.ID); got != "removed outside_window" {
		t.Errorf("the ride that is too late now: %q", got)
	}
}

// A ride comes in at the moment at which its stage gets another segment: it must not be told what it held on the old one
// after that was cleared.
func TestNothingStaleIsTold(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	w := newWorld(t)
	elsewhere := w.Segment(w.organiser, "Elsewhere", webtest.Hill(3))
	ana := w.rider("Ana Smet", sport.Female)
	change := func(to readmodel.Segment) {
		t.Helper()
		if _, err := w.Dispatch.Send(t.Context(), stages.ChangeSegment{Head: stages.Head{ID: w.stage.ID, By: w.organiser.Actor, Now: time.Now()},
			SegmentID: to.ID}, eventstore.Meta{}); err != nil {
			t.Fatal(err)
		}
	}
	const rides = 6
	for round := range 5 {
		season := map[string][]byte{}
		for i := range rides {
			r, _ := w.plan(uint64(round*rides+i), 8, at(-2, 0).Add(time.Duration(round*rides+i)*time.Hour)).Ride()
			season[fmt.Sprintf("%d.gpx", i)] = encode(t, "gpx", r)
		}
		data := zipped(t, season)
		var bringing errgroup.Group
		bringing.Go(func() error {
			_, err := w.Importer.Bring(t.Context(), importer.Upload{AthleteID: ana.ID, By: ana.Actor, File: "season.zip", Data: data})
			return err
		})
		for range 3 {
			change(elsewhere)
			change(w.segment)
		}
		change(elsewhere)
		if err := bringing.Wait(); err != nil {
			t.Fatal(err)
		}
		w.settle()
		if n := w.count(`select count(*) from efforts where status = 'accepted'`); n != 0 {
			t.Fatalf("round %d: %d efforts on a segment that nobody rode", round, n)
		}
		change(w.segment)
		w.settle()
		if n := w.count(`select count(*) from efforts where status = 'accepted'`); n != rides*(round+1) {
			t.Fatalf("round %d: %d efforts on the climb", round, n)
		}
	}
}

package readmodel_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

// ride is an activity of an hour that starts some hours after start, with a box around 46 north, 7 east.
func (w *world) ride(n int, athlete uuid.UUID, hours float64, change func(*activities.Facts)) uuid.UUID {
	a := id("activity", n)
	begin := start.Add(time.Duration(hours * float64(time.Hour)))
	f := activities.Facts{AthleteID: athlete, Name: fmt.Sprint("Ride ", n), Type: sport.Ride, StartUTC: begin,
		StartLocal: sport.LocalOf(begin.Add(2 * time.Hour)), ElapsedMs: 3_600_000, MovingMs: 3_500_000, DistanceM: 30_000, GainM: 400,
		HeartRate: 140, HasTrack: true, Box: [4]float64{45.9, 6.9, 46.1, 7.1}, Points: 3600, Source: "fit", File: "a.fit",
		SHA256: fmt.Sprintf("%064d", n), Device: "Edge"}
	if change != nil {
		change(&f)
	}
	w.record(eventstore.StreamName("activity", a), activities.Recorded{ActivityID: a, Facts: f})
	return a
}

// accepted, refused: an effort on a stage by an activity, with all that rides on it.
func (w *world) accepted(challenge, stage, athlete, activity uuid.UUID, lap int, ms int64) uuid.UUID {
	p := performance(stage, activity, lap, ms)
	w.record(competitorStream(challenge, athlete), competitors.EffortAccepted{Ref: competitors.Ref{ChallengeID: challenge, AthleteID: athlete},
		StageID: stage, Activity: competitors.Activity{ID: activity, Type: sport.Ride, Source: "fit"}, Performance: p,
		Categories: []sport.Category{sport.Open}, Standing: &competitors.Standing{Value: ms, EffortID: p.EffortID, AchievedAt: w.now, Attempts: lap}, Best: true})
	return p.EffortID
}

func (w *world) refused(challenge, stage, athlete, activity uuid.UUID, lap int, code string) uuid.UUID {
	p := performance(stage, activity, lap, 300_000)
	w.record(competitorStream(challenge, athlete), competitors.EffortRefused{Ref: competitors.Ref{ChallengeID: challenge, AthleteID: athlete},
		StageID: stage, Activity: competitors.Activity{ID: activity, Type: sport.Ride, Source: "fit"}, Performance: p, Code: code, Detail: "In words: " + code})
	return p.EffortID
}

func performance(stage, activity uuid.UUID, lap int, ms int64) competitors.Performance {
	return competitors.Performance{EffortID: competitors.EffortIDOf(stage, activity, lap), Lap: lap,
		StartUTC:   start.AddDate(0, 0, int(activity[3])), // a later one for a later activity
		StartLocal: local("2026-05-02T14:00:00"), ElapsedMs: ms, MovingMs: ms, DistanceM: 1000, GainM: 60, HeartRate: 150, Power: 280,
		Quality: "good", UncertaintyMs: 300, Method: 2}
}

func TestActivities(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.athlete(1, "Ana", "A", sport.Female), w.athlete(2, "Ben", "B", sport.Male)
	one := w.ride(1, ana, 0, nil)
	two := w.ride(2, ana, 24, func(f *activities.Facts) { f.Private = true })
	three := w.ride(3, ana, 48, func(f *activities.Facts) { f.HasTrack, f.Box = false, [4]float64{} })
	gone := w.ride(4, ana, 72, nil)
	w.ride(5, ben, 0, nil)
	w.record(eventstore.StreamName("activity", three), activities.Edited{Ref: activities.Ref{ActivityID: three, AthleteID: ana}, Name: "Commute",
		Type: sport.EBikeRide, Commute: true})
	w.record(eventstore.StreamName("activity", gone), activities.Removed{Ref: activities.Ref{ActivityID: gone, AthleteID: ana}})
	w.settle()
	listOf := func(f readmodel.ActivityFilter) string {
		f.AthleteID = ana
		rows, _ := page(readmodel.Activities(t.Context(), w.pool, f))
		return names(rows, func(a readmodel.Activity) string { return a.Name })
	}
	expect(t, "own", listOf(readmodel.ActivityFilter{Viewer: actor.Athlete(ana)}), "Commute, Ride 2, Ride 1")
	expect(t, "another's", listOf(readmodel.ActivityFilter{Viewer: actor.Athlete(ben)}), "Commute, Ride 1")
	expect(t, "an admin's view of another's", listOf(readmodel.ActivityFilter{Viewer: actor.Actor{AthleteID: ben, Admin: true}}), "Commute, Ride 1")
	_, next := page(readmodel.Activities(t.Context(), w.pool, readmodel.ActivityFilter{Viewer: actor.Athlete(ana), AthleteID: ana, Limit: 2}))
	expect(t, "second page", listOf(readmodel.ActivityFilter{Viewer: actor.Athlete(ana), Cursor: next, Limit: 2}), "Ride 1")

	got := ok(readmodel.ActivityByID(t.Context(), w.pool, actor.Athlete(ana), one))
	expect(t, "activity", got, readmodel.Activity{ID: one, AthleteID: ana, AthleteName: "Ana A", Name: "Ride 1", ActivityType: sport.Ride,
		StartUTC: got.StartUTC, StartLocal: local("2026-05-02T14:00:00"), Elapsed: 3_600_000, Moving: 3_500_000, Distance: 30_000,
		ElevationGain: 400, HeartRate: 140, HasTrack: true, Bounds: []float64{45.9, 6.9, 46.1, 7.1}, Points: 3600, Source: "fit",
		File: "a.fit", SHA256: got.SHA256, Device: "Edge", RecordedAt: got.RecordedAt})
	expect(t, "start", got.StartUTC.UTC(), start)
	for _, viewer := range []actor.Actor{{}, actor.Athlete(ben), {AthleteID: ben, Admin: true}} {
		if _, err := readmodel.ActivityByID(t.Context(), w.pool, viewer, two); !errors.Is(err, readmodel.ErrNoActivity) {
			t.Errorf("a private activity seen by %v: %v", viewer, err)
		}
	}
	expect(t, "the program sees it", ok(readmodel.ActivityByID(t.Context(), w.pool, actor.System, two)).Name, "Ride 2")
	expect(t, "without a track", ok(readmodel.ActivityByID(t.Context(), w.pool, actor.System, three)).Bounds, []float64(nil))
}

func TestSimilarActivity(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.athlete(1, "Ana", "A", sport.Female), w.athlete(2, "Ben", "B", sport.Male)
	one := w.ride(1, ana, 0, nil)
	w.settle()
	hour := time.Hour
	for name, tt := range map[string]struct {
		l    readmodel.Likeness
		want bool
	}{
		"the same file":                 {readmodel.Likeness{AthleteID: ana, SHA256: fmt.Sprintf("%064d", 1)}, true},
		"the same file of another":      {readmodel.Likeness{AthleteID: ben, SHA256: fmt.Sprintf("%064d", 1), StartUTC: start, Elapsed: hour}, false},
		"start and duration":            {readmodel.Likeness{AthleteID: ana, StartUTC: start, Elapsed: hour}, true},
		"60 s later":                    {readmodel.Likeness{AthleteID: ana, StartUTC: start.Add(time.Minute), Elapsed: hour}, true},
		"61 s earlier":                  {readmodel.Likeness{AthleteID: ana, StartUTC: start.Add(-61 * time.Second), Elapsed: hour}, false},
		"5 % shorter":                   {readmodel.Likeness{AthleteID: ana, StartUTC: start, Elapsed: 57 * time.Minute}, true},
		"6 % shorter":                   {readmodel.Likeness{AthleteID: ana, StartUTC: start, Elapsed: 56 * time.Minute}, false},
		"5 % longer, by the longer one": {readmodel.Likeness{AthleteID: ana, StartUTC: start, Elapsed: 63 * time.Minute}, true},
		"another file, another day":     {readmodel.Likeness{AthleteID: ana, SHA256: "x", StartUTC: start.Add(24 * hour), Elapsed: hour}, false},
	} {
		got, found, err := readmodel.SimilarActivity(t.Context(), w.pool, tt.l)
		if err != nil || found != tt.want || found && got.ID != one {
			t.Errorf("%s: %t %v %v", name, found, got.ID, err)
		}
	}
}

func TestEfforts(t *testing.T) {
	w, c, stage, r := boardOf(t, 2)
	ana, ben := r[0], r[1]
	ride, other := w.ride(1, ana, 0, nil), w.ride(2, ana, 24, nil)
	slow := w.accepted(c, stage, ana, ride, 1, 260_000)
	fast := w.accepted(c, stage, ana, ride, 2, 250_000)
	late := w.refused(c, stage, ana, other, 1, "outside_window")
	w.accepted(c, stage, ben, w.ride(3, ben, 1, nil), 1, 240_000)
	w.board(stage, sport.Open, placing(w, stage, ben, 240_000, competitors.EffortIDOf(stage, id("activity", 3), 1)))
	w.board(stage, sport.Open, placing(w, stage, ana, 250_000, fast))
	w.record(eventstore.StreamName("activity", ride), activities.Matched{Ref: activities.Ref{ActivityID: ride, AthleteID: ana}, Method: 2,
		Findings: []activities.Finding{{ChallengeID: c, StageID: stage, Traversals: 2, Misses: []activities.Miss{{Code: "detour", Detail: "A detour of 170 m.", Lat: 46, Lng: 7}}}}})
	w.settle()

	efforts := ok(readmodel.EffortsOfActivity(t.Context(), w.pool, ride))
	expect(t, "efforts", names(efforts, func(e readmodel.Effort) string {
		return fmt.Sprintf("%v %s counts=%t rank=%d", e.Elapsed.Float(), e.Status, e.Counts, e.Rank)
	}), "260 accepted counts=false rank=0, 250 accepted counts=true rank=2")
	got := ok(readmodel.EffortByID(t.Context(), w.pool, fast))
	expect(t, "effort", got, readmodel.Effort{ID: fast, StageID: stage, StageSlug: "stage-1", StageName: "Stage 1", StageNumber: 1,
		StageType: sport.Mountain, ChallengeID: c, ChallengeSlug: "challenge-1", ChallengeName: "Tour", AthleteID: ana, AthleteName: "A0",
		ActivityID: ride, ActivityType: sport.Ride, Lap: 2, StartUTC: got.StartUTC, StartLocal: local("2026-05-02T14:00:00"), Elapsed: 250_000,
		Moving: 250_000, Distance: 1000, ElevationGain: 60, AverageSpeed: 4, HeartRate: 150, Power: 280, Quality: "good", Uncertainty: 300,
		Method: 2, Source: "fit", Best: true, Counts: true, Rank: 2, Status: "accepted", RecordedAt: got.RecordedAt})
	entry, _, _ := readmodel.BoardEntryOf(t.Context(), w.pool, stage, sport.Open, ana)
	expect(t, "on the board", []any{entry.AverageSpeed, entry.HeartRate, entry.Power, entry.Quality}, []any{4.0, 150.0, 280.0, "good"})
	expect(t, "refused", ok(readmodel.EffortByID(t.Context(), w.pool, late)).Reason, "In words: outside_window")
	a := ok(readmodel.ActivityByID(t.Context(), w.pool, actor.System, ride))
	expect(t, "counts", []any{a.Accepted, a.Refused, a.MatchedAt != nil, a.Method}, []any{2, 0, true, 2})

	findings := ok(readmodel.FindingsOfActivity(t.Context(), w.pool, ride))
	expect(t, "findings", []any{len(findings), findings[0].Traversals, findings[0].Misses[0].Detail, findings[0].StageSlug, findings[0].SegmentID},
		[]any{1, 2, "A detour of 170 m.", "stage-1", uuid.Nil})
	expect(t, "why", ok(readmodel.FindingsOfStage(t.Context(), w.pool, stage, ana))[0].ActivityName, "Ride 1")

	// What becomes of efforts.
	ref := competitors.Ref{ChallengeID: c, AthleteID: ana}
	w.record(competitorStream(c, ana), competitors.EffortFlagged{Ref: ref, StageID: stage, ActivityID: ride, EffortID: fast, Reason: "cut the corner", By: "x"},
		competitors.EffortRemoved{Ref: ref, StageID: stage, ActivityID: ride, EffortID: slow, Code: "left", Detail: "You left."})
	w.refused(c, stage, ana, ride, 2, "effort_flagged") // brought again
	w.accepted(c, stage, ana, other, 1, 245_000)        // accepted after all
	w.settle()
	statuses := func() string {
		return names(ok(readmodel.Efforts(t.Context(), w.pool, stage, ana)), func(e readmodel.Effort) string {
			return e.Status + " " + e.Reason
		})
	}
	expect(t, "statuses", statuses(), "accepted , flagged cut the corner, removed You left.")
	all, next := page(readmodel.StageEfforts(t.Context(), w.pool, readmodel.EffortFilter{StageID: stage, Organiser: true, Limit: 3}))
	rest, end := page(readmodel.StageEfforts(t.Context(), w.pool, readmodel.EffortFilter{StageID: stage, Organiser: true, Limit: 3, Cursor: next}))
	expect(t, "all of the stage", []any{len(all), len(rest), end, all[0].Elapsed}, []any{3, 1, "", readmodel.Milli(245_000)})

	w.refused(c, stage, ana, w.ride(4, ana, 30, nil), 1, "outside_window")
	w.record(eventstore.StreamName("activity", id("activity", 4)), activities.Removed{Ref: activities.Ref{ActivityID: id("activity", 4), AthleteID: ana}})
	w.settle()
	expect(t, "what was refused goes with its activity", statuses(), "accepted , flagged cut the corner, removed You left.")
	if _, err := readmodel.EffortByID(t.Context(), w.pool, id("effort", 1)); !errors.Is(err, readmodel.ErrNoEffort) {
		t.Errorf("an unknown effort: %v", err)
	}
}

func TestMatching(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.athlete(1, "Ana", "A", sport.Female), w.athlete(2, "Ben", "B", sport.Male)
	here, far := w.segment(1, ana, "Here", 46, 7), w.segment(2, ana, "Far", 60, 7)
	c := w.challenge(1, ana, "Tour", nil)
	s1, s2, s3 := w.stage(c, 1, here, nil), w.stage(c, 2, far, nil), w.stage(c, 3, here, nil)
	dist := w.challenge(2, ana, "Month", func(e *challenges.Created) {
		e.Type, e.Goal = sport.RaceChallenge, &sport.Goal{Value: 10, Units: "kilometres", Recurrence: sport.Once}
	})
	whole := w.stage(dist, 1, uuid.Nil, func(d *stages.Definition) { d.Type = sport.RaceStage })
	w.host(c)
	w.host(dist)
	w.run(c, s1, s2)
	w.run(dist, whole)
	w.join(c, ana, sport.Female)
	w.join(dist, ana, sport.Female)
	w.join(c, ben, sport.Male)
	w.record(competitorStream(c, ben), competitors.Left{Ref: competitors.Ref{ChallengeID: c, AthleteID: ben}})
	w.settle()
	box := &[4]float64{45.9, 6.9, 46.1, 7.1}
	listed := func(rows []readmodel.Candidate) string {
		return names(rows, func(c readmodel.Candidate) string {
			switch c.StageID {
			case s1:
				return "s1"
			case s2:
				return "s2"
			case s3:
				return "s3"
			case whole:
				return "race"
			}
			return c.StageID.String()
		})
	}
	candidates := func(athlete uuid.UUID, at string, box *[4]float64) string {
		t.Helper()
		w.settle()
		return listed(ok(readmodel.CandidateStages(t.Context(), w.pool, athlete, local(at), box)))
	}
	closed := func(athlete uuid.UUID, at string, box *[4]float64) string {
		t.Helper()
		w.settle()
		return listed(ok(readmodel.ClosedStages(t.Context(), w.pool, athlete, local(at), box)))
	}
	const noon = "2026-05-02T12:00:00"
	expect(t, "in the box", candidates(ana, noon, box), "s1, race")
	expect(t, "no track", candidates(ana, noon, nil), "race")
	expect(t, "a box just beside", candidates(ana, noon, &[4]float64{46.0095, 7, 46.1, 7.1}), "s1, race")
	expect(t, "a box too far", candidates(ana, noon, &[4]float64{46.02, 7, 46.1, 7.1}), "race")
	expect(t, "the first moment", candidates(ana, "2026-05-01T00:00:00", box), "s1, race")
	expect(t, "the last", candidates(ana, "2026-05-31T23:59:59", box), "s1, race")
	expect(t, "before", candidates(ana, "2026-04-30T23:59:59", box), "")
	expect(t, "after", candidates(ana, "2026-06-01T00:00:00", box), "")
	expect(t, "who left", candidates(ben, noon, box), "")
	expect(t, "none is closed", closed(ana, noon, box), "")
	expect(t, "closed before", closed(ana, "2026-04-30T23:59:59", box), "s1, race")
	expect(t, "closed before, no track", closed(ana, "2026-04-30T23:59:59", nil), "race")
	expect(t, "closed after", closed(ana, "2026-06-07T23:59:59", box), "s1, race")
	expect(t, "another time altogether", closed(ana, "2026-06-08T00:00:00", box), "")
	expect(t, "closed to who left", closed(ben, "2026-04-30T23:59:59", box), "")
	rows := ok(readmodel.CandidateStages(t.Context(), w.pool, ana, local(noon), box))
	expect(t, "candidate", rows[0], readmodel.Candidate{ChallengeID: c, AthleteID: ana, StageID: s1, StageType: sport.Mountain, Status: sport.Active,
		Window: window("2026-05-01", "2026-05-31T23:59:59"), StartLocal: local("2026-05-01"), EndLocal: local("2026-05-31T23:59:59"),
		SegmentID: here, SegmentName: "Here", Polyline: "_p~iF~ps|U_ulLnnqC", Elevations: []float32{100, 160}})
	expect(t, "a race's distance", rows[1].Goal.Base(), 10_000.0)

	in, before, away := w.ride(1, ana, 0, nil), w.ride(2, ana, -72, nil), w.ride(3, ana, 1, func(f *activities.Facts) { f.Box = [4]float64{10, 10, 11, 11} })
	w.ride(4, ben, 0, nil)
	w.settle()
	ids := func(rows []readmodel.Activity) (all []uuid.UUID) {
		for _, a := range rows {
			all = append(all, a.ID)
		}
		return all
	}
	may := window("2026-05-01", "2026-05-31T23:59:59")
	expect(t, "in the window", ids(ok(readmodel.ActivitiesFor(t.Context(), w.pool, ana, may, nil))), []uuid.UUID{in, away})
	expect(t, "and the box", ids(ok(readmodel.ActivitiesFor(t.Context(), w.pool, ana, may, box))), []uuid.UUID{in})
	expect(t, "earlier", ids(ok(readmodel.ActivitiesFor(t.Context(), w.pool, ana, window("2026-04-01", "2026-05-31"), box))), []uuid.UUID{before, in})
	expect(t, "for the stage", ok(readmodel.ActivitiesForStage(t.Context(), w.pool, s1)), []readmodel.ActivityRef{{ActivityID: in, AthleteID: ana}})
	expect(t, "for the race", ok(readmodel.ActivitiesForStage(t.Context(), w.pool, whole)),
		[]readmodel.ActivityRef{{ActivityID: in, AthleteID: ana}, {ActivityID: away, AthleteID: ana}})
	w.record(eventstore.StreamName("stage", s1), stages.Ended{Ref: stages.Ref{StageID: s1, ChallengeID: c}, Window: may})
	expect(t, "over, not approved", candidates(ana, noon, box), "s1, race")
	w.record(eventstore.StreamName("stage", s1), stages.Approved{Ref: stages.Ref{StageID: s1, ChallengeID: c}, Number: 1})
	expect(t, "approved", candidates(ana, noon, box), "race")
	expect(t, "closed, but another on the same segment is to come", closed(ana, noon, box), "")
	w.record(eventstore.StreamName("stage", s3), stages.Deleted{Ref: stages.Ref{StageID: s3, ChallengeID: c}})
	expect(t, "closed by approval", closed(ana, noon, box), "s1")
	expect(t, "long before what is final", closed(ana, "2026-04-30T23:59:59", box), "race")
}

func TestOwnStages(t *testing.T) {
	w, c, stage, r := boardOf(t, 2)
	second := w.stage(c, 2, id("segment", 1), func(d *stages.Definition) { d.Window = window("2026-05-20", "2026-05-31T23:59:59") })
	w.run(c, stage)
	w.join(c, r[0], sport.Female)
	w.place(stage, sport.Open, r[1], 200_000, 1)
	w.place(stage, sport.Open, r[0], 250_000, 1)
	w.settle()
	own := ok(readmodel.OwnStages(t.Context(), w.pool, r[0], 0))
	expect(t, "stages", names(own, func(s readmodel.OwnStage) string {
		return fmt.Sprintf("%s %s rank %d of %d, %d attempts, %v", s.Name, s.Category, s.Rank, s.Athletes, s.Attempts, s.Value.Float())
	}), "Stage 1 Open rank 2 of 2, 1 attempts, 250, Stage 2 Open rank 0 of 0, 0 attempts, 0")
	expect(t, "ids", []uuid.UUID{own[0].ID, own[1].ID}, []uuid.UUID{stage, second})
	expect(t, "who doesn't compete", len(ok(readmodel.OwnStages(t.Context(), w.pool, r[1], 0))), 0)
}

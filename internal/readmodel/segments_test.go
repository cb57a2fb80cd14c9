package readmodel_test

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/segments"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

func TestSegments(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.athlete(1, "Ana", "A", sport.Female), w.athlete(2, "Ben", "B", sport.Male)
	col := w.segment(1, ana, "Col de la Croix", 46.0, 7.0)
	wall := w.segment(2, ben, "The Wall", 50.0, 4.0)
	w.record(eventstore.StreamName("segment", wall), segments.Renamed{SegmentID: wall, Name: "The Big Wall", ActivityType: sport.Run})
	w.record(eventstore.StreamName("athlete", ben), athletes.SegmentStarred{AthleteID: ben, SegmentID: col},
		athletes.SegmentStarred{AthleteID: ben, SegmentID: wall}, athletes.SegmentUnstarred{AthleteID: ben, SegmentID: wall})
	w.settle()

	got := ok(readmodel.SegmentByID(t.Context(), w.pool, actor.Athlete(ben), col))
	expect(t, "segment", got, readmodel.Segment{ID: col, OwnerID: ana, Name: "Col de la Croix", ActivityType: sport.Ride, Origin: "gpx",
		Distance: 1000, AverageGrade: 6, MaximumGrade: 9.5, ElevationLow: 100, ElevationHigh: 160, ElevationGain: 60, ClimbCategory: "4",
		Polyline: "_p~iF~ps|U_ulLnnqC", Elevations: []float32{100, 160}, StartPoint: []float64{46, 7}, EndPoint: []float64{46.009, 7},
		Bounds: []float64{46, 7, 46.009, 7}, AddedAt: got.AddedAt, Stars: 1, Starred: true})

	for name, tt := range map[string]struct {
		f    readmodel.SegmentFilter
		want string
	}{
		"all":         {readmodel.SegmentFilter{}, "Col de la Croix, The Big Wall"},
		"words":       {readmodel.SegmentFilter{Query: "croi col"}, "Col de la Croix"},
		"type":        {readmodel.SegmentFilter{ActivityType: sport.Run}, "The Big Wall"},
		"box":         {readmodel.SegmentFilter{Box: &[4]float64{49, 3, 51, 5}}, "The Big Wall"},
		"box touches": {readmodel.SegmentFilter{Box: &[4]float64{45, 6, 46, 7}}, "Col de la Croix"},
		"box misses":  {readmodel.SegmentFilter{Box: &[4]float64{45, 6, 45.9, 6.9}}, ""},
		"starred":     {readmodel.SegmentFilter{StarredBy: ben}, "Col de la Croix"},
		"owner":       {readmodel.SegmentFilter{Owner: ben}, "The Big Wall"},
	} {
		rows, _ := page(readmodel.Segments(t.Context(), w.pool, tt.f))
		expect(t, name, names(rows, func(s readmodel.Segment) string { return s.Name }), tt.want)
	}
	first, next := page(readmodel.Segments(t.Context(), w.pool, readmodel.SegmentFilter{Limit: 1}))
	second, _ := page(readmodel.Segments(t.Context(), w.pool, readmodel.SegmentFilter{Limit: 1, Cursor: next}))
	expect(t, "pages", first[0].Name+", "+second[0].Name, "Col de la Croix, The Big Wall")
	expect(t, "by id", len(ok(readmodel.SegmentsByID(t.Context(), w.pool, []uuid.UUID{col, wall, ana}))), 2)
}

func TestSecretSegments(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.athlete(1, "Ana", "A", sport.Female), w.athlete(2, "Ben", "B", sport.Male)
	secret, known := w.segment(1, ana, "Secret", 46, 7), w.segment(2, ben, "Well known", 46, 7)
	c := w.challenge(1, ana, "Mystery tour", nil)
	hide := func(d *stages.Definition) { d.Hidden, d.OrganiserID, d.Description = true, ana, "Where the cows are" }
	stage := w.stage(c, 1, secret, hide)
	w.stage(c, 2, known, hide)
	w.host(c, stage)
	w.settle()
	look := func(viewer actor.Actor) (string, []readmodel.Stage) {
		rows, _ := page(readmodel.Segments(t.Context(), w.pool, readmodel.SegmentFilter{Viewer: viewer}))
		return names(rows, func(s readmodel.Segment) string { return s.Name }), ok(readmodel.Stages(t.Context(), w.pool, viewer, c))
	}
	library, seen := look(actor.Athlete(ben))
	expect(t, "the library hides what its maker hides, and nothing else", library, "Well known")
	for _, s := range seen {
		expect(t, "masked", []any{s.SegmentSecret, s.SegmentID, s.SegmentName, s.Distance, s.ClimbCategory},
			[]any{true, uuid.Nil, "", 0.0, ""})
	}
	if _, err := readmodel.SegmentByID(t.Context(), w.pool, actor.Athlete(ben), secret); !errors.Is(err, readmodel.ErrNoSegment) {
		t.Errorf("a secret segment: %v", err)
	}
	library, seen = look(actor.Athlete(ana))
	expect(t, "the organiser's library", library, "Secret, Well known")
	expect(t, "the organiser's stage", []any{seen[0].SegmentSecret, seen[0].SegmentID, seen[0].SegmentName, seen[0].Distance},
		[]any{false, secret, "Secret", 1000.0})
	expect(t, "the site admin's stage", ok(readmodel.StageByID(t.Context(), w.pool, actor.Actor{Admin: true}, stage)).SegmentID, secret)

	w.record(eventstore.StreamName("stage", stage), stages.Revealed{Ref: stages.Ref{StageID: stage, ChallengeID: c}})
	w.settle()
	library, seen = look(actor.Actor{})
	expect(t, "revealed", []any{library, seen[0].SegmentSecret, seen[0].SegmentID, seen[1].SegmentSecret},
		[]any{"Secret, Well known", false, secret, true})
}

package segments

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/aggregate/aggregatetest"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

type testCase = aggregatetest.Case[Command, Event]

var (
	segmentID = uuid.MustParse("5e000000-0000-0000-0000-000000000001")
	owner     = uuid.MustParse("a0000000-0000-0000-0000-000000000001")
	stranger  = uuid.MustParse("a0000000-0000-0000-0000-000000000002")
	theOwner  = Head{segmentID, actor.Athlete(owner), time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}
)

func headOf(by actor.Actor) Head { h := theOwner; h.By = by; return h }

func geometry(change ...func(*Geometry)) Geometry {
	g := Geometry{Polyline: "_p~iF~ps|U_ulLnnqC", Elevations: []float32{100, 160}, Distance: 1000, AverageGrade: 6, MaximumGrade: 9,
		ElevationLow: 100, ElevationHigh: 160, ElevationGain: 60, ClimbCategory: "4", Start: [2]float64{38.5, -120.2}, End: [2]float64{40.7, -120.95},
		Box: [4]float64{38.5, -120.95, 40.7, -120.2}}
	for _, f := range change {
		f(&g)
	}
	return g
}

func TestDecide(t *testing.T) {
	added := []Event{Added{segmentID, owner, "Col", sport.Ride, "gpx", geometry()}}
	add := func(change ...func(*Geometry)) Add {
		return Add{theOwner, " Col ", sport.Ride, geometry(change...), "gpx"}
	}
	admin := actor.Actor{AthleteID: stranger, Admin: true}
	noName := refusal.New("name_missing", "any words")
	aggregatetest.Run[State](t, []testCase{
		{Name: "add", When: add(), Then: added},
		{Name: "add by the program", When: Add{headOf(actor.System), "Col", sport.Ride, geometry(), "gpx"}, Then: []Event{Added{segmentID, uuid.Nil, "Col", sport.Ride, "gpx", geometry()}}},
		{Name: "add without heights", When: add(func(g *Geometry) { g.Elevations = nil }), Then: []Event{Added{segmentID, owner, "Col", sport.Ride, "gpx", geometry(func(g *Geometry) { g.Elevations = nil })}}},
		{Name: "add twice is once", Given: added, When: add()},
		{Name: "add over another's", Given: added, When: Add{headOf(actor.Athlete(stranger)), "Col", sport.Ride, geometry(), "gpx"}, Refused: ErrExists},
		{Name: "add by a visitor", When: Add{headOf(actor.Actor{}), "Col", sport.Ride, geometry(), "gpx"}, Refused: ErrSignIn},
		{Name: "add without name, type and line", When: Add{Head: theOwner}, Refused: errors.Join(noName, ErrTypeUnknown, ErrNoLine)},
		{Name: "add a line that can't be read", When: add(func(g *Geometry) { g.Polyline = "_p~iF~ps|" }), Refused: ErrPolyline},
		{Name: "add a point", When: add(func(g *Geometry) { g.Polyline = "_p~iF~ps|U" }), Refused: ErrNoLine},
		{Name: "add a line without length", When: add(func(g *Geometry) { g.Distance = 0 }), Refused: ErrFigures},
		{Name: "add an infinite grade", When: add(func(g *Geometry) { g.MaximumGrade = math.Inf(1) }), Refused: ErrFigures},
		{Name: "add heights of another line", When: add(func(g *Geometry) { g.Elevations = []float32{1, 2, 3} }), Refused: ErrFigures},
		{Name: "add heights that aren't numbers", When: add(func(g *Geometry) { g.Elevations[1] = float32(math.NaN()) }), Refused: ErrFigures},
		{Name: "rename", Given: added, When: Rename{theOwner, "Col Nord", sport.Run}, Then: []Event{Renamed{segmentID, "Col Nord", sport.Run}}},
		{Name: "rename by an administrator", Given: added, When: Rename{headOf(admin), "Col Nord", sport.Run}, Then: []Event{Renamed{segmentID, "Col Nord", sport.Run}}},
		{Name: "rename to the same", Given: added, When: Rename{theOwner, "Col", sport.Ride}},
		{Name: "rename to nothing", Given: added, When: Rename{theOwner, " ", ""}, Refused: errors.Join(noName, ErrTypeUnknown)},
		{Name: "rename by a stranger", Given: added, When: Rename{headOf(actor.Athlete(stranger)), "Mine", sport.Ride}, Refused: ErrNotOwner},
		{Name: "rename by a visitor", Given: added, When: Rename{headOf(actor.Actor{}), "Mine", sport.Ride}, Refused: ErrSignIn},
		{Name: "rename what isn't there", When: Rename{theOwner, "Col", sport.Ride}, Refused: ErrNotFound},
	})
}

func TestStoredShapes(t *testing.T) {
	aggregatetest.Golden(t, Events, []Event{
		Added{segmentID, owner, "Col", sport.Ride, "gpx", geometry()},
		Renamed{segmentID, "Col Nord", sport.Run},
	})
}

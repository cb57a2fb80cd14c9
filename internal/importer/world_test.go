package importer_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/activities/fit"
	"segmentchallenge/internal/activities/gpx"
	"segmentchallenge/internal/activities/simulate"
	"segmentchallenge/internal/activities/tcx"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/importer"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/webtest"
)

// world is a site with a road whose climb is the segment of a challenge's stage, which runs from the day before yesterday
// until the day after tomorrow.
type world struct {
	*webtest.Site
	road      simulate.Road
	climb     simulate.Span // of the road
	organiser webtest.Athlete
	segment   readmodel.Segment
	challenge readmodel.Challenge
	stage     readmodel.Stage
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{Site: webtest.Start(t), road: simulate.Way(7, simulate.Landscape{Length: 9_000, Hills: 1, Height: 120})}
	w.climb = w.road.Climbs[0]
	w.organiser = w.Athlete("Ilse Maes", sport.Female, nil)
	w.segment = w.Segment(w.organiser, "Kattenberg", w.part(w.climb))
	w.challenge = w.Challenge(w.organiser, "Hill days", nil)
	w.stage = w.Stage(w.organiser, w.challenge, "Kattenberg", w.segment, func(d *challenges.StageDefinition) { d.Window = webtest.Days(-2, 2) })
	w.Stage(w.organiser, w.challenge, "Once more", w.segment, func(d *challenges.StageDefinition) { d.Window = webtest.Days(3, 20) })
	w.Host(w.organiser, w.challenge)
	return w
}

// part is a stretch of the road as a line.
func (w *world) part(s simulate.Span) activities.Track {
	return w.road.Line[int(s.From/10) : int(s.To/10)+1]
}

// rider registers somebody, in the challenge.
func (w *world) rider(name string, g sport.Gender) webtest.Athlete {
	w.Helper()
	a := w.Athlete(name, g, nil)
	w.Join(w.challenge, a)
	return a
}

// at is a moment n days from today.
func at(day int, hour int) time.Time {
	return webtest.Day(day, time.Duration(hour)*time.Hour).In(webtest.Zone)
}

// plan is a ride along the road at a speed (m/s on the level), recorded every second.
func (w *world) plan(seed uint64, flat float64, start time.Time) simulate.Plan {
	return simulate.Plan{Seed: seed, Road: w.road, Rider: simulate.Rider{Flat: flat}, Device: simulate.Device{Noise: 2}, Start: start,
		Name: fmt.Sprintf("Ride %d", seed)}
}

// encode writes a recording as a file of a kind: fit, gpx or tcx.
func encode(t testing.TB, kind string, r activities.Recording) []byte {
	t.Helper()
	var out bytes.Buffer
	var err error
	switch kind {
	case "fit":
		err = fit.Write(&out, r)
	case "tcx":
		err = tcx.Write(&out, r)
	default:
		err = gpx.Write(&out, r.Name, r.Type, r.Track)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// bring uploads a file and waits until it is matched. Its only activity is the answer.
func (w *world) bring(a webtest.Athlete, name string, data []byte) importer.Item {
	w.Helper()
	items, err := w.Importer.BringAndWait(w.Context(), importer.Upload{AthleteID: a.ID, By: a.Actor, File: name, Data: data})
	if err != nil || len(items) != 1 {
		w.Fatalf("%s of %s: %+v, %v", name, a.Name, items, err)
	}
	return items[0]
}

// ride brings a ride along the road whose effort counts.
func (w *world) ride(a webtest.Athlete, p simulate.Plan) (importer.Item, simulate.Truth) {
	w.Helper()
	r, truth := p.Ride()
	item := w.bring(a, "ride.gpx", encode(w, "gpx", r))
	if item.Status != importer.Processed || len(item.Efforts) != 1 || len(item.Refused) != 0 {
		w.Fatalf("ride of %s: %s %+v", a.Name, item.Words(), item)
	}
	return item, truth
}

// board is who stands on the stage's board for everybody, in order.
func (w *world) board() string {
	w.Helper()
	b, err := readmodel.StageBoard(w.Context(), w.Pool, readmodel.BoardQuery{StageID: w.stage.ID, Category: sport.Open})
	if err != nil {
		w.Fatal(err)
	}
	var names []string
	for _, e := range b.Entries {
		names = append(names, e.Name)
	}
	return strings.Join(names, ", ")
}

// wantBoard compares the board with who should stand there.
func (w *world) wantBoard(when, want string) {
	w.Helper()
	if got := w.board(); got != want {
		w.Errorf("%s, the board is %q, want %q", when, got, want)
	}
}

// count is the first column of a query's only row.
func (w *world) count(sql string, args ...any) (n int) {
	w.Helper()
	if err := w.Pool.QueryRow(w.Context(), sql, args...).Scan(&n); err != nil {
		w.Fatal(err)
	}
	return n
}

// efforts are what an activity brought, as "accepted", "removed activity_deleted" and so on.
func (w *world) efforts(activity uuid.UUID) string {
	w.Helper()
	all, err := readmodel.EffortsOfActivity(w.Context(), w.Pool, activity)
	if err != nil {
		w.Fatal(err)
	}
	var out []string
	for _, e := range all {
		out = append(out, strings.TrimSpace(e.Status+" "+e.Code))
	}
	return strings.Join(out, ", ")
}

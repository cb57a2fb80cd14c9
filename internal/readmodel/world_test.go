package readmodel_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/eventlog"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/segments"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

// world is a database with a log and all projections running on it.
type world struct {
	testing.TB
	pool   *pgxpool.Pool
	store  *eventstore.Store
	now    time.Time
	boards map[uuid.UUID]stageboard.State // by stream
	names  []string
}

// start is a Saturday at noon in UTC.
var start = time.Date(2026, 5, 2, 12, 0, 0, 0, time.UTC)

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{TB: t, pool: postgrestest.New(t), now: start, boards: map[uuid.UUID]stageboard.State{}}
	var err error
	if w.store, err = eventstore.Open(t.Context(), w.pool, eventlog.Registry(), eventstore.Options{}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return w.store.Run(ctx) })
	for _, p := range readmodel.Projectors(w.store.Registry()) {
		w.names = append(w.names, p.Name)
		g.Go(func() error {
			return w.store.RunProjection(ctx, eventstore.Projection{Name: p.Name, Filter: p.Filter(), Apply: p.Apply})
		})
	}
	t.Cleanup(func() {
		cancel()
		if err := g.Wait(); err != nil {
			t.Errorf("workers: %v", err)
		}
	})
	return w
}

// record appends events to a stream, a minute after what was before, and answers with the position of the last.
func (w *world) record(stream string, events ...eventstore.Event) int64 {
	w.Helper()
	w.now = w.now.Add(time.Minute)
	encoded := make([]eventstore.NewEvent, len(events))
	for i, e := range events {
		var err error
		if encoded[i], err = w.store.Registry().Encode(e, eventstore.Meta{Now: w.now}, i); err != nil {
			w.Fatal(err)
		}
	}
	r, err := w.store.Append(w.Context(), eventstore.Write{Stream: stream, Events: encoded})
	if err != nil {
		w.Fatal(err)
	}
	return r.Last
}

// settle waits until all read models show what is in the log.
func (w *world) settle() {
	w.Helper()
	head, err := w.store.Head(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
	defer cancel()
	if err := w.store.WaitFor(ctx, head, w.names...); err != nil {
		w.Fatal(err)
	}
}

// id makes ids that are the same in each run, in the order of n within a kind.
func id(kind string, n int) uuid.UUID {
	u := uuid.NewSHA1(uuid.NameSpaceOID, []byte(kind))
	copy(u[:4], []byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
	return u
}

// local is a wall-clock time.
func local(s string) sport.Local {
	l, err := sport.ParseLocal(s)
	if err != nil {
		panic(err)
	}
	return l
}

func window(from, to string) sport.Window { return sport.Window{Start: local(from), End: local(to)} }

func (w *world) athlete(n int, first, last string, g sport.Gender) uuid.UUID {
	a := id("athlete", n)
	w.record(eventstore.StreamName("athlete", a), athletes.Registered{AthleteID: a, Profile: athletes.Profile{FirstName: first,
		LastName: last, Gender: g, Units: sport.Metric, TimeZone: "Europe/Berlin", Visibility: athletes.Everyone}})
	return a
}

// segment is a kilometre to the north from a corner.
func (w *world) segment(n int, owner uuid.UUID, name string, south, west float64) uuid.UUID {
	s := id("segment", n)
	w.record(eventstore.StreamName("segment", s), segments.Added{SegmentID: s, OwnerID: owner, Name: name, ActivityType: sport.Ride,
		Origin: "gpx", Geometry: segments.Geometry{Polyline: "_p~iF~ps|U_ulLnnqC", Elevations: []float32{100, 160}, Distance: 1000,
			AverageGrade: 6, MaximumGrade: 9.5, ElevationLow: 100, ElevationHigh: 160, ElevationGain: 60, ClimbCategory: "4",
			Start: [2]float64{south, west}, End: [2]float64{south + 0.009, west}, Box: [4]float64{south, west, south + 0.009, west}}})
	return s
}

// challenge is a segment challenge of May 2026 that the organiser has created.
func (w *world) challenge(n int, organiser uuid.UUID, name string, change func(*challenges.Created)) uuid.UUID {
	c := id("challenge", n)
	e := challenges.Created{ChallengeID: c, OrganiserID: organiser, Slug: fmt.Sprintf("challenge-%d", n),
		Definition: challenges.Definition{Type: sport.SegmentChallenge, Name: name, Description: "Up *and* down.",
			Window: window("2026-05-01T00:00:00", "2026-05-31T23:59:59"), TimeZone: "Europe/Berlin",
			IncludedActivityTypes: []sport.ActivityType{sport.Ride}, Categories: sport.DefaultCategories}}
	if change != nil {
		change(&e)
	}
	w.record(eventstore.StreamName("challenge", c), e)
	return c
}

// stage is one more stage of a challenge, as challenge and stage tell of it.
func (w *world) stage(challenge uuid.UUID, number int, segment uuid.UUID, change func(*stages.Definition)) uuid.UUID {
	s := id("stage", int(challenge[3])<<8|number)
	d := stages.Definition{ChallengeID: challenge, Number: number, Slug: fmt.Sprintf("stage-%d", number), Type: sport.Mountain,
		SegmentID: segment, Name: fmt.Sprintf("Stage %d", number), Window: window("2026-05-01T00:00:00", "2026-05-31T23:59:59")}
	if change != nil {
		change(&d)
	}
	w.record(eventstore.StreamName("challenge", challenge), challenges.StageAdded{ChallengeID: challenge, OrganiserID: d.OrganiserID,
		StageID: s, Number: number, Slug: d.Slug, StageDefinition: challenges.StageDefinition{Type: d.Type, SegmentID: d.SegmentID,
			Name: d.Name, Description: d.Description, Window: d.Window, Adjustment: d.Adjustment, Hidden: d.Hidden}})
	w.record(eventstore.StreamName("stage", s), stages.Created{StageID: s, Definition: d})
	return s
}

// host opens a challenge and the boards of its stages; run starts it with them.
func (w *world) host(challenge uuid.UUID, stageIDs ...uuid.UUID) {
	w.record(eventstore.StreamName("challenge", challenge), challenges.Hosted{ChallengeID: challenge, Categories: sport.DefaultCategories})
	for _, s := range stageIDs {
		for _, c := range sport.DefaultCategories {
			w.open(challenge, s, c, sport.ElapsedTime, 1000)
		}
	}
}

func (w *world) run(challenge uuid.UUID, stageIDs ...uuid.UUID) {
	win := window("2026-05-01T00:00:00", "2026-05-31T23:59:59")
	w.record(eventstore.StreamName("challenge", challenge), challenges.Started{ChallengeID: challenge, Window: win, TimeZone: "Europe/Berlin"})
	for _, s := range stageIDs {
		w.record(eventstore.StreamName("stage", s), stages.Started{Ref: stages.Ref{StageID: s, ChallengeID: challenge}, Window: win})
	}
}

// board lets the real board decide, and records what it says.
func (w *world) board(stage uuid.UUID, c sport.Category, cmd stageboard.Command) {
	w.Helper()
	stream := stageboard.IDOf(stage, c)
	events, err := w.boards[stream].Decide(cmd)
	if err != nil {
		w.Fatal(err)
	}
	if len(events) == 0 {
		return
	}
	all := make([]eventstore.Event, len(events))
	for i, e := range events {
		w.boards[stream] = w.boards[stream].Evolve(e)
		all[i] = e
	}
	w.record(eventstore.StreamName("stageboard", stream), all...)
}

func (w *world) open(challenge, stage uuid.UUID, c sport.Category, m sport.Measure, precision int64) {
	w.Helper()
	w.board(stage, c, stageboard.Open{Head: w.boardHead(stage, c), StageID: stage, ChallengeID: challenge, Category: c, Measure: m,
		Precision: precision})
}

func (w *world) boardHead(stage uuid.UUID, c sport.Category) stageboard.Head {
	return stageboard.Head{ID: stageboard.IDOf(stage, c), By: actor.System, Now: w.now}
}

// place puts an athlete on a board with a value, achieved now.
func (w *world) place(stage uuid.UUID, c sport.Category, athlete uuid.UUID, value int64, attempts int) uuid.UUID {
	w.Helper()
	effort := competitors.EffortIDOf(stage, id("activity", int(value)), attempts)
	w.board(stage, c, stageboard.Place{Head: w.boardHead(stage, c), AthleteID: athlete, Seq: w.now.UnixMilli(),
		Standing: stageboard.Standing{Value: value, EffortID: effort, AchievedAt: w.now, Attempts: attempts}})
	return effort
}

func (w *world) join(challenge, athlete uuid.UUID, g sport.Gender) {
	w.record(competitorStream(challenge, athlete), competitors.Joined{Ref: competitors.Ref{ChallengeID: challenge, AthleteID: athlete},
		Gender: g, Categories: sport.CategoriesOf(sport.DefaultCategories, sport.Entrant{Gender: g})})
}

func competitorStream(challenge, athlete uuid.UUID) string {
	return eventstore.StreamName("competitor", competitors.IDOf(challenge, athlete))
}

// ok is for calls that may not fail: an error ends the test with its place.
func ok[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// page is ok for lists that are paged.
func page[T any](rows []T, next string, err error) ([]T, string) {
	if err != nil {
		panic(err)
	}
	return rows, next
}

// names maps rows to what they're called.
func names[T any](rows []T, name func(T) string) string {
	var all []string
	for _, r := range rows {
		all = append(all, name(r))
	}
	return strings.Join(all, ", ")
}

// expect compares what came with what should have.
func expect(t testing.TB, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// placing is the command that puts an athlete on the board for everybody with an effort that is known otherwise.
func placing(w *world, stage, athlete uuid.UUID, value int64, effort uuid.UUID) stageboard.Place {
	return stageboard.Place{Head: w.boardHead(stage, sport.Open), AthleteID: athlete, Seq: w.now.UnixMilli(),
		Standing: stageboard.Standing{Value: value, EffortID: effort, AchievedAt: w.now, Attempts: 1}}
}

package aggregate_test

import (
	"context"
	"encoding/binary"
	"log/slog"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/aggregate"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/sport"
)

// BenchmarkLoadBoard loads a stage's board of 100,000 athletes (or SC_BENCH_ATHLETES) that isn't in memory, from its events
// and with a snapshot: ms for each, and x-faster.
//
//	go test -run '^$' -bench LoadBoard -benchtime 1x ./internal/aggregate
func BenchmarkLoadBoard(b *testing.B) {
	athletes := 100_000
	if n, err := strconv.Atoi(os.Getenv("SC_BENCH_ATHLETES")); err == nil {
		athletes = n
	}
	pool := postgrestest.New(b)
	registry := eventstore.NewRegistry()
	for _, e := range stageboard.Events {
		eventstore.RegisterValue(registry, e)
	}
	store := running(b, pool, registry)
	id := fillBoard(b, store, athletes)

	snapshots := aggregate.NewSnapshots(pool, aggregate.SnapshotOptions{Log: slog.New(slog.DiscardHandler)})
	ctx, stop := context.WithCancel(context.Background())
	var writing sync.WaitGroup
	writing.Go(func() { _ = snapshots.Run(ctx) })
	b.Cleanup(func() { stop(); writing.Wait() })
	load := func(snapshots *aggregate.Snapshots) time.Duration {
		h := aggregate.NewHost[stageboard.State](store, "stageboard", aggregate.Options{Snapshots: snapshots})
		start := time.Now()
		board, _, err := h.Load(b.Context(), id)
		if err != nil || board.Len() != athletes {
			b.Fatalf("%d athletes, %v", board.Len(), err)
		}
		return time.Since(start)
	}
	load(snapshots) // which leaves one
	if err := snapshots.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	var events, snapshot time.Duration
	for b.Loop() {
		events += load(nil)
		snapshot += load(snapshots)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(events.Seconds()*1000/float64(b.N), "ms-events")
	b.ReportMetric(snapshot.Seconds()*1000/float64(b.N), "ms-snapshot")
	b.ReportMetric(float64(events)/float64(snapshot), "x-faster")
}

// fillBoard appends what a board of so many athletes consists of: each with a time, one in four with a second, better one.
func fillBoard(b *testing.B, store *eventstore.Store, athletes int) uuid.UUID {
	b.Helper()
	dice, id := rand.New(rand.NewPCG(1, 2)), uuid.New()
	ref := stageboard.Ref{StageID: uuid.New(), ChallengeID: uuid.New(), Category: sport.Open}
	var all []eventstore.NewEvent
	add := func(e stageboard.Event) {
		n, err := store.Registry().Encode(e, eventstore.Meta{Actor: "system", Now: time.Now()}, 0)
		if err != nil {
			b.Fatal(err)
		}
		if all = append(all, n); len(all) == 4000 {
			put(b, store, id, all)
			all = nil
		}
	}
	add(stageboard.Opened{Ref: ref, Measure: sport.ElapsedTime, Precision: 1000})
	for i := range athletes + athletes/4 {
		var athlete uuid.UUID
		binary.BigEndian.PutUint64(athlete[:], uint64(i%athletes)*0x9e3779b97f4a7c15)
		value := 600_000 + dice.Int64N(1_200_000)
		add(stageboard.Placed{Ref: ref, AthleteID: athlete, Seq: int64(i), To: 1 + dice.IntN(i+1), Of: i + 1, Best: true, Gap: value,
			Standing: stageboard.Standing{Value: value, EffortID: uuid.New(), AchievedAt: time.Unix(1_780_000_000+dice.Int64N(1e6), 0).UTC(), Attempts: 1}})
	}
	put(b, store, id, all)
	return id
}

func put(b *testing.B, store *eventstore.Store, id uuid.UUID, events []eventstore.NewEvent) {
	b.Helper()
	if _, err := store.Append(b.Context(), eventstore.Write{Stream: eventstore.StreamName("stageboard", id), Events: events}); err != nil {
		b.Fatal(err)
	}
}

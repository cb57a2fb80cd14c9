package readmodel_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
)

// placings decides on so many efforts on a board, whose athletes come in turn.
func (w *world) placings(stage uuid.UUID, athletes, n int) []eventstore.Event {
	var out []eventstore.Event
	board := stageboard.IDOf(stage, sport.Open)
	for i := range n {
		who := id("athlete", i%athletes)
		events, err := w.boards[board].Decide(stageboard.Place{Head: w.boardHead(stage, sport.Open), AthleteID: who, Seq: int64(i + 1),
			Standing: stageboard.Standing{Value: int64(900_000 - i), AchievedAt: w.now, Attempts: i/athletes + 1}})
		if err != nil {
			w.Fatal(err)
		}
		for _, e := range events {
			w.boards[board] = w.boards[board].Evolve(e)
			out = append(out, e)
		}
	}
	return out
}

// BenchmarkSwap rebuilds the leaderboards of 20,000 events while four writers append and readers read. It says for how long
// the swap has made the live projection stand still and kept readers out, and what the slowest append and read took.
func BenchmarkSwap(b *testing.B) {
	w, challenge, stage, _ := boardOf(b, 500)
	for _, part := range chunks(w.placings(stage, 500, 20_000), 500) {
		w.record(eventstore.StreamName("stageboard", stageboard.IDOf(stage, sport.Open)), part...)
	}
	var written [][]eventstore.Event
	for n := range 4 {
		other := id("stage", 100+n)
		w.open(challenge, other, sport.Open, sport.ElapsedTime, 1000)
		written = append(written, w.placings(other, 50, 20_000))
	}
	w.settle()
	var swaps, readers, projection, rebuilds time.Duration
	var appended atomic.Int64
	var slowest [5]time.Duration // append of each writer, and read
	for b.Loop() {
		ctx, stop := context.WithCancel(context.Background())
		var busy sync.WaitGroup
		keep := func(i int, do func() error) {
			for ctx.Err() == nil {
				begin := time.Now()
				if err := do(); err != nil {
					b.Error(err)
					return
				}
				slowest[i] = max(slowest[i], time.Since(begin))
			}
		}
		for i := range written {
			busy.Go(func() {
				stream := eventstore.StreamName("stageboard", stageboard.IDOf(id("stage", 100+i), sport.Open))
				keep(i, func() error {
					e, err := w.store.Registry().Encode(written[i][0], eventstore.Meta{Now: start}, 0)
					if err == nil {
						written[i] = written[i][1:]
						appended.Add(1)
						_, err = w.store.Append(context.Background(), eventstore.Write{Stream: stream, Events: []eventstore.NewEvent{e}})
					}
					return err
				})
			})
		}
		busy.Go(func() {
			keep(4, func() error {
				_, err := readmodel.StageBoard(context.Background(), w.pool, readmodel.BoardQuery{StageID: stage, Category: sport.Open, Limit: 50})
				return err
			})
		})
		begin := time.Now()
		err := readmodel.RebuildWith(b.Context(), w.pool, w.store, readmodel.RebuildOptions{Swapped: func(_ string, s readmodel.Swap) {
			swaps++
			readers, projection = max(readers, s.Readers), max(projection, s.Projection)
		}}, readmodel.LeaderboardsModel)
		rebuilds += time.Since(begin)
		stop()
		busy.Wait()
		if err != nil {
			b.Fatal(err)
		}
	}
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(ms(readers), "ms-readers-out")
	b.ReportMetric(ms(projection), "ms-projection-still")
	b.ReportMetric(ms(max(slowest[0], slowest[1], slowest[2], slowest[3])), "ms-slowest-append")
	b.ReportMetric(ms(slowest[4]), "ms-slowest-read")
	b.ReportMetric(float64(appended.Load())/rebuilds.Seconds(), "appends/s")
}

func chunks[T any](all []T, size int) (out [][]T) {
	for len(all) > size {
		out, all = append(out, all[:size]), all[size:]
	}
	return append(out, all)
}

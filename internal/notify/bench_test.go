package notify_test

import (
	"context"
	"encoding/binary"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/eventlog"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/notify"
	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/sport"
)

// BenchmarkNoting measures how fast the outbox notes lost places: of a stage with 1,000 athletes, on which each effort passes
// ten of them, so that most losses merge with one that waits.
func BenchmarkNoting(b *testing.B) {
	const events, athletesThere = 2000, 1000
	pool := postgrestest.New(b)
	store, err := eventstore.Open(b.Context(), pool, eventlog.Registry(), eventstore.Options{})
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- store.Run(ctx) }()
	defer func() { stop(); <-ran }()
	who := func(n int) (id uuid.UUID) { binary.BigEndian.PutUint32(id[:], uint32(n%athletesThere)+1); return id }
	for b.Loop() {
		b.StopTimer()
		ref := stageboard.Ref{StageID: uuid.New(), ChallengeID: uuid.New(), Category: sport.Open}
		var batch []eventstore.NewEvent
		for i := range events {
			e := stageboard.Placed{Ref: ref, AthleteID: who(i), To: 1, Of: athletesThere, Best: true, Standing: stageboard.Standing{Value: 1000}}
			for k := range 10 {
				e.Passed, e.PassedFrom = append(e.Passed, who(i+k*97+1)), append(e.PassedFrom, k+1)
			}
			encoded, err := store.Registry().Encode(e, eventstore.Meta{Now: time.Now()}, i)
			if err != nil {
				b.Fatal(err)
			}
			batch = append(batch, encoded)
		}
		result, err := store.Append(b.Context(), eventstore.Write{Stream: eventstore.StreamName("stageboard", uuid.New()), Events: batch})
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		box := &notify.Outbox{Store: store, Pool: pool, Interval: time.Hour}
		noting, done := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() { ended <- box.Run(noting) }()
		if err := store.WaitFor(b.Context(), result.Last, notify.Name); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		done()
		<-ended
		b.StartTimer()
	}
	b.ReportMetric(float64(b.N*events)/b.Elapsed().Seconds(), "events/s")
}

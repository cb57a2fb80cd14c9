package readmodel_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/eventlog"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
)

// children run in processes of their own, to be killed.
var children = postgrestest.Children{
	// Rebuilds the leaderboards in small batches, and prints a line after each; after the third it may have to wait for its end.
	"rebuild": func(ctx context.Context, pool *pgxpool.Pool, args []string) error {
		store, err := eventstore.Open(ctx, pool, eventlog.Registry(), eventstore.Options{})
		if err != nil {
			return err
		}
		batches := 0
		return readmodel.RebuildWith(ctx, pool, store, readmodel.RebuildOptions{Batch: 3, Progress: func(name string, position, head int64) {
			fmt.Println(name, position, head)
			if batches++; batches == 3 && args[0] == "wait" {
				<-ctx.Done()
			}
		}}, readmodel.LeaderboardsModel)
	},
}

func TestMain(m *testing.M) { postgrestest.Main(m, children) }

// PJ-04, and kill -9 at random moments of the rebuild: readers see whole boards all the time, and the next rebuild clears
// away what is left and succeeds.
func TestPJ04_RebuildsThatAreKilled(t *testing.T) {
	t.Parallel()
	w, _, stage, riders := season(t)
	ctx, stop := context.WithCancel(t.Context())
	var reading sync.WaitGroup
	reading.Go(func() {
		for ctx.Err() == nil {
			b, err := readmodel.StageBoard(t.Context(), w.pool, readmodel.BoardQuery{StageID: stage, Category: sport.Open})
			if err != nil || len(b.Entries) < 5 {
				t.Errorf("a reader saw %d entries, %v", len(b.Entries), err)
				return
			}
		}
	})
	for n := range 8 {
		how := "go on"
		if n == 7 { // the last is surely not through
			how = "wait"
		}
		child := postgrestest.StartChild(t, w.pool, "rebuild", how)
		for range 1 + rand.IntN(3) {
			child.Line()
		}
		w.place(stage, sport.Open, riders[n%5], int64(240_000-n*10), n+2)
		child.Kill() // by now it may be anywhere
	}
	if schema := w.schema(); !strings.Contains(schema, "schema rebuild") {
		t.Error("no schema is left of the last: this test doesn't tell anything")
	}
	for again := true; again; { // the server may take a moment to see that the last one is gone
		err := readmodel.Rebuild(t.Context(), w.pool, w.store, readmodel.FeedModel)
		if again = errors.Is(err, readmodel.ErrRebuilding); err != nil && !again {
			t.Fatal(err)
		}
		again = again || strings.Contains(w.schema(), "schema rebuild")
	}
	if err := readmodel.Rebuild(t.Context(), w.pool, w.store, w.names...); err != nil {
		t.Fatal(err)
	}
	w.settle()
	stop()
	reading.Wait()
	expect(t, "nothing is missing", ok(readmodel.Verify(t.Context(), w.pool, w.store, w.names...)), []readmodel.Difference(nil))
}

// A rebuild's transactions are as short as its batches: none goes on from one to the next that would keep PostgreSQL from
// cleaning up. Nobody can begin another one of the same read model, and there is no schema once it is cancelled.
func TestRebuildInBatches(t *testing.T) {
	t.Parallel()
	w, _, _, _ := season(t)
	ctx, cancel := context.WithCancel(t.Context())
	var batches int
	var second time.Time
	err := readmodel.RebuildWith(ctx, w.pool, w.store, readmodel.RebuildOptions{Batch: 3, Progress: func(name string, position, head int64) {
		switch batches++; batches {
		case 2:
			if err := w.pool.QueryRow(t.Context(), `select clock_timestamp()`).Scan(&second); err != nil {
				t.Error(err)
			}
		case 4:
			var old []string
			if err := w.pool.QueryRow(t.Context(), `select array(select query from pg_stat_activity where datname = current_database() and xact_start < $1
				and (backend_xid is not null or backend_xmin is not null))`, second).Scan(&old); err != nil || len(old) > 0 {
				t.Errorf("transactions are older than two batches: %q, %v", old, err)
			}
			if err := readmodel.Rebuild(t.Context(), w.pool, w.store, name); !errors.Is(err, readmodel.ErrRebuilding) {
				t.Errorf("a second rebuild: %v", err)
			}
			cancel()
		}
	}}, readmodel.LeaderboardsModel)
	if batches != 4 || !errors.Is(err, context.Canceled) {
		t.Errorf("%d batches, %v", batches, err)
	}
	if strings.Contains(w.schema(), "schema rebuild") {
		t.Error("a schema is left behind")
	}
}

// A migration that changes the tables while they are rebuilt wins: what was built has the old shape.
func TestRebuildOfTablesThatChange(t *testing.T) {
	t.Parallel()
	w, _, _, _ := season(t)
	for _, change := range []string{`alter table feed_items add column mood text`, `create index feed_items_mood on feed_items (mood)`} {
		done := false
		err := readmodel.RebuildWith(t.Context(), w.pool, w.store, readmodel.RebuildOptions{Batch: 3, Progress: func(string, int64, int64) {
			if !done {
				done = true
				if _, err := w.pool.Exec(t.Context(), change); err != nil {
					t.Error(err)
				}
			}
		}}, readmodel.FeedModel)
		if err == nil || !strings.Contains(err.Error(), "another shape") {
			t.Errorf("%s: %v", change, err)
		}
		if schema := w.schema(); strings.Contains(schema, "schema rebuild") || !strings.Contains(schema, "mood") {
			t.Errorf("%s is gone, or a schema is left behind", change)
		}
	}
	var swapped readmodel.Swap
	if err := readmodel.RebuildWith(t.Context(), w.pool, w.store, readmodel.RebuildOptions{
		Swapped: func(_ string, s readmodel.Swap) { swapped = s }}, readmodel.FeedModel); err != nil {
		t.Fatal(err)
	}
	if swapped.Readers <= 0 || swapped.Projection < swapped.Readers || !strings.Contains(w.schema(), "feed_items_mood") {
		t.Errorf("%+v", swapped)
	}
}

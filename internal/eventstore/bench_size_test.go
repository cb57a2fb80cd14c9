package eventstore_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
)

// log fills a fresh database with events of the usual size: streams of 1,000 events, of which a hundred grow at the same
// time, so that each stretch of 100,000 positions holds a hundred whole streams. It takes a minute or so a million.
func log(b *testing.B, events int64) *pgxpool.Pool {
	b.Helper()
	pool := postgrestest.New(b)
	for _, sql := range []string{`insert into events` + columns + `
		select p, ('00000000-0000-7000-8000-' || lpad(to_hex(p), 12, '0'))::uuid, 'competitor-' || (p - 1) / 100000 * 100 + p % 100,
			(p - 1) % 100000 / 100 + 1, 'effort_accepted', 1, '` + string(payload) + `', '{"trace":"4bf92f3577b34da6a3ce929d0e0e4736"}',
			'` + correlation.String() + `', '` + causation.String() + `', '01970b3c-6d3f-7a51-9c25-0d2f7f3b7a11', now()
		from generate_series(1, $1::bigint) p`,
		`update events_head set position = $1`} {
		if _, err := pool.Exec(b.Context(), sql, events); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := pool.Exec(b.Context(), `vacuum analyze events`); err != nil {
		b.Fatal(err)
	}
	return pool
}

// bigLog is how many events a long log has: a million, unless SC_BENCH_EVENTS says otherwise. Ten million take some
// minutes to make and 6 GB.
func bigLog(b *testing.B) int64 {
	b.Helper()
	given := os.Getenv("SC_BENCH_EVENTS")
	if given == "" {
		return 1_000_000
	}
	n, err := strconv.ParseInt(given, 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// newest picks one of the hundred streams that a log of so many events ends with: what is read most is what was written
// last, and that is in memory however long the log is.
func newest(events int64) string {
	return fmt.Sprintf("competitor-%d", (events-1)/100_000*100+rand.Int64N(100))
}

// durations takes turns between two things to do, and reports how long each takes and their ratio. A turn does each for a
// tenth of a second.
func durations(b *testing.B, name string, ours func() error, baseName string, base func() error) {
	b.Helper()
	each := func(do func() error) float64 { // in ms
		n, start := 0, time.Now()
		for ; n < 3 || time.Since(start) < 100*time.Millisecond; n++ {
			if err := do(); err != nil {
				b.Fatal(err)
			}
		}
		return float64(time.Since(start).Microseconds()) / 1000 / float64(n)
	}
	each(ours) // warm up
	each(base)
	var oursTimes, baseTimes, ratios []float64
	for range turns {
		o, p := each(ours), each(base)
		oursTimes, baseTimes, ratios = append(oursTimes, o), append(baseTimes, p), append(ratios, o/p)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(oursTimes), name+"-ms")
	b.ReportMetric(median(baseTimes), baseName+"-ms")
	b.ReportMetric(median(ratios), "x-"+baseName)
}

// readWhole reads one of the newest streams of a log through the store.
func readWhole(s *eventstore.Store, events int64) func() error {
	return func() error {
		n := 0
		for _, err := range s.ReadStream(context.Background(), newest(events), eventstore.ReadOptions{}) {
			if err != nil {
				return err
			}
			n++
		}
		return exactly(1000, n)
	}
}

func exactly(want, n int) error {
	if n != want {
		return fmt.Errorf("%d events instead of %d", n, want)
	}
	return nil
}

// queryWhole reads the same columns by a plain query.
func queryWhole(pool *pgxpool.Pool, events int64) func() error {
	return func() error {
		rows, err := pool.Query(context.Background(), `select position, event_id, stream, version, type, schema_version, data, metadata,
			correlation_id, causation_id, actor, recorded_at from events where stream = $1 order by version`, newest(events))
		if err != nil {
			return err
		}
		found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e eventstore.Recorded, err error) {
			var correlation, causation *uuid.UUID
			err = row.Scan(&e.Position, &e.ID, &e.Stream, &e.Version, &e.Type, &e.SchemaVersion, (*[]byte)(&e.Data),
				(*[]byte)(&e.Metadata), &correlation, &causation, &e.Actor, &e.Time)
			if correlation != nil {
				e.CorrelationID = *correlation
			}
			if causation != nil {
				e.CausationID = *causation
			}
			return e, err
		})
		if err != nil {
			return err
		}
		return exactly(1000, len(found))
	}
}

// BenchmarkReadStream: a stream of 1,000 events, against a plain query of the same columns.
func BenchmarkReadStream(b *testing.B) {
	const events = 100_000
	pool := log(b, events)
	durations(b, "store", readWhole(node(b, pool), events), "query", queryWhole(pool, events))
}

// BenchmarkLongLog: what is done with a long log, against the same with one of 100,000 events.
func BenchmarkLongLog(b *testing.B) {
	events := [2]int64{bigLog(b), 100_000}
	var stores [2]*eventstore.Store
	for i, n := range events {
		stores[i] = node(b, log(b, n))
	}
	b.Run("append/callers=1", func(b *testing.B) {
		compare(b, 1, "long", storeWay(stores[0], "alone"), "short", storeWay(stores[1], "alone"))
	})
	b.Run("append/callers=64", func(b *testing.B) {
		compare(b, 64, "long", storeWay(stores[0], "ours"), "short", storeWay(stores[1], "ours"))
	})
	b.Run("read", func(b *testing.B) {
		durations(b, "long", readWhole(stores[0], events[0]), "short", readWhole(stores[1], events[1]))
	})
	b.Run("subscribe", func(b *testing.B) {
		durations(b, "long", appendAndHear(b, stores[0]), "short", appendAndHear(b, stores[1]))
	})
	b.Run("catch-up", func(b *testing.B) { // the last thousand
		durations(b, "long", hearLast(stores[0]), "short", hearLast(stores[1]))
	})
}

// appendAndHear appends an event and waits until a subscriber on the same node has it.
func appendAndHear(b *testing.B, s *eventstore.Store) func() error {
	next := follow(b, s, eventstore.Now, eventstore.Filter{Types: []string{"counted"}})
	return func() error {
		_, err := s.Append(context.Background(), write("heard-1", eventstore.Any, event("counted", 1)))
		next(1)
		return err
	}
}

// hearLast lets a new subscriber read the newest thousand events, most of which aren't in memory.
func hearLast(s *eventstore.Store) func() error {
	return func() error {
		head, err := s.Head(context.Background())
		if err != nil {
			return err
		}
		n, enough := 0, fmt.Errorf("enough")
		err = s.Follow(context.Background(), max(head-10_000, 0), eventstore.Filter{}, func(_ context.Context, events []eventstore.Recorded) error {
			if n += len(events); n >= 1000 {
				return enough
			}
			return nil
		})
		if err == enough {
			err = nil
		}
		return err
	}
}

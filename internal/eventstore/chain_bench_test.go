package eventstore_test

import (
	"context"
	"encoding/binary"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
)

var storeOptions eventstore.Options

// chainID is the n-th chain of crowdedLog: a UUIDv7 of its second.
func chainID(n int64) (id uuid.UUID) {
	binary.BigEndian.PutUint64(id[:], uint64(1_780_000_000_000+n*1000)<<16|0x7000)
	binary.BigEndian.PutUint64(id[8:], 1<<63|uint64(n))
	return id
}

// crowdedLog is a log of SC_BENCH_EVENTS events (1,000,000), four a chain, except that each 50th belongs to a chain of up to
// three days before, as what timers bring does.
func crowdedLog(b *testing.B) (pool *pgxpool.Pool, events int) {
	b.Helper()
	events = 1_000_000
	if n, err := strconv.Atoi(os.Getenv("SC_BENCH_EVENTS")); err == nil {
		events = n
	}
	pool = postgrestest.New(b)
	for _, sql := range []string{
		`create function chain(n bigint) returns uuid language sql immutable as $$
			select (lpad(to_hex(1780000000000 + n * 1000), 12, '0') || '7000' || lpad(to_hex((1::bigint << 63) | n), 16, '0'))::uuid $$`,
		`insert into events (position, event_id, stream, version, type, schema_version, data, actor, recorded_at, correlation_id, causation_id)
			select n, gen_random_uuid(), 's-' || n, 1, 'counted', 1, '{"n": 1, "stageId": "0197c5b0-0000-7000-8000-000000000001", "more": "as much text as events have"}', 'system', now(),
				chain(case when n % 50 = 0 then greatest(0, n / 4 - (n * 7919) % 64800) else n / 4 end), gen_random_uuid()
			from generate_series(1::bigint, ` + strconv.Itoa(events) + `) n`,
		`update events_head set position = ` + strconv.Itoa(events),
		`vacuum analyze events`,
	} {
		if _, err := pool.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
	return pool, events
}

// BenchmarkAppendWithChainIndex says what finding chains costs an append: 64 callers in turns with the index of the
// migrations, with a B-tree, and with none; brin-of-none and btree-of-none are medians of the ratios of their rates.
func BenchmarkAppendWithChainIndex(b *testing.B) {
	pool := postgrestest.New(b)
	s := run(b, pool, storeOptions)
	variants := []string{``, `create index events_by_correlation on events using brin (correlation_id uuid_minmax_multi_ops) with (pages_per_range = 16, autosummarize = on)`,
		`create index events_by_correlation on events (correlation_id)`}
	ratios := [3][]float64{}
	for round := range 9 {
		var rates [3]float64
		for i := range variants {
			v := (i + round) % len(variants)
			rebuild(b, pool, variants[v])
			rates[v] = chained(b, s)
		}
		if round > 0 { // the first warms up
			for v := range variants {
				ratios[v] = append(ratios[v], rates[v]/rates[0])
			}
		}
	}
	for v := range ratios {
		slices.Sort(ratios[v])
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ratios[1][4], "brin-of-none")
	b.ReportMetric(ratios[2][4], "btree-of-none")
}

func rebuild(b *testing.B, pool *pgxpool.Pool, index string) {
	b.Helper()
	_, err := pool.Exec(b.Context(), `drop index if exists events_by_correlation`)
	if err == nil && index != "" {
		_, err = pool.Exec(b.Context(), index)
	}
	if err != nil {
		b.Fatal(err)
	}
}

// chained is how many events a second 64 callers append, each of a new chain.
func chained(b *testing.B, s *eventstore.Store) float64 {
	var done atomic.Int64
	var callers sync.WaitGroup
	start := time.Now()
	for range 64 {
		callers.Go(func() {
			stream := "c-" + uuid.NewString()
			for time.Since(start) < 500*time.Millisecond {
				e := event("counted", 1)
				e.CorrelationID, e.CausationID = uuid.Must(uuid.NewV7()), uuid.New()
				if _, err := s.Append(context.Background(), write(stream, eventstore.Any, e)); err != nil {
					b.Error(err)
					return
				}
				done.Add(1)
			}
		})
	}
	callers.Wait()
	return float64(done.Load()) / time.Since(start).Seconds()
}

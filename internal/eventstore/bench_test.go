package eventstore_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres"
	"segmentchallenge/internal/postgres/postgrestest"
)

// The benchmarks measure ways of appending side by side, in short turns on one server, and report the median of the
// turns' ratios: absolute figures say little about another machine, and a noisy neighbour hits both. Run them with
//
//	go test -run '^$' -bench . -benchtime 1x ./internal/eventstore
const (
	turns    = 21
	turnTime = 250 * time.Millisecond
)

var payload = []byte(`{"athleteId":"01970b3c-6d3f-7a51-9c25-0d2f7f3b7a11","elapsedTime":1834.5,"movingTime":1800.25,"distance":12345.6,"elevationGain":321,"startLocal":"2026-05-02T09:30:00","source":"upload"}`)

// way appends one event as the n-th of a caller; it is called by many callers at once.
type way func(caller int, n int64) error

// rate runs a way with so many callers for a turn, and gives events per second.
func rate(b *testing.B, callers int, from *[]int64, append way) float64 {
	b.Helper()
	if *from == nil {
		*from = make([]int64, callers)
	}
	var done atomic.Int64
	start := time.Now()
	errs := parallel(callers, func(i int) error {
		for time.Since(start) < turnTime {
			if err := append(i, (*from)[i]); err != nil {
				return err
			}
			(*from)[i]++
			done.Add(1)
		}
		return nil
	})
	for _, err := range errs {
		if err != nil {
			b.Fatal(err)
		}
	}
	return float64(done.Load()) / time.Since(start).Seconds()
}

// compare takes turns between two ways and reports both rates and their ratio.
func compare(b *testing.B, callers int, name string, ours way, baseName string, base way) {
	b.Helper()
	compareWith(b, callers, name, ours, callers, baseName, base)
}

func compareWith(b *testing.B, callers int, name string, ours way, baseCallers int, baseName string, base way) {
	b.Helper()
	var oursAt, baseAt []int64
	rate(b, callers, &oursAt, ours) // warm up: connections, statements, pages
	rate(b, baseCallers, &baseAt, base)
	var oursRates, baseRates, ratios []float64
	for range turns {
		o, p := rate(b, callers, &oursAt, ours), rate(b, baseCallers, &baseAt, base)
		oursRates, baseRates, ratios = append(oursRates, o), append(baseRates, p), append(ratios, o/p)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(oursRates), name+"/s")
	b.ReportMetric(median(baseRates), baseName+"/s")
	b.ReportMetric(median(ratios), "x-"+baseName)
}

func median(values []float64) float64 {
	values = slices.Sorted(slices.Values(values))
	return values[len(values)/2]
}

// storeWay appends through a store; each caller has a stream of its own and knows its version.
func storeWay(s *eventstore.Store, prefix string) way {
	return func(caller int, n int64) error {
		_, err := s.Append(context.Background(), eventstore.Write{Stream: fmt.Sprintf("%s-%d", prefix, caller), Expect: eventstore.Exact(n),
			Events: []eventstore.NewEvent{{Type: "effort_accepted", Data: payload, Metadata: []byte(`{"trace":"4bf92f3577b34da6a3ce929d0e0e4736"}`),
				CorrelationID: correlation, CausationID: causation, Actor: "01970b3c-6d3f-7a51-9c25-0d2f7f3b7a11", Time: time.Now()}}})
		return err
	}
}

var correlation, causation = uuid.New(), uuid.New()

// connections gives each caller one of its own on a fresh database.
func connections(b *testing.B, n int, prepare string) []*pgx.Conn {
	b.Helper()
	pool, err := postgres.Open(b.Context(), postgrestest.NewURL(b), postgres.Options{MaxConns: int32(n) + 1})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := pool.Exec(b.Context(), prepare); err != nil {
		b.Fatal(err)
	}
	var conns []*pgx.Conn
	for range n {
		c, err := pool.Acquire(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(c.Release)
		conns = append(conns, c.Conn())
	}
	b.Cleanup(func() { go pool.Close() })
	return conns
}

// insertWay is a plain insert of one row per transaction, with the same columns; position is an SQL expression for it.
func insertWay(conns []*pgx.Conn, insert string) way {
	return func(caller int, n int64) error {
		id, err := uuid.NewV7()
		if err != nil {
			return err
		}
		_, err = conns[caller].Exec(context.Background(), insert, id, fmt.Sprintf("plain-%d", caller), n+1, "effort_accepted", 1, payload,
			[]byte(`{"trace":"4bf92f3577b34da6a3ce929d0e0e4736"}`), correlation, causation, "01970b3c-6d3f-7a51-9c25-0d2f7f3b7a11", time.Now())
		return err
	}
}

const columns = ` (position, event_id, stream, version, type, schema_version, data, metadata, correlation_id, causation_id, actor, recorded_at) `

func plainWay(b *testing.B, callers int) way {
	return insertWay(connections(b, callers, `create sequence plain`), `insert into events`+columns+
		`values (nextval('plain'), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`)
}

// lockRowWay takes each position from a counter row, as most stores with a gapless order do.
func lockRowWay(b *testing.B, callers int) way {
	return insertWay(connections(b, callers, `select 1`), `with h as (update events_head set position = position + 1 returning position)
		insert into events`+columns+`select h.position, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 from h`)
}

func node(b *testing.B, pool *pgxpool.Pool) *eventstore.Store {
	return run(b, pool, eventstore.Options{})
}

// BenchmarkAppend: one event per append, against plain inserts over as many connections.
func BenchmarkAppend(b *testing.B) {
	for _, callers := range []int{1, 16, 64, 256} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			compare(b, callers, "store", storeWay(node(b, postgrestest.New(b)), "ours"), "plain", plainWay(b, callers))
		})
	}
}

// BenchmarkAppendLockRow: against a lock row per append.
func BenchmarkAppendLockRow(b *testing.B) {
	compare(b, 64, "store", storeWay(node(b, postgrestest.New(b)), "ours"), "lockrow", lockRowWay(b, 64))
}

// BenchmarkAppendTwoNodes: two nodes with 64 callers each, against one node with 64.
func BenchmarkAppendTwoNodes(b *testing.B) {
	pool := postgrestest.New(b)
	ways := []way{storeWay(node(b, pool), "one"), storeWay(node(b, postgrestest.Second(b, pool)), "two")}
	both := func(caller int, n int64) error { return ways[caller%2](caller/2, n) }
	alone := storeWay(node(b, postgrestest.New(b)), "alone")
	compareWith(b, 128, "two-nodes", both, 64, "one-node", alone)
	var gaps int64
	if err := pool.QueryRow(b.Context(), `select max(position) - min(position) + 1 - count(*) from events`).Scan(&gaps); err != nil || gaps != 0 {
		b.Errorf("%d gaps, %v", gaps, err)
	}
}

// BenchmarkAppendBatches: 256 callers, against batches of 1,000 rows by unnest without any checks: the ceiling.
func BenchmarkAppendBatches(b *testing.B) {
	conns := connections(b, 2, `create sequence plain`)
	const rows = 1000
	ids, names, versions, texts := make([]uuid.UUID, rows), make([]string, rows), make([]int64, rows), make([]string, rows)
	for i := range rows {
		names[i], texts[i] = fmt.Sprintf("plain-%d", i%64), string(payload)
	}
	unnest := func(caller int, n int64) error {
		for i := range rows {
			id, err := uuid.NewV7()
			if err != nil {
				return err
			}
			ids[i], versions[i] = id, n*rows+int64(i)+1
		}
		_, err := conns[0].Exec(context.Background(), `insert into events`+columns+`
			select nextval('plain'), e.id, e.stream, e.version, 'effort_accepted', 1, e.data::json, '{"trace":"4bf92f3577b34da6a3ce929d0e0e4736"}', $5, $6, $7, $8
			from unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[]) e (id, stream, version, data)`, ids, names, versions, texts,
			correlation, causation, "01970b3c-6d3f-7a51-9c25-0d2f7f3b7a11", time.Now())
		return err
	}
	ours := storeWay(node(b, postgrestest.New(b)), "ours")
	var oursAt, ceilingAt []int64
	rate(b, 256, &oursAt, ours)
	rate(b, 1, &ceilingAt, unnest)
	var ratios, oursRates, ceilings []float64
	for range turns {
		o, c := rate(b, 256, &oursAt, ours), rows*rate(b, 1, &ceilingAt, unnest)
		oursRates, ceilings, ratios = append(oursRates, o), append(ceilings, c), append(ratios, o/c)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(oursRates), "store/s")
	b.ReportMetric(median(ceilings), "unnest/s")
	b.ReportMetric(median(ratios), "x-unnest")
}

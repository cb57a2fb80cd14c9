package eventstore_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
)

// BenchmarkSubscribe: from the call of Append to the subscriber on the same node; a lone append now and then, and 64 busy
// callers.
func BenchmarkSubscribe(b *testing.B) {
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			s := node(b, postgrestest.New(b))
			var mu sync.Mutex
			var took []float64 // ms
			seen := make(chan struct{}, 1)
			inBackground(b, func(ctx context.Context) error {
				return s.Follow(ctx, 0, eventstore.Filter{}, func(_ context.Context, events []eventstore.Recorded) error {
					now := time.Now()
					mu.Lock()
					defer mu.Unlock()
					for _, e := range events {
						took = append(took, float64(now.Sub(e.Time).Microseconds())/1000)
					}
					select {
					case seen <- struct{}{}:
					default:
					}
					return nil
				})
			})
			ours := storeWay(s, "ours")
			var at []int64
			if callers == 1 {
				for n := range int64(400) {
					if err := ours(0, n); err != nil {
						b.Fatal(err)
					}
					<-seen
					time.Sleep(2 * time.Millisecond) // idle between two appends is what is measured here
				}
			} else {
				for range turns {
					rate(b, callers, &at, ours)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			slices.Sort(took)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(took[len(took)/2], "p50-ms")
			b.ReportMetric(took[len(took)*99/100], "p99-ms")
		})
	}
}

// BenchmarkSubscriberTakes: what a subscriber that does nothing takes from the rate of 64 callers, in percent. The handler
// has another name in each turn: it would have to catch up with what was appended while it was away.
func BenchmarkSubscriberTakes(b *testing.B) {
	anew := func(ctx context.Context, s *eventstore.Store, from int64, see func(int64)) error {
		return handlingAll(fmt.Sprint("from ", from))(ctx, s, from, see)
	}
	for name, subscribe := range map[string]subscription{"follow": following, "handler": anew} {
		b.Run(name, func(b *testing.B) {
			s := node(b, postgrestest.New(b))
			ours := storeWay(s, "ours")
			var at []int64
			rate(b, 64, &at, ours)
			var alone, beside, takes []float64
			for range turns {
				a := rate(b, 64, &at, ours)
				stop := inBackground(b, func(ctx context.Context) error { return subscribe(ctx, s, must(b)(s.Head(ctx)), func(int64) {}) })
				w := rate(b, 64, &at, ours)
				stop()
				alone, beside, takes = append(alone, a), append(beside, w), append(takes, 100*(1-w/a))
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(median(alone), "alone/s")
			b.ReportMetric(median(beside), "beside/s")
			b.ReportMetric(median(takes), "takes-%")
		})
	}
}

// handlingAll is a handler as one writes it, with the defaults.
func handlingAll(name string) subscription {
	return func(ctx context.Context, s *eventstore.Store, from int64, see func(int64)) error {
		return s.RunHandler(ctx, eventstore.HandlerSubscription{Name: name, Start: from,
			Handle: func(_ context.Context, e eventstore.Recorded) error { see(e.Position); return nil }})
	}
}

// BenchmarkReadYourWrites: what waiting for a projection on the same node adds to the projection's own work.
func BenchmarkReadYourWrites(b *testing.B) {
	pool := postgrestest.New(b)
	createTally(b, pool)
	s := node(b, pool)
	p := tally("tally", eventstore.Filter{})
	committed := make(chan time.Time, 1)
	p.Committed = func(int64, []eventstore.Recorded) { committed <- time.Now() }
	project(b, s, p)
	var total, added []float64
	for n := range 400 {
		start := time.Now()
		result := appended(b, s, write("a-1", eventstore.Any, event("counted", n)))
		waitFor(b, s, result.Last, "tally")
		end := time.Now()
		total = append(total, float64(end.Sub(start).Microseconds())/1000)
		added = append(added, float64(end.Sub(<-committed).Microseconds())/1000)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(total), "append-and-wait-p50-ms")
	b.ReportMetric(median(added), "added-p50-ms")
}

// effortAccepted is an event of the usual size.
type effortAccepted struct {
	AthleteID     uuid.UUID `json:"athleteId"`
	ElapsedTime   float64   `json:"elapsedTime"`
	MovingTime    float64   `json:"movingTime"`
	Distance      float64   `json:"distance"`
	ElevationGain float64   `json:"elevationGain"`
	StartLocal    string    `json:"startLocal"`
	Source        string    `json:"source"`
}

func (effortAccepted) EventType() string { return "effort_accepted" }

// longLog is a database with so many events of the usual size, or SC_BENCH_EVENTS.
func longLog(b *testing.B, events int64) (pool *pgxpool.Pool, n int64) {
	b.Helper()
	if given := os.Getenv("SC_BENCH_EVENTS"); given != "" {
		n, err := strconv.ParseInt(given, 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		events = n
	}
	pool = postgrestest.New(b)
	for from := int64(0); from < events; from += 100_000 {
		_, err := pool.Exec(b.Context(), `
			insert into events`+columns+`
			select p, gen_random_uuid(), 'competitor-' || p % 1000, p / 1000 + 1, 'effort_accepted', 1, $3::text::json,
				'{"trace":"4bf92f3577b34da6a3ce929d0e0e4736"}', $4, $5, '01970b3c-6d3f-7a51-9c25-0d2f7f3b7a11', now()
			from generate_series($1::bigint + 1, $2::bigint) p`, from, min(from+100_000, events), string(payload), correlation, causation)
		if err != nil {
			b.Fatal(err)
		}
	}
	if _, err := pool.Exec(b.Context(), `update events_head set position = $1`, events); err != nil {
		b.Fatal(err)
	}
	if _, err := pool.Exec(b.Context(), `vacuum analyze events`); err != nil {
		b.Fatal(err)
	}
	return pool, events
}

// pass goes through the whole log once, in one way or another.
type pass func(b *testing.B, s *eventstore.Store, events int64)

func scan(b *testing.B, s *eventstore.Store, events int64) {
	n := int64(0)
	for _, err := range s.ReadAll(b.Context(), eventstore.ReadOptions{}) {
		if err != nil {
			b.Fatal(err)
		}
		n++
	}
	if n != events {
		b.Fatalf("%d events read of %d", n, events)
	}
}

var efforts = func() *eventstore.Registry {
	r := eventstore.NewRegistry()
	eventstore.Register[effortAccepted](r)
	return r
}()

func scanAndDecode(b *testing.B, s *eventstore.Store, _ int64) {
	for e, err := range s.ReadAll(b.Context(), eventstore.ReadOptions{}) {
		if err == nil {
			_, err = efforts.Decode(e)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

var subscriptions atomic.Int64 // for names that are new

// catchUp handles the whole log with all defaults, as a subscription does that is new.
func catchUp(handle func(eventstore.Recorded) error) pass {
	return func(b *testing.B, s *eventstore.Store, events int64) {
		name := fmt.Sprint("catch-up-", subscriptions.Add(1))
		stop := inBackground(b, func(ctx context.Context) error {
			return s.RunHandler(ctx, eventstore.HandlerSubscription{Name: name,
				Handle: func(_ context.Context, e eventstore.Recorded) error { return handle(e) }})
		})
		longWait(b, s, events, name)
		stop()
	}
}

// longWait is waitFor for what may take minutes.
func longWait(b *testing.B, s *eventstore.Store, position int64, name string) {
	b.Helper()
	for {
		soon, cancel := context.WithTimeout(b.Context(), 10*time.Minute)
		err := s.WaitFor(soon, position, name)
		cancel()
		if err == nil {
			return
		}
		b.Fatal(err)
	}
}

// against takes turns between two ways through the log, and gives the median of the turns' ratios of speed.
func against(b *testing.B, s *eventstore.Store, events int64, turns int, ours, base pass) (perSecond, ratio float64) {
	b.Helper()
	var ourRates, ratios []float64
	for range turns {
		start := time.Now()
		base(b, s, events)
		middle := time.Now()
		ours(b, s, events)
		baseTook, oursTook := middle.Sub(start).Seconds(), time.Since(middle).Seconds()
		ourRates, ratios = append(ourRates, float64(events)/oursTook), append(ratios, baseTook/oursTook)
	}
	return median(ourRates), median(ratios)
}

// BenchmarkCatchUp: a new handler goes through the whole log: one that does nothing against a paged read, one that decodes
// against a paged read that decodes the same.
func BenchmarkCatchUp(b *testing.B) {
	pool, events := longLog(b, 1_000_000)
	s := node(b, pool)
	scan(b, s, events) // warm up
	for _, c := range []struct {
		name       string
		ours, base pass
	}{
		{"noop", catchUp(func(eventstore.Recorded) error { return nil }), scan},
		{"decode", catchUp(func(e eventstore.Recorded) error { _, err := efforts.Decode(e); return err }), scanAndDecode},
	} {
		b.Run(c.name, func(b *testing.B) {
			perSecond, ratio := against(b, s, events, 5, c.ours, c.base)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(perSecond, "events/s")
			b.ReportMetric(ratio, "x-paged-read")
		})
	}
}

// BenchmarkProject: one row per event, exactly once, against reading and decoding alone, and against a transaction for each
// event; and what stays in memory between the quarters of the way.
func BenchmarkProject(b *testing.B) {
	pool, events := longLog(b, 300_000)
	s := node(b, pool)
	var grown int64
	whole := func(b *testing.B, s *eventstore.Store, events int64) {
		grown = max(grown, projectRows(b, pool, s, events, 0))
	}
	_, ratio := against(b, s, events, 3, whole, scanAndDecode)
	const few = 2000
	single := func(b *testing.B, s *eventstore.Store, _ int64) { projectRows(b, pool, s, few, 1) }
	start := time.Now()
	whole(b, s, events)
	batched := float64(events) / time.Since(start).Seconds()
	start = time.Now()
	single(b, s, few)
	alone := few / time.Since(start).Seconds()
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(batched, "rows/s")
	b.ReportMetric(ratio, "x-read+decode")
	b.ReportMetric(batched/alone, "x-transaction-each")
	b.ReportMetric(float64(grown)/(1<<20), "MB-grown")
}

// projectRows runs a projection that writes a row for each event, as far as a position, and says how much memory has grown
// from the first quarter to the end.
func projectRows(b *testing.B, pool *pgxpool.Pool, s *eventstore.Store, upTo int64, batchSize int) (grown int64) {
	b.Helper()
	name := fmt.Sprint("rows_", subscriptions.Add(1))
	if _, err := pool.Exec(b.Context(), `create table `+name+` (position bigint primary key, athlete uuid, elapsed float8, started text)`); err != nil {
		b.Fatal(err)
	}
	quarter := int64(0)
	done := make(chan struct{})
	p := eventstore.Projection{Name: name, BatchSize: batchSize, Apply: rowsOf(name), Committed: func(position int64, _ []eventstore.Recorded) {
		if quarter == 0 && position > upTo/4 {
			quarter = heap()
		}
		if position >= upTo && done != nil {
			close(done)
			done = nil
		}
	}}
	finished := done
	stop := inBackground(b, func(ctx context.Context) error { return s.RunProjection(ctx, p) })
	<-finished
	grown = heap() - quarter
	stop()
	var rows int64
	if err := pool.QueryRow(b.Context(), `select count(*) from `+name+` where position <= $1`, upTo).Scan(&rows); err != nil || rows != upTo {
		b.Fatalf("%d rows of %d events, %v", rows, upTo, err)
	}
	runtime.GC()
	return grown
}

func rowsOf(table string) func(context.Context, pgx.Tx, []eventstore.Recorded) error {
	return func(ctx context.Context, tx pgx.Tx, events []eventstore.Recorded) error {
		positions, athletes := make([]int64, len(events)), make([]uuid.UUID, len(events))
		elapsed, started := make([]float64, len(events)), make([]string, len(events))
		for i, rec := range events {
			e, err := efforts.Decode(rec)
			if err != nil {
				return err
			}
			effort := e.(effortAccepted)
			positions[i], athletes[i], elapsed[i], started[i] = rec.Position, effort.AthleteID, effort.ElapsedTime, effort.StartLocal
		}
		_, err := tx.Exec(ctx, `insert into `+table+` select * from unnest($1::bigint[], $2::uuid[], $3::float8[], $4::text[])`,
			positions, athletes, elapsed, started)
		return err
	}
}

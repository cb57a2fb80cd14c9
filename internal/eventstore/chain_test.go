package eventstore_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// A chain is found among many others, in the order of the log, by the index and not by a scan; what isn't there is no error.
func TestByCorrelation(t *testing.T) {
	s := open(t)
	chains := make([]uuid.UUID, 50)
	for i := range chains {
		chains[i] = uuid.Must(uuid.NewV7())
	}
	want := map[uuid.UUID][]int64{}
	for n := range 2000 {
		e := event("counted", n)
		e.CorrelationID = chains[(n*n+n/7)%len(chains)]
		result := appended(t, s, write("a-"+uuid.NewString(), 0, e))
		want[e.CorrelationID] = append(want[e.CorrelationID], result.Last)
	}
	for _, id := range append(chains, uuid.New(), uuid.Nil) {
		got, err := s.ByCorrelation(ctx(t), id)
		if err != nil {
			t.Fatal(err)
		}
		var positions []int64
		for _, e := range got {
			positions = append(positions, e.Position)
			if e.CorrelationID != id {
				t.Errorf("event %d is of chain %v", e.Position, e.CorrelationID)
			}
		}
		if diff := cmp.Diff(want[id], positions); diff != "" {
			t.Errorf("chain %v (-want +got):\n%s", id, diff)
		}
	}
}

// BenchmarkByCorrelation finds one chain of four among SC_BENCH_EVENTS events (1,000,000): ms-chain, and ms-scan without the
// index.
func BenchmarkByCorrelation(b *testing.B) {
	pool, events := crowdedLog(b)
	s := run(b, pool, storeOptions)
	look := func() time.Duration {
		start := time.Now()
		for i := range 10 {
			chain := chainID(int64(i+1) * int64(events) / 50)
			if got, err := s.ByCorrelation(b.Context(), chain); err != nil || len(got) < 3 {
				b.Fatalf("%d events, %v", len(got), err)
			}
		}
		return time.Since(start) / 10
	}
	look()
	var index time.Duration
	for b.Loop() {
		index += look()
	}
	if _, err := pool.Exec(b.Context(), `drop index events_by_correlation`); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(index.Seconds()*1000/float64(b.N), "ms-chain")
	b.ReportMetric(look().Seconds()*1000, "ms-scan")
}

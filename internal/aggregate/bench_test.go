package aggregate_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/eventstore"
)

// BenchmarkHotAggregate lets 64 callers, and in turns with them a single one, send commands to one aggregate. What queues
// while an append is on its way goes with the next one, so many callers together get far more done than one: x-alone says
// how much more, the median over the turns. Run it with
//
//	go test -run '^$' -bench HotAggregate -benchtime 1x ./internal/aggregate
func BenchmarkHotAggregate(b *testing.B) {
	h, _ := open(b)
	id := uuid.New()
	many, alone := func() float64 { return rate(b, h, id, 64) }, func() float64 { return rate(b, h, id, 1) }
	many() // warm up: connections, statements, pages
	alone()
	var rates, ratios []float64
	for range 7 {
		m, a := many(), alone()
		rates, ratios = append(rates, m), append(ratios, m/a)
	}
	slices.Sort(rates)
	slices.Sort(ratios)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(rates[len(rates)/2], "commands/s")
	b.ReportMetric(ratios[len(ratios)/2], "x-alone")
}

// rate is how many commands a second so many callers get through.
func rate(b *testing.B, h *accounts, id uuid.UUID, callers int) float64 {
	b.Helper()
	var done atomic.Int64
	start := time.Now()
	for _, err := range parallel(callers, func(int) error {
		for time.Since(start) < 500*time.Millisecond {
			if _, err := h.Execute(b.Context(), id, Deposit{1}, eventstore.Meta{}); err != nil {
				return err
			}
			done.Add(1)
		}
		return nil
	}) {
		if err != nil {
			b.Fatal(err)
		}
	}
	return float64(done.Load()) / time.Since(start).Seconds()
}

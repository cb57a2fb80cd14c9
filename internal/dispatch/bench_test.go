package dispatch_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/audit"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/eventlog"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/telemetry"
)

// BenchmarkSend says what noting commands costs: 32 callers send commands in turns without and with figures, and with
// figures and the audit; figures-of-none and audit-of-none are medians of the ratios of their rates. (The audit is written
// meanwhile, by the same cores.)
//
//	go test -run '^$' -bench Send -benchtime 1x ./internal/dispatch
func BenchmarkSend(b *testing.B) {
	pool := postgrestest.New(b)
	quiet := slog.New(slog.DiscardHandler)
	tel, err := telemetry.New(telemetry.Options{})
	if err != nil {
		b.Fatal(err)
	}
	kept := audit.New(pool, audit.Options{Log: quiet})
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = kept.Run(ctx) })
	open := func(observer eventstore.Observer) *eventstore.Store {
		store, err := eventstore.Open(b.Context(), pool, eventlog.Registry(), eventstore.Options{Logger: quiet, Observer: observer})
		if err != nil {
			b.Fatal(err)
		}
		running.Go(func() { _ = store.Run(ctx) })
		return store
	}
	b.Cleanup(func() { stop(); running.Wait() })
	watched := open(tel.Observer())
	variants := []*dispatch.Dispatcher{dispatch.New(open(eventstore.Observer{}), dispatch.Options{Log: quiet}),
		dispatch.New(watched, dispatch.Options{Log: quiet, Observe: tel.Command}),
		dispatch.New(watched, dispatch.Options{Log: quiet, Observe: tel.Command, Audit: kept})}
	ratios := make([][]float64, len(variants))
	for round := range 9 {
		rates := make([]float64, len(variants))
		for i := range variants {
			v := (i + round) % len(variants)
			rates[v] = commandRate(b, variants[v])
		}
		for v := range variants {
			if round > 0 { // the first warms up
				ratios[v] = append(ratios[v], rates[v]/rates[0])
			}
		}
	}
	for v := range ratios {
		slices.Sort(ratios[v])
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ratios[1][4], "figures-of-none")
	b.ReportMetric(ratios[2][4], "audit-of-none")
	if kept.Lost() > 0 {
		b.Errorf("%d commands are missing in the audit", kept.Lost())
	}
}

// commandRate is how many commands a second 32 callers get through, each for an athlete of its own.
func commandRate(b *testing.B, d *dispatch.Dispatcher) float64 {
	b.Helper()
	var done atomic.Int64
	var callers sync.WaitGroup
	start := time.Now()
	for range 32 {
		callers.Go(func() {
			head := athletes.Head{ID: uuid.New(), By: actor.System, Now: time.Now()}
			profile := athletes.Profile{FirstName: "Ana", LastName: "Smet", Units: "metric", TimeZone: "UTC", Visibility: athletes.Everyone}
			if _, err := d.Send(b.Context(), athletes.Register{Head: head, Profile: profile}, eventstore.Meta{}); err != nil {
				b.Error(err)
				return
			}
			for n := 0; time.Since(start) < 400*time.Millisecond; n++ {
				profile.Town = fmt.Sprint(n)
				if _, err := d.Send(b.Context(), athletes.ChangeProfile{Head: head, Profile: profile}, eventstore.Meta{}); err != nil {
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

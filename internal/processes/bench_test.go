package processes_test

import (
	"sync"
	"testing"
	"time"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/dispatch/dispatchtest"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/processes"
	"segmentchallenge/internal/sport"
)

// BenchmarkOneChallenge says how many efforts a second one challenge takes, from 32 importers at once until both boards of
// the riders show them. The events of a challenge are handled one after the other, so this is the most that it can take;
// several challenges don't wait for each other. Run it with
//
//	go test -run '^$' -bench OneChallenge -benchtime 1x ./internal/processes
func BenchmarkOneChallenge(b *testing.B) {
	const efforts, importers = 1500, 32
	n := dispatchtest.Start(b, dispatchtest.Options{})
	riders := make([]actor.Actor, importers)
	for i := range riders {
		riders[i] = n.Athlete(sport.Female)
	}
	s := n.Season(n.Athlete(sport.Male), nil, dispatchtest.Days(1, 31))
	s.Host(dispatchtest.At(2, 0))
	s.Join(riders...)
	started := time.Now()
	var group sync.WaitGroup
	for i, r := range riders {
		group.Go(func() {
			for k := range efforts / importers {
				if _, err := n.Dispatch.Send(n.Soon(), s.Effort(r, 0, 3, 1000+100*k+i), eventstore.Meta{}); err != nil {
					b.Error(err)
				}
			}
		})
	}
	group.Wait()
	accepted := time.Since(started)
	n.Catch(processes.Name)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(efforts/accepted.Seconds(), "accepted/s")
	b.ReportMetric(efforts/time.Since(started).Seconds(), "on-boards/s")
}

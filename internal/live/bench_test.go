package live_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"segmentchallenge/internal/postgres/postgrestest"
)

// BenchmarkChangeToWatchers measures from the append of a change until each watcher has the frame of a board of 100 rows
// (HTML, by WebSocket over loopback): the median and the 99th percentile of all watchers and changes, and the last
// watcher of a change. Watchers and server share the machine. Each change comes to an idle hub.
func BenchmarkChangeToWatchers(b *testing.B) {
	for _, watchers := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("watchers=%d", watchers), func(b *testing.B) {
			n := newNode(b, postgrestest.New(b), setting{withModel: true})
			board := n.openBoard()
			for range 100 {
				board.place()
			}
			arrived := make(chan time.Time, watchers)
			var all sync.WaitGroup
			size := 0
			for range watchers {
				v := n.watch(board.page())
				size = len(v.html())
				all.Go(func() {
					for {
						if _, _, err := v.conn.Read(b.Context()); err != nil {
							return
						}
						arrived <- time.Now()
					}
				})
			}
			var each, last []time.Duration
			for b.Loop() {
				b.StopTimer()
				time.Sleep(110 * time.Millisecond) // idle: the pause after the frame before is over
				b.StartTimer()
				start, slowest := time.Now(), time.Duration(0)
				board.place()
				for range watchers {
					took := (<-arrived).Sub(start)
					each, slowest = append(each, took), max(slowest, took)
				}
				last = append(last, slowest)
			}
			b.ReportMetric(percentile(each, 50), "ms-p50")
			b.ReportMetric(percentile(each, 99), "ms-p99")
			b.ReportMetric(percentile(last, 50), "ms-last-watcher")
			b.ReportMetric(float64(size)/1000, "kB/frame")
			n.stopHub()
			all.Wait()
		})
	}
}

// percentile is in milliseconds.
func percentile(d []time.Duration, p int) float64 {
	slices.Sort(d)
	return float64(d[min(len(d)-1, len(d)*p/100)].Microseconds()) / 1000
}

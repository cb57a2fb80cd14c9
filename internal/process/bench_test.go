package process_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/process"
)

// BenchmarkReaction says what state and an outbox cost: the same reaction, one command for each event, by a handler
// subscription that sends before its checkpoint and remembers nothing, and by a process. The events are in the log before;
// the commands of one instance go one after the other, those of 32 beside each other. Run it with
//
//	go test -run '^$' -bench Reaction -benchtime 1x ./internal/process
func BenchmarkReaction(b *testing.B) {
	const events = 3000
	for _, instances := range []int{1, 32} {
		for _, way := range []string{"handler", "process"} {
			b.Run(fmt.Sprintf("%s/instances=%d", way, instances), func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					n := newNode(b)
					asked := make([]Asked, events)
					for i := range asked {
						asked[i] = Asked{Key: fmt.Sprint(i % instances), Do: "note"}
					}
					head := n.ask(asked...)
					b.StartTimer()
					if way == "handler" {
						n.run(n.handler)
					} else {
						n.run(n.manager(diaries(process.ToPark, nil), n.note).Run)
					}
					err := n.store.WaitFor(n.soon(), head, "diaries")
					if err == nil && way == "process" {
						err = process.Sent(n.pool)(n.soon(), head)
					}
					if err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(float64(events*b.N)/b.Elapsed().Seconds(), "commands/s")
			})
		}
	}
}

// handler is what internal/processes does.
func (n *node) handler(ctx context.Context) error {
	return n.store.RunHandler(ctx, eventstore.HandlerSubscription{Name: "diaries", Filter: eventstore.Filter{Types: []string{"Asked"}}, Partitions: 4,
		Key: func(rec eventstore.Recorded) string { return n.asked(rec).Key },
		Handle: func(ctx context.Context, rec eventstore.Recorded) error {
			return n.note(ctx, Note{n.asked(rec).Key, "note"}, eventstore.Meta{CommandID: uuid.NewSHA1(rec.ID, []byte("diaries/0"))})
		}})
}

func (n *node) asked(rec eventstore.Recorded) Asked {
	e, err := n.store.Registry().Decode(rec)
	if err != nil {
		n.Fatal(err)
	}
	return e.(Asked)
}

// BenchmarkDelay says how long after an event's append the command that follows from it is in the log, one at a time.
func BenchmarkDelay(b *testing.B) {
	for _, way := range []string{"handler", "process"} {
		b.Run(way, func(b *testing.B) {
			n := newNode(b)
			if way == "handler" {
				n.run(n.handler)
			} else {
				n.run(n.manager(diaries(process.ToPark, nil), n.note).Run)
			}
			n.ask(Asked{Key: "a", Do: "note"})
			n.eventually(func() bool { return len(n.lines("a")) == 1 })
			var took time.Duration
			for b.Loop() {
				began := time.Now()
				head := n.ask(Asked{Key: "a", Do: "note"})
				err := n.store.WaitFor(n.soon(), head, "diaries")
				if err == nil && way == "process" {
					err = process.Sent(n.pool)(n.soon(), head)
				}
				if err != nil {
					b.Fatal(err)
				}
				took += time.Since(began)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(took.Microseconds())/1000/float64(b.N), "ms/event")
		})
	}
}

package aggregate_test

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/google/uuid"

	"segmentchallenge/internal/aggregate"
	"segmentchallenge/internal/eventstore"
)

// Counter counts to three.
type Counter struct{ N int }

// Increment is the one command, Incremented the one event.
type (
	Increment   struct{}
	Incremented struct{ To int }
)

func (Incremented) EventType() string { return "Incremented" }

var errFull = errors.New("three is enough")

// Decide says what follows from a command, or why nothing does.
func (c Counter) Decide(Increment) ([]Incremented, error) {
	if c.N == 3 {
		return nil, errFull
	}
	return []Incremented{{To: c.N + 1}}, nil
}

// Evolve is the state after an event.
func (c Counter) Evolve(e Incremented) Counter { return Counter{e.To} }

// A counter: one command, one event, one rule. Four callers at once, and it never counts twice or beyond three.
func ExampleHost_counter() {
	store, stop := exampleStore(Incremented{}) // a running store on a fresh database, whose registry knows Incremented
	defer stop()
	host := aggregate.NewHost[Counter, Increment, Incremented](store, "counter", aggregate.Options{})
	ctx, id := context.Background(), uuid.New()

	refused := make(chan error, 4)
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			if _, err := host.Execute(ctx, id, Increment{}, eventstore.Meta{}); err != nil {
				refused <- err
			}
		})
	}
	callers.Wait()

	counter, version, _ := host.Load(ctx, id)
	fmt.Println(counter.N, "events:", version, "refused:", <-refused)
	// Output: 3 events: 3 refused: three is enough
}

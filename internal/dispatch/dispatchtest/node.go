// Package dispatchtest runs the program without its edges in tests: the log, the read models and, if asked for, what
// follows from events, on a fresh database; as many nodes on it as a test wants. Its clock stands where the test says: time
// rides on commands.
package dispatchtest

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/aggregate"
	"segmentchallenge/internal/audit"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/eventlog"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/processes"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/telemetry"
	"segmentchallenge/internal/vault"
)

// Node is one process of the program.
type Node struct {
	testing.TB
	Pool     *pgxpool.Pool
	Store    *eventstore.Store
	Dispatch *dispatch.Dispatcher
	Audit    *audit.Log
	opts     Options
}

// Options of a Node. The zero value runs everything and logs nothing.
type Options struct {
	NoReactions bool          // what follows from events is left to the test, see React
	NoProjector string        // the name of a read model that stands still
	Timeout     time.Duration // of Settle; default 30 s
	Log         io.Writer     // gets what is logged, from debug on
	Aggregate   aggregate.Options
	Telemetry   *telemetry.Telemetry // counts and traces what the node does; nil: one of its own
}

// Start runs a node on a database of its own until the test ends.
func Start(t testing.TB, o Options) *Node {
	t.Helper()
	return on(t, postgrestest.New(t), o)
}

// Second runs another node on the same database.
func (n *Node) Second() *Node {
	n.Helper()
	return on(n.TB, postgrestest.Second(n, n.Pool), n.opts)
}

func on(t testing.TB, pool *pgxpool.Pool, o Options) *Node {
	t.Helper()
	n := &Node{TB: t, Pool: pool, opts: o}
	log := slog.New(slog.DiscardHandler)
	if o.Log != nil {
		log = slog.New(slog.NewTextHandler(o.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	registry := eventlog.Registry()
	registry.SealWith(vault.New(pool, vault.Options{}))
	var err error
	if o.Telemetry == nil {
		if o.Telemetry, err = telemetry.New(telemetry.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	if n.Store, err = eventstore.Open(t.Context(), pool, registry, eventstore.Options{Logger: log, Lease: 2 * time.Second, Observer: o.Telemetry.Observer()}); err != nil {
		t.Fatal(err)
	}
	n.Audit = audit.New(pool, audit.Options{Log: log})
	n.Dispatch = dispatch.New(n.Store, dispatch.Options{Reactions: []string{processes.Name}, ReadModels: n.ReadModels(),
		Timeout: o.Timeout, Log: log, Audit: n.Audit, Aggregate: o.Aggregate, Observe: o.Telemetry.Command})
	n.Run(n.Audit.Run)
	n.Run(n.Store.Run)
	for _, p := range readmodel.Projectors(n.Store.Registry()) {
		if p.Name == o.NoProjector {
			continue
		}
		n.Run(func(ctx context.Context) error {
			return n.Store.RunProjection(ctx, eventstore.Projection{Name: p.Name, Filter: p.Filter(), Apply: p.Apply})
		})
	}
	if !o.NoReactions {
		n.React()
	}
	return n
}

// React runs what follows from events until stop is called or the test ends.
func (n *Node) React() (stop func()) {
	n.Helper()
	return n.Run((&processes.Runner{Store: n.Store, Dispatch: n.Dispatch, Pool: n.Pool}).Run)
}

// Run runs a worker until stop is called, which waits for its end, or the test ends.
func (n *Node) Run(worker func(context.Context) error) (stop func()) {
	n.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- worker(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			n.Errorf("a worker ended: %v", err)
		}
	})
	n.Cleanup(stop)
	return stop
}

// Audited lists what the audit says of the commands until now, newest first.
func (n *Node) Audited(q audit.Query) []audit.Entry {
	n.Helper()
	err := n.Audit.Flush(n.Soon())
	if err != nil {
		n.Fatal(err)
	}
	page, err := audit.List(n.Soon(), n.Pool, q)
	if err != nil {
		n.Fatal(err)
	}
	return page.Items
}

// ReadModels are the names of all projections.
func (n *Node) ReadModels() []string {
	var names []string
	for _, p := range readmodel.Projectors(n.Store.Registry()) {
		names = append(names, p.Name)
	}
	return names
}

// Soon is a context that ends well before the test binary would, so that a hang names its place.
func (n *Node) Soon() context.Context {
	ctx, cancel := context.WithTimeout(n.Context(), time.Minute)
	n.Cleanup(cancel)
	return ctx
}

// Try carries out a command and waits until all that follows from it can be read.
func (n *Node) Try(cmd dispatch.Command) (dispatch.Result, error) {
	result, err := n.Dispatch.Send(n.Soon(), cmd, eventstore.Meta{})
	if err == nil {
		err = n.Dispatch.Settle(n.Soon(), result)
	}
	return result, err
}

// Send is Try for commands that may not be refused.
func (n *Node) Send(cmd dispatch.Command) dispatch.Result {
	n.Helper()
	result, err := n.Try(cmd)
	if err != nil {
		n.Fatalf("%T: %v", cmd, err)
	}
	return result
}

// Events reads all that a filter picks.
func (n *Node) Events(f eventstore.Filter) []eventstore.Event {
	n.Helper()
	var all []eventstore.Event
	for rec, err := range n.Store.ReadAll(n.Soon(), eventstore.ReadOptions{Filter: f}) {
		if err != nil {
			n.Fatal(err)
		}
		e, err := n.Store.Registry().Decode(rec)
		if err != nil {
			n.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

// Catch waits until reactions and read models have seen all that is in the log, and what that made.
func (n *Node) Catch(subscriptions ...string) {
	n.Helper()
	for last := int64(-1); ; {
		head, err := n.Store.Head(n.Soon())
		if err == nil && head == last {
			return
		}
		if err == nil {
			err = n.Store.WaitFor(n.Soon(), head, subscriptions...)
		}
		if err != nil {
			n.Fatal(err)
		}
		last = head
	}
}

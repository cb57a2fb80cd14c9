package process

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"segmentchallenge/internal/eventstore"
)

// Sender carries a command out. meta.CommandID is the same whenever the command is sent again: what was done by then must
// answer as it did the first time. A refusal is a *refusal.Error in err; any other error is tried again.
type Sender func(ctx context.Context, command any, meta eventstore.Meta) error

// Options of a Manager; the zero value is right for a server.
type Options struct {
	Retry   eventstore.Backoff // of a command that fails, until it is parked; default 20 attempts, from 100 ms to 1 min: a quarter of an hour
	Poll    time.Duration      // how often timers and other nodes' commands are looked for; 0: 500 ms
	Senders int                // rounds of sending at the same time, each with a connection of its own; 0: 2
	AtOnce  int                // instances in one round; 0: 16
	Actor   string             // who sends; "": system
	Now     func() time.Time   // for timers; nil: time.Now
	Log     *slog.Logger       // nil: slog.Default

	// Observe, if given, is called before each try to send a command; the context is what the Sender gets. What it returns
	// is called after it, with what has gone wrong: a refusal is that only where it parks. For metrics and traces.
	Observe func(ctx context.Context, s Sending) (context.Context, func(error))
}

// Sending is a try to send a command.
type Sending struct {
	Process, Instance string
	Command           string // as in Process.Commands
	Attempt           int    // 1, 2, 3 …
	Traceparent       string // the place in a trace (W3C Trace Context) of what the command follows from; "": in none
	Timed             bool   // a timer lies between, which may have taken days
}

func (o Options) withDefaults() Options {
	o.Retry.Attempts = cmp.Or(o.Retry.Attempts, 20)
	o.Retry.First = cmp.Or(o.Retry.First, 100*time.Millisecond)
	o.Retry.Longest = cmp.Or(o.Retry.Longest, time.Minute)
	o.Poll = cmp.Or(o.Poll, 500*time.Millisecond)
	o.Senders, o.AtOnce = cmp.Or(o.Senders, 2), cmp.Or(o.AtOnce, 16)
	o.Actor = cmp.Or(o.Actor, "system")
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Log = cmp.Or(o.Log, slog.Default())
	return o
}

// Manager runs all instances of a process on one node. Any number of nodes may do so.
type Manager struct {
	store *eventstore.Store
	pool  *pgxpool.Pool
	def   definition
	send  Sender
	opts  Options

	decided atomic.Bool   // a transaction of this node has put commands into the outbox
	outbox  chan struct{} // has room for one: there is something to send
	crash   func(at string)
}

// New checks the definition of a process. send is called by several goroutines at once, but for an instance by one.
func New(store *eventstore.Store, pool *pgxpool.Pool, p Definition, send Sender, opts Options) (*Manager, error) {
	def, err := p.definition()
	if err != nil {
		return nil, err
	}
	return &Manager{store: store, pool: pool, def: def, send: send, opts: opts.withDefaults(), outbox: make(chan struct{}, 1),
		crash: func(string) {}}, nil
}

// Name of the process, and of its subscription.
func (m *Manager) Name() string { return m.def.name }

// Run handles events, sends commands and fires timers until ctx is done. What is being sent then is waited for.
func (m *Manager) Run(ctx context.Context) error {
	workers, ctx := errgroup.WithContext(ctx)
	workers.Go(func() error {
		return m.store.RunProjection(ctx, eventstore.Projection{Name: m.def.name, Filter: eventstore.Filter{Types: m.def.types},
			Apply: m.apply, Committed: func(int64, []eventstore.Recorded) { m.wakeSenders() }})
	})
	for range m.opts.Senders {
		workers.Go(func() error { m.sendAlways(ctx); return nil })
	}
	workers.Go(func() error { m.tend(ctx); return nil })
	return workers.Wait()
}

// apply gives a batch of events to the instances that they are for. An event that can't be decoded or routed fails the
// batch: nobody knows whom it is for, so all wait, and the subscription says why. What an instance can't react to is its
// own trouble.
func (m *Manager) apply(ctx context.Context, tx pgx.Tx, events []eventstore.Recorded) error {
	type step struct {
		rec   *eventstore.Recorded
		event eventstore.Event
		Route
	}
	var steps []step
	var names []string
	for i := range events {
		event, err := m.store.Registry().Decode(events[i])
		if err != nil {
			return err
		}
		routes, err := m.def.route(event)
		if err != nil {
			return fmt.Errorf("event %d can't be routed: %w", events[i].Position, err)
		}
		for _, r := range routes {
			steps, names = append(steps, step{&events[i], event, r}), append(names, r.Instance)
		}
	}
	t, err := m.begin(ctx, tx, names, waitForLock)
	if err != nil {
		return err
	}
	for _, s := range steps {
		t.happened(s.Instance, s.Starts, s.rec, s.event)
	}
	m.crash("handled")
	return t.save(ctx)
}

// wakeSenders is called after a commit.
func (m *Manager) wakeSenders() {
	if !m.decided.Swap(false) {
		return
	}
	select {
	case m.outbox <- struct{}{}:
	default:
	}
}

// pause waits for a poll's length, or less where there is something to do; false when ctx is done.
func (m *Manager) pause(ctx context.Context, wake <-chan struct{}) bool {
	timer := time.NewTimer(m.opts.Poll)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-wake:
	case <-timer.C:
	}
	return true
}

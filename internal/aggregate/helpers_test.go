package aggregate_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/aggregate"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
)

type accounts = aggregate.Host[Account, AccountCommand, AccountEvent]

// open gives a host of accounts on a fresh database, and what a second node is made of.
func open(t testing.TB) (*accounts, *eventstore.Store) {
	t.Helper()
	store := node(t, postgrestest.New(t))
	return aggregate.NewHost[Account](store, "account", aggregate.Options{}), store
}

// two gives hosts on two nodes of one fresh database.
func two(t testing.TB, opts aggregate.Options) (one, other *accounts, store *eventstore.Store) {
	t.Helper()
	pool := postgrestest.New(t)
	store = node(t, pool)
	return aggregate.NewHost[Account](store, "account", opts),
		aggregate.NewHost[Account](node(t, postgrestest.Second(t, pool)), "account", opts), store
}

// node is a running store; it stops before the pool is closed.
func node(t testing.TB, pool *pgxpool.Pool) *eventstore.Store {
	t.Helper()
	registry := eventstore.NewRegistry()
	for _, e := range []eventstore.Event{Deposited{}, Withdrawn{}, Noted{}, Incremented{}} {
		eventstore.RegisterValue(registry, e)
	}
	return running(t, pool, registry)
}

func running(t testing.TB, pool *pgxpool.Pool, registry *eventstore.Registry) *eventstore.Store {
	t.Helper()
	store, err := eventstore.Open(t.Context(), pool, registry, eventstore.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = store.Run(ctx) }) // returns nil only
	t.Cleanup(func() { stop(); running.Wait() })
	return store
}

// exampleTB stands in for the testing.TB that an example hasn't got.
type exampleTB struct {
	testing.TB
	cleanups []func()
}

func (*exampleTB) Helper()                         {}
func (*exampleTB) Name() string                    { return "Example" }
func (*exampleTB) Context() context.Context        { return context.Background() }
func (*exampleTB) Fatal(args ...any)               { panic(fmt.Sprint(args...)) }
func (*exampleTB) Fatalf(form string, args ...any) { panic(fmt.Sprintf(form, args...)) }
func (*exampleTB) Error(args ...any)               { panic(fmt.Sprint(args...)) }
func (*exampleTB) Errorf(form string, args ...any) { panic(fmt.Sprintf(form, args...)) }
func (e *exampleTB) Cleanup(fn func())             { e.cleanups = append(e.cleanups, fn) }

// exampleStore is a running store on a fresh database, until stop, whose registry knows some events.
func exampleStore(events ...eventstore.Event) (store *eventstore.Store, stop func()) {
	tb := &exampleTB{}
	registry := eventstore.NewRegistry()
	for _, e := range events {
		eventstore.RegisterValue(registry, e)
	}
	return running(tb, postgrestest.New(tb), registry), func() {
		for _, fn := range slices.Backward(tb.cleanups) {
			fn()
		}
	}
}

// soon ends well before the test binary would, so that a hang names its place.
func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// do executes a command that may not fail.
func do(t testing.TB, h *accounts, id uuid.UUID, cmd AccountCommand) eventstore.Result {
	t.Helper()
	result, err := h.Execute(soon(t), id, cmd, eventstore.Meta{})
	if err != nil {
		t.Fatalf("%T: %v", cmd, err)
	}
	return result
}

// sent is a command and what comes with it.
type sent struct {
	AccountCommand
	eventstore.Meta
}

// inOneBatch executes commands that are decided together, in this order: they queue while another one is being decided.
func inOneBatch(t *testing.T, h *accounts, id uuid.UUID, commands ...sent) ([]eventstore.Result, []error) {
	t.Helper()
	leading, proceed := make(chan struct{}), make(chan struct{})
	var callers sync.WaitGroup
	callers.Go(func() {
		do(t, h, id, Meanwhile{Deposit{1}, func() { close(leading); <-proceed }})
	})
	<-leading
	results, errs := make([]eventstore.Result, len(commands)), make([]error, len(commands))
	for i, c := range commands {
		callers.Go(func() { results[i], errs[i] = h.Execute(soon(t), id, c.AccountCommand, c.Meta) })
		h.AwaitQueue(id, i+1)
	}
	close(proceed)
	callers.Wait()
	return results, errs
}

// parallel calls fn n times at once and returns what each said.
func parallel(n int, fn func(i int) error) []error {
	errs := make([]error, n)
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { errs[i] = fn(i) })
	}
	group.Wait()
	return errs
}

// events reads what an account's stream holds.
func events(t testing.TB, store *eventstore.Store, id uuid.UUID) []eventstore.Recorded {
	t.Helper()
	var all []eventstore.Recorded
	for rec, err := range store.ReadAll(soon(t), eventstore.ReadOptions{Filter: eventstore.Filter{Streams: []string{eventstore.StreamName("account", id)}}}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, rec)
	}
	return all
}

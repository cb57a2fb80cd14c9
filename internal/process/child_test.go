package process_test

import (
	"context"
	"flag"
	"os"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/aggregate"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/process"
)

// A crash is real only in a process that dies: a node of its own that runs the diaries and, at the n-th time that it comes to
// a certain place, kills itself as kill -9 does.
func TestMain(m *testing.M) {
	if os.Getenv("SC_SOAK") == "" {
		_ = flag.Set("rapid.checks", "30") // each runs nodes that crash; -rapid.checks says otherwise
	}
	postgrestest.Main(m, postgrestest.Children{"node": beChild})
}

// beChild gets the place and n.
func beChild(ctx context.Context, pool *pgxpool.Pool, args []string) error {
	store, err := eventstore.Open(ctx, pool, registry(), eventstore.Options{Logger: quiet})
	if err != nil {
		return err
	}
	go func() { _ = store.Run(ctx) }()
	n := &node{pool: pool, store: store, diaries: aggregate.NewHost[Diary](store, "diary", aggregate.Options{})}
	place := args[0]
	left, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	die := killAt(place, int64(left), postgrestest.KillSelf)
	m, err := process.New(store, pool, diaries(process.ToReact, nil), n.noteThen(die), n.options())
	if err != nil {
		return err
	}
	m.CrashAt(die)
	return m.Run(ctx)
}

// killAt calls kill at the n-th time that a place is come to.
func killAt(place string, n int64, kill func()) func(at string) {
	var times atomic.Int64
	return func(at string) {
		if at == place && times.Add(1) == n {
			kill()
		}
	}
}

// noteThen is the sender; after each command that went well it comes to a place of its own.
func (n *node) noteThen(come func(at string)) process.Sender {
	return func(ctx context.Context, command any, meta eventstore.Meta) error {
		err := n.note(ctx, command, meta)
		if err == nil {
			come("dispatched")
		}
		return err
	}
}

// runChild runs a node of its own until it has killed itself; or, when done says so before that, kills it. It answers
// whether it got to the place.
func (n *node) runChild(place string, times int, done func() bool) (killed bool) {
	n.Helper()
	child := postgrestest.StartChild(n, n.pool, "node", place, strconv.Itoa(times))
	n.eventually(func() bool {
		killed = child.Gone()
		return killed || done()
	})
	child.Kill()
	return killed
}

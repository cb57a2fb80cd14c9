package eventstore_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
)

// Deposited is an event of the examples: money came into an account.
type Deposited struct {
	Cents int `json:"cents"`
}

// EventType is stored for ever.
func (Deposited) EventType() string { return "account_deposited" }

// A store needs a migrated database and a registry that knows the program's events. Then it appends and reads.
func Example() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	pool, drop := postgrestest.Example() // in a program: postgres.Open and postgres.Migrate
	defer drop()

	registry := eventstore.NewRegistry()
	eventstore.Register[Deposited](registry)
	store, err := eventstore.Open(ctx, pool, registry, eventstore.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	running := make(chan error, 1)
	go func() { running <- store.Run(ctx) }()

	first, _ := registry.Encode(Deposited{Cents: 500}, eventstore.Meta{Actor: "ada"}, 0)
	second, _ := registry.Encode(Deposited{Cents: 250}, eventstore.Meta{Actor: "bob"}, 1)
	result, err := store.Append(ctx, eventstore.Write{Stream: "account-1", Events: []eventstore.NewEvent{first, second}})
	fmt.Println("positions", result.First, "to", result.Last, err)

	for e, err := range store.ReadStream(ctx, "account-1", eventstore.ReadOptions{}) {
		if err != nil {
			fmt.Println(err)
			break
		}
		event, _ := registry.Decode(e)
		fmt.Printf("version %d by %s: %+v\n", e.Version, e.Actor, event)
	}

	stop()
	fmt.Println("stopped:", <-running)
	// Output:
	// positions 1 to 2 <nil>
	// version 1 by ada: {Cents:500}
	// version 2 by bob: {Cents:250}
	// stopped: <nil>
}

// accounts is a running store for the other examples.
func accounts(opts eventstore.Options) (store *eventstore.Store, pool *pgxpool.Pool, stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	pool, drop := postgrestest.Example()
	registry := eventstore.NewRegistry()
	eventstore.Register[Deposited](registry)
	store, err := eventstore.Open(ctx, pool, registry, opts)
	if err != nil {
		panic(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- store.Run(ctx) }()
	return store, pool, func() {
		cancel()
		if err := <-ended; err != nil {
			panic(err)
		}
		drop()
	}
}

func deposited(cents int) []eventstore.NewEvent {
	return []eventstore.NewEvent{{Type: "account_deposited", Data: json.RawMessage(fmt.Sprintf(`{"cents": %d}`, cents))}}
}

// Two people have read version 1 and decide on it; who comes second is told, and decides again on what there is now.
func ExampleStore_Append_conflict() {
	store, _, stop := accounts(eventstore.Options{})
	defer stop()
	ctx := context.Background()
	deposit := func(expect eventstore.Expected, cents int) error {
		_, err := store.Append(ctx, eventstore.Write{Stream: "account-1", Expect: expect, Events: deposited(cents)})
		return err
	}
	fmt.Println(deposit(eventstore.NoStream, 500))
	fmt.Println(deposit(eventstore.Exact(1), 250))

	err := deposit(eventstore.Exact(1), 100)
	fmt.Println(err)
	var conflict *eventstore.ConflictError
	if errors.As(err, &conflict) {
		fmt.Println(deposit(eventstore.Exact(conflict.Actual), 100))
	}
	// Output:
	// <nil>
	// <nil>
	// stream "account-1": expected version 1, but it is at version 2
	// <nil>
}

// A request that comes twice, since an answer was lost or somebody clicked again, is carried out once: the ids of its
// events derive from the id of the command.
func ExampleStore_Append_again() {
	store, _, stop := accounts(eventstore.Options{})
	defer stop()
	command := uuid.New()
	for range 2 {
		event, _ := store.Registry().Encode(Deposited{Cents: 500}, eventstore.Meta{CommandID: command}, 0)
		result, err := store.Append(context.Background(), eventstore.Write{Stream: "account-1", Events: []eventstore.NewEvent{event}})
		fmt.Println("position", result.First, "duplicate:", result.Duplicate, err)
	}
	// Output:
	// position 1 duplicate: false <nil>
	// position 1 duplicate: true <nil>
}

// What must be stored together with other rows is appended in their transaction.
func ExampleStore_AppendTx() {
	store, pool, stop := accounts(eventstore.Options{})
	defer stop()
	ctx := context.Background()
	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `create table receipts (account text, cents int)`); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into receipts values ('account-1', 500)`); err != nil {
			return err
		}
		_, err := store.AppendTx(ctx, tx, eventstore.Write{Stream: "account-1", Events: deposited(500)})
		return err
	})
	head, _ := store.Head(ctx)
	fmt.Println(err, "head", head)
	// Output: <nil> head 1
}

// The newest two events of one kind in the whole log.
func ExampleStore_ReadAll() {
	store, _, stop := accounts(eventstore.Options{})
	defer stop()
	ctx := context.Background()
	for n := range 5 {
		stream := []string{"account-1", "account-2", "wallet-1"}[n%3]
		if _, err := store.Append(ctx, eventstore.Write{Stream: stream, Events: deposited(100 * n)}); err != nil {
			fmt.Println(err)
		}
	}
	filter := eventstore.Filter{Categories: []string{"account"}}
	for e, err := range store.ReadAll(ctx, eventstore.ReadOptions{Backward: true, Limit: 2, Filter: filter}) {
		fmt.Println(e.Position, e.Stream, string(e.Data), err)
	}
	// Output:
	// 5 account-2 {"cents": 400} <nil>
	// 4 account-1 {"cents": 300} <nil>
}

// Follow gives what is there, and then what comes.
func ExampleStore_Follow() {
	store, _, stop := accounts(eventstore.Options{})
	defer stop()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	deposit := func(cents int) {
		if _, err := store.Append(ctx, eventstore.Write{Stream: "account-1", Events: deposited(cents)}); err != nil {
			fmt.Println(err)
		}
	}
	deposit(500)

	enough := errors.New("enough")
	balance := 0
	err := store.Follow(ctx, 0, eventstore.Filter{}, func(_ context.Context, events []eventstore.Recorded) error {
		for _, e := range events {
			event, err := store.Registry().Decode(e)
			if err != nil {
				return err
			}
			balance += event.(Deposited).Cents
			fmt.Println("position", e.Position, "balance", balance)
		}
		if balance >= 1000 {
			return enough
		}
		deposit(250)
		return nil
	})
	fmt.Println(err)
	// Output:
	// position 1 balance 500
	// position 2 balance 750
	// position 3 balance 1000
	// enough
}

// Deleting a stream hides and closes it; its events leave the log only when they are erased.
func ExampleStore_DeleteStream() {
	store, _, stop := accounts(eventstore.Options{AllowErase: true})
	defer stop()
	ctx := context.Background()
	for range 3 {
		if _, err := store.Append(ctx, eventstore.Write{Stream: "account-1", Events: deposited(500)}); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(store.DeleteStream(ctx, "account-1", eventstore.Exact(3)))
	_, err := store.Append(ctx, eventstore.Write{Stream: "account-1", Events: deposited(500)})
	fmt.Println(err)
	info, err := store.StreamInfo(ctx, "account-1")
	fmt.Println("events in the log:", info.Events, err)

	erased, err := store.EraseStream(ctx, "account-1")
	fmt.Println("erased:", erased, err)
	fmt.Println(store.RestoreStream(ctx, "account-1"))
	// Output:
	// <nil>
	// the stream was deleted: "account-1"
	// events in the log: 3 <nil>
	// erased: 3 <nil>
	// the stream was erased: "account-1"
}

// Transferred is at schema version 2: version 1 called the amount "sum" and gave it in whole units.
type Transferred struct {
	Cents int    `json:"cents"`
	To    string `json:"to"`
}

// EventType is stored for ever.
func (Transferred) EventType() string { return "account_transferred" }

// Old shapes are lifted where events are decoded, so nobody else ever sees them.
func ExampleUpcast() {
	registry := eventstore.NewRegistry()
	eventstore.Register[Transferred](registry, eventstore.WithVersion(2),
		eventstore.Upcast(1, func(data json.RawMessage) (json.RawMessage, error) {
			var old struct {
				Sum int
				To  string
			}
			if err := json.Unmarshal(data, &old); err != nil {
				return nil, err
			}
			return json.Marshal(Transferred{Cents: 100 * old.Sum, To: strings.ToLower(old.To)})
		}))
	stored := eventstore.Recorded{Position: 7, Stream: "account-1", Type: "account_transferred", SchemaVersion: 1, Data: json.RawMessage(`{"sum":5,"to":"BOB"}`)}
	event, err := registry.Decode(stored)
	fmt.Printf("%+v %v\n", event, err)

	stored.SchemaVersion = 3 // a newer program wrote it
	_, err = registry.Decode(stored)
	fmt.Println(err)
	// Output:
	// {Cents:500 To:bob} <nil>
	// event 7 (account_transferred) of stream "account-1" can't be decoded: schema version 3 is newer than the 2 known here
}

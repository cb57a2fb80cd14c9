package eventstore_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/vault"
)

// Opened is about a person: the owner's name goes with their key.
type Opened struct {
	Owner uuid.UUID `json:"owner"`
	Name  string    `json:"name" personal:"a former customer"`
	Cents int       `json:"cents"`
}

// EventType is stored for ever.
func (Opened) EventType() string { return "account_opened" }

// Person is whose the personal fields are.
func (o Opened) Person() uuid.UUID { return o.Owner }

// What is tagged personal is sealed in the log with a key of the person. When the key is destroyed, what the tag says stands in.
func ExampleRegistry_SealWith() {
	pool, drop := postgrestest.Example()
	defer drop()
	keys := vault.New(pool, vault.Options{})
	registry := eventstore.NewRegistry()
	registry.SealWith(keys)
	eventstore.Register[Opened](registry)

	ada := uuid.MustParse("ada00000-0000-4000-8000-000000000000")
	event, err := registry.Encode(Opened{Owner: ada, Name: "Ada Lovelace", Cents: 500}, eventstore.Meta{}, 0)
	fmt.Println("the name is in the log:", bytes.Contains(event.Data, []byte("Ada")), err)

	recorded := eventstore.Recorded{Type: event.Type, SchemaVersion: event.SchemaVersion, Data: event.Data}
	opened, err := registry.Decode(recorded)
	fmt.Println("it reads:", opened.(Opened).Name, err)

	fmt.Println("forget:", keys.Forget(context.Background(), ada))
	opened, err = registry.Decode(recorded)
	fmt.Println("it reads:", opened.(Opened).Name, opened.(Opened).Cents, err)
	// Output:
	// the name is in the log: false <nil>
	// it reads: Ada Lovelace <nil>
	// forget: <nil>
	// it reads: a former customer 500 <nil>
}

// History is changed by copying it: here an event that was split in two, another name for a type, and a stream that goes.
func ExampleMigrate() {
	source, _, stop := accounts(eventstore.Options{})
	defer stop()
	target, drop := postgrestest.Example()
	defer drop()
	ctx := context.Background()
	for _, stream := range []string{"account-1", "test-1", "account-2", "account-1"} {
		if _, err := source.Append(ctx, eventstore.Write{Stream: stream, Events: deposited(501)}); err != nil {
			fmt.Println(err)
		}
	}
	halves := func(e eventstore.Recorded) ([]eventstore.Recorded, error) {
		if e.Stream != "account-2" {
			return []eventstore.Recorded{e}, nil
		}
		left, right := e, e
		left.Data, right.Data = json.RawMessage(`{"cents":251}`), json.RawMessage(`{"cents":250}`)
		return []eventstore.Recorded{left, right}, nil
	}
	done, err := eventstore.Migrate(ctx, source, target, eventstore.MigrateOptions{Transform: eventstore.Chain(
		halves, eventstore.DropStreams("test-1"), eventstore.RenameType("account_deposited", "deposit"))})
	fmt.Println(done.Read, "read,", done.Dropped, "dropped,", done.Split, "split,", done.Written, "written", err)

	copied, err := eventstore.Open(ctx, target, eventstore.NewRegistry(), eventstore.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for e, err := range copied.ReadAll(ctx, eventstore.ReadOptions{}) {
		fmt.Println(e.Position, e.Stream, e.Version, e.Type, string(e.Data), err)
	}
	// Output:
	// 4 read, 1 dropped, 1 split, 4 written <nil>
	// 1 account-1 1 deposit {"cents": 501} <nil>
	// 2 account-2 1 deposit {"cents":251} <nil>
	// 3 account-2 2 deposit {"cents":250} <nil>
	// 4 account-1 2 deposit {"cents": 501} <nil>
}

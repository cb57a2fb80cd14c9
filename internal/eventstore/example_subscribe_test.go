package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/eventstore"
)

// beside runs a worker beside an example; stop ends it and waits for that.
func beside(worker func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- worker(ctx) }()
	return func() {
		cancel()
		if err := <-ended; err != nil {
			fmt.Println(err)
		}
	}
}

func deposit(store *eventstore.Store, account string, cents int) (position int64) {
	result, err := store.Append(context.Background(), eventstore.Write{Stream: account, Events: deposited(cents)})
	if err != nil {
		fmt.Println(err)
	}
	return result.Last
}

// A projection keeps a table. Its checkpoint moves in the transaction that changes the table, so a deposit counts once
// whatever crashes, on however many nodes it runs.
func ExampleStore_RunProjection() {
	store, pool, stop := accounts(eventstore.Options{})
	defer stop()
	ctx := context.Background()
	_, err := pool.Exec(ctx, `create table balances (account text primary key, cents bigint not null)`)
	if err != nil {
		fmt.Println(err)
	}
	balances := eventstore.Projection{Name: "balances", Filter: eventstore.Filter{Categories: []string{"account"}},
		Apply: func(ctx context.Context, tx pgx.Tx, events []eventstore.Recorded) error {
			var b pgx.Batch
			for _, e := range events {
				event, err := store.Registry().Decode(e)
				if err != nil {
					return err // undoes the batch, which is tried again
				}
				b.Queue(`insert into balances values ($1, $2) on conflict (account) do update set cents = balances.cents + excluded.cents`,
					e.Stream, event.(Deposited).Cents)
			}
			return tx.SendBatch(ctx, &b).Close()
		}}
	defer beside(func(ctx context.Context) error { return store.RunProjection(ctx, balances) })()

	deposit(store, "account-1", 500)
	deposit(store, "account-2", 40)
	last := deposit(store, "account-1", 250)
	fmt.Println("waited:", store.WaitFor(ctx, last, "balances"))
	var cents int
	err = pool.QueryRow(ctx, `select cents from balances where account = 'account-1'`).Scan(&cents)
	fmt.Println("account-1:", cents, err)

	checkpoints, err := store.Checkpoints(ctx)
	for _, c := range checkpoints {
		fmt.Println(c.Name, "is", c.State, "at", c.Position, "of", c.Head, "and", c.Lag(), "behind", err)
	}
	// Output:
	// waited: <nil>
	// account-1: 750 <nil>
	// balances is running at 3 of 3 and 0 behind <nil>
}

// A handler does what no transaction can undo. What keeps failing is parked with what comes behind it for the same account;
// other accounts flow on. When the cause is mended, it is replayed.
func ExampleStore_RunHandler() {
	store, _, stop := accounts(eventstore.Options{})
	defer stop()
	ctx := context.Background()
	var bounces atomic.Bool // the mails to the owner of account-1
	bounces.Store(true)
	thanks := eventstore.HandlerSubscription{Name: "thanks", Retry: eventstore.Backoff{Attempts: 2, First: time.Millisecond},
		Handle: func(ctx context.Context, e eventstore.Recorded) error {
			if e.Stream == "account-1" && bounces.Load() {
				fmt.Println("attempt", eventstore.Attempt(ctx), "for", e.Stream, "bounces")
				return errors.New("no such mailbox")
			}
			fmt.Println("mail to the owner of", e.Stream, "about", string(e.Data))
			return nil
		}}
	defer beside(func(ctx context.Context) error { return store.RunHandler(ctx, thanks) })()

	deposit(store, "account-1", 500)
	deposit(store, "account-1", 250)
	last := deposit(store, "account-2", 40)
	fmt.Println("handled:", store.WaitFor(ctx, last, "thanks"))
	parked, err := store.Parked(ctx, "thanks")
	for _, p := range parked {
		fmt.Println("parked:", p.Position, p.Key, "after", p.Attempts, "attempts:", p.Error)
	}

	bounces.Store(false)
	n, err2 := store.Replay(ctx, "thanks", "account-1")
	fmt.Println("to be replayed:", n, errors.Join(err, err2))
	for len(parked) > 0 {
		parked, _ = store.Parked(ctx, "thanks")
	}
	// Output:
	// attempt 1 for account-1 bounces
	// attempt 2 for account-1 bounces
	// mail to the owner of account-2 about {"cents": 40}
	// handled: <nil>
	// parked: 1 account-1 after 2 attempts: event 1 (account_deposited, stream account-1): no such mailbox
	// parked: 2 account-1 after 0 attempts: waits behind a parked event with the same key
	// to be replayed: 2 <nil>
	// mail to the owner of account-1 about {"cents": 500}
	// mail to the owner of account-1 about {"cents": 250}
}

// Whoever has appended waits until a read model shows it, for as long as their patience lasts. That it wasn't in time says
// nothing against the append.
func ExampleStore_WaitFor() {
	store, pool, stop := accounts(eventstore.Options{})
	defer stop()
	ctx := context.Background()
	_, err := pool.Exec(ctx, `create table deposits (position bigint)`)
	if err != nil {
		fmt.Println(err)
	}
	position := deposit(store, "account-1", 500)

	impatient, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
	defer cancel()
	err = store.WaitFor(impatient, position, "deposits") // which doesn't run yet
	behind, _ := errors.AsType[*eventstore.BehindError](err)
	fmt.Println(behind.Name, "hasn't reached", behind.Position, "in time:", errors.Is(err, context.DeadlineExceeded))

	deposits := eventstore.Projection{Name: "deposits", Apply: func(ctx context.Context, tx pgx.Tx, events []eventstore.Recorded) error {
		_, err := tx.Exec(ctx, `insert into deposits select generate_series($1::bigint, $2)`, events[0].Position, events[len(events)-1].Position)
		return err
	}}
	defer beside(func(ctx context.Context) error { return store.RunProjection(ctx, deposits) })()
	fmt.Println("now:", store.WaitFor(ctx, position, "deposits"))

	err = store.WaitFor(ctx, 1000, "deposits")
	ahead, _ := errors.AsType[*eventstore.AheadError](err)
	fmt.Println("nobody was told of position", ahead.Position, "when the log ends at", ahead.Head)
	// Output:
	// deposits hasn't reached 1 in time: true
	// now: <nil>
	// nobody was told of position 1000 when the log ends at 1
}

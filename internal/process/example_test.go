package process_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/aggregate"
	"segmentchallenge/internal/eventstore"
)

// Three transfers from an account that holds 100 (see bank_test.go for the process): one is accepted, one goes to an account
// that is closed and comes back, one is accepted by nobody and comes back when its time is over. A fourth is more than there is.
func Example_transfer() {
	bank, stop := openBank()
	defer stop()
	from, to, other := uuid.New(), uuid.New(), uuid.New()
	bank.deposit(from, 100)

	accepted, returned := bank.ask(from, to, 30), bank.ask(from, closed, 20)
	ignored, overdrawn := bank.ask(from, other, 10), bank.ask(from, to, 1000)
	bank.settle()
	fmt.Println("asked:", bank.balance(from), bank.balance(to))

	bank.accept(accepted)
	bank.accept(returned)
	bank.settle()
	fmt.Println("accepted:", bank.balance(from), bank.balance(to))

	bank.clock.Store(int64(2 * time.Hour))
	bank.eventually(func() bool { return bank.balance(from) == 70 })
	bank.accept(ignored) // too late
	bank.accept(overdrawn)
	bank.settle()
	fmt.Println("two hours later:", bank.balance(from), bank.balance(to), bank.balance(other))
	fmt.Println("remembered:", bank.count(`process_instances`), "transfers,", bank.count(`process_timers`), "timers")
	// Output:
	// asked: 40 0
	// accepted: 60 30
	// two hours later: 70 30 0
	// remembered: 0 transfers, 0 timers
}

// bank runs the transfers.
type bank struct {
	*node
	accounts *aggregate.Host[Account, AccountCommand, AccountEvent]
}

func openBank() (b *bank, stop func()) {
	tb := &exampleTB{}
	n := newNode(tb)
	b = &bank{n, aggregate.NewHost[Account](n.store, "account", aggregate.Options{})}
	n.run(n.manager(transfers, b.send).Run)
	return b, func() {
		for _, cleanup := range slices.Backward(tb.cleanups) {
			cleanup()
		}
	}
}

// send is the process's way to the accounts.
func (b *bank) send(ctx context.Context, command any, meta eventstore.Meta) error {
	cmd := command.(AccountCommand)
	meta.Now = b.now()
	_, err := b.accounts.Execute(ctx, cmd.On(), cmd, meta)
	return err
}

func (b *bank) deposit(account uuid.UUID, amount int) {
	if err := b.send(b.soon(), Deposit{account, uuid.Nil, amount}, eventstore.Meta{}); err != nil {
		b.Fatal(err)
	}
}

func (b *bank) ask(from, to uuid.UUID, amount int) (transfer uuid.UUID) {
	transfer = uuid.New()
	b.append(Asking{transfer, from, to, amount}, transfer)
	return transfer
}

func (b *bank) accept(transfer uuid.UUID) { b.append(Accepted{transfer}, transfer) }

func (b *bank) append(e eventstore.Event, transfer uuid.UUID) {
	encoded, err := b.store.Registry().Encode(e, eventstore.Meta{Now: b.now()}, 0)
	if err == nil {
		_, err = b.store.Append(b.soon(), eventstore.Write{Stream: eventstore.StreamName("transfer", transfer), Events: []eventstore.NewEvent{encoded}})
	}
	if err != nil {
		b.Fatal(err)
	}
}

// settle waits until the process has done all that follows from the log, and from what that made.
func (b *bank) settle() {
	for last := int64(-1); ; {
		head, err := b.store.Head(b.soon())
		if err != nil {
			b.Fatal(err)
		}
		if head == last {
			return
		}
		last = head
		b.node.settle("transfers")
	}
}

func (b *bank) balance(account uuid.UUID) int {
	state, _, err := b.accounts.Load(b.soon(), account)
	if err != nil {
		b.Fatal(err)
	}
	return state.Balance
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

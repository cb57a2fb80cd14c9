package aggregate_test

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"segmentchallenge/internal/aggregate"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/refusal"
)

// BankAccount is what the rules need to know of an account. The zero value isn't open yet.
type BankAccount struct {
	Open    bool
	Balance int // cents
}

// BankCommand is what a bank account can be asked: a sealed interface, so that a type switch can be complete.
type BankCommand interface{ bankCommand() }

type (
	OpenAccount struct{ Balance int }
	PayIn       struct{ Amount int }
	PayOut      struct{ Amount int }
)

func (OpenAccount) bankCommand() {}
func (PayIn) bankCommand()       {}
func (PayOut) bankCommand()      {}

// BankEvent is what can have happened to one.
type BankEvent interface {
	EventType() string
	bankEvent()
}

type (
	AccountOpened struct{ Balance int }
	PaidIn        struct{ Amount int }
	PaidOut       struct{ Amount int }
)

func (AccountOpened) bankEvent() {}
func (PaidIn) bankEvent()        {}
func (PaidOut) bankEvent()       {}

// EventType gives names that are stored for ever.
func (AccountOpened) EventType() string { return "AccountOpened" }
func (PaidIn) EventType() string        { return "PaidIn" }
func (PaidOut) EventType() string       { return "PaidOut" }

// Refusals have a code for programs and a sentence for people.
var (
	errNothingPaidIn = refusal.Field("balance", "balance_not_positive", "An account is opened with some money on it.")
	errNotOpen       = refusal.Of(refusal.NotFound, "account_not_found", "There is no such account.")
	errNotEnough     = refusal.New("overdrawn", "There isn't that much on the account.")
)

// Decide holds the rules: what follows from a command, or why it is refused.
func (a BankAccount) Decide(c BankCommand) ([]BankEvent, error) {
	switch c := c.(type) {
	case OpenAccount:
		switch {
		case a.Open:
			return nil, nil // done already: asking again is no mistake
		case c.Balance <= 0:
			return nil, errNothingPaidIn
		}
		return []BankEvent{AccountOpened(c)}, nil
	case PayIn:
		if !a.Open {
			return nil, errNotOpen
		}
		return []BankEvent{PaidIn(c)}, nil
	case PayOut:
		switch {
		case !a.Open:
			return nil, errNotOpen
		case c.Amount > a.Balance:
			return nil, errNotEnough
		}
		return []BankEvent{PaidOut(c)}, nil
	}
	return nil, nil
}

// Evolve is the state after an event. It decides nothing: what has happened has happened.
func (a BankAccount) Evolve(e BankEvent) BankAccount {
	switch e := e.(type) {
	case AccountOpened:
		a = BankAccount{Open: true, Balance: e.Balance}
	case PaidIn:
		a.Balance += e.Amount
	case PaidOut:
		a.Balance -= e.Amount
	}
	return a
}

// A bank account: opening one needs a positive balance, and overdrawing it is refused. A refusal leaves nothing in the log.
func ExampleHost_bankAccount() {
	store, stop := exampleStore(AccountOpened{}, PaidIn{}, PaidOut{})
	defer stop()
	bank := aggregate.NewHost[BankAccount, BankCommand, BankEvent](store, "bankaccount", aggregate.Options{})
	ctx, id := context.Background(), uuid.New()

	for _, command := range []BankCommand{PayIn{500}, OpenAccount{0}, OpenAccount{1000}, PayIn{500}, PayOut{2000}, PayOut{1400}} {
		result, err := bank.Execute(ctx, id, command, eventstore.Meta{Actor: "ana"})
		if err != nil {
			fmt.Printf("%T%v: %v\n", command, command, err)
			continue
		}
		fmt.Printf("%T%v: event %d\n", command, command, result.Last)
	}
	account, version, _ := bank.Load(ctx, id)
	fmt.Println("balance:", account.Balance, "version:", version)
	// Output:
	// aggregate_test.PayIn{500}: There is no such account.
	// aggregate_test.OpenAccount{0}: An account is opened with some money on it.
	// aggregate_test.OpenAccount{1000}: event 1
	// aggregate_test.PayIn{500}: event 2
	// aggregate_test.PayOut{2000}: There isn't that much on the account.
	// aggregate_test.PayOut{1400}: event 3
	// balance: 100 version: 3
}

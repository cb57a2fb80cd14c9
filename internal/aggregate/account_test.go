package aggregate_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"segmentchallenge/internal/eventstore"
)

// Account is a bank account that can't be overdrawn.
type Account struct {
	Balance int
	Notes   int
}

// AccountCommand is what an account can be asked.
type AccountCommand interface{ accountCommand() }

type (
	Deposit  struct{ Amount int }
	Withdraw struct{ Amount int }
	// Note stores a text of some length: one may be too long for the log.
	Note struct{ Bytes int }
	// Meanwhile decides as the command in it, after something has happened elsewhere.
	Meanwhile struct {
		AccountCommand
		Happens func()
	}
	// Spoil changes the state that it is decided on, and then fails.
	Spoil struct{ With func() error }
)

func (Deposit) accountCommand()  {}
func (Withdraw) accountCommand() {}
func (Note) accountCommand()     {}
func (Spoil) accountCommand()    {}

// AccountEvent is what can have happened to one. Balance is the account's after it.
type AccountEvent interface {
	EventType() string
	accountEvent()
}

type (
	Deposited struct{ Amount, Balance int }
	Withdrawn struct{ Amount, Balance int }
	Noted     struct{ Text string }
)

func (Deposited) EventType() string { return "Deposited" }
func (Withdrawn) EventType() string { return "Withdrawn" }
func (Noted) EventType() string     { return "Noted" }

func (Deposited) accountEvent() {}
func (Withdrawn) accountEvent() {}
func (Noted) accountEvent()     {}

var errOverdrawn = errors.New("there isn't that much on the account")

// Decide takes deposits and, as long as there is money, withdrawals. Nothing is no news.
func (a Account) Decide(c AccountCommand) ([]AccountEvent, error) {
	switch c := c.(type) {
	case Deposit:
		if c.Amount == 0 {
			return nil, nil
		}
		return []AccountEvent{Deposited{c.Amount, a.Balance + c.Amount}}, nil
	case Withdraw:
		if c.Amount > a.Balance {
			return nil, errOverdrawn
		}
		return []AccountEvent{Withdrawn{c.Amount, a.Balance - c.Amount}}, nil
	case Note:
		return []AccountEvent{Noted{strings.Repeat("x", c.Bytes)}}, nil
	case Meanwhile:
		c.Happens()
		return a.Decide(c.AccountCommand)
	case Spoil:
		a.Balance = 1_000_000
		return nil, c.With()
	}
	return nil, nil
}

// Evolve panics at a note that says so.
func (a Account) Evolve(e AccountEvent) Account {
	switch e := e.(type) {
	case Deposited:
		a.Balance += e.Amount
	case Withdrawn:
		a.Balance -= e.Amount
	case Noted:
		if e.Text == "panic" {
			panic("a note that can't be understood")
		}
		a.Notes++
	}
	return a
}

// checkHistory sees to it that each event was decided on the state that the one before had left.
func checkHistory(t *testing.T, store *eventstore.Store, id uuid.UUID) (deposits, withdrawals int) {
	t.Helper()
	balance := 0
	for i, rec := range events(t, store, id) {
		e, err := store.Registry().Decode(rec)
		if err != nil {
			t.Fatal(err)
		}
		said := balance
		switch e := e.(type) {
		case Deposited:
			balance, said, deposits = balance+e.Amount, e.Balance, deposits+1
		case Withdrawn:
			balance, said, withdrawals = balance-e.Amount, e.Balance, withdrawals+1
		}
		if balance != said || balance < 0 || rec.Version != int64(i+1) {
			t.Fatalf("event %d, version %d, says that the balance is %d; it is %d", i+1, rec.Version, said, balance)
		}
	}
	return deposits, withdrawals
}

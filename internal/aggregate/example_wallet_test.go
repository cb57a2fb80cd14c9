package aggregate_test

import (
	"context"
	"fmt"
	"maps"

	"github.com/google/uuid"

	"segmentchallenge/internal/aggregate"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/refusal"
)

// Wallet holds money, some of which is set aside for payments that have been authorised.
type Wallet struct {
	Balance int            // cents, what is set aside among them
	Held    map[string]int // by payment
}

// free is what can still be authorised.
func (w Wallet) free() int {
	free := w.Balance
	for _, held := range w.Held {
		free -= held
	}
	return free
}

// WalletCommand is what a wallet can be asked.
type WalletCommand interface{ walletCommand() }

type (
	TopUp     struct{ Amount int }
	Authorise struct {
		Payment string
		Amount  int
	}
	// Capture takes at most what was authorised; what is left of it is free again.
	Capture struct {
		Payment string
		Amount  int
	}
)

func (TopUp) walletCommand()     {}
func (Authorise) walletCommand() {}
func (Capture) walletCommand()   {}

// WalletEvent is what can have happened to one.
type WalletEvent interface {
	EventType() string
	walletEvent()
}

type (
	ToppedUp   struct{ Amount int }
	Authorised struct {
		Payment string
		Amount  int
	}
	Captured struct {
		Payment string
		Amount  int
	}
)

func (ToppedUp) walletEvent()   {}
func (Authorised) walletEvent() {}
func (Captured) walletEvent()   {}

// EventType gives names that are stored for ever.
func (ToppedUp) EventType() string   { return "ToppedUp" }
func (Authorised) EventType() string { return "Authorised" }
func (Captured) EventType() string   { return "Captured" }

var (
	errNotCovered    = refusal.New("not_covered", "There isn't that much free money in the wallet.")
	errNotAuthorised = refusal.New("not_authorised", "That much wasn't authorised for this payment.")
)

// Decide holds the rules.
func (w Wallet) Decide(c WalletCommand) ([]WalletEvent, error) {
	switch c := c.(type) {
	case TopUp:
		return []WalletEvent{ToppedUp(c)}, nil
	case Authorise:
		if c.Amount > w.free() {
			return nil, errNotCovered
		}
		return []WalletEvent{Authorised(c)}, nil
	case Capture:
		if held, ok := w.Held[c.Payment]; !ok || c.Amount > held {
			return nil, errNotAuthorised
		}
		return []WalletEvent{Captured(c)}, nil
	}
	return nil, nil
}

// Evolve returns another wallet. States are values that many may look at, so the map of this one stays as it is.
func (w Wallet) Evolve(e WalletEvent) Wallet {
	held := maps.Clone(w.Held)
	if held == nil {
		held = map[string]int{}
	}
	switch e := e.(type) {
	case ToppedUp:
		w.Balance += e.Amount
	case Authorised:
		held[e.Payment] = e.Amount
	case Captured:
		w.Balance -= e.Amount
		delete(held, e.Payment)
	}
	w.Held = held
	return w
}

// A wallet: money is topped up, set aside for a payment, and taken. The same command sent twice (a command id says that it
// is the same) is carried out once, and both callers get the same answer.
func ExampleHost_wallet() {
	store, stop := exampleStore(ToppedUp{}, Authorised{}, Captured{})
	defer stop()
	wallets := aggregate.NewHost[Wallet, WalletCommand, WalletEvent](store, "wallet", aggregate.Options{})
	ctx, id := context.Background(), uuid.New()
	send := func(command WalletCommand, commandID uuid.UUID) {
		result, err := wallets.Execute(ctx, id, command, eventstore.Meta{CommandID: commandID})
		wallet, _, _ := wallets.Load(ctx, id)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("event %d, again: %v; balance %d, free %d\n", result.Last, result.Duplicate, wallet.Balance, wallet.free())
	}
	send(TopUp{5000}, uuid.New())
	send(Authorise{"hotel", 4000}, uuid.New())
	send(Authorise{"shoes", 1500}, uuid.New())
	send(Capture{"shoes", 1500}, uuid.New())
	twice := uuid.New()
	send(Capture{"hotel", 3800}, twice)
	send(Capture{"hotel", 3800}, twice)
	// Output:
	// event 1, again: false; balance 5000, free 5000
	// event 2, again: false; balance 5000, free 1000
	// There isn't that much free money in the wallet.
	// That much wasn't authorised for this payment.
	// event 3, again: false; balance 1200, free 1200
	// event 3, again: true; balance 1200, free 1200
}

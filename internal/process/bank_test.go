package process_test

import (
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/process"
	"segmentchallenge/internal/refusal"
)

// Account is a bank account. It can't be overdrawn, and a closed one takes no money.
type Account struct {
	Balance int
	Closed  bool
}

// AccountCommand is what an account can be asked, AccountEvent what can have happened to one.
type (
	AccountCommand interface{ On() uuid.UUID }
	AccountEvent   interface{ EventType() string }
)

type (
	Withdraw struct {
		Account, Transfer uuid.UUID
		Amount            int
	}
	Deposit struct {
		Account, Transfer uuid.UUID
		Amount            int
	}
	Withdrawn struct {
		Transfer uuid.UUID
		Amount   int
	}
	Deposited struct {
		Transfer uuid.UUID
		Amount   int
	}
)

func (c Withdraw) On() uuid.UUID { return c.Account }
func (c Deposit) On() uuid.UUID  { return c.Account }

func (Withdrawn) EventType() string { return "Withdrawn" }
func (Deposited) EventType() string { return "Deposited" }

var (
	errOverdrawn = refusal.New("overdrawn", "There isn't that much on the account.")
	errClosed    = refusal.New("closed", "The account is closed.")
)

// closed is an account that nobody can pay to.
var closed = uuid.MustParse("00000000-0000-0000-0000-00000000c105")

func (a Account) Decide(c AccountCommand) ([]AccountEvent, error) {
	switch c := c.(type) {
	case Withdraw:
		if c.Amount > a.Balance {
			return nil, errOverdrawn
		}
		return []AccountEvent{Withdrawn{c.Transfer, c.Amount}}, nil
	case Deposit:
		if c.Account == closed {
			return nil, errClosed
		}
		return []AccountEvent{Deposited{c.Transfer, c.Amount}}, nil
	}
	return nil, nil
}

func (a Account) Evolve(e AccountEvent) Account {
	switch e := e.(type) {
	case Withdrawn:
		a.Balance -= e.Amount
	case Deposited:
		a.Balance += e.Amount
	}
	return a
}

type (
	// Asking: somebody wants to send money.
	Asking struct {
		Transfer, From, To uuid.UUID
		Amount             int
	}
	// Accepted: whom it is for wants to have it.
	Accepted struct{ Transfer uuid.UUID }
)

func (Asking) EventType() string   { return "TransferAsked" }
func (Accepted) EventType() string { return "TransferAccepted" }

// Transfer is what the process remembers of one.
type Transfer struct {
	ID, From, To uuid.UUID
	Amount       int
	Returning    bool
}

// transfers moves money between two accounts: it is taken from the one, kept until whom it is for accepts it, and given to
// the other; or given back when that is refused, or when nobody accepts it for an hour.
var transfers = process.Process[Transfer]{
	Name:     "transfers",
	Events:   []eventstore.Event{Asking{}, Accepted{}, Withdrawn{}, Deposited{}},
	Commands: map[string]any{"Withdraw": Withdraw{}, "Deposit": Deposit{}},
	Refusals: process.ToReact,
	Route: func(e eventstore.Event) []process.Route {
		switch e := e.(type) {
		case Asking:
			return process.Starts(e.Transfer.String())
		case Accepted:
			return process.Continues(e.Transfer.String())
		case Withdrawn:
			return process.Continues(e.Transfer.String())
		case Deposited:
			return process.Continues(e.Transfer.String())
		}
		return nil
	},
	React: func(t Transfer, in process.Input) (Transfer, []process.Effect) {
		switch in := in.(type) {
		case process.Happened:
			return t.happened(in)
		case process.Due:
			return t.giveBack()
		case process.Refused:
			if _, ok := in.Command.(Deposit); ok && !t.Returning {
				return t.giveBack()
			}
			return t, []process.Effect{process.Stop{}}
		}
		return t, nil
	},
}

func (t Transfer) happened(in process.Happened) (Transfer, []process.Effect) {
	switch e := in.Event.(type) {
	case Asking:
		t = Transfer{ID: e.Transfer, From: e.From, To: e.To, Amount: e.Amount}
		return t, []process.Effect{process.Send{Command: Withdraw{t.From, t.ID, t.Amount}}}
	case Withdrawn:
		return t, []process.Effect{process.SetTimer{Timer: "accept", At: in.Time.Add(time.Hour)}}
	case Accepted:
		if t.Returning {
			return t, nil // too late
		}
		return t, []process.Effect{process.CancelTimer{Timer: "accept"}, process.Send{Command: Deposit{t.To, t.ID, t.Amount}}}
	case Deposited:
		return t, []process.Effect{process.Stop{}}
	}
	return t, nil
}

func (t Transfer) giveBack() (Transfer, []process.Effect) {
	t.Returning = true
	return t, []process.Effect{process.Send{Command: Deposit{t.From, t.ID, t.Amount}}}
}

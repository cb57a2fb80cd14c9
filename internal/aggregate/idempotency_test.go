package aggregate_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"segmentchallenge/internal/aggregate"
	"segmentchallenge/internal/eventstore"
)

var butForDuplicate = cmpopts.IgnoreFields(eventstore.Result{}, "Duplicate")

func TestAG14_CommandSentAgain(t *testing.T) {
	one, other, store := two(t, aggregate.Options{})
	id, meta := uuid.New(), eventstore.Meta{CommandID: uuid.New()}
	do(t, one, id, Deposit{10})
	first, err := one.Execute(soon(t), id, Withdraw{10}, meta)
	if err != nil || first.Duplicate {
		t.Fatalf("%+v, %v", first, err)
	}
	do(t, other, id, Deposit{5})
	for name, h := range map[string]*accounts{"here": one, "there": other, "restarted": aggregate.NewHost[Account](store, "account", aggregate.Options{})} {
		for _, cmd := range []AccountCommand{Withdraw{10}, Withdraw{5}, Deposit{0}} { // refused, possible, or nothing by now
			again, err := h.Execute(soon(t), id, cmd, meta)
			if err != nil || !again.Duplicate {
				t.Errorf("%s, %+v: %+v, %v", name, cmd, again, err)
			}
			if diff := cmp.Diff(first, again, butForDuplicate); diff != "" {
				t.Errorf("%s, %+v: the result differs:\n%s", name, cmd, diff)
			}
		}
	}
	if n := len(events(t, store, id)); n != 3 {
		t.Errorf("%d events, want 3", n)
	}
}

func TestAG14_CommandSentOftenAtOnce(t *testing.T) {
	one, other, store := two(t, aggregate.Options{})
	for round := range 30 {
		id, meta := uuid.New(), eventstore.Meta{CommandID: uuid.New()}
		do(t, one, id, Deposit{10})
		results := make([]eventstore.Result, 8)
		for i, err := range parallel(len(results), func(i int) (err error) {
			h := []*accounts{one, other}[i%2]
			if i > 5 { // others among them
				results[i], err = h.Execute(soon(t), id, Deposit{1}, eventstore.Meta{CommandID: uuid.New()})
			} else {
				results[i], err = h.Execute(soon(t), id, Withdraw{10}, meta)
			}
			return err
		}) {
			if err != nil {
				t.Errorf("round %d, caller %d: %v", round, i, err)
			}
		}
		for _, r := range results[1:6] {
			if diff := cmp.Diff(results[0], r, butForDuplicate); diff != "" {
				t.Errorf("round %d: results differ:\n%s", round, diff)
			}
		}
		if deposits, withdrawals := checkHistory(t, store, id); deposits != 3 || withdrawals != 1 {
			t.Errorf("round %d: %d deposits and %d withdrawals, want 3 and 1", round, deposits, withdrawals)
		}
	}
}

// In one batch the second gets what the first did; a refusal, too, is given to both.
func TestAG14_CommandTwiceInABatch(t *testing.T) {
	h, store := open(t)
	id := uuid.New() // with a deposit of 1
	once, refused := eventstore.Meta{CommandID: uuid.New()}, eventstore.Meta{CommandID: uuid.New()}
	results, errs := inOneBatch(t, h, id, sent{Withdraw{2}, refused}, sent{Withdraw{1}, once}, sent{Deposit{7}, eventstore.Meta{}},
		sent{Withdraw{1}, once}, sent{Withdraw{2}, refused})
	if !errors.Is(errs[0], errOverdrawn) || !errors.Is(errs[4], errOverdrawn) || errors.Join(errs[1:4]...) != nil {
		t.Errorf("answers: %v", errs)
	}
	if diff := cmp.Diff(results[1], results[3], butForDuplicate); diff != "" {
		t.Errorf("the results differ:\n%s", diff)
	}
	if deposits, withdrawals := checkHistory(t, store, id); deposits != 2 || withdrawals != 1 {
		t.Errorf("%d deposits and %d withdrawals, want 2 and 1", deposits, withdrawals)
	}
}

// An id that was used for another aggregate is a mistake of the program, not a success.
func TestCommandIDOfAnotherAggregate(t *testing.T) {
	h, store := open(t)
	meta := eventstore.Meta{CommandID: uuid.New()}
	if _, err := h.Execute(soon(t), uuid.New(), Deposit{1}, meta); err != nil {
		t.Fatal(err)
	}
	id := uuid.New()
	for _, cmd := range []AccountCommand{Deposit{1}, Deposit{0}, Withdraw{1}} {
		if _, err := h.Execute(soon(t), id, cmd, meta); !errors.Is(err, eventstore.ErrDuplicateEvent) {
			t.Errorf("%+v: %v", cmd, err)
		}
	}
	if n := len(events(t, store, id)); n != 0 {
		t.Errorf("%d events", n)
	}
}

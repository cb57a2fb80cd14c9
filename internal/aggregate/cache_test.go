package aggregate_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"

	"segmentchallenge/internal/aggregate"
	"segmentchallenge/internal/eventstore"
)

// Ledger is an account that weighs what is on it.
type Ledger struct{ Account }

func (l Ledger) Len() int { return l.Balance }

func (l Ledger) Evolve(e AccountEvent) Ledger { return Ledger{l.Account.Evolve(e)} }

// The cache is bounded by weight: what was used last stays, however heavy.
func TestCacheIsBoundedByWeight(t *testing.T) {
	_, store := open(t)
	h := aggregate.NewHost[Ledger](store, "account", aggregate.Options{CacheSize: 10})
	a, b, c := uuid.New(), uuid.New(), uuid.New()
	for _, step := range []struct {
		id     uuid.UUID
		cmd    AccountCommand
		weight int
		want   []uuid.UUID // least recently used first
	}{
		{a, Deposit{4}, 4, []uuid.UUID{a}},
		{b, Deposit{4}, 8, []uuid.UUID{a, b}},
		{a, Deposit{1}, 9, []uuid.UUID{b, a}},
		{c, Deposit{1}, 10, []uuid.UUID{b, a, c}},
		{c, Deposit{3}, 9, []uuid.UUID{a, c}},
		{c, Deposit{50}, 54, []uuid.UUID{c}},
		{a, Withdraw{5}, 1, []uuid.UUID{a}},  // nothing weighs 1
		{c, Withdraw{53}, 1, []uuid.UUID{c}}, // it was heavy while it was loaded
	} {
		if _, err := h.Execute(soon(t), step.id, step.cmd, eventstore.Meta{}); err != nil {
			t.Fatal(err)
		}
		if ids, weight := h.Cached(); weight != step.weight || !slices.Equal(ids, step.want) {
			t.Errorf("after %+v: %v weigh %d, want %v and %d", step.cmd, ids, weight, step.want, step.weight)
		}
	}
}

// Forgotten states are read again, and nobody notices.
func TestCacheTooSmall(t *testing.T) {
	_, store := open(t)
	h := aggregate.NewHost[Account](store, "account", aggregate.Options{CacheSize: 2})
	ids := make([]uuid.UUID, 8)
	for i := range ids {
		ids[i] = uuid.New()
	}
	errs := parallel(64, func(i int) error {
		for range 3 {
			if _, err := h.Execute(soon(t), ids[i%8], Deposit{1}, eventstore.Meta{}); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if deposits, _ := checkHistory(t, store, id); deposits != 24 {
			t.Errorf("%d deposits, want 24", deposits)
		}
	}
	if left, _ := h.Cached(); len(left) > 2 {
		t.Errorf("%d states are in memory", len(left))
	}
}

package aggregate_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/google/uuid"

	"segmentchallenge/internal/aggregate"
	"segmentchallenge/internal/eventstore"
)

// Who stops waiting before the turn has come leaves nothing; the lead finds its way past those who have gone.
func TestWithdrawal(t *testing.T) {
	h, store := open(t)
	id := uuid.New()
	do(t, h, id, Deposit{1})
	leading, proceed := make(chan struct{}), make(chan struct{})
	ended := make(chan error, 3)
	execute := func(ctx context.Context, cmd AccountCommand) {
		_, err := h.Execute(ctx, id, cmd, eventstore.Meta{})
		ended <- err
	}
	go execute(soon(t), Meanwhile{Deposit{1}, func() { close(leading); <-proceed }})
	<-leading
	impatient, leave := context.WithCancel(soon(t))
	go execute(impatient, Deposit{10})
	h.AwaitQueue(id, 1)
	go execute(soon(t), Deposit{100})
	h.AwaitQueue(id, 2)
	leave()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("who left got %v", err)
	}
	h.AwaitQueue(id, 1)
	close(proceed)
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if state, version, err := h.Load(soon(t), id); state.Balance != 102 || version != 3 || err != nil {
		t.Errorf("state %+v, version %d, %v", state, version, err)
	}
	checkHistory(t, store, id)
}

// A leader whose own caller has gone carries out the others' commands, but not that one.
func TestLeaderWhoHasGone(t *testing.T) {
	h, _ := open(t)
	id := uuid.New()
	gone, leave := context.WithCancel(soon(t))
	leave()
	if _, err := h.Execute(gone, id, Deposit{1}, eventstore.Meta{}); !errors.Is(err, context.Canceled) {
		t.Errorf("who had gone got %v", err)
	}
	if _, version, err := h.Load(soon(t), id); version != 0 || err != nil {
		t.Errorf("version %d, %v", version, err)
	}
}

// Under load, with callers who leave at any moment, every answer is true: success is in the log once, leaving leaves nothing.
func TestAnswersAreTrueWhoeverLeaves(t *testing.T) {
	one, other, store := two(t, aggregate.Options{})
	id := uuid.New()
	do(t, one, id, Deposit{1})
	const callers, each = 24, 25
	left := 0
	for caller, errs := range each2(callers, each, func(dice *rand.Rand, command uuid.UUID) error {
		ctx, leave := context.WithCancel(soon(t))
		defer leave()
		h := []*accounts{one, other}[dice.IntN(2)]
		cmd := Meanwhile{Deposit{1}, func() {}}
		if dice.IntN(3) == 0 {
			cmd.Happens = leave // while it, or a batch with it, is being decided
		} else if dice.IntN(2) == 0 {
			go leave()
		}
		_, err := h.Execute(ctx, id, cmd, eventstore.Meta{CommandID: command})
		return err
	}) {
		for n, err := range errs {
			_, stored, lookErr := store.EventByID(soon(t), eventstore.EventID(commandID(caller, n), 0))
			if lookErr != nil {
				t.Fatal(lookErr)
			}
			if stored != (err == nil) {
				t.Errorf("caller %d, command %d: answered %v, stored %v", caller, n, err, stored)
			}
			if err != nil {
				if left++; !errors.Is(err, context.Canceled) {
					t.Errorf("caller %d, command %d: %v", caller, n, err)
				}
			}
		}
	}
	deposits, _ := checkHistory(t, store, id)
	if deposits != 1+callers*each-left || left == 0 || left == callers*each {
		t.Errorf("%d deposits, %d of %d callers left", deposits, left, callers*each)
	}
	if one.Boxes()+other.Boxes() != 0 {
		t.Error("mailboxes are left over")
	}
}

func commandID(caller, n int) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte{byte(caller), byte(n)})
}

// each2 lets callers execute so many commands each, one after the other.
func each2(callers, each int, fn func(dice *rand.Rand, command uuid.UUID) error) [][]error {
	all := make([][]error, callers)
	parallel(callers, func(caller int) error {
		dice := rand.New(rand.NewPCG(uint64(caller), 1))
		for n := range each {
			all[caller] = append(all[caller], fn(dice, commandID(caller, n)))
		}
		return nil
	})
	return all
}

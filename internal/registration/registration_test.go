package registration_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/auth"
	"segmentchallenge/internal/dispatch/dispatchtest"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/notify"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/registration"
)

var ana = athletes.Profile{FirstName: "Ana", LastName: "Smet"}

func start(t *testing.T, o dispatchtest.Options) (*dispatchtest.Node, *auth.Service) {
	t.Helper()
	n := dispatchtest.Start(t, o)
	accounts, err := auth.New(auth.Options{Pool: n.Pool, Mail: notify.Post{Mailer: notify.Mailbox{Pool: n.Pool}}, BaseURL: "http://localhost",
		Admin: func(context.Context, uuid.UUID) (bool, error) { return false, nil }})
	if err != nil {
		t.Fatal(err)
	}
	return n, accounts
}

// check sees to it that there is one athlete, and that the address is theirs.
func check(n *dispatchtest.Node, accounts *auth.Service, email string, athlete uuid.UUID) {
	n.Helper()
	if owner, err := accounts.IdentityOf(n.Soon(), email); err != nil || owner != athlete || owner == uuid.Nil {
		n.Errorf("the address belongs to %v, not %v, %v", owner, athlete, err)
	}
	if all := n.Events(eventstore.Filter{}); len(all) != 1 || all[0].(athletes.Registered).AthleteID != athlete {
		n.Errorf("events: %+v", all)
	}
}

func TestRegisterAsOftenAsYouLike(t *testing.T) {
	n, accounts := start(t, dispatchtest.Options{})
	ids, errs := make([]uuid.UUID, 8), make([]error, 8)
	var group sync.WaitGroup
	for i := range ids {
		group.Go(func() {
			ids[i], errs[i] = registration.Register(n.Soon(), accounts, n.Dispatch, "Ana@Example.org", ana)
		})
	}
	group.Wait()
	again, err := registration.Register(n.Soon(), accounts, n.Dispatch, "ana@example.org", athletes.Profile{FirstName: "Anna", LastName: "Smet"})
	if err := errors.Join(append(errs, err)...); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if id != again {
			t.Errorf("registered as %v and as %v", id, again)
		}
	}
	check(n, accounts, "ana@example.org", again)
	if shown, err := readmodel.AthleteByID(n.Soon(), n.Pool, again); err != nil || shown.FirstName != "Ana" {
		t.Errorf("shown as %+v, %v", shown, err)
	}
}

// The program ended after the athlete was registered and before the address was theirs.
func TestRegisterAfterACrash(t *testing.T) {
	n, accounts := start(t, dispatchtest.Options{})
	reserved, err := accounts.Reserve(n.Soon(), "ana@example.org")
	if err != nil {
		t.Fatal(err)
	}
	n.Send(athletes.Register{Head: athletes.Head{ID: reserved.AthleteID, By: actor.System, Now: time.Now()}, Profile: ana})
	if owner, err := accounts.IdentityOf(n.Soon(), "ana@example.org"); owner != uuid.Nil || err != nil {
		t.Fatalf("the address is %v's already, %v", owner, err)
	}
	id, err := registration.Register(n.Soon(), accounts, n.Dispatch, "ana@example.org", ana)
	if err != nil {
		t.Fatal(err)
	}
	check(n, accounts, "ana@example.org", id)
}

func TestRegisterRefuses(t *testing.T) {
	n, accounts := start(t, dispatchtest.Options{})
	for name, c := range map[string]struct {
		email   string
		profile athletes.Profile
	}{"address": {"ana", ana}, "profile": {"ana@example.org", athletes.Profile{}}} {
		if id, err := registration.Register(n.Soon(), accounts, n.Dispatch, c.email, c.profile); refusal.All(err) == nil || id != uuid.Nil {
			t.Errorf("%s: %v, %v", name, id, err)
		}
	}
	if owner, err := accounts.IdentityOf(n.Soon(), "ana@example.org"); owner != uuid.Nil || err != nil {
		t.Errorf("the address is %v's, %v", owner, err)
	}
	if all := n.Events(eventstore.Filter{}); len(all) != 0 {
		t.Errorf("events: %+v", all)
	}
}

// Read models that are behind don't undo a registration.
func TestRegisterWhileReadModelsAreBehind(t *testing.T) {
	n, accounts := start(t, dispatchtest.Options{NoProjector: readmodel.FeedModel, Timeout: time.Millisecond})
	id, err := registration.Register(n.Soon(), accounts, n.Dispatch, "ana@example.org", ana)
	if err != nil {
		t.Fatal(err)
	}
	check(n, accounts, "ana@example.org", id)
}

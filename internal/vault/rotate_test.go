package vault_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/tink-crypto/tink-go/v2/tink"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/vault"
)

func key(t testing.TB, text string) tink.AEAD {
	t.Helper()
	k, err := vault.MasterKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// node is a vault with nothing in memory.
func node(t testing.TB, pool *pgxpool.Pool, master string, accept ...string) *vault.Vault {
	t.Helper()
	opts := vault.Options{Master: key(t, master)}
	for _, text := range accept {
		opts.Accept = append(opts.Accept, key(t, text))
	}
	return vault.New(pool, opts)
}

// The master key is changed step by step, as docs/operations.md says: at each, every node opens what any other has sealed.
func TestRotate(t *testing.T) {
	t.Parallel()
	pool, old, fresh := postgrestest.New(t), master(t), master(t)
	people := map[uuid.UUID][]byte{}
	seal := func(v *vault.Vault) {
		for range 400 {
			person := uuid.New()
			people[person] = sealed(t, v, person, "of "+person.String())
		}
	}
	all := func(v *vault.Vault, want error) {
		t.Helper()
		for person, secret := range people {
			opens(t, v, person, secret, "of "+person.String(), want)
		}
	}
	seal(node(t, pool, "")) // from before there was a master key
	seal(node(t, pool, old))
	forgotten := uuid.New()
	gone := sealed(t, node(t, pool, old), forgotten, "x")
	if err := node(t, pool, old).Forget(t.Context(), forgotten); err != nil {
		t.Fatal(err)
	}

	first, second := func() *vault.Vault { return node(t, pool, old, fresh) }, func() *vault.Vault { return node(t, pool, fresh, old) }
	seal(second()) // while some nodes are at the first step, and others at the second
	all(first(), nil)
	all(second(), nil)
	var looked int
	for _, want := range []vault.Rotation{{Changed: 800, Were: 400}, {Were: 1200}} {
		if r, err := second().Rotate(t.Context(), func(done int) { looked = done }); r != want || err != nil || looked != 1200 {
			t.Errorf("%+v, %v, %d looked at, want %+v", r, err, looked, want)
		}
	}
	all(first(), nil)
	all(node(t, pool, fresh), nil)
	if n := count(t, pool, `select count(*) from personal_keys where keyset is not null and not wrapped`); n != 0 {
		t.Errorf("%d keys aren't encrypted", n)
	}
	for person := range people {
		opens(t, node(t, pool, old), person, people[person], "", vault.ErrMaster)
		break
	}
	opens(t, node(t, pool, fresh), forgotten, gone, "", eventstore.ErrForgotten)
}

// Without a key there is nothing to do it with; keys that nothing opens stay as they are, and are told of.
func TestRotateWhatCannotBeOpened(t *testing.T) {
	t.Parallel()
	pool, old, fresh := postgrestest.New(t), master(t), master(t)
	ana, ben := uuid.New(), uuid.New()
	ofAna, ofBen := sealed(t, node(t, pool, old), ana, "Ana"), sealed(t, node(t, pool, ""), ben, "Ben")
	if _, err := node(t, pool, "", old).Rotate(t.Context(), nil); !errors.Is(err, vault.ErrNoMaster) {
		t.Errorf("without a master key: %v", err)
	}
	if r, err := node(t, pool, fresh).Rotate(t.Context(), nil); !errors.Is(err, vault.ErrMaster) || r != (vault.Rotation{Changed: 1, Unopened: 1}) {
		t.Errorf("%+v, %v", r, err)
	}
	opens(t, node(t, pool, old), ana, ofAna, "Ana", nil)
	opens(t, node(t, pool, fresh), ben, ofBen, "Ben", nil)
}

// Who is forgotten while keys change stays forgotten.
func TestForgetDuringRotation(t *testing.T) {
	t.Parallel()
	pool, old, fresh := postgrestest.New(t), master(t), master(t)
	v := node(t, pool, old)
	var people []uuid.UUID
	for range 200 {
		people = append(people, uuid.New())
		sealed(t, v, people[len(people)-1], "x")
	}
	var busy sync.WaitGroup
	busy.Go(func() {
		if _, err := node(t, pool, fresh, old).Rotate(t.Context(), nil); err != nil {
			t.Error(err)
		}
	})
	for i, person := range people {
		if i%5 == 0 {
			if err := v.Forget(t.Context(), person); err != nil {
				t.Error(err)
			}
		}
	}
	busy.Wait()
	if n := count(t, pool, `select count(*) from personal_keys where keyset is null`); n != 40 {
		t.Errorf("%d people are forgotten, want 40", n)
	}
	if r, err := node(t, pool, fresh).Rotate(t.Context(), nil); err != nil || r.Were != 160 {
		t.Errorf("%+v, %v", r, err)
	}
}

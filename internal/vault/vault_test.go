package vault_test

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/vault"
)

func sealed(t testing.TB, v *vault.Vault, person uuid.UUID, plain string) []byte {
	t.Helper()
	out, err := v.Seal(person, []byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// opens checks that a text can be read, or for what error not.
func opens(t testing.TB, v *vault.Vault, person uuid.UUID, secret []byte, plain string, want error) {
	t.Helper()
	got, err := v.Open(person, secret)
	if !errors.Is(err, want) || err == nil && string(got) != plain {
		t.Errorf("%q, %v, want %q, %v", got, err, plain, want)
	}
}

func master(t testing.TB) string {
	t.Helper()
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	return base64.StdEncoding.EncodeToString(key)
}

func TestSealAndOpen(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	v, other := vault.New(pool, vault.Options{}), vault.New(postgrestest.Second(t, pool), vault.Options{})
	ana, ben := uuid.New(), uuid.New()
	of := sealed(t, v, ana, "born in Gent")
	if strings.Contains(string(of), "Gent") {
		t.Errorf("readable: %q", of)
	}
	if again := sealed(t, other, ana, "born in Gent"); string(again) != string(of) {
		t.Error("two nodes seal the same text in two ways")
	}
	opens(t, v, ana, of, "born in Gent", nil)
	opens(t, other, ana, of, "born in Gent", nil)
	if _, err := v.Open(ben, of); !errors.Is(err, vault.ErrNoKey) {
		t.Errorf("by somebody without a key: %v", err)
	}
	sealed(t, v, ben, "x")
	if _, err := v.Open(ben, of); err == nil {
		t.Error("what is Ana's opens as Ben's")
	}
	of[len(of)-1] ^= 1
	if _, err := v.Open(ana, of); err == nil {
		t.Error("what was tampered with opens")
	}
}

func TestOneKeyForAllWhoSealAtOnce(t *testing.T) {
	t.Parallel()
	pool, ana := postgrestest.New(t), uuid.New()
	texts := make([]string, 16)
	var group sync.WaitGroup
	for i := range texts {
		v := vault.New(pool, vault.Options{})
		group.Go(func() {
			out, err := v.Seal(ana, []byte("x"))
			if err != nil {
				t.Error(err)
			}
			texts[i] = string(out)
		})
	}
	group.Wait()
	for _, text := range texts {
		if text != texts[0] {
			t.Fatal("several keys were made")
		}
	}
}

func TestForget(t *testing.T) {
	t.Parallel()
	pool, now := postgrestest.New(t), time.Now()
	here := vault.New(pool, vault.Options{})
	told := vault.New(pool, vault.Options{})
	untold := vault.New(pool, vault.Options{Now: func() time.Time { return now }})
	ana, ben, nobody := uuid.New(), uuid.New(), uuid.New()
	of, ofBen := sealed(t, here, ana, "Ana"), sealed(t, here, ben, "Ben")
	for _, v := range []*vault.Vault{told, untold} {
		opens(t, v, ana, of, "Ana", nil)
	}
	for range 2 { // forgetting again is fine
		if err := errors.Join(here.Forget(t.Context(), ana), here.Forget(t.Context(), nobody)); err != nil {
			t.Fatal(err)
		}
	}
	opens(t, here, ana, of, "", eventstore.ErrForgotten)
	told.Drop(ana)
	opens(t, told, ana, of, "", eventstore.ErrForgotten)
	opens(t, untold, ana, of, "Ana", nil) // for a minute, which is what TTL says
	now = now.Add(61 * time.Second)
	opens(t, untold, ana, of, "", eventstore.ErrForgotten)
	for _, person := range []uuid.UUID{ana, nobody} {
		if _, err := told.Seal(person, []byte("again")); !errors.Is(err, eventstore.ErrForgotten) {
			t.Errorf("a new key was made: %v", err)
		}
	}
	opens(t, told, ben, ofBen, "Ben", nil)
	if kept := count(t, pool, `select count(*) from personal_keys where keyset is not null`); kept != 1 {
		t.Errorf("%d keys are left, want Ben's", kept)
	}
}

// Keys are read while others are forgotten: whoever was told can't have one that was read before.
func TestForgetWhileKeysAreRead(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	writer := vault.New(pool, vault.Options{})
	for range 30 {
		ana := uuid.New()
		of := sealed(t, writer, ana, "Ana")
		reader := vault.New(pool, vault.Options{})
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				for range 5 {
					if _, err := reader.Open(ana, of); err != nil && !errors.Is(err, eventstore.ErrForgotten) {
						t.Error(err)
					}
				}
			})
		}
		if err := writer.Forget(t.Context(), ana); err != nil {
			t.Fatal(err)
		}
		reader.Drop(ana)
		opens(t, reader, ana, of, "", eventstore.ErrForgotten)
		group.Wait()
		opens(t, reader, ana, of, "", eventstore.ErrForgotten)
	}
}

func TestMasterKey(t *testing.T) {
	t.Parallel()
	pool, text := postgrestest.New(t), master(t)
	open := func(text string) *vault.Vault {
		key, err := vault.MasterKey(text)
		if err != nil {
			t.Fatal(err)
		}
		return vault.New(pool, vault.Options{Master: key})
	}
	ana, ben := uuid.New(), uuid.New()
	ofBen := sealed(t, open(""), ben, "Ben") // before a master key was set
	of := sealed(t, open(text), ana, "Ana")
	opens(t, open(text), ana, of, "Ana", nil)
	opens(t, open(text), ben, ofBen, "Ben", nil)
	opens(t, open(""), ana, of, "", vault.ErrMaster)
	opens(t, open(master(t)), ana, of, "", vault.ErrMaster)
	opens(t, open(""), ben, ofBen, "Ben", nil) // although its neighbour can't be read
	for _, bad := range []string{"x", "c2hvcnQ=", text + "AAAA", text[1:]} {
		if _, err := vault.MasterKey(bad); err == nil {
			t.Errorf("master key %q was taken", bad)
		}
	}
}

func TestBoundedCache(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	v := vault.New(pool, vault.Options{Cached: 3})
	people, texts := make([]uuid.UUID, 20), make([][]byte, 20)
	for i := range people {
		people[i] = uuid.New()
		texts[i] = sealed(t, v, people[i], "x")
	}
	for range 2 {
		for i := range people {
			opens(t, v, people[i], texts[i], "x", nil)
		}
	}
}

func count(t testing.TB, pool *pgxpool.Pool, sql string) (n int) {
	t.Helper()
	if err := pool.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// What a personal event costs more than others: the cipher, and a key that has to be fetched first.
func BenchmarkVault(b *testing.B) {
	v := vault.New(postgrestest.New(b), vault.Options{})
	ana, plain := uuid.New(), []byte(`{"firstName":"Ana","lastName":"de Smet","gender":"F","birthYear":1990,"town":"Gent"}`)
	of := sealed(b, v, ana, string(plain))
	b.Run("seal", func(b *testing.B) {
		for b.Loop() {
			sealed(b, v, ana, string(plain))
		}
	})
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			opens(b, v, ana, of, string(plain), nil)
		}
	})
	b.Run("open, key not in memory", func(b *testing.B) {
		for b.Loop() {
			v.Drop(ana)
			opens(b, v, ana, of, string(plain), nil)
		}
	})
}

package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/tink-crypto/tink-go/v2/daead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"segmentchallenge/internal/eventstore"
)

// Options of a Vault. The zero value is useful.
type Options struct {
	Master tink.AEAD        // encrypts the keys in the table, see MasterKey; nil: they lie there as they are
	Accept []tink.AEAD      // open what they have encrypted, and encrypt nothing: while master keys are changed, see Rotate
	Cached int              // keys kept in memory, at some 1.3 kB each; 0: 10,000
	TTL    time.Duration    // how long a key is used without asking the table again; 0: a minute
	Now    func() time.Time // nil: time.Now
}

// Vault is an eventstore.Vault. It is safe for concurrent use.
type Vault struct {
	pool *pgxpool.Pool
	opts Options

	mu      sync.Mutex
	cache   *simplelru.LRU[uuid.UUID, entry]
	dropped int // how often something was dropped: a key read before that isn't kept
}

type entry struct {
	key    tink.DeterministicAEAD // nil: destroyed
	loaded time.Time
}

// Errors, besides eventstore.ErrForgotten.
var (
	// ErrNoKey: something is sealed with a key that was never here, as after an import without keys.
	ErrNoKey = errors.New("there is no key of this person here; export with --open, or copy the table personal_keys here first")
	// ErrMaster: the keys are encrypted with a master key other than the one that is set, or none is set.
	ErrMaster = errors.New("the key is encrypted with another master key than the one that is set")
)

// New is a vault on the table personal_keys.
func New(pool *pgxpool.Pool, opts Options) *Vault {
	if opts.Cached <= 0 {
		opts.Cached = 10_000
	}
	if opts.TTL <= 0 {
		opts.TTL = time.Minute
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	cache, _ := simplelru.NewLRU[uuid.UUID, entry](opts.Cached, nil) // fails for sizes below 1 only
	return &Vault{pool: pool, opts: opts, cache: cache}
}

// Seal encrypts with a person's key, which is made when there is none. The text is bound to the person: it can't be
// opened as another's.
func (v *Vault) Seal(person uuid.UUID, plain []byte) ([]byte, error) {
	key, err := v.key(person)
	if errors.Is(err, ErrNoKey) {
		if err = v.make(person); err == nil {
			key, err = v.key(person)
		}
	}
	if err != nil {
		return nil, err
	}
	return key.EncryptDeterministically(plain, person[:])
}

// Open is the inverse of Seal.
func (v *Vault) Open(person uuid.UUID, sealed []byte) ([]byte, error) {
	key, err := v.key(person)
	if err != nil {
		return nil, err
	}
	return key.DecryptDeterministically(sealed, person[:])
}

// key finds a person's key, in memory or in the table.
func (v *Vault) key(person uuid.UUID) (tink.DeterministicAEAD, error) {
	v.mu.Lock()
	e, cached := v.cache.Get(person)
	v.mu.Unlock()
	if !cached || v.opts.Now().Sub(e.loaded) > v.opts.TTL {
		var err error
		if e, err = v.load(person); err != nil {
			return nil, err
		}
	}
	if e.key == nil {
		return nil, eventstore.ErrForgotten
	}
	return e.key, nil
}

// patience with the database. Decoding has no context: where the log could be read a moment ago, so can a key.
const patience = 10 * time.Second

// together is how many keys are loaded at once. The log is most often read in order, and the keys of people who came one
// after the other are needed one after the other.
const together = 64

func (v *Vault) load(person uuid.UUID) (e entry, err error) {
	v.mu.Lock()
	dropped := v.dropped
	v.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	loaded := v.opts.Now()
	rows, err := v.pool.Query(ctx, `select person, keyset, wrapped from personal_keys
		where number >= (select number from personal_keys where person = $1) order by number limit $2`, person, together)
	if err != nil {
		return entry{}, fmt.Errorf("keys of people: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return entry{}, fmt.Errorf("keys of people: %w", err)
	}
	if len(found) == 0 {
		return entry{}, ErrNoKey
	}
	for i := len(found) - 1; i >= 0; i-- { // the one that was asked for last, to stay longest
		e, err = v.open(found[i])
		e.loaded = loaded
		if err == nil {
			v.keep(found[i].Person, e, dropped)
		}
	}
	if err != nil {
		return entry{}, fmt.Errorf("key of person %s: %w", person, err)
	}
	return e, nil
}

// keep puts a key into memory, unless something was dropped since it was read: it may have been this one.
func (v *Vault) keep(person uuid.UUID, e entry, dropped int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.dropped == dropped {
		v.cache.Add(person, e)
	}
}

// row of personal_keys.
type row struct {
	Person  uuid.UUID
	Keyset  []byte
	Wrapped bool
}

func (v *Vault) open(r row) (e entry, err error) {
	if r.Keyset == nil {
		return e, nil
	}
	plain, _, err := v.unwrap(r)
	if err != nil {
		return e, err
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewBinaryReader(bytes.NewReader(plain)))
	if err != nil {
		return e, err
	}
	e.key, err = daead.New(handle)
	return e, err
}

// wrapping is what a key in the table is encrypted with.
type wrapping int

const (
	byNothing wrapping = iota
	byMaster
	byAnother // of Options.Accept
)

// unwrap decrypts a key that isn't destroyed.
func (v *Vault) unwrap(r row) (plain []byte, by wrapping, err error) {
	if !r.Wrapped {
		return r.Keyset, byNothing, nil
	}
	if v.opts.Master != nil {
		if plain, err = v.opts.Master.Decrypt(r.Keyset, r.Person[:]); err == nil {
			return plain, byMaster, nil
		}
	}
	for _, other := range v.opts.Accept {
		if plain, err = other.Decrypt(r.Keyset, r.Person[:]); err == nil {
			return plain, byAnother, nil
		}
	}
	return nil, byNothing, ErrMaster
}

// make stores a new key, unless there is one or was.
func (v *Vault) make(person uuid.UUID) error {
	handle, err := keyset.NewHandle(daead.AESSIVKeyTemplate())
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewBinaryWriter(&b)); err != nil {
		return err
	}
	stored := b.Bytes()
	if v.opts.Master != nil {
		if stored, err = v.opts.Master.Encrypt(stored, person[:]); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, err = v.pool.Exec(ctx, `insert into personal_keys (person, keyset, wrapped) values ($1, $2, $3) on conflict (person) do nothing`,
		person, stored, v.opts.Master != nil)
	if err != nil {
		return fmt.Errorf("key of person %s: %w", person, err)
	}
	return nil
}

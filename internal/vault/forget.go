package vault

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	aeadsubtle "github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Forget destroys a person's key for good. Forgetting again, or somebody who never had a key, is fine. This node can't
// open anything of theirs from now on; other nodes are to be told (Drop).
//
// PostgreSQL keeps the old row in its file until the table is vacuumed, so that is done at once; write-ahead logs and backups
// hold it until they are rotated, which a master key kept elsewhere makes harmless.
func (v *Vault) Forget(ctx context.Context, person uuid.UUID) error {
	_, err := v.pool.Exec(ctx, `insert into personal_keys (person, destroyed_at) values ($1, now())
		on conflict (person) do update set keyset = null, wrapped = false, destroyed_at = now() where personal_keys.keyset is not null`, person)
	v.Drop(person)
	if err != nil {
		return fmt.Errorf("forgetting person %s: %w", person, err)
	}
	if _, err := v.pool.Exec(ctx, `vacuum (truncate false) personal_keys`); err != nil {
		return fmt.Errorf("forgetting person %s: the key is gone, but its traces in the table's file are not: %w", person, err)
	}
	return nil
}

// Drop takes a person's key out of memory, also one that is being read at this moment.
func (v *Vault) Drop(person uuid.UUID) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.dropped++
	v.cache.Remove(person)
}

// MasterKey reads the master key as it is set: 32 random bytes in base64, as "openssl rand -base64 32" prints them. An
// empty text is no master key.
func MasterKey(text string) (tink.AEAD, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, nil
	}
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(key) != 32 {
		return nil, errors.New("the master key must be 32 random bytes in base64, as `openssl rand -base64 32` prints them")
	}
	return aeadsubtle.NewAESGCM(key)
}

package vault

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Rotation is what Rotate has done.
type Rotation struct {
	Changed  int // keys that the master key encrypts now, and didn't before
	Were     int // keys that it encrypted already
	Unopened int // keys that nothing opens, neither the master key nor one of Options.Accept
}

// ErrNoMaster: there is nothing to encrypt with.
var ErrNoMaster = errors.New("no master key is set")

// rotateAtOnce is how many keys change in one transaction.
const rotateAtOnce = 500

// Rotate encrypts with the master key what another one (Options.Accept) or none has encrypted. What is sealed in the log
// doesn't change: it is the persons' keys that change their wrapping. Nodes go on meanwhile, as far as they open what both
// keys have encrypted; who is forgotten meanwhile stays forgotten. Cut off, it goes on where it was when it is called again.
//
// Keys that nothing opens stay as they are, and are ErrMaster in the end. progress, if given, is told how many have been
// looked at.
func (v *Vault) Rotate(ctx context.Context, progress func(done int)) (r Rotation, err error) {
	if v.opts.Master == nil {
		return r, ErrNoMaster
	}
	for last := int64(0); ; {
		rows, err := v.pool.Query(ctx, `select number, person, keyset, wrapped from personal_keys
			where number > $1 and keyset is not null order by number limit $2`, last, rotateAtOnce)
		if err != nil {
			return r, fmt.Errorf("keys of people: %w", err)
		}
		page, err := pgx.CollectRows(rows, pgx.RowToStructByName[numbered])
		if err == nil {
			err = v.rewrap(ctx, page, &r)
		}
		if err != nil {
			return r, fmt.Errorf("keys of people: %w", err)
		}
		if progress != nil {
			progress(r.Changed + r.Were + r.Unopened)
		}
		if len(page) < rotateAtOnce {
			break
		}
		last = page[len(page)-1].Number
	}
	// What the old key opens is in the table's file until this; see Forget.
	if _, err := v.pool.Exec(ctx, `vacuum (truncate false) personal_keys`); err != nil {
		return r, fmt.Errorf("keys of people: they are changed, but the old ones' traces in the table's file are still there: %w", err)
	}
	if r.Unopened > 0 {
		return r, fmt.Errorf("%d keys of people stay as they are: %w", r.Unopened, ErrMaster)
	}
	return r, nil
}

// numbered is a row in the order in which keys were made.
type numbered struct {
	Number int64
	row
}

// rewrap changes a page of keys, if they are still what was read.
func (v *Vault) rewrap(ctx context.Context, page []numbered, r *Rotation) error {
	var people []uuid.UUID
	var before, after [][]byte
	for _, one := range page {
		plain, by, err := v.unwrap(one.row)
		switch {
		case err != nil:
			r.Unopened++
			continue
		case by == byMaster:
			r.Were++
			continue
		}
		wrapped, err := v.opts.Master.Encrypt(plain, one.Person[:])
		if err != nil {
			return err
		}
		people, before, after = append(people, one.Person), append(before, one.Keyset), append(after, wrapped)
	}
	tag, err := v.pool.Exec(ctx, `update personal_keys k set keyset = n.after, wrapped = true
		from unnest($1::uuid[], $2::bytea[], $3::bytea[]) n (person, before, after) where k.person = n.person and k.keyset = n.before`,
		people, before, after)
	r.Changed += int(tag.RowsAffected())
	return err
}

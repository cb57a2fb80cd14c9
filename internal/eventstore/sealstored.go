package eventstore

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// sealBatch is how many events SealStored looks at in one transaction.
const sealBatch = 500

// SealStored seals the personal fields of events that were stored before there were keys, and says how many. It goes on
// where it stopped, on whatever node, and has nothing to do from then on. Besides erasing it is the one thing that changes
// stored events; their ids, order and meaning stay. Without a vault in the registry it does nothing.
func (s *Store) SealStored(ctx context.Context) (sealed int64, err error) {
	types := s.registry.PersonalFields()
	if s.registry.vault == nil || len(types) == 0 {
		return 0, nil
	}
	var names []string
	for name := range types {
		names = append(names, name)
	}
	slices.Sort(names)
	for {
		n, more, err := s.sealSome(ctx, names)
		sealed += n
		if err != nil || !more {
			return sealed, err
		}
	}
}

// sealSome seals the next events of these types. Two nodes that do it at the same time wait for each other.
func (s *Store) sealSome(ctx context.Context, types []string) (sealed int64, more bool, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var done, upTo int64
		if err := tx.QueryRow(ctx, `select done, up_to from unsealed for update`).Scan(&done, &upTo); err != nil || done >= upTo {
			return err
		}
		rows, err := tx.Query(ctx, selectRecorded+` where position > $1 and position <= $2 and type = any($3) order by position limit $4`,
			done, upTo, types, sealBatch)
		if err != nil {
			return err
		}
		found, err := pgx.CollectRows(rows, scanRecorded)
		if err != nil {
			return err
		}
		if more = len(found) == sealBatch; more {
			upTo = found[sealBatch-1].Position
		}
		if sealed, err = s.sealFound(ctx, tx, found); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update unsealed set done = $1`, upTo)
		return err
	})
	if err != nil {
		return 0, false, fmt.Errorf("sealing stored events: %w", err)
	}
	return sealed, more, nil
}

func (s *Store) sealFound(ctx context.Context, tx pgx.Tx, found []Recorded) (int64, error) {
	var positions []int64
	var data []string
	var versions []int32
	for _, rec := range found {
		now, changed, err := s.registry.Sealed(rec)
		if err != nil {
			return 0, err
		}
		if changed {
			positions, data, versions = append(positions, now.Position), append(data, string(now.Data)), append(versions, int32(now.SchemaVersion))
		}
	}
	if len(positions) == 0 {
		return 0, nil
	}
	if _, err := tx.Exec(ctx, `set local eventstore.allow_change = 'on'`); err != nil {
		return 0, err
	}
	tag, err := tx.Exec(ctx, `update events e set data = n.data::json, schema_version = n.version
		from unnest($1::bigint[], $2::text[], $3::int[]) as n (position, data, version) where e.position = n.position`, positions, data, versions)
	return tag.RowsAffected(), err
}

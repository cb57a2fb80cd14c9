package eventstore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// finish copies what there is besides events, checks the copy, and gives it its head.
func (m *migration) finish(ctx context.Context, from pgx.Tx) error {
	return pgx.BeginFunc(ctx, m.target, func(to pgx.Tx) error {
		for _, step := range []struct {
			what string
			do   func(context.Context, pgx.Tx, pgx.Tx) error
		}{
			{"marks of streams", m.copyMarks}, {"subscriptions", m.copySubscriptions}, {"parked events", m.copyParked},
			{"tables", m.bringTables}, {"positions in tables", m.mapTables},
		} {
			if err := step.do(ctx, from, to); err != nil {
				return fmt.Errorf("%s: %w", step.what, err)
			}
		}
		if err := m.verify(ctx, to); err != nil {
			return err
		}
		_, err := to.Exec(ctx, `update events_head set position = $1`, m.Written)
		return err
	})
}

// copyMarks: what is hidden of a stream stays hidden, and a deleted stream deleted, if the stream is still there. One that
// was erased stays closed as it is.
func (m *migration) copyMarks(ctx context.Context, from, to pgx.Tx) error {
	rows, err := from.Query(ctx, `
		select k.stream, k.truncated_before, k.deleted_at, k.version, k.erased_at, coalesce(h.position, 0) as hidden
		from stream_marks k left join lateral (select position from events e
			where e.stream = k.stream and e.version < k.truncated_before order by e.version desc limit 1) h on true`)
	if err != nil {
		return err
	}
	type row struct {
		Stream          string
		TruncatedBefore int64
		DeletedAt       *time.Time
		Version         *int64
		ErasedAt        *time.Time
		Hidden          int64 // position of the last event that is
	}
	marks, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return err
	}
	for _, k := range marks {
		version := m.versions[k.Stream]
		switch {
		case k.ErasedAt != nil:
			version = *k.Version
		case version == 0:
			continue
		case k.DeletedAt == nil:
			version = 0
		}
		_, err := to.Exec(ctx, `insert into stream_marks (stream, truncated_before, deleted_at, version, erased_at)
			select $1, 1 + coalesce(max(version), 0), $3, nullif($4::bigint, 0), $5 from events where stream = $1 and position <= $2`,
			k.Stream, m.positions.upTo(k.Hidden), k.DeletedAt, version, k.ErasedAt)
		if err != nil {
			return err
		}
	}
	return nil
}

func (m *migration) copySubscriptions(ctx context.Context, from, to pgx.Tx) error {
	rows, err := from.Query(ctx, `select name, kind, position, types, categories, streams, state, error, ahead from subscriptions`)
	if err != nil {
		return err
	}
	type row struct {
		Name, Kind                 string
		Position                   int64
		Types, Categories, Streams []string
		State, Error               string
		Ahead                      []int64
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return err
	}
	for _, s := range all {
		position, ahead := m.positions.upTo(s.Position), []int64{}
		for _, p := range s.Ahead {
			ahead = append(ahead, m.positions.became(p)...)
		}
		if slices.Contains(m.Restart, s.Name) {
			position, ahead = 0, []int64{}
		}
		_, err := to.Exec(ctx, `insert into subscriptions (name, kind, position, types, categories, streams, state, error, ahead)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (name) do update set kind = excluded.kind, position = excluded.position,
				state = excluded.state, error = excluded.error, ahead = excluded.ahead`,
			s.Name, s.Kind, position, s.Types, s.Categories, s.Streams, s.State, s.Error, ahead)
		if err != nil {
			return err
		}
	}
	return nil
}

// copyParked: an event that was left out needn't be tried again, one that became several needs it for each.
func (m *migration) copyParked(ctx context.Context, from, to pgx.Tx) error {
	rows, err := from.Query(ctx, `select subscription, position, key, attempts, error, parked_at, replay, discard from parked_events`)
	if err != nil {
		return err
	}
	type row struct {
		Subscription string
		ParkedEvent
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return err
	}
	for _, p := range all {
		if slices.Contains(m.Restart, p.Subscription) {
			continue
		}
		_, err := to.Exec(ctx, `insert into parked_events (subscription, position, key, attempts, error, parked_at, replay, discard)
			select $1, p, $3, $4, $5, $6, $7, $8 from unnest($2::bigint[]) p`,
			p.Subscription, m.positions.became(p.Position), p.Key, p.Attempts, p.Error, p.ParkedAt, p.Replay, p.Discard)
		if err != nil {
			return err
		}
	}
	return nil
}

// mapTables moves the positions that other tables hold.
func (m *migration) mapTables(ctx context.Context, _, to pgx.Tx) error {
	if m.positions.same() {
		return nil
	}
	for _, c := range m.Positions {
		if err := m.mapColumn(ctx, to, c); err != nil {
			return fmt.Errorf("%s.%s: %w", c.Table, c.Column, err)
		}
	}
	return nil
}

func (m *migration) mapColumn(ctx context.Context, to pgx.Tx, c PositionColumn) error {
	table, column := pgx.Identifier{c.Table}.Sanitize(), pgx.Identifier{c.Column}.Sanitize()
	rows, err := to.Query(ctx, `select distinct `+column+` from `+table+` where `+column+` > 0`)
	if err != nil {
		return err
	}
	olds, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return err
	}
	var gone, moved, nows []int64
	for _, old := range olds {
		switch became := m.positions.became(old); {
		case !c.Exact:
			moved, nows = append(moved, old), append(nows, m.positions.upTo(old))
		case len(became) == 0:
			gone = append(gone, old)
		default:
			moved, nows = append(moved, old), append(nows, became[0])
		}
	}
	if _, err := to.Exec(ctx, `delete from `+table+` where `+column+` = any($1)`, gone); err != nil {
		return err
	}
	// By way of negative numbers, so that no row meets another that hasn't moved yet.
	if _, err := to.Exec(ctx, `update `+table+` t set `+column+` = -p.now - 1 from unnest($1::bigint[], $2::bigint[]) p (old, now) where t.`+column+` = p.old`,
		moved, nows); err != nil {
		return err
	}
	_, err = to.Exec(ctx, `update `+table+` set `+column+` = -`+column+` - 1 where `+column+` < 0`)
	return err
}

// verify reads what it hasn't read of the copy yet, and compares it with what was written: the ids in their order, positions
// and versions without gaps.
func (m *migration) verify(ctx context.Context, to queryer) error {
	rows, err := to.Query(ctx, `select event_id from events where position > $1 order by position`, m.found.Events())
	if err != nil {
		return err
	}
	var e Recorded
	before := m.found.Events()
	if _, err := pgx.ForEachRow(rows, []any{&e.ID}, func() error { m.found.Add(e); return nil }); err != nil {
		return err
	}
	if m.found.Events() != m.Written || m.found.String() != m.digest.String() {
		return fmt.Errorf("%w: %d events with ids %s were written, %d with %s are there", ErrVerify, m.Written, m.digest, m.found.Events(), m.found)
	}
	var last, gaps int64
	rows, err = to.Query(ctx, `select (select coalesce(max(position), 0) from events), count(*) from events e
		where position > $1 and version > 1 and not exists (select from events p where p.stream = e.stream and p.version = e.version - 1)`, before)
	if err != nil {
		return err
	}
	_, err = pgx.ForEachRow(rows, []any{&last, &gaps}, func() error { return nil })
	if err == nil && (last != m.Written || gaps != 0) {
		err = fmt.Errorf("%w: the last position is %d of %d, %d events have none before them", ErrVerify, last, m.Written, gaps)
	}
	return err
}

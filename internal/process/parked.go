package process

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/eventstore"
)

// Parked is an instance that waits for a person, all others of its process flow.
type Parked struct {
	Process  string
	Instance string
	At       string // event, timer or refusal: what it couldn't react to. command: what couldn't be sent
	Trouble  string
	Waiting  int64 // events or commands behind it, itself included
	Since    time.Time
}

// ListParked lists the instances of all processes that wait for a person, by process and instance.
func ListParked(ctx context.Context, pool *pgxpool.Pool) ([]Parked, error) {
	rows, err := pool.Query(ctx, `
		select i.process, i.instance, i.stuck as at, i.trouble, i.updated_at as since, (
			select count(*) from process_waiting w where w.process = i.process and w.instance = i.instance) as waiting
		from process_instances i where i.stuck is not null
		union all
		select o.process, o.instance, 'command', o.command || ': ' || o.trouble, o.created_at, (
			select count(*) from process_outbox b where b.process = o.process and b.instance = o.instance and b.id >= o.id)
		from process_outbox o where o.parked and not exists (
			select from process_instances i where i.process = o.process and i.instance = o.instance and i.stuck is not null)
		order by process, instance`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Parked])
}

// ErrNotParked says that an instance isn't there or flows.
var ErrNotParked = errors.New("this instance doesn't wait for anybody")

// Replay lets a parked instance try again, within Options.Poll on any node that runs the process. What it reacts to and what
// it sends come in their order.
func Replay(ctx context.Context, pool *pgxpool.Pool, process, instance string) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { return replay(ctx, tx, process, instance) })
}

func replay(ctx context.Context, tx pgx.Tx, process, instance string) error {
	stuck, err := tx.Exec(ctx, `update process_instances set replay = true
		where process = $1 and instance = $2 and stuck is not null`, process, instance)
	if err != nil || stuck.RowsAffected() > 0 {
		return err
	}
	parked, err := tx.Exec(ctx, unpark, process, instance)
	if err == nil && parked.RowsAffected() == 0 {
		err = fmt.Errorf("process %q, instance %q: %w", process, instance, ErrNotParked)
	}
	return err
}

const unpark = `update process_outbox set parked = false, attempts = 0, next_try = clock_timestamp()
	where process = $1 and instance = $2 and parked`

// Discard drops the event, timer or command that a parked instance waits at, and lets it go on with what is behind.
func Discard(ctx context.Context, pool *pgxpool.Pool, process, instance string) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		stuck := "command"
		err := tx.QueryRow(ctx, `select stuck from process_instances where process = $1 and instance = $2 and stuck is not null for update`,
			process, instance).Scan(&stuck)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		drop := map[string]string{
			"event": `delete from process_waiting where process = $1 and instance = $2 and position = (
				select min(position) from process_waiting where process = $1 and instance = $2)`,
			"timer": `delete from process_timers where process = $1 and instance = $2 and name = (
				select name from process_timers where process = $1 and instance = $2 order by due, name limit 1)`,
			"refusal": `delete from process_outbox where process = $1 and instance = $2 and parked`,
			"command": `delete from process_outbox where process = $1 and instance = $2 and parked`,
		}[stuck]
		dropped, err := tx.Exec(ctx, drop, process, instance)
		if err == nil && dropped.RowsAffected() == 0 {
			err = fmt.Errorf("process %q, instance %q: %w", process, instance, ErrNotParked)
		}
		if err != nil || stuck == "command" {
			return err
		}
		return replay(ctx, tx, process, instance)
	})
}

// resumeAll lets those instances go on for which somebody has asked.
func (m *Manager) resumeAll(ctx context.Context) error {
	rows, err := m.pool.Query(ctx, `select instance from process_instances where process = $1 and replay order by instance limit $2`,
		m.def.name, resumeAtOnce)
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	for _, name := range names {
		err = errors.Join(err, pgx.BeginFunc(ctx, m.pool, func(tx pgx.Tx) error { return m.resume(ctx, tx, name) }))
	}
	m.wakeSenders()
	return err
}

// resume gives an instance the events that have waited. At the next one that it can't react to it is stuck again.
func (m *Manager) resume(ctx context.Context, tx pgx.Tx, name string) error {
	t, err := m.begin(ctx, tx, []string{name}, waitForLock)
	if err != nil || t.instances[name] == nil || t.instances[name].stuck == "" {
		return err
	}
	in := t.instances[name]
	in.changed, in.stuck, in.trouble = true, "", ""
	rows, err := tx.Query(ctx, `select position from process_waiting where process = $1 and instance = $2 order by position`, m.def.name, name)
	if err != nil {
		return err
	}
	positions, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return err
	}
	for _, position := range positions {
		if err := m.again(ctx, t, in, position); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `delete from process_waiting where process = $1 and instance = $2`, m.def.name, name); err != nil {
		return err
	}
	if in.stuck == "" {
		if _, err := tx.Exec(ctx, unpark, m.def.name, name); err != nil {
			return err
		}
	}
	return t.save(ctx) // which puts back what still waits
}

// again gives an instance an event from the log. One that was erased, or leads elsewhere by now, is none.
func (m *Manager) again(ctx context.Context, t *turn, in *instance, position int64) error {
	for rec, err := range m.store.ReadAll(ctx, eventstore.ReadOptions{From: position, Limit: 1}) {
		if err != nil {
			return err
		}
		if rec.Position != position {
			return nil
		}
		event, err := m.store.Registry().Decode(rec)
		if err != nil {
			return err
		}
		routes, err := m.def.route(event)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(routes, func(r Route) bool { return r.Instance == in.name })
		if i >= 0 {
			t.happened(in.name, routes[i].Starts, &rec, event)
		}
	}
	return nil
}

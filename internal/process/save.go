package process

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// save writes all that a turn has changed, in one round trip.
func (t *turn) save(ctx context.Context) error {
	var b pgx.Batch
	t.saveInstances(&b)
	t.saveTimers(&b)
	t.saveOutbox(&b)
	if b.Len() > 0 {
		if err := t.tx.SendBatch(ctx, &b).Close(); err != nil {
			return err
		}
	}
	t.m.crash("before checkpoint")
	return nil
}

func (t *turn) saveInstances(b *pgx.Batch) {
	process := t.m.def.name
	var gone, names []string
	var states, stuck []*string
	var lives []*uuid.UUID
	var troubles []string
	for _, in := range t.instances {
		switch {
		case !in.changed:
		case in.state == nil && in.stuck == "":
			gone = append(gone, in.name)
		default:
			names, troubles = append(names, in.name), append(troubles, in.trouble)
			states, stuck = append(states, orNull(string(in.state))), append(stuck, orNull(in.stuck))
			lives = append(lives, in.life)
		}
	}
	if len(gone) > 0 {
		b.Queue(`delete from process_instances where process = $1 and instance = any($2)`, process, gone).Exec(t.crashPoint("state saved"))
	}
	if len(names) > 0 {
		b.Queue(`insert into process_instances (process, instance, state, life, stuck, trouble)
			select $1, instance, state::json, life, stuck, trouble
			from unnest($2::text[], $3::text[], $4::uuid[], $5::text[], $6::text[]) as n (instance, state, life, stuck, trouble)
			on conflict (process, instance) do update set state = excluded.state, life = excluded.life, stuck = excluded.stuck,
				trouble = excluded.trouble, replay = false, updated_at = now()`, process, names, states, lives, stuck, troubles).Exec(t.crashPoint("state saved"))
	}
	if len(t.waiting) > 0 {
		instances, positions := make([]string, len(t.waiting)), make([]int64, len(t.waiting))
		for i, w := range t.waiting {
			instances[i], positions[i] = w.instance, w.position
		}
		b.Queue(`insert into process_waiting (process, instance, position) select $1, * from unnest($2::text[], $3::bigint[])
			on conflict do nothing`, process, instances, positions)
	}
}

func (t *turn) saveTimers(b *pgx.Batch) {
	process := t.m.def.name
	var wiped, offInstances, offNames, instances, names []string
	var dues []time.Time
	var ids []uuid.UUID
	var correlations, causations []*uuid.UUID
	var traces []string
	for _, in := range t.instances {
		if in.wiped {
			wiped = append(wiped, in.name)
		}
		for name, set := range in.timers {
			if set == nil {
				offInstances, offNames = append(offInstances, in.name), append(offNames, name)
				continue
			}
			instances, names, dues, ids = append(instances, in.name), append(names, name), append(dues, set.Due), append(ids, set.ID)
			correlations, causations = append(correlations, set.CorrelationID), append(causations, set.CausationID)
			traces = append(traces, set.Traceparent)
		}
	}
	if len(wiped) > 0 {
		b.Queue(`delete from process_timers where process = $1 and instance = any($2)`, process, wiped)
	}
	if len(offNames) > 0 {
		b.Queue(`delete from process_timers t using unnest($2::text[], $3::text[]) as off (instance, name)
			where t.process = $1 and t.instance = off.instance and t.name = off.name`, process, offInstances, offNames)
	}
	if len(names) > 0 {
		b.Queue(`insert into process_timers (process, instance, name, due, id, correlation_id, causation_id, traceparent)
			select $1, * from unnest($2::text[], $3::text[], $4::timestamptz[], $5::uuid[], $6::uuid[], $7::uuid[], $8::text[])
			on conflict (process, instance, name) do update set due = excluded.due, id = excluded.id,
				correlation_id = excluded.correlation_id, causation_id = excluded.causation_id,
				traceparent = excluded.traceparent`, process, instances, names, dues, ids, correlations, causations, traces)
	}
}

// saveOutbox numbers the commands in the order in which they were decided.
func (t *turn) saveOutbox(b *pgx.Batch) {
	n := len(t.out)
	if n == 0 {
		return
	}
	t.m.decided.Store(true)
	instances, lives, positions, ids := make([]string, n), make([]uuid.UUID, n), make([]*int64, n), make([]uuid.UUID, n)
	correlations, causations := make([]*uuid.UUID, n), make([]*uuid.UUID, n)
	traces, names, data := make([]string, n), make([]string, n), make([]string, n)
	for i, o := range t.out {
		instances[i], lives[i], positions[i], ids[i] = o.Instance, o.Life, o.Position, o.CommandID
		correlations[i], causations[i] = o.CorrelationID, o.CausationID
		traces[i], names[i], data[i] = o.Traceparent, o.Command, string(o.Data)
	}
	b.Queue(`insert into process_outbox (process, instance, life, position, command_id, correlation_id, causation_id, traceparent, command, data)
		select $1, instance, life, position, command_id, correlation_id, causation_id, traceparent, command, data::json
		from unnest($2::text[], $3::uuid[], $4::bigint[], $5::uuid[], $6::uuid[], $7::uuid[], $8::text[], $9::text[], $10::text[])
			with ordinality as o (instance, life, position, command_id, correlation_id, causation_id, traceparent, command, data, i)
		order by i`, t.m.def.name, instances, lives, positions, ids, correlations, causations, traces, names, data).
		Exec(t.crashPoint("outbox saved"))
}

// crashPoint is where a test may end everything: the statements before it have been carried out, and aren't committed.
func (t *turn) crashPoint(at string) func(pgconn.CommandTag) error {
	return func(pgconn.CommandTag) error { t.m.crash(at); return nil }
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

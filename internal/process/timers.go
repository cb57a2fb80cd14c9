package process

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/panics"
)

// Timers fire for so many instances in one transaction, and wait so long for the process to have handled what is in the log.
const (
	fireAtOnce   = 100
	catchUpWait  = 10 * time.Second
	resumeAtOnce = 100
)

// tend fires timers and lets instances go on until ctx is done.
func (m *Manager) tend(ctx context.Context) {
	for {
		err := panics.Caught(func() error { return m.resumeAll(ctx) })
		if err == nil {
			err = panics.Caught(func() error { _, err := m.FireDue(ctx, m.opts.Now()); return err })
		}
		if err != nil && ctx.Err() == nil {
			m.opts.Log.Warn("timers of a process wait", "process", m.def.name, "error", err)
		}
		if !m.pause(ctx, nil) {
			return
		}
	}
}

// FireDue gives instances the timers that are due at now, each once on all nodes together, and says how many. Run does it
// by itself with Options.Now. Before a timer fires, the process has handled all that was in the log when it became due,
// also after a time when nobody was there: what happened in time to cancel it does so. So Run must be running somewhere.
func (m *Manager) FireDue(ctx context.Context, now time.Time) (fired int, err error) {
	for {
		names, err := m.withDue(ctx, now)
		if err != nil || len(names) == 0 {
			return fired, err
		}
		if err := m.catchUp(ctx); err != nil {
			return fired, err
		}
		n, err := m.fire(ctx, names, now)
		fired += n
		if err != nil || len(names) < fireAtOnce {
			return fired, err
		}
	}
}

// withDue names instances that have timers due, those that have waited longest first.
func (m *Manager) withDue(ctx context.Context, now time.Time) ([]string, error) {
	rows, err := m.pool.Query(ctx, `select t.instance from process_timers t
		join process_instances i on i.process = t.process and i.instance = t.instance and i.stuck is null
		where t.process = $1 and t.due <= $2 group by t.instance order by min(t.due) limit $3`, m.def.name, now, fireAtOnce)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func (m *Manager) catchUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, catchUpWait)
	defer cancel()
	head, err := m.store.Head(ctx)
	if err != nil {
		return err
	}
	return m.store.WaitFor(ctx, head, m.def.name)
}

// fire gives instances their due timers, in the order in which they were due. What another node has locked is its business.
func (m *Manager) fire(ctx context.Context, names []string, now time.Time) (fired int, err error) {
	err = pgx.BeginFunc(ctx, m.pool, func(tx pgx.Tx) error {
		t, err := m.begin(ctx, tx, names, skipLocked)
		if err != nil {
			return err
		}
		locked := make([]string, 0, len(t.instances))
		for name := range t.instances {
			locked = append(locked, name)
		}
		rows, err := tx.Query(ctx, `select instance, name, due, id, correlation_id, causation_id, traceparent from process_timers
			where process = $1 and instance = any($2) and due <= $3 order by due, instance, name`, m.def.name, locked, now)
		if err != nil {
			return err
		}
		timers, err := pgx.CollectRows(rows, pgx.RowToStructByName[timer])
		if err != nil {
			return err
		}
		for _, due := range timers {
			fired += t.due(due, now)
		}
		m.crash("handled")
		return t.save(ctx)
	})
	m.wakeSenders()
	return fired, err
}

// due gives an instance a timer, unless it has changed its mind in this turn, and says how many have fired.
func (t *turn) due(set timer, now time.Time) int {
	in := t.instances[set.Instance]
	if _, changed := in.timers[set.Name]; changed || in.wiped || in.stuck != "" {
		return 0
	}
	in.timers[set.Name] = nil
	why := cause{id: set.ID, correlationID: set.CorrelationID, causationID: set.CausationID, traceparent: set.Traceparent}
	if err := t.react(in, Due{set.Name, set.Due, now}, why); err != nil {
		delete(in.timers, set.Name)
		t.stick(in, "timer", fmt.Errorf("timer %q, due %s: %w", set.Name, set.Due.Format(time.RFC3339), err))
		return 0
	}
	return 1
}

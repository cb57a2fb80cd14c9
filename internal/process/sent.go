package process

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Sent gives a function that waits until what processes have decided because of events up to a position is sent, on
// whatever node; or until ctx ends, with its error. What is parked isn't waited for, nor what timers lead to. Call it when
// the processes' subscriptions have reached the position.
func Sent(pool *pgxpool.Pool) func(ctx context.Context, position int64) error {
	return func(ctx context.Context, position int64) error {
		return waitUntilNone(ctx, pool, `o.position <= $1`, position)
	}
}

// Sent waits until all that this process has decided is sent, also because of timers, but for what is parked.
func (m *Manager) Sent(ctx context.Context) error {
	return waitUntilNone(ctx, m.pool, `o.process = $1`, m.def.name)
}

// waitUntilNone asks at growing intervals of 1 to 50 ms for commands that are on their way.
func waitUntilNone(ctx context.Context, pool *pgxpool.Pool, condition string, arg any) error {
	for pause := time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		var waiting bool
		err := pool.QueryRow(ctx, `select exists (
			select from process_outbox o where `+condition+` and not exists (
				select from process_outbox p where p.process = o.process and p.instance = o.instance and p.id <= o.id and p.parked))`,
			arg).Scan(&waiting)
		if err != nil || !waiting {
			return err
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
	}
}

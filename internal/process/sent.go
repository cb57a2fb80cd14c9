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
		for pause := time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
			var waiting bool
			err := pool.QueryRow(ctx, `select exists (
				select from process_outbox o where o.position <= $1 and not exists (
					select from process_outbox p where p.process = o.process and p.instance = o.instance and p.id <= o.id and p.parked))`,
				position).Scan(&waiting)
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
}

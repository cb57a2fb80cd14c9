package eventstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

// channel is where nodes tell each other the new head. That is a hint and nothing more: it may be lost, and poll finds
// everything without it.
const channel = "events"

// notifyPause is the least time between two hints of a node, so that a busy one doesn't wake the others a thousand times
// a second.
const notifyPause = 10 * time.Millisecond

// notify tells the other nodes what the writer has committed, beside it and not in its transactions: NOTIFY takes a lock
// across the whole server at commit.
func (s *Store) notify(written <-chan struct{}) {
	for {
		select {
		case <-s.committed:
			s.sendHint()
		case <-written:
			select {
			case <-s.committed:
				s.sendHint()
			default:
			}
			return
		}
		select {
		case <-time.After(notifyPause):
		case <-written:
		}
	}
}

func (s *Store) sendHint() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if _, err := s.pool.Exec(ctx, `select pg_notify($1, $2)`, channel, strconv.FormatInt(s.tail.position(), 10)); err != nil {
		s.opts.Logger.Debug("no hint sent to the other nodes", "error", err)
	}
}

// listen takes hints until ctx is done.
func (s *Store) listen(ctx context.Context) {
	for pause := 100 * time.Millisecond; ctx.Err() == nil; pause = min(2*pause, 5*time.Second) {
		err := s.listenOnce(ctx, func() { pause = 50 * time.Millisecond })
		if ctx.Err() == nil {
			s.opts.Logger.Warn("hints of other nodes are not heard for a moment", "error", err)
		}
		sleep(ctx, pause)
	}
}

func (s *Store) listenOnce(ctx context.Context, listening func()) error {
	pooled, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	conn := pooled.Hijack()
	defer func() {
		closing, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = conn.Close(closing)
	}()
	if _, err := conn.Exec(ctx, "listen "+channel); err != nil {
		return err
	}
	listening()
	for known := int64(-1); ; { // first what came while nobody listened
		if known < 0 || known > s.tail.position() { // a hint that says less is old, or this node's own
			head, err := s.Head(ctx) // not what the hint says: anybody may send one
			if err != nil {
				return err
			}
			s.tail.advance(head)
		}
		hint, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		if known, err = strconv.ParseInt(hint.Payload, 10, 64); err != nil {
			known = 0
		}
	}
}

// poll looks into the database at intervals until ctx is done. It fails when the log is shorter than it was.
func (s *Store) poll(ctx context.Context) error {
	ticker := time.NewTicker(s.opts.Poll)
	defer ticker.Stop()
	for away := false; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		err := s.look(ctx)
		var back *AheadError
		switch {
		case errors.As(err, &back):
			return err
		case err == nil && away:
			s.progress.wakeAll() // those who pause because the database was away needn't any longer
		case err != nil && ctx.Err() == nil:
			s.opts.Logger.Debug("the log can't be polled", "error", err)
		}
		away = err != nil
	}
}

// look asks for the head, and what others have done to the subscriptions that run here. A head that has gone back means
// that the database was put back to an earlier state under the running program. Then other events will get the positions
// that are handled here already, so all that this node knows is worthless: it has to start anew.
func (s *Store) look(ctx context.Context) error {
	seen := s.tail.position()
	log, head, err := s.state(ctx)
	if err != nil {
		return err
	}
	if head < seen {
		return fmt.Errorf("the log has become shorter: %w", &AheadError{Position: seen, Head: head})
	}
	s.tail.renew(log.generation, head)
	return s.lookAtCheckpoints(ctx)
}

func (s *Store) lookAtCheckpoints(ctx context.Context) error {
	stored := s.progress.stored()
	if len(stored) == 0 {
		return nil
	}
	rows, err := s.pool.Query(ctx, `select name, position, exists (
			select from parked_events p where p.subscription = s.name and (p.replay or p.discard))
		from subscriptions s where name = any($1)`, slices.Collect(maps.Keys(stored)))
	if err != nil {
		return err
	}
	var name string
	var position int64
	var wishes bool
	_, err = pgx.ForEachRow(rows, []any{&name, &position, &wishes}, func() error {
		s.progress.observe(name, position, stored[name], wishes)
		return nil
	})
	return err
}

// sleep waits, or returns early when ctx is done.
func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

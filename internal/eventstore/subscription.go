package eventstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// States of a subscription, as Checkpoint.State gives them.
const (
	StateRunning  = "running"  // or waiting for events; also what it was when its last node ended
	StateRetrying = "retrying" // an event fails, and is tried again
	StateStopped  = "stopped"  // gave up at an event; goes on there when it is resumed or started again
)

// lazyEvents is how far a checkpoint may stay behind events that the filter doesn't pick. Most events concern few
// subscriptions, so moving every checkpoint for each of them would cost more than the events themselves. What a crash
// leaves is at most so many events to look at again, none of which the filter picks.
const lazyEvents = 1000

// ErrNoSubscription: nobody has ever started a subscription with this name.
var ErrNoSubscription = errors.New("there is no such subscription")

// AheadError says that somebody has handled, or wants to read or wait for, events that the log hasn't got: the database is
// another one, or was restored from an older backup. Waiting would skip what will once be stored at those positions.
type AheadError struct {
	Name     string // of the subscription; empty where it is a reader's own position
	Position int64  // that it has
	Head     int64  // where the log ends
}

func (e *AheadError) Error() string {
	who := "a reader"
	if e.Name != "" {
		who = fmt.Sprintf("subscription %q", e.Name)
	}
	return fmt.Sprintf("%s has handled events up to %d, but the log ends at %d: is this the right database?", who, e.Position, e.Head)
}

// Checkpoint says how far a subscription is.
type Checkpoint struct {
	Name       string
	Kind       string  // projection or handler
	Position   int64   // everything up to here is handled
	Head       int64   // of the log, at the same moment
	LagSeconds float64 // age of the oldest event that waits for it; 0 when none does
	State      string
	Error      string // why it is retrying or stopped
	Parked     int64  // events that a handler gave up on, or that wait behind one
}

// Lag is how many events of the log it has still to look at, whether its filter picks them or not.
func (c Checkpoint) Lag() int64 { return max(c.Head-c.Position, 0) }

// Checkpoints lists all subscriptions that ever ran, by name. One whose filter picks nothing of what is left counts as at
// the head, whatever its row says. That is looked for among the next 10,000 events at most; beyond, the age of the event
// after those is given.
func (s *Store) Checkpoints(ctx context.Context) ([]Checkpoint, error) {
	rows, err := s.pool.Query(ctx, `
		select s.name, s.kind, h.position as head,
			case when next.position is null and s.position + $1 >= h.position then greatest(h.position, s.position) else s.position end as position,
			coalesce(greatest(extract(epoch from now() - coalesce(next.recorded_at, far.recorded_at)), 0), 0)::float8 as lag_seconds,
			s.state, s.error, (select count(*) from parked_events p where p.subscription = s.name) as parked
		from subscriptions s
		cross join events_head h
		left join lateral (
			select e.position, e.recorded_at from events e where e.position > s.position and e.position <= s.position + $1 and `+matches+`
			order by e.position limit 1) next on true
		left join lateral (
			select e.recorded_at from events e where next.position is null and e.position > s.position + $1
			order by e.position limit 1) far on true
		order by s.name`, int64(maxScan))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Checkpoint])
}

// Rewind sets a subscription's checkpoint, in one transaction with what clear does to its tables; from there everything
// is handled again. Nodes that run it notice at their next poll, this one at once. clear may be nil.
func (s *Store) Rewind(ctx context.Context, name string, position int64, clear func(pgx.Tx) error) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		head, err := headOf(ctx, tx)
		if err == nil && position > head {
			err = &AheadError{Name: name, Position: position, Head: head}
		}
		if err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `update subscriptions set position = $2, ahead = '{}', epoch = epoch + 1, lease_until = null, state = 'running',
			error = '', updated_at = now() where name = $1`, name, position)
		if err == nil && tag.RowsAffected() == 0 {
			err = fmt.Errorf("%w: %q", ErrNoSubscription, name)
		}
		if err == nil && clear != nil {
			err = clear(tx)
		}
		return err
	})
	if err == nil {
		s.progress.move(name)
	}
	return err
}

// Resume lets a subscription go on that has stopped at an event, and says whether it had: on whichever node it runs, that
// event is tried again within a second.
func (s *Store) Resume(ctx context.Context, name string) (stopped bool, err error) {
	err = s.pool.QueryRow(ctx, `
		with was as (select name, state = 'stopped' as stopped from subscriptions where name = $1 for update),
		resumed as (update subscriptions s set state = 'running', error = '', updated_at = now() from was where was.stopped and s.name = was.name)
		select stopped from was`, name).Scan(&stopped)
	if errors.Is(err, pgx.ErrNoRows) {
		err = fmt.Errorf("%w: %q", ErrNoSubscription, name)
	}
	return stopped, err
}

// enlist makes sure that a subscription has its row, and reads where it stands. start counts the first time only; one that
// had stopped goes on. While the database can't be reached it tries again.
func (s *Store) enlist(ctx context.Context, name, kind string, f Filter, start int64) (position int64, err error) {
	if err := f.check(); err != nil {
		return 0, &ReadError{From: start, Err: err}
	}
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
			position, err = s.enlistTx(ctx, tx, name, kind, f, start)
			return err
		})
		var ahead *AheadError
		code, refused := refusedBy(err)
		if err == nil || ctx.Err() != nil || errors.As(err, &ahead) || refused && !mayPass(code) {
			return position, err
		}
		s.opts.Logger.Warn("a subscription can't start yet", "subscription", name, "error", err)
		sleep(ctx, pause)
	}
}

func (s *Store) enlistTx(ctx context.Context, tx pgx.Tx, name, kind string, f Filter, start int64) (position int64, err error) {
	err = tx.QueryRow(ctx, `
		insert into subscriptions as s (name, kind, position, types, categories, streams)
		select $1, $2, case when $3::bigint < 0 then h.position else $3 end, $4, $5, $6 from events_head h
		on conflict (name) do update set kind = excluded.kind, types = excluded.types, categories = excluded.categories,
			streams = excluded.streams, error = case when s.state = 'stopped' then '' else s.error end,
			state = case when s.state = 'stopped' then 'running' else s.state end
		returning position`,
		name, kind, start, orNull(f.Types), orNull(f.Categories), orNull(f.Streams)).Scan(&position)
	if err != nil {
		return 0, err
	}
	// A statement of its own: the one above sees the newest checkpoint, but the head as it was when it began.
	head, err := headOf(ctx, tx)
	if err == nil && position > head {
		err = &AheadError{Name: name, Position: position, Head: head}
	}
	return position, err
}

// orNull stores an empty list as null: no restriction.
func orNull(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	return list
}

// where reads a checkpoint.
func (s *Store) where(ctx context.Context, name string) (position int64, err error) {
	err = s.pool.QueryRow(ctx, `select position from subscriptions where name = $1`, name).Scan(&position)
	return position, err
}

// note records that a subscription has trouble, unless another node is working on it.
func (s *Store) note(ctx context.Context, name, state string, trouble error) {
	s.opts.Logger.Error("a subscription has trouble", "subscription", name, "state", state, "error", trouble)
	_, err := s.pool.Exec(ctx, `
		with free as (select name from subscriptions where name = $1 for update skip locked)
		update subscriptions s set state = $2, error = $3, updated_at = now() from free where s.name = free.name`,
		name, state, trouble.Error())
	if err != nil && ctx.Err() == nil {
		s.opts.Logger.Warn("a subscription's trouble can't be noted", "subscription", name, "error", err)
	}
}

// named adds to an error which event it is about.
func named(e Recorded, err error) error {
	return fmt.Errorf("event %d (%s, stream %s): %w", e.Position, e.Type, e.Stream, err)
}

// shutdownTime is what a subscription that ends may take to write down where it is.
const shutdownTime = 2 * time.Second

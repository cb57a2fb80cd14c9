package eventstore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// ParkedEvent is an event that a handler subscription has set aside.
type ParkedEvent struct {
	Position int64
	Key      string
	Attempts int // 0: not tried, since an earlier event with its key is parked
	Error    string
	ParkedAt time.Time
	Replay   bool // another try is asked for
	Discard  bool // it is to be forgotten
}

// maxParked is how many events Parked lists. Checkpoints tells how many there are.
const maxParked = 10_000

// Parked lists the events that a subscription has set aside, oldest first, 10,000 at most.
func (s *Store) Parked(ctx context.Context, name string) ([]ParkedEvent, error) {
	return s.parkedAfter(ctx, name, 0)
}

func (s *Store) parkedAfter(ctx context.Context, name string, position int64) ([]ParkedEvent, error) {
	rows, err := s.pool.Query(ctx, `select position, key, attempts, error, parked_at, replay, discard from parked_events
		where subscription = $1 and position > $2 order by position limit $3`, name, position, maxParked)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[ParkedEvent])
}

// Replay asks for another try of the parked events with a key, or of all when key is empty, and says how many that are.
// The node that holds the lease handles them in their order, within Options.Poll if it isn't this one.
func (s *Store) Replay(ctx context.Context, name, key string) (int64, error) {
	tag, err := s.pool.Exec(ctx, `update parked_events set replay = true where subscription = $1 and ($2 = '' or key = $2)`, name, key)
	if err == nil && tag.RowsAffected() > 0 {
		s.progress.observe(name, 0, 0, true)
	}
	return tag.RowsAffected(), err
}

// Discard forgets parked events, as somebody has decided who knows what they were about, and says how many that are. The
// node that holds the lease takes them away, within Options.Poll if it isn't this one, and handles what waited behind them.
func (s *Store) Discard(ctx context.Context, name string, positions ...int64) (int64, error) {
	tag, err := s.pool.Exec(ctx, `update parked_events set discard = true where subscription = $1 and position = any($2)`, name, positions)
	if err == nil && tag.RowsAffected() > 0 {
		s.progress.observe(name, 0, 0, true)
	}
	return tag.RowsAffected(), err
}

// loadParked reads which keys are parked; those that somebody has wishes about are taken up first.
func (hd *handler) loadParked(ctx context.Context) error {
	rows, err := hd.store.pool.Query(ctx, `select key, bool_or(replay or discard) from parked_events where subscription = $1 group by key`, hd.h.Name)
	if err != nil {
		return err
	}
	hd.parked = map[string]bool{}
	var key string
	var wishes bool
	_, err = pgx.ForEachRow(rows, []any{&key, &wishes}, func() error {
		hd.parked[key] = true
		hd.store.progress.observe(hd.h.Name, 0, 0, wishes)
		return nil
	})
	return err
}

func (hd *handler) isParked(key string) bool {
	hd.mu.Lock()
	defer hd.mu.Unlock()
	return hd.parked[key]
}

// park sets an event aside, if the lease is still this holder's.
func (hd *handler) park(ctx context.Context, e Recorded, key string, attempts int, why error) error {
	if attempts > 0 {
		hd.store.opts.Logger.Error("an event is parked", "subscription", hd.h.Name, "key", key, "error", why)
	}
	tag, err := hd.store.pool.Exec(ctx, `
		insert into parked_events (subscription, position, key, attempts, error)
		select name, $3, $4, $5, $6 from subscriptions where name = $1 and epoch = $2
		on conflict (subscription, position) do update set attempts = excluded.attempts, error = excluded.error, replay = false`,
		hd.h.Name, hd.epoch, e.Position, key, attempts, why.Error())
	if err == nil && tag.RowsAffected() == 0 {
		return errLeaseLost
	}
	if err == nil {
		hd.mu.Lock()
		defer hd.mu.Unlock()
		hd.parked[key] = true
	}
	return err
}

// answerPoke does what was asked for. A checkpoint that was moved has ended the lease with it.
func (hd *handler) answerPoke(ctx context.Context) error {
	moved, wishes := hd.store.progress.takePoke(hd.runner)
	if moved > 0 {
		return errLeaseLost
	}
	if !wishes {
		return nil
	}
	if hd.flight.underWay() {
		return errAnew // with nothing under way, so that none of it overtakes what was parked before
	}
	flowing, left := map[string]bool{}, map[string]bool{} // keys: handled from here on, and parked still
	for last := int64(0); ; {
		parked, err := hd.store.parkedAfter(ctx, hd.h.Name, last)
		if err != nil {
			return err
		}
		for _, p := range parked {
			if err := hd.answer(ctx, p, flowing, left); err != nil {
				return err
			}
			last = p.Position
		}
		if len(parked) < maxParked {
			break
		}
	}
	hd.parked = left
	return hd.endReplay(ctx, slices.Collect(maps.Keys(left)))
}

// answer does what was asked for with one parked event, given what became of those before it.
func (hd *handler) answer(ctx context.Context, p ParkedEvent, flowing, left map[string]bool) error {
	switch {
	case p.Discard:
		flowing[p.Key] = !left[p.Key] // behind the first of its key, others still wait for that
		hd.store.opts.Logger.Warn("a parked event is discarded", "subscription", hd.h.Name, "position", p.Position, "key", p.Key, "was", p.Error)
		return hd.unpark(ctx, p)
	case !flowing[p.Key] && (!p.Replay || left[p.Key]):
		left[p.Key] = true
		return nil
	}
	flowing[p.Key] = true // and with it what was parked behind it since
	done, err := hd.replay(ctx, p)
	if err == nil && !done {
		flowing[p.Key], left[p.Key] = false, true
	}
	return err
}

// replay tries a parked event again, and says whether it is handled now.
func (hd *handler) replay(ctx context.Context, p ParkedEvent) (bool, error) {
	events, err := hd.store.collect(ctx, selectRecorded+` where position = $1`, []any{p.Position})
	if err != nil {
		return false, err
	}
	for _, e := range events { // none when the event was erased meanwhile
		if err := hd.try(ctx, e); err != nil {
			if ctx.Err() != nil {
				return false, ctx.Err()
			}
			return false, hd.park(ctx, e, p.Key, p.Attempts+hd.h.Retry.Attempts, err)
		}
	}
	err = hd.unpark(ctx, p)
	return err == nil, err
}

func (hd *handler) unpark(ctx context.Context, p ParkedEvent) error {
	tag, err := hd.store.pool.Exec(ctx, `
		delete from parked_events p using subscriptions s
		where s.name = $1 and s.epoch = $2 and p.subscription = s.name and p.position = $3`, hd.h.Name, hd.epoch, p.Position)
	if err == nil && tag.RowsAffected() == 0 {
		err = fmt.Errorf("parked event %d: %w", p.Position, errLeaseLost)
	}
	return err
}

// endReplay takes back wishes for events whose key has failed again, so that they don't poke at each poll.
func (hd *handler) endReplay(ctx context.Context, left []string) error {
	_, err := hd.store.pool.Exec(ctx, `
		update parked_events p set replay = false from subscriptions s
		where s.name = $1 and s.epoch = $2 and p.subscription = s.name and p.replay and p.key = any($3)`, hd.h.Name, hd.epoch, left)
	if err != nil {
		return err
	}
	position, _ := hd.flight.finished()
	return hd.save(ctx, position)
}

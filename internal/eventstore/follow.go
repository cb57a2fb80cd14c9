package eventstore

import (
	"context"
	"strconv"
	"time"
)

// Now, as the position to start from, means: only what is appended from now on.
const Now int64 = -1

// Follow gives fn the events after a position that the filter picks, in order and in batches, first from the database
// and then as they are appended on any node. Nothing is remembered: a Follow that is called again starts where it is told
// to. It returns what fn returned, or nil when ctx ends.
func (s *Store) Follow(ctx context.Context, from int64, f Filter, fn func(context.Context, []Recorded) error) error {
	if from < 0 {
		head, err := s.Head(ctx)
		if err != nil {
			return err
		}
		s.tail.advance(head)
		from = head
	}
	for {
		b, ok := s.fetch(ctx, from, f, pageSize, nil)
		if !ok {
			return nil
		}
		if len(b.events) > 0 {
			if err := fn(ctx, b.events); err != nil {
				return err
			}
		}
		from = b.upTo
	}
}

// batch is a stretch of the log: all events that a filter picks between where it was asked from and upTo.
type batch struct {
	events []Recorded
	upTo   int64
	others bool // committed by another node, or long ago
}

// fetch gives the next stretch after a position, with at most limit events. It waits until there is one; poke ends the
// waiting with an empty one. While the database can't be read it tries again. It is false when ctx has ended.
func (s *Store) fetch(ctx context.Context, after int64, f Filter, limit int, poke <-chan struct{}) (b batch, ok bool) {
	for pause := 50 * time.Millisecond; ctx.Err() == nil; {
		v := s.tail.after(after, limit)
		var err error
		switch v.standing {
		case inMemory:
			return batch{f.pick(v.events), v.upTo, b.others}, true
		case onDisk:
			if b, err = s.page(ctx, after, v.upTo, f, limit); err == nil {
				return b, true
			}
		case foreign:
			b.others = true
			err = s.fill(ctx)
		case atEnd:
			select {
			case <-v.changed:
			case <-poke:
				return batch{upTo: after}, true
			case <-ctx.Done():
			}
		}
		if err != nil && ctx.Err() == nil {
			s.opts.Logger.Warn("the log can't be read", "after", after, "error", err)
			sleep(ctx, pause)
			pause = min(2*pause, 5*time.Second)
		}
	}
	return b, false
}

// page reads a stretch from the database. Since positions have no gaps, a filter that picks little still gets somewhere:
// the stretch ends at maxScan events, and where nothing was picked, everything up to there is done.
func (s *Store) page(ctx context.Context, after, to int64, f Filter, limit int) (batch, error) {
	b := batch{upTo: min(to, after+maxScan), others: true}
	var c conditions
	c.add("position > %s", after)
	c.add("position <= %s", b.upTo)
	c.filter(f)
	var err error
	c.args = append(c.args, limit)
	b.events, err = s.collect(ctx, selectRecorded+c.where()+" order by position limit $"+strconv.Itoa(len(c.args)), c.args)
	if len(b.events) == limit {
		b.upTo = b.events[limit-1].Position
	}
	return b, err
}

// fill reads into memory what other nodes have committed, once for all subscribers of this node.
func (s *Store) fill(ctx context.Context) error {
	select {
	case s.tail.filling <- struct{}{}:
		defer func() { <-s.tail.filling }()
	case <-ctx.Done():
		return ctx.Err()
	}
	from, to := s.tail.missing()
	if from == to {
		return nil
	}
	events, err := s.collect(ctx, selectRecorded+` where position > $1 and position <= $2 order by position`, []any{from, to})
	if err == nil {
		s.tail.fill(events, from, to)
	}
	return err
}

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
// to, which must not be beyond the log's end (*AheadError). It returns what fn returned, or nil when ctx ends.
func (s *Store) Follow(ctx context.Context, from int64, f Filter, fn func(context.Context, []Recorded) error) error {
	if err := f.check(); err != nil {
		return &ReadError{From: from, Err: err}
	}
	if from < 0 || from > s.tail.position() {
		head, err := s.Head(ctx)
		if err == nil && from > head {
			err = &AheadError{Position: from, Head: head}
		}
		if err != nil {
			return ended(ctx, err)
		}
		s.tail.advance(head)
		if from < 0 {
			from = head
		}
	}
	r := reader{store: s, filter: f}
	defer r.close()
	for {
		b, ok := r.next(ctx, from, pageSize, nil)
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

// cut divides a batch after its first limit events.
func (b batch) cut(limit int) (first, rest batch) {
	if len(b.events) <= limit {
		return b, batch{}
	}
	first, rest = b, b
	first.events, rest.events = b.events[:limit:limit], b.events[limit:]
	first.upTo = lastOf(first.events)
	return first, rest
}

// reader gives one subscription the log, batch by batch. While it catches up from the database, the next page is read as
// the subscription is at work on this one. So it holds two pages at most.
type reader struct {
	store  *Store
	filter Filter
	rest   batch // of the last page, which begins at the position restAt
	restAt int64
	ahead  *page // under way
}

// page is what the database is asked for, and its answer once done is closed.
type page struct {
	after, to int64
	done      chan struct{}
	b         batch
	err       error
}

// close waits until nothing is read any more. The context of the last next should have ended, if that is to be soon.
func (r *reader) close() {
	if r.ahead != nil {
		<-r.ahead.done
	}
}

// next gives the next stretch after a position, with at most limit events. It waits until there is one; poke ends the
// waiting with an empty one. While the database can't be read it tries again. It is false when ctx has ended.
func (r *reader) next(ctx context.Context, after int64, limit int, poke <-chan struct{}) (b batch, ok bool) {
	if len(r.rest.events) > 0 && r.restAt == after {
		b, r.rest = r.rest.cut(limit)
		r.restAt = b.upTo
		return b, true
	}
	r.rest = batch{}
	for pause := 50 * time.Millisecond; ctx.Err() == nil; {
		v := r.store.tail.after(after, limit)
		var err error
		switch v.standing {
		case inMemory:
			return batch{r.filter.pick(v.events), v.upTo, b.others}, true
		case onDisk:
			if b, err = r.page(ctx, after, v.upTo); err == nil {
				b, r.rest = b.cut(limit)
				r.restAt = b.upTo
				return b, true
			}
		case foreign:
			b.others = true
			err = r.store.fill(ctx)
		case atEnd:
			select {
			case <-v.changed:
			case <-poke:
				return batch{upTo: after}, true
			case <-ctx.Done():
			}
		}
		if err != nil && ctx.Err() == nil {
			r.store.opts.Logger.Warn("the log can't be read", "after", after, "error", err)
			sleep(ctx, pause)
			pause = min(2*pause, time.Second)
		}
	}
	return b, false
}

// page gives the page after a position, which may have been read meanwhile, and begins to read the one after that.
func (r *reader) page(ctx context.Context, after, to int64) (batch, error) {
	p := r.ahead
	r.ahead = nil
	if p != nil {
		<-p.done
	}
	if p == nil || p.after != after || p.err != nil { // the first, or the subscription was moved
		p = &page{after: after, to: to}
		p.b, p.err = r.store.stretch(ctx, after, to, r.filter, pageSize)
	}
	if p.err == nil && p.b.upTo < to {
		ahead := &page{after: p.b.upTo, to: to, done: make(chan struct{})}
		r.ahead = ahead
		go func() {
			defer close(ahead.done)
			ahead.b, ahead.err = r.store.stretch(ctx, ahead.after, ahead.to, r.filter, pageSize)
		}()
	}
	return p.b, p.err
}

// pageBytes is where a page ends although it has few events, since they are large.
const pageBytes = 8 << 20

// stretch reads a stretch from the database. Since positions have no gaps but those of erased events, a filter that picks
// little still gets somewhere: it ends at maxScan events, and where nothing was picked, everything up to there is done.
func (s *Store) stretch(ctx context.Context, after, to int64, f Filter, limit int) (batch, error) {
	b := batch{upTo: min(to, after+maxScan), others: true}
	var c conditions
	c.add("position > %s", after)
	c.add("position <= %s", b.upTo)
	c.filter(f)
	c.args = append(c.args, limit)
	rows, err := s.pool.Query(ctx, selectRecorded+c.where()+" order by position limit $"+strconv.Itoa(len(c.args)), c.args...)
	if err != nil {
		return b, err
	}
	defer rows.Close()
	b.events = make([]Recorded, 0, min(int64(limit), b.upTo-after))
	for size := 0; size < pageBytes && rows.Next(); {
		e, err := scanRecorded(rows)
		if err != nil {
			return b, err
		}
		size += len(e.Data) + len(e.Metadata)
		if b.events = append(b.events, e); len(b.events) == limit || size >= pageBytes {
			b.upTo = e.Position
		}
	}
	rows.Close()
	return b, rows.Err()
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
	b, err := s.stretch(ctx, from, to, Filter{}, s.tail.keep)
	if err == nil {
		s.tail.fill(b.events, from, b.upTo)
	}
	return err
}

package eventstore

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Append puts events on one or several streams, all or nothing, and returns once they are safe on disk.
//
// It returns a *ConflictError when a stream is not at the version that a Write expects, ErrStreamDeleted when it was
// deleted, ErrInvalidEvent (an *EventError, which names stream and event) when the log can't take an event, and
// ErrDuplicateEvent when an id is used already for something else; nothing of the call is stored then. Appending the same events with the same ids again answers with the first result and Duplicate.
// When ctx ends before the writer has taken the request, nothing is stored; after that Append waits for the outcome.
// A Write without events only checks its expectation. Data must not be changed afterwards: subscribers read it.
func (s *Store) Append(ctx context.Context, writes ...Write) (result Result, err error) {
	if s.opts.Observer.Append != nil {
		end := s.opts.Observer.append(ctx, writes)
		defer func() { end(result, err) }()
	}
	r, err := s.prepare(ctx, writes)
	if err != nil {
		return Result{}, err
	}
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	if err := s.queue.put(r); err != nil {
		return Result{}, err
	}
	s.writer.lead()
	select {
	case <-r.done:
	case <-ctx.Done():
		if r.claim() {
			return Result{}, ctx.Err()
		}
		<-r.done
	}
	return r.result, r.err
}

// AppendTx appends inside the caller's transaction; the events exist when and if that commits. From here to the commit
// every other append on every node waits, so make it the transaction's last statement. (An Append before the commit would
// wait for itself.)
func (s *Store) AppendTx(ctx context.Context, tx pgx.Tx, writes ...Write) (Result, error) {
	r, err := s.prepare(ctx, writes)
	if err != nil {
		return Result{}, err
	}
	batch := []*request{r}
	log, err := lockHead(ctx, tx, false, streamsOf(batch, nil, false))
	if err == nil && r.ownIDs {
		err = settleKnown(ctx, tx, batch)
	}
	if err != nil {
		return Result{}, fmt.Errorf("append: %w", err)
	}
	p := plan(batch, log.version)
	if len(p.events) > 0 {
		sql, oids := insertEvents, insertOIDs
		if len(p.events) == 1 {
			sql, oids = insertEvent, insertOneOIDs
		}
		head, err := headBefore(tx.Conn().PgConn().ExecParams(ctx, sql, new(wire).encode(p.events, log.generation), oids, binaryFormats, binaryFormats))
		if err != nil {
			return Result{}, fmt.Errorf("append: %w", err)
		}
		p.place(head)
		if _, err := tx.Exec(ctx, `select pg_notify($1, $2::bigint::text)`, channel, r.result.Last); err != nil {
			return Result{}, fmt.Errorf("append: %w", err)
		}
	}
	return r.result, r.err
}

// prepare checks a call and fills in what the caller left to the store. It runs in the caller's goroutine, so that the
// one writer has little left to do.
func (s *Store) prepare(ctx context.Context, writes []Write) (*request, error) {
	if err := checkSize(writes); err != nil {
		return nil, err
	}
	r := newRequest(ctx)
	var now time.Time
	for _, w := range writes {
		if err := w.check(); err != nil {
			return nil, err
		}
		r.parts = append(r.parts, part{w.Stream, w.Expect, len(w.Events)})
		for _, e := range w.Events {
			if err := checkEvent(e, s.opts.MaxEventBytes); err != nil {
				return nil, r.about(len(r.events), e.Type, fmt.Errorf("%w: %w", ErrInvalidEvent, err))
			}
			if e.Time.IsZero() {
				if now.IsZero() {
					now = s.opts.Now()
				}
				e.Time = now
			}
			if err := r.add(w.Stream, e); err != nil {
				return nil, err
			}
		}
	}
	return r, r.checkIDs()
}

// add takes an event over as it will be read back: PostgreSQL keeps microseconds, and the store gives times in UTC.
func (r *request) add(stream string, e NewEvent) error {
	if e.ID == uuid.Nil {
		id, err := uuid.NewV7()
		if err != nil {
			return err
		}
		e.ID = id
	} else {
		r.ownIDs = true
	}
	r.size += len(e.Data) + len(e.Metadata)
	r.events = append(r.events, Recorded{ID: e.ID, Stream: stream, Type: e.Type, SchemaVersion: max(e.SchemaVersion, 1),
		Data: e.Data, Metadata: e.Metadata, CorrelationID: e.CorrelationID, CausationID: e.CausationID, Actor: e.Actor,
		Time: e.Time.UTC().Truncate(time.Microsecond)})
	return nil
}

// checkIDs refuses an id that occurs twice in one call.
func (r *request) checkIDs() error {
	if !r.ownIDs || len(r.events) < 2 {
		return nil
	}
	seen := make(map[uuid.UUID]bool, len(r.events))
	for i, e := range r.events {
		if seen[e.ID] {
			return r.about(i, e.Type, fmt.Errorf("%w: %s occurs twice in one append", ErrDuplicateEvent, e.ID))
		}
		seen[e.ID] = true
	}
	return nil
}

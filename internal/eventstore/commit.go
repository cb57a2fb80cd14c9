package eventstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// bet stores a batch on the assumption that the head is where the writer left it: one statement, one round trip. When it
// isn't, nothing is stored and what the writer believed is worth nothing (errLost).
func (w *writer) bet(batch []*request) (planned, error) {
	if err := w.loadVersions(streamsOf(batch, w.versions.Contains)); err != nil {
		return planned{}, err
	}
	p := plan(batch, w.head, w.versions.Get)
	stored, head := w.head, w.head
	var err error
	if len(p.events) > 0 {
		var tag pgconn.CommandTag
		tag, err = w.conn.PgConn().ExecPrepared(background, statement(p.events), w.wire.encode(w.head, p.events), binaryFormats, nil).Close()
		if tag.RowsAffected() == 0 {
			head = unknownHead
		}
	} else { // conflicts only, and they must not rest on old versions
		head, err = headOf(background, w.conn)
	}
	if err == nil && head != stored {
		w.lockFirst = lockFirstBatches
		return p, errLost
	}
	return p, err
}

// loadVersions reads the versions of streams that the writer doesn't know. If somebody writes to them meanwhile, the bet
// on the head is lost.
func (w *writer) loadVersions(streams []string) error {
	if len(streams) == 0 {
		return nil
	}
	rows, err := w.conn.Query(background, selectVersions, streams)
	if err != nil {
		return err
	}
	stored, err := collectVersions(rows)
	for stream, version := range stored {
		w.versions.Add(stream, version)
	}
	return err
}

// locked stores a batch with the head locked from before the versions are read: two round trips, and never in vain.
func (w *writer) locked(batch []*request, lookup bool) (p planned, err error) {
	defer func() {
		if err != nil && !w.conn.IsClosed() {
			_, _ = w.conn.Exec(background, `rollback`)
		}
	}()
	head, stored, err := lockHead(background, w.conn, true, streamsOf(batch, nil))
	if err != nil {
		return p, err
	}
	w.found(head)
	for stream, version := range stored {
		w.versions.Add(stream, version)
	}
	if lookup {
		if err := settleKnown(background, w.conn, batch); err != nil {
			return p, err
		}
	}
	p = plan(batch, head, func(stream string) (int64, bool) { v, ok := stored[stream]; return v, ok })
	if len(p.events) == 0 {
		_, err = w.conn.Exec(background, `rollback`)
		return p, err
	}
	return p, w.insertAndCommit(p)
}

// found takes over a locked head. Only when nobody else has written for some batches is betting on it worth while.
func (w *writer) found(head int64) {
	if head != w.head {
		w.versions.Purge()
		w.store.tail.advance(head)
		if w.lockFirst > 0 {
			w.lockFirst = lockFirstBatches
		}
	} else if w.lockFirst > 0 {
		w.lockFirst--
	}
	w.head = head
}

// insertAndCommit sends both in one round trip.
func (w *writer) insertAndCommit(p planned) error {
	var b pgconn.Batch
	b.ExecPrepared(statement(p.events), w.wire.encode(w.head, p.events), binaryFormats, nil)
	b.ExecParams(`commit`, nil, nil, nil, nil)
	results := w.conn.PgConn().ExecBatch(background, &b)
	var inserted int64
	for i := 0; results.NextResult(); i++ {
		tag, err := results.ResultReader().Close()
		if err != nil {
			_ = results.Close()
			return err
		}
		if i == 0 {
			inserted = tag.RowsAffected()
		}
	}
	if err := results.Close(); err != nil {
		return err
	}
	if inserted != int64(len(p.events)) {
		return fmt.Errorf("%d of %d events were stored although the head was locked", inserted, len(p.events))
	}
	return nil
}

// background: a batch belongs to many callers, so none of their contexts ends it. The connection has a deadline instead.
var background = context.Background()

// connect takes a connection out of the pool for good: the writer must never wait behind those who wait for it.
func (w *writer) connect() error {
	if w.conn != nil && !w.conn.IsClosed() {
		return nil
	}
	ctx, cancel := context.WithTimeout(background, 10*time.Second)
	defer cancel()
	pooled, err := w.store.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	w.conn = pooled.Hijack()
	// The shape of the statements never changes, so planning them again for each batch is wasted.
	_, err = w.conn.Exec(ctx, `set lock_timeout = '`+lockTime+`'; set plan_cache_mode = force_generic_plan`)
	if err == nil {
		err = errors.Join(w.rehearse(ctx, insertOneName, insertEvent, insertOneOIDs, 1), w.rehearse(ctx, insertManyName, insertEvents, insertOIDs, 2))
	}
	if err != nil {
		w.drop()
	}
	return err
}

const (
	insertOneName  = "eventstore_insert_one"
	insertManyName = "eventstore_insert_many"
)

// statement is the prepared one for so many events.
func statement(events []Recorded) string {
	if len(events) == 1 {
		return insertOneName
	}
	return insertManyName
}

// rehearse prepares a statement and runs it once on a head that can't be, so that it is planned here and not when the head
// is locked. (It also spares the server process 25 µs with every later batch: the plan then doesn't lie amid memory that
// malloc wants to give back to the system and take again each time.)
func (w *writer) rehearse(ctx context.Context, name, sql string, oids []uint32, events int) error {
	if _, err := w.conn.PgConn().Prepare(ctx, name, sql, oids); err != nil {
		return err
	}
	dummy := Recorded{Type: "x", Data: []byte("{}")}
	_, err := w.conn.PgConn().ExecPrepared(ctx, name, w.wire.encode(unknownHead, []Recorded{dummy, dummy}[:events]), binaryFormats, nil).Close()
	return err
}

func (w *writer) drop() {
	if w.conn != nil {
		ctx, cancel := context.WithTimeout(background, time.Second)
		defer cancel()
		_ = w.conn.Close(ctx)
	}
	w.conn, w.head, w.deadline = nil, unknownHead, time.Time{}
}

package eventstore

import (
	"context"
	"encoding/binary"
	"errors"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// bet stores what it can of a batch by the versions that the writer remembers, in one statement and one round trip. They
// may be older than what other nodes have written since, but never newer, so if the bet is wrong, a row with the version
// that it wants to store is there already, and PostgreSQL refuses the batch (unique_violation). What no row would refuse,
// conflicts and expectations of streams to which nothing is written, is left over for a look under the lock. So is the
// whole batch when streams have been deleted or erased since, which the head's generation tells.
func (w *writer) bet(batch []*request) (p planned, left []*request, err error) {
	if err := w.loadVersions(streamsOf(batch, w.versions.Contains, !w.erased)); err != nil {
		return p, nil, err
	}
	var sure []*request
	for _, r := range batch {
		if r.onlyChecks() {
			left = append(left, r)
		} else {
			sure = append(sure, r)
		}
	}
	p = plan(sure, w.versions.Get)
	for _, r := range sure {
		if r.err != nil {
			r.reopen()
			left = append(left, r)
		}
	}
	if len(p.events) == 0 {
		return p, left, nil
	}
	head, err := headBefore(w.conn.PgConn().ExecPrepared(background, statement(p.events), w.wire.encode(p.events, w.generation), binaryFormats, binaryFormats))
	if errors.Is(err, errOtherGeneration) {
		return planned{}, batch, nil
	}
	if err == nil {
		p.place(head)
	}
	return p, left, err
}

// headBefore reads what insertEvents gives.
func headBefore(result *pgconn.ResultReader) (head int64, err error) {
	rows := 0
	for ; result.NextRow(); rows++ {
		head = int64(binary.BigEndian.Uint64(result.Values()[0]))
	}
	_, err = result.Close()
	if err == nil && rows == 0 {
		err = errOtherGeneration
	}
	return head, err
}

var errOtherGeneration = errors.New("the log is of another generation")

// loadVersions reads the versions of streams that the writer doesn't remember.
func (w *writer) loadVersions(streams []string) error {
	if len(streams) == 0 {
		return nil
	}
	rows, err := w.conn.Query(background, selectVersions, streams)
	if err != nil {
		return err
	}
	stored, err := collectVersions(rows)
	w.remember(stored)
	return err
}

// take believes what was read under the lock, and forgets what it knew of another generation.
func (w *writer) take(log held) {
	if log.generation != w.generation {
		w.versions.Purge()
		w.generation, w.erased = log.generation, log.erased
	}
	w.remember(log.versions)
}

func (w *writer) remember(versions map[string]int64) {
	for stream, version := range versions {
		w.versions.Add(stream, version)
	}
}

// locked stores a batch with the head locked from before the versions are read: two round trips, and what it says about
// conflicts is so.
func (w *writer) locked(batch []*request, lookup bool) (p planned, err error) {
	defer func() {
		if err != nil && !w.conn.IsClosed() {
			_, _ = w.conn.Exec(background, `rollback`)
		}
	}()
	log, err := lockHead(background, w.conn, true, streamsOf(batch, nil, false))
	if err != nil {
		return p, err
	}
	w.take(log)
	if lookup {
		if err := settleKnown(background, w.conn, batch); err != nil {
			return p, err
		}
	}
	p = plan(batch, log.version)
	if len(p.events) == 0 {
		_, err = w.conn.Exec(background, `rollback`)
		return p, err
	}
	head, err := w.insertAndCommit(p)
	if err == nil {
		p.place(head)
	}
	return p, err
}

// insertAndCommit sends both in one round trip.
func (w *writer) insertAndCommit(p planned) (head int64, err error) {
	var b pgconn.Batch
	b.ExecPrepared(statement(p.events), w.wire.encode(p.events, w.generation), binaryFormats, binaryFormats)
	b.ExecParams(`commit`, nil, nil, nil, nil)
	results := w.conn.PgConn().ExecBatch(background, &b)
	if results.NextResult() {
		head, err = headBefore(results.ResultReader())
	}
	return head, errors.Join(err, results.Close())
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

// rehearse prepares a statement and runs it once without effect, so that it is planned here and not when the head is
// locked. (It also spares the server process 25 µs with every later batch: the plan then doesn't lie amid memory that
// malloc wants to give back to the system and take again each time.)
func (w *writer) rehearse(ctx context.Context, name, sql string, oids []uint32, events int) error {
	if _, err := w.conn.PgConn().Prepare(ctx, name, sql, oids); err != nil {
		return err
	}
	params := w.wire.encode(make([]Recorded, events), 0)
	params[0] = make([]byte, 8) // none of them
	_, err := w.conn.PgConn().ExecPrepared(ctx, name, params, binaryFormats, binaryFormats).Close()
	return err
}

func (w *writer) drop() {
	if w.conn != nil {
		ctx, cancel := context.WithTimeout(background, time.Second)
		defer cancel()
		_ = w.conn.Close(ctx)
	}
	w.conn, w.deadline = nil, time.Time{}
}

package eventstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// queryer is a connection or a transaction.
type queryer interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// held is what is so as long as the head is locked.
type held struct {
	generation int64            // of the log, see migration 11
	erased     bool             // rows may be missing, so a first version may not be refused by the one that was there
	versions   map[string]int64 // of the streams that were asked for; closed for one that was deleted
}

// closed stands for the version of a stream that was deleted.
const closed int64 = -1

func (h *held) version(stream string) (int64, bool) { v, ok := h.versions[stream]; return v, ok }

// lockHead takes the lock that all appends share, and then reads the streams' versions, in one round trip. The versions
// come from a statement of their own, whose snapshot is taken when the lock is held. With begin it opens the transaction as
// well.
func lockHead(ctx context.Context, q queryer, begin bool, streams []string) (h held, err error) {
	var b pgx.Batch
	if begin {
		b.Queue(`begin isolation level read committed`)
	}
	b.Queue(selectGeneration + ` for update`).QueryRow(h.scan)
	b.Queue(selectVersions, streams).Query(func(rows pgx.Rows) (err error) {
		h.versions, err = collectVersions(rows)
		return err
	})
	err = q.SendBatch(ctx, &b).Close()
	return h, err
}

const selectGeneration = `select generation, erased from events_head where only_row`

func (h *held) scan(row pgx.Row) error { return noHead(row.Scan(&h.generation, &h.erased)) }

// noHead says what it means when events_head is empty.
func noHead(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return errNoHead
	}
	return err
}

var errNoHead = errors.New("the row of events_head is missing")

// selectVersions finds the newest version of each stream by one step into the unique index.
const selectVersions = `
select s.stream, case when m.deleted_at is null then e.version else -1 end
from unnest($1::text[]) as s (stream)
left join stream_marks m on m.stream = s.stream
left join lateral (select version from events where events.stream = s.stream order by version desc limit 1) e on true
where e.version is not null or m.deleted_at is not null`

func collectVersions(rows pgx.Rows) (map[string]int64, error) {
	stored := map[string]int64{}
	var stream string
	var version int64
	_, err := pgx.ForEachRow(rows, []any{&stream, &version}, func() error {
		stored[stream] = version
		return nil
	})
	return stored, err
}

// settleKnown looks in the log for the events of a batch by their ids. A request whose events are all there, on the same
// streams and with the same content, gets the first result; one of which some are there is a duplicate.
func settleKnown(ctx context.Context, q queryer, batch []*request) error {
	var ids []uuid.UUID
	for _, r := range batch {
		for i := range r.events {
			ids = append(ids, r.events[i].ID)
		}
	}
	rows, err := q.Query(ctx, selectRecorded+` where event_id = any($1)`, ids)
	if err != nil {
		return err
	}
	found, err := pgx.CollectRows(rows, scanRecorded)
	if err != nil || len(found) == 0 {
		return err
	}
	byID := make(map[uuid.UUID]Recorded, len(found))
	for _, e := range found {
		byID[e.ID] = e
	}
	for _, r := range batch {
		r.settleKnown(byID)
	}
	return nil
}

func (r *request) settleKnown(byID map[uuid.UUID]Recorded) {
	first := Result{Versions: map[string]int64{}, Duplicate: !r.ambiguous}
	known := 0
	for i := range r.events {
		e := &r.events[i]
		old, found := byID[e.ID]
		if !found {
			continue
		}
		if old.Stream != e.Stream || !sameContent(old, *e) {
			r.settle(Result{}, r.about(i, e.Type, fmt.Errorf("%w: %s is event %d, on stream %q", ErrDuplicateEvent, e.ID, old.Position, old.Stream)))
			return
		}
		if known++; known == 1 {
			first.First = old.Position
		}
		first.First, first.Last = min(first.First, old.Position), max(first.Last, old.Position)
		first.Versions[old.Stream] = max(first.Versions[old.Stream], old.Version)
	}
	switch {
	case known == len(r.events):
		r.settle(first, nil)
	case known > 0:
		r.settle(Result{}, &EventError{Stream: r.parts[0].stream, Err: fmt.Errorf("%w: %d of the %d events of this append", ErrDuplicateEvent, known, len(r.events))})
	}
}

// sameContent compares what the event says, not the circumstances of the append.
func sameContent(a, b Recorded) bool {
	return a.Type == b.Type && a.SchemaVersion == b.SchemaVersion && bytes.Equal(a.Data, b.Data)
}

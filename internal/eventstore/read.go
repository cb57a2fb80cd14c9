package eventstore

import (
	"context"
	"fmt"
	"iter"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// ReadOptions says where to read and how far. The zero value reads everything, oldest first.
type ReadOptions struct {
	// From is the version (ReadStream) or position (ReadAll) of the first event to read. 0 is the oldest, or when reading
	// backward the newest.
	From     int64
	Backward bool
	Limit    int // most events to give; 0: no limit
	Filter   Filter
}

// pageSize is how many events a read fetches at once: many enough that round trips don't count, few enough for memory.
const pageSize = 1000

// ReadStream gives the events of one stream in the order of their versions, in pages. A stream without any event gives
// ErrStreamNotFound, a deleted one ErrStreamDeleted; one that has none in the range gives nothing. Options or a name that
// make no sense give a *ReadError.
func (s *Store) ReadStream(ctx context.Context, stream string, opts ReadOptions) iter.Seq2[Recorded, error] {
	return func(yield func(Recorded, error) bool) {
		if err := opts.check(stream, checkName("stream name", stream)); err != nil {
			yield(Recorded{}, err)
			return
		}
		c := conditions{parts: []string{inStream}, args: []any{stream}}
		given, stopped := s.read(ctx, "version", c, opts, yield)
		if stopped || 0 < given && given < pageSize {
			return
		}
		// Nothing there: or is it? And a stream that was deleted between two pages must not look as if it ended there.
		switch version, err := s.StreamVersion(ctx, stream); {
		case err != nil:
			yield(Recorded{}, err)
		case version == 0:
			yield(Recorded{}, notFoundError(stream))
		}
	}
}

// inStream finds stream $1 from where it was truncated, and nothing of one that was deleted: it then has no versions.
const inStream = `stream = $1 and version >= coalesce((select case when m.deleted_at is null then m.truncated_before
	else 9223372036854775807 end from stream_marks m where m.stream = $1), 1)`

// ReadAll gives the events of the whole log in the order of their positions, in pages, also those of deleted streams.
// Options that make no sense give a *ReadError.
func (s *Store) ReadAll(ctx context.Context, opts ReadOptions) iter.Seq2[Recorded, error] {
	return func(yield func(Recorded, error) bool) {
		if err := opts.check("", nil); err != nil {
			yield(Recorded{}, err)
			return
		}
		s.read(ctx, "position", conditions{}, opts, yield)
	}
}

// read gives pages in the order of a column that is unique under the conditions, each page after the last row of the one
// before, so that gaps and new rows do no harm. It returns how many events it gave, and whether the reader or an error
// ended it.
func (s *Store) read(ctx context.Context, column string, c conditions, opts ReadOptions, yield func(Recorded, error) bool) (given int, stopped bool) {
	order, start, beyond := " asc", column+" >= %s", column+" > %s"
	if opts.Backward {
		order, start, beyond = " desc", column+" <= %s", column+" < %s"
	}
	c.filter(opts.Filter)
	page := c.from(opts.From > 0, start, opts.From)
	for {
		limit := pageSize
		if opts.Limit > 0 {
			limit = min(limit, opts.Limit-given)
		}
		page.args = append(page.args, limit)
		sql := selectRecorded + page.where() + " order by " + column + order + fmt.Sprintf(" limit $%d", len(page.args))
		events, err := s.collect(ctx, sql, page.args)
		if err != nil {
			yield(Recorded{}, err)
			return given, true
		}
		for _, e := range events {
			if !yield(e, nil) {
				return given, true
			}
		}
		given += len(events)
		if len(events) < limit || given == opts.Limit {
			return given, false
		}
		last := events[len(events)-1]
		page = c.from(true, beyond, map[string]int64{"version": last.Version, "position": last.Position}[column])
	}
}

// from copies the conditions and adds where the page begins.
func (c conditions) from(restrict bool, condition string, at int64) conditions {
	page := conditions{parts: append([]string(nil), c.parts...), args: append([]any(nil), c.args...)}
	if restrict {
		page.add(condition, at)
	}
	return page
}

// selectRecorded reads events into Recorded by scanRecorded.
const selectRecorded = `select position, event_id, stream, version, type, schema_version, data, metadata, correlation_id, causation_id, actor, recorded_at from events`

// scanRecorded reads a row of selectRecorded. It is not RowToStructByName since this is the one place where many
// thousand rows a second are read.
func scanRecorded(row pgx.CollectableRow) (Recorded, error) {
	var e Recorded
	var correlation, causation pgtype.UUID // pgx knows how to read these and [16]byte; a uuid.UUID would go through text
	err := row.Scan(&e.Position, (*[16]byte)(&e.ID), &e.Stream, &e.Version, &e.Type, &e.SchemaVersion, (*[]byte)(&e.Data),
		(*[]byte)(&e.Metadata), &correlation, &causation, &e.Actor, &e.Time)
	e.CorrelationID, e.CausationID, e.Time = correlation.Bytes, causation.Bytes, e.Time.UTC()
	return e, err
}

func (s *Store) collect(ctx context.Context, sql string, args []any) ([]Recorded, error) {
	rows, err := s.pool.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanRecorded)
}

// EventByID finds one event, and says whether it is there.
func (s *Store) EventByID(ctx context.Context, id uuid.UUID) (Recorded, bool, error) {
	events, err := s.collect(ctx, selectRecorded+` where event_id = $1`, []any{id})
	if err != nil || len(events) == 0 {
		return Recorded{}, false, err
	}
	return events[0], true, nil
}

// StreamVersion is the version of a stream's newest event; 0 when there is no such stream, ErrStreamDeleted when it was
// deleted.
func (s *Store) StreamVersion(ctx context.Context, stream string) (version int64, err error) {
	err = s.pool.QueryRow(ctx, `
		select coalesce((select -1 from stream_marks where stream = $1 and deleted_at is not null), max(version), 0)
		from events where stream = $1`, stream).Scan(&version)
	if err == nil && version == closed {
		return 0, deletedError(stream)
	}
	return version, err
}

// Head is the position of the newest event; 0 when the log is empty.
func (s *Store) Head(ctx context.Context) (int64, error) { return headOf(ctx, s.pool) }

func headOf(ctx context.Context, q interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}) (head int64, err error) {
	err = noHead(q.QueryRow(ctx, `select position from events_head where only_row`).Scan(&head))
	return head, err
}

// LastOf is the position of the newest event after a position that belongs to a chain of causes; 0 when there is none.
// It reads backward from the head, so it is meant for the tail of the log.
func (s *Store) LastOf(ctx context.Context, correlation uuid.UUID, after int64) (position int64, err error) {
	err = s.pool.QueryRow(ctx, `select coalesce(max(position), 0) from events where correlation_id = $1 and position > $2`,
		correlation, after).Scan(&position)
	return position, err
}

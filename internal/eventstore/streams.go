package eventstore

import (
	"context"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"
)

// StreamInfo is what there is to know about a stream without reading it. Times are UTC.
type StreamInfo struct {
	Stream          string
	Version         int64     // of its newest event
	Events          int64     // that the log still has of it, hidden ones counted too
	Created         time.Time // of its first event in the log; zero when it was erased
	Changed         time.Time // of its newest
	TruncatedBefore int64     // the version at which reading begins: 1 unless TruncateStream was called
	Deleted         time.Time // zero: it isn't
	Erased          time.Time // when the events of a deleted stream left the log; zero: they haven't
}

// StreamList says which streams Streams gives. The zero value means all that aren't deleted.
type StreamList struct {
	Category string // "": any
	After    string // only names behind this one, in the order of their bytes
	Deleted  bool   // those that were deleted instead of those that weren't
}

// Streams gives what is known about streams, ordered by the bytes of their names, in pages. Deleted streams are left out;
// StreamList.Deleted asks for them instead. It steps over the index from stream to stream, so it costs by the number of
// streams; counting their events costs by these.
func (s *Store) Streams(ctx context.Context, list StreamList) iter.Seq2[StreamInfo, error] {
	return func(yield func(StreamInfo, error) bool) {
		filter := Filter{Streams: []string{list.After}, Categories: []string{list.Category}}
		if err := filter.check(); err != nil {
			yield(StreamInfo{}, &ReadError{Stream: list.After, Err: err})
			return
		}
		names := nextStreams
		if list.Deleted {
			names = nextDeleted
		}
		for after := list.After; ; {
			page, err := s.streamInfos(ctx, names, after, list.Category, pageSize)
			if err != nil {
				yield(StreamInfo{}, err)
				return
			}
			for _, info := range page {
				if !yield(info, nil) {
					return
				}
			}
			if len(page) < pageSize {
				return
			}
			after = page[len(page)-1].Stream
		}
	}
}

// StreamInfo looks up one stream, also a deleted one; ErrStreamNotFound when there never was one of this name.
func (s *Store) StreamInfo(ctx context.Context, stream string) (StreamInfo, error) {
	if err := checkName("stream name", stream); err != nil {
		return StreamInfo{}, &ReadError{Stream: stream, Err: err}
	}
	found, err := s.streamInfos(ctx, `select $1::text as stream`, stream)
	if err != nil {
		return StreamInfo{}, err
	}
	if len(found) == 0 {
		return StreamInfo{}, notFoundError(stream)
	}
	return found[0], nil
}

// nextStreams finds the names of $3 streams after $1 in category $2 ("": any). Each step looks for the next name in the
// index, and no more steps are taken than the limit needs: nothing here may sort or join. Names of one category begin with
// "category-", except for the one without a dash.
const nextStreams = `
with recursive step as (
	(select stream from events where stream > $1 and stream >= $2 order by stream limit 1)
	union all
	select (select e.stream from events e where e.stream > step.stream order by e.stream limit 1)
	from step where step.stream is not null and ($2 = '' or step.stream < $2 || '.'))
select stream from step
where stream is not null and ($2 = '' or split_part(stream, '-', 1) = $2)
	and (select m.deleted_at from stream_marks m where m.stream = step.stream) is null
limit $3`

// nextDeleted is the same for deleted streams.
const nextDeleted = `
select stream from stream_marks where deleted_at is not null and stream > $1 and ($2 = '' or split_part(stream, '-', 1) = $2)
order by stream limit $3`

// streamInfos looks up the streams that a query names.
func (s *Store) streamInfos(ctx context.Context, names string, args ...any) ([]StreamInfo, error) {
	rows, err := s.pool.Query(ctx, `
		with names as (`+names+`)
		select n.stream, coalesce(last.version, m.version) as version, coalesce(held.events, 0) as events, first.recorded_at as created,
			last.recorded_at as changed, coalesce(m.truncated_before, 1) as truncated_before, m.deleted_at as deleted, m.erased_at as erased
		from names n
		left join stream_marks m on m.stream = n.stream
		left join lateral (select version, recorded_at from events e where e.stream = n.stream order by version desc limit 1) last on true
		left join lateral (select recorded_at from events e where e.stream = n.stream order by version limit 1) first on true
		left join lateral (select count(*) as events from events e where e.stream = n.stream) held on true
		where last.version is not null or m.version is not null
		order by n.stream collate "C"`, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (StreamInfo, error) {
		found, err := pgx.RowToStructByName[streamRow](row)
		return found.info(), err
	})
}

// streamRow is StreamInfo with what may be null.
type streamRow struct {
	Stream          string
	Version         int64
	Events          int64
	Created         *time.Time
	Changed         *time.Time
	TruncatedBefore int64
	Deleted         *time.Time
	Erased          *time.Time
}

func (r streamRow) info() StreamInfo {
	utc := func(t *time.Time) time.Time {
		if t == nil {
			return time.Time{}
		}
		return t.UTC()
	}
	return StreamInfo{Stream: r.Stream, Version: r.Version, Events: r.Events, Created: utc(r.Created), Changed: utc(r.Changed),
		TruncatedBefore: r.TruncatedBefore, Deleted: utc(r.Deleted), Erased: utc(r.Erased)}
}

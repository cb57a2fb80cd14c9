package eventstore

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// DeleteStream closes a stream: reading it and appending to it give ErrStreamDeleted from then on, on every node, and
// Streams leaves it out. Its events stay in the log, where ReadAll and subscriptions find them; EraseStream takes them out.
// Nothing can be appended under its name any more, since ids that derive from something (UUIDv5) and states that somebody
// remembers would mix the old stream with a new one.
//
// It returns a *ConflictError when the stream isn't as expected, and ErrStreamNotFound where there is none. Deleting twice
// is no error. RestoreStream takes it back.
func (s *Store) DeleteStream(ctx context.Context, stream string, expect Expected) error {
	return s.withStream(ctx, stream, func(tx pgx.Tx, version int64) error {
		switch err := (part{stream: stream, expect: expect}).accepts(version); {
		case version == closed:
			return nil
		case version == 0:
			return notFoundError(stream)
		case err != nil:
			return err
		}
		if _, err := tx.Exec(ctx, `insert into stream_marks (stream, deleted_at, version) values ($1, $2, $3)
			on conflict (stream) do update set deleted_at = excluded.deleted_at, version = excluded.version`,
			stream, s.opts.Now(), version); err != nil {
			return err
		}
		return newGeneration(ctx, tx)
	})
}

// RestoreStream opens a deleted stream again. It returns ErrStreamErased when its events have left the log, and
// ErrStreamNotFound where there is no stream. Restoring one that isn't deleted is no error.
func (s *Store) RestoreStream(ctx context.Context, stream string) error {
	info, err := s.StreamInfo(ctx, stream)
	if err != nil || info.Deleted.IsZero() {
		return err
	}
	// The mark is locked before the head, as EraseStream does it.
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update stream_marks set deleted_at = null, version = null where stream = $1 and erased_at is null`, stream)
		if err == nil && tag.RowsAffected() == 0 {
			err = fmt.Errorf("%w: %.80q", ErrStreamErased, stream)
		}
		if err != nil {
			return err
		}
		return newGeneration(ctx, tx)
	})
}

// TruncateStream makes reading a stream begin at a version. What came before stays in the log, where ReadAll and
// subscriptions find it; EraseStream takes it out. It is for streams whose readers don't need the beginning: who builds a
// state from all events must not truncate. The newest event always stays, so the stream goes on at the next version.
// A beginning never moves back.
//
// It returns ErrStreamNotFound, ErrStreamDeleted, or a *ConflictError with StreamExists or Exact(before) as expectation when
// before isn't a version that the stream has.
func (s *Store) TruncateStream(ctx context.Context, stream string, before int64) error {
	if before < 1 {
		return &EventError{Stream: stream, Err: fmt.Errorf("%w: a stream can't begin at version %d", ErrInvalidEvent, before)}
	}
	return s.withStream(ctx, stream, func(tx pgx.Tx, version int64) error {
		switch {
		case version == 0:
			return notFoundError(stream)
		case version == closed:
			return deletedError(stream)
		case before > version:
			return &ConflictError{Stream: stream, Expected: Exact(before), Actual: version}
		}
		_, err := tx.Exec(ctx, `insert into stream_marks (stream, truncated_before) values ($1, $2) on conflict (stream)
			do update set truncated_before = greatest(stream_marks.truncated_before, excluded.truncated_before)`, stream, before)
		return err
	})
}

// EraseStream takes what DeleteStream or TruncateStream has hidden out of the log for ever, and says how many events that
// were: everything of a deleted stream, the beginning of a truncated one, nothing of others. Positions are not given
// again; readers and subscriptions pass over the gap, and event ids become free.
//
// It works with Options.AllowErase only, otherwise it returns ErrEraseRefused. The snapshot of a deleted stream goes in the
// same transaction; that of a truncated one stays, as nothing else has what is erased. What was made of the events elsewhere
// (read models, files, backups) is not the store's to erase. Other nodes stop giving subscribers what they have in memory
// of it within Options.Poll.
func (s *Store) EraseStream(ctx context.Context, stream string) (erased int64, err error) {
	if !s.opts.AllowErase {
		return 0, fmt.Errorf("%w: %.80q", ErrEraseRefused, stream)
	}
	if err := (Write{Stream: stream}).check(); err != nil {
		return 0, err
	}
	// The head is locked at the end only, by the trigger: nobody writes where rows are deleted here.
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `set local eventstore.allow_change = 'on'`); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update stream_marks set erased_at = $2 where stream = $1 and deleted_at is not null`, stream, s.opts.Now()); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `delete from events e using stream_marks m
			where m.stream = $1 and e.stream = $1 and (m.deleted_at is not null or e.version < m.truncated_before)`, stream)
		erased = tag.RowsAffected()
		return err
	})
	if err == nil {
		err = s.look(ctx) // so that this node's subscribers don't get them from memory
	}
	return erased, err
}

// withStream calls fn in a transaction that holds the head, so that nobody appends meanwhile, with the stream's version:
// 0 when there is none, closed when it is deleted.
func (s *Store) withStream(ctx context.Context, stream string, fn func(tx pgx.Tx, version int64) error) error {
	if err := (Write{Stream: stream}).check(); err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		log, err := lockHead(ctx, tx, false, []string{stream})
		if err != nil {
			return err
		}
		return fn(tx, log.versions[stream])
	})
}

// newGeneration makes all writers forget the versions that they remember.
func newGeneration(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `update events_head set generation = generation + 1 where only_row`)
	return err
}

func deletedError(stream string) error  { return fmt.Errorf("%w: %.80q", ErrStreamDeleted, stream) }
func notFoundError(stream string) error { return fmt.Errorf("%w: %.80q", ErrStreamNotFound, stream) }

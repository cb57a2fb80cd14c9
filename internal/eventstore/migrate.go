package eventstore

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// MigrateOptions of Migrate. The zero value copies a log as it is.
type MigrateOptions struct {
	Transform Transform // nil: events stay as they are
	// Registry, if given, must be able to decode every event of the copy; one that it can't ends the migration.
	Registry *Registry
	DryRun   bool // only say what would be done; the target isn't touched and may be nil

	// CutOver makes the copy the log from now on. Most is copied while writers write; then they are held up, the rest is
	// copied, and the source takes no more events, ever (FenceOff). Without it, the source isn't touched: the copy is the
	// log as it was when the migration began. Of tables without a primary key nothing is copied ahead.
	CutOver bool

	// Tables are copied as they are, at the moment at which the log is; Positions say which columns of theirs hold positions
	// of events. Subscriptions of Restart begin anew, for read models whose tables aren't copied.
	Tables    []string
	Positions []PositionColumn
	Restart   []string

	Progress func(position, head int64) // called now and then
}

// PositionColumn is a column that holds positions of events. Its rows move with them; where an event was left out, to the
// one before it, or, if the row is about that very event (Exact), away.
type PositionColumn struct {
	Table, Column string
	Exact         bool
}

// Migration says what a migration did, or in a dry run would do.
type Migration struct {
	Read, Written int64            // events
	Dropped       int64            // of those read
	Split         int64            // of those read, that became several
	Retyped       int64            // of those written, whose type is another
	Moved         int64            // of those written, whose stream is another
	Types         map[string]Count // by type
	Streams       map[string]Count // by stream, for those that have changed
	Digest        string           // of the ids written, in order
	HeldUp        time.Duration    // how long writers were held up, with CutOver
	Behind        int64            // events that came to the source meanwhile and aren't in the copy; 0 with CutOver
}

// Count is events of a kind in the source and in the copy.
type Count struct{ Read, Written int64 }

// ErrVerify: the copy isn't what was written. It can't be used.
var ErrVerify = errors.New("the copy isn't what it should be")

// Migrate copies a log into another database (or schema), which is migrated and holds no events, and transforms it on the way.
//
// Event ids, times, metadata and the relative order stay; positions and the versions of each stream are counted anew,
// without gaps; a stream of which nothing is left is gone. Checkpoints, parked events and marks of streams are mapped: a
// subscription goes on behind the last event that it had handled. Then the copy is read and compared with what was
// written. It has no head before all of that is done, so a migration that fails leaves an empty log, and the next one
// clears away what it had copied.
func Migrate(ctx context.Context, source *Store, target *pgxpool.Pool, opts MigrateOptions) (Migration, error) {
	if opts.Transform == nil {
		opts.Transform = Chain()
	}
	m := &migration{MigrateOptions: opts, source: source, target: target, digest: NewDigest(), found: NewDigest(), versions: map[string]int64{},
		streams: map[string]*streamCount{}, tables: tableCopies(opts.Tables), Migration: Migration{Types: map[string]Count{}, Streams: map[string]Count{}}}
	err := m.run(ctx)
	m.Migration.Digest = m.digest.String()
	for stream, c := range m.streams {
		if c.changed || c.Read != c.Written {
			m.Streams[stream] = c.Count
		}
	}
	if err != nil {
		return m.Migration, fmt.Errorf("migrate: %w", err)
	}
	return m.Migration, nil
}

// migration is one under way.
type migration struct {
	MigrateOptions
	Migration
	source *Store
	target *pgxpool.Pool

	position  int64 // of the last event that was read
	positions positionMap
	versions  map[string]int64 // of the streams of the copy
	streams   map[string]*streamCount
	digest    *Digest // of what was written
	found     *Digest // of what was read back
	batch     []Recorded
	tables    []*tableCopy
}

type streamCount struct {
	Count
	changed bool // events came from elsewhere, or went there
}

func (m *migration) run(ctx context.Context) error {
	if m.DryRun {
		return m.asOfNow(ctx, m.dry)
	}
	if err := m.clear(ctx); err != nil {
		return err
	}
	if !m.CutOver {
		return m.asOfNow(ctx, m.finish)
	}
	return m.cutOver(ctx)
}

// asOfNow works on one snapshot of the source, in which the log and all tables fit each other.
func (m *migration) asOfNow(ctx context.Context, do func(context.Context, pgx.Tx) error) error {
	tx, err := m.source.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	if err := m.copyRest(ctx, tx); err != nil {
		return err
	}
	if err := do(ctx, tx); err != nil {
		return err
	}
	head, err := m.source.Head(ctx)
	m.Behind = head - m.position
	return err
}

func (m *migration) dry(context.Context, pgx.Tx) error { return nil }

// little is how few events may be left for the time in which writers are held up.
const little = 1000

// cutOver copies while writers write, until little is left; then it holds everybody up, copies that, and closes the source.
func (m *migration) cutOver(ctx context.Context) error {
	if err := m.bringTablesAhead(ctx); err != nil {
		return err
	}
	for {
		head, err := m.source.Head(ctx)
		if err != nil {
			return err
		}
		if head-m.position < little {
			break
		}
		if err := m.copyEvents(ctx, m.source.pool, head); err != nil {
			return err
		}
	}
	if err := m.verify(ctx, m.target); err != nil {
		return err
	}
	if err := m.bringTablesAhead(ctx); err != nil { // what has changed since: the first time may have taken long
		return err
	}
	return pgx.BeginFunc(ctx, m.source.pool, func(tx pgx.Tx) error {
		began := time.Now()
		if err := m.holdUp(ctx, tx); err != nil {
			return err
		}
		if err := m.copyRest(ctx, tx); err != nil {
			return err
		}
		if err := m.finish(ctx, tx); err != nil {
			return err
		}
		err := FenceOff(ctx, tx)
		m.HeldUp = time.Since(began)
		return err
	})
}

// holdUp locks what is copied, in the order in which transactions of the program lock it: events come last, and before the
// head, for which an append waits with a lock on them. The lock on events is the one that FenceOff needs.
func (m *migration) holdUp(ctx context.Context, tx pgx.Tx) error {
	for _, table := range slices.Concat(m.Tables, []string{"subscriptions", "parked_events", "stream_marks", "events"}) {
		if _, err := tx.Exec(ctx, `lock table `+pgx.Identifier{table}.Sanitize()+` in share row exclusive mode`); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `select position from events_head where only_row for update`)
	return err
}

// FenceOff closes a log for good: every append from now on is refused, on every node. In the transaction of a cut-over it
// says who is the log's successor: nobody writes here who hasn't heard of it.
func FenceOff(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `
		create or replace function events_moved() returns trigger language plpgsql as $$
		begin
			raise exception 'this log has been moved to another database: the program must be started on that one'
				using errcode = 'object_not_in_prerequisite_state';
		end $$;
		create or replace trigger events_moved before insert on events for each statement execute function events_moved()`)
	return err
}

// clear makes sure that the target is empty. What an earlier attempt left has no head and goes.
func (m *migration) clear(ctx context.Context) error {
	return pgx.BeginFunc(ctx, m.target, func(tx pgx.Tx) error {
		var head int64
		if err := tx.QueryRow(ctx, `select position from events_head where only_row for update`).Scan(&head); err != nil {
			return noHead(err)
		}
		if head > 0 {
			return fmt.Errorf("the target: %w: %d of them", ErrLogNotEmpty, head)
		}
		var left bool
		if err := tx.QueryRow(ctx, `select exists (select from events)`).Scan(&left); err != nil || !left {
			return err
		}
		_, err := tx.Exec(ctx, `set local eventstore.allow_change = 'on'; truncate events; update events_head set generation = 0, erased = false`)
		return err
	})
}

// copyRest copies up to where the log ends in the transaction.
func (m *migration) copyRest(ctx context.Context, tx pgx.Tx) error {
	head, err := headOf(ctx, tx)
	if err != nil {
		return err
	}
	return m.copyEvents(ctx, tx, head)
}

// copyEvents copies the events up to a position.
func (m *migration) copyEvents(ctx context.Context, from queryer, head int64) error {
	for rec, err := range events(ctx, from, m.position, head) {
		if err != nil {
			return err
		}
		if err := m.take(ctx, rec); err != nil {
			return &DecodeError{Stream: rec.Stream, Position: rec.Position, Type: rec.Type, Err: err}
		}
		if m.Progress != nil && rec.Position%pageSize == 0 {
			m.Progress(rec.Position, head)
		}
	}
	m.position = head
	return m.write(ctx)
}

// events reads those after a position up to another, in pages.
func events(ctx context.Context, from queryer, after, upTo int64) iter.Seq2[Recorded, error] {
	return func(yield func(Recorded, error) bool) {
		for after < upTo {
			rows, err := from.Query(ctx, selectRecorded+` where position > $1 and position <= $2 order by position limit $3`, after, upTo, pageSize)
			var page []Recorded
			if err == nil {
				page, err = pgx.CollectRows(rows, scanRecorded)
			}
			if err != nil {
				yield(Recorded{}, err)
				return
			}
			for _, rec := range page {
				if !yield(rec, nil) {
					return
				}
			}
			if len(page) < pageSize {
				return
			}
			after = page[len(page)-1].Position
		}
	}
}

// take transforms one event.
func (m *migration) take(ctx context.Context, old Recorded) error {
	became, err := m.Transform(old)
	if err != nil {
		return fmt.Errorf("transforming: %w", err)
	}
	m.count(old, became)
	m.positions.add(old.Position, int64(len(became)))
	for i, rec := range became {
		rec.ID, rec.Time, rec.CorrelationID, rec.CausationID, rec.Actor = old.ID, old.Time, old.CorrelationID, old.CausationID, old.Actor
		if i > 0 {
			rec.ID = uuid.NewSHA1(old.ID, fmt.Appendf(nil, "split/%d", i))
		}
		m.versions[rec.Stream]++
		rec.Version, rec.Position = m.versions[rec.Stream], m.Written+1
		if err := rec.check(); err != nil {
			return err
		}
		if m.Registry != nil {
			if _, err := m.Registry.decode(rec); err != nil {
				return err
			}
		}
		m.digest.Add(rec)
		m.Written++
		if m.batch = append(m.batch, rec); len(m.batch) == importBatch {
			if err := m.write(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// count keeps the figures of the report.
func (m *migration) count(old Recorded, became []Recorded) {
	m.Read++
	m.counted(old.Type, 1, 0)
	from := m.stream(old.Stream)
	from.Read++
	switch len(became) {
	case 0:
		m.Dropped++
	case 1:
	default:
		m.Split++
	}
	for _, rec := range became {
		m.counted(rec.Type, 0, 1)
		to := m.stream(rec.Stream)
		to.Written++
		if rec.Type != old.Type {
			m.Retyped++
			to.changed = true
		}
		if rec.Stream != old.Stream {
			m.Moved++
			from.changed, to.changed = true, true
		}
	}
}

func (m *migration) counted(typ string, read, written int64) {
	c := m.Types[typ]
	m.Types[typ] = Count{c.Read + read, c.Written + written}
}

func (m *migration) stream(name string) *streamCount {
	c := m.streams[name]
	if c == nil {
		c = &streamCount{}
		m.streams[name] = c
	}
	return c
}

// write copies what is waiting into the target.
func (m *migration) write(ctx context.Context) error {
	batch := m.batch
	m.batch = m.batch[:0]
	if m.DryRun || len(batch) == 0 {
		return nil
	}
	columns := []string{"position", "event_id", "stream", "version", "type", "schema_version", "data", "metadata", "correlation_id", "causation_id", "actor", "recorded_at"}
	_, err := m.target.CopyFrom(ctx, pgx.Identifier{"events"}, columns, pgx.CopyFromSlice(len(batch), func(i int) ([]any, error) {
		e := batch[i]
		return []any{e.Position, e.ID, e.Stream, e.Version, e.Type, e.SchemaVersion, string(e.Data), textOrNull(e.Metadata),
			idOrNull(e.CorrelationID), idOrNull(e.CausationID), e.Actor, e.Time}, nil
	}))
	return err
}

func idOrNull(id uuid.UUID) uuid.NullUUID { return uuid.NullUUID{UUID: id, Valid: id != uuid.Nil} }

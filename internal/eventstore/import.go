package eventstore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"iter"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// ImportOptions of Import; the zero value imports into an empty log.
type ImportOptions struct {
	Append   bool               // the log may hold events already; the new ones go behind them
	Gaps     bool               // positions may be missing, and streams begin later: events were erased or left out
	Progress func(events int64) // called now and then with how many have been read
	// Handled are subscriptions that go on behind what is imported, as those did where it comes from: what they do
	// because of an event was done there. One that is behind, or isn't known in a log that holds events, stays where it is.
	Handled []string
}

// Imported says what an import brought.
type Imported struct {
	Events      int64
	First, Last int64  // their positions in this log; 0 when there were none
	Digest      string // see Digest: an export of the same events gives the same
}

// ErrLogNotEmpty: an import without ImportOptions.Append found events in the log.
var ErrLogNotEmpty = errors.New("the log has events already")

// Import puts events of another log (ReadLines) into this one, all or none: they are gathered beside the log first, and
// enter it in one statement, so that no append waits for longer than that. Ids, versions, times and metadata stay;
// positions are counted anew. Personal fields that aren't sealed yet are sealed.
//
// It refuses, with a *LineError that counts the events given: what Append would refuse; a missing event (ErrLineOrder,
// unless ImportOptions.Gaps); a type or shape that the registry
// can't decode, or something sealed whose key isn't here (ErrNoKey of the vault); an id that is there already
// (ErrDuplicateEvent); and a stream that doesn't go on where it ends here (a *ConflictError, with Append).
func (s *Store) Import(ctx context.Context, events iter.Seq2[Recorded, error], opts ImportOptions) (done Imported, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if err := s.refuseNonEmpty(ctx, tx, opts, ""); err != nil { // before anything is read; and once more when it is locked
			return err
		}
		if _, err := tx.Exec(ctx, layImported); err != nil {
			return err
		}
		in := intake{store: s, tx: tx, digest: NewDigest(), gaps: opts.Gaps, append: opts.Append, streams: map[string]bool{}, progress: opts.Progress}
		if err := in.readAll(ctx, events); err != nil || in.count == 0 {
			return err
		}
		done, err = in.enter(ctx, opts)
		return err
	})
	if err != nil {
		return Imported{}, fmt.Errorf("import: %w", err)
	}
	return done, nil
}

// refuseNonEmpty looks at the head.
func (s *Store) refuseNonEmpty(ctx context.Context, tx pgx.Tx, opts ImportOptions, lock string) error {
	var head int64
	if err := tx.QueryRow(ctx, `select position from events_head where only_row`+lock).Scan(&head); err != nil {
		return noHead(err)
	}
	if head > 0 && !opts.Append {
		return fmt.Errorf("%w: %d of them", ErrLogNotEmpty, head)
	}
	return nil
}

const layImported = `
create temporary table imported (
	n bigint primary key, event_id uuid not null constraint imported_event_id_key unique, stream text collate "C" not null, version bigint not null,
	type text not null, schema_version int not null, data json not null, metadata json, correlation_id uuid, causation_id uuid,
	actor text not null, recorded_at timestamptz not null
) on commit drop`

var importedColumns = []string{"n", "event_id", "stream", "version", "type", "schema_version", "data", "metadata", "correlation_id",
	"causation_id", "actor", "recorded_at"}

// intake is an import under way.
type intake struct {
	store    *Store
	tx       pgx.Tx
	digest   *Digest
	gaps     bool
	append   bool
	position int64           // of the last event, where it comes from
	streams  map[string]bool // seen before
	progress func(int64)
	count    int64
	batch    []Recorded
}

// importBatch is how many events go over the wire at once.
const importBatch = 5000

func (in *intake) readAll(ctx context.Context, events iter.Seq2[Recorded, error]) error {
	for rec, err := range events {
		if err != nil {
			return err
		}
		in.count++
		if rec, err = in.admit(rec); err != nil {
			return in.at(in.count, rec, err)
		}
		in.digest.Add(rec)
		if in.batch = append(in.batch, rec); len(in.batch) == importBatch {
			if err := in.send(ctx); err != nil {
				return err
			}
		}
	}
	return in.send(ctx)
}

func (in *intake) at(line int64, rec Recorded, err error) error {
	return &LineError{Line: line, Stream: rec.Stream, Position: rec.Position, Err: err}
}

// admit says whether the log can hold an event and the program read it, and seals it.
func (in *intake) admit(rec Recorded) (Recorded, error) {
	if err := rec.check(); err != nil {
		return rec, err
	}
	if err := in.follows(rec); err != nil {
		return rec, err
	}
	sealed, _, err := in.store.registry.Sealed(rec)
	if err != nil {
		return rec, err
	}
	_, err = in.store.registry.Decode(sealed)
	return sealed, err
}

// follows finds what is missing.
func (in *intake) follows(rec Recorded) error {
	began := in.streams[rec.Stream]
	switch {
	case in.gaps:
	case rec.Position != in.position+1:
		return fmt.Errorf("%w: position %d comes behind %d", ErrLineOrder, rec.Position, in.position)
	case !began && rec.Version != 1 && !in.append:
		return fmt.Errorf("%w: the stream begins at version %d", ErrLineOrder, rec.Version)
	}
	in.position, in.streams[rec.Stream] = rec.Position, true
	return nil
}

// send copies the batch into the temporary table.
func (in *intake) send(ctx context.Context) error {
	first := in.count - int64(len(in.batch)) + 1
	_, err := in.tx.CopyFrom(ctx, pgx.Identifier{"imported"}, importedColumns, pgx.CopyFromSlice(len(in.batch), func(i int) ([]any, error) {
		e := in.batch[i]
		return []any{first + int64(i), e.ID, e.Stream, e.Version, e.Type, e.SchemaVersion, string(e.Data), textOrNull(e.Metadata),
			idOrNull(e.CorrelationID), idOrNull(e.CausationID), e.Actor, e.Time}, nil
	}))
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == pgerrcode.UniqueViolation {
		for i, e := range in.batch {
			if strings.Contains(refused.Detail, e.ID.String()) {
				// The second of two in one batch is the one that is refused.
				for j := i + 1; j < len(in.batch); j++ {
					if in.batch[j].ID == e.ID {
						i, e = j, in.batch[j]
					}
				}
				return in.at(first+int64(i), e, fmt.Errorf("%w: %s comes twice", ErrDuplicateEvent, e.ID))
			}
		}
	}
	if err != nil {
		return err
	}
	in.batch = in.batch[:0]
	if in.progress != nil {
		in.progress(in.count)
	}
	return nil
}

func textOrNull(data []byte) *string {
	if data == nil {
		return nil
	}
	text := string(data)
	return &text
}

// enter moves what was gathered into the log, with the head locked.
func (in *intake) enter(ctx context.Context, opts ImportOptions) (done Imported, err error) {
	if err := in.store.refuseNonEmpty(ctx, in.tx, opts, " for update"); err != nil {
		return done, err
	}
	if opts.Append {
		if err := in.fits(ctx); err != nil {
			return done, err
		}
	}
	err = in.tx.QueryRow(ctx, `
		with head as (update events_head set position = position + $1 where only_row returning position - $1 as before),
		entered as (
			insert into events (position, event_id, stream, version, type, schema_version, data, metadata, correlation_id, causation_id, actor, recorded_at)
			select before + n, event_id, stream, version, type, schema_version, data, metadata, correlation_id, causation_id, actor, recorded_at
			from head, imported order by n)
		select before from head`, in.count).Scan(&done.First)
	if err != nil {
		return done, err
	}
	done = Imported{Events: in.count, First: done.First + 1, Last: done.First + in.count, Digest: in.digest.String()}
	if err := in.pass(ctx, opts.Handled, done); err != nil {
		return done, err
	}
	_, err = in.tx.Exec(ctx, `select pg_notify($1, $2::bigint::text)`, channel, done.Last)
	return done, err
}

// pass moves subscriptions behind what was imported. Who holds one loses its lease, and so the place where it stood.
func (in *intake) pass(ctx context.Context, names []string, done Imported) error {
	before := done.First - 1
	if before == 0 {
		_, err := in.tx.Exec(ctx, `insert into subscriptions (name, kind) select name, 'handler' from unnest($1::text[]) name
			on conflict (name) do nothing`, names)
		if err != nil {
			return err
		}
	}
	_, err := in.tx.Exec(ctx, `update subscriptions set position = $3, ahead = '{}', epoch = epoch + 1, owner = '', lease_until = null, updated_at = now()
		where name = any($1) and position = $2`, names, before, done.Last)
	return err
}

// fits says whether the events can follow those that are there.
func (in *intake) fits(ctx context.Context) error {
	var e Recorded
	var n, version int64
	var twice, deleted bool
	err := in.tx.QueryRow(ctx, `
		select i.n, i.event_id, i.stream, i.version, here.event_id is not null, coalesce(m.deleted_at is not null, false), coalesce(last.version, 0)
		from imported i
		left join events here on here.event_id = i.event_id
		left join stream_marks m on m.stream = i.stream
		left join lateral (select version from events where events.stream = i.stream order by version desc limit 1) last on true
		left join imported before on before.stream = i.stream and before.version = i.version - 1
		where here.event_id is not null or m.deleted_at is not null or before.n is null and i.version <> coalesce(last.version, 0) + 1
		order by i.n limit 1`).Scan(&n, &e.ID, &e.Stream, &e.Version, &twice, &deleted, &version)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case err != nil:
		return err
	case twice:
		err = fmt.Errorf("%w: %s", ErrDuplicateEvent, e.ID)
	case deleted:
		err = deletedError(e.Stream)
	default:
		err = &ConflictError{Stream: e.Stream, Expected: Exact(e.Version - 1), Actual: version}
	}
	return in.at(n, e, err)
}

// Digest tells whether two logs hold the same events in the same order: SHA-256 over their ids.
type Digest struct {
	sum    hash.Hash
	events int64
}

// NewDigest is that of no events.
func NewDigest() *Digest { return &Digest{sum: sha256.New()} }

// Add counts one more event in.
func (d *Digest) Add(e Recorded) {
	d.sum.Write(e.ID[:]) // never errs
	d.events++
}

// Events is how many were added.
func (d *Digest) Events() int64 { return d.events }

// String is the sum so far, in hex.
func (d *Digest) String() string { return hex.EncodeToString(d.sum.Sum(nil)) }

// Of passes events on and adds them.
func (d *Digest) Of(events iter.Seq2[Recorded, error]) iter.Seq2[Recorded, error] {
	return func(yield func(Recorded, error) bool) {
		for rec, err := range events {
			if err == nil {
				d.Add(rec)
			}
			if !yield(rec, err) {
				return
			}
		}
	}
}

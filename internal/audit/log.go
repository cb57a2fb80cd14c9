package audit

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Options of a Log; the zero value is right for a server.
type Options struct {
	Queue int           // most entries that wait to be written; 0: 20,000, some 20 MB
	Keep  time.Duration // how long entries are kept; 0: 400 days; negative: for ever
	Log   *slog.Logger  // nil: slog.Default
}

// Log writes entries. It is safe for concurrent use.
type Log struct {
	pool  *pgxpool.Pool
	opts  Options
	queue chan item
	lost  atomic.Int64
}

// item is an entry, or somebody who waits until those before are written.
type item struct {
	entry   Entry
	written chan struct{}
}

// New makes a log that keeps what it is told until Run writes it.
func New(pool *pgxpool.Pool, opts Options) *Log {
	if opts.Queue <= 0 {
		opts.Queue = 20_000
	}
	if opts.Keep == 0 {
		opts.Keep = 400 * 24 * time.Hour
	}
	if opts.Log == nil {
		opts.Log = slog.Default()
	}
	return &Log{pool: pool, opts: opts, queue: make(chan item, opts.Queue)}
}

// Record hands an entry over to be written, and never waits: when the queue is full, the entry is lost.
func (l *Log) Record(e Entry) {
	if e.ID == uuid.Nil {
		e.ID = uuid.Must(uuid.NewV7())
	}
	if e.At.IsZero() {
		e.At = time.Now()
	}
	if e.Fields == nil {
		e.Fields = Fields(nil)
	}
	select {
	case l.queue <- item{entry: e}:
	default:
		l.lose(1, errors.New("more commands than can be written down"))
	}
}

// Lost is how many entries were not written since the start.
func (l *Log) Lost() int64 { return l.lost.Load() }

// lose counts entries, and says so at the 1st, 2nd, 4th, 8th …: whatever is wrong, it must not fill the disk.
func (l *Log) lose(n int, why error) {
	before := l.lost.Add(int64(n)) - int64(n)
	if before&(before+int64(n)) == 0 || before == 0 {
		l.opts.Log.Error("commands are missing in the audit", "lost", before+int64(n), "error", why)
	}
}

// Flush returns when all that was recorded before can be read, or is lost. It needs Run.
func (l *Log) Flush(ctx context.Context) error {
	written := make(chan struct{})
	select {
	case l.queue <- item{written: written}:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-written:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// How Run goes about it.
const (
	gathering    = 20 * time.Millisecond // commands come in swarms: one statement for many costs little more than one for one
	maxBatch     = 1000
	patience     = 10 * time.Second // with a database that can't be reached, before a batch is given up
	lastPatience = 3 * time.Second  // the same once the program stops
	sweepEvery   = 6 * time.Hour
)

// Run writes entries until ctx is done, and then what is left. It also deletes old ones.
func (l *Log) Run(ctx context.Context) error {
	sweep := time.NewTimer(time.Minute) // not amid the start
	defer sweep.Stop()
	for {
		select {
		case <-ctx.Done():
			l.finish(ctx)
			return nil
		case <-sweep.C:
			l.sweep(ctx, time.Now())
			sweep.Reset(sweepEvery)
		case first := <-l.queue:
			if first.written == nil {
				pause(ctx, gathering)
			}
			l.write(ctx, l.gather(first), patience)
		}
	}
}

// finish writes what has been recorded by now.
func (l *Log) finish(ctx context.Context) {
	for {
		select {
		case first := <-l.queue:
			l.write(context.WithoutCancel(ctx), l.gather(first), lastPatience)
		default:
			return
		}
	}
}

// gather takes what waits, at most a batch.
func (l *Log) gather(first item) []item {
	batch := []item{first}
	for len(batch) < maxBatch {
		select {
		case next := <-l.queue:
			batch = append(batch, next)
		default:
			return batch
		}
	}
	return batch
}

// write stores a batch and tells those who wait for it.
func (l *Log) write(ctx context.Context, batch []item, patience time.Duration) {
	var entries []Entry
	for _, i := range batch {
		if i.written == nil {
			entries = append(entries, i.entry)
		}
	}
	if len(entries) > 0 {
		l.store(ctx, entries, patience)
	}
	for _, i := range batch {
		if i.written != nil {
			close(i.written)
		}
	}
}

// store tries as long as the database can't be reached and patience lasts. What it refuses is tried one by one, so that
// one strange entry takes no others along.
func (l *Log) store(ctx context.Context, entries []Entry, patience time.Duration) {
	// Not the caller's context alone: a batch under way when the program stops is still written.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	var err error
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		if err = l.insert(ctx, entries); err == nil {
			return
		}
		var refused *pgconn.PgError
		if errors.As(err, &refused) || ctx.Err() != nil {
			break
		}
		pause(ctx, wait)
	}
	if ctx.Err() != nil {
		l.lose(len(entries), err)
		return
	}
	for _, e := range entries {
		if err := l.insert(ctx, []Entry{e}); err != nil && !known(err) {
			l.lose(1, err)
		}
	}
}

// known says that the entry is there: the connection had broken between commit and answer.
func known(err error) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && refused.Code == pgerrcode.UniqueViolation
}

var columns = []string{"id", "recorded_at", "command_id", "type", "target", "challenge_id", "actor", "correlation_id", "causation_id",
	"outcome", "code", "detail", "took_us", "first_position", "last_position", "fields"}

func (l *Log) insert(ctx context.Context, entries []Entry) error {
	_, err := l.pool.CopyFrom(ctx, pgx.Identifier{"command_audit"}, columns, pgx.CopyFromSlice(len(entries), func(i int) ([]any, error) {
		e := &entries[i]
		return []any{e.ID, e.At, orNull(e.CommandID), e.Type, orNull(e.Target), orNull(e.Challenge), clean(e.Actor, 100),
			orNull(e.CorrelationID), orNull(e.CausationID), string(e.Outcome), clean(e.Code, 100), clean(e.Detail, 1000),
			e.Took.Microseconds(), position(e.First), position(e.Last), []byte(e.Fields)}, nil
	}))
	return err
}

func orNull(id uuid.UUID) uuid.NullUUID { return uuid.NullUUID{UUID: id, Valid: id != uuid.Nil} }

func position(p int64) *int64 {
	if p == 0 {
		return nil
	}
	return &p
}

// pause waits, or returns early when ctx is done.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// sweep deletes entries that have been kept long enough, a bounded number at a time so that nobody waits for it.
func (l *Log) sweep(ctx context.Context, now time.Time) {
	if l.opts.Keep < 0 {
		return
	}
	for ctx.Err() == nil {
		tag, err := l.pool.Exec(ctx, `delete from command_audit where id in (
			select id from command_audit where id < $1 order by id limit 10000)`, firstID(now.Add(-l.opts.Keep)))
		if err != nil {
			if ctx.Err() == nil {
				l.opts.Log.Warn("old entries of the audit couldn't be deleted", "error", err)
			}
			return
		}
		if tag.RowsAffected() < 10_000 {
			return
		}
	}
}

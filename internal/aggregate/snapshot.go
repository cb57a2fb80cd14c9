package aggregate

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/panics"
)

// Snapshotter is a state that can be kept beside the log, so that loading it needn't read every event: for aggregates that
// live long or grow large. All its methods are pure. A state that holds what may have to be forgotten about a person must
// not be one.
type Snapshotter[S any] interface {
	// SnapshotSchema names the aggregate and the shape of its snapshots. Raise the number whenever the state, or what
	// Evolve makes of an event, changes: snapshots of other shapes are not used, and those of older ones get replaced.
	SnapshotSchema() (name string, version int)
	MarshalSnapshot() ([]byte, error)
	// UnmarshalSnapshot makes the state of what MarshalSnapshot gave; the receiver is a zero value.
	UnmarshalSnapshot([]byte) (S, error)
}

// Weighty is a Snapshotter that is Sized, and whose events bring several of the things that Len counts each: so many.
// Otherwise an event counts as one.
type Weighty interface{ EventWeight() int }

// SnapshotOptions of Snapshots; the zero value is right for a server.
type SnapshotOptions struct {
	// Every is how many events have to come after a snapshot for the next one, each counted as Weighty says; 0: 1,000. A
	// state that is Sized waits for a quarter of its size if that is more, so that what snapshots cost stays in proportion to
	// the events.
	Every int
	Log   *slog.Logger // nil: slog.Default
}

// Snapshots writes the states that hosts offer, beside the commands. Any number of hosts and nodes may share a table.
type Snapshots struct {
	pool *pgxpool.Pool
	opts SnapshotOptions

	mu      sync.Mutex
	waiting map[string]snapshot // the newest of each stream
	writing bool
	changed chan struct{} // closed when waiting or writing has changed
}

// snapshot is a state at a version, not marshalled yet: that is done where nobody waits for it.
type snapshot struct {
	stream            string
	version, position int64
	state             interface {
		SnapshotSchema() (string, int)
		MarshalSnapshot() ([]byte, error)
	}
}

// maxWaiting bounds the states that wait to be written: the rest comes with a later event.
const maxWaiting = 256

// NewSnapshots makes a writer for Options.Snapshots.
func NewSnapshots(pool *pgxpool.Pool, opts SnapshotOptions) *Snapshots {
	if opts.Every <= 0 {
		opts.Every = 1000
	}
	if opts.Log == nil {
		opts.Log = slog.Default()
	}
	return &Snapshots{pool: pool, opts: opts, waiting: map[string]snapshot{}, changed: make(chan struct{})}
}

// Run writes what is offered until ctx is done. What waits then isn't written: the log has it.
func (s *Snapshots) Run(ctx context.Context) error {
	for {
		next, changed := s.take()
		if next.state == nil {
			select {
			case <-changed:
				continue
			case <-ctx.Done():
				return nil
			}
		}
		if err := s.write(ctx, next); err != nil && ctx.Err() == nil {
			s.opts.Log.Warn("a snapshot couldn't be written", "stream", next.stream, "version", next.version, "error", err)
		}
		s.done()
		if ctx.Err() != nil {
			return nil
		}
	}
}

func (s *Snapshots) take() (next snapshot, changed <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for stream, waits := range s.waiting {
		delete(s.waiting, stream)
		s.writing = true
		return waits, nil
	}
	return snapshot{}, s.changed
}

func (s *Snapshots) done() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writing = false
	s.tell()
}

func (s *Snapshots) tell() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// offer hands a state over to be written, and says whether there was room for it.
func (s *Snapshots) offer(n snapshot) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old, ok := s.waiting[n.stream]; !ok && len(s.waiting) >= maxWaiting || ok && old.version >= n.version {
		return false
	}
	s.waiting[n.stream] = n
	s.tell()
	return true
}

// Flush returns when nothing waits to be written. It needs Run.
func (s *Snapshots) Flush(ctx context.Context) error {
	for {
		s.mu.Lock()
		idle, changed := len(s.waiting) == 0 && !s.writing, s.changed
		s.mu.Unlock()
		if idle {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(data []byte) int64 { return int64(crc32.Checksum(data, castagnoli)) }

// write stores a snapshot unless a newer one, or one of a newer shape, is there. It holds on to the event, so that who
// erases it at this moment deletes the snapshot too, or finds none.
func (s *Snapshots) write(ctx context.Context, n snapshot) error {
	var data []byte
	err := panics.Caught(func() (err error) { data, err = n.state.MarshalSnapshot(); return err })
	if err != nil {
		return err
	}
	schema, number := n.state.SnapshotSchema()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	_, err = s.pool.Exec(ctx, `
		with event as (select from events where stream = $1 and version = $2 and position = $3 for share)
		insert into aggregate_snapshots as old (stream, version, position, schema, schema_version, data, checksum)
		select $1, $2, $3, $4, $5, $6, $7 from event
		on conflict (stream) do update set version = excluded.version, position = excluded.position, schema = excluded.schema,
			schema_version = excluded.schema_version, data = excluded.data, checksum = excluded.checksum, taken_at = now()
		where old.schema <> excluded.schema or (old.schema_version, old.version) < (excluded.schema_version, excluded.version)`,
		n.stream, n.version, n.position, schema, number, data, checksum(data))
	return err
}

// stored is a row of the table.
type stored struct {
	Version, Position int64
	Data              []byte
	Checksum          int64
}

var errNoSnapshot = errors.New("there is no snapshot of this shape")

// find reads a stream's snapshot if it is of a shape; the data of another one isn't even fetched.
func (s *Snapshots) find(ctx context.Context, stream, schema string, number int) (stored, error) {
	rows, err := s.pool.Query(ctx, `select version, position, data, checksum from aggregate_snapshots
		where stream = $1 and schema = $2 and schema_version = $3`, stream, schema, number)
	if err != nil {
		return stored{}, err
	}
	found, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[stored])
	if errors.Is(err, pgx.ErrNoRows) {
		return stored{}, errNoSnapshot
	}
	return found, err
}

// discard deletes a snapshot that was no use, unless it has been replaced meanwhile.
func (s *Snapshots) discard(ctx context.Context, stream string, found stored, why error) {
	s.opts.Log.Warn("a snapshot is of no use, the events are read instead", "stream", stream, "version", found.Version, "error", why)
	_, err := s.pool.Exec(ctx, `delete from aggregate_snapshots where stream = $1 and version = $2 and position = $3 and checksum = $4`,
		stream, found.Version, found.Position, found.Checksum)
	if err != nil && ctx.Err() == nil {
		s.opts.Log.Warn("a snapshot of no use couldn't be deleted", "stream", stream, "error", err)
	}
}

// DropSnapshot deletes what is kept of a stream's state. Where a stream's events are erased, the database does it by itself:
// see migration 27.
func DropSnapshot(ctx context.Context, db interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}, stream string) error {
	_, err := db.Exec(ctx, `delete from aggregate_snapshots where stream = $1`, stream)
	return err
}

// fromSnapshot starts from what is kept beside the log, if that is of any use; whether it belongs to this stream, readOn
// finds out.
func (h *Host[S, C, E]) fromSnapshot(ctx context.Context, id uuid.UUID) (v versioned[S], found stored) {
	zero, ok := any(v.state).(Snapshotter[S])
	if !ok || h.snapshots == nil {
		return v, stored{}
	}
	schema, number := zero.SnapshotSchema()
	found, err := h.snapshots.find(ctx, h.stream(id), schema, number)
	if err == nil && checksum(found.Data) != found.Checksum {
		err = errors.New("its checksum is wrong")
	}
	if err == nil {
		err = panics.Caught(func() (err error) { v.state, err = zero.UnmarshalSnapshot(found.Data); return err })
	}
	switch {
	case err == nil:
		h.did.restored.Add(1)
		return versioned[S]{state: v.state, version: found.Version, position: found.Position, kept: found.Version}, found
	case found.Version > 0:
		h.snapshots.discard(ctx, h.stream(id), found, err)
	case !errors.Is(err, errNoSnapshot) && ctx.Err() == nil:
		h.snapshots.opts.Log.Warn("a snapshot couldn't be read, the events are read instead", "stream", h.stream(id), "error", err)
	}
	return versioned[S]{}, stored{}
}

// offer has the state written down where that pays by now.
func (h *Host[S, C, E]) offer(id uuid.UUID, v *versioned[S]) {
	state, ok := any(v.state).(Snapshotter[S])
	if !ok || h.snapshots == nil || (v.version-v.kept)*eventWeight(v.state) < int64(max(h.snapshots.opts.Every, v.weight()/4)) {
		return
	}
	if h.snapshots.offer(snapshot{h.stream(id), v.version, v.position, state}) {
		v.kept = v.version
	}
}

func eventWeight(state any) int64 {
	if weighty, ok := state.(Weighty); ok {
		return int64(weighty.EventWeight())
	}
	return 1
}

// alienError says that what was remembered of an aggregate, in memory or by a snapshot, is not of the stream's present
// history: it was erased meanwhile, or restored from a backup.
type alienError struct{ version int64 }

func (e *alienError) Error() string {
	return fmt.Sprintf("version %d is not, or no longer, of this stream's history", e.version)
}

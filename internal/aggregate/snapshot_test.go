package aggregate_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"pgregory.net/rapid"

	"segmentchallenge/internal/aggregate"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
)

// Book is an account that can be kept beside the log.
type Book struct{ Account }

func (b Book) Evolve(e AccountEvent) Book { return Book{b.Account.Evolve(e)} }

func (Book) SnapshotSchema() (string, int)      { return "book", 2 }
func (b Book) MarshalSnapshot() ([]byte, error) { return json.Marshal(b.Account) }

// unmarshalled counts how often a snapshot was looked at, by its bytes: tests run beside each other.
var unmarshalled sync.Map

func looks(data string) int64 {
	count, _ := unmarshalled.LoadOrStore(data, new(atomic.Int64))
	return count.(*atomic.Int64).Load()
}

func (Book) UnmarshalSnapshot(data []byte) (b Book, err error) {
	count, _ := unmarshalled.LoadOrStore(string(data), new(atomic.Int64))
	count.(*atomic.Int64).Add(1)
	if string(data) == "panic" {
		panic("these bytes can't be understood")
	}
	err = json.Unmarshal(data, &b.Account)
	return b, err
}

type books = aggregate.Host[Book, AccountCommand, AccountEvent]

// shelf is a database with hosts of books on it.
type shelf struct {
	*testing.T
	pool  *pgxpool.Pool
	store *eventstore.Store
}

func newShelf(t *testing.T) shelf {
	pool := postgrestest.New(t)
	return shelf{t, pool, node(t, pool)}
}

// snapshots writes until the test ends.
func (s shelf) snapshots(every int) *aggregate.Snapshots {
	snapshots := aggregate.NewSnapshots(s.pool, aggregate.SnapshotOptions{Every: every, Log: slog.New(slog.DiscardHandler)})
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = snapshots.Run(ctx) }) // returns nil only
	s.Cleanup(func() { stop(); running.Wait() })
	return snapshots
}

// cold is a host that has nothing in memory.
func (s shelf) cold(snapshots *aggregate.Snapshots) *books {
	return aggregate.NewHost[Book](s.store, "account", aggregate.Options{Snapshots: snapshots})
}

func (s shelf) do(h *books, id uuid.UUID, cmd AccountCommand) {
	s.Helper()
	if _, err := h.Execute(soon(s), id, cmd, eventstore.Meta{}); err != nil {
		s.Fatal(err)
	}
}

func (s shelf) exec(sql string, args ...any) int64 {
	s.Helper()
	tag, err := s.pool.Exec(soon(s), sql, args...)
	if err != nil {
		s.Fatal(err)
	}
	return tag.RowsAffected()
}

// kept is the version of the snapshot of an account, 0 when there is none.
func (s shelf) kept(id uuid.UUID) (version int64) {
	s.Helper()
	if err := s.pool.QueryRow(soon(s), `select coalesce(max(version), 0) from aggregate_snapshots where stream = $1`,
		eventstore.StreamName("account", id)).Scan(&version); err != nil {
		s.Fatal(err)
	}
	return version
}

// put lays a snapshot beside the log by hand, once those that wait to be written have been: one of them would take its place.
func (s shelf) put(snapshots *aggregate.Snapshots, id uuid.UUID, version, position int64, schema string, number int, data string) {
	s.Helper()
	s.flush(snapshots)
	s.exec(`delete from aggregate_snapshots`)
	s.exec(`insert into aggregate_snapshots values ($1, $2, $3, $4, $5, $6, $7)`, eventstore.StreamName("account", id), version, position,
		schema, number, []byte(data), int64(crc32.Checksum([]byte(data), crc32.MakeTable(crc32.Castagnoli))))
}

func (s shelf) flush(snapshots *aggregate.Snapshots) {
	s.Helper()
	if err := snapshots.Flush(soon(s)); err != nil {
		s.Fatal(err)
	}
}

func TestSnapshotsAreTakenNowAndThen(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	snapshots := s.snapshots(10)
	h, id := s.cold(snapshots), uuid.New()
	for n := int64(1); n <= 35; n++ {
		s.do(h, id, Deposit{1})
		s.flush(snapshots)
		if got := s.kept(id); got != n/10*10 {
			t.Fatalf("after %d events the snapshot is of version %d", n, got)
		}
	}
	// What it says is used: with another balance in it, everybody believes in that.
	s.exec(`update aggregate_snapshots set data = '{"Balance": 1030}', checksum = $1`,
		int64(crc32.Checksum([]byte(`{"Balance": 1030}`), crc32.MakeTable(crc32.Castagnoli))))
	cold := s.cold(snapshots)
	if book, version, err := cold.Load(soon(t), id); book.Balance != 1035 || version != 35 || err != nil {
		t.Errorf("%+v, version %d, %v", book, version, err)
	}
	// Reading a long stream that has none leaves one, once.
	s.exec(`delete from aggregate_snapshots`)
	for range 3 {
		reader := s.cold(snapshots)
		for range 3 {
			if book, _, err := reader.Load(soon(t), id); book.Balance != 35 || err != nil {
				t.Errorf("%+v, %v", book, err)
			}
			s.flush(snapshots)
		}
		if got := s.kept(id); got != 35 {
			t.Errorf("the snapshot is of version %d", got)
		}
	}
}

// AG-08: a snapshot that doesn't fit is not used, whatever is wrong with it, and doesn't come into the way of the next.
func TestAG08_SnapshotThatDoesNotFit(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	snapshots := s.snapshots(1)
	id := uuid.New()
	for range 5 {
		s.do(s.cold(nil), id, Deposit{7})
	}
	positions := map[int64]int64{}
	for _, rec := range events(t, s.store, id) {
		positions[rec.Version] = rec.Position
	}
	const rich = `{"Balance": 1000}`
	for name, c := range map[string]struct {
		version, position int64
		schema            string
		number            int
		data              string
		sum               bool // the checksum is wrong
		unread            bool // its data must not even be looked at
	}{
		"an older shape":         {5, positions[5], "book", 1, rich, false, true},
		"a newer shape":          {5, positions[5], "book", 3, rich, false, true},
		"of another aggregate":   {5, positions[5], "ledger", 2, rich, false, true},
		"corrupt":                {5, positions[5], "book", 2, `{"Balance": `, false, false},
		"of another type":        {5, positions[5], "book", 2, `{"Balance": "much"}`, false, false},
		"nothing":                {5, positions[5], "book", 2, ``, false, false},
		"makes it panic":         {5, positions[5], "book", 2, `panic`, false, false},
		"damaged on the disk":    {5, positions[5], "book", 2, rich, true, true},
		"ahead of the stream":    {6, positions[5] + 1, "book", 2, rich, false, false},
		"far ahead":              {6000, 9999, "book", 2, rich, false, false},
		"of an erased history":   {5, positions[5] - 1, "book", 2, rich, false, false},
		"of an erased beginning": {3, positions[3] + 100, "book", 2, rich, false, false},
	} {
		if c.unread { // bytes that no other case has, so that nobody else looks at them
			c.data = fmt.Sprintf(`{"Balance": 1000, "Of": %q}`, name)
		}
		s.put(snapshots, id, c.version, c.position, c.schema, c.number, c.data)
		if c.sum {
			s.exec(`update aggregate_snapshots set checksum = checksum + 1`)
		}
		before := looks(c.data)
		h := s.cold(snapshots)
		if book, version, err := h.Load(soon(t), id); book.Balance != 35 || version != 5 || err != nil {
			t.Errorf("%s: %+v, version %d, %v", name, book, version, err)
		}
		if looked := looks(c.data) > before; looked == c.unread {
			t.Errorf("%s: the data was looked at: %v", name, looked)
		}
		// The one that is of use takes its place, unless the one there is for newer programs.
		s.flush(snapshots)
		if got := s.kept(id); got != 5 {
			t.Errorf("%s: afterwards the snapshot is of version %d", name, got)
		}
		if book, _, err := s.cold(snapshots).Load(soon(t), id); book.Balance != 35 || err != nil {
			t.Errorf("%s: afterwards %+v, %v", name, book, err)
		}
	}
	// A command, too, is decided on the events then.
	s.put(snapshots, id, 6000, 9999, "book", 2, rich)
	if _, err := s.cold(snapshots).Execute(soon(t), id, Withdraw{36}, eventstore.Meta{}); !errors.Is(err, errOverdrawn) {
		t.Errorf("more could be withdrawn than there is: %v", err)
	}
}

func TestAG08_SnapshotOfAnErasedStream(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	snapshots := s.snapshots(1)
	h, id := s.cold(snapshots), uuid.New()
	s.do(h, id, Deposit{7})
	s.flush(snapshots)
	stream := eventstore.StreamName("account", id)
	s.exec(`begin; set local eventstore.allow_change = 'on'; delete from events where stream = '` + stream + `'; commit`)
	for name, host := range map[string]*books{"in memory": h, "by snapshot": s.cold(snapshots)} {
		if book, version, err := host.Load(soon(t), id); book.Balance != 0 || version != 0 || err != nil {
			t.Errorf("%s: %+v, version %d, %v", name, book, version, err)
		}
	}
	if got := s.kept(id); got != 0 {
		t.Errorf("its snapshot, of version %d, is still there", got)
	}
	// Nor is one written for a stream that was erased while the state waited to be written.
	other := uuid.New()
	waiting := aggregate.NewSnapshots(s.pool, aggregate.SnapshotOptions{Every: 1, Log: slog.New(slog.DiscardHandler)})
	s.do(s.cold(waiting), other, Deposit{7})
	s.exec(`begin; set local eventstore.allow_change = 'on'; delete from events where stream = '` + eventstore.StreamName("account", other) + `'; commit`)
	ctx, stop := context.WithCancel(soon(t))
	var running sync.WaitGroup
	running.Go(func() { _ = waiting.Run(ctx) })
	s.flush(waiting)
	stop()
	running.Wait()
	if got := s.kept(other); got != 0 {
		t.Errorf("a snapshot of version %d was written after the erasure", got)
	}
}

func TestDropSnapshot(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	snapshots := s.snapshots(1)
	one, other := uuid.New(), uuid.New()
	for _, id := range []uuid.UUID{one, other} {
		s.do(s.cold(snapshots), id, Deposit{7})
	}
	s.flush(snapshots)
	for range 2 { // what isn't there is no error
		if err := aggregate.DropSnapshot(soon(t), s.pool, eventstore.StreamName("account", one)); err != nil {
			t.Fatal(err)
		}
	}
	if s.kept(one) != 0 || s.kept(other) != 1 {
		t.Errorf("snapshots of versions %d and %d are left", s.kept(one), s.kept(other))
	}
}

// A stream that is erased takes its snapshot with it, or leaves it if the erasure comes to nothing. Of one whose beginning is
// erased the snapshot stays: the state can't be made without it.
func TestErasedStreamsLoseTheirSnapshots(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	snapshots := s.snapshots(1)
	gone, cut, other := uuid.New(), uuid.New(), uuid.New()
	for _, id := range []uuid.UUID{gone, cut, other} {
		for range 3 {
			s.do(s.cold(snapshots), id, Deposit{7})
		}
	}
	s.flush(snapshots)
	store, err := eventstore.Open(soon(t), s.pool, s.store.Registry(), eventstore.Options{AllowErase: true, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	name := func(id uuid.UUID) string { return eventstore.StreamName("account", id) }
	if err := errors.Join(store.DeleteStream(soon(t), name(gone), eventstore.Any), store.TruncateStream(soon(t), name(cut), 3)); err != nil {
		t.Fatal(err)
	}
	if s.kept(gone) != 3 {
		t.Error("a stream that is only hidden has lost its snapshot: it could be restored")
	}
	s.exec(`begin; set local eventstore.allow_change = 'on'; delete from events where stream = '` + name(gone) + `'; rollback`)
	if s.kept(gone) != 3 {
		t.Error("an erasure that was taken back has taken the snapshot")
	}
	for id, want := range map[uuid.UUID]int64{gone: 3, cut: 2, other: 0} {
		if n, err := store.EraseStream(soon(t), name(id)); n != want || err != nil {
			t.Errorf("%d events were erased, %v, want %d", n, err, want)
		}
	}
	if g, c, o := s.kept(gone), s.kept(cut), s.kept(other); g != 0 || c != 3 || o != 3 {
		t.Errorf("snapshots of versions %d, %d and %d are left", g, c, o)
	}
	if book, version, err := s.cold(snapshots).Load(soon(t), cut); book.Balance != 21 || version != 3 || err != nil {
		t.Errorf("of the stream without its beginning: %+v, version %d, %v", book, version, err)
	}
}

// A stream whose beginning is cut off has a state only where a snapshot makes up for it.
func TestIncompleteStream(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	snapshots := s.snapshots(1)
	h, id := s.cold(snapshots), uuid.New()
	for range 5 {
		s.do(h, id, Deposit{7})
	}
	s.flush(snapshots)
	stream := eventstore.StreamName("account", id)
	cut := func(before int) {
		s.exec(fmt.Sprintf(`begin; set local eventstore.allow_change = 'on'; delete from events where stream = '%s' and version < %d; commit`, stream, before))
	}
	cut(5) // the event that the snapshot is of stays
	if book, version, err := s.cold(snapshots).Load(soon(t), id); book.Balance != 35 || version != 5 || err != nil {
		t.Errorf("%+v, version %d, %v", book, version, err)
	}
	s.do(s.cold(aggregate.NewSnapshots(s.pool, aggregate.SnapshotOptions{})), id, Deposit{1}) // whose snapshot nobody writes
	cut(6)                                                                                    // it goes, but the next one follows on it
	if book, version, err := s.cold(snapshots).Load(soon(t), id); book.Balance != 36 || version != 6 || err != nil {
		t.Errorf("%+v, version %d, %v", book, version, err)
	}
	s.flush(snapshots)
	s.exec(`delete from aggregate_snapshots`)
	if _, _, err := s.cold(snapshots).Load(soon(t), id); !errors.Is(err, aggregate.ErrIncompleteStream) {
		t.Errorf("without a snapshot: %v", err)
	}
	if _, err := s.cold(snapshots).Execute(soon(t), id, Withdraw{1}, eventstore.Meta{}); !errors.Is(err, aggregate.ErrIncompleteStream) {
		t.Errorf("without a snapshot a command gets %v", err)
	}
}

// AG-09: whatever happened, at every version the state that a snapshot and the events after it make is the one that all
// events make.
func TestAG09_SnapshotAndTailAreTheWhole(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	snapshots := s.snapshots(1_000_000)
	rapid.Check(t, func(r *rapid.T) {
		id := uuid.New()
		writer := s.cold(nil)
		for range rapid.IntRange(1, 12).Draw(r, "commands") {
			amount := rapid.IntRange(0, 5).Draw(r, "amount")
			var cmd AccountCommand = Deposit{amount}
			if rapid.Bool().Draw(r, "withdraw") {
				cmd = Withdraw{amount}
			}
			if _, err := writer.Execute(soon(t), id, cmd, eventstore.Meta{}); err != nil && !errors.Is(err, errOverdrawn) {
				r.Fatal(err)
			}
		}
		var whole, at Book
		all := events(t, s.store, id)
		for _, rec := range all {
			whole = evolved(r, s.store, whole, rec)
		}
		for _, rec := range all {
			at = evolved(r, s.store, at, rec)
			data, err := at.MarshalSnapshot()
			if err != nil {
				r.Fatal(err)
			}
			s.put(snapshots, id, rec.Version, rec.Position, "book", 2, string(data))
			before := looks(string(data))
			if book, version, err := s.cold(snapshots).Load(soon(t), id); err != nil || book != whole || version != int64(len(all)) || looks(string(data)) == before {
				r.Fatalf("from version %d: %+v, version %d, %v, want %+v", rec.Version, book, version, err, whole)
			}
		}
	})
}

func evolved(r *rapid.T, store *eventstore.Store, b Book, rec eventstore.Recorded) Book {
	e, err := store.Registry().Decode(rec)
	if err != nil {
		r.Fatal(err)
	}
	return b.Evolve(e.(AccountEvent))
}

// Snapshots that can't be read or written cost time, and nothing more.
func TestSnapshotsWithoutATable(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.exec(`drop table aggregate_snapshots`)
	snapshots := s.snapshots(1)
	id := uuid.New()
	for range 3 {
		s.do(s.cold(snapshots), id, Deposit{1})
	}
	s.flush(snapshots)
	if book, version, err := s.cold(snapshots).Load(soon(t), id); book.Balance != 3 || version != 3 || err != nil {
		t.Errorf("%+v, version %d, %v", book, version, err)
	}
}

// Two nodes at it write the newest, whoever is faster.
func TestSnapshotsOfTwoNodes(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	other := shelf{t, postgrestest.Second(t, s.pool), nil}
	other.store = node(t, other.pool)
	ours, theirs := s.snapshots(3), other.snapshots(3)
	one, two, id := s.cold(ours), other.cold(theirs), uuid.New()
	for i, err := range parallel(100, func(i int) error {
		_, err := []*books{one, two}[i%2].Execute(soon(t), id, Deposit{1}, eventstore.Meta{})
		return err
	}) {
		if err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
	s.flush(ours)
	other.flush(theirs)
	if got := s.kept(id); got < 90 {
		t.Errorf("the snapshot is of version %d", got)
	}
	if book, version, err := s.cold(ours).Load(soon(t), id); book.Balance != 100 || version != 100 || err != nil {
		t.Errorf("%+v, version %d, %v", book, version, err)
	}
}

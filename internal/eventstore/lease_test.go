package eventstore_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres"
	"segmentchallenge/internal/postgres/postgrestest"
)

// threeNodes run the same handler, which notes what it handles and where.
func threeNodes(t testing.TB, lease time.Duration, j *journal) (pool *pgxpool.Pool, nodes []*eventstore.Store, stops map[string]func()) {
	t.Helper()
	pool, stops = postgrestest.New(t), map[string]func(){}
	for i := range 3 {
		s := run(t, postgrestest.Second(t, pool), eventstore.Options{Lease: lease})
		nodes = append(nodes, s)
		stops[fmt.Sprint("on ", i)] = handle(t, s, eventstore.HandlerSubscription{Name: "h", Handle: func(_ context.Context, e eventstore.Recorded) error {
			j.add("%d on %d", e.Position, i)
			return nil
		}})
	}
	return pool, nodes, stops
}

func TestLK01_OneOfThreeNodesIsActive(t *testing.T) {
	t.Parallel()
	j := newJournal()
	_, nodes, _ := threeNodes(t, 0, j)
	for n := range 30 {
		result := appended(t, nodes[n%3], write("a-1", eventstore.Any, event("counted", n)))
		waitFor(t, nodes[rand.IntN(3)], result.Last, "h")
	}
	entries := j.whenLen(t, 30)
	_, owner, _ := strings.Cut(entries[0], " ")
	for i, entry := range entries {
		if want := fmt.Sprintf("%d %s", i+1, owner); entry != want {
			t.Errorf("%s instead of %s", entry, want)
		}
	}
	if len(entries) != 30 {
		t.Errorf("%d entries", len(entries))
	}
}

// One node after the other stops; each time another takes over, though leases would last an hour, and nothing comes twice.
func TestLK02_GracefulTakeOver(t *testing.T) {
	t.Parallel()
	j := newJournal()
	_, nodes, stops := threeNodes(t, time.Hour, j)
	var position int
	for len(stops) > 0 {
		for range 5 {
			position++
			start := time.Now()
			appended(t, nodes[0], write("a-1", eventstore.Any, event("counted", position)))
			j.whenLen(t, position)
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("event %d: the take-over took %s", position, took)
			}
		}
		entries := j.whenLen(t, position)
		_, owner, _ := strings.Cut(entries[position-1], " ")
		for i, entry := range entries[position-5:] {
			if want := fmt.Sprintf("%d %s", position-4+i, owner); entry != want {
				t.Errorf("%s instead of %s", entry, want)
			}
		}
		stops[owner]()
		delete(stops, owner)
	}
}

// A holder that never had anything to do gives its lease back, too.
func TestLK02_IdleHolderHandsOver(t *testing.T) {
	t.Parallel()
	pool, nodes := twoNodes(t, eventstore.Options{Lease: time.Hour})
	j := newJournal()
	h := eventstore.HandlerSubscription{Name: "h", Handle: func(_ context.Context, e eventstore.Recorded) error {
		j.add("%d", e.Position)
		return nil
	}}
	for n := range 3 {
		stop := handle(t, nodes[n%2], h)
		until(t, "somebody holds the lease", func() bool {
			var holds bool
			err := pool.QueryRow(ctx(t), `select exists (select from subscriptions where lease_until > now())`).Scan(&holds)
			return err == nil && holds
		})
		stop()
	}
	handle(t, nodes[1], h)
	appended(t, nodes[0], write("a-1", eventstore.Any, event("counted", 1)))
	j.whenLen(t, 1)
}

// A process is killed while it holds the lease: another node takes over when that has run out.
func TestLK02_TakeOverAfterAKill(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	if _, err := pool.Exec(ctx(t), effectTable); err != nil {
		t.Fatal(err)
	}
	s := run(t, pool, eventstore.Options{Lease: killedLease})
	appended(t, s, write("a-1", eventstore.Any, counted(1, 9)...))
	p := mailer(t, pool, 1, 1, 0, 0, 5)
	for range 5 {
		p.Line()
	}
	j := newJournal()
	handle(t, s, eventstore.HandlerSubscription{Name: "mailer", Handle: func(_ context.Context, e eventstore.Recorded) error {
		j.add("%d", e.Position)
		return nil
	}})
	var until time.Time
	if err := pool.QueryRow(ctx(t), `select lease_until from subscriptions where lease_until > now()`).Scan(&until); err != nil {
		t.Fatal("the process doesn't hold a lease: ", err)
	}
	p.Kill()
	killed := time.Now()
	if diff := cmp.Diff([]string{"5", "6", "7", "8", "9"}, j.whenLen(t, 5)); diff != "" {
		t.Error(diff)
	}
	if took := time.Since(killed); took > killedLease+2*time.Second {
		t.Errorf("with a lease of %v the take-over took %v", killedLease, took)
	}
}

// history notes every change of a checkpoint, by a trigger of the database itself.
func history(t testing.TB, pool *pgxpool.Pool) (read func() []checkpointChange) {
	t.Helper()
	_, err := pool.Exec(ctx(t), `create table history (id bigserial, epoch bigint, old bigint, new bigint);
		create function note_history() returns trigger language plpgsql as $$
		begin insert into history (epoch, old, new) values (new.epoch, old.position, new.position); return null; end $$;
		create trigger note_history after update of position on subscriptions for each row execute function note_history()`)
	if err != nil {
		t.Fatal(err)
	}
	return func() []checkpointChange {
		t.Helper()
		rows, err := pool.Query(ctx(t), `select epoch, old, new from history order by id`)
		if err != nil {
			t.Fatal(err)
		}
		changes, err := pgx.CollectRows(rows, pgx.RowToStructByName[checkpointChange])
		if err != nil {
			t.Fatal(err)
		}
		return changes
	}
}

type checkpointChange struct{ Epoch, Old, New int64 }

// words is a log that a test can look into.
type words struct {
	mu   sync.Mutex
	text strings.Builder
}

func (w *words) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(b)
}

func (w *words) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// The owner's connections are killed while its handler works, and it can't get new ones; another node takes over. What the
// first writes when it comes back is refused, and the checkpoint never goes back nor jumps.
func TestLK03_LateCheckpointIsRefused(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	changes := history(t, pool)
	var log words
	ownerPool, err := postgres.Open(t.Context(), pool.Config().ConnString(), postgres.Options{ApplicationName: "owner"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ownerPool.Close)
	owner := run(t, ownerPool, eventstore.Options{Lease: time.Second, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	j := newJournal()
	hang := make(chan struct{})
	handle(t, owner, eventstore.HandlerSubscription{Name: "h", Window: 1, Handle: func(_ context.Context, e eventstore.Recorded) error {
		j.add("owner %d", e.Position)
		<-hang // whatever its context says
		return nil
	}})
	appended(t, owner, write("a-1", eventstore.Any, counted(1, 3)...))
	j.whenLen(t, 1)
	var others []*eventstore.Store
	for range 2 {
		s := run(t, postgrestest.Second(t, pool), eventstore.Options{Lease: time.Second})
		others = append(others, s)
		handle(t, s, eventstore.HandlerSubscription{Name: "h", Window: 1, Handle: func(_ context.Context, e eventstore.Recorded) error {
			j.add("another %d", e.Position)
			return nil
		}})
	}
	cut := inBackground(t, func(ctx context.Context) error { // whatever the owner's pool connects is killed again
		for ctx.Err() == nil {
			_, _ = pool.Exec(ctx, `select pg_terminate_backend(pid) from pg_stat_activity
				where datname = current_database() and application_name = 'owner'`)
		}
		return nil
	})
	j.when(t, func(entries []string) bool { return slices.Contains(entries, "another 3") })
	cut()
	until(t, "the new holder has written its checkpoint", func() bool { return storedCheckpoint(t, pool) == 3 })
	close(hang) // the owner finishes event 1, and says so
	for c := ctx(t); !strings.Contains(log.String(), "the lease is lost"); {
		if c.Err() != nil {
			t.Fatalf("the owner was not told that it lost the lease: %s", &log)
		}
	}
	appended(t, others[0], write("a-1", eventstore.Any, counted(4, 5)...))
	waitFor(t, others[1], 5, "h")
	until(t, "the checkpoint is at the end", func() bool { return storedCheckpoint(t, pool) == 5 })
	for i, c := range changes() {
		if c.New < c.Old || c.New > c.Old+1 || i > 0 && c.Epoch < changes()[i-1].Epoch {
			t.Errorf("the checkpoint moved by %+v", c)
		}
	}
	if diff := cmp.Diff([]string{"owner 1", "another 1", "another 2", "another 3", "another 4", "another 5"}, j.whenLen(t, 6)); diff != "" {
		t.Error(diff)
	}
}

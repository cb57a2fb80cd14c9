package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
)

// effectTable holds what a handler did, in the order in which it did it: the mail that nobody can take back.
const effectTable = `create table effects (id bigserial primary key, position bigint not null, stream text not null, version bigint not null)`

// killedLease is so long that a busy machine doesn't make a living process lose it.
const killedLease = 2 * time.Second

// The children "mailer" handle events until they are killed: batch size, partitions, chance of failure in percent, longest
// time of an effect in µs, and the position after whose effect it hangs, or 0. They print each position that had its effect.
func init() {
	children["mailer"] = func(ctx context.Context, pool *pgxpool.Pool, args []string) error {
		var n [5]int
		for i := range n {
			n[i], _ = strconv.Atoi(args[i])
		}
		s, err := childStore(ctx, pool, eventstore.Options{Lease: killedLease})
		if err != nil {
			return err
		}
		return s.RunHandler(ctx, eventstore.HandlerSubscription{Name: "mailer", Window: n[0], Partitions: n[1],
			Retry: eventstore.Backoff{Attempts: 100, First: time.Millisecond, Longest: time.Millisecond},
			Handle: func(ctx context.Context, e eventstore.Recorded) error {
				if rand.IntN(100) < n[2] {
					return errors.New("now and then")
				}
				_, err := pool.Exec(ctx, `insert into effects (position, stream, version) select $1, $2, $3 from pg_sleep($4)`,
					e.Position, e.Stream, e.Version, float64(rand.IntN(n[3]+1))/1e6)
				if err != nil {
					return err
				}
				fmt.Println(e.Position)
				if e.Position == int64(n[4]) {
					<-ctx.Done()
				}
				return nil
			}})
	}
}

func mailer(t testing.TB, pool *pgxpool.Pool, batch, partitions, failures, longest int, hangAt int64) *postgrestest.Child {
	return postgrestest.StartChild(t, pool, "mailer", fmt.Sprint(batch), fmt.Sprint(partitions), fmt.Sprint(failures), fmt.Sprint(longest), fmt.Sprint(hangAt))
}

// bury kills a process, waits until the server has finished what it still did for it, and lets its lease run out at once.
// (That leases do so by themselves shows TestLK02_TakeOverAfterAKill.)
func bury(t testing.TB, pool *pgxpool.Pool, p *postgrestest.Child) {
	t.Helper()
	p.Kill()
	for alive := 1; alive > 0; {
		err := pool.QueryRow(ctx(t), `select count(*) from pg_stat_activity where datname = current_database() and application_name = $1`,
			p.Name).Scan(&alive)
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := pool.Exec(ctx(t), `update subscriptions set lease_until = now()`); err != nil {
		t.Fatal(err)
	}
}

func storedCheckpoint(t testing.TB, pool *pgxpool.Pool) (position int64) {
	t.Helper()
	if err := pool.QueryRow(ctx(t), `select position from subscriptions`).Scan(&position); err != nil {
		t.Fatal(err)
	}
	return position
}

// A process is killed when the effect is there and the checkpoint isn't: the next begins right behind the checkpoint, so
// nothing is lost, and no more comes twice than the documented window allows.
func TestSB04_KilledBetweenEffectAndCheckpoint(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	if _, err := pool.Exec(ctx(t), effectTable); err != nil {
		t.Fatal(err)
	}
	s := run(t, pool, eventstore.Options{})
	appended(t, s, write("a-1", eventstore.Any, counted(1, 200)...))
	hangAt := int64(0)
	for _, batch := range []int{1, 10, 1000} {
		checkpoint := int64(0)
		if hangAt > 0 {
			checkpoint = storedCheckpoint(t, pool)
		}
		hangAt += 37
		p := mailer(t, pool, batch, 1, 0, 0, hangAt)
		for want := checkpoint + 1; want <= hangAt; want++ {
			if got := p.Line(); got != fmt.Sprint(want) {
				t.Fatalf("batches of %d: %s came instead of %d, behind checkpoint %d", batch, got, want, checkpoint)
			}
		}
		bury(t, pool, p)
		if at := storedCheckpoint(t, pool); at >= hangAt || at < hangAt-int64(batch) {
			t.Errorf("batches of %d: the checkpoint is %d when event %d was not finished", batch, at, hangAt)
		}
	}
	p := mailer(t, pool, 1000, 1, 0, 0, 0)
	waitFor(t, s, 200, "mailer")
	p.Kill()
	noEffectIsMissing(t, pool, 200)
}

// noEffectIsMissing: all events up to a position had their effect, and what had its effect again came in order again.
func noEffectIsMissing(t testing.TB, pool *pgxpool.Pool, upTo int64) {
	t.Helper()
	var missing, disorder int
	err := pool.QueryRow(ctx(t), `select count(*) from events e where position <= $1 and not exists (
		select from effects where effects.position = e.position)`, upTo).Scan(&missing)
	if err != nil || missing > 0 {
		t.Errorf("%d events up to %d never had their effect, %v", missing, upTo, err)
	}
	err = pool.QueryRow(ctx(t), `select count(*) from (select version, coalesce(max(version) over (
		partition by stream order by id rows between unbounded preceding and 1 preceding), 0) as before from effects) e
		where version > before + 1`).Scan(&disorder)
	if err != nil || disorder > 0 {
		t.Errorf("%d effects came before one with the same key that they follow on, %v", disorder, err)
	}
}

// Four workers, random latencies, failures, and kills at random moments: each key keeps its order, the checkpoint never
// passes an event that isn't finished, and nothing is lost.
func TestSB07_Partitions(t *testing.T) {
	t.Parallel()
	const events, keys, batch = 2000, 12, 200
	pool := postgrestest.New(t)
	if _, err := pool.Exec(ctx(t), effectTable); err != nil {
		t.Fatal(err)
	}
	s := run(t, pool, eventstore.Options{})
	for range events / 20 {
		var writes []eventstore.Write
		for range 20 {
			writes = append(writes, write(fmt.Sprint("a-", rand.IntN(keys)), eventstore.Any, event("counted", 1)))
		}
		appended(t, s, writes...)
	}
	kills := soak(8, 100)
	for range kills {
		p := mailer(t, pool, batch, 4, 5, 2000, 0)
		for range 1 + rand.IntN(events/kills) {
			p.Line()
		}
		bury(t, pool, p)
		noEffectIsMissing(t, pool, storedCheckpoint(t, pool))
	}
	if at := storedCheckpoint(t, pool); at == 0 || at == events {
		t.Errorf("the kills proved little: the checkpoint is %d", at)
	}
	p := mailer(t, pool, batch, 4, 5, 0, 0)
	waitFor(t, s, events, "mailer")
	p.Kill()
	noEffectIsMissing(t, pool, events)
	var handled int
	if err := pool.QueryRow(ctx(t), `select count(*) from effects`).Scan(&handled); err != nil || handled > events+kills*(batch+4) {
		t.Errorf("%d effects of %d events after %d kills, %v", handled, events, kills, err)
	}
}

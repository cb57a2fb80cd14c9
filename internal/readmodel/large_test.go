package readmodel_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/eventlog"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
)

// largeBoard is a board of n athletes with their efforts, put straight into the tables: what it costs to make them from
// events isn't the question here.
func largeBoard(t testing.TB, n int) (pool *pgxpool.Pool, stage uuid.UUID) {
	t.Helper()
	pool = postgrestest.New(t)
	stage = id("stage", 1)
	challenge := id("challenge", 1)
	for _, sql := range []string{
		`insert into athletes (id, first_name, last_name, gender, birth_year, town, country, units, time_zone, visibility, registered_at)
			select md5('a' || i)::uuid, 'A', i::text, 'F', 0, '', '', 'metric', 'UTC', 'everyone', now() from generate_series(1, @n::int) i`,
		`insert into competitors select @challenge, md5('a' || i)::uuid, 'F', '{Open}', 'joined', false, '', now() from generate_series(1, @n::int) i`,
		`insert into efforts select md5('e' || i)::uuid, @stage, @challenge, md5('a' || i)::uuid, md5('r' || i)::uuid, 1, 'Ride', now(), now(),
			200000 + i * 10, 0, 1000, 0, 150, 250, 'good', 0, 1, 'fit', false, false, true, 'accepted', '', '', '', now(), i from generate_series(1, @n::int) i`,
		`insert into boards values (@stage, 'Open', @challenge, 'elapsedTime', 1000, false, 1, @n, now())`,
		`insert into board_entries select @stage, 'Open', md5('a' || i)::uuid, v, v - v % 1000, v - v % 1000, md5('e' || i)::uuid,
			timestamptz '2026-05-01' + i * interval '1 second', 1, i, true, i, i from (select i, 200000 + i * 10 as v from generate_series(1, @n::int) i) s`,
	} {
		if _, err := pool.Exec(t.Context(), sql, pgx.NamedArgs{"n": n, "challenge": challenge, "stage": stage}); err != nil {
			t.Fatal(err)
		}
	}
	for _, table := range []string{"athletes", "competitors", "efforts", "board_entries", "boards"} { // as autovacuum does in time
		if _, err := pool.Exec(t.Context(), `vacuum analyze `+table); err != nil {
			t.Fatal(err)
		}
	}
	return pool, stage
}

// rowsRead counts what a transaction has read so far from a table: rows by sequential scans, and by indexes.
func rowsRead(t testing.TB, tx pgx.Tx, table string) (scanned, indexed int64) {
	t.Helper()
	err := tx.QueryRow(t.Context(), `select seq_tup_read, coalesce(idx_tup_fetch, 0) from pg_stat_xact_user_tables where relname = $1`, table).
		Scan(&scanned, &indexed)
	if err != nil {
		t.Fatal(err)
	}
	return scanned, indexed
}

// TestFirstPageByIndex holds the first page of a large board to what it needs: no table is scanned, and only the rows of
// the page are fetched.
func TestFirstPageByIndex(t *testing.T) {
	pool, stage := largeBoard(t, 20_000)
	tx := ok(pool.Begin(t.Context()))
	defer tx.Rollback(t.Context())
	b := ok(readmodel.StageBoard(t.Context(), tx, readmodel.BoardQuery{StageID: stage, Category: sport.Open, Limit: 50}))
	expect(t, "entries", []any{len(b.Entries), b.Entries[0].Rank, b.Entries[0].Name, b.Entries[0].AverageSpeed > 0}, []any{50, 1, "A 1", true})
	for _, table := range []string{"board_entries", "efforts", "athletes", "competitors"} {
		if scanned, indexed := rowsRead(t, tx, table); scanned > 0 || indexed > 200 {
			t.Errorf("%s: %d rows scanned, %d fetched by index, for a page of 50", table, scanned, indexed)
		}
	}
}

// improve is a batch of one: a rider somewhere on the board gets better.
func improve(t testing.TB, reg *eventstore.Registry, stage uuid.UUID, athlete uuid.UUID, value int64, position int64, of int) []eventstore.Recorded {
	n, err := reg.Encode(stageboard.Placed{Ref: stageboard.Ref{StageID: stage, Category: sport.Open}, AthleteID: athlete,
		Standing: stageboard.Standing{Value: value, AchievedAt: start, Attempts: 2}, From: of / 2, To: 1, Of: of, Best: true}, eventstore.Meta{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	return []eventstore.Recorded{{Position: position, Type: n.Type, SchemaVersion: 1, Data: n.Data, Time: start}}
}

func boardProjector(reg *eventstore.Registry) readmodel.Projector {
	for _, p := range readmodel.Projectors(reg) {
		if p.Name == readmodel.LeaderboardsModel {
			return p
		}
	}
	panic("no projector of boards")
}

// TestProjectingCostsTheSameOnALargeBoard: an effort reads and writes as many rows among 20,000 as among 10.
func TestProjectingCostsTheSameOnALargeBoard(t *testing.T) {
	reg := eventlog.Registry()
	for _, n := range []int{10, 20_000} {
		pool, stage := largeBoard(t, n)
		tx := ok(pool.Begin(t.Context()))
		athlete := ok(readmodel.StageBoard(t.Context(), pool, readmodel.BoardQuery{StageID: stage, Category: sport.Open, Offset: n / 2, Limit: 1})).Entries[0].AthleteID
		if err := boardProjector(reg).Apply(t.Context(), tx, improve(t, reg, stage, athlete, 100_000, 99_999_999, n)); err != nil {
			t.Fatal(err)
		}
		for table, most := range map[string]int64{"board_entries": 1, "boards": 4} {
			scanned, indexed := rowsRead(t, tx, table)
			if scanned > 2 || indexed > most { // the one row of boards may be read by a scan
				t.Errorf("%s with %d athletes: %d rows scanned, %d fetched by index", table, n, scanned, indexed)
			}
		}
		if err := tx.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		first := ok(readmodel.StageBoard(t.Context(), pool, readmodel.BoardQuery{StageID: stage, Category: sport.Open, Limit: 1})).Entries[0]
		expect(t, "first now", []any{first.AthleteID, first.RankChange}, []any{athlete, n/2 - 1})
	}
}

func BenchmarkBoardPage(b *testing.B) {
	for _, n := range []int{10, 100_000} {
		pool, stage := largeBoard(b, n)
		for _, offset := range []int{0, n / 2, n - 5} {
			b.Run(fmt.Sprintf("athletes=%d/from=%d", n, offset), func(b *testing.B) {
				for b.Loop() {
					ok(readmodel.StageBoard(b.Context(), pool, readmodel.BoardQuery{StageID: stage, Category: sport.Open, Offset: offset}))
				}
			})
		}
	}
}

func BenchmarkProjectEffort(b *testing.B) {
	reg := eventlog.Registry()
	p := boardProjector(reg)
	for _, n := range []int{10, 100_000} {
		pool, stage := largeBoard(b, n)
		var athletes []uuid.UUID
		rows, err := pool.Query(b.Context(), `select athlete_id from board_entries order by athlete_id limit 1000`)
		if err == nil {
			athletes, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		}
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("athletes=%d", n), func(b *testing.B) {
			for i := int64(0); b.Loop(); i++ {
				batch := improve(b, reg, stage, athletes[int(i)%len(athletes)], 200_000_000-i*10, time.Now().UnixNano(), n)
				err := pgx.BeginFunc(context.Background(), pool, func(tx pgx.Tx) error { return p.Apply(context.Background(), tx, batch) })
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

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
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
)

// largeStandings are those of n athletes after eleven stages, with the twelfth under way, put straight into the tables.
func largeStandings(t testing.TB, n int, scheme leaderboards.Scheme) (pool *pgxpool.Pool, challenge, stage uuid.UUID) {
	t.Helper()
	pool = postgrestest.New(t)
	challenge, stage = id("challenge", 1), id("stage", 12)
	args := pgx.NamedArgs{"n": n, "challenge": challenge, "stage": stage, "scheme": scheme, "class": scheme.Classifications[0].Key}
	for _, sql := range []string{
		`insert into athletes (id, first_name, last_name, gender, birth_year, town, country, units, time_zone, visibility, registered_at)
			select md5('a' || i)::uuid, 'A', i::text, 'F', 0, '', '', 'metric', 'UTC', 'everyone', now() from generate_series(1, @n::int) i`,
		`insert into standing_challenges (challenge_id, type) values (@challenge, 'segment')`,
		`insert into standing_boards (challenge_id, category, scheme, version, changed_at, rows) values (@challenge, 'Open', @scheme, 1, now(), jsonb_build_object(@class::text, @n::int))`,
		`insert into standing_stages (stage_id, challenge_id, number, type, adjustment, month) select case when i = 12 then @stage else md5('s' || i)::uuid end, @challenge, i, 'mountain', 'none', '2026-05' from generate_series(1, 12) i`,
		`insert into standing_scored select md5('s' || i)::uuid, 'Open', @challenge, null from generate_series(1, 11) i`,
		`insert into standing_results select @stage, 'Open', md5('a' || i)::uuid, 200000 + i * 1000, 200000 + i * 1000, timestamptz '2026-05-01' + i * interval '1 second', timestamptz '2026-05-01' + i * interval '1 second' from generate_series(1, @n::int) i`,
		`insert into standing_lines select @challenge, 'Open', md5('a' || i)::uuid, md5('s' || s)::uuid, jsonb_build_object('athleteId', md5('a' || i)::uuid, 'value', 600000, 'achievedAt', '2026-05-01T00:00:00Z',
			'scores', jsonb_build_array(jsonb_build_object('classification', @class::text, 'base', @n::int - i, 'amount', @n::int - i + 1))), false, false from generate_series(1, @n::int) i, generate_series(1, 2) s`,
		`insert into standing_rows select @challenge, 'Open', @class, md5('a' || i)::uuid, (@n::bigint - i + 1) * 2000, (@n::bigint - i + 1) * 2000, 0, 0, 1200000, 2, timestamptz '2026-05-01',
			array[0, -(@n::bigint - i + 1) * 2000] from generate_series(1, @n::int) i`,
	} {
		if _, err := pool.Exec(t.Context(), sql, args); err != nil {
			t.Fatal(err)
		}
	}
	for _, table := range []string{"athletes", "standing_results", "standing_lines", "standing_rows", "standing_boards", "standing_stages"} {
		if _, err := pool.Exec(t.Context(), `vacuum analyze `+table); err != nil {
			t.Fatal(err)
		}
	}
	return pool, challenge, stage
}

// The first page needs the rows of the page and their lines, however many there are.
func TestFirstPageOfStandingsByIndex(t *testing.T) {
	pool, challenge, _ := largeStandings(t, 20_000, leaderboards.Tour())
	tx := ok(pool.Begin(t.Context()))
	defer tx.Rollback(t.Context())
	s := ok(readmodel.ChallengeStandings(t.Context(), tx, readmodel.StandingsQuery{ChallengeID: challenge, Category: sport.Open, Limit: 50}))
	expect(t, "entries", []any{len(s.Entries), s.Entries[0].Rank, s.Entries[0].Name, len(s.Entries[0].Parts), s.Athletes}, []any{50, 1, "A 1", 2, 20_000})
	for table, most := range map[string]int64{"standing_rows": 120, "standing_lines": 120, "athletes": 120} {
		if scanned, indexed := rowsRead(t, tx, table); scanned > 0 || indexed > most {
			t.Errorf("%s: %d rows scanned, %d fetched by index, for a page of 50", table, scanned, indexed)
		}
	}
}

func standingsProjector(reg *eventstore.Registry) readmodel.Projector {
	for _, p := range readmodel.Projectors(reg) {
		if p.Name == readmodel.StandingsModel {
			return p
		}
	}
	panic("no projector of standings")
}

// improved is a batch of one: somebody gets better on the stage that is under way.
func improved(t testing.TB, reg *eventstore.Registry, challenge, stage, athlete uuid.UUID, value, position int64) []eventstore.Recorded {
	e := stageboard.Placed{Ref: stageboard.Ref{StageID: stage, ChallengeID: challenge, Category: sport.Open}, AthleteID: athlete,
		Standing: stageboard.Standing{Value: value, AchievedAt: start, Attempts: 2}, To: 1, Of: 1, Best: true}
	n, err := reg.Encode(e, eventstore.Meta{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	return []eventstore.Recorded{{Position: position, Type: n.Type, SchemaVersion: 1, Data: n.Data, Time: start}}
}

// Where only the first places score, an effort is looked at with the head of the board alone, among 20,000 as among 20.
func TestProvisionalPointsCostTheSameOnALargeBoard(t *testing.T) {
	reg := eventlog.Registry()
	for _, n := range []int{20, 20_000} {
		pool, challenge, stage := largeStandings(t, n, leaderboards.Tour())
		tx := ok(pool.Begin(t.Context()))
		athlete := ok(readmodel.ChallengeStandings(t.Context(), pool, readmodel.StandingsQuery{ChallengeID: challenge, Category: sport.Open, Offset: n / 2, Limit: 1})).Entries[0].AthleteID
		if err := standingsProjector(reg).Apply(t.Context(), tx, improved(t, reg, challenge, stage, athlete, 100_000, 9)); err != nil {
			t.Fatal(err)
		}
		for table, most := range map[string]int64{"standing_results": 60, "standing_lines": 60, "standing_rows": 60} {
			if scanned, indexed := rowsRead(t, tx, table); n > 20 && (scanned > 0 || indexed > most) {
				t.Errorf("%s with %d athletes: %d rows scanned, %d fetched by index", table, n, scanned, indexed)
			}
		}
		if err := tx.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		own, _, err := readmodel.StandingsEntryOf(t.Context(), pool, readmodel.StandingsQuery{ChallengeID: challenge, Category: sport.Open}, athlete)
		if err != nil || own.Provisional().Float() != 15 {
			t.Errorf("with %d athletes: %+v, %v", n, own, err)
		}
	}
}

func BenchmarkStandingsPage(b *testing.B) {
	for _, n := range []int{10, 100_000} {
		pool, challenge, _ := largeStandings(b, n, leaderboards.Tour())
		for _, offset := range []int{0, n / 2} {
			b.Run(fmt.Sprintf("athletes=%d/from=%d", n, offset), func(b *testing.B) {
				for b.Loop() {
					ok(readmodel.ChallengeStandings(b.Context(), pool, readmodel.StandingsQuery{ChallengeID: challenge, Category: sport.Open, Offset: offset}))
				}
			})
		}
	}
}

// BenchmarkProvisionalPoints is an effort on the stage under way: where the first ten score, where everybody's own time counts,
// and where every place counts.
func BenchmarkProvisionalPoints(b *testing.B) {
	reg := eventlog.Registry()
	p := standingsProjector(reg)
	ranks := leaderboards.Scheme{Classifications: []leaderboards.Classification{{Key: "R", Name: "R", By: leaderboards.ByRanks}}}
	for name, c := range map[string]struct {
		scheme leaderboards.Scheme
		n      int
	}{"tour/athletes=100": {leaderboards.Tour(), 100}, "tour/athletes=100000": {leaderboards.Tour(), 100_000},
		"time/athletes=100000": {leaderboards.TemplatesFor(sport.SegmentChallenge)[2].Scheme, 100_000}, "ranks/athletes=10000": {ranks, 10_000}} {
		b.Run(name, func(b *testing.B) {
			pool, challenge, stage := largeStandings(b, c.n, c.scheme)
			rows, err := pool.Query(b.Context(), `select athlete_id from standing_results order by athlete_id limit 1000`)
			var athletes []uuid.UUID
			if err == nil {
				athletes, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
			}
			if err != nil {
				b.Fatal(err)
			}
			b.ResetTimer()
			for i := int64(0); b.Loop(); i++ {
				batch := improved(b, reg, challenge, stage, athletes[int(i)%len(athletes)], 200_000_000-i*10, time.Now().UnixNano())
				if err := pgx.BeginFunc(context.Background(), pool, func(tx pgx.Tx) error { return p.Apply(context.Background(), tx, batch) }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

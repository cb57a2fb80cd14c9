package readmodel_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/clubs"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
)

// season records something of everything that the read models show.
func season(t testing.TB) (w *world, challenge, stage uuid.UUID, riders []uuid.UUID) {
	w, challenge, stage, riders = boardOf(t, 6)
	club := id("club", 1)
	w.record(eventstore.StreamName("club", club), clubs.Created{ClubID: club, FounderID: riders[0], Slug: "c", Definition: clubs.Definition{Name: "C"}},
		clubs.MembershipRequested{ClubID: club, AthleteID: riders[1]}, clubs.MemberAdded{ClubID: club, AthleteID: riders[1]})
	w.record(eventstore.StreamName("athlete", riders[0]), athletes.SegmentStarred{AthleteID: riders[0], SegmentID: id("segment", 1)},
		athletes.NotificationsChosen{AthleteID: riders[0], Off: []athletes.Notification{athletes.LostPlace}})
	w.run(challenge, stage)
	for i, a := range riders {
		w.join(challenge, a, sport.Female)
		ride := w.ride(i, a, float64(i), nil)
		effort := w.accepted(challenge, stage, a, ride, 1, int64(250_000-i*700))
		w.board(stage, sport.Open, placing(w, stage, a, int64(250_000-i*700), effort))
		w.record(eventstore.StreamName("activity", ride), activities.Matched{Ref: activities.Ref{ActivityID: ride, AthleteID: a}, Method: 1,
			Findings: []activities.Finding{{ChallengeID: challenge, StageID: stage, Traversals: 1}}})
	}
	w.refused(challenge, stage, riders[0], id("activity", 0), 2, "outside_window")
	w.record(competitorStream(challenge, riders[5]), competitors.Left{Ref: competitors.Ref{ChallengeID: challenge, AthleteID: riders[5]}})
	w.board(stage, sport.Open, stageboard.Withdraw{Head: w.boardHead(stage, sport.Open), AthleteID: riders[5], Seq: w.now.UnixMilli()})
	forty := w.challenge(2, riders[0], "Forty", func(e *challenges.Created) {
		e.Type, e.Goal = sport.DurationChallenge, &sport.Goal{Value: 4, Units: "minutes", Recurrence: sport.Once}
	})
	w.accepted(forty, w.stage(forty, 1, uuid.Nil, nil), riders[1], id("activity", 1), 1, 240_000)
	w.standings(forty, sport.Open, riders[:2], podium("gc", "General", riders[1]))
	w.someLeague()
	w.settle()
	return w, challenge, stage, riders
}

var tables = []string{"athletes", "clubs", "club_members", "segments", "starred_segments", "challenges", "stages", "competitors",
	"activities", "activity_findings", "efforts", "boards", "board_entries", "feed_items",
	"feed_goals", "feed_goals_reached", "notification_choices", "decisions", "person_streams", "standing_challenges",
	"standing_stages", "standing_boards", "standing_scored", "standing_results", "standing_limited", "standing_adjustments", "standing_lines",
	"standing_rows", "trophies"}

// contents writes all rows of all tables down.
func (w *world) contents() map[string][]string {
	w.Helper()
	all := map[string][]string{}
	for _, table := range tables {
		var rows []string
		if err := w.pool.QueryRow(w.Context(), `select array(select t::text from `+table+` t order by 1)`).Scan(&rows); err != nil {
			w.Fatal(err)
		}
		if len(rows) == 0 {
			w.Errorf("table %s is empty: this test doesn't tell anything about it", table)
		}
		all[table] = rows
	}
	return all
}

// schema writes tables, columns, constraints and indexes down.
func (w *world) schema() string {
	w.Helper()
	var all string
	err := w.pool.QueryRow(w.Context(), `select string_agg(line, E'\n' order by line) from (
		select format('%s.%s %s %s %s', table_name, column_name, data_type, is_nullable, coalesce(column_default, generation_expression)) as line
			from information_schema.columns where table_schema = current_schema()
		union all select indexdef from pg_indexes where schemaname = current_schema()
		union all select conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) from pg_constraint
			where connamespace = current_schema()::regnamespace
		union all select 'schema ' || nspname from pg_namespace where nspname not like 'pg\_%') s`).Scan(&all)
	if err != nil {
		w.Fatal(err)
	}
	return all
}

func TestProjectorsNameTheirTables(t *testing.T) {
	var all []string
	for _, p := range readmodel.Projectors(nil) {
		all = append(all, p.Tables...)
	}
	expect(t, "tables", all, tables)
}

func TestRebuildMakesTheSameTables(t *testing.T) {
	w, _, stage, _ := season(t)
	before, schema := w.contents(), w.schema()
	expect(t, "nothing differs at first", ok(readmodel.Verify(t.Context(), w.pool, w.store, w.names...)), []readmodel.Difference(nil))

	// Spoil some of it, as a bug or a hand in the database would.
	for _, sql := range []string{`update board_entries set value = value + 1 where value = 250000`,
		`delete from efforts where status = 'refused'`, `insert into club_members values (gen_random_uuid(), gen_random_uuid(), 'member', 'member', now())`} {
		if _, err := w.pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	found := ok(readmodel.Verify(t.Context(), w.pool, w.store, w.names...))
	expect(t, "differences", names(found, func(d readmodel.Difference) string {
		return fmt.Sprintf("%s %s +%d -%d", d.Projector, d.Table, d.Live, d.Rebuilt)
	}), "people club_members +1 -0, activities efforts +0 -1, leaderboards board_entries +1 -1")
	if s := found[1].String(); !strings.Contains(s, "outside_window") {
		t.Errorf("the difference doesn't show the row: %s", s)
	}

	if err := readmodel.Rebuild(t.Context(), w.pool, w.store, w.names...); err != nil {
		t.Fatal(err)
	}
	expect(t, "tables", w.contents(), before)
	expect(t, "schema", w.schema(), schema)
	expect(t, "nothing differs any more", ok(readmodel.Verify(t.Context(), w.pool, w.store, w.names...)), []readmodel.Difference(nil))

	// The projections go on with the new tables.
	w.place(stage, sport.Open, id("athlete", 5), 200_000, 1)
	w.settle()
	expect(t, "goes on", ok(readmodel.StageBoard(t.Context(), w.pool, readmodel.BoardQuery{StageID: stage, Category: sport.Open})).Entries[0].Name, "A5")
}

// outward is what would leave this program, or change the log: a rebuild must do nothing of it.
func (w *world) outward() (n int64) {
	w.Helper()
	if err := w.pool.QueryRow(w.Context(), `select (select position from events_head) + (select count(*) from dev_mails) + (select count(*) from notices)
		+ (select count(*) from process_outbox) + (select count(*) from process_timers) + (select count(*) from command_audit)`).Scan(&n); err != nil {
		w.Fatal(err)
	}
	return n
}

// PJ-04: readers see a whole board at any moment, nothing is missing after the swap, and nothing has left the program.
func TestPJ04_RebuildWhileEventsArrive(t *testing.T) {
	w, challenge, stage, riders := season(t)
	before := w.outward()
	ctx, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	readers.Go(func() {
		for ctx.Err() == nil {
			b, err := readmodel.StageBoard(t.Context(), w.pool, readmodel.BoardQuery{StageID: stage, Category: sport.Open})
			s, err2 := readmodel.Stages(t.Context(), w.pool, actor.Actor{}, challenge)
			if err != nil || err2 != nil || len(b.Entries) < 5 || len(s) != 1 || s[0].Athletes < 5 {
				t.Errorf("a reader saw %d entries and %d stages: %v %v", len(b.Entries), len(s), err, err2)
				return
			}
		}
	})
	rebuilt := make(chan error, 1)
	go func() {
		var err error
		for range 3 {
			if err = readmodel.Rebuild(t.Context(), w.pool, w.store, w.names...); err != nil {
				break
			}
		}
		rebuilt <- err
	}()
	placed := 0
	for n, done := 0, false; !done; n++ {
		placed++
		w.place(stage, sport.Open, riders[n%5], int64(240_000-n*10), n+2)
		select {
		case err := <-rebuilt:
			if done = true; err != nil {
				t.Fatal(err)
			}
		default:
		}
	}
	w.settle()
	stop()
	readers.Wait()
	expect(t, "nothing is missing", ok(readmodel.Verify(t.Context(), w.pool, w.store, w.names...)), []readmodel.Difference(nil))
	expect(t, "events besides the writer's, mails, commands", w.outward()-before-int64(placed), int64(0))
}

// TestSwapTakesTheLastEventsAlong: what comes between the replay and the swap is not missing.
func TestSwapTakesTheLastEventsAlong(t *testing.T) {
	w, _, stage, riders := season(t)
	holder := ok(w.pool.Begin(t.Context())) // the live projection in the middle of a batch
	defer holder.Rollback(context.WithoutCancel(t.Context()))
	if _, err := holder.Exec(t.Context(), `select from subscriptions where name = 'feed' for update`); err != nil {
		t.Fatal(err)
	}
	rebuilt := make(chan error, 1)
	go func() { rebuilt <- readmodel.Rebuild(t.Context(), w.pool, w.store, readmodel.FeedModel) }()
	for waiting := false; !waiting; {
		err := w.pool.QueryRow(t.Context(), `select exists (select from pg_stat_activity where datname = current_database()
			and wait_event_type = 'Lock' and query like 'select position from subscriptions%')`).Scan(&waiting)
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, a := range riders[:5] {
		w.place(stage, sport.Open, a, int64(100_000-i*1000), 2)
	}
	if err := holder.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-rebuilt; err != nil {
		t.Fatal(err)
	}
	w.settle()
	expect(t, "nothing is missing", ok(readmodel.Verify(t.Context(), w.pool, w.store, w.names...)), []readmodel.Difference(nil))
	rows, _ := page(readmodel.Feed(t.Context(), w.pool, readmodel.FeedQuery{StageID: stage, Limit: 1}))
	expect(t, "the last", rows[0].Data.Value, readmodel.Milli(96_000))
}

// PJ-05: an event that this program can't read ends a rebuild, with its position in the error; the live tables stay as they are.
func TestPJ05_RebuildStopsAtWhatItCannotRead(t *testing.T) {
	for name, e := range map[string]eventstore.NewEvent{
		"a newer schema":  {Type: "ClubCreated", SchemaVersion: 99, Data: json.RawMessage(`{}`)},
		"another shape":   {Type: "ClubCreated", Data: json.RawMessage(`{"clubId": 7}`)},
		"an unknown type": {Type: "ClubRelocated", Data: json.RawMessage(`{}`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ana := w.athlete(1, "Ana", "A", sport.Female)
			w.settle()
			spoilt, err := w.store.Append(t.Context(), eventstore.Write{Stream: eventstore.StreamName("club", id("club", 1)), Events: []eventstore.NewEvent{e}})
			if err != nil {
				t.Fatal(err)
			}
			err = readmodel.Rebuild(t.Context(), w.pool, w.store, readmodel.PeopleModel)
			var at *eventstore.DecodeError
			if !errors.As(err, &at) || at.Position != spoilt.Last || !strings.Contains(err.Error(), fmt.Sprint(spoilt.Last)) {
				t.Errorf("the error doesn't name position %d: %v", spoilt.Last, err)
			}
			expect(t, "still there", ok(readmodel.AthleteByID(t.Context(), w.pool, ana)).Name, "Ana A")
			if strings.Contains(w.schema(), "schema rebuild") {
				t.Error("a schema is left behind")
			}
		})
	}
}

func TestRebuildOfSomethingUnknown(t *testing.T) {
	w := newWorld(t)
	err := readmodel.Rebuild(t.Context(), w.pool, w.store, "weather")
	if err == nil || !strings.Contains(err.Error(), "people, segments") {
		t.Errorf("the error doesn't say what there is: %v", err)
	}
}

package audit_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/audit"
	"segmentchallenge/internal/postgres/postgrestest"
)

var quiet = slog.New(slog.DiscardHandler)

// running is a log that writes until stop is called or the test ends.
func running(t *testing.T, pool *pgxpool.Pool, o audit.Options) (l *audit.Log, stop func()) {
	t.Helper()
	o.Log = quiet
	l = audit.New(pool, o)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	return l, stop
}

func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func list(t *testing.T, pool *pgxpool.Pool, q audit.Query) []audit.Entry {
	t.Helper()
	page, err := audit.List(soon(t), pool, q)
	if err != nil {
		t.Fatal(err)
	}
	return page.Items
}

var whole = audit.Entry{
	ID: uuid.Must(uuid.NewV7()), At: time.Date(2026, 5, 1, 12, 0, 0, 1000, time.UTC), CommandID: uuid.New(), Type: "challenges.Approve",
	Target: uuid.New(), Challenge: uuid.New(), Actor: uuid.NewString(), CorrelationID: uuid.New(), CausationID: uuid.New(),
	Outcome: audit.Refused, Code: "stages_not_approved", Detail: "Approve its stages first.", Took: 1234 * time.Microsecond, First: 7, Last: 9,
	Fields: []byte(`{"Message": "well done"}`),
}

func TestEntriesComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	l, _ := running(t, pool, audit.Options{})
	least := audit.Entry{Type: "x.Y", Actor: "visitor", Outcome: audit.Unregistered}
	l.Record(whole)
	l.Record(least)
	if err := l.Flush(soon(t)); err != nil {
		t.Fatal(err)
	}
	got := list(t, pool, audit.Query{})
	if len(got) != 2 || got[0].ID == uuid.Nil || time.Since(got[0].At) > time.Minute {
		t.Fatalf("%+v", got)
	}
	least.ID, least.At, least.Fields = got[0].ID, got[0].At, []byte(`{}`)
	if diff := cmp.Diff([]audit.Entry{least, whole}, got); diff != "" {
		t.Error(diff)
	}
}

func TestQueriesPick(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	l, _ := running(t, pool, audit.Options{})
	begin := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	id := func(n byte) uuid.UUID { return uuid.UUID{15: n} }
	// Entry n has the number n in its type.
	for n, e := range []audit.Entry{
		{Actor: "system", Target: id(1), Outcome: audit.Done},
		{Actor: id(9).String(), Target: id(1), Challenge: id(5), Outcome: audit.Refused},
		{Actor: id(9).String(), Target: id(2), Challenge: id(5), Outcome: audit.Done, CorrelationID: id(7), CommandID: id(8)},
		{Actor: "system", Target: id(3), CorrelationID: id(7), Outcome: audit.Done},
		{Actor: "visitor", Target: id(4), Outcome: audit.Panicked},
	} {
		e.Type, e.At = fmt.Sprint(n), begin.Add(time.Duration(n)*time.Hour)
		e.ID = uuid.UUID{6: 0x70, 8: 0x80, 15: byte(n)} // UUIDv7 of that hour
		for i := range 6 {
			e.ID[i] = byte(e.At.UnixMilli() >> (8 * (5 - i)))
		}
		l.Record(e)
	}
	if err := l.Flush(soon(t)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		q    audit.Query
		want string
	}{
		"all":                     {audit.Query{}, "43210"},
		"an actor":                {audit.Query{Actor: id(9).String()}, "21"},
		"the program":             {audit.Query{Actor: "system"}, "30"},
		"people":                  {audit.Query{People: true}, "421"},
		"a target":                {audit.Query{Target: id(1)}, "10"},
		"a challenge":             {audit.Query{Challenge: id(5)}, "21"},
		"a challenge's refusals":  {audit.Query{Challenge: id(5), Outcomes: []audit.Outcome{audit.Refused}}, "1"},
		"a chain":                 {audit.Query{Correlation: id(7)}, "32"},
		"a command":               {audit.Query{Command: id(8)}, "2"},
		"types":                   {audit.Query{Types: []string{"0", "4", "7"}}, "40"},
		"outcomes":                {audit.Query{Outcomes: []audit.Outcome{audit.Done, audit.Refused}}, "3210"},
		"troubles":                {audit.Query{Outcomes: audit.Troubles}, "4"},
		"from":                    {audit.Query{From: begin.Add(2 * time.Hour)}, "432"},
		"before a time":           {audit.Query{To: begin.Add(2 * time.Hour)}, "10"},
		"a time before any clock": {audit.Query{From: time.Time{}.Add(1), To: time.Time{}.Add(2)}, ""},
		"nobody":                  {audit.Query{Actor: "nobody"}, ""},
	} {
		got := ""
		for _, e := range list(t, pool, c.q) {
			got += e.Type
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	l, _ := running(t, pool, audit.Options{})
	for n := range 25 {
		l.Record(audit.Entry{Type: fmt.Sprint(n), Outcome: audit.Done})
	}
	if err := l.Flush(soon(t)); err != nil {
		t.Fatal(err)
	}
	var got []string
	q := audit.Query{Limit: 5}
	for pages := 1; ; pages++ {
		page, err := audit.List(soon(t), pool, q)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Items {
			got = append(got, e.Type)
		}
		if pages == 2 { // what comes meanwhile moves no page
			l.Record(audit.Entry{Type: "late", Outcome: audit.Done})
			if err := l.Flush(soon(t)); err != nil {
				t.Fatal(err)
			}
		}
		if q.Before = page.Next; page.Next == uuid.Nil {
			if pages != 5 {
				t.Errorf("%d pages", pages)
			}
			break
		}
	}
	for i := range 25 {
		if len(got) != 25 || got[i] != fmt.Sprint(24-i) {
			t.Fatalf("%v", got)
		}
	}
}

// What was recorded is written at the end, whoever records until then.
func TestEndWritesWhatIsLeft(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	l, stop := running(t, pool, audit.Options{})
	for n := range 5000 {
		l.Record(audit.Entry{Type: fmt.Sprint(n), Outcome: audit.Done})
	}
	stop()
	var rows int
	if err := pool.QueryRow(soon(t), `select count(*) from command_audit`).Scan(&rows); err != nil || rows != 5000 || l.Lost() != 0 {
		t.Errorf("%d rows, %d lost, %v", rows, l.Lost(), err)
	}
}

// An entry that PostgreSQL refuses takes no others along.
func TestStrangeEntryIsLostAlone(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	l, _ := running(t, pool, audit.Options{})
	for _, e := range []audit.Entry{{Type: "one"}, {Type: "a\x00b"}, {Type: "two", Fields: []byte(`{`)}, {Type: "three", Detail: "c\x00\xff", Actor: strings.Repeat("x", 1000)}} {
		l.Record(e)
	}
	if err := l.Flush(soon(t)); err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, e := range list(t, pool, audit.Query{}) {
		types = append(types, e.Type)
	}
	if !slices.Equal(types, []string{"three", "one"}) || l.Lost() != 2 {
		t.Errorf("%v, %d lost", types, l.Lost())
	}
}

func TestFullQueueLosesAndCounts(t *testing.T) {
	t.Parallel()
	l := audit.New(nil, audit.Options{Queue: 3, Log: quiet}) // nobody writes
	for range 10 {
		l.Record(audit.Entry{})
	}
	if l.Lost() != 7 {
		t.Errorf("%d lost, want 7", l.Lost())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Flush(ctx); err == nil {
		t.Error("nobody can have written it")
	}
}

// A database that is away for a moment loses nothing: here all connections are cut, again and again.
func TestBrokenConnections(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	l, _ := running(t, pool, audit.Options{})
	other := postgrestest.Second(t, pool)
	for round := range 20 {
		for n := range 50 {
			l.Record(audit.Entry{Type: fmt.Sprintf("%d.%d", round, n), Outcome: audit.Done})
		}
		if _, err := other.Exec(soon(t), `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Flush(soon(t)); err != nil {
		t.Fatal(err)
	}
	var rows int
	if err := other.QueryRow(soon(t), `select count(distinct type) from command_audit`).Scan(&rows); err != nil || rows != 1000 || l.Lost() != 0 {
		t.Errorf("%d different rows, %d lost, %v", rows, l.Lost(), err)
	}
}

func TestOldEntriesAreDeleted(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	l, _ := running(t, pool, audit.Options{Keep: time.Hour})
	at := func(age time.Duration) uuid.UUID {
		var id uuid.UUID
		for i := range 6 {
			id[i] = byte(time.Now().Add(-age).UnixMilli() >> (8 * (5 - i)))
		}
		id[6] = 0x70
		return id
	}
	l.Record(audit.Entry{ID: at(61 * time.Minute), Type: "old"})
	l.Record(audit.Entry{ID: at(59 * time.Minute), Type: "young"})
	if err := l.Flush(soon(t)); err != nil {
		t.Fatal(err)
	}
	audit.Sweep(l, soon(t), time.Now())
	if got := list(t, pool, audit.Query{}); len(got) != 1 || got[0].Type != "young" {
		t.Errorf("%+v", got)
	}
	kept, _ := running(t, pool, audit.Options{Keep: -1})
	audit.Sweep(kept, soon(t), time.Now().Add(100*365*24*time.Hour))
	if got := list(t, pool, audit.Query{}); len(got) != 1 {
		t.Errorf("for ever: %+v", got)
	}
}

package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/eventlog"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres"
	"segmentchallenge/internal/postgres/postgrestest"
)

// on runs the program on a database of the test's own.
func (p place) on(url string, args ...string) said {
	p.Helper()
	return p.run(append(args, "--database-url", url)...)
}

func (p place) file(name string) string { return filepath.Join(p.dir, name) }

// A log leaves as a file and comes in elsewhere: sealed, with its keys left behind, or opened.
func TestEventsExportAndImport(t *testing.T) {
	t.Parallel()
	p, source, target := newPlace(t), postgrestest.NewURL(t), postgrestest.NewURL(t)
	ana := p.on(source, "athlete", "add", "--email", "ana@example.org", "--first-name", "Ana", "--last-name", "Quixotic", "--admin").well()
	p.on(source, "athlete", "add", "--email", "ben@example.org", "--first-name", "Ben", "--last-name", "Quixotic").well()

	sealed := p.on(source, "events", "export").well()
	if strings.Contains(sealed, "Quixotic") || strings.Count(sealed, "\n") != 2 {
		t.Errorf("an export says %s", sealed)
	}
	if shown := p.on(source, "events", "show", "athlete-"+ana).well(); !strings.Contains(shown, `"lastName":"Quixotic"`) {
		t.Errorf("a stream shows %s", shown)
	}
	if one := p.on(source, "events", "export", "--stream", "athlete-"+ana).well(); strings.Count(one, "\n") != 1 || strings.Count(one, ana) < 2 {
		t.Errorf("one stream: %s", one)
	}
	said := p.on(source, "events", "export", "-o", p.file("sealed.jsonl.gz")).well()
	if content, err := os.ReadFile(p.file("sealed.jsonl.gz")); err != nil || !bytes.HasPrefix(content, []byte("\x1f\x8b")) {
		t.Errorf("not compressed: %v", err)
	}
	p.on(source, "events", "export", "-o", p.file("sealed.jsonl.gz")).fails(1, "exists")
	p.on(target, "events", "import", p.file("sealed.jsonl.gz")).fails(1, "personal_keys")
	p.on(target, "events", "import", p.file("nowhere.jsonl")).fails(1, "nowhere.jsonl")

	opened := p.on(source, "events", "export", "--open").well() + "\n"
	if !strings.Contains(opened, `"lastName":"Quixotic"`) {
		t.Errorf("opened: %s", opened)
	}
	for name, content := range map[string]string{"cut.jsonl": opened[:len(opened)-20], "wrong.jsonl": strings.Replace(opened, `"version":2`, `"version":7`, 1), "open.jsonl": opened} {
		if err := os.WriteFile(p.file(name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p.on(target, "events", "import", p.file("cut.jsonl")).fails(1, "line 3: this is not an event")
	p.on(target, "events", "import", p.file("wrong.jsonl")).fails(1, "line 2, stream \"athlete-"+ana+"\", position 2")
	if got := p.on(target, "events", "import", p.file("open.jsonl")).well(); got != said {
		t.Errorf("the import says %q, the export %q", got, said)
	}
	p.on(target, "events", "import", p.file("open.jsonl")).fails(1, "the log has events already")
	p.on(target, "events", "import", "--append", p.file("open.jsonl")).fails(1, "line 1")
	if again := p.on(target, "events", "export").well(); strings.Contains(again, "Quixotic") || strings.Count(again, "\n") != 2 {
		t.Errorf("imported: %s", again)
	}
	p.on(target, "projections", "rebuild").well()
	if verified := p.on(target, "projections", "verify").well(); !strings.Contains(verified, "as a fresh rebuild") {
		t.Error(verified)
	}
}

// The master key is changed: what was sealed before is read with the new one alone.
func TestKeysRotate(t *testing.T) {
	t.Parallel()
	p, url := newPlace(t), postgrestest.NewURL(t)
	old, fresh := strings.Repeat("A", 43)+"=", strings.Repeat("B", 42)+"A="
	ana := p.on(url, "athlete", "add", "--email", "ana@example.org", "--first-name", "Ana", "--last-name", "Quixotic", "--master-key", old).well()
	p.on(url, "keys", "rotate").fails(1, "--master-key")
	p.on(url, "keys", "rotate", "--master-key", fresh).fails(1, "1 keys of people stay as they are")
	p.on(url, "keys", "rotate", "--master-key", fresh, "--accept-master-keys", "short").fails(1, "--accept-master-keys: the master key must be")
	for _, want := range []string{"1 keys are encrypted with the master key now, 0 were already", "0 keys are encrypted with the master key now, 1 were already"} {
		if out := p.on(url, "keys", "rotate", "--master-key", fresh, "--accept-master-keys", old).well(); out != want {
			t.Errorf("%s, want %s", out, want)
		}
	}
	if shown := p.on(url, "events", "show", "athlete-"+ana, "--master-key", fresh).well(); !strings.Contains(shown, `"lastName":"Quixotic"`) {
		t.Errorf("a stream shows %s", shown)
	}
}

// What has stopped goes on where it runs, when another process asks for it.
func TestProjectionsResume(t *testing.T) {
	t.Parallel()
	p, url := newPlace(t), postgrestest.NewURL(t)
	p.on(url, "athlete", "add", "--email", "ana@example.org", "--first-name", "Ana", "--last-name", "Smet").well()
	pool, err := postgres.Open(t.Context(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	store, err := eventstore.Open(t.Context(), pool, eventlog.Registry(), eventstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	tried, broken := make(chan error), errors.New("the mill is broken")
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	go func() { ended <- store.Run(ctx) }()
	go func() {
		ended <- store.RunHandler(ctx, eventstore.HandlerSubscription{Name: "mill", Retry: eventstore.Backoff{Attempts: 1}, GiveUp: eventstore.Stop,
			Handle: func(context.Context, eventstore.Recorded) error { tried <- broken; return broken }})
	}()
	<-tried
	var listed string
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(listed, "stopped") && time.Now().Before(deadline); {
		listed = p.on(url, "projections", "list").well()
	}
	if !strings.Contains(listed, "the mill is broken") {
		t.Errorf("the list says %s", listed)
	}
	if out := p.on(url, "projections", "resume", "mill").well(); !strings.HasPrefix(out, "mill goes on") {
		t.Errorf("resuming says %s", out)
	}
	<-tried // again, by the node that has been running
	stop()
	if err := errors.Join(<-ended, <-ended); err != nil {
		t.Error(err)
	}
	p.on(url, "projections", "resume", "people").fails(1, "people hasn't stopped")
	p.on(url, "projections", "resume", "windmill").fails(1, `nothing called "windmill"`)
}

// What was given up on is listed, tried again or forgotten.
func TestParked(t *testing.T) {
	t.Parallel()
	p, url := newPlace(t), postgrestest.NewURL(t)
	p.on(url, "athlete", "add", "--email", "ana@example.org", "--first-name", "Ana", "--last-name", "Smet").well()
	if out := p.on(url, "parked", "list").well(); out != "" {
		t.Errorf("nothing is parked, but: %s", out)
	}
	pool, err := postgres.Open(t.Context(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	store, err := eventstore.Open(t.Context(), pool, eventlog.Registry(), eventstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var well atomic.Bool
	handle := func(context.Context, eventstore.Recorded) error {
		if well.Load() {
			return nil
		}
		return errors.New("the mill is broken")
	}
	work := func() { // until everything is handled or parked
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 2)
		go func() { ended <- store.Run(ctx) }()
		go func() {
			ended <- store.RunHandler(ctx, eventstore.HandlerSubscription{Name: "mill", Handle: handle, Retry: eventstore.Backoff{Attempts: 1}})
		}()
		head, err := store.Head(ctx)
		if err == nil {
			err = store.WaitFor(ctx, head, "mill")
		}
		for parked := int64(1); err == nil && well.Load() && parked > 0; { // those that are tried again
			err = pool.QueryRow(ctx, `select count(*) from parked_events`).Scan(&parked)
		}
		stop()
		if err := errors.Join(err, <-ended, <-ended); err != nil {
			t.Fatal(err)
		}
		store, err = eventstore.Open(t.Context(), pool, eventlog.Registry(), eventstore.Options{})
		if err != nil {
			t.Fatal(err)
		}
	}
	work()
	for _, args := range [][]string{{"parked", "list"}, {"parked", "list", "mill"}} {
		if out := p.on(url, args...).well(); !strings.HasPrefix(out, "mill\tathlete-") || !strings.Contains(out, "\tevent 1\t1 attempts\t") || !strings.Contains(out, "the mill is broken") {
			t.Errorf("%v: %s", args, out)
		}
	}
	if out := p.on(url, "parked", "list", "windmill").well(); out != "" {
		t.Errorf("another's: %s", out)
	}
	p.on(url, "parked", "replay", "windmill").fails(1, "Nothing of that is parked")
	p.on(url, "parked", "discard", "mill").fails(2, "--position")
	p.on(url, "parked", "discard", "mill", "--position", "99").fails(1, "Nothing of that is parked")
	well.Store(true)
	if out := p.on(url, "parked", "replay", "mill").well(); !strings.HasPrefix(out, "1 to be tried again") {
		t.Error(out)
	}
	if out := p.on(url, "parked", "list").well(); !strings.Contains(out, "(to be tried again)") {
		t.Error(out)
	}
	work()
	if out := p.on(url, "parked", "list").well(); out != "" {
		t.Errorf("after another try: %s", out)
	}
}

// A site moves to another database while it serves, and goes on there: with its accounts, tokens and keys.
func TestEventsMigrate(t *testing.T) {
	t.Parallel()
	p, source, target := newPlace(t), postgrestest.NewURL(t), postgrestest.NewURL(t)
	ana := p.on(source, "athlete", "add", "--email", "ana@example.org", "--first-name", "Ana", "--last-name", "Quixotic", "--admin").well()
	token := p.on(source, "token", "create", "--athlete", "ana@example.org").well()
	old := p.serve("--database-url", source)
	old.json("POST", "/api/v1/clubs", token, `{"name": "Phoenix"}`)
	old.json("PATCH", "/api/v1/me", token, `{"town": "Xanaduville"}`)

	for args, words := range map[string]string{
		"--to " + target + " --schema x": "--schema", "": "--to or --schema", "--dry-run --rename a": "OLD=NEW", "--schema A-B": "small letters",
		"--dry-run --split x=y": "FROM=TO"} {
		p.on(source, append([]string{"events", "migrate"}, strings.Fields(args)...)...).fails(2, words)
	}
	change := []string{"--drop", "AthleteAdminAppointed", "--merge", "nothing-1,nothing-2=nothing-3"}
	dry := p.on(source, append([]string{"events", "migrate", "--dry-run"}, change...)...).well()
	for _, words := range []string{"1 dropped", "type AthleteAdminAppointed: 1, now 0", "stream athlete-" + ana + ": 3, now 2", "nothing was written"} {
		if !strings.Contains(dry, words) {
			t.Errorf("a dry run doesn't say %q: %s", words, dry)
		}
	}
	p.on(source, "events", "migrate", "--to", target, "--rename", "ClubCreated=ClubFounded").fails(1, "ClubFounded")
	done := p.on(source, append([]string{"events", "migrate", "--cut-over", "--to", target}, change...)...).well()
	if !strings.Contains(done, "verified; the site was held up for") || !strings.HasPrefix(done, strings.Split(dry, "ids ")[0]) {
		t.Errorf("it says %s, the dry run said %s", done, dry)
	}
	if status, answer, err := old.send("POST", "/api/v1/clubs", token, "application/json", strings.NewReader(`{"name": "Too late"}`)); err != nil || status != 500 {
		t.Errorf("the old site answers %d %s, %v", status, answer, err)
	}
	old.stop(syscall.SIGTERM)

	now := p.serve("--database-url", target)
	soon, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for filled := false; !filled; { // the read models fill themselves
		status, answer, err := now.send("GET", "/api/v1/me", token, "application/json", nil)
		if filled = err == nil && status == 200 && strings.Contains(answer, "Xanaduville"); !filled && soon.Err() != nil {
			t.Fatalf("%d %s, %v", status, answer, err)
		}
	}
	if me := now.json("GET", "/api/v1/me", token, ""); !strings.Contains(me, `"town":"Xanaduville"`) || strings.Contains(me, `"admin":true`) {
		t.Errorf("me: %s", me)
	}
	if clubs := now.json("GET", "/api/v1/clubs", token, ""); !strings.Contains(clubs, "Phoenix") {
		t.Errorf("clubs: %s", clubs)
	}
	now.json("POST", "/api/v1/clubs", token, `{"name": "Dragon"}`)
	if verified := p.on(target, "projections", "verify").well(); !strings.Contains(verified, "as a fresh rebuild") {
		t.Error(verified)
	}
	now.stop(syscall.SIGTERM)
	p.on(source, "events", "migrate", "--to", target).fails(1, "the log has events already")

	if out := p.on(target, "events", "migrate", "--schema", "copy").well(); !strings.Contains(out, "search_path=copy") || !strings.Contains(out, "verified\n") {
		t.Errorf("into a schema: %s", out)
	}
	if there := p.on(target+"&search_path=copy", "events", "export").well(); strings.Count(there, "ClubCreated") != 2 {
		t.Errorf("in the schema: %s", there)
	}
}

// Every column that holds positions, outside the log and read models, moves with its events.
func TestPositionColumnsAreKnown(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	tables, err := tablesBeside(t.Context(), pool)
	if err != nil || !slices.Contains(tables, "personal_keys") || !slices.Contains(tables, "identities") || slices.Contains(tables, "athletes") {
		t.Fatalf("%q, %v", tables, err)
	}
	rows, err := pool.Query(t.Context(), `select table_name, column_name from information_schema.columns
		where table_schema = current_schema() and data_type = 'bigint' and table_name = any($1) and column_name ~ 'position|^version$|^done$|^up_to$'`, tables)
	if err != nil {
		t.Fatal(err)
	}
	var table, column string
	if _, err := pgx.ForEachRow(rows, []any{&table, &column}, func() error {
		if !slices.ContainsFunc(positionColumns, func(c eventstore.PositionColumn) bool { return c.Table == table && c.Column == column }) {
			t.Errorf("%s.%s sounds like a position: list it in positionColumns", table, column)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, c := range positionColumns {
		if !slices.Contains(tables, c.Table) {
			t.Errorf("%s isn't copied", c.Table)
		}
	}
}

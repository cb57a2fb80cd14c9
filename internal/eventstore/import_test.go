package eventstore_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/vault"
)

// exported is the whole log as lines, with its digest.
func exported(t testing.TB, s *eventstore.Store) (string, string) {
	t.Helper()
	var out bytes.Buffer
	digest := eventstore.NewDigest()
	if _, err := eventstore.WriteLines(&out, digest.Of(s.ReadAll(t.Context(), eventstore.ReadOptions{}))); err != nil {
		t.Fatal(err)
	}
	return out.String(), digest.String()
}

// logged is a store with n events over seven streams, with everything that an event can have.
func logged(t testing.TB, n int) *eventstore.Store {
	t.Helper()
	s := open(t)
	var writes []eventstore.Write
	for i := range n {
		e := event("counted", i)
		e.Data = json.RawMessage(fmt.Sprintf(`{"n":%d}`, i)) // an export is compact
		e.Metadata, e.CorrelationID, e.CausationID = json.RawMessage(`{"trace":"<&>"}`), uuid.New(), uuid.New()
		e.Actor, e.Time = "ada", time.Date(2026, 5, 1, 12, 0, 0, 123456000, time.UTC).Add(time.Duration(i)*time.Second)
		writes = append(writes, write(fmt.Sprintf("lot-%d", i%7), eventstore.Any, e))
	}
	appended(t, s, writes...)
	return s
}

func imports(t testing.TB, s *eventstore.Store, lines string, opts eventstore.ImportOptions) (eventstore.Imported, error) {
	t.Helper()
	return s.Import(ctx(t), eventstore.ReadLines(strings.NewReader(lines)), opts)
}

func TestExportAndImport(t *testing.T) {
	t.Parallel()
	const n = 12_000 // more than two batches
	source, target := logged(t, n), open(t)
	lines, digest := exported(t, source)
	var seen []int64
	done, err := imports(t, target, lines, eventstore.ImportOptions{Progress: func(n int64) { seen = append(seen, n) }})
	if want := (eventstore.Imported{Events: n, First: 1, Last: n, Digest: digest}); err != nil || done != want {
		t.Fatalf("%+v, %v, want %+v", done, err, want)
	}
	if diff := cmp.Diff([]int64{5000, 10_000, n}, seen); diff != "" {
		t.Errorf("progress: %s", diff)
	}
	if diff := cmp.Diff(all(t, source, eventstore.ReadOptions{}), all(t, target, eventstore.ReadOptions{})); diff != "" {
		t.Fatal(diff)
	}
	// The log goes on: versions and positions follow, and who waits is told.
	result := appended(t, target, write("lot-3", eventstore.Exact(n/7), event("counted", 1)))
	if result.First != n+1 {
		t.Errorf("the next position is %d", result.First)
	}
	if again, _ := exported(t, source); again != lines {
		t.Error("exporting has changed the source")
	}
	if _, err := imports(t, target, lines, eventstore.ImportOptions{}); !errors.Is(err, eventstore.ErrLogNotEmpty) {
		t.Errorf("into a log with events: %v", err)
	}
}

// What isn't a good line is refused where it stands, and nothing of the file is stored.
func TestImportRefuses(t *testing.T) {
	t.Parallel()
	source := logged(t, 20)
	lines, _ := exported(t, source)
	split := strings.SplitAfter(strings.TrimSuffix(lines, "\n"), "\n")
	target := open(t)
	change := func(line int, old, new string) string {
		t.Helper()
		changed := append([]string(nil), split...)
		changed[line-1] = strings.Replace(changed[line-1], old, new, 1)
		if changed[line-1] == split[line-1] {
			t.Fatalf("line %d has no %s", line, old)
		}
		return strings.Join(changed, "") + "\n"
	}
	first := all(t, source, eventstore.ReadOptions{})[0]
	for name, c := range map[string]struct {
		lines string
		line  int64
		want  error
	}{
		"not JSON":             {change(3, `"data":{`, `"data":{{`), 3, eventstore.ErrLine},
		"not an object":        {"[]\n" + lines, 1, eventstore.ErrLine},
		"two on one line":      {change(5, "\n", ""), 5, eventstore.ErrLine},
		"an empty line":        {"\n" + lines, 1, eventstore.ErrLine},
		"an unknown field":     {change(4, `"actor"`, `"author"`), 4, eventstore.ErrLine},
		"cut off":              {lines[:len(lines)-7], 20, eventstore.ErrLine},
		"cut off at its end":   {lines[:len(lines)-1], 20, eventstore.ErrLine},
		"no id":                {change(2, `"id":"`+all(t, source, eventstore.ReadOptions{})[1].ID.String(), `"id":"`+uuid.Nil.String()), 2, eventstore.ErrLine},
		"no time":              {change(2, `"time":"2026-05-01T12:00:01.123456Z"`, `"time":"0001-01-01T00:00:00Z"`), 2, eventstore.ErrLine},
		"a line is missing":    {strings.Join(append(split[:3:3], split[4:]...), "") + "\n", 4, eventstore.ErrLineOrder},
		"lines change places":  {split[1] + split[0] + strings.Join(split[2:], "") + "\n", 1, eventstore.ErrLineOrder},
		"twice the same line":  {split[0] + lines, 2, eventstore.ErrLineOrder},
		"twice the same id":    {change(9, all(t, source, eventstore.ReadOptions{})[8].ID.String(), first.ID.String()), 9, eventstore.ErrDuplicateEvent},
		"NUL":                  {change(6, `"data":{`, `"data":{"x":"\u0000",`), 6, eventstore.ErrInvalidEvent},
		"a long stream name":   {change(7, `"lot-6"`, `"lot-`+strings.Repeat("x", 10_000)+`"`), 7, eventstore.ErrInvalidEvent},
		"an unknown type":      {change(8, `"counted"`, `"uncounted"`), 8, eventstore.ErrUnknownType},
		"another shape":        {change(8, `"n":7`, `"n":"seven"`), 8, nil},
		"a newer schema":       {change(8, `"schemaVersion":1`, `"schemaVersion":9`), 8, nil},
		"data of another kind": {change(8, `"data":{"n":7}`, `"data":7`), 8, eventstore.ErrInvalidEvent},
	} {
		_, err := imports(t, target, c.lines, eventstore.ImportOptions{})
		var at *eventstore.LineError
		if !errors.As(err, &at) || at.Line != c.line || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v on line %d", name, err, c.want, c.line)
		}
		if head, err := target.Head(t.Context()); err != nil || head != 0 || len(all(t, target, eventstore.ReadOptions{})) != 0 {
			t.Fatalf("%s: the log has %d events, %v", name, head, err)
		}
	}
	missing := strings.Join(append(split[:3:3], split[4:]...), "") + "\n"
	if done, err := imports(t, open(t), missing, eventstore.ImportOptions{Gaps: true}); err != nil || done.Events != 19 || done.Last != 19 {
		t.Errorf("with leave to: %+v, %v", done, err)
	}
	if done, err := imports(t, target, "", eventstore.ImportOptions{}); err != nil || done.Events != 0 {
		t.Errorf("an empty file: %+v, %v", done, err)
	}
	appended(t, target, write("lot-1", eventstore.NoStream, event("counted", 1))) // nothing is locked or left behind
}

// An error at the very end of a long file, or the end of patience, leaves nothing.
func TestImportIsAllOrNothing(t *testing.T) {
	t.Parallel()
	source, target := logged(t, 11_000), open(t)
	lines, _ := exported(t, source)
	if _, err := imports(t, target, lines+"x\n", eventstore.ImportOptions{}); !errors.Is(err, eventstore.ErrLine) {
		t.Errorf("%v", err)
	}
	stopped, stop := context.WithCancel(t.Context())
	_, err := target.Import(stopped, eventstore.ReadLines(strings.NewReader(lines)), eventstore.ImportOptions{Progress: func(n int64) { stop() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if found := all(t, target, eventstore.ReadOptions{}); len(found) != 0 {
		t.Errorf("%d events are there", len(found))
	}
}

func TestImportBehindWhatIsThere(t *testing.T) {
	t.Parallel()
	source := logged(t, 30)
	lines, digest := exported(t, source)
	behind := eventstore.ImportOptions{Append: true}
	target := open(t)
	appended(t, target, write("other-1", eventstore.NoStream, event("counted", 1)), write("other-2", eventstore.NoStream, event("counted", 1)))
	done, err := imports(t, target, lines, behind)
	if want := (eventstore.Imported{Events: 30, First: 3, Last: 32, Digest: digest}); err != nil || done != want {
		t.Fatalf("%+v, %v", done, err)
	}
	for name, c := range map[string]struct {
		prepare func(*eventstore.Store)
		want    error
	}{
		"the same again": {func(s *eventstore.Store) {
			if _, err := imports(t, s, lines, behind); err != nil {
				t.Fatal(err)
			}
		}, eventstore.ErrDuplicateEvent},
		"a stream that is at another version": {func(s *eventstore.Store) {
			appended(t, s, write("lot-2", eventstore.NoStream, event("counted", 1)))
		}, eventstore.ErrConflict},
		"a deleted stream": {func(s *eventstore.Store) {
			appended(t, s, write("lot-2", eventstore.NoStream, event("counted", 1)))
			if err := s.DeleteStream(t.Context(), "lot-2", eventstore.Any); err != nil {
				t.Fatal(err)
			}
		}, eventstore.ErrStreamDeleted},
	} {
		target := open(t)
		c.prepare(target)
		before := all(t, target, eventstore.ReadOptions{})
		_, err := imports(t, target, lines, behind)
		var at *eventstore.LineError
		if !errors.Is(err, c.want) || !errors.As(err, &at) || !strings.HasPrefix(at.Stream, "lot-") {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(before, all(t, target, eventstore.ReadOptions{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// Who did their work where the events come from goes on behind them; the others look at everything.
func TestImportOfWhatWasHandled(t *testing.T) {
	t.Parallel()
	source := logged(t, 30)
	lines, _ := exported(t, source)
	target := run(t, postgrestest.New(t), eventstore.Options{})
	if _, err := imports(t, target, lines, eventstore.ImportOptions{Handled: []string{"mails", "matching"}}); err != nil {
		t.Fatal(err)
	}
	appended(t, target, write("other-1", eventstore.NoStream, event("counted", 1)))
	mails, boards := newJournal(), newJournal()
	var stops []func()
	for name, j := range map[string]*journal{"mails": mails, "boards": boards} {
		stop := handle(t, target, eventstore.HandlerSubscription{Name: name, Handle: func(_ context.Context, e eventstore.Recorded) error {
			j.add("%d", e.Position)
			return nil
		}})
		stops = append(stops, stop)
	}
	if err := target.WaitFor(ctx(t), 31, "mails", "boards"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"31"}, mails.whenLen(t, 1)); diff != "" {
		t.Errorf("mails handled (-want +got):\n%s", diff)
	}
	if all := boards.whenLen(t, 31); len(all) != 31 || all[0] != "1" {
		t.Errorf("boards handled %q", all)
	}

	// In a log that holds events: one that had handled all of them does, one that hadn't doesn't lose any.
	for _, stop := range stops {
		stop()
	}
	more := open(t)
	appended(t, more, write("more-1", eventstore.NoStream, event("counted", 1), event("counted", 2)))
	others, _ := exported(t, more)
	if _, err := imports(t, target, others, eventstore.ImportOptions{Append: true, Handled: []string{"mails", "matching", "unheard"}}); err != nil {
		t.Fatal(err)
	}
	at := map[string]int64{}
	checkpoints, err := target.Checkpoints(ctx(t))
	for _, c := range checkpoints {
		at[c.Name] = c.Position
	}
	if diff := cmp.Diff(map[string]int64{"mails": 33, "boards": 31, "matching": 30}, at); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// What is personal is sealed on its way in; what is sealed by keys that aren't here isn't taken.
func TestImportOfPersonalEvents(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	reg := keyless()
	reg.SealWith(vault.New(pool, vault.Options{}))
	target, err := eventstore.Open(t.Context(), pool, reg, eventstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	met := Met{Who: ada, Name: "Ada", Town: "London"}
	data, _ := json.Marshal(met)
	rec := eventstore.Recorded{Position: 1, ID: uuid.New(), Stream: "person-1", Version: 1, Type: "met", SchemaVersion: 1, Data: data, Time: time.Now()}
	if _, err := target.Import(t.Context(), one(rec), eventstore.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	stored := all(t, target, eventstore.ReadOptions{})[0]
	if bytes.Contains(stored.Data, []byte("Ada")) {
		t.Errorf("in the clear: %s", stored.Data)
	}
	if got, err := reg.Decode(stored); err != nil || !cmp.Equal(got, eventstore.Event(met)) {
		t.Errorf("%+v, %v", got, err)
	}
	elsewhere := postgrestest.New(t)
	other := keyless()
	other.SealWith(vault.New(elsewhere, vault.Options{}))
	s, err := eventstore.Open(t.Context(), elsewhere, other, eventstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var at *eventstore.LineError
	if _, err := s.Import(t.Context(), one(stored), eventstore.ImportOptions{}); !errors.Is(err, vault.ErrNoKey) || !errors.As(err, &at) || at.Stream != "person-1" {
		t.Errorf("without its key: %v", err)
	}
	shown, err := reg.Reveal(stored)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Import(t.Context(), one(shown), eventstore.ImportOptions{}); err != nil {
		t.Errorf("opened: %v", err)
	}
}

func one(rec eventstore.Recorded) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) { yield(rec, nil) }
}

// Whatever a file holds: events or an error that names the line, and what was read is written as it was read.
func FuzzReadLines(f *testing.F) {
	whole := `{"position":1,"id":"00000000-0000-4000-8000-000000000001","stream":"lot-1","version":1,"type":"counted","schemaVersion":1,"data":{"n":1},"actor":"ada","time":"2026-05-01T12:00:00.5Z"}` + "\n"
	f.Add([]byte(whole))
	f.Add([]byte(whole + strings.NewReplacer(`n":1,`, `n":2,`, `0001"`, `0002"`).Replace(whole)))
	f.Add([]byte(whole[:50]))
	f.Add([]byte("\n\x00{}"))
	f.Fuzz(func(t *testing.T, file []byte) {
		lines := int64(bytes.Count(file, []byte("\n"))) + 1
		var read []eventstore.Recorded
		for rec, err := range eventstore.ReadLines(bytes.NewReader(file)) {
			if err != nil {
				var at *eventstore.LineError
				if !errors.As(err, &at) || at.Line != int64(len(read))+1 || at.Line > lines {
					t.Fatalf("%v after %d events", err, len(read))
				}
				return
			}
			read = append(read, rec)
		}
		var again bytes.Buffer
		if _, err := eventstore.WriteLines(&again, func(yield func(eventstore.Recorded, error) bool) {
			for _, rec := range read {
				if !yield(rec, nil) {
					return
				}
			}
		}); err != nil {
			t.Fatal(err)
		}
		i := 0
		for rec, err := range eventstore.ReadLines(&again) {
			if err != nil {
				t.Fatal(err)
			}
			var was, is bytes.Buffer
			if json.Compact(&was, read[i].Data) != nil || json.Compact(&is, rec.Data) != nil || was.String() != is.String() {
				t.Errorf("%s became %s", read[i].Data, rec.Data)
			}
			rec.Data, rec.Metadata, read[i].Data, read[i].Metadata = nil, nil, nil, nil
			if diff := cmp.Diff(read[i], rec); diff != "" {
				t.Error(diff)
			}
			i++
		}
		if i != len(read) {
			t.Errorf("%d of %d events came back", i, len(read))
		}
	})
}

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"segmentchallenge/internal/activities/fit"
	"segmentchallenge/internal/activities/gpx"
	"segmentchallenge/internal/activities/simulate"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/webtest"
)

// Calls that can't be understood end with status 2, and say where help is.
func TestUsage(t *testing.T) {
	p := newPlace(t)
	for _, args := range []string{"nonsense", "--nonsense", "athlete", "athlete add", "athlete add --email a@example.org", "token create", "activity import",
		"activity import x", "segment import x --name X", "migrate", "migrate sideways", "projections", "events", "events show", "serve --log-level loud"} {
		p.run(strings.Fields(args)...).fails(2, "--help")
	}
	for _, args := range []string{"", "serve", "demo", "migrate", "migrate up", "athlete add", "token create", "activity import", "segment import",
		"projections list", "projections rebuild", "projections verify", "events show", "events streams", "events export", "events import", "events migrate", "parked list", "parked replay",
		"parked discard", "config"} {
		help := p.run(append(strings.Fields(args), "--help")...).well()
		if !strings.HasPrefix(help, "Usage: segment-challenge "+args) || !strings.Contains(help, "--data-dir") {
			t.Errorf("%s --help: %s", args, help)
		}
	}
	if _, err := os.Stat(filepath.Join(p.dir, "data")); err == nil {
		t.Error("a database was made")
	}
}

func TestConfigMasksSecrets(t *testing.T) {
	p := newPlace(t)
	for _, url := range []string{"postgres://ana:geheim@db.example/x", "postgres://db.example/x?user=ana&password=geheim&sslmode=require", "host=db.example password=geheim"} {
		out := p.run("config", "--database-url", url, "--smtp-url=smtp://ana:geheim@mail.example:587").well()
		if strings.Contains(out, "geheim") {
			t.Errorf("a secret shows: %s", out)
		}
		for _, words := range []string{"--database-url", "command line", "mail.example:587", "--data-dir", "environment DATA_DIR", "--log-level", "default", "Address to listen on"} {
			if !strings.Contains(out, words) {
				t.Errorf("config doesn't say %q: %s", words, out)
			}
		}
	}
}

// What a person may get wrong is answered in words, soon.
func TestSettingsThatCantBe(t *testing.T) {
	p := newPlace(t)
	began := time.Now()
	p.run("migrate", "status", "--database-url", "nonsense://x").fails(1, "database URL")
	p.run("migrate", "status", "--database-url", "postgres://127.0.0.1:1/x").status1("database can't be reached")
	p.run("serve", "--addr", "nonsense").fails(1, "choose another with --addr")
	p.run("segment", "import", "missing.gpx", "--name", "X", "--type", "Ride").fails(1, "missing.gpx")
	p.run("activity", "import", "missing.gpx", "--athlete", "a@example.org").fails(1, "missing.gpx")
	p.run("activity", "import", ".", "--athlete", "a@example.org", "--type", "Flying").fails(1, "type of activity")
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %s to say so", took)
	}
	if p.databaseRuns() {
		t.Error("a database was left running")
	}
}

// status1 is fails(1), where something may be logged before.
func (s said) status1(words string) {
	s.Helper()
	if s.status != 1 || !strings.Contains(s.err, words) {
		s.Errorf("%q: status %d, %s; want %q", s.args, s.status, s.err, words)
	}
}

var (
	uuidLine  = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	tokenLine = regexp.MustCompile(`^sc_[A-Z2-7]{20,}$`)
)

// matches checks that what a command printed is one line of a kind, so that scripts can take it as it is.
func (p place) matches(pattern *regexp.Regexp, line string) string {
	p.Helper()
	if !pattern.MatchString(line) {
		p.Fatalf("printed %q", line)
	}
	return line
}

// story is what is done on the command line in the tests below.
type story struct {
	place
	organiser, athlete string // tokens
	segment            string
}

// TestCommandLine tells a club's beginning: first without a server, then beside one.
func TestCommandLine(t *testing.T) {
	s := &story{place: newPlace(t)}
	s.files()
	s.alone()
	if s.databaseRuns() {
		t.Error("after the commands the database still runs")
	}
	server := s.serve()
	s.beside(server)
	s.log()
	s.crash(server)
	s.drain()
	if s.databaseRuns() {
		t.Error("after the last program the database still runs")
	}
}

// files are a climb and rides over it.
func (s *story) files() {
	s.Helper()
	road := simulate.Way(7, simulate.Landscape{Length: 9_000, Hills: 1, Height: 120})
	climb := road.Climbs[0]
	var out bytes.Buffer
	if err := gpx.Write(&out, "Climb", sport.Ride, road.Line[int(climb.From/10):int(climb.To/10)+1]); err != nil {
		s.Fatal(err)
	}
	s.write("climb.gpx", out.Bytes())
	for i := range 4 {
		r, _ := simulate.Plan{Seed: uint64(i), Road: road, Rider: simulate.Rider{Flat: 7 + float64(i)}, Start: webtest.Day(-1, time.Duration(8+3*i)*time.Hour).In(webtest.Zone)}.Ride()
		out.Reset()
		if err := fit.Write(&out, r); err != nil {
			s.Fatal(err)
		}
		s.write(fmt.Sprintf("rides/%d.fit", i), out.Bytes())
	}
	s.write("rides/notes.txt", []byte("windy"))
}

func (s *story) write(name string, data []byte) {
	s.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		s.Fatal(err)
	}
}

func (s *story) alone() {
	s.Helper()
	if out := s.run("migrate", "status").well(); !strings.Contains(out, "000001 pending") {
		s.Errorf("at first: %s", out)
	}
	s.run("migrate", "up").well()
	s.run("migrate", "down").well()
	if out := s.run("migrate", "status").well(); strings.Count(out, "pending") != 1 {
		s.Errorf("one migration taken back: %s", out)
	}
	id := s.matches(uuidLine, s.run("athlete", "add", "--email", "Ana@Example.org", "--first-name", "Ana", "--last-name", "Smet", "--gender", "F", "--birth-year", "1985").well())
	again := s.run("athlete", "add", "--email", "ana@example.org", "--first-name", "Anna", "--last-name", "Smet")
	if again.status != 0 || strings.TrimSpace(again.out) != id || !strings.Contains(again.err, "already") {
		s.Errorf("added twice: %d %q %q", again.status, again.out, again.err)
	}
	s.matches(uuidLine, s.run("athlete", "add", "--email", "ilse@example.org", "--first-name", "Ilse", "--last-name", "Maes", "--admin").well())
	s.run("athlete", "add", "--email", "nonsense", "--first-name", "A", "--last-name", "B").fails(1, "e-mail address")
	s.run("athlete", "add", "--email", "b@example.org", "--first-name", "A", "--last-name", "B", "--gender", "Q").fails(1, "gender")
	s.organiser = s.matches(tokenLine, s.run("token", "create", "--athlete", "ilse@example.org").well())
	s.athlete = s.matches(tokenLine, s.run("token", "create", "--athlete", "ana@example.org").well())
	s.run("token", "create", "--athlete", "nobody@example.org").fails(1, "athlete add")
	s.segment = s.matches(uuidLine, s.run("segment", "import", "climb.gpx", "--name", "Kattenberg", "--type", "Ride").well())
	s.run("segment", "import", "rides/notes.txt", "--name", "X", "--type", "Ride").fails(1, "isn't a GPX file")
	s.run("segment", "import", "climb.gpx", "--name", "X", "--type", "Flying").fails(1, "type of activity")
	if out := s.run("activity", "import", "rides/0.fit", "--athlete", "ana@example.org").well(); !strings.HasPrefix(out, "rides/0.fit: processed") {
		s.Errorf("a ride without a stage: %s", out)
	}
	s.run("activity", "import", "rides", "--athlete", "nobody@example.org").fails(1, "athlete add")
}

func (s *story) beside(server *server) {
	s.Helper()
	begin, end := webtest.Day(-2, 0), webtest.Day(5, 0)
	server.json("POST", "/api/v1/challenges", s.organiser, fmt.Sprintf(`{"type": "segment", "name": "Club hill", "startLocal": %q, "endLocal": %q, "timeZone": %q}`, begin, end, webtest.TimeZone))
	server.json("POST", "/api/v1/challenges/club-hill/stages", s.organiser, fmt.Sprintf(`{"type": "mountain", "name": "One", "segmentId": %q}`, s.segment))
	server.json("POST", "/api/v1/challenges/club-hill/host", s.organiser, "")
	server.json("POST", "/api/v1/challenges/club-hill/join", s.athlete, "")
	out := s.run("activity", "import", "rides", "--athlete", "ana@example.org")
	if out.status != 1 || !strings.Contains(out.err, "1 could not be taken") || strings.Count(out.out, "processed; Club hill, One: ") != 3 ||
		!strings.Contains(out.out, "rides/0.fit: duplicate") || !strings.Contains(out.out, "rides/notes.txt: refused; This isn't an activity file") {
		s.Errorf("a folder: %d %s %s", out.status, out.out, out.err)
	}
	if board := server.json("GET", "/api/v1/challenges/club-hill/stages/one/leaderboards/Open", "", ""); !strings.Contains(board, `"attempts":4`) {
		s.Errorf("the board of the server after the command's import: %s", board)
	}
	for path, words := range map[string]string{"/healthz": "ok", "/readyz": `"ready":true`, "/metrics": `segmentchallenge_subscription_lag_events{name="leaderboards"} 0`,
		"/challenges/club-hill": "Ana Smet"} {
		if status, page := server.ask("GET", path, "", "", nil); status != 200 || !strings.Contains(page, words) {
			s.Errorf("%s: %d, without %q", path, status, words)
		}
	}
	address := strings.TrimPrefix(server.url, "http://")
	s.run("serve", "--addr", address).fails(1, address)
	second := s.serve() // another node on the same data
	second.json("PATCH", "/api/v1/challenges/club-hill", s.organiser, `{"description": "Said to the second"}`)
	if said := server.json("GET", "/api/v1/challenges/club-hill", "", ""); !strings.Contains(said, "Said to the second") {
		s.Errorf("the first doesn't know: %s", said)
	}
	if status := second.stop(syscall.SIGTERM); status != 0 || !s.databaseRuns() {
		s.Errorf("the second ended with %d: %s; the database runs: %v", status, second.errs, s.databaseRuns())
	}
}

// log looks at the log and the read models beside the server.
func (s *story) log() {
	s.Helper()
	if out := s.run("projections", "list").well(); !strings.Contains(out, "leaderboards") || !strings.Contains(out, "running") {
		s.Errorf("projections list: %s", out)
	}
	if out := s.run("projections", "rebuild", "leaderboards").well(); !strings.HasPrefix(out, "rebuilt: leaderboards (readers waited for ") {
		s.Errorf("projections rebuild: %s", out)
	}
	s.run("projections", "rebuild", "nonsense").fails(1, "leaderboards")
	if out := s.run("projections", "verify").well(); !strings.Contains(out, "as a fresh rebuild") {
		s.Errorf("projections verify: %s", out)
	}
	lines := strings.Split(s.run("events", "export").well(), "\n")
	for i, line := range lines {
		var e struct {
			Position                 int
			ID, Stream, Type, Actor  string
			Version                  int
			Data                     map[string]any
			CorrelationID, Something string
			Time                     time.Time
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.Position != i+1 || e.Type == "" || e.Data == nil || e.Version < 1 || e.Time.IsZero() {
			s.Fatalf("event %d: %v: %s", i+1, err, line)
		}
		if !strings.HasPrefix(line, `{"position":`) || strings.Contains(line, `"SchemaVersion"`) || !strings.Contains(line, `"schemaVersion"`) {
			s.Fatalf("not in camelCase: %s", line)
		}
	}
	if out := s.run("events", "show", "segment-"+s.segment).well(); !strings.Contains(out, `"type":"SegmentAdded"`) || strings.Contains(out, "\n") {
		s.Errorf("events show: %s", out)
	}
	s.run("events", "show", "segment-nonsense").fails(1, "no such stream")
	if out := s.run("events", "streams", "--category", "segment").well(); !strings.HasPrefix(out, `{"stream":"segment-`+s.segment+`","version":1,"events":1,`) {
		s.Errorf("events streams: %s", out)
	}
	if out := s.run("events", "streams", "--deleted").well(); out != "" {
		s.Errorf("events streams --deleted: %s", out)
	}
}

// crash kills the server: nothing is lost, and who comes next takes over.
func (s *story) crash(server *server) {
	s.Helper()
	server.stop(syscall.SIGKILL)
	again := s.serve()
	if board := again.json("GET", "/api/v1/challenges/club-hill/stages/one/leaderboards/Open", "", ""); !strings.Contains(board, `"attempts":4`) {
		s.Errorf("after the crash: %s", board)
	}
	again.json("POST", "/api/v1/clubs", s.organiser, `{"name": "Phoenix"}`)
	if status := again.stop(syscall.SIGINT); status != 0 {
		s.Errorf("Ctrl-C ended it with %d: %s", status, again.errs)
	}
}

// drain asks the server to stop while somebody uploads: the upload is answered, the program ends well.
func (s *story) drain() {
	s.Helper()
	server := s.serve()
	ride, err := os.ReadFile(filepath.Join(s.dir, "rides", "1.fit"))
	if err != nil {
		s.Fatal(err)
	}
	body, writing := io.Pipe()
	form := multipart.NewWriter(writing)
	answered := make(chan string, 1)
	go func() {
		status, answer, err := server.send("POST", "/api/v1/activities", s.athlete, form.FormDataContentType(), body)
		_ = body.CloseWithError(err) // whoever still writes is told
		answered <- fmt.Sprint(status, " ", answer, err)
	}()
	part, err := form.CreateFormFile("file", "1.fit")
	if err == nil {
		_, err = part.Write(ride[:len(ride)/2]) // the server is reading when this returns
	}
	if err != nil {
		s.Fatal(err)
	}
	ended := make(chan int, 1)
	go func() { ended <- server.stop(syscall.SIGTERM) }()
	for server.listens() { // until it takes nobody else
		continue
	}
	if _, err = part.Write(ride[len(ride)/2:]); err == nil {
		err = form.Close()
	}
	if err != nil {
		s.Fatal(err)
	}
	_ = writing.Close()
	if answer := <-answered; !strings.HasPrefix(answer, "202 ") || !strings.Contains(answer, "duplicate") {
		s.Errorf("the upload under way: %s", answer)
	}
	if status := <-ended; status != 0 {
		s.Errorf("ended with %d: %s", status, server.errs)
	}
}

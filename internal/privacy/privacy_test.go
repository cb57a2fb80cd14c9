package privacy_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/api"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/avatars"
	"segmentchallenge/internal/clubs"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/eventlog"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/importer"
	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/privacy"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/vault"
	"segmentchallenge/internal/web"
	"segmentchallenge/internal/web/webtest"
	"segmentchallenge/internal/zones"
)

// needles are words that say who somebody was. They stand in every place where something personal can be written.
var needles = []string{"zebedee", "quixotic", "xanaduville", "ruritania", "moped"}

// story is a site where Zebedee has done whatever leaves something personal behind.
type story struct {
	*webtest.Site
	log  *lockedBuffer
	v    webtest.Season
	zeb  webtest.Athlete
	file []byte // as it was brought

	token          string
	club, left     readmodel.Club      // that Zebedee alone administers: with Ana in it, and with nobody
	idle, draft    readmodel.Challenge // joined without a result; never hosted
	effort, manual uuid.UUID
	pictures       *avatars.Store
	picture        string // the hash of Zebedee's
}

// lockedBuffer is where a running site logs.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func tell(t *testing.T) *story {
	s := &story{log: &lockedBuffer{}}
	s.Site = webtest.Start(t, webtest.Options{
		Log: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Web: func(site *webtest.Site, o *web.Options) {
			o.API = api.New(api.Options{Store: site.Store, Dispatch: site.Dispatch, Pool: site.Pool, Accounts: site.Accounts, Importer: site.Importer})
		}})
	s.v = s.Season()
	s.zeb = s.Athlete("Zebedee Quixotic", sport.Male, func(p *athletes.Profile) {
		p.BirthYear, p.Town, p.Country = 1987, "Xanaduville", "Ruritania"
	})
	s.token = s.Token(s.zeb)
	s.Join(s.v.Challenge, s.zeb)
	start := webtest.Day(-1, 15*time.Hour).In(webtest.Zone)
	s.file = s.GPX(webtest.Ride{Line: webtest.Hill(1), Start: start, Time: 290 * time.Second, Name: "Round Xanaduville"})
	items, err := s.Importer.BringAndWait(s.Context(), importer.Upload{AthleteID: s.zeb.ID, By: s.zeb.Actor, File: "home of zebedee.gpx", Data: s.file})
	if err != nil || len(items) != 1 || len(items[0].Efforts) != 1 {
		t.Fatalf("%+v, %v", items, err)
	}
	s.effort = items[0].Efforts[0].ID
	s.police()
	s.found()
	s.pictures = avatars.New(s.Pool)
	err = s.pictures.Replace(s.Context(), s.zeb.ID, portrait(t), func(hash string) error {
		s.picture = hash
		return s.Try(athletes.ChangeAvatar{Head: athletes.Head{ID: s.zeb.ID, By: s.zeb.Actor, Now: time.Now()}, Avatar: hash})
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func portrait(t *testing.T) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 20, 30)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// police leaves hand-given reasons, and a heart rate.
func (s *story) police() {
	head := competitors.Head{ChallengeID: s.v.Challenge.ID, AthleteID: s.zeb.ID, By: s.v.Organiser.Actor, Now: time.Now()}
	s.Send(competitors.Limit{Head: head, Reason: "Zebedee rode a moped"})
	activity, when := uuid.New(), webtest.Day(-2, 10*time.Hour)
	s.manual = competitors.EffortIDOf(s.v.Active.ID, activity, 1)
	s.Send(competitors.RecordByHand{Head: head, Rules: competitors.Rules{StageID: s.v.Active.ID},
		Activity: competitors.Activity{ID: activity, Type: sport.Ride, StartLocal: when, Manual: true, Source: "manual"},
		Performance: competitors.Performance{EffortID: s.manual, Lap: 1, StartUTC: when.In(webtest.Zone), StartLocal: when,
			ElapsedMs: 295_000, MovingMs: 295_000, HeartRate: 173.25, Power: 301.25}})
	s.Send(competitors.FlagEffort{Head: head, Rules: competitors.Rules{StageID: s.v.Active.ID}, EffortID: s.manual, Reason: "On a moped, Zebedee said"})
	if answer := s.SignIn(s.zeb).Post("/settings", url.Values{"firstName": {"Zebedee"}, "lastName": {"Quixotic"}, "town": {"New Xanaduville"},
		"timeZone": {webtest.TimeZone}, "units": {"metric"}, "visibility": {"everyone"}, "gender": {"M"}}); answer.Status != http.StatusSeeOther {
		s.Fatalf("settings: %d %s", answer.Status, answer.Text())
	}
	if err := s.Accounts.RequestLink(s.Context(), s.zeb.Email, "/"); err != nil {
		s.Fatal(err)
	}
	home := zones.Zone{Name: "Quixotic Mansion", Lat: 50.8, Lon: 4.6, Radius: 200}
	if err := (zones.Store{Pool: s.Pool}).Add(s.Context(), s.zeb.ID, home, time.Now()); err != nil {
		s.Fatal(err)
	}
}

// found makes clubs and challenges.
func (s *story) found() {
	s.club, s.left = s.Club(s.zeb, "Hill Club", s.v.Ana, s.v.Bram), s.Club(s.zeb, "Empty Club")
	s.Send(clubs.Join{Head: clubs.Head{ID: s.v.Club.ID, By: s.zeb.Actor, Now: time.Now()}})
	s.idle = s.Challenge(s.v.Organiser, "Idle Challenge", nil)
	s.Stage(s.v.Organiser, s.idle, "Nowhere", s.v.Segments[2], nil)
	s.Host(s.v.Organiser, s.idle)
	s.Join(s.idle, s.zeb)
	s.draft = s.Challenge(s.zeb, "A draft", nil)
	s.Send(athletes.StarSegment{Head: athletes.Head{ID: s.zeb.ID, By: s.zeb.Actor, Now: time.Now()}, SegmentID: s.v.Segments[0].ID})
}

// api sends a request as a program does.
func (s *story) api(method, path, token string) (int, []byte) {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), method, s.URL+"/api/v1"+path, nil)
	if err != nil {
		s.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		s.Fatal(err)
	}
	return answer.StatusCode, body
}

// clean reports words that still say who it was.
func clean(t testing.TB, where, text string) {
	t.Helper()
	text = strings.ToLower(text)
	for _, word := range append(needles[:len(needles):len(needles)], "173.25", "301.25") {
		for _, written := range []string{word, hex.EncodeToString([]byte(word))} {
			if i := strings.Index(text, written); i >= 0 {
				t.Errorf("%s says …%s…", where, text[max(i-60, 0):min(i+60, len(text))])
			}
		}
	}
}

// tables are all rows of the database, as text.
func (s *story) tables() map[string]string {
	s.Helper()
	rows, err := s.Pool.Query(s.Context(), `select relname from pg_class where relkind = 'r' and relnamespace = current_schema()::regnamespace`)
	if err != nil {
		s.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(names) < 20 {
		s.Fatalf("%v, %v", names, err)
	}
	all := map[string]string{}
	for _, name := range names {
		var text string
		if err := s.Pool.QueryRow(s.Context(), `select coalesce(string_agg(t::text, E'\n' order by t::text), '') from `+
			pgx.Identifier{name}.Sanitize()+` t`).Scan(&text); err != nil {
			s.Fatal(err)
		}
		all[name] = text
	}
	return all
}

// OP-05: after the key is destroyed, nothing personal can be read by any way, and everything else goes on.
func TestOP05_Forgotten(t *testing.T) {
	t.Parallel()
	s := tell(t)
	browser := s.SignIn(s.zeb)
	other := secondNode(t, s) // has the key in memory
	before := s.tables()
	for _, table := range []string{"athletes", "efforts", "activities", "feed_items"} {
		if !strings.Contains(strings.ToLower(before[table]), "zebedee") && !strings.Contains(before[table], "173.25") {
			t.Fatalf("%s has nothing to forget, so this test shows nothing", table)
		}
	}
	clean(t, "table events", before["events"]) // sealed from the beginning

	if status, body := s.api(http.MethodDelete, "/me", s.token); status != http.StatusNoContent {
		t.Fatalf("%d %s", status, body)
	}
	s.gone(browser)
	for name, text := range s.tables() {
		clean(t, "table "+name, text)
	}
	s.anonymous()
	s.still()
	s.nowhere()
	s.history(s.Store, "this node")
	other.forgets(s)
	s.rebuilt()
	clean(t, "the log file", s.log.String())
	s.handedOver()
}

// gone: no way in is left.
func (s *story) gone(browser *webtest.Browser) {
	if status, _ := s.api(http.MethodGet, "/me", s.token); status != http.StatusUnauthorized {
		s.Errorf("the token answers %d", status)
	}
	if page := browser.Get("/settings"); page.Status != http.StatusSeeOther {
		s.Errorf("the session sees %d %s", page.Status, page.Text())
	}
	if id, err := s.Accounts.IdentityOf(s.Context(), s.zeb.Email); err != nil || id != uuid.Nil {
		s.Errorf("the address belongs to %v, %v", id, err)
	}
	for _, cmd := range []athletes.Command{
		athletes.ChangeProfile{Head: athletes.Head{ID: s.zeb.ID, By: s.zeb.Actor, Now: time.Now()}, Profile: athletes.Profile{FirstName: "Z", LastName: "Q"}},
		athletes.Register{Head: athletes.Head{ID: s.zeb.ID, By: s.zeb.Actor, Now: time.Now()}, Profile: athletes.Profile{FirstName: "Z", LastName: "Q"}},
	} {
		if err := s.Try(cmd); !errors.Is(err, athletes.ErrDeleted) {
			s.Errorf("%T: %v", cmd, err)
		}
	}
}

// anonymous: results are there, under no name, wherever results are read.
func (s *story) anonymous() {
	visitor, organiser := s.Visitor(), s.SignIn(s.v.Organiser)
	board := "/challenges/" + s.v.Challenge.Slug + "/stages/" + s.v.Active.Slug
	for _, path := range []string{board, "/challenges/" + s.v.Challenge.Slug, "/challenges/" + s.v.Challenge.Slug + "?tab=feed",
		"/challenges/" + s.v.Challenge.Slug + "/competitors", "/challenges/" + s.v.Challenge.Slug + "/competitors.csv", board + "/results.csv",
		board + "/history", board + "/why/" + s.effort.String(), board + "/why/" + s.manual.String(),
		"/challenges/" + s.v.Challenge.Slug + "/decisions", "/challenges/" + s.v.Challenge.Slug + "/organise?show=competitors", "/challenges/" + s.v.Challenge.Slug + "/organise", "/athletes/" + s.zeb.ID.String(), "/clubs/" + s.club.Slug, "/"} {
		for _, b := range []*webtest.Browser{visitor, organiser} {
			page := b.Get(path)
			clean(s, path, page.Body)
			if strings.Contains(page.Body, `href="/athletes/`+s.zeb.ID.String()) || strings.Contains(page.Body, "/avatars/") {
				s.Errorf("%s leads to a profile that is gone, or shows a picture", path)
			}
			if strings.HasPrefix(path, "/athletes/") && page.Status != http.StatusNotFound {
				s.Errorf("%s answers %d", path, page.Status)
			}
		}
	}
	for _, edge := range []int{avatars.Large, avatars.Small} {
		if _, err := s.pictures.Find(s.Context(), s.picture, edge); !errors.Is(err, avatars.ErrNone) {
			s.Errorf("the picture of %d pixels: %v", edge, err)
		}
	}
	boss := s.SignIn(s.Admin(s.Athlete("Boss Hogg", sport.Undisclosed, nil)))
	paths := []string{"/admin/events", "/admin/events?stream=athlete-" + s.zeb.ID.String(), "/admin/events?actor=" + s.zeb.ID.String(), "/admin/athletes"}
	for rec, err := range s.Store.ReadStream(s.Context(), eventstore.StreamName("athlete", s.zeb.ID), eventstore.ReadOptions{}) {
		if err != nil {
			s.Fatal(err)
		}
		paths = append(paths, fmt.Sprint("/admin/events/", rec.Position))
	}
	for _, path := range paths {
		page := boss.Get(path)
		if page.Status != http.StatusOK {
			s.Errorf("%s: %d %s", path, page.Status, page.Text())
		}
		clean(s, path, page.Body)
	}
	if page := visitor.Get(board); !page.Has("Deleted athlete") || !page.Has("4:50") {
		s.Errorf("the board has lost the result: %s", page.Text())
	}
	token := s.Token(s.v.Organiser)
	slug := "/challenges/" + s.v.Challenge.Slug
	for _, path := range []string{slug, slug + "/competitors", slug + "/feed", slug + "/stages/" + s.v.Active.Slug + "/leaderboards",
		slug + "/stages/" + s.v.Active.Slug + "/leaderboards/Men", slug + "/stages/" + s.v.Active.Slug + "/efforts",
		slug + "/stages/" + s.v.Active.Slug + "/feed", "/athletes/" + s.zeb.ID.String(), "/athletes/" + s.zeb.ID.String() + "/feed",
		"/athletes/" + s.zeb.ID.String() + "/trophies", "/athletes/" + s.zeb.ID.String() + "/bests",
		"/clubs/" + s.club.ID.String() + "/members"} {
		status, body := s.api(http.MethodGet, path, token)
		clean(s, path, string(body))
		if hidden := strings.HasPrefix(path, "/athletes/"); hidden != (status == http.StatusNotFound) {
			s.Errorf("%s answers %d %s", path, status, body)
		}
		if strings.Contains(path, "leaderboards") && !bytes.Contains(body, []byte(`"Deleted athlete"`)) {
			s.Errorf("%s: %s", path, body)
		}
	}
	if efforts, err := readmodel.Efforts(s.Context(), s.Pool, s.v.Active.ID, s.zeb.ID); err != nil || len(efforts) != 2 {
		s.Errorf("%d efforts are left, %v", len(efforts), err)
	}
}

// still: what follows from profiles leaves those alone who have none any more.
func (s *story) still() {
	s.Helper()
	head := competitors.Head{ChallengeID: s.v.Challenge.ID, AthleteID: s.zeb.ID, By: actor.System, Now: time.Now()}
	s.Send(competitors.Reclassify{Head: head})
	head.ChallengeID, head.By = s.idle.ID, s.zeb.Actor
	if err := s.Try(competitors.Join{Head: head}); err == nil {
		s.Error("who is gone joins a challenge")
	}
}

// mayStay are tables in which rows of somebody who is gone may be, and why.
var mayStay = map[string]string{
	"efforts": "results", "board_entries": "results", "competitors": "results", "standing_results": "results", "standing_limited": "results",
	"feed_items": "what happened, without names",
	"decisions":  "what was decided, without reasons", "trophies": "results", "person_streams": "which streams to read",
}

// nowhere: a table that gets a column for athletes must say what becomes of its rows.
func (s *story) nowhere() {
	s.Helper()
	rows, err := s.Pool.Query(s.Context(), `select table_name || '.' || column_name from information_schema.columns
		where table_schema = current_schema() and data_type = 'uuid' and column_name in ('athlete_id', 'person', 'owner_id', 'member_id')`)
	if err != nil {
		s.Fatal(err)
	}
	columns, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(columns) < 10 {
		s.Fatalf("%q, %v", columns, err)
	}
	for _, name := range columns {
		table, column, _ := strings.Cut(name, ".")
		var n int
		if err := s.Pool.QueryRow(s.Context(), `select count(*) from `+table+` where `+column+` = $1`, s.zeb.ID).Scan(&n); err != nil {
			s.Fatal(err)
		}
		alone := table == "club_members" && n == 1 || table == "personal_keys" // a club of nobody else; the tombstone
		if n > 0 && mayStay[table] == "" && !alone {
			s.Errorf("%s still has %d rows of somebody who is gone: erase them in internal/privacy, or say in mayStay why not", name, n)
		}
	}
}

// history reads the whole log in every way.
func (s *story) history(store *eventstore.Store, where string) {
	s.Helper()
	var raw bytes.Buffer
	if _, err := eventstore.WriteLines(&raw, store.ReadAll(s.Context(), eventstore.ReadOptions{})); err != nil {
		s.Fatal(err)
	}
	clean(s, where+": an export", raw.String())
	for rec, err := range store.ReadAll(s.Context(), eventstore.ReadOptions{}) {
		if err != nil {
			s.Fatal(err)
		}
		event, err := store.Registry().Decode(rec)
		if err != nil {
			s.Fatal(err)
		}
		clean(s, fmt.Sprintf("%s: event %d", where, rec.Position), fmt.Sprintf("%+v", event))
		shown, err := store.Registry().Reveal(rec)
		if err != nil {
			s.Fatal(err)
		}
		clean(s, fmt.Sprintf("%s: event %d, revealed", where, rec.Position), string(shown.Data))
		if e, ok := event.(athletes.Registered); ok && e.AthleteID == s.zeb.ID && (e.FirstName != "Deleted" || e.LastName != "athlete" || e.Units != sport.Metric) {
			s.Errorf("%s: %+v", where, e)
		}
	}
}

// rebuilt: read models come to the same when they are made again.
func (s *story) rebuilt() {
	s.Helper()
	models := s.ReadModels()
	if found, err := readmodel.Verify(s.Context(), s.Pool, s.Store, models...); err != nil || len(found) > 0 {
		s.Errorf("the read models aren't what the log says: %v, %v", found, err)
	}
	if err := readmodel.Rebuild(s.Context(), s.Pool, s.Store, models...); err != nil {
		s.Fatal(err)
	}
	for name, text := range s.tables() {
		clean(s, "after a rebuild, table "+name, text)
	}
	s.anonymous()
}

// handedOver: what others need goes on, what nobody needs is gone.
func (s *story) handedOver() {
	members, _, err := readmodel.ClubMembers(s.Context(), s.Pool, s.club.ID, readmodel.ClubMemberFilter{})
	if err != nil || len(members) != 2 || members[0].AthleteID != s.v.Ana.ID || members[0].Role != "administrator" || members[1].Role != "member" {
		s.Errorf("the club: %+v, %v", members, err)
	}
	if alone, _, err := readmodel.ClubMembers(s.Context(), s.Pool, s.left.ID, readmodel.ClubMemberFilter{}); err != nil || len(alone) != 1 || alone[0].Name != "Deleted athlete" {
		s.Errorf("the club of nobody else: %+v, %v", alone, err)
	}
	var in []string
	if err := s.Pool.QueryRow(s.Context(), `select array(select c.name || ' ' || k.status from competitors k join challenges c on c.id = k.challenge_id
		where k.athlete_id = $1 order by 1)`, s.zeb.ID).Scan(&in); err != nil || !slices.Equal(in, []string{"Five Hills joined", "Idle Challenge left"}) {
		s.Errorf("challenges: %q, %v", in, err)
	}
	if draft, err := readmodel.ChallengeByID(s.Context(), s.Pool, s.v.Organiser.Actor, s.draft.ID); err == nil && draft.Status != sport.Cancelled {
		s.Errorf("the draft is %s", draft.Status)
	}
	var left int
	if err := s.Pool.QueryRow(s.Context(), `select (select count(*) from activity_files where athlete_id = $1) + (select count(*) from activity_tracks
		where athlete_id = $1) + (select count(*) from activities where athlete_id = $1) + (select count(*) from personal_keys where person = $1 and keyset is not null)`,
		s.zeb.ID).Scan(&left); err != nil || left != 0 {
		s.Errorf("%d files, tracks, activities and keys are left, %v", left, err)
	}
	// Whoever had the address may come again, as somebody new.
	again, err := s.Accounts.Reserve(s.Context(), s.zeb.Email)
	if err != nil || again.AthleteID == s.zeb.ID {
		s.Errorf("registering again: %+v, %v", again, err)
	}
}

// node is another process, with keys in its memory.
type node struct {
	*eventstore.Store
	rec eventstore.Recorded // Zebedee's registration
}

func secondNode(t *testing.T, s *story) node {
	t.Helper()
	pool := postgrestest.Second(t, s.Pool)
	keys := vault.New(pool, vault.Options{TTL: time.Hour})
	registry := eventlog.Registry()
	registry.SealWith(keys)
	store, err := eventstore.Open(t.Context(), pool, registry, eventstore.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var workers sync.WaitGroup
	eraser := privacy.Eraser{Store: store, Dispatch: s.Dispatch, Pool: pool, Accounts: s.Accounts, Vault: keys, After: s.ReadModels(),
		Log: slog.New(slog.DiscardHandler)}
	for _, work := range []func(context.Context) error{store.Run, eraser.Run} {
		workers.Go(func() {
			if err := work(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(func() { stop(); workers.Wait() })
	n := node{Store: store}
	for n.rec, err = range store.ReadStream(t.Context(), eventstore.StreamName("athlete", s.zeb.ID), eventstore.ReadOptions{Limit: 1}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if name := n.firstName(t); name != "Zebedee" {
		t.Fatalf("the second node reads %q", name)
	}
	return n
}

func (n node) firstName(t testing.TB) string {
	t.Helper()
	e, err := n.Registry().Decode(n.rec)
	if err != nil {
		t.Fatal(err)
	}
	return e.(athletes.Registered).FirstName
}

// forgets: a key that another node had in memory is gone there, too, as soon as the log tells it, long before its time.
func (n node) forgets(s *story) {
	s.Helper()
	soon, cancel := context.WithTimeout(s.Context(), 10*time.Second)
	defer cancel()
	for looks := time.Tick(5 * time.Millisecond); n.firstName(s) != "Deleted"; {
		select {
		case <-looks:
		case <-soon.Done():
			s.Fatal("another node still reads the name")
		}
	}
	s.history(n.Store, "another node")
}

func TestExport(t *testing.T) {
	t.Parallel()
	s := tell(t)
	fromPage := s.SignIn(s.zeb).Get("/settings/export")
	status, fromAPI := s.api(http.MethodGet, "/me/export", s.token)
	if status != http.StatusOK || fromPage.Status != http.StatusOK || fromPage.Header.Get("Content-Type") != "application/zip" {
		t.Fatalf("%d, %d %v", status, fromPage.Status, fromPage.Header)
	}
	for _, content := range [][]byte{[]byte(fromPage.Body), fromAPI} {
		files := unzip(t, content)
		var names []string
		for name := range files {
			names = append(names, name)
		}
		slices.Sort(names)
		kept := slices.IndexFunc(names, func(name string) bool { return strings.HasPrefix(name, "files/") })
		if kept < 0 || !strings.HasSuffix(names[kept], "-home of zebedee.gpx") || !bytes.Equal(files[names[kept]], s.file) {
			t.Errorf("the file isn't there as it came: %q", names)
		}
		names = slices.Delete(names, kept, kept+1)
		if diff := cmp.Diff([]string{"README.txt", "activities.json", "challenges.json", "clubs.json", "efforts.json", "events.jsonl", "picture.jpg", "profile.json",
			"segments.json", "sessions.json", "tokens.json", "zones.json"}, names); diff != "" {
			t.Error(diff)
		}
		for name, words := range map[string]string{"profile.json": "New Xanaduville", "activities.json": "home of zebedee.gpx", "challenges.json": "Zebedee rode a moped",
			"clubs.json": "Hill Club", "efforts.json": "173.25", "segments.json": s.v.Segments[0].Name, "events.jsonl": `"lastName":"Quixotic"`,
			"sessions.json": "userAgent", "tokens.json": `"name": "test"`} {
			if !strings.Contains(string(files[name]), words) {
				t.Errorf("%s lacks %q: %.2000s", name, words, files[name])
			}
			if strings.HasSuffix(name, ".json") && !json.Valid(files[name]) {
				t.Errorf("%s is no JSON", name)
			}
		}
		for name, text := range files {
			if bytes.Contains(text, []byte("Bram")) {
				t.Errorf("%s tells about somebody else", name)
			}
		}
		if events, err := count(eventstore.ReadLines(bytes.NewReader(files["events.jsonl"]))); err == nil && events < 10 {
			t.Errorf("%d events", events)
		}
	}
	if status, _ := s.api(http.MethodGet, "/me/export", ""); status != http.StatusUnauthorized {
		t.Errorf("a visitor's export: %d", status)
	}
}

func count(events func(func(eventstore.Recorded, error) bool)) (n int, err error) {
	for _, err := range events {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func unzip(t *testing.T, content []byte) map[string][]byte {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func TestDeleteAccountPage(t *testing.T) {
	t.Parallel()
	s := webtest.Start(t)
	zeb := s.Athlete("Zebedee Quixotic", sport.Male, nil)
	b := s.SignIn(zeb)
	if page := b.Get("/settings"); !strings.Contains(page.Body, `href="/settings/delete"`) || !strings.Contains(page.Body, `href="/settings/export"`) {
		t.Error("the settings don't lead there")
	}
	if page := b.Get("/settings/delete"); page.Status != http.StatusOK || !page.Has(zeb.Email) || !page.Has("Deleted athlete") {
		t.Errorf("%d %s", page.Status, page.Text())
	}
	page := b.Post("/settings/delete", url.Values{"confirm": {"yes"}})
	if page.Status != http.StatusUnprocessableEntity || !page.Has("Nothing has been deleted") || !strings.Contains(page.Body, `value="yes"`) {
		t.Errorf("%d %s", page.Status, page.Text())
	}
	if a, err := readmodel.AthleteByID(t.Context(), s.Pool, zeb.ID); err != nil || a.Deleted {
		t.Fatalf("%+v, %v", a, err)
	}
	if page = b.Post("/settings/delete", url.Values{"confirm": {" Delete "}}); page.Status != http.StatusSeeOther || page.Location != "/" {
		t.Fatalf("%d %s %s", page.Status, page.Location, page.Text())
	}
	if page = b.Get("/"); !page.Has("Your account is deleted") || !page.Has("Sign in") {
		t.Errorf("%s", page.Text())
	}
	if a, err := readmodel.AthleteByID(t.Context(), s.Pool, zeb.ID); err != nil || !a.Deleted || a.Name != "Deleted athlete" {
		t.Errorf("%+v, %v", a, err)
	}
	if page = s.Visitor().Post("/settings/delete", url.Values{"confirm": {"delete"}}); page.Status != http.StatusSeeOther || !strings.HasPrefix(page.Location, "/sign-in") {
		t.Errorf("a visitor: %d %s", page.Status, page.Location)
	}
}

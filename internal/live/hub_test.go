package live_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/eventlog"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/live"
	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
	"segmentchallenge/web/templates/parts"
)

// node is a program on a database: store, read model of leaderboards, hub and server.
type node struct {
	t      testing.TB
	pool   *pgxpool.Pool
	store  *eventstore.Store
	hub    *live.Hub
	server *httptest.Server

	stopModel func() // ends the read model on this node
	stopHub   func()
	padding   []byte // makes frames long
}

type setting struct {
	options   live.Options
	withModel bool
	padding   int
}

func newNode(t testing.TB, pool *pgxpool.Pool, set setting) *node {
	t.Helper()
	n := &node{t: t, pool: pool, padding: bytes.Repeat([]byte(" "), set.padding)}
	store, err := eventstore.Open(t.Context(), pool, eventlog.Registry(), eventstore.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	n.store = store
	n.background(store.Run)
	if set.withModel {
		n.startModel()
	}
	o := set.options
	o.Store, o.Render, o.Lookup, o.Models = store, n.render, n.lookup, []string{readmodel.LeaderboardsModel}
	o.Log = slog.New(slog.DiscardHandler)
	if n.hub, err = live.New(o); err != nil {
		t.Fatal(err)
	}
	n.server = httptest.NewServer(n.hub)
	n.stopHub = n.background(n.hub.Run)
	t.Cleanup(func() { n.stopHub(); n.server.Close() })
	n.untilOpen()
	return n
}

// background runs a worker until stop is called or the test ends.
func (n *node) background(run func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			n.t.Errorf("a worker ended: %v", err)
		}
	})
	n.t.Cleanup(stop)
	return stop
}

func (n *node) startModel() {
	for _, p := range readmodel.Projectors(eventlog.Registry()) {
		if p.Name == readmodel.LeaderboardsModel {
			n.stopModel = n.background(func(ctx context.Context) error {
				return n.store.RunProjection(ctx, eventstore.Projection{Name: p.Name, Filter: p.Filter(), Apply: p.Apply})
			})
		}
	}
}

// untilOpen asks until the hub lets people in.
func (n *node) untilOpen() {
	n.t.Helper()
	for n.status("/live/stages/"+uuid.NewString()+"/Open") == http.StatusServiceUnavailable {
		if n.t.Context().Err() != nil {
			n.t.Fatal("the hub never opened")
		}
	}
}

func (n *node) status(path string) int {
	n.t.Helper()
	response, err := http.Get(n.server.URL + path)
	if err != nil {
		n.t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

func (n *node) render(ctx context.Context, t live.Topic) (live.Frame, error) {
	b, err := readmodel.StageBoard(ctx, n.pool, readmodel.BoardQuery{StageID: t.ID, Category: sport.Category(t.Category)})
	if err != nil {
		return live.Frame{}, err
	}
	view := parts.BoardView{ID: parts.BoardID(t.ID.String(), t.Category), Version: b.Version, Caption: "Stage 1", State: "provisional"}
	for _, e := range b.Entries {
		view.Rows = append(view.Rows, parts.BoardRow{AthleteID: e.AthleteID.String(), Rank: e.Rank, Value: e.Value.Duration().String()})
	}
	var html bytes.Buffer
	if err := parts.Board(view).Render(ctx, &html); err != nil {
		return live.Frame{}, err
	}
	html.Write(n.padding)
	text, err := json.Marshal(b)
	return live.Frame{Version: b.Version, HTML: html.Bytes(), JSON: text}, err
}

// lookup knows challenges whose slug is the stage's id.
func (n *node) lookup(_ context.Context, challenge, stage, category string) (live.Topic, error) {
	id, err := uuid.Parse(challenge)
	if err != nil || stage != "stage-1" {
		return live.Topic{}, refusal.Of(refusal.NotFound, "stage_not_found", "There is no such stage.")
	}
	return live.StageBoard(id, category), nil
}

// board is an open board on the log.
type board struct {
	n       *node
	ref     stageboard.Ref
	version int64 // of its stream
	best    int64 // value of the leader
}

func (n *node) openBoard() *board {
	n.t.Helper()
	b := &board{n: n, best: 1_000_000, ref: stageboard.Ref{StageID: uuid.New(), ChallengeID: uuid.New(), Category: "Open"}}
	b.append(stageboard.Opened{Ref: b.ref, Measure: sport.ElapsedTime, Precision: 1000})
	return b
}

// place puts a new leader on the board and returns the position in the log.
func (b *board) place() int64 {
	b.n.t.Helper()
	b.best -= 1000
	return b.append(stageboard.Placed{Ref: b.ref, AthleteID: uuid.New(), To: 1, Of: int(b.version), Best: true,
		Standing: stageboard.Standing{Value: b.best, EffortID: uuid.New(), AchievedAt: time.Now(), Attempts: 1}})
}

func (b *board) append(e stageboard.Event) int64 {
	b.n.t.Helper()
	encoded, err := b.n.store.Registry().Encode(e, eventstore.Meta{Actor: "system", Now: time.Now()}, 0)
	if err != nil {
		b.n.t.Fatal(err)
	}
	stream := eventstore.StreamName("stageboard", stageboard.IDOf(b.ref.StageID, b.ref.Category))
	result, err := b.n.store.Append(b.n.t.Context(), eventstore.Write{Stream: stream, Expect: eventstore.Exact(b.version), Events: []eventstore.NewEvent{encoded}})
	if err != nil {
		b.n.t.Fatal(err)
	}
	b.version++
	return result.Last
}

func (b *board) page() string { return "/live/stages/" + b.ref.StageID.String() + "/Open" }
func (b *board) api() string {
	return "/api/v1/live/challenges/" + b.ref.StageID.String() + "/stages/stage-1/Open"
}

// viewer is one WebSocket.
type viewer struct {
	t    testing.TB
	conn *websocket.Conn
}

func (n *node) watch(path string) *viewer {
	n.t.Helper()
	conn, _, err := websocket.Dial(n.t.Context(), n.server.URL+path, nil)
	if err != nil {
		n.t.Fatal(err)
	}
	conn.SetReadLimit(-1)
	n.t.Cleanup(func() { conn.CloseNow() })
	return &viewer{n.t, conn}
}

func (v *viewer) read() ([]byte, error) {
	ctx, cancel := context.WithTimeout(v.t.Context(), 20*time.Second)
	defer cancel()
	_, message, err := v.conn.Read(ctx)
	return message, err
}

// json reads a message of the API.
func (v *viewer) json() readmodel.Board {
	v.t.Helper()
	message, err := v.read()
	if err != nil {
		v.t.Fatal(err)
	}
	var b readmodel.Board
	if err := json.Unmarshal(message, &b); err != nil {
		v.t.Fatalf("%v in %s", err, message)
	}
	return b
}

// html reads a message of a page.
func (v *viewer) html() string {
	v.t.Helper()
	message, err := v.read()
	if err != nil {
		v.t.Fatal(err)
	}
	return string(message)
}

func marked(version int64) string { return `data-version="` + strconv.FormatInt(version, 10) + `"` }

func TestWatchersSeeChanges(t *testing.T) {
	n := newNode(t, postgrestest.New(t), setting{withModel: true})
	b, other := n.openBoard(), n.openBoard()
	opened := b.place()
	page, api := n.watch(b.page()), n.watch(b.api())
	if got := page.html(); !strings.Contains(got, marked(opened)) || !strings.Contains(got, `id="`+parts.BoardID(b.ref.StageID.String(), "Open")) {
		t.Errorf("first message of the page:\n%s", got)
	}
	if got := api.json(); got.Version != opened || len(got.Entries) != 1 {
		t.Errorf("first message of the API: version %d, %d entries", got.Version, len(got.Entries))
	}
	for range 5 {
		other.place() // nobody's business here
		position := b.place()
		if got := page.html(); !strings.Contains(got, marked(position)) {
			t.Errorf("the page got\n%s\nwant %s", got, marked(position))
		}
		if got := api.json(); got.Version != position || got.Entries[0].Value != readmodel.Milli(b.best) {
			t.Errorf("the API got version %d, leader %v; want %d, %d", got.Version, got.Entries[0].Value, position, b.best)
		}
	}
	if s := n.hub.Stats(); s.Sockets != 2 || s.Topics != 1 || s.Frames != 6 {
		t.Errorf("stats %+v, want 2 sockets on 1 topic and one frame a change", s)
	}
}

func TestReconnectingMissesNothing(t *testing.T) {
	n := newNode(t, postgrestest.New(t), setting{withModel: true})
	b := n.openBoard()
	first := n.watch(b.api())
	seen := first.json().Version
	first.conn.Close(websocket.StatusNormalClosure, "")
	b.place()
	newest := b.place()

	back := n.watch(b.api() + "?since=" + strconv.FormatInt(seen, 10))
	if got := back.json(); got.Version != newest || len(got.Entries) != 2 {
		t.Errorf("back after %d: version %d with %d entries, want %d", seen, got.Version, len(got.Entries), newest)
	}
	upToDate := n.watch(b.page() + "?format=json&since=" + strconv.FormatInt(newest, 10))
	next := b.place()
	if got := upToDate.json(); got.Version != next {
		t.Errorf("up to date at %d: first message is version %d, want %d", newest, got.Version, next)
	}
}

// A board that is asked for right after a change, while the read model is still at it, is shown with the change.
func TestFirstFrameIsNotStale(t *testing.T) {
	n := newNode(t, postgrestest.New(t), setting{withModel: true})
	b := n.openBoard()
	for range 50 {
		position := b.place()
		v := n.watch(b.api() + "?since=" + strconv.FormatInt(position-1, 10))
		if got := v.json(); got.Version != position {
			t.Fatalf("version %d, want %d", got.Version, position)
		}
		v.conn.CloseNow()
	}
}

func TestTwoNodes(t *testing.T) {
	pool := postgrestest.New(t)
	here := newNode(t, pool, setting{withModel: true})
	there := newNode(t, postgrestest.Second(t, pool), setting{withModel: true})
	b := here.openBoard()
	if err := here.store.WaitFor(t.Context(), b.place(), readmodel.LeaderboardsModel); err != nil {
		t.Fatal(err)
	}
	v := there.watch(b.api() + "?since=0")
	v.json()
	for range 5 {
		position := b.place()
		if got := v.json(); got.Version != position {
			t.Errorf("the other node shows version %d, want %d", got.Version, position)
		}
	}
}

// While the read model stands still nothing is sent; when it runs again, all is, without another change.
func TestReadModelStandsStill(t *testing.T) {
	n := newNode(t, postgrestest.New(t), setting{withModel: true, options: live.Options{PatienceFor: 50 * time.Millisecond}})
	b := n.openBoard()
	v := n.watch(b.api())
	v.json()
	n.stopModel()
	position := b.place()
	n.startModel()
	if got := v.json(); got.Version != position {
		t.Errorf("version %d, want %d", got.Version, position)
	}
}

func TestWhatIsRefused(t *testing.T) {
	n := newNode(t, postgrestest.New(t), setting{withModel: true, options: live.Options{Origins: []string{"club.example"}}})
	b := n.openBoard()
	upgrade := http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}}
	for _, c := range []struct {
		name, path, origin string
		status             int
		code               string
	}{
		{"no such board", "/live/stages/" + uuid.NewString() + "/Open", "", 404, "leaderboard_not_found"},
		{"no such category", b.page() + "x", "", 404, "leaderboard_not_found"},
		{"not an id", "/live/stages/1/Open", "", 404, "stage_not_found"},
		{"no such stage of the API", "/api/v1/live/challenges/x/stages/stage-1/Open", "", 404, "stage_not_found"},
		{"since in words", b.page() + "?since=yesterday", "", 400, "since_invalid"},
		{"since below zero", b.page() + "?since=-1", "", 400, "since_invalid"},
		{"unknown format", b.page() + "?format=xml", "", 400, "format_unknown"},
		{"another site's page", b.page(), "https://evil.example", 403, ""},
		{"the public host", b.page(), "https://club.example", 101, ""},
		{"our own page", b.page(), n.server.URL, 101, ""},
		{"a program", b.page(), "", 101, ""},
		{"not a page", "/live/stages", "", 404, ""},
	} {
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, n.server.URL+c.path, nil)
		request.Header = upgrade.Clone()
		if c.origin != "" {
			request.Header.Set("Origin", c.origin)
		}
		response, err := n.server.Client().Transport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		var problem struct{ Code, Detail string }
		if c.code != "" {
			if err := json.NewDecoder(response.Body).Decode(&problem); err != nil || problem.Detail == "" {
				t.Errorf("%s: problem %+v, %v", c.name, problem, err)
			}
		}
		response.Body.Close()
		if response.StatusCode != c.status || problem.Code != c.code {
			t.Errorf("%s: %d %q, want %d %q", c.name, response.StatusCode, problem.Code, c.status, c.code)
		}
	}
	if got := n.status(b.page()); got != http.StatusUpgradeRequired {
		t.Errorf("an ordinary request: status %d", got)
	}
}

func TestSocketsPerAddress(t *testing.T) {
	n := newNode(t, postgrestest.New(t), setting{withModel: true, options: live.Options{MaxPerIP: 2, MaxSockets: 4}})
	b := n.openBoard()
	from := func(address string) *httptest.Server {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.RemoteAddr = address
			n.hub.ServeHTTP(w, r)
		}))
		t.Cleanup(s.Close)
		return s
	}
	dial := func(s *httptest.Server) (*websocket.Conn, int) {
		conn, response, err := websocket.Dial(t.Context(), s.URL+b.page(), nil)
		if err == nil {
			t.Cleanup(func() { conn.CloseNow() })
		}
		return conn, response.StatusCode
	}
	one, two := from("203.0.113.7:1"), from("203.0.113.8:1")
	first, _ := dial(one)
	for _, c := range []struct {
		from *httptest.Server
		want int
	}{{one, 101}, {one, 429}, {two, 101}, {two, 101}, {n.server, 503}} {
		if _, got := dial(c.from); got != c.want {
			t.Errorf("status %d, want %d", got, c.want)
		}
	}
	first.CloseNow()
	for status := 0; status != 101; { // the server learns of it in a moment
		if t.Context().Err() != nil {
			t.Fatal("the place was never free again")
		}
		_, status = dial(one)
	}
}

// One watcher takes nothing while thirty long frames come: the other gets the newest in time, and the slow one, when
// it reads again, gets what the network had already taken and then the newest.
func TestSlowWatcherHoldsNobodyUp(t *testing.T) {
	n := newNode(t, postgrestest.New(t), setting{withModel: true, padding: 1 << 20})
	b := n.openBoard()
	slow, quick := n.watch(b.page()), n.watch(b.api())
	quick.json()
	var newest int64
	const changes = 30
	for range changes {
		newest = b.place()
		if got := quick.json(); got.Version != newest {
			t.Fatalf("version %d, want %d", got.Version, newest)
		}
	}
	frames := 0
	for got := ""; !strings.Contains(got, marked(newest)); frames++ {
		got = slow.html()
	}
	if frames >= changes {
		t.Errorf("the slow watcher was sent %d of %d frames", frames, changes)
	}
	if s := n.hub.Stats(); s.Skipped == 0 {
		t.Error("nothing was skipped")
	}
}

func TestWatcherThatNeverReadsIsDropped(t *testing.T) {
	n := newNode(t, postgrestest.New(t), setting{withModel: true, padding: 8 << 20,
		options: live.Options{WriteTimeout: 100 * time.Millisecond}})
	b := n.openBoard()
	n.watch(b.page())
	for n.hub.Stats().Sockets > 0 {
		if t.Context().Err() != nil {
			t.Fatal("still there")
		}
		b.place()
	}
	if s := n.hub.Stats(); s.Topics != 0 {
		t.Errorf("the room is still open: %+v", s)
	}
}

// A client whose machine has vanished doesn't answer pings.
func TestWatcherThatVanishedIsFound(t *testing.T) {
	n := newNode(t, postgrestest.New(t), setting{withModel: true,
		options: live.Options{PingEvery: 20 * time.Millisecond, WriteTimeout: time.Second}})
	b := n.openBoard()
	alive := n.watch(b.api())
	alive.json()
	n.watch(b.api()) // answers no ping: the library does so while it reads
	for n.hub.Stats().Sockets > 1 {
		position := b.place()
		if got := alive.json(); got.Version != position {
			t.Fatalf("the living one got version %d, want %d", got.Version, position)
		}
	}
}

func TestShutdown(t *testing.T) {
	n := newNode(t, postgrestest.New(t), setting{withModel: true})
	b := n.openBoard()
	viewers := []*viewer{n.watch(b.api()), n.watch(b.page())}
	for _, v := range viewers {
		if _, err := v.read(); err != nil {
			t.Fatal(err)
		}
	}
	codes := make(chan websocket.StatusCode, len(viewers))
	for _, v := range viewers {
		go func() {
			_, err := v.read()
			codes <- websocket.CloseStatus(err)
		}()
	}
	n.stopHub()
	for range viewers {
		if code := <-codes; code != websocket.StatusServiceRestart {
			t.Errorf("closed with %v", code)
		}
	}
	if got := n.status(b.page()); got != http.StatusServiceUnavailable {
		t.Errorf("afterwards: status %d", got)
	}
	if s := n.hub.Stats(); s.Sockets != 0 || s.Topics != 0 {
		t.Errorf("left open: %+v", s)
	}
}

func TestNewNeedsItsParts(t *testing.T) {
	if _, err := live.New(live.Options{}); err == nil {
		t.Error("a hub without a store")
	}
	if _, err := live.New(live.Options{Store: &eventstore.Store{}, Render: func(context.Context, live.Topic) (live.Frame, error) {
		return live.Frame{}, errors.New("unused")
	}}); err == nil {
		t.Error("a hub without Lookup")
	}
}

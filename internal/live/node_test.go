package live_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
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
	o.FeedTypes = []string{"StageBoardPlaced"}
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
	if t.Kind != live.StageBoards {
		return n.renderFeed(ctx, t)
	}
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

// renderFeed is a feed that tells the number of the newest event with the topic's id in it.
func (n *node) renderFeed(ctx context.Context, t live.Topic) (live.Frame, error) {
	var f live.Frame
	err := n.pool.QueryRow(ctx, `select coalesce(max(position), 0) from events where strpos(data::text, $1) > 0`, t.ID.String()).Scan(&f.Version)
	f.HTML = []byte(`<div id="feed" ` + marked(f.Version) + `>`)
	return f, err
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
	opened := b.append(stageboard.Opened{Ref: b.ref, Measure: sport.ElapsedTime, Precision: 1000})
	if n.stopModel != nil { // nobody can watch what can't be read yet
		if err := n.store.WaitFor(n.t.Context(), opened, readmodel.LeaderboardsModel); err != nil {
			n.t.Fatal(err)
		}
	}
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

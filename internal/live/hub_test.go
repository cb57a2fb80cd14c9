package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/live"
	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/web/templates/parts"
)

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

// One socket watches several topics, and is told of each when it changes.
func TestSeveralTopics(t *testing.T) {
	n := newNode(t, postgrestest.New(t), setting{withModel: true})
	b, other := n.openBoard(), n.openBoard()
	opened := b.place()
	if err := n.store.WaitFor(t.Context(), opened, readmodel.LeaderboardsModel); err != nil {
		t.Fatal(err)
	}
	challenge, stage := "challenge-feed/"+b.ref.ChallengeID.String(), "stage-feed/"+b.ref.StageID.String()
	v := n.watch("/live/topics?topic=stage-board/" + b.ref.StageID.String() + "/Open&topic=" + challenge + "&topic=" + stage + "&topic=" + stage)
	three := func() string { return v.html() + v.html() + v.html() }
	isAll := func(got string, position int64) bool {
		return strings.Count(got, marked(position)) == 3 && strings.Count(got, `id="feed"`) == 2 && strings.Contains(got, parts.BoardID(b.ref.StageID.String(), "Open"))
	}
	if got := three(); !isAll(got, opened) {
		t.Errorf("at first:\n%s", got)
	}
	for range 5 {
		other.place()
		position := b.place()
		if got := three(); !isAll(got, position) {
			t.Errorf("after %d:\n%s", position, got)
		}
	}
	athlete := uuid.New()
	v = n.watch("/live/topics?topic=athlete-feed/" + athlete.String())
	v.html()
	position := b.append(stageboard.Placed{Ref: b.ref, AthleteID: athlete, To: 2, Of: 2, Standing: stageboard.Standing{Value: 1}})
	if got := v.html(); !strings.Contains(got, marked(position)) {
		t.Errorf("the athlete's feed: %s", got)
	}
	if s := n.hub.Stats(); s.Sockets != 2 || s.Topics != 4 {
		t.Errorf("stats %+v, want 2 sockets on 4 topics", s)
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
		{"no topic", "/live/topics", "", 400, "topics_invalid"},
		{"too many topics", "/live/topics?x" + many(13), "", 400, "topics_invalid"},
		{"topic without id", "/live/topics?topic=stage-feed", "", 400, "topic_unknown"},
		{"unknown topic", "/live/topics?topic=weather/" + uuid.NewString(), "", 400, "topic_unknown"},
		{"board without category", "/live/topics?topic=stage-board/" + uuid.NewString(), "", 400, "topic_unknown"},
		{"feed with category", "/live/topics?topic=stage-feed/" + uuid.NewString() + "/Open", "", 400, "topic_unknown"},
		{"one of two isn't there", "/live/topics?topic=stage-feed/" + b.ref.StageID.String() + "&topic=stage-board/" + uuid.NewString() + "/Open", "", 404, "leaderboard_not_found"},
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

// many are n different topics of an address.
func many(n int) (query string) {
	for range n {
		query += "&topic=stage-feed/" + uuid.NewString()
	}
	return query
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

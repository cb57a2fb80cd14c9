package live

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"

	"segmentchallenge/internal/refusal"
)

// firstFrameTimeout is how long a connection may wait for its topic's first frame.
const firstFrameTimeout = 10 * time.Second

// The routes. A page's socket sends HTML, the API's JSON; ?format=html or json asks for the other. One socket can watch
// several topics: /live/topics?topic=stage-board/ID/Open&topic=stage-feed/ID.
const (
	PageRoute   = "GET /live/stages/{stageID}/{category}"
	TopicsRoute = "GET /live/topics"
	APIRoute    = "GET /api/v1/live/challenges/{slug}/stages/{stage}/{category}"
)

// MaxTopics of one socket.
const MaxTopics = 12

var errTopics = refusal.Of(refusal.Malformed, "topics_invalid", "Say what to watch: one topic or a few.")

func (h *Hub) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc(PageRoute, func(w http.ResponseWriter, r *http.Request) {
		stage, err := uuid.Parse(r.PathValue("stageID"))
		if err != nil {
			answer(w, refusal.Of(refusal.NotFound, "stage_not_found", "There is no such stage."))
			return
		}
		h.serve(w, r, "html", StageBoard(stage, r.PathValue("category")))
	})
	mux.HandleFunc(TopicsRoute, func(w http.ResponseWriter, r *http.Request) {
		topics, err := topicsAsked(r)
		if err != nil {
			h.refuse(w, r, err)
			return
		}
		h.serve(w, r, "html", topics...)
	})
	mux.HandleFunc(APIRoute, func(w http.ResponseWriter, r *http.Request) {
		topic, err := h.opts.Lookup(r.Context(), r.PathValue("slug"), r.PathValue("stage"), r.PathValue("category"))
		if err != nil {
			h.refuse(w, r, err)
			return
		}
		h.serve(w, r, "json", topic)
	})
	return mux
}

func topicsAsked(r *http.Request) ([]Topic, error) {
	var topics []Topic
	for _, name := range r.URL.Query()["topic"] {
		t, err := parseTopic(name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(topics, t) {
			topics = append(topics, t)
		}
	}
	if len(topics) == 0 || len(topics) > MaxTopics {
		return nil, errTopics
	}
	return topics, nil
}

// ServeHTTP serves both routes, by the whole path.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

// serve connects a socket to its topics and keeps it until either end goes. What can be refused is refused before the
// upgrade, with an ordinary status.
func (h *Hub) serve(w http.ResponseWriter, r *http.Request, format string, topics ...Topic) {
	pick, since, err := query(r, format)
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	sockets, release, err := h.admit(r)
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	defer release()
	ctx, cancel := context.WithTimeout(r.Context(), firstFrameTimeout)
	defer cancel()
	var watchers []*watcher
	for _, t := range topics {
		t.Imperial = r.URL.Query().Get("units") == "imperial"
		watcher, leave, err := h.watch(ctx, t, since)
		if err != nil {
			h.refuse(w, r, err)
			return
		}
		defer leave()
		watchers = append(watchers, watcher)
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{OriginPatterns: h.opts.Origins, CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return // Accept has answered
	}
	h.send(sockets, conn, watchers, pick)
}

// query reads ?since=VERSION and ?format=.
func query(r *http.Request, format string) (pick func(Frame) []byte, since int64, err error) {
	since = -1
	if text := r.URL.Query().Get("since"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 {
			return nil, 0, refusal.Of(refusal.Malformed, "since_invalid", "since must be the version of a frame, a whole number.")
		}
		since = n
	}
	if asked := r.URL.Query().Get("format"); asked != "" {
		format = asked
	}
	switch format {
	case "html":
		return func(f Frame) []byte { return f.HTML }, since, nil
	case "json":
		return func(f Frame) []byte { return f.JSON }, since, nil
	}
	return nil, 0, refusal.Of(refusal.Malformed, "format_unknown", "format must be html or json.")
}

// admit counts a socket in. From here on Run waits for it; the context ends when Run can't wait any longer.
func (h *Hub) admit(r *http.Request) (sockets context.Context, release func(), err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.root == nil {
		return nil, nil, errRestarting
	}
	leave, err := h.limits.enter(r)
	if err != nil {
		return nil, nil, err
	}
	h.work.Add(1)
	return h.sockets, func() { leave(); h.work.Done() }, nil
}

// send writes frames until either end goes. The topics of a socket don't wait for each other: whole messages take turns.
func (h *Hub) send(ctx context.Context, conn *websocket.Conn, watchers []*watcher, pick func(Frame) []byte) {
	ctx, cancel := context.WithCancel(conn.CloseRead(ctx)) // watchers have nothing to say but close and pong
	var beside sync.WaitGroup
	defer beside.Wait()
	defer cancel()
	defer conn.CloseNow()
	beside.Go(func() { h.keepAlive(ctx, conn) })
	for _, w := range watchers[1:] {
		beside.Go(func() {
			defer cancel()
			h.sendTopic(ctx, conn, w, pick)
		})
	}
	h.sendTopic(ctx, conn, watchers[0], pick)
}

func (h *Hub) sendTopic(ctx context.Context, conn *websocket.Conn, w *watcher, pick func(Frame) []byte) {
	for {
		select {
		case frame := <-w.slot:
			if err := h.write(ctx, conn, pick(frame)); err != nil {
				return
			}
		case <-h.closing:
			_ = conn.Close(websocket.StatusServiceRestart, errRestarting.Detail)
			return
		case <-ctx.Done():
			return
		}
	}
}

func (h *Hub) write(ctx context.Context, conn *websocket.Conn, message []byte) error {
	ctx, cancel := context.WithTimeout(ctx, h.opts.WriteTimeout)
	defer cancel()
	return conn.Write(ctx, websocket.MessageText, message)
}

// keepAlive pings, beside the frames so that a slow answer delays none, and hangs up where none comes.
func (h *Hub) keepAlive(ctx context.Context, conn *websocket.Conn) {
	for sleep(ctx, h.opts.PingEvery) {
		answered, cancel := context.WithTimeout(ctx, h.opts.WriteTimeout)
		err := conn.Ping(answered)
		cancel()
		if err != nil {
			_ = conn.CloseNow()
			return
		}
	}
}

// refuse answers a request before it has become a socket.
func (h *Hub) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if why := refusal.All(err); len(why) > 0 {
		answer(w, why[0])
		return
	}
	if r.Context().Err() == nil { // else nobody is there to be answered
		h.opts.Log.ErrorContext(r.Context(), "live: a topic can't be read", "path", r.URL.Path, "error", err)
	}
	answer(w, refusal.New("unavailable", "This can't be shown live just now. Try again in a few seconds."))
}

// answer writes a problem document (RFC 9457).
func answer(w http.ResponseWriter, e *refusal.Error) {
	status := http.StatusServiceUnavailable
	switch {
	case e.Kind == refusal.NotFound:
		status = http.StatusNotFound
	case e.Kind == refusal.Gone:
		status = http.StatusGone
	case e.Kind == refusal.Malformed || e.Kind == refusal.Invalid:
		status = http.StatusBadRequest
	case e.Kind == refusal.Forbidden:
		status = http.StatusForbidden
	case errors.Is(e, errPerHost):
		status = http.StatusTooManyRequests
	}
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "5")
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{ // the reader may be gone
		"status": status, "title": http.StatusText(status), "detail": e.Detail, "code": e.Code,
	})
}

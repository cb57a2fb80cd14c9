package main

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"
	"github.com/coder/websocket"

	"segmentchallenge/web/static"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/parts"
	"segmentchallenge/web/templates/ui"
)

// gallery is a stage whose board can be changed, and the pages that show it.
type gallery struct {
	now time.Time

	mu      sync.Mutex
	times   []result
	version int64
	say     string
	changed chan struct{} // closed at each change
	blocked bool          // sockets are refused, as some networks do
	asked   []string      // what watchers said they had: since
	watched int           // sockets that are open
}

func newGallery(now time.Time) *gallery {
	return &gallery{now: now, times: results(), version: 100, changed: make(chan struct{})}
}

// strict is the policy of the real pages: what it forbids must fail here too.
const strict = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (g *gallery) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+static.Prefix, static.Handler())
	mux.HandleFunc("GET /live/board", g.live)
	mux.HandleFunc("POST /upload", g.upload)
	mux.HandleFunc("POST /theme", back)
	mux.HandleFunc("POST /join", back)
	for path, page := range map[string]func(*http.Request, layout.Page) templ.Component{
		"/{$}": g.index, "/stage": g.stage, "/challenge": g.challenge, "/challenges": g.challenges, "/upload": g.uploads,
		"/forms": g.forms, "/pieces": g.pieces, "/error": g.failure, "/maps": g.maps,
	} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", strict)
			p := layout.Page{Title: "Gallery", Path: r.URL.Path, Theme: r.URL.Query().Get("theme"), User: reader()}
			if r.URL.Query().Has("visitor") {
				p.User = nil
			}
			templ.Handler(page(r, p)).ServeHTTP(w, r)
		})
	}
	return mux
}

func back(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusSeeOther) }

func (g *gallery) index(_ *http.Request, p layout.Page) templ.Component { return index(p) }

func (g *gallery) stage(r *http.Request, p layout.Page) templ.Component {
	n, _ := strconv.Atoi(r.URL.Query().Get("rows"))
	return stagePage(p, g, g.board(p.User, n, r.URL.Query().Get("open")))
}

func (g *gallery) challenge(_ *http.Request, p layout.Page) templ.Component {
	return challengePage(p, g)
}

func (g *gallery) challenges(_ *http.Request, p layout.Page) templ.Component {
	return challengesPage(p, g)
}

func (g *gallery) uploads(_ *http.Request, p layout.Page) templ.Component { return uploadPage(p) }

func (g *gallery) forms(_ *http.Request, p layout.Page) templ.Component { return formsPage(p) }

func (g *gallery) pieces(_ *http.Request, p layout.Page) templ.Component { return piecesPage(p, g) }

func (g *gallery) maps(_ *http.Request, p layout.Page) templ.Component { return mapsPage(p) }

func (g *gallery) failure(_ *http.Request, p layout.Page) templ.Component {
	return pages.Error(p, pages.ErrorView{Status: 404, Title: "There is no such page", Text: "The address leads nowhere. Perhaps the challenge was renamed before it was hosted, or a letter is missing."})
}

// board is the board as it stands, cut to n rows where n is positive; the reader's own row is marked or pinned.
func (g *gallery) board(me *layout.User, n int, open string) parts.BoardView {
	g.mu.Lock()
	defer g.mu.Unlock()
	return boardOf(g.times, g.version, g.say, me, n, open)
}

// improve makes an athlete faster, and tells all watchers.
func (g *gallery) improve(athlete string, to time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.times, g.say = improved(g.times, athlete, to)
	g.version++
	close(g.changed)
	g.changed = make(chan struct{})
}

func (g *gallery) state() (int64, <-chan struct{}, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.version, g.changed, g.blocked
}

// live pushes the board to a watcher whenever it's newer than what they have.
func (g *gallery) live(w http.ResponseWriter, r *http.Request) {
	if _, _, blocked := g.state(); blocked {
		http.Error(w, "no sockets here", http.StatusForbidden)
		return
	}
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer conn.CloseNow()
	g.count(1, r.URL.Query().Get("since"))
	defer g.count(-1, "")
	seen, _ := strconv.ParseInt(r.URL.Query().Get("since"), 10, 64)
	n, _ := strconv.Atoi(r.URL.Query().Get("rows"))
	if err := g.push(conn.CloseRead(r.Context()), conn, seen, n); errors.Is(err, errBlocked) {
		_ = conn.Close(websocket.StatusServiceRestart, "try again")
	}
}

func (g *gallery) count(sockets int, since string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.watched += sockets
	if sockets > 0 {
		g.asked = append(g.asked, since)
	}
}

var errBlocked = errors.New("sockets are blocked")

func (g *gallery) push(ctx context.Context, conn *websocket.Conn, seen int64, n int) error {
	for {
		version, changed, blocked := g.state()
		if blocked {
			return errBlocked
		}
		if version > seen {
			var html strings.Builder
			if err := parts.Board(g.board(nil, n, "")).Render(ctx, &html); err != nil {
				return err
			}
			if err := conn.Write(ctx, websocket.MessageText, []byte(html.String())); err != nil {
				return err
			}
			seen = version
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

func (g *gallery) changeEvery(ctx context.Context, every time.Duration) {
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-time.After(every):
		}
		g.mu.Lock()
		slow := g.times[len(g.times)-1-i%5]
		lead := g.times[i%4]
		g.mu.Unlock()
		g.improve(slow.id, lead.time-time.Second)
	}
}

// upload answers as the real page does: with outcomes, or with a problem in words.
func (g *gallery) upload(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseMultipartForm(1 << 20); err != nil || len(r.MultipartForm.File["files"]) == 0 {
		w.WriteHeader(http.StatusUnprocessableEntity)
		_ = ui.Flash(ui.FlashView{Tone: ui.Bad, Text: "Choose a file."}).Render(r.Context(), w)
		return
	}
	for _, f := range r.MultipartForm.File["files"] {
		u := outcomes()[0]
		u.ID, u.File, u.Size = "sent-"+strings.ReplaceAll(f.Filename, ".", "-"), f.Filename, ""
		_ = parts.UploadOutcome(u).Render(r.Context(), w)
	}
}

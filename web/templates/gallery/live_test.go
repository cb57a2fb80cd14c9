package main

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/chromedp/chromedp"
	"github.com/coder/websocket"

	"segmentchallenge/internal/web/browsertest"
	"segmentchallenge/web/templates/parts"
)

// These tests are of js/live.js and js/morph.js, against the gallery's board over a real socket.

const first = `document.querySelector("[data-board] tbody tr").id`

// block refuses sockets from now on and closes those there are, or takes them again.
func (g *gallery) block(yes bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.blocked = yes
	close(g.changed)
	g.changed = make(chan struct{})
}

func (g *gallery) lastAsked() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.asked[len(g.asked)-1]
}

func TestBoardMovesByItself(t *testing.T) {
	g, site := serve(t)
	ctx := browsertest.Open(t, browsertest.Options{Width: 1280, Height: 900})
	must(t, chromedp.Do(ctx, chromedp.Navigate(site+"/stage"), chromedp.Click(`[data-row-more="more-ines-2"]`)))
	browsertest.Until(t, ctx, `document.getElementById("more-ines-2")`)
	must(t, chromedp.Do(ctx, chromedp.Focus(`#row-maya-4 .who-name a`)))
	scrolled := browsertest.Value[float64](t, ctx, `(scrollTo(0, 700), scrollY)`)
	browsertest.Until(t, ctx, `document.querySelector('[data-live-state="live"]')`)

	g.improve("maya-4", 240*time.Second)

	browsertest.Until(t, ctx, first+` === "row-maya-4"`)
	for what, script := range map[string]string{
		"focus stays on the athlete that moved": `document.activeElement.closest("tr").id === "row-maya-4"`,
		"the opened row stays open":             `document.getElementById("row-ines-2").nextElementSibling.id === "more-ines-2"`,
		"and says so":                           `document.querySelector('[data-row-more="more-ines-2"]').getAttribute("aria-expanded") === "true"`,
		"the reader's row stays marked":         `document.getElementById("row-bram-8").classList.contains("own")`,
		"and has its chip once":                 `[...document.querySelectorAll("#row-bram-8 .chip")].filter(c => c.textContent === "You").length === 1`,
		"the move is shown":                     `document.querySelector("#row-maya-4 .move-up").textContent.includes("up")`,
		"the change is seen":                    `document.getElementById("row-maya-4").classList.contains("changed")`,
	} {
		if !browsertest.Value[bool](t, ctx, script) {
			t.Errorf("not so: %s", what)
		}
	}
	if now := browsertest.Value[float64](t, ctx, "scrollY"); now != scrolled {
		t.Errorf("the page scrolled from %v to %v", scrolled, now)
	}
	browsertest.Until(t, ctx, `document.getElementById("live-status").textContent === "Maya Lindqvist takes the lead in 4:00."`)
	must(t, chromedp.Do(ctx, chromedp.Click(`[data-row-more="more-ines-2"]`)))
	browsertest.Until(t, ctx, `!document.getElementById("more-ines-2")`)
}

func TestRowsGlideUnlessCalmIsAskedFor(t *testing.T) {
	for name, calm := range map[string]bool{"moving": false, "calm": true} {
		t.Run(name, func(t *testing.T) {
			g, site := serve(t)
			ctx := browsertest.Open(t, browsertest.Options{Width: 1280, Height: 900, Calm: calm})
			must(t, chromedp.Do(ctx, chromedp.Navigate(site+"/stage"), chromedp.Evaluate[chromedp.Void](`
				window.glides = []; const was = Element.prototype.animate;
				Element.prototype.animate = function (frames, how) { window.glides.push(how.duration); return was.call(this, frames, how) }; 0`)))
			browsertest.Until(t, ctx, `document.querySelector('[data-live-state="live"]')`)
			g.improve("maya-4", 240*time.Second)
			browsertest.Until(t, ctx, first+` === "row-maya-4"`)
			glides := browsertest.Value[[]float64](t, ctx, "window.glides")
			if calm && len(glides) > 0 {
				t.Errorf("%d rows moved before a reader who asked for calm", len(glides))
			}
			if !calm && len(glides) != 5 {
				t.Errorf("%d rows glided, want the five that changed places", len(glides))
			}
			for _, duration := range glides {
				if duration > 300 {
					t.Errorf("a row moves for %v ms", duration)
				}
			}
		})
	}
}

func TestPausedBoardWaits(t *testing.T) {
	g, site := serve(t)
	ctx := browsertest.Open(t, browsertest.Options{})
	must(t, chromedp.Do(ctx, chromedp.Navigate(site+"/stage")))
	browsertest.Until(t, ctx, `document.querySelector('[data-live-state="live"]')`)
	must(t, chromedp.Do(ctx, chromedp.Click("[data-live-pause]")))
	for i, words := range []string{"1 change waiting", "2 changes waiting", "3 changes waiting"} {
		g.improve("maya-4", time.Duration(240-i)*time.Second)
		browsertest.Until(t, ctx, `document.querySelector("[data-live-waiting]").textContent === "`+words+`"`)
	}
	if got := browsertest.Value[string](t, ctx, first); got != "row-ana-0" {
		t.Errorf("the paused board moved: %s leads", got)
	}
	must(t, chromedp.Do(ctx, chromedp.Click("[data-live-pause]")))
	browsertest.Until(t, ctx, first+` === "row-maya-4" && document.querySelector("[data-live-waiting]").hidden`)
}

func TestOlderVersionsAreDropped(t *testing.T) {
	messages := make(chan string)
	site := serveMessages(t, messages)
	ctx := browsertest.Open(t, browsertest.Options{})
	must(t, chromedp.Do(ctx, chromedp.Navigate(site+"/stage"), chromedp.Evaluate[chromedp.Void](`
		window.seen = []; new MutationObserver(() => window.seen.push(document.querySelector(".board").dataset.version))
			.observe(document.querySelector(".live"), {subtree: true, attributes: true, attributeFilter: ["data-version"]}); 0`)))
	for _, version := range []int64{105, 103, 105, 99, 106} {
		messages <- rendered(t, parts.Board(boardOf(results(), version, "", nil, 0, "")))
	}
	browsertest.Until(t, ctx, `document.querySelector(".board").dataset.version === "106"`)
	if got := browsertest.Value[[]string](t, ctx, `window.seen`); !slices.Equal(got, []string{"105", "106"}) {
		t.Errorf("versions were shown in the order %v, want 105 106", got)
	}
}

// serveMessages is the gallery with a socket that sends what the test says.
func serveMessages(t *testing.T, messages <-chan string) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/", newGallery(time.Now()).handler())
	mux.HandleFunc("/live/board", func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer conn.CloseNow()
		ctx := conn.CloseRead(r.Context())
		for {
			select {
			case <-ctx.Done():
				return
			case m := <-messages:
				if err := conn.Write(ctx, websocket.MessageText, []byte(m)); err != nil {
					return
				}
			}
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func rendered(t *testing.T, c templ.Component) string {
	t.Helper()
	var out strings.Builder
	must(t, c.Render(t.Context(), &out))
	return out.String()
}

func TestBoardCatchesUpAfterALostConnection(t *testing.T) {
	t.Parallel()
	g, site := serve(t)
	ctx := browsertest.Open(t, browsertest.Options{Expect: []string{"/live/board"}})
	must(t, chromedp.Do(ctx, chromedp.Navigate(site+"/stage")))
	browsertest.Until(t, ctx, `document.querySelector('[data-live-state="live"]')`)
	g.improve("maya-4", 240*time.Second)
	browsertest.Until(t, ctx, first+` === "row-maya-4"`)
	g.block(true)
	browsertest.Until(t, ctx, `document.querySelector('[data-live-words]').textContent === "Reconnecting"`)
	g.improve("oskar-6", 230*time.Second)
	g.block(false)
	browsertest.Until(t, ctx, first+` === "row-oskar-6"`)
	browsertest.Until(t, ctx, `document.querySelector('[data-live-state="live"]')`)
	if got := g.lastAsked(); got != "101" {
		t.Errorf("came back with since=%s, want the version it had, 101", got)
	}
}

func TestBoardIsReadAgainWhereSocketsAreBlocked(t *testing.T) {
	t.Parallel()
	g, site := serve(t)
	g.block(true)
	ctx := browsertest.Open(t, browsertest.Options{Expect: []string{"/live/board"}})
	must(t, chromedp.Do(ctx, chromedp.Navigate(site+"/stage")))
	g.improve("maya-4", 240*time.Second)
	browsertest.Until(t, ctx, first+` === "row-maya-4"`)
	if words := browsertest.Value[string](t, ctx, `document.querySelector("[data-live-words]").textContent`); words != "Checking every 30 s" {
		t.Errorf("the page says %q", words)
	}
}

// The reader's own row isn't in what is pushed to everybody when it lies beyond the cut; it stays pinned, and is brought up
// to date from the page.
func TestPinnedRowStaysAndFollows(t *testing.T) {
	g, site := serve(t)
	ctx := browsertest.Open(t, browsertest.Options{})
	must(t, chromedp.Do(ctx, chromedp.Navigate(site+"/stage?rows=5")))
	browsertest.Until(t, ctx, `document.querySelector('[data-live-state="live"]')`)
	const rank = `document.querySelector("[data-own] #row-bram-8")?.dataset.rank`
	if got := browsertest.Value[string](t, ctx, rank); got != "9" {
		t.Fatalf("pinned as %s, want 9", got)
	}
	g.improve("noor-9", 240*time.Second)
	browsertest.Until(t, ctx, first+` === "row-noor-9" && `+rank+` === "10"`)
	g.improve("bram-8", 230*time.Second)
	browsertest.Until(t, ctx, first+` === "row-bram-8" && !document.querySelector("[data-own]")`)
}

func TestQuietWhenHidden(t *testing.T) {
	t.Parallel()
	g, site := serve(t)
	ctx := browsertest.Open(t, browsertest.Options{})
	must(t, chromedp.Do(ctx, chromedp.Navigate(site+"/stage")))
	browsertest.Until(t, ctx, `document.querySelector('[data-live-state="live"]')`)
	hide := func(yes string) {
		must(t, chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](`Object.defineProperty(document, "hidden", {value: `+yes+`, configurable: true}); document.dispatchEvent(new Event("visibilitychange")); 0`)))
	}
	hide("true")
	waitFor(t, func() bool { g.mu.Lock(); defer g.mu.Unlock(); return g.watched == 0 })
	g.improve("maya-4", 240*time.Second)
	hide("false")
	browsertest.Until(t, ctx, first+` === "row-maya-4"`)
}

func TestReadingWithoutScript(t *testing.T) {
	_, site := serve(t)
	ctx := browsertest.Open(t, browsertest.Options{NoScript: true})
	must(t, chromedp.Do(ctx, chromedp.Navigate(site+"/stage"), chromedp.Click(`[data-row-more="more-ines-2"]`), chromedp.WaitVisible(`#more-ines-2`)))
	if browsertest.Value[bool](t, ctx, `!document.querySelector("[data-live-bar]").hidden`) {
		t.Error("controls that do nothing are shown")
	}
	must(t, chromedp.Do(ctx, chromedp.Navigate(site+"/challenge"), chromedp.Click(`a[href="#rules"]`), chromedp.WaitVisible(`#rules button[type=submit]`),
		chromedp.Click(`#rules button[type=submit]`), chromedp.WaitVisible(`a[href="/pieces"]`)))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// waitFor asks again and again: what happens in the server has no event that a test could wait for.
func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for tick := time.NewTicker(20 * time.Millisecond); !done(); {
		select {
		case <-deadline:
			t.Fatal("it didn't happen in 20 seconds")
		case <-tick.C:
		}
	}
}

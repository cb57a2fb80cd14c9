package browsertest

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Reader sits before a tab and uses a site as people do: finds things by the words on them, presses them with the mouse,
// types, and reads what the page says then. What can't be found or isn't said within patience ends the test.
type Reader struct {
	testing.TB
	Tab  context.Context // for chromedp.Run
	Site string          // http://127.0.0.1:port
}

// patience is for what happens by itself: the longest that a page or an update may take on a busy machine.
const patience = 20 * time.Second

// Read opens a browser for a reader of a site.
func Read(t testing.TB, site string, o Options) *Reader {
	t.Helper()
	return &Reader{TB: t, Tab: Open(t, o), Site: site}
}

// Other is another reader in the same browser, who shares nothing with this one: as in a private window. Until t ends.
func (r *Reader) Other(t testing.TB, o Options) *Reader {
	t.Helper()
	tab, cancel := chromedp.NewContext(r.Tab, chromedp.WithNewBrowserContext())
	return &Reader{TB: t, Tab: begin(t, tab, cancel, o), Site: r.Site}
}

// SecondTab is the same reader's second tab.
func (r *Reader) SecondTab(o Options) *Reader {
	r.Helper()
	tab, cancel := chromedp.NewContext(r.Tab)
	return &Reader{TB: r.TB, Tab: begin(r.TB, tab, cancel, o), Site: r.Site}
}

// Keep puts cookies into the browser, of somebody who is signed in.
func (r *Reader) Keep(cookies ...*http.Cookie) {
	r.Helper()
	var set []*network.CookieParam
	for _, c := range cookies {
		set = append(set, &network.CookieParam{Name: c.Name, Value: c.Value, URL: r.Site, HTTPOnly: true, SameSite: network.CookieSameSiteLax})
	}
	if _, err := chromedp.Call(r.Tab, network.SetCookies, network.SetCookiesParams{Cookies: set}); err != nil {
		r.Fatal(err)
	}
}

// Go opens a path of the site, or a whole address.
func (r *Reader) Go(path string) {
	r.Helper()
	if strings.HasPrefix(path, "/") {
		path = r.Site + path
	}
	if err := chromedp.Do(r.Tab, chromedp.Navigate(path), chromedp.WaitReady("main")); err != nil {
		r.Fatalf("open %s: %v", path, err)
	}
}

// Back presses the browser's button.
func (r *Reader) Back() {
	r.Helper()
	if err := chromedp.Do(r.Tab, chromedp.Evaluate[chromedp.Void]("history.back()")); err != nil {
		r.Fatalf("back: %v", err)
	}
}

// Until waits until a script is true.
func (r *Reader) Until(script string) {
	r.Helper()
	r.until("waited for "+script, script)
}

// until asks again and again, from outside: that works without script in the page, and while pages come and go.
func (r *Reader) until(what, script string) {
	r.Helper()
	deadline := time.Now().Add(patience)
	for r.Tab.Err() == nil {
		yes, err := chromedp.Run(r.Tab, chromedp.Evaluate[bool]("!!("+script+")"))
		if err == nil && yes {
			return
		}
		if time.Now().After(deadline) {
			r.Fatalf("%s\nat %s, which says:\n%s\n(%v)", what, Value[string](r.TB, r.Tab, "location.href"), r.Text(), err)
		}
		pause(r.Tab, 20*time.Millisecond)
	}
	r.Fatalf("%s: %v", what, context.Cause(r.Tab))
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// words is a function that gives an element's words in one line; said of the body, what the page says.
const words = `((e) => (e?.innerText ?? "").replace(/[\s\u00a0\u202f]+/g, " ").trim())`

// Text is what the page says.
func (r *Reader) Text() string {
	r.Helper()
	return Value[string](r.TB, r.Tab, words+"(document.body)")
}

// Sees waits until the page says something.
func (r *Reader) Sees(all ...string) {
	r.Helper()
	for _, said := range all {
		r.until("waited to read "+strconv.Quote(said), words+"(document.body).includes("+quote(said)+")")
	}
}

// SeesIn waits until an element says something.
func (r *Reader) SeesIn(selector, said string) {
	r.Helper()
	r.until("waited to read "+strconv.Quote(said)+" in "+selector, words+"(document.querySelector("+quote(selector)+")).includes("+quote(said)+")")
}

// SeesNot fails the test if the page says something.
func (r *Reader) SeesNot(said string) {
	r.Helper()
	if strings.Contains(r.Text(), said) {
		r.Errorf("the page says %q:\n%s", said, r.Text())
	}
}

// At waits until the page at a path is shown.
func (r *Reader) At(path string) {
	r.Helper()
	r.until("waited to be at "+path, "location.pathname === "+quote(path)+" && document.readyState === 'complete'")
}

// Path is where the reader is.
func (r *Reader) Path() string {
	r.Helper()
	return Value[string](r.TB, r.Tab, "location.pathname")
}

// quote writes a string as a script does.
func quote(s string) string { return strconv.QuoteToASCII(s) }

// finders look on top, that is in the dialog that is open or else in the page, for what a reader could mean.
const finders = `(() => {
	const words = ` + words + `;
	const top = document.querySelector("dialog[open], dialog:target") ?? document;
	const all = (selector) => [...top.querySelectorAll(selector)].filter(e => e.checkVisibility({visibilityProperty: true}));
	const pick = (list) => list.find(e => e.closest("main, dialog")) ?? list[0] ?? null;
	const pressable = (said) => {
		const found = all("button, a[href], summary, input[type=submit]");
		return pick(found.filter(e => words(e) === said)) ?? pick(found.filter(e => words(e).startsWith(said)));
	};
	const labelled = (said) => {
		const labels = all("label");
		const label = pick(labels.filter(e => words(e) === said)) ?? pick(labels.filter(e => words(e).startsWith(said)));
		return label?.control ?? null;
	};
	const place = (e) => {
		e.scrollIntoView({block: "center", behavior: "instant"});
		const r = e.getClientRects()[0], x = r.x + r.width / 2, y = r.y + r.height / 2; // the first line of a link of several
		const hit = document.elementFromPoint(x, y);
		return e.contains(hit) || hit?.closest("label")?.control === e ? {x, y} : null;
	};
	return {words, all, pressable, labelled, place};
})()`

type spot struct{ X, Y float64 }

// spotOf waits until an element can be seen, isn't covered and has stopped moving, and says where it is. found is an
// expression with the finders.
func (r *Reader) spotOf(what, found string) spot {
	r.Helper()
	script := "(() => { const f = " + finders + "; const e = f." + found + "; return document.readyState === 'complete' && e && f.place(e) || null })()"
	var last spot
	for range 100 {
		r.until("looked for "+what, script)
		here, err := chromedp.Run(r.Tab, chromedp.Evaluate[*spot](script))
		if err == nil && here != nil && *here == last {
			return last
		}
		if err == nil && here != nil {
			last = *here
		}
		pause(r.Tab, 20*time.Millisecond)
	}
	r.Fatalf("%s never stands still", what)
	return last
}

// Press presses the button, link or label with these words.
func (r *Reader) Press(said string) {
	r.Helper()
	r.click(r.spotOf(strconv.Quote(said), "pressable("+quote(said)+")"), 1)
}

// PressTwice presses it twice, as fast as people do who think that it takes two.
func (r *Reader) PressTwice(said string) {
	r.Helper()
	r.click(r.spotOf(strconv.Quote(said), "pressable("+quote(said)+")"), 2)
}

// PressOn presses what a selector finds.
func (r *Reader) PressOn(selector string) {
	r.Helper()
	r.click(r.spotOf(selector, "all("+quote(selector)+")[0]"), 1)
}

func (r *Reader) click(at spot, times int) {
	r.Helper()
	for range times {
		if err := chromedp.Do(r.Tab, chromedp.MouseClickXY(at.X, at.Y)); err != nil {
			r.Fatal(err)
		}
	}
}

// Type puts words into the field with this label, in place of what was there.
func (r *Reader) Type(label, text string) {
	r.Helper()
	r.spotOf("the field "+strconv.Quote(label), "labelled("+quote(label)+")")
	r.change(label, `e.focus(); if (e.type.startsWith("date")) { set(`+quote(text)+`) } else { e.select() }`)
	if strings.HasPrefix(Value[string](r.TB, r.Tab, "document.activeElement.type"), "date") {
		return
	}
	if _, err := chromedp.Call(r.Tab, input.InsertText, input.InsertTextParams{Text: text}); err != nil {
		r.Fatal(err)
	}
}

// Choose picks an option of the list with this label.
func (r *Reader) Choose(label, option string) {
	r.Helper()
	r.spotOf("the list "+strconv.Quote(label), "labelled("+quote(label)+")")
	r.change(label, `const o = [...e.options].find(o => f.words(o) === `+quote(option)+` || o.text.trim().startsWith(`+quote(option)+`));
		if (!o) throw new Error("no option " + `+quote(option)+` + " in " + [...e.options].map(o => o.text)); set(o.value)`)
}

// Tick presses a box or a choice by its label.
func (r *Reader) Tick(label string) {
	r.Helper()
	r.click(r.spotOf("the box "+strconv.Quote(label), "labelled("+quote(label)+")"), 1)
}

// Attach puts files into the field with this label.
func (r *Reader) Attach(selector string, files ...string) {
	r.Helper()
	if err := chromedp.Do(r.Tab, chromedp.SetUploadFiles(selector, files)); err != nil {
		r.Fatal(err)
	}
}

// change runs script on the field e, whose value it can set as people do.
func (r *Reader) change(label, script string) {
	r.Helper()
	err := chromedp.Do(r.Tab, chromedp.Evaluate[chromedp.Void](`(() => { const f = `+finders+`, e = f.labelled(`+quote(label)+`);
		const set = (v) => { e.value = v; e.dispatchEvent(new Event("input", {bubbles: true})); e.dispatchEvent(new Event("change", {bubbles: true})) };
		`+script+` })()`))
	if err != nil {
		r.Fatalf("%s: %v", label, err)
	}
}

// Drop lets files fall onto what a selector finds, as from a file manager.
func (r *Reader) Drop(selector string, files ...string) {
	r.Helper()
	at := r.spotOf(selector, "all("+quote(selector)+")[0]")
	data := &input.DragData{Items: []*input.DragDataItem{}, Files: files, DragOperationsMask: 1}
	for _, event := range []input.DispatchDragEventType{input.DispatchDragEventTypeDragEnter, input.DispatchDragEventTypeDragOver, input.DispatchDragEventTypeDrop} {
		if _, err := chromedp.Call(r.Tab, input.DispatchDragEvent, input.DispatchDragEventParams{Type: event, X: at.X, Y: at.Y, Data: data}); err != nil {
			r.Fatal(err)
		}
	}
}

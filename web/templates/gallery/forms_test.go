package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"segmentchallenge/internal/web/browsertest"
)

// These tests are of js/upload.js, js/forms.js and js/theme.js.

func TestFilesAreSentWithTheirOutcome(t *testing.T) {
	_, site := serve(t)
	folder := t.TempDir()
	var paths []string
	for _, name := range []string{"one.gpx", "two.fit", "three.tcx"} {
		path := filepath.Join(folder, name)
		must(t, os.WriteFile(path, []byte("a ride"), 0o600))
		paths = append(paths, path)
	}
	ctx := browsertest.Open(t, browsertest.Options{})
	must(t, chromedp.Do(ctx, chromedp.Navigate(site+"/upload"), chromedp.SetUploadFiles("#f-files", paths)))
	browsertest.Until(t, ctx, `document.querySelectorAll("[data-upload-list] article.upload-done").length === 3`)
	for _, id := range []string{"upload-sent-one-gpx", "upload-sent-two-fit", "upload-sent-three-tcx"} {
		if !browsertest.Value[bool](t, ctx, `document.getElementById("`+id+`").textContent.includes("3rd, your best")`) {
			t.Errorf("%s has no outcome", id)
		}
	}
}

func TestRefusedFilesSayWhyAndCanBeSentAgain(t *testing.T) {
	g := newGallery(time.Now())
	var fail atomic.Bool
	fail.Store(true)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && fail.Swap(false) {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte(`<p data-problem>The database is away for a moment.</p>`))
			return
		}
		g.handler().ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	path := filepath.Join(t.TempDir(), "one.gpx")
	must(t, os.WriteFile(path, []byte("a ride"), 0o600))
	ctx := browsertest.Open(t, browsertest.Options{Expect: []string{"503"}})
	must(t, chromedp.Do(ctx, chromedp.Navigate(server.URL+"/upload"), chromedp.SetUploadFiles("#f-files", []string{path})))
	browsertest.Until(t, ctx, `document.querySelector("[data-upload-list]").textContent.includes("The database is away for a moment.")`)
	must(t, chromedp.Do(ctx, chromedp.Click("[data-upload-list] button")))
	browsertest.Until(t, ctx, `document.querySelectorAll("[data-upload-list] article.upload-done").length === 1`)
}

func TestAFormIsSentOnce(t *testing.T) {
	g := newGallery(time.Now())
	var sent atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			sent.Add(1)
			w.WriteHeader(http.StatusNoContent) // the page stays: the reader grows impatient
			return
		}
		g.handler().ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	ctx := browsertest.Open(t, browsertest.Options{})
	must(t, chromedp.Do(ctx, chromedp.Navigate(server.URL+"/challenge"), chromedp.Click(`a[href="#rules"]`), chromedp.WaitVisible("#rules"),
		chromedp.Evaluate[chromedp.Void](`window.stopped = []; addEventListener("submit", e => window.stopped.push(e.defaultPrevented)); 0`)))
	press := func() {
		must(t, chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector("#rules button[type=submit]").click(); 0`)))
	}
	press()
	waitFor(t, func() bool { return sent.Load() == 1 })
	press()
	press()
	if stopped := browsertest.Value[[]bool](t, ctx, "window.stopped"); !slices.Equal(stopped, []bool{false, true, true}) {
		t.Errorf("stopped: %v, want the second and third", stopped)
	}
	if busy := browsertest.Value[string](t, ctx, `document.querySelector("#rules button[type=submit]").getAttribute("aria-busy")`); busy != "true" {
		t.Error("the button doesn't show that it's busy")
	}
}

func TestDialogIsClosedByKeyAndButton(t *testing.T) {
	_, site := serve(t)
	ctx := browsertest.Open(t, browsertest.Options{})
	must(t, chromedp.Do(ctx, chromedp.Navigate(site+"/challenge")))
	for name, shut := range map[string]chromedp.Action[chromedp.Void]{
		"button": chromedp.Click("#rules [data-dialog-close]"), "key": chromedp.KeyEvent(kb.Escape),
	} {
		t.Log(name)
		must(t, chromedp.Do(ctx, chromedp.Click(`a[href="#rules"]`)))
		browsertest.Until(t, ctx, `document.querySelector("#rules:modal")`)
		must(t, chromedp.Do(ctx, shut))
		browsertest.Until(t, ctx, `!document.querySelector("#rules[open]")`)
	}
}

func TestThemeChangesAtOnce(t *testing.T) {
	_, site := serve(t)
	ctx := browsertest.Open(t, browsertest.Options{})
	ground := func() string {
		return browsertest.Value[string](t, ctx, `getComputedStyle(document.body).backgroundColor`)
	}
	must(t, chromedp.Do(ctx, chromedp.Navigate(site+"/stage")))
	light := ground()
	must(t, chromedp.Do(ctx, chromedp.Click(`[data-theme-switch] [value="dark"]`)))
	browsertest.Until(t, ctx, `document.documentElement.dataset.theme === "dark"`)
	if dark := ground(); dark == light {
		t.Errorf("both themes have the ground %s", light)
	}
	must(t, chromedp.Do(ctx, chromedp.Click(`[data-theme-switch] [value="auto"]`)))
	if ground() != light || browsertest.Value[string](t, ctx, `location.pathname`) != "/stage" {
		t.Error("the system's theme isn't back, or the page was left")
	}
}

func TestFirstFaultIsFocused(t *testing.T) {
	_, site := serve(t)
	ctx := browsertest.Open(t, browsertest.Options{})
	must(t, chromedp.Do(ctx, chromedp.Navigate(site+"/forms")))
	browsertest.Until(t, ctx, `document.activeElement.classList.contains("error-summary")`)
	must(t, chromedp.Do(ctx, chromedp.Click(`.error-summary a[href="#f-end"]`)))
	browsertest.Until(t, ctx, `document.activeElement.id === "f-end" && document.activeElement.getAttribute("aria-describedby") === "f-end-error"`)
}

// Countdowns are written by the server and kept running by the script: both must say the same.
func TestCountdownsSayWhatTheServerSaid(t *testing.T) {
	_, site := serve(t)
	const read = `[...document.querySelectorAll("time[data-countdown-end], time[data-ago]")].map(e => e.textContent).join("|")`
	still := browsertest.Open(t, browsertest.Options{NoScript: true})
	must(t, chromedp.Do(still, chromedp.Navigate(site+"/challenge")))
	moving := browsertest.Open(t, browsertest.Options{})
	must(t, chromedp.Do(moving, chromedp.Navigate(site+"/challenge")))
	want, got := browsertest.Value[string](t, still, read), browsertest.Value[string](t, moving, read)
	if want != got || want == "" {
		t.Errorf("the server says %q, the script %q", want, got)
	}
}

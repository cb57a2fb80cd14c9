package browsertest

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

//go:embed axe.min.js
var axe string

// axeRules are the success criteria of WCAG 2.2, A and AA, as far as a program can see them, and axe's own good habits.
// axeColours are those of them that a theme can break.
const (
	axeRules   = `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]`
	axeColours = `["color-contrast", "link-in-text-block"]`
	axeRun     = `axe.run(document, {resultTypes: ["violations"], runOnly: RULES})
	.then(r => r.violations.map(v => v.id + ": " + v.help + "\n    " + v.nodes.slice(0, 5).map(n => n.html.slice(0, 160) + "\n      " + (n.failureSummary || "").replace(/\n/g, " ")).join("\n    ")))`
)

// Axe lists what shuts people out of the page that is open, a line or more each; none is good.
func Axe(ctx context.Context) ([]string, error) { return runAxe(ctx, axeRules) }

func runAxe(ctx context.Context, rules string) ([]string, error) {
	there, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!window.axe"))
	if err == nil && !there {
		err = chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](axe+"\n;0"))
	}
	if err != nil {
		return nil, err
	}
	return chromedp.Run(ctx, chromedp.Evaluate[[]string](strings.Replace(axeRun, "RULES", rules, 1), chromedp.EvalAwaitPromise))
}

// sideways says by how many pixels the page is wider than the screen, and what sticks out.
const sideways = `(() => {
	const wide = document.documentElement.clientWidth;
	const over = document.documentElement.scrollWidth - wide;
	if (over <= 0) return "";
	const out = [...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > wide + 1).slice(0, 3);
	return over + " px too wide: " + out.map(e => e.tagName + "." + e.getAttribute("class")).join(", ");
})()`

// small lists what can be pressed and is smaller than 24 by 24 pixels and not a link in a sentence (WCAG 2.2, 2.5.8).
const small = `[...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary")]
	.filter(e => { const r = e.getBoundingClientRect(), s = getComputedStyle(e);
		return r.width > 1 && r.height > 1 && (r.width < 24 || r.height < 24) && s.display !== "inline" && s.visibility !== "hidden"; })
	.slice(0, 5).map(e => e.outerHTML.slice(0, 120))`

// Look opens an address and fails the test for everything that shuts readers out: see Axe; pages that are wider than the
// screen; targets that are too small. With SC_SCREENSHOTS=folder it leaves a picture there, by the name.
func Look(t testing.TB, ctx context.Context, url, name string) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.Navigate(url), chromedp.WaitReady("main")); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	look(t, ctx, name, axeRules)
}

func look(t testing.TB, ctx context.Context, name, rules string) {
	t.Helper()
	if wide := Value[string](t, ctx, sideways); wide != "" {
		t.Errorf("%s: %s", name, wide)
	}
	for _, target := range Value[[]string](t, ctx, small) {
		t.Errorf("%s: smaller than 24 × 24: %s", name, target)
	}
	found, err := runAxe(ctx, rules)
	if err != nil {
		t.Fatalf("%s: axe: %v", name, err)
	}
	for _, violation := range found {
		t.Errorf("%s: %s", name, violation)
	}
	if folder := os.Getenv("SC_SCREENSHOTS"); folder != "" {
		if err := Screenshot(ctx, filepath.Join(folder, strings.ReplaceAll(name, "/", "-")+".png")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// LookAllRound does what Look does with the page that a reader has open, on a phone and at a desk, in both themes (the
// dark one changes colours alone); and turns the smallest phone on it, 320 px wide, on which nothing may be wider than the
// screen either. The reader should be Calm, so that colours don't glide from one theme to the other.
func (r *Reader) LookAllRound(name string) {
	r.Helper()
	turn := func(width int64, dark bool) {
		r.Helper()
		if err := setUp(r.Tab, Options{Width: width, Height: 900, Dark: dark, Calm: true}); err != nil {
			r.Fatal(err)
		}
	}
	for _, width := range []int64{360, 1280} {
		turn(width, false)
		look(r.TB, r.Tab, fmt.Sprintf("%s, %d px, light", name, width), axeRules)
		turn(width, true)
		look(r.TB, r.Tab, fmt.Sprintf("%s, %d px, dark", name, width), axeColours)
	}
	turn(320, false)
	if wide := Value[string](r.TB, r.Tab, sideways); wide != "" {
		r.Errorf("%s, 320 px: %s", name, wide)
	}
}

// Screenshot leaves a picture of the whole page.
func Screenshot(ctx context.Context, file string) error {
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		return err
	}
	return os.WriteFile(file, picture, 0o644)
}

// Until waits until a script is true in the page: for what happens by itself, such as a live update.
func Until(t testing.TB, ctx context.Context, script string) {
	t.Helper()
	poll := chromedp.Poll[bool]("!!("+script+")", chromedp.WithPollingInterval(30*time.Millisecond), chromedp.WithPollingTimeout(20*time.Second))
	if _, err := chromedp.Run(ctx, poll); err != nil {
		t.Fatalf("waited for %s: %v", script, err)
	}
}

// Value is what a script says, for comparing.
func Value[T any](t testing.TB, ctx context.Context, script string) T {
	t.Helper()
	out, err := chromedp.Run(ctx, chromedp.Evaluate[T](script))
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return out
}

package main

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"segmentchallenge/internal/web/browsertest"
)

var pagesToSee = []string{"stage", "stage?visitor", "stage?rows=5&open=bram-8", "challenge", "challenge#rules", "challenges", "maps", "upload", "forms", "pieces", "error"}

func serve(t *testing.T) (*gallery, string) {
	t.Helper()
	g := newGallery(time.Now())
	server := httptest.NewServer(g.handler())
	t.Cleanup(server.Close)
	return g, server.URL
}

// Every page, on a phone and on a desk, in both themes: nothing that shuts somebody out, nothing wider than the screen, no
// error in the console.
func TestPagesAreOpenToEverybody(t *testing.T) {
	_, site := serve(t)
	for _, o := range []browsertest.Options{
		{Width: 360, Height: 740}, {Width: 360, Height: 740, Dark: true},
		{Width: 1280, Height: 900}, {Width: 1280, Height: 900, Dark: true},
	} {
		theme := "light"
		if o.Dark {
			theme = "dark"
		}
		t.Run(fmt.Sprintf("%d-%s", o.Width, theme), func(t *testing.T) {
			o.Expect = []string{"/favicon.ico"}
			ctx := browsertest.Open(t, o)
			for _, page := range pagesToSee {
				browsertest.Look(t, ctx, site+"/"+page, fmt.Sprintf("%s-%d-%s", page, o.Width, theme))
			}
		})
	}
}

// At 320 pixels, which is 1280 pixels at 400 %, nothing is cut off (WCAG 2.2, 1.4.10).
func TestPagesReflow(t *testing.T) {
	_, site := serve(t)
	ctx := browsertest.Open(t, browsertest.Options{Width: 320, Height: 640})
	for _, page := range pagesToSee {
		if err := chromedp.Do(ctx, chromedp.Navigate(site+"/"+page)); err != nil {
			t.Fatal(err)
		}
		if over := browsertest.Value[int](t, ctx, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); over > 0 {
			t.Errorf("%s: %d pixels too wide", page, over)
		}
	}
}

// Paper is white in every theme.
func TestPrintedDarkThemeIsLight(t *testing.T) {
	_, site := serve(t)
	ctx := browsertest.Open(t, browsertest.Options{Width: 794, Height: 1123})
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
		t.Fatal(err)
	}
	must(t, chromedp.Do(ctx, chromedp.Navigate(site+"/stage?theme=dark")))
	colours := browsertest.Value[[]string](t, ctx, `["body", "h1", ".value", ".who-name a"].map(q => getComputedStyle(document.querySelector(q)).color)`)
	for _, c := range colours {
		if c != "rgb(13, 34, 39)" && c != "rgb(0, 0, 0)" {
			t.Errorf("words are printed in %s", c)
		}
	}
	if shown := browsertest.Value[bool](t, ctx, `document.querySelector(".site-header").offsetHeight > 0`); shown {
		t.Error("the navigation is printed")
	}
	if folder := os.Getenv("SC_SCREENSHOTS"); folder != "" {
		must(t, browsertest.Screenshot(ctx, filepath.Join(folder, "stage-print.png")))
	}
}

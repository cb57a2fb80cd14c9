package browsertest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// What looks at pages must be able to find something wrong: colours that are bad in one theme alone, and a page that is too
// wide for the smallest phone.
func TestWhatIsWrongIsFound(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(`<!doctype html><html lang="en"><title>A page</title><link rel="icon" href="data:,"><meta name="viewport" content="width=device-width">
			<style>body { margin: 0; background: #fff } @media (prefers-color-scheme: dark) { p { color: #777 } }</style>
			<main><h1>A page</h1><p>Words</p><div style="width: 340px">x</div></main></html>`))
	}))
	t.Cleanup(site.Close)
	r := Read(t, site.URL, Options{Calm: true})
	r.Go("/")
	for _, c := range []struct {
		width int64
		dark  bool
		rules string
		want  string
	}{{360, false, axeRules, ""}, {360, false, axeColours, ""}, {360, true, axeColours, "color-contrast"}, {1280, true, axeRules, "color-contrast"}} {
		if err := setUp(r.Tab, Options{Width: c.width, Height: 600, Dark: c.dark, Calm: true}); err != nil {
			t.Fatal(err)
		}
		found, err := runAxe(r.Tab, c.rules)
		if err != nil || strings.Contains(strings.Join(found, " "), "color-contrast") != (c.want != "") {
			t.Errorf("at %d px, dark %v: found %v (%v), want %q", c.width, c.dark, found, err, c.want)
		}
	}
	for width, want := range map[int64]string{320: "20 px too wide", 360: ""} {
		if err := chromedp.Do(r.Tab, chromedp.EmulateViewport(width, 600)); err != nil {
			t.Fatal(err)
		}
		if got := Value[string](t, r.Tab, sideways); !strings.HasPrefix(got, want) || (got != "") != (want != "") {
			t.Errorf("at %d px: %q, want %q", width, got, want)
		}
	}
}

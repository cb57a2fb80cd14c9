package layout

import (
	"strings"
	"testing"

	"segmentchallenge/web/templates/ui"
)

func shell(t *testing.T, p Page) string {
	t.Helper()
	var out strings.Builder
	if err := Shell(p).Render(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestShellSaysWhoLooksAndWhere(t *testing.T) {
	html := shell(t, Page{Title: "Kattenberg", Path: "/challenges/five-hills", Theme: "dark", User: &User{ID: "a-1", Name: "Ana de Smet", URL: "/athletes/a-1"},
		Flashes: []ui.FlashView{{Tone: ui.Good, Text: "You're in."}}})
	for _, want := range []string{"<title>Kattenberg · Segment Challenge</title>", `lang="en"`, `data-theme="dark"`, `data-me="a-1"`, `href="#main"`, `id="live-status"`,
		`href="/challenges" aria-current="page"`, "You&#39;re in.", `action="/sign-out"`, `value="/challenges/five-hills"`, `value="dark" aria-pressed="true"`} {
		if !strings.Contains(html, want) {
			t.Errorf("lacks %s", want)
		}
	}
	if strings.Contains(html, "/admin") {
		t.Error("somebody who is no admin is led there")
	}
}

func TestShellForVisitors(t *testing.T) {
	html := shell(t, Page{Title: House, Path: "/challengesque"})
	for _, want := range []string{"<title>Segment Challenge</title>", `href="/sign-in"`} {
		if !strings.Contains(html, want) {
			t.Errorf("lacks %s", want)
		}
	}
	for _, not := range []string{`data-me="`, "data-theme=", `aria-current="page"`, "/sign-out", "noindex"} {
		if strings.Contains(html, not) {
			t.Errorf("holds %s", not)
		}
	}
}

func TestBareShellHasNoFrame(t *testing.T) {
	html := shell(t, Page{Bare: true, NoIndex: true})
	if strings.Contains(html, "site-header") || strings.Contains(html, "site-footer") || !strings.Contains(html, `content="noindex"`) {
		t.Error("the frame is there, or searched")
	}
}

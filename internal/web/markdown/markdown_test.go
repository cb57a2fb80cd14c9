package markdown_test

import (
	"strings"
	"testing"

	"segmentchallenge/internal/web/markdown"
)

func TestWhatPeopleWriteIsShown(t *testing.T) {
	for source, want := range map[string]string{
		"":                           "",
		"Up *and* down":              "<p>Up <em>and</em> down</p>",
		"# Results":                  "<h3>Results</h3>",
		"###### Small":               "<h3>Small</h3>",
		"## a\n#### b\n### c\n# d":   "<h3>a</h3>\n<h4>b</h4>\n<h4>c</h4>\n<h3>d</h3>",
		"- one\n- two":               "<ul>\n<li>one</li>\n<li>two</li>\n</ul>",
		"See https://example.org/a.": `<p>See <a href="https://example.org/a" rel="nofollow noreferrer">https://example.org/a</a>.</p>`,
		"a < b & c":                  "<p>a &lt; b &amp; c</p>",
	} {
		if got := strings.TrimSpace(markdown.HTML(source)); got != want {
			t.Errorf("%q is shown as\n%s\nwant\n%s", source, got, want)
		}
	}
}

func TestNothingHarmfulPasses(t *testing.T) {
	for _, source := range []string{
		`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `[x](javascript:alert(1))`, `<a href="java&#10;script:alert(1)">x</a>`,
		`<p style="position:fixed">x</p>`, `<iframe src="https://example.org"></iframe>`, `![x](javascript:alert(1))`,
		`<form action="/sign-out" method="post"><button>x</button></form>`, "<svg onload=alert(1)>", `<base href="//evil.example">`,
	} {
		got := markdown.HTML(source)
		for _, bad := range []string{"<script", "onerror", "javascript:", "style=", "<iframe", "<form", "<button", "onload", "<base", "<svg"} {
			if strings.Contains(strings.ToLower(got), bad) {
				t.Errorf("%s passes as %s", source, got)
			}
		}
	}
}

func FuzzHTML(f *testing.F) {
	f.Add("# a\n\n<b onclick=x>b</b> [c](javascript:d) | e |\n|--|")
	f.Fuzz(func(t *testing.T, source string) {
		if got := strings.ToLower(markdown.HTML(source)); strings.Contains(got, "<script") || strings.Contains(got, `="javascript:`) {
			t.Errorf("%q passes as %q", source, got)
		}
	})
}

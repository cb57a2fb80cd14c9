package static

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func get(t *testing.T, path string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func TestHashedAddressesAreKeptForEver(t *testing.T) {
	for _, name := range []string{"css/app.css", "js/app.js", "vendor/icons.svg", "vendor/fonts/archivo-latin.woff2", "img/favicon.svg"} {
		answer := get(t, URL(name))
		if answer.StatusCode != http.StatusOK || !strings.Contains(answer.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d, %q", name, answer.StatusCode, answer.Header.Get("Cache-Control"))
		}
	}
	if answer := get(t, Prefix+"css/app.css"); answer.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("the plain name is kept: %q", answer.Header.Get("Cache-Control"))
	}
}

func TestCompressedIsTheSame(t *testing.T) {
	plain, err := io.ReadAll(get(t, URL("css/app.css")).Body)
	if err != nil {
		t.Fatal(err)
	}
	answer := get(t, URL("css/app.css"), "Accept-Encoding", "br, gzip;q=0.8")
	if answer.Header.Get("Content-Encoding") != "gzip" || answer.Header.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Fatalf("headers: %v", answer.Header)
	}
	unzip, err := gzip.NewReader(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := io.ReadAll(unzip); err != nil || string(again) != string(plain) {
		t.Errorf("compressed answer differs: %v", err)
	}
}

func TestUnchangedIsNotSentAgain(t *testing.T) {
	tag := get(t, URL("js/app.js")).Header.Get("ETag")
	for _, encoding := range []string{"gzip", "identity"} {
		if answer := get(t, URL("js/app.js"), "If-None-Match", tag, "Accept-Encoding", encoding); answer.StatusCode != http.StatusNotModified {
			t.Errorf("%s: %d", encoding, answer.StatusCode)
		}
	}
}

func TestWhatIsNotServed(t *testing.T) {
	for _, path := range []string{"vendor/VENDOR.md", "css/tokens.css", "../static.go", "nothing.css", "", "vendor/licences/htmx.txt"} {
		if answer := get(t, Prefix+path); answer.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, answer.StatusCode)
		}
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, httptest.NewRequest(http.MethodPost, URL("css/app.css"), nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
}

func TestAcceptsGzip(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, "gzip": true, "br, GZIP": true, "*": true, "gzip;q=0": false, "gzip; q=0.5": true, "identity": false, "gzip;q=x": false,
	} {
		if got := acceptsGzip(header); got != want {
			t.Errorf("%q: %v", header, got)
		}
	}
}

// A board's page must stay light: all of its script, before compression.
func TestScriptIsUnder100kB(t *testing.T) {
	total := 0
	for _, name := range []string{"js/app.js", "vendor/htmx.min.js", "vendor/idiomorph.min.js"} {
		total += len(assets().byName[name].plain)
	}
	if total >= 100_000 {
		t.Errorf("%d bytes of script", total)
	}
}

func TestVendoredFilesAreThoseOfTheNote(t *testing.T) {
	note, err := files.ReadFile("vendor/VENDOR.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`(?m)^\| ([\w./-]+\.(?:js|svg|woff2)) .* \| ([0-9a-f]{64}) \|$`).FindAllStringSubmatch(string(note), -1)
	named := map[string]bool{}
	for _, row := range rows {
		content, err := files.ReadFile("vendor/" + row[1])
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(content)
		if hex.EncodeToString(sum[:]) != row[2] {
			t.Errorf("%s isn't the file of the note", row[1])
		}
		named["vendor/"+row[1]] = true
	}
	for name := range assets().byName {
		if strings.HasPrefix(name, "vendor/") && !named[name] {
			t.Errorf("%s has no line in the note", name)
		}
	}
}

// The words and marks of both themes must be told from their grounds: WCAG 2.2, 4.5 to 1 for text and 3 to 1 for marks.
func TestContrast(t *testing.T) {
	colours := tokens(t)
	for _, pair := range []struct {
		front, ground string
		least         float64
	}{
		{"ink", "bg", 7}, {"ink", "surface", 7}, {"ink", "sunken", 7}, {"ink", "own", 7}, {"ink", "raised", 7},
		{"ink-soft", "bg", 4.5}, {"ink-soft", "surface", 4.5}, {"ink-soft", "sunken", 4.5},
		{"link", "bg", 4.5}, {"link", "surface", 4.5}, {"link", "sunken", 4.5},
		{"on-brand", "brand", 4.5}, {"on-brand-soft", "brand-soft", 4.5}, {"brand", "bg", 3}, {"brand", "surface", 3},
		{"on-deep", "deep", 7}, {"on-deep-soft", "deep", 4.5}, {"lime", "deep", 4.5}, {"on-lime", "lime", 7},
		{"on-good-soft", "good-soft", 4.5}, {"on-warn-soft", "warn-soft", 4.5}, {"on-bad-soft", "bad-soft", 4.5},
		{"good", "surface", 4.5}, {"bad", "surface", 4.5}, {"good", "own", 4.5}, {"bad", "own", 4.5}, {"bad", "sunken", 4.5},
		{"on-danger", "danger", 4.5}, {"line-strong", "surface", 3}, {"line-strong", "bg", 3},
		{"on-gold", "gold", 7}, {"on-silver", "silver", 7}, {"on-bronze", "bronze", 4.5},
	} {
		for theme, name := range []string{"light", "dark"} {
			if got := contrast(colours[pair.front][theme], colours[pair.ground][theme]); !(got >= pair.least) {
				t.Errorf("%s on %s, %s: %.2f, want %.1f", pair.front, pair.ground, name, got, pair.least)
			}
		}
	}
}

func tokens(t *testing.T) map[string][2]string {
	t.Helper()
	css, err := files.ReadFile("css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][2]string{}
	for _, m := range regexp.MustCompile(`--([\w-]+): (?:light-dark\((#\w{6}), (#\w{6})\)|(#\w{6}));`).FindAllStringSubmatch(string(css), -1) {
		out[m[1]] = [2]string{m[2] + m[4], m[3] + m[4]}
	}
	return out
}

// contrast is by WCAG 2.2: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio.
func contrast(a, b string) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(hex string) float64 {
	if len(hex) != 7 {
		return math.NaN()
	}
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		v, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			return math.NaN()
		}
		c := float64(v) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

package web_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/web/webtest"
)

// rideOf is the id of an athlete's newest ride.
func rideOf(t *testing.T, s *webtest.Site, a webtest.Athlete) string {
	t.Helper()
	rides, _, err := readmodel.Activities(t.Context(), s.Pool, readmodel.ActivityFilter{Viewer: a.Actor, AthleteID: a.ID, Limit: 1})
	if err != nil || len(rides) == 0 {
		t.Fatalf("%s has no ride: %v", a.Name, err)
	}
	return rides[0].ID.String()
}

// file is one that is sent with a form.
type file struct {
	name string
	data []byte
}

// sends posts a form with files, as the page of the site would: field is that of the files.
func sends(t *testing.T, s *webtest.Site, b *webtest.Browser, path, field string, form url.Values, files ...file) webtest.Page {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, values := range form {
		for _, v := range values {
			if err := w.WriteField(name, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, f := range files {
		part, err := w.CreateFormFile(field, f.name)
		if err == nil {
			_, err = part.Write(f.data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+path, &body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Origin", s.URL)
	return b.Do(r)
}

// form fills in the first form of a page that is sent to an address, as a browser would send it, with some fields changed;
// nil values leave a field out.
func form(t *testing.T, page webtest.Page, action string, change url.Values) url.Values {
	t.Helper()
	i := strings.Index(page.Body, `action="`+action+`"`)
	if i < 0 {
		t.Fatalf("no form is sent to %s, on\n%s", action, page.Text())
	}
	body, _, _ := strings.Cut(page.Body[i:], "</form>")
	out := url.Values{}
	for _, m := range fieldPattern.FindAllStringSubmatch(body, -1) {
		tag := m[0]
		name, value := attribute(tag, "name"), attribute(tag, "value")
		kind := attribute(tag, "type")
		switch {
		case name == "" || kind == "file" || kind == "submit" || (kind == "checkbox" || kind == "radio") && !strings.Contains(tag, " checked"):
		case strings.HasPrefix(tag, "<textarea"):
			out.Add(name, unescape(m[1]))
		case strings.HasPrefix(tag, "<select"):
			if chosen := selectedPattern.FindStringSubmatch(tag); chosen != nil {
				out.Add(name, unescape(chosen[1]))
			} else if first := optionPattern.FindStringSubmatch(tag); first != nil {
				out.Add(name, unescape(first[1]))
			}
		default:
			out.Add(name, value)
		}
	}
	for name, values := range change {
		out.Del(name)
		out[name] = slices.Clone(values)
	}
	return out
}

var (
	fieldPattern    = regexp.MustCompile(`(?s)<input\b[^>]*>|<textarea\b[^>]*>(.*?)</textarea>|<select\b.*?</select>`)
	selectedPattern = regexp.MustCompile(`<option value="([^"]*)" selected`)
	optionPattern   = regexp.MustCompile(`<option value="([^"]*)"`)
)

func attribute(tag, name string) string {
	m := regexp.MustCompile(`\b` + name + `="([^"]*)"`).FindStringSubmatch(tag)
	if m == nil {
		return ""
	}
	return unescape(m[1])
}

func unescape(s string) string {
	return strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

// leads sends a form and wants to be led on to an address that begins with to; the page there is the answer.
func leads(t *testing.T, b *webtest.Browser, path string, form url.Values, to string, words ...string) webtest.Page {
	t.Helper()
	got := b.Post(path, form)
	if got.Status != http.StatusSeeOther || !strings.HasPrefix(got.Location, to) {
		t.Fatalf("%s answers %d to %q, want to %s:\n%s", path, got.Status, got.Location, to, got.Text())
	}
	at, _, _ := strings.Cut(got.Location, "#")
	return reads(t, b, at, words...)
}

// refuses sends a form and wants a status and words in answer.
func refuses(t *testing.T, b *webtest.Browser, path string, form url.Values, status int, words ...string) webtest.Page {
	t.Helper()
	got := b.Post(path, form)
	if got.Status != status {
		t.Errorf("%s answers %d to %q, want %d:\n%s", path, got.Status, got.Location, status, got.Text())
	}
	for _, w := range words {
		if !got.Has(w) {
			t.Errorf("%s doesn't say %q:\n%s", path, w, got.Text())
		}
	}
	return got
}

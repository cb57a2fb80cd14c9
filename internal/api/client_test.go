package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"segmentchallenge/internal/api"
	"segmentchallenge/internal/web"
	"segmentchallenge/internal/web/webtest"
)

// maxUpload is small, so that tests needn't send much to send too much.
const maxUpload = 12 << 20

// start runs a site with the API.
func start(t testing.TB, change ...func(*api.Options)) *webtest.Site {
	t.Helper()
	return webtest.Start(t, webtest.Options{Web: func(s *webtest.Site, o *web.Options) {
		options := api.Options{Store: s.Store, Dispatch: s.Dispatch, Pool: s.Pool, Accounts: s.Accounts, Importer: s.Importer, MaxUpload: maxUpload}
		for _, c := range change {
			c(&options)
		}
		o.API = api.New(options)
	}})
}

// client is a program that uses the API. Every answer that it gets is compared with the OpenAPI document.
type client struct {
	*webtest.Site
	token string // empty: a visitor
}

func as(s *webtest.Site, a webtest.Athlete) client { return client{s, s.Token(a)} }

// answer is what came back.
type answer struct {
	t      testing.TB
	what   string
	Status int
	Header http.Header
	Raw    string
	JSON   any
}

func (c client) get(path string) answer { c.Helper(); return c.json(http.MethodGet, path, "") }
func (c client) post(path, body string) answer {
	c.Helper()
	return c.json(http.MethodPost, path, body)
}
func (c client) patch(path, body string) answer {
	c.Helper()
	return c.json(http.MethodPatch, path, body)
}
func (c client) delete(path string) answer { c.Helper(); return c.json(http.MethodDelete, path, "") }
func (c client) json(method, path, body string, header ...string) answer {
	c.Helper()
	kind := "application/json"
	if body == "" {
		kind = ""
	}
	return c.do(method, path, kind, strings.NewReader(body), header...)
}

// do sends a request; header are names and values.
func (c client) do(method, path, kind string, body io.Reader, header ...string) answer {
	c.Helper()
	r, err := http.NewRequestWithContext(context.WithoutCancel(c.Context()), method, c.URL+"/api/v1"+path, body)
	if err != nil {
		c.Fatal(err)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		c.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		c.Fatal(err)
	}
	a := answer{c.TB, method + " " + path, res.StatusCode, res.Header, string(raw), nil}
	if len(raw) > 0 && strings.Contains(res.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(raw, &a.JSON); err != nil {
			c.Fatalf("%s: %v: %s", a.what, err, raw)
		}
	}
	a.documented(method, path)
	return a
}

var document = api.Document()

// documented compares an answer with what the document says of it.
func (a answer) documented(method, path string) {
	a.t.Helper()
	op := operationOf(method, path)
	if op == nil || a.Status == http.StatusMethodNotAllowed || a.Header.Get("Content-Type") == "application/problem+json" && a.field("code") == "request_too_large" {
		return // nothing is promised
	}
	promised := op.Responses[fmt.Sprint(a.Status)]
	if promised == nil {
		a.t.Errorf("%s: status %d isn't documented: %s", a.what, a.Status, a.Raw)
		return
	}
	kind, _, _ := strings.Cut(a.Header.Get("Content-Type"), ";")
	media := promised.Content[kind]
	if media == nil {
		if a.Raw != "" {
			a.t.Errorf("%s: %d in %q isn't documented", a.what, a.Status, kind)
		}
		return
	}
	var result huma.ValidateResult
	huma.Validate(document.Components.Schemas, media.Schema, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, a.JSON, &result)
	for _, err := range result.Errors {
		a.t.Errorf("%s: not as documented: %v", a.what, err)
	}
}

// operationOf finds what the document says of an address.
func operationOf(method, path string) *huma.Operation {
	path, _, _ = strings.Cut(path, "?")
	parts := strings.Split(path, "/")
	var best *huma.Operation
	names := slices.Sorted(maps.Keys(document.Paths)) // a word before a {name}
	slices.Reverse(names)
	for _, name := range names {
		like := strings.Split(name, "/")
		fits := len(like) == len(parts)
		for i := 0; fits && i < len(parts); i++ {
			fits = like[i] == parts[i] || strings.HasPrefix(like[i], "{")
		}
		if !fits {
			continue
		}
		item := document.Paths[name]
		op := map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "PATCH": item.Patch, "DELETE": item.Delete}[method]
		if op != nil && (best == nil || strings.Count(name, "{") < strings.Count(best.Path, "{")) {
			best = op
		}
	}
	return best
}

// is checks the status.
func (a answer) is(status int) answer {
	a.t.Helper()
	if a.Status != status {
		a.t.Fatalf("%s: %d, want %d: %s", a.what, a.Status, status, a.Raw)
	}
	return a
}

// refused checks that an answer is a problem document with a code, in words.
func (a answer) refused(status int, code string) answer {
	a.t.Helper()
	if a.Status != status || a.field("code") != code || a.Header.Get("Content-Type") != "application/problem+json" {
		a.t.Errorf("%s: %d %v, want %d %s: %s", a.what, a.Status, a.field("code"), status, code, a.Raw)
		return a
	}
	if a.field("status") != float64(status) || a.field("title") != http.StatusText(status) || len(a.text("detail")) < 10 || strings.Contains(a.text("detail"), "\n") {
		a.t.Errorf("%s: not a problem in words: %s", a.what, a.Raw)
	}
	return a
}

// about checks which fields the problem names.
func (a answer) about(fields ...string) {
	a.t.Helper()
	var got []string
	for _, e := range a.list("errors") {
		got = append(got, e.(map[string]any)["field"].(string))
	}
	if !reflect.DeepEqual(got, fields) {
		a.t.Errorf("%s: errors of %q, want %q: %s", a.what, got, fields, a.Raw)
	}
}

// field follows names and numbers into the answer: "items.0.id". nil when there is no such thing.
func (a answer) field(path string) any {
	v := a.JSON
	for name := range strings.SplitSeq(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[name]
		case []any:
			var i int
			if _, err := fmt.Sscan(name, &i); err != nil || i >= len(in) {
				return nil
			}
			v = in[i]
		default:
			return nil
		}
	}
	return v
}

func (a answer) text(path string) string    { s, _ := a.field(path).(string); return s }
func (a answer) number(path string) float64 { n, _ := a.field(path).(float64); return n }
func (a answer) list(path string) []any     { l, _ := a.field(path).([]any); return l }

// has checks fields against what they should be: names and values in turn.
func (a answer) has(want ...any) answer {
	a.t.Helper()
	for i := 0; i+1 < len(want); i += 2 {
		w := want[i+1]
		if n, ok := w.(int); ok {
			w = float64(n)
		}
		if got := a.field(want[i].(string)); !reflect.DeepEqual(got, w) {
			a.t.Errorf("%s: %s is %v, want %v", a.what, want[i], got, w)
		}
	}
	return a
}

// words checks that an object has at least these fields, whatever their values.
func (a answer) words(path string, names string) {
	a.t.Helper()
	in, ok := a.field(path).(map[string]any)
	if path == "" {
		in, ok = a.JSON.(map[string]any)
	}
	if !ok {
		a.t.Errorf("%s: %q is no object: %s", a.what, path, a.Raw)
		return
	}
	for _, name := range strings.Fields(names) {
		if _, ok := in[name]; !ok {
			a.t.Errorf("%s: %s has no %s: %v", a.what, path, name, slices.Sorted(maps.Keys(in)))
		}
	}
}

// file is one of a form.
type file struct {
	name string
	data []byte
}

// form sends files, and fields as names and values in turn.
func (c client) form(path string, files []file, fields ...string) answer {
	c.Helper()
	kind, body := formOf(c, files, fields...)
	return c.do(http.MethodPost, path, kind, bytes.NewReader(body))
}

func formOf(t testing.TB, files []file, fields ...string) (kind string, body []byte) {
	t.Helper()
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	for _, f := range files {
		part, err := w.CreateFormFile("file", f.name)
		if err == nil {
			_, err = part.Write(f.data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := 0; i+1 < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), out.Bytes()
}

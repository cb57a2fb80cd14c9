package guard_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/go-chi/chi/v5"

	"segmentchallenge/internal/web/guard"
)

// logBook is a log that several requests may write.
type logBook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// site is a small site behind the guard, on a real port.
func site(t *testing.T, o guard.Options) (*httptest.Server, *logBook) {
	t.Helper()
	log := &logBook{}
	o.Log = slog.New(slog.NewTextHandler(log, nil))
	g, err := guard.New(o)
	if err != nil {
		t.Fatal(err)
	}
	r := chi.NewRouter()
	g.Use(r)
	r.Get("/", func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, guard.RequestID(r.Context())) })
	r.Get("/ip", func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, guard.ByAddress(r)) })
	r.Get("/panic", func(http.ResponseWriter, *http.Request) { panic("a fault in a handler") })
	r.Get("/half", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "the first half")
		panic("a fault after the first half")
	})
	echo := func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			g.TooLarge(w, r)
			return
		}
		_, _ = w.Write(body)
	}
	r.Post("/echo", echo)
	r.Post("/api/echo", echo)
	r.With(g.Limit(2, time.Minute, nil)).Get("/seldom", func(http.ResponseWriter, *http.Request) {})
	r.Get("/live", func(w http.ResponseWriter, r *http.Request) {
		if conn, err := websocket.Accept(w, r, nil); err == nil {
			_ = conn.Write(r.Context(), websocket.MessageText, []byte("hello"))
			_ = conn.Close(websocket.StatusNormalClosure, "")
		}
	})
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	return server, log
}

func ask(t *testing.T, method, url, body string, header ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(text)
}

func TestHeaders(t *testing.T) {
	server, _ := site(t, guard.Options{BaseURL: "https://club.example"})
	answer, id := ask(t, "GET", server.URL+"/", "")
	for name, want := range map[string]string{
		"Content-Security-Policy": guard.Policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
		"X-Frame-Options": "DENY", "Strict-Transport-Security": "max-age=31536000", "X-Request-Id": id,
	} {
		if got := answer.Header.Get(name); got != want || got == "" {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if strings.Contains(guard.Policy, "unsafe") {
		t.Error("the policy allows inline code")
	}
	plain, _ := site(t, guard.Options{BaseURL: "http://127.0.0.1:8080"})
	if answer, _ := ask(t, "GET", plain.URL+"/", ""); answer.Header.Get("Strict-Transport-Security") != "" {
		t.Error("a site without https binds browsers to https")
	}
}

func TestFormsFromOtherSitesAreRefused(t *testing.T) {
	server, _ := site(t, guard.Options{BaseURL: "https://club.example/"})
	for name, c := range map[string]struct {
		header []string
		want   int
	}{
		"own page":         {[]string{"Sec-Fetch-Site", "same-origin"}, 200},
		"program":          {nil, 200},
		"other site":       {[]string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, 403},
		"old browser":      {[]string{"Origin", "https://evil.example"}, 403},
		"behind its proxy": {[]string{"Sec-Fetch-Site", "cross-site", "Origin", "https://club.example"}, 200},
	} {
		answer, body := ask(t, "POST", server.URL+"/echo", "a=1", c.header...)
		if answer.StatusCode != c.want {
			t.Errorf("%s: %d, want %d", name, answer.StatusCode, c.want)
		}
		if c.want == 403 && !strings.Contains(body, "our own pages only") {
			t.Errorf("%s: no words: %s", name, body)
		}
	}
}

func TestBodiesAreBounded(t *testing.T) {
	server, _ := site(t, guard.Options{MaxBody: 1000, MaxUpload: 5000})
	for name, c := range map[string]struct {
		size int
		kind string
		want int
	}{
		"form": {1000, "application/x-www-form-urlencoded", 200}, "large form": {1001, "application/x-www-form-urlencoded", 413},
		"json": {1001, "application/problem+json", 413}, "unnamed": {1001, "", 413},
		"file": {5000, "multipart/form-data; boundary=x", 200}, "large file": {5001, "multipart/form-data; boundary=x", 413},
		"huge file": {400_000, "application/octet-stream", 413},
	} {
		for _, path := range []string{"/echo", "/api/echo"} {
			answer, body := ask(t, "POST", server.URL+path, strings.Repeat("x", c.size), "Content-Type", c.kind)
			if answer.StatusCode != c.want || (c.want == 413 && !strings.Contains(body, "can be sent at once")) {
				t.Errorf("%s to %s: %d %.60s", name, path, answer.StatusCode, body)
			}
		}
	}
}

func TestBodiesOfUnknownLengthAreBounded(t *testing.T) {
	server, _ := site(t, guard.Options{MaxBody: 1000})
	r, err := http.NewRequestWithContext(t.Context(), "POST", server.URL+"/echo", io.MultiReader(strings.NewReader(strings.Repeat("x", 2000))))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d", answer.StatusCode)
	}
}

func TestPanicsBecomeErrorPages(t *testing.T) {
	server, log := site(t, guard.Options{})
	answer, body := ask(t, "GET", server.URL+"/panic", "")
	if answer.StatusCode != 500 || !strings.Contains(body, "Something broke on our side") || strings.Contains(body, "a fault") {
		t.Errorf("%d: %s", answer.StatusCode, body)
	}
	if !strings.Contains(body, answer.Header.Get("X-Request-Id")) {
		t.Error("the page doesn't name the request")
	}
	if !strings.Contains(log.String(), "a fault in a handler") || !strings.Contains(log.String(), "guard_test.go") {
		t.Errorf("the log lacks the fault or its place: %s", log)
	}
	if answer, err := http.Get(server.URL + "/half"); err == nil {
		defer answer.Body.Close()
		if _, err := io.ReadAll(answer.Body); err == nil {
			t.Error("half an answer looks whole")
		}
	}
	if answer, _ := ask(t, "GET", server.URL+"/", ""); answer.StatusCode != 200 {
		t.Error("the site doesn't go on")
	}
}

func TestProgramsGetProblems(t *testing.T) {
	server, _ := site(t, guard.Options{MaxBody: 10})
	answer, body := ask(t, "POST", server.URL+"/api/echo", "more than ten bytes", "Content-Type", "application/json")
	var said struct {
		Status                  int
		Code, Detail, RequestID string
	}
	if err := json.Unmarshal([]byte(body), &said); err != nil {
		t.Fatal(err)
	}
	if answer.Header.Get("Content-Type") != "application/problem+json" || said.Status != 413 || said.Code != "request_too_large" ||
		said.Detail == "" || said.RequestID != answer.Header.Get("X-Request-Id") {
		t.Errorf("%v: %+v", answer.Header, said)
	}
}

func TestRates(t *testing.T) {
	server, _ := site(t, guard.Options{TrustedProxies: []string{"127.0.0.1"}})
	status := func(from string) int {
		answer, _ := ask(t, "GET", server.URL+"/seldom", "", "X-Forwarded-For", from)
		if answer.StatusCode == http.StatusTooManyRequests && answer.Header.Get("Retry-After") == "" {
			t.Error("429 doesn't say how long to wait")
		}
		return answer.StatusCode
	}
	for i, want := range []int{200, 200, 429} {
		if got := status("203.0.113.9"); got != want {
			t.Errorf("request %d: %d, want %d", i+1, got, want)
		}
	}
	if got := status("203.0.113.10"); got != 200 {
		t.Errorf("another address waits too: %d", got)
	}
	for i, from := range []string{"2001:db8::1", "2001:db8::2", "2001:db8::3"} {
		if got, want := status(from), []int{200, 200, 429}[i]; got != want {
			t.Errorf("%s of one household: %d, want %d", from, got, want)
		}
	}
}

func TestForwardedAddressesAreBelievedFromProxiesOnly(t *testing.T) {
	direct, _ := site(t, guard.Options{})
	if _, ip := ask(t, "GET", direct.URL+"/ip", "", "X-Forwarded-For", "203.0.113.9"); ip != "127.0.0.1" {
		t.Errorf("a stranger chose their address: %s", ip)
	}
	proxied, _ := site(t, guard.Options{TrustedProxies: []string{"127.0.0.0/8", "10.0.0.0/8"}})
	if _, ip := ask(t, "GET", proxied.URL+"/ip", "", "X-Forwarded-For", "198.51.100.1, 203.0.113.9, 10.1.2.3"); ip != "203.0.113.9" {
		t.Errorf("behind proxies: %s", ip)
	}
}

func TestTheLogHoldsNoSecrets(t *testing.T) {
	server, log := site(t, guard.Options{})
	ask(t, "GET", server.URL+"/ip?token=abracadabra", "", "Cookie", "session=opensesame", "Authorization", "Bearer alohomora")
	line := log.String()
	for _, want := range []string{"path=/ip", "status=200", "method=GET", "ip=127.0.0.1", "request="} {
		if !strings.Contains(line, want) {
			t.Errorf("the log lacks %s: %s", want, line)
		}
	}
	for _, secret := range []string{"abracadabra", "opensesame", "alohomora"} {
		if strings.Contains(line, secret) {
			t.Errorf("the log holds %s: %s", secret, line)
		}
	}
}

func TestSocketsPass(t *testing.T) {
	server, _ := site(t, guard.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, server.URL+"/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	if _, message, err := conn.Read(ctx); err != nil || string(message) != "hello" {
		t.Errorf("%q, %v", message, err)
	}
}

func TestNewRefusesNonsense(t *testing.T) {
	for _, o := range []guard.Options{
		{BaseURL: "club.example"}, {BaseURL: "https://club.example/path"}, {TrustedProxies: []string{"proxy"}}, {TrustedProxies: []string{"10.0.0.0/99"}},
	} {
		if _, err := guard.New(o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
}

package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"segmentchallenge/internal/postgres/postgrestest"
)

// figuresOf asks for /metrics from an address.
func figuresOf(t *testing.T, handler http.Handler, from, forwarded string) (status int, body string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.RemoteAddr = from
	if forwarded != "" {
		r.Header.Set("X-Forwarded-For", forwarded)
	}
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, r)
	return answer.Code, answer.Body.String()
}

// Who is busy with what is nobody else's business: figures leave the machine only where somebody has said so.
func TestFiguresAreForThisMachine(t *testing.T) {
	for name, c := range map[string]struct {
		baseURL, from, forwarded string
		status                   int
	}{
		"here":                    {"", "127.0.0.1:5000", "", http.StatusOK},
		"here, IPv6":              {"http://localhost:8080", "[::1]:5000", "", http.StatusOK},
		"another machine":         {"", "192.0.2.7:5000", "", http.StatusForbidden},
		"behind a proxy":          {"", "127.0.0.1:5000", "192.0.2.7", http.StatusForbidden},
		"behind a silent proxy":   {"https://club.example", "127.0.0.1:5000", "", http.StatusForbidden},
		"an address that is none": {"", "@", "", http.StatusForbidden},
	} {
		app := &App{config: &Config{Addr: "127.0.0.1:8080", BaseURL: c.baseURL}, log: slog.New(slog.DiscardHandler)}
		if err := app.openTelemetry(false); err != nil {
			t.Fatal(err)
		}
		mux := http.NewServeMux()
		app.health(mux)
		status, body := figuresOf(t, mux, c.from, c.forwarded)
		if status != c.status || strings.Contains(body, "segmentchallenge_append_seconds_count") != (status == http.StatusOK) {
			t.Errorf("%s: status %d: %.200s", name, status, body)
		}
	}
}

// With --metrics-addr they are given there, to whoever asks, and nowhere else.
func TestFiguresAtAnAddressOfTheirOwn(t *testing.T) {
	config := &Config{DatabaseURL: postgrestest.NewURL(t), Addr: "127.0.0.1:0", MetricsAddr: "127.0.0.1:0", BaseURL: "https://club.example",
		SiteName: "Segment Challenge", LogLevel: slog.LevelWarn}
	app, err := open(t.Context(), config, openOptions{listen: true})
	if err != nil {
		t.Fatal(err)
	}
	defer app.Close()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- app.Serve(ctx, io.Discard) }()
	get := func(listener net.Listener, path string) (int, string) {
		answer, err := http.Get("http://" + listener.Addr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(body)
	}
	if status, _ := get(app.listener, "/challenges"); status != http.StatusOK {
		t.Errorf("the site: status %d", status)
	}
	if status, _ := get(app.listener, "/metrics"); status != http.StatusNotFound {
		t.Errorf("figures at the site's address: status %d", status)
	}
	status, body := get(app.figures, "/metrics")
	if status != http.StatusOK {
		t.Errorf("figures: status %d", status)
	}
	for _, line := range []string{`segmentchallenge_http_requests_total{method="GET",route="/challenges",status="200"} 1`, "segmentchallenge_database_up 1",
		`segmentchallenge_jobs{job="timers",state="due"} 0`, `segmentchallenge_jobs{job="mails",state="failed"} 0`,
		`segmentchallenge_aggregate_cache_total{aggregate="stageboard",result="hit"} 0`} {
		if !strings.Contains(body, line+"\n") {
			t.Errorf("%s is missing", line)
		}
	}
	if status, _ := get(app.figures, "/challenges"); status != http.StatusNotFound {
		t.Errorf("the site at the figures' address: status %d", status)
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("the program ended with: %v", err)
	}

	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	config.MetricsAddr = taken.Addr().String()
	if other, err := open(t.Context(), config, openOptions{listen: true}); err == nil || !strings.Contains(err.Error(), "--metrics-addr") {
		if other != nil {
			other.Close()
		}
		t.Errorf("an address that is taken: %v", err)
	}
}

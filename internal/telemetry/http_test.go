package telemetry_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/api"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/telemetry"
	"segmentchallenge/internal/web"
	"segmentchallenge/internal/web/webtest"
)

// scrape reads figures as Prometheus does: name{label="value",…} → value; of a histogram how many it has seen.
func scrape(t *testing.T, tel *telemetry.Telemetry) map[string]float64 {
	t.Helper()
	server := httptest.NewServer(tel.Handler())
	defer server.Close()
	answer, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("status %d, %v", answer.StatusCode, err)
	}
	figures := map[string]float64{}
	for name, family := range families {
		for _, m := range family.Metric {
			var labels []string
			for _, l := range m.Label {
				labels = append(labels, l.GetName()+"="+l.GetValue())
			}
			key := name
			if labels != nil {
				key += "{" + strings.Join(labels, ",") + "}"
			}
			figures[key] = m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return figures
}

func TestFiguresOfASite(t *testing.T) {
	t.Parallel()
	tel, kept := traced(t)
	site := webtest.Start(t, webtest.Options{Telemetry: tel, Web: func(s *webtest.Site, o *web.Options) {
		o.API = api.New(api.Options{Store: s.Store, Dispatch: s.Dispatch, Pool: s.Pool, Accounts: s.Accounts, Importer: s.Importer})
	}})
	ana := site.Athlete("Ana Smet", sport.Female, nil)
	browser := site.SignIn(ana)
	before := scrape(t, tel)
	for path, want := range map[string]int{"/": 200, "/challenges": 200, "/challenges/no-such": 404, "/challenges/nor-this": 404, "/no/page/at/all": 404,
		"/wp-login.php": 404, "/api/v1/challenges": 200, "/api/v1/challenges/no-such": 404, "/api/v1/nothing": 404} {
		if got := browser.Get(path).Status; got != want {
			t.Errorf("%s: status %d, want %d", path, got, want)
		}
	}
	if p := browser.Post("/clubs/new", url.Values{"name": {"Velo"}}); p.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", p.Status, p.Text())
	}
	if _, err := site.Dispatch.Send(t.Context(), athletes.AppointAdmin{Head: athletes.Head{ID: uuid.New(), By: actor.System, Now: time.Now()}, Admin: true}, eventstore.Meta{}); err == nil {
		t.Fatal("there is no such athlete")
	}
	if _, err := site.Store.Append(t.Context(), eventstore.Write{Stream: "athlete-" + ana.ID.String(), Expect: eventstore.NoStream,
		Events: []eventstore.NewEvent{{Type: "x", Data: []byte("{}")}}}); !errors.Is(err, eventstore.ErrConflict) {
		t.Fatal(err)
	}
	after := scrape(t, tel)
	for figure, more := range map[string]float64{
		"segmentchallenge_http_requests_total{method=GET,route=/,status=200}":                         1,
		"segmentchallenge_http_requests_total{method=GET,route=/challenges,status=200}":               1,
		"segmentchallenge_http_requests_total{method=GET,route=/challenges/{slug},status=404}":        2,
		"segmentchallenge_http_requests_total{method=GET,route=unmatched,status=404}":                 2,
		"segmentchallenge_http_requests_total{method=GET,route=/api/v1/challenges,status=200}":        1,
		"segmentchallenge_http_requests_total{method=GET,route=/api/v1/challenges/{slug},status=404}": 1,
		"segmentchallenge_http_requests_total{method=POST,route=/clubs/new,status=303}":               1,
		"segmentchallenge_http_request_seconds{method=POST,route=/clubs/new}":                         1,
		"segmentchallenge_commands_total{command=clubs.Create,outcome=done}":                          1,
		"segmentchallenge_command_seconds{command=clubs.Create}":                                      1,
		"segmentchallenge_commands_total{command=athletes.AppointAdmin,outcome=refused}":              1,
		"segmentchallenge_appends_total{result=ok}":                                                   1,
		"segmentchallenge_appends_total{result=conflict}":                                             1,
		"segmentchallenge_append_seconds":                                                             2,
		"segmentchallenge_aggregate_cache_total{aggregate=club,result=miss}":                          1,
		"segmentchallenge_aggregate_states{aggregate=club}":                                           1,
	} {
		if got := after[figure] - before[figure]; got != more {
			t.Errorf("%s: %v more, want %v", figure, got, more)
		}
	}
	for figure, want := range map[string]float64{
		"segmentchallenge_database_up":                                1,
		"segmentchallenge_audit_lost_total":                           0,
		"segmentchallenge_parked_events{name=processes}":              0,
		"segmentchallenge_subscription_lag_events{name=leaderboards}": 0,
		"segmentchallenge_subscription_troubled{name=leaderboards}":   0,
		"segmentchallenge_live_watchers":                              0,
	} {
		if got, there := after[figure]; !there || got != want {
			t.Errorf("%s is %v, %v, want %v", figure, got, there, want)
		}
	}
	for _, name := range []string{"go_goroutines", "process_open_fds", "segmentchallenge_log_position", "segmentchallenge_database_connections{state=most}"} {
		if after[name] <= 0 {
			t.Errorf("%s is %v", name, after[name])
		}
	}
	spansOf(t, kept)
}

// spansOf checks that a form post and what it did are one trace.
func spansOf(t *testing.T, kept *tracetest.InMemoryExporter) {
	t.Helper()
	spans := kept.GetSpans()
	i := slices.IndexFunc(spans, func(s tracetest.SpanStub) bool { return s.Name == "POST /clubs/new" })
	if i < 0 {
		t.Fatal("the form has no span")
	}
	var got []string
	for _, line := range tree(spans, spans[i].SpanContext.TraceID().String()) {
		if !strings.Contains(line, "project ") && !strings.Contains(line, "handle ") {
			got = append(got, line)
		}
	}
	if diff := cmp.Diff([]string{"POST /clubs/new", "  clubs.Create", "    append"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFiguresWithoutADatabase(t *testing.T) {
	t.Parallel()
	tel, err := telemetry.New(telemetry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	pool := postgrestest.New(t)
	store, err := eventstore.Open(t.Context(), pool, eventstore.NewRegistry(), eventstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	tel.Watch(telemetry.Sources{Store: store})
	if up := scrape(t, tel)["segmentchallenge_database_up"]; up != 1 {
		t.Errorf("with a database: %v", up)
	}
	pool.Close()
	figures := scrape(t, tel)
	if up, there := figures["segmentchallenge_database_up"]; !there || up != 0 || figures["go_goroutines"] <= 0 {
		t.Errorf("up %v, %v: %v", up, there, slices.Sorted(maps.Keys(figures)))
	}
}

// A WebSocket gets through, is counted while it is open, and doesn't count as a slow request.
func TestFiguresOfWatchers(t *testing.T) {
	t.Parallel()
	tel, err := telemetry.New(telemetry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	open := make(chan struct{})
	router := routerOf(tel, "/live/{board}", func(w http.ResponseWriter, r *http.Request) {
		socket, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		<-open
		_ = socket.CloseNow()
	})
	answered := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(answered)
		router.ServeHTTP(w, r)
	}))
	defer server.Close()
	socket, _, err := websocket.Dial(t.Context(), server.URL+"/live/7", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := scrape(t, tel)["segmentchallenge_http_requests_in_flight"]; got != 1 {
		t.Errorf("%v in flight", got)
	}
	close(open)
	_, _, _ = socket.Read(t.Context()) // until the end
	<-answered
	figures := scrape(t, tel)
	if got := figures["segmentchallenge_http_requests_total{method=GET,route=/live/{board},status=101}"]; got != 1 || figures["segmentchallenge_http_requests_in_flight"] != 0 {
		t.Errorf("%v sockets: %v", got, figures)
	}
	if _, timed := figures["segmentchallenge_http_request_seconds{method=GET,route=/live/{board}}"]; timed {
		t.Error("a socket counts as a slow request")
	}
}

// What strangers send makes neither new figures nor our traces theirs.
func TestStrangersDoNotDecide(t *testing.T) {
	t.Parallel()
	tel, kept := traced(t)
	handler := routerOf(tel, "/a", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	r := httptest.NewRequest("BREW", "/a", nil)
	r.Header.Set("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	handler.ServeHTTP(httptest.NewRecorder(), r)
	s := kept.GetSpans()[0]
	if s.Parent.IsValid() || len(s.Links) != 1 || s.Links[0].SpanContext.TraceID().String() != "0af7651916cd43dd8448eb211c80319c" {
		t.Errorf("parent %v, links %v", s.Parent, s.Links)
	}
	if got := scrape(t, tel)["segmentchallenge_http_requests_total{method=other,route=unmatched,status=405}"]; got != 1 {
		t.Errorf("%v", scrape(t, tel))
	}
}

func TestFiguresOfJobs(t *testing.T) {
	t.Parallel()
	tel, err := telemetry.New(telemetry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var failure error
	tel.Watch(telemetry.Sources{Jobs: func(context.Context) ([]telemetry.Job, error) {
		return []telemetry.Job{{Name: "mails", State: "due", Count: 3}, {Name: "mails", State: "failed"}}, failure
	}})
	figures := scrape(t, tel)
	if failed, there := figures["segmentchallenge_jobs{job=mails,state=failed}"]; figures["segmentchallenge_jobs{job=mails,state=due}"] != 3 || !there || failed != 0 {
		t.Errorf("%v", figures)
	}
	failure = errors.New("no database")
	if figures := scrape(t, tel); figures["go_goroutines"] <= 0 {
		t.Errorf("without jobs: %v", figures)
	}
}

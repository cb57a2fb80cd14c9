package telemetry_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/audit"
	"segmentchallenge/internal/dispatch/dispatchtest"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/telemetry"
)

// traced gives telemetry that keeps all spans in memory.
func traced(t *testing.T) (*telemetry.Telemetry, *tracetest.InMemoryExporter) {
	t.Helper()
	kept := tracetest.NewInMemoryExporter()
	tel, err := telemetry.New(telemetry.Options{Exporter: kept})
	if err != nil {
		t.Fatal(err)
	}
	return tel, kept
}

// tree writes a trace as lines, each span below its parent.
func tree(spans tracetest.SpanStubs, trace string) (lines []string) {
	var below func(parent, indent string)
	below = func(parent, indent string) {
		var children tracetest.SpanStubs
		for _, s := range spans {
			if s.SpanContext.TraceID().String() == trace && s.Parent.SpanID().String() == parent {
				children = append(children, s)
			}
		}
		slices.SortFunc(children, func(a, b tracetest.SpanStub) int { return strings.Compare(a.Name, b.Name) })
		for _, s := range children {
			lines = append(lines, indent+s.Name)
			below(s.SpanContext.SpanID().String(), indent+"  ")
		}
	}
	below("0000000000000000", "")
	return lines
}

// One trace leads from a command over what follows from it to what follows from that, through the log and its
// subscriptions.
func TestTraceGoesOnOverThreeHops(t *testing.T) {
	t.Parallel()
	tel, kept := traced(t)
	n := dispatchtest.Start(t, dispatchtest.Options{Telemetry: tel})
	ana := n.Athlete(sport.Undisclosed)
	s := n.Season(n.Athlete(sport.Male), nil, dispatchtest.Days(1, 31))
	s.Host(dispatchtest.At(2, 0))
	s.Join(ana)
	n.Send(s.Effort(ana, 0, 4, 600))
	kept.Reset()
	result := n.Send(athletes.ChangeProfile{Head: athletes.Head{ID: ana.AthleteID, By: ana, Now: dispatchtest.At(5, 0)}, Profile: athletes.Profile{
		FirstName: "Ana", LastName: "Smet", Gender: sport.Female, Units: sport.Metric, TimeZone: "UTC", Visibility: athletes.Everyone}})

	n.Catch(append(n.ReadModels(), "processes")...)
	spans := kept.GetSpans()
	i := slices.IndexFunc(spans, func(s tracetest.SpanStub) bool { return s.Name == "athletes.ChangeProfile" })
	if i < 0 {
		t.Fatal("the command has no span")
	}
	var got []string
	for _, line := range tree(spans, spans[i].SpanContext.TraceID().String()) {
		if !strings.Contains(line, "project ") { // which read models there are, and how their batches fall, is not the point
			got = append(got, line)
		}
	}
	want := []string{
		"athletes.ChangeProfile",
		"  append",
		"  handle processes",
		"    competitors.Reclassify",
		"      append",
		"      handle processes",
		"        stageboard.Place",
		"          append",
	}
	if len(got) < len(want) || cmp.Diff(want, got[:len(want)]) != "" {
		t.Errorf("(-want +got):\n%s", cmp.Diff(want, got))
	}
	if !slices.ContainsFunc(spans, func(s tracetest.SpanStub) bool {
		return s.Name == "project leaderboards" && s.SpanContext.TraceID() == spans[i].SpanContext.TraceID()
	}) {
		t.Error("the board that changed has no span in it")
	}
	// The same chain in the log: one correlation id, and each event says what caused it.
	first, found, err := n.Store.EventByID(n.Soon(), lastCause(t, n, result.CorrelationID))
	if err != nil || !found || first.Type != (athletes.ProfileChanged{}).EventType() || !strings.Contains(string(first.Metadata), "traceparent") {
		t.Errorf("%+v, %v", first, err)
	}
}

// lastCause goes back from the last event of a chain to the first.
func lastCause(t *testing.T, n *dispatchtest.Node, correlation uuid.UUID) uuid.UUID {
	t.Helper()
	var last eventstore.Recorded
	for rec, err := range n.Store.ReadAll(n.Soon(), eventstore.ReadOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		if rec.CorrelationID == correlation {
			last = rec
		}
	}
	hops := 0
	for last.CausationID != uuid.Nil {
		cause, found, err := n.Store.EventByID(n.Soon(), last.CausationID)
		if err != nil || !found || cause.CorrelationID != correlation {
			t.Fatalf("the cause of %s is not in the chain: %v", last.Type, err)
		}
		last = cause
		hops++
	}
	if hops < 2 {
		t.Errorf("%d hops", hops)
	}
	return last.ID
}

// A command that is refused is no error of a trace; one that fails is. Without traces, metadata stays empty.
func TestSpansOfCommands(t *testing.T) {
	t.Parallel()
	tel, kept := traced(t)
	for _, outcome := range audit.Outcomes {
		meta := eventstore.Meta{Extra: map[string]string{"from": "a form"}}
		shared := meta.Extra
		_, done := tel.Command(t.Context(), "x.Y", &meta)
		if len(shared) != 1 || meta.Extra["from"] != "a form" || len(meta.Extra["traceparent"]) != 55 {
			t.Errorf("metadata %v, the caller's %v", meta.Extra, shared)
		}
		done(audit.Entry{Outcome: outcome, Detail: "words"})
	}
	var errs []string
	for _, s := range kept.GetSpans() {
		if s.Status.Code == codes.Error {
			for _, a := range s.Attributes {
				if a.Key == "outcome" {
					errs = append(errs, a.Value.AsString())
				}
			}
		}
	}
	if want := []string{"unregistered", "conflicted", "panicked", "timed_out", "failed"}; !slices.Equal(errs, want) {
		t.Errorf("errors: %v, want %v", errs, want)
	}
	quiet, err := telemetry.New(telemetry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var meta eventstore.Meta
	_, done := quiet.Command(t.Context(), "x.Y", &meta)
	done(audit.Entry{})
	if meta.Extra != nil {
		t.Errorf("metadata without traces: %v", meta.Extra)
	}
}

// A batch with events of several traces is a trace of its own, linked to them; events without a trace make none.
func TestProjectionsAreLinked(t *testing.T) {
	t.Parallel()
	tel, kept := traced(t)
	project := tel.Observer().Project
	const one, other = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203332-01"
	event := func(metadata string) eventstore.Recorded { return eventstore.Recorded{Metadata: []byte(metadata)} }
	for _, batch := range [][]eventstore.Recorded{
		{event(""), event(`{"a": 1}`), event(`{"traceparent": 7}`), event(`{"traceparent": "nonsense"}`), event(`{"traceparent`)},
		{event(`{"traceparent": "` + one + `"}`), event(``), event(`{"traceparent": "` + one + `", "other": [1]}`)},
		{event(`{"traceparent": "` + one + `"}`), event(`{"traceparent": "` + other + `"}`), event(`{"traceparent": "` + other + `"}`)},
	} {
		_, done := project(t.Context(), "boards", batch)
		done(nil)
	}
	spans := kept.GetSpans()
	if len(spans) != 2 {
		t.Fatalf("%d spans, want 2", len(spans))
	}
	if s := spans[0]; s.Parent.SpanID().String() != "b7ad6b7169203331" || len(s.Links) != 0 {
		t.Errorf("of one trace: parent %v, links %v", s.Parent, s.Links)
	}
	if s := spans[1]; s.Parent.IsValid() || len(s.Links) != 2 {
		t.Errorf("of two traces: parent %v, links %v", s.Parent, s.Links)
	}
}

// Spans really arrive at a collector, also those of the last moment.
func TestTracesAreSent(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var names []string
	at := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var request collector.ExportTraceServiceRequest
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = proto.Unmarshal(body, &request)
		}
		if err != nil || r.URL.Path != "/v1/traces" {
			t.Errorf("%s: %v", r.URL, err)
		}
		mu.Lock()
		defer mu.Unlock()
		for _, resource := range request.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				for _, span := range scope.Spans {
					names = append(names, resource.Resource.Attributes[0].Value.GetStringValue()+" "+span.Name)
				}
			}
		}
	}))
	defer at.Close()
	tel, err := telemetry.New(telemetry.Options{Endpoint: at.URL, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	_, done := tel.Command(t.Context(), "x.Y", &eventstore.Meta{})
	done(audit.Entry{Outcome: audit.Done})
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := tel.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if want := []string{"segment-challenge x.Y"}; !slices.Equal(names, want) {
		t.Errorf("%v, want %v", names, want)
	}
}

func TestEndpointThatIsNone(t *testing.T) {
	t.Parallel()
	for _, endpoint := range []string{"localhost:4318", "ftp://x", "http://", "::"} {
		if _, err := telemetry.New(telemetry.Options{Endpoint: endpoint}); err == nil || !strings.Contains(err.Error(), "4318") {
			t.Errorf("%s: %v", endpoint, err)
		}
	}
}

// A share of the traces is whole, the others leave nothing in the log.
func TestShareOfTheTraces(t *testing.T) {
	t.Parallel()
	kept := tracetest.NewInMemoryExporter()
	tel, err := telemetry.New(telemetry.Options{Exporter: sdktrace.SpanExporter(kept), Ratio: 0.2})
	if err != nil {
		t.Fatal(err)
	}
	withTrace := 0
	for range 2000 {
		var meta eventstore.Meta
		_, done := tel.Command(t.Context(), "x.Y", &meta)
		done(audit.Entry{})
		if meta.Extra != nil {
			withTrace++
		}
	}
	if n := len(kept.GetSpans()); n != withTrace || n < 250 || n > 550 { // 400 ± 8 standard deviations
		t.Errorf("%d spans, %d events with their trace", n, withTrace)
	}
}

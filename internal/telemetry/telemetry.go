package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Options of Telemetry. The zero value has figures and no traces.
type Options struct {
	Endpoint string                // of a collector of traces, such as http://localhost:4318; empty: none
	Ratio    float64               // of the traces to be sent, chosen by chance; 0: all
	Exporter sdktrace.SpanExporter // gets the spans instead of an Endpoint, each at once
	Log      *slog.Logger          // nil: slog.Default
}

// Telemetry counts and traces. It is safe for concurrent use.
type Telemetry struct {
	registry *prometheus.Registry
	metrics
	tracer   trace.Tracer // nil: there are no traces
	provider *sdktrace.TracerProvider
	log      *slog.Logger
}

// New makes the figures, and the way for traces if there is somewhere to send them. Nothing is sent yet.
func New(o Options) (*Telemetry, error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	t := &Telemetry{registry: prometheus.NewRegistry(), metrics: newMetrics(), log: o.Log}
	t.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	t.registry.MustRegister(t.all()...)
	provider, err := newProvider(o)
	if err != nil {
		return nil, fmt.Errorf("traces can't be sent: %w", err)
	}
	if provider != nil {
		t.provider, t.tracer = provider, provider.Tracer("segmentchallenge")
	}
	return t, nil
}

// Handler gives the figures to Prometheus. They tell how busy the site is, so not everybody should get at them.
func (t *Telemetry) Handler() http.Handler {
	return promhttp.HandlerFor(t.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, Timeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(t.log.Handler(), slog.LevelDebug)})
}

// Run sends traces until ctx is done, and then those that are left.
func (t *Telemetry) Run(ctx context.Context) error {
	<-ctx.Done()
	if t.provider == nil {
		return nil
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := t.provider.Shutdown(last); err != nil {
		t.log.Warn("the last traces couldn't be sent", "error", err)
	}
	return nil
}

package main

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"segmentchallenge/internal/eventstore"
)

// readyLag is how far a read model may be behind the log on a node that takes traffic.
const readyLag = 30 * time.Second

// health adds what machines ask: alive, ready, figures.
func (a *App) health(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", a.ready)
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		&lagCollector{a.store})
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
}

// ready says whether the database answers and the read models keep up.
func (a *App) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	answer := struct {
		Ready    bool   `json:"ready"`
		Database string `json:"database"`
		Behind   []lag  `json:"behind,omitempty"`
	}{Ready: true, Database: "ok"}
	all, err := a.store.Checkpoints(ctx)
	if err != nil {
		answer.Ready, answer.Database = false, "not reachable"
	}
	for _, c := range all {
		if behind := time.Duration(c.LagSeconds * float64(time.Second)); behind > readyLag {
			answer.Ready = false
			answer.Behind = append(answer.Behind, lag{c.Name, c.Head - c.Position, c.LagSeconds})
		}
	}
	w.Header().Set("Content-Type", "application/json")
	if !answer.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(answer) // whoever asked may have gone
}

type lag struct {
	Name    string  `json:"name"`
	Events  int64   `json:"events"`
	Seconds float64 `json:"seconds"`
}

// lagCollector reads where subscriptions stand when Prometheus asks.
type lagCollector struct{ store *eventstore.Store }

var (
	headDesc = prometheus.NewDesc("segmentchallenge_log_position", "Position of the newest event.", nil, nil)
	lagDesc  = prometheus.NewDesc("segmentchallenge_subscription_lag_events", "Events that a subscription has still to handle.", []string{"name"}, nil)
	lateDesc = prometheus.NewDesc("segmentchallenge_subscription_lag_seconds", "Age of the oldest event that a subscription has still to handle.", []string{"name"}, nil)
)

func (c *lagCollector) Describe(out chan<- *prometheus.Desc) {
	out <- headDesc
	out <- lagDesc
	out <- lateDesc
}

func (c *lagCollector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	all, err := c.store.Checkpoints(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(headDesc, err)
		return
	}
	for i, p := range all {
		if i == 0 {
			out <- prometheus.MustNewConstMetric(headDesc, prometheus.GaugeValue, float64(p.Head))
		}
		out <- prometheus.MustNewConstMetric(lagDesc, prometheus.GaugeValue, float64(p.Head-p.Position), p.Name)
		out <- prometheus.MustNewConstMetric(lateDesc, prometheus.GaugeValue, p.LagSeconds, p.Name)
	}
}

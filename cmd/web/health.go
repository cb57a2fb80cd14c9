package main

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// readyLag is how far a read model may be behind the log on a node that takes traffic.
const readyLag = 30 * time.Second

// health adds what machines ask: alive, ready, figures.
func (a *App) health(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", a.ready)
	if a.figures == nil {
		mux.Handle("GET /metrics", a.onlyHere(a.telemetry.Handler()))
	}
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

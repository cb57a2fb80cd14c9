package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"

	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/telemetry"
)

// openTelemetry begins to count, and to trace if somebody wants that.
func (a *App) openTelemetry(listen bool) (err error) {
	endpoint := a.config.OTLPEndpoint
	if a.config.TraceRatio <= 0 {
		endpoint = ""
	}
	a.telemetry, err = telemetry.New(telemetry.Options{Endpoint: endpoint, Ratio: a.config.TraceRatio, Log: a.log})
	if err != nil || !listen || a.config.MetricsAddr == "" {
		return err
	}
	if a.figures, err = net.Listen("tcp", a.config.MetricsAddr); err != nil {
		return fmt.Errorf("the address %s can't be listened on: %w; choose another with --metrics-addr", a.config.MetricsAddr, err)
	}
	return nil
}

// serveFigures gives Prometheus its figures at an address of their own.
func (a *App) serveFigures(ctx context.Context) error {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", a.telemetry.Handler())
	a.log.Info("figures are given", "address", "http://"+a.figures.Addr().String()+"/metrics")
	return a.serveHTTP(ctx, a.figures, mux)
}

// jobs counts what waits to be done, and what was given up.
func (a *App) jobs(ctx context.Context) ([]telemetry.Job, error) {
	rows, err := a.db.pool.Query(ctx, `
		select 'timers' as name, 'due' as state, count(*) as count from process_timers where due <= now()
		union all select 'commands', 'waiting', count(*) from process_outbox where not parked
		union all select 'commands', 'parked', count(*) from process_outbox where parked
		union all select 'mails', 'due', count(*) from notices where state = 'waiting' and due_at <= now()
		union all select 'mails', 'failed', count(*) from notices where state = 'failed'`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[telemetry.Job])
}

// onlyHere is for figures at the site's own address: they tell how busy it is, so they are for programs on this machine,
// as long as the site itself is for this machine only. A site with a public address may have a proxy on this machine in
// front of it, and everybody would look like a neighbour then.
func (a *App) onlyHere(figures http.Handler) http.Handler {
	public := !isLoopback(hostName(a.baseURL()))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, _, err := net.SplitHostPort(r.RemoteAddr)
		forwarded := r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("Forwarded") != ""
		if public || forwarded || err != nil || !isLoopback(caller) {
			http.Error(w, "Figures are given at --metrics-addr only, if that is set.", http.StatusForbidden)
			return
		}
		figures.ServeHTTP(w, r)
	})
}

func hostName(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.Unmap().WithZone("").IsLoopback()
}

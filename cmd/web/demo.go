package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"time"

	"segmentchallenge/internal/demo"
)

type demoCmd struct{}

// Run serves a database of the demo's own: nobody's data is touched, nothing is mailed to the riders' invented addresses.
func (demoCmd) Run(ctx context.Context, c *Config, out io.Writer) error {
	own := *c
	own.DatabaseURL, own.SMTPURL, own.DataDir = "", "", filepath.Join(c.DataDir, "demo")
	if own.LogLevel == slog.LevelInfo { // a line for each request would push the address out of sight
		own.LogLevel = slog.LevelWarn
	}
	// The demo tells what was over before today, each at its time: the clock isn't to be faster and say that it was now.
	app, err := open(ctx, &own, openOptions{listen: true, clockLags: 10 * time.Second})
	if err != nil {
		return err
	}
	defer app.Close()
	d, err := demo.New(demo.Options{Store: app.store, Dispatch: app.dispatch, Pool: app.db.pool, Accounts: app.accounts,
		Address: "http://" + reachable(app.listener.Addr()), Site: app.baseURL(), Mailbox: app.mailbox != nil,
		Folder: filepath.Join(own.DataDir, "rides"), Out: out, Log: app.log})
	if err != nil {
		return err
	}
	return app.Serve(ctx, out, d.Run)
}

// reachable is where a listener can be called from this machine: one that listens on all addresses has none itself.
func reachable(listening net.Addr) string {
	host, port, err := net.SplitHostPort(listening.String())
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return net.JoinHostPort("localhost", port)
	}
	return listening.String()
}

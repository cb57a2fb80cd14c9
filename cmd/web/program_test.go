package main

import (
	"context"
	"io"
	"log/slog"
	"testing"

	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/web/webtest"
)

// program is the program as it's served, all of it, on a database of its own, with the helpers of webtest to fill it.
type program struct {
	*webtest.Site
	app *App
}

// serve runs the program until the test ends.
func serve(t testing.TB) program {
	t.Helper()
	app, err := open(t.Context(), &Config{DatabaseURL: postgrestest.NewURL(t), Addr: "127.0.0.1:0", SiteName: "Segment Challenge",
		LogLevel: slog.LevelWarn}, openOptions{listen: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- app.Serve(ctx, io.Discard) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the program ended with: %v", err)
		}
		app.Close()
	})
	return program{webtest.Over(t, webtest.Site{Pool: app.db.pool, Store: app.store, Dispatch: app.dispatch, Importer: app.importer,
		Accounts: app.accounts, Mailbox: *app.mailbox, URL: app.baseURL(), Clockwork: app.clock}), app}
}

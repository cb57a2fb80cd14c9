// Gallery shows every part with made-up values, so that the look can be judged without a database:
//
//	go run ./web/templates/gallery            then open http://127.0.0.1:8099
//	go run ./web/templates/gallery -addr :0   on any free port
//
// Its board changes every few seconds, over the same kind of socket as the real ones.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8099", "address to listen on")
	every := flag.Duration("every", 3*time.Second, "how often the board changes")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *addr, *every); err != nil {
		slog.Error("gallery", "error", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, addr string, every time.Duration) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	g := newGallery(time.Now())
	server := &http.Server{Handler: g.handler(), ReadHeaderTimeout: 5 * time.Second}
	go g.changeEvery(ctx, every)
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	fmt.Printf("The gallery is at http://%s\n", listener.Addr())
	if err := server.Serve(listener); err != http.ErrServerClosed {
		return err
	}
	return nil
}

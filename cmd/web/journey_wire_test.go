package main

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// wire stands between a browser and the program, and can be cut: what is open breaks, and nothing new gets through.
type wire struct {
	URL    string
	target string

	mu   sync.Mutex
	cut  bool
	open map[net.Conn]struct{}
	work sync.WaitGroup
}

func newWire(t testing.TB, site string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{URL: "http://" + l.Addr().String(), target: strings.TrimPrefix(site, "http://"), open: map[net.Conn]struct{}{}}
	w.work.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			w.work.Go(func() { w.carry(near) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		w.Cut(true)
		w.work.Wait()
	})
	return w
}

// Cut breaks the wire, or mends it.
func (w *wire) Cut(yes bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = yes
	for conn := range w.open {
		if yes {
			conn.Close()
		}
	}
}

// hold takes connections down for Cut; false while the wire is cut.
func (w *wire) hold(conn net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open[conn] = struct{}{}
	return !w.cut
}

func (w *wire) drop(conn net.Conn) {
	conn.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.open, conn)
}

func (w *wire) carry(near net.Conn) {
	defer w.drop(near)
	if !w.hold(near) {
		return
	}
	far, err := net.Dial("tcp", w.target)
	if err != nil {
		return
	}
	defer w.drop(far)
	if !w.hold(far) {
		return
	}
	back := make(chan struct{})
	go func() {
		defer close(back)
		_, _ = io.Copy(near, far) // ends when either end does
		near.Close()
	}()
	_, _ = io.Copy(far, near)
	far.Close()
	<-back
}

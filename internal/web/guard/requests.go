package guard

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/google/uuid"
)

type requestKey struct{}

// RequestID is the number of the request that ctx belongs to; "" outside of one.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// numbered gives each request a number of our own: one that a caller chose could be made to look like another's.
func numbered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := uuid.Must(uuid.NewV7()).String()
		w.Header().Set("X-Request-Id", id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestKey{}, id)))
	})
}

// logged writes a line for each request. The query isn't written, because tokens of sign-in links and searches are there;
// neither are headers and bodies.
func (g *Guard) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		answer := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		defer func() {
			g.Log.LogAttrs(r.Context(), level(r, answer.Status()), "request",
				slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Int("status", answer.Status()),
				slog.Int("bytes", answer.BytesWritten()), slog.Duration("took", time.Since(start).Round(time.Microsecond)),
				slog.String("ip", middleware.GetClientIP(r.Context())), slog.String("request", RequestID(r.Context())))
		}()
		next.ServeHTTP(answer, r)
	})
}

// level keeps what works quiet and lets faults be seen.
func level(r *http.Request, status int) slog.Level {
	switch {
	case status >= 500 && r.Context().Err() == nil: // else the caller has gone, and the work was broken off
		return slog.LevelError
	case strings.HasPrefix(r.URL.Path, "/static/"):
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

// rescued turns a panic into an error page; the program goes on, and the log has the stack.
func (g *Guard) rescued(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			caught := recover()
			if caught == nil {
				return
			}
			if err, ok := caught.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(caught) // the agreed way to break a connection off
			}
			g.Log.ErrorContext(r.Context(), "handler panicked", "method", r.Method, "path", r.URL.Path,
				"panic", fmt.Sprint(caught), "request", RequestID(r.Context()), "stack", string(debug.Stack()))
			if answer, ok := w.(middleware.WrapResponseWriter); ok && answer.Status() != 0 {
				panic(http.ErrAbortHandler) // half an answer has left: a broken one must not look whole
			}
			g.Broken(w, r)
		}()
		next.ServeHTTP(w, r)
	})
}

package telemetry

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Middleware notes each request by its route's pattern, such as /challenges/{slug}: within chi's router, in front of
// everything else. Addresses that no route has are "unmatched", so that guessing makes no new figures.
func (t *Telemetry) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		t.inFlight.Inc()
		defer t.inFlight.Dec()
		method := methodOf(r)
		ctx, span := t.request(r, method)
		answer := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		defer func() {
			route, status := routeOf(r), statusOf(answer, r)
			t.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
			if status != http.StatusSwitchingProtocols { // that lasts as long as somebody watches
				t.requestTime.WithLabelValues(method, route).Observe(time.Since(start).Seconds())
			}
			if span != nil {
				span.SetName(method + " " + route)
				span.SetAttributes(attribute.String("http.route", route), attribute.Int("http.response.status_code", status))
				if status >= http.StatusInternalServerError {
					span.SetStatus(codes.Error, http.StatusText(status))
				}
				span.End()
			}
		}()
		next.ServeHTTP(answer, r.WithContext(ctx))
	})
}

// request begins the span of a request, a trace of its own.
func (t *Telemetry) request(r *http.Request, method string) (context.Context, trace.Span) {
	if t.tracer == nil {
		return r.Context(), nil
	}
	options := []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(attribute.String("http.request.method", method))}
	from := propagation.TraceContext{}.Extract(context.Background(), propagation.HeaderCarrier(r.Header))
	if caller := trace.SpanContextFromContext(from); caller.IsValid() {
		options = append(options, trace.WithLinks(trace.Link{SpanContext: caller}))
	}
	return t.tracer.Start(r.Context(), method, options...)
}

func methodOf(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	}
	return "other"
}

// apiPrefix is twice in the patterns of the API, which is a router of its own within ours and knows its whole path.
const apiPrefix = "/api/v1"

// routeOf is the pattern that answered, known once it has.
func routeOf(r *http.Request) string {
	pattern := chi.RouteContext(r.Context()).RoutePattern()
	if rest, twice := strings.CutPrefix(pattern, apiPrefix+apiPrefix); twice {
		pattern = apiPrefix + rest
	}
	if pattern == "" || pattern == "/*" {
		return "unmatched"
	}
	return pattern
}

// statusOf is what was answered. A connection that was taken over for a WebSocket has none.
func statusOf(w middleware.WrapResponseWriter, r *http.Request) int {
	switch status := w.Status(); {
	case status != 0:
		return status
	case strings.EqualFold(r.Header.Get("Upgrade"), "websocket"):
		return http.StatusSwitchingProtocols
	}
	return http.StatusOK
}

package telemetry_test

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"segmentchallenge/internal/telemetry"
)

// routerOf is a router with one route behind the middleware.
func routerOf(tel *telemetry.Telemetry, pattern string, handle http.HandlerFunc) http.Handler {
	r := chi.NewRouter()
	r.Use(tel.Middleware)
	r.Get(pattern, handle)
	return r
}

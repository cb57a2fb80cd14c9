package web

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"segmentchallenge/internal/refusal"
)

// routes is THE list of addresses. Handlers are named after what they show or do.
func (s *Server) routes() http.Handler {
	r := chi.NewRouter()
	s.middleware(r)
	nowhere := s.page(func(http.ResponseWriter, *http.Request) error {
		return refusal.Of(refusal.NotFound, "page_not_found", "There is no page at this address.")
	})
	r.NotFound(s.Accounts.Middleware(nowhere).ServeHTTP) // the error page, too, has a head that says who looks
	r.Group(func(r chi.Router) {
		r.Use(s.Accounts.Middleware)
		s.publicRoutes(r)
		s.accountRoutes(r)
		s.athleteRoutes(r)
		s.organiserRoutes(r)
	})
	return r
}

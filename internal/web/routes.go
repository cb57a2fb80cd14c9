package web

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"segmentchallenge/internal/avatars"
	"segmentchallenge/internal/notify"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/web/static"
)

// routes is THE list of addresses. Handlers are named after what they show or do.
func (s *Server) routes() http.Handler {
	r := chi.NewRouter()
	s.middleware(r)
	nowhere := s.page(func(http.ResponseWriter, *http.Request) error {
		return refusal.Of(refusal.NotFound, "page_not_found", "There is no page at this address.")
	})
	r.NotFound(s.Accounts.Middleware(nowhere).ServeHTTP) // the error page, too, has a head that says who looks
	r.Handle("/static/*", static.Handler())
	r.Get(avatars.Path+"{hash}/{edge}", s.showAvatar)
	r.Handle("/live/*", s.Live)
	r.Handle("/api/v1/live/*", s.Live)
	r.Handle("/api/v1/*", s.API)
	if s.Mailbox != nil {
		r.Handle(notify.MailboxPath, s.Mailbox)
		r.Handle(notify.MailboxPath+"/*", s.Mailbox)
	}
	r.Group(func(r chi.Router) {
		r.Use(s.positioned, s.Accounts.Middleware)
		s.publicRoutes(r)
		s.accountRoutes(r)
		s.mailRoutes(r)
		s.zoneRoutes(r)
		s.tvRoutes(r)
		s.athleteRoutes(r)
		s.organiserRoutes(r)
		s.wizardRoutes(r)
		s.adminRoutes(r)
	})
	return r
}

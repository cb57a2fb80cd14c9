package web

import (
	"fmt"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"segmentchallenge/internal/web/guard"
)

// middleware is what every request passes, in the order that package guard gives it.
func (s *Server) middleware(r chi.Router) {
	if s.Observe != nil {
		r.Use(s.Observe)
	}
	if s.Guard == nil {
		g, err := guard.New(guard.Options{BaseURL: s.BaseURL, Log: s.Log})
		if err != nil {
			panic(fmt.Sprintf("web: %v", err)) // a wrong setting: whoever has settings to check hands over a Guard
		}
		s.Guard = g
	}
	s.Guard.Use(r)
}

// signInLimit is for forms that send mail or try secrets: ten a minute from one address, which a whole club house behind one
// router stays under, and a guesser doesn't.
func (s *Server) signInLimit() func(http.Handler) http.Handler {
	return s.Guard.Limit(10, time.Minute, nil)
}

// uploadLimit is for files, whose reading costs: two a second for each athlete, so that a season's rides still come in.
func (s *Server) uploadLimit() func(http.Handler) http.Handler {
	return s.Guard.Limit(120, time.Minute, func(r *http.Request) string {
		if by := viewer(r); by.SignedIn() {
			return by.AthleteID.String()
		}
		return guard.ByAddress(r)
	})
}

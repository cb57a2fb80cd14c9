package web

import "github.com/go-chi/chi/v5"

// athleteRoutes are what signed-in athletes send: rides, joining and leaving, stars, their settings.
func (s *Server) athleteRoutes(chi.Router) {}

package web

import "github.com/go-chi/chi/v5"

// publicRoutes are the pages that are read; what is sent to them is in athleteRoutes and organiserRoutes.
func (s *Server) publicRoutes(chi.Router) {}

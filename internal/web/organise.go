package web

import "github.com/go-chi/chi/v5"

// organiserRoutes are the forms of those who run clubs, segments and challenges.
func (s *Server) organiserRoutes(chi.Router) {}

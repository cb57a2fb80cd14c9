package web

import "net/http"

// RoutesOf is what the site's addresses lead to.
func RoutesOf(s *Server) http.Handler { return s.handler }

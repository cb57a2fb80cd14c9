package web

import (
	"net/http"

	"github.com/a-h/templ"

	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
)

// apiPage leads programmers to the API's description.
func (s *Server) apiPage(w http.ResponseWriter, r *http.Request) error {
	head := layout.Page{Title: "API", Canonical: s.BaseURL + "/api", Narrow: true, Description: "The JSON API of Segment Challenge, with its OpenAPI document."}
	return s.render(w, r, http.StatusOK, head, func(p layout.Page) templ.Component { return pages.API(p, s.BaseURL) })
}

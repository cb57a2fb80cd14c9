package web

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"segmentchallenge/internal/auth"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/web/guard"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/ui"
)

var errorTitles = map[int]string{
	http.StatusForbidden: "That isn't yours to do", http.StatusNotFound: "Nothing here", http.StatusGone: "Gone", http.StatusConflict: "Somebody was faster",
	http.StatusRequestEntityTooLarge: "Too large", http.StatusBadRequest: "That can't be read",
	http.StatusUnprocessableEntity: "That doesn't go",
}

// fail answers what went wrong: a refusal in its own words, everything else as our fault, logged and not told.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	view := pages.ErrorView{Status: http.StatusInternalServerError, Title: "Something broke on our side",
		Text: "It has been written down. What you sent may not have been saved: go back, and try again in a moment."}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		s.Guard.TooLarge(w, r)
		return
	}
	if said := refusal.All(err); said != nil {
		view.Status, view.Text = said[0].Kind.Status(), said[0].Detail
		view.Title = errorTitles[view.Status]
	} else if r.Context().Err() == nil {
		view.RequestID = guard.RequestID(r.Context())
		s.Log.ErrorContext(r.Context(), "page failed", "method", r.Method, "path", r.URL.Path, "error", err, "request", view.RequestID)
	}
	view.Back = formPage(r)
	s.errorPage(w, r, view)
}

// formPage is the page of ours that a form was on; "" where there is none, or it's the one that is asked for.
func formPage(r *http.Request) string {
	from, err := url.Parse(r.Referer())
	if r.Method != http.MethodPost || err != nil || from.Host != r.Host || from.Path == "" || from.Path == r.URL.Path {
		return ""
	}
	return auth.SafeNext(from.RequestURI())
}

func (s *Server) errorPage(w http.ResponseWriter, r *http.Request, view pages.ErrorView) {
	err := s.render(w, r, view.Status, layout.Page{Title: view.Title, NoIndex: true, Narrow: true},
		func(p layout.Page) templ.Component { return pages.Error(p, view) })
	if err != nil { // the database is away: the plain words must do
		http.Error(w, view.Title+". "+view.Text, view.Status)
	}
}

// problems are the refusals of a form, by field; the key "" has those that concern the whole.
type problems map[string]string

// problemsOf sorts err by field. ok is false when err isn't (only) a refusal: then it is for fail.
func problemsOf(err error) (p problems, ok bool) {
	said := refusal.All(err)
	for _, e := range said {
		if e.Kind == refusal.Forbidden || e.Kind == refusal.NotFound || e.Kind == refusal.Gone {
			return nil, false
		}
		if p == nil {
			p = problems{}
		}
		if p[e.Field] == "" {
			p[e.Field] = e.Detail
		}
	}
	return p, p != nil
}

// summary lists the problems for the box above a form.
func (p problems) summary(order ...string) []ui.FieldError {
	var out []ui.FieldError
	for _, field := range append([]string{""}, order...) {
		if words := p[field]; words != "" {
			out = append(out, ui.FieldError{Name: field, Text: words})
		}
	}
	return out
}

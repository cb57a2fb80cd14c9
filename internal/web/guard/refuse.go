package guard

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
)

// Refusal is a no before a page could say it.
type Refusal struct {
	Status      int
	Code        string // stable, for programs
	Title, Text string
}

// Refuse answers with an error page, or with a problem for programs: under /api/, or where HTML isn't asked for.
func (g *Guard) Refuse(w http.ResponseWriter, r *http.Request, no Refusal) {
	if strings.HasPrefix(r.URL.Path, "/api/") || wantsJSON(r) {
		problem(w, r, no)
		return
	}
	view := pages.ErrorView{Status: no.Status, Title: no.Title, Text: no.Text}
	if no.Status >= 500 {
		view.RequestID = RequestID(r.Context())
	}
	var body bytes.Buffer
	if err := pages.Error(Head(r, no.Title), view).Render(r.Context(), &body); err != nil {
		http.Error(w, no.Title+". "+no.Text, no.Status)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(no.Status)
	_, _ = body.WriteTo(w) // a reader who has gone is no error of ours
}

// Broken answers 500 without telling what broke.
func (g *Guard) Broken(w http.ResponseWriter, r *http.Request) {
	g.Refuse(w, r, Refusal{Status: http.StatusInternalServerError, Code: "internal_error", Title: "Something broke on our side",
		Text: "It has been written down. What you sent may not have been saved: go back, and try again in a moment."})
}

// Head is of a page for nobody in particular: who asks isn't known here yet.
func Head(r *http.Request, title string) layout.Page {
	p := layout.Page{Title: title, Path: r.URL.Path, NoIndex: true}
	if c, err := r.Cookie("theme"); err == nil && (c.Value == "light" || c.Value == "dark") {
		p.Theme = c.Value
	}
	return p
}

func wantsJSON(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "json") && !strings.Contains(accept, "text/html")
}

// problem is an answer by RFC 9457, in the shape that the whole API has.
func problem(w http.ResponseWriter, r *http.Request, no Refusal) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(no.Status)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"title": http.StatusText(no.Status), "status": no.Status, "code": no.Code, "detail": no.Text, "requestId": RequestID(r.Context()),
	})
}

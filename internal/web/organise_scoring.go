package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
)

func scoringURL(c readmodel.Challenge) string { return organiseURL(c) + "/scoring" }

// scoringToEdit is the challenge of the address for who runs it, with its scheme: as it was declared, made complete.
func (s *Server) scoringToEdit(r *http.Request) (c readmodel.Challenge, scheme leaderboards.Scheme, err error) {
	who, err := s.reader(r)
	if err != nil {
		return c, scheme, err
	}
	if c, err = s.runChallenge(r, who); err != nil {
		return c, scheme, err
	}
	declared, err := readmodel.ScoringOf(r.Context(), s.Pool, c.ID)
	return c, schemeOf(declared, c), err
}

func schemeOf(declared leaderboards.Scheme, c readmodel.Challenge) leaderboards.Scheme {
	return declared.Or(c.Type, c.Goal != nil && c.Goal.Recurrence != sport.Once)
}

func scoringTerms(c readmodel.Challenge) leaderboards.Terms {
	return leaderboards.Terms{Type: c.Type, Categories: c.Categories, Goal: c.Goal != nil}
}

// scoringPage shows the scheme, or a template to start from; nothing is saved by that.
func (s *Server) scoringPage(w http.ResponseWriter, r *http.Request) error {
	c, scheme, err := s.scoringToEdit(r)
	if err != nil {
		return err
	}
	if name := r.URL.Query().Get("template"); name != "" {
		for _, t := range leaderboards.TemplatesFor(c.Type) {
			if t.Name == name {
				scheme.Template, scheme.Classifications = t.Name, t.Scheme.Classifications
			}
		}
	}
	return s.showScoring(w, r, http.StatusOK, c, scheme, nil)
}

// editScoring saves the scheme, or shows what the form comes to.
func (s *Server) editScoring(w http.ResponseWriter, r *http.Request) error {
	c, before, err := s.scoringToEdit(r)
	if err != nil {
		return err
	}
	read := schemeReader{form: formOf(r)}
	scheme := read.scheme(before)
	do, of, _ := strings.Cut(read.form.Get("do"), " ")
	switch n, _ := strconv.Atoi(of); {
	case do == "add":
		scheme.Classifications = append(scheme.Classifications, leaderboards.Classification{Name: "Another", By: leaderboards.ByPoints, Table: leaderboards.CountDown(10)})
		return s.showScoring(w, r, http.StatusOK, c, scheme, nil)
	case do == "remove" && n < len(scheme.Classifications):
		scheme.Classifications = slices.Delete(slices.Clone(scheme.Classifications), n, n+1)
		return s.showScoring(w, r, http.StatusOK, c, scheme, nil)
	}
	err = errors.Join(read.bad...)
	if err == nil {
		_, err = scheme.Cleaned(scoringTerms(c))
	}
	if err == nil && do == "save" {
		err = s.send(r.Context(), challenges.SetScoring{Head: challenges.Head{ID: c.ID, By: viewer(r), Now: now()}, Scheme: scheme, Reason: read.form.Get("reason")})
	}
	said, ok := problemsOf(err)
	switch {
	case err != nil && !ok:
		return err
	case err != nil:
		return s.showScoring(w, r, http.StatusUnprocessableEntity, c, scheme, said)
	case do == "save":
		return s.done(w, r, scoringURL(c), "Saved.")
	}
	return s.showScoring(w, r, http.StatusOK, c, scheme, nil)
}

// showScoring draws the form with what it comes to. What was typed and can't be read stays as it was typed.
func (s *Server) showScoring(w http.ResponseWriter, r *http.Request, status int, c readmodel.Challenge, scheme leaderboards.Scheme, said problems) error {
	v := scoringView(c, scheme, said)
	if said != nil {
		retype(&v, formOf(r))
	}
	if clean, err := scheme.Cleaned(scoringTerms(c)); err == nil && len(said) == 0 {
		clean = schemeOf(clean, c)
		v.Words, v.Example = clean.Words(), scoringExample(clean, c)
	}
	return s.render(w, r, status, layout.Page{Title: "Scoring of " + c.Name, NoIndex: true}, func(p layout.Page) templ.Component { return pages.Scoring(p, v) })
}

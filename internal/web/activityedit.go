package web

import (
	"net/http"

	"github.com/a-h/templ"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
)

// ownActivity is the activity of the address, for its athlete alone.
func (s *Server) ownActivity(r *http.Request) (readmodel.Activity, activities.Head, error) {
	by := viewer(r)
	id, err := pathID(r, readmodel.ErrNoActivity)
	if err != nil {
		return readmodel.Activity{}, activities.Head{}, err
	}
	a, err := readmodel.ActivityByID(r.Context(), s.Pool, by, id)
	if err == nil && !by.Is(a.AthleteID) && !by.Admin {
		err = activities.ErrNotYours
	}
	return a, activities.Head{ID: id, By: by, Now: now()}, err
}

func (s *Server) editActivityPage(w http.ResponseWriter, r *http.Request) error {
	a, _, err := s.ownActivity(r)
	if err != nil {
		return err
	}
	return s.showActivityEdit(w, r, http.StatusOK, a, pages.ActivityEditView{
		Form: pages.ActivityForm{Name: a.Name, Types: typeOptions(a.ActivityType, ""), Private: a.Private, Commute: a.Commute}})
}

func (s *Server) showActivityEdit(w http.ResponseWriter, r *http.Request, status int, a readmodel.Activity, v pages.ActivityEditView) error {
	v.Title, v.URL = a.Name, "/activities/"+a.ID.String()
	return s.render(w, r, status, layout.Page{Title: "Edit " + a.Name, NoIndex: true, Narrow: true},
		func(p layout.Page) templ.Component { return pages.ActivityEdit(p, v) })
}

func (s *Server) editActivity(w http.ResponseWriter, r *http.Request) error {
	a, head, err := s.ownActivity(r)
	if err != nil {
		return err
	}
	cmd := activities.Edit{Head: head, Name: r.PostFormValue("name"), Type: sport.ActivityType(r.PostFormValue("type")),
		Private: r.PostFormValue("private") != "", Commute: r.PostFormValue("commute") != ""}
	if err := s.sendAndMatch(r.Context(), cmd); err != nil {
		said, ok := problemsOf(err)
		if !ok {
			return err
		}
		return s.showActivityEdit(w, r, http.StatusUnprocessableEntity, a, pages.ActivityEditView{Errors: said.summary("name", "type"),
			Form: pages.ActivityForm{Name: cmd.Name, Types: typeOptions(cmd.Type, ""), Private: cmd.Private, Commute: cmd.Commute, Problems: said}})
	}
	return s.done(w, r, "/activities/"+a.ID.String(), "Saved.")
}

// deleteActivity can be asked for twice: the second finds nothing to do.
func (s *Server) deleteActivity(w http.ResponseWriter, r *http.Request) error {
	a, head, err := s.ownActivity(r)
	if err != nil {
		return err
	}
	if err := s.sendAndMatch(r.Context(), activities.Delete{Head: head}); err != nil {
		return err
	}
	return s.done(w, r, "/upload", "“"+a.Name+"” is deleted.")
}

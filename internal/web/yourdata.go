package web

import (
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/privacy"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
)

// confirmation is what has to be typed: a click alone closes no account.
const confirmation = "delete"

var errNotConfirmed = refusal.Field("confirm", "not_confirmed", "Type “"+confirmation+"” to confirm. Nothing has been deleted.")

// exportLimit is for reading everything about somebody.
func (s *Server) exportLimit() func(http.Handler) http.Handler {
	return s.Guard.Limit(6, time.Minute, func(r *http.Request) string { return viewer(r).AthleteID.String() })
}

// exportData sends the zip as it is made. What goes wrong on the way breaks the connection off: half a zip must not look whole.
func (s *Server) exportData(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", `attachment; filename="your-data.zip"`)
	w.Header().Set("Cache-Control", "no-store")
	exporter := privacy.Exporter{Store: s.Store, Pool: s.Pool, Accounts: s.Accounts}
	if err := exporter.Export(r.Context(), w, viewer(r).AthleteID); err != nil {
		if r.Context().Err() == nil {
			s.Log.ErrorContext(r.Context(), "an export broke off", "athlete", viewer(r).AthleteID, "error", err)
		}
		panic(http.ErrAbortHandler)
	}
	return nil
}

func (s *Server) deleteAccountPage(w http.ResponseWriter, r *http.Request) error {
	return s.showDeleteAccount(w, r, http.StatusOK, pages.DeleteAccountView{})
}

func (s *Server) showDeleteAccount(w http.ResponseWriter, r *http.Request, status int, v pages.DeleteAccountView) error {
	athlete, err := readmodel.AthleteByID(r.Context(), s.Pool, viewer(r).AthleteID)
	if err != nil {
		return err
	}
	if v.Email, err = s.Accounts.EmailOf(r.Context(), athlete.ID); err != nil {
		return err
	}
	v.Name, v.Word = athlete.Name, confirmation
	return s.render(w, r, status, layout.Page{Title: "Delete your account", NoIndex: true, Narrow: true},
		func(p layout.Page) templ.Component { return pages.DeleteAccount(p, v) })
}

// deleteAccount leads a visitor home: the session is gone with the account.
func (s *Server) deleteAccount(w http.ResponseWriter, r *http.Request) error {
	typed, by := r.PostFormValue("confirm"), viewer(r)
	if !strings.EqualFold(strings.Trim(typed, ` "“”'.`), confirmation) {
		said, _ := problemsOf(errNotConfirmed)
		return s.showDeleteAccount(w, r, http.StatusUnprocessableEntity,
			pages.DeleteAccountView{Typed: typed, Error: said["confirm"], Errors: said.summary("confirm")})
	}
	if err := s.send(r.Context(), athletes.Delete{Head: athletes.Head{ID: by.AthleteID, By: by, Now: now()}}); err != nil {
		return err
	}
	return s.done(w, r, "/", "Your account is deleted. Thank you for riding with us.")
}

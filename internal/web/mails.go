package web

import (
	"net/http"
	"slices"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/notify"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/ui"
)

// mailRoutes are the choice of e-mails: in the settings, and by the link in each mail.
func (s *Server) mailRoutes(r chi.Router) {
	r.Post("/settings/mails", s.member(s.chooseMails))
	r.Get(notify.UnsubscribePath+"{token}", s.page(s.unsubscribePage))
	r.Post(notify.UnsubscribePath+"{token}", s.page(s.unsubscribe))
}

// mailKinds goes on after "Write to me when".
var mailKinds = map[athletes.Notification]string{
	athletes.LostPlace:        "somebody takes your place in the points",
	athletes.StageStarted:     "a stage starts that you compete on",
	athletes.ResultsPublished: "the organiser has published results of yours",
	athletes.ApproveStage:     "a stage that you organise has ended and waits for your approval",
	athletes.HostChallenge:    "you have created a challenge and not hosted it within the hour",
}

// mailOptions are all kinds of mail, with those that are sent ticked.
func mailOptions(off []athletes.Notification) []ui.Option {
	var out []ui.Option
	for _, kind := range athletes.Notifications {
		out = append(out, ui.Option{Value: string(kind), Label: "… " + mailKinds[kind], Selected: !slices.Contains(off, kind)})
	}
	return out
}

func (s *Server) chooseMails(w http.ResponseWriter, r *http.Request) error {
	by := viewer(r)
	if err := r.ParseForm(); err != nil {
		return err
	}
	c := athletes.ChooseNotifications{Head: athletes.Head{ID: by.AthleteID, By: by, Now: now()}}
	for _, kind := range athletes.Notifications {
		if slices.Contains(r.PostForm["mails"], string(kind)) {
			c.On = append(c.On, kind)
		} else {
			c.Off = append(c.Off, kind)
		}
	}
	if err := s.send(r.Context(), c); err != nil {
		return err
	}
	return s.done(w, r, "/settings#mails", "Saved.")
}

// unsubscribing reads the link: whoever has it may choose the mails of the athlete that it was sent to.
func (s *Server) unsubscribing(r *http.Request) (uuid.UUID, athletes.Notification, error) {
	return notify.Unsubscriber{Pool: s.Pool}.Parse(r.Context(), chi.URLParam(r, "token"))
}

func (s *Server) unsubscribePage(w http.ResponseWriter, r *http.Request) error {
	athlete, kind, err := s.unsubscribing(r)
	if err != nil {
		return err
	}
	off, err := readmodel.NotificationsOff(r.Context(), s.Pool, athlete)
	if err != nil {
		return err
	}
	v := pages.UnsubscribeView{Kind: mailKinds[kind], On: !slices.Contains(off, kind), URL: r.URL.Path}
	v.Other = slices.ContainsFunc(athletes.Notifications, func(other athletes.Notification) bool {
		return other != kind && !slices.Contains(off, other)
	})
	return s.render(w, r, http.StatusOK, layout.Page{Title: "Your e-mails", NoIndex: true, Narrow: true},
		func(p layout.Page) templ.Component { return pages.Unsubscribe(p, v) })
}

// unsubscribe takes the page's buttons, and the one click of mail programs (RFC 8058), which says List-Unsubscribe=One-Click
// and wants no page.
func (s *Server) unsubscribe(w http.ResponseWriter, r *http.Request) error {
	athlete, kind, err := s.unsubscribing(r)
	if err != nil {
		return err
	}
	c := athletes.ChooseNotifications{Head: athletes.Head{ID: athlete, By: actor.Athlete(athlete), Now: now()}, Off: []athletes.Notification{kind}}
	switch r.PostFormValue("mails") {
	case "on":
		c.On, c.Off = c.Off, nil
	case "none":
		c.Off = athletes.Notifications
	}
	if err := s.send(r.Context(), c); err != nil {
		return err
	}
	if r.PostFormValue("List-Unsubscribe") != "" {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return s.done(w, r, r.URL.Path, "")
}

package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/avatars"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/process"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/ui"
)

// adminRoutes are for those who run the site.
func (s *Server) adminRoutes(r chi.Router) {
	r.Get("/admin", s.admin(s.adminPage))
	r.Get("/admin/events", s.admin(s.adminEventsPage))
	r.Get("/admin/events/{position}", s.admin(s.adminEventPage))
	r.Get("/admin/commands", s.admin(s.adminCommandsPage))
	r.Get("/admin/subscriptions", s.admin(s.adminSubscriptionsPage))
	r.Post("/admin/subscriptions/{name}/resume", s.admin(s.resumeSubscription))
	r.Get("/admin/parked", s.admin(s.adminParkedPage))
	r.Post("/admin/parked/{name}/replay", s.admin(s.replayParked))
	r.Post("/admin/parked/{name}/discard", s.admin(s.discardParked))
	r.Post("/admin/instances/{name}/replay", s.admin(s.replayInstance))
	r.Post("/admin/instances/{name}/discard", s.admin(s.discardInstance))
	r.Get("/admin/athletes", s.admin(s.adminAthletesPage))
	r.Post("/admin/athletes/{id}/{action}", s.admin(s.appointAdmin))
	r.Get("/admin/clubs", s.admin(s.adminClubsPage))
	r.Get("/admin/mails", s.admin(s.adminMailsPage))
	r.Post("/admin/mails/{id}/retry", s.admin(s.retryMail))
}

var (
	errAdminsOnly     = refusal.Of(refusal.Forbidden, "admins_only", "This page is for the administrators of the site.")
	errNoSubscription = refusal.Of(refusal.NotFound, "subscription_not_found", "There is no read model or worker of this name.")
)

// admin is member for administrators of the site.
func (s *Server) admin(h handler) http.HandlerFunc {
	return s.member(func(w http.ResponseWriter, r *http.Request) error {
		if !viewer(r).Admin {
			return errAdminsOnly
		}
		return h(w, r)
	})
}

func (s *Server) showAdmin(w http.ResponseWriter, r *http.Request, status int, title string, page func(layout.Page) templ.Component) error {
	return s.render(w, r, status, layout.Page{Title: title + " · Admin", NoIndex: true}, page)
}

// late is how old the oldest event that a subscription hasn't handled may become before somebody should look at it.
const late = 30 * time.Second

func (s *Server) adminPage(w http.ResponseWriter, r *http.Request) error {
	all, err := s.Store.Checkpoints(r.Context())
	if err != nil {
		return err
	}
	head, err := s.Store.Head(r.Context())
	if err != nil {
		return err
	}
	instances, err := process.ListParked(r.Context(), s.Pool)
	if err != nil {
		return err
	}
	v := pages.AdminView{Troubles: append(troublesOf(all), troublesOfInstances(instances)...)}
	counts, err := readmodel.CountSite(r.Context(), s.Pool)
	if err != nil {
		return err
	}
	mails, err := s.outbox().Counts(r.Context())
	if err != nil {
		return err
	}
	v.Stats = []ui.Stat{
		{Label: "Events", Value: format.Number(int(head)), Icon: "history"},
		{Label: "Athletes", Value: format.Number(counts.Athletes), Icon: "users"},
		{Label: "Clubs", Value: format.Number(counts.Clubs), Icon: "house"},
		{Label: "Challenges", Value: format.Number(counts.Challenges), Note: format.Number(counts.Running) + " running", Icon: "trophy"},
		{Label: "Activities", Value: format.Number(counts.Activities), Icon: "activity"},
		{Label: "Mails waiting", Value: format.Number(mails["waiting"]), Note: format.Number(mails["failed"]) + " failed", Icon: "mail"},
	}
	return s.showAdmin(w, r, http.StatusOK, "Overview", func(p layout.Page) templ.Component { return pages.Admin(p, v) })
}

// troublesOf says what an administrator should look at.
func troublesOf(all []eventstore.Checkpoint) []pages.AdminTrouble {
	var out []pages.AdminTrouble
	for _, c := range all {
		switch {
		case c.State != eventstore.StateRunning:
			out = append(out, pages.AdminTrouble{Title: c.Name + " is " + c.State, Text: c.Error, URL: "/admin/subscriptions"})
		case behind(c) > late:
			out = append(out, pages.AdminTrouble{Title: c.Name + " is behind", URL: "/admin/subscriptions",
				Text: "Its oldest event has waited for " + format.Span(behind(c)) + "."})
		}
		if c.Parked > 0 {
			out = append(out, pages.AdminTrouble{Title: c.Name + " has parked " + format.Count(int(c.Parked), "event", "events"),
				Text: "They failed several times, or wait behind one that did.", URL: "/admin/parked#parked-" + c.Name})
		}
	}
	return out
}

func behind(c eventstore.Checkpoint) time.Duration {
	return time.Duration(c.LagSeconds * float64(time.Second))
}

func (s *Server) adminSubscriptionsPage(w http.ResponseWriter, r *http.Request) error {
	all, err := s.Store.Checkpoints(r.Context())
	if err != nil {
		return err
	}
	var v pages.AdminSubscriptionsView
	for _, c := range all {
		row := pages.AdminSubscription{Name: c.Name, Kind: c.Kind, Position: format.Number(int(c.Position)), Lag: format.Number(int(c.Head - c.Position)),
			Behind: "–", State: c.State, Error: c.Error, Tone: ui.Good, Parked: format.Number(int(c.Parked))}
		if c.LagSeconds > 0 {
			row.Behind = format.Span(behind(c))
		}
		if c.State != eventstore.StateRunning {
			row.Tone = ui.Bad
		}
		if c.State == eventstore.StateStopped {
			row.ResumeURL = "/admin/subscriptions/" + url.PathEscape(c.Name) + "/resume"
		}
		if c.Parked > 0 {
			row.ParkedURL = "/admin/parked#parked-" + c.Name
		}
		v.Head, v.Subscriptions = format.Number(int(c.Head)), append(v.Subscriptions, row)
	}
	return s.showAdmin(w, r, http.StatusOK, "Read models and workers", func(p layout.Page) templ.Component { return pages.AdminSubscriptions(p, v) })
}

func (s *Server) adminParkedPage(w http.ResponseWriter, r *http.Request) error {
	all, err := s.Store.Checkpoints(r.Context())
	if err != nil {
		return err
	}
	var v pages.AdminParkedView
	for _, c := range all {
		if c.Parked == 0 {
			continue
		}
		parked, err := s.Store.Parked(r.Context(), c.Name)
		if err != nil {
			return err
		}
		v.Subscriptions = append(v.Subscriptions, pages.AdminParkedOf{Name: c.Name, Events: parkedRows(parked)})
	}
	instances, err := process.ListParked(r.Context(), s.Pool)
	if err != nil {
		return err
	}
	v.Instances = instanceRows(instances)
	return s.showAdmin(w, r, http.StatusOK, "Parked events", func(p layout.Page) templ.Component { return pages.AdminParked(p, v) })
}

func parkedRows(parked []eventstore.ParkedEvent) []pages.AdminParkedEvent {
	var out []pages.AdminParkedEvent
	seen := map[string]bool{}
	for _, e := range parked {
		row := pages.AdminParkedEvent{ID: strconv.FormatInt(e.Position, 10), Position: format.Number(int(e.Position)), URL: fmt.Sprint("/admin/events/", e.Position), Key: e.Key,
			Attempts: "not tried yet", Error: e.Error, Since: format.Ago(now(), e.ParkedAt), First: !seen[e.Key], Replay: e.Replay}
		if e.Attempts > 0 {
			row.Attempts = "tried " + format.Count(e.Attempts, "time", "times")
		}
		seen[e.Key] = true
		out = append(out, row)
	}
	return out
}

func (s *Server) replayParked(w http.ResponseWriter, r *http.Request) error {
	n, err := s.Store.Replay(r.Context(), chi.URLParam(r, "name"), r.PostFormValue("key"))
	if err != nil {
		return err
	}
	sentence := format.Count(int(n), "event is", "events are") + " tried again. Reload to see how it went."
	if n == 0 {
		sentence = "There is nothing left to try."
	}
	return s.done(w, r, "/admin/parked", sentence)
}

// discardParked takes an event off the list for good; those behind it flow again when they are tried.
func (s *Server) discardParked(w http.ResponseWriter, r *http.Request) error {
	position, err := strconv.ParseInt(r.PostFormValue("position"), 10, 64)
	if err != nil {
		return errNoEvent
	}
	n, err := s.Store.Discard(r.Context(), chi.URLParam(r, "name"), position)
	if err != nil {
		return err
	}
	sentence := "It is off the list. Those behind it go on when they are tried again."
	if n == 0 {
		sentence = "It wasn't on the list any more."
	}
	return s.done(w, r, "/admin/parked", sentence)
}

func (s *Server) resumeSubscription(w http.ResponseWriter, r *http.Request) error {
	stopped, err := s.Store.Resume(r.Context(), chi.URLParam(r, "name"))
	if errors.Is(err, eventstore.ErrNoSubscription) {
		return errNoSubscription
	}
	if err != nil {
		return err
	}
	sentence := "It goes on from where it stopped."
	if !stopped {
		sentence = "It runs already."
	}
	return s.done(w, r, "/admin/subscriptions", sentence)
}

func (s *Server) adminAthletesPage(w http.ResponseWriter, r *http.Request) error {
	page := pagerOf(r)
	v := pages.AdminPeopleView{Path: "/admin/athletes", Title: "Athletes", Search: "Name or e-mail address", None: "Try the beginning of the first or last name, or the whole address.", Query: r.URL.Query().Get("q"),
		Lead: "Who has registered. Administrators see everything and may act for every organiser."}
	found, next, err := s.findAthletes(r.Context(), readmodel.AthleteFilter{Query: v.Query, Limit: 50, Cursor: page.cursor})
	if err != nil {
		return err
	}
	for _, a := range found {
		person := pages.AdminPerson{ID: a.ID.String(), Name: nameOr(a.Name), URL: profileURL(a.ID, a.Deleted), Avatar: a.Avatar.URL(avatars.Small),
			Facts: nonEmpty(strings.Join(nonEmpty(a.Town, a.Country), ", "), "registered "+format.Date(a.RegisteredAt, zoneOf(a.TimeZone)))}
		person.Action, person.ActionLabel = "/admin/athletes/"+person.ID+"/appoint", "Make administrator"
		if a.Admin {
			person.Chips = []string{"administrator"}
			person.Action, person.ActionLabel = "/admin/athletes/"+person.ID+"/dismiss", "Administrator no more"
		}
		if viewer(r).Is(a.ID) {
			person.Action = "" // so that somebody stays
		}
		v.People = append(v.People, person)
	}
	v.Pages = page.view(next)
	return s.showAdmin(w, r, http.StatusOK, v.Title, func(p layout.Page) templ.Component { return pages.AdminPeople(p, v) })
}

// findAthletes looks for a name, or for the address that somebody signs in with.
func (s *Server) findAthletes(ctx context.Context, f readmodel.AthleteFilter) ([]readmodel.Athlete, string, error) {
	if !strings.Contains(f.Query, "@") {
		return readmodel.Athletes(ctx, s.Pool, f)
	}
	id, err := s.Accounts.IdentityOf(ctx, strings.TrimSpace(f.Query))
	if refusal.All(err) != nil || err == nil && id == uuid.Nil { // nobody's, or no whole address yet
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	athlete, err := readmodel.AthleteByID(ctx, s.Pool, id)
	if errors.Is(err, readmodel.ErrNoAthlete) { // signed in, and hasn't registered
		return nil, "", nil
	}
	return []readmodel.Athlete{athlete}, "", err
}

func (s *Server) appointAdmin(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, readmodel.ErrNoAthlete)
	if err != nil {
		return err
	}
	action := chi.URLParam(r, "action")
	if action != "appoint" && action != "dismiss" {
		return refusal.Of(refusal.NotFound, "page_not_found", "There is no page at this address.")
	}
	cmd := athletes.AppointAdmin{Head: athletes.Head{ID: id, By: viewer(r), Now: now()}, Admin: action == "appoint"}
	if err := s.send(r.Context(), cmd); err != nil {
		return err
	}
	who, err := readmodel.AthleteByID(r.Context(), s.Pool, id)
	if err != nil {
		return err
	}
	sentence := who.Name + " is an administrator now."
	if !cmd.Admin {
		sentence = who.Name + " is no administrator any more."
	}
	return s.done(w, r, "/admin/athletes", sentence)
}

func (s *Server) adminClubsPage(w http.ResponseWriter, r *http.Request) error {
	page := pagerOf(r)
	v := pages.AdminPeopleView{Path: "/admin/clubs", Title: "Clubs", Search: "Name", None: "Try the beginning of a word of its name.", Query: r.URL.Query().Get("q"), Lead: "All of them, private ones too."}
	found, next, err := readmodel.Clubs(r.Context(), s.Pool, readmodel.ClubFilter{Viewer: viewer(r), Query: v.Query, Limit: 50, Cursor: page.cursor})
	if err != nil {
		return err
	}
	zone, err := s.zoneOfViewer(r)
	if err != nil {
		return err
	}
	for _, c := range found {
		club := pages.AdminPerson{ID: c.ID.String(), Name: c.Name, URL: "/clubs/" + c.Slug, Avatar: c.Avatar.URL(avatars.Small),
			Facts: []string{format.Count(c.MemberCount, "member", "members"), format.Count(c.ChallengeCount, "public challenge", "public challenges"), "founded " + format.Date(c.CreatedAt, zone)}}
		if c.Private {
			club.Chips = []string{"private"}
		}
		v.People = append(v.People, club)
	}
	v.Pages = page.view(next)
	return s.showAdmin(w, r, http.StatusOK, v.Title, func(p layout.Page) templ.Component { return pages.AdminPeople(p, v) })
}

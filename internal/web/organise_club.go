package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"segmentchallenge/internal/avatars"
	"segmentchallenge/internal/clubs"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/slugs"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
)

// errNoAction is an address that ends in a word that means nothing.
var errNoAction = refusal.Of(refusal.NotFound, "action_unknown", "There is nothing of this kind to be done.")

func (s *Server) newClubPage(w http.ResponseWriter, r *http.Request) error {
	return s.showClubForm(w, r, http.StatusOK, pages.ClubFormView{ID: formID("").String()})
}

func (s *Server) showClubForm(w http.ResponseWriter, r *http.Request, status int, v pages.ClubFormView) error {
	title := "Found a club"
	if v.URL != "" {
		title = "Edit " + v.Title
	}
	return s.render(w, r, status, layout.Page{Title: title, NoIndex: true, Narrow: true},
		func(p layout.Page) templ.Component { return pages.ClubForm(p, v) })
}

func clubFormOf(r *http.Request) (pages.ClubFormView, clubs.Definition) {
	v := pages.ClubFormView{ID: r.PostFormValue("id"), Name: r.PostFormValue("name"), Description: r.PostFormValue("description"),
		Website: strings.TrimSpace(r.PostFormValue("website")), Private: r.PostFormValue("private") != ""}
	return v, clubs.Definition{Name: v.Name, Description: v.Description, Website: v.Website, Private: v.Private}
}

// refuseClub shows the form again, with what was typed.
func (s *Server) refuseClub(w http.ResponseWriter, r *http.Request, v pages.ClubFormView, err error) error {
	said, ok := problemsOf(err)
	if !ok {
		return err
	}
	v.Problems, v.Errors = said, said.summary(pages.ClubFields...)
	return s.showClubForm(w, r, http.StatusUnprocessableEntity, v)
}

// newClub founds a club; the same form sent again leads to the club that it founded.
func (s *Server) newClub(w http.ResponseWriter, r *http.Request) error {
	v, definition := clubFormOf(r)
	id, by := formID(v.ID), viewer(r)
	v.ID = id.String()
	there, err := readmodel.ClubByID(r.Context(), s.Pool, by, id)
	if err == nil && there.FounderID == by.AthleteID {
		return s.done(w, r, "/clubs/"+there.Slug, there.Name+" has been founded already.")
	}
	if err != nil && !errors.Is(err, readmodel.ErrNoClub) {
		return err
	}
	slug, err := slugs.ReserveSlug(r.Context(), s.Pool, "club", definition.Name, id)
	if err != nil {
		return err
	}
	if err := s.send(r.Context(), clubs.Create{Head: clubs.Head{ID: id, By: by, Now: now()}, Slug: slug, Definition: definition}); err != nil {
		return s.refuseClub(w, r, v, err)
	}
	return s.done(w, r, "/clubs/"+slug, definition.Name+" is founded. Pass its address on, so that others can join.")
}

// runClub is the club of the address, for its administrators.
func (s *Server) runClub(r *http.Request) (readmodel.Club, clubs.Head, error) {
	c, head, err := s.clubOf(r)
	if err == nil && c.Membership != "administrator" && !head.By.Admin {
		err = clubs.ErrNotAdministrator
	}
	return c, head, err
}

func (s *Server) editClubPage(w http.ResponseWriter, r *http.Request) error {
	c, _, err := s.runClub(r)
	if err != nil {
		return err
	}
	return s.showClubForm(w, r, http.StatusOK, clubFormFor(c))
}

func (s *Server) editClub(w http.ResponseWriter, r *http.Request) error {
	c, head, err := s.runClub(r)
	if err != nil {
		return err
	}
	v, definition := clubFormOf(r)
	v.URL, v.Title, v.Avatar = "/clubs/"+c.Slug, c.Name, clubAvatarForm(c)
	if err := s.send(r.Context(), clubs.Edit{Head: head, Definition: definition}); err != nil {
		return s.refuseClub(w, r, v, err)
	}
	return s.done(w, r, v.URL, "Saved.")
}

func (s *Server) membersPage(w http.ResponseWriter, r *http.Request) error {
	return s.showMembers(w, r, http.StatusOK, nil)
}

func (s *Server) showMembers(w http.ResponseWriter, r *http.Request, status int, said problems) error {
	c, head, err := s.runClub(r)
	if err != nil {
		return err
	}
	v := pages.MembersView{Club: c.Name, URL: "/clubs/" + c.Slug, Errors: said.summary(), Query: r.URL.Query().Get("q")}
	waiting, _, err := readmodel.ClubMembers(r.Context(), s.Pool, c.ID, readmodel.ClubMemberFilter{Status: "requested", Limit: 200})
	if err != nil {
		return err
	}
	for _, m := range waiting {
		v.Requests = append(v.Requests, memberView(m, v.URL, head.By.AthleteID))
	}
	pager := pagerOf(r)
	members, next, err := readmodel.ClubMembers(r.Context(), s.Pool, c.ID, readmodel.ClubMemberFilter{Status: "member", Query: v.Query, Cursor: pager.cursor})
	if err != nil {
		return err
	}
	for _, m := range members {
		v.Members = append(v.Members, memberView(m, v.URL, head.By.AthleteID))
	}
	v.Pages = pager.view(next)
	return s.render(w, r, status, layout.Page{Title: "Members of " + c.Name, NoIndex: true},
		func(p layout.Page) templ.Component { return pages.Members(p, v) })
}

func memberView(m readmodel.ClubMember, club string, reader uuid.UUID) pages.MemberView {
	return pages.MemberView{Name: nameOr(m.Name), ProfileURL: profileURL(m.AthleteID, m.Deleted), Avatar: m.Avatar.URL(avatars.Small), URL: club + "/members/" + m.AthleteID.String(),
		Since: m.Since.Format("2 Jan 2006"), Administrator: m.Role == "administrator", You: m.AthleteID == reader}
}

// memberAction is the command that a word of the address stands for, and the sentence for when it's done.
func memberAction(word string, head clubs.Head, athlete uuid.UUID) (dispatch.Command, string) {
	switch word {
	case "accept":
		return clubs.AddMember{Head: head, AthleteID: athlete}, "Let in."
	case "decline":
		return clubs.DeclineMember{Head: head, AthleteID: athlete}, "Declined."
	case "remove":
		return clubs.RemoveMember{Head: head, AthleteID: athlete}, "Removed from the club."
	case "appoint":
		return clubs.AppointAdministrator{Head: head, AthleteID: athlete, Administrator: true}, "Appointed."
	case "dismiss":
		return clubs.AppointAdministrator{Head: head, AthleteID: athlete}, "No longer an administrator."
	}
	return nil, ""
}

func (s *Server) changeMember(w http.ResponseWriter, r *http.Request) error {
	c, head, err := s.runClub(r)
	if err != nil {
		return err
	}
	athlete, err := pathID(r, readmodel.ErrNoAthlete)
	if err != nil {
		return err
	}
	action := chi.URLParam(r, "action")
	who, err := readmodel.AthleteByID(r.Context(), s.Pool, athlete)
	if err == nil && who.Deleted && action != "remove" {
		err = readmodel.ErrNoAthlete
	}
	if err != nil {
		return err
	}
	cmd, words := memberAction(action, head, athlete)
	if cmd == nil {
		return errNoAction
	}
	to := "/clubs/" + c.Slug + "/members"
	if athlete == head.By.AthleteID { // who lets go of the club themselves can't look at this page any more
		to = "/clubs/" + c.Slug
	}
	err = s.send(r.Context(), cmd)
	if errors.Is(err, clubs.ErrNoRequest) || errors.Is(err, clubs.ErrNotMember) { // pressed twice, or done by somebody else
		return s.done(w, r, to, err.Error())
	}
	if err != nil {
		said, ok := problemsOf(err)
		if !ok {
			return err
		}
		return s.showMembers(w, r, http.StatusUnprocessableEntity, said)
	}
	return s.done(w, r, to, words)
}

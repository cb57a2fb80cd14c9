package web

import (
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/clubs"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
)

// athleteRoutes are what signed-in athletes send: rides, joining and leaving, stars, their settings.
func (s *Server) athleteRoutes(r chi.Router) {
	r.Get("/upload", s.member(s.uploadPage))
	r.With(s.uploadLimit()).Post("/upload", s.page(s.upload))
	r.Get("/upload/{id}", s.member(s.uploadOutcome))
	r.Get("/activities/{id}/edit", s.member(s.editActivityPage))
	r.Post("/activities/{id}/edit", s.member(s.editActivity))
	r.Post("/activities/{id}/delete", s.member(s.deleteActivity))

	r.Post("/challenges/{slug}/join", s.member(s.joinChallenge))
	r.Post("/challenges/{slug}/leave", s.member(s.leaveChallenge))
	r.Post("/clubs/{slug}/join", s.member(s.joinClub))
	r.Post("/clubs/{slug}/leave", s.member(s.leaveClub))
	r.Post("/segments/{id}/star", s.member(s.starSegment))
	r.Post("/segments/{id}/unstar", s.member(s.unstarSegment))

	r.Get("/settings", s.member(s.settingsPage))
	r.Post("/settings", s.member(s.changeProfile))
	r.With(s.uploadLimit()).Post("/settings/avatar", s.member(s.changeAvatar))
	r.Post("/settings/avatar/remove", s.member(s.removeAvatar))
	r.Post("/settings/tokens", s.member(s.createToken))
	r.Post("/settings/tokens/{id}/revoke", s.member(s.revokeToken))
	r.Post("/settings/sessions/{id}/end", s.member(s.endSession))
	r.Post("/settings/sessions/end-others", s.member(s.endOtherSessions))
	r.With(s.exportLimit()).Get("/settings/export", s.member(s.exportData))
	r.Get("/settings/delete", s.member(s.deleteAccountPage))
	r.Post("/settings/delete", s.member(s.deleteAccount))
	r.Post("/theme", s.page(s.setTheme))
}

// challengeHere is the challenge of the address.
func (s *Server) challengeHere(r *http.Request) (readmodel.Challenge, error) {
	who, err := s.reader(r)
	if err != nil {
		return readmodel.Challenge{}, err
	}
	return s.shownChallenge(r, who)
}

// ownHead is the head of a command about the viewer in a challenge.
func ownHead(r *http.Request, c readmodel.Challenge) competitors.Head {
	by := viewer(r)
	return competitors.Head{ChallengeID: c.ID, AthleteID: by.AthleteID, By: by, Now: now()}
}

func (s *Server) joinChallenge(w http.ResponseWriter, r *http.Request) error {
	c, err := s.challengeHere(r)
	if err != nil {
		return err
	}
	if c.Standing == "excluded" { // to the aggregate that is no error; the athlete should know
		return competitors.ErrExcluded.Because("You were excluded from this challenge: " + c.Reason)
	}
	if err := s.sendAndMatch(r.Context(), competitors.Join{Head: ownHead(r, c)}); err != nil {
		return err
	}
	words := "You're in. Rides that you have made since the stage began count, too."
	switch {
	case c.Joined:
		words = "You're in already."
	case c.Status == sport.Upcoming:
		words = "You're in. The first stage hasn't started yet."
	}
	return s.done(w, r, challengeURL(c), words)
}

func (s *Server) leaveChallenge(w http.ResponseWriter, r *http.Request) error {
	c, err := s.challengeHere(r)
	if err != nil {
		return err
	}
	if err := s.send(r.Context(), competitors.Leave{Head: ownHead(r, c)}); err != nil {
		return err
	}
	return s.done(w, r, challengeURL(c), "You have left. Your times are off the boards that weren't final.")
}

func (s *Server) clubOf(r *http.Request) (readmodel.Club, clubs.Head, error) {
	by := viewer(r)
	c, err := readmodel.ClubBySlug(r.Context(), s.Pool, by, chi.URLParam(r, "slug"))
	return c, clubs.Head{ID: c.ID, By: by, Now: now()}, err
}

func (s *Server) joinClub(w http.ResponseWriter, r *http.Request) error {
	c, head, err := s.clubOf(r)
	if err != nil {
		return err
	}
	if err := s.send(r.Context(), clubs.Join{Head: head}); err != nil {
		return err
	}
	words := "Welcome to " + c.Name + "."
	switch {
	case c.Member():
		words = "You're a member already."
	case c.Private:
		words = "Your request has gone to the administrators of " + c.Name + "."
	}
	return s.done(w, r, "/clubs/"+c.Slug, words)
}

func (s *Server) leaveClub(w http.ResponseWriter, r *http.Request) error {
	c, head, err := s.clubOf(r)
	if err != nil {
		return err
	}
	words := "You have left " + c.Name + "."
	switch c.Membership {
	case "":
		return s.done(w, r, "/clubs/"+c.Slug, "You aren't a member of "+c.Name+".")
	case "requested":
		words = "Your request has been taken back."
	}
	if err := s.send(r.Context(), clubs.RemoveMember{Head: head, AthleteID: head.By.AthleteID}); err != nil {
		return err
	}
	return s.done(w, r, "/clubs/"+c.Slug, words)
}

// segmentToStar sees to a segment that is there, and to nobody's secret.
func (s *Server) segmentToStar(r *http.Request) (uuid.UUID, athletes.Head, error) {
	by := viewer(r)
	id, err := pathID(r, readmodel.ErrNoSegment)
	if err == nil {
		_, err = readmodel.SegmentByID(r.Context(), s.Pool, by, id)
	}
	return id, athletes.Head{ID: by.AthleteID, By: by, Now: now()}, err
}

func (s *Server) starSegment(w http.ResponseWriter, r *http.Request) error {
	id, head, err := s.segmentToStar(r)
	if err != nil {
		return err
	}
	if err := s.send(r.Context(), athletes.StarSegment{Head: head, SegmentID: id}); err != nil {
		return err
	}
	return s.done(w, r, "/segments/"+id.String(), "Starred: you find it among your own when you set up a stage.")
}

func (s *Server) unstarSegment(w http.ResponseWriter, r *http.Request) error {
	id, head, err := s.segmentToStar(r)
	if err != nil {
		return err
	}
	if err := s.send(r.Context(), athletes.UnstarSegment{Head: head, SegmentID: id}); err != nil {
		return err
	}
	return s.done(w, r, "/segments/"+id.String(), "The star is gone.")
}

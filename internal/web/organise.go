package web

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/readmodel"
)

// organiserRoutes are the forms of those who run clubs, segments and challenges.
func (s *Server) organiserRoutes(r chi.Router) {
	r.Get("/clubs/new", s.member(s.newClubPage))
	r.Post("/clubs/new", s.member(s.newClub))
	r.Get("/clubs/{slug}/edit", s.member(s.editClubPage))
	r.Post("/clubs/{slug}/edit", s.member(s.editClub))
	r.With(s.uploadLimit()).Post("/clubs/{slug}/avatar", s.member(s.changeClubAvatar))
	r.Post("/clubs/{slug}/avatar/remove", s.member(s.removeClubAvatar))
	r.Get("/clubs/{slug}/members", s.member(s.membersPage))
	r.Post("/clubs/{slug}/members/{id}/{action}", s.member(s.changeMember))

	r.Get("/segments/new", s.member(s.newSegmentPage))
	r.With(s.uploadLimit()).Post("/segments/new", s.member(s.newSegment))

	r.Get("/challenges/new", s.member(s.newChallengePage))
	r.Post("/challenges/new", s.member(s.newChallenge))
	r.Get("/challenges/{slug}/organise", s.member(s.deskPage))
	r.Get("/challenges/{slug}/organise/scoring", s.member(s.scoringPage))
	r.Post("/challenges/{slug}/organise/scoring", s.member(s.editScoring))
	r.Get("/challenges/{slug}/organise/approve", s.member(s.finishPage))
	r.Post("/challenges/{slug}/organise/groups", s.member(s.saveGroups))
	r.Post("/challenges/{slug}/organise/places", s.member(s.savePlaces))
	r.Post("/challenges/{slug}/organise/{action}", s.member(s.organise))
	r.Post("/challenges/{slug}/competitors/{id}/{action}", s.member(s.policeCompetitor))

	r.Get("/challenges/{slug}/stages/new", s.member(s.newStagePage))
	r.Post("/challenges/{slug}/stages/new", s.member(s.newStage))
	r.Get("/challenges/{slug}/stages/{stage}/edit", s.member(s.editStagePage))
	r.Post("/challenges/{slug}/stages/{stage}/edit", s.member(s.editStage))
	r.Get("/challenges/{slug}/stages/{stage}/organise/approve", s.member(s.approvePage))
	r.Post("/challenges/{slug}/stages/{stage}/organise/{action}", s.member(s.organiseStage))
	r.Get("/challenges/{slug}/stages/{stage}/efforts/new", s.member(s.newEffortPage))
	r.Post("/challenges/{slug}/stages/{stage}/efforts/new", s.member(s.newEffort))
	r.Post("/challenges/{slug}/stages/{stage}/efforts/{id}/flag", s.member(s.flagEffort))
	r.Post("/challenges/{slug}/stages/{stage}/efforts/{id}/{action}", s.member(s.judgeEffort))

}

// runChallenge is the challenge of the address with its stages, for who runs it.
func (s *Server) runChallenge(r *http.Request, who reader) (readmodel.Challenge, error) {
	c, err := s.shownChallenge(r, who)
	if err == nil && !c.MayRun {
		err = challenges.ErrNotOrganiser
	}
	return c, err
}

func organiseURL(c readmodel.Challenge) string { return challengeURL(c) + "/organise" }

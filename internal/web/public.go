package web

import (
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

// publicRoutes are the pages that are read; what is sent from them is in athleteRoutes and organiserRoutes.
func (s *Server) publicRoutes(r chi.Router) {
	r.Get("/", s.page(s.home))
	r.Get("/challenges", s.page(s.challengesPage))
	r.Get("/challenges/{slug}", s.page(s.challengePage))
	r.Get("/challenges/{slug}/feed", s.page(s.challengeFeedPage))
	r.Get("/challenges/{slug}/standings", s.page(s.standingsPage))
	r.Get("/challenges/{slug}/standings.csv", s.page(s.standingsCSV))
	r.Get("/challenges/{slug}/why/{id}", s.page(s.whyPointsPage))
	r.Get("/challenges/{slug}/competitors", s.page(s.competitorsPage))
	r.Get("/challenges/{slug}/competitors.csv", s.page(s.competitorsCSV))
	r.Get("/challenges/{slug}/calendar.ics", s.page(s.challengeCalendar))
	r.Get("/challenges/{slug}/decisions", s.member(s.decisionsPage))
	r.Get("/challenges/{slug}/decisions.csv", s.member(s.decisionsCSV))
	r.Get("/challenges/{slug}/stages/{stage}", s.page(s.stagePage))
	r.Get("/challenges/{slug}/stages/{stage}/feed", s.page(s.stageFeedPage))
	r.Get("/challenges/{slug}/stages/{stage}/segment.gpx", s.page(s.stageGPX))
	r.Get("/challenges/{slug}/stages/{stage}/results.csv", s.page(s.stageCSV))
	r.Get("/challenges/{slug}/stages/{stage}/efforts.csv", s.page(s.effortsCSV))
	r.Get("/challenges/{slug}/stages/{stage}/history", s.page(s.stageHistoryPage))
	r.Get("/challenges/{slug}/stages/{stage}/why/{id}", s.page(s.whyPage))
	r.Get("/segments", s.page(s.segmentsPage))
	r.Get("/segments/{id}", s.page(s.segmentPage))
	r.Get("/segments/{id}/segment.gpx", s.page(s.segmentGPX))
	r.Get("/clubs", s.page(s.clubsPage))
	r.Get("/clubs/{slug}", s.page(s.clubPage))
	r.Get("/athletes/{id}", s.page(s.athletePage))
	r.Get("/athletes/{id}/feed", s.page(s.athleteFeedPage))
	r.Get("/activities/{id}", s.page(s.activityPage))
	r.Get("/dashboard", s.member(s.dashboard))
	r.Get("/dashboard/feed", s.member(s.dashboardFeedPage))
	r.Get("/api", s.page(s.apiPage))
}

// reader is who looks at a page, and how they read numbers.
type reader struct {
	actor.Actor
	units sport.Units
}

func (s *Server) reader(r *http.Request) (reader, error) {
	who := reader{viewer(r), sport.Metric}
	if who.AthleteID == uuid.Nil {
		return who, nil
	}
	athlete, err := readmodel.AthleteByID(r.Context(), s.Pool, who.AthleteID)
	if err == nil && athlete.Units != "" {
		who.units = athlete.Units
	}
	return who, err
}

// pathID is an id in the address; one that is none is as unknown as one that nobody has.
func pathID(r *http.Request, none *refusal.Error) (uuid.UUID, error) {
	id, err := uuid.Parse(chi.URLParam(r, "id"))
	if err != nil {
		return uuid.Nil, none
	}
	return id, nil
}

// zoneOf is UTC for a name that was valid once and that this machine no longer knows.
func zoneOf(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return zone
}

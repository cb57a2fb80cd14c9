package web

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/ui"
)

// How much a dashboard shows of its lists.
const (
	dashboardStages     = 12
	dashboardActivities = 5
	dashboardChallenges = 6
)

func (s *Server) dashboard(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	athlete, err := readmodel.AthleteByID(ctx, s.Pool, who.AthleteID)
	if err != nil {
		return err
	}
	v := pages.DashboardView{Name: athlete.FirstName, Now: now()}
	stages, err := readmodel.OwnStages(ctx, s.Pool, who.AthleteID, dashboardStages)
	if err != nil {
		return err
	}
	for _, stage := range stages {
		v.Stages = append(v.Stages, ownStage(stage, who.units))
	}
	rides, _, err := readmodel.Activities(ctx, s.Pool, readmodel.ActivityFilter{Viewer: who.Actor, AthleteID: who.AthleteID, Limit: dashboardActivities})
	if err != nil {
		return err
	}
	if v.Latest, err = s.activityLines(ctx, who, rides); err != nil {
		return err
	}
	if err := s.dashboardCards(r, who, &v); err != nil {
		return err
	}
	if v.Feed, err = s.dashboardFeed(ctx, who, ""); err != nil {
		return err
	}
	topics, err := s.ownTopics(ctx, who)
	if err != nil {
		return err
	}
	v.LiveURL = topicsURL(who.units, topics...)
	head := layout.Page{Title: "Dashboard", NoIndex: true}
	return s.render(w, r, http.StatusOK, head, func(p layout.Page) templ.Component { return pages.Dashboard(p, v) })
}

// dashboardCards are the challenges that the athlete is in, and those that they run, as far as something is still to happen.
func (s *Server) dashboardCards(r *http.Request, who reader, v *pages.DashboardView) error {
	open := []sport.Status{sport.Upcoming, sport.Active, sport.Past}
	in, _, err := readmodel.Challenges(r.Context(), s.Pool, readmodel.ChallengeFilter{Viewer: who.Actor, Statuses: open,
		Competitor: who.AthleteID, Limit: dashboardChallenges})
	if err != nil {
		return err
	}
	runs, _, err := readmodel.Challenges(r.Context(), s.Pool, readmodel.ChallengeFilter{Viewer: who.Actor,
		Statuses: append(open, sport.Pending), Organiser: who.AthleteID, Limit: dashboardChallenges})
	if err != nil {
		return err
	}
	cards, err := s.cards(r.Context(), who, in, runs)
	if err == nil {
		v.Running, v.Organise = cards[0], cards[1]
	}
	return err
}

func ownStage(o readmodel.OwnStage, units sport.Units) pages.OwnStage {
	zone := zoneOf(o.TimeZone)
	v := pages.OwnStage{Stage: format.Number(o.Number) + " · " + stageName(o.Stage), URL: stageURL(o.Stage), Challenge: o.ChallengeName,
		ChallengeURL: "/challenges/" + o.ChallengeSlug, State: stageState(o.Stage), Start: o.StartAt, End: o.EndAt, Rank: o.Rank}
	if o.SegmentSecret {
		v.URL = "/challenges/" + o.ChallengeSlug // a stage's address has its name in it
	}
	switch o.Status {
	case sport.Upcoming:
		v.Deadline = "starts " + format.DayTime(o.StartAt, zone)
	case sport.Active:
		v.Deadline = "ends " + format.DayTime(o.EndAt, zone)
		if v.Due = o.Rank == 0; v.Due {
			v.Deadline += ": you have no " + resultNoun(o.Measure()) + " yet"
		}
	default:
		v.Deadline = "ended " + format.DayTime(o.EndAt, zone)
	}
	switch {
	case o.Rank > 0:
		v.Value = valueWords(o.Value, o.Measure(), units, false)
		v.Words = strings.Join(nonEmpty(format.Ordinal(o.Rank)+" of "+format.Number(o.Athletes), format.Count(o.Attempts, "try", "tries")), ", ")
	case o.Status == sport.Past:
		v.Words = "No result. Rides from its dates still count until it is final."
	}
	if o.RankBefore > 0 {
		v.Move = o.RankBefore - o.Rank
	}
	if progress := o.Progress(); progress != nil && o.Status != sport.Upcoming {
		v.Goal = &ui.ProgressView{Label: "Goal: " + goalWords(*o.Goal), Done: *progress / 100,
			Text: format.Percent(*progress / 100)}
	}
	return v
}

// resultNoun is what a stage measures, as a word.
func resultNoun(m sport.Measure) string {
	if m == sport.ElapsedTime {
		return "time"
	}
	return "result"
}

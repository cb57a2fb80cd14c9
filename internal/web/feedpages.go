package web

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/live"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/parts"
	"segmentchallenge/web/templates/ui"
)

// before is the mark of the page of a feed that is asked for; empty for the newest.
func before(r *http.Request) string { return r.URL.Query().Get("before") }

// showFeed draws the page of a feed. The newest items come by themselves; older ones stay what they are.
func (s *Server) showFeed(w http.ResponseWriter, r *http.Request, who reader, head layout.HeadView, feed parts.FeedView, topics ...live.Topic) error {
	v := pages.FeedPageView{Head: head, Feed: feed, Newest: r.URL.Path}
	if before(r) == "" {
		v.Newest = ""
		if len(topics) > 0 {
			v.LiveURL = topicsURL(who.units, topics...)
		}
	}
	title := "Feed"
	if head.Kicker != "" {
		title += " of " + head.Kicker
	}
	return s.render(w, r, http.StatusOK, layout.Page{Title: title, NoIndex: true}, func(p layout.Page) templ.Component { return pages.FeedPage(p, v) })
}

func (s *Server) challengeFeedPage(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	c, err := s.shownChallenge(r, who)
	if err != nil {
		return err
	}
	feed, err := s.challengeFeed(r.Context(), c, who, before(r))
	if err != nil {
		return err
	}
	return s.showFeed(w, r, who, underChallenge(c, "Feed"), feed, live.Topic{Kind: live.ChallengeFeeds, ID: c.ID})
}

func (s *Server) stageFeedPage(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	c, stage, err := s.shownStage(r, who)
	if err != nil {
		return err
	}
	feed, err := s.stageFeed(r.Context(), stage, who, before(r))
	if err != nil {
		return err
	}
	head := underChallenge(c, "Feed")
	head.Kicker = stageName(stage)
	head.Crumbs[len(head.Crumbs)-1] = ui.Crumb{Label: stageName(stage), URL: stageURL(stage)}
	head.Crumbs = append(head.Crumbs, ui.Crumb{Label: "Feed"})
	return s.showFeed(w, r, who, head, feed, live.Topic{Kind: live.StageFeeds, ID: stage.ID})
}

func (s *Server) athleteFeedPage(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	id, err := pathID(r, readmodel.ErrNoAthlete)
	if err != nil {
		return err
	}
	athlete, err := readmodel.AthleteByID(r.Context(), s.Pool, id)
	if err == nil && !athlete.VisibleTo(who.Actor) {
		err = readmodel.ErrNoAthlete
	}
	if err != nil {
		return err
	}
	feed, err := s.athleteFeed(r.Context(), athlete, who, before(r))
	if err != nil {
		return err
	}
	head := layout.HeadView{Title: "Feed", Kicker: athlete.Name, Crumbs: []ui.Crumb{{Label: athlete.Name, URL: "/athletes/" + id.String()}, {Label: "Feed"}}}
	return s.showFeed(w, r, who, head, feed, athleteTopics(athlete)...)
}

// athleteTopics is the feed of somebody who shows it to everybody; others' has to be reloaded.
func athleteTopics(a readmodel.Athlete) []live.Topic {
	if !a.VisibleTo(actor.Actor{}) {
		return nil
	}
	return []live.Topic{{Kind: live.AthleteFeeds, ID: a.ID}}
}

// ownTopics are what the reader's own feed may tell of: their challenges, as many as one socket takes, and themselves.
func (s *Server) ownTopics(ctx context.Context, who reader) ([]live.Topic, error) {
	topics := []live.Topic{{Kind: live.AthleteFeeds, ID: who.AthleteID}}
	in, _, err := readmodel.Challenges(ctx, s.Pool, readmodel.ChallengeFilter{Viewer: who.Actor, Competitor: who.AthleteID,
		Statuses: []sport.Status{sport.Upcoming, sport.Active, sport.Past}, Limit: live.MaxTopics - 1})
	for _, c := range in {
		topics = append(topics, live.Topic{Kind: live.ChallengeFeeds, ID: c.ID})
	}
	return topics, err
}

func (s *Server) dashboardFeedPage(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	feed, err := s.dashboardFeed(r.Context(), who, before(r))
	if err != nil {
		return err
	}
	head := layout.HeadView{Title: "Your feed", Crumbs: []ui.Crumb{{Label: "Dashboard", URL: "/dashboard"}, {Label: "Feed"}}}
	topics, err := s.ownTopics(r.Context(), who)
	if err != nil {
		return err
	}
	return s.showFeed(w, r, who, head, feed, topics...)
}

package web

import (
	"bytes"
	"context"
	"net/url"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/live"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/web/templates/parts"
)

// topicsURL answers a WebSocket with several things as they change: a page has one socket.
func topicsURL(units sport.Units, topics ...live.Topic) string {
	q := url.Values{}
	for _, t := range topics {
		q.Add("topic", t.String())
	}
	if units == sport.Imperial {
		q.Set("units", "imperial")
	}
	return "/live/topics?" + q.Encode()
}

// Fragment is a topic for everybody who watches it, exactly as a page draws it for a visitor. Refusals are NotFound.
func (s *Server) Fragment(ctx context.Context, t live.Topic) (live.Frame, error) {
	who := reader{actor.Actor{}, sport.Metric}
	if t.Imperial {
		who.units = sport.Imperial
	}
	if t.Kind == live.StageBoards {
		version, html, err := s.BoardFragment(ctx, t.ID, sport.Category(t.Category), who.units)
		return live.Frame{Version: version, HTML: html}, err
	}
	if t.Kind == live.Standings {
		return s.standingsFragment(ctx, t.ID, sport.Category(t.Category), who)
	}
	feed, err := s.feedOfTopic(ctx, t, who)
	if err != nil {
		return live.Frame{}, err
	}
	var out bytes.Buffer
	err = parts.Feed(feed).Render(ctx, &out)
	return live.Frame{Version: feed.Version, HTML: out.Bytes()}, err
}

func (s *Server) feedOfTopic(ctx context.Context, t live.Topic, who reader) (parts.FeedView, error) {
	switch t.Kind {
	case live.ChallengeFeeds:
		c, err := readmodel.ChallengeByID(ctx, s.Pool, who.Actor, t.ID)
		if err != nil {
			return parts.FeedView{}, err
		}
		return s.challengeFeed(ctx, c, who, "")
	case live.StageFeeds:
		stage, err := readmodel.StageByID(ctx, s.Pool, who.Actor, t.ID)
		if err != nil {
			return parts.FeedView{}, err
		}
		return s.stageFeed(ctx, stage, who, "")
	case live.AthleteFeeds:
		athlete, err := readmodel.AthleteByID(ctx, s.Pool, t.ID)
		if err == nil && !athlete.VisibleTo(who.Actor) {
			err = readmodel.ErrNoAthlete
		}
		if err != nil {
			return parts.FeedView{}, err
		}
		return s.athleteFeed(ctx, athlete, who, "")
	case live.StageBoards, live.Standings: // not feeds
	}
	return parts.FeedView{}, readmodel.ErrNoBoard
}

package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/api"
	"segmentchallenge/internal/auth"
	"segmentchallenge/internal/live"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/telemetry"
	"segmentchallenge/internal/web"
	"segmentchallenge/internal/web/guard"
	"segmentchallenge/web/templates/layout"
)

// site puts pages, API, WebSockets and health checks under one address.
func (a *App) site() (http.Handler, *live.Hub, error) {
	g, err := guard.New(guard.Options{BaseURL: a.baseURL(), TrustedProxies: a.config.TrustedProxies, MaxUpload: api.DefaultMaxUpload, Log: a.log})
	if err != nil {
		return nil, nil, err
	}
	pages := web.Options{Observe: a.telemetry.Middleware, Store: a.store, Dispatch: a.dispatch, Pool: a.db.pool, Accounts: a.accounts, Importer: a.importer, BaseURL: a.baseURL(),
		Guard: g, Log: a.log}
	pages.API = api.New(api.Options{Store: a.store, Dispatch: a.dispatch, Pool: a.db.pool, Accounts: a.accounts,
		Importer: a.importer, UploadLimit: g.Limit(120, time.Minute, byAthlete), Log: a.log})
	var server *web.Server
	hub, err := live.New(live.Options{Store: a.store, Origins: []string{hostOf(a.baseURL())}, Lookup: a.findTopic, Log: a.log,
		Models:    []string{readmodel.LeaderboardsModel, readmodel.ActivitiesModel, readmodel.PeopleModel, readmodel.ChallengesModel, readmodel.FeedModel, readmodel.StandingsModel},
		FeedTypes: readmodel.FeedTypes(),
		Render:    func(ctx context.Context, t live.Topic) (live.Frame, error) { return a.frame(ctx, server, t) }})
	if err != nil {
		return nil, nil, err
	}
	pages.Live = hub
	a.telemetry.Watch(telemetry.Sources{Store: a.store, Aggregates: a.dispatch.Stats, Live: hub.Stats, Audit: a.audit, Pool: a.db.pool,
		Jobs: a.jobs})
	if a.mailbox != nil {
		pages.Mailbox = a.mailbox.Handler(func(r *http.Request) layout.Page { return guard.Head(r, "Development mailbox") })
	}
	server = web.New(pages)
	mux := http.NewServeMux()
	a.health(mux)
	mux.Handle("/", server)
	return mux, hub, nil
}

func unitsOf(t live.Topic) sport.Units {
	if t.Imperial {
		return sport.Imperial
	}
	return sport.Metric
}

// byAthlete counts an athlete's uploads, from wherever they come.
func byAthlete(r *http.Request) string {
	if by := auth.Actor(r.Context()); by.AthleteID != uuid.Nil {
		return by.AthleteID.String()
	}
	return guard.ByAddress(r)
}

func hostOf(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	return u.Host
}

// findTopic finds a stage's board by the names that addresses have for it.
func (a *App) findTopic(ctx context.Context, challenge, stage, category string) (live.Topic, error) {
	c, err := readmodel.ChallengeBySlug(ctx, a.db.pool, actor.Actor{}, challenge)
	if err != nil {
		return live.Topic{}, err
	}
	s, err := readmodel.StageBySlug(ctx, a.db.pool, actor.Actor{}, c.ID, stage)
	if err != nil {
		return live.Topic{}, err
	}
	named, err := api.Category(ctx, a.db.pool, s.ID, category)
	return live.StageBoard(s.ID, string(named)), err
}

// frame is a topic as everybody who watches it gets it: one read of each kind, whatever the number of watchers.
func (a *App) frame(ctx context.Context, server *web.Server, t live.Topic) (live.Frame, error) {
	if t.Kind != live.StageBoards {
		return server.Fragment(ctx, t)
	}
	category := sport.Category(t.Category)
	version, html, err := server.BoardFragment(ctx, t.ID, category, unitsOf(t))
	if err != nil {
		return live.Frame{}, err
	}
	board, err := readmodel.StageBoard(ctx, a.db.pool, readmodel.BoardQuery{StageID: t.ID, Category: category, Limit: 100})
	if err != nil {
		return live.Frame{}, err
	}
	body, err := json.Marshal(api.BoardOf(board))
	return live.Frame{Version: version, HTML: html, JSON: body}, err
}

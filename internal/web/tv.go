package web

import (
	"context"
	"html"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"segmentchallenge/internal/live"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/internal/web/guard"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/parts"
	"segmentchallenge/web/templates/ui"
)

// tvRoutes are boards for others than readers of the site: televisions, and pages of clubs. Nobody signs in there.
func (s *Server) tvRoutes(r chi.Router) {
	r.Get("/challenges/{slug}/tv", s.page(s.challengeTV))
	r.Get("/challenges/{slug}/stages/{stage}/tv", s.page(s.stageTV))
	r.Get("/challenges/{slug}/embed", s.page(s.challengeEmbed))
	r.Get("/challenges/{slug}/stages/{stage}/embed", s.page(s.stageEmbed))
}

// shownBoard is a board with what is watched for it.
type shownBoard struct {
	stage    readmodel.Stage // zero where it is of the challenge
	category sport.Category
	topic    live.Topic
	final    bool
	view     parts.BoardView
}

// stagesToShow are those that run, or else the last that has.
func stagesToShow(all []readmodel.Stage) []readmodel.Stage {
	var running []readmodel.Stage
	var last *readmodel.Stage
	for i, s := range all {
		switch s.Status {
		case sport.Active:
			running = append(running, s)
		case sport.Past, sport.Approved:
			last = &all[i]
		case sport.Pending, sport.Upcoming, sport.Cancelled, sport.Deleted:
		}
	}
	if len(running) == 0 && last != nil {
		return []readmodel.Stage{*last}
	}
	return running
}

// boardsToShow are the boards of some stages on which somebody stands, at most as many as one socket can watch.
func (s *Server) boardsToShow(ctx context.Context, c readmodel.Challenge, stages []readmodel.Stage, who reader) ([]shownBoard, error) {
	var out []shownBoard
	for _, stage := range stages {
		heads, err := readmodel.Boards(ctx, s.Pool, stage.ID)
		if err != nil {
			return nil, err
		}
		for i, head := range heads {
			if head.Athletes == 0 && i > 0 || len(out) == live.MaxTopics {
				continue // the widest board is shown empty
			}
			set := boardSetting{challenge: c, stage: stage, units: who.units, zone: zoneOf(c.TimeZone)}
			found, err := s.readBoard(ctx, boardAsked{category: head.Category}, set)
			if err != nil {
				return nil, err
			}
			out = append(out, shownBoard{stage, head.Category, live.StageBoard(stage.ID, string(head.Category)), head.Final, found.view})
		}
	}
	return out, nil
}

// standingsToShow are each category's first classification in which somebody stands.
func (s *Server) standingsToShow(ctx context.Context, c readmodel.Challenge, who reader) ([]shownBoard, error) {
	heads, err := readmodel.StandingsHeads(ctx, s.Pool, c.ID)
	if err != nil {
		return nil, err
	}
	var out []shownBoard
	set := boardSetting{challenge: c, units: who.units, zone: zoneOf(c.TimeZone)}
	for _, h := range heads {
		if h.Athletes == 0 || slices.ContainsFunc(out, func(b shownBoard) bool { return b.category == h.Category }) {
			continue
		}
		t, err := readmodel.ChallengeStandings(ctx, s.Pool, readmodel.StandingsQuery{ChallengeID: c.ID, Category: h.Category,
			Classification: h.Classification.Key, Limit: standingsRows})
		if err != nil {
			return nil, err
		}
		out = append(out, shownBoard{category: h.Category, topic: live.StandingsOf(c.ID, string(h.Category)), final: h.Final, view: standingsView(t, set)})
	}
	return out, nil
}

// watching is the address at which boards are watched; "" where all are final.
func watching(units sport.Units, boards []shownBoard) string {
	var topics []live.Topic
	for _, b := range boards {
		if !b.final {
			topics = append(topics, b.topic)
		}
	}
	if len(topics) == 0 {
		return ""
	}
	return topicsURL(units, topics...)
}

func (s *Server) challengeTV(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	c, err := s.shownChallenge(r, who)
	if err != nil {
		return err
	}
	who.AthleteID = uuid.Nil // nobody's own row: it's for everybody in the room
	boards, err := s.boardsToShow(r.Context(), c, stagesToShow(c.Stages), who)
	if err != nil {
		return err
	}
	standings, err := s.standingsToShow(r.Context(), c, who)
	if err != nil {
		return err
	}
	boards = append(boards, standings...)
	return s.showTV(w, r, who, c, boards[:min(len(boards), live.MaxTopics)], c.Name, challengeURL(c))
}

func (s *Server) stageTV(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	c, stage, err := s.shownStage(r, who)
	if err != nil {
		return err
	}
	who.AthleteID = uuid.Nil
	boards, err := s.boardsToShow(r.Context(), c, []readmodel.Stage{stage}, who)
	if err != nil {
		return err
	}
	return s.showTV(w, r, who, c, boards, c.Name+" · "+stageName(stage), stageURL(stage))
}

func (s *Server) showTV(w http.ResponseWriter, r *http.Request, who reader, c readmodel.Challenge, boards []shownBoard, title, path string) error {
	address := s.BaseURL + path
	_, link, _ := strings.Cut(address, "://")
	v := pages.TVView{Title: title, Clock: now().In(zoneOf(c.TimeZone)).Format("15:04"), LiveURL: watching(who.units, boards),
		QR: parts.QRView{Address: address, Words: title}, Link: link, Empty: notYet(c)}
	for _, b := range boards {
		v.Boards = append(v.Boards, b.view)
	}
	head := layout.Page{Title: title, NoIndex: true, Bare: true}
	return s.render(w, r, http.StatusOK, head, func(p layout.Page) templ.Component { return pages.TV(p, v) })
}

func notYet(c readmodel.Challenge) ui.EmptyView {
	return ui.EmptyView{Icon: "calendar", Title: "No board yet", Text: "It starts on " + format.DayTime(c.StartAt, zoneOf(c.TimeZone)) + "."}
}

func (s *Server) challengeEmbed(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	c, err := s.shownChallenge(r, who)
	if err != nil {
		return err
	}
	return s.showEmbed(w, r, who, c, stagesToShow(c.Stages))
}

func (s *Server) stageEmbed(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	c, stage, err := s.shownStage(r, who)
	if err != nil {
		return err
	}
	return s.showEmbed(w, r, who, c, []readmodel.Stage{stage})
}

// showEmbed draws the board that is asked for by ?category=, or the first, for a page of another site.
func (s *Server) showEmbed(w http.ResponseWriter, r *http.Request, who reader, c readmodel.Challenge, stages []readmodel.Stage) error {
	who.AthleteID = uuid.Nil
	boards, err := s.boardsToShow(r.Context(), c, stages, who)
	if err != nil {
		return err
	}
	v := pages.EmbedView{Title: c.Name, URL: s.BaseURL + challengeURL(c), Empty: notYet(c)}
	wanted := r.URL.Query().Get("category")
	for _, b := range boards {
		if wanted == "" || strings.EqualFold(string(b.category), wanted) {
			v.Board, v.BoardURL = &b.view, s.BaseURL+boardURL(b.stage, b.category)
			v.LiveURL = watching(who.units, []shownBoard{b})
			break
		}
	}
	if v.Board == nil && wanted != "" {
		return readmodel.ErrNoBoard
	}
	guard.AllowFrames(w)
	head := layout.Page{Title: c.Name, NoIndex: true, Bare: true}
	return s.render(w, r, http.StatusOK, head, func(p layout.Page) templ.Component { return pages.Embed(p, v) })
}

// shareOf is how a challenge gets around.
func (s *Server) shareOf(c readmodel.Challenge) pages.ShareView {
	address := s.BaseURL + challengeURL(c)
	frame := `<iframe src="` + html.EscapeString(address) + `/embed" title="` + html.EscapeString(c.Name) +
		`" width="100%" height="720" loading="lazy" style="border:0"></iframe>`
	return pages.ShareView{URL: address, TV: challengeURL(c) + "/tv", Embed: frame, QR: parts.QRView{Address: address, Words: c.Name}}
}

package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"segmentchallenge/internal/live"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/internal/web/markdown"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/ui"
)

// challengePeople is how many competitors a challenge's page shows; the list has a page of its own.
const challengePeople = 12

// shownChallenge finds the challenge of the address with its stages. A draft is nobody's business but its organiser's.
func (s *Server) shownChallenge(r *http.Request, who reader) (readmodel.Challenge, error) {
	c, err := readmodel.ChallengeBySlug(r.Context(), s.Pool, who.Actor, chi.URLParam(r, "slug"))
	if err == nil && c.Status == sport.Pending && !c.MayRun {
		return c, readmodel.ErrNoChallenge
	}
	if err == nil {
		c.Stages, err = readmodel.Stages(r.Context(), s.Pool, who.Actor, c.ID)
	}
	return c, err
}

func (s *Server) challengePage(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	c, err := s.shownChallenge(r, who)
	if err != nil {
		return err
	}
	own, err := s.ownResults(r.Context(), c.ID, who)
	if err != nil {
		return err
	}
	at := now()
	v := pages.ChallengeView{Head: challengeTop(c), URL: challengeURL(c), States: challengeStates(c), Now: at, Start: c.StartAt, End: c.EndAt,
		Counting: c.Status == sport.Upcoming || c.Status == sport.Active, Club: c.ClubName, ClubURL: "/clubs/" + c.ClubSlug,
		Organiser: nameOr(c.OrganiserName), OrganiserURL: profileURL(c.OrganiserID, c.OrganiserDeleted), Joining: joiningOf(c, who),
		Message: markdown.HTML(c.ResultsMessage), Description: markdown.HTML(c.Description), Dates: dateBar(c, timesOf(c.Stages), at),
		DateWords: dateWords(c), Rules: rulesOf(c, c.Stages, who.units), Stages: timelineOf(c, own, who.units, at)}
	if c.MayRun {
		v.OrganiseURL = v.URL + "/organise"
	}
	declared, err := readmodel.ScoringOf(r.Context(), s.Pool, c.ID)
	if err != nil {
		return err
	}
	v.Rules = withScoring(v.Rules, schemeOf(declared, c))
	if v.Leaders, err = s.leadersOf(r.Context(), c, own, who); err != nil {
		return err
	}
	if v.Competitors, err = s.competitorsOf(r.Context(), c); err != nil {
		return err
	}
	if v.Feed, err = s.challengeFeed(r.Context(), c, who, ""); err != nil {
		return err
	}
	v.Share = s.shareOf(c)
	topics := []live.Topic{{Kind: live.ChallengeFeeds, ID: c.ID}}
	section, found, err := s.standingsSection(r, c, who, challengeURL(c), "#standings", 0)
	if err != nil {
		return err
	}
	if found {
		section.AllURL = standingsURL(c)
		v.Standings, topics = &section, append(topics, live.StandingsOf(c.ID, string(section.Category)))
	}
	v.LiveURL = topicsURL(who.units, topics...)
	return s.render(w, r, http.StatusOK, s.challengeMeta(c), func(p layout.Page) templ.Component { return pages.Challenge(p, v) })
}

func challengeURL(c readmodel.Challenge) string { return "/challenges/" + c.Slug }

func challengeTop(c readmodel.Challenge) layout.HeadView {
	kicker := c.ClubName
	if kicker == "" {
		kicker = "by " + nameOr(c.OrganiserName)
	}
	return layout.HeadView{Title: c.Name, Kicker: kicker, Crumbs: []ui.Crumb{{Label: "Challenges", URL: "/challenges"}, {Label: c.Name}}}
}

// underChallenge is the head of a page below a challenge's.
func underChallenge(c readmodel.Challenge, title string) layout.HeadView {
	return layout.HeadView{Title: title, Kicker: c.Name, Crumbs: []ui.Crumb{{Label: "Challenges", URL: "/challenges"},
		{Label: c.Name, URL: challengeURL(c)}, {Label: title}}}
}

// challengeMeta keeps unlisted challenges and drafts out of search engines.
func (s *Server) challengeMeta(c readmodel.Challenge) layout.Page {
	return layout.Page{Title: c.Name, Canonical: s.BaseURL + challengeURL(c), NoIndex: c.Private || c.Status == sport.Pending,
		Description: c.Name + ", " + dateWords(c) + ": stages, live boards and results."}
}

func challengeStates(c readmodel.Challenge) []string {
	states := []string{string(c.Status)}
	if c.Status == sport.Active || c.Status == sport.Past {
		states = append(states, "provisional")
	}
	if c.Private {
		states = append(states, "private")
	}
	if c.RestrictedToClubMembers {
		states = append(states, "members")
	}
	return states
}

func dateWords(c readmodel.Challenge) string {
	return format.Dates(c.StartAt, c.EndAt, zoneOf(c.TimeZone)) + " (" + c.TimeZone + ")"
}

func timesOf(stages []readmodel.Stage) []readmodel.StageTime {
	out := make([]readmodel.StageTime, 0, len(stages))
	for _, s := range stages {
		if s.Status != sport.Deleted {
			out = append(out, readmodel.StageTime{ChallengeID: s.ChallengeID, Number: s.Number, StartAt: s.StartAt, EndAt: s.EndAt})
		}
	}
	return out
}

// joiningOf says what the reader can do about being in the challenge. What it leaves out would be refused.
func joiningOf(c readmodel.Challenge, who reader) pages.Joining {
	j := pages.Joining{Public: becomesPublic(c), SignIn: "/sign-in?next=" + url.QueryEscape(challengeURL(c))}
	open := c.Status == sport.Upcoming || c.Status == sport.Active
	switch {
	case c.Standing == "excluded":
		j.Note = "You were excluded from this challenge: " + c.Reason
	case c.Joined:
		if c.Status != sport.Approved && c.Status != sport.Cancelled {
			j.State = "joined"
		}
		if c.Limited {
			j.Note = "You are ranked, but score no points: " + c.Reason
		}
	case !open:
	case !who.SignedIn():
		j.State = "visitor"
	case c.RestrictedToClubMembers && !c.ClubMember:
		j.Note = "This challenge is for members of its club."
		j.Link = ui.Crumb{Label: "Join " + c.ClubName + " first.", URL: "/clubs/" + c.ClubSlug}
	default:
		j.State = "join"
	}
	return j
}

func (s *Server) ownResults(ctx context.Context, challenge uuid.UUID, who reader) (map[uuid.UUID]readmodel.OwnResult, error) {
	if who.AthleteID == uuid.Nil {
		return nil, nil
	}
	results, err := readmodel.OwnResults(ctx, s.Pool, challenge, who.AthleteID)
	own := make(map[uuid.UUID]readmodel.OwnResult, len(results))
	for _, r := range results {
		own[r.StageID] = r
	}
	return own, err
}

// isGone says that something was there a moment ago, or is still on its way.
func isGone(err error) bool {
	return errors.Is(err, readmodel.ErrNoStage) || errors.Is(err, readmodel.ErrNoChallenge) || errors.Is(err, readmodel.ErrNoBoard)
}

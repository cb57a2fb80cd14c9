package web

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
)

var errCompetitorsOnly = refusal.Of(refusal.Forbidden, "competitors_only", "What was decided is shown to those who compete or organise. Join the challenge to see it.")

// decided is a decision in words; the athlete's name follows where it is about one.
type decided struct{ icon, words string }

// decidedWords has a sentence for every type of event that read model "decisions" keeps.
var decidedWords = map[string]decided{
	"ChallengeCreated": {"plus", "The challenge was created"}, "ChallengeStageAdded": {"plus", "A stage was added"},
	"ChallengeStageRescheduled": {"calendar", "A stage was moved"}, "ChallengeStageRemoved": {"minus", "A stage was deleted"},
	"ChallengeHosted": {"flag", "The challenge was hosted"}, "ChallengeStarted": {"play", "The challenge started"},
	"ChallengeEnded": {"clock", "The challenge ended"}, "ChallengeCancelled": {"circle-x", "The challenge was cancelled"},
	"ChallengeResultsApproved": {"circle-check", "The results of the challenge were approved"}, "ChallengeResultsPublished": {"mail", "The results message was changed"},
	"ChallengeRenamed": {"pencil", "The challenge was renamed"}, "ChallengeDescribed": {"pencil", "The description was changed"},
	"ChallengeWindowAdjusted": {"calendar", "The dates of the challenge were changed"}, "ChallengeActivityTypesAdjusted": {"activity", "The sports that count were changed"},
	"StageDescribed": {"pencil", "The stage was described anew"}, "StageSegmentChanged": {"route", "The segment was changed; its efforts were matched anew"},
	"StagePointsAdjusted": {"scale", "The points of the stage were changed"}, "StageRevealed": {"sparkles", "The mystery stage was revealed"},
	"StageStarted": {"play", "The stage started"}, "StageEnded": {"clock", "The stage ended"}, "StageApproved": {"circle-check", "The stage was approved"},
	"StagePublished": {"mail", "The stage's results message was changed"}, "StageHiddenChanged": {"eye-off", "Whether the segment is a mystery was changed"},
	"StageReopened": {"rotate-ccw", "The results of the stage were opened again, to be corrected:"}, "ChallengeReopened": {"rotate-ccw", "The results of the challenge were opened again, to be corrected:"},
	"CompetitorExcluded": {"ban", "Excluded:"},
	"CompetitorLimited":  {"shield-alert", "Limited, so without points:"}, "CompetitorAllowed": {"check", "Allowed again:"},
	"EffortFlagged": {"flag", "An effort was flagged:"}, "EffortAccepted": {"check", "An effort was entered or accepted by hand:"},
	"ChallengeScoringSet": {"scale", "The scoring was changed"}, "ChallengeBoardPointsAdjusted": {"scale", "Points were adjusted by hand:"},
	"EffortRejected": {"x", "An effort was rejected after review:"},
}

func (s *Server) decisionsOf(r *http.Request, limit int) (readmodel.Challenge, []readmodel.Decision, string, error) {
	who, err := s.reader(r)
	if err != nil {
		return readmodel.Challenge{}, nil, "", err
	}
	c, err := s.shownChallenge(r, who)
	if err != nil {
		return c, nil, "", err
	}
	if !c.Joined && !c.MayRun {
		return c, nil, "", errCompetitorsOnly
	}
	q := readmodel.DecisionQuery{ChallengeID: c.ID, Organiser: c.MayRun, Limit: limit, Before: r.URL.Query().Get("cursor")}
	found, next, err := readmodel.Decisions(r.Context(), s.Pool, q)
	return c, found, next, err
}

func (s *Server) decisionsPage(w http.ResponseWriter, r *http.Request) error {
	c, found, next, err := s.decisionsOf(r, 50)
	if err != nil {
		return err
	}
	v := pages.DecisionsView{Head: underChallenge(c, "Decisions"), Pages: pagerOf(r).view(next), CSV: challengeURL(c) + "/decisions.csv"}
	v.Head.Lead = "Everything that was decided, by whom and why. Nothing here can be changed or taken out."
	zone := zoneOf(c.TimeZone)
	for _, d := range found {
		item := pages.DecisionView{Words: decisionWords(d), Icon: decidedWords[d.Type].icon, Detail: detailOf(d, c), By: byWhom(d),
			When: d.Time.In(zone).Format("Mon 2 Jan 2006, 15:04:05"), Machine: format.Machine(d.Time), Event: strconv.FormatInt(d.Position, 10)}
		if d.AthleteID != uuid.Nil {
			item.Athlete, item.AthleteURL = nameOr(d.AthleteName), profileURL(d.AthleteID, d.AthleteDeleted)
		}
		if viewer(r).Admin {
			item.EventURL = "/admin/events/" + item.Event
		}
		v.Items = append(v.Items, item)
	}
	return s.render(w, r, http.StatusOK, layout.Page{Title: "Decisions · " + c.Name, NoIndex: true},
		func(p layout.Page) templ.Component { return pages.Decisions(p, v) })
}

func decisionWords(d readmodel.Decision) string {
	words := decidedWords[d.Type].words
	if d.Part > 0 {
		words = "Division, team or handicap set:"
	}
	if d.StageName != "" {
		return d.StageName + ": " + lower(words)
	}
	return words
}

// detailOf leaves out what the line above it, or the page's title, says already.
func detailOf(d readmodel.Decision, c readmodel.Challenge) string {
	if d.Detail == d.StageName || d.Detail == c.Name && d.Type == "ChallengeCreated" {
		return ""
	}
	return d.Detail
}

func byWhom(d readmodel.Decision) string {
	switch {
	case d.Actor == "system":
		return "by the rules"
	case d.ActorName != "":
		return "by " + d.ActorName
	}
	return "by somebody who has left"
}

// decisionsCSV is all of them in a table.
func (s *Server) decisionsCSV(w http.ResponseWriter, r *http.Request) error {
	c, found, next, err := s.decisionsOf(r, exportPage)
	rows := [][]string{{"position", "time", "decision", "stage", "athlete", "by", "detail"}}
	for {
		if err != nil {
			return err
		}
		for _, d := range found {
			rows = append(rows, []string{strconv.FormatInt(d.Position, 10), format.Machine(d.Time), d.Type, d.StageName, d.AthleteName, byWhom(d), d.Detail})
		}
		if next == "" {
			return sendCSV(w, c.Slug+"-decisions", rows)
		}
		found, next, err = readmodel.Decisions(r.Context(), s.Pool, readmodel.DecisionQuery{ChallengeID: c.ID, Organiser: c.MayRun, Limit: exportPage, Before: next})
	}
}

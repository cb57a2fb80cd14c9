package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"segmentchallenge/internal/history"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/leaderboards/challengeboard"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/ui"
)

// pointsTeller puts an athlete's row in a classification into words.
type pointsTeller struct {
	counted
	challenge readmodel.Challenge
	head      readmodel.StandingsHead
	name      string
	athlete   uuid.UUID
	who       reader
	stages    map[uuid.UUID]readmodel.Stage
}

// whyPointsPage explains an athlete's row in a classification: what it is made of, and from which events.
func (s *Server) whyPointsPage(w http.ResponseWriter, r *http.Request) error {
	t, q, err := s.pointsAsked(r)
	if err != nil {
		return err
	}
	entry, in, err := readmodel.StandingsEntryOf(r.Context(), s.Pool, q, t.athlete)
	if err != nil {
		return err
	}
	steps, err := history.Points(r.Context(), s.Store, challengeboard.IDOf(t.challenge.ID, t.head.Category), t.athlete)
	if err != nil {
		return err
	}
	v := pages.WhyPointsView{Head: underChallenge(t.challenge, "Why "+t.name+" has these points"), Unit: t.unit(), Rules: t.rules(),
		Empty: "Points are given when a stage's results become final."}
	v.Head.Kicker = t.head.Classification.Name + ", " + string(t.head.Category) + " · " + t.challenge.Name
	if v.Tabs, err = s.pointsTabs(r.Context(), t); err != nil {
		return err
	}
	v.Answer = t.name + " is not in this classification."
	if in {
		v.Answer, v.Sum = t.answer(entry), t.words(entry.Total)
		v.Parts = t.parts(entry)
	}
	for _, step := range steps {
		if line, shown := t.step(step); shown {
			v.Steps = append(v.Steps, line)
		}
	}
	return s.render(w, r, http.StatusOK, layout.Page{Title: v.Head.Title, NoIndex: true},
		func(p layout.Page) templ.Component { return pages.WhyPoints(p, v) })
}

// pointsAsked is what the address asks for: the first category and classification where it doesn't say.
func (s *Server) pointsAsked(r *http.Request) (pointsTeller, readmodel.StandingsQuery, error) {
	var t pointsTeller
	var q readmodel.StandingsQuery
	athlete, err := pathID(r, readmodel.ErrNoAthlete)
	if err != nil {
		return t, q, err
	}
	who, err := s.reader(r)
	if err != nil {
		return t, q, err
	}
	c, err := s.shownChallenge(r, who)
	if err != nil {
		return t, q, err
	}
	person, err := readmodel.AthleteByID(r.Context(), s.Pool, athlete)
	if err != nil {
		return t, q, err
	}
	category := sport.Category(r.URL.Query().Get("category"))
	if category == "" && len(c.Categories) > 0 {
		category = c.Categories[0]
	}
	head, err := readmodel.StandingsHeadOf(r.Context(), s.Pool, c.ID, category, r.URL.Query().Get("classification"))
	if err != nil {
		return t, q, err
	}
	set := boardSetting{challenge: c, units: who.units, zone: zoneOf(c.TimeZone), reader: who.AthleteID}
	t = pointsTeller{counted: counted{head.Classification, head.Measure, set}, challenge: c, head: head, name: nameOr(person.Name), athlete: athlete,
		who: who, stages: map[uuid.UUID]readmodel.Stage{}}
	for _, st := range c.Stages {
		t.stages[st.ID] = st
	}
	return t, readmodel.StandingsQuery{ChallengeID: c.ID, Category: category, Classification: head.Classification.Key}, nil
}

func (s *Server) pointsTabs(ctx context.Context, t pointsTeller) ([]ui.Tab, error) {
	heads, err := readmodel.StandingsHeads(ctx, s.Pool, t.challenge.ID)
	var tabs []ui.Tab
	for _, h := range heads {
		if !h.Classification.Teams {
			tabs = append(tabs, ui.Tab{Label: h.Classification.Name + ", " + string(h.Category), URL: whyPointsURL(t.challenge, h.Category, h.Classification.Key, t.athlete),
				Current: h.Category == t.head.Category && h.Classification.Key == t.head.Classification.Key})
		}
	}
	return tabs, err
}

// answer is the row in a sentence.
func (t pointsTeller) answer(e readmodel.StandingsEntry) string {
	words := t.name + " is not ranked yet, with "
	if e.Rank > 0 {
		words = t.name + " is " + format.Ordinal(e.Rank) + " of " + format.Number(t.head.Athletes) + " with "
	}
	words += t.withUnit(e.Total) + "."
	if p := e.Provisional(); p != 0 {
		words += " Of that, " + t.withUnit(p) + " may still change: not every stage is final."
	}
	return words
}

// rules are those that decide, in short.
func (t pointsTeller) rules() []string {
	var rules []string
	c := t.head.Classification
	if c.Best > 0 {
		rules = append(rules, "The best "+format.Count(c.Best, "stage counts", "stages count")+".")
	}
	if c.AtLeast > 0 {
		rules = append(rules, "At least "+format.Count(c.AtLeast, "stage", "stages")+" must be ridden to be ranked.")
	}
	p := t.head.Scheme.Placements()[t.athlete]
	switch {
	case c.Handicap && p.Handicap.IsZero():
		rules = append(rules, "Handicaps are taken off the times here; "+t.name+" has none.")
	case c.Handicap:
		rules = append(rules, "A handicap of "+p.Handicap.String()+" is taken off each time of "+t.name+" before places and points are given. The results below are without it.")
	}
	if g, ranked := t.head.Scheme.GroupOf(leaderboards.Division, c.Division); ranked && p.Division != c.Division {
		rules = append(rules, "Only "+g.Label()+" is ranked here, and "+t.name+" is not in it.")
	} else if ranked {
		rules = append(rules, "Only "+g.Label()+" is ranked here.")
	}
	if c.By == leaderboards.ByPoints {
		rules = append(rules, "Who is limited is passed over when points are given.")
	}
	if t.head.Final {
		return append(rules, "The challenge is approved: the standings are final.")
	}
	return append(rules, "A stage's points are confirmed when the organiser makes its results final.")
}

func (t pointsTeller) parts(e readmodel.StandingsEntry) []pages.WhyPart {
	var out []pages.WhyPart
	for _, p := range e.Parts {
		st := t.stages[p.StageID]
		part := pages.WhyPart{Title: "Stage " + format.Number(p.Number), Made: t.made(p.Score), Amount: t.words(readmodel.Milli(p.Score.Amount)), Out: !p.Counts}
		if st.Slug != "" {
			part.Title, part.URL = format.Number(p.Number)+". "+stageName(st), boardURL(st, t.head.Category)
		}
		if p.Provisional {
			part.Chips = append(part.Chips, "provisional")
		}
		switch {
		case p.Missed:
			part.Value, part.Made = "–", "No result: it counts as the rules say for a missed stage."
		default:
			part.Value = valueWords(readmodel.Milli(p.Value), t.measure, t.set.units, t.challenge.Tenths)
			if st.Slug != "" {
				part.WhyURL = stageURL(st) + "/why/" + t.athlete.String() + "?category=" + url.QueryEscape(string(t.head.Category))
			}
		}
		out = append(out, part)
	}
	if e.Adjusted != 0 {
		out = append(out, pages.WhyPart{Title: "By the organiser's hand", Value: "–", Amount: t.words(e.Adjusted), Made: "The reasons are below."})
	}
	return out
}

var bonusWords = map[leaderboards.BonusFor]string{leaderboards.ForParticipation: "for taking part", leaderboards.ForPersonalBest: "for a personal best",
	leaderboards.ForRecord: "for the record", leaderboards.ForWin: "for the win", leaderboards.ForFirst: "for being the first to ride", leaderboards.ForMonth: "for all stages of the month"}

// made is what an amount is made of: "3rd: 10, +2 for the record, counted twice".
func (t pointsTeller) made(score leaderboards.Score) string {
	base := t.words(readmodel.Milli(score.Base))
	if score.Place > 0 {
		base = format.Ordinal(score.Place) + ": " + base
	}
	for _, b := range score.Bonuses {
		base += ", +" + t.words(readmodel.Milli(b.Points)) + " " + bonusWords[b.For]
	}
	if score.Factor > 1 {
		base += ", counted twice"
	}
	return base
}

// step writes one line, and says whether it is about this classification.
func (t pointsTeller) step(s history.PointStep) (pages.WhyStep, bool) {
	line := pages.WhyStep{When: s.At.In(t.set.zone).Format("Mon 2 Jan 2006, 15:04:05"), Machine: format.Machine(s.At), Event: strconv.FormatInt(s.Position, 10)}
	if t.who.Admin {
		line.EventURL = "/admin/events/" + line.Event
	}
	stage := "A stage"
	if st, known := t.stages[s.StageID]; known {
		stage = stageName(st)
	}
	switch e := s.Event.(type) {
	case challengeboard.PointsGiven:
		return line, t.given(&line, stage, s.Line)
	case challengeboard.PointsTaken:
		line.Icon, line.Down, line.Words = "minus", true, "What "+stage+" had given is taken back: its results were corrected."
	case challengeboard.StageReopened:
		line.Icon, line.Down, line.Words, line.Detail = "rotate-ccw", true, "What "+stage+" had given is taken back: its results were opened again.", e.Reason
	case challengeboard.StageScored:
		line.Icon, line.Words = "shield-alert", stage+" was scored while "+t.name+" was limited: passed over."
	case challengeboard.PointsAdjusted:
		t.adjusted(&line, e)
		return line, e.Classification == t.head.Classification.Key
	case challengeboard.AthleteLimited:
		line.Icon, line.Words = "shield-alert", "Limited by the organiser: passed over from here on."
	case challengeboard.AthleteAllowed:
		line.Icon, line.Words = "check", "Allowed again by the organiser: scores from here on."
	case challengeboard.Opened:
		return line, t.placed(&line, s.Placed, "")
	case challengeboard.SchemeSet:
		return line, t.placed(&line, s.Placed, e.Reason)
	case challengeboard.StageCorrected, challengeboard.Finalised, challengeboard.Reopened, challengeboard.GoalsAchieved:
		return line, false
	}
	return line, true
}

// placed says where the scoring puts the athlete from then on.
func (t pointsTeller) placed(line *pages.WhyStep, where, reason string) bool {
	line.Icon, line.Words, line.Detail = "users", "What the organiser has set for "+t.name+": "+where+".", reason
	if where == "" {
		line.Words = "The organiser took " + t.name + " out of division and team, and the handicap away."
	}
	return true
}

// given says what a stage gives in the classification; false for nothing.
func (t pointsTeller) given(line *pages.WhyStep, stage string, given *leaderboards.Line) bool {
	i := slices.IndexFunc(given.Scores, func(s leaderboards.Score) bool { return s.Classification == t.head.Classification.Key })
	if i < 0 {
		return false
	}
	score := given.Scores[i]
	line.Icon, line.Up = "check", true
	line.Words, line.Detail = stage+" is final: it gives "+t.withUnit(readmodel.Milli(score.Amount))+".", t.made(score)+"."
	return true
}

func (t pointsTeller) adjusted(line *pages.WhyStep, e challengeboard.PointsAdjusted) {
	line.Icon, line.Up, line.Detail = "pencil", true, e.Reason
	line.Words = "The organiser gave " + t.withUnit(readmodel.Milli(e.Points)) + " by hand."
	if e.Points < 0 {
		line.Up, line.Down = false, true
		line.Words = "The organiser took " + t.withUnit(readmodel.Milli(-e.Points)) + " by hand."
	}
}

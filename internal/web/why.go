package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/history"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
)

// whyPage explains an athlete's rank on a stage from the events that made it.
func (s *Server) whyPage(w http.ResponseWriter, r *http.Request) error {
	athleteID, err := pathID(r, readmodel.ErrNoAthlete)
	if err != nil {
		return err
	}
	p, err := s.pastOf(r)
	if err != nil {
		return err
	}
	athlete, err := readmodel.AthleteByID(r.Context(), s.Pool, athleteID)
	if err != nil {
		return err
	}
	why, err := history.Why(r.Context(), s.Store, p.set.stage.ID, p.set.challenge.ID, athleteID, stageboard.IDOf(p.set.stage.ID, p.head.Category))
	if err != nil {
		return err
	}
	names, err := readmodel.People(r.Context(), s.Pool, moversOf(why))
	if err != nil {
		return err
	}
	t := teller{stagePast: p, athlete: athlete, names: names, all: p.set.stage.MayRun || p.who.Is(athleteID)}
	v := pages.WhyView{Head: p.crumbs("Why "+nameOr(athlete.Name)+" stands there", ""), Answer: t.answer(why), Rules: t.rules(),
		Tabs: p.tabs(stageURL(p.set.stage) + "/why/" + athleteID.String()), Empty: nameOr(athlete.Name) + " has brought nothing to this stage."}
	for _, step := range why.Steps {
		if line, shown := t.step(step); shown {
			v.Steps = append(v.Steps, line)
		}
	}
	page := layout.Page{Title: v.Head.Title, NoIndex: true}
	return s.render(w, r, http.StatusOK, page, func(l layout.Page) templ.Component { return pages.Why(l, v) })
}

func moversOf(why history.Reasons) []uuid.UUID {
	var ids []uuid.UUID
	for _, s := range why.Steps {
		if s.Move != nil {
			ids = append(ids, s.Move.By)
		}
	}
	if why.State.Len() > 0 {
		ids = append(ids, why.State.Rows(0, 1)[0].AthleteID)
	}
	return ids
}

// teller puts events into words.
type teller struct {
	stagePast
	athlete readmodel.Athlete
	names   map[uuid.UUID]readmodel.Person
	all     bool // the reader may see what doesn't count, too
}

func (t teller) value(v int64) string { return t.set.value(readmodel.Board{BoardHead: t.head}, v) }

// answer is the rank in a sentence.
func (t teller) answer(why history.Reasons) string {
	name := nameOr(t.athlete.Name)
	if !why.On {
		return name + " is not on the board of " + string(t.head.Category) + "."
	}
	words := name + " is " + format.Ordinal(why.Row.Rank) + " of " + format.Number(why.State.Len()) + " with " + t.value(why.Row.Value)
	if why.Row.Attempts > 1 && t.set.challenge.AccumulateActivities && t.set.stage.Type.OnSegment() {
		words += ", the sum of " + format.Number(why.Row.Attempts) + " efforts"
	} else if why.Row.Attempts > 1 && !t.set.challenge.AccumulateActivities {
		words += ", the best of " + format.Number(why.Row.Attempts)
	}
	if why.Row.Gap > 0 {
		leader := why.State.Rows(0, 1)[0]
		words += ", " + strings.TrimPrefix(t.set.gap(readmodel.Board{BoardHead: t.head}, why.Row.Gap), "+") + " behind " + nameOr(t.names[leader.AthleteID].Name)
	}
	return words + "."
}

// rules are those that decide the rank, in short.
func (t teller) rules() []string {
	rules := []string{"Equal results share a rank, the next one is skipped; among equals whoever was first is listed first."}
	if t.head.Measure.Ascending() {
		unit := "full seconds"
		if t.head.Precision < 1000 {
			unit = "tenths of a second"
		}
		rules = append(rules, "Times are ranked in "+unit+"; the shortest is first.")
	}
	if t.set.challenge.AccumulateActivities {
		rules = append(rules, "All of an athlete's activities are added up.")
	} else {
		rules = append(rules, "Each athlete's best effort counts.")
	}
	if t.head.Final {
		rules = append(rules, "The stage is approved: the board is final.")
	}
	return rules
}

// step writes one line, and says whether the reader may see it.
func (t teller) step(s history.Step) (pages.WhyStep, bool) {
	line := pages.WhyStep{When: s.At.In(t.set.zone).Format("Mon 2 Jan 2006, 15:04:05"), Machine: format.Machine(s.At), Event: strconv.FormatInt(s.Position, 10)}
	if t.who.Admin {
		line.EventURL = "/admin/events/" + line.Event
	}
	if s.Move != nil {
		t.move(&line, *s.Move)
		return line, true
	}
	return line, t.happened(&line, s.Competitor)
}

func (t teller) move(line *pages.WhyStep, m history.Move) {
	line.Up, line.Down = m.To > 0 && (m.From == 0 || m.To < m.From), m.To == 0 || (m.From > 0 && m.To > m.From)
	line.Rank, line.Icon = "off", "arrow-right"
	if m.To > 0 {
		line.Rank = format.Ordinal(m.To)
	}
	if line.Up {
		line.Icon = "arrow-up"
	} else if line.Down {
		line.Icon = "arrow-down"
	}
	other, own := nameOr(t.names[m.By].Name), m.By == t.athlete.ID
	switch e := m.Because.(type) {
	case stageboard.Placed:
		line.Words = t.placed(e, m, own, other)
	case stageboard.Withdrawn:
		line.Words = other + " left the board."
		if own {
			line.Words = "Taken off the board."
		}
		line.Detail = e.Reason
		if !own {
			line.Detail = ""
		}
	case stageboard.Opened, stageboard.Finalised, stageboard.Reopened: // move nobody
	}
}

func (t teller) placed(e stageboard.Placed, m history.Move, own bool, other string) string {
	value := t.value(e.Value)
	switch {
	case own && m.From == 0:
		return "New on the board with " + value + ": " + format.Ordinal(m.To) + " of " + format.Number(m.Of) + "."
	case own && m.From == m.To:
		return "The result is " + value + " now; the rank stays."
	case own:
		return "With " + value + " from " + format.Ordinal(m.From) + " to " + format.Ordinal(m.To) + "."
	case m.To > m.From && e.To == m.From:
		return other + " rode " + value + " and took the place."
	case m.To > m.From:
		return other + " rode " + value + " and went past."
	default:
		return other + "'s result became " + value + "."
	}
}

// happened tells what befell the athlete. What doesn't count is for themselves and the organiser, as on the board.
func (t teller) happened(line *pages.WhyStep, e competitors.Event) (shown bool) {
	switch e := e.(type) {
	case competitors.Joined:
		line.Icon, line.Words = "log-in", "Joined the challenge."
		line.Detail = "Ranked in " + categoryWords(e.Categories) + "."
	case competitors.Left:
		line.Icon, line.Words = "log-out", "Left the challenge."
	case competitors.Excluded:
		line.Icon, line.Words, line.Detail = "ban", "Excluded by the organiser.", e.Reason
	case competitors.Limited:
		line.Icon, line.Words, line.Detail = "shield-alert", "Limited by the organiser: ranked, but scores no points.", e.Reason
	case competitors.Allowed:
		line.Icon, line.Words = "check", "Allowed again by the organiser."
	case competitors.Reclassified:
		line.Icon, line.Words = "users", "The categories follow the profile."
		line.Detail = "Ranked in " + categoryWords(e.Now) + "."
		return len(e.Gained)+len(e.Lost) > 0
	case competitors.EffortAccepted:
		t.accepted(line, e)
	case competitors.StandingRestated:
		return false
	case competitors.EffortHeld:
		line.Icon, line.Words, line.Detail = "clock", "An effort waits for the organiser's eye: "+localMoment(e.Performance.StartLocal)+".", e.Detail
		return t.all
	case competitors.EffortRejected:
		line.Icon, line.Words, line.Detail = "x", "The organiser looked at an effort and didn't take it.", e.Note
		return t.all
	case competitors.EffortRefused:
		line.Icon, line.Words, line.Detail = "x", "An effort doesn't count: "+localMoment(e.Performance.StartLocal)+".", e.Detail
		return t.all
	case competitors.EffortRemoved:
		line.Icon, line.Words, line.Detail = "minus", "An effort was taken out.", e.Detail
		return t.all
	case competitors.EffortFlagged:
		line.Icon, line.Words, line.Detail = "flag", "An effort was flagged by the organiser.", e.Reason
	}
	return true
}

func (t teller) accepted(line *pages.WhyStep, e competitors.EffortAccepted) {
	line.Icon, line.Words = "check", "An effort counts: "+t.value(performanceMilli(e.Performance, t.head.Measure))+", "+localMoment(e.Performance.StartLocal)+"."
	switch {
	case e.Manual:
		line.Detail = "Entered by the organiser."
	case e.ReviewedBy != "":
		line.Detail = strings.TrimSpace("Looked at and accepted by the organiser. " + e.Note)
	case e.Quality != "":
		line.Detail = "Timed by the segment engine between the gates, lap " + format.Number(max(1, e.Lap)) + " of the activity, quality " + e.Quality + "."
	}
	if !e.Manual && (!e.Private || t.who.Is(t.athlete.ID)) {
		line.URL = "/activities/" + e.Activity.ID.String()
	}
}

// performanceMilli is what a stage ranks by, in milliseconds or millimetres.
func performanceMilli(p competitors.Performance, m sport.Measure) int64 {
	switch m {
	case sport.ElapsedTime:
		return p.ElapsedMs
	case sport.MovingTime:
		return p.MovingMs
	case sport.Distance:
		return int64(p.DistanceM*1000 + 0.5)
	case sport.ElevationGain:
		return int64(p.GainM*1000 + 0.5)
	}
	return 0
}

func categoryWords(all []sport.Category) string {
	words := make([]string, len(all))
	for i, c := range all {
		words[i] = string(c)
	}
	return listed(words)
}

package web

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"segmentchallenge/internal/avatars"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/ui"
)

// deskRows is how many athletes or efforts a page of the desk shows.
const deskRows = 50

// refused is a form of the desk that was refused: which one, what was typed, and what is wrong with it.
type refused struct {
	form  string // key of an action, id of an athlete or effort, or "settings"
	typed url.Values
	said  problems
}

func (s *Server) deskPage(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	c, err := s.runChallenge(r, who)
	if err != nil {
		return err
	}
	return s.showDesk(w, r, http.StatusOK, who, c, r.URL.Query().Get("show"), refused{})
}

// showDesk draws one part of the desk; an unknown one is the plan.
func (s *Server) showDesk(w http.ResponseWriter, r *http.Request, status int, who reader, c readmodel.Challenge, show string, no refused) error {
	v := pages.DeskView{URL: challengeURL(c), Show: show, States: challengeStates(c), Head: layout.HeadView{Title: c.Name, Kicker: "Organise",
		Crumbs: []ui.Crumb{{Label: "Challenges", URL: "/challenges"}, {Label: c.Name, URL: challengeURL(c)}, {Label: "Organise"}}, Lead: dateWords(c) + "."}}
	waiting, err := readmodel.ReviewCounts(r.Context(), s.Pool, c.ID)
	if err != nil {
		return err
	}
	v.Tabs = deskTabs(c, show, waiting)
	switch show {
	case "review":
		err = s.deskReview(r, who, c, no, &v)
	case "athletes":
		err = s.deskAthletes(r, c, no, &v)
	case "groups":
		err = s.deskGroups(r, c, no, &v)
	case "efforts":
		err = s.deskEfforts(r, who, c, no, &v)
	case "settings":
		v.Settings = deskSettings(c, no)
		v.Errors = no.said.summary("name", "startLocal", "endLocal", "includedActivityTypes", "description")
	default:
		v.Steps, v.Actions, v.AddStage = stepsOf(c), actionsOf(c, no), addStageURL(c)
		v.Stages = deskStages(c, who, no)
		v.Errors = no.summary()
	}
	if err != nil {
		return err
	}
	return s.render(w, r, status, layout.Page{Title: "Organise " + c.Name, NoIndex: true},
		func(p layout.Page) templ.Component { return pages.Desk(p, v) })
}

// summary leads from each problem to the form that has it.
func (no refused) summary() []ui.FieldError {
	var out []ui.FieldError
	for field, words := range no.said {
		e := ui.FieldError{Text: words}
		if field != "" {
			e.Name = no.form
		}
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b ui.FieldError) int { return len(a.Text) - len(b.Text) })
	return out
}

// deskTabs also says how many efforts wait for review.
func deskTabs(c readmodel.Challenge, show string, waiting map[uuid.UUID]int) []ui.Tab {
	var out []ui.Tab
	n, review := 0, ""
	for _, of := range waiting {
		n += of
	}
	if n > 0 {
		review = format.Number(n)
	}
	known := slices.Contains([]string{"review", "athletes", "groups", "efforts", "settings"}, show)
	for _, t := range []struct{ key, label, count string }{{"", "Plan", ""}, {"review", "Review", review}, {"athletes", "Athletes", format.Number(c.CompetitorCount)},
		{"groups", "Groups", ""}, {"efforts", "Efforts", ""}, {"settings", "Settings", ""}} {
		address := organiseURL(c)
		if t.key != "" {
			address += "?show=" + t.key
		}
		out = append(out, ui.Tab{Label: t.label, URL: address, Count: t.count, Current: t.key == show || t.key == "" && !known})
	}
	return append(out, ui.Tab{Label: "Scoring", URL: scoringURL(c)})
}

func (s *Server) deskAthletes(r *http.Request, c readmodel.Challenge, no refused, v *pages.DeskView) error {
	pager := pagerOf(r)
	pager.address = url.URL{Path: organiseURL(c), RawQuery: pager.address.RawQuery}
	v.Query = r.URL.Query().Get("q")
	people, next, err := readmodel.Competitors(r.Context(), s.Pool, c.ID, readmodel.CompetitorFilter{Query: v.Query, Limit: deskRows, Cursor: pager.cursor})
	if err != nil {
		return err
	}
	heads, err := adjustable(r.Context(), s.Pool, c)
	if err != nil {
		return err
	}
	zone := zoneOf(c.TimeZone)
	for _, p := range people {
		id := p.AthleteID.String()
		x := pages.DeskCompetitor{ID: id, Name: nameOr(p.Name), URL: profileURL(p.AthleteID, p.Deleted), Avatar: p.Avatar.URL(avatars.Small), Since: format.Date(p.JoinedAt, zone), Category: string(p.Category),
			Place: belongs(p), Reason: p.Reason, Action: challengeURL(c) + "/competitors/" + id, MayLimit: !p.Excluded && !p.Limited, MayExclude: !p.Excluded,
			MayAllow: p.Excluded || p.Limited, AllowLabel: "Score points again"}
		if p.Limited {
			x.States = append(x.States, "limited")
		}
		if p.Excluded {
			x.States, x.AllowLabel = append(x.States, "Excluded"), "Allow to join again"
		}
		x.Points = pointsForm(p, heads, no)
		switch no.form {
		case id:
			x.Open, x.Typed, x.Error = true, no.typed.Get("reason"), no.said["reason"]
			v.Errors = reasonErrors(no)
		case pointsKey(p.AthleteID):
			x.Open, v.Errors = true, fieldErrors(no, "classification", "points", "reason")
		}
		v.Competitors = append(v.Competitors, x)
	}
	v.Pages = pager.view(next)
	return nil
}

// reasonErrors leads to the field for the reason, of which the page has many.
func reasonErrors(no refused) []ui.FieldError { return fieldErrors(no, "reason") }

// fieldErrors leads to the fields of the form that was refused, of which the page has many.
func fieldErrors(no refused, fields ...string) []ui.FieldError {
	out := no.said.summary()
	for _, field := range fields {
		if words := no.said[field]; words != "" {
			out = append(out, ui.FieldError{Name: field + "-" + no.form, Text: words})
		}
	}
	return out
}

func (s *Server) deskEfforts(r *http.Request, who reader, c readmodel.Challenge, no refused, v *pages.DeskView) error {
	stage, on := stageToShow(c, r.URL.Query().Get("stage"))
	if !on {
		return nil
	}
	for _, st := range c.Stages {
		v.StageTabs = append(v.StageTabs, ui.Tab{Label: "Stage " + format.Number(st.Number), Current: st.ID == stage.ID,
			URL: organiseURL(c) + "?show=efforts&stage=" + st.Slug})
	}
	if takesEfforts(stage) == nil {
		v.NewEffort = newEffortURL(stage)
	}
	pager := pagerOf(r)
	pager.address = url.URL{Path: organiseURL(c), RawQuery: url.Values{"show": {"efforts"}, "stage": {stage.Slug}}.Encode()}
	efforts, next, err := readmodel.StageEfforts(r.Context(), s.Pool, readmodel.EffortFilter{Viewer: who.Actor, Organiser: true,
		StageID: stage.ID, Limit: deskRows, Cursor: pager.cursor})
	if err != nil {
		return err
	}
	for _, e := range efforts {
		x := deskEffort(c, stage, e, who.units)
		if no.form == x.ID {
			x.Open, x.Typed, x.Error = true, no.typed.Get("reason"), no.said["reason"]
			v.Errors = reasonErrors(no)
		}
		v.Efforts = append(v.Efforts, x)
	}
	v.Pages, v.EffortsCSV = pager.view(next), stageURL(stage)+"/efforts.csv"
	return nil
}

// stageToShow is the one that is asked for, or the last that has begun.
func stageToShow(c readmodel.Challenge, slug string) (shown readmodel.Stage, any bool) {
	for _, st := range c.Stages {
		if st.Slug == slug {
			return st, true
		}
		if !any || st.Status != sport.Upcoming {
			shown, any = st, true
		}
	}
	return shown, any
}

func deskEffort(c readmodel.Challenge, st readmodel.Stage, e readmodel.Effort, units sport.Units) pages.DeskEffort {
	x := pages.DeskEffort{ID: e.ID.String(), Athlete: nameOr(e.AthleteName), AthleteURL: profileURL(e.AthleteID, e.AthleteDeleted),
		Value: valueWords(readmodel.Milli(effortMilli(e, st.Measure())), st.Measure(), units, c.Tenths), When: localMoment(e.StartLocal),
		Status: e.Status, Reason: e.Reason, Facts: []string{e.ActivityType.Label()}}
	if e.Manual {
		x.Facts = append(x.Facts, "entered by hand")
	}
	if !e.Private && !e.Manual {
		x.URL = "/activities/" + e.ActivityID.String()
	}
	if e.AverageSpeed > 0 {
		x.Facts = append(x.Facts, format.SpeedOrPace(e.ActivityType, e.AverageSpeed, 1e9, units))
	}
	if e.Counts {
		x.Facts = append(x.Facts, format.Ordinal(e.Rank))
	}
	if e.Quality != "" {
		x.Facts = append(x.Facts, "GPS quality "+e.Quality)
	}
	if e.Status == "accepted" && st.Status != sport.Approved {
		x.FlagURL = stageURL(st) + "/efforts/" + x.ID + "/flag"
	}
	return x
}

func deskSettings(c readmodel.Challenge, no refused) pages.DeskSettings {
	v := pages.DeskSettings{Over: c.Status == sport.Past || c.Status == sport.Approved || c.Status == sport.Cancelled, Name: c.Name,
		Description: c.Description, NameHelp: "The address stays as it has been handed round.", Start: typedMinute(c.StartLocal), End: typedMinute(c.EndLocal),
		Zone: c.TimeZone, StartFixed: c.Status == sport.Active, Problems: no.said}
	if c.Status == sport.Pending {
		v.NameHelp = "A draft's address changes with its name."
	}
	types := c.IncludedActivityTypes
	for field, typed := range no.typed {
		switch field {
		case "name":
			v.Name = typed[0]
		case "description":
			v.Description = typed[0]
		case "startLocal":
			v.Start = typed[0]
		case "endLocal":
			v.End = typed[0]
		case "includedActivityTypes":
			types = chosenTypes(no.typed, field)
		}
	}
	v.Wheels, v.Feet, v.Others = sportBoxes(types)
	return v
}

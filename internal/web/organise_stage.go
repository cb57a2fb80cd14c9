package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/parts"
	"segmentchallenge/web/templates/ui"
)

// mayArrange is the challenge of the address whose stages can still be arranged by its organiser.
func (s *Server) mayArrange(r *http.Request) (readmodel.Challenge, reader, error) {
	who, err := s.reader(r)
	if err != nil {
		return readmodel.Challenge{}, who, err
	}
	c, err := s.runChallenge(r, who)
	switch {
	case err != nil:
	case c.Status == sport.Cancelled:
		err = challenges.ErrCancelled
	case c.Status == sport.Past || c.Status == sport.Approved:
		err = challenges.ErrOver
	case c.Type != sport.SegmentChallenge:
		err = challenges.ErrStagesGenerated
	}
	return c, who, err
}

func stageCrumbs(c readmodel.Challenge, last string) []ui.Crumb {
	return []ui.Crumb{{Label: "Challenges", URL: "/challenges"}, {Label: c.Name, URL: challengeURL(c)}, {Label: "Organise", URL: organiseURL(c)}, {Label: last}}
}

// newStagePage asks for the segment first, and then, with ?segment=, for the rest.
func (s *Server) newStagePage(w http.ResponseWriter, r *http.Request) error {
	c, who, err := s.mayArrange(r)
	if err != nil {
		return err
	}
	v := stageFormFor(c)
	if !r.URL.Query().Has("segment") {
		return s.pickSegment(w, r, who, v, "")
	}
	seg, err := s.segmentFor(r, who, r.URL.Query().Get("segment"))
	if errors.Is(err, readmodel.ErrNoSegment) {
		return s.pickSegment(w, r, who, v, readmodel.ErrNoSegment.Detail)
	}
	if err != nil {
		return err
	}
	window := defaultWindow(c)
	v.ID, v.Name, v.Start, v.End = formID("").String(), seg.Name, typedMinute(window.Start), typedMinute(window.End)
	v.Types = stageTypeCards(fittingType(seg))
	if window.End.IsZero() {
		v.WindowHelp = "No time is left behind the last stage: let an earlier one end sooner first, or choose a time between two stages. " + v.WindowHelp
	}
	return s.showStageForm(w, r, http.StatusOK, who, v, seg.ID)
}

// stageFormFor is the empty form of a new stage.
func stageFormFor(c readmodel.Challenge) pages.StageFormView {
	return pages.StageFormView{Crumbs: stageCrumbs(c, "New stage"), Title: "A new stage", Lead: "Of " + c.Name + ".", New: true, OnSegment: true,
		Action: challengeURL(c) + "/stages/new", PickURL: challengeURL(c) + "/stages/new", Cancel: organiseURL(c), WindowHelp: windowHelp(c),
		Types: stageTypeCards(""), Adjustments: adjustmentOptions("")}
}

func windowHelp(c readmodel.Challenge) string {
	return "The challenge lasts from " + localMoment(c.StartLocal) + " until " + localMoment(c.EndLocal) + " (" + c.TimeZone +
		"). Stages lie within it and don't overlap; the last one must end with it."
}

// defaultWindow is what a stage without one would get, for the form to show: from a second after the last stage to the end
// of the challenge. Where nothing is left there, the zero window.
func defaultWindow(c readmodel.Challenge) sport.Window {
	w := sport.Window{Start: c.StartLocal, End: c.EndLocal}
	for _, st := range c.Stages {
		if next := st.EndLocal.Add(time.Second); st.Status != sport.Deleted && next.After(w.Start) {
			w.Start = next
		}
	}
	if !w.Start.Before(w.End) {
		return sport.Window{}
	}
	return w
}

// anchors are the moments between stages, which inputs show to the minute alone.
func anchors(c readmodel.Challenge) (starts, ends []sport.Local) {
	starts, ends = []sport.Local{c.StartLocal}, []sport.Local{c.EndLocal}
	for _, st := range c.Stages {
		starts, ends = append(starts, st.EndLocal.Add(time.Second)), append(ends, st.StartLocal.Add(-time.Second))
	}
	return starts, ends
}

// fittingType is how riders would call a segment.
func fittingType(seg readmodel.Segment) sport.StageType {
	switch {
	case seg.ClimbCategory != "" || seg.AverageGrade >= 4:
		return sport.Mountain
	case len(seg.Elevations) == 0 || seg.ElevationGain < 8*seg.Distance/1000:
		return sport.Flat
	}
	return sport.Rolling
}

func stageTypeCards(chosen sport.StageType) []ui.Option {
	return []ui.Option{
		{Value: "mountain", Label: "Mountain", Help: "A climb: counts for the mountains classification.", Selected: chosen == sport.Mountain},
		{Value: "rolling", Label: "Rolling", Help: "Up and down: a little for both.", Selected: chosen == sport.Rolling},
		{Value: "flat", Label: "Flat", Help: "A sprint: counts for the sprint classification.", Selected: chosen == sport.Flat},
	}
}

func adjustmentOptions(chosen sport.PointsAdjustment) []ui.Option {
	return options(string(chosen), "none", "As usual", "double", "Double points", "queen", "Queen stage: double mountain points", "preview", "Preview: no points")
}

// segmentFor is a segment that the viewer may use.
func (s *Server) segmentFor(r *http.Request, who reader, id string) (readmodel.Segment, error) {
	parsed, err := uuid.Parse(id)
	if err != nil {
		return readmodel.Segment{}, readmodel.ErrNoSegment
	}
	return readmodel.SegmentByID(r.Context(), s.Pool, who.Actor, parsed)
}

// showStageForm draws the form with the segment that is chosen.
func (s *Server) showStageForm(w http.ResponseWriter, r *http.Request, status int, who reader, v pages.StageFormView, segment uuid.UUID) error {
	if segment != uuid.Nil {
		found, err := readmodel.SegmentsByID(r.Context(), s.Pool, []uuid.UUID{segment})
		if err != nil {
			return err
		}
		if len(found) == 1 {
			card := segmentCard(found[0], who.units)
			v.SegmentID, v.Segment = segment.String(), &card
		}
	}
	return s.render(w, r, status, layout.Page{Title: v.Title, NoIndex: true, Narrow: true},
		func(p layout.Page) templ.Component { return pages.StageForm(p, v) })
}

// pickSegment offers segments; choosing one leads on to the form.
func (s *Server) pickSegment(w http.ResponseWriter, r *http.Request, who reader, form pages.StageFormView, problem string) error {
	v := pages.StagePickView{Crumbs: form.Crumbs, Action: form.Action, Query: r.URL.Query().Get("q"), Searched: r.URL.Query().Get("q") != "", Problem: problem}
	status := http.StatusOK
	if problem != "" {
		status = http.StatusNotFound
	}
	for _, list := range []struct {
		into   *[]parts.SegmentCardView
		filter readmodel.SegmentFilter
	}{{&v.Found, readmodel.SegmentFilter{Query: v.Query}}, {&v.Own, readmodel.SegmentFilter{Owner: who.AthleteID}},
		{&v.Starred, readmodel.SegmentFilter{StarredBy: who.AthleteID}}} {
		list.filter.Viewer, list.filter.Limit = who.Actor, 24
		found, _, err := readmodel.Segments(r.Context(), s.Pool, list.filter)
		if err != nil {
			return err
		}
		for _, seg := range found {
			card := segmentCard(seg, who.units)
			card.URL = form.Action + "?segment=" + seg.ID.String()
			*list.into = append(*list.into, card)
		}
	}
	return s.render(w, r, status, layout.Page{Title: "Choose a segment", NoIndex: true},
		func(p layout.Page) templ.Component { return pages.StagePick(p, v) })
}

// stageDefinitionOf reads the form of a stage.
func stageDefinitionOf(form url.Values, c readmodel.Challenge, mine ...sport.Window) (challenges.StageDefinition, error) {
	d := challenges.StageDefinition{Type: sport.StageType(form.Get("type")), Name: form.Get("name"),
		Description: form.Get("description"), Adjustment: sport.PointsAdjustment(form.Get("pointsAdjustment")),
		Hidden: form.Get("hidden") != ""}
	starts, ends := anchors(c)
	for _, w := range mine {
		starts, ends = slices.Insert(starts, 0, w.Start), slices.Insert(ends, 0, w.End)
	}
	var badStart, badEnd error
	d.SegmentID, _ = uuid.Parse(form.Get("segmentId")) // none is refused in words
	d.Window.Start, badStart = localStart("startLocal", form.Get("startLocal"), starts...)
	d.Window.End, badEnd = localEnd("endLocal", form.Get("endLocal"), ends...)
	return d, errors.Join(badStart, badEnd)
}

// typedStage puts what was typed back into the form.
func typedStage(form url.Values, v pages.StageFormView, d challenges.StageDefinition, said problems) pages.StageFormView {
	v.Name, v.Description, v.Hidden = d.Name, d.Description, d.Hidden
	v.Start, v.End = form.Get("startLocal"), form.Get("endLocal")
	v.Types, v.Adjustments = stageTypeCards(d.Type), adjustmentOptions(d.Adjustment)
	v.Problems, v.Errors = said, said.summary(pages.StageFields...)
	return v
}

func (s *Server) newStage(w http.ResponseWriter, r *http.Request) error {
	c, who, err := s.mayArrange(r)
	if err != nil {
		return err
	}
	id := formID(r.PostFormValue("id"))
	d, err := stageDefinitionOf(formOf(r), c)
	if err == nil && d.SegmentID != uuid.Nil {
		_, err = s.segmentFor(r, who, d.SegmentID.String())
		if errors.Is(err, readmodel.ErrNoSegment) {
			err = challenges.ErrSegmentMissing.Because(readmodel.ErrNoSegment.Detail)
		}
	}
	if err == nil {
		err = s.send(r.Context(), challenges.AddStage{Head: challenges.Head{ID: c.ID, By: who.Actor, Now: now()}, StageID: id, StageDefinition: d})
	}
	if err != nil {
		said, ok := problemsOf(err)
		if !ok {
			return err
		}
		v := typedStage(formOf(r), stageFormFor(c), d, said)
		v.ID = id.String()
		return s.showStageForm(w, r, http.StatusUnprocessableEntity, who, v, d.SegmentID)
	}
	return s.done(w, r, organiseURL(c)+"#stages", d.Name+" is in the plan.")
}
